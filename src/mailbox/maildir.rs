//! Maildir and Maildir++: a file a mail, in `cur` and `new`.
//!
//! Read only: nothing is moved from `new` to `cur`. `tmp` and names with a leading dot are left
//! alone, names are opaque but for the flags after `:2,`, and mails come in the order of their
//! names' bytes over both folders, so that a mail program that takes note of a mail between two
//! runs does not reorder them. Folders within (`.Sent` of Maildir++, or plain ones as deep as they
//! go) and mboxes beside the mails are sources of their own, after the folder they are in.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::detect::Content;
use super::feed::{Context, Feed, Found};
use super::file::{self, Opened, is_named_mail};
use super::folder::{self, Entry, is_first_visit, list};
use super::mail::Kind;
use super::marks::Flags;
use super::members::Members;
use super::warning::Remark;
use crate::Error;

/// How often `cur` is listed again for mails that were moved; each time costs its whole length.
const MOST_LISTINGS: u32 = 16;

/// The folders that make a Maildir.
const PARTS: [&str; 3] = ["cur", "new", "tmp"];

/// Whether a folder is a Maildir: two of its three parts are enough, since empty ones get lost when
/// a Maildir is packed or copied.
pub(super) fn is_maildir(path: &Path) -> bool {
    let parts = PARTS.iter().filter(|part| path.join(part).is_dir()).count();
    parts >= 2 && (path.join("cur").is_dir() || path.join("new").is_dir())
}

/// A Maildir and the folders in it.
pub(super) fn tree(path: &Path) -> Box<dyn Feed> {
    Box::new(Tree { members: Members::of(path, Kind::Maildir), begun: false, entries: None })
}

struct Tree {
    members: Members,
    /// Whether the Maildir itself was read.
    begun: bool,
    /// What else is in the folder and still to come, last first; `None` before it was listed.
    entries: Option<Vec<Entry>>,
}

impl Tree {
    fn path(&self) -> &Path {
        &self.members.source.path
    }

    /// Everything in the folder but the Maildir's parts, last first.
    fn list(&self) -> io::Result<Vec<Entry>> {
        let mut entries = list(self.path(), true)?;
        entries.retain(|entry| !PARTS.iter().any(|part| name(&entry.path) == part.as_bytes()));
        entries.reverse();
        Ok(entries)
    }

    fn folder(&self, path: &Path, context: &mut Context) -> Option<Found> {
        let own = is_maildir(path);
        // Plain folders with a dot are other programs'; of one that is shut, nobody can tell.
        if !own && name(path).starts_with(b".") {
            return fs::read_dir(path).err().map(|fault| Found::Fault(Error::io("read", path, fault)));
        }
        if !is_first_visit(path, context) {
            context.warnings.whole(&self.members.source, Remark::NotFollowed(path.to_owned()));
            return None;
        }
        Some(if own { Found::Enter(tree(path)) } else { folder::perhaps(path) })
    }

    /// A file beside the mails: no mail in most cases, a mailbox now and then.
    fn file(&self, path: &Path, context: &mut Context) -> Option<Found> {
        // A link that leads nowhere may have led to a folder with a dot.
        if name(path).starts_with(b".") && path.exists() {
            return None;
        }
        let opened = match self.members.open(path, context) {
            Ok(opened) => opened,
            Err(instead) => return instead,
        };
        match opened.content {
            Content::Mbox => {
                Some(file::feed(path, opened, false, context).map_or_else(Found::Fault, Found::Enter))
            }
            _ if is_named_mail(path) => {
                let what = "lies beside the mails of a Maildir, not in its cur or new; it was not read";
                Some(Found::Fault(Error::data(Some(path), what)))
            }
            _ => None,
        }
    }
}

impl Feed for Tree {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if !self.begun {
            self.begun = true;
            return Some(match Maildir::new(self.path()) {
                Ok(maildir) => Found::Enter(Box::new(maildir)),
                Err(fault) => Found::Fault(Error::io("read", self.path(), fault)),
            });
        }
        if self.entries.is_none() {
            let listed = self.list();
            self.entries = Some(Vec::new());
            match listed {
                Ok(entries) => self.entries = Some(entries),
                Err(fault) => return Some(Found::Fault(Error::io("read", self.path(), fault))),
            }
        }
        while let Some(entry) = self.entries.as_mut()?.pop() {
            let found = match entry.is_folder {
                true => self.folder(&entry.path, context),
                false => self.file(&entry.path, context),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The mails of one Maildir folder.
struct Maildir {
    members: Members,
    /// Files still to come, last first.
    files: Vec<PathBuf>,
    /// Folders among the mails, where mail programs look for none.
    folders: Vec<PathBuf>,
    /// What `cur` held when it was last listed again, by unique name, and how often it was.
    cur: HashMap<Vec<u8>, PathBuf>,
    listings: u32,
    begun: bool,
}

impl Maildir {
    fn new(path: &Path) -> io::Result<Self> {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for part in ["cur", "new"] {
            match list(&path.join(part), false) {
                Ok(entries) => {
                    for entry in entries {
                        let kind = if entry.is_folder { &mut folders } else { &mut files };
                        kind.push(entry.path);
                    }
                }
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                Err(fault) => return Err(fault),
            }
        }
        files.sort_unstable_by(|one, other| name(other).cmp(name(one)));
        Ok(Self {
            members: Members::of(path, Kind::Maildir),
            files,
            folders,
            cur: HashMap::new(),
            listings: 0,
            begun: false,
        })
    }

    /// Opens a mail, also when a mail program took note of it meanwhile and so moved it.
    fn open(&mut self, path: &Path, context: &Context) -> io::Result<(PathBuf, Opened)> {
        match Opened::file(path, context.options) {
            Ok(opened) => Ok((path.to_owned(), opened)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                let moved = self.moved(path).ok_or(fault)?;
                let opened = Opened::file(&moved, context.options)?;
                Ok((moved, opened))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Where a mail that is not in its place any more may be: in `cur`, under its unique name.
    fn moved(&mut self, path: &Path) -> Option<PathBuf> {
        let known = |cur: &HashMap<Vec<u8>, PathBuf>| {
            cur.get(unique(name(path))).filter(|found| found.exists()).cloned()
        };
        let found = known(&self.cur);
        if found.is_some() || self.listings == MOST_LISTINGS {
            return found;
        }
        self.listings += 1;
        let entries = list(&self.members.source.path.join("cur"), false).unwrap_or_default();
        self.cur =
            entries.into_iter().map(|entry| (unique(name(&entry.path)).to_vec(), entry.path)).collect();
        known(&self.cur)
    }
}

impl Feed for Maildir {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if let Some(fault) = self.members.fault() {
            return Some(fault);
        }
        if !self.begun && self.files.is_empty() {
            context.warnings.whole(&self.members.source, Remark::Empty);
        }
        self.begun = true;
        while let Some(path) = self.files.pop() {
            let opened = self.open(&path, context);
            match self.members.opened(&path, opened, context) {
                Ok(Some((path, opened))) => {
                    let flags = Flags::of_maildir_letters(letters(name(&path)));
                    return Some(self.members.mail(&path, opened, flags, context));
                }
                Ok(None) => {}
                Err(fault) => return Some(Found::Fault(fault)),
            }
        }
        let folder = self.folders.pop()?;
        let what = "is a folder among the mails of a Maildir; what is in it was not read";
        Some(Found::Fault(Error::data(Some(&folder), what)))
    }
}

fn name(path: &Path) -> &[u8] {
    path.file_name().unwrap_or_default().as_encoded_bytes()
}

/// Where the flags begin: after `2,`, behind a colon or what stands for it where names may have none.
fn info(name: &[u8]) -> Option<usize> {
    [b":2,", b";2,", b"!2,"].iter().find_map(|mark| memmem::rfind(name, *mark))
}

/// The part of a name that stays when a mail is moved or flagged.
fn unique(name: &[u8]) -> &[u8] {
    info(name).and_then(|at| name.get(..at)).unwrap_or(name)
}

fn letters(name: &[u8]) -> &[u8] {
    info(name).and_then(|at| name.get(at + 3..)).unwrap_or_default()
}
