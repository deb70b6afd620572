//! Earlier mail: what the sender carries along below, above or between the new text.
//!
//! Takes lines, top to bottom; marks attribution lines, header blocks, quoted lines and what lies
//! below them, as `quoted` or, where it is passed on rather than answered, as `forwarded`. Signatures
//! are left alone.

use crate::terms::Zone;

use super::answer::Announced;
use super::attribution::{self, initials, is_quoted};
use super::header_block;
use super::line::{Line, Shape};
use super::mark::{Cause, Mark};
use super::marker::{self, Marker};
use super::notes;
use super::sheet::Sheet;
use super::signs::Signs;
use super::subject::Thread;
use super::tail;

/// Marks the earlier mail among `lines`. Those whose mark isn't the plain one were decided before: they are passed over.
pub(super) fn mark_history(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
    thread: Thread,
    marks: &mut [Mark],
    joined: &mut String,
) {
    let mut walk = Walk {
        sheet,
        lines,
        thread,
        joined,
        written: false,
        before: false,
        base: Mark::NEW,
        wrapped: false,
        quoting: None,
        answers: None,
        no_block: 0,
        contained: marks.iter().any(|mark| mark.cause == Cause::Below),
        marks,
    };
    let mut at = 0;
    while let Some(line) = walk.lines.get(at) {
        at = walk.step(at, line);
    }
}

struct Walk<'a, 't> {
    sheet: &'a Sheet<'t>,
    lines: &'a [Line<'a>],
    thread: Thread,
    marks: &'a mut [Mark],
    joined: &'a mut String,
    /// Whether text of the present matter was seen: without it, text below a heading is kept.
    written: bool,
    /// The same above the line of text last seen.
    before: bool,
    /// No header block begins before this line, as far as was read.
    no_block: usize,
    /// Whether a container says anywhere that earlier mail begins.
    contained: bool,
    /// What plain text is marked as: new, or forwarded once a forward has begun.
    base: Mark,
    /// Whether that forward began in an HTML container that wraps it.
    wrapped: bool,
    /// The initials with which lines are quoted.
    quoting: Option<&'a str>,
    /// Whether the new text announces answers between quoted lines, once that was asked.
    answers: Option<bool>,
}

impl Walk<'_, '_> {
    /// Marks what begins at line `at` and gives the next line to look at.
    fn step(&mut self, at: usize, line: &Line<'_>) -> usize {
        if self.wrapped && !line.wrapped {
            (self.base, self.wrapped) = (Mark::NEW, false);
        }
        let begun = if self.is_prose(at, line) { None } else { self.begun(at, line) };
        if let Some(next) = begun {
            return next;
        }
        if line.shape == Shape::Text {
            self.before = self.written;
            self.written = true;
        }
        self.set(at, at + 1, self.base);
        at + 1
    }

    /// Marks the earlier mail, or the part of one, that begins at line `at`, and gives the line below it.
    fn begun(&mut self, at: usize, line: &Line<'_>) -> Option<usize> {
        let sheet = self.sheet;
        let next = self.contained(at).or_else(|| Some(self.announced(at, marker::marker(sheet, line)?)));
        next.or_else(|| match line.shape {
            Shape::Quote => {
                if let Some(Marker::Original) = self.captioned(at) {
                    self.set(at - 1, at, Mark::new(Zone::Quoted, Cause::OriginalMarker));
                    self.written = self.before;
                }
                self.set(at, at + 1, Mark::new(Zone::Quoted, Cause::QuoteMark));
                Some(self.wrapped_tail(at + 1))
            }
            Shape::Rule(_) => self.ruled_block(at),
            Shape::Text => self.heading(at).or_else(|| self.initials(at)),
        })
    }

    /// Whether nothing has marked a line of text and no heading begins at it, seen from a few of its bytes and the
    /// first of the next one, as of nearly all lines: it has nothing of which every heading has something, or begins with.
    fn is_prose(&self, at: usize, line: &Line<'_>) -> bool {
        let begins = line.text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if !begins || self.marks.get(at) != Some(&Mark::NEW) {
            return false;
        }
        let look = self.sheet.look(line);
        let next = self.lines.get(at + 1).map_or(0, |next| next.first_byte(self.sheet));
        !look.signs.has(Signs::HEADING)
            && next != b'<'
            && !notes::may_be_below_name(next)
            && !attribution::begins_with_verb(look)
    }

    /// A line at `at` that an HTML container decided, or began to.
    fn contained(&mut self, at: usize) -> Option<usize> {
        let mark = *self.marks.get(at)?;
        match mark.cause {
            Cause::Written => None,
            Cause::Below => {
                let slot = self.marks.get_mut(at)?;
                *slot = Mark::NEW;
                let line = *self.lines.get(at)?;
                if marker::marker(self.sheet, &line).is_some() || !self.written {
                    return None;
                }
                let ruled = usize::from(matches!(line.shape, Shape::Rule(_)));
                let below = self.lines.get(at + ruled..)?;
                let block = header_block::find(self.sheet, below, true).map(|block| block.len);
                let block = block.or_else(|| attribution::find(self.sheet, below, self.joined));
                Some(self.carried(at, at + ruled, block.unwrap_or(0)))
            }
            Cause::Attribution => {
                let run = self.marks.get(at..)?.iter().take_while(|other| **other == mark).count();
                Some(self.attributed(at, run))
            }
            _ => Some(at + 1),
        }
    }

    /// An attribution line or a header block at `at`.
    fn heading(&mut self, at: usize) -> Option<usize> {
        let lines = self.lines.get(at..)?;
        if let Some(len) = attribution::find(self.sheet, lines, self.joined) {
            return Some(self.attributed(at, len));
        }
        if let Some(block) = notes::find(self.sheet, lines).filter(|_| !self.is_announced(at)) {
            let from = at - usize::from(self.begins_in_column(at));
            return Some(self.carried(from, at, block.len));
        }
        let own = self.base == Mark::NEW && !self.passes_on();
        let first = lines.first()?;
        if own && header_block::is_transport_field(self.sheet, first) {
            let pasted = lines.iter().take_while(|line| !line.gap).count();
            self.no_block = self.no_block.max(at + pasted + 1);
        }
        // Nearly all lines are turned away here.
        if at < self.no_block || !header_block::may_be_field(self.sheet, first) {
            return None;
        }
        // Where a container says that earlier mail begins, no block begins above it.
        let near = if self.contained { header_block::MOST_LINES } else { 0 };
        let begun = self.marks.get(at + 1..)?.iter().take(near).position(|mark| mark.cause == Cause::Below);
        let lines = begun.map_or(lines, |begun| lines.get(..=begun).unwrap_or_default());
        match header_block::read(self.sheet, lines, false) {
            Ok(block) => match self.captioned(at).or_else(|| self.dashed(at)) {
                Some(caption) => {
                    self.written = self.before;
                    Some(match caption {
                        Marker::Forwarded => self.forward(at - 1, at + block.len, Cause::ForwardMarker, true),
                        _ => self.carried(at - 1, at, block.len),
                    })
                }
                // "Please book:" announces what is the sender's own.
                None if block.weak && self.is_announced(at) => {
                    self.no_block = at + block.len;
                    None
                }
                None => Some(self.carried(at, at, block.len)),
            },
            Err(seen) => {
                // The fields read in vain do not make a block from a later one of them either.
                self.no_block = at + seen.div_ceil(2);
                None
            }
        }
    }

    /// Whether the line above `at` is the sender's and announces what follows.
    fn is_announced(&self, at: usize) -> bool {
        self.above(at).is_some_and(|line| line.text.ends_with(':'))
    }

    /// Whether the line above one in a column at `at` is in it, too: a name.
    fn begins_in_column(&self, at: usize) -> bool {
        let indent = |line: &Line<'_>| line.begin() - line.start;
        let here = self.lines.get(at).map_or(0, indent);
        here > 0 && self.above(at).is_some_and(|line| indent(line) == here && !line.gap)
    }

    /// The line of the sender's matter above `at`.
    fn above(&self, at: usize) -> Option<&Line<'_>> {
        let above = at.checked_sub(1).filter(|above| self.marks.get(*above) == Some(&self.base));
        above.and_then(|above| self.lines.get(above))
    }

    /// What the line above a header block at `at` announces in words that are not known.
    fn dashed(&self, at: usize) -> Option<Marker> {
        self.above(at).filter(|line| marker::is_between_dashes(line)).map(|_| Marker::Original)
    }

    /// What the line above earlier mail at `at` announces.
    fn captioned(&self, at: usize) -> Option<Marker> {
        self.above(at).and_then(|line| marker::caption(self.sheet, line))
    }

    /// A ruled line at `at` with a header block or an attribution below it.
    fn ruled_block(&mut self, at: usize) -> Option<usize> {
        let below = self.lines.get(at + 1..)?;
        let block = header_block::find(self.sheet, below, true).filter(|block| !block.bare)?;
        Some(self.carried(at, at + 1, block.len))
    }

    /// A line between dashes at `at`, and the header block below it, if there is one.
    fn announced(&mut self, at: usize, marker: Marker) -> usize {
        let mut below = at + 1;
        if self.lines.get(below).is_some_and(|line| matches!(line.shape, Shape::Rule(_))) {
            below += 1;
        }
        let lines = self.lines.get(below..).unwrap_or_default();
        let block = header_block::find(self.sheet, lines, true).map_or(0, |block| block.len);
        // What announces it is marked, and so is the mail.
        let marked = self.lines.get(at).is_some_and(|line| {
            line.shape == Shape::Quote && line.last(self.sheet).len() < line.stop - line.start
        });
        match marker {
            Marker::Original if marked => {
                self.set(at, at + 1, Mark::new(Zone::Quoted, Cause::QuoteMark));
                at + 1
            }
            Marker::Above if self.written => {
                self.rest(at, at + 1, Mark::new(Zone::Quoted, Cause::ReplyAbove))
            }
            Marker::Above => {
                self.set(at, at + 1, Mark::new(Zone::Quoted, Cause::ReplyAbove));
                at + 1
            }
            Marker::Forwarded => self.forward(at, below + block, Cause::ForwardMarker, block > 0),
            Marker::Original if self.passes_on() => {
                self.forward(at, below + block, Cause::OriginalMarker, block > 0)
            }
            Marker::Original => self.rest(at, below + block, Mark::new(Zone::Quoted, Cause::OriginalMarker)),
        }
    }

    /// A header block of `len` lines at `block`, the heading of which begins at `at`.
    fn carried(&mut self, at: usize, block: usize, len: usize) -> usize {
        if self.passes_on() {
            self.forward(at, block + len, Cause::HeaderBlock, true)
        } else {
            self.rest(at, block + len, Mark::new(Zone::Quoted, Cause::HeaderBlock))
        }
    }

    /// Whether a mail carried along here is passed on rather than answered: the subject says so, or
    /// nothing was written above it.
    fn passes_on(&self) -> bool {
        let inside = self.base.zone == Zone::Forwarded;
        (!inside && self.thread == Thread::Forward) || !self.written
    }

    /// Begins forwarded matter: its heading is lines `at..body`, its text what follows. It is `headed` when the
    /// heading says whose mail it is, without marks.
    fn forward(&mut self, at: usize, body: usize, cause: Cause, headed: bool) -> usize {
        if self.is_answered(at, body) {
            self.set(at, body, Mark::new(Zone::Quoted, cause));
            return body;
        }
        let before = self.written;
        self.set(at, body, Mark::new(Zone::Forwarded, cause));
        self.base = Mark::new(Zone::Forwarded, Cause::ForwardedText);
        self.written = false;
        self.wrapped = self.lines.get(at).is_some_and(|line| line.wrapped);
        let is_quote = |line: &&Line<'_>| line.shape == Shape::Quote;
        let marked = self.lines.get(at).as_ref().is_some_and(is_quote);
        if marked {
            // The mail is passed on between quote marks, all of it in this run of lines.
            self.set(at, at + 1, self.base);
            self.written = true;
        }
        let end = body.min(self.lines.len());
        // What is passed on may all be marked as quoted; it is the matter all the same.
        let quoted = self.lines.get(end..).unwrap_or_default().iter().take_while(is_quote).count();
        if quoted > 0 {
            self.set(end, end + quoted, self.base);
            self.written = true;
        }
        let end = end + quoted;
        let below = self.lines.get(end..).unwrap_or_default();
        if (marked || (quoted > 0 && !headed)) && !below.iter().any(|line| line.shape == Shape::Quote) {
            // Its heading is marked as well: what follows without marks is the sender's.
            self.base = Mark::NEW;
            self.written = before;
        }
        end
    }

    /// Whether an answer begins with the mail it answers, all of that being marked, its heading at `at` excepted.
    fn is_answered(&self, at: usize, body: usize) -> bool {
        let shape = |line: usize| self.lines.get(line).map(|line| line.shape);
        let marked = shape(at) != Some(Shape::Quote) && shape(body) == Some(Shape::Quote);
        marked && self.thread == Thread::Reply && !self.written && shape(body + 1) == Some(Shape::Text)
    }

    /// An attribution of `len` lines at `at`, and what it introduces.
    fn attributed(&mut self, at: usize, len: usize) -> usize {
        let body = at + len;
        let heading = Mark::new(Zone::Quoted, Cause::Attribution);
        let Some(next) = self.lines.get(body) else {
            self.set(at, body, heading);
            return body;
        };
        let quoted = is_quoted(next);
        if !quoted && self.thread == Thread::Forward && self.base.zone != Zone::Forwarded {
            return self.forward(at, body, Cause::Attribution, true);
        }
        self.quoting = initials(next).or(self.quoting);
        if quoted || !self.written {
            self.set(at, body, heading);
            return self.barred(body);
        }
        self.rest(at, body, heading)
    }

    /// Marks the lines from `at` on that begin with `|`, as some clients quote.
    fn barred(&mut self, at: usize) -> usize {
        let lines = self.lines.get(at..).unwrap_or_default();
        let count = lines.iter().take_while(|line| line.text.starts_with('|')).count();
        self.set(at, at + count, Mark::new(Zone::Quoted, Cause::QuoteMark));
        at + count
    }

    /// Lines quoted with the author's initials ("JD> text"), two of them at least, or one below an attribution.
    fn initials(&mut self, at: usize) -> Option<usize> {
        let lines = self.lines.get(at..)?;
        let first = lines.first().filter(|first| first.signs(self.sheet).has(Signs::ANGLE))?;
        let who = initials(first)?;
        let count = lines.iter().take_while(|line| initials(line) == Some(who)).count();
        if count < 2 && self.quoting != Some(who) {
            return None;
        }
        self.quoting = Some(who);
        self.set(at, at + count, Mark::new(Zone::Quoted, Cause::QuoteMark));
        Some(at + count)
    }

    /// Marks the tail of the quoted line above `at`.
    fn wrapped_tail(&mut self, at: usize) -> usize {
        let (Some(before), Some(follows)) = (self.lines.get(at - 1), self.lines.get(at..)) else { return at };
        let answers = || {
            let above = || self.marks.get(..at).unwrap_or_default();
            *self.answers.get_or_insert_with(|| Announced::of(self.sheet, self.lines, above()).is_any())
        };
        let tail = tail::len(self.sheet, before, follows, answers);
        self.set(at, at + tail, Mark::new(Zone::Quoted, Cause::QuoteMark));
        at + tail
    }

    /// Marks `at..body` as `heading` and all that follows as belonging to it, in an HTML container that wraps it
    /// up to where that ends.
    fn rest(&mut self, at: usize, body: usize, heading: Mark) -> usize {
        self.set(at, body, heading);
        let lines = self.lines.get(at..).unwrap_or_default();
        let wrapped = lines.iter().take_while(|line| line.wrapped).count();
        let end = if wrapped == 0 { self.lines.len() } else { body.max(at + wrapped) };
        let below = Mark::new(Zone::Quoted, Cause::AfterHistory);
        self.marks.get_mut(body..end).unwrap_or_default().fill(below);
        end
    }

    /// Marks lines that nothing else has marked.
    fn set(&mut self, from: usize, to: usize, mark: Mark) {
        let to = to.min(self.marks.len());
        for old in self.marks.get_mut(from..to).unwrap_or_default() {
            if *old == Mark::NEW || old.cause == Cause::ForwardedText {
                *old = mark;
            }
        }
    }
}
