//! One binary for every test of the whole program.
//!
//! - [`fixtures`] reads `fixtures/mail`: each mail with the answer beside it. No tests of its own.
//! - [`stages`] runs those mails and says which stage broke.
//! - [`mailbox`] reads mailboxes as other programs write them.
//! - [`rules`] holds faulty rule folders to the diagnostics they must give.
//! - [`example_rules`] loads the example rules beside the inbox.
//! - [`architecture`] holds the source to its shape.
//! - [`labels`] holds the labelled mailboxes to their format and to the closed vocabularies.
//! - [`common`] runs the program in a clean environment. No tests of its own.
//! - [`cli`] runs every command: exit codes, standard output, standard error.
//! - [`json`] holds the JSON output to its schema.
//! - [`hosts`] gives mail to real mail filters and mail servers.
//! - [`milter`] speaks to the milter as mail servers do.
//! - [`readme`] runs every command of the README and compares the output.
//! - [`robustness`] breaks mails in every way and judges and stamps what is left of them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot read its own files should stop there"
)]

mod architecture;
mod cli;
mod common;
mod example_rules;
mod fixtures;
mod hosts;
mod json;
mod labels;
mod mailbox;
mod milter;
mod readme;
mod robustness;
mod rules;
mod stages;
