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
        for part in
            ["subject   │ Homepage", "[Timber] marmalade.", " 1 says-timber", "+20.00", "sum of points"]
        {
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
