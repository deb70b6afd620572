use std::fs;

use super::tune::corpus;
use crate::common::{TIMBER, folder, postroom, ran, run};

const WOOD: &str = "[[rule]]\nid = 'wood' # ours\nany = 'timber'\npoints = { delivery-question = 9, new-project = 0.5 } # both\n[[rule.test]]\nmatch = 'timber'\n";

fn rules() -> tempfile::TempDir {
    folder(&[("wood.toml", WOOD), ("tests.toml", "# Kept.\n")])
}

#[test]
fn a_correction_is_shown_and_nothing_is_written() {
    let rules = rules();
    let args = ["--rules", rules.path().to_str().unwrap(), "correct", "--class", "new-project"];
    let shown = run(&mut postroom(&args), TIMBER.as_bytes());
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{}", shown.stdout);
    for part in [
        "now   delivery-question, ",
        "then  new-project, ",
        "+[[test]]",
        "+class = \"new-project\"",
        "# both",
    ] {
        assert!(shown.stdout.contains(part), "{part}\n{}", shown.stdout);
    }
    assert_eq!(fs::read_to_string(rules.path().join("wood.toml")).unwrap(), WOOD);
    assert_eq!(fs::read_dir(rules.path()).unwrap().count(), 2);
}

#[test]
fn a_written_correction_is_a_test_that_passes() {
    let rules = rules();
    let path = rules.path().to_str().unwrap();
    let args = ["--rules", path, "correct", "--class", "new-project", "--write"];
    assert_eq!(run(&mut postroom(&args), TIMBER.as_bytes()).code, Some(0));
    let tests = fs::read_to_string(rules.path().join("tests.toml")).unwrap();
    assert!(
        tests.starts_with("# Kept.\n\n[[test]]\nmail = \"tests/") && !tests.contains("expect-fail"),
        "{tests}"
    );
    let wood = fs::read_to_string(rules.path().join("wood.toml")).unwrap();
    assert!(wood.contains("id = 'wood' # ours") && wood.contains("# both") && wood != WOOD, "{wood}");
    let checked = ran(&["check", path]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    // Points as they were fail the test, at its expectation.
    fs::write(rules.path().join("wood.toml"), WOOD).unwrap();
    let failed = ran(&["check", path]);
    assert_eq!(failed.code, Some(1));
    for part in ["test-failed", "tests.toml:5:", "is `delivery-question`", "wood "] {
        assert!(failed.stdout.contains(part), "{part}\n{}", failed.stdout);
    }
}

#[test]
fn a_redacted_correction_keeps_no_name_and_is_a_test_that_passes() {
    let rules = rules();
    let path = rules.path().to_str().unwrap();
    let args = ["--rules", path, "correct", "--class", "new-project", "--redact", "--write"];
    let mail = TIMBER.replace("Timber marmalade.", "Timber for Sandringham.");
    let shown = run(&mut postroom(&args), mail.as_bytes());
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{}", shown.stdout);
    assert!(shown.stdout.starts_with("this is kept in place of the mail"), "{}", shown.stdout);
    let kept = fs::read_dir(rules.path().join("tests")).unwrap().next().unwrap().unwrap().path();
    let kept = fs::read_to_string(kept).unwrap();
    for gone in ["Anna", "Wills", "larkmoor", "Sandringham"] {
        assert!(!kept.contains(gone), "{gone} in\n{kept}");
    }
    assert!(kept.contains("Timber for "), "{kept}");
    assert_eq!(ran(&["check", path]).code, Some(0));
    // A name that a rule asks for cannot go.
    let named = "[[rule]]\nid = 'anna'\nany = 'wills'\npoints = { other = 20 }\n";
    fs::write(rules.path().join("anna.toml"), named).unwrap();
    let mail = TIMBER.replace("marmalade", "says Anna Wills");
    let before = fs::read_to_string(rules.path().join("tests.toml")).unwrap();
    let refused = run(&mut postroom(&args), mail.as_bytes());
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("decided otherwise") && refused.stderr.contains("anna"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read_to_string(rules.path().join("tests.toml")).unwrap(), before);
}

#[test]
fn what_points_cannot_do_is_expected_to_fail() {
    let rules = rules();
    let path = rules.path().to_str().unwrap();
    let mail = "From: a@b.example\nSubject: x\n\nMarmalade.\n";
    // What is not client work has no topics but money, whatever the points.
    let args = ["--rules", path, "correct", "--class", "other", "--topics", "escalation", "--write"];
    let shown = run(&mut postroom(&args), mail.as_bytes());
    assert!(shown.code == Some(0) && shown.stdout.contains("it needs a rule of its own"), "{}", shown.stdout);
    assert!(fs::read_to_string(rules.path().join("tests.toml")).unwrap().contains("expect-fail = true"));
    assert_eq!(ran(&["check", path]).code, Some(0));
}

#[test]
fn a_later_correction_of_a_mail_replaces_the_earlier_one() {
    let place = corpus();
    let rules = place.path().join("rules");
    let path = rules.to_str().unwrap();
    let tests = || fs::read_to_string(rules.join("tests.toml")).unwrap();
    let correct = |what: &[&str]| {
        let args = [&["--rules", path, "correct", "--write"], what].concat();
        assert_eq!(run(&mut postroom(&args), TIMBER.as_bytes()).code, Some(0));
        let checked = ran(&["check", path]);
        assert_eq!(checked.code, Some(0), "{what:?}: {}", checked.stdout);
        assert_eq!(tests().matches("[[test]]").count(), 1, "{what:?}: {}", tests());
    };
    correct(&["--class", "new-project"]);
    correct(&["--owner", "am"]);
    assert!(tests().contains("class = \"new-project\"\nowner = \"am\"\n"), "{}", tests());
    correct(&["--class", "other"]);
    assert!(tests().ends_with("class = \"other\"\n"), "{}", tests());
}

#[test]
fn wrong_use_has_its_code() {
    let rules = rules();
    let path = rules.path().to_str().unwrap();
    for args in [
        &["correct", "--class", "other"][..],
        &["--rules", path, "correct"],
        &["--rules", path, "correct", "--class", "othr"],
        &["--rules", path, "correct", "--topics", "when"],
        &["--rules", path, "correct", "--owner", "boss"],
    ] {
        assert_eq!(ran(args).code, Some(64), "{args:?}");
    }
}
