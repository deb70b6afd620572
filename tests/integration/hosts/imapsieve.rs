//! Dovecot with imapsieve: a person drags a mail into the folder of a class, and the rules for review learn it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::dovecot::{self, Dovecot};
use super::drill::{Host as _, INBOX, PM, check_documented, row};
use super::mails::{self, bare, values};
use super::scratch::{Program, Scratch, run};

/// The class that the mail is said to have, and the folder of it.
const CLASS: &str = "new-project";

/// The host's name in the table.
const NAME: &str = "Dovecot, imapsieve";

/// Starts Dovecot with the recipes for coming in and for dragging.
fn start() -> Dovecot {
    Dovecot::start_with("postroom.sieve", |scratch| {
        let (program, review) = (scratch.text("bin/postroom"), scratch.text("review"));
        let replaced = [
            ("/usr/local/bin/postroom", program.as_str()),
            ("/var/lib/postroom/review", review.as_str()),
            ("-k 5 50", "-k 1 12"),
        ];
        let wrapper = super::recipe("dovecot/postroom-correct", &replaced);
        scratch.write("sieve-bin/postroom-correct", &wrapper, 0o755);
        let script = super::recipe("dovecot/postroom-correct.sieve", &[]);
        scratch.write("sieve/postroom-correct.sieve", &script, 0o644);
        renew_review(scratch);
        dovecot::configuration(scratch, "95-postroom-correct.conf")
    })
}

/// Puts a fresh copy of the test's rules where corrections go.
fn renew_review(scratch: &Scratch) {
    let review = scratch.path("review");
    if review.exists() {
        fs::remove_dir_all(&review).unwrap();
    }
    let rules = fs::read_to_string(scratch.path("rules/loud.toml")).unwrap();
    scratch.write("review/loud.toml", &rules, 0o644);
    run(Command::new("chown").args(["-R", "nobody"]).arg(review));
}

/// Every file of the folder for review.
fn review(scratch: &Scratch) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![scratch.path("review")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Drags the one mail of a mailbox into the folder of the class, and gives it as it then lies there.
fn drag(dovecot: &Dovecot, from: &str) -> Vec<u8> {
    let mut talk = dovecot.login();
    talk.ask(&format!("CREATE {CLASS}"));
    assert!(talk.ask(&format!("SELECT {from}")).0);
    assert!(talk.ask(&format!("UID MOVE 1:* {CLASS}")).0, "not moved");
    let mails = dovecot.arrived();
    assert_eq!((mails[PM].len(), mails[INBOX].len()), (0, 0));
    let mut moved = dovecot.mailbox(CLASS, true);
    assert_eq!(moved.len(), 1);
    moved.remove(0)
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn dovecot_moves_what_is_dragged_and_the_rules_for_review_learn_it() {
    let _turn = super::turn();
    let dovecot = start();
    let scratch = &dovecot.scratch;
    let mut rows = Vec::new();
    for kind in mails::all() {
        renew_review(scratch);
        let before = review(scratch);
        assert!(dovecot.give(&kind.bytes));
        // Both recipes at once: the mail has its fields, and was sorted by them.
        let came = dovecot.mailbox("pm", false);
        assert_eq!(values(&came[0], "X-Postroom-Owner"), ["pm"], "{}", kind.name);
        assert!(drag(&dovecot, "pm") == came[0], "{}: not whole", kind.name);
        let after = review(scratch);
        let learned = after.len() > before.len()
            && after.iter().any(|(name, text)| {
                name.ends_with("tests.toml") && String::from_utf8_lossy(text).contains(CLASS)
            });
        let outcome =
            if learned { "moved once, whole; learned" } else { "moved once, whole; nothing is learned" };
        assert!(learned || after == before, "{}: {:?}", kind.name, after.keys());
        rows.push(row(NAME, kind.name, outcome));
        run(Command::new(scratch.path("bin/real")).args(["check", &scratch.text("review")]));
    }
    let outcome = "moved once, whole; nothing is learned";
    for (name, program) in [
        ("postroom removed", Program::Removed),
        ("rules broken", Program::Works),
        ("killed while writing", Program::Killed),
        ("stopped", Program::Hung),
    ] {
        renew_review(scratch);
        assert!(dovecot.give(&mails::plain()));
        dovecot.make(program);
        if name == "rules broken" {
            scratch.write("review/loud.toml", "nonsense = [", 0o644);
        }
        let before = review(scratch);
        assert!(bare(&drag(&dovecot, "pm")) == bare(&mails::plain()), "{name}: not whole");
        assert_eq!(review(scratch), before, "{name}");
        dovecot.make(Program::Works);
        rows.push(row(NAME, name, outcome));
    }
    check_documented(&rows);
}
