//! afew over notmuch: mail that lies in a Maildir is tagged by the hook and moved by its tags.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use super::drill::{self, Host, INBOX, PM};
use super::scratch::{Scratch, run};

struct Afew {
    scratch: Scratch,
    number: Cell<u32>,
}

/// Where mail comes in, and where the project manager's goes.
const MAILDIRS: [(&str, &str); 2] = [(INBOX, "disk/mail/INBOX"), (PM, "disk/mail/pm")];

impl Afew {
    fn start() -> Self {
        let scratch = Scratch::new();
        MAILDIRS.iter().for_each(|(_, name)| scratch.make_maildir(name));
        let config = format!(
            "[database]\npath={}\n[user]\nname=Studio\nprimary_email=studio@agency.example\n[new]\ntags=new\n",
            scratch.text("disk/mail")
        );
        scratch.write("notmuch-config", &config, 0o644);
        let program = scratch.text("bin/postroom");
        let replaced = [("/usr/local/bin/postroom", program.as_str()), ("-k 5 600", "-k 1 12")];
        let hooks = "disk/mail/.notmuch/hooks";
        let tag = super::recipe("notmuch/post-new", &replaced);
        scratch.write(&format!("{hooks}/postroom-tag"), &tag, 0o755);
        scratch.write(&format!("{hooks}/post-new"), &super::recipe("afew/post-new", &[]), 0o755);
        scratch.write("home/.config/afew/config", &super::recipe("afew/config", &[]), 0o644);
        let afew = Self { scratch, number: Cell::new(0) };
        run(&mut afew.scratch.notmuch(&["new", "--quiet"]));
        afew
    }
}

impl Host for Afew {
    const NAME: &'static str = "afew";

    // notmuch takes it for an mbox as a line of its text begins with `From `, and leaves mboxes alone.
    const UNSORTED: &'static [&'static str] = &["From line"];

    // It looks at mail and moves it.
    const STAMPS: bool = false;

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        self.number.set(self.number.get() + 1);
        let name = format!("disk/mail/INBOX/new/1774944120.{}.host", self.number.get());
        fs::write(self.scratch.path(&name), mail).unwrap();
        true
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        // While the program is broken the hook fails, and leaves the mail for its next run.
        let worked = self.scratch.notmuch(&["new", "--quiet"]).output().unwrap().status.success();
        let tags = self.scratch.notmuch_tags();
        let is_new = tags.lines().any(|tag| tag == "new");
        assert!(!worked || !is_new, "the hook worked and left the mail: {tags}");
        MAILDIRS.iter().map(|&(place, name)| (place, self.scratch.maildir(name))).collect()
    }

    fn clear(&self) {
        MAILDIRS.iter().for_each(|(_, name)| self.scratch.clear_maildir(name));
        run(&mut self.scratch.notmuch(&["new", "--quiet", "--no-hooks"]));
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn afew_loses_no_mail() {
    let _turn = super::turn();
    let afew = Afew::start();
    drill::run(&afew);
    // Whom postroom does not give to the project manager stays in the inbox, tagged.
    let other = b"From: Anna Wills <anna@larkmoor.example>\nTo: studio@agency.example\nSubject: Lunch\n\
        Message-ID: <t2@larkmoor.example>\n\nSee you on Tuesday.\n";
    assert!(afew.give(other));
    let mails = afew.arrived();
    assert_eq!((mails[INBOX].len(), mails[PM].len()), (1, 0));
    assert!(
        afew.scratch.notmuch_tags().lines().any(|tag| tag == "inbox")
            && afew.scratch.notmuch_tags().contains("postroom/"),
        "{}",
        afew.scratch.notmuch_tags()
    );
}
