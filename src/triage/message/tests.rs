//! What `parse` gives for whole mails: tables, the fixtures, and mutations of them.

use std::path::{Path, PathBuf};

use super::*;

const TOP: &str = "From: Anna <a@x.test>\nDate: Tue, 3 Mar 2026 09:15:00 +0100\n";

fn mail(header: &str, body: &str) -> Vec<u8> {
    format!("{TOP}{header}\n{body}").into_bytes()
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
    let mut found = Vec::new();
    for kind in ["malformed", "automatic"] {
        let before = found.len();
        for entry in std::fs::read_dir(root.join(kind)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                found.push(path);
            }
        }
        assert!(found.len() > before, "no fixtures in {kind}");
    }
    found.sort();
    found
}

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    String::from_utf8(raw.to_vec()).map_or_else(
        |_| raw.iter().flat_map(|&b| if b == b'\n' { vec![b'\r', b'\n'] } else { vec![b] }).collect(),
        |text| text.replace('\n', "\r\n").into_bytes(),
    )
}

#[derive(serde::Deserialize)]
struct Expected {
    defects: Vec<String>,
}

#[test]
fn fixtures_have_the_defects_named_beside_them() {
    for path in fixtures() {
        let expected = std::fs::read_to_string(path.with_extension("toml")).unwrap();
        let expected: Expected = toml::from_str(&expected).unwrap();
        let raw = std::fs::read(&path).unwrap();
        let (lf, crlf) = (parse(&raw), with_crlf(&raw));
        let crlf = parse(&crlf);
        for message in [&lf, &crlf] {
            let defects: Vec<_> = message.defects.iter().map(|defect| defect.as_str()).collect();
            assert_eq!(defects, expected.defects, "{}", path.display());
        }
        assert_eq!(
            (&lf.text, &lf.subject, &lf.from),
            (&crlf.text, &crlf.subject, &crlf.from),
            "{}",
            path.display()
        );
    }
}

#[test]
fn fixtures_say_what_their_names_say() {
    let read = |name: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
        parse(&std::fs::read(root.join(name)).unwrap()).into_owned()
    };
    assert_eq!(read("malformed/rfc2231-name.eml").attachments[0].name, "Preisu\u{308}bersicht Frühjahr.xlsx");
    assert_eq!(read("malformed/word-cut-in-a-letter.eml").subject, "Frühjahr");
    assert_eq!(read("malformed/iso-2022-jp.eml").subject, "公開日");
    assert_eq!(read("malformed/windows-1252-raw-header.eml").from.unwrap().name, "Jürgen Voss");
    assert_eq!(read("malformed/winmail.eml").attachments[0].media_type, "application/ms-tnef");
    assert_eq!(read("malformed/bare-cr.eml").text.unwrap(), "Who deploys to staging?\n");
    let bounce = read("automatic/bounce-report.eml");
    assert!(bounce.header.report && bounce.header.null_return_path);
    assert_eq!(bounce.enclosed[0].text.as_deref(), Some("When can we expect the photographs?\n"));
    assert_eq!(bounce.attachment_kinds(), [AttachmentKind::Mail, AttachmentKind::Other]);
    assert_eq!(read("automatic/calendar-reply.eml").header.calendar_method(), CalendarMethod::Reply);
    assert_eq!(
        read("automatic/out-of-office-german.eml").header.auto_submitted.unwrap(),
        "auto-replied; owner-email=\"clara@northlight.test\" (vacation)"
    );
    let list = read("automatic/newsletter-list.eml").header;
    assert!(list.precedence.as_deref() == Some("bulk") && list.list_unsubscribe && list.list_id.is_some());
    assert_eq!(read("automatic/auto-submitted-no.eml").header.auto_submitted, None);
}

#[test]
fn bodies_are_told_from_attachments() {
    let plain = "Content-Type: text/plain\n\nplain\n";
    let html = "Content-Type: text/html\n\n<p>html</p>\n";
    let note = "Content-Type: text/plain; name=n.txt\nContent-Disposition: attachment\n\nnote\n";
    let logo = "Content-Type: image/png\nContent-ID: <l>\n\nx\n";
    let multi = |sub: &str, mark: &str, parts: &[&str]| {
        let parts: String = parts.iter().map(|part| format!("--{mark}\n{part}")).collect();
        format!("Content-Type: multipart/{sub}; boundary={mark}\n\n{parts}--{mark}--\n")
    };
    let alternative = multi("alternative", "a", &[plain, html]);
    let related = multi("related", "r", &[&alternative, logo]);
    for (whole, text, markup, kinds) in [
        (plain.to_owned(), Some("plain\n"), None, "none"),
        (html.to_owned(), None, Some("<p>html</p>\n"), "none"),
        (note.to_owned(), None, None, "document"),
        (multi("mixed", "m", &[plain, note]), Some("plain\n"), None, "document"),
        (multi("mixed", "m", &[plain, plain]), Some("plain\nplain\n"), None, "none"),
        (multi("mixed", "m", &[&related, note]), Some("plain\n"), Some("<p>html</p>\n"), "document"),
        (
            multi("alternative", "m", &[plain, plain, html]),
            Some("plain\nplain\n"),
            Some("<p>html</p>\n"),
            "none",
        ),
        (multi("digest", "m", &["\nFrom: b@x.test\n\nhello\n"]), None, None, "mail"),
        (
            multi("mixed", "m", &["Content-Type: multipart/mixed; boundary=never\n\nstill here\n"]),
            Some("still here\n"),
            None,
            "none",
        ),
        (multi("x", "m", &["no header field here\n"]), Some("no header field here\n"), None, "none"),
    ] {
        let raw = format!("{TOP}{whole}");
        let message = parse(raw.as_bytes());
        let kinds_found: Vec<_> = message.attachment_kinds().iter().map(|kind| kind.as_str()).collect();
        assert_eq!((message.text.as_deref(), message.html.as_deref()), (text, markup), "{raw}");
        assert_eq!(kinds_found.join(" "), kinds, "{raw}");
    }
}

#[test]
fn text_is_borrowed_where_nothing_is_undone() {
    let raw = mail("Subject: Plain\n", "One line.\n");
    let message = parse(&raw);
    assert!(matches!(message.text, Some(Cow::Borrowed("One line.\n"))));
    assert!(matches!(message.subject, Cow::Borrowed("Plain")));
    assert!(message.from.is_some_and(|from| matches!(from.address, Cow::Borrowed("a@x.test"))));
}

#[test]
fn header_facts_in_right_and_odd_forms() {
    let facts = |header: &str| parse(&mail(header, "x\n")).header.into_owned();
    for (header, want) in [
        ("Auto-Submitted: auto-generated\n", Some("auto-generated")),
        ("Auto-Submitted: auto-replied; x=y\n", Some("auto-replied; x=y")),
        ("Auto-Submitted: NO\n", None),
        ("Auto-Submitted: no; x=y\n", None),
        ("Auto-Submitted:\n", None),
    ] {
        assert_eq!(facts(header).auto_submitted.as_deref(), want, "{header}");
    }
    for (header, want) in
        [("Return-Path: <>\n", true), ("Return-Path: < >\n", true), ("Return-Path: <a@x.test>\n", false)]
    {
        assert_eq!(facts(header).null_return_path, want, "{header}");
    }
    let results = facts("Authentication-Results: one;\n spf=pass\nauthentication-results: two\n");
    assert_eq!(results.authentication_results, ["one; spf=pass", "two"]);
    let raw =
        mail("Delivered-To: <a+b@x.test>\nX-Original-To: c@x.test\nEnvelope-To: d@x.test, e@x.test\n", "x\n");
    assert_eq!(parse(&raw).delivered_to, ["a+b@x.test", "c@x.test", "d@x.test", "e@x.test"]);
}

#[test]
fn the_header_says_what_it_answers() {
    assert!(parse(&mail("References: <a@x.test>\n", "x\n")).header.in_reply_to);
    assert!(parse(&mail("In-Reply-To: <a@x.test>\n", "x\n")).header.in_reply_to);
    assert!(!parse(&mail("Subject: Re: Menu\n", "x\n")).header.in_reply_to);
}

#[test]
fn a_separator_is_passed_over_and_words_are_not() {
    for (raw, text) in [
        ("From a@x.test Tue Mar  3 09:15:00 2026\nSubject: x\n\nbody\n", "body\n"),
        ("From Monday the launch moves.\n", "From Monday the launch moves.\n"),
        ("From Monday the launch moves.\nAgreed?\n", "From Monday the launch moves.\nAgreed?\n"),
        ("\u{feff}Subject: x\n\nbody\n", "body\n"),
        ("\n\nSubject: x\n\nbody\n", "body\n"),
        ("Note: call me\n\nthanks\n", "Note: call me\n\nthanks\n"),
    ] {
        assert_eq!(parse(raw.as_bytes()).text.as_deref(), Some(text), "{raw}");
    }
}

#[test]
fn text_beyond_the_limit_is_left_out() {
    let raw = mail("", &"é".repeat(TEXT_LIMIT));
    let message = parse(&raw);
    assert_eq!(message.defects, [Defect::Truncated]);
    assert_eq!(message.text.map(|text| text.len()), Some(TEXT_LIMIT + 1));
}

#[test]
fn mutated_mails_are_read_without_panic() {
    // Bytes that mean something to a mail reader, so that mutations stay close to mail.
    const ALPHABET: &[u8] = b"\r\n\t :;,<>()\"\\=?-_/*'%.@+\0\x1b\x80\xc3\xffAaqQbB0=\n--";
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    for path in fixtures() {
        let raw = std::fs::read(&path).unwrap();
        for _ in 0..60 {
            let mut bytes = raw.clone();
            for _ in 0..=random(8) {
                let at = random(bytes.len() + 1);
                let to = (at + random(40)).min(bytes.len());
                match random(4) {
                    0 => drop(bytes.drain(at..to)),
                    1 => bytes.insert(at, ALPHABET[random(ALPHABET.len())]),
                    2 => bytes.extend_from_within(at..to),
                    _ => bytes.truncate(at.max(to)),
                }
            }
            let message = parse(&bytes);
            assert!(message.defects.is_sorted(), "{}", path.display());
            assert!(!message.text.is_some_and(|text| text.contains(['\r', '\0'])), "{}", path.display());
        }
    }
}
