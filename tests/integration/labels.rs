//! The labelled mailboxes: one label a mail, one mail a label, and no word outside its vocabulary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use postroom::terms::{Class, Role, Topic};

use crate::fixtures;

const HEADER: &str = "message_id\tclass\towner\ttopics\tdifficulty";

/// `fixtures/inbox` and every set of `fixtures/corpus`, each without its ending.
fn sets() -> Vec<PathBuf> {
    let corpus = fixtures::root().join("corpus");
    let mut sets = vec![fixtures::root().join("inbox")];
    for path in fixtures::entries(&corpus) {
        if path.extension().is_some_and(|ending| ending == "mbox") {
            sets.push(path.with_extension(""));
        }
    }
    sets
}

fn labels(set: &Path) -> Vec<[String; 5]> {
    let path = set.with_extension("labels.tsv");
    let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER), "{}", path.display());
    lines
        .map(|line| {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            cells.try_into().unwrap_or_else(|cells| panic!("{}: five cells, not {cells:?}", path.display()))
        })
        .collect()
}

#[test]
fn there_are_thirteen_sets() {
    let counts: Vec<usize> = sets().iter().map(|set| labels(set).len()).collect();
    assert_eq!(counts.len(), 13);
    assert_eq!(counts.iter().filter(|count| **count == 150).count(), 12);
    assert!(counts.iter().all(|count| *count >= 40), "{counts:?}");
}

#[test]
fn labels_use_the_closed_vocabularies() {
    for set in sets() {
        for [id, class, owner, topics, difficulty] in labels(&set) {
            let at = format!("{} {id}", set.display());
            class.parse::<Class>().unwrap_or_else(|fault| panic!("{at}: {fault}"));
            assert_eq!(owner == "none", class == Class::Other.as_str(), "{at}: {class}, {owner}");
            if owner != "none" {
                owner.parse::<Role>().unwrap_or_else(|fault| panic!("{at}: {fault}"));
            }
            for topic in topics.split(',').filter(|topic| *topic != "-") {
                topic.parse::<Topic>().unwrap_or_else(|fault| panic!("{at}: {fault}"));
            }
            assert!(["easy", "medium", "hard"].contains(&difficulty.as_str()), "{at}: {difficulty}");
        }
    }
}

#[test]
fn every_mail_has_one_label_and_every_label_one_mail() {
    for set in sets() {
        let mailbox = fs::read(set.with_extension("mbox")).unwrap();
        assert!(!mailbox.contains(&b'\r'), "{}: stored with LF", set.display());
        let text = String::from_utf8_lossy(&mailbox);
        // In mboxrd no other line begins so: lines of text are quoted with ">".
        let mails = text.lines().filter(|line| line.starts_with("From ")).count();
        let labels = labels(&set);
        assert_eq!(mails, labels.len(), "{}", set.display());
        let lines: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(field, _)| field.eq_ignore_ascii_case("message-id"))
            .map(|(_, id)| id.trim().to_owned())
            .collect();
        let ids: BTreeSet<String> = labels.into_iter().map(|[id, ..]| id).collect();
        assert_eq!(ids.len(), mails, "{}: a label twice", set.display());
        let lost: Vec<_> = ids.difference(&lines).collect();
        assert!(lost.is_empty(), "{}: labels without a mail: {lost:?}", set.display());
    }
}

#[test]
fn the_inbox_shows_every_class_and_topic() {
    let labels = labels(&fixtures::root().join("inbox"));
    for class in Class::WORDS {
        assert!(labels.iter().any(|[_, given, ..]| given == class), "{class}");
    }
    for topic in Topic::WORDS {
        assert!(
            labels.iter().any(|[_, _, _, given, _]| given.split(',').any(|word| word == *topic)),
            "{topic}"
        );
    }
}
