//! Exim: SMTP in, the transport filter, a Maildir out.
//!
//! It runs in a mount namespace of its own, where a scratch folder stands in the place of `/etc`: so it finds
//! its user and its configuration, and the system's own mail server is not touched. Debian's Exim cannot be
//! installed beside Postfix, so `.ci/run` unpacks it into the folder that tests may write to.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::drill::{self, Host, INBOX, PM};
use super::scratch::{Scratch, free_port, run, wait_until};

struct Exim {
    scratch: Scratch,
    server: Child,
    port: u16,
}

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Maildir that mail is delivered to.
const HOME: &str = "disk/home/studio";

/// The user that Debian's Exim wants to be.
const USER: &str = "Debian-exim";
const UID: &str = "65533";

fn program() -> PathBuf {
    super::part("exim", "usr/sbin/exim4")
}

impl Exim {
    fn start() -> Self {
        let scratch = Scratch::new();
        let port = free_port();
        for name in ["etc", "spool", "disk/home"] {
            fs::create_dir_all(scratch.path(name)).unwrap();
        }
        for name in ["nsswitch.conf", "hosts", "ld.so.cache"] {
            fs::copy(Path::new("/etc").join(name), scratch.path("etc").join(name)).unwrap();
        }
        let with = |name: &str, line: &str| fs::read_to_string(name).unwrap() + line;
        let user = format!("{USER}:x:{UID}:{UID}::/nonexistent:/usr/sbin/nologin\n");
        scratch.write("etc/passwd", &with("/etc/passwd", &user), 0o644);
        scratch.write("etc/group", &with("/etc/group", &format!("{USER}:x:{UID}:\n")), 0o644);
        scratch.write("etc/exim4/exim4.conf", &configuration(&scratch, port), 0o644);
        for name in ["spool", "disk/home"] {
            run(Command::new("chown").args(["-R", UID]).arg(scratch.path(name)));
        }
        scratch.write("log-main", "", 0o666);
        let script = format!(
            "mount --make-rprivate / && mount --bind {etc} /etc && exec {exim} -bdf",
            etc = scratch.text("etc"),
            exim = program().display(),
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let exim = Self { server: command.spawn().unwrap(), port, scratch };
        let listening = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(wait_until(PATIENCE, listening), "Exim does not listen; is {} there?", program().display());
        exim
    }

    fn log(&self) -> String {
        fs::read_to_string(self.scratch.path("log-main")).unwrap_or_default()
    }

    /// The last that was logged of each mail that came in: `Completed`, `==` for put off, `**` for bounced.
    fn last_marks(&self) -> Vec<String> {
        let mut marks = BTreeMap::new();
        for line in self.log().lines() {
            let mut words = line.split(' ').skip(2).map(str::to_owned);
            let (Some(id), Some(mark)) = (words.next(), words.next()) else { continue };
            // Other lines have no id there.
            if mark == "<=" || marks.contains_key(&id) {
                marks.insert(id, mark);
            }
        }
        marks.into_values().collect()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        // What it is in the middle of ends by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
        if thread::panicking() {
            let _ = writeln!(io::stdout(), "Exim's log:\n{}", self.log());
        }
    }
}

/// What the recipe stands in. All of it runs as one user: the program that was unpacked is nobody's to become
/// root with.
fn configuration(scratch: &Scratch, port: u16) -> String {
    let (program_path, home) = (scratch.text("bin/postroom"), scratch.text("disk/home"));
    let replaced = [
        ("/usr/local/bin/postroom", program_path.as_str()),
        ("/var/mail", home.as_str()),
        ("-k 5 90", "-k 1 12"),
        ("timeout = 2m", "timeout = 20s"),
    ];
    format!(
        "primary_hostname = mail.agency.example\nexim_path = {exim}\nspool_directory = {spool}\n\
         log_file_path = {log}\npid_file_path = {pid}\ndaemon_smtp_ports = {port}\nlocal_interfaces = 127.0.0.1\n\
         deliver_drop_privilege\nkeep_environment =\nmessage_size_limit = 100M\ntls_advertise_hosts =\n\
         check_spool_space = 0\ncheck_spool_inodes = 0\nhost_lookup =\nrfc1413_hosts =\n\
         acl_smtp_rcpt = all\nacl_smtp_data = all\nbegin acl\nall:\n  accept\n\
         begin routers\nlocal:\n  driver = accept\n  domains = agency.example\n  local_parts = studio\n  \
         transport = postroom_maildir\n\
         begin transports\n{recipe}\nbegin retry\n* * F,1d,5m\n",
        exim = program().display(),
        spool = scratch.text("spool"),
        log = scratch.text("log-%s"),
        pid = scratch.text("spool/pid"),
        recipe = super::recipe("exim/postroom.conf", &replaced),
    )
}

impl Host for Exim {
    const NAME: &'static str = "Exim, transport filter";

    // Where mail goes is for whatever delivers it.
    const SORTS: bool = false;

    fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    fn give(&self, mail: &[u8]) -> bool {
        self.scratch.send(self.port, mail)
    }

    fn try_again(&self) {
        let pid = self.server.id().to_string();
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--target", &pid]).arg(program());
        // As it comes to an end, so has every delivery.
        run(command.args(["-C", "/etc/exim4/exim4.conf", "-qff"]));
    }

    fn has_waiting(&self) -> bool {
        let entries = fs::read_dir(self.scratch.path("spool/input")).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with("-H")).count()
            > 0
    }

    fn settle(&self) {
        let ended = |mark: &String| mark == "Completed" || mark == "==";
        let settled = || self.last_marks().iter().all(ended);
        assert!(wait_until(PATIENCE, settled), "mail is still under way:\n{}", self.log());
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
fn exim_loses_no_mail() {
    let _turn = super::turn();
    let exim = Exim::start();
    drill::run(&exim);
    assert!(!exim.log().contains(" ** "), "bounced:\n{}", exim.log());
}
