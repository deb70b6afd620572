//! Lines on which what introduces earlier mail follows the sender's words.
//!
//! Takes a text's lines; makes two of each such line, so that what is decided by the line is right.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::date::{begins_dated, has_time, is_dated};
use super::fold::fold_into;
use super::header_block;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::low::Source;
use super::marker;

/// Lines of a text in which lines are still parted.
const MOST_PARTED: usize = 20_000;

/// Makes two lines of each in which the sender's words are followed by an attribution, or by a line between
/// dashes. Rare, so that moving the lines below costs little; not done in text of very many lines, where it could.
pub(super) fn part<'t>(source: Source<'t>, lines: &mut Vec<Line<'t>>) {
    let text = source.text;
    let mut at = 0;
    let mut dashes = DASHES.find_iter(text.as_bytes());
    let mut dash = dashes.next().unwrap_or(usize::MAX);
    while lines.len() <= MOST_PARTED {
        // Nearly all lines are passed over here.
        let mut below = lines.get(at..).unwrap_or_default().iter();
        let Some(passed) = below.position(|line| line.text.ends_with(':') || dash < line.end) else { return };
        at += passed + 1;
        let Some(line) = lines.get(at - 1) else { return };
        while dash < line.start {
            dash = dashes.next().unwrap_or(usize::MAX);
        }
        let found = if line.shape != Shape::Text {
            None
        } else if line.text.ends_with(':') {
            written_before(source, lines, at - 1)
        } else if dash < line.end {
            let raw = text.get(line.start..line.end).unwrap_or_default();
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
fn written_before(source: Source<'_>, lines: &[Line<'_>], last: usize) -> Option<(usize, usize)> {
    let text = source.text;
    let quoted = lines.get(last + 1).is_some_and(|next| next.shape == Shape::Quote);
    let mut below = String::new();
    for from in (last.saturating_sub(MOST_WRAPPED)..=last).rev() {
        let line = lines.get(from)?;
        if line.shape != Shape::Text || (from < last && line.gap) {
            return None;
        }
        if let Some(next) = lines.get(from + 1).filter(|_| from < last) {
            below.insert_str(0, text.get(next.start..next.end)?);
            below.insert(0, ' ');
        }
        let raw = text.get(line.start..line.end)?;
        let low = || source.folded(line.begin(), line.end);
        if let Some(inside) = inside(raw, low, &below, quoted) {
            let written = raw.get(..inside)?.trim_end_matches([' ', '\t', '-']);
            return (!written.trim_start().is_empty()).then_some((from, written.len()));
        }
    }
    None
}

/// Bytes of an attribution with the sender's words before it.
const MOST_ATTRIBUTION: usize = 500;

const WROTE: Kinds = Kinds::NONE.with(Kind::Wrote);
const ON: Kinds = Kinds::NONE.with(Kind::On);

/// Where in a line an attribution begins that ends with `below`, what follows the line up to a colon: the
/// sender's words are on the same line, as in "yes On Mon, 4 May 2026 at 10:32, jane@client.example wrote:".
/// Where nothing `quoted` follows, it has to say when to the minute, and who with an address in brackets.
/// `low` gives the line folded, if it can.
fn inside<'t>(raw: &str, low: impl FnOnce() -> Option<&'t str>, below: &str, quoted: bool) -> Option<usize> {
    if raw.len() + below.len() > MOST_ATTRIBUTION || !raw.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut folded = String::new();
    let dated = match low() {
        Some(low) => begins_dated(low),
        None => {
            fold_into(raw, &mut folded);
            begins_dated(&folded)
        }
    };
    if dated {
        return None;
    }
    let begins = raw
        .char_indices()
        .zip(raw.chars().skip(1))
        .filter(|((_, c), next)| matches!(c, ' ' | '-' | '\t') && (quoted || next.is_uppercase()));
    begins.map(|((at, c), _)| at + c.len_utf8()).take(40).find(|at| {
        let (written, rest) = raw.split_at(*at);
        folded.clear();
        let capital = rest.starts_with(char::is_uppercase);
        // What begins small has to begin with the date itself.
        fold_into(header_block::cut(rest, if capital { 48 } else { 16 }), &mut folded);
        let opens = |kinds: Kinds| lexicon::opens(&folded, kinds).is_some();
        // Before the verb stands the name, not the sender's words.
        if !begins_dated(&folded) || opens(WROTE) || (!quoted && !opens(ON)) {
            return false;
        }
        folded.clear();
        fold_into(rest, &mut folded);
        if !below.is_empty() {
            folded.push(' ');
            fold_into(below, &mut folded);
        }
        let apart = || written.trim_end().ends_with(['.', '!', '?', '…', ')', '-', '–', '—']);
        let addressed = folded.contains('@') && folded.contains(['<', '[']);
        let verb = || lexicon::find(&folded, WROTE).is_some();
        let told = if quoted {
            (has_time(&folded) || apart()) && (addressed || (capital && verb()))
        } else {
            has_time(&folded) && addressed && verb()
        };
        told && is_dated(&folded)
    })
}

/// What a line between dashes begins with.
static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"-----"));

/// Bytes of such a line, and of the next one, that are looked at.
const MOST_BYTES: usize = 400;
const MOST_FIELD: usize = 40;

/// How many bytes of a line are the sender's words, where "-----Original Message-----" follows on it, and a header
/// there or on the `next` line.
fn written_before_dashes(raw: &str, next: &str) -> Option<usize> {
    let at = DASHES.find(raw.as_bytes())?;
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
