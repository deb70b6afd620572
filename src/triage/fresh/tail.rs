//! Tails: words that fell off the end of a quoted line when it was wrapped again without a mark.
//!
//! Takes a quoted line and those below it; says how many of them are its tail. They stand right between quoted
//! lines, where answers do, too.

use super::line::{Line, Shape};
use super::sheet::Sheet;

/// Lines that words may be wrapped over, and the rest of a web address.
const MOST_LINES: usize = 2;
const MOST_LINK: usize = 3;
/// Bytes from which on a line may have been wrapped.
const WRAPPED: usize = 50;

/// How many lines below the quoted line `before` are its tail; `answers` says whether the sender announced answers
/// between quoted lines.
pub(super) fn len(
    sheet: &Sheet<'_>,
    before: &Line<'_>,
    follows: &[Line<'_>],
    answers: impl FnOnce() -> bool,
) -> usize {
    if before.gap {
        return 0;
    }
    let above = before.last(sheet);
    let closed = |count: usize| follows.get(count).is_some_and(|line| line.shape == Shape::Quote);
    let words = follows
        .iter()
        .take(MOST_LINES)
        .take_while(|l| l.shape == Shape::Text && !l.gap && l.text.starts_with(char::is_lowercase));
    let words = words.count();
    let link = rest_of_link(above, follows);
    if link >= words {
        return if closed(link) { link } else { 0 };
    }
    // What follows a question is its answer.
    let asked = above.ends_with(['?', '？']);
    if closed(words) && !asked && above.len() >= WRAPPED && !answers() { words } else { 0 }
}

/// How many lines below a quoted one are a web address, or the rest of one, that fell off it.
fn rest_of_link(above: &str, follows: &[Line<'_>]) -> usize {
    let open =
        above.contains("://") && above.rfind(['(', '<']).is_some_and(|at| !above[at..].contains([')', '>']));
    for (at, line) in follows.iter().take(MOST_LINK).enumerate() {
        let said = line.text;
        let alone = line.shape == Shape::Text && !said.trim_end_matches(['>', ' ']).contains(' ');
        let begins = at == 0
            && !above.ends_with('?')
            && ["(http", "<http", "http"].iter().any(|mark| said.starts_with(mark));
        if alone && ((begins && !line.gap) || (open && said.ends_with([')', '>']))) {
            return at + 1;
        }
        if !alone || !open || line.gap {
            break;
        }
    }
    0
}
