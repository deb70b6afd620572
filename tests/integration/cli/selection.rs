//! `classify --only`, `--fields` and the table.

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::common::{TIMBER, fixture, folder, postroom, ran, run};

/// The objects of `classify --format jsonl` with more arguments.
fn objects(args: &[&str]) -> Vec<Value> {
    let inbox = fixture("corpus/E.mbox");
    let ended = run(postroom(&["classify", "--format", "jsonl", &inbox]).args(args), b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn only_shows_the_mails_of_which_it_holds_and_no_others() {
    let all = objects(&[]);
    let is = |mail: &Value, key: &str, words: &[&str]| words.iter().any(|word| mail[key] == *word);
    let both = objects(&["--only", "owner=am,class=new-project|unsure"]);
    let right: Vec<&Value> = all
        .iter()
        .filter(|mail| is(mail, "owner", &["am"]) && is(mail, "class", &["new-project", "unsure"]))
        .collect();
    assert!(!right.is_empty() && right.len() < all.len());
    assert_eq!(both.iter().collect::<Vec<_>>(), right);
    let topic = objects(&["--only", "topic=budget", "--only", "sender=unknown"]);
    let has = |mail: &&Value| mail["topics"].as_array().unwrap().iter().any(|topic| topic == "budget");
    assert_eq!(topic.len(), all.iter().filter(has).count());
    assert!(!topic.is_empty());
    assert_eq!(objects(&["--only", "account=none"]).len(), all.len());
    let none = objects(&["--only", "defect=none"]).len();
    let some = objects(&["--only", "defect=empty|no-header|no-body|no-sender|nul|encoding|unknown-charset"]);
    assert!(none + some.len() <= all.len() && none > 0);
}

#[test]
fn what_was_left_out_is_counted() {
    let inbox = fixture("inbox.mbox");
    let ended = ran(&["classify", "-f", "word", "--only", "class=other", &inbox]);
    let shown = ended.stdout.lines().count();
    assert!(ended.stderr.starts_with(&format!("45 mails, {shown} shown: ")), "{}", ended.stderr);
    assert!(ended.stdout.lines().all(|word| word == "other"));
}

#[test]
fn wrong_keys_words_and_fields_are_usage_errors_with_the_nearest_known() {
    let accounts =
        folder(&[("accounts.toml", "[[account]]\nid = 'larkmoor'\ndomains = ['larkmoor.example']\n")]);
    let rules = accounts.path().to_str().unwrap();
    for (args, told) in [
        (vec!["--only", "ownr=pm"], "did you mean `owner`?"),
        (vec!["--only", "class=newproject"], "did you mean `new-project`?"),
        (vec!["--only", "account=larkmor"], "did you mean `larkmoor`?"),
        (vec!["-f", "csv", "--fields", "class,subjct"], "did you mean `subject`?"),
        (vec!["-f", "csv", "--fields", "class,class"], "named twice"),
        (vec!["--fields", "class"], "--fields goes with --format table, csv or jsonl"),
        (vec!["-f", "tags", "--fields", "class"], "--fields goes with"),
    ] {
        let ended = run(postroom(&["--rules", rules, "classify"]).args(&args), TIMBER.as_bytes());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(64), ""), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn fields_are_those_named_in_the_order_named() {
    let line = |form: &str| {
        let fields = ["-f", form, "--fields", "class,subject,index"];
        run(postroom(&["classify"]).args(fields), TIMBER.as_bytes()).stdout
    };
    let json: Value = serde_json::from_str(&line("jsonl")).unwrap();
    assert_eq!((&json["subject"], json.as_object().unwrap().len()), (&Value::from("Homepage"), 3));
    assert!(line("jsonl").starts_with("{\"class\":"));
    let csv = line("csv");
    assert!(csv.starts_with("class,subject,index\r\n") && csv.ends_with(",Homepage,0\r\n"), "{csv}");
    assert!(line("table").lines().next().unwrap().starts_with("class "));
}

#[test]
fn flags_and_labels_of_the_mailbox_can_be_named() {
    let takeout = fixture("mailbox/gmail-takeout.mbox");
    let ended = ran(&["classify", "-f", "jsonl", "--fields", "labels,flags", &takeout]);
    assert!(ended.stdout.lines().any(|line| line.contains("\"Inbox\"")), "{}", ended.stdout);
    let dovecot = ran(&["classify", "-f", "csv", "--fields", "flags", &fixture("mailbox/dovecot.mbox")]);
    assert!(dovecot.stdout.lines().skip(1).any(|flags| flags.contains('S')), "{}", dovecot.stdout);
    let plain = ran(&["classify", "-f", "jsonl", &takeout]);
    assert!(!plain.stdout.contains("\"labels\""), "JSON v1 keeps its keys");
}

#[test]
fn no_line_of_the_table_is_wider_than_a_hundred_columns() {
    let table = ran(&["classify", "-f", "table", &fixture("mail"), &fixture("inbox.mbox")]);
    assert!(table.stdout.lines().count() > 47, "{}", table.stderr);
    for line in table.stdout.lines() {
        assert!(line.width() <= 100 && !line.chars().any(char::is_control), "{line}");
    }
}
