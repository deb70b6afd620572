//! Threads kept from one piece of work to the next.
//!
//! To begin a thread takes longer than to judge a short mail, and mail servers make a connection a mail.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

/// Most threads kept for work to come.
const MOST_IDLE: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Threads of one name.
#[derive(Debug)]
pub(crate) struct Workers {
    name: &'static str,
    /// Each leads to a thread with nothing to do; a thread to which nothing leads any more ends.
    idle: Mutex<Vec<mpsc::Sender<Job>>>,
}

impl Workers {
    pub(crate) fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, idle: Mutex::default() })
    }

    /// Has a thread do some work and then tell what came of it, when the thread is ready for more already. A
    /// thread that breaks off tells nothing, and is gone.
    pub(crate) fn run<T: 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
        tell: impl FnOnce(T) + Send + 'static,
    ) -> io::Result<()> {
        let worker = self.worker()?;
        let (workers, again) = (Arc::clone(self), worker.clone());
        let job = move || {
            let outcome = work();
            workers.keep(again);
            tell(outcome);
        };
        worker.send(Box::new(job)).map_err(|_| ErrorKind::BrokenPipe.into())
    }

    /// A thread with nothing to do.
    fn worker(&self) -> io::Result<mpsc::Sender<Job>> {
        // Nothing that holds the lock can break off halfway.
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(worker) = idle {
            return Ok(worker);
        }
        let (worker, jobs) = mpsc::channel::<Job>();
        let work = move || jobs.iter().for_each(|job| job());
        thread::Builder::new().name(self.name.to_owned()).spawn(work)?;
        Ok(worker)
    }

    /// Keeps a thread that is done, unless there are enough.
    fn keep(&self, worker: mpsc::Sender<Job>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(worker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_done_is_used_again_and_one_that_broke_off_is_not() {
        let workers = Workers::new("test");
        let run = |breaks: bool| {
            let (sender, outcome) = mpsc::channel();
            let work = move || {
                if breaks {
                    std::panic::resume_unwind(Box::new(()));
                }
                thread::current().id()
            };
            workers.run(work, move |id| sender.send(id).unwrap_or_default()).unwrap();
            outcome.recv().ok()
        };
        let first = run(false);
        assert!(first.is_some() && run(false) == first);
        assert_eq!(run(true), None);
        assert!(run(false).is_some_and(|id| Some(id) != first));
    }
}
