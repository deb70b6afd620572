//! The reading thread: sources to numbered batches.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};

use postroom::Error;
use postroom::mailbox::{self, Mail, Mails, Remark, Warning};

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::{guarded, standard};

/// Most mails in a batch.
const MAILS: usize = 32;

/// Bytes of mail after which a batch is full.
const BYTES: usize = 2 * 1024 * 1024;

/// Warnings told of one source; a hostile one could have one a line.
const WARNINGS: u64 = 20;

/// Mails in the order read, with what was odd between them.
pub(super) struct Batch {
    pub(super) number: u64,
    /// Whether its mail is the only one of the run.
    pub(super) alone: bool,
    pub(super) items: Vec<Item>,
}

/// One thing read.
pub(super) enum Item {
    /// A mail, and whether all of it could be read.
    Mail(Mail, bool),
    /// A mail or source that could not be read.
    Failed(Failure),
    /// Something odd.
    Warning(String),
}

/// Reads all sources. A batch goes out for each permit that comes in.
pub(super) fn all(sources: &[PathBuf], out: &SyncSender<Batch>, permits: &Receiver<()>) {
    let mut reader = Reader { out, permits, items: Vec::new(), mails: 0, bytes: 0, held: None, number: 0 };
    if guarded(|| reader.sources(sources)).is_err() {
        reader.items.push(Item::Failed(Failure::new(Exit::Internal, "reading ended by a fault")));
        // When nobody wants it any more, there is nobody to tell.
        let _ = reader.send(false);
    }
}

/// Nobody wants any more.
struct Unwanted;

struct Reader<'r> {
    out: &'r SyncSender<Batch>,
    permits: &'r Receiver<()>,
    /// The batch being filled.
    items: Vec<Item>,
    mails: usize,
    bytes: usize,
    /// The mail read last, and whether it is whole as far as is known: what comes after it may show
    /// that it was cut short.
    held: Option<(Mail, bool)>,
    number: u64,
}

impl Reader<'_> {
    fn sources(&mut self, sources: &[PathBuf]) -> Result<(), Unwanted> {
        for source in sources {
            match open(source) {
                Ok(mails) => self.source(mails)?,
                Err(failure) => self.items.push(Item::Failed(failure)),
            }
        }
        let alone = self.number == 0 && self.mails == 1;
        self.send(alone)
    }

    fn source(&mut self, mut mails: Mails) -> Result<(), Unwanted> {
        let mut warned = 0;
        loop {
            let next = mails.next();
            let warnings = mails.take_warnings();
            let failed = next.as_ref().and_then(|next| next.as_ref().err());
            self.release(failed)?;
            for warning in &warnings {
                warned += 1;
                if warned <= WARNINGS {
                    self.items.push(Item::Warning(warning.to_string()));
                }
            }
            match next {
                None => break,
                Some(Err(error)) => self.items.push(Item::Failed(error.into())),
                Some(Ok(mail)) => {
                    // A warning comes together with the mail that it is about.
                    let short = warnings.iter().any(|warning| is_short(&mail, warning));
                    let whole = !short && !mail.is_oversize();
                    self.held = Some((mail, whole));
                }
            }
        }
        let untold = warned.saturating_sub(WARNINGS) + mails.dropped_warnings();
        if untold > 0 {
            self.items.push(Item::Warning(format!("{untold} more of these")));
        }
        Ok(())
    }

    /// Puts the mail held back into the batch, after which this failed, if anything did.
    fn release(&mut self, failed: Option<&Error>) -> Result<(), Unwanted> {
        let Some((mail, whole)) = self.held.take() else { return Ok(()) };
        self.mails += 1;
        self.bytes += mail.raw().len();
        let whole = whole && !failed.is_some_and(|error| breaks_off(&mail, error));
        self.items.push(Item::Mail(mail, whole));
        // Never one alone: whether it is the only one decides how it is shown.
        if self.mails > 1 && (self.mails == MAILS || self.bytes >= BYTES) { self.send(false) } else { Ok(()) }
    }

    fn send(&mut self, alone: bool) -> Result<(), Unwanted> {
        self.permits.recv().map_err(|_| Unwanted)?;
        let batch = Batch { number: self.number, alone, items: std::mem::take(&mut self.items) };
        (self.mails, self.bytes) = (0, 0);
        self.number += 1;
        self.out.send(batch).map_err(|_| Unwanted)
    }
}

/// Whether a warning says that this mail is not all there.
fn is_short(mail: &Mail, warning: &Warning) -> bool {
    warning.remark == Remark::ShortOfLength
        && warning.offset == mail.offset()
        && warning.source == *mail.source()
}

/// Whether what failed after a mail was the reading of the file that the mail is in.
fn breaks_off(mail: &Mail, error: &Error) -> bool {
    error.is_io() && error.path() == Some(mail.file().unwrap_or(&mail.source().path))
}

fn open(source: &Path) -> Result<Mails, Failure> {
    let options = mailbox::Options::default();
    if source == Path::new("-") {
        let input = standard::input().map_err(|cause| Error::stream("read standard input", cause))?;
        Ok(mailbox::stream("-", input, options)?)
    } else {
        Ok(mailbox::open(source, options)?)
    }
}
