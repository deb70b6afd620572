//! The `From ` line that opens a mail in an mbox: what it says, and whether a line is one.
//!
//! There is no standard for it beyond RFC 4155, which most programs predate, so a line is judged by
//! four signs: the words `From ` at the start of a line, a date as some program writes it, a blank
//! line before, and a header field after. [`judge`] weighs them and says so when they disagree.

use memchr::memchr;

/// What opens a separator, at the start of a line.
pub(super) const MARK: &[u8] = b"From ";

/// Bytes from the start of a candidate that [`judge`] wants to see, unless the input ends before.
pub(super) const WINDOW: usize = 4096;

/// A separator line longer than this is text.
const LONGEST_LINE: usize = 1000;

/// A separator with more words than this is text.
const MOST_WORDS: usize = 24;

/// How much of a date a `From ` line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Weekday, month, day, time and year, as `asctime` writes them, after a plausible sender.
    Full,
    /// A date some programs write: without weekday, in another order, or after several words.
    Partial,
    /// Nothing at all after `From `, as Thunderbird writes it since 2023.
    Bare,
    /// An address and no date.
    Dateless,
    /// Anything else: most likely a sentence.
    None,
}

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

/// How much of a date the `From ` line carries.
pub(super) fn stamp(line: &[u8]) -> Stamp {
    parse(line).0
}

/// The envelope sender that a `From ` line names, and the date as written; both may be empty.
pub(super) fn parts(line: &[u8]) -> (&[u8], &[u8]) {
    let rest = line.strip_prefix(MARK).unwrap_or(line).trim_ascii();
    match parse(line).1 {
        Some(0) => (&[], rest),
        Some(words) => split_after_words(rest, words),
        None => (rest, &[]),
    }
}

/// Splits `text` after its first `words` words.
fn split_after_words(text: &[u8], words: usize) -> (&[u8], &[u8]) {
    let mut at = 0;
    for _ in 0..words {
        let tail = text.get(at..).unwrap_or_default();
        let gap = tail.len() - tail.trim_ascii_start().len();
        let word = tail.trim_ascii_start().iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        at += gap + word;
    }
    let (before, after) = text.split_at(at.min(text.len()));
    (before.trim_ascii(), after.trim_ascii())
}

/// The stamp, and how many words come before the date when there is one.
fn parse(line: &[u8]) -> (Stamp, Option<usize>) {
    let Some(rest) = line.strip_prefix(MARK).filter(|_| line.len() <= LONGEST_LINE) else {
        return (Stamp::None, None);
    };
    let mut words: Vec<&[u8]> = Vec::with_capacity(12);
    words.extend(rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(MOST_WORDS + 1));
    match words.as_slice() {
        [] => return (Stamp::Bare, None),
        [one] if one.contains(&b'@') || *one == b"-" => return (Stamp::Dateless, None),
        [..] if words.len() > MOST_WORDS => return (Stamp::None, None),
        _ => {}
    }
    for at in (0..words.len()).rev() {
        if let Some((full, sender)) = date_around(&words, at) {
            let plausible = is_sender(words.get(..sender).unwrap_or_default());
            return (if full && plausible { Stamp::Full } else { Stamp::Partial }, Some(sender));
        }
    }
    (Stamp::None, None)
}

/// Whether the words before the date name one sender: nothing, one word, an address somewhere, or
/// `user at domain` as Mailman writes it.
fn is_sender(words: &[&[u8]]) -> bool {
    words.len() <= 1 || words.iter().any(|word| word.contains(&b'@') || *word == b"at")
}

/// Reads the date whose month (or whole day, in ISO 8601) is the word at `at`. Gives whether it is
/// a full `asctime` date, and where it begins.
fn date_around(words: &[&[u8]], at: usize) -> Option<(bool, usize)> {
    let word = |index: usize| words.get(index).map(|word| word.strip_suffix(b",").unwrap_or(word));
    let begin = |index: usize| match index.checked_sub(1).and_then(word) {
        Some(day) if is_weekday(day) => (true, index - 1),
        _ => (false, index),
    };
    let tail = |index: usize| words.get(index..).unwrap_or_default();
    let here = word(at)?;
    if is_iso_day(here) {
        let timed = here.contains(&b'T') || word(at + 1).is_some_and(is_time);
        return timed.then_some((false, at));
    }
    if !is_month(here) {
        return None;
    }
    let (next, third) = (word(at + 1)?, word(at + 2)?);
    if is_day(next) && is_time(third) {
        let year = year_and_zones(tail(at + 3))?;
        let (weekday, start) = begin(at);
        return Some((weekday && year == Year::Whole, start));
    }
    // `Mon Jan 1 2024 00:00:00`
    if is_day(next) && is_year(third) && word(at + 3).is_some_and(is_time) && are_zones(tail(at + 4)) {
        return Some((false, begin(at).1));
    }
    // `Mon, 1 Jan 2024 00:00:00 +0000`, the order of RFC 5322.
    let day = at.checked_sub(1)?;
    if word(day).is_some_and(is_day) && is_year(next) && is_time(third) && are_zones(tail(at + 3)) {
        return Some((false, begin(day).1));
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Year {
    Whole,
    TwoDigits,
}

/// Reads what follows the time: one year, with time zones before or after it.
fn year_and_zones(words: &[&[u8]]) -> Option<Year> {
    let words = before_remote(words);
    let year = words.iter().position(|word| !is_zone(word))?;
    let word = words.get(year)?;
    let kind = if is_year(word) {
        Year::Whole
    } else if word.len() == 2 && word.iter().all(u8::is_ascii_digit) {
        Year::TwoDigits
    } else {
        return None;
    };
    are_zones(words.get(year + 1..)?).then_some(kind)
}

/// UUCP's `remote from host` may end the line (RFC 976).
fn before_remote<'a, 'b>(words: &'a [&'b [u8]]) -> &'a [&'b [u8]] {
    match words {
        [before @ .., b"remote", b"from", _] => before,
        _ => words,
    }
}

fn are_zones(words: &[&[u8]]) -> bool {
    words.len() <= 3 && before_remote(words).iter().all(|word| is_zone(word))
}

fn is_zone(word: &[u8]) -> bool {
    match word {
        [b'+' | b'-', digits @ ..] => (2..=5).contains(&digits.len()) && digits.iter().all(is_clock),
        [b'(', name @ .., b')'] => name.len() <= 6 && name.iter().all(u8::is_ascii_uppercase),
        [b'G', b'M', b'T', b'+' | b'-', digits @ ..] => digits.len() <= 5 && digits.iter().all(is_clock),
        name => (1..=5).contains(&name.len()) && name.iter().all(u8::is_ascii_uppercase),
    }
}

fn is_clock(byte: &u8) -> bool {
    byte.is_ascii_digit() || *byte == b':'
}

fn is_weekday(word: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    DAYS.iter().any(|day| word.eq_ignore_ascii_case(day))
}

fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    MONTHS.iter().any(|month| word.eq_ignore_ascii_case(month))
}

/// The number that a word of digits spells, up to four of them.
fn number(word: &[u8]) -> Option<u32> {
    let plain = (1..=4).contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    plain.then(|| word.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

fn is_day(word: &[u8]) -> bool {
    word.len() <= 2 && number(word).is_some_and(|day| (1..=31).contains(&day))
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && number(word).is_some_and(|year| (1900..2200).contains(&year))
}

/// `hh:mm` or `hh:mm:ss`, a leap second and a fraction included.
fn is_time(word: &[u8]) -> bool {
    let whole = word.split(|byte| *byte == b'.').next().unwrap_or_default();
    let mut parts = whole.split(|byte| *byte == b':');
    let below = |limit: u32, word: Option<&[u8]>| {
        word.is_some_and(|word| word.len() <= 2 && number(word).is_some_and(|value| value < limit))
    };
    below(24, parts.next())
        && below(60, parts.next())
        && parts.next().is_none_or(|second| below(61, Some(second)))
        && parts.next().is_none()
}

/// `2024-01-31`, with or without a time after `T`.
fn is_iso_day(word: &[u8]) -> bool {
    let day = word.split(|byte| *byte == b'T').next().unwrap_or_default();
    let mut parts = day.split(|byte| *byte == b'-');
    parts.next().is_some_and(is_year)
        && parts.next().is_some_and(|month| month.len() == 2 && is_day(month))
        && parts.next().is_some_and(|day| day.len() == 2 && is_day(day))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_programs_write_them() {
        let cases: &[(&str, Stamp, &str)] = &[
            ("From jo@example.org Mon Jan  1 00:00:00 2024", Stamp::Full, "jo@example.org"),
            ("From - Mon Jan  1 00:00:00 2024", Stamp::Full, "-"),
            ("From MAILER-DAEMON Mon Jan  1 00:00:00 2024", Stamp::Full, "MAILER-DAEMON"),
            ("From MAILER_DAEMON@host Mon Jan  1 00:00 2024", Stamp::Full, "MAILER_DAEMON@host"),
            ("From 1788021@xxx Mon Jan 01 00:00:00 +0000 2024", Stamp::Full, "1788021@xxx"),
            ("From jo at example.org  Mon Jan  1 00:00:00 2024", Stamp::Full, "jo at example.org"),
            ("From ???@??? Mon Jan 01 00:00:00 2024", Stamp::Full, "???@???"),
            ("From  Mon Jan  1 00:00:00 2024", Stamp::Full, ""),
            ("From jo Mon Jan  1 00:00:00 EST 2024", Stamp::Full, "jo"),
            ("From jo Mon Jan  1 00:00:00 2024 CET DST", Stamp::Full, "jo"),
            ("From jo Mon Jan  1 00:00:00 2024 +0100 (CET)", Stamp::Full, "jo"),
            ("From jo Mon Jan  1 00:00:00 2024 remote from uunet", Stamp::Full, "jo"),
            ("From \"jo m\"@example.org Mon Jan  1 00:00:00 2024", Stamp::Full, "\"jo m\"@example.org"),
            ("From jo Jan  1 00:00:00 2024", Stamp::Partial, "jo"),
            ("From jo Mon Jan  1 00:00 EST 91", Stamp::Partial, "jo"),
            ("From jo@example.org Mon, 1 Jan 2024 00:00:00 +0000", Stamp::Partial, "jo@example.org"),
            ("From jo@example.org 2024-01-01T00:00:00Z", Stamp::Partial, "jo@example.org"),
            ("From jo@example.org 2024-01-01 00:00:00", Stamp::Partial, "jo@example.org"),
            ("From May Mon May  6 00:00:00 2024", Stamp::Full, "May"),
            ("From ", Stamp::Bare, ""),
            ("From jo@example.org", Stamp::Dateless, "jo@example.org"),
        ];
        for &(line, want, sender) in cases {
            assert_eq!(stamp(line.as_bytes()), want, "{line}");
            assert_eq!(parts(line.as_bytes()).0, sender.as_bytes(), "{line}");
        }
    }

    #[test]
    fn sentences_are_not_dates() {
        for line in [
            "From Monday the launch moves.",
            "From Mon Jan 1 2024 on we bill monthly",
            "From Jan to Mar 2024 we are closed",
            "From our side it is fine, see you on Mon Jan 1 at 10:00 in 2024",
            "From 10:00 on Mon Jan 1 we are in",
            "From jo Mon Jan 41 00:00:00 2024",
            "From jo Mon Jan  1 25:00:00 2024",
            "From jo Mon Jan  1 00:00:00 20245",
            "From: jo Mon Jan  1 00:00:00 2024",
        ] {
            assert_eq!(stamp(line.as_bytes()), Stamp::None, "{line}");
        }
        let endless = format!("From {} Mon Jan  1 00:00:00 2024", "a ".repeat(600));
        assert_eq!(stamp(endless.as_bytes()), Stamp::None);
    }

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
