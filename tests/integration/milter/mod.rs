//! The milter through its protocol: a program on a socket, and a client that speaks as mail servers do.

mod client;
mod faults;
mod load;
mod served;
mod systemd;

use client::{ALL_ACTIONS, ALL_STEPS, Client, frame};
use served::Served;

use crate::common::{LOUD, TIMBER, folder};

const TO: &[&str] = &["studio@agency.example"];

#[test]
fn a_mail_gets_its_fields_on_top_and_loses_forged_ones() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let served = Served::start(&["--rules", rules.path().to_str().unwrap()], &[]);
    let mut client = Client::connect(&served.address);
    let forged =
        format!("X-Postroom-Class: other\nX-POSTROOM-CLASS: x\n y\nX-Postroom-Owner: none\n{TIMBER}");
    let answer = client.mail("4F1C", TO, forged.as_bytes());
    assert_eq!(answer.field("X-Postroom-Class").as_deref(), Some("delivery-question"));
    let names: Vec<&str> = answer.inserted.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"X-Postroom-Status"), Some(&"X-Postroom-Rules")));
    let removed = |name: &str, index| (name.to_owned(), index);
    assert_eq!(
        answer.removed,
        [removed("X-Postroom-Owner", 1), removed("X-POSTROOM-CLASS", 2), removed("X-Postroom-Class", 1)]
    );
    assert!(answer.added.is_empty() && answer.deleted.is_empty());
    client.quit();
    let log = served.stop();
    assert!(log.contains("queue=\"4F1C\"") && !log.contains("marmalade") && !log.contains("anna"), "{log}");
}

#[test]
fn the_milter_and_the_filter_say_the_same() {
    let served = Served::start(&[], &[]);
    let mut client = Client::connect(&served.address);
    let mut compared = 0;
    for path in crate::common::mails().iter().step_by(12) {
        let mail = std::fs::read(path).unwrap();
        if mail.starts_with(b"From ") || !mail.is_ascii() || mail.contains(&0) {
            continue;
        }
        let answer = client.mail("1", TO, &mail);
        let args = ["filter", "--recipient", TO[0], "--sender", "anna@larkmoor.example"];
        let filtered = crate::common::run(&mut crate::common::postroom(&args), &mail);
        for name in ["X-Postroom-Class", "X-Postroom-Owner", "X-Postroom-Topics", "X-Postroom-Rules"] {
            let value = answer.field(name).unwrap();
            assert!(filtered.stdout.contains(&format!("{name}: {value}\n")), "{} {value}", path.display());
        }
        compared += 1;
    }
    assert!(compared > 3, "only {compared} mails");
}

#[test]
fn every_version_and_every_poor_offer_is_served() {
    let served = Served::start(&[], &[]);
    for (version, actions, steps) in [
        (6, ALL_ACTIONS, ALL_STEPS),
        (6, ALL_ACTIONS, 0),
        (4, 0x1f, 0x7ff),
        (3, 0x3f, 0x1ff),
        (2, 0x3f, 0x7f),
        (2, 0x3f, 0),
        (17, u32::MAX, u32::MAX),
    ] {
        let mut client = Client::connect_with(&served.address, version, actions, steps);
        assert_eq!(client.version, version.min(6));
        for _ in 0..2 {
            let answer = client.mail("1", TO, TIMBER.as_bytes());
            assert_eq!(answer.field("X-Postroom-Status").as_deref(), Some("ok"), "{version}");
            assert_eq!(answer.verdict, b'c');
        }
        client.quit();
    }
    // A mail server that lets nothing be changed gets its mail back as it was.
    let mut client = Client::connect_with(&served.address, 6, 0, ALL_STEPS);
    let answer = client.mail("1", TO, format!("X-Postroom-Class: x\n{TIMBER}").as_bytes());
    assert!(answer.inserted.is_empty() && answer.removed.is_empty() && answer.verdict == b'c');
}

#[test]
fn a_mail_that_breaks_leaves_the_next_alone() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let served = Served::start(&["--rules", rules.path().to_str().unwrap()], &[]);
    let mut client = Client::connect(&served.address);
    let clean = client.mail("1", TO, TIMBER.as_bytes()).inserted;
    // Fields without NUL, without name, with none of both; commands without payload; a body of anything.
    for payload in [&b"Subject"[..], b"", b"\0", b"\0\0\0", b"\xff\xfe\0\x80"] {
        client.send(&frame(b'M', payload));
        client.send(&frame(b'R', payload));
        client.send(&frame(b'D', payload));
        client.send(&frame(b'L', payload));
        client.send(&frame(b'B', payload));
        assert_eq!(client.end().verdict, b'c');
        assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).inserted, clean, "after {payload:?}");
    }
    // Given up half way, and replaced without being given up.
    client.begin("2", &["jo@agency.example"], b"Subject: Quartz\n\nQuartz!\n");
    client.abort();
    assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).inserted, clean);
    client.begin("2", &["jo@agency.example"], b"Subject: Quartz\n\nQuartz!\n");
    assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).inserted, clean);
    // Another SMTP session on the same connection.
    client.send(&frame(b'K', b""));
    client.quit();
}

#[test]
fn shared_mailboxes_go_to_their_owner_where_that_was_asked_for() {
    let accounts = "[agency]\nam = 'am@agency.example'\npm = 'pm@agency.example'\n";
    let rules = folder(&[("loud.toml", LOUD), ("accounts.toml", accounts)]);
    let global = ["--rules", rules.path().to_str().unwrap()];
    let options = ["--add-owner", "studio@agency.example", "--replace-by-owner", "desk@agency.example"];
    let served = Served::start(&global, &options);
    let mut client = Client::connect(&served.address);
    let mut of = |to: &[&str]| {
        let answer = client.mail("1", to, TIMBER.as_bytes());
        (answer.added, answer.deleted)
    };
    let pm = || vec!["<pm@agency.example>".to_owned()];
    assert_eq!(of(&["studio@agency.example"]), (pm(), vec![]));
    assert_eq!(of(&["jo@agency.example"]), (vec![], vec![]));
    let (added, deleted) = of(&["desk@agency.example"]);
    assert_eq!((added.first(), deleted), (pm().first(), vec!["<desk@agency.example>".to_owned()]));
    // Named by the rules, they come and go with a reload, for the connections after it.
    let named = format!("{accounts}add-owner = 'Office@agency.example'\n");
    let office = &["office@agency.example"];
    for (text, expected) in [(named.as_str(), pm()), (accounts, vec![])] {
        std::fs::write(rules.path().join("accounts.toml"), text).unwrap();
        served.reload();
        let mut client = Client::connect(&served.address);
        assert_eq!(client.mail("1", office, TIMBER.as_bytes()).added, expected);
    }
    // Off unless asked for.
    let plain = Served::start(&global, &[]);
    let client = Client::connect(&plain.address);
    assert_eq!(client.actions, 0x11);
}
