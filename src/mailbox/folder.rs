//! Folders of files: single mails, mailboxes among them, folders within.
//!
//! Every file is told by its content, so a Thunderbird or Takeout export is read as it lies. Files
//! that are one mail each belong to the folder, in the order of their paths' bytes; mailboxes and
//! mail folders found on the way are sources of their own. Names that begin with a dot are left
//! alone. Each real folder is read once, so symbolic links cannot make a loop.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::detect::Content;
use super::feed::{Context, Feed, Found};
use super::file::{self, is_named_mail};
use super::mail::Kind;
use super::maildir::{self, is_maildir};
use super::marks::Flags;
use super::members::Members;
use super::mh::{self, is_mh};
use super::separator::is_field;
use super::warning::Remark;
use crate::Error;

/// Folders within folders beyond this depth are not followed.
const DEEPEST: usize = 64;

/// The mails of a folder, whatever kind it is.
pub(super) fn feed(path: &Path, context: &mut Context) -> Result<Box<dyn Feed>, Error> {
    let real = fs::canonicalize(path).map_err(|fault| Error::io("open", path, fault))?;
    context.visited.insert(real);
    if is_maildir(path) {
        return Ok(maildir::tree(path));
    }
    if is_mh(path) {
        return Ok(Box::new(mh::Mh::new(path)));
    }
    Ok(Box::new(Folder::new(path, true)?))
}

/// The mails of a plain folder that may as well hold none: one beside the mails of a Maildir.
pub(super) fn perhaps(path: &Path) -> Found {
    if is_mh(path) {
        return Found::Enter(Box::new(mh::Mh::new(path)));
    }
    Folder::new(path, false).map_or_else(Found::Fault, |folder| Found::Enter(Box::new(folder)))
}

/// A name in a folder.
pub(super) struct Entry {
    /// Its path.
    pub(super) path: PathBuf,
    /// Whether it is a folder, symbolic links followed.
    pub(super) is_folder: bool,
}

/// The link that leads nowhere in a profile that Thunderbird has open.
const LOCK: &str = "lock";

/// What a folder holds, in the order of path bytes, names with a leading dot left out unless
/// `dotted`. A folder sorts as if its name ended with a slash, so that the order is that of whole
/// paths. Things that are neither files nor folders, a pipe say, are left out; links that lead
/// nowhere are not, but for Thunderbird's lock, and opening one says why.
pub(super) fn list(folder: &Path, dotted: bool) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !dotted && name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let Ok(mut kind) = entry.file_type() else { continue };
        if kind.is_symlink() {
            match fs::metadata(entry.path()) {
                Ok(target) => kind = target.file_type(),
                Err(_) if name == LOCK => continue,
                Err(_) => {}
            }
        }
        if kind.is_dir() || kind.is_file() || kind.is_symlink() {
            let mut key = name.as_encoded_bytes().to_vec();
            if kind.is_dir() {
                key.push(b'/');
            }
            entries.push((key, Entry { path: entry.path(), is_folder: kind.is_dir() }));
        }
    }
    entries.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// Whether a folder has not been read in this run; notes that it is now.
pub(super) fn is_first_visit(path: &Path, context: &mut Context) -> bool {
    fs::canonicalize(path).is_ok_and(|real| context.visited.insert(real))
}

/// A folder of files.
struct Folder {
    members: Members,
    /// What is left at each depth, last first.
    levels: Vec<Vec<Entry>>,
    /// Whether a source within was entered.
    entered: bool,
    /// Whether it is a fault when there is no mail in it.
    wanted: bool,
    /// How many files held no mail, and the first.
    strangers: u64,
    stranger: Option<PathBuf>,
    ended: bool,
}

impl Folder {
    fn new(path: &Path, wanted: bool) -> Result<Self, Error> {
        let mut top = list(path, false).map_err(|fault| Error::io("read", path, fault))?;
        top.reverse();
        Ok(Self {
            members: Members::of(path, Kind::Folder),
            levels: vec![top],
            entered: false,
            wanted,
            strangers: 0,
            stranger: None,
            ended: false,
        })
    }

    fn folder(&mut self, path: &Path, context: &mut Context) -> Option<Found> {
        if self.levels.len() >= DEEPEST || !is_first_visit(path, context) {
            context.warnings.whole(&self.members.source, Remark::NotFollowed(path.to_owned()));
            return None;
        }
        if is_maildir(path) {
            self.entered = true;
            return Some(Found::Enter(maildir::tree(path)));
        }
        if is_mh(path) {
            self.entered = true;
            return Some(Found::Enter(Box::new(mh::Mh::new(path))));
        }
        match list(path, false) {
            Ok(mut entries) => {
                entries.reverse();
                self.levels.push(entries);
                None
            }
            Err(fault) => Some(Found::Fault(Error::io("read", path, fault))),
        }
    }

    fn file(&mut self, path: &Path, context: &mut Context) -> Option<Found> {
        let mut opened = match self.members.open(path, context) {
            Ok(opened) => opened,
            Err(instead) => return instead,
        };
        let is_mail = match opened.content {
            // Other text has a line like a field's now and then, though hardly as its first.
            Content::Mail => is_named_mail(path) || is_field(opened.blocks.window()),
            Content::Emlx => true,
            Content::Text | Content::Empty => is_named_mail(path),
            _ => false,
        };
        if is_mail {
            return Some(self.members.mail(path, opened, Flags::default(), context));
        }
        if opened.content == Content::Mbox {
            self.entered = true;
            return Some(file::feed(path, opened, false, context).map_or_else(Found::Fault, Found::Enter));
        }
        // What broke off so early may be a mail all the same.
        if let Some(fault) = opened.blocks.take_fault() {
            return Some(Found::Fault(Error::io("read", path, fault)));
        }
        self.strangers += 1;
        self.stranger.get_or_insert_with(|| path.to_owned());
        None
    }

    /// What is said at the end: which files were passed over, and that there was no mail.
    fn end(&mut self, context: &mut Context) -> Option<Found> {
        self.ended = true;
        let files = self.strangers;
        let none = self.members.index == 0 && !self.entered;
        match self.stranger.take() {
            _ if none && !self.wanted => None,
            Some(first) if none => {
                let what = format!("no mail in it: {}", Remark::NotMail { files, first });
                Some(Found::Fault(Error::data(Some(&self.members.source.path), what)))
            }
            None if none => Some(Found::Fault(Error::data(
                Some(&self.members.source.path),
                "empty folder: no mail in it",
            ))),
            Some(first) => {
                context.warnings.whole(&self.members.source, Remark::NotMail { files, first });
                None
            }
            None => None,
        }
    }
}

impl Feed for Folder {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if let Some(fault) = self.members.fault() {
            return Some(fault);
        }
        while let Some(level) = self.levels.last_mut() {
            let Some(entry) = level.pop() else {
                self.levels.pop();
                continue;
            };
            let found = match entry.is_folder {
                true => self.folder(&entry.path, context),
                false => self.file(&entry.path, context),
            };
            if found.is_some() {
                return found;
            }
        }
        if self.ended { None } else { self.end(context) }
    }
}
