//! The one literal scan: finds every text that some pattern or word list needs.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::user::User;
use crate::rules::table::{Cells, Numbers, RowIter};

/// Texts to be found, and who wants to know of each: a tree of their bytes, walked from each place where one
/// may begin.
///
/// The tree is a table: the way from a node by a byte leads to the cell `base of the node + code of the byte`,
/// when that cell says that it is reached by that code: no two nodes have the same base. A node below which
/// one text remains has no children; the rest of that text is compared. Nodes stand in the order of their
/// depth, so that the first letters of words, which nearly all ways begin with, are near each other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LiteralIndex<'p> {
    /// What remains of the texts that have a node to themselves, each after its length, a byte.
    #[serde(borrow, with = "serde_bytes")]
    tails: Cow<'p, [u8]>,
    /// For each byte its code, 0 for one that is in no text.
    #[serde(borrow, with = "serde_bytes")]
    codes: Cow<'p, [u8]>,
    /// For each byte whether some text begins with it.
    #[serde(borrow, with = "serde_bytes")]
    begins: Cow<'p, [u8]>,
    /// The nodes: the base of each, then one more than where the [users](Self::users) begin of the text that
    /// ends there, above the code by which it is reached; that is 0 for a cell that is free, and the root.
    #[serde(borrow)]
    nodes: Cells<'p, 2>,
    /// Who wants to know of each text, one after the other up to the one that is the [end](User::is_end).
    #[serde(borrow)]
    users: Numbers<'p>,
}

/// In place of a base: what remains of the text stands in the tails, where the other bits say.
const ALONE: u32 = 1 << 31;

/// In place of a base: there are no children.
const CHILDLESS: u32 = ALONE - 1;

/// Bits of the code in a cell's second number. The others are enough for users: the steps of all patterns
/// together are limited.
const CODE_BITS: u32 = u8::BITS;

impl LiteralIndex<'_> {
    /// An index of these texts, none of them empty, and of who wants to know of each.
    #[must_use]
    pub(super) fn new(mut wanted: Vec<(String, User)>) -> Self {
        // A text's users stay in the order in which they came.
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut texts, mut users) = (Vec::new(), Vec::new());
        for same in wanted.chunk_by(|a, b| a.0 == b.0) {
            texts.push((same[0].0.as_str(), number(users.len())));
            let ends = (1..=same.len()).map(|nth| nth == same.len());
            users.extend(same.iter().zip(ends).map(|((_, user), end)| user.number(end)));
        }
        let mut used: Vec<u8> = texts.iter().flat_map(|(text, _)| text.bytes()).collect();
        used.sort_unstable();
        used.dedup();
        let mut codes = vec![0; 256];
        for (code, &byte) in (1..=u8::MAX).zip(&used) {
            codes[usize::from(byte)] = code;
        }
        let mut begins = vec![0; 256];
        texts
            .iter()
            .filter_map(|(text, _)| text.bytes().next())
            .for_each(|byte| begins[usize::from(byte)] = 1);
        let mut tree = Tree {
            texts: &texts,
            codes: &codes,
            cells: vec![[CHILDLESS, 0]],
            tails: Vec::new(),
            free: 1,
            bases: Vec::new(),
        };
        let mut waiting = VecDeque::from([(0, 0..texts.len(), 0)]);
        while let Some((cell, texts, depth)) = waiting.pop_front() {
            tree.node(cell, texts, depth, &mut waiting);
        }
        Self {
            tails: Cow::Owned(tree.tails),
            nodes: tree.cells.into_iter().collect(),
            begins: Cow::Owned(begins),
            codes: Cow::Owned(codes),
            users: users.into_iter().collect(),
        }
    }

    /// For each byte whether some text begins with it.
    #[inline]
    pub(super) fn beginnings(&self) -> &[u8; 256] {
        self.begins.as_ref().try_into().unwrap_or(&[0; 256])
    }

    /// Calls `found` with those who want to know of a text that stands at `at`, up to the one that is the
    /// [end](User::is_end), and with the text's end, the shorter texts first. `bytes` ends where the sentence does.
    #[inline]
    pub(super) fn scan_at(&self, bytes: &[u8], at: usize, mut found: impl FnMut(RowIter<'_>, usize)) {
        let Ok(codes) = <&[u8; 256]>::try_from(self.codes.as_ref()) else { return };
        let nodes = self.nodes.all();
        let (mut cell, mut code, mut end) = (0, 0, at);
        while let Some(&node) = nodes.get(cell) {
            let [base, ending] = node.map(u32::from_le_bytes);
            // Another node's child, or nobody's.
            if ending as u8 != code {
                return;
            }
            if base & ALONE != 0 {
                let rest = self.tail(base & !ALONE);
                if bytes.get(end..).is_some_and(|bytes| bytes.starts_with(rest)) {
                    self.tell(ending, end + rest.len(), &mut found);
                }
                return;
            }
            if ending >> CODE_BITS != 0 {
                self.tell(ending, end, &mut found);
            }
            let Some(&byte) = bytes.get(end) else { return };
            code = codes[usize::from(byte)];
            if code == 0 {
                return;
            }
            (cell, end) = (base as usize + usize::from(code), end + 1);
        }
    }

    /// Calls `found` with the users of the text that ends at a node.
    #[inline(always)]
    fn tell(&self, ending: u32, end: usize, found: &mut impl FnMut(RowIter<'_>, usize)) {
        if let Some(first) = (ending >> CODE_BITS).checked_sub(1) {
            found(self.users.from(first), end);
        }
    }

    fn tail(&self, at: u32) -> &[u8] {
        let rest = self.tails.get(at as usize..).and_then(<[u8]>::split_first);
        rest.and_then(|(&length, rest)| rest.get(..usize::from(length))).unwrap_or_default()
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A node to be made: its cell, the texts below it, and the bytes they agree in.
type Waiting = (usize, Range<usize>, usize);

/// The tree while it is made.
struct Tree<'t> {
    /// The texts, sorted and each once, and where its users begin.
    texts: &'t [(&'t str, u32)],
    codes: &'t [u8],
    cells: Vec<[u32; 2]>,
    tails: Vec<u8>,
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
        let Some(&(first, users)) = self.texts.get(texts.start) else { return };
        let rest = first.as_bytes().get(depth..).unwrap_or_default();
        if let (1, false, Ok(length)) = (texts.len(), rest.is_empty(), u8::try_from(rest.len())) {
            self.cells[cell][0] = ALONE | number(self.tails.len());
            self.cells[cell][1] |= (users + 1) << CODE_BITS;
            self.tails.push(length);
            self.tails.extend(rest);
            return;
        }
        if rest.is_empty() {
            self.cells[cell][1] |= (users + 1) << CODE_BITS;
            texts.start += 1;
        }
        // Sorted texts are sorted by their next byte, and codes are in the order of bytes.
        let mut children: Vec<(u8, Range<usize>)> = Vec::new();
        for text in texts {
            let code = self.codes[usize::from(self.texts[text].0.as_bytes()[depth])];
            match children.last_mut() {
                Some((same, texts)) if *same == code => texts.end = text + 1,
                _ => children.push((code, text..text + 1)),
            }
        }
        let codes: Vec<usize> = children.iter().map(|&(code, _)| usize::from(code)).collect();
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
    use super::super::user::Wanted;
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        let long = "x".repeat(700);
        let texts =
            ["ok", "sign off", "sign", "caf\u{e9}", "to", "tomorrow", "row", "o", "signs", &long, "to"];
        let users =
            (0..).zip(texts).map(|(id, text)| (text.to_owned(), User::pattern(id, Wanted::default())));
        let index = LiteralIndex::new(users.collect());
        let text = format!("ok to sign off tomorrow at the caf\u{e9}, sig signature ok {long}x");
        let mut got = Vec::new();
        for at in 0..=text.len() {
            index.scan_at(text.as_bytes(), at, |users, end| {
                for user in users.map(User::from_number) {
                    got.push((at, end, texts[user.id() as usize]));
                    if user.is_end() {
                        break;
                    }
                }
            });
        }
        let mut wanted = Vec::new();
        for word in texts {
            let places = (0..text.len()).filter(|&at| text.as_bytes()[at..].starts_with(word.as_bytes()));
            wanted.extend(places.map(|at| (at, at + word.len(), word)));
        }
        wanted.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, wanted);
        assert!(index.beginnings()[usize::from(b's')] != 0 && index.beginnings()[usize::from(b'a')] == 0);
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        for index in [LiteralIndex::new(Vec::new()), LiteralIndex::default()] {
            index.scan_at(b"abc", 0, |users, _| panic!("found {users:?}"));
            assert!(index.beginnings().iter().all(|&begins| begins == 0));
        }
    }
}
