//! Header blocks: the "From: … Sent: … Subject: …" that Outlook and others put above a mail they
//! carry along, and the lines between dashes that stand above it.
//!
//! Takes lines; says which of them are such a block or such a line. Whether the mail below was
//! answered or passed on is for `quote` to decide.

use super::attribution::{has_time, is_dated};
use super::fold::fold_into;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};

/// Lines a block may have, and lines one field may be wrapped over.
const MOST_LINES: usize = 40;
const MOST_WRAPPED: usize = 6;

/// A block found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// How many lines it has.
    pub len: usize,
}

/// What was gathered of a block while reading it.
#[derive(Default)]
struct Gathered {
    kinds: Kinds,
    address: bool,
    dated: bool,
}

impl Gathered {
    /// Fields that a mail of any client has.
    fn core(&self) -> u32 {
        let core = Kinds::NONE.with(Kind::From).with(Kind::Sent).with(Kind::To).with(Kind::Subject);
        self.kinds.and(core).len()
    }

    /// Whether this is a mail's header and not a list of things somebody wrote.
    fn is_header(&self, announced: bool) -> bool {
        let evidence = self.address || self.dated || announced;
        let subject = self.kinds.has(Kind::Subject);
        let names_people = self.kinds.has(Kind::From) || (announced && self.kinds.has(Kind::To));
        match self.core() {
            4 => true,
            3 => names_people && (evidence || subject),
            2 => names_people && (announced || (self.address && (self.dated || subject))),
            _ => announced && self.kinds.has(Kind::From),
        }
    }
}

/// The header block that begins at the first of `lines`; `announced` when a ruled line or a line such
/// as "-----Original Message-----" stands above it.
pub(super) fn find(text: &str, lines: &[Line], announced: bool, folded: &mut String) -> Option<Block> {
    read(text, lines, announced, folded).ok()
}

/// The same, or how many lines were read in vain: no block begins in the first half of them.
pub(super) fn read(text: &str, lines: &[Line], announced: bool, folded: &mut String) -> Result<Block, usize> {
    let mut gathered = Gathered::default();
    let mut last = 0;
    let mut seen = 0;
    for (at, line) in lines.iter().enumerate().take(MOST_LINES) {
        seen = at + 1;
        if read_field(text, line, folded, &mut gathered) {
            last = at;
        } else if at == 0 {
            return Err(1);
        } else {
            let gap_before = lines.get(at - 1).is_some_and(|before| before.gap);
            if gap_before || at - last > MOST_WRAPPED || line.shape != Shape::Text {
                break;
            }
            gathered.address |= at - last <= 2 && line.text(text).contains('@');
        }
    }
    // A subject may be wrapped below the last field; a line that begins with white space belongs to it.
    while lines.get(last).is_some_and(|l| !l.gap)
        && lines
            .get(last + 1)
            .is_some_and(|l| text[l.start..].starts_with([' ', '\t']) && l.shape == Shape::Text)
        && last + 1 < MOST_LINES
    {
        last += 1;
    }
    if gathered.is_header(announced) { Ok(Block { len: last + 1 }) } else { Err(seen) }
}

/// Reads the field, or the fields run together, on a line; false when it has none.
fn read_field(text: &str, line: &Line, folded: &mut String, gathered: &mut Gathered) -> bool {
    let raw = line.text(text);
    if line.shape != Shape::Text || !has_early_colon(raw) {
        return false;
    }
    folded.clear();
    fold_into(cut(raw, 600), folded);
    let mut seen = false;
    for at in lexicon::words(folded).take(60) {
        let rest = folded.get(at..).unwrap_or_default();
        let begins = at == 0 || folded.get(..at).is_some_and(|before| before.ends_with(' '));
        match key(rest) {
            Some(kind) if begins => {
                seen = true;
                gathered.kinds = gathered.kinds.or(kind);
                gathered.dated |= kind.has(Kind::Sent) && (is_dated(rest) || has_time(rest));
            }
            _ if !seen => return false,
            _ => {}
        }
    }
    gathered.address |= folded.contains('@');
    seen
}

/// The kind of field whose key folded text begins with.
fn key(folded: &str) -> Option<Kinds> {
    let found = lexicon::opens(folded, Kinds::HEADER)?;
    let after = folded.get(found.len..)?.trim_start_matches([' ', '_']);
    after.starts_with(':').then_some(found.kinds)
}

/// Whether a colon stands near the beginning, as it does in a field.
fn has_early_colon(raw: &str) -> bool {
    let head = cut(raw, 48);
    memchr::memchr(b':', head.as_bytes()).is_some() || head.contains('：')
}

/// The first `most` bytes of `text`, or a few fewer so as not to cut a letter.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// A line that announces a mail carried along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// "-----Original Message-----".
    Original,
    /// "---------- Forwarded message ---------", "Begin forwarded message:".
    Forwarded,
    /// "## Please type your reply above this line ##".
    Above,
}

const MARKERS: Kinds = Kinds::NONE.with(Kind::Original).with(Kind::Forwarded).with(Kind::Above);

/// What a line announces, if it does.
pub(super) fn marker(text: &str, line: &Line, folded: &mut String) -> Option<Marker> {
    let raw = line.text(text);
    let raw = if line.shape == Shape::Quote { raw.trim_start_matches(['>', ' ']) } else { raw };
    let drawn =
        |c: char| matches!(c, '-' | '_' | '=' | '*' | '#' | '~' | '+' | '<' | '[' | '|' | ' ' | '\u{a0}');
    let dashes = |c: char| drawn(c) || matches!(c, '‐' | '–' | '—' | '―' | '>' | ']' | ':' | '：' | '"');
    let first = raw.chars().next()?;
    let closed = raw.ends_with([':', '：']);
    if matches!(line.shape, Shape::Rule(_)) || raw.len() > 160 || !(closed || drawn(first) || dashes(first)) {
        return None;
    }
    let core = raw.trim_start_matches(dashes);
    let ruled = raw.len() - core.len() >= 2;
    folded.clear();
    fold_into(core.trim_end_matches(dashes), folded);
    let found = lexicon::opens(folded, MARKERS)?;
    let whole = found.len == folded.len();
    if found.kinds.has(Kind::Above) && (whole || (ruled && folded.len() < found.len + 40)) {
        return Some(Marker::Above);
    }
    if found.kinds.has(Kind::Forwarded) && ((whole && (ruled || closed)) || (ruled && folded.len() < 120)) {
        return Some(Marker::Forwarded);
    }
    let original = found.kinds.has(Kind::Original) && ruled && (whole || raw.ends_with(['-', '_', '=', '*']));
    original.then_some(Marker::Original)
}
