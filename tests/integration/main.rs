//! One binary for every test of the whole program.
//!
//! - [`fixtures`] reads `fixtures/mail`: each mail with the answer beside it. No tests of its own.
//! - [`stages`] runs those mails and says which stage broke.
//! - [`mailbox`] reads mailboxes as other programs write them.
//! - [`rules`] holds faulty rule folders to the diagnostics they must give.
//! - [`example_rules`] loads the example rules beside the inbox.
//! - [`labels`] holds the labelled mailboxes to their format and to the closed vocabularies.

mod example_rules;
mod fixtures;
mod labels;
mod mailbox;
mod rules;
mod stages;
