//! maildrop as a mail server calls it: the mail on standard input, an exit code back.

use std::collections::BTreeMap;
use std::process::Command;

use super::agent;
use super::drill::{self, Host};
use super::scratch::Scratch;

struct Maildrop {
    scratch: Scratch,
}

impl Host for Maildrop {
    const NAME: &'static str = "maildrop";

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        let mut command = Command::new("maildrop");
        command.args(["-f", "anna@larkmoor.example"]).arg(self.scratch.path("mailfilter"));
        agent::takes(&mut command, mail)
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
fn maildrop_loses_no_mail() {
    let _turn = super::turn();
    let scratch = Scratch::new();
    // Without them it would write an mbox of that name.
    agent::make_maildirs(&scratch);
    scratch.write("mailfilter", &agent::recipe(&scratch, "maildrop/mailfilter", "$HOME"), 0o600);
    drill::run(&Maildrop { scratch });
}
