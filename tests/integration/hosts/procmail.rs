//! procmail as a mail server calls it: the mail on standard input, an exit code back.

use std::collections::BTreeMap;
use std::process::Command;

use super::drill::{self, Host, INBOX, PM};
use super::scratch::Scratch;
use crate::common;

struct Procmail {
    scratch: Scratch,
}

impl Host for Procmail {
    const NAME: &'static str = "procmail";

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        let mut command = Command::new("procmail");
        command.env_clear().env("PATH", "/usr/bin:/bin").args(["-t", "-m", &self.scratch.text("procmailrc")]);
        let ran = common::run(&mut command, mail);
        assert!(
            matches!(ran.code, Some(0 | 75)),
            "a mail server would bounce: {:?}\n{}",
            ran.code,
            ran.stderr
        );
        ran.code == Some(0)
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        [(PM, self.scratch.maildir("disk/Maildir/.pm")), (INBOX, self.scratch.maildir("disk/Maildir"))].into()
    }

    fn clear(&self) {
        self.scratch.clear_maildir("disk/Maildir/.pm");
        self.scratch.clear_maildir("disk/Maildir");
    }
}

#[test]
fn procmail_loses_no_mail() {
    let Some(_turn) = super::turn() else { return };
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("disk/Maildir")).unwrap();
    let replaced = [
        ("/usr/local/bin/postroom", scratch.text("bin/postroom")),
        ("$HOME/Maildir", scratch.text("disk/Maildir")),
        ("-k 5 90", "-k 1 12".to_owned()),
    ];
    let replaced: Vec<(&str, &str)> = replaced.iter().map(|(from, to)| (*from, to.as_str())).collect();
    scratch.write("procmailrc", &super::recipe("procmail/procmailrc", &replaced), 0o644);
    drill::run(&Procmail { scratch });
}
