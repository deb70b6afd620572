use crate::common::{LOUD, TIMBER, fixture, folder, postroom, ran, run};

#[test]
fn one_mail_is_explained_from_a_file_or_standard_input() {
    let rules = folder(&[("loud.toml", LOUD), ("mail.eml", TIMBER)]);
    let path = rules.path().join("mail.eml");
    let args = ["--rules", rules.path().to_str().unwrap(), "explain"];
    let file = run(postroom(&args).arg(&path), b"");
    let stdin = run(&mut postroom(&args), TIMBER.as_bytes());
    assert_eq!((file.code, stdin.code), (Some(0), Some(0)));
    for shown in [&file.stdout, &stdin.stdout] {
        for part in ["subject   │ Homepage", "marmalade.", " says-timber", "+20.00", "sum of points"] {
            assert!(shown.contains(part), "{part}\n{shown}");
        }
    }
    // All but the first line, which names the source.
    let rest = |text: &str| text.split_once('\n').map(|(_, rest)| rest.to_owned());
    assert_eq!(rest(&file.stdout), rest(&stdin.stdout));
}

#[test]
fn several_mails_or_none_are_bad_data() {
    let several = ran(&["explain", &fixture("inbox.mbox")]);
    assert_eq!((several.code, several.stdout.as_str()), (Some(65), ""));
    assert!(several.stderr.contains("more than one mail"), "{}", several.stderr);
    let none = folder(&[("empty.mbox", "")]);
    assert_eq!(ran(&["explain", none.path().join("empty.mbox").to_str().unwrap()]).code, Some(65));
    assert_eq!(ran(&["explain", "/nonexistent.eml"]).code, Some(66));
}

const WOOD: &str = "
class = 'new-project'
[[rule]]
id = 'asks-wood'
about = 'asks for wood'
act = 'question'
any = ['\\btimber\\b', '\\bplank\\b']
none = '\\bnever\\b'
points = 2.5
[[rule]]
id = 'watched'
any = 'marmalade'
mode = 'audit'
points = 1
[[rule]]
id = 'gone'
any = 'marmalade'
mode = 'off'
points = 1
";

#[test]
fn a_rule_that_did_not_hit_says_which_clause_failed_and_on_what() {
    let rules = folder(&[("wood.toml", WOOD)]);
    let why = |id: &str| {
        let args = ["--rules", rules.path().to_str().unwrap(), "explain", "--rule", id];
        run(&mut postroom(&args), TIMBER.as_bytes())
    };
    let wood = why("asks-wood");
    assert_eq!(wood.code, Some(0));
    for part in [
        "wood.toml:4",
        "counts new-project +2.5",
        "did not hit: the nearest sentence does something else than asked",
        "(new, statement) Timber marmalade.",
        "NO   act: question",
        "yes  any: \\btimber\\b matched `Timber`",
        "yes  none: 1 not there, as asked",
    ] {
        assert!(wood.stdout.contains(part), "{part}\n{}", wood.stdout);
    }
    assert!(why("watched").stdout.contains("hit, but counts nothing: its mode is audit"));
    assert!(why("gone").stdout.contains("not looked at: its mode is off"));
    let misspelt = why("ask-wood");
    assert_eq!((misspelt.code, misspelt.stdout.as_str()), (Some(64), ""));
    assert!(misspelt.stderr.contains("did you mean `asks-wood`?"), "{}", misspelt.stderr);
}

#[test]
fn the_nearest_miss_for_the_runner_up_is_told() {
    let rules = folder(&[
        ("loud.toml", LOUD),
        (
            "near.toml",
            "[[rule]]\nid = 'near'\nact = 'question'\nany = 'timber'\npoints = { deliverable-question = 9, delivery-question = 9, project-update = 9, new-project = 9, other = 9 }\n",
        ),
    ]);
    let args = ["--rules", rules.path().to_str().unwrap(), "explain"];
    let shown = run(&mut postroom(&args), TIMBER.as_bytes()).stdout;
    assert!(
        shown.contains("nearest miss for ") && shown.contains(": near (+9.0), the nearest sentence"),
        "{shown}"
    );
    assert!(shown.contains("postroom explain --rule near MAIL"), "{shown}");
}
