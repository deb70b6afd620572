use crate::common::{LOUD, folder, postroom, ran, run};

#[test]
fn the_built_in_rules_hold_together() {
    let checked = ran(&["check"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{}", checked.stdout);
    assert!(checked.stdout.contains(": 0 faults, "), "{}", checked.stdout);
}

#[test]
fn every_fault_shows_with_its_place_in_one_run() {
    let rules = folder(&[
        ("a.toml", "[[rule]]\nid = 'a'\nany = '('\npoints = { other = 1 }\n"),
        ("b.toml", "[[rule]]\nid = 'b'\nanny = 'x'\npoints = { other = 1 }\n"),
    ]);
    let checked = ran(&["check", rules.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(1));
    assert!(
        checked.stdout.contains("a.toml:3:") && checked.stdout.contains("b.toml:3:"),
        "{}",
        checked.stdout
    );
    assert!(checked.stdout.contains("anny = 'x'"), "{}", checked.stdout);
}

#[cfg(unix)]
#[test]
fn rule_files_that_cannot_be_read_are_faults_and_are_not_opened() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    type Make = fn(&std::path::Path);
    let make: [(&str, Make); 5] = [
        ("a link to nothing", |path| symlink("/nonexistent/accounts.toml", path).unwrap()),
        ("symbolic links", |path| symlink(path, path).unwrap()),
        ("a folder", |path| std::fs::create_dir(path).unwrap()),
        ("no ordinary file", |path| drop(UnixListener::bind(path).unwrap())),
        ("no ordinary file", |path| symlink("/dev/zero", path).unwrap()),
    ];
    for (why, make) in make {
        for name in ["accounts.toml", "classes/other.toml"] {
            let rules = folder(&[("classes/loud.toml", LOUD)]);
            make(&rules.path().join(name));
            let path = rules.path().to_str().unwrap();
            let passed = run(&mut postroom(&["filter", "--rules", path]), b"Subject: x\n\n");
            assert!(passed.stdout.contains("X-Postroom-Error: rules\n"), "{}", passed.stdout);
            assert!(passed.stderr.contains(name) && passed.stderr.contains(why), "{}", passed.stderr);
        }
    }
    let rules = folder(&[("loud.toml", LOUD)]);
    symlink("/nonexistent", rules.path().join("classes")).unwrap();
    assert_eq!(ran(&["check", rules.path().to_str().unwrap()]).code, Some(1));
}

#[test]
fn files_that_look_like_rule_files_are_told_when_they_are_not_read() {
    let names = ["accounts.TOML", "accounts.yaml", "classes/other.yml"];
    let rules = folder(&[("loud.toml", LOUD), (names[0], ""), (names[1], ""), (names[2], ""), ("a.md", "")]);
    let checked = ran(&["check", rules.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    let told = checked.stdout.lines().filter(|line| line.contains("[unread-file]")).collect::<String>();
    assert!(names.iter().all(|name| told.contains(name)) && !told.contains("a.md"), "{}", checked.stdout);
}

#[cfg(unix)]
#[test]
fn a_folder_of_the_user_that_is_there_and_cannot_be_read_is_a_fault() {
    let broken = folder(&[(".config/postroom", "a file")]);
    let dangling = folder(&[(".config/x", "")]);
    std::os::unix::fs::symlink("/nonexistent", dangling.path().join(".config/postroom")).unwrap();
    let none = folder(&[(".config", "a file")]);
    for (home, faulty) in [(&broken, true), (&dangling, true), (&none, false)] {
        let passed = run(postroom(&["filter"]).env("HOME", home.path()), b"Subject: x\n\n");
        assert_eq!(passed.stdout.contains("X-Postroom-Error: rules\n"), faulty, "{}", passed.stdout);
        assert_eq!(passed.stderr.contains(".config/postroom"), faulty, "{}", passed.stderr);
    }
}

#[test]
fn a_test_that_fails_is_a_fault() {
    let good = folder(&[("loud.toml", LOUD)]);
    assert_eq!(ran(&["check", good.path().to_str().unwrap()]).code, Some(0));
    let wrong = LOUD.replace("no-match = 'Sandstone!'", "no-match = 'Quartz it is.'");
    let wrong = folder(&[("loud.toml", &wrong)]);
    let checked = ran(&["check", wrong.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(1), "{}", checked.stdout);
    assert!(
        checked.stdout.contains("says-quartz") && checked.stdout.contains("1 fault"),
        "{}",
        checked.stdout
    );
}

#[test]
fn warnings_are_faults_only_when_strict() {
    let untested = "[[rule]]\nid = 'a'\nany = 'zeppelin'\npoints = { other = 1 }\n";
    let rules = folder(&[("a.toml", untested)]);
    let path = rules.path().to_str().unwrap();
    let lenient = ran(&["check", path]);
    assert_eq!(lenient.code, Some(0), "{}", lenient.stdout);
    assert!(lenient.stdout.contains("untested-rule"), "{}", lenient.stdout);
    assert_eq!(ran(&["check", "--strict", path]).code, Some(1));
}

#[test]
fn values_that_a_folder_changes_are_listed_with_both_places() {
    let rules = folder(&[("decision.toml", "probability = 0.61\n")]);
    let checked = ran(&["check", "--rules", rules.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    let line = checked.stdout.lines().find(|line| line.contains("probability")).unwrap_or_default();
    assert!(line.contains("0.61 (") && line.contains("decision.toml:1)"), "{}", checked.stdout);
    assert!(line.contains("was ") && line.contains("built-in:decision.toml:"), "{line}");
}

#[test]
fn a_folder_that_is_not_there_is_no_input() {
    assert_eq!(ran(&["check", "/nonexistent"]).code, Some(66));
    let by_variable = run(postroom(&["check"]).env("POSTROOM_RULES", "/nonexistent"), b"");
    assert_eq!(by_variable.code, Some(66), "{}", by_variable.stderr);
}

#[test]
fn a_test_may_be_expected_to_fail_and_is_told_of_when_it_passes() {
    let known = LOUD.replace("no-match = 'Sandstone!'", "no-match = 'Quartz it is.'\nexpect-fail = true");
    let rules = folder(&[("loud.toml", &known)]);
    let checked = ran(&["check", rules.path().to_str().unwrap()]);
    assert!(checked.code == Some(0) && checked.stdout.contains("0 faults, 0 warnings"), "{}", checked.stdout);
    let passing = LOUD.replace("no-match = 'Sandstone!'", "no-match = 'Sandstone!'\nexpect-fail = true");
    let rules = folder(&[("loud.toml", &passing)]);
    let checked = ran(&["check", rules.path().to_str().unwrap()]);
    assert!(checked.code == Some(0) && checked.stdout.contains("warning[test-passes]"), "{}", checked.stdout);
}

#[test]
fn too_few_tests_are_a_fault_when_so_many_are_asked_for() {
    let one_sided = "[[rule]]\nid = 'zeppelins'\nany = 'zeppelin'\npoints = { other = 1 }\n[[rule.test]]\nmatch = 'zeppelin'\n";
    let rules = folder(&[("rules.toml", "builtin = false\n"), ("a.toml", one_sided)]);
    let with = |share: &str| ran(&["check", "--min-coverage", share, rules.path().to_str().unwrap()]);
    assert!(
        with("0.9").stdout.contains("0 of 1 rules have both kinds of test: 0.0%, and 90.0% are asked for")
    );
    assert!(with("0.9").stdout.contains("tests to zeppelins"));
    assert!(!with("0").stdout.contains("low-coverage"));
    assert_eq!(ran(&["check", "--min-coverage", "2"]).code, Some(64));
}

#[test]
fn findings_are_given_to_programs() {
    let wrong = LOUD.replace("no-match = 'Sandstone!'", "no-match = 'Quartz & <co>.'");
    let rules = folder(&[("loud.toml", &wrong)]);
    let path = rules.path().to_str().unwrap();
    let json = ran(&["check", "--format", "json", path]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &report["faults"]), (Some(1), &serde_json::json!(1)));
    let finding = &report["findings"][0];
    assert_eq!((&finding["code"], &finding["place"]["line"]), (&"test-failed".into(), &18.into()));
    let junit = ran(&["check", "--format", "junit", path]);
    assert_eq!(junit.code, Some(1));
    assert!(junit.stdout.contains(" failures=\"1\">"), "{}", junit.stdout);
    let failed: Vec<_> = junit.stdout.lines().filter(|line| line.contains("<failure")).collect();
    assert!(failed.len() == 1 && failed[0].contains("says-quartz: no-match, line 18"), "{failed:?}");
    assert!(junit.stdout.matches("<testcase").count() > 100);
}

#[test]
fn a_table_of_points_that_is_replaced_says_what_counts_no_more() {
    let rules = folder(&[("a.toml", "[[rule]]\nid = 'has-question'\npoints = { project-update = -0.5 }\n")]);
    let checked = ran(&["check", rules.path().to_str().unwrap()]);
    let line =
        checked.stdout.lines().find(|line| line.contains("rule has-question: points")).unwrap_or_default();
    assert!(line.contains("; no more for deliverable-question, delivery-question, other"), "{line}");
}

#[test]
fn folders_that_say_what_was_there_change_nothing() {
    let home = folder(&[]);
    let rules = home.path().join("rules");
    assert_eq!(ran(&["init", rules.to_str().unwrap()]).code, Some(0));
    let checked = ran(&["check", rules.to_str().unwrap()]);
    assert!(!checked.stdout.contains("changed by a folder"), "{}", checked.stdout);
}

#[test]
fn every_warning_that_can_be_accepted_is_explained_in_the_docs() {
    use postroom::rules::lint;
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tuning.md")).unwrap();
    for name in [lint::RULES, lint::ROUTES, lint::ACCOUNTS, lint::AGENCY].into_iter().flatten() {
        assert!(docs.contains(&format!("`{name}`")), "{name}");
    }
}
