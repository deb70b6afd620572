//! Sendmail with the milter: SMTP in, a Maildir out.
//!
//! It runs in namespaces of its own, where a scratch folder stands in the place of `/etc` and another at `/mnt`:
//! Sendmail trusts no socket below a folder that all may write to. Debian's Sendmail cannot be installed beside
//! Postfix, so `.ci/run` unpacks it into the folder that tests may write to.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::beside::Beside;
use super::drill::{self, Host, INBOX, PM};
use super::scratch::{Program, Scratch, free_port, run, wait_until};

struct Sendmail {
    scratch: Scratch,
    server: Child,
    milter: Beside,
    port: u16,
}

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Maildir that mail is delivered to.
const HOME: &str = "disk/home/studio";

/// The name that it finds for the machine it runs on.
const NAME: &str = "mail.agency.example";

/// What delivers: it writes a mail to the Maildir in one step, or has it tried again.
fn deliver() -> String {
    format!(
        "#!/bin/sh\nhome=/mnt/{HOME}\nmail=$(mktemp \"$home/tmp/XXXXXXXXXX\") || exit 75\n\
         {{ echo \"Delivered-To: $1@agency.example\" && cat; }} >\"$mail\" && \
         mv \"$mail\" \"$home/new/\" && exit\nrm -f \"$mail\"\nexit 75\n"
    )
}

fn program() -> PathBuf {
    super::part("sendmail", "usr/libexec/sendmail/sendmail")
}

impl Sendmail {
    fn start() -> Self {
        let scratch = Scratch::new();
        let port = free_port();
        for name in ["etc", "queue", "disk/home"] {
            fs::create_dir_all(scratch.path(name)).unwrap();
        }
        scratch.make_maildir(HOME);
        run(Command::new("chmod").arg("700").arg(scratch.path("queue")));
        for name in ["passwd", "group", "ld.so.cache"] {
            fs::copy(Path::new("/etc").join(name), scratch.path("etc").join(name)).unwrap();
        }
        scratch.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n", 0o644);
        scratch.write("etc/hosts", &format!("127.0.0.1 {NAME} localhost\n"), 0o644);
        scratch.write("deliver", &deliver(), 0o755);
        scratch.write("sendmail.mc", &configuration(port), 0o644);
        let macros = super::part("sendmail", "usr/share/sendmail/cf");
        let mut m4 = Command::new("m4");
        m4.arg(format!("-D_CF_DIR_={}/", macros.display())).arg(macros.join("m4/cf.m4"));
        let made = run(m4.arg(scratch.path("sendmail.mc")));
        scratch.write("sendmail.cf", &made, 0o644);
        let script = format!(
            "mount --make-rprivate / && mount --rbind {folder} /mnt && mount --bind {etc} /etc && \
             hostname {NAME} && exec {sendmail} -C /mnt/sendmail.cf -bD -X /mnt/log",
            folder = scratch.text(""),
            etc = scratch.text("etc"),
            sendmail = program().display(),
        );
        let milter = Beside::new(&scratch);
        milter.make(&scratch, Program::Works);
        let mut command = Command::new("unshare");
        command.args(["--mount", "--uts", "sh", "-c", &script]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let sendmail = Self { server: command.spawn().unwrap(), milter, port, scratch };
        let listening = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let listens = wait_until(PATIENCE, listening);
        assert!(listens, "Sendmail does not listen; is {} there?", program().display());
        sendmail
    }
}

impl Drop for Sendmail {
    fn drop(&mut self) {
        // What it is in the middle of ends by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
        if thread::panicking() {
            // All that was said to it and by it, mails with every kind of byte in them.
            let log = fs::read(self.scratch.path("log")).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let log = log.lines().rev().take(60).collect::<Vec<_>>().join("\n");
            let _ = writeln!(io::stdout(), "Sendmail's log, the last first:\n{log}");
        }
    }
}

/// What the recipe stands in. A mail is delivered before its sender is told that it was taken, or else waits.
fn configuration(port: u16) -> String {
    let replaced = [
        ("unix:/run/postroom/milter.sock", "unix:/mnt/milter.sock"),
        ("S:30s;R:30s;E:60s", "S:6s;R:6s;E:12s"),
    ];
    format!(
        "OSTYPE(linux)dnl\n\
         define(`MAIL_SETTINGS_DIR', `/mnt/')dnl\n\
         define(`QUEUE_DIR', `/mnt/queue')dnl\n\
         define(`STATUS_FILE', `/mnt/status')dnl\n\
         define(`confPID_FILE', `/mnt/pid')dnl\n\
         define(`confDOMAIN_NAME', `{NAME}')dnl\n\
         define(`confDELIVERY_MODE', `interactive')dnl\n\
         define(`confMIN_FREE_BLOCKS', `0')dnl\n\
         define(`confQUEUE_LA', `1000')dnl\n\
         define(`confREFUSE_LA', `1000')dnl\n\
         define(`_DEF_LOCAL_MAILER_FLAGS', `lsDFM5Ph9')dnl\n\
         define(`LOCAL_MAILER_FLAGS', `nS')dnl\n\
         define(`LOCAL_MAILER_PATH', `/mnt/deliver')dnl\n\
         define(`LOCAL_MAILER_ARGS', `deliver $u')dnl\n\
         FEATURE(`no_default_msa')dnl\n\
         FEATURE(`nocanonify')dnl\n\
         FEATURE(`accept_unresolvable_domains')dnl\n\
         DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Name=MTA')dnl\n\
         LOCAL_DOMAIN(`agency.example')dnl\n\
         {recipe}\
         MAILER(`local')dnl\n\
         MAILER(`smtp')dnl\n",
        recipe = super::recipe("sendmail/postroom.mc", &replaced),
    )
}

impl Host for Sendmail {
    const NAME: &'static str = "Sendmail, milter";

    // Where mail goes is for whatever delivers it.
    const SORTS: bool = false;

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn make(&self, program: Program) {
        self.scratch.make(program);
        self.milter.make(&self.scratch, program);
    }

    fn give(&self, mail: &[u8]) -> bool {
        self.scratch.send(self.port, mail)
    }

    fn try_again(&self) {
        let pid = self.server.id().to_string();
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--uts", "--target", &pid]).arg(program());
        // As it comes to an end, so has every delivery.
        run(command.args(["-C", "/mnt/sendmail.cf", "-qf"]));
    }

    fn has_waiting(&self) -> bool {
        let mut entries = fs::read_dir(self.scratch.path("queue")).unwrap();
        entries.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("qf"))
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        [(PM, Vec::new()), (INBOX, self.scratch.maildir(HOME))].into()
    }

    fn clear(&self) {
        self.scratch.clear_maildir(HOME);
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn sendmail_with_milter_loses_no_mail() {
    let _turn = super::turn();
    let sendmail = Sendmail::start();
    drill::run(&sendmail);
    sendmail.milter.check_routing(&sendmail);
}
