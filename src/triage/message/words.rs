//! Encoded words (RFC 2047) to text.
//!
//! Takes a field's value as text, gives it piece by piece, encoded words decoded. Neighbouring words
//! of one character set are decoded together, since many writers cut a character in two. One pass,
//! whatever the value: a word that has no end is left as it stands.

use memchr::memmem;

use super::charset;
use super::defects::Defects;
use super::transfer::{base64, hex_pair};
use crate::terms::Defect;

/// A piece of a field's value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'v> {
    /// Text as it stands.
    Raw(&'v str),
    /// One or more encoded words, decoded.
    Decoded(String),
}

/// An encoded word as written.
struct Word<'v> {
    charset: &'v str,
    base64: bool,
    text: &'v str,
    /// Where it ends.
    end: usize,
}

/// Whether there may be an encoded word in `value`.
pub(super) fn any(value: &str) -> bool {
    memmem::find(value.as_bytes(), b"=?").is_some()
}

/// `value` with its encoded words decoded.
pub(super) fn decode(value: &str, defects: &mut Defects) -> String {
    let mut out = String::with_capacity(value.len());
    pieces(value, defects, |piece| match piece {
        Piece::Raw(text) => out.push_str(text),
        Piece::Decoded(text) => out.push_str(&text),
    });
    out
}

/// Hands the pieces of `value` to `put`, in order.
pub(super) fn pieces<'v>(value: &'v str, defects: &mut Defects, mut put: impl FnMut(Piece<'v>)) {
    let mut ends = Ends { value: value.as_bytes(), next: Some(0) };
    // The words collected so far: their charset, their bytes.
    let mut open: Option<(&str, Vec<u8>)> = None;
    let (mut raw_start, mut at) = (0, 0);
    while let Some(start) = find(value, at, b"=?") {
        let Some(word) = read(value, start, &mut ends) else {
            defects.add(Defect::Encoding);
            at = start + 2;
            continue;
        };
        let between = value.get(raw_start..start).unwrap_or_default();
        // White space between two encoded words is dropped (section 6.2).
        let adjacent = open.is_some() && between.trim_ascii().is_empty();
        if !adjacent {
            flush(&mut open, defects, &mut put);
            if !between.is_empty() {
                put(Piece::Raw(between));
            }
        }
        if open.as_ref().is_some_and(|(charset, _)| !may_join(charset, word.charset)) {
            flush(&mut open, defects, &mut put);
        }
        raw_start = word.end;
        at = word.end;
        if !word.text.is_ascii() {
            flush(&mut open, defects, &mut put);
            put(Piece::Decoded(mixed(&word, defects)));
            continue;
        }
        let (_, bytes) = open.get_or_insert_with(|| (word.charset, Vec::new()));
        if word.base64 {
            bytes.extend(base64(word.text.as_bytes(), defects));
        } else {
            q_encoding(word.text.as_bytes(), bytes, defects);
        }
    }
    flush(&mut open, defects, &mut put);
    let rest = value.get(raw_start..).unwrap_or_default();
    if !rest.is_empty() {
        put(Piece::Raw(rest));
    }
}

/// Whether the bytes of two words make one text. Not where each begins by naming its own state.
fn may_join(one: &str, other: &str) -> bool {
    let stateful = one.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("iso-2022"));
    one.eq_ignore_ascii_case(other) && !stateful
}

fn flush<'v>(open: &mut Option<(&str, Vec<u8>)>, defects: &mut Defects, put: &mut impl FnMut(Piece<'v>)) {
    if let Some((charset, bytes)) = open.take() {
        put(Piece::Decoded(charset::decode(bytes, Some(charset), defects).into_owned()));
    }
}

/// Where encoded words may end; looked for once, however many beginnings there are.
struct Ends<'v> {
    value: &'v [u8],
    next: Option<usize>,
}

impl Ends<'_> {
    fn from(&mut self, at: usize) -> Option<usize> {
        if self.next? < at || self.next == Some(0) {
            let rest = self.value.get(at..)?;
            self.next = memmem::find(rest, b"?=").map(|found| at + found);
        }
        self.next
    }
}

/// Longest charset name, language included.
const CHARSET_LIMIT: usize = 64;

/// Longest encoded text: RFC 2047 allows 75 characters a word, writers that ignore it a line.
const TEXT_LIMIT: usize = 8192;

/// The encoded word that starts at `start`. Spaces within, which section 2 forbids, are common.
fn read<'v>(value: &'v str, start: usize, ends: &mut Ends<'_>) -> Option<Word<'v>> {
    let bytes = value.as_bytes();
    let head = bytes.get(start + 2..)?;
    let head = head.get(..CHARSET_LIMIT).unwrap_or(head);
    let mark = memchr::memchr(b'?', head)?;
    let charset = value.get(start + 2..start + 2 + mark)?;
    let encoding = start + 3 + mark;
    if charset.is_empty() || charset.contains(char::is_whitespace) || bytes.get(encoding + 1) != Some(&b'?') {
        return None;
    }
    let base64 = match bytes.get(encoding)? {
        b'b' | b'B' => true,
        b'q' | b'Q' => false,
        _ => return None,
    };
    let text_start = encoding + 2;
    let text_end = ends.from(text_start)?;
    if text_end - text_start > TEXT_LIMIT {
        return None;
    }
    Some(Word { charset, base64, text: value.get(text_start..text_end)?, end: text_end + 2 })
}

/// A word with letters in it that should have been encoded: they stand as they are, the rest is decoded.
fn mixed(word: &Word<'_>, defects: &mut Defects) -> String {
    defects.add(Defect::Encoding);
    let mut out = String::with_capacity(word.text.len());
    for run in word.text.split_inclusive(|c: char| !c.is_ascii()) {
        let coded = run.trim_end_matches(|c: char| !c.is_ascii());
        let mut bytes = Vec::with_capacity(coded.len());
        q_encoding(coded.as_bytes(), &mut bytes, defects);
        out.push_str(&charset::decode(bytes, Some(word.charset), defects));
        out.push_str(run.get(coded.len()..).unwrap_or_default());
    }
    out
}

/// The Q encoding (section 4.2).
fn q_encoding(text: &[u8], out: &mut Vec<u8>, defects: &mut Defects) {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'_' => out.push(b' '),
            b'=' => match hex_pair(after) {
                Some(decoded) => {
                    out.push(decoded);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => {
                    defects.add(Defect::Encoding);
                    out.push(b'=');
                }
            },
            b'\r' | b'\n' => (),
            _ => out.push(byte),
        }
    }
}

fn find(value: &str, at: usize, what: &[u8]) -> Option<usize> {
    memmem::find(value.as_bytes().get(at..)?, what).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_right_and_odd_forms() {
        for (value, want, clean) in [
            ("plain", "plain", true),
            ("=?utf-8?q?caf=C3=A9?=", "café", true),
            ("=?ISO-8859-1*fr?Q?caf=E9_au_lait?=", "café au lait", true),
            ("a =?utf-8?b?w6k=?= b", "a é b", true),
            ("=?utf-8?b?w6k=?= =?utf-8?q?=C3=A9?=", "éé", true),
            ("=?utf-8?b?w6k=?=\r\n =?iso-8859-1?q?=E9?=", "éé", true),
            ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café", true),
            ("=?utf-8?q?two words?=", "two words", true),
            ("x=?utf-8?q?y?=z", "xyz", true),
            ("=?utf-8?q??=", "", true),
            ("=?utf-8?q?caf=C3=A9", "=?utf-8?q?caf=C3=A9", false),
            ("=?utf-8?x?caf?=", "=?utf-8?x?caf?=", false),
            ("=?utf-8?q?a=ZZ?=", "a=ZZ", false),
            ("=?x-klingon?q?caf=E9?=", "café", false),
            ("=?=?=?", "=?=?=?", false),
            ("=?iso-8859-1?q?Fr_ö=E4?=", "Fr öä", false),
            ("1 =? 2", "1 =? 2", false),
            ("=?iso-2022-jp?B?GyRCJU8lbRsoQg==?=", "ハロ", true),
            ("=?iso-2022-jp?B?GyRCJU8lbRsoQg==?= =?ISO-2022-JP?B?GyRCJU8lbRsoQg==?=", "ハロハロ", true),
        ] {
            let mut defects = Defects::default();
            assert_eq!(decode(value, &mut defects), want, "{value}");
            assert_eq!(defects == Defects::default(), clean, "{value}");
        }
    }
}
