//! How long a mail server is kept waiting for one mail's judgement.
//!
//! Judging has a thread of its own, since nothing can end a thread from outside: one that takes too long is
//! waited for no longer, and goes on until it is done. Of such threads there are only a few at any time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use prometheus::IntGauge;

use super::workers::Workers;

/// Most threads that go on past the limit. Each takes a processor from the mails that come after it, so
/// beyond this number those are not judged.
pub(crate) const MOST_OVERDUE: i64 = 8;

/// A limit on how long some work is waited for.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    longest: Duration,
    /// Work past its limit that still goes on.
    overdue: IntGauge,
    threads: Arc<Workers>,
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

impl TimeLimit {
    pub(crate) fn new(longest: Duration, overdue: IntGauge) -> Self {
        Self { longest, overdue, threads: Workers::new("judge") }
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
        let work = move || {
            let _ended = Ended(settled);
            work()
        };
        // Nobody waits any more when it took too long.
        let tell = move |outcome| drop(sender.send(outcome));
        self.threads.run(work, tell).map_err(|_| Missed::Broken)?;
        match outcome.recv_timeout(self.longest) {
            Ok(outcome) => Ok(outcome),
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
    use std::thread;

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
