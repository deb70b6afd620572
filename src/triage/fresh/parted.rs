//! Lines on which an attribution follows the sender's words.
//!
//! Takes a text's lines; makes two of each such line, so that what is decided by the line is right.

use super::attribution;
use super::line::{Line, Shape};

/// Lines of a text in which lines are still parted.
const MOST_PARTED: usize = 20_000;

/// Makes two lines of each in which the sender's words are followed by an attribution. Rare, so that moving
/// the lines below costs little; not done in text of very many lines, where it could.
pub(super) fn part(text: &str, lines: &mut Vec<Line>) {
    let mut at = 0;
    while let Some(line) = lines.get(at).filter(|_| lines.len() <= MOST_PARTED) {
        at += 1;
        let raw = text.get(line.start..line.end).unwrap_or_default();
        if line.shape != Shape::Text || !raw.ends_with(':') {
            continue;
        }
        let Some((from, written)) = written_before(text, lines, at - 1) else { continue };
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
