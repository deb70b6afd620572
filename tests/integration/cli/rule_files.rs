//! How `tune`, `correct` and `check --fix` change the files of a rule folder.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::tune::{RULES, corpus};
use crate::common::{TIMBER, postroom, run};

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
