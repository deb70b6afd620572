//! Sheets: a body's lines with what was read of them.
//!
//! Each line is folded once, for every cut looks at most of those near the sender's words; and only when it is
//! looked at, for nothing looks at most of a long thread.

use std::cell::{Cell, OnceCell};

use super::fold;
use super::header_block::cut;
use super::lexicon::{self, Kinds};
use super::line::{Line, Shape, narrow};
use super::low::Source;
use super::signs::Signs;
use super::traits::Traits;
use super::word::Word;

/// Bytes of a line that are folded: no word that decides anything stands further on.
const MOST_FOLDED: usize = 1500;

/// Lines that are folded at one go.
const BLOCK: usize = 16;

/// A body, with its lines.
pub(super) struct Sheet<'t> {
    /// The text.
    pub text: &'t str,
    source: Source<'t>,
    lines: &'t [Line<'t>],
    folds: &'t Folds,
    /// What was read of lines, by their number.
    memos: Vec<Memo<'t>>,
}

/// What was read of a line.
#[derive(Clone, Default)]
struct Memo<'t> {
    look: Cell<Option<Look<'t>>>,
    /// What the phrases are that its words may begin.
    begun: Cell<Option<Kinds>>,
    /// What it has of a contact block.
    traits: Cell<Option<Traits>>,
}

/// What is seen of a line when it is first looked at.
#[derive(Clone, Copy)]
pub(super) struct Look<'t> {
    /// Its text folded; of a very long one the beginning.
    pub folded: &'t str,
    /// Which bytes that decide something its text has.
    pub signs: Signs,
    /// The slot of what it begins with.
    opening: u16,
}

impl<'t> Look<'t> {
    /// What is seen of a line once it is folded.
    fn of(line: &Line<'_>, folded: &'t str) -> Self {
        // A very long line may have anything in it.
        let signs = if line.text.len() <= MOST_FOLDED { Signs::of(line.text.as_bytes()) } else { Signs::ALL };
        Self { folded, signs, opening: fold::opening(folded.as_bytes()) as u16 }
    }

    /// What it begins with when folded, be it a word or not.
    #[inline]
    pub(super) fn first_word(self) -> Word<'t> {
        Word { at: 0, rest: self.folded.as_bytes(), opening: usize::from(self.opening) }
    }
}

impl<'t> Sheet<'t> {
    /// That of the `lines` of a text. `folds` is room for folded ones.
    pub(super) fn new(source: Source<'t>, lines: &'t [Line<'t>], folds: &'t Folds) -> Self {
        Self { text: source.text, source, lines, folds, memos: vec![Memo::default(); lines.len()] }
    }

    /// The line's traits as part of a contact block: remembered, or else read and remembered.
    pub(super) fn traits(&self, line: &Line<'_>, read: impl FnOnce() -> Traits) -> Traits {
        let Some(memo) = self.memos.get(line.number as usize) else { return read() };
        memo.traits.get().unwrap_or_else(|| {
            let traits = read();
            memo.traits.set(Some(traits));
            traits
        })
    }

    /// What the phrases are that the words of the folded line may begin: remembered, too.
    pub(super) fn begun(&self, line: &Line<'_>) -> Kinds {
        let read = || lexicon::begun(line.folded(self));
        let Some(memo) = self.memos.get(line.number as usize) else { return read() };
        memo.begun.get().unwrap_or_else(|| {
            let kinds = read();
            memo.begun.set(Some(kinds));
            kinds
        })
    }

    /// What is seen of a line.
    #[inline]
    pub(super) fn look(&self, line: &Line<'_>) -> Look<'t> {
        match self.memos.get(line.number as usize) {
            Some(memo) => memo.look.get().unwrap_or_else(|| self.look_first(line, memo)),
            None => Look::of(line, ""),
        }
    }

    /// The same, of a line not looked at before.
    #[inline(never)]
    fn look_first(&self, line: &Line<'_>, memo: &Memo<'t>) -> Look<'t> {
        let folded = self.lowered(line).unwrap_or_else(|| self.folds.line(self, line.number as usize));
        let look = Look::of(line, folded);
        memo.look.set(Some(look));
        look
    }

    /// Lines folded and joined by spaces; `None` if lowering the text between them doesn't do that.
    pub(super) fn folded_together(&self, lines: &[Line<'_>]) -> Option<&'t str> {
        let (first, last) = (lines.first()?, lines.last()?);
        let next_to = |pair: &[Line<'_>]| matches!(pair, [line, next] if line.end + 1 == next.begin());
        let whole = lines.windows(2).all(next_to) && lines.iter().all(|line| line.shape == Shape::Text);
        if whole { self.source.folded(first.begin(), last.end) } else { None }
    }

    /// The line lowered, if that is all that folding it does.
    fn lowered(&self, line: &Line<'_>) -> Option<&'t str> {
        if line.end - line.start > MOST_FOLDED {
            return None;
        }
        let begin = line.begin();
        let plain = || self.text.get(line.start..begin).is_some_and(str::is_ascii);
        if begin == line.start || plain() { self.source.folded(begin, line.end) } else { None }
    }

    /// Whether a line not looked at before has to be folded. If not, it is looked at now.
    fn is_odd(&self, line: &Line<'_>) -> bool {
        let Some(memo) = self.memos.get(line.number as usize) else { return false };
        if memo.look.get().is_none() {
            let Some(low) = self.lowered(line) else { return true };
            memo.look.set(Some(Look::of(line, low)));
        }
        false
    }
}

/// The folded lines of a text that are more than lowered, in blocks; most mail has none.
#[derive(Default)]
pub(super) struct Folds(OnceCell<Vec<OnceCell<Block>>>);

impl Folds {
    #[inline(never)]
    fn line(&self, sheet: &Sheet<'_>, number: usize) -> &str {
        let blocks = self.0.get_or_init(|| vec![OnceCell::new(); sheet.lines.len().div_ceil(BLOCK)]);
        let Some(block) = blocks.get(number / BLOCK) else { return "" };
        let first = number / BLOCK * BLOCK;
        let lines = || sheet.lines.get(first..sheet.lines.len().min(first + BLOCK)).unwrap_or_default();
        block.get_or_init(|| Block::fold(sheet, lines())).line(number % BLOCK)
    }
}

/// Some lines folded, one after the other, and where each ends. Those that are folded once they are lowered
/// are left out.
#[derive(Clone)]
struct Block {
    folds: String,
    ends: [u32; BLOCK],
}

impl Block {
    fn fold(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Self {
        let mut block = Self { folds: String::new(), ends: [0; BLOCK] };
        let odd = lines.iter().filter(|line| sheet.is_odd(line));
        block.folds.reserve(odd.map(|line| (line.end - line.start).min(MOST_FOLDED)).sum());
        for (line, end) in lines.iter().zip(&mut block.ends) {
            if sheet.is_odd(line) {
                let raw = sheet.text.get(line.start..line.end).unwrap_or_default();
                fold::fold_into(cut(raw, MOST_FOLDED), &mut block.folds);
            }
            *end = narrow(block.folds.len());
        }
        block
    }

    fn line(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let begin = at.checked_sub(1).map_or(0, end);
        self.folds.get(begin..end(at)).unwrap_or_default()
    }
}

/// What `look` gives of the sheet of a text that is a whole page.
#[cfg(test)]
pub(super) fn of_text<T>(text: &str, look: impl FnOnce(&Sheet<'_>, &[Line<'_>]) -> T) -> T {
    let (low, folds) = (super::low::Low::of(text), Folds::default());
    let source = Source::new(text, 0, &low);
    let lines = super::line::lines(source);
    look(&Sheet::new(source, &lines, &folds), &lines)
}
