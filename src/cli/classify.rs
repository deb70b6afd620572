//! `postroom classify`: every mail of some mailboxes, in some form.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::{Args, ValueEnum};
use postroom::mailbox::{self, Mail, Mails};
use postroom::rules::RuleSet;
use postroom::terms::{Class, Role, UNSURE};
use postroom::triage::output::{self, Format, Look, NOBODY, Origin, Report, owner_word, text, word};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::{Failure, tell};
use super::options::Global;
use super::{folders, guarded, log};

/// Classify every mail of mailboxes: mbox, Maildir, MH, .eml, folders of these, compressed or not
#[derive(Args, Debug)]
#[command(
    after_help = "One mail alone is shown in full, several in two lines each unless --explain is given.\n\n\
    Examples:\n  \
    postroom classify inbox.mbox\n  \
    postroom classify --format jsonl ~/Maildir | jq -r 'select(.owner == \"pm\") | .subject'\n  \
    postroom classify --format tags ~/Maildir | notmuch tag --batch\n  \
    zcat old.mbox.gz | postroom classify --format csv > old.csv"
)]
pub(crate) struct Classify {
    /// Mailboxes; `-` is standard input
    #[arg(value_name = "SOURCE", default_value = "-")]
    sources: Vec<PathBuf>,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    format: Form,

    /// Write one word a mail, and which; the same as --format word, which writes the class
    #[arg(long, value_enum, value_name = "WORD", conflicts_with = "format")]
    word: Option<Which>,

    /// Show everything that decided each mail
    #[arg(long)]
    explain: bool,

    /// The address the mails were sent to, where they do not say themselves
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,

    /// Threads to work on; the output is the same whatever their number [default: one a processor]
    #[arg(short, long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person.
    Text,
    /// One JSON object a line; see docs/json-v1.schema.json.
    Jsonl,
    /// For a spreadsheet.
    Csv,
    /// For `notmuch tag --batch`.
    Tags,
    /// One word a mail.
    Word,
}

/// Which word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The class, or unsure.
    Class,
    /// am, pm or none.
    Owner,
}

impl Classify {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let rules = folders::rules(global.rules.as_deref())?;
        let context = Context { date: global.date, recipient: self.recipient.as_deref() };
        let judge = Judge { rules: &rules, context, format: self.format(), look: global.look() };
        let mut run = Run {
            judge,
            jobs: self
                .jobs
                .map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from),
            out: Box::new(io::BufWriter::new(io::stdout().lock())),
            batch: Vec::new(),
            totals: Totals::default(),
            exit: Exit::Fine,
        };
        let written = |written: io::Result<()>| written.map_err(|cause| Failure::output(&cause));
        written(output::begin(judge.format, &mut run.out))?;
        for source in &self.sources {
            match open(source) {
                Ok(mails) => written(run.all(mails))?,
                Err(failure) => run.failed(&failure),
            }
        }
        written(run.end())?;
        Ok(run.exit)
    }

    fn format(&self) -> Format {
        match (self.word, self.format) {
            (Some(Which::Owner), _) => Format::Word(word::Word::Owner),
            (Some(Which::Class), _) | (None, Form::Word) => Format::Word(word::Word::Class),
            (None, Form::Text) if self.explain => Format::Text(text::Detail::Full),
            (None, Form::Text) => Format::Text(text::Detail::Short),
            (None, Form::Jsonl) => Format::Jsonl,
            (None, Form::Csv) => Format::Csv,
            (None, Form::Tags) => Format::Tags,
        }
    }
}

fn open(source: &Path) -> Result<Mails, Failure> {
    let options = mailbox::Options::default();
    if source == Path::new("-") {
        Ok(mailbox::stream("-", io::stdin(), options)?)
    } else {
        Ok(mailbox::open(source, options)?)
    }
}

/// One run over all sources.
struct Run<'r> {
    judge: Judge<'r>,
    jobs: usize,
    out: Box<dyn Write>,
    /// Mails read and not yet judged.
    batch: Vec<Mail>,
    totals: Totals,
    exit: Exit,
}

/// Most mails judged in one go.
const BATCH: usize = 256;

/// Bytes of mail after which a batch is full.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

impl Run<'_> {
    fn all(&mut self, mut mails: Mails) -> io::Result<()> {
        let mut warned = 0_u64;
        loop {
            let next = mails.next();
            for warning in mails.take_warnings() {
                warned += 1;
                if warned <= 20 {
                    tell("warning", &warning.to_string());
                }
            }
            match next {
                None => break,
                Some(Err(error)) => self.failed(&error.into()),
                Some(Ok(mail)) => self.mail(mail)?,
            }
        }
        let untold = warned.saturating_sub(20) + mails.dropped_warnings();
        if untold > 0 {
            tell("warning", &format!("{untold} more of these"));
        }
        Ok(())
    }

    /// A failure that ends one mail or source and not the run; the first one gives the exit code.
    fn failed(&mut self, failure: &Failure) {
        let exit = failure.tell();
        self.totals.failed += 1;
        if self.exit == Exit::Fine {
            self.exit = exit;
        }
    }

    fn mail(&mut self, mail: Mail) -> io::Result<()> {
        self.totals.mails += 1;
        self.batch.push(mail);
        let bytes: usize = self.batch.iter().map(|mail| mail.raw().len()).sum();
        // Never one alone: whether it is the only one decides how it is shown.
        if self.batch.len() > 1 && (self.batch.len() == BATCH || bytes >= BATCH_BYTES) {
            self.flush()?;
        }
        Ok(())
    }

    /// Judges the mails read so far, on all threads, and writes them in the order read.
    fn flush(&mut self) -> io::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let (judge, next) = (self.judge, AtomicUsize::new(0));
        let work = || {
            let mut done = Vec::new();
            while let Some((at, mail)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                batch.get(at).map(|mail| (at, mail))
            } {
                done.push((at, guarded(|| judge.mail(mail))));
            }
            done
        };
        let mut done = thread::scope(|scope| {
            let helpers: Vec<_> = (1..self.jobs.min(batch.len())).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            done.extend(helpers.into_iter().filter_map(|helper| helper.join().ok()).flatten());
            done
        });
        done.sort_unstable_by_key(|(at, _)| *at);
        for (at, judged) in done {
            match judged {
                Ok(judged) => {
                    self.totals.count(&judged);
                    self.out.write_all(&judged.shown)?;
                }
                Err(_) => {
                    let place =
                        batch.get(at).map(|mail| format!("{}, mail {}", mail.source(), mail.index() + 1));
                    let place = place.unwrap_or_default();
                    self.failed(&Failure::new(Exit::Internal, format!("{place}: not judged")));
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.totals.mails == 1 && self.judge.format == Format::Text(text::Detail::Short) {
            self.judge.format = Format::Text(text::Detail::Medium);
        }
        self.flush()?;
        self.out.flush()?;
        if self.totals.mails > 1 || self.totals.failed > 0 {
            // Nobody to tell when this fails.
            let _ = writeln!(io::stderr(), "{}", self.totals.line());
        }
        Ok(())
    }
}

/// What each thread needs to judge a mail and show it.
#[derive(Clone, Copy)]
struct Judge<'r> {
    rules: &'r RuleSet,
    context: Context<'r>,
    format: Format,
    look: Look,
}

/// A mail judged and shown, to be written in its turn.
struct Judged {
    class: &'static str,
    owner: &'static str,
    shown: Vec<u8>,
}

impl Judge<'_> {
    fn mail(&self, mail: &Mail) -> Judged {
        let bytes = mail.bytes();
        let triage = triage(&bytes, self.rules, &self.context);
        let source = mail.file().map_or_else(|| mail.source().path.display(), Path::display).to_string();
        let index = usize::try_from(mail.index()).unwrap_or(usize::MAX);
        let origin = Origin { source: &source, index, offset: mail.offset() };
        let report = Report { origin, triage: &triage, rules: self.rules };
        log::judged(&report);
        let mut shown = Vec::new();
        // Writing to a vector cannot fail.
        let _ = output::write(&report, self.format, self.look, &mut shown);
        Judged { class: triage.decision.word(), owner: owner_word(&triage.route), shown }
    }
}

/// How many mails of which class and owner.
#[derive(Default)]
struct Totals {
    mails: u64,
    failed: u64,
    words: BTreeMap<&'static str, u64>,
}

impl Totals {
    fn count(&mut self, judged: &Judged) {
        *self.words.entry(judged.class).or_default() += 1;
        *self.words.entry(judged.owner).or_default() += 1;
    }

    fn line(&self) -> String {
        let counted = |words: &[&'static str], last: &'static str| {
            let words = words.iter().copied().chain([last]);
            let counts = words.filter_map(|word| Some(format!("{word} {}", self.words.get(word)?)));
            counts.collect::<Vec<_>>().join(", ")
        };
        let mails = if self.mails == 1 { "mail" } else { "mails" };
        let mut line = format!("{} {mails}", self.mails);
        if self.mails > 0 {
            line += &format!(": {}; owner {}", counted(Class::WORDS, UNSURE), counted(Role::WORDS, NOBODY));
        }
        if self.failed > 0 {
            line += &format!("; {} failed", self.failed);
        }
        line
    }
}
