//! How `tune`, `correct` and `check --fix` change the files of a rule folder.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

use super::tune::{RULES, corpus};
use crate::common::{TIMBER, postroom, ran, run};

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_changed_file_keeps_its_mode_and_its_link_and_nothing_else_is_touched() {
    let place = corpus();
    let (rules, shared) = (place.path().join("rules"), place.path().join("shared.toml"));
    // A misspelt topic to be put right, then points to be fitted, then a mail to be corrected.
    fs::write(&shared, RULES.replace("[[rule.test]]", "topics = { budjet = 1 }\n[[rule.test]]")).unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o440)).unwrap();
    fs::remove_file(rules.join("own.toml")).unwrap();
    symlink("../shared.toml", rules.join("own.toml")).unwrap();
    fs::write(rules.join("own.toml.new"), "mine\n").unwrap();
    let before = names(&rules);
    let (path, mails) = (rules.to_str().unwrap(), place.path().join("corpus"));
    let tune: &[&str] = &["tune", "--write", path, mails.to_str().unwrap()];
    let correct = &["--rules", path, "correct", "--class", "other", "--write"];
    for args in [&["check", "--fix", path][..], tune, correct] {
        let was = fs::read_to_string(&shared).unwrap();
        let ran = run(&mut postroom(args), TIMBER.as_bytes());
        assert!(matches!(ran.code, Some(0 | 1)) && ran.stderr.is_empty(), "{args:?}: {}", ran.stderr);
        assert_ne!(fs::read_to_string(&shared).unwrap(), was, "{args:?}: {}", ran.stdout);
        assert_eq!(fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o440, "{args:?}");
        assert!(rules.join("own.toml").is_symlink(), "{args:?}");
        assert_eq!(fs::read_to_string(rules.join("own.toml.new")).unwrap(), "mine\n", "{args:?}");
    }
    let new: Vec<_> = names(&rules).difference(&before).cloned().collect();
    assert_eq!(new, ["tests", "tests.toml"]);
    // Made by whoever ran it, for those whom other new files are for.
    let mode = |name| fs::metadata(rules.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("tests.toml"), mode("own.toml.new"));
    assert_eq!(names(place.path()).len(), 3, "nothing is left beside the shared file");
}

#[test]
fn one_run_at_a_time_changes_a_folder() {
    let place = corpus();
    let (rules, mails) = (place.path().join("rules"), place.path().join("corpus"));
    let path = rules.to_str().unwrap();
    for args in [
        &["check", "--fix", path][..],
        &["tune", "--write", path, mails.to_str().unwrap()],
        &["--rules", path, "correct", "--class", "other", "--write", fixture_of(place.path()).as_str()],
    ] {
        let held = File::open(&rules).unwrap();
        held.lock().unwrap();
        let mut waiting = postroom(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(waiting.stderr.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        assert!(line.starts_with("postroom: waiting: another run changes the rules"), "{args:?}: {line}");
        assert!(waiting.try_wait().unwrap().is_none(), "{args:?}");
        // What changes while it waits is what it reads.
        let marked = fs::read_to_string(rules.join("own.toml")).unwrap() + "# Later.\n";
        fs::write(rules.join("own.toml"), &marked).unwrap();
        drop(held);
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        assert!(waiting.wait().unwrap().success() && rest.is_empty(), "{args:?}: {rest}");
        let after = fs::read_to_string(rules.join("own.toml")).unwrap();
        assert_eq!(after.matches("# Later.").count(), marked.matches("# Later.").count(), "{args:?}");
    }
    // What only looks waits for nobody.
    let held = File::open(&rules).unwrap();
    held.lock().unwrap();
    assert_eq!(ran(&["check", "--fix", "--dry-run", path]).stderr, "");
}

/// A mail in a folder.
fn fixture_of(folder: &Path) -> String {
    let mail = folder.join("timber.eml");
    fs::write(&mail, TIMBER).unwrap();
    mail.display().to_string()
}

#[test]
fn corrections_made_at_once_are_all_kept() {
    let place = corpus();
    let rules = place.path().join("rules");
    let path = rules.to_str().unwrap();
    let runs: Vec<_> = (0..6)
        .map(|at| {
            let mail = place.path().join(format!("{at}.eml"));
            fs::write(&mail, TIMBER.replace("t1@", &format!("t{at}@"))).unwrap();
            let mut correct = postroom(&["--rules", path, "correct", "--class", "other", "--write"]);
            correct.arg(mail).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let tests = fs::read_to_string(rules.join("tests.toml")).unwrap();
    assert_eq!(tests.matches("[[test]]").count(), 6, "{tests}");
    assert_eq!(names(&rules.join("tests")).len(), 6);
}
