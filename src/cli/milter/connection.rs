//! One connection of a mail server, from its first byte to its last.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use postroom::milter::command::Command;
use postroom::milter::deliver::Changes;
use postroom::milter::frame::Frames;
use postroom::milter::negotiation::action;
use postroom::milter::session::{Mail, Next, Session};

use super::judge::Judge;
use super::listen::Stream;

/// How often a silent connection looks whether it is to end.
const TICK: Duration = Duration::from_millis(500);

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// What every connection is held to.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Largest mail that is judged.
    pub(crate) max_size: usize,
    /// Bytes of all mails under way that are held.
    pub(crate) max_memory: usize,
    /// Longest silence, and longest that a mail may take to come in.
    pub(crate) timeout: Duration,
    /// Bytes held now.
    pub(crate) held: AtomicUsize,
    /// Whether the program is to end.
    pub(crate) stopping: AtomicBool,
}

/// What one mail counts towards [`Limits::held`] while it is judged.
pub(crate) struct Held {
    bytes: usize,
    limits: Arc<Limits>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.limits.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A connection and what it counts towards.
pub(crate) struct Connection {
    stream: Stream,
    session: Session,
    judge: Arc<Judge>,
    limits: Arc<Limits>,
    /// Our share of [`Limits::held`].
    held: usize,
    out: Vec<u8>,
}

/// How a connection ended.
pub(crate) enum End {
    /// As it should.
    Fine,
    /// For this reason.
    Broken(String),
}

impl Connection {
    pub(crate) fn new(stream: Stream, judge: Arc<Judge>, limits: Arc<Limits>) -> Self {
        // Asked for once a connection: mailboxes that a reload brings are for the connections after it.
        let delivers = judge.in_use().is_some_and(|in_use| !in_use.mailboxes.is_empty());
        let session = Session::new(limits.max_size, delivers);
        Self { stream, session, judge, limits, held: 0, out: Vec::new() }
    }

    /// Serves it to its end.
    pub(crate) fn serve(mut self) -> End {
        let end = self.read_all().unwrap_or_else(|cause| End::Broken(cause.to_string()));
        self.count(0);
        end
    }

    fn read_all(&mut self) -> io::Result<End> {
        self.stream.set_timeouts(TICK, self.limits.timeout)?;
        let mut frames = Frames::default();
        let mut piece = vec![0; PIECE];
        let mut heard = Instant::now();
        let mut begun: Option<Instant> = None;
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) if self.session.has_mail() => {
                    return Ok(End::Broken("closed within a mail".to_owned()));
                }
                Ok(0) => return Ok(End::Fine),
                Ok(read) => {
                    heard = Instant::now();
                    frames.push(piece.get(..read).unwrap_or_default());
                    if let Some(end) = self.take_all(&mut frames)? {
                        return Ok(end);
                    }
                }
                Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.limits.stopping.load(Ordering::Relaxed) && !self.session.has_mail() {
                        return Ok(End::Fine);
                    }
                }
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
            begun = if self.session.has_mail() { begun.or(Some(heard)) } else { None };
            let late = |since: Instant| since.elapsed() > self.limits.timeout;
            if late(heard) || begun.is_some_and(late) {
                return Ok(End::Broken("took too long".to_owned()));
            }
        }
    }

    /// Takes the frames that are whole.
    fn take_all(&mut self, frames: &mut Frames) -> io::Result<Option<End>> {
        loop {
            let frame = match frames.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(nonsense) => return Ok(Some(End::Broken(format!("sent {nonsense}")))),
            };
            let command = Command::read(frame);
            let negotiates = matches!(command, Command::Negotiate(_));
            match self.session.take(command, &mut self.out) {
                Next::Go => {}
                Next::Judge(mail) => self.answer(&Arc::new(mail))?,
                Next::Close => return Ok(Some(End::Fine)),
                Next::Refuse(why) => return Ok(Some(End::Broken(format!("sent {why}")))),
            }
            if negotiates && !self.session.agreed().may(action::ADD_HEADERS | action::CHANGE_HEADERS) {
                tracing::warn!("the mail server lets no header field be added or changed");
            }
            self.count(self.session.held());
        }
        self.send()?;
        Ok(None)
    }

    /// Counts what is held; beyond the limit of all, this mail's text is let go.
    fn count(&mut self, now: usize) {
        let before = std::mem::replace(&mut self.held, now);
        let all = self.limits.held.fetch_add(now, Ordering::Relaxed) + now;
        self.limits.held.fetch_sub(before, Ordering::Relaxed);
        if now > before && all - before > self.limits.max_memory {
            self.session.let_go();
            self.count(0);
        }
    }

    fn answer(&mut self, mail: &Arc<Mail>) -> io::Result<()> {
        let start = Instant::now();
        let held = Held { bytes: std::mem::take(&mut self.held), limits: Arc::clone(&self.limits) };
        let (fields, changes) = self.judge.judge(mail, held);
        if changes != Changes::default() {
            self.judge.metrics.delivered.inc();
        }
        self.session.answer(mail, &fields, &changes, &mut self.out);
        // Before it is sent: whoever has the answer may ask for the metrics at once.
        self.judge.metrics.seconds.observe(start.elapsed().as_secs_f64());
        self.send()
    }

    fn send(&mut self) -> io::Result<()> {
        let sent = self.stream.write_all(&self.out);
        self.out.clear();
        sent
    }
}
