//! `postroom classify`: every mail of some mailboxes, in some form.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use postroom::triage::output::{self, Columns, Format, Look, Report, json, text, word};

use super::batch::{self, Given, Input, Judge, Kept, Sink};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::standard;
use only::Only;

mod only;

/// Classify every mail of mailboxes: mbox, Maildir, MH, .eml, folders of these, compressed or not
#[derive(Args, Debug)]
#[command(
    after_help = "One mail alone is shown in full, several in two lines each unless --explain is given.\n\
    How many of which kind, and how fast, is told on standard error at the end. A mail or mailbox that\n\
    cannot be read is told and left out; the first failure gives the exit code. An interrupt ends the run\n\
    with what was done until then, and exit 130.\n\n\
    Examples:\n  \
    postroom classify inbox.mbox\n  \
    postroom classify --format table --only 'owner=pm,class=new-project|unsure' ~/Maildir\n  \
    postroom classify --format jsonl ~/Maildir | jq -r 'select(.owner == \"pm\") | .subject'\n  \
    postroom classify --format tags ~/Maildir | notmuch tag --batch\n  \
    zcat old.mbox.gz | postroom classify --format csv --fields date,from,class,labels > old.csv"
)]
pub(crate) struct Classify {
    #[command(flatten)]
    input: Input,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    format: Form,

    /// Only mails of which this holds: owner, class, topic, account, sender, defect; `,` is and, `|` is or
    #[arg(long, value_name = "KEY=WORD,...")]
    only: Vec<Only>,

    /// Only these fields, in this order, in a table, csv or jsonl: names as in jsonl, or why, flags, labels
    #[arg(long, value_name = "FIELD,...", value_parser = Columns::parse)]
    fields: Option<Columns>,

    /// Write one word a mail, and which; the same as --format word, which writes the class
    #[arg(long, value_enum, value_name = "WORD", conflicts_with = "format")]
    word: Option<Which>,

    /// Show everything that decided each mail; in jsonl, all phrases are reasons, not the chief ones alone
    #[arg(long)]
    explain: bool,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person.
    Text,
    /// For a person, one line a mail.
    Table,
    /// One JSON object a line; see docs/json-v1.schema.json.
    Jsonl,
    /// For a spreadsheet.
    Csv,
    /// For `notmuch tag --batch`.
    #[value(alias = "notmuch")]
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
        let format = self.format()?;
        let rules = batch::rules(global)?;
        for only in &self.only {
            only.check(&rules).map_err(|fault| Failure::new(Exit::Usage, format!("--only: {fault}")))?;
        }
        let (only, look) = (self.only.clone(), global.look());
        let marks = self.fields.is_some_and(|columns| columns.have_marks());
        let show = move |report: &Report<'_>, given: Given<'_>| {
            only.iter().all(|only| only.holds(report)).then(|| shown(report, given, format, look))
        };
        let judge = Judge::new(&self.input, global, Arc::clone(&rules), marks, show);
        let stdout = standard::output().map_err(|cause| Failure::output(&cause))?;
        let terminal = stdout.is_terminal();
        let mut lines = Lines { out: io::BufWriter::with_capacity(BUFFER, stdout), terminal };
        output::begin(format, look, &mut lines.out).map_err(|cause| Failure::output(&cause))?;
        batch::run(&self.input, judge, &mut lines)
    }

    fn format(&self) -> Result<Format, Failure> {
        if self.fields.is_some() && !matches!(self.format, Form::Table | Form::Jsonl | Form::Csv) {
            let message = "--fields goes with --format table, csv or jsonl; the other forms have none";
            return Err(Failure::new(Exit::Usage, message));
        }
        let fields = |usual: Columns| {
            let columns = self.fields.unwrap_or(usual);
            if self.explain { columns.explained() } else { columns }
        };
        Ok(match (self.word, self.format) {
            (Some(Which::Owner), _) => Format::Word(word::Word::Owner),
            (Some(Which::Class), _) | (None, Form::Word) => Format::Word(word::Word::Class),
            (None, Form::Text) if self.explain => Format::Text(text::Detail::Full),
            (None, Form::Text) => Format::Text(text::Detail::Short),
            (None, Form::Table) => Format::Table(fields(Columns::TABLE)),
            (None, Form::Jsonl) => Format::Jsonl(fields(Columns::JSON)),
            (None, Form::Csv) => Format::Csv(fields(Columns::CSV)),
            (None, Form::Tags) => Format::Tags,
        })
    }
}

/// Bytes gathered before they are written.
const BUFFER: usize = 64 * 1024;

/// A mail in the form asked for.
fn shown(report: &Report<'_>, given: Given<'_>, format: Format, look: Look) -> Vec<u8> {
    let format = match format {
        Format::Text(text::Detail::Short) if given.alone => Format::Text(text::Detail::Medium),
        Format::Jsonl(columns) => return json::line(report, &columns),
        format => format,
    };
    let mut shown = Vec::with_capacity(2048);
    // Writing to a vector cannot fail.
    let _ = output::write(report, format, look, &mut shown);
    shown
}

/// Standard output, in whole entries.
struct Lines<W: Write> {
    out: W,
    /// Whether a person waits for each.
    terminal: bool,
}

impl<W: Write> Sink<Option<Vec<u8>>> for Lines<W> {
    fn take(&mut self, shown: Option<Vec<u8>>) -> Result<Kept, Failure> {
        let Some(shown) = shown else { return Ok(Kept::No) };
        self.out.write_all(&shown).map_err(|cause| Failure::output(&cause))?;
        if self.terminal {
            self.rest()?;
        }
        Ok(Kept::Yes)
    }

    fn rest(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|cause| Failure::output(&cause))
    }
}
