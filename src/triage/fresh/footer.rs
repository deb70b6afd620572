//! Footers and banners: what mail systems and lawyers add.
//!
//! Takes the lines of one stretch of text; marks disclaimers, list and unsubscribe lines, virus-scan
//! lines at its end, and warnings such as `[External]` at the top of the mail.

use crate::terms::Zone;

use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::mark::{Cause, Mark};
use super::sheet::Sheet;
use super::traits;

/// Lines of the end of a stretch that are searched, and of the top of a mail.
const MOST_LINES: usize = 60;
const TOP_LINES: usize = 12;

/// Lines of one warning.
const MOST_BANNER_LINES: usize = 8;

/// Bytes of the longest word that heads a warning: "PRECAUCIÓN".
const MOST_HEADING: usize = 24;

/// Bytes from which on a line of a warning may have been wrapped.
const WRAPPED: usize = 55;

const LEGAL: Kinds = Kinds::NONE.with(Kind::Disclaimer);
const FOOTER: Kinds = Kinds::NONE.with(Kind::Footer);
const BANNER: Kinds = Kinds::NONE.with(Kind::Banner);

/// Marks what is at the end of a stretch of lines; gives where it begins.
pub(super) fn mark_footer(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
    marks: &mut [Mark],
    joined: &mut String,
) -> usize {
    let mut end = lines.len();
    let first = end.saturating_sub(MOST_LINES);
    while end > first {
        let last = end - 1;
        let Some(line) = lines.get(last) else { break };
        if let Shape::Rule(_) = line.shape {
            end = match framed(sheet, lines.get(first..end).unwrap_or_default(), joined) {
                Some(begin) => set(marks, first + begin, end, Cause::Disclaimer),
                None => set(marks, last, end, Cause::RuledLine),
            };
            continue;
        }
        if line.text == "ᐧ" {
            end = set(marks, last, end, Cause::FooterLine);
            continue;
        }
        let start =
            (first + 1..end).rev().find(|at| lines.get(at - 1).is_some_and(|l| l.gap)).unwrap_or(first);
        let found = lines.get(start..end).filter(|_| !is_announced(sheet, lines, start));
        let Some(offset) = found.and_then(|paragraph| footer(sheet, paragraph, joined)) else { break };
        let cause = if offset == 0 { Cause::Disclaimer } else { Cause::FooterLine };
        end = set(marks, start + offset, end, cause);
    }
    end
}

fn set(marks: &mut [Mark], from: usize, to: usize, cause: Cause) -> usize {
    for mark in marks.get_mut(from..to).unwrap_or_default() {
        *mark = Mark::new(Zone::Footer, cause);
    }
    from
}

/// Whether the line above `at` announces what follows, as in "Please put this under all mails:".
fn is_announced(sheet: &Sheet<'_>, lines: &[Line<'_>], at: usize) -> bool {
    let above = at.checked_sub(1).and_then(|above| lines.get(above));
    above.is_some_and(|line| {
        line.text.ends_with(':') && lexicon::find(line.folded(sheet), LEGAL.or(FOOTER)).is_none()
    })
}

/// Where the notice begins that stands between the ruled line at the end of `lines` and another one like it,
/// however many paragraphs it has.
fn framed(sheet: &Sheet<'_>, lines: &[Line<'_>], joined: &mut String) -> Option<usize> {
    let (last, above) = lines.split_last()?;
    let begin = above.iter().rposition(|line| line.shape == last.shape)?;
    let inside = above.get(begin + 1..)?;
    let asks = inside.iter().any(|line| line.text.ends_with('?')) || is_announced(sheet, above, begin);
    let legal = lexicon::count(together(sheet, inside, joined), LEGAL);
    (legal >= 2 && !asks && above.get(begin)?.text == last.text).then_some(begin)
}

/// Lines that are joined.
const MOST_JOINED: usize = 30;

/// Lines folded and joined by spaces, up to a limit.
fn together<'j, 't: 'j>(sheet: &Sheet<'t>, lines: &[Line<'_>], joined: &'j mut String) -> &'j str {
    if let [line] = lines {
        return line.folded(sheet);
    }
    if let Some(folded) = sheet.folded_together(lines).filter(|_| lines.len() <= MOST_JOINED) {
        return folded;
    }
    joined.clear();
    for line in lines.iter().take(MOST_JOINED) {
        joined.push(' ');
        joined.push_str(line.folded(sheet));
        if joined.len() > 4000 {
            break;
        }
    }
    joined.get(1..).unwrap_or_default()
}

/// Whether the last line of a paragraph is a request of its own, below what a lawyer wrote.
fn ends_in_request(sheet: &Sheet<'_>, paragraph: &[Line<'_>]) -> bool {
    let [.., above, last] = paragraph else { return false };
    above.text.ends_with(['.', '!']) && traits::is_request(last.folded(sheet))
}

/// Whether a paragraph is full of legal words.
fn is_legal(sheet: &Sheet<'_>, paragraph: &[Line<'_>], joined: &mut String) -> bool {
    let may_be = |line: &Line<'_>| !sheet.begun(line).and(LEGAL).is_empty();
    if !paragraph.iter().take(MOST_JOINED).any(may_be) {
        return false;
    }
    let folded = together(sheet, paragraph, joined);
    let legal = lexicon::count(folded, LEGAL);
    let long = folded.len() + usize::from(paragraph.len() > 1) > 160;
    legal >= 3 || (legal >= 2 && long && !folded.contains('?'))
}

/// The line of a paragraph from which on it is a footer.
fn footer(sheet: &Sheet<'_>, paragraph: &[Line<'_>], joined: &mut String) -> Option<usize> {
    let begins = |line: &Line<'_>| -> bool {
        let folded = line.folded(sheet).trim_start_matches(|c: char| !c.is_alphanumeric());
        // Before the wish to save paper stands a tree, which some fonts have in the place of a P.
        let folded = folded.strip_prefix("p ").unwrap_or(folded);
        lexicon::opens(folded, FOOTER).is_some()
    };
    // A paragraph of legal words is a footer whatever it begins with.
    if is_legal(sheet, paragraph, joined) {
        if ends_in_request(sheet, paragraph) {
            return None;
        }
        // The sign-off may stand right above it, without a blank line.
        return Some(first_legal(sheet, paragraph));
    }
    let at = paragraph.iter().position(begins)?;
    let below: usize = paragraph.get(at..).unwrap_or_default().len();
    let asks = paragraph.get(at..)?.iter().any(|line| line.text.ends_with('?'));
    (below <= 12 && !asks && (at == 0 || paragraph.get(at - 1).is_some_and(|l| l.text.len() < 60)))
        .then_some(at)
}

/// The first line of a paragraph with a legal word on it, or on the line below it.
fn first_legal(sheet: &Sheet<'_>, paragraph: &[Line<'_>]) -> usize {
    let at = paragraph.iter().position(|line| {
        let folded = line.folded(sheet);
        lexicon::find(folded, LEGAL).is_some() || lexicon::opens(folded, FOOTER).is_some()
    });
    match at {
        Some(0) | None => 0,
        Some(at) if paragraph.get(at - 1).is_some_and(|l| l.text.len() >= 50) => at - 1,
        Some(at) => at,
    }
}

/// Marks warnings at the top of the mail.
pub(super) fn mark_banner(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &mut [Mark]) {
    let mut at = 0;
    while at < TOP_LINES.min(lines.len()) {
        let Some(len) = banner(sheet, lines.get(at..).unwrap_or_default()) else { break };
        for mark in marks.get_mut(at..at + len).unwrap_or_default() {
            *mark = Mark::new(Zone::Banner, Cause::Banner);
        }
        at += len;
    }
}

/// Number of lines of the warning that begins at the first of `lines`.
fn banner(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<usize> {
    let first = lines.first()?;
    let ruled = usize::from(matches!(first.shape, Shape::Rule(_)));
    let line = lines.get(ruled)?;
    if line.shape != Shape::Text {
        return None;
    }
    let raw = line.text;
    let bare = raw.trim_start_matches(|c: char| !c.is_alphanumeric());
    let folded = cut(line.folded(sheet).trim_start_matches(|c: char| !c.is_alphanumeric()), 240);
    // "CAUTION: this email" is looked for without the colon.
    let headed = folded.split_once(':').filter(|(heading, _)| heading.len() <= MOST_HEADING);
    let headed = headed.map(|(heading, rest)| format!("{} {}", heading.trim_end(), rest.trim_start()));
    let headed = headed.filter(|headed| {
        lexicon::opens(headed, BANNER)
            .is_some_and(|found| headed.get(..found.len).is_some_and(|p| p.contains(' ')))
    });
    let folded = headed.as_deref().unwrap_or(folded);
    let found = lexicon::opens(folded, BANNER)?;
    let rest = folded.get(found.len..).unwrap_or_default();
    let alone = rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
    let boxed = bare.len() < raw.len();
    let more = lexicon::count(rest, BANNER) + lexicon::count(rest, LEGAL);
    // One word such as "external" proves nothing in running text.
    let known = folded.get(..found.len).is_some_and(|phrase| phrase.contains(' '));
    if !(alone
        || (boxed && rest.starts_with([']', ')', '*', ':']))
        || known
        || more > 0
        || rest.starts_with(']'))
    {
        return None;
    }
    let mut len = ruled + 1;
    while let (Some(last), Some(next)) = (lines.get(len - 1), lines.get(len)) {
        let said = last.text;
        let warns = || lexicon::find(next.folded(sheet), BANNER.or(LEGAL)).is_some();
        let whole = said.ends_with([']', '>', '.', '!']);
        // The sender's words may stand right below it.
        let wrapped = !whole && said.len() >= WRAPPED && next.text.starts_with(char::is_lowercase);
        if last.gap || said.ends_with(']') || len >= MOST_BANNER_LINES || !(wrapped || warns()) {
            break;
        }
        len += 1;
    }
    if ruled == 1 && lines.get(len).is_some_and(|line| matches!(line.shape, Shape::Rule(_))) {
        len += 1;
    }
    Some(len)
}
