//! Postfix: SMTP in, a Maildir out; once with the content filter, once with the milter.
//!
//! It runs in a mount namespace of its own, where a scratch folder stands in the place of `/etc/postfix` and
//! of the queue: so the recipes and `sendmail` run as they are, and the system's own Postfix is not touched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::beside::Beside;
use super::drill::{self, Host, INBOX, PM};
use super::scratch::{Program, Scratch, free_port, run, wait_until};

/// How mail is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Pipe,
    Milter,
}

/// A running Postfix.
pub(super) struct Postfix {
    pub(super) scratch: Scratch,
    server: Child,
    milter: Beside,
    port: u16,
}

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Maildir that mail is delivered to.
const HOME: &str = "disk/home/inbox";

impl Postfix {
    pub(super) fn start(way: Way) -> Self {
        let scratch = Scratch::new();
        let port = free_port();
        for name in ["etc", "queue", "data", "disk/home"] {
            fs::create_dir_all(scratch.path(name)).unwrap();
        }
        run(Command::new("chown").args(["postfix"]).arg(scratch.path("data")));
        run(Command::new("chown").args(["-R", "nobody"]).arg(scratch.path("disk/home")));
        scratch.write("etc/main.cf", &main_cf(&scratch, way), 0o644);
        scratch.write("etc/master.cf", &master_cf(&scratch, way, port), 0o644);
        scratch.write("etc/virtual", "/./ inbox/\n", 0o644);
        for name in ["dynamicmaps.cf", "postfix-files"] {
            fs::copy(format!("/etc/postfix/{name}"), scratch.path("etc").join(name)).unwrap();
        }
        if way == Way::Pipe {
            let program = scratch.text("bin/postroom");
            let replaced = [("/usr/local/bin/postroom", program.as_str()), ("-k 5 90", "-k 1 12")];
            scratch.write("bin/postroom-pipe", &super::recipe("postfix/postroom-pipe", &replaced), 0o755);
        }
        let script = format!(
            "mount --make-rprivate / && mount --bind {etc} /etc/postfix && mkdir -p /var/spool/postfix && \
             mount --bind {queue} /var/spool/postfix && mount --bind {data} /var/lib/postfix && \
             exec postfix start-fg",
            etc = scratch.text("etc"),
            queue = scratch.text("queue"),
            data = scratch.text("data"),
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let milter = Beside::new(&scratch);
        if way == Way::Milter {
            milter.make(&scratch, Program::Works);
        }
        let postfix = Self { server: command.spawn().unwrap(), milter, port, scratch };
        let listening = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(wait_until(PATIENCE, listening), "Postfix does not listen:\n{}", postfix.log());
        postfix
    }

    fn log(&self) -> String {
        fs::read_to_string(self.scratch.path("log")).unwrap_or_default()
    }

    /// A command inside the namespace.
    fn inside(&self, args: &[&str]) -> String {
        let pid = self.server.id().to_string();
        run(Command::new("nsenter").args(["--mount", "--target", &pid]).args(args))
    }

    /// What waits in the queues, a line of JSON a mail.
    fn queue(&self) -> String {
        self.inside(&["postqueue", "-j"])
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let pid = self.server.id().to_string();
        let _ = Command::new("nsenter").args(["--mount", "--target", &pid, "postfix", "stop"]).output();
        let _ = self.server.kill();
        let _ = self.server.wait();
        if thread::panicking() {
            let log = self.log().lines().rev().take(60).collect::<Vec<_>>().join("\n");
            let _ = writeln!(io::stdout(), "Postfix's log:\n{log}");
        }
    }
}

fn main_cf(scratch: &Scratch, way: Way) -> String {
    let own = format!(
        "compatibility_level = 3.6\nmaillog_file = {log}\nmaillog_file_prefixes = {folder}\n\
         myhostname = mail.agency.example\nmydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\nvirtual_mailbox_domains = agency.example\n\
         virtual_mailbox_base = {home}\nvirtual_mailbox_maps = regexp:{maps}\nvirtual_uid_maps = static:65534\n\
         virtual_gid_maps = static:65534\nvirtual_mailbox_limit = 0\nmessage_size_limit = 0\n\
         header_checks =\nalias_maps =\nalias_database =\nminimal_backoff_time = 300s\nqueue_run_delay = 300s\n\
         smtputf8_enable = no\ntransport_retry_time = 300s\nqueue_minfree = 0\nbiff = no\n",
        log = scratch.text("log"),
        folder = scratch.text(""),
        home = scratch.text("disk/home"),
        maps = scratch.text("etc/virtual"),
    );
    if way != Way::Milter {
        return own;
    }
    let socket = format!("unix:{}", scratch.text("milter.sock"));
    let replaced = [
        ("unix:postroom/milter.sock", socket.as_str()),
        ("milter_command_timeout = 30s", "milter_command_timeout = 6s"),
        ("milter_content_timeout = 60s", "milter_content_timeout = 12s"),
    ];
    own + &super::recipe("postfix/main.cf", &replaced)
}

fn master_cf(scratch: &Scratch, way: Way, port: u16) -> String {
    let inet = format!("127.0.0.1:{port}  inet");
    let first = if way == Way::Pipe {
        let program = scratch.text("bin/postroom-pipe");
        let replaced = [
            ("smtp      inet", inet.as_str()),
            ("user=filter", "user=nobody"),
            ("/usr/local/bin/postroom-pipe", program.as_str()),
        ];
        super::recipe("postfix/master.cf", &replaced)
    } else {
        format!("{inet} n - n - - smtpd\n")
    };
    first
        + "pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
           rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
           trace unix - - n - 0 bounce\nverify unix - - n - 1 verify\nflush unix n - n 1000? 0 flush\n\
           showq unix n - n - - showq\nerror unix - - n - - error\nretry unix - - n - - error\n\
           virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n\
           proxymap unix - - n - - proxymap\npostlog unix-dgram n - n - 1 postlogd\n"
}

/// Postfix with one way of judging.
struct Filtered<const MILTER: bool> {
    postfix: Postfix,
}

impl<const MILTER: bool> Host for Filtered<MILTER> {
    const NAME: &'static str = if MILTER { "Postfix, milter" } else { "Postfix, pipe(8)" };

    // Where mail goes is for whatever delivers it.
    const SORTS: bool = false;

    fn scratch(&self) -> &Scratch {
        &self.postfix.scratch
    }

    fn make(&self, program: Program) {
        self.postfix.scratch.make(program);
        if MILTER {
            self.postfix.milter.make(&self.postfix.scratch, program);
        }
    }

    fn give(&self, mail: &[u8]) -> bool {
        self.postfix.scratch.send(self.postfix.port, mail)
    }

    fn try_again(&self) {
        self.postfix.inside(&["postqueue", "-f"]);
        wait_until(PATIENCE, || !self.has_waiting());
    }

    fn has_waiting(&self) -> bool {
        self.postfix.queue().contains("\"deferred\"")
    }

    fn settle(&self) {
        let mut quiet = 0;
        let settled = wait_until(PATIENCE, || {
            let queue = self.postfix.queue();
            let busy =
                ["incoming", "active", "maildrop"].iter().any(|name| queue.contains(&format!("\"{name}\"")));
            quiet = if busy { 0 } else { quiet + 1 };
            // What is handed back is in no queue for a moment.
            quiet > 10
        });
        assert!(settled, "the queue is still busy:\n{}", self.postfix.queue());
    }

    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
        [(PM, Vec::new()), (INBOX, self.postfix.scratch.maildir(HOME))].into()
    }

    fn clear(&self) {
        self.postfix.scratch.clear_maildir(HOME);
    }
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn postfix_with_pipe_loses_no_mail() {
    let _turn = super::turn();
    drill::run(&Filtered::<false> { postfix: Postfix::start(Way::Pipe) });
}

#[test]
#[ignore = "needs mail servers: see .ci/run"]
fn postfix_with_milter_loses_no_mail() {
    let _turn = super::turn();
    let host = Filtered::<true> { postfix: Postfix::start(Way::Milter) };
    drill::run(&host);
    host.postfix.milter.check_routing(&host);
}
