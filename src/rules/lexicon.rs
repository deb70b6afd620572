//! The phrase list: words and short phrases, each with points fitted from labelled mail.
//!
//! Takes the entries of `lexicon.toml`; gives a table that finds every entry in a normalised sentence by
//! one look-up a token and length. Where patterns know how people ask, the list knows the many small
//! words that go with it; no entry decides a mail alone.
//!
//! A sentence is a run of tokens: words, `?` and `!` as written; [`NUMBER`], [`MONEY`], [`DAY`] and
//! [`MONTH`] for what differs from mail to mail; [`FIRST`] before the first and [`LAST`] behind the last.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::table::{Numbers, RowIter, Rows};
use crate::terms::{Class, Topic};

/// What stands for a rule's id where a phrase of the list is the reason.
pub const LEXICON: &str = "lexicon";

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

/// Most tokens a phrase may have.
pub const LONGEST: usize = 4;

/// What points can be for: the classes, then the topics.
pub const TARGETS: usize = Class::ALL.len() + Topic::ALL.len();

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

/// Points are kept in hundredths.
const UNIT: f64 = 100.0;

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
pub struct Phrase {
    /// Where it counts.
    pub part: Part,
    /// Its tokens, a space between them.
    pub text: String,
    /// Points by class, then by topic.
    pub points: [f64; TARGETS],
}

/// All phrases of a rule set, ready to be looked up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lexicon<'p> {
    /// All texts, one after the other.
    #[serde(borrow, with = "serde_bytes")]
    arena: Cow<'p, [u8]>,
    /// Where each text begins in the arena, and where the last one ends.
    #[serde(borrow)]
    starts: Numbers<'p>,
    /// Pairs of a hash and one more than the number of the phrase that has it; 0 where nobody has.
    #[serde(borrow)]
    slots: Numbers<'p>,
    /// By phrase: what it gives points for, in the upper half, and how many hundredths, in the lower.
    #[serde(borrow)]
    points: Rows<'p>,
    /// Tokens of the longest phrase.
    longest: u32,
    /// A bit for each place that some phrase counts in.
    parts: u32,
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

/// FNV-1a over a token, going on from `hash`.
fn hashed(mut hash: u32, token: &str) -> u32 {
    for &byte in token.as_bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ 0x20).wrapping_mul(0x0100_0193)
}

fn seed(part: Part) -> u32 {
    match part {
        Part::Text => 0x811c_9dc5,
        Part::Subject => 0x6b43_a9b5,
    }
}

/// Spreads a hash over a table of a power of two.
fn slot(hash: u32, slots: usize) -> usize {
    (hash ^ hash >> 15).wrapping_mul(0x9e37_79b1) as usize >> 7 & (slots - 1)
}

impl Lexicon<'_> {
    /// A table of these phrases; of two that are the same, the later counts.
    #[must_use]
    pub fn new(phrases: &[Phrase]) -> Lexicon<'static> {
        let mut arena = String::new();
        let mut starts = vec![0];
        let mut points = Vec::new();
        let size = (phrases.len() * 4).next_power_of_two().max(2);
        let mut slots = vec![0; 2 * size];
        let (mut longest, mut parts) = (0, 0);
        for (number, phrase) in (0u32..).zip(phrases) {
            let count = phrase.text.split(' ').count();
            longest = longest.max(u32::try_from(count).unwrap_or(u32::MAX));
            parts |= 1 << phrase.part as u32;
            let hash = phrase.text.split(' ').fold(seed(phrase.part), hashed);
            arena.push(if phrase.part == Part::Subject { 's' } else { 't' });
            arena.push_str(&phrase.text);
            starts.push(u32::try_from(arena.len()).unwrap_or(u32::MAX));
            let mut at = slot(hash, size);
            while slots[2 * at + 1] != 0 {
                at = (at + 1) & (size - 1);
            }
            (slots[2 * at], slots[2 * at + 1]) = (hash, number + 1);
            for (target, &given) in (0u32..).zip(&phrase.points) {
                let hundredths =
                    (given * UNIT).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
                if hundredths != 0 {
                    points.push((number, target << 16 | u32::from(hundredths.cast_unsigned())));
                }
            }
        }
        Lexicon {
            arena: Cow::Owned(arena.into_bytes()),
            starts: starts.into_iter().collect(),
            slots: slots.into_iter().collect(),
            points: Rows::new(phrases.len(), &points),
            longest,
            parts,
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
        let span = self.starts.get(number as usize).zip(self.starts.get(number as usize + 1));
        let (start, end) = span.unwrap_or_default();
        let bytes = self.arena.get(start as usize..end as usize).unwrap_or_default();
        let part = if bytes.first() == Some(&b's') { Part::Subject } else { Part::Text };
        (part, std::str::from_utf8(bytes.get(1..).unwrap_or_default()).unwrap_or_default())
    }

    /// What a phrase gives points for, by its place in [`TARGETS`], and how many.
    pub fn points(&self, number: u32) -> impl Iterator<Item = (usize, f64)> + '_ {
        let row: RowIter<'_> = self.points.row(number as usize);
        row.map(|packed| {
            let hundredths = (packed as u16).cast_signed();
            ((packed >> 16) as usize, f64::from(hundredths) / UNIT)
        })
    }

    /// Calls `found` with every phrase among the tokens, and the first and last token of its place.
    pub fn scan(&self, part: Part, tokens: &[Token<'_>], mut found: impl FnMut(u32, usize, usize)) {
        if !self.looks_at(part) {
            return;
        }
        for first in 0..tokens.len() {
            let mut hash = seed(part);
            for last in first..tokens.len().min(first + self.longest as usize) {
                hash = hashed(hash, tokens[last].text);
                if let Some(number) = self.get(part, hash, &tokens[first..=last]) {
                    found(number, first, last);
                }
            }
        }
    }

    fn get(&self, part: Part, hash: u32, tokens: &[Token<'_>]) -> Option<u32> {
        let size = self.slots.len() / 2;
        let mut at = slot(hash, size);
        // There are more slots than phrases, so an empty one ends the search.
        for _ in 0..size {
            let number = self.slots.get(2 * at + 1)?.checked_sub(1)?;
            if self.slots.get(2 * at) == Some(hash) {
                let (counts_in, text) = self.phrase(number);
                if counts_in == part && text.split(' ').eq(tokens.iter().map(|token| token.text)) {
                    return Some(number);
                }
            }
            at = (at + 1) & (size - 1);
        }
        None
    }
}

/// Whether a text can be an entry: up to [`LONGEST`] tokens as [`tokens()`] gives them, a space between.
#[must_use]
pub fn is_phrase(text: &str) -> bool {
    let count = text.split(' ').count();
    let stands_for = |token: &str| [NUMBER, MONEY, DAY, MONTH].contains(&token);
    let mut found = Vec::new();
    count <= LONGEST
        && text != FIRST
        && text != LAST
        && text.split(' ').enumerate().all(|(at, token)| match token {
            FIRST => at == 0,
            LAST => at + 1 == count,
            _ if stands_for(token) => true,
            _ => {
                tokens(token, 0, &mut found);
                matches!(found.as_slice(), [_, one, _] if one.text == token)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::normal::fold;

    fn texts(sentence: &str) -> Vec<String> {
        let folded = fold(sentence);
        let mut found = Vec::new();
        tokens(&folded, 0, &mut found);
        found.into_iter().map(|token| token.text.to_owned()).collect()
    }

    fn phrase(part: Part, text: &str, class: usize, points: f64) -> Phrase {
        let mut all = [0.0; TARGETS];
        all[class] = points;
        Phrase { part, text: text.to_owned(), points: all }
    }

    #[test]
    fn sentences_become_tokens() {
        assert_eq!(
            texts("Can’t we have it by Tues 12th May, for £1,200?"),
            [
                "^", "can't", "we", "have", "it", "by", "{day}", "{number}", "th", "may", "for", "{money}",
                "{number}", "{number}", "?", "$"
            ]
        );
        assert_eq!(
            texts("Wie läuft's am 3. Dezember"),
            ["^", "wie", "läuft's", "am", "{number}", "dezember", "$"]
        );
        assert!(texts("--- ... '").is_empty());
    }

    #[test]
    fn phrases_are_found_where_they_count() {
        let lexicon = Lexicon::new(&[
            phrase(Part::Text, "could you", 3, 0.25),
            phrase(Part::Text, "^ could", 2, -0.5),
            phrase(Part::Text, "quote ?", 3, 1.0),
            phrase(Part::Subject, "quote", 3, 1.5),
        ]);
        let mut found = Vec::new();
        let mut list = Vec::new();
        for (part, sentence) in
            [(Part::Text, "could you quote?"), (Part::Subject, "could you quote"), (Part::Text, "you could")]
        {
            tokens(sentence, 0, &mut list);
            lexicon.scan(part, &list, |number, first, last| {
                found.push((lexicon.phrase(number).1.to_owned(), list[first].start, list[last].end));
            });
        }
        let at = |text: &str, start, end| (text.to_owned(), start, end);
        assert_eq!(
            found,
            [at("^ could", 0, 5), at("could you", 0, 9), at("quote ?", 10, 16), at("quote", 10, 15)]
        );
        assert_eq!(lexicon.points(1).collect::<Vec<_>>(), [(2, -0.5)]);
        assert_eq!(lexicon.points(7).count(), 0);
        assert!(Lexicon::new(&[]).is_empty());
        assert!(!Lexicon::default().looks_at(Part::Text));
    }

    #[test]
    fn every_phrase_of_a_large_list_is_found_and_nothing_else() {
        let words: Vec<String> = (0..3000)
            .map(|at| format!("w{}", (b'a' + (at % 26) as u8) as char).repeat(at / 26 + 1))
            .collect();
        let list: Vec<Phrase> = words.iter().map(|word| phrase(Part::Text, word, 0, 1.0)).collect();
        let lexicon = Lexicon::new(&list);
        for (number, word) in words.iter().enumerate() {
            let mut hits = Vec::new();
            let mut found = Vec::new();
            tokens(word, 0, &mut found);
            lexicon.scan(Part::Text, &found, |number, ..| hits.push(number as usize));
            assert_eq!(hits, [number]);
        }
        let mut found = Vec::new();
        tokens("none of these words is known", 0, &mut found);
        lexicon.scan(Part::Text, &found, |..| panic!("nothing to find"));
    }

    #[test]
    fn only_runs_of_tokens_are_phrases() {
        for text in ["could you", "^ could", "quote ?", "{day} $", "can't", "läuft's", "{money} {number}"] {
            assert!(is_phrase(text), "{text}");
        }
        for text in
            ["", "^", "$", "Could", "a b c d e", "could  you", "$ could", "could ^", "monday", "12", "e-mail"]
        {
            assert!(!is_phrase(text), "{text}");
        }
    }
}
