use crate::common::{LOUD, TIMBER, folder, postroom, run};

#[test]
fn answers_by_its_exit_code() {
    let rules = folder(&[("loud.toml", LOUD)]);
    for (question, code) in [
        (&["--owner", "pm"][..], 0),
        (&["--owner", "am"], 1),
        (&["--owner", "am,pm"], 0),
        (&["--class", "delivery-question"], 0),
        (&["--class", "unsure,other"], 1),
        (&["--topic", "timeline"], 0),
        (&["--topic", "budget,escalation"], 1),
        (&["--class", "delivery-question", "--owner", "pm", "--topic", "timeline,budget"], 0),
        (&["--class", "delivery-question", "--owner", "none"], 1),
    ] {
        let mut command = postroom(&["--rules", rules.path().to_str().unwrap(), "is"]);
        let answer = run(command.args(question), TIMBER.as_bytes());
        assert_eq!(answer.code, Some(code), "{question:?}");
        assert_eq!((answer.stdout.as_str(), answer.stderr.as_str()), ("", ""));
    }
}

#[test]
fn a_mail_without_a_question_gets_no_answer() {
    let mail = crate::common::fixture("mail/plain/ascii-question.eml");
    for args in [&["is"][..], &["is", &mail], &["is", "--recipient", "a@b.example", &mail]] {
        let answer = run(&mut postroom(args), TIMBER.as_bytes());
        assert_eq!(answer.code, Some(64), "{args:?} {}", answer.stderr);
        assert!(answer.stderr.contains("--class"), "{}", answer.stderr);
    }
}

#[test]
fn standard_input_is_one_mail_whatever_it_holds() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let two = format!("{TIMBER}\nFrom a@b Thu Jan  1 00:00:00 2026\nSubject: x\n\nquartz\n");
    let args = ["--rules", rules.path().to_str().unwrap(), "is", "--topic", "budget"];
    assert_eq!(run(&mut postroom(&args), two.as_bytes()).code, Some(0));
}
