//! The settings file: shows that a folder is one of sorted mail, and how it is sorted.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use clap::ValueEnum as _;
use postroom::Error;
use postroom::mailbox::write::{private_file, private_folder};

use super::{By, Kind};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Its name.
pub(super) const NAME: &str = ".postroom-sort";

/// What must be the same in every run over one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) by: By,
    pub(super) kind: Kind,
    pub(super) copy_tags: bool,
}

impl Settings {
    /// As the file says it.
    fn text(self) -> String {
        let word = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        let (by, kind) = (word(self.by.to_possible_value()), word(self.kind.to_possible_value()));
        format!("postroom sort 1\nby = {by}\nas = {kind}\ncopy-tags = {}\n", self.copy_tags)
    }

    /// Looks whether `folder` may be used, and changes nothing. Says whether it has settings already.
    pub(super) fn look(self, folder: &Path) -> Result<bool, Failure> {
        let path = folder.join(NAME);
        match fs::read_to_string(&path) {
            Ok(text) => self.compare(folder, &text).map(|()| !text.is_empty()),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => vacant(folder).map(|()| false),
            Err(cause) => Err(Error::io("read", &path, cause).into()),
        }
    }

    /// Takes the folder: makes it when there is none, and locks it for as long as the file is held.
    pub(super) fn take(self, folder: &Path) -> Result<File, Failure> {
        self.look(folder)?;
        private_folder(folder).map_err(|cause| Error::io("make the folder", folder, cause))?;
        let path = folder.join(NAME);
        let opened = private_file().read(true).append(true).create(true).open(&path);
        let mut file = opened.map_err(|cause| Error::io("open", &path, cause))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message =
                    format!("another run sorts into {}; try again when it is done", folder.display());
                return Err(Failure::new(Exit::TryAgain, message));
            }
            Err(TryLockError::Error(cause)) => return Err(Error::io("lock", &path, cause).into()),
        }
        // Read anew: another run may have written it before the lock was ours.
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|cause| Error::io("read", &path, cause))?;
        let mine = self.text();
        if mine.starts_with(&text) {
            // New, or cut short by a run that was killed right here.
            let rest = mine.get(text.len()..).unwrap_or_default();
            let written = file.write_all(rest.as_bytes()).and_then(|()| file.sync_all());
            written.map_err(|cause| Error::io("write", &path, cause))?;
        } else {
            self.compare(folder, &text)?;
        }
        Ok(file)
    }

    fn compare(self, folder: &Path, text: &str) -> Result<(), Failure> {
        let mine = self.text();
        if mine.starts_with(text) {
            return Ok(());
        }
        let was: Vec<&str> = text.lines().skip(1).collect();
        let message = format!(
            "{} was sorted with other settings ({}); name another folder with --into, or use the same",
            folder.display(),
            was.join(", ")
        );
        Err(Failure::new(Exit::Usage, message))
    }
}

/// Refuses a folder that has something of somebody else's in it.
fn vacant(folder: &Path) -> Result<(), Failure> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(Error::io("read", folder, cause).into()),
    };
    if entries.next().is_some() {
        let message = format!(
            "{} holds something that postroom did not put there; name a new or empty folder with --into",
            folder.display()
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(())
}
