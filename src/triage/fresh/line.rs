//! Lines: the grain in which zones are decided.
//!
//! Takes text; gives its lines, each with the blank lines after it, with neighbouring `>` lines made
//! one. So ten megabytes of `>` or of nothing cost one entry, and no pass sees a blank line.

use std::cell::{Cell, OnceCell};

use memchr::{memchr, memrchr};

use super::fold;
use super::header_block::cut;
use super::low::Low;
use super::parted;
use super::traits::Traits;

/// Bytes of a line that are folded: no word that decides anything stands further on.
const MOST_FOLDED: usize = 1500;

/// Lines that are folded at one go.
const BLOCK: usize = 16;

/// A body, with its lines. Each is folded once, for every cut looks at most of those near the sender's
/// words; and only when it is looked at, for nothing looks at most of a long thread.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'t> {
    /// The text, which is the end of the page's.
    pub text: &'t str,
    page: &'t str,
    base: usize,
    /// The page's text lowered.
    low: &'t Low,
    lines: &'t [Line],
    blocks: &'t OnceCell<Vec<OnceCell<Block>>>,
    /// What was read of lines, by their number.
    memos: &'t [Memo],
}

/// What was read of a line.
#[derive(Clone, Default)]
struct Memo {
    /// What it has of a contact block.
    traits: Cell<Option<Traits>>,
    /// Whether it is folded once it is lowered.
    folded: Cell<Option<bool>>,
}

impl<'t> Sheet<'t> {
    /// The line's traits as part of a contact block: remembered, or else read and remembered.
    pub(super) fn traits(self, line: &Line, read: impl FnOnce() -> Traits) -> Traits {
        let Some(memo) = self.memos.get(line.number as usize) else { return read() };
        memo.traits.get().unwrap_or_else(|| {
            let traits = read();
            memo.traits.set(Some(traits));
            traits
        })
    }

    /// The line lowered, if that is all that folding it does.
    #[inline(always)]
    fn lowered(self, line: &Line) -> Option<&'t str> {
        let memo = self.memos.get(line.number as usize)?;
        match memo.folded.get() {
            Some(true) => self.low.get(self.page, self.base + line.begin, self.base + line.end),
            Some(false) => None,
            None => self.look(line, memo),
        }
    }

    /// The same, of a line not looked at before.
    #[inline(never)]
    fn look(self, line: &Line, memo: &Memo) -> Option<&'t str> {
        let (start, end) = (self.base + line.begin, self.base + line.end);
        let low = self.low.folded(self.page, start, end).filter(|_| {
            let before = self.text.get(line.start..line.begin).unwrap_or_default();
            line.end - line.start <= MOST_FOLDED && before.is_ascii()
        });
        memo.folded.set(Some(low.is_some()));
        low
    }

    #[inline(never)]
    fn folded(self, number: usize) -> &'t str {
        let blocks = self.blocks.get_or_init(|| vec![OnceCell::new(); self.lines.len().div_ceil(BLOCK)]);
        let Some(block) = blocks.get(number / BLOCK) else { return "" };
        let first = number / BLOCK * BLOCK;
        let lines = || self.lines.get(first..self.lines.len().min(first + BLOCK)).unwrap_or_default();
        block.get_or_init(|| Block::fold(self, lines())).line(number % BLOCK)
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
    fn fold(sheet: Sheet<'_>, lines: &[Line]) -> Self {
        let mut block = Self { folds: String::new(), ends: [0; BLOCK] };
        let odd = lines.iter().filter(|line| sheet.lowered(line).is_none());
        block.folds.reserve(odd.map(|line| (line.end - line.start).min(MOST_FOLDED)).sum());
        for (line, end) in lines.iter().zip(&mut block.ends) {
            if sheet.lowered(line).is_none() {
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

/// The lines of a text, to be looked at as a [`Sheet`].
pub(super) struct Lines {
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// Those of folded lines; most mail has none.
    blocks: OnceCell<Vec<OnceCell<Block>>>,
    memos: Vec<Memo>,
}

impl Lines {
    /// Splits `text`.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = split(text);
        parted::part(text, &mut lines);
        for (number, line) in lines.iter_mut().enumerate() {
            line.number = narrow(number);
        }
        let memos = vec![Memo::default(); lines.len()];
        Self { lines, blocks: OnceCell::new(), memos }
    }

    /// The sheet of the text these are the lines of, which begins at `base` of `page`; `low` is the page's.
    pub(super) fn sheet<'t>(&'t self, page: &'t str, base: usize, low: &'t Low) -> Sheet<'t> {
        let text = page.get(base..).unwrap_or_default();
        Sheet { text, page, base, low, lines: &self.lines, blocks: &self.blocks, memos: &self.memos }
    }
}

/// A line with text on it, or a run of quoted lines, and whatever blank lines follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, indentation included.
    pub start: usize,
    /// Where its text begins.
    begin: usize,
    /// Where the text of its first physical line ends, trailing white space left out.
    pub end: usize,
    /// Where the next one begins.
    pub stop: usize,
    /// What it looks like.
    pub shape: Shape,
    /// Whether a blank line follows.
    pub gap: bool,
    /// Which of the text's lines it is.
    number: u32,
}

/// What a line looks like before anything is known of its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text.
    Text,
    /// One or more lines that begin with `>`.
    Quote,
    /// Nothing but characters that rules are drawn with, at least two; holds the first of them.
    Rule(u8),
}

impl Line {
    /// Two lines of one of `text`, of which the first has its first `bytes` bytes.
    pub(super) fn parted(self, text: &str, bytes: usize) -> [Self; 2] {
        let place = self.start + bytes;
        let indented = indentation(text.get(place..self.end).unwrap_or_default());
        let above = Self { end: place, stop: place, gap: false, ..self };
        [above, Self { start: place, begin: place + indented, ..self }]
    }

    /// The text of the first physical line.
    pub(super) fn text<'t>(&self, sheet: Sheet<'t>) -> &'t str {
        sheet.text.get(self.begin..self.end).unwrap_or_default()
    }

    /// The first byte of the line, where it isn't indented.
    pub(super) fn first_byte(&self, sheet: Sheet<'_>) -> u8 {
        sheet.text.as_bytes().get(self.start).copied().unwrap_or_default()
    }

    /// The text of the first physical line folded; of a very long one the beginning.
    pub(super) fn folded<'t>(&self, sheet: Sheet<'t>) -> &'t str {
        sheet.lowered(self).unwrap_or_else(|| sheet.folded(self.number as usize))
    }

    /// The text of the last physical line of a quoted run.
    pub(super) fn last<'t>(&self, sheet: Sheet<'t>) -> &'t str {
        let body = sheet.text.get(self.start..self.stop).unwrap_or_default().trim_end();
        let start = memrchr(b'\n', body.as_bytes()).map_or(0, |at| at + 1);
        body.get(start..).unwrap_or_default()
    }
}

/// A number kept small, since a text may have millions of lines; beyond four gigabytes nothing is found.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Splits `text` into lines. The first one's `start` is 0 even when blank lines precede it, so that
/// together they cover the text; text of blank lines alone has no line.
fn split(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Line> = Vec::with_capacity(bytes.len() / 48 + 4);
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        // Half of all lines are blank.
        let length = if rest.starts_with(b"\n") { 0 } else { memchr(b'\n', rest).unwrap_or(rest.len()) };
        let content = rest.get(..length).unwrap_or_default();
        let stop = bytes.len().min(at + length + 1);
        match (shape(text, at, content), lines.last_mut()) {
            (None, None) => {}
            (None, Some(last)) => {
                last.stop = stop;
                last.gap = true;
            }
            (Some(Shape::Quote), Some(last)) if last.shape == Shape::Quote && !last.gap => last.stop = stop,
            (Some(shape), last) => {
                let open = shape == Shape::Quote && last.is_some_and(|last| leaves_link_open(text, last));
                let shape = if open { Shape::Text } else { shape };
                let start = if lines.is_empty() { 0 } else { at };
                let end = at + trimmed(text, at, content);
                let begin = start + indentation(text.get(start..end).unwrap_or_default());
                lines.push(Line { start, begin, end, stop, shape, gap: false, number: 0 });
            }
        }
        at = stop;
    }
    lines
}

/// How much white space a line begins with.
#[inline]
pub(super) fn indentation(line: &str) -> usize {
    // Most lines are not indented.
    let flush = line.as_bytes().first().is_some_and(u8::is_ascii_graphic);
    if flush { 0 } else { line.len() - line.trim_start().len() }
}

/// Whether a line ends in a web address whose closing bracket was wrapped onto the next line.
fn leaves_link_open(text: &str, line: &Line) -> bool {
    if line.shape != Shape::Text || line.gap {
        return false;
    }
    let raw = text.as_bytes().get(line.start..line.end).unwrap_or_default();
    let open = memrchr(b'<', raw).and_then(|at| raw.get(at..));
    open.is_some_and(|link| link.starts_with(b"<http") && memchr(b'>', link).is_none())
}

/// What `content`, the bytes of one line at `at`, looks like; `None` when it is blank.
#[inline]
fn shape(text: &str, at: usize, content: &[u8]) -> Option<Shape> {
    // As most lines do, those without text among them.
    let first = content.first()?;
    if first.is_ascii_alphanumeric() { Some(Shape::Text) } else { marked_shape(text, at, content) }
}

/// The same, of a line that begins with something else than a letter or a digit.
fn marked_shape(text: &str, at: usize, content: &[u8]) -> Option<Shape> {
    let lead = content.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'))?;
    let first = content[lead];
    // ">>> our shop <<<" is drawn, not quoted.
    if first == b'>' && !content.ends_with(b"<<") {
        return Some(Shape::Quote);
    }
    if first >= 0x80 && content.len() < 200 {
        let line = text.get(at..at + content.len()).unwrap_or_default();
        return odd_shape(line);
    }
    if !is_rule_byte(first) {
        return Some(Shape::Text);
    }
    let mut marks = 0;
    for byte in &content[lead..] {
        match byte {
            b' ' | b'\t' | b'\r' => {}
            b if is_rule_byte(*b) => marks += 1,
            _ => return Some(Shape::Text),
        }
    }
    Some(if marks >= 2 { Shape::Rule(first) } else { Shape::Text })
}

/// The shape of a line that begins outside ASCII: blank when all of it is white space or takes no room.
fn odd_shape(line: &str) -> Option<Shape> {
    let mut seen = line.chars().filter(|c| !c.is_whitespace() && !fold::is_invisible(*c));
    let first = seen.next()?;
    if first == '>' {
        return Some(Shape::Quote);
    }
    let drawn = |c: char| "–—―─━═⸻•·¯＿＝－＊〓".contains(c);
    // One long dash is the signature delimiter of some clients, so one is enough here.
    if drawn(first) && seen.all(drawn) { Some(Shape::Rule(b'-')) } else { Some(Shape::Text) }
}

fn is_rule_byte(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'=' | b'*' | b'#' | b'~' | b'+')
}

/// Length of `content` without the white space at its end.
fn trimmed(text: &str, at: usize, content: &[u8]) -> usize {
    match content.last() {
        Some(b) if !b.is_ascii_graphic() => {
            text.get(at..at + content.len()).unwrap_or_default().trim_end().len()
        }
        _ => content.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cover_the_text_and_carry_their_blanks() {
        let text = "\n\u{a0}\nHi\n\n> a\n> b\n\n>c\n--\n\u{2014}\n* x\nend";
        let lines = Lines::of(text);
        let low = Low::of(text);
        let sheet = lines.sheet(text, 0, &low);
        let lines = &lines.lines;
        assert!(lines.windows(2).all(|pair| pair[0].stop == pair[1].start));
        assert_eq!(lines.first().map(|l| l.start), Some(0));
        assert_eq!(lines.last().map(|l| l.stop), Some(text.len()));
        let shapes: Vec<_> = lines.iter().map(|l| (l.text(sheet), l.shape, l.gap)).collect();
        assert_eq!(
            shapes,
            [
                ("Hi", Shape::Text, true),
                ("> a", Shape::Quote, true),
                (">c", Shape::Quote, false),
                ("--", Shape::Rule(b'-'), false),
                ("\u{2014}", Shape::Rule(b'-'), false),
                ("* x", Shape::Text, false),
                ("end", Shape::Text, false),
            ]
        );
        assert_eq!(lines[1].last(sheet), "> b");
    }

    #[test]
    fn blank_text_has_no_line() {
        for text in ["", "\n\n", " \t\r\n", "\u{feff}\n\u{200b}"] {
            assert!(split(text).is_empty(), "{text:?}");
        }
    }
}
