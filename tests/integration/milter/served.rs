//! The program as a milter on a port of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::postroom;

/// A running milter; killed when dropped.
pub(crate) struct Served {
    child: Child,
    /// Host and port for mail; empty while it has not said them.
    pub(crate) address: String,
    /// Host and port of the metrics.
    watched: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

impl Served {
    /// Starts it with options of every command and options of its own.
    pub(crate) fn start(global: &[&str], options: &[&str]) -> Self {
        let mut command = postroom(global);
        command.args(["milter", "--listen", "inet:127.0.0.1:0", "--metrics", "127.0.0.1:0"]).args(options);
        let mut served = Self::begin(command.stdin(Stdio::null()));
        served.address = served.wait_for("listening at=\"inet:").trim_end_matches('"').to_owned();
        served.watched = served.wait_for("metrics at=");
        served
    }

    /// Starts it and waits for nothing.
    pub(crate) fn begin(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, written) = (BufReader::new(child.stderr.take().unwrap()).lines(), Arc::clone(&log));
        let reader = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, address: String::new(), watched: String::new(), log, reader: Some(reader) }
    }

    /// What follows a text in the log, to the end of its line, once it is there.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let log = self.log.lock().unwrap().clone();
            if let Some((_, rest)) = log.split_once(text).filter(|(_, rest)| rest.contains('\n')) {
                return rest.lines().next().unwrap_or_default().to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "no {text:?}, {ended:?}:\n{log}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How often a text stands in the log.
    pub(crate) fn logged(&self, text: &str) -> usize {
        self.log.lock().unwrap().matches(text).count()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Has it read its rules anew, and waits until they are in use.
    pub(crate) fn reload(&self) {
        let before = self.logged("rules in use");
        self.signal("-HUP");
        let start = Instant::now();
        while self.logged("rules in use") == before {
            assert!(start.elapsed() < PATIENCE, "{}", self.log.lock().unwrap());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks for a page of the metrics' port: status and text.
    pub(crate) fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.watched).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Most memory it has had so far, in megabytes.
    pub(crate) fn peak_megabytes(&self) -> u64 {
        self.status("VmHWM:").trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// How many threads it has.
    pub(crate) fn threads(&self) -> usize {
        self.status("Threads:").parse().unwrap()
    }

    /// What the system says of it.
    fn status(&self, name: &str) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
    }

    /// Ends it as a service manager does; gives the log.
    pub(crate) fn stop(self) -> String {
        self.signal("-TERM");
        self.stop_after_signal()
    }

    /// The log, once it has ended.
    pub(crate) fn stop_after_signal(mut self) -> String {
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        self.reader.take().unwrap().join().unwrap();
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
