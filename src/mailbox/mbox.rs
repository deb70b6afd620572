//! Mails out of an mbox: mboxrd, mboxo, mboxcl and mboxcl2.
//!
//! Feeds [`Scan`] from [`Blocks`], hands out mails that share them, and reports close calls by line.
//! A mail beyond the limit is cut, so memory is bounded whatever the file holds.

use std::sync::Arc;

use memchr::memchr_iter;
use memchr::memmem::Finder;

use super::block::Blocks;
use super::feed::{Context, Feed, Found};
use super::header::Extent;
use super::mail::{Mail, Source};
use super::marks::Flags;
use super::scan::{End, Habits, LOOK_AHEAD, Scan, Step, View, ends_before};
use super::separator::{self, Doubt, WINDOW};
use super::stamp::{MARK, Stamp, stamp};
use super::warning::{Remark, Warning};
use crate::Error;

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
        let stamp = stamp(first);
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
        let mail =
            self.mail(End { content: limit, next: limit, declared: false, unquoted: false }, content, true);
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
            let (data, ended) = (self.blocks.window(), self.blocks.ended());
            match scan.step(View { data, ended, habits: self.habits, limit }, &self.finder) {
                Step::Found(end) if end.content <= limit => break end,
                Step::More if data.len() <= limit.saturating_add(2 * LOOK_AHEAD) => self.blocks.more(),
                _ => return Some(Found::Mail(self.cut(&scan, context))),
            }
        };
        self.habits.lengths.get_or_insert(end.declared);
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
                format!("{A}Content-Length: 56\n\n\n{A}S: 9\nT: 9\n\nz\n\n{A}Content-Length: 2\n\ny\n"),
                &[&format!("Content-Length: 56\n\n\n{A}S: 9\nT: 9\n\nz\n"), "Content-Length: 2\n\ny\n"],
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
    fn no_sender_hides_the_mails_after_his_own() {
        let victim = format!("{A}S: 2\nT: 3\n\ny\n\n");
        // The first mail of the file shows that lengths are not this writer's habit.
        let liar = |length: usize| format!("{A}Content-Length: {length}\n\nx\n\n");
        for (first, want) in [(format!("{A}S: 1\n\nx\n\n"), 4), (String::new(), 3)] {
            let mbox = format!("{first}{}{victim}{A}S: 3\n\nz\n", liar(3 + victim.len()));
            assert_eq!(read(mbox.as_bytes()).0.len(), want, "{mbox}");
        }
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
