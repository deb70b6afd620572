//! `postroom sort`: mails copied into one mailbox per owner, class or account.
//!
//! The sources are only read. The folder is postroom's own: it holds a settings file that is also the
//! lock, an index of what was copied, and a journal for what is being copied ([`store`]). So a run can
//! be ended at any point and started again, and running twice copies nothing twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{self, Component, Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::mailbox::Flags;
use postroom::triage::output::headers::fields;
use postroom::triage::output::{Report, owner_word, stamp};

use super::batch::{self, Given, Input, Judge, Kept, Sink};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::print;
use identity::Identity;
use store::{Copy, Store};

mod identity;
mod index;
mod journal;
mod place;
mod settings;
mod store;

/// Copy mails into one mailbox per owner, class or account
#[derive(Args, Debug)]
#[command(
    after_help = "The sources are only read. DIR must be new, empty or of an earlier run with the same settings;\n\
    a mail that is there already, by a hash of its bytes, is not copied again, so a run that was\n\
    interrupted is completed by running it again. Mails that no class claims go to places of their own,\n\
    and so do those of no known account. Mails that could not be read whole are told and not copied.\n\n\
    Examples:\n  \
    postroom sort --by owner --into sorted inbox.mbox\n  \
    postroom sort --by account --as maildir --copy-tags --into clients ~/Maildir\n  \
    postroom sort --by class --into sorted --dry-run inbox.mbox"
)]
pub(crate) struct Sort {
    #[command(flatten)]
    input: Input,

    /// The folder to copy into
    #[arg(long, value_name = "DIR")]
    into: PathBuf,

    /// What to have a mailbox for each of
    #[arg(long, value_enum)]
    by: By,

    /// The kind of mailbox
    #[arg(long = "as", value_enum, default_value_t = Kind::Mbox, value_name = "KIND")]
    kind: Kind,

    /// Put the X-Postroom-* fields on the copies
    #[arg(long)]
    copy_tags: bool,

    /// Say what would be copied, and copy nothing
    #[arg(long)]
    dry_run: bool,
}

/// What to have a mailbox for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Whoever owns the reply.
    Owner,
    /// What the mail is.
    Class,
    /// The client.
    Account,
}

/// The kind of mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// One file.
    Mbox,
    /// A folder with a file a mail.
    Maildir,
}

impl Sort {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        self.keep_apart()?;
        let rules = batch::rules(global)?;
        let (by, copy_tags) = (self.by, self.copy_tags);
        let make = move |report: &Report<'_>, given: Given<'_>| copy(report, given, by, copy_tags);
        let judge = Judge::new(&self.input, global, rules, self.kind == Kind::Maildir, make);
        let settings = settings::Settings { by: self.by, kind: self.kind, copy_tags: self.copy_tags };
        let mut sorting = Sorting {
            store: if self.dry_run {
                Store::look(&self.into, settings)?
            } else {
                Store::open(&self.into, settings)?
            },
            counts: BTreeMap::new(),
            cut: 0,
        };
        let outcome = batch::run(&self.input, judge, &mut sorting);
        match outcome {
            // What is on the disk is not known; the next run finds out.
            Err(failure) if failure.exit != Exit::Interrupted => return Err(failure),
            _ => print(&sorting.summary(self.dry_run))?,
        }
        match outcome {
            Ok(Exit::Fine) if sorting.cut > 0 => Ok(Exit::Data),
            outcome => outcome,
        }
    }

    /// Refuses to copy a folder into itself: the copies would be read as mails to copy.
    fn keep_apart(&self) -> Result<(), Failure> {
        let into = real(&self.into);
        for source in self.input.sources.iter().filter(|source| source.as_path() != Path::new("-")) {
            let from = real(source);
            if into.starts_with(&from) || from.starts_with(&into) {
                let message = format!(
                    "{} and {} are one inside the other; name a folder apart with --into",
                    source.display(),
                    self.into.display()
                );
                return Err(Failure::new(Exit::Usage, message));
            }
        }
        Ok(())
    }
}

/// A path without symbolic links and `..`, also where it does not exist yet.
fn real(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        if part == Component::ParentDir {
            // What was put together so far has no links, so this is the folder above.
            real.pop();
        } else {
            real.push(part);
        }
        real = fs::canonicalize(&real).unwrap_or(real);
    }
    real
}

/// A mail to be copied; none when not all of it is there.
fn copy(report: &Report<'_>, given: Given<'_>, by: By, copy_tags: bool) -> Option<Copy> {
    if !given.whole {
        return None;
    }
    let decision = report.triage.decision.word();
    let place = match by {
        By::Owner => {
            place::of_owner(owner_word(&report.triage.route), report.triage.decision.class.is_none())
        }
        By::Class => decision.to_owned(),
        By::Account => place::of_account(report.account().map(|account| account.id.as_str())),
    };
    let parted = stamp::part(given.bytes);
    let identity = Identity::of(&parted.unstamped());
    let bytes = if copy_tags {
        let mut bytes = Vec::with_capacity(given.bytes.len() + 1024);
        // Writing to a vector cannot fail.
        let _ = parted.write(&fields(report), &mut bytes);
        bytes
    } else {
        given.bytes.to_vec()
    };
    let from_line = given.mail.from_line().map(<[u8]>::to_vec);
    Some(Copy {
        place,
        identity,
        bytes,
        from_line,
        flags: Flags::of_maildir_letters(report.origin.flags.as_bytes()),
    })
}

/// One run of sorting.
struct Sorting {
    store: Store,
    /// Copied, and there already, by place.
    counts: BTreeMap<String, (u64, u64)>,
    /// Mails that were not whole.
    cut: u64,
}

impl Sink<Option<Copy>> for Sorting {
    fn take(&mut self, copy: Option<Copy>) -> Result<Kept, Failure> {
        let Some(copy) = copy else {
            // Told in the summary, not as a choice that somebody made.
            self.cut += 1;
            return Ok(Kept::Yes);
        };
        let (new, known) = self.counts.entry(copy.place.clone()).or_default();
        if self.store.holds(&copy.identity) {
            *known += 1;
        } else {
            *new += 1;
            self.store.add(copy)?;
        }
        Ok(Kept::Yes)
    }

    fn rest(&mut self) -> Result<(), Failure> {
        self.store.flush()
    }
}

impl Sorting {
    fn summary(&self, dry_run: bool) -> String {
        let verb = if dry_run { "would be copied" } else { "copied" };
        let mut text = String::new();
        let wide = self.counts.keys().map(|place| self.store.name(place).len()).max().unwrap_or(0);
        let (mut all_new, mut all_known) = (0, 0);
        for (place, (new, known)) in &self.counts {
            // Writing to a string cannot fail.
            let _ = write!(text, "{:wide$}  {new} {verb}", self.store.name(place));
            if *known > 0 {
                let _ = write!(text, ", {known} there already");
            }
            text.push('\n');
            all_new += new;
            all_known += known;
        }
        let _ = write!(text, "{all_new} {verb}, {all_known} there already");
        if self.cut > 0 {
            let _ = write!(text, ", {} not whole and left out", self.cut);
        }
        text.push('\n');
        text
    }
}
