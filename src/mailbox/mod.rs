//! Mailboxes: files and folders to mails, and mails back to files.
//!
//! Takes mbox (mboxrd, mboxo, mboxcl, mboxcl2), Maildir and Maildir++, MH, single mails, folders of
//! any of these, and a stream of an mbox or a mail; any file may be compressed with gzip, zstd,
//! bzip2 or xz. What a file is, its content says, never its name alone. Gives mails in a fixed
//! order with where each was found. Leaves the mailbox as it is, and what a mail says to others.
//!
//! ```
//! use postroom::mailbox;
//!
//! let mbox = b"From jo@example.org Mon Mar  2 08:37:00 2026\nSubject: Hello\n\nFirst.\n\n\
//!              From jo@example.org Mon Mar  2 08:38:00 2026\nSubject: Hello again\n\nSecond.\n";
//! let mails: Vec<_> = mailbox::stream("-", &mbox[..], mailbox::Options::default())?
//!     .collect::<Result<_, _>>()?;
//! assert_eq!(mails.len(), 2);
//! assert_eq!(mails[1].offset(), 69);
//! assert_eq!(&*mails[1].bytes(), b"Subject: Hello again\n\nSecond.\n");
//! # Ok::<(), postroom::Error>(())
//! ```
//!
//! # What is decided here
//!
//! - An empty file, Maildir or MH folder is an empty mailbox with a [`Warning`]; a plain folder
//!   without any mail, and a file that is no mailbox, are errors in words.
//! - A regular file is read to the length it had when it was opened.
//! - Memory is bounded by [`Options`] and by how many mails the caller holds, not by the input.
//!   Listing a folder takes memory for its names.
//! - Mails are given out one at a time, in order, and share the block they were read in: send them to
//!   threads in batches of some dozens and wait for the batches, and nothing is copied.
//! - `From ` lines are unquoted as mboxrd has it, see [`Mail::bytes`]; close calls about where a mail
//!   begins are [`Warning`]s with their line.
//!
//! # What is not supported
//!
//! MMDF, Babyl, Outlook's formats, mbox files with CR line endings alone, and locking while reading:
//! a mailbox that is rewritten meanwhile reads as the bytes that were found.

mod block;
mod compressed;
mod detect;
mod feed;
mod file;
mod folder;
mod header;
mod mail;
mod maildir;
mod marks;
mod mbox;
mod members;
mod mh;
mod scan;
mod separator;
mod stamp;
mod warning;
pub mod write;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use feed::{Context, Feed, Found};
use file::is_named_mail;

use crate::Error;
pub use mail::{Kind, Mail, Source};
pub use marks::{Flags, Marks};
pub use separator::Doubt;
pub use warning::{Remark, Warning};

/// Limits of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes read at a time; mails share the blocks they lie in.
    pub block: usize,
    /// The longest mail read whole, in bytes; a longer one is cut and marked. Whoever copies mails
    /// must not copy one that is cut.
    pub max_mail: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { block: 1024 * 1024, max_mail: 128 * 1024 * 1024 }
    }
}

/// Opens a mailbox: a file or a folder.
///
/// # Errors
///
/// When there is nothing there, it cannot be read, or it is no mailbox.
pub fn open(path: impl Into<PathBuf>, options: Options) -> Result<Mails, Error> {
    let path: PathBuf = path.into();
    let mut context = Context { options, ..Context::default() };
    let meta = fs::metadata(&path).map_err(|fault| Error::io("open", &path, fault))?;
    let feed = if meta.is_dir() {
        folder::feed(&path, &mut context)?
    } else {
        let opened = file::Opened::file(&path, options).map_err(|fault| Error::io("read", &path, fault))?;
        file::feed(&path, opened, is_named_mail(&path), &mut context)?
    };
    Ok(Mails { context, feeds: vec![feed] })
}

/// Reads an mbox or a mail, told apart by its first bytes, from a stream that is called `name` in
/// reports (`-` for standard input). Text without a header is one mail.
///
/// # Errors
///
/// When the stream cannot be read, or holds no mail.
pub fn stream(
    name: impl AsRef<Path>,
    reader: impl Read + Send + 'static,
    options: Options,
) -> Result<Mails, Error> {
    let name = name.as_ref();
    let mut context = Context { options, ..Context::default() };
    let opened =
        file::Opened::stream(Box::new(reader), options).map_err(|fault| Error::io("read", name, fault))?;
    let feed = file::feed(name, opened, true, &mut context)?;
    Ok(Mails { context, feeds: vec![feed] })
}

/// The mails of a mailbox, source by source.
///
/// A mail that cannot be read is an `Err` and the next one follows; the end is `None`, for good.
/// Ask for [`warnings`](Self::take_warnings) as you go.
pub struct Mails {
    context: Context,
    /// The source being read, last, under those it was found in.
    feeds: Vec<Box<dyn Feed>>,
}

impl Mails {
    /// What was odd so far, each once; none is lost by asking late, unless there are thousands.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        self.context.warnings.take()
    }

    /// How many warnings were dropped because too many waited.
    #[must_use]
    pub fn dropped_warnings(&self) -> u64 {
        self.context.warnings.dropped()
    }
}

impl std::fmt::Debug for Mails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mails").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Iterator for Mails {
    type Item = Result<Mail, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(feed) = self.feeds.last_mut() {
            match feed.next(&mut self.context) {
                Some(Found::Mail(mail)) => return Some(Ok(mail)),
                Some(Found::Fault(fault)) => return Some(Err(fault)),
                Some(Found::Enter(feed)) => self.feeds.push(feed),
                None => {
                    self.feeds.pop();
                }
            }
        }
        None
    }
}
