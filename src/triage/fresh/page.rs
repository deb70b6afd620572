//! The page: a mail's text put together, with its zones.
//!
//! Takes the subject, bodies and enclosed mails one after the other; gives the finished [`Fresh`].

use crate::terms::{Zone, ZoneSet};

use super::super::message::Message;
use super::answer;
use super::body::{self, Body, Contained, Hint};
use super::cut::About;
use super::fold::fold_into;
use super::line::{self, Line};
use super::low::{Low, Source};
use super::mark::{Cause, Mark};
use super::sheet::{Folds, Sheet};
use super::{Fresh, ZoneSpan, cut, pointer, sentence, signature, subject};

/// Bytes of enclosed mails that are read.
const MOST_ENCLOSED: usize = 1 << 20;

/// A mail's text while it is put together.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    /// The text lowered.
    low: Low,
    zones: Vec<ZoneSpan>,
    /// Where the body begins, past the subject.
    subject_words: usize,
}

impl Page {
    /// An empty page with room for a subject and a body of so many bytes together.
    pub(super) fn with_room(bytes: usize) -> Self {
        // Each ends with a newline.
        Self { text: String::with_capacity(bytes + 2), zones: Vec::with_capacity(8), ..Self::default() }
    }

    /// Puts the subject on its own line.
    pub(super) fn subject(&mut self, subject: &str) {
        self.text.extend(subject.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
        self.text.push('\n');
        self.subject_words = subject::words_begin(subject);
        span(&mut self.zones, Mark::new(Zone::Subject, Cause::Subject), 0, self.text.len());
    }

    /// Puts a body and its zones. `instead` is what plain text is marked as in an enclosed mail.
    pub(super) fn body(&mut self, body: &Body<'_>, about: About<'_>, instead: Option<Mark>) {
        let text = &*body.text;
        let base = self.text.len();
        self.text.reserve(text.len() + 1);
        self.text.push_str(text);
        self.low.grow(base, self.text.len());
        let source = Source::new(&self.text, base, &self.low);
        let (mut lines, folds) = (line::lines(source), Folds::default());
        mark_wrapped(&mut lines, &body.wrapped);
        let lines = &*lines;
        let sheet = &Sheet::new(source, lines, &folds);
        let mut marks = contained_marks(sheet, lines, &body.contained);
        cut::cut(sheet, lines, about, &mut marks);
        let answers = answer::find(sheet, lines, &marks, &body.coloured, about.sender);
        if lines.is_empty() && !text.is_empty() {
            span(&mut self.zones, instead.unwrap_or(Mark::NEW), base, self.text.len());
        }
        if answers.is_empty() {
            // As most mail is.
            let (mut start, mut read) = (base, 0);
            for run in marks.chunk_by(PartialEq::eq) {
                let Some(&mark) = run.first() else { continue };
                read += run.len();
                let end = lines.get(read - 1).map_or(start, |last| base + last.stop);
                let mark = if mark == Mark::NEW { instead.unwrap_or(mark) } else { mark };
                span(&mut self.zones, mark, start, end);
                start = end;
            }
            return;
        }
        let mut answers = answers.into_iter().peekable();
        for (line, mark) in lines.iter().zip(marks) {
            let mark = if mark == Mark::NEW { instead.unwrap_or(mark) } else { mark };
            let mut at = line.start;
            while let Some((start, end)) = answers.next_if(|(start, _)| *start < line.stop) {
                // The line's end goes with its last words.
                let blank = text.get(end..line.stop).is_some_and(|rest| rest.trim().is_empty());
                let end = if blank { line.stop } else { end };
                span(&mut self.zones, mark, base + at, base + start);
                span(
                    &mut self.zones,
                    instead.unwrap_or(Mark::new(Zone::New, Cause::Answer)),
                    base + start,
                    base + end,
                );
                at = end;
            }
            span(&mut self.zones, mark, base + at, base + line.stop);
        }
    }

    /// Puts enclosed mails below, as forwarded text, their own history and signatures cut.
    pub(super) fn enclosed(&mut self, mails: &[Message<'_>], depth: usize) {
        let begun = self.text.len();
        for mail in mails.iter().take(16) {
            if self.text.len() - begun > MOST_ENCLOSED {
                break;
            }
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
                if let Some(last) = self.zones.last_mut() {
                    last.end = self.text.len();
                }
            }
            let start = self.text.len();
            self.text.extend(mail.subject.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
            self.text.push('\n');
            span(&mut self.zones, Mark::new(Zone::Forwarded, Cause::Enclosed), start, self.text.len());
            let body = body::choose(mail);
            let mark = Mark::new(Zone::Forwarded, Cause::Enclosed);
            let sender = sender(mail);
            let about = About { thread: subject::thread(&mail.subject), sender: &sender };
            self.body(&body, about, Some(mark));
            if depth > 0 {
                self.enclosed(&mail.enclosed, depth - 1);
            }
        }
    }

    /// The finished value, with the sentences of the zones wanted.
    pub(super) fn finish(self, wanted: ZoneSet) -> Fresh {
        let Self { text, low, zones, subject_words } = self;
        let pointer = pointer::points(&text, &zones);
        let mut sentences = Vec::with_capacity(16);
        for span in zones.iter().filter(|span| wanted.contains(span.zone)) {
            let skip = if span.zone == Zone::Subject { subject_words } else { 0 };
            let words = (span.start + skip).min(span.end)..span.end;
            sentence::split(&text, &low, span.zone, words, &mut sentences);
        }
        Fresh { text, zones, sentences, pointer }
    }
}

/// Puts a span after others, or adds it to the last of them.
fn span(zones: &mut Vec<ZoneSpan>, mark: Mark, start: usize, end: usize) {
    if start >= end {
        return;
    }
    let cause = mark.cause.as_str();
    match zones.last_mut() {
        Some(last) if last.zone == mark.zone && last.cause == cause && last.end == start => {
            last.end = end;
        }
        _ => zones.push(ZoneSpan { zone: mark.zone, start, end, cause }),
    }
}

/// The sender's name, folded.
pub(super) fn sender(mail: &Message<'_>) -> String {
    let mut folded = String::new();
    if let Some(from) = &mail.from {
        fold_into(&from.name, &mut folded);
    }
    if !folded.contains(',') {
        return folded;
    }
    // "Doe, Jane" signs as "Jane Doe".
    match folded.trim_matches('"').split_once(", ") {
        Some((last, first)) => format!("{first} {last}"),
        None => folded,
    }
}

/// Marks the lines in which all of a mail carried along stands.
fn mark_wrapped(lines: &mut [Line<'_>], wrapped: &[(usize, usize)]) {
    for (begin, end) in wrapped {
        let first = lines.partition_point(|line| line.end <= *begin);
        let inside = lines.get_mut(first..).unwrap_or_default();
        inside.iter_mut().take_while(|line| line.end <= *end).for_each(|line| line.wrapped = true);
    }
}

/// Marks of lines that lie in HTML containers.
fn contained_marks(sheet: &Sheet<'_>, lines: &[Line<'_>], contained: &[Contained]) -> Vec<Mark> {
    if contained.is_empty() {
        return vec![Mark::NEW; lines.len()];
    }
    let mut spans = contained.iter().peekable();
    let mut marks = Vec::with_capacity(lines.len());
    let mut begun = usize::MAX;
    for line in lines {
        while spans.peek().is_some_and(|span| span.end <= line.start) {
            spans.next();
        }
        let inside = spans.peek().filter(|span| span.start < line.end.max(line.start + 1));
        let mark = inside.map_or(Mark::NEW, |span| match span.hint {
            Hint::Attribution => Mark::new(Zone::Quoted, Cause::Attribution),
            Hint::Signature => Mark::new(Zone::Signature, Cause::SignatureContainer),
            // Only its first line: what follows is read as text.
            Hint::Below | Hint::Boxed | Hint::Unmarked if span.start != begun => {
                begun = span.start;
                Mark::new(Zone::Quoted, Cause::Below)
            }
            Hint::Below | Hint::Boxed | Hint::Unmarked => Mark::NEW,
        });
        marks.push(mark);
    }
    signature::free_postscripts(sheet, lines, &mut marks);
    marks
}
