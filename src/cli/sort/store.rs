//! The folder that mails are sorted into.
//!
//! Every mail goes through the same steps: journal (mbox) or a name that holds its hash (Maildir), the
//! mailbox, the disk, the index. Whichever step a run is killed at, the next one finds out from what is
//! there. What is not in the index as ours is never touched.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use postroom::Error;
use postroom::mailbox::write::{MaildirWriter, MboxWriter, Unique};
use postroom::mailbox::{self, Flags};
use postroom::triage::output::stamp;

use super::Kind;
use super::identity::Identity;
use super::index::Index;
use super::journal::{self, Outcome, Section};
use super::settings::Settings;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, tell};

/// Bytes of mail gathered before they are written.
const BYTES: usize = 8 * 1024 * 1024;

/// Mails gathered before they are written, or noted in the index.
const MAILS: usize = 2000;

/// Mailboxes written to in one go, each an open file.
const PLACES: usize = 64;

/// A mail to be copied.
#[derive(Debug)]
pub(super) struct Copy {
    /// The name of its mailbox, without ending.
    pub(super) place: String,
    pub(super) identity: Identity,
    pub(super) bytes: Vec<u8>,
    pub(super) from_line: Option<Vec<u8>>,
    pub(super) flags: Flags,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    kind: Kind,
    index: Index,
    /// The settings file, locked; none in a dry run.
    lock: Option<File>,
    /// Mails gathered, by mailbox.
    pending: BTreeMap<String, Vec<Copy>>,
    waiting: HashSet<Identity>,
    bytes: usize,
    /// Mails in a Maildir and not in the index yet.
    delivered: Vec<(Identity, String)>,
    counter: u64,
}

impl Store {
    /// The folder as it is, to say what would be copied.
    pub(super) fn look(folder: &Path, settings: Settings) -> Result<Self, Failure> {
        settings.look(folder)?;
        Ok(Self::new(folder, settings.kind, Index::look(folder)?, None))
    }

    /// The folder for this run alone, made when there is none, and what an earlier run left half done.
    pub(super) fn open(folder: &Path, settings: Settings) -> Result<Self, Failure> {
        let lock = settings.take(folder)?;
        let mut store = Self::new(folder, settings.kind, Index::open(folder)?, Some(lock));
        match settings.kind {
            Kind::Mbox => store.finish_journal()?,
            Kind::Maildir => store.find_delivered()?,
        }
        Ok(store)
    }

    fn new(folder: &Path, kind: Kind, index: Index, lock: Option<File>) -> Self {
        Self {
            folder: folder.to_owned(),
            kind,
            index,
            lock,
            pending: BTreeMap::new(),
            waiting: HashSet::new(),
            bytes: 0,
            delivered: Vec::new(),
            counter: 0,
        }
    }

    /// The file or folder of a place.
    pub(super) fn name(&self, place: &str) -> String {
        match self.kind {
            Kind::Mbox => format!("{place}.mbox"),
            Kind::Maildir => place.to_owned(),
        }
    }

    /// Whether a mail was copied, in this run or an earlier one.
    pub(super) fn holds(&self, identity: &Identity) -> bool {
        self.waiting.contains(identity) || self.index.holds(identity)
    }

    /// Copies a mail; it may wait for others until [`flush`](Self::flush).
    pub(super) fn add(&mut self, copy: Copy) -> Result<(), Failure> {
        self.waiting.insert(copy.identity);
        if self.lock.is_none() {
            return Ok(());
        }
        match self.kind {
            Kind::Mbox => {
                self.bytes += copy.bytes.len();
                self.pending.entry(copy.place.clone()).or_default().push(copy);
            }
            Kind::Maildir => self.deliver(&copy)?,
        }
        let many = self.waiting.len() >= MAILS || self.bytes >= BYTES || self.pending.len() >= PLACES;
        if many { self.flush() } else { Ok(()) }
    }

    /// Brings everything added onto the disk and into the index.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        if self.lock.is_none() {
            return Ok(());
        }
        self.append()?;
        let delivered = std::mem::take(&mut self.delivered);
        self.index.add_mails(delivered.iter().map(|(identity, name)| (identity, name.as_str())))?;
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Makes sure that a mailbox is ours or will be.
    fn claim(&mut self, name: &str) -> Result<(), Failure> {
        if self.index.has_place(name) {
            return Ok(());
        }
        let path = self.folder.join(name);
        if fs::symlink_metadata(&path).is_ok() {
            let message = format!(
                "{} is there already, and postroom did not make it; move it away, or name another folder with --into",
                path.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(self.index.add_place(name)?)
    }

    /// Appends the mails gathered to their mboxes.
    fn append(&mut self) -> Result<(), Failure> {
        let (mut sections, mut writers) = (Vec::new(), Vec::new());
        for (place, copies) in std::mem::take(&mut self.pending) {
            let name = self.name(&place);
            self.claim(&name)?;
            let writer = MboxWriter::open(self.folder.join(&name))?;
            let mails = copies.iter().map(|copy| (copy.from_line.as_deref(), copy.bytes.as_slice()));
            let (start, bytes) = (writer.length(), writer.compose(mails));
            let mails = copies.iter().map(|copy| copy.identity).collect();
            sections.push(Section { name, start, mails, bytes });
            writers.push(writer);
        }
        if sections.is_empty() {
            return Ok(());
        }
        journal::write(&self.folder, &sections)?;
        for (section, mut writer) in sections.iter().zip(writers) {
            writer.append_composed(&section.bytes)?;
            writer.finish()?;
        }
        self.sync_folder()?;
        self.note(&sections)?;
        Ok(journal::clear(&self.folder)?)
    }

    fn note(&mut self, sections: &[Section]) -> Result<(), Error> {
        for section in sections {
            self.index.add_mails(section.mails.iter().map(|mail| (mail, section.name.as_str())))?;
        }
        Ok(())
    }

    /// Brings the names of new files onto the disk, where folders can be opened.
    fn sync_folder(&self) -> Result<(), Error> {
        if cfg!(unix) {
            let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
            synced.map_err(|cause| Error::io("write", &self.folder, cause))?;
        }
        Ok(())
    }

    /// Ends what a run that was killed had begun to append.
    fn finish_journal(&mut self) -> Result<(), Failure> {
        for section in journal::read(&self.folder)? {
            if section.mails.iter().all(|mail| self.index.holds(mail)) {
                continue;
            }
            match section.redo(&self.folder)? {
                Outcome::Whole => self.note(&[section])?,
                Outcome::Changed => self.recount(&section)?,
            }
        }
        Ok(journal::clear(&self.folder)?)
    }

    /// Looks which of a section's mails are in a mailbox that others changed.
    fn recount(&mut self, section: &Section) -> Result<(), Failure> {
        let path = self.folder.join(&section.name);
        let message = format!(
            "{} was changed after a run into it was killed; a mail cut short may be left in it",
            path.display()
        );
        tell("warning", &message);
        for mail in mailbox::open(&path, mailbox::Options::default())? {
            let mail = mail?;
            let identity = Identity::of(&stamp::part(&mail.bytes()).unstamped());
            if section.mails.contains(&identity) {
                self.index.add_mails([(&identity, section.name.as_str())])?;
            }
        }
        Ok(())
    }

    fn deliver(&mut self, copy: &Copy) -> Result<(), Failure> {
        let name = self.name(&copy.place);
        self.claim(&name)?;
        self.counter += 1;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        let unique = Unique {
            seconds,
            process: std::process::id(),
            counter: self.counter,
            // The hash makes the name tell which mail it is, should the index not come to it.
            host: format!("{}.{host}", copy.identity),
        };
        let maildir = MaildirWriter::open(self.folder.join(&name))?;
        maildir.deliver(copy.from_line.as_deref(), &copy.bytes, &unique, copy.flags)?;
        self.delivered.push((copy.identity, name));
        Ok(())
    }

    /// Notes mails that a run delivered before it was killed, and takes away what it had not finished.
    fn find_delivered(&mut self) -> Result<(), Failure> {
        let entries = fs::read_dir(&self.folder).map_err(|cause| Error::io("read", &self.folder, cause))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        for name in names.filter(|name| self.index.has_place(name)).collect::<Vec<_>>() {
            let maildir = self.folder.join(&name);
            for file in files(&maildir.join("tmp")).filter(|file| named_for(file).is_some()) {
                // Nobody reads it there; the next run tries again.
                let _ = fs::remove_file(file);
            }
            let found: Vec<Identity> = ["new", "cur"]
                .iter()
                .flat_map(|part| files(&maildir.join(part)))
                .filter_map(|file| named_for(&file))
                .collect();
            self.index.add_mails(found.iter().map(|identity| (identity, name.as_str())))?;
        }
        Ok(())
    }
}

/// What a folder holds; nothing when there is none.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// The mail that a file of ours in a Maildir is named for.
fn named_for(file: &Path) -> Option<Identity> {
    Identity::parse(file.file_name()?.to_str()?.split('.').nth(2)?)
}
