//! Dates and times of day as programs write them above what they quote, in every language.
//!
//! Takes folded text; says whether it holds one. Knows nothing of what stands around it.

use super::header_block;
use super::lexicon::{self, Kind, Kinds};
use super::word::Word;

const CALENDAR: Kinds = Kinds::NONE.with(Kind::Day).with(Kind::Month);
const OPENING: Kinds = CALENDAR.with(Kind::On);

/// Bytes of a date, or of what follows a preposition, in which it shows that it is one.
const NEAR: usize = 36;

/// Whether folded text that begins with the `first` word may begin with a date, be it behind marks that are no letters.
#[inline]
pub(super) fn may_begin_dated(first: Word<'_>) -> bool {
    !first.rest.first().is_some_and(u8::is_ascii_lowercase) || first.opens(OPENING).is_some()
}

/// Whether folded text begins with a date, or with a preposition and a date. A number alone is none.
pub(super) fn begins_dated(folded: &str) -> bool {
    let calendar = |near: &str| lexicon::find(near, CALENDAR).is_some();
    if let Some(found) = lexicon::opens(folded, OPENING) {
        let near = header_block::cut(folded.get(found.len..).unwrap_or_default(), NEAR);
        let dated = !found.kinds.and(CALENDAR).is_empty();
        return dated && near.is_empty() || near.bytes().any(|byte| byte.is_ascii_digit()) || calendar(near);
    }
    // One number alone begins a list's entry.
    folded.as_bytes().first().is_some_and(u8::is_ascii_digit) && {
        let near = header_block::cut(folded, NEAR);
        digit_runs(near) > 1 || calendar(near)
    }
}

/// Runs of digits in folded text.
fn digit_runs(folded: &str) -> usize {
    let (mut runs, mut before) = (0, false);
    for byte in folded.bytes() {
        let digit = byte.is_ascii_digit();
        runs += usize::from(digit & !before);
        before = digit;
    }
    runs
}

/// Whether folded text holds a date: a year, numbers written as a date, or a day or month and a number.
pub(super) fn is_dated(folded: &str) -> bool {
    let mut digits = false;
    let bytes = folded.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        digits = true;
        let begin = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        let run = &bytes[begin..at];
        if run.len() == 4 && (run.starts_with(b"19") || run.starts_with(b"20")) {
            return true;
        }
        // "04. 05. 26" has spaces in it.
        let spaced = usize::from(bytes.get(at..at + 2) == Some(b". "));
        let next_digit = bytes.get(at + 1 + spaced).is_some_and(u8::is_ascii_digit);
        if run.len() <= 2 && next_digit && matches!(bytes.get(at), Some(b'/' | b'.' | b'-')) {
            return true;
        }
    }
    // Abbreviations of two letters are words of other languages: "so", "do", "to".
    digits && lexicon::find_longer(folded, CALENDAR, 3)
}

/// Whether folded text holds a year of this century or the last.
pub(super) fn has_year(folded: &str) -> bool {
    let runs = folded.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().any(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")))
}

/// Whether folded text holds a time of day: "10:32", "10.32", "10h32".
pub(super) fn has_time(folded: &str) -> bool {
    let bytes = folded.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    memchr::memchr3_iter(b':', b'.', b'h', bytes)
        .any(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1) && is_digit(at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_begins_no_date() {
        for text in [
            "4 may 2026 at 10:32",
            "2026-05-04 10:32",
            "2026年5月4日",
            "on mon, 4 may",
            "mon 4.5.",
            "04/05/2026",
        ] {
            assert!(begins_dated(text), "{text}");
        }
        for text in [
            "1. the homepage first",
            "12 pages of it",
            "0123456789",
            "on the other hand",
            "we meet on 4 may",
            "",
        ] {
            assert!(!begins_dated(text), "{text}");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_of_minutes() {
        for (text, has) in [
            ("10:32", true),
            ("at 9h05", true),
            ("10.32 uhr", true),
            ("1:2", false),
            (":32", false),
            ("a:32", false),
        ] {
            assert_eq!(has_time(text), has, "{text}");
        }
    }
}
