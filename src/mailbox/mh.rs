//! MH folders: a file a mail, named by number. Other names, `.mh_sequences` among them, are left
//! alone; folders within are sources of their own, after the folder they are in.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::feed::{Context, Feed, Found};
use super::file::{self, Opened};
use super::folder::{self, Entry, is_first_visit, list};
use super::mail::{Kind, Source};
use super::warning::Remark;
use crate::Error;

/// Whether a folder is MH's: it says so, or its files are named by number and none otherwise.
pub(super) fn is_mh(path: &Path) -> bool {
    if path.join(".mh_sequences").is_file() {
        return true;
    }
    let entries = list(path, false).unwrap_or_default();
    let mut files = entries.iter().filter(|entry| !entry.is_folder).peekable();
    // Mails that MH was told to remove are renamed to begin with a comma or a hash.
    files.peek().is_some()
        && files.all(|entry| number(entry).is_some() || name(&entry.path).starts_with([',', '#']))
}

/// The mails of one MH folder.
pub(super) struct Mh {
    source: Arc<Source>,
    /// What is still to come, last first; `None` before the folder was listed.
    entries: Option<Vec<Entry>>,
    index: u64,
    fault: Option<Error>,
}

impl Mh {
    /// Reads the folder at `path`.
    pub(super) fn new(path: &Path) -> Self {
        let source = Arc::new(Source { path: path.to_owned(), kind: Kind::Mh });
        Self { source, entries: None, index: 0, fault: None }
    }

    /// Mails by number, then folders.
    fn list(&self) -> io::Result<Vec<Entry>> {
        let mut entries = list(&self.source.path, false)?;
        entries.retain(|entry| entry.is_folder || number(entry).is_some());
        entries.sort_by_key(|entry| (entry.is_folder, number(entry)));
        entries.reverse();
        Ok(entries)
    }
}

impl Feed for Mh {
    fn next(&mut self, context: &mut Context) -> Option<Found> {
        if let Some(fault) = self.fault.take() {
            return Some(Found::Fault(fault));
        }
        if self.entries.is_none() {
            self.entries = Some(match self.list() {
                Ok(entries) => entries,
                Err(fault) => {
                    self.fault = Some(Error::io("read", &self.source.path, fault));
                    Vec::new()
                }
            });
            if self.fault.is_none() && self.entries.as_ref().is_some_and(Vec::is_empty) {
                context.warnings.whole(&self.source, Remark::Empty);
            }
            return self.next(context);
        }
        while let Some(entry) = self.entries.as_mut()?.pop() {
            if entry.is_folder {
                if is_first_visit(&entry.path, context) {
                    return Some(match folder::feed(&entry.path, context) {
                        Ok(feed) => Found::Enter(feed),
                        Err(fault) => Found::Fault(fault),
                    });
                }
                continue;
            }
            match Opened::file(&entry.path, context.options) {
                Ok(opened) => {
                    let (mail, fault) =
                        file::whole(opened, &self.source, Some(&entry.path), self.index, context);
                    self.index += 1;
                    self.fault = fault.map(|fault| Error::io("read", &entry.path, fault));
                    return Some(Found::Mail(mail));
                }
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                    context.warnings.whole(&self.source, Remark::Vanished(entry.path));
                }
                Err(fault) => return Some(Found::Fault(Error::io("read", &entry.path, fault))),
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
