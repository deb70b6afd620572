//! What [`eval`](super::eval) and its kin found, written for a person or a program.
//!
//! Counts nothing of its own. Mail text appears only where a mail was asked for, and escaped.

pub mod diff;
pub mod json;
pub mod mails;
pub mod page;
pub mod text;

use super::eval::Evaluation;
use super::judge::Judged;
use super::labelled::Corpus;
use crate::rules::RuleSet;
use crate::triage::Context;

/// All that a report may tell.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The labelled mail.
    pub corpus: &'r Corpus,
    /// What the line made of it.
    pub judged: &'r [Judged],
    /// What was counted.
    pub evaluation: &'r Evaluation,
    /// The rules it was made with.
    pub rules: &'r RuleSet,
    /// What the line was told beside the mails.
    pub context: &'r Context<'r>,
}

/// A number of things: `1 mail`, `2 mails`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A share as a percentage with one decimal; a dash where there is none.
#[must_use]
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// A share between 0 and 1 with two decimals; a dash where there is none.
#[must_use]
pub fn fraction(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{share:.2}"))
}
