//! `fixtures/mail`, stage by stage: a failure names the stage that broke.

use std::str::FromStr;

use postroom::terms::{Class, Defect, Role, Topic};
use postroom::triage::message::{self, Message};

use crate::fixtures::{self, Expected, Fixture};

/// The kinds that must be there; a folder that vanished would otherwise pass unseen.
const KINDS: &[&str] = &[
    "apple",
    "automatic",
    "forward",
    "gmail",
    "hostile",
    "html",
    "interleaved",
    "languages",
    "malformed",
    "mobile",
    "outlook",
    "plain",
    "signature",
];

/// The largest fixture: small enough to be read.
const LARGEST: usize = 20_000;

#[test]
fn every_stage_gives_what_is_expected() {
    let mut faults = Vec::new();
    for Fixture { name, mail, expected, .. } in fixtures::all() {
        for (ending, bytes) in [("LF", mail.clone()), ("CRLF", with_crlf(&mail))] {
            if let Some((stage, fault)) = first_fault(&bytes, &expected) {
                faults.push(format!("{name} ({ending}): {stage}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// The first stage that gives something else than expected, and what: what comes later follows from it.
fn first_fault(mail: &[u8], expected: &Expected) -> Option<(&'static str, String)> {
    let message = message::parse(mail);
    message_fault(&message, expected).map(|fault| ("message", fault))
}

/// Defects, and the decoded text: it must hold every line that is new.
fn message_fault(message: &Message<'_>, expected: &Expected) -> Option<String> {
    let defects: Vec<&str> = message.defects.iter().map(|defect| defect.as_str()).collect();
    if defects != expected.defects {
        return Some(format!("defects {defects:?}, expected {:?}", expected.defects));
    }
    let (text, fresh) = (message.text.as_deref()?, expected.fresh.as_deref()?);
    let mut lines = text.lines().map(str::trim);
    // One after the other: the search for the next goes on where the last was found.
    let missing = fresh
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .find(|line| !lines.any(|l| l == *line))?;
    Some(format!("the text lacks the line {missing:?}:\n{text}"))
}

/// The mail as a mail server sends it: a line feed that stands alone gets its carriage return.
fn with_crlf(mail: &[u8]) -> Vec<u8> {
    let mut crlf = Vec::with_capacity(mail.len() + mail.len() / 32);
    for &byte in mail {
        if byte == b'\n' && crlf.last() != Some(&b'\r') {
            crlf.push(b'\r');
        }
        crlf.push(byte);
    }
    crlf
}

#[test]
fn every_kind_has_mail() {
    let fixtures = fixtures::all();
    for kind in KINDS {
        assert!(fixtures.iter().any(|fixture| fixture.kind == *kind), "no mail in fixtures/mail/{kind}");
    }
}

#[test]
fn answers_are_well_formed() {
    let mut faults = Vec::new();
    for Fixture { name, expected, .. } in fixtures::all() {
        faults.extend(word_faults(&expected).into_iter().map(|fault| format!("{name}: {fault}")));
        faults.extend(sense_faults(&expected).into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn mails_are_stored_with_lf_and_stay_readable() {
    let mut faults = Vec::new();
    for Fixture { name, kind, mail, .. } in fixtures::all() {
        // Broken mail may need its carriage returns; every other mail gets them when it is run as CRLF.
        if kind != "malformed" && mail.contains(&b'\r') {
            faults.push(format!("{name}.eml holds a carriage return"));
        }
        if kind != "malformed" && mail.len() > LARGEST {
            faults.push(format!("{name}.eml has {} bytes, over {LARGEST}", mail.len()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Words that are not in their vocabulary, and rule ids that cannot be ids.
fn word_faults(expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    if expected.class != "unsure" {
        faults.extend(fault_of::<Class>(&expected.class));
    }
    if let Some(owner) = expected.owner.as_deref().filter(|owner| *owner != "none") {
        faults.extend(fault_of::<Role>(owner));
    }
    for topic in expected.topics.iter().flatten() {
        faults.extend(fault_of::<Topic>(topic));
    }
    for defect in &expected.defects {
        faults.extend(fault_of::<Defect>(defect));
    }
    for word in expected.hits.iter().chain(&expected.absent) {
        if !is_kebab_case(word) {
            faults.push(format!("`{word}` is not kebab-case"));
        }
    }
    faults
}

fn fault_of<T: FromStr<Err: ToString>>(word: &str) -> Option<String> {
    word.parse::<T>().err().map(|fault| fault.to_string())
}

fn is_kebab_case(word: &str) -> bool {
    word.split('-').all(|part| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Answers that contradict each other or `docs/labelling.md`.
fn sense_faults(expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let topics: Vec<&str> = expected.topics.iter().flatten().map(String::as_str).collect();
    if let Some(owner) = expected.owner.as_deref() {
        if (owner == "none") != (expected.class == "other") {
            faults.push(format!("owner `{owner}` with class `{}`", expected.class));
        }
        let am_only = ["deliverable-question", "new-project"].contains(&expected.class.as_str())
            || (expected.class != "other" && topics.contains(&"escalation"));
        if am_only && owner != "am" {
            faults.push(format!("class `{}`, topics {topics:?}: the owner is `am`", expected.class));
        }
    }
    if expected.class == "other" && topics.iter().any(|topic| *topic != "budget") {
        faults.push("in `other` only `budget` is given".to_owned());
    }
    if let Some(rule) = expected.hits.iter().find(|rule| expected.absent.contains(rule)) {
        faults.push(format!("`{rule}` must hit and must not"));
    }
    if let Some(fresh) = expected.fresh.as_deref() {
        let trailing = fresh.lines().any(|line| line != line.trim_end_matches([' ', '\t']));
        if fresh != fresh.trim() || trailing {
            faults.push("`fresh` has blanks at an end or at the end of a line".to_owned());
        }
    }
    faults
}

#[cfg(test)]
mod answers {
    use super::*;

    fn faults(answer: &str) -> Vec<String> {
        let expected: Expected = toml::from_str(answer).unwrap();
        let mut faults = word_faults(&expected);
        faults.extend(sense_faults(&expected));
        faults
    }

    #[test]
    fn contradictions_are_found() {
        for (answer, found) in [
            ("defects = []\nclass = 'other'\nowner = 'none'\ntopics = ['budget']", 0),
            ("defects = []\nclass = 'unsure'\nowner = 'am'", 0),
            ("defects = []\nclass = 'question'", 1),
            ("defects = ['no-legs']\nclass = 'other'", 1),
            ("defects = []\nclass = 'other'\nowner = 'am'", 1),
            ("defects = []\nclass = 'other'\ntopics = ['timeline']", 1),
            ("defects = []\nclass = 'new-project'\nowner = 'pm'", 1),
            ("defects = []\nclass = 'project-update'\nowner = 'pm'\ntopics = ['escalation']", 1),
            ("defects = []\nclass = 'project-update'\ntopics = ['deadline']", 1),
            ("defects = []\nclass = 'other'\nhits = ['Asks When']", 1),
            ("defects = []\nclass = 'other'\nhits = ['a']\nabsent = ['a']", 1),
            ("defects = []\nclass = 'other'\nfresh = 'Hi '", 1),
        ] {
            let faults = faults(answer);
            assert_eq!(faults.len(), found, "{answer}\n{faults:?}");
        }
    }

    #[test]
    fn a_stage_that_breaks_is_named() {
        let mail = b"From: a@x.example\nSubject: Van\n\nIs it blue?\n\nRosalind\n";
        for (answer, fault) in [
            ("defects = []\nclass = 'other'\nfresh = \"Is it blue?\\nRosalind\"", None),
            ("defects = []\nclass = 'other'\nfresh = \"Rosalind\\nIs it blue?\"", Some("lacks the line")),
            ("defects = ['nul']\nclass = 'other'", Some("defects [], expected")),
        ] {
            let expected: Expected = toml::from_str(answer).unwrap();
            for mail in [mail.to_vec(), with_crlf(mail)] {
                match (first_fault(&mail, &expected), fault) {
                    (None, None) => {}
                    (Some(("message", found)), Some(part)) if found.contains(part) => {}
                    (found, _) => panic!("{answer}: {found:?}"),
                }
            }
        }
    }

    #[test]
    fn unknown_keys_and_missing_ones_are_refused() {
        for answer in ["class = 'other'", "defects = []", "defects = []\nclass = 'other'\ntopic = []"] {
            assert!(toml::from_str::<Expected>(answer).is_err(), "{answer}");
        }
    }
}
