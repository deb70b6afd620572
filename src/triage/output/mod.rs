//! Stage 6: [`Triage`] to bytes: text for a person, JSON, CSV, header fields, tags, one word.
//!
//! Takes what the line found and writes it; decides nothing and changes nothing. Mail text is made
//! safe for where it goes by [`escape`].

use std::fmt;
use std::io::{self, Write};

use super::Triage;
use super::evidence::Hit;
use super::evidence::phrases::PhraseHit;
use super::route::{Assignee, Route};
use crate::rules::RuleSet;
use crate::rules::lexicon::TARGETS;
use crate::rules::set::{Account, Rule};
use crate::rules::source::Mode;
use crate::terms::Role;

pub mod columns;
mod compact;
pub mod csv;
pub mod escape;
pub mod headers;
pub mod json;
mod reason;
pub mod stamp;

pub mod table;
pub mod tags;
pub mod text;
pub mod word;

#[cfg(test)]
mod sample;

pub use columns::{Column, Columns};

/// Where a mail came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Name of the file, folder or stream, `-` for standard input.
    pub source: &'a str,
    /// Position in it, counted from 0.
    pub index: usize,
    /// First byte in it.
    pub offset: u64,
    /// What was done with the mail, as the letters of Maildir.
    pub flags: &'a str,
    /// Names given to the mail where it is kept.
    pub labels: &'a [String],
}

/// All that an output may tell of one mail.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Where the mail came from.
    pub origin: Origin<'a>,
    /// What the line made of it.
    pub triage: &'a Triage<'a>,
    /// The rules it was made with.
    pub rules: &'a RuleSet,
}

impl<'a> Report<'a> {
    /// The client's account, when one was found.
    #[must_use]
    pub fn account(&self) -> Option<&'a Account> {
        self.triage.route.account.and_then(|index| self.rules.directory.accounts.get(index))
    }

    /// Every hit with its rule.
    pub fn hits(&self) -> impl Iterator<Item = (&'a Hit, &'a Rule)> + use<'a> {
        let rules = self.rules;
        self.triage.evidence.hits.iter().filter_map(move |hit| Some((hit, rules.rules.get(hit.rule())?)))
    }

    /// Every phrase of the list that was found, with its points by class, then by topic.
    pub fn phrases(&self) -> impl Iterator<Item = (&'a PhraseHit, [f64; TARGETS])> + use<'a> {
        let lexicon = &self.rules.lexicon;
        self.triage.evidence.phrases.iter().map(|hit| (hit, lexicon.all_points(hit.phrase)))
    }

    /// How many phrases of the list were found, and what they add together, by class, then by topic.
    #[must_use]
    pub fn phrase_sums(&self) -> (usize, [f64; TARGETS]) {
        (self.triage.evidence.phrases.len(), self.triage.decision.phrase_sums)
    }

    /// Every hit that adds points, with its rule; those only watched are left out.
    pub fn counted_hits(&self) -> impl Iterator<Item = (&'a Hit, &'a Rule)> + use<'a> {
        self.hits().filter(|(_, rule)| rule.mode == Mode::Enforce)
    }
}

impl<'a> Report<'a> {
    /// The rules that hit and count, those first that speak loudest for the class decided.
    pub fn strongest_first(&self) -> impl Iterator<Item = &'a Rule> + use<'a> {
        let class = self.triage.decision.best.index();
        let mut rules: Vec<&'a Rule> = self.counted_hits().map(|(_, rule)| rule).collect();
        rules.sort_by(|a, b| b.points[class].total_cmp(&a.points[class]));
        rules.into_iter()
    }
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Text(text::Detail),
    /// JSON, one object a line; v1 with [`Columns::JSON`].
    Jsonl(Columns),
    /// RFC 4180, one record a mail.
    Csv(Columns),
    /// A table for a person, one line a mail.
    Table(Columns),
    /// Lines for `notmuch tag --batch`.
    Tags,
    /// One word a mail.
    Word(word::Word),
}

/// What the place of output can show; only text for a person heeds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns; taken as [`text::MIN_WIDTH`] when less.
    pub width: usize,
    /// Whether to use colour, underlines and the like.
    pub color: bool,
}

/// Writes what stands before the first mail: the names of columns, where there are columns.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn begin(format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match &format {
        Format::Csv(columns) => csv::begin(columns, out),
        Format::Table(columns) => table::begin(columns, look, out),
        Format::Text(_) | Format::Jsonl(_) | Format::Tags | Format::Word(_) => Ok(()),
    }
}

/// Writes one mail.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match &format {
        Format::Text(detail) => text::write(report, *detail, look, out),
        Format::Jsonl(columns) => json::write(report, columns, out),
        Format::Csv(columns) => csv::write(report, columns, out),
        Format::Table(columns) => table::write(report, columns, look, out),
        Format::Tags => tags::write(report, out),
        Format::Word(word) => word::write(report, *word, out),
    }
}

/// The owner's role as a word, or `none`.
#[must_use]
pub fn owner_word(route: &Route) -> &'static str {
    route.owner.as_ref().map_or(NOBODY, |owner| owner.role.as_str())
}

/// The word for no owner.
pub const NOBODY: &str = "none";

/// What is told of together.
#[derive(Clone, Copy, Debug)]
enum Rest {
    /// So many rules.
    Rules(usize),
    /// So many phrases.
    Phrases(usize),
}

impl fmt::Display for Rest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, what) = match self {
            Self::Rules(count) => (count, "rule"),
            Self::Phrases(count) => (count, "phrase"),
        };
        write!(to, "{count} more {what}{}", if *count == 1 { "" } else { "s" })
    }
}

/// The roles of some people, as words.
fn roles(people: &[Assignee]) -> Vec<&'static str> {
    people.iter().map(|who| Role::as_str(who.role)).collect()
}
