//! Labelled mail: mailboxes whose right answers a person wrote down.
//!
//! Takes any mailbox that [`mailbox`] reads. A label comes from
//!
//! - the field `X-Postroom-Label` of the mail: `delivery-question; owner=pm; topics=timeline,scope`;
//! - a sheet `X.labels.tsv` beside the mailbox `X.mbox` or the folder `X`: columns `message_id`,
//!   `class`, and where known `owner`, `topics`, `difficulty`;
//! - the name of the mailbox, file or folder the mail lies in, when that is a class:
//!   `new-project.mbox`, a Maildir `new-project`, mail dragged into such a folder.
//!
//! Where several speak of one mail they must agree; if not, the mail is left out and reported with both
//! places. Changes no mailbox. [`Reader`] gives mail by mail, [`read`] all of it with copies settled.

mod label;
mod settle;
mod sheet;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::mailbox::{self, Kind, Mail, Mails, Remark};
use crate::terms::Class;
use crate::triage::message;
use settle::Settle;
use sheet::Sheet;

pub use label::{FIELD, Label};

/// Where a mail or a label stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or the folder.
    pub path: PathBuf,
    /// The line in it, from 1; 0 where there is none.
    pub line: u64,
}

impl Place {
    fn line(path: &Path, line: usize) -> Self {
        Self { path: path.to_owned(), line: line as u64 }
    }

    fn of(mail: &Mail) -> Self {
        match mail.file() {
            Some(file) => Self { path: file.to_owned(), line: 0 },
            None => Self { path: mail.source().path.clone(), line: mail.line() },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.path.display()),
            line => write!(f, "{}:{line}", self.path.display()),
        }
    }
}

/// Something that could not be read as a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A mail of a labelled mailbox.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The mail.
    pub mail: Mail,
    /// Its `Message-ID` without angle brackets; its place where it has none.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// The set it belongs to, such as one writer's: the mailbox, or the folder that holds the class folders.
    pub group: String,
    /// What its labels say.
    pub answer: Answer,
}

/// What the labels of a mail say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Unlabelled,
    /// This, at this place.
    Label(Label, Place),
    /// Two things that cannot both be right.
    Conflict(Box<Conflict>),
}

impl Answer {
    /// The label, where there is one.
    #[must_use]
    pub fn label(&self) -> Option<&Label> {
        match self {
            Self::Label(label, _) => Some(label),
            Self::Unlabelled | Self::Conflict(_) => None,
        }
    }
}

/// Two labels of one mail that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The mail's id.
    pub id: String,
    /// One label.
    pub one: (Label, Place),
    /// The other.
    pub other: (Label, Place),
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = (&self.one, &self.other);
        write!(f, "{}: `{}` at {}, but `{}` at {}", self.id, one.0, one.1, other.0, other.1)
    }
}

/// Labelled mail, mail by mail, in the order of the sources.
#[derive(Debug)]
pub struct Reader {
    sources: VecDeque<PathBuf>,
    current: Option<(PathBuf, Mails)>,
    /// By mailbox: where its sheet is, if it has one.
    beside: HashMap<PathBuf, Option<PathBuf>>,
    sheets: BTreeMap<PathBuf, Sheet>,
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

impl Reader {
    /// A reader of some mailboxes and folders of mailboxes.
    #[must_use]
    pub fn new(sources: &[PathBuf]) -> Self {
        Self {
            sources: sources.iter().cloned().collect(),
            current: None,
            beside: HashMap::new(),
            sheets: BTreeMap::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Labels that could not be read, so far.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// What was odd about the mailboxes, so far.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Labels for which no mail came by, once the end is reached.
    #[must_use]
    pub fn unmatched(&self) -> Vec<(String, Place)> {
        self.sheets.values().flat_map(Sheet::unused).collect()
    }

    fn entry(&mut self, top: &Path, mail: Mail) -> Result<Entry, Error> {
        let place = Place::of(&mail);
        let id = message::parse(&mail.bytes()).message_id.map(std::borrow::Cow::into_owned);
        let mut given: Vec<(Label, Place)> = Vec::new();
        if let Some(value) = mail.field(FIELD) {
            match String::from_utf8_lossy(&value).parse() {
                Ok(label) => given.push((label, place.clone())),
                Err(what) => {
                    self.faults.push(Fault { place: place.clone(), what: format!("{FIELD}: {what}") });
                }
            }
        }
        let mut group = mail.source().path.clone();
        if let Some(sheet) = self.sheet(&group, top)? {
            if let Some(row) = id.as_deref().and_then(|id| sheet.take(id)) {
                given.push((row.label.clone(), row.place.clone()));
                given.extend(row.contradicted.clone());
            }
            group = without_ending(&group);
        }
        if let Some((class, folder)) = class_of(&mail, top) {
            given.push((Label::of(class), Place { path: folder.clone(), line: 0 }));
            let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
            group = above.unwrap_or(Path::new(".")).to_owned();
        }
        let id = id.unwrap_or_else(|| place.to_string());
        let answer = agreed(&id, given);
        Ok(Entry { mail, id, place, group: group.display().to_string(), answer })
    }

    /// The sheet of a mailbox: beside it, or beside a folder above it, no higher than `top`.
    fn sheet(&mut self, mailbox: &Path, top: &Path) -> Result<Option<&mut Sheet>, Error> {
        let path = self.beside.entry(mailbox.to_owned()).or_insert_with(|| {
            mailbox.ancestors().take_while(|path| path.starts_with(top)).find_map(sheet::beside)
        });
        let Some(path) = path.clone() else { return Ok(None) };
        if !self.sheets.contains_key(&path) {
            // Noted before it is read, so that a sheet that cannot be read is told of once.
            self.sheets.insert(path.clone(), Sheet::default());
            let sheet = Sheet::open(&path, &mut self.faults)?;
            self.sheets.insert(path.clone(), sheet);
        }
        Ok(self.sheets.get_mut(&path))
    }

    fn warn(&mut self) {
        let Some((_, mails)) = &mut self.current else { return };
        // A folder of labelled mail holds other files too: the sheets.
        let warnings = mails.take_warnings().into_iter();
        let telling = warnings.filter(|warning| !matches!(warning.remark, Remark::NotMail { .. }));
        self.warnings.extend(telling.map(|warning| warning.to_string()));
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.current.is_none() {
                let source = self.sources.pop_front()?;
                match mailbox::open(&source, mailbox::Options::default()) {
                    Ok(mails) => self.current = Some((source, mails)),
                    Err(error) => return Some(Err(error)),
                }
            }
            let next = self.current.as_mut().and_then(|(_, mails)| mails.next());
            self.warn();
            match next {
                None => self.current = None,
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(mail)) => {
                    let top = self.current.as_ref().map(|(top, _)| top.clone()).unwrap_or_default();
                    return Some(self.entry(&top, mail));
                }
            }
        }
    }
}

/// The nearest class in the names from the mail's mailbox or folder up to `top`, and the path so named.
fn class_of(mail: &Mail, top: &Path) -> Option<(Class, PathBuf)> {
    let source = mail.source();
    let (path, top) = match (mail.file(), source.kind) {
        (Some(file), _) => (file.parent()?, top),
        // One file that was named itself: the folder it lies in may still say.
        (None, Kind::Mail) => (source.path.parent()?, source.path.parent()?),
        (None, _) => (source.path.as_path(), top),
    };
    path.ancestors().take_while(|path| path.starts_with(top)).find_map(|path| {
        let name = path.file_name()?.to_str()?;
        // The last part of a Maildir++ name (`.Clients.other`), or what stands before the endings of a file.
        let parts = [Some(name), name.rsplit('.').next(), name.split('.').next()];
        let class = parts.into_iter().flatten().find_map(|part| part.parse::<Class>().ok())?;
        Some((class, path.to_owned()))
    })
}

fn without_ending(mailbox: &Path) -> PathBuf {
    match mailbox.file_name().and_then(|name| name.to_str()).and_then(|name| name.rsplit_once(".mbox")) {
        Some((stem, _)) => mailbox.with_file_name(stem),
        None => mailbox.to_owned(),
    }
}

/// One answer out of what several places say.
fn agreed(id: &str, given: Vec<(Label, Place)>) -> Answer {
    let mut given = given.into_iter();
    let Some((mut label, place)) = given.next() else { return Answer::Unlabelled };
    for (other, other_place) in given {
        match label.merge(&other) {
            Some(merged) => label = merged,
            None => {
                let (one, other) = ((label, place), (other, other_place));
                return Answer::Conflict(Box::new(Conflict { id: id.to_owned(), one, other }));
            }
        }
    }
    Answer::Label(label, place)
}

/// All mail of some sources, copies settled.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The labelled mails, each id once, in the order read.
    pub mails: Vec<Labelled>,
    /// Mails without a label: id and place.
    pub unlabelled: Vec<(String, Place)>,
    /// Labels without a mail: id and place.
    pub unmatched: Vec<(String, Place)>,
    /// Mails labelled twice, differently; they are not among [`mails`](Self::mails).
    pub conflicts: Vec<Conflict>,
    /// Further copies of mails that are among [`mails`](Self::mails): id and place.
    pub copies: Vec<(String, Place)>,
    /// Labels that could not be read.
    pub faults: Vec<Fault>,
    /// Mails and mailboxes that could not be read.
    pub errors: Vec<Error>,
    /// What was odd about the mailboxes.
    pub warnings: Vec<String>,
}

/// A mail and its label.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The mail.
    pub mail: Mail,
    /// Its `Message-ID` without angle brackets; its place where it has none.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// The set it belongs to, as a path; see [`Entry::group`].
    pub group: String,
    /// The right answer.
    pub label: Label,
    /// Where the answer is written down.
    pub by: Place,
}

/// Reads labelled mail into memory. What cannot be read is noted in the corpus and the rest is read.
///
/// A mail that is there several times, told by its id, counts once, with what all its labels say.
#[must_use]
pub fn read(sources: &[PathBuf]) -> Corpus {
    let mut corpus = Corpus::default();
    let mut reader = Reader::new(sources);
    let mut settle = Settle::default();
    for next in reader.by_ref() {
        match next {
            Ok(entry) => settle.add(entry, &mut corpus),
            Err(error) => corpus.errors.push(error),
        }
    }
    settle.finish(&mut corpus);
    corpus.unmatched = reader.unmatched();
    corpus.faults = reader.take_faults();
    corpus.warnings = reader.take_warnings();
    corpus
}

#[cfg(test)]
mod tests;
