//! Every pattern of a rule set, behind one literal scan.
//!
//! A sentence is scanned once for all texts that any pattern needs and all entries of the word lists.
//! A pattern whose need is not met is never run.

mod builder;
mod findings;
mod index;
mod user;

use super::pattern::bytes::CharSet;
use super::pattern::class::ClassTable;
use super::pattern::code::Code;
use super::pattern::vm::{Haystack, Machine};
use super::pattern::{is_word, is_word_byte};
use super::table::{Cells, Numbers, RowIter, Rows};
pub use builder::Builder;
pub use findings::Findings;
use findings::Spare;
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
    /// Patterns that need nothing, so that they have to be tried on every sentence.
    #[serde(borrow)]
    always: Numbers<'p>,
    /// Texts looked for where words begin, and those looked for everywhere.
    #[serde(borrow)]
    words: LiteralIndex<'p>,
    #[serde(borrow)]
    anywhere: LiteralIndex<'p>,
    /// For each word list, the patterns that need one of its entries.
    #[serde(borrow)]
    list_users: Rows<'p>,
    /// Patterns added to these, numbered from where these end.
    #[serde(skip)]
    added: Option<Box<Matcher<'static>>>,
    #[serde(skip)]
    spare: Spare,
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
    /// The texts it needs are all that it stands for: each place is a match.
    whole: bool,
    /// Needs so many things, one after the other; with none it has to be tried on every sentence.
    needs: u8,
    /// How rarely what it needs is met, in halvings.
    halvings: u8,
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
        let flags = [self.prefix, self.anchored, self.word, self.whole];
        let flags = (0..).zip(flags).fold(0, |bits, (at, flag)| bits | u32::from(flag) << at);
        let flags = flags | u32::from(self.needs) << 8 | u32::from(self.halvings) << 16;
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
            whole: flags & 8 != 0,
            needs: (flags >> 8) as u8,
            halvings: (flags >> 16) as u8,
            begins: set(a, b),
            holds: [set(c, d), set(e, f)],
        }
    }
}

impl Matcher<'_> {
    /// Instructions of all patterns together.
    #[must_use]
    pub fn size(&self) -> usize {
        self.code.len() + self.added.as_ref().map_or(0, |added| added.size())
    }

    /// How many patterns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patterns.len() + self.added.as_ref().map_or(0, |added| added.len())
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The patterns that were added to the others.
    pub(in crate::rules) fn added(&self) -> Option<&Matcher<'static>> {
        self.added.as_deref()
    }

    /// The same patterns with others added, in place of those that may have been.
    pub(in crate::rules) fn with_added(self, added: Option<Matcher<'static>>) -> Self {
        Self { added: added.map(Box::new), ..self }
    }

    /// What is known of a pattern.
    fn pattern(&self, id: PatternId) -> Option<Pattern> {
        match self.patterns.get(id as usize) {
            Some(numbers) => Some(Pattern::read(numbers)),
            None => self.added.as_ref()?.pattern(self.within_added(id)?),
        }
    }

    /// The number of an added pattern among those alone.
    fn within_added(&self, id: PatternId) -> Option<PatternId> {
        id.checked_sub(u32::try_from(self.patterns.len()).ok()?)
    }

    /// Whether the pattern needs nothing, so that it has to be tried on every sentence.
    #[must_use]
    pub fn is_always(&self, pattern: PatternId) -> bool {
        self.pattern(pattern).is_none_or(|known| known.needs == 0)
    }

    /// The share of sentences in which all that the pattern needs may be, roughly; 1 when it needs nothing.
    #[must_use]
    pub fn share(&self, pattern: PatternId) -> f64 {
        self.pattern(pattern).map_or(1.0, |known| 0.5_f64.powi(known.halvings.into()))
    }

    /// Room for what a scan finds, which may be [given back](Self::give_back) once it is done with.
    #[must_use]
    pub fn findings(&self) -> Findings {
        self.spare.take().unwrap_or_else(|| {
            let added = self.added.as_ref().map(|added| Box::new(added.findings()));
            Findings::new(self.patterns.len(), self.always.iter(), added)
        })
    }

    /// Keeps findings of this matcher for the next mail.
    pub fn give_back(&self, findings: Findings) {
        self.spare.put(findings);
    }

    /// Scans a sentence for everything needed, into findings of this matcher.
    pub fn scan(&self, sentence: Haystack<'_>, findings: &mut Findings) {
        findings.clear();
        let bytes = sentence.text.as_bytes();
        let (words, anywhere) = (self.words.beginnings(), self.anywhere.beginnings());
        let (mut at, mut in_word, mut chars) = (sentence.start, false, CharSet::NONE);
        while let Some(&byte) = bytes.get(at) {
            let (is_word, length) = word_at(sentence.text, at, byte);
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
            // The rest of a word begins none.
            while let Some(&byte) = bytes.get(at).filter(|&&byte| is_word && is_word_byte(byte)) {
                chars = chars.with_byte(byte);
                if anywhere[usize::from(byte)] != 0 {
                    self.scan_at(&self.anywhere, sentence, at, findings);
                }
                at += 1;
            }
        }
        findings.chars = chars;
        findings.lists.sort();
        if let Some((added, findings)) = self.added.as_ref().zip(findings.added.as_mut()) {
            added.scan(sentence, findings);
        }
    }

    /// Tells who needs the texts at `at`.
    #[inline]
    fn scan_at(&self, texts: &LiteralIndex<'_>, sentence: Haystack<'_>, at: usize, findings: &mut Findings) {
        texts.scan_at(sentence.text.as_bytes(), at, |users, end| {
            self.tell(users, sentence, (at, end), findings);
        });
    }

    /// Tells these users, up to their end, that what they need stands at `start..end`.
    fn tell(
        &self,
        users: RowIter<'_>,
        sentence: Haystack<'_>,
        (start, end): (usize, usize),
        findings: &mut Findings,
    ) {
        for user in users.map(User::from_number) {
            match user.list() {
                None => findings.meet(user, sentence, start, end),
                Some((list, open)) => self.meet_entry(list, open, sentence, (start, end), findings),
            }
            if user.is_end() {
                return;
            }
        }
    }

    /// The text of a word list's entry stands there: tells who needs the list, when it is there as whole words.
    #[inline(never)]
    fn meet_entry(
        &self,
        list: u16,
        open: bool,
        sentence: Haystack<'_>,
        (start, end): (usize, usize),
        findings: &mut Findings,
    ) {
        let Some(end) = entry_end(sentence, start, end, open) else { return };
        findings.lists.add(list, start, end);
        for user in self.list_users.row(usize::from(list)) {
            findings.meet(User::from_number(user), sentence, start, start);
        }
    }

    /// Whether everything the pattern needs is in the sentence that has just been scanned into `findings`.
    #[inline]
    #[must_use]
    pub fn may_match(&self, pattern: PatternId, findings: &Findings) -> bool {
        findings.is_complete(pattern).unwrap_or_else(|| {
            let added = self.within_added(pattern).zip(findings.added.as_ref());
            added.is_some_and(|(within, added)| added.is_complete(within) == Some(true))
        })
    }

    /// Where a pattern matches first in a sentence that has just been scanned into `findings`.
    #[inline]
    #[must_use]
    pub fn find(
        &self,
        pattern: PatternId,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        // Most patterns that are asked for are not there.
        match findings.is_complete(pattern) {
            Some(false) => None,
            Some(true) => self.find_complete(pattern, sentence, findings),
            None => {
                let (added, findings) = self.added.as_ref().zip(findings.added.as_mut())?;
                added.find(self.within_added(pattern)?, sentence, findings)
            }
        }
    }

    fn find_complete(
        &self,
        pattern: PatternId,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        if let Some(known) = findings.settled(pattern) {
            return known;
        }
        let known = Pattern::read(self.patterns.get(pattern as usize)?);
        if known.whole {
            return findings.places.of(pattern).next();
        }
        let found = self.run(pattern, known, sentence, findings);
        findings.settle(pattern, found);
        found
    }

    /// Runs the program of a pattern.
    fn run(
        &self,
        pattern: PatternId,
        known: Pattern,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        let Findings { places, lists, word_starts, chars, cache, .. } = findings;
        let text = sentence.text.as_bytes().get(sentence.start..)?;
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
            return machine.find(sentence, places.of(pattern).map(|(start, _)| start), cache);
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
    let text = sentence.text;
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
