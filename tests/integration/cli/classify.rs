use std::io::{Read as _, Write as _};
use std::process::Stdio;

use crate::common::{LOUD, TIMBER, fixture, folder, postroom, ran, run};

#[test]
fn one_mail_is_shown_in_full_and_several_in_two_lines_each() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let rules = rules.path().to_str().unwrap();
    let one = run(&mut postroom(&["--rules", rules, "classify"]), TIMBER.as_bytes());
    assert_eq!(one.code, Some(0));
    for part in ["delivery-question", "[Timber]", "says-timber", "sum of points", "owner       pm"] {
        assert!(one.stdout.contains(part), "{part}\n{}", one.stdout);
    }
    assert_eq!(one.stderr, "");
    let many = ran(&["classify", &fixture("inbox.mbox")]);
    assert_eq!((many.code, many.stdout.lines().count()), (Some(0), 90));
    assert!(many.stderr.starts_with("45 mails: ") && many.stderr.contains("; owner am "), "{}", many.stderr);
}

#[test]
fn every_form_has_one_entry_a_mail() {
    let inbox = fixture("inbox.mbox");
    for (form, lines) in [("jsonl", 45), ("csv", 46), ("tags", 45), ("word", 45)] {
        let form = ran(&["classify", "--format", form, &inbox]);
        assert_eq!((form.code, form.stdout.lines().count()), (Some(0), lines));
    }
    let owners = ran(&["classify", "--word", "owner", &inbox]);
    assert!(owners.stdout.lines().all(|word| ["am", "pm", "none"].contains(&word)));
    let full = ran(&["classify", "--explain", &inbox]);
    assert_eq!(full.stdout.matches("every mail starts with").count(), 45);
}

#[test]
fn a_source_that_fails_does_not_stop_the_others() {
    let inbox = fixture("inbox.mbox");
    let mixed = ran(&["classify", "-f", "word", "/nonexistent/a.mbox", &inbox, "/nonexistent/b.mbox"]);
    assert_eq!((mixed.code, mixed.stdout.lines().count()), (Some(66), 45));
    assert!(mixed.stderr.contains("cannot open /nonexistent/b.mbox"), "{}", mixed.stderr);
    assert!(mixed.stderr.contains("; 2 failed"), "{}", mixed.stderr);
}

#[test]
fn what_is_no_mailbox_is_bad_data() {
    let plain = folder(&[("notes.txt", "\u{0}\u{1}\u{2} no mail at all \u{0}")]);
    let ended = ran(&["classify", plain.path().join("notes.txt").to_str().unwrap()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(65), ""), "{}", ended.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let inbox = fixture("inbox.mbox");
    let mut command = postroom(&["classify", "--explain", &inbox, &inbox, &inbox]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_io_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = postroom(&["classify", &fixture("inbox.mbox")]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}

#[test]
fn the_recipient_can_be_handed_over() {
    let account = "[[account]]\nid = 'larkmoor'\nto = ['studio+larkmoor@agency.example']\n";
    let rules = folder(&[("accounts.toml", account)]);
    let args = ["--rules", rules.path().to_str().unwrap(), "classify", "-f", "jsonl", "--recipient"];
    let known = run(postroom(&args).arg("studio+larkmoor@agency.example"), TIMBER.as_bytes());
    assert!(known.stdout.contains(r#""account":"larkmoor""#), "{}", known.stdout);
    let unknown = run(postroom(&args).arg("studio@agency.example"), TIMBER.as_bytes());
    assert!(unknown.stdout.contains(r#""account":null"#));
}

#[test]
fn the_output_is_the_same_whatever_the_number_of_threads() {
    let sources = ["E", "F", "G"].map(|set| fixture(&format!("corpus/{set}.mbox")));
    let shown = |jobs: &str| {
        let mut command = postroom(&["classify", "--format", "jsonl", "--jobs", jobs]);
        run(command.args(&sources), b"").bytes
    };
    let one = shown("1");
    assert!(one.len() > 100_000);
    assert!(one == shown("2") && one == shown("7"));
}

#[test]
fn warnings_of_the_reader_name_the_line() {
    let ended = ran(&["classify", "-f", "word", &fixture("mailbox/odd/no-blank-line.mbox")]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stderr.contains("postroom: warning: ")
            && ended.stderr.contains("no-blank-line.mbox:9: this line"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_file_that_breaks_off_is_bad_data_and_what_could_be_read_is_judged() {
    let packed = std::fs::read(fixture("mailbox/inbox.mbox.gz")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.mbox.gz");
    std::fs::write(&broken, &packed[..packed.len() * 2 / 3]).unwrap();
    let inbox = fixture("inbox.mbox");
    let ended = ran(&["classify", "-f", "word", broken.to_str().unwrap(), &inbox]);
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
    assert!(ended.stdout.lines().count() > 45 && ended.stderr.contains("; 1 failed"), "{}", ended.stderr);
}

/// Runs until some output came, then interrupts.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_whole_lines_and_totals() {
    let sources = ["E", "F", "G", "H", "I", "J"].map(|set| fixture(&format!("corpus/{set}.mbox")));
    let mut command = postroom(&["classify", "--format", "jsonl", "--jobs", "1"]);
    let piped = command.args(&sources).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut shown = vec![0; 100];
    stdout.read_exact(&mut shown).unwrap();
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    stdout.read_to_end(&mut shown).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.ends_with("}\n")
            && shown.lines().all(|line| line.starts_with("{\"v\":1,") && line.ends_with('}'))
    );
    let mails = shown.lines().count();
    assert!(mails < 900, "it ended before it was interrupted");
    assert!(told.starts_with(&format!("{mails} mails: ")) && told.contains("interrupted"), "{told}");
}

/// One that waits for what never comes can be interrupted as well.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_waiting_for_standard_input() {
    let mut command = postroom(&["classify", "--format", "word"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut held = child.stdin.take().unwrap();
    // More than is read and handed on at a time, so that the first output shows it to be at work.
    let text = "All of it reads well.\n".repeat(1400);
    for number in 0..60 {
        let mail = format!("From a Mon Mar  2 08:37:00 2026\nSubject: {number}\n\n{text}\n");
        held.write_all(mail.as_bytes()).unwrap();
    }
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    drop(held);
}

#[test]
fn no_bar_where_no_person_looks() {
    let ended = ran(&["classify", "-f", "word", &fixture("corpus/E.mbox"), &fixture("corpus/F.mbox")]);
    assert!(!ended.stderr.contains(['\r', '\u{1b}']), "{}", ended.stderr);
}
