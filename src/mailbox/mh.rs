//! MH folders: a file a mail, named by number. Other names, `.mh_sequences` among them, are left
//! alone, unless they are mboxes; these and folders within are sources of their own, after the folder
//! they are in.

use std::io;
use std::path::Path;

use super::Options;
use super::detect::Content;
use super::feed::{Context, Feed, Found};
use super::file::{self, Opened, is_named_mail};
use super::folder::{self, Entry, is_first_visit, list};
use super::mail::Kind;
use super::marks::Flags;
use super::members::Members;
use super::warning::Remark;
use crate::Error;

/// Whether a folder is MH's: it says so, or its files are named by number, none otherwise, and the
/// first is one mail. Mailboxes are named by year now and then.
pub(super) fn is_mh(path: &Path) -> bool {
    if path.join(".mh_sequences").is_file() {
        return true;
    }
    let entries = list(path, false).unwrap_or_default();
    let mut files = entries.iter().filter(|entry| !entry.is_folder).peekable();
    let first = files.peek().map(|entry| entry.path.clone());
    let numbered = files.all(|entry| number(entry).is_some() || is_removed(entry));
    let opened = first.filter(|_| numbered).and_then(|first| Opened::file(&first, Options::default()).ok());
    opened.is_some_and(|opened| matches!(opened.content, Content::Mail | Content::Empty))
}

/// The mails of one MH folder.
pub(super) struct Mh {
    members: Members,
    /// What is still to come, last first; `None` before the folder was listed.
    entries: Option<Vec<Entry>>,
    /// Whether anything was found so far.
    found: bool,
}

impl Mh {
    /// Reads the folder at `path`.
    pub(super) fn new(path: &Path) -> Self {
        Self { members: Members::of(path, Kind::Mh), entries: None, found: false }
    }

    /// Mails by number, then folders.
    fn list(&self) -> io::Result<Vec<Entry>> {
        let mut entries = list(&self.members.source.path, false)?;
        entries.retain(|entry| !is_removed(entry));
        // By kind, numbers first; what has none stays in the order of its name.
        entries.sort_by_key(|entry| (entry.is_folder, number(entry).is_none(), number(entry)));
        entries.reverse();
        Ok(entries)
    }

    fn file(&mut self, entry: &Entry, context: &mut Context) -> Option<Found> {
        let path = &entry.path;
        let opened = match self.members.open(path, context) {
            Ok(opened) => opened,
            Err(instead) => return instead,
        };
        match opened.content {
            Content::Mbox => {
                Some(file::feed(path, opened, false, context).map_or_else(Found::Fault, Found::Enter))
            }
            _ if number(entry).is_none() && is_named_mail(path) => {
                let what = "lies in an MH folder and has no number for a name; it was not read";
                Some(Found::Fault(Error::data(Some(path), what)))
            }
            _ if number(entry).is_none() => None,
            Content::Other(_) | Content::Compressed(_) => {
                let remark = Remark::NotMail { files: 1, first: path.to_owned() };
                context.warnings.whole(&self.members.source, remark);
                None
            }
            _ => Some(self.members.mail(path, opened, Flags::default(), context)),
        }
    }
}

impl Feed for Mh {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if let Some(fault) = self.members.fault() {
            return Some(fault);
        }
        if self.entries.is_none() {
            match self.list() {
                Ok(entries) => {
                    self.entries = Some(entries);
                }
                Err(fault) => {
                    self.entries = Some(Vec::new());
                    return Some(Found::Fault(Error::io("read", &self.members.source.path, fault)));
                }
            }
        }
        while let Some(entry) = self.entries.as_mut()?.pop() {
            let found = if !entry.is_folder {
                self.file(&entry, context)
            } else if is_first_visit(&entry.path, context) {
                Some(folder::feed(&entry.path, context).map_or_else(Found::Fault, Found::Enter))
            } else {
                None
            };
            if found.is_some() {
                self.found = true;
                return found;
            }
        }
        if !self.found {
            context.warnings.whole(&self.members.source, Remark::Empty);
        }
        None
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether MH was told to remove a mail: its name then begins with a comma or a hash.
fn is_removed(entry: &Entry) -> bool {
    !entry.is_folder && name(&entry.path).starts_with([',', '#'])
}

/// The number a mail is named by; MH counts from 1.
fn number(entry: &Entry) -> Option<u64> {
    let name = name(&entry.path);
    let digits = !entry.is_folder && !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
    if digits { name.parse().ok() } else { None }
}
