//! Judging the line: inline tests of rules, and labelled mail.
//!
//! [`labelled`] reads mail whose right answer somebody wrote down, [`judge`] takes it down the line,
//! [`eval`] counts what was right, [`diff`] what a change of the rules did, [`report`] writes that down.

pub mod diff;
pub mod edit;
pub mod eval;
pub mod inline;
pub mod judge;
pub mod kept;
pub mod labelled;
pub mod prepared;
pub mod redact;
pub mod report;
pub mod tune;
pub mod whole;

#[cfg(test)]
mod sample;
