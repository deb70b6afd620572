//! The one literal scan: finds every text that some pattern or word list needs.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::rules::table::Cells;

/// Texts to be found: a tree of their bytes, walked from each place where one may begin.
///
/// The tree is a table: the way from a node by a byte leads to the cell `base of the node + code of the byte`,
/// when that cell says that it is reached by that code: no two nodes have the same base. A node below which
/// one text remains has no children; the rest of that text is compared. Nodes stand in the order of their
/// depth, so that the first letters of words, which nearly all ways begin with, are near each other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LiteralIndex<'p> {
    /// All texts, one after the other.
    #[serde(borrow, with = "serde_bytes")]
    arena: Cow<'p, [u8]>,
    /// Where each text begins in the arena, and where the last one ends.
    #[serde(borrow)]
    starts: Cells<'p, 1>,
    /// For each byte its code, 0 for one that is in no text.
    #[serde(borrow, with = "serde_bytes")]
    codes: Cow<'p, [u8]>,
    /// For each byte whether some text begins with it.
    #[serde(borrow, with = "serde_bytes")]
    begins: Cow<'p, [u8]>,
    /// The nodes: the base of each, then one more than the text that ends there, above the code by which it
    /// is reached; that is 0 for a cell that is free, and the root.
    #[serde(borrow)]
    nodes: Cells<'p, 2>,
}

/// In place of a base: the one text that remains is the one whose number is in the other bits.
const ALONE: u32 = 1 << 31;

/// In place of a base: there are no children.
const CHILDLESS: u32 = ALONE - 1;

/// Bits of the code in a cell's second number. The others are enough for texts: the steps of all patterns
/// together are limited.
const CODE_BITS: u32 = u8::BITS;

impl LiteralIndex<'_> {
    /// An index of these texts, sorted and each once; their numbers are their positions.
    #[must_use]
    pub(super) fn new(texts: &[&str]) -> Self {
        let (mut arena, mut starts) = (Vec::new(), vec![0]);
        for text in texts {
            arena.extend_from_slice(text.as_bytes());
            starts.push(number(arena.len()));
        }
        let mut used: Vec<u8> = arena.clone();
        used.sort_unstable();
        used.dedup();
        let mut codes = vec![0; 256];
        for (code, &byte) in (1..=u8::MAX).zip(&used) {
            codes[usize::from(byte)] = code;
        }
        let mut tree = Tree { texts, codes: &codes, cells: vec![[0, 0]], free: 1, bases: Vec::new() };
        let mut waiting = VecDeque::from([(0, 0..texts.len(), 0)]);
        while let Some((cell, texts, depth)) = waiting.pop_front() {
            tree.node(cell, texts, depth, &mut waiting);
        }
        let nodes: Cells<'_, 2> = tree.cells.into_iter().collect();
        let root = texts.iter().filter_map(|text| text.bytes().next());
        let mut begins = vec![0; 256];
        root.for_each(|byte| begins[usize::from(byte)] = 1);
        Self {
            nodes,
            begins: Cow::Owned(begins),
            arena: Cow::Owned(arena),
            starts: starts.into_iter().map(|start| [start]).collect(),
            codes: Cow::Owned(codes),
        }
    }

    /// For each byte whether some text begins with it.
    #[inline]
    pub(super) fn beginnings(&self) -> &[u8; 256] {
        self.begins.as_ref().try_into().unwrap_or(&[0; 256])
    }

    /// Calls `found` with the number and end of every text that stands at `at`, the shorter ones first.
    /// `bytes` ends where the sentence does.
    #[inline]
    pub(super) fn scan_at(&self, bytes: &[u8], at: usize, mut found: impl FnMut(u32, usize)) {
        let (mut node, mut end) = (self.nodes.get(0), at);
        while let Some([base, ending]) = node {
            if let Some(text) = (ending >> CODE_BITS).checked_sub(1) {
                found(text, end);
            }
            if base & ALONE != 0 {
                let text = base & !ALONE;
                let whole = self.text(text);
                if bytes.get(at..).is_some_and(|rest| rest.starts_with(whole)) {
                    found(text, at + whole.len());
                }
                return;
            }
            let Some(&byte) = bytes.get(end) else { return };
            (node, end) = (self.step(base, byte), end + 1);
        }
    }

    /// The node that a byte leads to from the one with this base.
    #[inline]
    fn step(&self, base: u32, byte: u8) -> Option<[u32; 2]> {
        let code = self.codes.get(usize::from(byte)).copied().filter(|&code| code != 0)?;
        let next = self.nodes.get(base as usize + usize::from(code))?;
        (next[1] as u8 == code).then_some(next)
    }

    fn text(&self, number: u32) -> &[u8] {
        let span = self.starts.get(number as usize).zip(self.starts.get(number as usize + 1));
        let ([start], [end]) = span.unwrap_or_default();
        self.arena.get(start as usize..end as usize).unwrap_or_default()
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A node to be made: its cell, the texts below it, and the bytes they agree in.
type Waiting = (usize, Range<usize>, usize);

/// The tree while it is made.
struct Tree<'t> {
    texts: &'t [&'t str],
    codes: &'t [u8],
    cells: Vec<[u32; 2]>,
    /// No cell before this one is free.
    free: usize,
    /// By base, whether a node has it.
    bases: Vec<bool>,
}

/// Cells tried in vain after which the free ones among them are given up: time is worth more.
const PATIENCE: usize = 4096;

impl Tree<'_> {
    /// Makes the node in this cell, below which these texts lie that agree in their first `depth` bytes.
    /// Its children are left to be made.
    fn node(&mut self, cell: usize, mut texts: Range<usize>, depth: usize, below: &mut VecDeque<Waiting>) {
        if texts.len() == 1 && self.texts[texts.start].len() > depth {
            self.cells[cell][0] = ALONE | number(texts.start);
            return;
        }
        if self.texts.get(texts.start).is_some_and(|text| text.len() == depth) {
            self.cells[cell][1] |= number(texts.start + 1) << CODE_BITS;
            texts.start += 1;
        }
        let mut children: BTreeMap<u8, Range<usize>> = BTreeMap::new();
        for text in texts {
            let code = self.codes[usize::from(self.texts[text].as_bytes()[depth])];
            children.entry(code).or_insert(text..text).end = text + 1;
        }
        let codes: Vec<usize> = children.keys().map(|&code| usize::from(code)).collect();
        let Some(base) = self.place(&codes) else {
            self.cells[cell][0] = CHILDLESS;
            return;
        };
        self.cells[cell][0] = number(base);
        for (code, texts) in children {
            let child = base + usize::from(code);
            self.cells[child][1] = u32::from(code);
            below.push_back((child, texts, depth + 1));
        }
    }

    /// The first base that no other node has and at which the cells of all these codes are free; they are there
    /// afterwards. None without any code.
    fn place(&mut self, codes: &[usize]) -> Option<usize> {
        let (&least, &most) = codes.first().zip(codes.last())?;
        let is_free = |cells: &[[u32; 2]], at: usize| at > 0 && cells.get(at).is_none_or(|cell| cell[1] == 0);
        while !is_free(&self.cells, self.free) {
            self.free += 1;
        }
        let from = self.free.saturating_sub(least);
        let mut base = from;
        let is_taken = |base: usize| self.bases.get(base).is_some_and(|&taken| taken);
        while is_taken(base) || !codes.iter().all(|code| is_free(&self.cells, base + code)) {
            base += 1;
        }
        if base - from > PATIENCE {
            self.free = base;
        }
        if self.cells.len() <= base + most {
            self.cells.resize(base + most + 1, [0, 0]);
            self.bases.resize(base + most + 1, false);
        }
        self.bases[base] = true;
        Some(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        let mut texts = ["ok", "sign off", "sign", "caf\u{e9}", "to", "tomorrow", "row", "o", "signs"];
        texts.sort_unstable();
        let index = LiteralIndex::new(&texts);
        let text = "ok to sign off tomorrow at the caf\u{e9}, sig signature ok";
        let mut got = Vec::new();
        for at in 0..=text.len() {
            index.scan_at(text.as_bytes(), at, |number, end| got.push((at, end, texts[number as usize])));
        }
        let mut wanted = Vec::new();
        for word in texts {
            wanted.extend(text.match_indices(word).map(|(at, _)| (at, at + word.len(), word)));
        }
        wanted.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, wanted);
        assert!(index.beginnings()[usize::from(b's')] != 0 && index.beginnings()[usize::from(b'a')] == 0);
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        for index in [LiteralIndex::new(&[]), LiteralIndex::default()] {
            index.scan_at(b"abc", 0, |number, _| panic!("found {number}"));
            assert!(index.beginnings().iter().all(|&begins| begins == 0));
        }
    }
}
