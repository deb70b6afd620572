//! Every pattern of a rule set, behind one literal scan.
//!
//! A sentence is scanned once for all texts that any pattern needs and all entries of the word lists.
//! A pattern whose need is not met is never run.

mod builder;
mod index;
mod user;

use super::pattern::bytes::CharSet;
use super::pattern::class::ClassTable;
use super::pattern::code::Code;
use super::pattern::vm::{Cache, Haystack, ListMatches, Machine};
use super::pattern::{is_word, is_word_byte};
use super::table::{Cells, Rows};
pub use builder::Builder;
use index::LiteralIndex;
use serde::{Deserialize, Serialize};
use user::User;

/// Number of a pattern in its [`Matcher`].
pub type PatternId = u32;

/// All patterns and word lists of a rule set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Matcher<'p> {
    #[serde(borrow)]
    code: Code<'p>,
    #[serde(borrow)]
    classes: ClassTable<'p>,
    #[serde(borrow)]
    patterns: Cells<'p, { Pattern::WIDTH }>,
    /// Texts looked for where words begin, and those looked for everywhere.
    #[serde(borrow)]
    words: Texts<'p>,
    #[serde(borrow)]
    anywhere: Texts<'p>,
    /// For each word list, the patterns that need one of its entries.
    #[serde(borrow)]
    list_users: Rows<'p>,
}

/// Texts, and for each of them who wants to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Texts<'p> {
    #[serde(borrow)]
    index: LiteralIndex<'p>,
    #[serde(borrow)]
    users: Rows<'p>,
}

#[derive(Clone, Copy, Debug)]
struct Pattern {
    first: u32,
    last: u32,
    /// Matches begin where a needed text stands.
    prefix: bool,
    /// Matches begin where the sentence does.
    anchored: bool,
    /// Matches begin where a word does.
    word: bool,
    /// Needs so many things, one after the other; with none it has to be tried on every sentence.
    needs: u8,
    /// What a match begins with.
    begins: CharSet,
    /// What a match holds.
    holds: [CharSet; 2],
}

impl Pattern {
    /// Numbers a pattern takes up in the table.
    const WIDTH: usize = 9;

    fn numbers(&self) -> [u32; Self::WIDTH] {
        let halves = |set: CharSet| [(set.to_bits() >> 32) as u32, (set.to_bits() & 0xffff_ffff) as u32];
        let [[a, b], [c, d], [e, f]] = [halves(self.begins), halves(self.holds[0]), halves(self.holds[1])];
        let flags = [self.prefix, self.anchored, self.word];
        let flags = (0..)
            .zip(flags)
            .fold(u32::from(self.needs) << 8, |bits, (at, flag)| bits | u32::from(flag) << at);
        [self.first, self.last, flags, a, b, c, d, e, f]
    }

    fn read([first, last, flags, a, b, c, d, e, f]: [u32; Self::WIDTH]) -> Self {
        let set = |high: u32, low: u32| CharSet::from_bits(u64::from(high) << 32 | u64::from(low));
        Self {
            first,
            last,
            prefix: flags & 1 != 0,
            anchored: flags & 2 != 0,
            word: flags & 4 != 0,
            needs: (flags >> 8) as u8,
            begins: set(a, b),
            holds: [set(c, d), set(e, f)],
        }
    }
}

/// What one scan of a sentence found; memory is kept between sentences.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By pattern: how many of its needs are met, one after the other, and [`COMPLETE`] once all are.
    met: Vec<u8>,
    /// Patterns all of whose needs are met.
    complete: Vec<PatternId>,
    /// Where a text stands that a match of the pattern begins with; sorted, of complete patterns only.
    places: Vec<Place>,
    lists: ListMatches,
    /// Where words begin.
    word_starts: Vec<usize>,
    /// Characters of the sentence.
    chars: CharSet,
    cache: Cache,
}

/// Everything a pattern needs is there.
const COMPLETE: u8 = 0x80;

impl Findings {
    /// Nothing yet, with room for what is found in most sentences.
    #[must_use]
    pub fn roomy() -> Self {
        let (complete, places) = (Vec::with_capacity(64), Vec::with_capacity(128));
        Self { complete, places, word_starts: Vec::with_capacity(64), ..Self::default() }
    }

    /// Patterns whose needs are met in the sentence, each once, in the order in which they came to be.
    pub fn patterns(&self) -> impl Iterator<Item = PatternId> {
        self.complete.iter().copied()
    }

    fn clear(&mut self, patterns: usize) {
        self.met.clear();
        self.met.resize(patterns, 0);
        self.complete.clear();
        self.places.clear();
        self.lists.clear();
        self.word_starts.clear();
    }

    fn is_complete(&self, pattern: PatternId) -> bool {
        self.met.get(pattern as usize).is_some_and(|met| met & COMPLETE != 0)
    }

    /// What a pattern needs stands at `start..end`. It counts when all that it needs before has been met:
    /// a sentence is scanned from front to back.
    #[inline]
    fn meet(&mut self, user: User, sentence: Haystack<'_>, start: usize, end: usize) {
        let User::Pattern { id, at, last, begins, ends_word, anchored } = user else { return };
        let Some(met) = self.met.get_mut(id as usize) else { return };
        let next = *met == at;
        if !(next || begins)
            || (ends_word && sentence.is_word_at(end))
            || (anchored && start != sentence.start)
        {
            return;
        }
        if begins {
            self.places.push(Place::new(id, start));
        }
        if next {
            *met += 1;
            if last {
                *met |= COMPLETE;
                self.complete.push(id);
            }
        }
    }

    /// Puts in order what the scan found.
    fn sort(&mut self) {
        let met = &self.met;
        self.places.retain(|place| met.get(place.pattern()).is_some_and(|met| met & COMPLETE != 0));
        self.places.sort_unstable();
        self.places.dedup();
        self.lists.sort();
    }
}

/// A pattern and a place in the text as one number, so that sorting takes one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

impl Place {
    /// Places past four gigabytes are no places: sentences are short, and so is what is searched of a mail.
    fn new(pattern: PatternId, at: usize) -> Self {
        Self(u64::from(pattern) << 32 | u64::from(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    fn pattern(self) -> usize {
        (self.0 >> 32) as usize
    }

    fn at(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }
}

/// The places of one pattern.
fn places(candidates: &[Place], pattern: PatternId) -> &[Place] {
    let from = candidates.partition_point(|place| place.pattern() < pattern as usize);
    let length = candidates[from..].iter().take_while(|place| place.pattern() == pattern as usize).count();
    &candidates[from..from + length]
}

impl Matcher<'_> {
    /// Instructions of all patterns together.
    #[must_use]
    pub fn size(&self) -> usize {
        self.code.len()
    }

    /// How many patterns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether the pattern needs nothing, so that it has to be tried on every sentence.
    #[must_use]
    pub fn is_always(&self, pattern: PatternId) -> bool {
        self.patterns.get(pattern as usize).is_none_or(|numbers| Pattern::read(numbers).needs == 0)
    }

    /// Scans a sentence for everything needed.
    pub fn scan(&self, sentence: Haystack<'_>, findings: &mut Findings) {
        findings.clear(self.patterns.len());
        let text = sentence.text.get(..sentence.end).unwrap_or_default();
        let bytes = text.as_bytes();
        let (words, anywhere) = (self.words.index.beginnings(), self.anywhere.index.beginnings());
        let (mut at, mut in_word, mut chars) = (sentence.start, false, CharSet::NONE);
        while let Some(&byte) = bytes.get(at) {
            let (is_word, length) = word_at(text, at, byte);
            chars = chars.with_byte(byte);
            if is_word && !in_word {
                findings.word_starts.push(at);
                if words[usize::from(byte)] != 0 {
                    self.scan_at(&self.words, sentence, at, findings);
                }
            }
            if anywhere[usize::from(byte)] != 0 {
                self.scan_at(&self.anywhere, sentence, at, findings);
            }
            in_word = is_word;
            at += length;
        }
        findings.chars = chars;
        findings.sort();
    }

    /// Tells who needs the texts at `at`.
    fn scan_at(&self, texts: &Texts<'_>, sentence: Haystack<'_>, at: usize, findings: &mut Findings) {
        let bytes = sentence.text.as_bytes().get(..sentence.end).unwrap_or_default();
        texts.index.scan_at(bytes, at, |text, end| {
            for user in texts.users.row(text as usize) {
                match User::from_number(user) {
                    User::Entry { list, open } => {
                        if let Some(end) = entry_end(sentence, at, end, open) {
                            findings.lists.add(list, at, end);
                            let users = self.list_users.row(usize::from(list));
                            users.for_each(|user| findings.meet(User::from_number(user), sentence, at, at));
                        }
                    }
                    user @ User::Pattern { .. } => findings.meet(user, sentence, at, end),
                }
            }
        });
    }

    /// Whether everything the pattern needs is in the sentence that has just been scanned into `findings`.
    #[must_use]
    pub fn may_match(&self, pattern: PatternId, findings: &Findings) -> bool {
        findings.is_complete(pattern) || self.is_always(pattern)
    }

    /// Runs a pattern on a sentence that has just been scanned into `findings`.
    #[must_use]
    pub fn find(
        &self,
        pattern: PatternId,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        let known = Pattern::read(self.patterns.get(pattern as usize)?);
        if known.needs > 0 && !findings.is_complete(pattern) {
            return None;
        }
        let Findings { places: candidates, lists, word_starts, chars, cache, .. } = findings;
        let text = sentence.text.as_bytes().get(sentence.start..sentence.end)?;
        let opens = |byte: &u8| known.begins.may_begin(*byte);
        if known.holds.iter().any(|set| !set.meets(*chars))
            || (known.anchored && !text.first().is_some_and(opens))
        {
            return None;
        }
        let program = self.code.program(known.first, known.last)?;
        let machine = Machine { program, classes: &self.classes, lists };
        if known.anchored {
            return machine.find(sentence, std::iter::once(sentence.start), cache);
        }
        if known.prefix {
            let places = places(candidates, pattern);
            return machine.find(sentence, places.iter().map(|place| place.at()), cache);
        }
        if known.word {
            let may_begin = |at: &usize| sentence.text.as_bytes().get(*at).is_some_and(opens);
            return machine.find(sentence, word_starts.iter().copied().filter(may_begin), cache);
        }
        // A continuation byte begins no character.
        let begins = |byte: u8| known.begins.may_begin(byte) && byte & 0xc0 != 0x80;
        let starts = text.iter().enumerate().filter(|&(_, &byte)| begins(byte));
        machine.find(sentence, starts.map(|(at, _)| sentence.start + at), cache)
    }
}

/// Whether the character at `at`, which begins with `byte`, is of a word, and its length.
#[inline(always)]
fn word_at(text: &str, at: usize, byte: u8) -> (bool, usize) {
    if byte.is_ascii() {
        return (is_word_byte(byte), 1);
    }
    let c = text.get(at..).and_then(|rest| rest.chars().next());
    c.map_or((false, 1), |c| (is_word(c), c.len_utf8()))
}

/// Where a word-list entry found at `start..end` ends as whole words, a plural or possessive ending
/// included; `None` when it is part of other words.
fn entry_end(sentence: Haystack<'_>, start: usize, end: usize, open: bool) -> Option<usize> {
    let text = sentence.text.get(..sentence.end)?;
    let before = text.get(sentence.start..start)?.chars().next_back();
    if before.is_some_and(is_word) && text.get(start..)?.chars().next().is_some_and(is_word) {
        return None;
    }
    let rest = text.get(end..)?;
    let goes_on = |rest: &str| rest.chars().next().is_some_and(is_word);
    if open {
        return Some(end + rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
    }
    if !goes_on(rest) {
        return Some(end + if rest.starts_with("'s") && !goes_on(&rest[2..]) { 2 } else { 0 });
    }
    ["s", "es"]
        .iter()
        .find(|&&plural| rest.starts_with(plural) && !goes_on(&rest[plural.len()..]))
        .map(|p| end + p.len())
}

#[cfg(test)]
mod tests;
