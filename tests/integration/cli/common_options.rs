use crate::common::{LOUD, TIMBER, fixture, folder, postroom, ran, redirected, run};

#[test]
fn help_says_how_it_ends_and_gives_examples() {
    let help = ran(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for part in ["Exit codes:", "  78  ", "  75  ", "Examples:", "classify", "filter"] {
        assert!(help.stdout.contains(part), "{part}");
    }
    for command in ["classify", "explain", "filter", "is", "check", "init"] {
        let help = ran(&[command, "--help"]);
        assert!(help.code == Some(0) && help.stdout.contains("Examples:"), "{command}");
    }
    assert!(ran(&["--version"]).stdout.starts_with("postroom "));
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_a_failure() {
    let mail = fixture("mail/plain/ascii-question.eml");
    for arguments in ["classify", "explain", "text"].map(|name| format!("{name} {mail}")) {
        let out = redirected(&arguments, "1< /dev/zero").output().unwrap();
        assert_eq!(out.status.code(), Some(74), "{arguments}");
    }
    for (arguments, how) in [
        ("--help", "1< /dev/zero"),
        ("man", "1< /dev/zero"),
        ("check", "1< /dev/zero"),
        ("completions bash", "1< /dev/zero"),
        ("classify", "0> /dev/zero"),
        ("text", "0> /dev/zero"),
    ] {
        let out = redirected(arguments, how).output().unwrap();
        assert_eq!(out.status.code(), Some(74), "{arguments} {how}");
    }
}

#[test]
fn wrong_arguments_are_usage_errors() {
    for args in [
        &[][..],
        &["bogus"],
        &["classify", "--bogus"],
        &["classify", "--format", "xml"],
        &["--date", "tomorrow", "classify"],
        &["is"],
        &["is", "--class", "question"],
        &["init"],
        &["man", "bogus"],
    ] {
        let ended = ran(args);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(64), ""), "{args:?} {}", ended.stderr);
        assert!(!ended.stderr.is_empty());
    }
}

#[test]
fn rules_that_cannot_be_used_are_a_configuration_error() {
    let broken = folder(&[("broken.toml", "[[rule]]\nid = 'a'\nany = '('\npoints = { other = 1 }\n")]);
    let broken = broken.path().to_str().unwrap();
    for args in [&["--rules", broken, "classify"], &["--rules", "/nonexistent", "classify"]] {
        let ended = run(&mut postroom(args), TIMBER.as_bytes());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""), "{}", ended.stderr);
    }
    let by_variable = run(postroom(&["explain"]).env("POSTROOM_RULES", "/nonexistent"), TIMBER.as_bytes());
    assert_eq!(by_variable.code, Some(78));
    assert!(by_variable.stderr.contains("POSTROOM_RULES names /nonexistent"));
}

#[test]
fn rule_folders_override_in_order() {
    let rule = |class: &str| format!("[[rule]]\nid = 'x'\nany = 'timber'\npoints = {{ {class} = 20 }}\n");
    let user = folder(&[("postroom/x.toml", &rule("other"))]);
    let variable = folder(&[("x.toml", &rule("project-update"))]);
    let named = folder(&[("x.toml", &rule("new-project"))]);
    let class = |command: &mut std::process::Command| run(command, TIMBER.as_bytes()).stdout;
    let args = ["classify", "-f", "word"];
    assert_eq!(class(postroom(&args).env("XDG_CONFIG_HOME", user.path())), "other\n");
    let home = folder(&[(".config/postroom/x.toml", &rule("other"))]);
    assert_eq!(class(postroom(&args).env("HOME", home.path())), "other\n");
    let mut both = postroom(&args);
    both.env("XDG_CONFIG_HOME", user.path()).env("POSTROOM_RULES", variable.path());
    assert_eq!(class(&mut both), "project-update\n");
    assert_eq!(class(both.arg("--rules").arg(named.path())), "new-project\n");
}

#[test]
fn colour_is_used_when_asked_for_and_not_in_a_pipe() {
    let inbox = fixture("inbox.mbox");
    let colours = |ran: crate::common::Ran| ran.stdout.contains('\u{1b}');
    assert!(!colours(ran(&["classify", &inbox])));
    assert!(colours(ran(&["classify", "--color", "always", &inbox])));
    assert!(colours(run(postroom(&["classify", &inbox]).env("CLICOLOR_FORCE", "1"), b"")));
    let both = run(postroom(&["classify", &inbox]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1"), b"");
    assert!(!colours(both));
}

#[test]
fn logs_hold_ids_and_rule_names_and_no_words_of_a_mail() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let args = ["-vv", "--rules", rules.path().to_str().unwrap()];
    for command in [&["classify"][..], &["filter"], &["is", "--owner", "pm"]] {
        let logged = run(postroom(&args).args(command), TIMBER.as_bytes()).stderr;
        assert!(logged.contains("t1@larkmoor.example") && logged.contains("says-timber"), "{logged}");
        assert!(!logged.contains("marmalade") && !logged.contains("Homepage"), "{logged}");
    }
    assert_eq!(run(&mut postroom(&["filter"]), TIMBER.as_bytes()).stderr, "");
    let words = TIMBER.replace("<t1@larkmoor.example>", "<marmalade is the password @ home>");
    for command in [&["classify"][..], &["filter"], &["is", "--owner", "pm"], &["explain"]] {
        let logged = run(postroom(&args).args(command), words.as_bytes()).stderr;
        assert!(logged.contains("judged") && !logged.contains("marmalade"), "{logged}");
    }
}

#[test]
fn the_day_decides_on_absences() {
    let away = "[agency]\nam = 'a@agency.example'\npm = 'p@agency.example'\n\
        [[agency.absence]]\nwho = 'p@agency.example'\ncover = 'c@agency.example'\n\
        from = 2026-03-30\nuntil = 2026-04-02\n";
    let rules = folder(&[("accounts.toml", away), ("loud.toml", LOUD)]);
    let args = ["--rules", rules.path().to_str().unwrap(), "classify", "-f", "jsonl"];
    let sent_then = run(&mut postroom(&args), TIMBER.as_bytes()).stdout;
    assert!(sent_then.contains(r#""owner_address":"c@agency.example""#), "{sent_then}");
    let later = run(postroom(&args).args(["--date", "2026-04-03"]), TIMBER.as_bytes()).stdout;
    assert!(later.contains(r#""owner_address":"p@agency.example""#), "{later}");
}

#[test]
fn completions_and_the_manual_are_there() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(ran(&["completions", shell]).stdout.contains("classify"), "{shell}");
    }
    assert!(ran(&["man"]).stdout.contains(".TH postroom 1"));
    assert!(ran(&["man"]).stdout.contains(".SH \"EXIT STATUS\"\n    0  fine\n"));
    let filter = ran(&["man", "filter"]).stdout;
    assert!(filter.contains("tempfail") && filter.contains(".SH NOTES\nIncoming"), "{filter}");
    assert!(filter.contains(".SH EXAMPLES\n") && filter.contains(".SH \"EXIT STATUS\"\n0 when"), "{filter}");
}

#[test]
fn a_number_that_is_too_small_or_too_large_is_told_of_in_plain_words() {
    for args in [&["filter", "--time-limit"][..], &["classify", "--jobs"], &["milter", "--max-connections"]] {
        for (number, told) in [
            ("0", "write a whole number, 1 or more"),
            ("-1", "write a whole number, 1 or more"),
            ("99999999999999999999999", "this number is too large"),
        ] {
            let (name, option) = (args[0], format!("{}={number}", args[1]));
            let refused = ran(&[name, &option]);
            assert!(refused.stderr.contains(told), "{args:?} {number}: {}", refused.stderr);
        }
    }
}
