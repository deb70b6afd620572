//! What the tests of delivery agents share: a recipe that sorts into `Maildir` and `Maildir/.pm`, and an exit
//! code for the mail server that has called.

use std::collections::BTreeMap;
use std::process::Command;

use super::drill::{INBOX, PM};
use super::scratch::Scratch;
use crate::common;

/// The mailboxes that every recipe sorts into.
const MAILDIRS: [(&str, &str); 2] = [(PM, "disk/Maildir/.pm"), (INBOX, "disk/Maildir")];

/// A recipe that finds the program, the mailboxes (which it has below `home`) and shorter limits.
pub(super) fn recipe(scratch: &Scratch, name: &str, home: &str) -> String {
    let (program, maildir) = (scratch.text("bin/postroom"), scratch.text("disk/Maildir"));
    let mailboxes = format!("{home}/Maildir");
    let replaced = [
        ("/usr/local/bin/postroom", program.as_str()),
        (mailboxes.as_str(), maildir.as_str()),
        ("-k 5 90", "-k 1 12"),
    ];
    super::recipe(name, &replaced)
}

/// Makes the mailboxes, for agents that make none.
pub(super) fn make_maildirs(scratch: &Scratch) {
    MAILDIRS.iter().for_each(|(_, name)| scratch.make_maildir(name));
}

/// Every mail delivered.
pub(super) fn arrived(scratch: &Scratch) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    MAILDIRS.iter().map(|&(place, name)| (place, scratch.maildir(name))).collect()
}

/// Forgets what has arrived.
pub(super) fn clear(scratch: &Scratch) {
    MAILDIRS.iter().for_each(|(_, name)| scratch.clear_maildir(name));
}

/// Calls an agent as a mail server does; whether it has taken the mail.
pub(super) fn takes(agent: &mut Command, mail: &[u8]) -> bool {
    let ran = common::run(agent.env_clear().env("PATH", "/usr/bin:/bin"), mail);
    assert!(matches!(ran.code, Some(0 | 75)), "a mail server would bounce: {:?}\n{}", ran.code, ran.stderr);
    ran.code == Some(0)
}
