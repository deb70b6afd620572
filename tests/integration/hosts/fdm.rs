//! fdm fetches mail from a Maildir: what it has not delivered stays there.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::drill::{self, Host, INBOX, PM};
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
        [(PM, self.scratch.maildir("disk/Maildir/.pm")), (INBOX, self.scratch.maildir("disk/Maildir"))].into()
    }

    fn clear(&self) {
        self.scratch.clear_maildir("disk/Maildir/.pm");
        self.scratch.clear_maildir("disk/Maildir");
    }
}

#[test]
fn fdm_loses_no_mail() {
    let Some(_turn) = super::turn() else { return };
    let scratch = Scratch::new();
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(scratch.path("home/incoming").join(part)).unwrap();
    }
    let replaced = [
        ("/usr/local/bin/postroom", scratch.text("bin/postroom")),
        ("%h/Maildir", scratch.text("disk/Maildir")),
        ("%h/incoming", scratch.text("home/incoming")),
        ("-k 5 90", "-k 1 12".to_owned()),
    ];
    let replaced: Vec<(&str, &str)> = replaced.iter().map(|(from, to)| (*from, to.as_str())).collect();
    // It looks for the user's folder in the system's list, where this one has none.
    let lock = format!("set lock-file \"{}\"\n", scratch.text("home/lock"));
    scratch.write("fdm.conf", &(lock + &super::recipe("fdm/fdm.conf", &replaced)), 0o600);
    let chown = |path: &str| drop(run(Command::new("chown").args(["-R", USER]).arg(scratch.path(path))));
    ["fdm.conf", "home", "disk"].into_iter().for_each(chown);
    drill::run(&Fdm { scratch, number: Cell::new(0) });
}
