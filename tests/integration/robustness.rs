//! Mail broken in every way: the line must not panic, and stamping must leave every other byte alone.
//!
//! What the stamp may do is checked here by a reader of headers of its own, a few lines long and written
//! from the contract in `docs/design.md`, not from the code.

use std::sync::LazyLock;

use postroom::mailbox::{self, Options};
use postroom::rules::layer::Layer;
use postroom::rules::{self, RuleSet};
use postroom::triage::output::{Origin, Report, headers, stamp};
use postroom::triage::{Context, triage};

use crate::fixtures;

/// The built-in rules, without any account.
static RULES: LazyLock<RuleSet> = LazyLock::new(|| rules::ready(&[Layer::BuiltIn]).unwrap());

/// What mail is made of, and what breaks it.
const ALPHABET: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n",
    b"\n> ",
    b"\n>>>> ",
    b"\n-- \n",
    b"\nFrom ",
    b"From x@y.example Tue Mar 31 10:02:00 2026\n",
    b"\nOn Tue, 3 Mar 2026, Jo wrote:\n",
    b"\n-----Original Message-----\n",
    b"\nFrom: Jo\nSent: Tuesday\nTo: Us\nSubject: x\n\n",
    b"\nX-Postroom-Class: other\n",
    b"\nx-postroom-why :\n more\n",
    b"\nContent-Type: multipart/mixed; boundary=b\n",
    b"\nContent-Type: text/html; charset=utf-7\n",
    b"\nContent-Transfer-Encoding: base64\n",
    b"\n--b\n",
    b"\n--b--\n",
    b"<div class=\"gmail_quote\"><blockquote>",
    b"</div></p></table>",
    b"<!--",
    b"&#x110000;",
    b"=?utf-8?B?4oCT?=",
    b"=?x?q?=00",
    b"=E2=80",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x80\x8b",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"'\"`()[]{};:,.?!",
    b"When will it be ready?",
    b" \t ",
];

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }

    /// The mail with a few of its stretches taken out, doubled, or replaced.
    fn mutated(&mut self, mail: &[u8]) -> Vec<u8> {
        let mut mail = mail.to_vec();
        for _ in 0..=self.below(6) {
            let from = self.below(mail.len() + 1);
            let to = (from + self.below(40)).min(mail.len());
            match self.below(8) {
                0 => drop(mail.drain(from..)),
                1 => drop(mail.drain(from..to)),
                2 => {
                    let stretch = mail[from..to].to_vec();
                    let at = self.below(mail.len());
                    mail.splice(at..at, stretch);
                }
                _ => {
                    let piece = ALPHABET[self.below(ALPHABET.len())];
                    let to = if self.below(2) == 0 { from } else { to };
                    mail.splice(from..to, piece.iter().copied());
                }
            }
        }
        mail
    }
}

/// A mail as `filter` writes it.
fn stamped(mail: &[u8]) -> Vec<u8> {
    let parted = stamp::part(mail);
    let raw = parted.unstamped();
    let triage = triage(&raw, &RULES, &Context::default());
    let report = Report { origin: Origin::default(), triage: &triage, rules: &RULES };
    let mut out = Vec::new();
    parted.write(&headers::fields(&report), &mut out).unwrap();
    out
}

/// A mail without `X-Postroom-*` fields: of the lines before the first empty one, those that begin such a
/// field are left out, and the folded lines after them.
fn without_ours(mail: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut in_header = true;
    let mut in_ours = false;
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        in_header &= !matches!(line, b"\n" | b"\r\n");
        in_ours = in_header
            && (line.to_ascii_lowercase().starts_with(b"x-postroom-")
                || (in_ours && matches!(line.first(), Some(b' ' | b'\t'))));
        if !in_ours {
            kept.extend_from_slice(line);
        }
    }
    kept
}

#[test]
fn broken_mail_is_judged_and_twice_stamped_is_once_stamped() {
    let mut dice = Dice(7);
    for fixture in fixtures::all() {
        for _ in 0..MUTATIONS {
            let mail = dice.mutated(&fixture.mail);
            let once = stamped(&mail);
            let twice = stamped(&once);
            let shown = || String::from_utf8_lossy(&mail).into_owned();
            assert!(
                once == twice,
                "{}:\n{}\nonce\n{}",
                fixture.name,
                shown(),
                String::from_utf8_lossy(&once)
            );
            let judged = once.windows(21).any(|bytes| bytes == b"X-Postroom-Status: ok");
            assert!(judged, "{}:\n{}", fixture.name, shown());
        }
    }
}

/// How often each fixture is broken.
const MUTATIONS: usize = 12;

#[test]
fn every_fixture_comes_out_whole() {
    for fixture in fixtures::all() {
        for mail in [fixture.mail.clone(), fixtures::with_crlf(&fixture.mail)] {
            let once = stamped(&mail);
            assert!(stamped(&once) == once, "{}", fixture.name);
            let (rest, kept) = (without_ours(&once), without_ours(&mail));
            assert!(rest == kept, "{}", fixture.name);
        }
    }
}

#[test]
fn every_labelled_mail_comes_out_whole() {
    let mut mails = 0;
    for path in fixtures::entries(&fixtures::root().join("corpus")) {
        if path.extension().is_none_or(|ending| ending != "mbox") {
            continue;
        }
        for mail in mailbox::open(&path, Options::default()).unwrap() {
            let mail = mail.unwrap().bytes().into_owned();
            // A field in front, one in the middle of the header, and one in the body, which must stay.
            let forged =
                [b"x-postroom-class: other\n folded\n".as_slice(), &mail, b"\nX-Postroom-Owner: am\n"];
            let forged = forged.concat();
            let once = stamped(&forged);
            let id = String::from_utf8_lossy(&mail).lines().next().unwrap_or_default().to_owned();
            assert!(without_ours(&once) == without_ours(&forged), "{}: {id}", path.display());
            assert!(without_ours(&forged).ends_with(b"\nX-Postroom-Owner: am\n"), "{id}");
            if mails % 8 == 0 {
                assert!(stamped(&once) == once, "{}: {id}", path.display());
            }
            mails += 1;
        }
    }
    assert!(mails >= 1000, "only {mails} mails");
}

#[test]
fn fields_are_found_in_the_header_alone() {
    for (mail, kept) in [
        (&b"X-Postroom-A: b\n c\nD: e\n\nX-Postroom-F: g\n"[..], &b"D: e\n\nX-Postroom-F: g\n"[..]),
        (b"D: e\r\nx-POSTROOM-a: b\r\n\r\nf", b"D: e\r\n\r\nf"),
        (b"D: e\n f\n", b"D: e\n f\n"),
    ] {
        assert_eq!(without_ours(mail), kept);
    }
}
