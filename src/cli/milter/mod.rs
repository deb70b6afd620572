//! `postroom milter`: beside a mail server, on every mail that comes in.
//!
//! Two threads a connection, as mail servers keep few: one speaks and one judges, so that no mail holds up its
//! mail server beyond a limit. Whatever goes wrong with a mail, it goes on, marked.

mod connection;
mod http;
mod judge;
mod listen;
mod metrics;
mod time_limit;
mod workers;

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use postroom::milter::deliver::Mailboxes;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::exit::Exit;
use super::failure::Failure;
use super::filter::size;
use super::options::{Global, at_least_one};
use super::{folders, guarded};
use connection::{Connection, End, Limits};
use judge::{Judge, Options};
use listen::{Address, Listener, Stream};
use metrics::Metrics;
use workers::Workers;

/// Put X-Postroom-* fields on every mail that a mail server takes in, as a milter
#[derive(Args, Debug)]
#[command(
    after_help = "A mail that cannot be judged goes on, marked with X-Postroom-Status: error. Incoming\n\
    X-Postroom-* fields are removed. SIGHUP reads the rules anew; rules that cannot be used leave the old\n\
    ones in place. SIGTERM ends it after the mails under way. It needs no rights but to its socket.\n\n\
    Postfix:   --listen unix:/var/spool/postfix/postroom/milter.sock, and in main.cf:\n           \
    smtpd_milters = unix:postroom/milter.sock\n           milter_default_action = accept\n\
    Sendmail:  --listen unix:/run/postroom/milter.sock, and in sendmail.mc:\n           \
    INPUT_MAIL_FILTER(`postroom', `S=unix:/run/postroom/milter.sock, T=C:10s;S:30s;R:30s;E:60s')\n\n\
    packaging/README.md goes through it step by step."
)]
pub(crate) struct Milter {
    /// Where the mail server finds it: unix:PATH, inet:HOST:PORT, or systemd for the socket that it hands
    /// over
    #[arg(long, value_name = "ADDRESS")]
    listen: Address,

    /// Permissions of the socket file, octal
    #[arg(long, value_name = "MODE", default_value = "660", value_parser = octal)]
    socket_mode: u32,

    /// Serve /metrics and /health here; loopback only
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<SocketAddr>,

    /// Also deliver mail to this shared mailbox to its owner; may be given several times. SIGHUP reads those
    /// that accounts.toml names, as `add-owner` under [agency], anew
    #[arg(long, value_name = "MAILBOX")]
    add_owner: Vec<String>,

    /// Deliver mail to this shared mailbox to its owner and those kept informed instead; what nobody owns,
    /// and what is unsure, stays in it as well. May be given several times, and as `replace-by-owner` in
    /// accounts.toml
    #[arg(long, value_name = "MAILBOX")]
    replace_by_owner: Vec<String>,

    /// Largest mail that is judged, in bytes or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    max_size: usize,

    /// Text of mails under way that is held at once; a mail beyond it goes on unjudged
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = size)]
    max_memory: usize,

    /// Most connections served at once; more wait
    #[arg(long, value_name = "NUMBER", default_value = "200", value_parser = at_least_one::<u32>)]
    max_connections: u32,

    /// Longest that a connection may be silent, or a mail take to come in, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = at_least_one::<u64>)]
    timeout: u64,

    /// Longest that judging one mail may take, in seconds; then it goes on unjudged. Less than the mail
    /// server waits: 30 s in the recipes
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = at_least_one::<u64>)]
    time_limit: u64,

    /// Behave as if this went wrong with every mail, to see what the mail server makes of it
    #[arg(long, value_enum, value_name = "FAULT")]
    rehearse: Option<Rehearsal>,
}

/// A fault to rehearse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rehearsal {
    /// A mail that takes too long to judge.
    Timeout,
}

/// Longest that mails under way are waited for at the end.
const GRACE: Duration = Duration::from_secs(10);

fn octal(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| "write permissions such as 660".to_owned())
}

impl Milter {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        global.start_log_at_least(tracing::Level::INFO);
        // From the first moment on, so that no signal ends a program that has begun to take mail.
        let signals = Signals::new([SIGHUP, SIGTERM, SIGINT]);
        let mut signals = signals.map_err(|cause| io_failure("watch for signals", &cause))?;
        let metrics = Metrics::new().map_err(|cause| Failure::new(Exit::Internal, cause.to_string()))?;
        let judge = Arc::new(Judge::new(self.options(global), metrics));
        load(&judge, global);
        let listener = Listener::open(&self.listen, self.socket_mode)
            .map_err(|cause| io_failure(&format!("listen on {}", self.listen), &cause))?;
        let (place, file) = (listener.place(), listener.file());
        if let Some(address) = self.metrics {
            let at = http::serve(address, Arc::clone(&judge))
                .map_err(|cause| io_failure(&format!("serve metrics on {address}"), &cause))?;
            tracing::info!(%at, "metrics");
        }
        let server = Arc::new(Server {
            judge: Arc::clone(&judge),
            limits: Arc::new(Limits {
                max_size: self.max_size,
                max_memory: self.max_memory,
                timeout: Duration::from_secs(self.timeout),
                held: AtomicUsize::new(0),
                stopping: AtomicBool::new(false),
            }),
            most: self.max_connections,
            open: Mutex::new(0),
            closed: Condvar::new(),
            threads: Workers::new("connection"),
        });
        let accepting = Arc::clone(&server);
        thread::Builder::new()
            .name("accept".to_owned())
            .spawn(move || accepting.accept_all(&listener))
            .map_err(|cause| io_failure("start a thread", &cause))?;
        tracing::info!(at = place, "listening");
        notify(&[NotifyState::Ready]);
        for signal in signals.forever() {
            if signal != SIGHUP {
                break;
            }
            reload(&judge, global);
        }
        notify(&[NotifyState::Stopping]);
        server.stop();
        if let Some(file) = file {
            // Somebody may have removed it already.
            let _ = fs::remove_file(file);
        }
        Ok(Exit::Fine)
    }

    fn options(&self, global: &Global) -> Options {
        Options {
            date: global.date,
            mailboxes: Mailboxes { add: self.add_owner.clone(), replace: self.replace_by_owner.clone() },
            longest: Duration::from_secs(self.time_limit),
            hangs: self.rehearse == Some(Rehearsal::Timeout),
        }
    }
}

/// Reads the rules. Where they cannot be used, those in use stay, or mail goes on marked.
fn load(judge: &Judge, global: &Global) -> bool {
    // A fault in reading them must not end the program either.
    let read = guarded(|| folders::rules(global.rules.as_deref()));
    let read = read.unwrap_or_else(|_| Err(Failure::new(Exit::Internal, "a fault in reading them")));
    match read {
        Ok(rules) => {
            let hash = rules.hash.clone();
            judge.use_rules(rules);
            // Afterwards, so that whoever reads it can rely on it.
            tracing::info!(rules = hash, "rules in use");
            true
        }
        Err(failure) => {
            let kept = judge.in_use().map_or_else(|| "none".to_owned(), |in_use| in_use.rules.hash.clone());
            tracing::error!(kept, "the rules cannot be used: {}", failure.message());
            false
        }
    }
}

fn reload(judge: &Judge, global: &Global) {
    // Both in one message: systemd takes neither without the other.
    let now = NotifyState::monotonic_usec_now().ok();
    notify(&[Some(NotifyState::Reloading), now].into_iter().flatten().collect::<Vec<_>>());
    let outcome = if load(judge, global) { "ok" } else { "failed" };
    judge.metrics.reloads.with_label_values(&[outcome]).inc();
    notify(&[NotifyState::Ready]);
}

/// Tells systemd, where it is there.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(cause) = sd_notify::notify(state) {
        tracing::warn!("cannot tell systemd: {cause}");
    }
}

fn io_failure(what: &str, cause: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot {what}: {cause}"))
}

/// All connections.
struct Server {
    judge: Arc<Judge>,
    limits: Arc<Limits>,
    most: u32,
    open: Mutex<u32>,
    closed: Condvar,
    threads: Arc<Workers>,
}

impl Server {
    /// Takes connections as they come. At the limit the next waits in the system's queue.
    fn accept_all(self: &Arc<Self>, listener: &Listener) {
        loop {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            drop(self.closed.wait_while(open, |open| *open >= self.most));
            match listener.accept() {
                Ok(stream) if !self.limits.stopping.load(Ordering::Relaxed) => self.begin(stream),
                Ok(_) => {}
                Err(cause) => {
                    tracing::warn!("cannot take a connection: {cause}");
                    // Out of descriptors, most likely: others have to end first.
                    thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }

    fn begin(self: &Arc<Self>, stream: Stream) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.judge.metrics.connections.inc();
        let server = Arc::clone(self);
        let connection = Connection::new(stream, Arc::clone(&self.judge), Arc::clone(&self.limits));
        let serve = move || guarded(|| connection.serve());
        let begun = self.threads.run(serve, move |end| {
            server.ended(&end.unwrap_or_else(|_| End::Broken("a fault of this program".to_owned())));
        });
        if let Err(cause) = begun {
            self.ended(&End::Broken(format!("cannot start a thread: {cause}")));
        }
    }

    fn ended(&self, end: &End) {
        if let End::Broken(why) = end {
            self.judge.metrics.broken.inc();
            tracing::warn!("connection broken: {why}");
        }
        self.judge.metrics.connections.dec();
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.closed.notify_all();
    }

    /// Takes no more connections, and waits for the mails under way.
    fn stop(&self) {
        self.limits.stopping.store(true, Ordering::Relaxed);
        let end = Instant::now() + GRACE;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        tracing::info!(connections = *open, "stopping");
        while *open > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!(connections = *open, "not waited for any longer");
                return;
            }
            open = self.closed.wait_timeout(open, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
