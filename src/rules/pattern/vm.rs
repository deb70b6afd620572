//! Running a program on a sentence.
//!
//! Backtracking that never enters the same branch twice at the same place, so the time is at most
//! proportional to branches times bytes, whatever the pattern and the text. Leftmost match, and among
//! those the one the pattern prefers, as in the `regex` crate.
//!
//! Remembering branches costs more than most searches, so a search begins without, and starts over with
//! it once it has taken more turns than ordinary sentences need.

use super::class::ClassTable;
use super::code::Program;
use super::{Inst, is_word};

/// Where entries of word lists were found in the text at hand.
#[derive(Clone, Debug, Default)]
pub struct ListMatches {
    /// List, start, end; sorted, so that a list's matches at one place stand together.
    found: Vec<(u16, usize, usize)>,
}

impl ListMatches {
    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.found.clear();
    }

    /// Notes that an entry of `list` stands at `start..end`.
    pub fn add(&mut self, list: u16, start: usize, end: usize) {
        self.found.push((list, start, end));
    }

    /// To be called once after the last `add`.
    pub fn sort(&mut self) {
        self.found.sort_unstable();
        self.found.dedup();
    }

    /// Ends of the matches of `list` that start at `start`, shortest first.
    fn ends(&self, list: u16, start: usize) -> impl Iterator<Item = usize> {
        let from = self.found.partition_point(|&(l, s, _)| (l, s) < (list, start));
        self.found[from..]
            .iter()
            .take_while(move |&&(l, s, _)| (l, s) == (list, start))
            .map(|&(_, _, end)| end)
    }

    /// Starts of the matches of `list` from `from` on, before `to`.
    pub fn starts(&self, list: u16, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let first = self.found.partition_point(|&(l, s, _)| (l, s) < (list, from));
        self.found[first..]
            .iter()
            .take_while(move |&&(l, s, _)| l == list && s < to)
            .map(|&(_, start, _)| start)
    }
}

/// Memory that searches share.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    stack: Vec<(u16, usize)>,
    visited: Vec<u64>,
    /// Branches taken since the search began.
    turns: u32,
    /// Whether branches are remembered.
    careful: bool,
}

/// Branches a search may take before it remembers them.
const FREE_TURNS: u32 = 500;

/// A text to search: one sentence within a larger buffer.
#[derive(Clone, Copy, Debug)]
pub struct Haystack<'t> {
    /// The whole buffer.
    pub text: &'t str,
    /// The sentence's first byte in it.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl Haystack<'_> {
    fn char_at(&self, at: usize) -> Option<char> {
        if at >= self.end {
            return None;
        }
        let byte = *self.text.as_bytes().get(at)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.text.get(at..)?.chars().next() }
    }

    fn char_before(&self, at: usize) -> Option<char> {
        if at <= self.start {
            return None;
        }
        let byte = *self.text.as_bytes().get(at - 1)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.text.get(..at)?.chars().next_back() }
    }

    /// Whether a word character stands before and after `at`.
    fn words_around(&self, at: usize) -> (bool, bool) {
        (self.char_before(at).is_some_and(is_word), self.char_at(at).is_some_and(is_word))
    }
}

/// A program and what it refers to.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'p> {
    /// The program.
    pub program: Program<'p>,
    /// Classes it names.
    pub classes: &'p ClassTable<'p>,
    /// Word-list matches in the text.
    pub lists: &'p ListMatches,
}

impl Machine<'_> {
    /// Looks for the leftmost match that begins at one of `starts`, which come in order.
    pub fn find(
        &self,
        haystack: Haystack<'_>,
        starts: impl Iterator<Item = usize>,
        cache: &mut Cache,
    ) -> Option<(usize, usize)> {
        cache.turns = 0;
        cache.careful = false;
        for start in starts {
            let mut end = self.run(haystack, start, cache);
            if !cache.careful && cache.turns > FREE_TURNS {
                let width = haystack.end - haystack.start + 1;
                cache.visited.clear();
                cache.visited.resize((self.program.len() * width).div_ceil(64), 0);
                cache.careful = true;
                end = self.run(haystack, start, cache);
            }
            if let Some(end) = end {
                return Some((start, end));
            }
        }
        None
    }

    /// Marks a branch at a place; false when it has been there before, or the free turns are used up.
    fn enter(cache: &mut Cache, haystack: Haystack<'_>, pc: u16, at: usize) -> bool {
        if !cache.careful {
            cache.turns += 1;
            return cache.turns <= FREE_TURNS;
        }
        let width = haystack.end - haystack.start + 1;
        let bit = usize::from(pc) * width + (at - haystack.start);
        let Some(word) = cache.visited.get_mut(bit / 64) else { return false };
        let mask = 1 << (bit % 64);
        let fresh = *word & mask == 0;
        *word |= mask;
        fresh
    }

    fn run(&self, haystack: Haystack<'_>, start: usize, cache: &mut Cache) -> Option<usize> {
        cache.stack.clear();
        cache.stack.push((0, start));
        while let Some((pc, at)) = cache.stack.pop() {
            if let Some(end) = self.thread(haystack, pc, at, cache) {
                return Some(end);
            }
        }
        None
    }

    /// Follows one thread to its end; other choices go on the stack.
    fn thread(&self, haystack: Haystack<'_>, mut pc: u16, mut at: usize, cache: &mut Cache) -> Option<usize> {
        loop {
            let inst = self.program.get(pc)?;
            match inst {
                Inst::Match => return Some(at),
                Inst::Char(wanted) => at += haystack.char_at(at).filter(|&c| c == wanted)?.len_utf8(),
                Inst::Class(class) => {
                    at += haystack.char_at(at).filter(|&c| self.classes.contains(class, c))?.len_utf8();
                }
                Inst::List(list) => {
                    if !Self::enter(cache, haystack, pc, at) {
                        return None;
                    }
                    let next = pc + 1;
                    let inside = self.lists.ends(list, at).filter(|&end| end <= haystack.end);
                    cache.stack.extend(inside.map(|end| (next, end)));
                    return None;
                }
                Inst::Switch(cases) => {
                    pc = self.case(pc, cases, haystack.char_at(at)?)?;
                    continue;
                }
                Inst::Split(first, second) => {
                    if !Self::enter(cache, haystack, pc, at) {
                        return None;
                    }
                    // A branch whose first character is not here need not be entered.
                    if !self.may_enter(first, haystack, at) {
                        pc = second;
                        continue;
                    }
                    if !self.may_enter(second, haystack, at) {
                        pc = first;
                        continue;
                    }
                    cache.stack.push((second, at));
                    pc = first;
                    continue;
                }
                Inst::Jump(to) => {
                    pc = to;
                    continue;
                }
                look => {
                    if !holds(look, haystack, at) {
                        return None;
                    }
                }
            }
            pc += 1;
        }
    }
}

impl Machine<'_> {
    /// The address for a character among the cases after a switch.
    fn case(&self, switch: u16, cases: u16, c: char) -> Option<u16> {
        let wanted = u16::try_from(u32::from(c)).ok()?;
        let (mut from, mut to) = (switch + 1, switch + 1 + cases);
        while from < to {
            let middle = from + (to - from) / 2;
            let Some(Inst::Case(c, address)) = self.program.get(middle) else { return None };
            match c.cmp(&wanted) {
                std::cmp::Ordering::Equal => return Some(address),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// False when the branch begins with a character that does not stand here.
    fn may_enter(&self, pc: u16, haystack: Haystack<'_>, at: usize) -> bool {
        match self.program.get(pc) {
            Some(Inst::Char(c)) => haystack.char_at(at) == Some(c),
            Some(Inst::Class(class)) => haystack.char_at(at).is_some_and(|c| self.classes.contains(class, c)),
            _ => true,
        }
    }
}

fn holds(look: Inst, haystack: Haystack<'_>, at: usize) -> bool {
    let (before, after) = haystack.words_around(at);
    match look {
        Inst::Start => at == haystack.start,
        Inst::End => at == haystack.end,
        Inst::Boundary => before != after,
        Inst::NoBoundary => before == after,
        Inst::WordStart => !before && after,
        Inst::WordEnd => before && !after,
        _ => false,
    }
}
