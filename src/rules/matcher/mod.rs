//! Every pattern of a rule set, behind one literal scan.
//!
//! A sentence is scanned once for all texts that any pattern needs and all entries of the word lists.
//! A pattern whose need is not met is never run.

mod index;

use super::pattern::bytes::{self, CharSet};
use super::pattern::class::{ClassTable, Classes};
use super::pattern::code::Code;
use super::pattern::literal::{MIN_TEXT, Need, requirement};
use super::pattern::vm::{Cache, Haystack, ListMatches, Machine};
use super::pattern::{Fault, Inst, Node, assemble, is_word};
use super::table::{Numbers, Rows};
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
    patterns: Numbers<'p>,
    #[serde(borrow)]
    index: LiteralIndex<'p>,
    /// For each text of the index, who wants to know.
    #[serde(borrow)]
    users: Rows<'p>,
    /// For each word list, the patterns that need one of its entries.
    #[serde(borrow)]
    list_users: Rows<'p>,
}

#[derive(Clone, Copy, Debug)]
struct Pattern {
    first: u32,
    last: u32,
    /// Matches begin where a needed text stands.
    prefix: bool,
    /// Needs nothing, so has to be tried everywhere.
    always: bool,
    /// Matches begin where the sentence does.
    anchored: bool,
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
        let flags = u32::from(self.prefix) | u32::from(self.always) << 1 | u32::from(self.anchored) << 2;
        [self.first, self.last, flags, a, b, c, d, e, f]
    }

    fn read(table: &Numbers<'_>, id: PatternId) -> Option<Self> {
        let at = |offset: usize| table.get(id as usize * Self::WIDTH + offset);
        let set = |offset: usize| {
            Some(CharSet::from_bits(u64::from(at(offset)?) << 32 | u64::from(at(offset + 1)?)))
        };
        let flags = at(2)?;
        Some(Self {
            first: at(0)?,
            last: at(1)?,
            prefix: flags & 1 != 0,
            always: flags & 2 != 0,
            anchored: flags & 4 != 0,
            begins: set(3)?,
            holds: [set(5)?, set(7)?],
        })
    }
}

/// Who needs a text.
#[derive(Clone, Copy, Debug)]
enum User {
    Pattern(PatternId),
    /// An entry of a word list; `open` when its last word may go on.
    Entry {
        list: u16,
        open: bool,
    },
}

impl User {
    /// As a number for the tables: patterns first, then entries above [`Self::ENTRY`].
    fn number(self) -> u32 {
        match self {
            Self::Pattern(pattern) => pattern,
            Self::Entry { list, open } => Self::ENTRY | u32::from(list) | u32::from(open) << 16,
        }
    }

    fn from_number(number: u32) -> Self {
        if number & Self::ENTRY == 0 {
            return Self::Pattern(number);
        }
        Self::Entry { list: (number & 0xffff) as u16, open: number & 1 << 16 != 0 }
    }

    /// The bit that tells entries from patterns.
    const ENTRY: u32 = 1 << 31;
}

/// Collects patterns and lists, then builds the [`Matcher`].
#[derive(Default)]
pub struct Builder {
    insts: Vec<Inst>,
    classes: Classes,
    patterns: Vec<Pattern>,
    wanted: Vec<(String, User)>,
    /// Word list and a pattern that needs it.
    list_users: Vec<(u32, PatternId)>,
}

impl Builder {
    /// Adds a word list's entry, normalised; a trailing `*` leaves its last word open, and a hyphen
    /// stands for a hyphen or a space.
    pub fn entry(&mut self, list: u16, entry: &str) {
        let open = entry.ends_with('*');
        let text = entry.trim_end_matches('*').trim();
        if text.len() < MIN_TEXT {
            return;
        }
        self.wanted.push((text.to_owned(), User::Entry { list, open }));
        if text.contains('-') {
            self.wanted.push((text.replace('-', " "), User::Entry { list, open }));
        }
    }

    /// Adds a pattern.
    ///
    /// # Errors
    ///
    /// When the pattern is too large.
    pub fn pattern(&mut self, node: &Node) -> Result<PatternId, Fault> {
        let program = assemble(node, &mut self.classes)?;
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let first = u32::try_from(self.insts.len()).unwrap_or(u32::MAX);
        self.insts.extend(program);
        let last = u32::try_from(self.insts.len()).unwrap_or(u32::MAX);
        let need = requirement(node);
        let prefix = need.as_ref().is_some_and(|need| need.prefix);
        self.patterns.push(Pattern {
            first,
            last,
            prefix,
            always: need.is_none(),
            anchored: bytes::is_anchored(node),
            begins: bytes::first(node),
            holds: bytes::must(node),
        });
        for need in need.into_iter().flat_map(|need| need.needs) {
            match need {
                Need::Text(text) => self.wanted.push((text, User::Pattern(id))),
                Need::List(list) => self.list_users.push((u32::from(list), id)),
            }
        }
        Ok(id)
    }

    /// The matcher of everything added.
    #[must_use]
    pub fn build(mut self) -> Matcher<'static> {
        self.wanted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut texts: Vec<&str> = Vec::new();
        let mut users = Vec::with_capacity(self.wanted.len());
        for (text, user) in &self.wanted {
            if texts.last() != Some(&text.as_str()) {
                texts.push(text);
            }
            users.push((u32::try_from(texts.len() - 1).unwrap_or(u32::MAX), user.number()));
        }
        let lists = self.list_users.iter().map(|&(list, _)| list as usize + 1).max().unwrap_or(0);
        Matcher {
            code: Code::new(&self.insts),
            classes: self.classes.into_table(),
            patterns: self.patterns.iter().flat_map(Pattern::numbers).collect(),
            users: Rows::new(texts.len(), &users),
            index: LiteralIndex::new(texts.into_iter()),
            list_users: Rows::new(lists, &self.list_users),
        }
    }
}

/// What one scan of a sentence found; memory is kept between sentences.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Pattern and the place of a text it needs, sorted.
    candidates: Vec<(PatternId, usize)>,
    lists: ListMatches,
    lists_seen: Vec<u16>,
    /// Characters of the sentence.
    chars: CharSet,
    cache: Cache,
}

impl Findings {
    /// Patterns whose need is met in the sentence, each once, in order.
    pub fn patterns(&self) -> impl Iterator<Item = PatternId> {
        self.candidates.chunk_by(|a, b| a.0 == b.0).map(|same| same[0].0)
    }
}

/// The places of one pattern.
fn places(candidates: &[(PatternId, usize)], pattern: PatternId) -> &[(PatternId, usize)] {
    let from = candidates.partition_point(|&(p, _)| p < pattern);
    let to = from + candidates[from..].partition_point(|&(p, _)| p == pattern);
    &candidates[from..to]
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
        self.patterns.len() / Pattern::WIDTH
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether the pattern needs nothing, so that it has to be tried on every sentence.
    #[must_use]
    pub fn is_always(&self, pattern: PatternId) -> bool {
        Pattern::read(&self.patterns, pattern).is_none_or(|pattern| pattern.always)
    }

    /// Scans a sentence for everything needed.
    pub fn scan(&self, sentence: Haystack<'_>, findings: &mut Findings) {
        let Findings { candidates, lists, lists_seen, chars, .. } = findings;
        *chars = CharSet::of_text(sentence.text.get(sentence.start..sentence.end).unwrap_or_default());
        candidates.clear();
        lists.clear();
        lists_seen.clear();
        self.index.scan(sentence.text, sentence.start, sentence.end, |text, start, end| {
            for user in self.users.row(text as usize) {
                match User::from_number(user) {
                    User::Pattern(pattern) => candidates.push((pattern, start)),
                    User::Entry { list, open } => {
                        if let Some(end) = entry_end(sentence, start, end, open) {
                            lists.add(list, start, end);
                            lists_seen.push(list);
                        }
                    }
                }
            }
        });
        lists.sort();
        lists_seen.sort_unstable();
        lists_seen.dedup();
        for &list in lists_seen.iter() {
            for pattern in self.list_users.row(usize::from(list)) {
                let starts = lists.starts(list, sentence.start, sentence.end);
                candidates.extend(starts.map(|start| (pattern, start)));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
    }

    /// Runs a pattern on a sentence that has just been scanned into `findings`.
    #[must_use]
    pub fn find(
        &self,
        pattern: PatternId,
        sentence: Haystack<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, usize)> {
        let known = Pattern::read(&self.patterns, pattern)?;
        let Findings { candidates, lists, chars, cache, .. } = findings;
        let text = sentence.text.as_bytes().get(sentence.start..sentence.end)?;
        let opens = |byte: &u8| known.begins.may_begin(*byte);
        if known.holds.iter().any(|set| !set.meets(*chars))
            || (known.anchored && !text.first().is_some_and(opens))
        {
            return None;
        }
        let places = if known.always { &[] } else { places(candidates, pattern) };
        if places.is_empty() && !known.always {
            return None;
        }
        let program = self.code.program(known.first, known.last)?;
        let machine = Machine { program, classes: &self.classes, lists };
        if known.anchored {
            return machine.find(sentence, std::iter::once(sentence.start), cache);
        }
        if known.prefix {
            return machine.find(sentence, places.iter().map(|&(_, place)| place), cache);
        }
        // A continuation byte begins no character.
        let begins = |byte: u8| known.begins.may_begin(byte) && byte & 0xc0 != 0x80;
        let starts = text.iter().enumerate().filter(|&(_, &byte)| begins(byte));
        machine.find(sentence, starts.map(|(at, _)| sentence.start + at), cache)
    }
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
