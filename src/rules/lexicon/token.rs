//! Tokens: what a sentence is made of as phrases see it.
//!
//! A sentence is a run of tokens: words, `?` and `!` as written; [`NUMBER`], [`MONEY`], [`DAY`] and
//! [`MONTH`] for what differs from mail to mail; [`FIRST`] before the first and [`LAST`] behind the last.

/// Stands for digits.
pub const NUMBER: &str = "{number}";
/// Stands for a sign of currency.
pub const MONEY: &str = "{money}";
/// Stands for the name of a weekday.
pub const DAY: &str = "{day}";
/// Stands for the name of a month.
pub const MONTH: &str = "{month}";
/// Stands before a sentence's first token.
pub const FIRST: &str = "^";
/// Stands behind a sentence's last token.
pub const LAST: &str = "$";

/// Weekdays, short forms included that are no other word.
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "tue",
    "tues",
    "thu",
    "thur",
    "thurs",
    "fri",
];

/// Months, short forms included; `may` and `march` mostly are other words.
const MONTHS: &[&str] = &[
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "apr",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

/// A token of a sentence and where it stands in the normalised text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// The token.
    pub text: &'t str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The tokens of a normalised sentence that begins at `offset`, [`FIRST`] and [`LAST`] around them; none
/// of a sentence without any. `out` is cleared first.
pub fn tokens<'t>(sentence: &'t str, offset: usize, out: &mut Vec<Token<'t>>) {
    out.clear();
    let token =
        |text: &'t str, start: usize, end: usize| Token { text, start: offset + start, end: offset + end };
    let mut rest = sentence.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        if c.is_alphabetic() {
            while let Some(&(at, next)) = rest.peek() {
                let within = next == '\'' && sentence[at + 1..].starts_with(char::is_alphabetic);
                if !next.is_alphabetic() && !within {
                    break;
                }
                end = at + next.len_utf8();
                rest.next();
            }
            out.push(token(kind(&sentence[start..end]), start, end));
        } else if c.is_numeric() {
            while let Some(&(at, next)) = rest.peek().filter(|(_, next)| next.is_numeric()) {
                end = at + next.len_utf8();
                rest.next();
            }
            out.push(token(NUMBER, start, end));
        } else if matches!(c, '?' | '!') {
            out.push(token(&sentence[start..end], start, end));
        } else if matches!(c, '£' | '$' | '€') {
            out.push(token(MONEY, start, end));
        }
    }
    if !out.is_empty() {
        out.insert(0, token(FIRST, 0, 0));
        out.push(token(LAST, sentence.len(), sentence.len()));
    }
}

/// The word, or what stands for it.
fn kind(word: &str) -> &str {
    // All names of days and months lie within these lengths.
    if !(3..=10).contains(&word.len()) {
        word
    } else if DAYS.contains(&word) {
        DAY
    } else if MONTHS.contains(&word) {
        MONTH
    } else {
        word
    }
}
