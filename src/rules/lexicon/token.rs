//! Tokens: what a sentence is made of as phrases see it.
//!
//! A sentence is a run of tokens: words, `?` and `!` as written; [`NUMBER`], [`MONEY`], [`DAY`] and
//! [`MONTH`] for what differs from mail to mail; [`FIRST`] before the first and [`LAST`] behind the last.
//! A word's beginning, with [`OPEN`] behind it, stands for all words that begin so and go on.

use std::ops::RangeInclusive;

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

/// Stands behind the beginning of a word that goes on.
pub const OPEN: &str = "*";

/// [`OPEN`] as the lowest of eight bytes.
const OPEN_EIGHT: u64 = OPEN.as_bytes()[0] as u64;

/// Letters of the beginnings of words that a list may hold: fewer tell little, and with more a word is as good as
/// spelt out.
const BEGINNING: RangeInclusive<usize> = 3..=5;

/// Weekdays and months, short forms included that are no other word; `may` and `march` mostly are.
const DAYS: &[&str] = &[
    "tue",
    "tues",
    "thu",
    "thur",
    "thurs",
    "fri",
    "monday",
    "mondays",
    "tuesday",
    "tuesdays",
    "wednesday",
    "wednesdays",
    "thursday",
    "thursdays",
    "friday",
    "fridays",
    "saturday",
    "saturdays",
    "sunday",
    "sundays",
];
const MONTHS: &[&str] = &[
    "jan",
    "feb",
    "apr",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "june",
    "july",
    "april",
    "august",
    "january",
    "october",
    "february",
    "november",
    "december",
    "september",
];

/// A bit for each value that the last bits of a hash may have, set where some day or month has it.
static CALENDAR: [u64; 16] = {
    let mut bits = [0; 16];
    let lists = [DAYS, MONTHS];
    let (mut list, mut at) = (0, 0);
    while list < lists.len() {
        if at == lists[list].len() {
            (list, at) = (list + 1, 0);
            continue;
        }
        let hash = hash(lists[list][at].as_bytes());
        bits[(hash >> 6 & 15) as usize] |= 1 << (hash & 63);
        at += 1;
    }
    bits
};

/// What stands for a word of this hash, when it is a day or a month.
fn calendar(word: &str, hash: u32) -> Option<&'static str> {
    // Nearly all words are neither.
    if CALENDAR[(hash >> 6 & 15) as usize] >> (hash & 63) & 1 == 0 {
        return None;
    }
    if DAYS.contains(&word) { Some(DAY) } else { MONTHS.contains(&word).then_some(MONTH) }
}

/// Whether these lower-case letters of ASCII are a token as they stand.
pub(super) fn is_word(letters: &str) -> bool {
    !letters.is_empty() && calendar(letters, hash(letters.as_bytes())).is_none()
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
        Self { text, start, end, hash: hash(text.as_bytes()) }
    }
}

/// The beginnings of a word, each with a hash of it and [`OPEN`]; none of a token that is no word of the Latin alphabet.
pub fn beginnings(token: &str) -> impl Iterator<Item = (&str, u32)> {
    let (mut eight, mut letters) = (0, 0);
    for letter in token.bytes().take(*BEGINNING.end()).take_while(u8::is_ascii_lowercase) {
        eight |= u64::from(letter) << (letters * 8);
        letters += 1;
    }
    let longest = letters.min(token.len().saturating_sub(1));
    (*BEGINNING.start()..=longest).filter_map(move |length| {
        // Fewer than eight bytes, so that this is their `hash`.
        let open = eight & !(u64::MAX << (length * 8)) | OPEN_EIGHT << (length * 8);
        Some((token.get(..length)?, finished(mixed((length + OPEN.len()) as u64, open))))
    })
}

/// Whether a text is the beginning of a word as [`beginnings`] gives it, with [`OPEN`] behind it.
pub(super) fn is_beginning(text: &str) -> bool {
    text.strip_suffix(OPEN).is_some_and(|letters| {
        BEGINNING.contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

/// A hash of a token: eight bytes at a time, the last of them followed by zeros, and how many there are.
pub(super) const fn hash(token: &[u8]) -> u32 {
    let mut hash = token.len() as u64;
    let mut rest = token;
    while let Some((eight, further)) = rest.split_first_chunk() {
        hash = mixed(hash, u64::from_le_bytes(*eight));
        rest = further;
    }
    let (mut last, mut at) = (0, 0);
    while at < rest.len() {
        last |= (rest[at] as u64) << (at * 8);
        at += 1;
    }
    finished(mixed(hash, last))
}

/// A hash with eight bytes more.
#[inline(always)]
const fn mixed(hash: u64, eight: u64) -> u64 {
    (hash ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

#[inline(always)]
const fn finished(hash: u64) -> u32 {
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// A word of fewer than eight letters of ASCII, as nearly all are, where so many bytes follow `at`: its length and
/// the [`hash`] of it. `None` of others, and where an apostrophe or another alphabet may carry it on.
#[inline(always)]
fn short_word(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let eight = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    let low = eight & (EACH * 0x7f);
    // The highest bit of each byte: from `a` on, and beyond `z`.
    let (from_a, beyond_z) = (low + EACH * (0x80 - b'a' as u64), low + EACH * (0x7f - b'z' as u64));
    let others = !(from_a & !beyond_z & !eight) & EACH << 7;
    let length = others.trailing_zeros() as usize / 8;
    let behind = *bytes.get(at + length)?;
    if length == 0 || length == 8 || behind == b'\'' || behind.is_ascii_uppercase() || !behind.is_ascii() {
        return None;
    }
    let word = eight & !(u64::MAX << (length * 8));
    Some((length, finished(mixed(length as u64, word))))
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
                let hash = if let Some((length, hash)) = short_word(bytes, start) {
                    at = start + length;
                    hash
                } else {
                    at = word_end(sentence, at);
                    hash(&bytes[start..at])
                };
                let text = &sentence[start..at];
                match calendar(text, hash) {
                    Some(sign) => Token::sign(sign, begins, offset + at),
                    None => Token { text, start: begins, end: offset + at, hash },
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
                Token { text, start: begins, end: offset + at, hash: hash(text.as_bytes()) }
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

/// Where the word ends that goes on at `at`; an apostrophe between letters is part of it.
fn word_end(sentence: &str, mut at: usize) -> usize {
    let bytes = sentence.as_bytes();
    let kind = |at: usize| bytes.get(at).map(|&byte| (byte, KINDS[usize::from(byte)]));
    let letter = |at: usize| match bytes.get(at).map(|&byte| Kind::at(sentence, at, byte)) {
        Some((Kind::Letter, length)) => Some(length),
        _ => None,
    };
    while let Some((byte, kind)) = kind(at) {
        // Nearly all letters are of ASCII.
        at += match kind {
            Kind::Letter => 1,
            Kind::Other if byte == b'\'' && letter(at + 1).is_some() => 1,
            Kind::Beyond => match letter(at) {
                Some(length) => length,
                None => break,
            },
            _ => break,
        };
    }
    at
}
