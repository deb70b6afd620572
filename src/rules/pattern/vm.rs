//! Running a program on a sentence.
//!
//! Backtracking that never enters the same branch twice at the same place, so the time is at most
//! proportional to branches times bytes, whatever the pattern and the text. Leftmost match, and among
//! those the one the pattern prefers, as in the `regex` crate.
//!
//! Remembering branches costs more than most searches, so a search begins without, and starts over with
//! it once it has taken more turns than ordinary sentences need.

use super::class::{ANYTHING, ClassTable};
use super::code::{Program, Step, op};
use super::run::{Bounds, LOOP};
use super::{is_word, is_word_byte};

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
    turns: usize,
    /// Branches it may take without remembering them.
    free: usize,
    /// Whether branches are remembered.
    careful: bool,
}

/// Fewest branches a search may take before it remembers them. It may take as many more as there would be
/// words to clear for remembering.
const FREE_TURNS: usize = 64;

/// Bytes that are swept in the time of a turn.
const SWEPT: usize = 8;

/// A text to search: one sentence within a larger buffer.
#[derive(Clone, Copy, Debug)]
pub struct Haystack<'t> {
    /// The buffer up to where the sentence ends.
    pub text: &'t str,
    /// The sentence's first byte in it.
    pub start: usize,
}

impl Haystack<'_> {
    /// The byte at `at`, within the sentence.
    #[inline(always)]
    fn byte_at(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The character at `at`; the places asked for always begin one.
    fn char_at(&self, at: usize) -> Option<char> {
        let byte = self.byte_at(at)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.text.get(at..)?.chars().next() }
    }

    /// Whether a word character stands at `at`.
    #[inline]
    #[must_use]
    pub fn is_word_at(&self, at: usize) -> bool {
        match self.byte_at(at) {
            Some(byte) if byte.is_ascii() => is_word_byte(byte),
            Some(_) => self.char_at(at).is_some_and(is_word),
            None => false,
        }
    }

    /// Whether a word character stands before `at`.
    #[inline]
    fn is_word_before(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).filter(|&before| before >= self.start) else { return false };
        match self.text.as_bytes().get(before) {
            Some(byte) if byte.is_ascii() => is_word_byte(*byte),
            Some(_) => self.text.get(..at).and_then(|text| text.chars().next_back()).is_some_and(is_word),
            None => false,
        }
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
        let width = haystack.text.len() - haystack.start + 1;
        let words = (self.program.len() * width).div_ceil(64);
        cache.turns = 0;
        cache.free = FREE_TURNS + words;
        cache.careful = false;
        for start in starts {
            let mut end = self.run(haystack, start, cache);
            if !cache.careful && cache.turns > cache.free {
                cache.visited.clear();
                cache.visited.resize(words, 0);
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
    #[inline(always)]
    fn enter(cache: &mut Cache, haystack: Haystack<'_>, pc: u16, at: usize) -> bool {
        if !cache.careful {
            cache.turns += 1;
            return cache.turns <= cache.free;
        }
        let width = haystack.text.len() - haystack.start + 1;
        let bit = usize::from(pc) * width + (at - haystack.start);
        let Some(word) = cache.visited.get_mut(bit / 64) else { return false };
        let mask = 1 << (bit % 64);
        let fresh = *word & mask == 0;
        *word |= mask;
        fresh
    }

    fn run(&self, haystack: Haystack<'_>, start: usize, cache: &mut Cache) -> Option<usize> {
        cache.stack.clear();
        let mut next = Some((0, start));
        while let Some((pc, at)) = next {
            if let Some(end) = self.thread(haystack, pc, at, cache) {
                return Some(end);
            }
            next = cache.stack.pop();
        }
        None
    }

    /// Follows one thread to its end; other choices go on the stack.
    #[inline(always)]
    fn thread(&self, haystack: Haystack<'_>, mut pc: u16, mut at: usize, cache: &mut Cache) -> Option<usize> {
        loop {
            let step = self.program.step(pc)?;
            pc = match step.op {
                op::MATCH => return Some(at),
                op::JUMP => step.first,
                op::SWITCH => self.case(pc, step.first, haystack, at)?,
                op::SPLIT => self.split(step, haystack, (pc, at), cache)?,
                op::SWEEP if !cache.careful => {
                    at = self.sweep(step.first, haystack, at, cache)?;
                    pc + LOOP as u16
                }
                // What is taken one by one is remembered one by one.
                op::SWEEP => {
                    let step = Step { op: op::SPLIT, first: pc + 1, second: pc + LOOP as u16 };
                    self.split(step, haystack, (pc, at), cache)?
                }
                op::BYTE | op::CHAR | op::CLASS => {
                    at += self.taken(step, haystack, at)?;
                    pc + 1
                }
                op::LIST | op::RUN => {
                    if Self::enter(cache, haystack, pc, at) {
                        self.branch(step, haystack, (pc, at), cache);
                    }
                    return None;
                }
                look if holds(look, haystack, at) => pc + 1,
                _ => return None,
            };
        }
    }

    /// Bytes of the character that the step takes at `at`; `None` when another stands there.
    #[inline(always)]
    fn taken(&self, step: Step, haystack: Haystack<'_>, at: usize) -> Option<usize> {
        match step.op {
            op::BYTE => (u16::from(haystack.byte_at(at)?) == step.first).then_some(1),
            op::CLASS => self.member(step.first, haystack, at),
            _ => haystack.char_at(at).filter(|&c| step.char() == Some(c)).map(char::len_utf8),
        }
    }

    /// Bytes of the character at `at`; `None` when it is not in the class.
    #[inline(always)]
    fn member(&self, class: u16, haystack: Haystack<'_>, at: usize) -> Option<usize> {
        let byte = haystack.byte_at(at)?;
        if byte.is_ascii() {
            return self.classes.has_ascii(class, byte).then_some(1);
        }
        haystack.char_at(at).filter(|&c| self.classes.contains(class, c)).map(char::len_utf8)
    }

    /// Where the characters of a class end that come at `at`; `None` when the free turns are used up.
    #[inline]
    fn sweep(&self, class: u16, haystack: Haystack<'_>, from: usize, cache: &mut Cache) -> Option<usize> {
        if cache.turns > cache.free {
            // Of the ways left on the stack, none goes over the text again.
            return None;
        }
        let mut at = from;
        while let Some(length) = self.member(class, haystack, at) {
            at += length;
        }
        cache.turns += 1 + (at - from) / SWEPT;
        (cache.turns <= cache.free).then_some(at)
    }

    /// Where to go on at a split, the second way left on the stack. A way whose first character is not here
    /// need not be entered.
    #[inline(always)]
    fn split(
        &self,
        step: Step,
        haystack: Haystack<'_>,
        (pc, at): (u16, usize),
        cache: &mut Cache,
    ) -> Option<u16> {
        if !Self::enter(cache, haystack, pc, at) {
            return None;
        }
        if !self.may_enter(step.first, haystack, at) {
            return Some(step.second);
        }
        if self.may_enter(step.second, haystack, at) {
            cache.stack.push((step.second, at));
        }
        Some(step.first)
    }

    /// Puts the ways on from a word list or a run on the stack.
    fn branch(&self, step: Step, haystack: Haystack<'_>, (pc, at): (u16, usize), cache: &mut Cache) {
        if step.op == op::RUN {
            return self.run_on(haystack, (pc, step.first, step.second), at, cache);
        }
        let inside = self.lists.ends(step.first, at).filter(|&end| end <= haystack.text.len());
        cache.stack.extend(inside.map(|end| (pc + 1, end)));
    }
}

impl Machine<'_> {
    /// Puts on the stack every place from which to go on after the run that begins at `from`.
    fn run_on(&self, haystack: Haystack<'_>, run: (u16, u16, u16), from: usize, cache: &mut Cache) {
        let (pc, class, follow) = run;
        let Some(step) = self.program.step(pc + 1).filter(|step| step.op == op::BOUNDS) else { return };
        let bounds = Bounds::read(step.first, step.second);
        let (mut at, mut taken) = (from, 0);
        let below = cache.stack.len();
        loop {
            if taken >= bounds.min && self.may_follow(haystack, bounds.edge, follow, at) {
                cache.stack.push((pc + 2, at));
            }
            if taken == bounds.max {
                break;
            }
            let Some(length) = self.member(class, haystack, at) else { break };
            (at, taken) = (at + length, taken + 1);
        }
        // The top of the stack is tried first.
        if !bounds.greedy {
            cache.stack[below..].reverse();
        }
    }

    /// Whether what follows a run may begin at `at`.
    #[inline]
    fn may_follow(&self, haystack: Haystack<'_>, edge: bool, follow: u16, at: usize) -> bool {
        if follow == ANYTHING {
            return true;
        }
        self.member(follow, haystack, at).is_some() && !(edge && haystack.is_word_before(at))
    }

    /// The address for the character at `at` among the cases after a switch.
    #[inline]
    fn case(&self, switch: u16, cases: u16, haystack: Haystack<'_>, at: usize) -> Option<u16> {
        let wanted = u16::try_from(u32::from(haystack.char_at(at)?)).ok()?;
        self.program.case(switch + 1, cases, wanted)
    }

    /// False when the branch begins with a character that does not stand here.
    #[inline(always)]
    fn may_enter(&self, pc: u16, haystack: Haystack<'_>, at: usize) -> bool {
        match self.program.step(pc) {
            Some(step) if matches!(step.op, op::BYTE | op::CHAR | op::CLASS) => {
                self.taken(step, haystack, at).is_some()
            }
            _ => true,
        }
    }
}

/// Whether a condition on the place holds at `at`.
#[inline]
fn holds(look: u8, haystack: Haystack<'_>, at: usize) -> bool {
    let before = || haystack.is_word_before(at);
    let after = || haystack.is_word_at(at);
    match look {
        op::START => at == haystack.start,
        op::END => at == haystack.text.len(),
        op::BOUNDARY => before() != after(),
        op::NO_BOUNDARY => before() == after(),
        op::WORD_START => !before() && after(),
        op::WORD_END => before() && !after(),
        _ => false,
    }
}
