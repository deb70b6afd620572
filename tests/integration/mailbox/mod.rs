//! Mailboxes as programs write them, each with its answer beside it (`fixtures/mailbox/README.md`).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bounds;
mod faults;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use postroom::mailbox::{self, Mail, Options};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    about: String,
    warnings: Vec<String>,
    source: Vec<Source>,
    #[serde(default)]
    flags: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    text: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Source {
    path: String,
    mails: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mailbox")
}

/// The mailboxes with an answer beside them; one without is a fault.
fn cases() -> Vec<(PathBuf, Answer)> {
    let mut cases = Vec::new();
    for folder in [root(), root().join("odd")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if name.ends_with(".toml") || name.ends_with(".md") || name.ends_with("/odd") {
                continue;
            }
            let answer =
                fs::read_to_string(format!("{name}.toml")).unwrap_or_else(|_| panic!("{name} has no answer"));
            cases.push((path, toml::from_str(&answer).unwrap_or_else(|fault| panic!("{name}: {fault}"))));
        }
    }
    cases
}

fn header_value(mail: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let header = text.split("\n\n").next().unwrap_or_default();
    let line = header.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_matches(['<', '>']).to_owned()
}

fn body(mail: &[u8]) -> String {
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    text.split_once("\n\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

fn check(path: &Path, answer: &Answer, options: Options) {
    let mut mails = mailbox::open(path, options).unwrap();
    let found: Vec<Mail> = mails.by_ref().map(|mail| mail.unwrap()).collect();
    let mut sources: Vec<Source> = Vec::new();
    let (mut flags, mut labels, mut text) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for mail in &found {
        let path = mail.source().path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        // A folder's mails come around those of the mailboxes in it.
        let known = sources.iter().position(|source| source.path == path).unwrap_or_else(|| {
            sources.push(Source { path, mails: Vec::new() });
            sources.len() - 1
        });
        let mails = &mut sources[known].mails;
        assert_eq!(mail.index(), mails.len() as u64, "{}", answer.about);
        let id = header_value(&mail.bytes(), "Message-ID:");
        mails.push(id.clone());
        let marks = mail.marks();
        flags.insert(id.clone(), marks.flags.maildir_letters());
        labels.insert(id.clone(), marks.labels);
        text.insert(id, body(&mail.bytes()));
    }
    assert_eq!(sources, answer.source, "{}", answer.about);
    let warnings: Vec<String> = mails
        .take_warnings()
        .iter()
        .map(|warning| {
            let place = if warning.line > 0 { format!("{}: ", warning.line) } else { String::new() };
            format!("{place}{}", warning.remark).replace(&format!("{}/", root().display()), "")
        })
        .collect();
    assert_eq!(warnings, answer.warnings, "{}", answer.about);
    for (want, got) in [(&answer.flags, &flags), (&answer.text, &text)] {
        for (id, want) in want {
            assert_eq!(got.get(id), Some(want), "{id}");
        }
    }
    for (id, want) in &answer.labels {
        assert_eq!(labels.get(id), Some(want), "{id}");
    }
}

#[test]
fn every_mailbox_reads_as_its_answer_says() {
    let cases = cases();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    for (path, answer) in &cases {
        for block in [100, Options::default().block] {
            check(path, answer, Options { block, ..Options::default() });
        }
    }
}
