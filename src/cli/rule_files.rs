//! Files of a rule folder that are changed: by one run at a time, each replaced in one go or left as it was.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use postroom::Error;
use postroom::corpus::edit::FileEdit;
use postroom::rules::saved;

use super::failure::{Failure, tell};

/// Keeps other runs from changing a rule folder for as long as the file is held; waits for one that does.
/// What is read before it is held may have changed.
pub(super) fn hold(folder: &Path) -> Result<File, Failure> {
    // The folder itself, so that nothing comes into it that is no rules.
    let held = File::open(folder).map_err(|cause| Error::io("open", folder, cause))?;
    let locked = held.try_lock().or_else(|fault| match fault {
        TryLockError::WouldBlock => {
            tell("waiting", &format!("another run changes the rules in {}", folder.display()));
            held.lock()
        }
        TryLockError::Error(cause) => Err(cause),
    });
    if let Err(cause) = locked {
        // Some file systems of the network lock no folders; one run at a time is all right there.
        let message =
            format!("cannot lock {}: {cause}; change it from one place at a time", folder.display());
        tell("warning", &message);
    }
    Ok(held)
}

/// Writes edited files of a rule folder, and tells when its compiled rules are no longer of them.
pub(super) fn write(folder: &Path, edits: &[FileEdit]) -> Result<(), Failure> {
    edits.iter().try_for_each(|edit| replace(&folder.join(&edit.name), edit.after.as_bytes()))?;
    let compiled = folder.join(saved::FILE);
    if !edits.is_empty() && compiled.exists() {
        let message = format!(
            "{} is of the rules as they were and not read any more; `postroom compile` writes it anew",
            compiled.display()
        );
        tell("note", &message);
    }
    Ok(())
}

/// Puts bytes in the place of a file's, or makes the file: beside it, then renamed, so that a run that ends
/// halfway leaves what was there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|cause| Error::io("make the folder", parent, cause))?;
    real(path)
        .and_then(|real| replace_real(&real, bytes))
        .map_err(|cause| Error::io("write", path, cause).into())
}

/// The file behind a link: others may share it, and a new file in the link's place would part them.
fn real(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            Ok(path.to_owned())
        }
        outcome => outcome,
    }
}

fn replace_real(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Not ending in `.toml`, so that nobody reads it as rules; gone when anything fails.
    let mut name = tempfile::Builder::new();
    name.prefix(".postroom-").suffix(".new");
    let mut beside =
        name.make_in(folder, |path| OpenOptions::new().write(true).create_new(true).open(path))?;
    if let Ok(old) = path.metadata() {
        if !old.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        // A program that reads the rules may do so only as a member of their group.
        let file = beside.as_file();
        if fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
            // Only the superuser gives files away; a file of one's own stays one's own.
            let _ = fchown(file, None, Some(old.gid()));
        }
        file.set_permissions(old.permissions())?;
    }
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(path).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_cannot_be_replaced_stays_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        fs::create_dir(at("full.toml")).unwrap();
        symlink(at("nowhere"), at("link.toml")).unwrap();
        for name in ["full.toml", "link.toml"] {
            assert!(replace(&at(name), b"new").is_err(), "{name}");
        }
        assert!(at("full.toml").is_dir() && at("link.toml").is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
