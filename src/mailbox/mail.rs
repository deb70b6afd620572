//! One mail out of a mailbox, and where it came from.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memmem;

use super::header;
use super::marks::{Flags, Marks};
use super::stamp;

/// Where mails come from: a file or a folder, which numbers its mails from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file or folder as it was named, or `-`.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A file of mails, each opened by a `From ` line.
    Mbox,
    /// A file that is one mail.
    Mail,
    /// A folder of files that are one mail each.
    Folder,
    /// A Maildir, or one folder of a Maildir++.
    Maildir,
    /// An MH folder: files named by number.
    Mh,
}

/// One mail, as bytes that may share a block with their neighbours.
///
/// Cheap to send to another thread and to clone. A mail keeps its whole block in memory, so hold
/// few of them, or [`detach`](Self::detach) those that stay.
#[derive(Clone, Debug)]
pub struct Mail {
    pub(super) source: Arc<Source>,
    pub(super) index: u64,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) file: Option<Arc<Path>>,
    pub(super) block: Arc<Vec<u8>>,
    pub(super) from_line: Range<usize>,
    pub(super) content: Range<usize>,
    pub(super) quoted: bool,
    pub(super) oversize: bool,
    pub(super) flags: Flags,
}

impl Mail {
    /// Where the mail comes from.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Position in the source, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Byte offset in the source, after decompression: of the `From ` line in an mbox, else 0.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Line in the source where the mail begins, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The mail's own file, where the source is a folder.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The `From ` line of an mbox, without its line ending.
    #[must_use]
    pub fn from_line(&self) -> Option<&[u8]> {
        self.block.get(self.from_line.clone()).filter(|line| !line.is_empty())
    }

    /// The envelope sender in the `From ` line, as written.
    #[must_use]
    pub fn envelope_sender(&self) -> Option<&[u8]> {
        self.from_line().map(|line| stamp::parts(line).0).filter(|sender| !sender.is_empty())
    }

    /// The bytes as stored, `From ` lines in them still quoted, without the mail's own.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        self.block.get(self.content.clone()).unwrap_or_default()
    }

    /// The mail's bytes, `>From ` lines unquoted as mboxrd has it: one `>` is taken off every line
    /// of `>`s followed by `From `.
    ///
    /// The older mboxo quotes only lines that begin with `From ` itself, and nothing in a file says
    /// which of the two it is. One `>` less is then wrong only for a line that was written `>From `,
    /// a quotation of an unlucky sentence. Mails whose `Content-Length` held over unquoted `From `
    /// lines (mboxcl2) are not unquoted.
    #[must_use]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        if self.quoted { unquote(self.raw()) } else { Cow::Borrowed(self.raw()) }
    }

    /// The value of the first header field of this name, unfolded and trimmed; undecoded.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Vec<u8>> {
        header::field(header::block(self.raw()), name.as_bytes())
    }

    /// Whether the mail was longer than the limit and is only a beginning.
    #[must_use]
    pub fn is_oversize(&self) -> bool {
        self.oversize
    }

    /// Flags and labels that mail programs keep in the header or the file name.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let mut marks = Marks::of(header::block(self.raw()));
        marks.flags = marks.flags.union(self.flags);
        marks
    }

    /// The same mail in memory of its own, so that its block can go.
    #[must_use]
    pub fn detach(&self) -> Self {
        let from_line = self.from_line().unwrap_or_default();
        let block = [from_line, self.raw()].concat();
        let (split, end) = (from_line.len(), block.len());
        Self { block: Arc::new(block), from_line: 0..split, content: split..end, ..self.clone() }
    }
}

/// Takes one `>` off every line of `>`s followed by `From `.
pub(super) fn unquote(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut clean: Option<Vec<u8>> = None;
    let mut copied = 0;
    for hit in memmem::find_iter(raw, b">From ") {
        let before = raw.get(..hit).unwrap_or_default();
        let quotes = before.iter().rev().take_while(|byte| **byte == b'>').count();
        let start = hit - quotes;
        if start > 0 && raw.get(start - 1) != Some(&b'\n') {
            continue;
        }
        let clean = clean.get_or_insert_with(|| Vec::with_capacity(raw.len()));
        clean.extend_from_slice(raw.get(copied..start).unwrap_or_default());
        copied = start + 1;
    }
    match clean {
        Some(mut clean) => {
            clean.extend_from_slice(raw.get(copied..).unwrap_or_default());
            Cow::Owned(clean)
        }
        None => Cow::Borrowed(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_quote_less() {
        let cases = [
            ("a\n>From b\n", "a\nFrom b\n"),
            (">From b", "From b"),
            ("a\n>>>From b\nx >From c\n", "a\n>>From b\nx >From c\n"),
            ("a\r\n>From b\r\n>From c", "a\r\nFrom b\r\nFrom c"),
            ("a\n> From b\n>from c\n>From\n", "a\n> From b\n>from c\n>From\n"),
        ];
        for (raw, want) in cases {
            assert_eq!(unquote(raw.as_bytes()), want.as_bytes(), "{raw:?}");
        }
    }

    #[test]
    fn mails_can_be_sent_to_threads() {
        fn check<T: Send + Sync + Clone>() {}
        check::<Mail>();
        fn check_send<T: Send>() {}
        check_send::<super::super::Mails>();
    }
}
