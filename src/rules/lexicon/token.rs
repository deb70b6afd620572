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

/// Weekdays and months by their length, short forms included that are no other word; `may` and `march`
/// mostly are.
fn calendar(word: &str) -> Option<&'static str> {
    let (day, month) = match word.len() {
        3 => (
            matches!(word, "tue" | "thu" | "fri"),
            matches!(word, "jan" | "feb" | "apr" | "aug" | "sep" | "oct" | "nov" | "dec"),
        ),
        4 => (matches!(word, "tues" | "thur"), matches!(word, "june" | "july" | "sept")),
        5 => (word == "thurs", word == "april"),
        6 => (matches!(word, "monday" | "friday" | "sunday"), word == "august"),
        7 => (
            matches!(word, "tuesday" | "mondays" | "fridays" | "sundays"),
            matches!(word, "january" | "october"),
        ),
        8 => (
            matches!(word, "thursday" | "saturday" | "tuesdays"),
            matches!(word, "february" | "november" | "december"),
        ),
        9 => (matches!(word, "wednesday" | "thursdays" | "saturdays"), word == "september"),
        10 => (word == "wednesdays", false),
        _ => (false, false),
    };
    if day { Some(DAY) } else { month.then_some(MONTH) }
}

/// Whether these lower-case letters of ASCII are a token as they stand.
pub(super) fn is_word(letters: &str) -> bool {
    !letters.is_empty() && calendar(letters).is_none()
}

/// A token of a sentence and where it stands in the normalised text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// The token.
    pub text: &'t str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// A hash of the token.
    pub(super) hash: u32,
}

impl<'t> Token<'t> {
    /// A token that stands for something.
    fn sign(text: &'static str, start: usize, end: usize) -> Self {
        Self { text, start, end, hash: hash(text) }
    }
}

/// The hash of no token (the offset basis of FNV-1a, 32 bits).
const NOTHING: u32 = 0x811c_9dc5;

/// The hash of a token, of which all but the last byte has the hash `before` (FNV-1a).
#[inline]
const fn hashed(before: u32, byte: u8) -> u32 {
    (before ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// FNV-1a over a token.
pub(super) fn hash(token: &str) -> u32 {
    token.bytes().fold(NOTHING, hashed)
}

/// The tokens of a normalised sentence that begins at `offset`, [`FIRST`] and [`LAST`] around them; none
/// of a sentence without any. `out` is cleared first.
pub fn tokens<'t>(sentence: &'t str, offset: usize, out: &mut Vec<Token<'t>>) {
    out.clear();
    let bytes = sentence.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let (kind, length) = Kind::at(sentence, at, byte);
        at += length;
        if kind == Kind::Other {
            continue;
        }
        if out.is_empty() {
            out.push(Token::sign(FIRST, offset, offset));
        }
        let begins = offset + start;
        let token = match kind {
            Kind::Letter => {
                let (end, hash) = word(sentence, start);
                at = end;
                let text = &sentence[start..end];
                match calendar(text) {
                    Some(sign) => Token::sign(sign, begins, offset + end),
                    None => Token { text, start: begins, end: offset + end, hash },
                }
            }
            Kind::Digit => {
                while let Some((Kind::Digit, length)) =
                    bytes.get(at).map(|&byte| Kind::at(sentence, at, byte))
                {
                    at += length;
                }
                Token::sign(NUMBER, begins, offset + at)
            }
            Kind::Money => Token::sign(MONEY, begins, offset + at),
            Kind::Mark | Kind::Other | Kind::Beyond => {
                let text = &sentence[start..at];
                Token { text, start: begins, end: offset + at, hash: hash(text) }
            }
        };
        out.push(token);
    }
    if !out.is_empty() {
        let end = offset + sentence.len();
        out.push(Token::sign(LAST, end, end));
    }
}

/// What a character means to tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    /// A token of its own.
    Mark,
    Money,
    /// In no token.
    Other,
    /// Not of ASCII: to be looked at as a whole.
    Beyond,
}

impl Kind {
    /// The kind and length of the character at `at`, which begins with `byte`.
    #[inline(always)]
    fn at(sentence: &str, at: usize, byte: u8) -> (Self, usize) {
        match KINDS[usize::from(byte)] {
            Self::Beyond => Self::beyond(sentence.get(at..).and_then(|rest| rest.chars().next())),
            kind => (kind, 1),
        }
    }

    /// The same outside ASCII.
    fn beyond(c: Option<char>) -> (Self, usize) {
        let Some(c) = c else { return (Self::Other, 1) };
        let kind = match c {
            '£' | '€' => Self::Money,
            _ if c.is_alphabetic() => Self::Letter,
            _ if c.is_numeric() => Self::Digit,
            _ => Self::Other,
        };
        (kind, c.len_utf8())
    }
}

/// The kind of each byte.
const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Beyond; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
            b'0'..=b'9' => Kind::Digit,
            b'?' | b'!' => Kind::Mark,
            b'$' => Kind::Money,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

/// Where the word ends that begins at `start`, and its hash; an apostrophe between letters is part of it.
fn word(sentence: &str, start: usize) -> (usize, u32) {
    let bytes = sentence.as_bytes();
    let is_letter =
        |at: usize| bytes.get(at).is_some_and(|&byte| Kind::at(sentence, at, byte).0 == Kind::Letter);
    let (mut at, mut hash) = (start, NOTHING);
    while let Some(&byte) = bytes.get(at) {
        // Nearly all letters are of ASCII.
        match KINDS[usize::from(byte)] {
            Kind::Letter => {}
            Kind::Other if byte == b'\'' && is_letter(at + 1) => {}
            Kind::Beyond if is_letter(at) => {
                let (_, length) = Kind::at(sentence, at, byte);
                hash = bytes[at..at + length].iter().fold(hash, |hash, &byte| hashed(hash, byte));
                at += length;
                continue;
            }
            _ => break,
        }
        (at, hash) = (at + 1, hashed(hash, byte));
    }
    (at, hash)
}
