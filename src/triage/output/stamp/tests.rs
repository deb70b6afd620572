//! The pass-through contract, case by case and on hostile mails.

use super::*;
use crate::triage::output::headers::{Fault, Name, PREFIX, fault_fields};
use regex::bytes::Regex;
use std::sync::LazyLock;

fn stamped(raw: &[u8], fields: &[Field]) -> Vec<u8> {
    stamped_for(raw, HeaderEnd::Crlf, fields)
}

fn stamped_for(raw: &[u8], end: HeaderEnd, fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    part_for(raw, end).write(fields, &mut out).unwrap();
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
        ("just words", format!("{F}\njust words")),
        ("just words\r\nand more\r\n", format!("{F}\r\njust words\r\nand more\r\n")),
        ("words\nX-Postroom-Class: x\n", format!("{F}\nwords\n")),
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
        ("From Monday we start.\nBye\n", format!("{F}\nFrom Monday we start.\nBye\n")),
        ("From a@b 10:00 2026", format!("{F}\nFrom a@b 10:00 2026")),
        ("From a@b 10:00 2026\n", format!("From a@b 10:00 2026\n{F}\n")),
        ("From a@b\nX-Postroom-Class: x\nA: b\n", format!("From a@b\n{F}\nA: b\n")),
        ("X-Postroom-Class: x\nFrom a@b\nA: b\n", format!("From a@b\n{F}\nA: b\n")),
        // Forged and old fields.
        ("x-POSTROOM-class :x\nA: b\n\nx", format!("{F}\nA: b\n\nx")),
        ("A: b\nX-Postroom-Why: x,\n y,\n\tz\nC: d\n", format!("{F}\nA: b\nC: d\n")),
        ("A: b\nX-Postroom-Anything: x", format!("{F}\nA: b\n")),
        ("X-Postroom-Status: ok\n\nbody", format!("{F}\n\nbody")),
        ("X-Postroom-Status: ok\nwords\n", format!("{F}\nwords\n")),
        ("X-Postroom-Status: ok\n fold\n more\nA: b", format!("{F}\nA: b")),
        ("A: b\n\nX-Postroom-Class: x\n", format!("{F}\nA: b\n\nX-Postroom-Class: x\n")),
        ("A: b\nX-Postroomy: x\nX-Postroom: y\n", format!("{F}\nA: b\nX-Postroomy: x\nX-Postroom: y\n")),
        ("A: b\n X-Postroom-Class: x\n", format!("{F}\nA: b\n X-Postroom-Class: x\n")),
        // Lone CRs: no line ending, but nothing goes with a field that comes out.
        ("A: b\rC: d\r\rbody", format!("{F}\nA: b\rC: d\r\rbody")),
        ("X-Postroom-Class: x\rSubject: a\r\rbody\n", format!("{F}\nSubject: a\r\rbody\n")),
        ("A: b\nX-Postroom-Class: x\r y\rC: d\n", format!("{F}\nA: b\nC: d\n")),
        // Names as hosts read them: without CRs, and cut at a NUL.
        ("A: b\0c\nX-Postroom-\0: x\n\n\0", format!("{F}\nA: b\0c\n\n\0")),
        ("A: b\nX-Postroom-Owner\0 \u{e9}: x\nC: d", format!("{F}\nA: b\nC: d")),
        ("A: b\n\rX-Post\rroom-Owner\r : x\n y\nC: d", format!("{F}\nA: b\nC: d")),
        ("A: b\n\r\0X-Postroom-Owner\0\n: x\n", format!("{F}\nA: b\n\r\0X-Postroom-Owner\0\n: x\n")),
        ("A: b\nX-Postroom-Own er: x\n", format!("{F}\nA: b\nX-Postroom-Own er: x\n")),
        // An empty line with more CRs than the mail's own.
        ("A: b\n\r\nX-Postroom-Why: x\n\nX-Postroom-Why: y", format!("{F}\nA: b\n\r\n\nX-Postroom-Why: y")),
        ("A: b\r\n\r\r\nX-Postroom-Why: x\r\n\r\ny", format!("{F}\r\nA: b\r\n\r\r\n\r\ny")),
        ("A: b\r\n\r\nX-Postroom-Why: x\r\n", format!("{F}\r\nA: b\r\n\r\nX-Postroom-Why: x\r\n")),
        ("A: b\r\n\nX-Postroom-Why: x\r\n", format!("{F}\r\nA: b\r\n\nX-Postroom-Why: x\r\n")),
    ] {
        let out = stamped(raw.as_bytes(), &mark());
        assert_eq!(String::from_utf8_lossy(&out), expected, "{raw:?}");
        assert_eq!(String::from_utf8_lossy(&stamped(&out, &mark())), expected, "twice: {raw:?}");
    }
}

#[test]
fn a_reader_to_whom_a_cr_is_text_finds_no_other_field_of_ours() {
    const F: &str = "X-Postroom-Class: other";
    for (raw, expected) in [
        ("A: b\r\n\r\nX-Postroom-Why: x\r\ny\r\n", format!("{F}\r\nA: b\r\n\r\ny\r\n")),
        ("\r\nX-Postroom-Why: x\r\ny", format!("{F}\r\n\r\ny")),
        (" fold\r\nX-Postroom-Why: x\r\nFoo: a\r\n", format!("{F}\r\n\r\n fold\r\nFoo: a\r\n")),
        ("A: b\r\n\nX-Postroom-Why: x\r\n", format!("{F}\r\nA: b\r\n\nX-Postroom-Why: x\r\n")),
    ] {
        let out = stamped_for(raw.as_bytes(), HeaderEnd::Lf, &mark());
        assert_eq!(String::from_utf8_lossy(&out), expected, "{raw:?}");
        assert_eq!(stamped_for(&out, HeaderEnd::Lf, &mark()), out, "twice: {raw:?}");
    }
}

#[test]
fn a_header_that_goes_on_is_cleaned_as_it_is_read() {
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    for _ in 0..3_000 {
        let first: &[u8] = if numbers.below(2) == 0 { b"A: b\n" } else { b"A: b\r\n" };
        let mail = [first, &hostile_mail(&mut numbers)].concat();
        for end in [HeaderEnd::Crlf, HeaderEnd::Lf] {
            let whole = stamped_for(&mail, end, &mark());
            for cut in first.len()..=mail.len() {
                let (head, mut rest) = mail.split_at(cut);
                let mut out = Vec::new();
                part_for(head, end).write_long(&mark(), &mut rest, &mut out).unwrap();
                let shown = (String::from_utf8_lossy(head), String::from_utf8_lossy(&mail[cut..]));
                assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&whole), "{shown:?}");
            }
        }
    }
}

#[test]
fn a_header_of_any_length_is_cleaned_as_it_is_read() {
    let long = "x".repeat(700_000);
    let (kept, own) = (format!("A: {long}\n {long}\n"), format!("X-Postroom-Why: {long}\n {long}\r{long}\n"));
    let header = format!("{kept}{own}{kept}X-Postroom-Owner: pm\n{own}");
    let mail = format!("{header}\n{own}");
    let tail = format!("{long}\n");
    let expected = format!("X-Postroom-Class: other\n{kept}{tail}{kept}{tail}\n{own}");
    for cut in [10, 1_000_000, 2_000_000, header.len(), mail.len()] {
        let (head, mut rest) = mail.as_bytes().split_at(cut);
        let mut out = Vec::new();
        part(head).write_long(&mark(), &mut rest, &mut out).unwrap();
        assert!(out == expected.as_bytes(), "{cut}");
    }
    // No colon in sight: whether it is a field cannot be told, so it is taken for one.
    let endless = format!("X-Postroom-Owner{}: pm\n", " ".repeat(300_000));
    let mut out = Vec::new();
    part(b"A: b\n").write_long(&mark(), &mut endless.as_bytes(), &mut out).unwrap();
    assert_eq!(out, b"X-Postroom-Class: other\nA: b\n");
}

#[test]
fn judged_bytes_are_the_same_before_and_after() {
    for raw in
        ["A: b\n\nx", "words", "X-Postroom-Class: x\nwords", "\nbody", "", " fold\nTo: a\n", "From a@b\nA: b"]
    {
        let out = stamped(raw.as_bytes(), &fault_fields(Fault::Rules));
        assert_eq!(part(raw.as_bytes()).unstamped(), part(&out).unstamped(), "{raw:?}");
    }
    assert!(matches!(part(b"A: b\n\nx").unstamped(), Cow::Borrowed(_)));
}

/// Another reading of the contract, by regular expressions: the mail without fields of ours before `end`.
fn without_own_fields(mail: &[u8], end: usize) -> Vec<u8> {
    static FIELDS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!("(?i-u)^(?:{})+", *FIELD)).unwrap());
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

/// A field, whose name may have CRs and NULs anywhere, and anything behind a NUL.
static FIELD: LazyLock<String> = LazyLock::new(|| {
    let prefix = PREFIX.chars().map(|letter| format!(r"[\r\x00]*{letter}")).collect::<String>();
    let line = r"[^\r\n]*(?:\r*\n|\r|\z)";
    format!(r"{prefix}[!-9;-~\r]*[ \t\r]*(?:\x00[^:\n]*)?:{line}(?:[ \t]{line})*")
});

/// One past the header: up to the first line that ends it.
fn header_end(mail: &[u8], end: HeaderEnd) -> usize {
    static HEADERS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        let lf = r"[^\n]+(?:\n|\z)";
        let crlf = r"\r?[^\r\n][^\n]*(?:\n|\z)|\r\r[^\n]*(?:\n|\z)|\r\z";
        [lf, crlf].map(|line| Regex::new(&format!(r"(?i-u)\A(?:{}|{line})*", *FIELD)).unwrap())
    });
    HEADERS[usize::from(end == HeaderEnd::Crlf)].find(mail).map_or(0, |header| header.end())
}

/// One past the lines of a mailbox and fields of ours that lead a mail.
fn lead_end(mail: &[u8]) -> usize {
    static LEAD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!(r"(?i-u)\A(?:{}|>?From [^\n]*\n)*", *FIELD)).unwrap());
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
    const PIECES: [&[u8]; 26] = [
        b"X-Postroom-Owner\0: pm",
        b"X-Postroom-Owner\r: pm",
        b"\rX-Postroom-Owner: pm",
        b"\0X-Post\rroom-\0 any: x",
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
    for round in 0..60_000 {
        let mail = hostile_mail(&mut numbers);
        let end = if round % 2 == 0 { HeaderEnd::Crlf } else { HeaderEnd::Lf };
        let stamped = |mail: &[u8], fields: &[Field]| stamped_for(mail, end, fields);
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
        let header_end = header_end(&mail, if gap == "\n" { HeaderEnd::Lf } else { end });
        if rest != without_own_fields(&mail, header_end) {
            // Words alone, the first of them indented: an empty line more, and only what led them came out.
            with_gap += 1;
            assert_eq!(out.get(start + block.len()..start + block.len() + gap.len()), Some(gap.as_bytes()));
            rest.drain(start..start + gap.len());
            // Whoever does not see that empty line looks further.
            let ends = (0..=lead_end(&mail)).chain([header_end]);
            let leads = ends.into_iter().any(|end| rest == without_own_fields(&mail, end));
            assert!(leads, "{shown:?}");
        }
        assert_eq!(stamped(&out, &fault_fields(Fault::Internal)), out, "twice: {shown:?}");
        assert_eq!(part_for(&out, end).unstamped(), part_for(&mail, end).unstamped(), "{shown:?}");
    }
    assert!(with_gap > 100, "{with_gap}");
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
