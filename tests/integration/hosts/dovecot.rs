//! Dovecot with Pigeonhole: LMTP in, a Sieve script between, IMAP out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::drill::{self, Host, INBOX, PM};
use super::scratch::{Scratch, free_port, run, wait_until};

/// A running Dovecot.
pub(super) struct Dovecot {
    pub(super) scratch: Scratch,
    server: Child,
    lmtp: u16,
    imap: u16,
}

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

impl Dovecot {
    /// Starts it with a script of `packaging/dovecot`.
    fn start(script: &str) -> Self {
        Self::start_with(script, |_| String::new())
    }

    /// The same with more of a configuration, for which the scripts are in place.
    pub(super) fn start_with(script: &str, more: impl FnOnce(&Scratch) -> String) -> Self {
        let scratch = Scratch::new();
        let (lmtp, imap) = (free_port(), free_port());
        for name in ["sieve", "disk/home", "run"] {
            fs::create_dir_all(scratch.path(name)).unwrap();
        }
        run(Command::new("chown")
            .arg("-R")
            .arg("nobody")
            .args([scratch.path("disk/home"), scratch.path("sieve")]));
        scratch.write("sieve/postroom.sieve", &super::recipe(&format!("dovecot/{script}"), &[]), 0o644);
        let program = scratch.text("bin/postroom");
        let wrapper = super::recipe("dovecot/postroom", &[("/usr/local/bin/postroom", &program)]);
        scratch.write("sieve-bin/postroom", &wrapper, 0o755);
        let recipe = configuration(&scratch, "90-postroom.conf") + &more(&scratch);
        scratch.write("dovecot.conf", &(around(&scratch, lmtp, imap) + &recipe), 0o644);
        let mut command = Command::new("dovecot");
        command.arg("-F").arg("-c").arg(scratch.path("dovecot.conf")).stdin(Stdio::null());
        let server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("dovecot");
        let dovecot = Self { scratch, server, lmtp, imap };
        let listening = || [lmtp, imap].iter().all(|&port| TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert!(wait_until(PATIENCE, listening), "Dovecot does not listen");
        dovecot
    }

    fn connect(&self, port: u16) -> Talk {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut talk = Talk { lines: BufReader::new(stream) };
        talk.line();
        talk
    }

    /// An IMAP session of the mailbox's user.
    pub(super) fn login(&self) -> Talk {
        let mut talk = self.connect(self.imap);
        assert!(talk.ask("LOGIN studio secret").0);
        talk
    }

    /// A mailbox by IMAP: its mails, which are then removed where that is asked for.
    pub(super) fn mailbox(&self, name: &str, remove: bool) -> Vec<Vec<u8>> {
        let mut talk = self.login();
        let mut mails = Vec::new();
        if talk.ask(&format!("SELECT {name}")).0 {
            mails = talk.ask("UID FETCH 1:* (BODY.PEEK[])").1;
            if remove && !mails.is_empty() {
                assert!(talk.ask("STORE 1:* +FLAGS.SILENT (\\Deleted)").0 && talk.ask("EXPUNGE").0);
            }
        }
        mails
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // It ends its children on TERM; KILL would leave them.
        let _ = Command::new("kill").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
        if thread::panicking() {
            let log = fs::read_to_string(self.scratch.path("log")).unwrap_or_default();
            let _ = writeln!(io::stdout(), "Dovecot's log:\n{log}");
        }
    }
}

/// A configuration of `packaging/dovecot` that finds its scripts in the folder.
pub(super) fn configuration(scratch: &Scratch, name: &str) -> String {
    let (bin, sieve) = (scratch.text("sieve-bin"), scratch.text("sieve"));
    let replaced = [("/usr/local/lib/dovecot-sieve", bin.as_str()), ("/etc/dovecot/sieve", sieve.as_str())];
    super::recipe(&format!("dovecot/{name}"), &replaced)
}

/// What the recipe stands in.
fn around(scratch: &Scratch, lmtp: u16, imap: u16) -> String {
    let run = scratch.text("run");
    format!(
        "protocols = imap lmtp\nlisten = 127.0.0.1\nbase_dir = {run}\nstate_dir = {run}\nlog_path = {log}\n\
         ssl = no\ndisable_plaintext_auth = no\nmail_location = maildir:{home}/Maildir\n\
         first_valid_uid = 1\nmail_temp_dir = {sieve}\nlmtp_rcpt_check_quota = no\n\
         passdb {{\n driver = static\n args = nopassword=y\n}}\n\
         userdb {{\n driver = static\n args = uid=nobody gid=nogroup home={home}\n}}\n\
         service imap-login {{\n inet_listener imap {{\n  port = {imap}\n }}\n inet_listener imaps {{\n  port = 0\n }}\n}}\n\
         service lmtp {{\n inet_listener lmtp {{\n  port = {lmtp}\n }}\n}}\n",
        log = scratch.text("log"),
        home = scratch.text("disk/home"),
        sieve = scratch.text("sieve"),
    )
}

/// A connection of lines.
pub(super) struct Talk {
    lines: BufReader<TcpStream>,
}

impl Talk {
    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.lines.read_until(b'\n', &mut line).unwrap();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    fn send(&mut self, bytes: &[u8]) {
        self.lines.get_mut().write_all(bytes).unwrap();
    }

    /// An IMAP command: whether it went well, and the literals that it gave.
    pub(super) fn ask(&mut self, command: &str) -> (bool, Vec<Vec<u8>>) {
        self.send(format!("a {command}\r\n").as_bytes());
        let mut literals = Vec::new();
        loop {
            let line = self.line();
            if let Some(result) = line.strip_prefix("a ") {
                return (result.starts_with("OK"), literals);
            }
            assert!(!line.is_empty(), "the connection broke off at {command}");
            let length =
                line.strip_suffix('}').and_then(|line| line.rsplit_once('{')).map(|(_, length)| length);
            if let Some(length) = length {
                let mut literal = vec![0; length.parse().unwrap()];
                self.lines.read_exact(&mut literal).unwrap();
                literals.push(literal);
            }
        }
    }

    /// An LMTP command: the last line of the reply.
    fn tell(&mut self, bytes: &[u8]) -> String {
        self.send(bytes);
        loop {
            let line = self.line();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }
}

impl Host for Dovecot {
    const NAME: &'static str = "Dovecot, Sieve";

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        let mut talk = self.connect(self.lmtp);
        assert!(talk.tell(b"LHLO mail.agency.example\r\n").starts_with("250"));
        assert!(talk.tell(b"MAIL FROM:<anna@larkmoor.example>\r\n").starts_with("250"));
        let accepted = talk.tell(b"RCPT TO:<studio@agency.example>\r\n");
        if accepted.starts_with('4') {
            return false;
        }
        assert!(accepted.starts_with("250"), "{accepted}");
        assert!(talk.tell(b"DATA\r\n").starts_with("354"));
        // LMTP has CRLF, and a dot before a dot.
        let mut sent = Vec::with_capacity(mail.len() + mail.len() / 16);
        for line in mail.split_inclusive(|&byte| byte == b'\n') {
            if line.starts_with(b".") {
                sent.push(b'.');
            }
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            sent.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
            sent.extend_from_slice(b"\r\n");
        }
        sent.extend_from_slice(b".\r\n");
        let reply = talk.tell(&sent);
        assert!(reply.starts_with("250") || reply.starts_with('4'), "a mail server would bounce: {reply}");
        reply.starts_with("250")
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        [(PM, self.mailbox("pm", false)), (INBOX, self.mailbox("INBOX", false))].into()
    }

    fn clear(&self) {
        self.mailbox("pm", true);
        self.mailbox("INBOX", true);
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn dovecot_loses_no_mail() {
    let _turn = super::turn();
    drill::run(&Dovecot::start("postroom.sieve"));
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn dovecot_asks_and_leaves_the_mail_alone() {
    let _turn = super::turn();
    let dovecot = Dovecot::start("postroom-execute.sieve");
    assert!(dovecot.give(&super::mails::plain()));
    let mails = dovecot.arrived();
    assert_eq!((mails[PM].len(), mails[INBOX].len()), (1, 0));
    assert_eq!(super::mails::bare(&mails[PM][0]), super::mails::bare(&super::mails::plain()));
    dovecot.clear();
    dovecot.make(super::scratch::Program::Removed);
    assert!(dovecot.give(&super::mails::plain()));
    let mails = dovecot.arrived();
    assert_eq!((mails[PM].len(), mails[INBOX].len()), (0, 1));
}
