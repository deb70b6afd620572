//! `--watch` on every command that has it: what a save did, faults, and a clean end.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::common::{LOUD, TIMBER, folder, postroom};

/// Longest wait for an answer: what goes wrong ends, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// A command under `--watch` in a folder with rules and one mail, labelled `new-project`.
struct Watched {
    place: tempfile::TempDir,
    child: Child,
    lines: Receiver<String>,
}

impl Watched {
    fn start(arguments: impl Fn(&str, &str) -> Vec<String>) -> Self {
        let mail = TIMBER.replace("\nFrom ", "\n>From ");
        let place = folder(&[
            ("rules/loud.toml", LOUD),
            // Complete in itself, so that it is quick to read.
            ("rules/rules.toml", "builtin = false\n"),
            ("rules/routing.toml", "[[route]]\nid = 'all'\nowner = 'am'\nwhy = 'so'\n"),
            ("corpus/new-project.mbox", &format!("From x Mon Mar  2 08:37:00 2026\n{mail}\n")),
        ]);
        let path = |name: &str| place.path().join(name).display().to_string();
        let arguments = arguments(&path("rules"), &path("corpus"));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut child = postroom(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| send.send(line).is_ok()));
        Self { place, child, lines }
    }

    fn rules(&self) -> PathBuf {
        self.place.path().join("rules")
    }

    /// One whole answer.
    fn answer(&self) -> String {
        let mut text = String::new();
        while !text.contains("Ctrl-C ends it") {
            let line = self.lines.recv_timeout(PATIENCE);
            text += &line.unwrap_or_else(|cause| panic!("{cause} after {text}"));
            text.push('\n');
        }
        text
    }

    /// Saves a file as a whole and gives the answer to it.
    fn save(&self, name: &str, text: &str) -> String {
        let beside = self.place.path().join("beside");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, self.rules().join(name)).unwrap();
        self.answer()
    }

    fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

/// [`LOUD`] with the mail's class right.
fn better() -> String {
    LOUD.replace("delivery-question = 20", "new-project = 20.0")
}

fn holds(answer: &str, parts: &[&str]) {
    for part in parts {
        assert!(answer.contains(part), "{part} in\n{answer}");
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// What every command does with the same saves.
fn a_day(watched: Watched, own: &str) {
    holds(&watched.answer(), &["1 mail, 1 labelled: 0.0 % right", own]);
    let fixed = watched.save("loud.toml", &better());
    holds(&fixed, &["since the last save: 1 mail", "1 fixed", "macro-F1 0.000 → 1.000", own, "answered "]);
    let at = |part: &str| fixed.find(part).unwrap();
    assert!(at("since the last save") < at("rule says-timber: points changed: 1 fixed"), "{fixed}");
    holds(&watched.save("loud.toml", "[[rule]\n"), &["error[", "loud.toml:1:"]);
    let again = watched.save("loud.toml", &better());
    holds(&again, &["since the last save: nothing changed in 1 mail", own]);
    let file = "[[rule]]\nid = 'says-timber'\nmode = 'off'\n";
    let added = watched.save("later.toml", &file.replace("says-timber", "says-quartz"));
    // The same id twice in one folder.
    holds(&added, &["duplicate-id"]);
    std::fs::remove_file(watched.rules().join("later.toml")).unwrap();
    holds(&watched.answer(), &["nothing changed", own]);
    assert_eq!(watched.interrupt(), Some(130));
}

#[test]
fn check_tells_what_each_save_did() {
    let check = |rules: &str, mail: &str| words(&["check", "--watch", "--corpus", mail, rules]);
    a_day(Watched::start(check), "0 faults, ");
}

#[test]
fn eval_tells_what_each_save_did() {
    let eval = |rules: &str, mail: &str| words(&["--rules", rules, "eval", "--watch", mail]);
    a_day(Watched::start(eval), "macro F1 ");
}

#[test]
fn diff_tells_what_each_save_did() {
    let diff =
        |rules: &str, mail: &str| words(&["diff", "--watch", "--base", "built-in", "--new", rules, mail]);
    a_day(Watched::start(diff), "against built-in: ");
}

#[test]
fn faulty_rules_leave_the_figures_of_the_last_sound_ones() {
    let watched = Watched::start(|rules, mail| words(&["--rules", rules, "eval", "--watch", mail]));
    let first = watched.answer();
    let figures = first.split("\n\n").nth(2).unwrap_or_default();
    assert!(figures.contains("class  "), "{first}");
    let faulty = watched.save("loud.toml", "[[rule]]\nid = 'half");
    holds(&faulty, &["error[", "as they last were without a fault", figures]);
    assert_eq!(watched.interrupt(), Some(130));
}

#[test]
fn nothing_to_watch_is_wrong_use() {
    let mail = folder(&[("other.mbox", "From x Mon Mar  2 08:37:00 2026\nFrom: a@b.example\n\nx\n")]);
    let mail = mail.path().display().to_string();
    for args in [&["eval", "--watch", &mail][..], &["check", "--watch"]] {
        assert_eq!(crate::common::ran(args).code, Some(64), "{args:?}");
    }
    assert!(Path::new(&mail).is_dir());
}
