//! How long a mail server is kept waiting for one mail's judgement.
//!
//! Judging has a thread of its own, since nothing can end a thread from outside: one that takes too long is
//! waited for no longer, and goes on until it is done. Of such threads there are only a few at any time.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use prometheus::IntGauge;

/// Most threads that go on past the limit. Each takes a processor from the mails that come after it, so
/// beyond this number those are not judged.
pub(crate) const MOST_OVERDUE: i64 = 8;

/// Most threads kept for work to come.
const MOST_IDLE: usize = 16;

/// A limit on how long some work is waited for.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    longest: Duration,
    /// Work past its limit that still goes on.
    overdue: IntGauge,
    /// Threads with nothing to do. To begin one takes longer than to judge a short mail, and mail servers
    /// make a connection a mail, so they are kept from one connection to the next.
    idle: Mutex<Vec<Worker>>,
}

/// Why there is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// It took longer than the limit.
    TooLong,
    /// It was not begun: too much work is past its limit already.
    TooManyOverdue,
    /// The system has no thread for it, or it broke off.
    Broken,
}

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does one piece of work after the other; without anybody to give it more, it ends.
#[derive(Debug)]
struct Worker {
    jobs: mpsc::Sender<Job>,
}

impl Worker {
    fn begin() -> io::Result<Self> {
        let (jobs, given) = mpsc::channel::<Job>();
        let work = move || given.iter().for_each(|job| job());
        thread::Builder::new().name("judge".to_owned()).spawn(work)?;
        Ok(Self { jobs })
    }
}

impl TimeLimit {
    pub(crate) fn new(longest: Duration, overdue: IntGauge) -> Self {
        Self { longest, overdue, idle: Mutex::default() }
    }

    /// A thread with nothing to do.
    fn worker(&self) -> io::Result<Worker> {
        // Nothing that holds the lock can break off halfway.
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(Worker::begin, Ok)
    }

    /// Keeps a thread that is done, unless there are enough.
    fn keep(&self, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(worker);
        }
    }

    /// Has the work done and waits for it, no longer than the limit.
    pub(crate) fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Missed> {
        if self.overdue.get() >= MOST_OVERDUE {
            return Err(Missed::TooManyOverdue);
        }
        let (sender, outcome) = mpsc::sync_channel(1);
        let settled = Settled { first: Arc::default(), overdue: self.overdue.clone() };
        let waiting = settled.clone();
        let job = move || {
            let done = Ended(settled);
            // Nobody waits any more when it took too long.
            let _ = sender.send(work());
            drop(done);
        };
        let worker = self.worker().map_err(|_| Missed::Broken)?;
        worker.jobs.send(Box::new(job)).map_err(|_| Missed::Broken)?;
        // A thread that broke off is gone; one that takes too long ends when it is done.
        match outcome.recv_timeout(self.longest) {
            Ok(outcome) => {
                self.keep(worker);
                Ok(outcome)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Missed::Broken),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                waiting.give_up();
                Err(Missed::TooLong)
            }
        }
    }
}

/// Who came first, the end of the work or the limit: the second one settles the count.
#[derive(Clone)]
struct Settled {
    first: Arc<AtomicBool>,
    overdue: IntGauge,
}

impl Settled {
    /// The limit has come.
    fn give_up(&self) {
        // Before the other side can see it, so that the count is never below what goes on.
        self.overdue.inc();
        if self.first.swap(true, Ordering::SeqCst) {
            self.overdue.dec();
        }
    }
}

/// The end of the work, be it by a panic.
struct Ended(Settled);

impl Drop for Ended {
    fn drop(&mut self) {
        if self.0.first.swap(true, Ordering::SeqCst) {
            self.0.overdue.dec();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(longest: Duration) -> TimeLimit {
        TimeLimit::new(longest, IntGauge::new("overdue", "overdue").unwrap())
    }

    #[test]
    fn work_in_time_gives_its_outcome() {
        let limit = limit(Duration::from_secs(600));
        let mut threads: Vec<_> = (0..3).map(|_| limit.within(|| thread::current().id()).unwrap()).collect();
        threads.dedup();
        assert_eq!((threads.len(), limit.overdue.get()), (1, 0));
    }

    #[test]
    fn overdue_work_does_not_pile_up() {
        let limit = limit(Duration::ZERO);
        let mut ends = Vec::new();
        for number in 1..=MOST_OVERDUE {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            assert_eq!(limit.within(move || ended.recv()), Err(Missed::TooLong));
            assert_eq!(limit.overdue.get(), number);
        }
        let begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&begun);
        let outcome = limit.within(move || begins.store(true, Ordering::SeqCst));
        assert_eq!((outcome, begun.load(Ordering::SeqCst)), (Err(Missed::TooManyOverdue), false));
        // What ends at last makes room.
        ends.clear();
        while limit.overdue.get() > 0 {
            thread::yield_now();
        }
    }

    #[test]
    fn work_that_breaks_off_leaves_the_next_alone() {
        let limit = limit(Duration::from_secs(600));
        let breaks = || std::panic::resume_unwind(Box::new(()));
        assert_eq!(limit.within(breaks), Err::<(), _>(Missed::Broken));
        assert_eq!(limit.overdue.get(), 0);
        assert_eq!(limit.within(|| 7), Ok(7));
    }
}
