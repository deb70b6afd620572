//! Every pattern of a rule set, behind one literal scan.
//!
//! A sentence is scanned once for all texts that any pattern needs and all entries of the word lists.
//! A pattern whose need is not met is never run.

mod builder;
mod index;

use super::pattern::bytes::CharSet;
use super::pattern::class::ClassTable;
use super::pattern::code::Code;
use super::pattern::vm::{Cache, Haystack, ListMatches, Machine};
use super::pattern::{is_word, is_word_byte};
use super::table::{Cells, Numbers, Rows};
pub use builder::Builder;
use index::LiteralIndex;
use serde::{Deserialize, Serialize};

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
    /// A bit for each pattern that needs nothing, so has to be tried on every sentence.
    #[serde(borrow)]
    always: Numbers<'p>,
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
    /// Needs a second text or list besides.
    second: bool,
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
        let flags = [self.prefix, self.anchored, self.word, self.second];
        let flags = (0..).zip(flags).fold(0, |bits, (at, flag)| bits | u32::from(flag) << at);
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
            second: flags & 8 != 0,
            begins: set(a, b),
            holds: [set(c, d), set(e, f)],
        }
    }
}

/// Who needs a text.
#[derive(Clone, Copy, Debug)]
enum User {
    Pattern {
        id: PatternId,
        /// Not where a word goes on behind the text.
        ends_word: bool,
        /// Only where the sentence begins.
        anchored: bool,
        /// Needed besides another.
        second: bool,
    },
    /// An entry of a word list; `open` when its last word may go on.
    Entry { list: u16, open: bool },
}

impl User {
    /// As a number for the tables: the upper bits say what it is.
    fn number(self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        match self {
            Self::Pattern { id, ends_word, anchored, second } => {
                id & Self::ID
                    | bit(ends_word, Self::ENDS_WORD)
                    | bit(anchored, Self::ANCHORED)
                    | bit(second, Self::SECOND)
            }
            Self::Entry { list, open } => Self::ENTRY | u32::from(list) | bit(open, Self::OPEN),
        }
    }

    #[inline]
    fn from_number(number: u32) -> Self {
        let has = |bit: u32| number & bit != 0;
        if has(Self::ENTRY) {
            return Self::Entry { list: (number & 0xffff) as u16, open: has(Self::OPEN) };
        }
        Self::Pattern {
            id: number & Self::ID,
            ends_word: has(Self::ENDS_WORD),
            anchored: has(Self::ANCHORED),
            second: has(Self::SECOND),
        }
    }

    const ENTRY: u32 = 1 << 31;
    const OPEN: u32 = 1 << 16;
    const ENDS_WORD: u32 = 1 << 30;
    const ANCHORED: u32 = 1 << 29;
    const SECOND: u32 = 1 << 28;
    /// More patterns than fit here cannot be: the steps of all together are limited.
    const ID: u32 = Self::SECOND - 1;
}

/// What one scan of a sentence found; memory is kept between sentences.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Pattern and the place of a text it needs, sorted.
    candidates: Vec<(PatternId, usize)>,
    /// A bit for each pattern that may match, then one for each whose second need is met.
    met: Vec<u32>,
    seconds: Vec<u32>,
    lists: ListMatches,
    lists_seen: Vec<u16>,
    /// Where words begin.
    word_starts: Vec<usize>,
    /// Characters of the sentence.
    chars: CharSet,
    cache: Cache,
}

impl Findings {
    /// Patterns whose need is met in the sentence, each once, in order.
    pub fn patterns(&self) -> impl Iterator<Item = PatternId> {
        self.candidates.chunk_by(|a, b| a.0 == b.0).map(|same| same[0].0)
    }

    fn clear(&mut self, always: &Numbers<'_>) {
        self.candidates.clear();
        self.lists.clear();
        self.lists_seen.clear();
        self.word_starts.clear();
        self.met.clear();
        self.met.extend(always.iter());
        self.seconds.clear();
        self.seconds.resize(self.met.len(), 0);
    }

    /// A text stands at `start..end` that somebody needs.
    #[inline]
    fn found(&mut self, user: User, sentence: Haystack<'_>, start: usize, end: usize) {
        match user {
            User::Pattern { id, ends_word, anchored, second } => {
                if (ends_word && sentence.is_word_at(end)) || (anchored && start != sentence.start) {
                    return;
                }
                self.need(id, second, start);
            }
            User::Entry { list, open } => {
                if let Some(end) = entry_end(sentence, start, end, open) {
                    self.lists.add(list, start, end);
                    self.lists_seen.push(list);
                }
            }
        }
    }

    /// A need of a pattern is met at `start`.
    #[inline]
    fn need(&mut self, id: PatternId, second: bool, start: usize) {
        let bits = if second { &mut self.seconds } else { &mut self.met };
        if let Some(word) = bits.get_mut(id as usize / 32) {
            *word |= 1 << (id % 32);
        }
        if !second {
            self.candidates.push((id, start));
        }
    }
}

fn has_bit(bits: &[u32], at: u32) -> bool {
    bits.get(at as usize / 32).is_some_and(|word| word & 1 << (at % 32) != 0)
}

/// The places of one pattern.
fn places(candidates: &[(PatternId, usize)], pattern: PatternId) -> &[(PatternId, usize)] {
    let from = candidates.partition_point(|&(p, _)| p < pattern);
    let length = candidates[from..].iter().take_while(|&&(p, _)| p == pattern).count();
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
        self.always.get(pattern as usize / 32).is_none_or(|word| word & 1 << (pattern % 32) != 0)
    }

    /// Scans a sentence for everything needed.
    pub fn scan(&self, sentence: Haystack<'_>, findings: &mut Findings) {
        findings.clear(&self.always);
        let text = sentence.text.get(..sentence.end).unwrap_or_default();
        let bytes = text.as_bytes();
        let (mut at, mut in_word, mut chars) = (sentence.start, false, CharSet::NONE);
        while let Some(&byte) = bytes.get(at) {
            let (is_word, length) = word_at(text, at, byte);
            chars = chars.with_byte(byte);
            if is_word && !in_word {
                findings.word_starts.push(at);
                if self.words.index.may_begin(byte) {
                    self.words.scan_at(sentence, bytes, at, findings);
                }
            }
            if self.anywhere.index.may_begin(byte) {
                self.anywhere.scan_at(sentence, bytes, at, findings);
            }
            in_word = is_word;
            at += length;
        }
        findings.chars = chars;
        self.scan_lists(sentence, findings);
        findings.candidates.sort_unstable();
        findings.candidates.dedup();
    }

    /// Who needs the word lists of which entries were found.
    fn scan_lists(&self, sentence: Haystack<'_>, findings: &mut Findings) {
        findings.lists.sort();
        findings.lists_seen.sort_unstable();
        findings.lists_seen.dedup();
        for seen in 0..findings.lists_seen.len() {
            let list = findings.lists_seen[seen];
            let lists = std::mem::take(&mut findings.lists);
            for user in self.list_users.row(usize::from(list)) {
                for start in lists.starts(list, sentence.start, sentence.end) {
                    findings.found(User::from_number(user), sentence, start, start);
                }
            }
            findings.lists = lists;
        }
    }

    /// Runs a pattern on a sentence that has just been scanned into `findings`.
    #[must_use]
    pub fn find(
        &self,
        pattern: PatternId,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        if !has_bit(&findings.met, pattern) {
            return None;
        }
        let known = Pattern::read(self.patterns.get(pattern as usize)?);
        let Findings { candidates, seconds, lists, word_starts, chars, cache, .. } = findings;
        let text = sentence.text.as_bytes().get(sentence.start..sentence.end)?;
        let opens = |byte: &u8| known.begins.may_begin(*byte);
        if known.holds.iter().any(|set| !set.meets(*chars))
            || (known.second && !has_bit(seconds, pattern))
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
            return machine.find(sentence, places.iter().map(|&(_, place)| place), cache);
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

impl Texts<'_> {
    /// Tells who needs the texts at `at`.
    fn scan_at(&self, sentence: Haystack<'_>, bytes: &[u8], at: usize, findings: &mut Findings) {
        self.index.scan_at(bytes, at, |text, end| {
            for user in self.users.row(text as usize) {
                findings.found(User::from_number(user), sentence, at, end);
            }
        });
    }
}

/// Whether the character at `at`, which begins with `byte`, is of a word, and its length.
#[inline]
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
