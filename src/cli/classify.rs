//! `postroom classify`: every mail of some mailboxes, in some form.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::mailbox::{self, Mail, Mails};
use postroom::rules::RuleSet;
use postroom::terms::{Class, Role, UNSURE};
use postroom::triage::output::{self, Format, Look, NOBODY, Origin, Report, owner_word, text, word};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::{Failure, tell};
use super::options::Global;
use super::{folders, log};

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

    /// Which word `--format word` writes
    #[arg(long, value_enum, default_value_t = Which::Class, value_name = "WORD")]
    word: Which,

    /// Show everything that decided each mail
    #[arg(long)]
    explain: bool,

    /// The address the mails were sent to, where they do not say themselves
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
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
        let mut run = Run {
            rules: &rules,
            context,
            format: self.format(),
            look: global.look(),
            out: Box::new(io::BufWriter::new(io::stdout().lock())),
            waiting: None,
            totals: Totals::default(),
            exit: Exit::Fine,
        };
        let written = |written: io::Result<()>| written.map_err(|cause| Failure::output(&cause));
        written(output::begin(run.format, &mut run.out))?;
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
        match (self.format, self.word) {
            (Form::Text, _) if self.explain => Format::Text(text::Detail::Full),
            (Form::Text, _) => Format::Text(text::Detail::Short),
            (Form::Jsonl, _) => Format::Jsonl,
            (Form::Csv, _) => Format::Csv,
            (Form::Tags, _) => Format::Tags,
            (Form::Word, Which::Class) => Format::Word(word::Word::Class),
            (Form::Word, Which::Owner) => Format::Word(word::Word::Owner),
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
    rules: &'r RuleSet,
    context: Context<'r>,
    format: Format,
    look: Look,
    out: Box<dyn Write>,
    /// The first mail, until it is known whether it is the only one.
    waiting: Option<Mail>,
    totals: Totals,
    exit: Exit,
}

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
        if self.format != Format::Text(text::Detail::Short) {
            return self.write(&mail, self.format);
        }
        match self.waiting.take() {
            None if self.totals.mails == 1 => {
                self.waiting = Some(mail);
                Ok(())
            }
            None => self.write(&mail, self.format),
            Some(first) => {
                self.write(&first, self.format)?;
                self.write(&mail, self.format)
            }
        }
    }

    fn write(&mut self, mail: &Mail, format: Format) -> io::Result<()> {
        let bytes = mail.bytes();
        let triage = triage(&bytes, self.rules, &self.context);
        let source = mail.file().map_or_else(|| mail.source().path.display(), Path::display).to_string();
        let index = usize::try_from(mail.index()).unwrap_or(usize::MAX);
        let origin = Origin { source: &source, index, offset: mail.offset() };
        let report = Report { origin, triage: &triage, rules: self.rules };
        log::judged(&report);
        self.totals.count(&report);
        output::write(&report, format, self.look, &mut self.out)
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(only) = self.waiting.take() {
            self.write(&only, Format::Text(text::Detail::Medium))?;
        }
        self.out.flush()?;
        if self.totals.mails > 1 || self.totals.failed > 0 {
            // Nobody to tell when this fails.
            let _ = writeln!(io::stderr(), "{}", self.totals.line());
        }
        Ok(())
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
    fn count(&mut self, report: &Report<'_>) {
        *self.words.entry(report.triage.decision.word()).or_default() += 1;
        *self.words.entry(owner_word(&report.triage.route)).or_default() += 1;
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
