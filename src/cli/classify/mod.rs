//! `postroom classify`: every mail of some mailboxes, in some form.

use std::io::{self, IoSlice, IsTerminal as _, Write};
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

    /// Show everything that decided each mail; in jsonl, all rules and phrases, not the chief ones alone
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
        let mut lines = Lines { out: stdout, waiting: Vec::new(), bytes: 0, terminal };
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

/// Bytes up to which entries are gathered in one piece.
const PIECE: usize = 4096;

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
    /// What is to be written, in pieces; large ones are written from where they were made.
    waiting: Vec<Vec<u8>>,
    /// Bytes of it.
    bytes: usize,
    /// Whether a person waits for each.
    terminal: bool,
}

impl<W: Write> Sink<Option<Vec<u8>>> for Lines<W> {
    fn take(&mut self, shown: Option<Vec<u8>>) -> Result<Kept, Failure> {
        let Some(shown) = shown else { return Ok(Kept::No) };
        self.bytes += shown.len();
        match self.waiting.last_mut().filter(|last| last.len() + shown.len() <= PIECE) {
            Some(last) => last.extend_from_slice(&shown),
            None => self.waiting.push(shown),
        }
        if self.terminal || self.bytes >= BUFFER {
            self.rest()?;
        }
        Ok(Kept::Yes)
    }

    fn rest(&mut self) -> Result<(), Failure> {
        let pieces = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        write_all(&mut self.out, &mut slices).map_err(|cause| Failure::output(&cause))
    }
}

/// Writes all of these, in this order.
fn write_all(out: &mut impl Write, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Empty ones are no end of the output.
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match out.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes at a time, and is interrupted before each.
    struct Slow(Vec<u8>, usize, bool);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let some = &bytes[..bytes.len().min(self.1)];
            self.0.extend_from_slice(some);
            Ok(some.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn entries_are_written_whole_and_in_order_whatever_their_sizes() {
        let entries: Vec<Vec<u8>> =
            (0..300_usize).map(|at| vec![b'a' + (at % 26) as u8; at * 37 % 9000]).collect();
        for most in [7, 5000, usize::MAX] {
            let out = Slow(Vec::new(), most, false);
            let mut lines = Lines { out, waiting: Vec::new(), bytes: 0, terminal: false };
            entries.iter().for_each(|entry| assert!(lines.take(Some(entry.clone())).is_ok()));
            assert!(lines.rest().is_ok() && lines.take(None).is_ok() && lines.rest().is_ok());
            assert_eq!(lines.out.0, entries.concat());
        }
        let mut full =
            Lines { out: Slow(Vec::new(), 0, false), waiting: Vec::new(), bytes: 0, terminal: true };
        assert!(full.take(Some(b"x".to_vec())).is_err());
    }
}
