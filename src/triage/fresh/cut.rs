//! The cuts in their order, on one body of text.

use crate::terms::Zone;

use super::attribution;
use super::contact::Scene;
use super::line::Line;
use super::mark::{Cause, Mark};
use super::sheet::Sheet;
use super::subject::Thread;
use super::{footer, quote, signature};

/// How often the cuts are made again on what they left. Mail settles in two; the limit bounds the
/// work on mail made to be slow.
const ROUNDS: usize = 4;

/// What is known of a body besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About<'a> {
    /// What the subject says of the mail.
    pub thread: Thread,
    /// The sender's name, folded; empty when it isn't known.
    pub sender: &'a str,
}

/// Marks the lines of a body; `marks` holds what HTML containers decided before.
pub(super) fn cut(sheet: &Sheet<'_>, lines: &[Line<'_>], about: About<'_>, marks: &mut [Mark]) {
    let mut joined = String::new();
    round(sheet, lines, about, marks, &mut joined);
    mark_dangling(sheet, lines, marks, &mut joined);
    for _ in 0..ROUNDS {
        // What is left is the beginning of the text: its end was cut until nothing came off it.
        let top = marks.iter().take_while(|mark| **mark == Mark::NEW).count();
        if !marks.get(top..).unwrap_or_default().contains(&Mark::NEW) {
            return;
        }
        let live: Vec<usize> = (0..lines.len()).filter(|at| marks.get(*at) == Some(&Mark::NEW)).collect();
        let left: Vec<Line<'_>> = live.iter().filter_map(|at| lines.get(*at).copied()).collect();
        let mut again = vec![Mark::NEW; left.len()];
        round(sheet, &left, About { thread: Thread::Plain, ..about }, &mut again, &mut joined);
        if again.iter().all(|mark| *mark == Mark::NEW) {
            return;
        }
        for (at, mark) in live.iter().zip(again) {
            if let Some(slot) = marks.get_mut(*at) {
                *slot = mark;
            }
        }
    }
}

/// Lines that an attribution at the end of new text may have.
const MOST_DANGLING: usize = 3;

/// Marks an attribution at the end of the new text: what it introduced has been cut.
fn mark_dangling(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &mut [Mark], joined: &mut String) {
    let top = marks.iter().take_while(|mark| **mark == Mark::NEW).count();
    if top == lines.len() {
        return;
    }
    let found = (1..=MOST_DANGLING.min(top)).find(|len| {
        let last = lines.get(top - len..top).unwrap_or_default();
        attribution::find(sheet, last, joined) == Some(*len)
    });
    let found = found.unwrap_or(0);
    for mark in marks.get_mut(top - found..top).unwrap_or_default() {
        *mark = Mark::new(Zone::Quoted, Cause::Attribution);
    }
}

fn round(sheet: &Sheet<'_>, lines: &[Line<'_>], about: About<'_>, marks: &mut [Mark], joined: &mut String) {
    // Most mail has no containers.
    let decided = marks.iter().any(|mark| *mark != Mark::NEW).then(|| marks.to_vec());
    let top = marks.iter().take_while(|mark| **mark == Mark::NEW).count();
    footer::mark_banner(sheet, lines.get(..top).unwrap_or_default(), marks);
    quote::mark_history(sheet, lines, about.thread, marks, joined);
    let mut written = false;
    let mut at = 0;
    while let Some(&mark) = marks.get(at) {
        let end = at + marks.get(at..).unwrap_or_default().iter().take_while(|other| **other == mark).count();
        if mark.is_matter() {
            let scene = Scene { written, sender: if mark == Mark::NEW { about.sender } else { "" } };
            close(
                sheet,
                lines.get(at..end).unwrap_or_default(),
                scene,
                marks.get_mut(at..end).unwrap_or_default(),
                joined,
            );
            written |= mark == Mark::NEW && marks.get(at..end).unwrap_or_default().contains(&Mark::NEW);
        }
        at = end.max(at + 1);
    }
    give_back(sheet, lines, marks, decided.as_deref());
}

/// Marks what closes one stretch of text, footers and signatures, until nothing more comes off.
fn close(sheet: &Sheet<'_>, lines: &[Line<'_>], scene: Scene<'_>, marks: &mut [Mark], joined: &mut String) {
    let mut end = lines.len();
    for turn in 0..ROUNDS {
        let (Some(lines), Some(marks)) = (lines.get(..end), marks.get_mut(..end)) else { return };
        let footer = footer::mark_footer(sheet, lines, marks, joined);
        let (Some(lines), Some(marks)) = (lines.get(..footer), marks.get_mut(..footer)) else { return };
        let left = signature::mark_signature(sheet, lines, scene, turn > 0, marks);
        if left == end {
            return;
        }
        end = left;
    }
}

/// When no matter is left, what was taken for a footer, signature or warning is the matter.
fn give_back(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &mut [Mark], decided: Option<&[Mark]>) {
    if marks.iter().any(|mark| mark.is_matter()) {
        return;
    }
    for (at, mark) in marks.iter_mut().enumerate() {
        let before = decided.and_then(|decided| decided.get(at)).unwrap_or(&Mark::NEW);
        let kept = matches!(
            mark.cause,
            Cause::Disclaimer
                | Cause::FooterLine
                | Cause::ContactBlock
                | Cause::Delimiter
                | Cause::Banner
                | Cause::AfterHistory
        );
        if kept && mark.zone != Zone::Forwarded {
            *mark = if before.cause == Cause::SignatureContainer { Mark::NEW } else { *before };
        }
    }
    if !marks.iter().any(|mark| mark.is_matter()) {
        // Some write their answer where their program put the cursor: within the signature.
        let signed = |(_, mark): &(&Line<'_>, &mut Mark)| mark.cause == Cause::SignatureContainer;
        let said = |(line, _): &(&Line<'_>, &mut Mark)| signature::is_said(sheet, line);
        lines
            .iter()
            .zip(marks)
            .skip_while(|one| !signed(one))
            .take_while(|one| signed(one) && said(one))
            .for_each(|(_, mark)| *mark = Mark::NEW);
    }
}
