//! The labelled mailboxes: one label a mail, one mail a label, and no word outside its vocabulary.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use postroom::mailbox::{self, Options};
use postroom::rules::layer::Layer;
use postroom::terms::{Class, Role, Topic};
use postroom::triage::evidence::Hit;
use postroom::triage::{self, Context, message};

use crate::fixtures;

const HEADER: &str = "message_id\tclass\towner\ttopics\tdifficulty";

/// Every set of these folders of `fixtures`, and `fixtures/inbox`, each without its ending.
fn sets_of(folders: &[&str]) -> Vec<PathBuf> {
    let mut sets = vec![fixtures::root().join("inbox")];
    for folder in folders {
        for path in fixtures::entries(&fixtures::root().join(folder)) {
            if path.extension().is_some_and(|ending| ending == "mbox") {
                sets.push(path.with_extension(""));
            }
        }
    }
    sets
}

/// All labelled mailboxes.
fn sets() -> Vec<PathBuf> {
    sets_of(&["corpus", "training", "office"])
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
fn there_are_all_sets() {
    let counts: Vec<usize> = sets().iter().map(|set| labels(set).len()).collect();
    assert_eq!(counts.len(), 194);
    assert_eq!(counts.iter().filter(|count| **count == 150).count(), 193);
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
        let path = set.with_extension("mbox");
        let mut mails = mailbox::open(&path, Options::default()).unwrap();
        let ids: Vec<String> = mails.by_ref().map(|mail| message_id(&mail.unwrap().bytes())).collect();
        let warnings = mails.take_warnings();
        assert!(warnings.is_empty(), "{}: {warnings:?}", path.display());
        let labelled: Vec<String> = labels(&set).into_iter().map(|[id, ..]| id).collect();
        assert_eq!(ids, labelled, "{}", path.display());
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{}: a Message-ID twice", path.display());
    }
}

fn message_id(mail: &[u8]) -> String {
    message::parse(mail).message_id.map(|id| format!("<{id}>")).unwrap_or_default()
}

#[test]
fn mailboxes_are_stored_with_lf() {
    for set in sets() {
        let mailbox = fs::read(set.with_extension("mbox")).unwrap();
        assert!(!mailbox.contains(&b'\r'), "{}", set.display());
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

/// Rules on facts that no composed mail has, or one writer's alone; their points were set by hand.
const WITHOUT_MAIL: [&str; 1] = ["internal-sender"];

/// What one writer alone says is that writer's habit: every rule and every phrase of the list is in the mail
/// of several.
#[test]
fn nothing_stands_on_one_writer() {
    let rules = postroom::rules::ready(&[Layer::BuiltIn]).unwrap();
    let sets = sets_of(&["corpus", "training"]);
    let heard = |set: &PathBuf| {
        let mails = mailbox::open(set.with_extension("mbox"), Options::default()).unwrap();
        let (mut hit, mut said) = (BTreeSet::new(), BTreeSet::new());
        for mail in mails {
            let raw = mail.unwrap().bytes().into_owned();
            let evidence = triage::triage(&raw, &rules, &Context::default()).evidence;
            hit.extend(evidence.hits.iter().map(Hit::rule));
            said.extend(evidence.phrases.iter().map(|phrase| phrase.phrase));
        }
        (hit, said)
    };
    let (mut hits, mut phrases) = (vec![0; rules.rules.len()], vec![0; rules.lexicon.len()]);
    for pair in sets.chunks(2) {
        let found: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = pair.iter().map(|set| scope.spawn(|| heard(set))).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for (hit, said) in found {
            hit.into_iter().for_each(|rule| hits[rule] += 1);
            said.into_iter().for_each(|phrase| phrases[phrase as usize] += 1);
        }
    }
    let lonely = rules.rules.iter().zip(&hits).filter(|(_, sets)| **sets < 2);
    assert_eq!(lonely.map(|(rule, _)| rule.id.as_ref()).collect::<Vec<_>>(), WITHOUT_MAIL);
    assert!(phrases.len() > 1000, "only {} phrases", phrases.len());
    let lonely = (0..).zip(&phrases).filter(|(_, sets)| **sets < 6);
    let lonely: Vec<&str> = lonely.map(|(phrase, _)| rules.lexicon.phrase(phrase).1).collect();
    assert_eq!(lonely, Vec::<&str>::new());
}
