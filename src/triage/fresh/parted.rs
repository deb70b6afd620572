//! Lines on which what introduces earlier mail follows the sender's words.
//!
//! Takes a text's lines; makes two of each such line, so that what is decided by the line is right.

use memchr::memmem;

use super::attribution;
use super::fold::fold_into;
use super::header_block;
use super::line::{Line, Shape};
use super::marker;

/// Lines of a text in which lines are still parted.
const MOST_PARTED: usize = 20_000;

/// Makes two lines of each in which the sender's words are followed by an attribution, or by a line between
/// dashes. Rare, so that moving the lines below costs little; not done in text of very many lines, where it could.
pub(super) fn part(text: &str, lines: &mut Vec<Line>) {
    let mut at = 0;
    let dashes = memmem::find(text.as_bytes(), DASHES).is_some();
    while let Some(line) = lines.get(at).filter(|_| lines.len() <= MOST_PARTED) {
        at += 1;
        let raw = text.get(line.start..line.end).unwrap_or_default();
        let found = if line.shape != Shape::Text {
            None
        } else if raw.ends_with(':') {
            written_before(text, lines, at - 1)
        } else if dashes {
            let next = lines.get(at).and_then(|next| text.get(next.start..next.end)).unwrap_or_default();
            written_before_dashes(raw, next).map(|written| (at - 1, written))
        } else {
            None
        };
        let Some((from, written)) = found else { continue };
        let Some(&line) = lines.get(from) else { continue };
        lines.splice(from..=from, line.parted(text, written));
        at += 1;
    }
}

/// Lines that an attribution may be wrapped over below the one on which the sender's words are.
const MOST_WRAPPED: usize = 3;

/// Where an attribution that ends with line `last` begins within a line: that line, and how many of its bytes
/// are the sender's words.
fn written_before(text: &str, lines: &[Line], last: usize) -> Option<(usize, usize)> {
    let quoted = lines.get(last + 1).is_some_and(|next| next.shape == Shape::Quote);
    let mut below = String::new();
    for from in (last.saturating_sub(MOST_WRAPPED)..=last).rev() {
        let line = lines.get(from)?;
        if line.shape != Shape::Text || (from < last && line.gap) {
            return None;
        }
        let raw = text.get(line.start..line.end)?;
        if let Some(inside) = attribution::inside(raw, &below, quoted) {
            let written = raw.get(..inside)?.trim_end_matches([' ', '\t', '-']);
            return (!written.trim_start().is_empty()).then_some((from, written.len()));
        }
        below.insert_str(0, raw);
        below.insert(0, ' ');
    }
    None
}

/// What a line between dashes begins with.
const DASHES: &[u8] = b"-----";

/// Bytes of such a line, and of the next one, that are looked at.
const MOST_BYTES: usize = 400;
const MOST_FIELD: usize = 40;

/// How many bytes of a line are the sender's words, where "-----Original Message-----" follows on it, and a header
/// there or on the `next` line.
fn written_before_dashes(raw: &str, next: &str) -> Option<usize> {
    let at = memmem::find(raw.as_bytes(), DASHES)?;
    let (written, rest) = raw.split_at_checked(at)?;
    if !written.contains(char::is_alphanumeric) {
        return None;
    }
    let mut folded = String::new();
    fold_into(header_block::cut(rest, MOST_BYTES), &mut folded);
    folded.push(' ');
    fold_into(header_block::cut(next.trim_start(), MOST_FIELD), &mut folded);
    marker::joined_marker(&folded).is_some().then(|| written.trim_end().len())
}
