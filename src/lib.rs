//! Sorts the mail clients send to an agency: what each mail is, who owns the reply, and why.
//!
//! A mail goes down one line of six stages, each one noun and one verb:
//!
//! ```text
//! bytes -> Message -> Fresh (zones) -> Evidence (hits) -> Decision -> Route -> output
//!         message::parse  fresh::extract  evidence::gather  decision::decide  route::assign  output::write
//! ```
//!
//! [`triage::triage`] runs the first five and keeps every intermediate value:
//!
//! ```
//! use postroom::rules::{self, layer::Layer};
//! use postroom::triage::{Context, triage};
//!
//! let rules = rules::ready(&[Layer::BuiltIn])?;
//! let mail = b"From: Jo <jo@client.example>\nSubject: Homepage\n\nHi, when will the homepage go live?\n";
//! let triage = triage(mail, &rules, &Context::default());
//! assert_eq!(triage.message.subject, "Homepage");
//! assert!(triage.route.owner.is_some(), "no mail is without an owner, unless it is not client work");
//! # Ok::<(), postroom::Error>(())
//! ```
//!
//! Everything that decides is TOML ([`rules`]): compiled into the program, overridden by id from folders.
//! [`mailbox`] reads mbox, Maildir, MH, folders of `.eml` and single mails; [`corpus`] judges the line.
//!
//! # What it does not do
//!
//! It delivers no mail and keeps no state: a mail filter or mail server does that. It does not read what is
//! inside attachments, does not decrypt, and judges no spam. Its built-in rules read English; in other
//! languages it finds what was newly written, but seldom what it asks. The library never prints, exits, reads
//! the environment or the clock.

mod built_in;
pub mod corpus;
pub mod error;
pub mod json_schema;
pub mod mailbox;
pub mod milter;
pub mod rules;
pub mod terms;
pub mod triage;

pub use error::Error;
