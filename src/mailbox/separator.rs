//! The `From ` line that opens a mail in an mbox: what it says, and whether a line is one.
//!
//! There is no standard for it beyond RFC 4155, which most programs predate, so a line is judged by
//! four signs: the words `From ` at the start of a line, a date as some program writes it, a blank
//! line before, and a header field after. [`judge`] weighs them and says so when they disagree.

use memchr::memchr;

use super::stamp::{LONGEST_LINE, MARK, Stamp, stamp};

/// Bytes from the start of a candidate that [`judge`] wants to see, unless the input ends before.
pub(super) const WINDOW: usize = 4096;

/// Why a line that looks like a separator was a close call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// It has everything but a blank line before it.
    NoBlankLine,
    /// It has everything but a header field after it.
    NoHeader,
    /// It has everything but a date.
    NoDate,
    /// It stands inside an open multipart of the mail before it, so belongs to an attachment.
    Attached,
    /// It stands inside the length that the mail before it declares.
    WithinLength,
}

impl Doubt {
    /// The reason in words, to follow "because".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoBlankLine => "no blank line comes before it",
            Self::NoHeader => "no header field follows it",
            Self::NoDate => "it has no date that can be read",
            Self::Attached => "it stands inside an attachment",
            Self::WithinLength => "it stands within the Content-Length of the mail before it",
        }
    }
}

/// Whether a candidate opens a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// It opens a mail.
    pub(super) opens: bool,
    /// It was a close call, either way.
    pub(super) doubt: Option<Doubt>,
}

impl Verdict {
    const YES: Self = Self { opens: true, doubt: None };
    const NO: Self = Self { opens: false, doubt: None };

    const fn yes_but(doubt: Doubt) -> Self {
        Self { opens: true, doubt: Some(doubt) }
    }

    const fn no_but(doubt: Doubt) -> Self {
        Self { opens: false, doubt: Some(doubt) }
    }
}

/// Weighs the signs of the candidate at the start of `data`.
///
/// `blank_before` says whether the line before is blank or missing. `dateless` says that the file's
/// first separator had no date either, so that this is how its writer writes.
pub(super) fn judge(data: &[u8], blank_before: bool, dateless: bool) -> Verdict {
    let (line, rest) = split_line(data);
    let stamp = stamp(line);
    let next = Follow::of(rest);
    match (stamp, blank_before) {
        (Stamp::Full | Stamp::Partial, true) => match next {
            Follow::Fields | Follow::Field | Follow::End => Verdict::YES,
            Follow::Blank if opens_or_ends(rest) => Verdict::YES,
            Follow::Blank if stamp == Stamp::Full => Verdict::yes_but(Doubt::NoHeader),
            Follow::Blank | Follow::Text => Verdict::no_but(Doubt::NoHeader),
        },
        (Stamp::Full, false) if next == Follow::Fields => Verdict::yes_but(Doubt::NoBlankLine),
        (Stamp::Full | Stamp::Partial, false) => Verdict::no_but(Doubt::NoBlankLine),
        (Stamp::Bare, true) if next == Follow::Fields => Verdict::YES,
        (Stamp::Bare, false) if next == Follow::Fields => Verdict::yes_but(Doubt::NoBlankLine),
        (Stamp::Dateless, true) if dateless && next == Follow::Fields => Verdict::YES,
        (Stamp::Bare | Stamp::Dateless | Stamp::None, true) if next == Follow::Fields => {
            Verdict::no_but(Doubt::NoDate)
        }
        _ => Verdict::NO,
    }
}

/// Whether a file that begins with `data` begins with a separator: more generous than [`judge`],
/// since nothing but a mailbox begins this way.
pub(super) fn opens_file(data: &[u8]) -> bool {
    let (line, rest) = split_line(data);
    let next = Follow::of(rest);
    match stamp(line) {
        _ if !line.starts_with(MARK) || line.len() > LONGEST_LINE => false,
        Stamp::Full | Stamp::Partial => true,
        Stamp::Bare => next != Follow::Text,
        Stamp::Dateless => matches!(next, Follow::Field | Follow::Fields),
        Stamp::None => next == Follow::Fields,
    }
}

/// Whether `mail` can follow a full separator after a blank line and be read back: it begins with a
/// field or a blank line, or is empty.
pub(super) fn may_follow(mail: &[u8]) -> bool {
    Follow::of(mail) != Follow::Text
}

/// What stands after a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follow {
    /// Two header lines, or one that is the whole header.
    Fields,
    /// One header line, then something else.
    Field,
    /// A blank line.
    Blank,
    /// Nothing.
    End,
    /// A line of text.
    Text,
}

impl Follow {
    fn of(data: &[u8]) -> Self {
        if data.is_empty() {
            return Self::End;
        }
        let (line, rest) = split_line(data);
        if is_blank(line) {
            return Self::Blank;
        }
        // A file cut off within the name of the first field.
        if line.len() == data.len() && line.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return Self::Field;
        }
        // Mail that passed through UUCP or older delivery agents keeps a second `From ` line, quoted.
        if !is_field(line) && !line.starts_with(b">From ") {
            return Self::Text;
        }
        let (second, _) = split_line(rest);
        let goes_on = is_blank(second) || is_field(second) || matches!(second.first(), Some(b' ' | b'\t'));
        if goes_on { Self::Fields } else { Self::Field }
    }
}

/// Whether `data`, which begins with a blank line, has only blank lines up to the next full
/// separator or the end: the mail is empty, with no header to expect.
fn opens_or_ends(mut data: &[u8]) -> bool {
    loop {
        if data.is_empty() {
            return true;
        }
        let (line, rest) = split_line(data);
        if !is_blank(line) {
            return line.starts_with(MARK) && stamp(line) == Stamp::Full;
        }
        data = rest;
    }
}

/// The first line of `data` without its line ending, and what follows the ending.
pub(super) fn split_line(data: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr(b'\n', data) {
        Some(at) => (data.get(..at).unwrap_or_default(), data.get(at + 1..).unwrap_or_default()),
        None => (data, &[] as &[u8]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Whether a line has nothing but spaces and tabs.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// Whether a line begins with a field name and a colon (RFC 5322, section 2.2), with the spaces
/// before the colon that its section 4.5.3 tolerates.
pub(super) fn is_field(line: &[u8]) -> bool {
    let head = line.get(..line.len().min(100)).unwrap_or_default();
    let Some(colon) = memchr(b':', head) else { return false };
    let name = head.get(..colon).unwrap_or_default().trim_ascii_end();
    !name.is_empty() && name.iter().all(|byte| (33..=126).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let full = "From jo Mon Jan  1 00:00:00 2024\n";
        let cases: &[(&str, bool, Verdict)] = &[
            ("Subject: a\n", true, Verdict::YES),
            (">From other Mon Jan  1 00:00:00 2024\nSubject: a\n", true, Verdict::YES),
            ("", true, Verdict::YES),
            ("\n", true, Verdict::YES),
            ("\n\nFrom x Mon Jan  1 00:00:00 2024\n", true, Verdict::YES),
            ("\nsome text\n", true, Verdict::yes_but(Doubt::NoHeader)),
            ("some text\n", true, Verdict::no_but(Doubt::NoHeader)),
            ("Subject: a\nTo: b\n", false, Verdict::yes_but(Doubt::NoBlankLine)),
            ("Subject: a\nand more\n", false, Verdict::no_but(Doubt::NoBlankLine)),
        ];
        for &(after, blank, want) in cases {
            assert_eq!(judge(format!("{full}{after}").as_bytes(), blank, false), want, "{after:?}");
        }
        let bare = b"From \r\nSubject: a\r\nTo: b\r\n";
        assert_eq!(judge(bare, true, false), Verdict::YES);
        assert_eq!(judge(b"From \nhere on\n", true, false), Verdict::NO);
        let dateless = b"From jo@example.org\nSubject: a\nTo: b\n";
        assert_eq!(judge(dateless, true, false), Verdict::no_but(Doubt::NoDate));
        assert_eq!(judge(dateless, true, true), Verdict::YES);
        assert_eq!(judge(b"From Monday on.\nText\n", true, false), Verdict::NO);
    }
}
