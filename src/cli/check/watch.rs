//! `check --watch`: the answer again whenever a rule file is saved.
//!
//! The labelled mail is read and split once; what changes with the rules is run again on all of it. Files
//! are looked at five times a second, which works on every file system.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use postroom::corpus::judge;
use postroom::corpus::prepared::Prepared;
use postroom::rules::RuleSet;
use postroom::terms::{Class, ZoneSet};
use postroom::triage::Context;

use crate::cli::failure::Failure;
use crate::cli::{corpus, print};

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(200);

/// Labelled mail kept ready, and what the rules last made of it.
pub(super) struct Kept {
    mails: Vec<(Prepared, Class)>,
    last: Option<Vec<Option<Class>>>,
}

impl Kept {
    pub(super) fn read(sources: &[PathBuf]) -> Result<Self, Failure> {
        if sources.is_empty() {
            return Ok(Self { mails: Vec::new(), last: None });
        }
        let (corpus, _) = corpus::read(sources)?;
        let prepare = |one: &postroom::corpus::labelled::Labelled| {
            (Prepared::new(&one.mail.bytes(), ZoneSet::EMPTY), one.label.class)
        };
        Ok(Self { mails: judge::each(&corpus.mails, corpus::jobs(None), prepare), last: None })
    }

    /// One line: how right the rules are, and what the last change did.
    pub(super) fn line(&mut self, rules: &RuleSet, context: &Context<'_>) -> Option<String> {
        if self.mails.is_empty() {
            return None;
        }
        self.mails.iter_mut().for_each(|(mail, _)| mail.refresh(rules.zones));
        let now = judge::each(&self.mails, corpus::jobs(None), |(mail, _)| {
            mail.judge(rules, context).decision.class
        });
        let right = |given: &[Option<Class>]| {
            self.mails.iter().zip(given).filter(|((_, class), given)| Some(*class) == **given).count()
        };
        let mut line =
            format!("{} of {} right, macro-F1 {:.3}", right(&now), self.mails.len(), self.macro_f1(&now));
        if let Some(last) = &self.last {
            let changed = |from: &[Option<Class>], to: &[Option<Class>]| {
                let both = self.mails.iter().zip(from.iter().zip(to));
                both.filter(|((_, class), (from, to))| Some(*class) != **from && Some(*class) == **to).count()
            };
            let (fixed, broken) = (changed(last, &now), changed(&now, last));
            line = format!(
                "{fixed} fixed, {broken} broken, macro-F1 {:.3} -> {:.3}; {line}",
                self.macro_f1(last),
                self.macro_f1(&now)
            );
        }
        self.last = Some(now);
        Some(line)
    }

    fn macro_f1(&self, given: &[Option<Class>]) -> f64 {
        let pairs: Vec<_> =
            self.mails.iter().zip(given).map(|((_, class), given)| (*class, *given)).collect();
        postroom::corpus::tune::validate::figures(&pairs, 0.0).macro_f1
    }
}

/// Shows what `answer` gives, again after each change of the folder's files; ends when output cannot be written.
pub(super) fn watch(
    folder: &Path,
    mut answer: impl FnMut() -> Result<String, Failure>,
) -> Result<(), Failure> {
    loop {
        let seen = state(folder);
        // Rules in the middle of being edited are no reason to stop.
        let text = answer().unwrap_or_else(|failure| format!("{}\n", failure.message()));
        if io::stdout().is_terminal() {
            print("\u{1b}[2J\u{1b}[H")?;
        }
        print(&format!("{text}watching {}; Ctrl-C ends it\n\n", folder.display()))?;
        while state(folder) == seen {
            thread::sleep(PAUSE);
            // A reader that went away shows only when something is written.
            io::stdout().flush().map_err(|cause| Failure::output(&cause))?;
        }
    }
}

/// Name, time and size of every file that can hold rules.
fn state(folder: &Path) -> Vec<(PathBuf, Option<SystemTime>, u64)> {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = list(folder).chain(list(&folder.join("classes")));
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let mut files: Vec<_> = files
        .filter_map(|path| {
            let about = fs::metadata(&path).ok()?;
            Some((path, about.modified().ok(), about.len()))
        })
        .collect();
    files.sort();
    files
}
