use crate::common::{fixture, folder, postroom, ran, run};

const BODY: &str = "Can the swan be blue?\n\n-- \nAnna Wills\nLarkmoor\n\nOn 4 May 2026 at 10:32, Maeve <maeve@agency.example> wrote:\n> Here it is.\n";

fn mail() -> String {
    format!("From: Anna Wills <anna@larkmoor.example>\nSubject: Swan\n\n{BODY}")
}

#[test]
fn prints_the_zones_asked_for_in_the_order_of_the_mail() {
    for (zones, expected) in [
        (&[][..], "Can the swan be blue?\n\n"),
        (&["--zone", "subject"], "Swan\n"),
        (&["--zone", "signature,new"], "Can the swan be blue?\n\n-- \nAnna Wills\nLarkmoor\n\n"),
        (&["--zone", "new", "--zone", "subject"], "Swan\nCan the swan be blue?\n\n"),
        (&["--zone", "footer"], ""),
    ] {
        let answer = run(postroom(&["text"]).args(zones), mail().as_bytes());
        assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), expected, ""));
    }
}

#[test]
fn a_bare_body_is_read_from_a_file_or_standard_input() {
    let html = "<p>Can the swan be blue?</p><blockquote type=cite>Here it is.</blockquote>";
    let files = folder(&[("body.txt", BODY), ("body.html", html), ("mail.eml", &mail())]);
    let path = |name: &str| files.path().join(name).display().to_string();
    for (form, name, content) in [
        ("text", "body.txt", BODY),
        ("text", "body.txt", &BODY.replace('\n', "\r\n")),
        ("html", "body.html", html),
        ("eml", "mail.eml", &mail()),
        ("mail", "mail.eml", &mail()),
    ] {
        for answer in [
            ran(&["text", "--as", form, &path(name)]),
            run(&mut postroom(&["text", "--as", form]), content.as_bytes()),
        ] {
            assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{form}");
            assert_eq!(answer.stdout.trim_end(), "Can the swan be blue?", "{form}");
        }
    }
}

#[test]
fn a_pipe_gets_the_text_as_it_is() {
    let answer = run(&mut postroom(&["text", "--as", "text"]), "a \u{1b}[1mb\u{202e} c".as_bytes());
    assert_eq!(answer.stdout, "a \u{1b}[1mb\u{202e} c\n");
}

#[test]
fn what_cannot_be_read_has_its_code() {
    for (args, code) in [
        (&["text", "--as", "text", "/nonexistent/body"][..], 66),
        (&["text", "/nonexistent/mail"], 66),
        (&["text", &fixture("inbox.mbox")], 65),
        (&["text", "--zone", "verse"], 64),
        (&["text", "--as", "verse"], 64),
    ] {
        let answer = ran(args);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{args:?}");
        assert!(!answer.stderr.is_empty());
    }
}
