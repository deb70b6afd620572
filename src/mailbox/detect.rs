//! What a file is, told by its first bytes, and in words when it is no mail.

use super::mbox;
use super::separator::{is_field, split_line};

/// How much of a file is looked at.
pub(super) const PREFIX: usize = 8192;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// No bytes, or blank lines alone.
    Empty,
    /// Mails, each opened by a `From ` line.
    Mbox,
    /// One mail.
    Mail,
    /// One mail in Apple's `.emlx`: a byte count on a line of its own, the mail, a property list.
    Emlx,
    /// Compressed; what it holds shows after decompression.
    Compressed(Packing),
    /// Text without header fields: perhaps a mail that lost its header, if its name says so.
    Text,
    /// Something else, in words.
    Other(&'static str),
}

/// A compressed format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// The .xz format.
    Xz,
}

/// First bytes of files that are taken for mailboxes now and then.
const KNOWN: &[(&[u8], &str)] = &[
    (b"!BDN", "is an Outlook data file; export it as mbox"),
    (b"\xCF\xAD\x12\xFE", "is an Outlook Express mailbox; export it as mbox or .eml"),
    (b"\xD0\xCF\x11\xE0", "is an Outlook .msg or an old Office document; save the mail as .eml"),
    (b"// <!-- <mdb:mork", "is Thunderbird's index of a mailbox; give the file beside it that has no .msf"),
    (b"\x89PNG", "looks like a PNG image"),
    (b"\xFF\xD8\xFF", "looks like a JPEG image"),
    (b"GIF8", "looks like a GIF image"),
    (b"%PDF", "looks like a PDF document"),
    (b"PK\x03\x04", "looks like a ZIP archive or an Office document; unpack it first"),
    (b"PK\x05\x06", "looks like an empty ZIP archive"),
    (b"7z\xBC\xAF\x27\x1C", "looks like a 7-Zip archive; unpack it first"),
    (b"Rar!\x1A\x07", "looks like a RAR archive; unpack it first"),
    (b"\x7FELF", "looks like a program"),
    (b"MZ\x90", "looks like a Windows program"),
    (b"SQLite format 3", "looks like an SQLite database"),
    (b"bplist", "looks like a property list"),
    (b"BEGIN:VCALENDAR", "looks like a calendar"),
    (b"BEGIN:VCARD", "looks like an address book"),
    (b"{\\rtf", "looks like a rich text document"),
    (b"<?xml", "looks like XML"),
    (b"\xFF\xFE", "looks like UTF-16 text; save it as plain bytes or UTF-8"),
    (b"\xFE\xFF", "looks like UTF-16 text; save it as plain bytes or UTF-8"),
];

/// Header fields that mail has and other text hardly does.
const MAIL_FIELDS: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "received",
    "message-id",
    "mime-version",
    "content-type",
    "return-path",
    "delivered-to",
    "reply-to",
    "sender",
    "dkim-signature",
    "x-mozilla-status",
    "x-gm-thrid",
];

/// Tells what begins with `prefix`; `whole` says that nothing follows it.
pub(super) fn content(prefix: &[u8], whole: bool) -> Content {
    if let Some(packing) = packing(prefix) {
        return Content::Compressed(packing);
    }
    if mbox::lead(prefix) == prefix.len() && whole {
        return Content::Empty;
    }
    if mbox::begins(prefix) {
        return Content::Mbox;
    }
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return Content::Other(what);
    }
    if prefix.get(257..262) == Some(b"ustar") {
        return Content::Other("looks like a tar archive; unpack it first");
    }
    if emlx_count(prefix).is_some() {
        return Content::Emlx;
    }
    if has_mail_field(prefix) {
        return Content::Mail;
    }
    let lower = prefix.get(..64).unwrap_or(prefix).trim_ascii_start().to_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Content::Other("looks like a web page");
    }
    if prefix.contains(&0) {
        return Content::Other("is binary data that is no mailbox known here");
    }
    Content::Text
}

/// The compressed format that begins with `prefix`.
fn packing(prefix: &[u8]) -> Option<Packing> {
    match prefix {
        [0x1F, 0x8B, 8, ..] => Some(Packing::Gzip),
        // A plain frame, or a skippable one that a plain one follows.
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Packing::Bzip2),
        // A stream without a block has the footer's first byte here.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Packing::Bzip2),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
        _ => None,
    }
}

/// Whether a field that mail has stands in the first block of lines, of which some may be broken.
fn has_mail_field(prefix: &[u8]) -> bool {
    let mut rest = prefix.get(mbox::lead(prefix)..).unwrap_or_default();
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if line.is_empty() {
            return false;
        }
        if is_field(line) {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii_end();
            if MAIL_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes())) {
                return true;
            }
        }
        rest = after;
    }
    false
}

/// The byte count that opens an `.emlx`, and where the mail begins after it.
pub(super) fn emlx_count(prefix: &[u8]) -> Option<(usize, usize)> {
    let (line, rest) = split_line(prefix);
    let digits = line.trim_ascii_end();
    let plain = (1..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let count = std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()?;
    has_mail_field(rest).then_some((count, prefix.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_files_apart() {
        let other = |what| Content::Other(what);
        let cases: &[(&[u8], Content)] = &[
            (b"", Content::Empty),
            (b"\n\r\n", Content::Empty),
            (b"From jo Mon Jan  1 00:00:00 2024\nSubject: a\n", Content::Mbox),
            (b"\xEF\xBB\xBF\nFrom - Mon Jan  1 00:00:00 2024\n", Content::Mbox),
            (b"From \r\nSubject: a\r\nTo: b\r\n", Content::Mbox),
            (b"From our side all is well.\nThank you.\n", Content::Text),
            (b"Subject: a\n\nb", Content::Mail),
            (b"broken line\nReceived: from a\n\nb", Content::Mail),
            (b"Return-path : <a@b>\n", Content::Mail),
            (b"Hello there\n\nSubject: a\n", Content::Text),
            (b"Note: this is not mail\n\nReally\n", Content::Text),
            (b"  123 \nSubject: a\n", Content::Mail),
            (b"123   \nSubject: a\n\nb<?xml", Content::Emlx),
            (b"\x1F\x8B\x08\0\0", Content::Compressed(Packing::Gzip)),
            (b"\x28\xB5\x2F\xFD\0", Content::Compressed(Packing::Zstd)),
            (b"BZh91AY&SY", Content::Compressed(Packing::Bzip2)),
            (b"\xFD7zXZ\0", Content::Compressed(Packing::Xz)),
            (b"\x89PNG\r\n", other("looks like a PNG image")),
            (b"<!DOCTYPE html>\n", other("looks like a web page")),
            (b"a\0b", other("is binary data that is no mailbox known here")),
        ];
        for &(bytes, want) in cases {
            assert_eq!(content(bytes, true), want, "{}", bytes.escape_ascii());
        }
        assert!(matches!(content(b"!BDN....", true), Content::Other(what) if what.contains("Outlook")));
    }
}
