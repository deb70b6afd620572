//! Putting our fields on a mail and leaving every other byte as it is.
//!
//! Takes a mail's bytes, finds what comes out (incoming `X-Postroom-*` fields, forged or old) and where
//! ours go, and writes the result. Reads no further than the header. Stamping twice with the same fields
//! gives the same bytes as stamping once.
//!
//! How odd mails are read:
//!
//! - A line ends with LF; CRs before it belong to the ending. A lone CR is no line ending (RFC 5322,
//!   section 2.3), except that a field we take out ends there too: nothing a sender wrote goes with it.
//! - The header ends at the first empty line, by the reading of whoever takes it for longest: the next to
//!   read the mail must find no field of ours but these. procmail, fdm and Dovecot go on over an empty line
//!   that has more CRs than the mail's other lines; see [`HeaderEnd`]. Lines in it that are no fields are
//!   left where they are.
//! - Leading `From ` and `>From ` lines of a mailbox stay in front of our fields.
//! - A mail of text alone, without a header, gets our fields and nothing else: whoever reads mail takes a
//!   line that is no field for the end of the header.
//! - Lines in front of the first field that begin with a space (a fold of nothing) stay in front of our
//!   fields, where they cannot be taken for a part of them. Where no field follows at all, an empty line
//!   keeps the two apart: the one case in which more than fields is added. The next time that is a mail
//!   with an empty header, and gets no second one.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::ops::Range;

use super::headers::Field;
pub use own::is_own_name;
use own::own_field;

mod long;
mod own;

/// Which empty line ends the header, for whoever reads the mail next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderEnd {
    /// LF alone, or CRLF.
    Crlf,
    /// LF alone.
    Lf,
}

impl HeaderEnd {
    /// Whether a text starts with the line that ends the header.
    fn is_at(self, raw: &[u8]) -> bool {
        raw.starts_with(b"\n") || (self == Self::Crlf && raw.starts_with(b"\r\n"))
    }
}

/// Fields of which one shows that lines are a header, even when the first line goes on with nothing.
const TELLING: [&str; 12] = [
    "Received",
    "Return-Path",
    "Delivered-To",
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Reply-To",
];

/// A mail taken apart: what stays, what goes, and where our fields come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted<'r> {
    raw: &'r [u8],
    /// Incoming fields of ours, in order, apart from one another.
    taken: Vec<Range<usize>>,
    /// Where our fields go.
    top: usize,
    /// Whether an empty line must follow them.
    gap: bool,
    eol: &'static str,
    end: HeaderEnd,
    /// Where the last field or line begins, when the header may go on after these bytes.
    open: Option<usize>,
}

/// Takes a mail apart. The body may be cut short, and the header, when [`Parted::write_long`] writes it.
#[must_use]
pub fn part(raw: &[u8]) -> Parted<'_> {
    part_for(raw, HeaderEnd::Crlf)
}

/// The same for a reader who knows only this end of the header. In a mail whose first line ends in LF, that
/// is LF alone for every reader.
#[must_use]
pub fn part_for(raw: &[u8], end: HeaderEnd) -> Parted<'_> {
    let mut taken = Vec::new();
    let mut at = 0;
    let mut last = 0;
    let mut first_kept = None;
    let certain = envelope_leads_to_field(raw);
    loop {
        if let Some(end) = own_field(raw, at) {
            take(&mut taken, at..end);
            (last, at) = (at, end);
        } else if let Some(end) = envelope_line(raw, at, certain) {
            first_kept.get_or_insert(at);
            (last, at) = (end, end);
        } else {
            break;
        }
    }
    let eol = if line(raw, first_kept.unwrap_or(at)).ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let end = if eol == "\n" { HeaderEnd::Lf } else { end };
    let (top, gap) = place(raw, at);
    let open = if gap && end.is_at(eol.as_bytes()) {
        None
    } else if may_go_on(raw, at) {
        Some(last)
    } else {
        take_from_header(raw, at, end, &mut taken)
    };
    Parted { raw, taken, top, gap, eol, end, open }
}

impl Parted<'_> {
    /// The mail as a judge should see it: without any field of ours, but with the empty line that stamping
    /// may add, so that it reads the same before and after.
    #[must_use]
    pub fn unstamped(&self) -> Cow<'_, [u8]> {
        if self.taken.is_empty() && !self.gap {
            return Cow::Borrowed(self.raw);
        }
        let mut bytes = Vec::with_capacity(self.raw.len() + 2);
        // Writing to a vector cannot fail.
        let _ = self.write(&[], &mut bytes);
        Cow::Owned(bytes)
    }

    /// The same without the lines of a mailbox that lead the mail, for whom they would be a part of it.
    #[must_use]
    pub fn without_envelope_lines(self) -> Self {
        let mut taken = Vec::with_capacity(self.taken.len() + 1);
        let mut at = 0;
        while let Some(end) = own_field(self.raw, at).or_else(|| envelope_line(self.raw, at, true)) {
            if at >= self.top {
                break;
            }
            take(&mut taken, at..end);
            at = end;
        }
        self.taken.iter().filter(|range| range.start >= at).for_each(|range| take(&mut taken, range.clone()));
        Self { taken, ..self }
    }

    /// Bytes of the mail that are not fields of ours.
    #[must_use]
    pub fn size(&self) -> usize {
        self.raw.len() - self.taken.iter().map(Range::len).sum::<usize>()
    }

    /// Writes the mail with these fields.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, fields: &[Field], out: &mut dyn Write) -> io::Result<()> {
        self.write_to(self.raw.len(), fields, out)
    }

    /// The same for a mail of which the beginning is held here, and the rest is still to be read.
    ///
    /// # Errors
    ///
    /// Whatever `rest` or `out` fails with.
    pub fn write_long(&self, fields: &[Field], rest: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
        let Some(open) = self.open else {
            self.write(fields, out)?;
            return io::copy(rest, out).map(|_| ());
        };
        self.write_to(open, fields, out)?;
        long::copy(&mut self.raw.get(open..).unwrap_or_default().chain(rest), self.end, out)
    }

    /// Writes the mail up to `end` with these fields.
    fn write_to(&self, end: usize, fields: &[Field], out: &mut dyn Write) -> io::Result<()> {
        self.copy(0..self.top, out)?;
        for field in fields {
            out.write_all(field.folded(self.eol).as_bytes())?;
        }
        if self.gap {
            out.write_all(self.eol.as_bytes())?;
        }
        self.copy(self.top..end.max(self.top), out)
    }

    /// Writes a stretch of the mail without what is taken out.
    fn copy(&self, stretch: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        let mut at = stretch.start;
        let first = self.taken.partition_point(|range| range.end <= stretch.start);
        for range in self.taken.iter().skip(first).take_while(|range| range.start < stretch.end) {
            out.write_all(self.raw.get(at..range.start).unwrap_or_default())?;
            at = range.end;
        }
        out.write_all(self.raw.get(at..stretch.end).unwrap_or_default())
    }
}

/// Adds a range, made one with the last when they touch.
fn take(taken: &mut Vec<Range<usize>>, range: Range<usize>) {
    match taken.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => taken.push(range),
    }
}

/// Takes our fields out of the header that starts at `at`; where its last field or line begins, unless its
/// end was found.
fn take_from_header(
    raw: &[u8],
    mut at: usize,
    end: HeaderEnd,
    taken: &mut Vec<Range<usize>>,
) -> Option<usize> {
    let mut last = at;
    while at < raw.len() {
        last = at;
        if let Some(end) = own_field(raw, at) {
            take(taken, at..end);
            if may_go_on(raw, end) {
                break;
            }
            at = end;
        } else if end.is_at(raw.get(at..)?) {
            return None;
        } else {
            at += line(raw, at).len();
        }
    }
    Some(last)
}

/// Whether a field that ends at `at` may be longer: where no LF follows, its CRs may be those of an ending.
fn may_go_on(raw: &[u8], at: usize) -> bool {
    raw.iter().skip(at).all(|&byte| byte == b'\r')
}

/// Where our fields go, given that the mail proper starts at `at`, and whether an empty line must follow.
fn place(raw: &[u8], at: usize) -> (usize, bool) {
    if !is_fold(line(raw, at)) {
        return (at, false);
    }
    let mut after_folds = None;
    let mut next = at;
    while next < raw.len() {
        let line = line(raw, next);
        if is_empty(line) {
            break;
        }
        if !is_fold(line) {
            after_folds.get_or_insert(next);
        }
        let telling = field_name(line)
            .is_some_and(|name| TELLING.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())));
        if telling {
            return (after_folds.unwrap_or(at), false);
        }
        next += line.len();
    }
    (at, true)
}

/// The line at `at` with its ending.
fn line(raw: &[u8], at: usize) -> &[u8] {
    let rest = raw.get(at..).unwrap_or_default();
    match memchr::memchr(b'\n', rest) {
        Some(end) => rest.get(..=end).unwrap_or_default(),
        None => rest,
    }
}

/// Whether a line has nothing but its ending.
fn is_empty(line: &[u8]) -> bool {
    line.split_last().is_some_and(|(last, rest)| *last == b'\n' && rest.iter().all(|&b| b == b'\r'))
}

/// Whether a line goes on with the field before it (RFC 5322, section 2.2.3).
fn is_fold(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}

/// The name of the field that a line starts (RFC 5322, section 3.6.8, and 4.5 for space before the colon).
fn field_name(line: &[u8]) -> Option<&[u8]> {
    let end = line.iter().position(|&b| !matches!(b, b'!'..=b'9' | b';'..=b'~'))?;
    let (name, rest) = line.split_at_checked(end)?;
    let colon = rest.iter().find(|&&b| b != b' ' && b != b'\t')?;
    (!name.is_empty() && *colon == b':').then_some(name)
}

/// Whether a header field comes right after the lines at the top that begin like a mailbox's.
fn envelope_leads_to_field(raw: &[u8]) -> bool {
    let mut at = 0;
    while let Some(end) = own_field(raw, at).or_else(|| envelope_line(raw, at, true)) {
        at = end;
    }
    field_name(line(raw, at)).is_some()
}

/// One past a mailbox's `From ` line at `at`. Text can begin like one: unless that is known to be
/// otherwise, the line must have a time and a year.
fn envelope_line(raw: &[u8], at: usize, certain: bool) -> Option<usize> {
    let line = line(raw, at);
    let words = line.strip_prefix(b"From ").or_else(|| line.strip_prefix(b">From "))?;
    let (mut time, mut year) = (false, false);
    for word in words.split(u8::is_ascii_whitespace) {
        time |= word.first().is_some_and(u8::is_ascii_digit) && word.iter().take(3).any(|&b| b == b':');
        year |= word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    }
    (line.ends_with(b"\n") && (certain || (time && year))).then_some(at + line.len())
}

#[cfg(test)]
mod tests;
