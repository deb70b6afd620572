//! `check --fix`: what it changes, what it leaves, and that it does so once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::{folder, ran};

const RULES: &str = "# Ours: typed by hand.\nclass = 'other'   # for plain numbers\n\n[[rule]] # one\nid = 'walnut'\nabout = \"it's walnut\"\nzonne = 'body'   # where\nany = [\n    \"\\bwalnuts?\\b\", # escapes\n    '{metals} nut',\n    'hazel',\n    'filbert',\n    'filbert', # why twice?\n    'hazel',\n]\npoints = \"1.5\"\ntopics = { scope = 1, budjet = 2 }\n[[rule.test]]\nmatch = 'Walnut.'\nexpect-fail = true\n\n[combine]\nid = 'both'\nall = ['walnutt']\npoints = 1\n[[combine.test]]\nmatch = 'Walnut.'\n";

const WORDS: &str = "metal = ['tin', 'zinc']\n";

/// A folder that stands for itself is quick to read.
const COMPLETE: (&str, &str) = ("rules.toml", "builtin = false\n");

const ROUTING: (&str, &str) = ("routing.toml", "[[route]]\nid = 'all'\nowner = 'am'\nwhy = 'so'\n");

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn what_is_beyond_doubt_is_put_right_and_all_else_stays() {
    let rules = folder(&[("own.toml", RULES), ("vocabulary.toml", WORDS), COMPLETE, ROUTING]);
    let path = rules.path().to_str().unwrap();
    let before = texts(rules.path());
    let shown = ran(&["check", "--fix", "--dry-run", path]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("would change own.toml:7: unknown-key: zonne → zone"), "{}", shown.stdout);
    assert_eq!(texts(rules.path()), before, "a dry run writes nothing");

    let fixed = ran(&["check", "--fix", path]);
    let expected = RULES
        .replace("zonne = 'body'", "zone = 'new'")
        .replace("\"\\bwalnuts?\\b\"", "'\\bwalnuts?\\b'")
        .replace("{metals}", "{metal}")
        .replace("'filbert', # why twice?\n    'hazel',\n", "'filbert', # why twice?\n")
        .replace("\"1.5\"", "1.5")
        .replace("budjet", "budget")
        .replace("expect-fail = true\n", "")
        .replace("[combine]", "[[combine]]")
        .replace("walnutt", "walnut");
    let after = texts(rules.path());
    assert_eq!(after["own.toml"], expected, "{}", fixed.stdout);
    assert_eq!(after["vocabulary.toml"], WORDS);
    assert_eq!(after.len(), 4, "{after:?}");
    for part in
        ["changed own.toml:7: unknown-key: zonne → zone", "changed own.toml:19: test-passes", ": 0 faults"]
    {
        assert!(fixed.stdout.contains(part), "{part}\n{}", fixed.stdout);
    }
    // A remark beside the second one: somebody has to look.
    assert!(fixed.stdout.contains("warning[duplicate-pattern]"), "{}", fixed.stdout);

    let again = ran(&["check", "--fix", path]);
    assert!(again.stdout.starts_with("nothing can be put right without doubt\n"), "{}", again.stdout);
    assert_eq!(texts(rules.path()), after, "fixing twice is fixing once");
}

#[test]
fn where_two_are_meant_or_meaning_would_change_nothing_is_touched() {
    let doubtful = "[[rule]]\nid = 'nut-a'\nany = 'xa'\npoints = { other = 1 }\n[[rule]]\nid = 'nut-b'\nany = ['xb', 'xa']\npoints = { other = 2 }\n[[combine]]\nid = 'c'\nany = ['nut-c']\npoints = { other = 1 }\n[[rule]]\nid = 'nut-aa'\nmode = 'off'\n";
    let rules = folder(&[("own.toml", doubtful), COMPLETE, ROUTING]);
    let path = rules.path().to_str().unwrap();
    let checked = ran(&["check", "--fix", path]);
    assert_eq!(checked.code, Some(1), "{}", checked.stdout);
    assert_eq!(texts(rules.path())["own.toml"], doubtful);
    assert_eq!(ran(&["check", "--fix"]).code, Some(64), "a folder must be named");
    assert_eq!(ran(&["check", "--dry-run", path]).code, Some(64));
}

#[test]
fn every_faulty_folder_of_the_fixtures_survives_it_and_gets_no_worse() {
    for entry in fs::read_dir("fixtures/rules").unwrap() {
        let source = entry.unwrap().path();
        if !source.is_dir() || source.ends_with("not-utf8") {
            continue;
        }
        let copy = tempfile::tempdir().unwrap();
        for (from, to) in
            [(source.clone(), copy.path().to_owned()), (source.join("classes"), copy.path().join("classes"))]
        {
            fs::create_dir_all(&to).unwrap();
            for file in fs::read_dir(&from).into_iter().flatten().map(|entry| entry.unwrap().path()) {
                if file.extension().is_some_and(|ending| ending == "toml") {
                    fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
                }
            }
        }
        for (name, text) in [COMPLETE, ROUTING] {
            if !copy.path().join(name).exists() {
                fs::write(copy.path().join(name), text).unwrap();
            }
        }
        let path = copy.path().to_str().unwrap();
        let first = ran(&["check", "--fix", path]);
        assert!(matches!(first.code, Some(0 | 1)), "{}: {}", source.display(), first.stderr);
        let again = ran(&["check", "--fix", path]);
        assert!(
            again.stdout.starts_with("nothing can be put right"),
            "{}: {}",
            source.display(),
            again.stdout
        );
    }
}
