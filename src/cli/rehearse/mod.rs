//! `postroom rehearse`: what a mail filter makes of a mail when something goes wrong, by doing it.
//!
//! The real program runs with the recipe of `packaging/`, in a scratch folder with a mail of its own, once
//! for each fault. Nothing of the user's mail or settings is touched.

mod scene;

use std::fmt::Write as _;

use clap::Args;
use postroom::mailbox;
use postroom::triage::output::headers::{Name, PREFIX};

use super::exit::Exit;
use super::failure::Failure;
use super::host::Host;
use super::options::Global;
use super::print;
use scene::{Came, Named, Scene};

/// Show what a mail filter makes of a mail when the rules are broken, the disk is full, and so on
#[derive(Args, Debug)]
#[command(
    after_help = "Runs the mail filter itself, which has to be installed, with the recipe that comes with postroom,\n\
    in a scratch folder. Of Postfix and Dovecot, which are servers, it runs the script that they call, and does\n\
    with its exit code what they do.\n\n\
    Exit codes: 0 when every mail came through whole or was kept to be tried again, 1 otherwise."
)]
pub(crate) struct Rehearse {
    /// The mail filter
    #[arg(long, value_enum, value_name = "NAME")]
    host: Host,
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Rules,
    Timeout,
    Internal,
    Killed,
    Hung,
    Removed,
    FullDisk,
    Large,
}

impl Fault {
    const ALL: [Self; 9] = [
        Self::None,
        Self::Rules,
        Self::Timeout,
        Self::Internal,
        Self::Killed,
        Self::Hung,
        Self::Removed,
        Self::FullDisk,
        Self::Large,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::None => "nothing wrong",
            Self::Rules => "rules broken",
            Self::Timeout => "takes too long",
            Self::Internal => "fault in postroom",
            Self::Killed => "killed while writing",
            Self::Hung => "stopped for good",
            Self::Removed => "postroom removed",
            Self::FullDisk => "disk full",
            Self::Large => "100 MB",
        }
    }
}

/// Bytes of the large mail.
const LARGE: usize = 100 * 1024 * 1024;

/// The mail that is sent through.
fn mail(fault: Fault) -> Vec<u8> {
    let mut mail =
        b"From: Anna Wills <anna@larkmoor.example>\nTo: studio@agency.example\nSubject: Homepage\n\
        Date: Tue, 31 Mar 2026 10:02:00 +0100\nMessage-ID: <rehearsal@larkmoor.example>\n\n\
        When will the homepage be ready?\n"
            .to_vec();
    if fault == Fault::Large {
        let line = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";
        while mail.len() < LARGE {
            mail.extend_from_slice(line);
        }
    }
    mail
}

impl Rehearse {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let rules = Named::of(global);
        let mut exit = Exit::Fine;
        let mut text = String::new();
        for fault in Fault::ALL {
            let mail = mail(fault);
            let came = Scene::new(self.host, fault, &rules)?.play(&mail)?;
            let (fine, words) = verdict(&mail, &came);
            if !fine {
                exit = Exit::Findings;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<22}{words}", fault.name());
        }
        print(&text)?;
        Ok(exit)
    }
}

/// Whether that is as it should be, and what it is in words.
fn verdict(sent: &[u8], came: &Came) -> (bool, String) {
    match (came.mails.as_slice(), came.kept) {
        ([], true) => (true, format!("not delivered; {}", came.why)),
        ([], false) => (false, "LOST".to_owned()),
        ([mail], false) => {
            let (own, rest) = apart(mail);
            let whole = rest.ends_with(sent.trim_ascii_end());
            let fields = match (value(&own, Name::Status), value(&own, Name::Error)) {
                (Some("ok"), _) => format!("with fields, owner {}", value(&own, Name::Owner).unwrap_or("?")),
                (Some(_), Some(error)) => format!("marked as unjudged: {error}"),
                _ => "without fields".to_owned(),
            };
            (whole, format!("delivered {}, {fields}", if whole { "whole" } else { "NOT WHOLE" }))
        }
        (mails, kept) => {
            let more = if kept { " AND KEPT" } else { "" };
            (false, format!("DELIVERED {} TIMES{more}", mails.len()))
        }
    }
}

/// Our fields as lines, and the mail without them and without blanks at its end.
fn apart(mail: &[u8]) -> (Vec<String>, Vec<u8>) {
    let unstamped = postroom::triage::output::stamp::part(mail).unstamped().into_owned();
    let header = mail.split(|&byte| byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
    let own =
        header.map(|line| String::from_utf8_lossy(line).into_owned()).filter(|line| line.starts_with(PREFIX));
    let own = own.collect();
    let end = unstamped.trim_ascii_end().len();
    (own, unstamped.get(..end).unwrap_or_default().to_vec())
}

fn value(own: &[String], name: Name) -> Option<&str> {
    let start = format!("{name}:");
    own.iter().find_map(|line| line.strip_prefix(&start)).map(str::trim)
}

/// Every mail in a Maildir.
pub(crate) fn delivered(folder: &std::path::Path) -> Result<Vec<Vec<u8>>, Failure> {
    if !folder.join("new").is_dir() {
        return Ok(Vec::new());
    }
    let mut mails = Vec::new();
    for mail in mailbox::open(folder, mailbox::Options::default())? {
        mails.push(mail?.bytes().into_owned());
    }
    Ok(mails)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_told_for_what_it_is() {
        let sent = mail(Fault::None);
        let came = |mails: &[&[u8]], kept| Came {
            mails: mails.iter().map(|mail| mail.to_vec()).collect(),
            kept,
            why: "exit 75".to_owned(),
        };
        let stamped = [b"X-Postroom-Status: ok\nX-Postroom-Owner: pm\n", sent.as_slice()].concat();
        let marked = [b"X-Postroom-Status: error\nX-Postroom-Error: rules\n", sent.as_slice()].concat();
        let half = &stamped[..stamped.len() / 2];
        for (came, fine, words) in [
            (came(&[&stamped], false), true, "delivered whole, with fields, owner pm"),
            (came(&[&marked], false), true, "delivered whole, marked as unjudged: rules"),
            (came(&[&sent], false), true, "delivered whole, without fields"),
            (came(&[half], false), false, "delivered NOT WHOLE, with fields, owner pm"),
            (came(&[], true), true, "not delivered; exit 75"),
            (came(&[], false), false, "LOST"),
            (came(&[&sent, &sent], false), false, "DELIVERED 2 TIMES"),
            (came(&[&sent], true), false, "DELIVERED 1 TIMES AND KEPT"),
        ] {
            assert_eq!(verdict(&sent, &came), (fine, words.to_owned()));
        }
    }
}
