//! Mails out of an mbox: mboxrd, mboxo, mboxcl and mboxcl2.
//!
//! [`Scan`] finds where one mail ends and does no I/O; [`Mbox`] feeds it from [`Blocks`] and hands
//! out mails. A mail ends before the next line that [`judge`] takes for a separator, with two
//! exceptions, both there because some programs store `From ` lines unquoted:
//!
//! - `Content-Length` is believed when it leads exactly to a separator or to the end of the file.
//! - A separator inside an open multipart of the mail before it opens an attached mail, not a new
//!   one. Whether the multipart is open is known from its boundary: it has not been closed, and
//!   comes again further down before anybody else declares it.
//!
//! Work and memory are linear in the input: nothing is searched twice, and a mail beyond the limit
//! is cut.

use std::sync::Arc;

use memchr::memchr_iter;
use memchr::memmem::{self, Finder};

use super::block::Blocks;
use super::feed::{Context, Feed, Found};
use super::header::Extent;
use super::mail::{Mail, Source};
use super::marks::Flags;
use super::separator::{self, Doubt, MARK, Stamp, WINDOW};
use super::warning::{Remark, Warning};
use crate::Error;

/// How far ahead of an unclosed multipart its boundary is looked for.
const LOOK_AHEAD: usize = 1024 * 1024;

/// The most that stands between a mail's declared end and the next separator: two line endings.
const LONGEST_GAP: usize = 4;

/// What the file's first separator says about its writer.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    /// Separators have no date.
    dateless: bool,
}

/// A mail's end, seen from its `From ` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    /// Where its bytes end.
    content: usize,
    /// Where the next mail's `From ` line begins.
    next: usize,
    /// Whether `From ` lines in it are unquoted.
    unquoted: bool,
}

/// One step of the search for a mail's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// More input is needed to tell.
    More,
    /// Found.
    Found(End),
}

/// The search for the end of one mail. All places are counted from the mail's `From ` line.
#[derive(Debug, Default)]
struct Scan {
    /// Where the mail begins after its `From ` line.
    content: usize,
    /// Where to search on.
    resume: usize,
    extent: Option<Extent>,
    /// Up to where no closing delimiter was found.
    open_until: usize,
    /// Up to where the boundary was looked for ahead.
    looked_until: usize,
    /// Up to where everything belongs to an attachment.
    inside_until: usize,
    /// Close calls: place, whether it was taken, why.
    doubts: Vec<(usize, bool, Doubt)>,
}

impl Scan {
    /// Begins at the mail whose `From ` line begins `data`, or with a mail that has none.
    fn new(data: &[u8]) -> Self {
        let headed = data.starts_with(MARK);
        let content = if headed { data.len() - separator::split_line(data).1.len() } else { 0 };
        Self { content, resume: content.saturating_sub(1), ..Self::default() }
    }

    /// Searches on in `data`, which begins at the mail and reaches the end of the input if `ended`.
    fn step(&mut self, data: &[u8], ended: bool, finder: &Finder<'_>, habits: Habits, limit: usize) -> Step {
        loop {
            let Some(hit) = data.get(self.resume..).and_then(|rest| finder.find(rest)) else {
                self.resume = self.resume.max(data.len().saturating_sub(MARK.len()));
                return if ended { Step::Found(self.last(data)) } else { Step::More };
            };
            let newline = self.resume + hit;
            let at = newline + 1;
            if !ended && data.len() - at < WINDOW {
                self.resume = newline;
                return Step::More;
            }
            match self.weigh(data, at, ended, habits, limit) {
                Some(Step::More) => {
                    self.resume = newline;
                    return Step::More;
                }
                Some(found) => return found,
                None => self.resume = at,
            }
        }
    }

    /// What the candidate at `at` means; `None` when it is text.
    fn weigh(&mut self, data: &[u8], at: usize, ended: bool, habits: Habits, limit: usize) -> Option<Step> {
        let mut extent = match self.extent.take() {
            Some(extent) => extent,
            None => Extent::of(data.get(self.content..at).unwrap_or_default()),
        };
        let step = self.weigh_with(&mut extent, data, at, ended, habits, limit);
        self.extent = Some(extent);
        step
    }

    fn weigh_with(
        &mut self,
        extent: &mut Extent,
        data: &[u8],
        at: usize,
        ended: bool,
        habits: Habits,
        limit: usize,
    ) -> Option<Step> {
        let (ends, blank_before) = ends_before(data, self.content, at);
        let verdict = separator::judge(data.get(at..).unwrap_or_default(), blank_before, habits.dateless);
        let declared = extent.length.take().and_then(|length| length.checked_add(self.content + extent.body));
        if let Some(end) = declared.filter(|end| *end <= limit && end + LONGEST_GAP >= at) {
            if !ended && data.len() < end + LONGEST_GAP + WINDOW {
                extent.length = Some(end - self.content - extent.body);
                return Some(Step::More);
            }
            if let Some(next) = landing(data, end, ended) {
                let unquoted = next > at;
                if unquoted && verdict.opens {
                    self.doubts.push((at, false, Doubt::WithinLength));
                }
                return Some(Step::Found(End { content: end, next, unquoted }));
            }
        }
        if verdict.opens {
            match self.is_inside(extent, data, at, ended) {
                None => return Some(Step::More),
                Some(true) => {
                    self.doubts.push((at, false, Doubt::Attached));
                    return None;
                }
                Some(false) => {}
            }
        }
        if let Some(doubt) = verdict.doubt {
            self.doubts.push((at, verdict.opens, doubt));
        }
        verdict.opens.then_some(Step::Found(End { content: ends, next: at, unquoted: false }))
    }

    /// Whether `at` lies in an open multipart; `None` when more input is needed to tell.
    fn is_inside(&mut self, extent: &mut Extent, data: &[u8], at: usize, ended: bool) -> Option<bool> {
        let Some(boundary) = &extent.boundary else { return Some(false) };
        if at < self.inside_until {
            return Some(true);
        }
        let from = self.open_until.max(self.content);
        if closes(data, from, at, boundary) {
            extent.boundary = None;
            return Some(false);
        }
        let reach = at.saturating_add(LOOK_AHEAD);
        if !ended && data.len() < reach {
            return None;
        }
        self.open_until = at.saturating_sub(boundary.len() + 4).max(from);
        let from = self.looked_until.max(at);
        let ahead = data.get(from..reach.min(data.len())).unwrap_or_default();
        let bare = boundary.get(2..).unwrap_or_default();
        match memmem::find(ahead, bare).map(|hit| from + hit) {
            Some(hit) if is_delimiter(data, hit.saturating_sub(2), boundary) => {
                self.inside_until = hit;
                Some(true)
            }
            Some(_) => {
                extent.boundary = None;
                Some(false)
            }
            None => {
                self.looked_until = reach.min(data.len()).saturating_sub(boundary.len()).max(at);
                Some(false)
            }
        }
    }

    /// The end of the last mail, which takes all that is left but the blank line after it.
    fn last(&self, data: &[u8]) -> End {
        let content = ends_before(data, self.content, data.len()).0;
        End { content, next: data.len(), unquoted: false }
    }
}

/// Where a mail ends whose successor begins at `next`: before the one blank line between them. Also
/// whether that blank line is there; spaces in it are forgiven but kept.
fn ends_before(data: &[u8], content: usize, next: usize) -> (usize, bool) {
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
fn landing(data: &[u8], end: usize, ended: bool) -> Option<usize> {
    let rest = data.get(end..)?;
    let at_line_start = data.get(..end)?.ends_with(b"\n");
    ["", "\n", "\r\n", "\n\n", "\r\n\r\n"].into_iter().find_map(|gap| {
        let tail = rest.strip_prefix(gap.as_bytes())?;
        let separator = (at_line_start || !gap.is_empty()) && separator::opens_file(tail);
        (separator || (tail.is_empty() && ended)).then_some(end + gap.len())
    })
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

/// The mails of one mbox.
pub(super) struct Mbox {
    source: Arc<Source>,
    blocks: Blocks,
    finder: Finder<'static>,
    habits: Habits,
    index: u64,
    /// The line that the window begins at, from 1.
    line: u64,
    begun: bool,
}

impl Mbox {
    /// Reads the mails that `blocks` begins with.
    pub(super) fn new(source: Source, blocks: Blocks) -> Self {
        Self {
            source: Arc::new(source),
            blocks,
            finder: Finder::new(b"\nFrom "),
            habits: Habits::default(),
            index: 0,
            line: 1,
            begun: false,
        }
    }

    /// Goes past what may stand before the first mail: a byte order mark and blank lines.
    fn begin(&mut self, context: &mut Context) {
        self.begun = true;
        while !self.blocks.ended() && self.blocks.window().len() < WINDOW {
            self.blocks.more();
        }
        let lead = lead(self.blocks.window());
        self.pass(lead);
        let (first, _) = separator::split_line(self.blocks.window());
        let stamp = separator::stamp(first);
        self.habits.dateless = stamp == Stamp::Dateless;
        if stamp == Stamp::None && first.starts_with(MARK) {
            self.warn(0, self.line, Remark::Split(Doubt::NoDate), context);
        }
    }

    /// Moves on by `bytes` and counts their lines.
    fn pass(&mut self, bytes: usize) {
        let passed = self.blocks.window().get(..bytes).unwrap_or_default();
        self.line += memchr_iter(b'\n', passed).count() as u64;
        self.blocks.advance(bytes);
    }

    fn mail(&mut self, end: End, content: usize, oversize: bool) -> Mail {
        let (block, start) = self.blocks.share();
        let line = separator::split_line(self.blocks.window()).0.len();
        let mail = Mail {
            source: Arc::clone(&self.source),
            index: self.index,
            offset: self.blocks.offset(),
            line: self.line,
            file: None,
            block,
            from_line: if content == 0 { 0..0 } else { start..start + line },
            content: start + content..start + end.content.max(content),
            quoted: !end.unquoted,
            oversize,
            flags: Flags::default(),
        };
        self.index += 1;
        mail
    }

    /// Reports the close calls of a scan, lines counted once.
    fn report(&self, doubts: &[(usize, bool, Doubt)], context: &mut Context) {
        let (mut counted, mut line) = (0, self.line);
        for &(at, taken, doubt) in doubts {
            let between = self.blocks.window().get(counted..at).unwrap_or_default();
            line += memchr_iter(b'\n', between).count() as u64;
            counted = at;
            let remark = if taken { Remark::Split(doubt) } else { Remark::Joined(doubt) };
            self.warn(at, line, remark, context);
        }
    }

    fn warn(&self, at: usize, line: u64, remark: Remark, context: &mut Context) {
        let (source, offset) = (Arc::clone(&self.source), self.blocks.offset() + at as u64);
        context.warnings.add(Warning { source, offset, line, remark });
    }

    /// Says when the last mail looks cut off.
    fn check_last(&self, scan: &Scan, end: End, context: &mut Context) {
        let window = self.blocks.window();
        let mail = window.get(scan.content..).unwrap_or_default();
        let extent = Extent::of(mail);
        if extent.length.is_some_and(|length| extent.body.saturating_add(length) > mail.len() + 2) {
            self.warn(0, self.line, Remark::ShortOfLength, context);
        } else if end.content > scan.content && window.last().is_some_and(|byte| *byte != b'\n') {
            self.warn(0, self.line, Remark::NoFinalNewline, context);
        }
    }

    /// Cuts a mail that is longer than the limit and goes on to the next separator.
    fn cut(&mut self, scan: &Scan, context: &mut Context) -> Mail {
        self.warn(0, self.line, Remark::Oversize, context);
        let limit = context.options.max_mail;
        let content = scan.content.min(limit);
        let mail = self.mail(End { content: limit, next: limit, unquoted: false }, content, true);
        self.pass(limit);
        self.skip();
        mail
    }

    /// Goes on to the next plain separator.
    fn skip(&mut self) {
        loop {
            let window = self.blocks.window();
            let (mut from, mut found) = (0, None);
            while let Some(hit) = window.get(from..).and_then(|rest| self.finder.find(rest)) {
                let at = from + hit + 1;
                if !self.blocks.ended() && window.len() - at < WINDOW {
                    from += hit;
                    break;
                }
                let (_, blank) = ends_before(window, 0, at);
                let rest = window.get(at..).unwrap_or_default();
                if separator::judge(rest, blank, self.habits.dateless).opens {
                    found = Some(at);
                    break;
                }
                from = at;
            }
            if let Some(at) = found {
                return self.pass(at);
            }
            if self.blocks.ended() {
                return self.pass(window.len());
            }
            // Enough is kept to see a candidate at the window's end, and the line before it.
            self.pass(from.max(window.len().saturating_sub(WINDOW)).saturating_sub(100));
            self.blocks.more();
        }
    }
}

impl Feed for Mbox {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if !self.begun {
            self.begin(context);
        }
        if self.blocks.window().is_empty() {
            self.blocks.more();
        }
        if self.blocks.window().is_empty() {
            let fault = self.blocks.take_fault()?;
            return Some(Found::Fault(Error::io("read", &self.source.path, fault)));
        }
        while !self.blocks.ended() && self.blocks.window().len() < WINDOW {
            self.blocks.more();
        }
        let limit = context.options.max_mail;
        let mut scan = Scan::new(self.blocks.window());
        let end = loop {
            let window = self.blocks.window();
            match scan.step(window, self.blocks.ended(), &self.finder, self.habits, limit) {
                Step::Found(end) if end.content <= limit => break end,
                Step::More if window.len() <= limit.saturating_add(2 * LOOK_AHEAD) => self.blocks.more(),
                _ => return Some(Found::Mail(self.cut(&scan, context))),
            }
        };
        self.report(&scan.doubts, context);
        if self.blocks.ended() && end.next == self.blocks.window().len() {
            self.check_last(&scan, end, context);
        }
        let mail = self.mail(end, scan.content, false);
        self.pass(end.next);
        Some(Found::Mail(mail))
    }
}

/// How much of `data` may stand before a first mail: a byte order mark and blank lines.
pub(super) fn lead(data: &[u8]) -> usize {
    let body = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let blank = body.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    data.len() - body.len() + blank
}

/// Whether `data` begins as an mbox does.
pub(super) fn begins(data: &[u8]) -> bool {
    separator::opens_file(data.get(lead(data)..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::{Mail, Options, Remark, stream};
    use super::*;

    /// Content and offset of each mail, and the remarks with their lines.
    type Reading = (Vec<(String, u64)>, Vec<(u64, Remark)>);

    /// Reads an mbox, in blocks of several sizes: the result is the same.
    fn read(mbox: &[u8]) -> Reading {
        let mut results = [64, 5000, 1 << 20].into_iter().map(|block| {
            let options = Options { block, ..Options::default() };
            let mut mails = stream("-", std::io::Cursor::new(mbox.to_vec()), options).unwrap();
            let all: Vec<Mail> = mails.by_ref().map(Result::unwrap).collect();
            let warnings = mails.take_warnings().into_iter().map(|warning| (warning.line, warning.remark));
            let texts =
                all.iter().map(|mail| (String::from_utf8_lossy(&mail.bytes()).into_owned(), mail.offset()));
            (texts.collect::<Vec<_>>(), warnings.collect::<Vec<_>>())
        });
        let first = results.next().unwrap();
        for other in results {
            assert_eq!(other, first);
        }
        first
    }

    const A: &str = "From a@b.example Mon Jan  1 00:00:00 2024\n";

    #[test]
    fn splits_where_mails_begin_and_nowhere_else() {
        let cases: &[(&str, String, &[&str])] = &[
            ("two", format!("{A}S: 1\n\nx\n\n{A}S: 2\n\ny\n"), &["S: 1\n\nx\n", "S: 2\n\ny\n"]),
            ("final blank line", format!("{A}S: 1\n\nx\n\n"), &["S: 1\n\nx\n"]),
            (
                "blank lines belong to the mail but for one",
                format!("{A}S: 1\n\n\n\n{A}S: 2\n"),
                &["S: 1\n\n\n", "S: 2\n"],
            ),
            (
                "sentence",
                format!("{A}S: 1\n\nx\n\nFrom Monday: it moves.\nok\n\n"),
                &["S: 1\n\nx\n\nFrom Monday: it moves.\nok\n"],
            ),
            ("quoted", format!("{A}S: 1\n\n>From x\n>>From y\n\n"), &["S: 1\n\nFrom x\n>From y\n"]),
            (
                "no header",
                format!("{A}S: 1\n\nx\n\n{A}just text\n"),
                &[&format!("S: 1\n\nx\n\n{A}just text\n")],
            ),
            ("empty mails", format!("{A}\n{A}\n{A}S: 1\n"), &["", "", "S: 1\n"]),
            (
                "spaces before",
                format!("{A}S: 1\n\nx\n  \n{A}S: 2\nT: 3\n"),
                &["S: 1\n\nx\n  \n", "S: 2\nT: 3\n"],
            ),
            ("no blank line", format!("{A}S: 1\n\nx\n{A}S: 2\nT: 3\n"), &["S: 1\n\nx\n", "S: 2\nT: 3\n"]),
            (
                "length over bare From",
                format!("{A}Content-Length: 56\n\n\n{A}S: 9\nT: 9\n\nz\n\n{A}S: 2\n"),
                &[&format!("Content-Length: 56\n\n\n{A}S: 9\nT: 9\n\nz\n"), "S: 2\n"],
            ),
            (
                "false length",
                format!("{A}Content-Length: 40\n\nx\n\n{A}S: 2\n\nmore text here, and more\n"),
                &["Content-Length: 40\n\nx\n", "S: 2\n\nmore text here, and more\n"],
            ),
            ("lead", format!("\u{feff}\n\n{A}S: 1\n"), &["S: 1\n"]),
            ("cut off", format!("{A}S: 1\n\nx\n\n{A}Sub"), &["S: 1\n\nx\n", "Sub"]),
        ];
        for (name, mbox, want) in cases {
            let crlf = mbox.replace('\n', "\r\n");
            let texts =
                |mbox: &str| read(mbox.as_bytes()).0.into_iter().map(|(text, _)| text).collect::<Vec<_>>();
            assert_eq!(texts(mbox), *want, "{name}");
            if !name.contains("length") {
                assert_eq!(
                    texts(&crlf),
                    want.iter().map(|text| text.replace('\n', "\r\n")).collect::<Vec<_>>(),
                    "{name}, CRLF"
                );
            }
        }
    }

    #[test]
    fn attached_mails_stay_with_theirs() {
        let outer = "Content-Type: multipart/mixed; boundary=\"bb\"\n\n--bb\n\nhi\n--bb\nContent-Type: message/rfc822\n\n";
        let inner = format!("{A}Subject: inner\nTo: x\n\ntext\n");
        let mbox = format!("{A}{outer}{inner}\n{inner}--bb--\n\n{A}S: 2\n\ny\n");
        let (mails, remarks) = read(mbox.as_bytes());
        assert_eq!(mails.len(), 2, "{mails:?}");
        assert_eq!(remarks, [(10, Remark::Joined(Doubt::Attached)), (16, Remark::Joined(Doubt::Attached))]);
        // A multipart cut short does not swallow the mails after it, not even its own second copy.
        let cut = format!("{A}{outer}text\n\n");
        assert_eq!(read(format!("{cut}{A}S: 2\n").as_bytes()).0.len(), 2);
        assert_eq!(read(format!("{cut}{cut}{A}S: 2\n").as_bytes()).0.len(), 3);
    }

    #[test]
    fn close_calls_are_reported_by_line() {
        let cases: &[(String, u64, Remark)] = &[
            (format!("{A}S: 1\n\nx\n{A}S: 2\nT: 3\n"), 5, Remark::Split(Doubt::NoBlankLine)),
            (format!("{A}S: 1\n\nx\n\n{A}just text\n"), 6, Remark::Joined(Doubt::NoHeader)),
            (format!("{A}S: 1\n\nx\n\nFrom me\nS: 2\nT: 3\n"), 6, Remark::Joined(Doubt::NoDate)),
            (format!("{A}S: 1\n\nx"), 1, Remark::NoFinalNewline),
            (format!("{A}Content-Length: 99\n\nx\n"), 1, Remark::ShortOfLength),
        ];
        for (mbox, line, remark) in cases {
            assert_eq!(read(mbox.as_bytes()).1, [(*line, remark.clone())], "{mbox}");
        }
    }
}
