//! Runs the program in a clean environment.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, with nothing of the environment of whoever runs the tests.
pub(crate) fn postroom(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postroom"));
    command.env_clear().env("HOME", "/nonexistent").args(args);
    command
}

/// Runs a command with some bytes on standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Ran {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || {
        // A program that stops early does not read all of it.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        bytes: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the program with arguments and an empty standard input.
pub(crate) fn ran(args: &[&str]) -> Ran {
    run(&mut postroom(args), b"")
}

/// The program in a shell that redirects its streams as no program can.
pub(crate) fn redirected(arguments: &str, how: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    let script = format!("exec {} {arguments} {how}", env!("CARGO_BIN_EXE_postroom"));
    shell.env_clear().env("HOME", "/nonexistent").args(["-c", &script]);
    shell
}

/// A file or folder among the fixtures.
pub(crate) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

/// Every single mail among the fixtures.
pub(crate) fn mails() -> Vec<PathBuf> {
    let mut mails = Vec::new();
    for kind in std::fs::read_dir(fixture("mail")).unwrap() {
        let kind = kind.unwrap().path();
        if kind.is_dir() {
            let files = std::fs::read_dir(kind).unwrap().map(|entry| entry.unwrap().path());
            mails.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "eml")));
        }
    }
    mails.sort();
    assert!(!mails.is_empty());
    mails
}

/// A folder of files, gone when dropped.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Rules whose made-up words decide whatever the built-in rules say.
pub(crate) const LOUD: &str = "
[[rule]]
id = 'says-timber'
any = '\\btimber\\b'
points = { delivery-question = 20 }
topics = { timeline = 20 }
[[rule.test]]
match = 'Timber!'

[[rule]]
id = 'says-quartz'
any = '\\bquartz\\b'
points = { new-project = 20 }
topics = { budget = 20 }
[[rule.test]]
match = 'Quartz!'
[[rule.test]]
no-match = 'Sandstone!'
";

/// A mail that [`LOUD`] knows as a delivery question.
pub(crate) const TIMBER: &str = "From: Anna Wills <anna@larkmoor.example>\n\
    To: studio@agency.example\n\
    Subject: Homepage\n\
    Date: Tue, 31 Mar 2026 10:02:00 +0100\n\
    Message-ID: <t1@larkmoor.example>\n\
    \n\
    Timber marmalade.\n";
