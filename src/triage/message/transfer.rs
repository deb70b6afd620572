//! Undoes a `Content-Transfer-Encoding` (RFC 2045, section 6).
//!
//! Takes the bytes of a part as they stand in the mail, gives the bytes meant. What is wrong in
//! them is passed over or left as it stands, with a defect; nothing else is lost for it.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use memchr::{memchr, memchr2};

use super::defects::Defects;
use crate::terms::Defect;

/// The transfer encodings that change bytes, and the one that does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary, or none named.
    #[default]
    Identity,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
    /// Something else, taken as it stands.
    Unknown,
}

impl Encoding {
    /// Reads the field's value; comments, quotes and case are ignored.
    pub(super) fn read(value: &[u8]) -> Self {
        let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'(' | b')' | b';' | b',');
        let word = value.split(stop).find(|word| !word.is_empty()).unwrap_or_default();
        let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
        if is("base64") {
            Self::Base64
        } else if is("quoted-printable") {
            Self::QuotedPrintable
        } else if word.is_empty() || is("7bit") || is("8bit") || is("binary") || is("7-bit") || is("8-bit") {
            Self::Identity
        } else {
            Self::Unknown
        }
    }

    /// The bytes meant.
    pub(super) fn decode<'a>(self, bytes: &'a [u8], defects: &mut Defects) -> Cow<'a, [u8]> {
        match self {
            Self::Identity => bytes.into(),
            Self::Base64 => base64(bytes, defects).into(),
            Self::QuotedPrintable => quoted_printable(bytes, defects),
            Self::Unknown => {
                defects.add(Defect::Encoding);
                bytes.into()
            }
        }
    }
}

/// Base64; characters outside its alphabet are passed over, as RFC 2045, section 6.8 has it.
pub(super) fn base64(bytes: &[u8], defects: &mut Defects) -> Vec<u8> {
    if let Some(decoded) = base64_decode(bytes) {
        return decoded;
    }
    defects.add(Defect::Encoding);
    let kept: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        .collect();
    base64_decode(&kept).unwrap_or_default()
}

/// Quoted-printable; an `=` that starts no code stays as it stands (RFC 2045, section 6.7, note 1).
pub(super) fn quoted_printable<'a>(bytes: &'a [u8], defects: &mut Defects) -> Cow<'a, [u8]> {
    if memchr(b'=', bytes).is_none() {
        return bytes.into();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr2(b'=', b'\n', rest) {
        let (before, after) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        if rest.get(at) == Some(&b'\n') {
            // White space before a line ending was added on the way (rule 3).
            out.extend_from_slice(before.trim_ascii_end());
            out.push(b'\n');
            rest = after;
            continue;
        }
        out.extend_from_slice(before);
        if let Some(byte) = hex_pair(after) {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else if let Some(next) = soft_break(after) {
            rest = after.get(next..).unwrap_or_default();
        } else {
            defects.add(Defect::Encoding);
            out.push(b'=');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    out.into()
}

/// The byte two hexadecimal digits stand for.
pub(super) fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Length of the line ending that a soft line break drops, white space before it included.
fn soft_break(after: &[u8]) -> Option<usize> {
    let blank = after.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    match after.get(blank) {
        Some(b'\n') => Some(blank + 1),
        None => Some(blank),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_right_and_wrong() {
        for (field, bytes, want, clean) in [
            ("7bit", "a=3Db", "a=3Db", true),
            ("", "a", "a", true),
            ("Base64 (comment)", "aGVs\r\nbG8=\r\n", "hello", true),
            ("base64", "aGVs*bG8", "hello", false),
            ("base64", "aGVsbG8=aGVsbG8=", "hellohello", true),
            ("base64", "----", "", false),
            ("Quoted-Printable", "caf=c3=A9 =\r\nau lait  \r\n", "café au lait\n", true),
            ("quoted-printable", "a=zz b=4", "a=zz b=4", false),
            ("quoted-printable", "=", "", true),
            ("x-uuencode", "begin", "begin", false),
        ] {
            let mut defects = Defects::default();
            let got = Encoding::read(field.as_bytes()).decode(bytes.as_bytes(), &mut defects);
            assert_eq!(String::from_utf8_lossy(&got), want, "{field} {bytes}");
            assert_eq!(defects == Defects::default(), clean, "{field} {bytes}");
        }
    }
}
