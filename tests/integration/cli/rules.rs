use crate::common::{LOUD, fixture, folder, ran};

#[test]
fn every_rule_is_listed_with_what_it_counts() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let listed = ran(&["--rules", rules.path().to_str().unwrap(), "rules"]);
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
    let line = listed.stdout.lines().find(|line| line.starts_with("says-timber ")).unwrap();
    assert!(line.contains("delivery-question +20, timeline +20"), "{line}");
    assert!(
        listed
            .stdout
            .lines()
            .any(|line| line.starts_with("asks-quote ") && line.contains("asks for a quote"))
    );
}

#[test]
fn one_rule_shows_its_places_definitions_and_tests() {
    let change = "[[rule]]\nid = \"asks-quote\" # ours\npoints = { new-project = 3 }\n\n[[rule]]\nid = 'x'\nany = 'x'\npoints = { other = 1 }\n";
    let rules = folder(&[("ours.toml", change)]);
    let shown = ran(&["--rules", rules.path().to_str().unwrap(), "rules", "asks-quote"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    for part in [
        "rule asks-quote  built-in:classes/new-project.toml:",
        "changed: points = { new-project = 3 } (",
        "ours.toml:3), was { ",
        "\nabout = \"asks for a quote, estimate or proposal\"\n",
        "[[rule.test]]\nmatch = \"Could you send us a quote for ten more pages?\"",
        "ours.toml\n[[rule]]\nid = \"asks-quote\" # ours\npoints = { new-project = 3 }\n\n",
        "tests: 1 that it must hit, 1 that it must not",
    ] {
        assert!(shown.stdout.contains(part), "{part}\n{}", shown.stdout);
    }
    assert!(!shown.stdout.contains("id = 'x'"));
    let misspelt = ran(&["rules", "ask-quote"]);
    assert_eq!((misspelt.code, misspelt.stdout.as_str()), (Some(64), ""));
    assert!(misspelt.stderr.contains("did you mean `asks-quote`?"));
}

#[test]
fn labelled_mail_gives_each_rule_its_record() {
    let corpus = fixture("corpus/E.mbox");
    let shown = ran(&["rules", "asks-quote", "--corpus", &corpus]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(
        shown.stdout.contains("record: ") && shown.stdout.contains("are new-project ("),
        "{}",
        shown.stdout
    );
    assert_eq!(ran(&["rules", "--corpus", "/nonexistent"]).code, Some(66));
}
