use std::fs;

use crate::common::{TIMBER, folder, postroom, ran, run};

#[test]
fn writes_rules_that_check_and_give_the_same_answers() {
    let home = folder(&[]);
    let rules = home.path().join("new").join("rules");
    let rules = rules.to_str().unwrap();
    let made = ran(&["init", rules]);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    assert!(fs::read_to_string(format!("{rules}/rules.toml")).unwrap().contains("\nbuiltin = false\n"));
    assert!(fs::read_to_string(format!("{rules}/routing.toml")).unwrap().contains("[[route]]"));
    let checked = ran(&["check", rules]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    assert!(!checked.stdout.contains("built-in:"), "{}", checked.stdout);
    let with = |args: &[&str]| run(&mut postroom(args), TIMBER.as_bytes()).stdout;
    let class = |text: String| text.split("\"reasons\"").next().unwrap().to_owned();
    let own = with(&["--rules", rules, "classify", "-f", "jsonl"]);
    assert_eq!(class(own), class(with(&["classify", "-f", "jsonl"])));
}

#[test]
fn overwrites_nothing_unless_told_to() {
    let rules = folder(&[("routing.toml", "# mine\n")]);
    let path = rules.path().to_str().unwrap();
    let refused = ran(&["init", path]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(74), ""));
    assert!(refused.stderr.contains("is there already; --force overwrites it"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(rules.path().join("routing.toml")).unwrap(), "# mine\n");
    assert_eq!(fs::read_dir(rules.path()).unwrap().count(), 1);
    assert_eq!(ran(&["init", "--force", path]).code, Some(0));
    assert_ne!(fs::read_to_string(rules.path().join("routing.toml")).unwrap(), "# mine\n");
}
