//! Real mail filters and mail servers, with the recipes of `packaging/`: every mail arrives exactly once and
//! whole, whatever goes wrong.
//!
//! They are ignored unless asked for, as `.ci/run` does, and then a server that is not installed is a failure.
//! They need root, for a disk that is full and for servers that change users, and touch nothing outside a
//! scratch folder. `docs/hosts.md` has the table that they print.

mod afew;
mod agent;
mod beside;
mod dovecot;
mod drill;
mod exim;
mod fdm;
mod imapsieve;
mod maildrop;
mod mails;
mod notmuch;
mod postfix;
mod procmail;
mod scratch;
mod sendmail;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One at a time: the recipes have time limits, and servers beside servers would reach them.
static TURN: Mutex<()> = Mutex::new(());

/// The turn to run.
fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file or folder of a mail server that cannot be installed beside Postfix: the system's, or the one that
/// `.ci/run` unpacked for the tests.
fn part(server: &str, path: &str) -> PathBuf {
    let installed = Path::new("/").join(path);
    let unpacked = || Path::new(env!("CARGO_TARGET_TMPDIR")).join(server).join(path);
    if installed.exists() { installed } else { unpacked() }
}

/// A recipe of `packaging/` with parts of it replaced, each of which must be in it.
fn recipe(name: &str, replaced: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name);
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "packaging/{name} has no {from:?}");
        text = text.replace(from, to);
    }
    text
}
