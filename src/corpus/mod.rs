//! Judging the line: inline tests of rules, and later labelled mail.

pub mod inline;
