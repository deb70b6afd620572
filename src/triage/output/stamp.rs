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
//! - The header ends at the first empty line. Lines in it that are no fields are left where they are.
//! - Leading `From ` and `>From ` lines of a mailbox stay in front of our fields.
//! - A mail of text alone, without a header, gets an empty line after our fields, so that it stays text.
//!   The next time it is a mail with an empty header, and gets no second one.
//! - Lines in front of the first field that begin with a space (a fold of nothing) stay in front of our
//!   fields, where they cannot be taken for a part of them.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::headers::{Field, PREFIX};

/// Fields of which one shows that lines are a header, even when the first line is no field.
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
}

/// Takes a mail apart. `raw` must hold the whole header; the body may be cut short.
#[must_use]
pub fn part(raw: &[u8]) -> Parted<'_> {
    let mut taken = Vec::new();
    let mut at = 0;
    let mut first_kept = None;
    let certain = envelope_leads_to_field(raw);
    loop {
        if let Some(end) = own_field(raw, at) {
            take(&mut taken, at..end);
            at = end;
        } else if let Some(end) = envelope_line(raw, at, certain) {
            first_kept.get_or_insert(at);
            at = end;
        } else {
            break;
        }
    }
    let eol = if line(raw, first_kept.unwrap_or(at)).ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let (top, gap) = place(raw, at);
    if !gap {
        take_from_header(raw, at, &mut taken);
    }
    Parted { raw, taken, top, gap, eol }
}

impl Parted<'_> {
    /// The mail as a judge should see it: without any field of ours, but with the empty line that stamping
    /// adds, so that it reads the same before and after.
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
        self.copy(0..self.top, out)?;
        for field in fields {
            out.write_all(field.folded(self.eol).as_bytes())?;
        }
        if self.gap {
            out.write_all(self.eol.as_bytes())?;
        }
        self.copy(self.top..self.raw.len(), out)
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

/// Takes our fields out of the header that starts at `at`.
fn take_from_header(raw: &[u8], mut at: usize, taken: &mut Vec<Range<usize>>) {
    while at < raw.len() {
        if let Some(end) = own_field(raw, at) {
            take(taken, at..end);
            at = end;
        } else {
            let line = line(raw, at);
            if is_empty(line) {
                return;
            }
            at += line.len();
        }
    }
}

/// Where our fields go, given that the mail proper starts at `at`, and whether an empty line must follow.
fn place(raw: &[u8], at: usize) -> (usize, bool) {
    let first = line(raw, at);
    if first.is_empty() || is_empty(first) || field_name(first).is_some() {
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

/// One past a field of ours that starts at `at`, its folded lines included.
fn own_field(raw: &[u8], at: usize) -> Option<usize> {
    // Not cut to its line first: finding the end anew after every lone CR would take quadratic time.
    let name = field_name(raw.get(at..)?)?;
    let start = name.get(..PREFIX.len())?;
    if !start.eq_ignore_ascii_case(PREFIX.as_bytes()) {
        return None;
    }
    let mut end = any_line_end(raw, at);
    while raw.get(end).is_some_and(|&b| b == b' ' || b == b'\t') {
        end = any_line_end(raw, end);
    }
    Some(end)
}

/// One past the line at `at`, where a lone CR ends a line as well.
fn any_line_end(raw: &[u8], at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
        return raw.len();
    };
    let crs = rest.iter().skip(end).take_while(|&&b| b == b'\r').count();
    let lf = rest.get(end + crs) == Some(&b'\n');
    at + end + if lf { crs + 1 } else { 1 }
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
mod tests {
    use super::super::headers::{Fault, Name, fault_fields};
    use super::*;
    use regex::bytes::Regex;
    use std::sync::LazyLock;

    fn stamped(raw: &[u8], fields: &[Field]) -> Vec<u8> {
        let mut out = Vec::new();
        part(raw).write(fields, &mut out).unwrap();
        out
    }

    fn mark() -> Vec<Field> {
        vec![Field::new(Name::Class, "other")]
    }

    #[test]
    fn where_the_fields_go_and_what_comes_out() {
        const F: &str = "X-Postroom-Class: other";
        for (raw, expected) in [
            // Plain mails, with either line ending.
            ("A: b\n\nbody\n", format!("{F}\nA: b\n\nbody\n")),
            ("A: b\r\n\r\nbody\r\n", format!("{F}\r\nA: b\r\n\r\nbody\r\n")),
            ("A: b\r\nC: d\n\nx", format!("{F}\r\nA: b\r\nC: d\n\nx")),
            ("A: b\nC: d\r\n\r\nx", format!("{F}\nA: b\nC: d\r\n\r\nx")),
            ("A: b\r\r\nC: d\r\r\n\r\r\nx", format!("{F}\r\nA: b\r\r\nC: d\r\r\n\r\r\nx")),
            // Nothing, a header alone, a body alone.
            ("", format!("{F}\n")),
            ("A: b", format!("{F}\nA: b")),
            ("A: b\n", format!("{F}\nA: b\n")),
            ("\n", format!("{F}\n\n")),
            ("\r\nbody", format!("{F}\r\n\r\nbody")),
            ("just words", format!("{F}\n\njust words")),
            ("just words\r\nand more\r\n", format!("{F}\r\n\r\njust words\r\nand more\r\n")),
            ("words\nX-Postroom-Class: x\n", format!("{F}\n\nwords\nX-Postroom-Class: x\n")),
            // A header behind something that is no field.
            ("junk\nSubject: a\n\nx", format!("{F}\njunk\nSubject: a\n\nx")),
            (" fold\nSubject: a\n\nx", format!(" fold\n{F}\nSubject: a\n\nx")),
            (" fold\njust words\n", format!("{F}\n\n fold\njust words\n")),
            ("\u{feff}A: b\nSubject: a\n\nx", format!("{F}\n\u{feff}A: b\nSubject: a\n\nx")),
            // Mailbox lines.
            (
                "From a@b Thu Jan  1 10:00:00 2026\nA: b\n\nx",
                format!("From a@b Thu Jan  1 10:00:00 2026\n{F}\nA: b\n\nx"),
            ),
            ("From a@b\r\n>From c\r\nA: b\r\n", format!("From a@b\r\n>From c\r\n{F}\r\nA: b\r\n")),
            ("From Monday we start.\nBye\n", format!("{F}\n\nFrom Monday we start.\nBye\n")),
            ("From a@b 10:00 2026", format!("{F}\n\nFrom a@b 10:00 2026")),
            ("From a@b 10:00 2026\n", format!("From a@b 10:00 2026\n{F}\n")),
            ("From a@b\nX-Postroom-Class: x\nA: b\n", format!("From a@b\n{F}\nA: b\n")),
            ("X-Postroom-Class: x\nFrom a@b\nA: b\n", format!("From a@b\n{F}\nA: b\n")),
            // Forged and old fields.
            ("x-POSTROOM-class :x\nA: b\n\nx", format!("{F}\nA: b\n\nx")),
            ("A: b\nX-Postroom-Why: x,\n y,\n\tz\nC: d\n", format!("{F}\nA: b\nC: d\n")),
            ("A: b\nX-Postroom-Anything: x", format!("{F}\nA: b\n")),
            ("X-Postroom-Status: ok\n\nbody", format!("{F}\n\nbody")),
            ("X-Postroom-Status: ok\nwords\n", format!("{F}\n\nwords\n")),
            ("X-Postroom-Status: ok\n fold\n more\nA: b", format!("{F}\nA: b")),
            ("A: b\n\nX-Postroom-Class: x\n", format!("{F}\nA: b\n\nX-Postroom-Class: x\n")),
            ("A: b\nX-Postroomy: x\nX-Postroom: y\n", format!("{F}\nA: b\nX-Postroomy: x\nX-Postroom: y\n")),
            ("A: b\n X-Postroom-Class: x\n", format!("{F}\nA: b\n X-Postroom-Class: x\n")),
            // Lone CRs: no line ending, but nothing goes with a field that comes out.
            ("A: b\rC: d\r\rbody", format!("{F}\nA: b\rC: d\r\rbody")),
            ("X-Postroom-Class: x\rSubject: a\r\rbody\n", format!("{F}\nSubject: a\r\rbody\n")),
            ("A: b\nX-Postroom-Class: x\r y\rC: d\n", format!("{F}\nA: b\nC: d\n")),
            ("A: b\0c\nX-Postroom-\0: x\n\n\0", format!("{F}\nA: b\0c\nX-Postroom-\0: x\n\n\0")),
        ] {
            let out = stamped(raw.as_bytes(), &mark());
            assert_eq!(String::from_utf8_lossy(&out), expected, "{raw:?}");
            assert_eq!(String::from_utf8_lossy(&stamped(&out, &mark())), expected, "twice: {raw:?}");
        }
    }

    #[test]
    fn judged_bytes_are_the_same_before_and_after() {
        for raw in [
            "A: b\n\nx",
            "words",
            "X-Postroom-Class: x\nwords",
            "\nbody",
            "",
            " fold\nTo: a\n",
            "From a@b\nA: b",
        ] {
            let out = stamped(raw.as_bytes(), &fault_fields(Fault::Rules));
            assert_eq!(part(raw.as_bytes()).unstamped(), part(&out).unstamped(), "{raw:?}");
        }
        assert!(matches!(part(b"A: b\n\nx").unstamped(), Cow::Borrowed(_)));
    }

    /// Another reading of the contract, by regular expressions: the mail without fields of ours before `end`.
    fn without_own_fields(mail: &[u8], end: usize) -> Vec<u8> {
        static FIELDS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(&format!("(?i-u)^(?:{FIELD})+")).unwrap());
        let mut kept = Vec::new();
        let mut at = 0;
        while at < end {
            let own = FIELDS.find(&mail[at..]).map_or(0, |own| own.end());
            let line = memchr::memchr(b'\n', &mail[at + own..]).map_or(mail.len(), |lf| at + own + lf + 1);
            at += own;
            if own == 0 {
                kept.extend_from_slice(&mail[at..line]);
                at = line;
            }
        }
        kept.extend_from_slice(&mail[at..]);
        kept
    }

    const FIELD: &str =
        r"X-Postroom-[!-9;-~]*[ \t]*:[^\r\n]*(?:\r*\n|\r|\z)(?:[ \t][^\r\n]*(?:\r*\n|\r|\z))*";

    /// One past the header: up to the first empty line.
    fn header_end(mail: &[u8]) -> usize {
        static HEADER: LazyLock<Regex> = LazyLock::new(|| {
            // A field of ours that ends with a lone CR may stand right before an empty line.
            let line = r"[^\r\n][^\n]*(?:\n|\z)|\r+[^\r\n][^\n]*(?:\n|\z)|\r+\z";
            Regex::new(&format!(r"(?i-u)\A(?:{FIELD}|{line})*")).unwrap()
        });
        HEADER.find(mail).map_or(0, |header| header.end())
    }

    /// One past the lines of a mailbox and fields of ours that lead a mail.
    fn lead_end(mail: &[u8]) -> usize {
        static LEAD: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(&format!(r"(?i-u)\A(?:{FIELD}|>?From [^\n]*\n)*")).unwrap());
        LEAD.find(mail).map_or(0, |lead| lead.end())
    }

    /// Small steps of a fixed sequence of numbers (an xorshift generator).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % limit as u64).unwrap()
        }
    }

    fn hostile_mail(numbers: &mut Numbers) -> Vec<u8> {
        const PIECES: [&[u8]; 22] = [
            b"X-Postroom-Class: other",
            b"x-postroom-Status : error",
            b"X-POSTROOM-: ",
            b"X-Postroom-Why:",
            b"X-Postroom-Bad name: x",
            b"X-Postroom-Class",
            b"X-Postroom: x",
            b"Subject: hello",
            b"From: a@b.example",
            b"Odd: \xff\0",
            b" folded",
            b"\tfolded",
            b" ",
            b"",
            b"",
            b"From a@b.example Thu Jan  1 00:00:00 2026",
            b">From x",
            b"From Monday on",
            b"just words",
            b": no name",
            b"\0",
            b"\xef\xbb\xbfSubject: x",
        ];
        const ENDS: [&[u8]; 8] = [b"\n", b"\n", b"\r\n", b"\r\n", b"\r", b"\r\r\n", b"\n", b""];
        let mut mail = Vec::new();
        for _ in 0..numbers.below(9) {
            mail.extend_from_slice(PIECES[numbers.below(PIECES.len())]);
            mail.extend_from_slice(ENDS[numbers.below(ENDS.len())]);
        }
        mail
    }

    #[test]
    fn hostile_mails_come_out_whole_and_twice_is_once() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut with_gap = 0;
        for _ in 0..60_000 {
            let mail = hostile_mail(&mut numbers);
            let out = stamped(&mail, &fault_fields(Fault::Internal));
            let shown = String::from_utf8_lossy(&mail).into_owned();
            let (block, gap) = if memchr::memmem::find(&out, b"X-Postroom-Error: internal\r\n").is_some() {
                ("X-Postroom-Status: error\r\nX-Postroom-Error: internal\r\n", "\r\n")
            } else {
                ("X-Postroom-Status: error\nX-Postroom-Error: internal\n", "\n")
            };
            let start = memchr::memmem::find(&out, block.as_bytes()).expect(&shown);
            assert!(start == 0 || out[start - 1] == b'\n', "{shown:?}");
            let mut rest = out[..start].to_vec();
            rest.extend_from_slice(&out[start + block.len()..]);
            if rest != without_own_fields(&mail, header_end(&mail)) {
                // A mail of words alone: an empty line more, and only what led the words came out.
                with_gap += 1;
                assert_eq!(
                    out.get(start + block.len()..start + block.len() + gap.len()),
                    Some(gap.as_bytes())
                );
                rest.drain(start..start + gap.len());
                let leads = (0..=lead_end(&mail)).any(|end| rest == without_own_fields(&mail, end));
                assert!(leads, "{shown:?}");
            }
            assert_eq!(stamped(&out, &fault_fields(Fault::Internal)), out, "twice: {shown:?}");
            assert_eq!(part(&out).unstamped(), part(&mail).unstamped(), "{shown:?}");
        }
        assert!(with_gap > 1000);
    }

    #[test]
    fn a_header_of_forged_fields_takes_linear_time() {
        let mail = b"X-Postroom-A: b\nA: b\n".repeat(200_000);
        let out = stamped(&mail, &mark());
        assert_eq!(out.len(), b"A: b\n".len() * 200_000 + b"X-Postroom-Class: other\n".len());
        let crs = b"X-Postroom-A: b\r".repeat(500_000);
        assert_eq!(stamped(&crs, &mark()), b"X-Postroom-Class: other\n");
        let froms = b"From a@b\n".repeat(100_000);
        assert!(stamped(&froms, &mark()).len() > froms.len());
    }
}
