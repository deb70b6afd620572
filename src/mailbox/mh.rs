//! MH folders: a file a mail, named by number. Other names, `.mh_sequences` among them, are left
//! alone; folders within are sources of their own, after the folder they are in.

use std::io;
use std::path::Path;

use super::Options;
use super::detect::Content;
use super::feed::{Context, Feed, Found};
use super::file::{self, Opened};
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
    // Mails that MH was told to remove are renamed to begin with a comma or a hash.
    let removed = |entry: &Entry| name(&entry.path).starts_with([',', '#']);
    let numbered = files.all(|entry| number(entry).is_some() || removed(entry));
    let opened = first.filter(|_| numbered).and_then(|first| Opened::file(&first, Options::default()).ok());
    opened.is_some_and(|opened| matches!(opened.content, Content::Mail | Content::Empty))
}

/// The mails of one MH folder.
pub(super) struct Mh {
    members: Members,
    /// What is still to come, last first; `None` before the folder was listed.
    entries: Option<Vec<Entry>>,
}

impl Mh {
    /// Reads the folder at `path`.
    pub(super) fn new(path: &Path) -> Self {
        Self { members: Members::of(path, Kind::Mh), entries: None }
    }

    /// Mails by number, then folders.
    fn list(&self) -> io::Result<Vec<Entry>> {
        let mut entries = list(&self.members.source.path, false)?;
        entries.retain(|entry| entry.is_folder || number(entry).is_some());
        entries.sort_by_key(|entry| (entry.is_folder, number(entry)));
        entries.reverse();
        Ok(entries)
    }

    fn file(&mut self, path: &Path, context: &mut Context) -> Option<Found> {
        let opened = Opened::file(path, context.options);
        let opened = match self.members.opened(path, opened, context) {
            Ok(opened) => opened?,
            Err(fault) => return Some(Found::Fault(fault)),
        };
        match opened.content {
            Content::Mbox => {
                Some(file::feed(path, opened, false, context).map_or_else(Found::Fault, Found::Enter))
            }
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
                    if entries.is_empty() {
                        context.warnings.whole(&self.members.source, Remark::Empty);
                    }
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
                self.file(&entry.path, context)
            } else if is_first_visit(&entry.path, context) {
                Some(folder::feed(&entry.path, context).map_or_else(Found::Fault, Found::Enter))
            } else {
                None
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The number a mail is named by; MH counts from 1.
fn number(entry: &Entry) -> Option<u64> {
    let name = name(&entry.path);
    let digits = !entry.is_folder && !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
    if digits { name.parse().ok() } else { None }
}
