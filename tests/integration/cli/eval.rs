use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::{fixture, folder, ran};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn figures_are_the_same_whatever_the_number_of_threads() {
    let sources = ["corpus/E.mbox", "corpus/O.mbox"].map(fixture);
    let runs =
        ["1", "3"].map(|jobs| ran(&["eval", &sources[0], &sources[1], "--format", "json", "--jobs", jobs]));
    assert_eq!((runs[0].code, runs[0].stderr.as_str()), (Some(0), ""));
    assert_eq!(runs[0].stdout, runs[1].stdout);
    let whole = json(&runs[0].stdout);
    assert_eq!(whole["mails"], 300);
    let cells = whole["class"]["matrix"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(cells.map(|cell| cell.as_u64().unwrap()).sum::<u64>(), 300);
    assert_eq!(whole["by"]["group"].as_array().unwrap().len(), 2);
    assert!(!runs[0].stdout.contains("\"text\""), "no mail's text unless asked for");
}

#[test]
fn the_matrix_is_what_classify_says() {
    let inbox = fixture("inbox.mbox");
    let words = ran(&["classify", "--word", "class", &inbox]).stdout;
    let whole = json(&ran(&["eval", &inbox, "--format", "json"]).stdout);
    let given: Vec<&str> = whole["judged"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["given"]["class"].as_str().unwrap())
        .collect();
    assert_eq!(given, words.lines().collect::<Vec<_>>());
    let right = whole["judged"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["given"]["class"] == one["label"]["class"]);
    assert_eq!(whole["class"]["right"], right.count());
}

#[test]
fn every_cell_opens_to_as_many_mails_as_it_says() {
    let inbox = fixture("inbox.mbox");
    let whole = json(&ran(&["eval", &inbox, "--format", "json"]).stdout);
    let words = |key: &str| -> Vec<String> { serde_json::from_value(whole["class"][key].clone()).unwrap() };
    let mut cells = Vec::new();
    for (row, label) in words("labels").iter().enumerate() {
        for (column, given) in words("given").iter().enumerate() {
            let count = whole["class"]["matrix"][row][column].as_u64().unwrap();
            cells.push((label.clone(), given.clone(), count));
        }
    }
    let asked = cells.iter().flat_map(|(label, given, _)| ["--show".to_owned(), format!("{label}:{given}")]);
    let args: Vec<String> =
        ["eval", &inbox, "--format", "json"].map(str::to_owned).into_iter().chain(asked).collect();
    let shown = ran(&args.iter().map(String::as_str).collect::<Vec<_>>()).stdout;
    let mut mails = shown.lines().map(json);
    for (label, given, count) in cells {
        for _ in 0..count {
            let mail = mails.next().unwrap();
            assert_eq!(
                (&mail["label"]["class"], &mail["given"]["class"]),
                (&label.as_str().into(), &given.as_str().into())
            );
            assert!(mail["mail"]["reasons"].is_array(), "{mail}");
        }
    }
    assert!(mails.next().is_none());
    let shown = ran(&["eval", &inbox, "--show", "mistakes"]).stdout;
    assert!(shown.contains("\n  label    ") && shown.contains('“'), "{shown}");
}

#[test]
fn the_table_of_rules_sorts() {
    let inbox = fixture("inbox.mbox");
    let by_id = ran(&["eval", &inbox, "--rules-table", "--sort", "id"]).stdout;
    let ids: Vec<&str> =
        by_id.lines().skip(2).map(|line| line.split(' ').next().unwrap()).take(100).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(ids, sorted);
    assert_eq!(ran(&["eval", &inbox, "--rules-table", "--sort", "colour"]).code, Some(64));
}

#[test]
fn exit_codes() {
    let inbox = fixture("inbox.mbox");
    let bare = folder(&[("in.mbox", "From a@b.example Mon Mar  2 08:37:00 2026\nFrom: a@b.example\n\nHi\n")]);
    let bare = bare.path().join("in.mbox").display().to_string();
    let twice = folder(&[
        ("other.eml", "From: a@b.example\nMessage-ID: <a@b>\nX-Postroom-Label: other\nX-Kind: x\n\nHi\n"),
        ("again.eml", "From: a@b.example\nMessage-ID: <a@b>\nX-Postroom-Label: new-project\n\nHi\n"),
        ("third.eml", "From: a@b.example\nMessage-ID: <c@b>\nX-Postroom-Label: none\n\nHi\n"),
        ("right.eml", "From: a@b.example\nMessage-ID: <d@b>\nX-Postroom-Label: other\n\nHi\n"),
    ]);
    let twice = twice.path().display().to_string();
    for (args, code) in [
        (vec!["eval", &inbox, "--min-accuracy", "0.1"], 0),
        (vec!["eval", &inbox, "--min-accuracy", "1"], 1),
        (vec!["eval", &inbox, "--min-accuracy", "2"], 64),
        (vec!["eval", &inbox, "--show", "rule=nonesuch"], 64),
        (vec!["eval", &bare], 65),
        (vec!["eval", &twice], 65),
        (vec!["eval", "/nonexistent"], 66),
        (vec!["eval"], 64),
    ] {
        assert_eq!(ran(&args).code, Some(code), "{args:?}");
    }
    let told = ran(&["eval", &twice, "--left-out"]);
    assert!(told.stderr.contains("third.eml: X-Postroom-Label: unknown class `none`"), "{}", told.stderr);
    assert!(told.stderr.contains("labelled twice, differently: a@b: `new-project` at"), "{}", told.stderr);
    assert!(told.stdout.contains("without a label: c@b at"), "{}", told.stdout);
}

#[test]
fn ids_of_the_judged_are_those_of_the_labels() {
    let whole = json(&ran(&["eval", &fixture("corpus/E.mbox"), "--format", "json"]).stdout);
    let ids: BTreeSet<&str> =
        whole["judged"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let sheet = std::fs::read_to_string(fixture("corpus/E.labels.tsv")).unwrap();
    let labelled: BTreeSet<&str> =
        sheet.lines().skip(1).map(|line| line.split('\t').next().unwrap().trim_matches(['<', '>'])).collect();
    assert_eq!(ids, labelled);
}
