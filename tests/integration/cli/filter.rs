#![allow(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::fs::{self, File};
use std::process::Stdio;

use crate::common::{LOUD, TIMBER, fixture, folder, mails, postroom, redirected, run};

fn filter(args: &[&str], mail: &[u8]) -> crate::common::Ran {
    run(postroom(&["filter"]).args(args), mail)
}

/// The fields that were put on, and what is left without them.
fn parted(stamped: &[u8]) -> (String, Vec<u8>) {
    let field = regex::bytes::Regex::new(r"(?-u)(?:X-Postroom-[^\n]*\n(?:[ \t][^\n]*\n)*)+").unwrap();
    let block = field.find(stamped).unwrap();
    let rest = [&stamped[..block.start()], &stamped[block.end()..]].concat();
    (String::from_utf8(block.as_bytes().to_vec()).unwrap(), rest)
}

#[test]
fn a_mail_comes_out_whole_with_its_fields_on_top() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let out = filter(&["--rules", rules.path().to_str().unwrap()], TIMBER.as_bytes());
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""));
    let (fields, rest) = parted(&out.bytes);
    assert_eq!(rest, TIMBER.as_bytes());
    for line in [
        "X-Postroom-Status: ok\n",
        "X-Postroom-Class: delivery-question\n",
        "X-Postroom-Owner: pm\n",
        "X-Postroom-Topics: timeline\n",
        "X-Postroom-Why: says-timber",
    ] {
        assert!(fields.contains(line), "{line}\n{fields}");
    }
    assert!(out.bytes.starts_with(b"X-Postroom-Status"));
}

#[test]
fn fixtures_come_out_whole_and_twice_is_once() {
    let field = regex::bytes::Regex::new("(?mi-u)^X-Postroom-").unwrap();
    // A few of them through the program; `robustness` has them all, through the library.
    for path in mails().iter().step_by(24) {
        let unix = fs::read(path).unwrap();
        let text = unix.iter().copied().filter(|&b| b != b'\r').collect::<Vec<u8>>();
        let dos = text.iter().flat_map(|&b| if b == b'\n' { vec![b'\r', b'\n'] } else { vec![b] }).collect();
        for mail in [unix, dos] {
            let once = filter(&[], &mail);
            let twice = filter(&[], &once.bytes);
            assert_eq!((once.code, twice.code), (Some(0), Some(0)), "{}", path.display());
            assert!(once.bytes == twice.bytes, "{}", path.display());
            let (fields, rest) = parted(&once.bytes);
            assert!(fields.starts_with("X-Postroom-Status: ok"), "{}", path.display());
            if field.is_match(&mail) {
                continue;
            }
            assert!(rest == mail, "{}", path.display());
        }
    }
}

#[test]
fn forged_fields_are_taken_out_of_the_header_alone() {
    let mail = "X-Postroom-Owner: none\nSubject: x\nx-postroom-class :other,\n more\nX-POSTROOM-WHY: z\n\n\
        X-Postroom-Class: quoted in the body\n";
    let out = filter(&[], mail.as_bytes());
    let (fields, rest) = parted(&out.bytes);
    assert_eq!(rest, b"Subject: x\n\nX-Postroom-Class: quoted in the body\n");
    assert!(!fields.contains("other,") && !fields.contains(": z\n"), "{fields}");
}

#[test]
fn fields_that_some_host_would_find_are_taken_out() {
    let own = "X-Postroom-Owner: pm";
    for (from, to) in [
        (format!("Subject: x\n\r\n{own}\nDate: y\n\nz\n"), "Subject: x\n\r\nDate: y\n\nz\n"),
        (format!("Subject: x\n\r\r\n{own}\nDate: y\n\nz\n"), "Subject: x\n\r\r\nDate: y\n\nz\n"),
        (format!("Subject: x\r\n\r\r\n{own}\r\n\r\nz"), "Subject: x\r\n\r\r\n\r\nz"),
        (format!("Subject: x\n\r{own}\n\nz\n"), "Subject: x\n\nz\n"),
        ("Subject: x\nX-Postroom-Owner\r: pm\n\nz\n".to_owned(), "Subject: x\n\nz\n"),
        ("Subject: x\nX-Postroom-Owner\0: pm\n\nz\n".to_owned(), "Subject: x\n\nz\n"),
    ] {
        for host in ["procmail", "maildrop", "fdm", "sieve", "postfix", "notmuch"] {
            let out = filter(&["--host", host], from.as_bytes());
            assert_eq!(parted(&out.bytes).1, to.as_bytes(), "{host} {from:?}");
        }
    }
    // To procmail, text with CRs is a part of the header; to others it is not, and may be an attached mail.
    let text = format!("Subject: x\r\n\r\n{own}\r\nz\r\n");
    for (args, taken) in [(&["--host", "procmail"][..], true), (&[], false), (&["--host", "sieve"], false)] {
        let rest = parted(&filter(args, text.as_bytes()).bytes).1;
        assert_eq!(
            rest,
            if taken { text.replace(&format!("{own}\r\n"), "") } else { text.clone() }.as_bytes()
        );
    }
}

#[test]
fn a_header_larger_than_what_is_held_is_cleaned() {
    let long = format!("Subject: x\n{}", "X-Long: field of a header\n".repeat(60_000));
    let forged = "X-Postroom-Owner: pm\n more\n";
    let out = filter(&["--max-size", "100K"], format!("{long}{forged}A: b\n\n{forged}").as_bytes());
    assert_eq!(out.code, Some(0));
    let (fields, rest) = parted(&out.bytes);
    assert_eq!(fields, "X-Postroom-Status: error\nX-Postroom-Error: oversize\n");
    assert!(rest == format!("{long}A: b\n\n{forged}").as_bytes());
}

#[test]
fn whatever_goes_wrong_the_mail_comes_out_whole_and_marked() {
    let broken = folder(&[("broken.toml", "nonsense = [")]);
    let large = format!("{TIMBER}{}", "long line of text\n".repeat(200_000));
    for (args, mail, error) in [
        (&["--rules", "/nonexistent"][..], TIMBER, "rules"),
        (&["--rules", broken.path().to_str().unwrap()], TIMBER, "rules"),
        (&["--rehearse", "internal"], TIMBER, "internal"),
        (&["--rehearse", "rules"], TIMBER, "rules"),
        (&["--rehearse", "oversize"], TIMBER, "oversize"),
        (&["--rehearse", "timeout", "--time-limit", "1"], TIMBER, "timeout"),
        (&["--max-size", "10"], TIMBER, "oversize"),
        // Larger than what is held in memory.
        (&["--max-size=10K"], &large, "oversize"),
        (&["--bogus"], TIMBER, "usage"),
        (&["--on-error=sometimes"], TIMBER, "usage"),
        (&["--rules"], &large, "usage"),
    ] {
        let out = filter(args, mail.as_bytes());
        assert_eq!(out.code, Some(0), "{args:?} {}", out.stderr);
        let (fields, rest) = parted(&out.bytes);
        assert_eq!(fields, format!("X-Postroom-Status: error\nX-Postroom-Error: {error}\n"), "{args:?}");
        assert!(rest == mail.as_bytes(), "{args:?}");
        assert!(!out.stderr.is_empty() && !out.stderr.contains("marmalade"), "{}", out.stderr);
        assert!(filter(args, &out.bytes).bytes == out.bytes, "twice: {args:?}");
    }
}

#[test]
fn wrong_options_of_every_command_bounce_no_mail() {
    for args in [
        &["--rules", "filter"][..],
        &["--date", "filter"],
        &["--colour", "never", "filter"],
        &["--bogus", "x", "filter"],
        &["-z", "filter", "--host", "postfix"],
    ] {
        let out = run(&mut postroom(args), TIMBER.as_bytes());
        assert_eq!((out.code, out.stdout), (Some(0), format!("{USAGE}{TIMBER}")), "{args:?}");
        let kept = run(postroom(args).arg("--on-error=tempfail"), TIMBER.as_bytes());
        assert_eq!((kept.code, kept.stdout.as_str()), (Some(75), ""), "{args:?}");
    }
}

const USAGE: &str = "X-Postroom-Status: error\nX-Postroom-Error: usage\n";

#[test]
fn tempfail_keeps_the_mail_with_the_mail_system() {
    let large = format!("{TIMBER}{}", "long line of text\n".repeat(200_000));
    for (args, mail) in [
        (&["--rules", "/nonexistent"][..], TIMBER),
        (&["--rehearse", "internal"], TIMBER),
        (&["--max-size", "10"], TIMBER),
        (&["--max-size=10K"], &large),
        (&["--bogus"], TIMBER),
        (&["--max-size", "plenty"], &large),
        (&["surplus"], TIMBER),
    ] {
        for spelling in [&["--on-error=tempfail"][..], &["--on-error", "tempfail"]] {
            let args = [spelling, args].concat();
            let out = filter(&args, mail.as_bytes());
            assert_eq!((out.code, out.stdout.as_str()), (Some(75), ""), "{args:?} {}", out.stderr);
        }
    }
    let fine = filter(&["--on-error=tempfail"], TIMBER.as_bytes());
    assert_eq!(fine.code, Some(0));
    assert!(fine.stdout.contains("X-Postroom-Status: ok\n"));
}

#[test]
fn odd_mails_come_out_whole() {
    for (mail, rest) in [
        (&b""[..], &b""[..]),
        (b"\n", b"\n"),
        (b"Subject: x", b"Subject: x"),
        (b"Subject: x\r\nA: \xff\0\r\n\r\n\0\xfe", b"Subject: x\r\nA: \xff\0\r\n\r\n\0\xfe"),
        (b"just words", b"just words"),
        (b"Subject: x\rFrom: y\r\rbody", b"Subject: x\rFrom: y\r\rbody"),
    ] {
        let out = filter(&[], mail);
        assert_eq!(out.code, Some(0));
        assert_eq!(parted(&out.bytes).1, rest);
        assert_eq!(filter(&[], &out.bytes).bytes, out.bytes);
    }
    let mbox = format!("From anna@larkmoor.example Tue Mar 31 10:02:00 2026\n{TIMBER}");
    let out = filter(&[], mbox.as_bytes());
    assert!(
        out.stdout
            .starts_with("From anna@larkmoor.example Tue Mar 31 10:02:00 2026\nX-Postroom-Status: ok\n")
    );
    assert_eq!(parted(&out.bytes).1, mbox.as_bytes());
}

#[test]
fn the_environment_may_name_the_recipient() {
    let account = "[[account]]\nid = 'larkmoor'\nto = ['studio+larkmoor@agency.example']\n";
    let rules = folder(&[("accounts.toml", account)]);
    let mut command = postroom(&["--rules", rules.path().to_str().unwrap(), "filter"]);
    let out = run(command.env("RECIPIENT", "studio+larkmoor@agency.example"), TIMBER.as_bytes());
    assert!(out.stdout.contains("X-Postroom-Account: larkmoor\n"), "{}", out.stdout);
}

#[test]
fn a_mail_that_cannot_be_read_or_written_is_to_be_tried_again() {
    for way in ["pass", "tempfail"] {
        // A folder opens as a file but cannot be read.
        let mut unreadable = postroom(&["filter", "--on-error", way]);
        let output = unreadable.stdin(File::open(fixture("mail")).unwrap()).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(75), &b""[..]), "{way}");
        let mut gone = postroom(&["filter", "--on-error", way]);
        let mut child =
            gone.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), TIMBER.as_bytes()).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(75), "{way}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_or_closed_standard_output_is_to_be_tried_again() {
    let mail = folder(&[("mail.eml", TIMBER)]);
    let mail = mail.path().join("mail.eml");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let stdin = || File::open(&mail).unwrap();
    assert_eq!(postroom(&["filter"]).stdin(stdin()).stdout(full).output().unwrap().status.code(), Some(75));
    // Closed, and open for reading alone.
    for to in [">&-", "1< /dev/zero"] {
        let closed = redirected("filter", to).stdin(stdin()).output().unwrap();
        assert_eq!(closed.status.code(), Some(75), "{to} {}", String::from_utf8_lossy(&closed.stderr));
    }
    let null = postroom(&["filter"]).stdin(stdin()).stdout(Stdio::null()).output().unwrap();
    assert_eq!(null.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_input_that_cannot_be_read_is_no_empty_mail() {
    for from in ["<&-", "0> /dev/zero", "< /dev/null"] {
        for arguments in ["filter", "filter --on-error=tempfail", "filter --bogus"] {
            let out = redirected(arguments, from).output().unwrap();
            assert_eq!(
                (out.status.code(), out.stdout.as_slice()),
                (Some(75), &b""[..]),
                "{arguments} {from}"
            );
            assert!(
                String::from_utf8_lossy(&out.stderr).contains("cannot read the mail"),
                "{arguments} {from}"
            );
        }
    }
}

#[test]
fn a_leading_from_line_stays_where_the_host_wants_it() {
    let line = "From anna@larkmoor.example Tue Mar 31 10:02:00 2026\n";
    let mbox = format!("{line}{TIMBER}");
    for (host, kept) in [
        ("procmail", true),
        ("sieve", true),
        ("maildrop", false),
        ("fdm", false),
        ("postfix", false),
        ("notmuch", true),
    ] {
        let out = filter(&["--host", host], mbox.as_bytes());
        assert_eq!(out.code, Some(0));
        assert_eq!(out.stdout.starts_with("From anna"), kept, "{host}");
        assert_eq!(parted(&out.bytes).1, if kept { mbox.as_bytes() } else { TIMBER.as_bytes() }, "{host}");
        // Wrong arguments do not change what the host can take.
        let wrong = filter(&["--host", host, "--bogus"], mbox.as_bytes());
        assert_eq!(wrong.stdout.starts_with("From anna"), kept, "{host}");
    }
}

#[test]
fn text_that_begins_like_a_from_line_is_kept_for_every_host() {
    let text = b"From Monday on the office is closed.\nBye\n";
    for host in ["procmail", "maildrop", "fdm", "sieve", "postfix", "notmuch"] {
        assert_eq!(parted(&filter(&["--host", host], text).bytes).1, text, "{host}");
    }
}

#[test]
fn an_empty_envelope_sender_means_an_automatic_mail() {
    let rule = "[[rule]]\nid = 'from-a-machine'\nwhen = { automatic = true }\npoints = { other = 20 }\n";
    let rules = folder(&[("machine.toml", rule)]);
    for (args, variable, automatic) in [
        (&["--sender", ""][..], None, true),
        (&["--sender", "<>"], None, true),
        (&["--sender", "anna@larkmoor.example"], None, false),
        (&["--host", "sieve"], Some(""), true),
        (&["--host", "sieve"], Some("anna@larkmoor.example"), false),
        // Hosts that do not set the variable leave whatever somebody else put there.
        (&["--host", "procmail"], Some(""), false),
        (&[], Some(""), false),
    ] {
        let mut command = postroom(&["--rules", rules.path().to_str().unwrap(), "filter"]);
        command.args(args).envs(variable.map(|value| ("SENDER", value)));
        let out = run(&mut command, TIMBER.as_bytes());
        assert_eq!(out.stdout.contains("from-a-machine"), automatic, "{args:?} {}", out.stdout);
    }
}

#[test]
fn what_the_client_may_get_to_see_says_nothing_of_the_rules() {
    let broken = folder(&[("secret.toml", "nonsense = [")]);
    for (host, told) in [("postfix", false), ("procmail", true)] {
        let args = ["--host", host, "--rules", broken.path().to_str().unwrap()];
        let out = filter(&args, TIMBER.as_bytes());
        assert_eq!(out.stderr.lines().count(), if told { 2 } else { 1 }, "{host}: {}", out.stderr);
        assert!(!out.stderr.contains("secret") || told, "{}", out.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_rehearsed_kill_leaves_half_a_mail() {
    use std::os::unix::process::ExitStatusExt as _;
    let mail = folder(&[("mail.eml", TIMBER)]);
    let stdin = File::open(mail.path().join("mail.eml")).unwrap();
    let output = postroom(&["filter", "--rehearse", "killed"]).stdin(stdin).output().unwrap();
    assert_eq!(output.status.signal(), Some(9));
    assert!(output.stdout.starts_with(b"X-Postroom-Status") && !output.stdout.ends_with(b"marmalade.\n"));
}
