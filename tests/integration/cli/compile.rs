use std::fs;
use std::path::Path;

use crate::common::{LOUD, TIMBER, folder, postroom, ran, run};

fn filtered(rules: &Path) -> String {
    let passed = run(&mut postroom(&["filter", "--rules", rules.to_str().unwrap()]), TIMBER.as_bytes());
    assert_eq!((passed.code, passed.stderr.as_str()), (Some(0), ""), "{}", passed.stdout);
    passed.stdout
}

fn check(rules: &Path) -> String {
    ran(&["check", rules.to_str().unwrap()]).stdout
}

#[test]
fn mail_is_judged_alike_by_compiled_rules_until_they_change() {
    let rules = folder(&[("classes/loud.toml", LOUD)]);
    let (path, form) = (rules.path(), rules.path().join("compiled.rules"));
    let before = filtered(path);
    let compiled = ran(&["compile", path.to_str().unwrap()]);
    assert_eq!((compiled.code, compiled.stderr.as_str()), (Some(0), ""));
    assert!(compiled.stdout.starts_with(&format!("{}: ", form.display())), "{}", compiled.stdout);
    let hash = compiled.stdout.trim_end().rsplit(' ').next().unwrap();
    assert!(before.contains(&format!("X-Postroom-Rules: {hash}\n")), "{before}");
    assert!(!check(path).contains("stale-compiled"));
    assert_eq!(filtered(path), before);

    let changed = LOUD.replace("delivery-question = 20", "other = 20");
    assert_ne!(changed, LOUD);
    fs::write(path.join("classes/loud.toml"), changed).unwrap();
    let after = filtered(path);
    assert!(before.contains("Class: delivery-question") && after.contains("Class: other"), "{after}");
    assert!(!after.contains(hash), "{after}");
    assert!(check(path).contains("warning[stale-compiled]"));
    assert_eq!(ran(&["compile", "--rules", path.to_str().unwrap()]).code, Some(0));
    assert!(!check(path).contains("stale-compiled"));
    assert_eq!(filtered(path), after);

    let whole = fs::read(&form).unwrap();
    for broken in [&whole[..whole.len() / 2], b"", b"[[rule]]\n"] {
        fs::write(&form, broken).unwrap();
        assert_eq!(filtered(path), after);
    }
    fs::remove_file(&form).unwrap();
    fs::create_dir(&form).unwrap();
    assert_eq!(filtered(path), after);
    assert_eq!(ran(&["compile", path.to_str().unwrap()]).code, Some(74));
}

#[test]
fn a_folder_that_counts_anyhow_is_one_layer_when_it_is_named() {
    let home = folder(&[(".config/postroom/loud.toml", LOUD)]);
    let named = home.path().join(".config/postroom");
    let at_home = |args: &[&str]| run(postroom(args).env("HOME", home.path()), TIMBER.as_bytes());
    assert_eq!(at_home(&["compile", named.to_str().unwrap()]).code, Some(0));
    for args in [&["check"][..], &["check", named.to_str().unwrap()]] {
        let checked = at_home(args);
        assert!(checked.code == Some(0) && !checked.stdout.contains("stale"), "{}", checked.stdout);
    }
    // Without a name, the folder laid over all others.
    let compiled = at_home(&["compile"]);
    assert!(compiled.stdout.contains(".config/postroom/compiled.rules: "), "{}", compiled.stdout);
    let other = folder(&[("loud.toml", LOUD)]);
    assert_eq!(at_home(&["compile", other.path().to_str().unwrap()]).code, Some(0));
    assert!(check(other.path()).contains("stale-compiled"), "without the folder of that home");
}

#[test]
fn what_cannot_be_compiled_is_told_and_leaves_nothing() {
    let faulty = folder(&[("a.toml", "[[rule]]\nid = 'a'\nany = '('\npoints = { other = 1 }\n")]);
    let path = faulty.path().to_str().unwrap();
    let told = ran(&["compile", path]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(78), ""));
    assert!(told.stderr.contains("a.toml:3:"), "{}", told.stderr);
    assert_eq!(fs::read_dir(path).unwrap().count(), 1);
    let none = ran(&["compile"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(64), ""));
    assert!(none.stderr.contains("no folder of rules"), "{}", none.stderr);
    assert_eq!(ran(&["compile", "/nonexistent"]).code, Some(78));
}

#[test]
fn a_command_that_changes_the_rules_says_that_the_compiled_ones_are_no_longer_theirs() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let path = rules.path().to_str().unwrap();
    let fix = || ran(&["check", "--fix", path]);
    assert_eq!(ran(&["compile", path]).code, Some(0));
    assert_eq!(fix().stderr, "", "nothing was changed");
    fs::write(rules.path().join("loud.toml"), LOUD.replacen("any", "anny", 1)).unwrap();
    let told = fix().stderr;
    assert!(told.starts_with("postroom: note: ") && told.contains("`postroom compile`"), "{told}");
}
