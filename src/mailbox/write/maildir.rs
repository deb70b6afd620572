//! Delivering to a Maildir.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{envelope, private_file, private_folder};
use crate::Error;
use crate::mailbox::Flags;

/// What makes a Maildir file name unlike any other. The library reads neither clock nor process
/// table, so its caller says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// Seconds since 1970.
    pub seconds: u64,
    /// The process.
    pub process: u32,
    /// A number that this process uses once in a second.
    pub counter: u64,
    /// The host's name.
    pub host: String,
}

impl Unique {
    /// The name: `seconds.PprocessQcounter.host`, with what may not stand in one spelt in octal.
    fn name(&self) -> String {
        let mut name = format!("{}.P{}Q{}.", self.seconds, self.process, self.counter);
        for character in self.host.chars().take(100) {
            match character {
                '/' => name.push_str("\\057"),
                ':' => name.push_str("\\072"),
                other if other.is_control() || other.is_whitespace() => name.push('_'),
                other => name.push(other),
            }
        }
        name
    }
}

/// A Maildir that mails are delivered to.
#[derive(Debug)]
pub struct MaildirWriter {
    root: PathBuf,
}

impl MaildirWriter {
    /// Opens the Maildir at `root`, or makes one that only its owner can read.
    ///
    /// # Errors
    ///
    /// When its folders cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root: PathBuf = root.into();
        for part in ["tmp", "new", "cur"] {
            let folder = root.join(part);
            private_folder(&folder).map_err(|fault| Error::io("create", &folder, fault))?;
        }
        Ok(Self { root })
    }

    /// Where the Maildir is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Delivers a mail, on the disk when this returns, and gives its file: in `new`, or in `cur`
    /// when it has flags, for mail in `new` has none. A leading `From ` line is left out, unless the
    /// mail came with `from_line`: then it is the mail's own.
    ///
    /// # Errors
    ///
    /// When the mail could not be written whole, or the name is taken; nothing is left behind then.
    pub fn deliver(
        &self,
        from_line: Option<&[u8]>,
        mail: &[u8],
        unique: &Unique,
        flags: Flags,
    ) -> Result<PathBuf, Error> {
        let name = unique.name();
        let letters = flags.maildir_letters();
        let draft = self.root.join("tmp").join(&name);
        let target = match letters.as_str() {
            "" => self.root.join("new").join(&name),
            letters => self.root.join("cur").join(format!("{name}:2,{letters}")),
        };
        let written = write_new(&draft, envelope(from_line, mail).1).and_then(|()| {
            // Renaming would replace a mail of the same name without a word.
            let taken = if target.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) };
            let moved = taken.and_then(|()| fs::rename(&draft, &target));
            if moved.is_err() {
                // The first failure is the one to tell of.
                let _ = fs::remove_file(&draft);
            }
            moved
        });
        match written {
            Ok(()) => {
                sync_folder(&target).map_err(|fault| Error::io("write", &target, fault))?;
                Ok(target)
            }
            Err(fault) => Err(Error::io("write", &target, fault)),
        }
    }
}

/// Writes a file that did not exist, onto the disk; removes it again when that fails.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file().create_new(true).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(file);
        // The first failure is the one to tell of.
        let _ = fs::remove_file(path);
    }
    written
}

/// Brings the name of a new file onto the disk, where folders can be opened.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{self, Options};

    fn unique(counter: u64) -> Unique {
        Unique { seconds: 1_772_440_620, process: 42, counter, host: "a/b:c d".into() }
    }

    #[test]
    fn delivers_to_new_and_with_flags_to_cur() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = MaildirWriter::open(folder.path().join("Mail")).unwrap();
        let seen = Flags { seen: true, flagged: true, ..Flags::default() };
        let one = maildir
            .deliver(
                None,
                b"From - Mon Mar  2 08:37:00 2026\nSubject: 1\n\nFrom x\0",
                &unique(1),
                Flags::default(),
            )
            .unwrap();
        let two = maildir.deliver(None, b"Subject: 2\r\n", &unique(2), seen).unwrap();
        assert!(one.ends_with("new/1772440620.P42Q1.a\\057b\\072c_d"), "{}", one.display());
        assert!(two.ends_with("cur/1772440620.P42Q2.a\\057b\\072c_d:2,FS"), "{}", two.display());
        let mails: Vec<_> =
            mailbox::open(maildir.path(), Options::default()).unwrap().map(Result::unwrap).collect();
        assert_eq!(
            mails.iter().map(|mail| mail.bytes().into_owned()).collect::<Vec<_>>(),
            [b"Subject: 1\n\nFrom x\0".to_vec(), b"Subject: 2\r\n".to_vec()]
        );
        assert_eq!(mails[1].marks().flags, seen);
        assert_eq!(fs::read_dir(maildir.path().join("tmp")).unwrap().count(), 0);
    }

    #[test]
    fn never_replaces_a_mail() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = MaildirWriter::open(folder.path()).unwrap();
        let first = maildir.deliver(None, b"Subject: 1\n", &unique(1), Flags::default()).unwrap();
        assert!(maildir.deliver(None, b"Subject: 2\n", &unique(1), Flags::default()).unwrap_err().is_io());
        assert_eq!(fs::read(first).unwrap(), b"Subject: 1\n");
        assert_eq!(fs::read_dir(maildir.path().join("tmp")).unwrap().count(), 0);
    }
}
