//! The milter as it runs beside a mail server.

use std::cell::RefCell;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::drill::Host;
use super::mails::{self, values};
use super::scratch::{Program, Scratch, run, wait_until};

/// Longest until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A milter on a socket in the scratch folder; none until it is made.
pub(super) struct Beside {
    socket: PathBuf,
    running: RefCell<Option<Child>>,
}

impl Beside {
    pub(super) fn new(scratch: &Scratch) -> Self {
        Self { socket: scratch.path("milter.sock"), running: RefCell::new(None) }
    }

    /// Runs the milter as the wrapper now is, and breaks it in the way that is asked for.
    pub(super) fn make(&self, scratch: &Scratch, program: Program) {
        if matches!(program, Program::Removed | Program::Copies) {
            return self.end();
        }
        if matches!(program, Program::Killed | Program::Hung) {
            // It begins well.
            scratch.make(Program::Works);
        }
        let pid = self.run(scratch, &[]);
        if matches!(program, Program::Killed | Program::Hung) {
            run(Command::new("kill").args(["-STOP", &pid.to_string()]));
        }
        if program == Program::Killed {
            // In the middle of the next mail.
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(3));
                run(Command::new("kill").args(["-KILL", &pid.to_string()]));
            });
        }
    }

    /// Runs the milter, in the place of one that may be running; its process.
    fn run(&self, scratch: &Scratch, more: &[&str]) -> u32 {
        self.end();
        let listen = format!("unix:{}", self.socket.display());
        let mut command = Command::new(scratch.path("bin/postroom"));
        command.args(["milter", "--socket-mode", "666", "--listen", &listen]).args(more).env_clear();
        command.env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let milter = command.spawn().unwrap();
        let pid = milter.id();
        self.running.replace(Some(milter));
        let listening = || UnixStream::connect(&self.socket).is_ok();
        assert!(wait_until(PATIENCE, listening), "the milter does not listen");
        pid
    }

    /// A shared mailbox is replaced by who owns the reply and who is informed: each gets the mail once.
    pub(super) fn check_routing<H: Host>(&self, host: &H) {
        self.run(host.scratch(), &["--replace-by-owner", "studio@agency.example"]);
        assert!(host.give(&mails::plain()), "{}: not taken", H::NAME);
        host.settle();
        let arrived = host.arrived();
        let mut to: Vec<String> =
            arrived.values().flatten().flat_map(|mail| values(mail, "Delivered-To")).collect();
        to.sort_unstable();
        assert_eq!(to, ["account-manager@agency.example", "project-manager@agency.example"], "{}", H::NAME);
        host.clear();
    }

    fn end(&self) {
        if let Some(mut milter) = self.running.take() {
            // It may have been killed already.
            let _ = milter.kill();
            let _ = milter.wait();
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.end();
    }
}
