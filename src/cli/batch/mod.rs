//! One run over mailboxes: read, judged on all threads, handed on in the order read.
//!
//! One thread reads, some judge, and the caller's takes what they made: with one thread or eight, the
//! same things in the same order. Work goes round in batches, of which only so many are under way, so
//! memory does not grow with the mailbox. A mail or source that fails is told and counted, and the run
//! goes on. An interrupt ends it after what is whole; a second one ends it at once.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clap::Args;
use postroom::mailbox::Mail;
use postroom::rules::RuleSet;
use postroom::terms::{Date, Defect};
use postroom::triage::output::{Origin, Report, owner_word};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::{Failure, tell};
use super::interrupt::Interrupt;
use super::options::{Global, at_least_one};
use super::{folders, guarded, log};
use progress::Progress;
use read::{Batch, Item};
use totals::Totals;

mod progress;
mod read;
mod totals;

/// What a run over mailboxes is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Input {
    /// Mailboxes; `-` is standard input
    #[arg(value_name = "SOURCE", default_value = "-")]
    pub(crate) sources: Vec<PathBuf>,

    /// The address the mails were sent to, where they do not say themselves
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,

    /// Threads to judge on; the output is the same whatever their number [default: one a processor]
    #[arg(short, long, value_name = "NUMBER", value_parser = at_least_one::<NonZeroUsize>)]
    jobs: Option<NonZeroUsize>,
}

/// What every thread needs to judge a mail.
pub(crate) struct Judge<M> {
    pub(crate) rules: Arc<RuleSet>,
    date: Option<Date>,
    recipient: Option<String>,
    /// Whether flags and labels are asked for.
    marks: bool,
    /// Makes of a judged mail what the run is for.
    make: M,
}

/// What is known of a mail beside what it says.
#[derive(Clone, Copy)]
pub(crate) struct Given<'m> {
    pub(crate) mail: &'m Mail,
    /// Its bytes, `From ` lines in them unquoted.
    pub(crate) bytes: &'m [u8],
    /// Whether it is the only mail of the run.
    pub(crate) alone: bool,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
}

/// Takes what the threads made of the mails, in the order of the mailbox.
pub(crate) trait Sink<T> {
    /// Takes one.
    fn take(&mut self, made: T) -> Result<Kept, Failure>;

    /// Nothing more comes for a while, or ever: what is held back goes out now.
    fn rest(&mut self) -> Result<(), Failure>;
}

/// What became of a mail.
pub(crate) enum Kept {
    /// It is in the output.
    Yes,
    /// It was left out because that was asked for.
    No,
}

/// What a thread made of a mail, and what the totals need.
struct Judged<T> {
    class: &'static str,
    owner: &'static str,
    defects: Vec<Defect>,
    bytes: u64,
    made: T,
}

impl<T, M> Judge<M>
where
    M: Fn(&Report<'_>, Given<'_>) -> T + Send + Sync + 'static,
{
    pub(crate) fn new(input: &Input, global: &Global, rules: Arc<RuleSet>, marks: bool, make: M) -> Self {
        Self { rules, date: global.date, recipient: input.recipient.clone(), marks, make }
    }

    fn mail(&self, mail: &Mail, alone: bool, whole: bool) -> Judged<T> {
        let bytes = mail.bytes();
        let context = Context { date: self.date, recipient: self.recipient.as_deref(), ..Context::default() };
        let triage = triage(&bytes, &self.rules, &context);
        let path = mail.file().unwrap_or(&mail.source().path).to_string_lossy();
        let index = usize::try_from(mail.index()).unwrap_or(usize::MAX);
        let marks = if self.marks { mail.marks() } else { Default::default() };
        let flags = marks.flags.maildir_letters();
        let origin =
            Origin { source: &path, index, offset: mail.offset(), flags: &flags, labels: &marks.labels };
        let report = Report { origin, triage: &triage, rules: &self.rules };
        log::judged(&report);
        Judged {
            class: triage.decision.word(),
            owner: owner_word(&triage.route),
            defects: triage.message.defects.clone(),
            bytes: mail.raw().len() as u64,
            made: (self.make)(&report, Given { mail, bytes: &bytes, alone, whole }),
        }
    }
}

/// The rules of a run, to be shared by its threads.
pub(crate) fn rules(global: &Global) -> Result<Arc<RuleSet>, Failure> {
    folders::rules(global.rules.as_deref()).map(Arc::new)
}

/// A judged batch: a result for each mail, and what is to be told, in order.
type Done<T> = (u64, Vec<Result<Judged<T>, Told>>);

/// What is told in its turn.
enum Told {
    Failure(Failure),
    Warning(String),
}

/// Reads and judges all sources, and gives the sink what was made.
pub(crate) fn run<T, M>(input: &Input, judge: Judge<M>, sink: &mut dyn Sink<T>) -> Result<Exit, Failure>
where
    T: Send + 'static,
    M: Fn(&Report<'_>, Given<'_>) -> T + Send + Sync + 'static,
{
    let interrupt = Interrupt::listen();
    let progress = Progress::over(&input.sources);
    let jobs =
        input.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, usize::from).min(MOST_JOBS);
    let (done, permits) = start(input.sources.clone(), jobs, Arc::new(judge));
    let mut run = Run { sink, totals: Totals::start(), progress, exit: Exit::Fine };
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    while !interrupt.came() {
        match done.recv_timeout(Duration::from_millis(100)) {
            Ok((number, batch)) => {
                waiting.insert(number, batch);
            }
            Err(RecvTimeoutError::Timeout) => run.sink.rest()?,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        while let Some(batch) = waiting.remove(&next) {
            run.batch(batch)?;
            next += 1;
            // The reader may have ended already.
            let _ = permits.send(());
        }
    }
    run.sink.rest()?;
    run.progress.end();
    run.totals.tell();
    if interrupt.came() {
        return Err(Failure::new(Exit::Interrupted, "interrupted; what was done until then is whole"));
    }
    Ok(run.exit)
}

/// More threads than this would only wait for each other.
const MOST_JOBS: usize = 256;

/// Starts the threads. They are not waited for: one may hang in reading what never comes.
fn start<T, M>(sources: Vec<PathBuf>, jobs: usize, judge: Arc<Judge<M>>) -> (Receiver<Done<T>>, Sender<()>)
where
    T: Send + 'static,
    M: Fn(&Report<'_>, Given<'_>) -> T + Send + Sync + 'static,
{
    // So many batches are under way at most, judged ones that wait for their turn included.
    let most = 2 * jobs + 1;
    let (permit, permits) = channel();
    for _ in 0..most {
        // The receiver is right here.
        let _ = permit.send(());
    }
    let (read, to_judge) = sync_channel(most);
    let (judged, done) = sync_channel(most);
    thread::spawn(move || read::all(&sources, &read, &permits));
    let to_judge = Arc::new(Mutex::new(to_judge));
    for _ in 0..jobs {
        let (to_judge, judged, judge) = (Arc::clone(&to_judge), judged.clone(), Arc::clone(&judge));
        thread::spawn(move || work(&to_judge, &judged, &judge));
    }
    (done, permit)
}

/// Judges batches until there are no more, or nobody wants them.
fn work<T, M>(to_judge: &Mutex<Receiver<Batch>>, judged: &SyncSender<Done<T>>, judge: &Judge<M>)
where
    M: Fn(&Report<'_>, Given<'_>) -> T + Send + Sync + 'static,
{
    while let Ok(batch) = to_judge.lock().map_err(drop).and_then(|next| next.recv().map_err(drop)) {
        let alone = batch.alone;
        let items = batch.items.into_iter().map(|item| match item {
            Item::Mail(mail, whole) => {
                guarded(|| judge.mail(&mail, alone, whole)).map_err(|_| Told::Failure(unjudged(&mail)))
            }
            Item::Failed(failure) => Err(Told::Failure(failure)),
            Item::Warning(text) => Err(Told::Warning(text)),
        });
        if judged.send((batch.number, items.collect())).is_err() {
            return;
        }
    }
}

fn unjudged(mail: &Mail) -> Failure {
    Failure::new(Exit::Internal, format!("{}, mail {}: not judged", mail.source(), mail.index() + 1))
}

/// The caller's side of a run.
struct Run<'s, T> {
    sink: &'s mut dyn Sink<T>,
    totals: Totals,
    progress: Progress,
    exit: Exit,
}

impl<T> Run<'_, T> {
    fn batch(&mut self, batch: Vec<Result<Judged<T>, Told>>) -> Result<(), Failure> {
        let (sink, totals) = (&mut *self.sink, &mut self.totals);
        let mut bytes = 0;
        let mut exit = self.exit;
        self.progress.aside(|| {
            for item in batch {
                match item {
                    Ok(judged) => {
                        bytes += judged.bytes;
                        totals.count(&judged);
                        if matches!(sink.take(judged.made)?, Kept::No) {
                            totals.left_out += 1;
                        }
                    }
                    Err(Told::Warning(text)) => tell("warning", &text),
                    Err(Told::Failure(failure)) => {
                        totals.failed += 1;
                        let code = failure.tell();
                        // The first failure gives the exit code.
                        exit = if exit == Exit::Fine { code } else { exit };
                    }
                }
            }
            Ok::<(), Failure>(())
        })?;
        self.exit = exit;
        self.progress.add(bytes);
        Ok(())
    }
}
