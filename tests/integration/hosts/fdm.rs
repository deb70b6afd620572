//! fdm fetches mail from a Maildir: what it has not delivered stays there.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::agent;
use super::drill::{self, Host};
use super::scratch::{Scratch, run};
use crate::common;

/// Who fetches the mail.
const USER: &str = "nobody";

struct Fdm {
    scratch: Scratch,
    number: Cell<u32>,
}

impl Host for Fdm {
    const NAME: &'static str = "fdm";

    // It takes mail apart as C strings: what follows a NUL on its line is lost, with us or without.
    const KEEPS_NUL: bool = false;

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        self.number.set(self.number.get() + 1);
        let name = format!("home/incoming/new/1774944120.{}.host", self.number.get());
        fs::write(self.scratch.path(&name), mail).unwrap();
        run(Command::new("chown").arg(USER).arg(self.scratch.path(&name)));
        self.try_again();
        true
    }

    fn try_again(&self) {
        // As a user: as root it gives up the rights that it needs to take a mail away.
        let mut command = Command::new("runuser");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/bin").args(["-u", USER, "--"]);
        command.args(["env", &format!("HOME={}", self.scratch.text("home")), "fdm", "-q", "-f"]);
        command.arg(self.scratch.path("fdm.conf")).arg("fetch");
        common::run(&mut command, b"");
    }

    fn has_waiting(&self) -> bool {
        !self.scratch.maildir("home/incoming").is_empty()
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
fn fdm_loses_no_mail() {
    let _turn = super::turn();
    let scratch = Scratch::new();
    scratch.make_maildir("home/incoming");
    let recipe = agent::recipe(&scratch, "fdm/fdm.conf", "%h");
    // It looks for the user's folder in the system's list, where this one has none.
    let lock = format!("set lock-file \"{}\"\n", scratch.text("home/lock"));
    let recipe = lock + &recipe.replace("%h/incoming", &scratch.text("home/incoming"));
    scratch.write("fdm.conf", &recipe, 0o600);
    let chown = |path: &str| drop(run(Command::new("chown").args(["-R", USER]).arg(scratch.path(path))));
    ["fdm.conf", "home", "disk"].into_iter().for_each(chown);
    drill::run(&Fdm { scratch, number: Cell::new(0) });
}
