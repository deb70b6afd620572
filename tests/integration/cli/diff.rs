use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::{fixture, folder, ran};

/// A folder that makes every rule for asking when quieter and adds a loud one.
const EDIT: &str = "
[[rule]]
id = 'has-question'
mode = 'off'
[[rule]]
id = 'says-website'
any = '\\bwebsite\\b'
points = { new-project = 8 }
[[rule.test]]
match = 'Our website.'
";

fn decided(rules: Option<&str>, mail: &str) -> BTreeSet<(String, String, String)> {
    let mut args = vec!["classify", "--format", "jsonl", mail];
    args.extend(rules.iter().flat_map(|rules| ["--rules", rules]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |line: &str| {
        let mail: Value = serde_json::from_str(line).unwrap();
        (text(&mail["message_id"]), text(&mail["class"]), text(&mail["owner"]))
    };
    ran(&args).stdout.lines().map(read).collect()
}

#[test]
fn diff_finds_exactly_the_mails_that_classify_decides_differently() {
    let rules = folder(&[("edit.toml", EDIT)]);
    let rules = rules.path().to_str().unwrap();
    let mail = fixture("corpus/O.mbox");
    let (before, after) = (decided(None, &mail), decided(Some(rules), &mail));
    let expected: BTreeSet<String> = before.difference(&after).map(|(id, ..)| id.clone()).collect();
    assert!(expected.len() > 3, "{expected:?}");
    let ended = ran(&["diff", "--base", "built-in", "--new", rules, "--format", "json", &mail]);
    let whole: Value = serde_json::from_str(&ended.stdout).unwrap();
    let changed = whole["changed"].as_array().unwrap();
    let decided =
        changed.iter().filter(|one| ["broken", "fixed", "moved"].contains(&one["kind"].as_str().unwrap()));
    let found: BTreeSet<String> = decided.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, expected);
    for one in changed {
        assert!(!one["reasons"].as_array().unwrap().is_empty(), "{one}");
        let cause = one["reasons"][0]["cause"].as_str().unwrap();
        assert!(
            ["rule has-question: removed", "rule says-website: added"].contains(&cause)
                || cause.contains("builds on"),
            "{cause}"
        );
    }
    let grouped =
        whole["causes"].as_array().unwrap().iter().map(|cause| cause["mails"].as_array().unwrap().len());
    assert_eq!(grouped.sum::<usize>(), changed.len());
}

#[test]
fn it_ends_with_1_when_a_labelled_mail_broke_or_when_asked_to() {
    let rules = folder(&[("edit.toml", EDIT)]);
    let rules = rules.path().to_str().unwrap();
    let labelled = fixture("corpus/O.mbox");
    let unlabelled = folder(&[("in.mbox", &std::fs::read_to_string(&labelled).unwrap())]);
    let unlabelled = unlabelled.path().join("in.mbox").display().to_string();
    for (args, code) in [
        (vec!["--base", "built-in", "--new", rules, &labelled], 1),
        (vec!["--base", "built-in", "--new", rules, &unlabelled], 0),
        (vec!["--base", "built-in", "--new", rules, "--exit-code", &unlabelled], 1),
        (vec!["--base", "built-in", "--rules", rules, "--exit-code", &unlabelled], 1),
        (vec!["--base", rules, "--new", rules, "--exit-code", &labelled], 0),
        (vec!["--base", "nonesuch", &labelled], 66),
        (vec!["--base", "built-in", "/nonexistent"], 66),
        (vec![&labelled], 64),
    ] {
        let ended = ran(&[&["diff"][..], &args].concat());
        assert_eq!(ended.code, Some(code), "{args:?}\n{}", ended.stderr);
    }
    let text = ran(&["diff", "--base", "built-in", "--new", rules, &labelled]).stdout;
    assert!(text.starts_with("150 mails, 150 labelled: "), "{text}");
    assert!(
        text.contains("\nrule says-website: added: ") && text.contains("says-website “website” (added)"),
        "{text}"
    );
    let nothing = ran(&["diff", "--base", rules, "--new", rules, &labelled]).stdout;
    assert_eq!(nothing, "nothing changed in 150 mails\n");
}
