//! Sorts the mail clients send to an agency.

pub mod error;
pub mod mailbox;
pub mod rules;
pub mod terms;
pub mod triage;

pub use error::Error;
