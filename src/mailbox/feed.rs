//! What every way of storing mail has in common for the iterator above it.

use std::collections::HashSet;
use std::path::PathBuf;

use super::Options;
use super::mail::Mail;
use super::warning::Warnings;
use crate::Error;

/// Gives mails one after another.
pub(super) trait Feed: Send {
    /// The next thing found; `None` when there is no more.
    fn next(&mut self, context: &mut Context) -> Option<Found>;
}

/// What a [`Feed`] comes upon.
pub(super) enum Found {
    /// A mail.
    Mail(Mail),
    /// A source within the source, to be read before this one goes on.
    Enter(Box<dyn Feed>),
    /// Something that could not be read; what follows may still be.
    Fault(Error),
}

/// What the feeds of one run share.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Limits.
    pub(super) options: Options,
    /// Warnings on their way out.
    pub(super) warnings: Warnings,
    /// Folders read so far, by their canonical path: what a symbolic link leads back to.
    pub(super) visited: HashSet<PathBuf>,
}
