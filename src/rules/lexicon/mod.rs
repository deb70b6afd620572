//! The phrase list: words, short phrases and beginnings of words, each with points fitted from labelled mail.
//!
//! Takes the entries of `lexicon.toml`; gives a table that finds every entry in a normalised sentence by
//! one look-up a token and length. Where patterns know how people ask, the list knows the many small
//! words that go with it; no entry decides a mail alone.
//!
//! [`token`](tokens) says what a sentence is made of.

mod compile;
mod lines;
mod plain;
mod record;
mod token;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::normal::fold;
use super::table::Numbers;
use crate::terms::{Aspect, Class};

pub use compile::compile;
pub(super) use plain::read as read_plain;
use record::{Record, UNIT};
pub use token::{DAY, FIRST, LAST, MONEY, MONTH, NUMBER, OPEN, Token, beginnings, tokens};

/// What stands for a rule's id where a phrase of the list is the reason.
pub const LEXICON: &str = "lexicon";

/// Most tokens a phrase may have.
pub const LONGEST: usize = 4;

/// What points can be for: the classes, then the topics.
pub const TARGETS: usize = Class::ALL.len() + Aspect::ALL.len();

/// Where a phrase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// In the text the mail is about.
    Text,
    /// In the subject.
    Subject,
}

/// An entry of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase<'t> {
    /// Where it counts.
    pub part: Part,
    /// Its tokens, a space between them.
    pub text: Cow<'t, str>,
    /// Points by class, then by topic.
    pub points: [f64; TARGETS],
}

/// All phrases of a rule set, ready to be looked up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lexicon<'p> {
    /// A record for each phrase, one after the other: what is asked of a phrase stands together.
    #[serde(borrow, with = "serde_bytes")]
    records: Cow<'p, [u8]>,
    /// Where each record begins, and where the last one ends.
    #[serde(borrow)]
    starts: Numbers<'p>,
    /// For the hash of some tokens whether a phrase may begin with them and go on, a bit for each place.
    #[serde(borrow, with = "serde_bytes")]
    begun: Cow<'p, [u8]>,
    /// Slots, more than there are phrases: a byte of the hash of the phrase that has it, 0 where nobody has. Nearly
    /// all tokens of a mail are no phrase, and these bytes are few enough to stay at hand.
    #[serde(borrow, with = "serde_bytes")]
    tags: Cow<'p, [u8]>,
    /// By slot the number of the phrase.
    #[serde(borrow)]
    numbers: Numbers<'p>,
    /// Tokens of the longest phrase.
    longest: u32,
    /// A bit for each place that some phrase counts in, and above them one for each that a beginning of words does.
    parts: u32,
    /// By phrase: the text that an output made of its points.
    #[serde(skip)]
    shown: Kept<Box<str>>,
}

/// Phrases whose points, added up, surely fit into 32 bits.
const MOST_ADDED: usize = 1 << 15;

/// The hash of tokens that hash to `hash`, followed by one that hashes to `token`.
fn followed(hash: u32, token: u32) -> u32 {
    (hash.rotate_left(5) ^ token).wrapping_mul(0x9e37_79b1)
}

fn seed(part: Part) -> u32 {
    match part {
        Part::Text => 0x811c_9dc5,
        Part::Subject => 0x6b43_a9b5,
    }
}

/// Bits of the places that phrases count in, before those of beginnings of words.
const PARTS: u32 = 2;

/// Places for beginnings for each slot of the table of phrases.
const FINENESS: usize = 2;

/// A hash with its bits mixed, so that any of them tell it from others.
#[derive(Clone, Copy)]
struct Mixed(u32);

impl Mixed {
    #[inline]
    fn of(hash: u32) -> Self {
        Self((hash ^ hash >> 15).wrapping_mul(0x9e37_79b1))
    }

    /// The slot among some, a power of two.
    #[inline]
    fn slot(self, slots: usize) -> usize {
        self.0 as usize >> 7 & (slots - 1)
    }

    /// A byte that the slot does not tell, never 0.
    #[inline]
    fn tag(self) -> u8 {
        (self.0 >> 24) as u8 | u8::from(self.0 >> 24 == 0)
    }

    /// Where so many bytes have its bit: the byte, and the bit in it.
    #[inline]
    fn place(self, bytes: usize) -> (usize, u8) {
        let at = self.slot(bytes * 8);
        (at / 8, 1 << (at % 8))
    }
}

impl Lexicon<'_> {
    /// A table of these phrases; of two that are the same, the first counts.
    #[must_use]
    pub fn new<'t>(
        phrases: impl IntoIterator<Item = &'t Phrase<'t>, IntoIter: ExactSizeIterator>,
    ) -> Lexicon<'static> {
        let phrases = phrases.into_iter();
        let mut records = Vec::new();
        let mut starts = vec![0];
        let size = (phrases.len() * 2).next_power_of_two().max(4);
        let (mut tags, mut numbers) = (vec![0; size], vec![0; size]);
        let mut begun = vec![0; size * FINENESS / 8];
        let (mut longest, mut parts) = (0, 0);
        for (number, phrase) in (0u32..).zip(phrases) {
            let count = phrase.text.split(' ').count();
            longest = longest.max(u32::try_from(count).unwrap_or(u32::MAX));
            parts |= 1 << phrase.part as u32;
            if token::is_beginning(&phrase.text) {
                parts |= 1 << (PARTS + phrase.part as u32);
            }
            let tokens = phrase.text.split(' ').map(|token| token::hash(token.as_bytes()));
            let hash = tokens.fold(seed(phrase.part), |before, token| {
                let (byte, bit) = Mixed::of(before).place(begun.len());
                begun[byte] |= bit;
                followed(before, token)
            });
            Record::write(phrase, &mut records);
            starts.push(u32::try_from(records.len()).unwrap_or(u32::MAX));
            let mixed = Mixed::of(hash);
            let mut at = mixed.slot(size);
            while tags[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            (tags[at], numbers[at]) = (mixed.tag(), number);
        }
        Lexicon {
            records: Cow::Owned(records),
            starts: starts.into_iter().collect(),
            begun: Cow::Owned(begun),
            tags: Cow::Owned(tags),
            numbers: numbers.into_iter().collect(),
            longest,
            parts,
            shown: Kept::default(),
        }
    }

    /// How many phrases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether any phrase counts there.
    #[must_use]
    pub fn looks_at(&self, part: Part) -> bool {
        self.parts & 1 << part as u32 != 0
    }

    /// Where a phrase counts, and its tokens.
    #[must_use]
    pub fn phrase(&self, number: u32) -> (Part, &str) {
        let record = self.record(number);
        let part = if record.part == Part::Subject as u8 { Part::Subject } else { Part::Text };
        (part, std::str::from_utf8(record.text).unwrap_or_default())
    }

    fn record(&self, number: u32) -> Record<'_> {
        let span = self.starts.get(number as usize).zip(self.starts.get(number as usize + 1));
        let (start, end) = span.unwrap_or_default();
        self.records.get(start as usize..end as usize).and_then(Record::read).unwrap_or(Record::NONE)
    }

    /// Whether the phrase is these tokens, which have their places in `text`, and counts there.
    #[inline]
    fn is(record: Record<'_>, part: Part, tokens: &[Token<'_>], text: &str) -> bool {
        // Most phrases are words with a space between, and stand in the text so. A `$` there is money.
        let place = tokens.first().zip(tokens.last()).map(|(first, last)| first.start..last.end);
        let place = place.and_then(|place| text.as_bytes().get(place));
        let stands = place == Some(record.text) && !record.text.ends_with(LAST.as_bytes());
        (stands || record.spells(tokens)) && record.part == part as u8
    }

    /// What a phrase gives points for, by its place in [`TARGETS`], and how many.
    pub fn points(&self, number: u32) -> impl Iterator<Item = (usize, f64)> + use<> {
        let given = self.all_points(number).into_iter().enumerate();
        given.filter(|&(_, points)| points != 0.0)
    }

    /// The most that a phrase gives or takes, in hundredths of a point.
    #[must_use]
    pub fn weight(&self, number: u32) -> u16 {
        u16::from_le_bytes(self.record(number).weight)
    }

    /// What some phrases give together, by class, then by topic: hundredths without a rounding between.
    #[must_use]
    pub fn sums(&self, numbers: impl IntoIterator<Item = u32>) -> [f64; TARGETS] {
        let mut sums = [0_i64; TARGETS];
        let mut numbers = numbers.into_iter().peekable();
        while numbers.peek().is_some() {
            let mut some = [0_i32; TARGETS];
            for number in numbers.by_ref().take(MOST_ADDED) {
                let points = self.record(number).points;
                some.iter_mut()
                    .zip(points)
                    .for_each(|(sum, points)| *sum += i32::from(i16::from_le_bytes(*points)));
            }
            sums.iter_mut().zip(some).for_each(|(sum, some)| *sum += i64::from(some));
        }
        sums.map(|sum| sum as f64 / UNIT)
    }

    /// What a phrase gives by class, then by topic.
    #[must_use]
    pub fn all_points(&self, number: u32) -> [f64; TARGETS] {
        self.record(number).points.map(|points| f64::from(i16::from_le_bytes(points)) / UNIT)
    }

    /// The text made of a phrase's points, by `make` when it is asked for the first time.
    pub fn shown(&self, number: u32, make: impl FnOnce() -> Box<str>) -> &str {
        self.shown.get(self.len(), number as usize, make).map_or("", |text| text)
    }

    /// Calls `found` with every phrase among the tokens, and the first and last token of its place; `text` is what
    /// the tokens have their places in.
    pub fn scan(
        &self,
        part: Part,
        tokens: &[Token<'_>],
        text: &str,
        mut found: impl FnMut(u32, usize, usize),
    ) {
        if !self.looks_at(part) {
            return;
        }
        let beginnings = self.parts & 1 << (PARTS + part as u32) != 0;
        for first in 0..tokens.len() {
            let mut hash = seed(part);
            for last in first..tokens.len().min(first + self.longest as usize) {
                hash = followed(hash, tokens[last].hash);
                let mixed = Mixed::of(hash);
                let spelt = |record: Record<'_>| Self::is(record, part, &tokens[first..=last], text);
                if let Some(number) = self.get(mixed, spelt) {
                    found(number, first, last);
                }
                if !self.may_go_on(mixed) {
                    break;
                }
            }
            if beginnings {
                self.begin(part, tokens[first].text).for_each(|number| found(number, first, first));
            }
        }
    }

    /// The beginnings of words among the phrases that this token has.
    fn begin(&self, part: Part, token: &str) -> impl Iterator<Item = u32> {
        beginnings(token).filter_map(move |(letters, hash)| {
            self.get(Mixed::of(followed(seed(part), hash)), |record| {
                let spelt = record.text.strip_suffix(OPEN.as_bytes());
                spelt == Some(letters.as_bytes()) && record.part == part as u8
            })
        })
    }

    /// Whether a phrase may begin with tokens of this hash and go on.
    #[inline]
    fn may_go_on(&self, hash: Mixed) -> bool {
        // A table of no phrases has no place.
        let (byte, bit) = hash.place(self.begun.len().max(1));
        self.begun.get(byte).is_some_and(|byte| byte & bit != 0)
    }

    /// The phrase of this hash that is the one.
    #[inline]
    fn get(&self, hash: Mixed, is: impl Fn(Record<'_>) -> bool) -> Option<u32> {
        let mut at = hash.slot(self.tags.len().max(1));
        // There are more slots than phrases, so a free one ends the search.
        for _ in 0..self.tags.len() {
            match *self.tags.get(at)? {
                0 => return None,
                other if other == hash.tag() => {
                    let number = self.numbers.get(at)?;
                    if is(self.record(number)) {
                        return Some(number);
                    }
                }
                _ => {}
            }
            at = (at + 1) & (self.tags.len() - 1);
        }
        None
    }
}

/// Whether a text is lower-case letters and signs of ASCII with single spaces between, so that nothing about it
/// is folded.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte == b' ' || (byte.is_ascii_graphic() && !byte.is_ascii_uppercase());
    text.bytes().all(plain) && !text.split(' ').any(str::is_empty)
}

/// Whether a text can be an entry: up to [`LONGEST`] tokens as [`tokens()`] gives them, a space between, or the
/// beginning of a word with [`OPEN`] behind it.
#[must_use]
pub fn is_phrase(text: &str) -> bool {
    if token::is_beginning(text) {
        return true;
    }
    let count = text.split(' ').count();
    let stands_for = |token: &str| [NUMBER, MONEY, DAY, MONTH].contains(&token);
    let mut found = Vec::new();
    count <= LONGEST
        && (is_plain(text) || fold(text) == text)
        && text != FIRST
        && text != LAST
        && text.split(' ').enumerate().all(|(at, token)| match token {
            FIRST => at == 0,
            LAST => at + 1 == count,
            _ if stands_for(token) => true,
            // As most are.
            _ if token.bytes().all(|byte| byte.is_ascii_lowercase()) => token::is_word(token),
            _ => {
                tokens(token, 0, &mut found);
                matches!(found.as_slice(), [_, one, _] if one.text == token)
            }
        })
}

#[cfg(test)]
mod tests;
