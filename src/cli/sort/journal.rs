//! The journal: what is about to be appended to which mbox, written before the first byte of it is.
//!
//! A run killed while it appends leaves a mailbox with a part of the last batch. The journal has the
//! whole batch, so the next run appends exactly the rest; nothing is ever cut off a mailbox. A journal
//! that was not finished itself does not end with its own hash, and counts for nothing: no mailbox had
//! been touched.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use postroom::Error;
use postroom::mailbox::write::private_file;

use super::identity::Identity;

/// Its name.
const NAME: &str = ".postroom-sort.journal";

const HEAD: &[u8] = b"postroom journal 1\n";

/// What is appended to one mbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// The file's name.
    pub(super) name: String,
    /// Its length before.
    pub(super) start: u64,
    /// The mails.
    pub(super) mails: Vec<Identity>,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
}

/// How an mbox stands to what was to be appended to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it is there.
    Whole,
    /// Somebody else changed the file meanwhile; it was left alone.
    Changed,
}

impl Section {
    /// Appends what is missing of it.
    pub(super) fn redo(&self, folder: &Path) -> Result<Outcome, Error> {
        let path = folder.join(&self.name);
        self.redo_file(&path).map_err(|cause| Error::io("write", &path, cause))
    }

    fn redo_file(&self, path: &Path) -> io::Result<Outcome> {
        let mut file = private_file().read(true).append(true).create(true).open(path)?;
        file.lock()?;
        if file.metadata()?.len() < self.start {
            return Ok(Outcome::Changed);
        }
        file.seek(SeekFrom::Start(self.start))?;
        let mut tail = Vec::new();
        Read::by_ref(&mut file).take(self.bytes.len() as u64).read_to_end(&mut tail)?;
        let Some(rest) = self.bytes.strip_prefix(tail.as_slice()) else { return Ok(Outcome::Changed) };
        file.write_all(rest)?;
        file.sync_all()?;
        Ok(Outcome::Whole)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (start, length) = (self.start, self.bytes.len());
        out.extend_from_slice(format!("{} {start} {length} {}\n", self.name, self.mails.len()).as_bytes());
        for mail in &self.mails {
            out.extend_from_slice(format!("{mail}\n").as_bytes());
        }
        out.extend_from_slice(&self.bytes);
    }

    /// Reads the section that `text` begins with, and what follows it.
    fn read(text: &[u8]) -> Option<(Self, &[u8])> {
        let (line, mut rest) = line(text)?;
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        let start = words.next()?.parse().ok()?;
        let length: usize = words.next()?.parse().ok()?;
        let count: usize = words.next()?.parse().ok()?;
        let mut mails = Vec::new();
        for _ in 0..count {
            let (hash, after) = self::line(rest)?;
            mails.push(Identity::parse(hash)?);
            rest = after;
        }
        let (bytes, rest) = rest.split_at_checked(length)?;
        Some((Self { name, start, mails, bytes: bytes.to_vec() }, rest))
    }
}

fn line(text: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b'\n', text)?;
    Some((std::str::from_utf8(text.get(..end)?).ok()?, text.get(end + 1..)?))
}

/// Writes the journal, on the disk when this returns.
pub(super) fn write(folder: &Path, sections: &[Section]) -> Result<(), Error> {
    let path = folder.join(NAME);
    let mut text = HEAD.to_vec();
    for section in sections {
        section.write(&mut text);
    }
    let hash = Identity::of(&text);
    text.extend_from_slice(hash.to_string().as_bytes());
    let mut file = empty(&path).map_err(|cause| Error::io("open", &path, cause))?;
    let written = file.write_all(&text).and_then(|()| file.sync_all());
    written.map_err(|cause| Error::io("write", &path, cause))
}

/// Empties the journal: all of it is done.
pub(super) fn clear(folder: &Path) -> Result<(), Error> {
    let path = folder.join(NAME);
    empty(&path).map(drop).map_err(|cause| Error::io("write", &path, cause))
}

/// Opens the journal with nothing in it.
fn empty(path: &Path) -> io::Result<File> {
    private_file().create(true).truncate(true).open(path)
}

/// What a run that was killed may not have finished.
pub(super) fn read(folder: &Path) -> Result<Vec<Section>, Error> {
    let path = folder.join(NAME);
    match fs::read(&path) {
        Ok(text) => Ok(parse(&text).unwrap_or_default()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(Error::io("read", &path, cause)),
    }
}

fn parse(text: &[u8]) -> Option<Vec<Section>> {
    let (body, hash) = text.split_at_checked(text.len().checked_sub(64)?)?;
    if Identity::parse(std::str::from_utf8(hash).ok()?)? != Identity::of(body) {
        return None;
    }
    let mut rest = body.strip_prefix(HEAD)?;
    let mut sections = Vec::new();
    while !rest.is_empty() {
        let (section, after) = Section::read(rest)?;
        sections.push(section);
        rest = after;
    }
    Some(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(name: &str, start: u64, bytes: &[u8]) -> Section {
        Section { name: name.into(), start, mails: vec![Identity::of(bytes)], bytes: bytes.to_vec() }
    }

    #[test]
    fn a_journal_cut_short_anywhere_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let sections = [section("am.mbox", 7, b"From a\n\n"), section("pm.mbox", 0, b"\0\xff\n")];
        assert_eq!(read(folder.path()).unwrap(), []);
        write(folder.path(), &sections).unwrap();
        assert_eq!(read(folder.path()).unwrap(), sections);
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            assert_eq!(parse(&whole[..length]), None, "{length}");
        }
        clear(folder.path()).unwrap();
        assert_eq!(read(folder.path()).unwrap(), []);
    }

    #[test]
    fn whatever_part_was_written_the_rest_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("am.mbox");
        let (before, bytes) = (b"before\n\n", b"From a\nSubject: b\n\nc\n\n");
        let section = section("am.mbox", before.len() as u64, bytes);
        for part in 0..=bytes.len() {
            fs::write(&path, [before, &bytes[..part]].concat()).unwrap();
            assert_eq!(section.redo(folder.path()).unwrap(), Outcome::Whole);
            assert_eq!(fs::read(&path).unwrap(), [&before[..], bytes].concat());
        }
        for changed in [&b"short"[..], b"before\n\nFrom somebody else\n"] {
            fs::write(&path, changed).unwrap();
            assert_eq!(section.redo(folder.path()).unwrap(), Outcome::Changed);
            assert_eq!(fs::read(&path).unwrap(), changed);
        }
    }
}
