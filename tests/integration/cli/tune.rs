use std::fs;
use std::path::Path;

use crate::common::{fixture, folder, postroom, ran, run};

/// Rules that take timber for the wrong thing.
pub(super) const RULES: &str = "\
# Ours.
class = \"other\" # not client work

[[rule]]
id = \"says-timber\" # see below
any = '\\btimber\\b'
points = { new-project = 0.5, other = 2.0 } # too much
[[rule.test]]
match = 'Timber!'
";

const ROUTES: &str = "[[route]]\nid = 'all'\nowner = 'am'\nwhy = 'all'\n";

fn mails(words: &str, count: usize, from: usize) -> String {
    (from..from + count)
        .map(|at| {
            format!(
                "From x Mon Mar  2 08:37:00 2026\nFrom: s{at}@client.example\nSubject: Hello\n\
                 Message-ID: <m{at}@client.example>\n\n{words} and a purple kite.\n\n"
            )
        })
        .collect()
}

pub(super) fn corpus() -> tempfile::TempDir {
    folder(&[
        ("corpus/new-project.mbox", &mails("Timber", 20, 0)),
        ("corpus/other.mbox", &mails("Stone", 20, 100)),
        ("rules/own.toml", RULES),
        ("rules/rules.toml", "builtin = false\n"),
        ("rules/routing.toml", ROUTES),
        ("rules/decision.toml", "probability = 0.0\n[base]\nother = 0.5\n"),
        ("rules/accounts.toml", "[agency]\nam = 'a@agency.example'\npm = 'p@agency.example'\n"),
    ])
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_diff_is_proposed_and_nothing_is_written() {
    let place = corpus();
    let (rules, corpus) = (place.path().join("rules"), place.path().join("corpus"));
    let args = ["--rules", rules.to_str().unwrap(), "tune", "--show", corpus.to_str().unwrap()];
    let first = ran(&args);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{}", first.stdout);
    for part in [
        "40 labelled mails, 1 rule; each of 10 folds left out",
        "-points = { new-project = 0.5, other = 2.0 } # too much",
        "20 fixed, 0 broken",
    ] {
        assert!(first.stdout.contains(part), "{part}\n{}", first.stdout);
    }
    assert!(first.stdout.contains("m7@client.example  other -> new-project"), "{}", first.stdout);
    assert_eq!(read(&rules, "own.toml"), RULES);
    assert!(!rules.join("tuned.toml").exists());
    assert!(ran(&args).bytes == first.bytes, "the same bytes every time");
}

#[test]
fn written_changes_keep_remarks_and_do_what_was_shown() {
    let place = corpus();
    let (rules, corpus) = (place.path().join("rules"), place.path().join("corpus"));
    let written = ran(&["tune", "--write", rules.to_str().unwrap(), corpus.to_str().unwrap()]);
    assert_eq!(written.code, Some(0), "{}{}", written.stdout, written.stderr);
    let own = read(&rules, "own.toml");
    assert!(
        own.starts_with("# Ours.\nclass = \"other\" # not client work\n") && own.contains("# too much"),
        "{own}"
    );
    assert_ne!(own, RULES);
    let timber = corpus.join("new-project.mbox");
    let args = ["--rules", rules.to_str().unwrap(), "classify", "-f", "word", timber.to_str().unwrap()];
    assert_eq!(run(&mut postroom(&args), b"").stdout, "new-project\n".repeat(20));
    let names: Vec<_> = fs::read_dir(&rules).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

#[test]
fn words_that_mistakes_share_are_shown_as_rules() {
    let place = folder(&[
        ("new-project.mbox", &mails("The zeppelin flies", 12, 0)),
        ("other.mbox", &mails("Stone", 30, 100)),
    ]);
    let shown = ran(&["tune", "--only", "class", "--strength", "300", place.path().to_str().unwrap()]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("zeppelin") && shown.stdout.contains("of 12 senders"), "{}", shown.stdout);
}

#[test]
fn what_cannot_be_done_has_its_code() {
    let place = folder(&[("notes.mbox", &mails("x", 2, 0))]);
    let notes = place.path().to_str().unwrap();
    assert_eq!(ran(&["tune"]).code, Some(64));
    assert_eq!(ran(&["tune", "--strength", "0", notes]).code, Some(64));
    assert_eq!(ran(&["tune", "--write", notes, "--rules", notes, notes]).code, Some(64));
    assert_eq!(ran(&["tune", notes]).code, Some(65), "no labels");
    assert_eq!(ran(&["tune", "/nonexistent"]).code, Some(66));
    assert_eq!(ran(&["tune", "--write", "/nonexistent", &fixture("corpus/E.mbox")]).code, Some(78));
}

#[test]
fn a_learned_list_knows_phrases_of_several_writers_and_no_names() {
    let place = corpus();
    let (rules, corpus) = (place.path().join("rules"), place.path().join("corpus"));
    let named = mails("Stone", 20, 100).replace("kite.", "kite for Sandringham.");
    fs::write(corpus.join("other.mbox"), named).unwrap();
    let path = rules.to_str().unwrap();
    let written = ran(&["tune", "--lexicon", "--write", path, corpus.to_str().unwrap()]);
    assert_eq!(written.code, Some(0), "{}{}", written.stdout, written.stderr);
    assert!(written.stdout.contains("40 labelled mails, 1 rules"), "{}", written.stdout);
    let list = read(&rules, "lexicon.toml");
    assert!(list.contains("\"stone\" = { mails = 20, sets = 20, points = {"), "{list}");
    assert!(!list.contains("sandringham") && list.contains("[subject]"), "{list}");
    // What was learned counts, and says so.
    let stone = "From: x@y.example\nSubject: Hi\n\nStone and a purple kite.\n";
    let json = run(&mut postroom(&["--rules", path, "classify", "-f", "jsonl", "-"]), stone.as_bytes());
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["class"], "other");
    let reasons = value["reasons"].as_array().unwrap();
    let stone_reason = reasons.iter().find(|reason| reason["text"] == "Stone").unwrap();
    assert_eq!(
        (stone_reason["rule"].as_str(), stone_reason["zone"].as_str()),
        (Some("lexicon"), Some("new"))
    );
    // Points of phrases are in the sums, so base and reasons add up to the probabilities.
    let decision = read(&rules, "decision.toml").parse::<toml_edit::DocumentMut>().unwrap();
    let base = |class: &str| decision["base"].get(class).and_then(toml_edit::Item::as_float).unwrap_or(0.0);
    let sum = |class: &str| {
        base(class) + reasons.iter().filter_map(|reason| reason["points"][class].as_f64()).sum::<f64>()
    };
    let temperature = decision["temperature"].as_float().unwrap();
    let odds = value["probabilities"]["other"].as_f64().unwrap()
        / value["probabilities"]["new-project"].as_f64().unwrap();
    let expected = ((sum("other") - sum("new-project")) / temperature).exp();
    assert!((odds / expected - 1.0).abs() < 0.02, "{odds} {expected}");
    // Learning from the same mail and rules gives the same bytes.
    let left_out = || {
        let file = place.path().join("left-out.jsonl");
        let args = ["--rules", path, "tune", "--lexicon", corpus.to_str().unwrap(), "--left-out"];
        let shown = run(postroom(&args).arg(&file), b"");
        (shown.code, shown.stdout, fs::read_to_string(file).unwrap())
    };
    let first = left_out();
    assert_eq!((first.0, first.2.lines().count()), (Some(0), 40));
    assert!(first == left_out());
}

#[test]
fn a_learned_list_counts_alone_and_knows_what_was_vetoed() {
    let place = folder(&[
        ("corpus/new-project.mbox", &mails("Timber", 20, 0)),
        ("corpus/other.mbox", &mails("Stone", 20, 100)),
        ("rules/lexicon.toml", "[text]\nstone = { mode = 'off' }\n"),
    ]);
    let (rules, corpus) = (place.path().join("rules"), place.path().join("corpus"));
    let (path, corpus) = (rules.to_str().unwrap(), corpus.to_str().unwrap());
    let shown = ran(&["--rules", path, "tune", "--lexicon", corpus]);
    let files =
        format!("3 files of {path} would change, with --write: decision.toml, tuned.toml, lexicon.toml");
    for part in ["  as it is now      40 ", " gone\n", "of the rules, ", &files] {
        assert!(shown.stdout.contains(part), "{part}\n{}{}", shown.stdout, shown.stderr);
    }
    assert_eq!(read(&rules, "lexicon.toml").lines().count(), 2, "nothing is written");
    let written = ran(&["tune", "--lexicon", "--write", path, corpus]);
    assert_eq!(written.code, Some(0), "{}{}", written.stdout, written.stderr);
    let list = read(&rules, "lexicon.toml");
    assert!(list.contains("\nbuiltin = false\n") && list.contains("\n\"timber\" = { mails = 20"), "{list}");
    assert!(list.contains("\n\"stone\" = { mode = \"off\" }\n"), "{list}");
    // The built-in list has much to say of such a mail.
    let mail =
        b"From: x@y.example\nSubject: Hi\n\nCould you please tell me when the stone will be ready? Timber!\n";
    let phrases = |args: &[&str]| -> Vec<String> {
        let json = run(postroom(args).args(["classify", "--explain", "-f", "jsonl", "-"]), mail);
        let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        let reasons = value["reasons"].as_array().unwrap().iter();
        let phrases = reasons.filter(|reason| reason["rule"] == "lexicon");
        phrases.map(|reason| reason["text"].as_str().unwrap().to_owned()).collect()
    };
    assert!(phrases(&[]).iter().any(|phrase| phrase == "Could you"));
    let own = phrases(&["--rules", path]);
    assert!(own.iter().any(|phrase| phrase == "Timber"), "{own:?}");
    assert!(own.iter().all(|phrase| phrase.starts_with("Timber") || phrase == "Hi"), "{own:?}");
    // Learning again keeps the veto.
    ran(&["tune", "--lexicon", "--write", path, corpus]);
    assert_eq!(read(&rules, "lexicon.toml"), list);
}

#[test]
fn a_phrase_can_be_vetoed_and_a_wrong_one_is_refused() {
    let own = "[text]\n\"{money} {number}\" = { mode = \"off\" }\nzanzibar = { points = { other = 20 } }\n";
    let place = folder(&[("lexicon.toml", own)]);
    let path = place.path().to_str().unwrap();
    let word = |text: &str| {
        let mail = format!("From: x@y.example\nSubject: Hi\n\n{text}\n");
        run(&mut postroom(&["--rules", path, "classify", "-f", "word", "-"]), mail.as_bytes()).stdout
    };
    assert_eq!(word("Zanzibar! When will the homepage be ready?"), "other\n");
    fs::write(place.path().join("lexicon.toml"), "[text]\n\"Big Words\" = { points = { other = 1 } }\n")
        .unwrap();
    let checked = ran(&["check", path]);
    assert_eq!(checked.code, Some(1));
    assert!(
        checked.stdout.contains("bad-phrase") && checked.stdout.contains("lexicon.toml:2:"),
        "{}",
        checked.stdout
    );
}
