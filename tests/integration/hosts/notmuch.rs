//! notmuch: mail delivered by the wrapper around `notmuch insert`, tagged by the hook.

use std::collections::BTreeMap;
use std::process::Command;

use super::drill::{self, Host, INBOX, PM};
use super::mails;
use super::scratch::{Program, Scratch, run};
use crate::common;

struct Notmuch {
    scratch: Scratch,
}

impl Host for Notmuch {
    const NAME: &'static str = "notmuch";

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        let mut command = Command::new(self.scratch.path("postroom-insert"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.scratch.path("home"));
        command.env("TMPDIR", self.scratch.path("disk"));
        command.env("NOTMUCH_CONFIG", self.scratch.path("notmuch-config"));
        let ran = common::run(&mut command, mail);
        assert!(matches!(ran.code, Some(0 | 75)), "{:?}\n{}", ran.code, ran.stderr);
        ran.code == Some(0)
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        // The place is a tag: what the hook said of the mail, once it has run.
        // While the program is broken the hook fails, and leaves the mail for its next run.
        let _ = self.scratch.notmuch(&["new", "--quiet"]).output().unwrap();
        let mails = self.scratch.maildir("disk/Maildir");
        let place = if self.scratch.notmuch_tags().contains("postroom/owner/pm") { PM } else { INBOX };
        [(place, mails)].into()
    }

    fn clear(&self) {
        self.scratch.clear_maildir("disk/Maildir");
        run(&mut self.scratch.notmuch(&["new", "--quiet", "--no-hooks"]));
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn notmuch_loses_no_mail() {
    let _turn = super::turn();
    let scratch = Scratch::new();
    scratch.make_maildir("disk/Maildir");
    let config = format!(
        "[database]\npath={}\n[user]\nname=Studio\nprimary_email=studio@agency.example\n[new]\ntags=new;inbox;unread\n",
        scratch.text("disk/Maildir")
    );
    scratch.write("notmuch-config", &config, 0o644);
    let program = scratch.text("bin/postroom");
    let limits = ("-k 5 90", "-k 1 12");
    let insert = super::recipe("notmuch/postroom-insert", &[("/usr/local/bin/postroom", &program), limits]);
    scratch.write("postroom-insert", &insert, 0o755);
    let hook =
        super::recipe("notmuch/post-new", &[("/usr/local/bin/postroom", &program), ("-k 5 600", "-k 1 12")]);
    scratch.write("disk/Maildir/.notmuch/hooks/post-new", &hook, 0o755);
    let host = Notmuch { scratch };
    run(&mut host.scratch.notmuch(&["new", "--quiet"]));
    drill::run(&host);
    // A hook that could not run leaves the mail for the next.
    host.scratch.make(Program::Removed);
    assert!(host.give(&mails::plain()));
    let _ = host.scratch.notmuch(&["new", "--quiet"]).output().unwrap();
    assert!(
        host.scratch.notmuch_tags().contains("new") && !host.scratch.notmuch_tags().contains("postroom/"),
        "{}",
        host.scratch.notmuch_tags()
    );
    host.scratch.make(Program::Works);
    run(&mut host.scratch.notmuch(&["new", "--quiet"]));
    assert!(
        host.scratch.notmuch_tags().contains("postroom/owner/pm")
            && !host.scratch.notmuch_tags().lines().any(|tag| tag == "new")
    );
}
