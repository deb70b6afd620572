//! The index: which mails were copied, and which mailboxes are ours.
//!
//! A text file that is only ever appended to, a line each: `place NAME` before a mailbox is made, and
//! `mail HASH NAME` once the mail is safely in it. A last line without an end is one that a killed run
//! did not finish, and counts for nothing.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use postroom::Error;
use postroom::mailbox::write::private_file;

use super::identity::Identity;

/// Its name.
const NAME: &str = ".postroom-sort.index";

/// The index as read, and the file to add to; no file in a dry run.
#[derive(Debug)]
pub(super) struct Index {
    path: PathBuf,
    file: Option<File>,
    mails: HashSet<Identity>,
    places: HashSet<String>,
}

impl Index {
    /// Reads the index of a folder, when it has one.
    pub(super) fn look(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(Error::io("read", &path, cause)),
        };
        let mut index = Self { path, file: None, mails: HashSet::new(), places: HashSet::new() };
        let whole = memchr::memrchr(b'\n', &text).map_or(0, |end| end + 1);
        for line in String::from_utf8_lossy(text.get(..whole).unwrap_or_default()).lines() {
            match line.split_once(' ') {
                Some(("place", name)) => {
                    index.places.insert(name.to_owned());
                }
                Some(("mail", rest)) => {
                    index.mails.extend(rest.split(' ').next().and_then(Identity::parse));
                }
                _ => {}
            }
        }
        Ok(index)
    }

    /// Reads the index and opens it for adding.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let mut index = Self::look(folder)?;
        let opened = private_file().append(true).create(true).open(&index.path);
        let mut file = opened.map_err(|cause| Error::io("open", &index.path, cause))?;
        // Ends a line that was not finished, so that the next one is a line of its own.
        if fs::read(&index.path).is_ok_and(|text| text.last().is_some_and(|last| *last != b'\n')) {
            file.write_all(b"\n").map_err(|cause| Error::io("write", &index.path, cause))?;
        }
        index.file = Some(file);
        Ok(index)
    }

    pub(super) fn holds(&self, identity: &Identity) -> bool {
        self.mails.contains(identity)
    }

    /// Whether a mailbox of this name is ours.
    pub(super) fn has_place(&self, name: &str) -> bool {
        self.places.contains(name)
    }

    /// Notes that a mailbox of this name will be ours.
    pub(super) fn add_place(&mut self, name: &str) -> Result<(), Error> {
        self.places.insert(name.to_owned());
        self.write(&format!("place {name}\n"))
    }

    /// Notes mails that are safely in a mailbox; those it has already are not noted again.
    pub(super) fn add_mails<'i>(
        &mut self,
        mails: impl IntoIterator<Item = (&'i Identity, &'i str)>,
    ) -> Result<(), Error> {
        let mut lines = String::new();
        for (identity, place) in mails {
            if self.mails.insert(*identity) {
                // Writing to a string cannot fail.
                let _ = writeln!(lines, "mail {identity} {place}");
            }
        }
        if lines.is_empty() { Ok(()) } else { self.write(&lines) }
    }

    fn write(&mut self, lines: &str) -> Result<(), Error> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(|cause| Error::io("write", &self.path, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_an_end_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Identity::of(b"1"), Identity::of(b"2"));
        let mut index = Index::open(folder.path()).unwrap();
        index.add_place("am.mbox").unwrap();
        index.add_mails([(&one, "am.mbox"), (&one, "am.mbox")]).unwrap();
        drop(index);
        let path = folder.path().join(NAME);
        let whole = fs::read_to_string(&path).unwrap();
        assert_eq!(whole, format!("place am.mbox\nmail {one} am.mbox\n"));
        fs::write(&path, format!("{whole}mail {two} am.mb")).unwrap();
        let mut index = Index::open(folder.path()).unwrap();
        assert!(index.holds(&one) && !index.holds(&two) && index.has_place("am.mbox"));
        index.add_mails([(&two, "am.mbox")]).unwrap();
        assert!(Index::look(folder.path()).unwrap().holds(&two));
    }
}
