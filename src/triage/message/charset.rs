//! Bytes in some character set to UTF-8.
//!
//! Takes decoded bytes and the name the mail gives for their character set; gives text, borrowed
//! where the bytes already are UTF-8. Never fails: what does not decode is a defect.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

use super::defects::Defects;
use crate::terms::Defect;

/// Decodes `bytes`. Without a charset they are UTF-8 or, failing that, Windows-1252.
pub(super) fn decode<'a>(
    bytes: impl Into<Cow<'a, [u8]>>,
    charset: Option<&str>,
    defects: &mut Defects,
) -> Cow<'a, str> {
    let bytes = bytes.into();
    let name = charset.map(clean).filter(|name| !name.is_empty());
    match name {
        Some(name) if !is_utf8(name) => {
            if bytes.is_ascii() && holds_ascii(name) {
                return utf8(bytes, defects);
            }
            let Some(decoder) = charset_decoder(name.as_bytes()) else {
                defects.add(Defect::UnknownCharset);
                return utf8_or_windows(bytes, &mut Defects::default());
            };
            // The decoder reads ASCII as Windows-1252, but eight-bit text under that name is mostly UTF-8.
            if is_us_ascii(name) {
                return utf8_or_windows(bytes, defects);
            }
            let text = decoder(&bytes);
            defects.add_if(text.contains('\u{fffd}'), Defect::Encoding);
            text.into()
        }
        Some(_) => utf8(bytes, defects),
        None => utf8_or_windows(bytes, defects),
    }
}

/// Windows-1252, which every byte string is.
pub(super) fn windows_1252(bytes: &[u8]) -> String {
    match charset_decoder(b"windows-1252") {
        Some(decoder) => decoder(bytes),
        None => bytes.iter().copied().map(char::from).collect(),
    }
}

fn utf8_or_windows<'a>(bytes: Cow<'a, [u8]>, defects: &mut Defects) -> Cow<'a, str> {
    match as_utf8(bytes) {
        Ok(text) => text,
        Err(bytes) => {
            defects.add(Defect::Encoding);
            windows_1252(&bytes).into()
        }
    }
}

/// Text said to be UTF-8. Without a single right sequence beyond ASCII, the name is taken to be wrong.
fn utf8<'a>(bytes: Cow<'a, [u8]>, defects: &mut Defects) -> Cow<'a, str> {
    match as_utf8(bytes) {
        Ok(text) => text,
        Err(bytes) => {
            defects.add(Defect::Encoding);
            let text = String::from_utf8_lossy(&bytes);
            if text.chars().any(|c| !c.is_ascii() && c != '\u{fffd}') {
                text.into_owned().into()
            } else {
                windows_1252(&bytes).into()
            }
        }
    }
}

fn as_utf8(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Vec<u8>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| bytes.to_vec()),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).map(Cow::Owned).map_err(std::string::FromUtf8Error::into_bytes)
        }
    }
}

/// A charset name without quotes and without the language of RFC 2231, section 5.
fn clean(name: &str) -> &str {
    let name = name.split('*').next().unwrap_or_default();
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '<' | '>'))
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "utf_8", "unicode-1-1-utf-8", "x-utf-8", "utf-8-sig", "utf8mb4"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn is_us_ascii(name: &str) -> bool {
    ["us-ascii", "ascii", "us_ascii", "ansi_x3.4-1968"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether ASCII bytes mean themselves in this charset, as they do in all but the ones named here.
fn holds_ascii(name: &str) -> bool {
    let mut lower = [0_u8; 48];
    let name = name.as_bytes();
    for (to, from) in lower.iter_mut().zip(name) {
        *to = from.to_ascii_lowercase();
    }
    let lower = lower.get(..name.len()).unwrap_or(&lower);
    charset_decoder(lower).is_some()
        && ["utf", "ucs", "unicode", "2022", "hz", "10646", "replacement"]
            .iter()
            .all(|odd| memchr::memmem::find(lower, odd.as_bytes()).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_known_unknown_and_wrong() {
        const NONE: &[Defect] = &[];
        for (bytes, charset, text, defects) in [
            (&b"plain"[..], None, "plain", NONE),
            (b"caf\xc3\xa9", None, "café", NONE),
            (b"caf\xe9", None, "café", &[Defect::Encoding]),
            (b"caf\xc3\xa9", Some("us-ascii"), "café", NONE),
            (b"caf\xc3\xa9", Some("\"UTF8\""), "café", NONE),
            (b"caf\xe9", Some("utf-8"), "café", &[Defect::Encoding]),
            (b"\xc3\xa9t\xe9", Some("utf-8"), "ét\u{fffd}", &[Defect::Encoding]),
            (b"caf\xe9", Some("ISO-8859-1"), "café", NONE),
            (b"\x93hi\x94", Some("iso-8859-1*en"), "\u{201c}hi\u{201d}", NONE),
            (b"\xcf\xf0\xe8", Some("windows-1251"), "При", NONE),
            (b"\x1b$B%O%m\x1b(B", Some("ISO-2022-JP"), "ハロ", NONE),
            (b"h\0i\0", Some("utf-16le"), "hi", NONE),
            (b"caf\xe9", Some("x-klingon"), "café", &[Defect::UnknownCharset]),
            (b"plain", Some("x-klingon"), "plain", &[Defect::UnknownCharset]),
            (b"caf\xc3\xa9", Some("x-klingon"), "café", &[Defect::UnknownCharset]),
            (b"", Some(""), "", NONE),
        ] {
            let mut found = Defects::default();
            assert_eq!(decode(bytes, charset, &mut found), text, "{charset:?}");
            assert_eq!(found.to_vec(), defects, "{bytes:?} {charset:?}");
        }
    }
}
