//! Flags and labels: what mail programs note about a mail, in its header or its file name.
//!
//! Read for whoever wants them; nothing here decides where a mail begins or ends.

use super::header::field;

/// What a person did with a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Read.
    pub seen: bool,
    /// Answered.
    pub replied: bool,
    /// Passed on.
    pub passed: bool,
    /// Marked as important.
    pub flagged: bool,
    /// Not sent yet.
    pub draft: bool,
    /// Deleted, though still there.
    pub trashed: bool,
}

impl Flags {
    /// Those of a Maildir file name: the letters after `:2,`.
    #[must_use]
    pub fn of_maildir_letters(letters: &[u8]) -> Self {
        let has = |letter: u8| letters.contains(&letter);
        Self {
            seen: has(b'S'),
            replied: has(b'R'),
            passed: has(b'P'),
            flagged: has(b'F'),
            draft: has(b'D'),
            trashed: has(b'T'),
        }
    }

    /// The letters of a Maildir file name, in ASCII order as the format asks.
    #[must_use]
    pub fn maildir_letters(self) -> String {
        let letters = [
            (self.draft, 'D'),
            (self.flagged, 'F'),
            (self.passed, 'P'),
            (self.replied, 'R'),
            (self.seen, 'S'),
            (self.trashed, 'T'),
        ];
        letters.iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect()
    }

    /// What either has.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            seen: self.seen || other.seen,
            replied: self.replied || other.replied,
            passed: self.passed || other.passed,
            flagged: self.flagged || other.flagged,
            draft: self.draft || other.draft,
            trashed: self.trashed || other.trashed,
        }
    }

    /// `Status` and `X-Status`, as mbox programs since BSD Mail write them.
    fn of_status(letters: &[u8]) -> Self {
        let has = |letter: u8| letters.contains(&letter);
        Self {
            seen: has(b'R'),
            replied: has(b'A'),
            passed: false,
            flagged: has(b'F'),
            draft: has(b'T'),
            trashed: has(b'D'),
        }
    }

    /// `X-Mozilla-Status`, four hexadecimal digits.
    fn of_mozilla(value: &[u8]) -> Self {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let bits = u32::from_str_radix(text, 16).unwrap_or_default();
        Self {
            seen: bits & 0x0001 != 0,
            replied: bits & 0x0002 != 0,
            passed: bits & 0x1000 != 0,
            flagged: bits & 0x0004 != 0,
            draft: false,
            trashed: bits & 0x0008 != 0,
        }
    }
}

/// Everything noted about a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What was done with it.
    pub flags: Flags,
    /// Names given to it, decoded, in the order written: `X-Gmail-Labels`, `X-Mozilla-Keys`,
    /// `X-Keywords`, `X-Label`.
    pub labels: Vec<String>,
}

impl Marks {
    /// Those in a header block.
    pub(super) fn of(header: &[u8]) -> Self {
        let value = |name: &[u8]| field(header, name).unwrap_or_default();
        let status = [value(b"Status"), value(b"X-Status")].concat();
        let flags = Flags::of_status(&status).union(Flags::of_mozilla(&value(b"X-Mozilla-Status")));
        let mut labels = Vec::new();
        for name in [b"X-Gmail-Labels".as_slice(), b"X-Label"] {
            labels.extend(commas(&decode_words(&value(name))));
        }
        for name in [b"X-Mozilla-Keys".as_slice(), b"X-Keywords"] {
            labels.extend(decode_words(&value(name)).split_whitespace().map(str::to_owned));
        }
        Self { flags, labels }
    }
}

/// The parts of a list between commas; a part in double quotes may hold commas itself.
fn commas(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in list.chars() {
        match (character, parts.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => parts.push(String::new()),
            (_, Some(part)) => part.push(character),
            (_, None) => {}
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Decodes the encoded words (RFC 2047) of a label field. Labels are written in UTF-8 by every
/// program that writes them; words in another character set stay as they are.
fn decode_words(value: &[u8]) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(value.len());
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        let (before, word) = rest.split_at(at);
        match encoded_word(word) {
            Some((bytes, tail)) => {
                // White space between two encoded words belongs to neither (section 6.2).
                if !(after_word && before.trim_ascii().is_empty()) {
                    out.extend_from_slice(before);
                }
                out.extend_from_slice(&bytes);
                (rest, after_word) = (tail, true);
            }
            None => {
                out.extend_from_slice(before);
                out.extend_from_slice(b"=?");
                (rest, after_word) = (word.get(2..).unwrap_or_default(), false);
            }
        }
    }
    out.extend_from_slice(rest);
    String::from_utf8_lossy(&out).into_owned()
}

/// The bytes of the encoded word that `text` begins with, and what follows it.
fn encoded_word(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut parts = text.strip_prefix(b"=?")?.splitn(4, |byte| *byte == b'?');
    let (charset, encoding, payload, tail) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let tail = tail.strip_prefix(b"=")?;
    let known = charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"us-ascii");
    let bytes = match encoding {
        b"Q" | b"q" if known => q_decoded(payload),
        b"B" | b"b" if known => b_decoded(payload)?,
        _ => return None,
    };
    Some((bytes, tail))
}

fn q_decoded(payload: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(payload.len());
    let mut at = 0;
    while let Some(&byte) = payload.get(at) {
        let pair = (byte == b'=').then(|| (hex(payload.get(at + 1)), hex(payload.get(at + 2))));
        match (byte, pair) {
            (_, Some((Some(high), Some(low)))) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 2;
            }
            (b'_', _) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    out
}

fn b_decoded(payload: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(payload.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in payload.iter().filter(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xFF).unwrap_or_default());
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_four_programs() {
        let cases: &[(&str, &[&str])] = &[
            (
                "X-Gmail-Labels: Inbox,Opened,\"A, B\",Clients/Müller\n",
                &["Inbox", "Opened", "A, B", "Clients/Müller"],
            ),
            (
                "X-Gmail-Labels: =?UTF-8?Q?Posteingang,Ge=C3=B6ffnet,Kategorie_=E2=80=9E?=\n =?UTF-8?Q?Allgemein=E2=80=9C?=\n",
                &["Posteingang", "Geöffnet", "Kategorie „Allgemein“"],
            ),
            ("X-Gmail-Labels: =?utf-8?b?R2XDtmZmbmV0LEI=?=\n", &["Geöffnet", "B"]),
            ("X-Mozilla-Keys: $label1 work                \n", &["$label1", "work"]),
            ("X-Keywords: NonJunk client      \n", &["NonJunk", "client"]),
            ("X-Label: =?koi8-r?Q?=C1?=, b =? c\n", &["=?koi8-r?Q?=C1?=", "b =? c"]),
            ("Subject: a\n", &[]),
        ];
        for &(header, want) in cases {
            assert_eq!(Marks::of(header.as_bytes()).labels, want, "{header}");
        }
    }

    #[test]
    fn flags_of_four_programs() {
        let cases = [
            ("Status: RO\nX-Status: AF\n", "FRS"),
            ("X-Status: T\n", "D"),
            ("X-Mozilla-Status: 0001\n", "S"),
            ("X-Mozilla-Status: 1007\n", "FPRS"),
            ("X-Mozilla-Status: 0009\n", "ST"),
            ("X-Mozilla-Status: zz\n", ""),
        ];
        for (header, want) in cases {
            assert_eq!(Marks::of(header.as_bytes()).flags.maildir_letters(), want, "{header}");
        }
        assert_eq!(Flags::of_maildir_letters(b"TSRPFDax").maildir_letters(), "DFPRST");
    }
}
