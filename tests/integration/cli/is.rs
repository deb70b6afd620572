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
fn standard_input_is_one_mail_whatever_it_holds() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let two = format!("{TIMBER}\nFrom a@b Thu Jan  1 00:00:00 2026\nSubject: x\n\nquartz\n");
    let args = ["--rules", rules.path().to_str().unwrap(), "is", "--topic", "budget"];
    assert_eq!(run(&mut postroom(&args), two.as_bytes()).code, Some(0));
}
