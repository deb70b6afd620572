//! The `From ` line of a mail that has none: who sent it and when, from its own header.

use crate::mailbox::header;
use crate::mailbox::stamp::{self, Stamp, stamp};
use crate::terms::Date;

/// Who sends when nobody says so, as mail servers write it.
const NOBODY: &[u8] = b"MAILER-DAEMON";

/// What stands for an unknown time.
const NO_TIME: &str = "Thu Jan  1 00:00:00 1970";

/// The longest address (RFC 5321, section 4.5.3.1).
const LONGEST_ADDRESS: usize = 320;

/// A separator for `mail`, without a line ending: the one it came with when that is complete, else
/// the envelope sender, or the author, and the time of `Date` in UTC, as RFC 4155 has it.
pub(super) fn compose(given: Option<&[u8]>, mail: &[u8]) -> Vec<u8> {
    if let Some(line) = given.filter(|line| stamp(line) == Stamp::Full) {
        return line.to_vec();
    }
    let header = header::block(mail);
    let named = given.map(|line| stamp::parts(line).0).and_then(sound);
    let sender = named.or_else(|| {
        [b"Return-Path".as_slice(), b"From", b"Sender"].iter().find_map(|name| {
            let value = header::field(header, name)?;
            // A null return path names nobody, and says so for the fields after it too.
            if value == b"<>" { Some(NOBODY.to_vec()) } else { sound(address(&value)) }
        })
    });
    let time = header::field(header, b"Date").and_then(|value| asctime(&value));
    let sender = sender.unwrap_or_else(|| NOBODY.to_vec());
    [b"From ", sender.as_slice(), b" ", time.as_deref().unwrap_or(NO_TIME).as_bytes()].concat()
}

/// The address in a field: between the last angle brackets, or the first word with an at sign.
fn address(value: &[u8]) -> &[u8] {
    let open = memchr::memrchr(b'<', value);
    let bracketed = open.and_then(|at| value.get(at + 1..)?.split(|byte| *byte == b'>').next());
    let word =
        || value.split(|byte| byte.is_ascii_whitespace() || *byte == b',').find(|word| word.contains(&b'@'));
    bracketed.or_else(word).unwrap_or_default()
}

/// A sender that can stand in a `From ` line: one word of printable ASCII.
fn sound(sender: &[u8]) -> Option<Vec<u8>> {
    let fits = (1..=LONGEST_ADDRESS).contains(&sender.len()) && sender.iter().all(u8::is_ascii_graphic);
    fits.then(|| sender.to_vec())
}

/// A `Date` field (RFC 5322, section 3.3) as `asctime` writes it, in UTC.
fn asctime(value: &[u8]) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let text = std::str::from_utf8(value.get(..value.len().min(100))?).ok()?;
    let words: Vec<&str> = text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|word| MONTHS.iter().any(|month| word.eq_ignore_ascii_case(month)))?;
    let month =
        MONTHS.iter().position(|month| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(month)))?;
    let year: u16 = words.get(at + 1)?.parse().ok()?;
    // Section 4.3: two digits below 50 are this century's.
    let year = year
        + if year < 50 {
            2000
        } else if year < 1000 {
            1900
        } else {
            0
        };
    let day = words.get(at.checked_sub(1)?)?.parse().ok()?;
    let date = Date::new(year, u8::try_from(month + 1).ok()?, day)?;
    let seconds = days(date) * 86_400 + clock(words.get(at + 2)?)? - zone(words.get(at + 3));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = civil(day).filter(|date| (1900..2200).contains(&date.year))?;
    let month = MONTHS.get(usize::from(date.month).checked_sub(1)?)?;
    let weekday = DAYS.get(usize::try_from(day.rem_euclid(7)).ok()?)?;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!("{weekday} {month} {:2} {hour:02}:{minute:02}:{second:02} {}", date.day, date.year))
}

/// Seconds since midnight.
fn clock(word: &str) -> Option<i64> {
    let mut parts = word.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let exists = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    exists.then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds east of UTC; a zone given by name counts as UTC, as section 4.3 advises.
fn zone(word: Option<&&str>) -> i64 {
    let digits = word.and_then(|word| word.get(1..5)).and_then(|digits| digits.parse::<i64>().ok());
    let size = digits.map_or(0, |digits| digits / 100 * 3600 + digits % 100 * 60);
    match word.and_then(|word| word.bytes().next()) {
        Some(b'+') => size,
        Some(b'-') => -size,
        _ => 0,
    }
}

/// Days from 1970-01-01 to `date`, by counting years of 365 days from March on and adding leap days.
fn days(date: Date) -> i64 {
    let early = i64::from(date.month <= 2);
    let (year, month) = (i64::from(date.year) - early, i64::from(date.month) + 12 * early);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // The months from March on: (153 m + 2) / 5 days lie before month m, counted from 0.
    365 * year + leap_days + (153 * (month - 3) + 2) / 5 + i64::from(date.day) - 719_469
}

/// The date that many days after 1970-01-01: the year is guessed and set right, then the month.
fn civil(day: i64) -> Option<Date> {
    let mut year = u16::try_from(1971 + day.div_euclid(365)).ok()?;
    while days(Date::new(year, 1, 1)?) > day {
        year = year.checked_sub(1)?;
    }
    let month =
        (1..=12).rev().find(|month| Date::new(year, *month, 1).is_some_and(|first| days(first) <= day))?;
    let first = days(Date::new(year, month, 1)?);
    Date::new(year, month, u8::try_from(day - first + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_from_the_header() {
        let cases: &[(Option<&str>, &str, &str)] = &[
            (
                None,
                "From: Jo <jo@example.org>\nDate: Mon, 2 Mar 2026 08:37:00 +0100\n\n",
                "From jo@example.org Mon Mar  2 07:37:00 2026",
            ),
            (
                None,
                "Return-Path: <bounce@example.org>\nFrom: jo@example.org\n",
                "From bounce@example.org Thu Jan  1 00:00:00 1970",
            ),
            (None, "Return-Path: <>\nFrom: jo@example.org\n", "From MAILER-DAEMON Thu Jan  1 00:00:00 1970"),
            (
                None,
                "From: <\"a b\"@example.org>\nDate: 31 Dec 99 23:30 -0100\n",
                "From MAILER-DAEMON Sat Jan  1 00:30:00 2000",
            ),
            (
                None,
                "From: jo@example.org\nDate: Mon, 30 Feb 2026 08:37:00 GMT\n",
                "From jo@example.org Thu Jan  1 00:00:00 1970",
            ),
            (None, "", "From MAILER-DAEMON Thu Jan  1 00:00:00 1970"),
            (
                Some("From - Mon Mar  2 08:37:00 2026"),
                "From: jo@example.org\n",
                "From - Mon Mar  2 08:37:00 2026",
            ),
            (
                Some("From jo@example.org"),
                "Date: 29 Feb 2028 00:00:00 +0000\n",
                "From jo@example.org Tue Feb 29 00:00:00 2028",
            ),
        ];
        for &(given, mail, want) in cases {
            let line = compose(given.map(str::as_bytes), mail.as_bytes());
            assert_eq!(String::from_utf8_lossy(&line), want);
            assert_eq!(stamp(&line), Stamp::Full, "{want}");
        }
    }

    #[test]
    fn days_count_up_one_by_one() {
        for day in -25_567..84_006 {
            let date = civil(day).unwrap();
            assert_eq!(days(date), day, "{date}");
        }
        assert_eq!(civil(0), Date::new(1970, 1, 1));
    }
}
