//! The single mails of a folder: opened, numbered, and what was wrong with one told after it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::feed::{Context, Found};
use super::file::{self, Opened};
use super::mail::{Kind, Mail, Source};
use super::marks::Flags;
use super::warning::Remark;
use crate::Error;

/// A folder whose files are one mail each.
pub(super) struct Members {
    /// The folder.
    pub(super) source: Arc<Source>,
    /// How many mails it gave.
    pub(super) index: u64,
    fault: Option<Error>,
}

impl Members {
    /// The members of the folder at `path`.
    pub(super) fn of(path: &Path, kind: Kind) -> Self {
        let source = Arc::new(Source { path: path.to_owned(), kind });
        Self { source, index: 0, fault: None }
    }

    /// A fault that belongs after the mail given last.
    pub(super) fn fault(&mut self) -> Option<Found> {
        self.fault.take().map(Found::Fault)
    }

    /// The result of opening a file, when there is one: a file that went away is a warning.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be read.
    pub(super) fn opened<T>(
        &self,
        path: &Path,
        opened: io::Result<T>,
        context: &mut Context,
    ) -> Result<Option<T>, Error> {
        match opened {
            Ok(opened) => Ok(Some(opened)),
            // A link that leads nowhere did not go away: it is still there.
            Err(fault) if fault.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
                context.warnings.whole(&self.source, Remark::Vanished(path.to_owned()));
                Ok(None)
            }
            Err(fault) => Err(Error::io("read", path, fault)),
        }
    }

    /// The file at `path`, opened.
    ///
    /// # Errors
    ///
    /// What to give in its place: the fault, or nothing when the file went away.
    pub(super) fn open(&self, path: &Path, context: &mut Context) -> Result<Opened, Option<Found>> {
        let opened = Opened::file(path, context.options);
        self.opened(path, opened, context).map_err(|fault| Some(Found::Fault(fault)))?.ok_or(None)
    }

    /// The mail in a file.
    pub(super) fn mail(&mut self, path: &Path, opened: Opened, flags: Flags, context: &mut Context) -> Found {
        let (mail, fault) = file::whole(opened, &self.source, Some(path), self.index, context);
        self.index += 1;
        self.fault = fault.map(|fault| Error::io("read", path, fault));
        Found::Mail(Mail { flags, ..mail })
    }
}
