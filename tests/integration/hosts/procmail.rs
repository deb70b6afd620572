//! procmail as a mail server calls it: the mail on standard input, an exit code back.

use std::collections::BTreeMap;
use std::process::Command;

use super::agent;
use super::drill::{self, Host};
use super::scratch::Scratch;

struct Procmail {
    scratch: Scratch,
}

impl Host for Procmail {
    const NAME: &'static str = "procmail";

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        let rules = self.scratch.text("procmailrc");
        agent::takes(Command::new("procmail").args(["-t", "-m", &rules]), mail)
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        agent::arrived(&self.scratch)
    }

    fn clear(&self) {
        agent::clear(&self.scratch);
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn procmail_loses_no_mail() {
    let _turn = super::turn();
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("disk/Maildir")).unwrap();
    scratch.write("procmailrc", &agent::recipe(&scratch, "procmail/procmailrc", "$HOME"), 0o644);
    drill::run(&Procmail { scratch });
}
