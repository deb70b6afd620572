//! A folder for one host: the program under a wrapper that can break, a mailbox, and a small disk.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::LOUD;

/// What is wrong with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// Nothing.
    Works,
    /// It copies its input: what the host itself does to a mail.
    Copies,
    /// It is not there.
    Removed,
    /// Its rules cannot be used.
    BrokenRules,
    /// It is killed in the middle of writing.
    Killed,
    /// It stops and never goes on.
    Hung,
}

/// The folder.
pub(super) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(super) fn new() -> Self {
        let scratch = Self { folder: tempfile::tempdir().unwrap() };
        // Users that servers change to have to get in.
        open_to_all(scratch.folder.path());
        for name in ["bin", "rules", "broken", "disk", "home"] {
            fs::create_dir(scratch.path(name)).unwrap();
            open_to_all(&scratch.path(name));
        }
        scratch.write("rules/loud.toml", LOUD, 0o644);
        scratch.write("broken/loud.toml", "nonsense = [", 0o644);
        fs::copy(env!("CARGO_BIN_EXE_postroom"), scratch.path("bin/real")).unwrap();
        scratch.make(Program::Works);
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=96m,mode=755", "postroom-test"])
            .arg(scratch.path("disk")));
        scratch
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path as text, for recipes.
    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(super) fn write(&self, name: &str, text: &str, mode: u32) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Makes `bin/postroom` so.
    pub(super) fn make(&self, program: Program) {
        let rules = self.text(if program == Program::BrokenRules { "broken" } else { "rules" });
        let real = self.text("bin/real");
        // `filter` can do it in the middle of its work; the others are stopped by a signal.
        let rehearsed = |fault: &str, signal: &str| {
            let other = format!("kill -{signal} $$");
            format!("case $1 in filter) exec {real} \"$@\" --rehearse {fault};; *) {other};; esac")
        };
        let call = match program {
            Program::Removed => {
                fs::remove_file(self.path("bin/postroom")).unwrap();
                return;
            }
            Program::Copies => "exec cat".to_owned(),
            Program::Works | Program::BrokenRules => format!("exec {real} \"$@\""),
            Program::Killed => rehearsed("killed", "KILL"),
            Program::Hung => rehearsed("hung", "STOP"),
        };
        let script = format!("#!/bin/sh\nexport POSTROOM_RULES={rules} HOME=/nonexistent\n{call}\n");
        // In one step: a host may be about to call it.
        self.write("bin/new", &script, 0o755);
        fs::rename(self.path("bin/new"), self.path("bin/postroom")).unwrap();
    }

    /// Leaves a few kilobytes on the small disk, or all of it.
    pub(super) fn fill_disk(&self, full: bool) {
        let filler = self.path("disk/filler");
        if full {
            let mut source = fs::File::open("/dev/zero").unwrap();
            // Ends with an error: that it is full is the point.
            let _ = std::io::copy(&mut source, &mut fs::File::create(filler).unwrap());
        } else {
            fs::remove_file(filler).unwrap();
        }
    }

    /// Makes an empty Maildir.
    pub(super) fn make_maildir(&self, name: &str) {
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(self.path(name).join(part)).unwrap();
        }
    }

    /// Every mail in a Maildir.
    pub(super) fn maildir(&self, name: &str) -> Vec<Vec<u8>> {
        let mut mails = Vec::new();
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(self.path(name).join(part)) else { continue };
            mails.extend(entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()));
        }
        mails
    }

    /// Removes every mail from a Maildir.
    pub(super) fn clear_maildir(&self, name: &str) {
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(self.path(name).join(part)) else { continue };
            entries.for_each(|entry| fs::remove_file(entry.unwrap().path()).unwrap());
        }
    }

    /// Sends a mail by SMTP; whether it was accepted.
    pub(super) fn send(&self, port: u16, mail: &[u8]) -> bool {
        let file = self.path("sent");
        fs::write(&file, mail).unwrap();
        let mut command = Command::new("swaks");
        command.args(["--server", "127.0.0.1", "--port", &port.to_string(), "--helo", "larkmoor.example"]);
        command.args(["--from", "anna@larkmoor.example", "--to", "studio@agency.example"]);
        command.args(["--timeout", "120", "--suppress-data", "--data"]).arg(format!("@{}", file.display()));
        command.output().expect("swaks").status.success()
    }

    /// notmuch with the configuration and the home of this folder.
    pub(crate) fn notmuch(&self, args: &[&str]) -> Command {
        let mut command = Command::new("notmuch");
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.path("home"));
        command.env("NOTMUCH_CONFIG", self.path("notmuch-config")).args(args);
        command
    }

    /// The tags of all mail, one a line.
    pub(crate) fn notmuch_tags(&self) -> String {
        run(&mut self.notmuch(&["search", "--output=tags", "*"]))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A stopped program that nobody ended would keep the folder.
        let _ = Command::new("umount").arg("-l").arg(self.path("disk")).status();
    }
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A port that nobody uses.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs something that has to work.
pub(super) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|cause| panic!("{command:?}: {cause}; is it installed?"));
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{told}", output.status);
    told
}

/// Waits until something holds; whether it came to hold.
pub(super) fn wait_until(longest: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > longest {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}
