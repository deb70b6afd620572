//! Where one mail of an mbox ends.
//!
//! A mail ends before the next line that [`judge`](separator::judge) takes for a separator, with
//! two exceptions, both there because some programs store `From ` lines unquoted:
//!
//! - `Content-Length` is believed when it leads exactly to a separator or to the end of the file.
//!   Over what would else be a separator it must also be the file's habit: the first mail's length
//!   holds and the next mail has one. A sender could otherwise hide the mails after his own.
//! - A separator that comes right after the header of a MIME part, inside a multipart that is still
//!   open and whose boundary comes again further down before anybody else declares it, opens an
//!   attached mail. Thunderbird has stored them so. What stands before that next boundary is
//!   attached too.
//!
//! Does no I/O. Work is linear in the input: nothing is searched twice.

use memchr::memmem::{self, Finder};

use super::header::Extent;
use super::separator::{self, Doubt, Verdict, WINDOW};
use super::stamp::MARK;

/// How far ahead of an unclosed multipart its boundary is looked for.
pub(super) const LOOK_AHEAD: usize = 1024 * 1024;

/// The most that stands between a mail's declared end and the next separator: two line endings.
const LONGEST_GAP: usize = 4;

/// How much of the next mail's header is looked at for its length.
const NEXT_HEADER: usize = 64 * 1024;

/// Close calls noted in one mail; a hostile one could hold millions.
const MOST_DOUBTS: usize = 1000;

/// What the file has shown of its writer so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Separators have no date.
    pub(super) dateless: bool,
    /// Whether the first mail's `Content-Length` held; `None` before that is known.
    pub(super) lengths: Option<bool>,
}

/// The input as far as it was read, from the `From ` line of the mail in question.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    /// The bytes.
    pub(super) data: &'a [u8],
    /// Whether the input ends with them.
    pub(super) ended: bool,
    /// What is known of the writer.
    pub(super) habits: Habits,
    /// The longest mail.
    pub(super) limit: usize,
}

impl View<'_> {
    /// Whether everything up to `place` can be seen, as far as it exists.
    fn reaches(&self, place: usize) -> bool {
        self.ended || self.data.len() >= place
    }
}

/// A mail's end, seen from its `From ` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Where its bytes end.
    pub(super) content: usize,
    /// Where the next mail's `From ` line begins.
    pub(super) next: usize,
    /// Whether its `Content-Length` leads here.
    pub(super) declared: bool,
    /// Whether `From ` lines in it are unquoted.
    pub(super) unquoted: bool,
}

/// One step of the search for a mail's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More input is needed to tell.
    More,
    /// Found.
    Found(End),
}

/// The search for the end of one mail. All places are counted from the mail's `From ` line.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Where the mail begins after its `From ` line.
    pub(super) content: usize,
    /// Close calls: place, whether it was taken, why.
    pub(super) doubts: Vec<(usize, bool, Doubt)>,
    /// Where to search on.
    resume: usize,
    extent: Option<Extent>,
    /// Up to where no closing delimiter was found.
    open_until: usize,
    /// Up to where the boundary was looked for ahead.
    looked_until: usize,
    /// Up to where everything belongs to an attachment.
    inside_until: usize,
}

impl Scan {
    /// Begins at the mail whose `From ` line begins `data`, or with a mail that has none.
    pub(super) fn new(data: &[u8]) -> Self {
        let headed = data.starts_with(MARK);
        let content = if headed { data.len() - separator::split_line(data).1.len() } else { 0 };
        Self { content, resume: content.saturating_sub(1), ..Self::default() }
    }

    /// Searches on.
    pub(super) fn step(&mut self, view: View<'_>, finder: &Finder<'_>) -> Step {
        let data = view.data;
        loop {
            let Some(hit) = data.get(self.resume..).and_then(|rest| finder.find(rest)) else {
                self.resume = self.resume.max(data.len().saturating_sub(MARK.len()));
                return if view.ended { Step::Found(self.last(data)) } else { Step::More };
            };
            let newline = self.resume + hit;
            let at = newline + 1;
            if !view.reaches(at + WINDOW) {
                self.resume = newline;
                return Step::More;
            }
            let content = data.get(self.content..at).unwrap_or_default();
            let mut extent = self.extent.take().unwrap_or_else(|| Extent::of(content));
            let step = self.weigh(&mut extent, view, at);
            self.extent = Some(extent);
            self.resume = if step == Some(Step::More) { newline } else { at };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// What the candidate at `at` means; `None` when it is text.
    fn weigh(&mut self, extent: &mut Extent, view: View<'_>, at: usize) -> Option<Step> {
        let (ends, blank_before) = ends_before(view.data, self.content, at);
        let candidate = view.data.get(at..).unwrap_or_default();
        let verdict = separator::judge(candidate, blank_before, view.habits.dateless);
        if let Some(step) = self.by_length(extent, view, (ends, at), verdict) {
            return Some(step);
        }
        if verdict.opens {
            match self.is_inside(extent, view, at) {
                None => return Some(Step::More),
                Some(true) => {
                    self.doubt(at, false, Doubt::Attached);
                    return None;
                }
                Some(false) => {}
            }
        }
        if let Some(doubt) = verdict.doubt {
            self.doubt(at, verdict.opens, doubt);
        }
        let end = End { content: ends, next: at, declared: false, unquoted: false };
        verdict.opens.then_some(Step::Found(end))
    }

    /// The end that `Content-Length` declares, if it is one; forgets the length if it is not.
    fn by_length(
        &mut self,
        extent: &mut Extent,
        view: View<'_>,
        (ends, at): (usize, usize),
        verdict: Verdict,
    ) -> Option<Step> {
        let length = extent.length.take()?;
        let end = length.checked_add(self.content + extent.body).filter(|end| *end <= view.limit)?;
        // Where lengths are not the file's habit, none leads over anything, and nothing is read ahead.
        if end + LONGEST_GAP < at || (end > at && view.habits.lengths == Some(false)) {
            return None;
        }
        if !view.reaches(end + LONGEST_GAP + NEXT_HEADER) {
            extent.length = Some(length);
            return Some(Step::More);
        }
        let next = landing(view, end)?;
        if next <= at {
            // The length settles a doubt about the separator. A line ending more or less is not
            // its to settle.
            return Some(Step::Found(End { content: ends, next: at, declared: true, unquoted: false }));
        }
        if verdict.opens {
            let rest = view.data.get(next..).unwrap_or_default();
            if !rest.is_empty() && !declares_length(rest) {
                return None;
            }
            self.doubt(at, false, Doubt::WithinLength);
        }
        Some(Step::Found(End { content: end, next, declared: true, unquoted: true }))
    }

    /// Whether `at` lies in an attachment; `None` when more input is needed to tell.
    fn is_inside(&mut self, extent: &mut Extent, view: View<'_>, at: usize) -> Option<bool> {
        let Some(boundary) = &extent.boundary else { return Some(false) };
        if at < self.inside_until {
            return Some(true);
        }
        let data = view.data;
        if !follows_part_header(data, self.content, at) {
            return Some(false);
        }
        let from = self.open_until.max(self.content);
        if closes(data, from, at, boundary) {
            extent.boundary = None;
            return Some(false);
        }
        let reach = at.saturating_add(LOOK_AHEAD);
        if !view.reaches(reach) {
            return None;
        }
        let reach = reach.min(data.len());
        self.open_until = at.saturating_sub(boundary.len() + 4).max(from);
        let from = self.looked_until.max(at);
        let ahead = data.get(from..reach).unwrap_or_default();
        match memmem::find(ahead, boundary.get(2..).unwrap_or_default()).map(|hit| from + hit) {
            Some(hit) if is_delimiter(data, hit.saturating_sub(2), boundary) => {
                self.inside_until = hit;
                Some(true)
            }
            Some(_) => {
                extent.boundary = None;
                Some(false)
            }
            None => {
                self.looked_until = reach.saturating_sub(boundary.len()).max(at);
                Some(false)
            }
        }
    }

    /// Notes a close call, unless the mail has had too many.
    fn doubt(&mut self, at: usize, taken: bool, doubt: Doubt) {
        if self.doubts.len() < MOST_DOUBTS {
            self.doubts.push((at, taken, doubt));
        }
    }

    /// The end of the last mail, which takes all that is left but the blank line after it.
    fn last(&self, data: &[u8]) -> End {
        let content = ends_before(data, self.content, data.len()).0;
        End { content, next: data.len(), declared: false, unquoted: false }
    }
}

/// Where a mail ends whose successor begins at `next`: before the one blank line between them. Also
/// whether that blank line is there; spaces in it are forgiven but kept.
pub(super) fn ends_before(data: &[u8], content: usize, next: usize) -> (usize, bool) {
    let before = data.get(content..next).unwrap_or_default();
    let Some(line_end) = before.strip_suffix(b"\n") else { return (next, before.is_empty()) };
    let bare = line_end.strip_suffix(b"\r").unwrap_or(line_end);
    if bare.is_empty() || bare.ends_with(b"\n") {
        return (content + bare.len(), true);
    }
    let tail = bare.get(bare.len().saturating_sub(80)..).unwrap_or_default();
    let spaces = tail.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = bare.len() - spaces;
    (next, spaces > 0 && (start == 0 || bare.get(start - 1) == Some(&b'\n')))
}

/// Where the next mail begins when `end` is where a mail's declared length ends: at a separator or
/// the end of the input, with or without a blank line between.
fn landing(view: View<'_>, end: usize) -> Option<usize> {
    let rest = view.data.get(end..)?;
    let at_line_start = view.data.get(..end)?.ends_with(b"\n");
    ["", "\n", "\r\n", "\n\n", "\r\n\r\n"].into_iter().find_map(|gap| {
        let tail = rest.strip_prefix(gap.as_bytes())?;
        let separator = (at_line_start || !gap.is_empty()) && separator::opens_file(tail);
        (separator || (tail.is_empty() && view.ended)).then_some(end + gap.len())
    })
}

/// Whether the mail whose `From ` line begins `data` declares its length.
fn declares_length(data: &[u8]) -> bool {
    Extent::of(separator::split_line(data).1).length.is_some()
}

/// Whether the lines before the blank line before `at` are the header of a MIME part, and before
/// them its delimiter.
fn follows_part_header(data: &[u8], content: usize, at: usize) -> bool {
    let begin = content.max(at.saturating_sub(WINDOW));
    let before = data.get(begin..at).unwrap_or_default();
    let mut lines = before.rsplit(|byte| *byte == b'\n');
    // The line end before the candidate, and the blank line.
    let ended = lines.next().is_some_and(<[u8]>::is_empty) && lines.next().is_some_and(separator::is_blank);
    let header = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).find(|line| {
        let continued = matches!(line.first(), Some(b' ' | b'\t')) && !separator::is_blank(line);
        line.starts_with(b"--") || !(continued || separator::is_field(line))
    });
    ended && header.is_some_and(|line| line.starts_with(b"--") && !line.trim_ascii_end().ends_with(b"--"))
}

/// Whether the closing delimiter of `boundary` stands between two places. Searched from the end,
/// which is where it is.
fn closes(data: &[u8], from: usize, to: usize, boundary: &[u8]) -> bool {
    let text = data.get(from..to).unwrap_or_default();
    let closing = [boundary, b"--"].concat();
    memmem::rfind_iter(text, &closing).any(|hit| from + hit == 0 || data.get(from + hit - 1) == Some(&b'\n'))
}

/// Whether a delimiter line of `boundary` begins at `at` (RFC 2046, section 5.1.1).
fn is_delimiter(data: &[u8], at: usize, boundary: &[u8]) -> bool {
    let begins = at == 0 || data.get(at - 1) == Some(&b'\n');
    let Some(rest) = data.get(at..).and_then(|rest| rest.strip_prefix(boundary)) else { return false };
    let after = rest.strip_prefix(b"--").unwrap_or(rest);
    begins && matches!(after.first(), None | Some(b'\n' | b'\r' | b' ' | b'\t'))
}
