//! A connection, command by command.

use super::*;
use crate::triage::output::headers::Name;

const LIMIT: usize = 1000;

fn offer(version: u32, actions: u32, steps: u32) -> Vec<u8> {
    [version, actions, steps].iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// A connection on which everything was agreed, or nothing.
fn session(all: bool) -> Session {
    let mut session = Session::new(LIMIT, true);
    let (actions, steps) = if all { (u32::MAX, u32::MAX) } else { (0x1f, 0) };
    session.take(Command::Negotiate(&offer(6, actions, steps)), &mut Vec::new());
    session
}

/// The mail that these commands make, and what was sent meanwhile.
fn mail(session: &mut Session, commands: &[Command<'_>]) -> (Mail, Vec<u8>) {
    let mut out = Vec::new();
    for command in commands {
        if let Next::Judge(mail) = session.take(*command, &mut out) {
            return (mail, out);
        }
    }
    panic!("no mail came of it");
}

const MAIL: &[Command<'_>] = &[
    Command::Mail(b"<anna@larkmoor.example>"),
    Command::Macros(b"i\x004F1C\x00"),
    Command::Recipient(b"<studio@agency.example>"),
    Command::Header(b"Subject", b" Homepage,\n again"),
    Command::Header(b"X-Postroom-Class", b" other"),
    Command::Header(b"x-postroom-class", b" other"),
    Command::Header(b"From", b" Anna"),
    Command::EndOfHeader,
    Command::Body(b"one\r\n"),
    Command::EndOfMail(b"two\r\n"),
];

/// Codes and payloads of frames.
fn frames(bytes: &[u8]) -> Vec<(char, String)> {
    let mut frames = frame::Frames::default();
    frames.push(bytes);
    let mut seen = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        seen.push((char::from(frame.code), String::from_utf8_lossy(frame.payload).into_owned()));
    }
    seen
}

#[test]
fn a_mail_is_put_together() {
    for all in [true, false] {
        let (mail, sent) = mail(&mut session(all), MAIL);
        let space = if all { "" } else { " " };
        assert_eq!(
            String::from_utf8_lossy(&mail.raw),
            format!("Subject:{space} Homepage,\r\n again\r\nFrom:{space} Anna\r\n\r\none\r\ntwo\r\n")
        );
        assert_eq!(mail.sender.as_deref(), Some("anna@larkmoor.example"));
        assert_eq!((mail.recipient(), mail.queue_id.as_str()), (Some("studio@agency.example"), "4F1C"));
        // Nothing is answered before the end where that was agreed, everything where it was not.
        assert_eq!(frames(&sent).len(), if all { 0 } else { 8 });
    }
}

#[test]
fn forged_fields_go_from_the_last_and_ours_end_up_in_order() {
    let mut session = session(true);
    let (mail, _) = mail(&mut session, MAIL);
    let fields = [Field::new(Name::Status, "ok"), Field::new(Name::Class, "other")];
    let mut out = Vec::new();
    session.answer(&mail, &fields, &Changes::default(), &mut out);
    assert_eq!(
        frames(&out),
        [
            ('m', "\0\0\0\x02x-postroom-class\0\0".to_owned()),
            ('m', "\0\0\0\x01X-Postroom-Class\0\0".to_owned()),
            ('i', "\0\0\0\0X-Postroom-Class\0 other\0".to_owned()),
            ('i', "\0\0\0\0X-Postroom-Status\0 ok\0".to_owned()),
            ('c', String::new()),
        ]
    );
}

#[test]
fn recipients_change_all_together_or_not_at_all() {
    let changes = Changes {
        add: vec!["pm@agency.example".to_owned()],
        remove: vec![b"<studio@agency.example>".to_vec()],
    };
    for (actions, expected) in [(0x1d, "+-c"), (0x15, "c"), (0x19, "c"), (0, "c")] {
        let mut session = Session::new(LIMIT, true);
        session.take(Command::Negotiate(&offer(6, actions, 0)), &mut Vec::new());
        let mut out = Vec::new();
        session.answer(&Mail::default(), &[], &changes, &mut out);
        let codes: String = frames(&out).iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, expected, "{actions:x}");
    }
}

#[test]
fn no_mail_leaves_anything_to_the_next() {
    let plain = [
        Command::Mail(b"<>"),
        Command::Recipient(b"<jo@agency.example>"),
        Command::Header(b"Subject", b" x"),
        Command::EndOfMail(b""),
    ];
    let clean = mail(&mut session(true), &plain).0;
    assert_eq!(clean.raw, b"Subject: x\r\n\r\n");
    for before in [
        &MAIL[..MAIL.len() - 1],
        &[Command::Header(b"", b""), Command::Body(&[b'x'; LIMIT + 1])],
        &[Command::Mail(b"\xff"), Command::Macros(b"i"), Command::Recipient(b""), Command::Body(b"\0\xff")],
    ] {
        for end in [Command::Abort, Command::EndOfMail(b"")] {
            let mut session = session(true);
            for command in before.iter().chain(&[end]) {
                session.take(*command, &mut Vec::new());
            }
            assert!(!session.has_mail());
            assert_eq!(mail(&mut session, &plain).0, clean);
        }
    }
}

#[test]
fn a_large_mail_is_not_kept_and_its_rest_declined() {
    let mut session = Session::new(LIMIT, false);
    session.take(Command::Negotiate(&offer(6, 0x1f, step::SKIP)), &mut Vec::new());
    let piece = [b'x'; LIMIT];
    let (mail, sent) = mail(
        &mut session,
        &[
            Command::Mail(b"<a@b.example>"),
            Command::Header(b"Subject", b"x"),
            Command::Body(&piece[..500]),
            Command::Body(&piece),
            Command::EndOfMail(b"end"),
        ],
    );
    assert!(mail.oversize && mail.raw.is_empty());
    assert_eq!(frames(&sent).iter().map(|(code, _)| *code).collect::<String>(), "cccs");
}

#[test]
fn what_cannot_be_understood_ends_the_connection() {
    let mut session = session(true);
    let mut out = Vec::new();
    assert!(matches!(session.take(Command::Nonsense(b'!'), &mut out), Next::Refuse(_)));
    assert!(matches!(session.take(Command::Negotiate(b"short"), &mut out), Next::Refuse(_)));
    assert_eq!(session.take(Command::Quit, &mut out), Next::Close);
    assert!(out.is_empty());
}

#[test]
fn a_queue_id_is_safe_in_a_log() {
    let mut session = session(true);
    session.take(Command::Macros(b"i\x00A\n\x1b[31m\xff\x00"), &mut Vec::new());
    let (mail, _) = mail(&mut session, &[Command::EndOfMail(b"")]);
    assert_eq!(mail.queue_id, "A??[31m?");
}
