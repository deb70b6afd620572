//! The `From ` line: who sent a mail and when, in the many ways programs write it.
//!
//! Takes one line and says how much of a date it carries; whether it opens a mail is
//! [`separator`](super::separator)'s to judge.

/// What opens a separator, at the start of a line.
pub(super) const MARK: &[u8] = b"From ";

/// A separator line longer than this is text.
pub(super) const LONGEST_LINE: usize = 1000;

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
}
