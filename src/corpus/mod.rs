//! Judging the line: inline tests of rules, and labelled mail.
//!
//! [`labelled`] reads mail whose right answer somebody wrote down, [`judge`] takes it down the line,
//! [`eval`] counts what was right, [`report`] writes that down.

pub mod eval;
pub mod inline;
pub mod judge;
pub mod labelled;
pub mod report;
