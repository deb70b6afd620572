//! `--watch`: the answer again whenever a rule file is saved.
//!
//! Files are looked at ten times a second: a dozen of them cost nothing, and it works on every file system,
//! shared ones too. A change is answered once it stands still, so that no half-saved file is read.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use postroom::corpus::diff::{self, Version};
use postroom::corpus::kept::{Kept, State};
use postroom::corpus::report::diff as report;
use postroom::rules::layer::Layer;
use postroom::rules::memory::Memory;
use postroom::triage::Context;
use unicode_width::UnicodeWidthStr as _;

use super::exit::Exit;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::print;

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a change must stand still.
const SETTLED: Duration = Duration::from_millis(20);

/// Least change of probability that is told as surer or less sure.
const LEAST: f64 = 0.1;

/// Folders inside a rule folder whose files count.
const INNER: [&str; 2] = ["classes", "tests"];

/// Mail kept ready, and what the last rules without a fault made of it.
pub(crate) struct Live<'c> {
    kept: Kept,
    state: Option<State>,
    context: Context<'c>,
    jobs: usize,
}

impl<'c> Live<'c> {
    pub(crate) fn new(kept: Kept, context: Context<'c>, jobs: usize) -> Self {
        Self { kept, state: None, context, jobs }
    }

    /// Judges the mail by new rules; gives in words what that changed, or how things stand the first time.
    pub(crate) fn judge(&mut self, version: Version, color: bool) -> String {
        let began = Instant::now();
        let state = self.kept.judge(version, self.state.as_ref(), &self.context, self.jobs);
        tracing::info!("mails judged in {:?}", began.elapsed());
        let standing = state.standing(&self.kept);
        let told = match &self.state {
            None => report::standing(&standing),
            Some(last) => {
                let diff = diff::of_kept(&self.kept, last, &state, LEAST, self.jobs);
                report::since(&diff, &last.standing(&self.kept), &standing, color)
            }
        };
        self.state = Some(state);
        told
    }

    /// What the last rules without a fault made of the mail, once there were any.
    pub(crate) fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }
}

/// The rules of some layers, read again and again, and what was last told of them.
pub(crate) struct Reread<'l> {
    layers: &'l [Layer],
    memory: Memory,
    color: bool,
    last: String,
}

impl<'l> Reread<'l> {
    pub(crate) fn new(layers: &'l [Layer], color: bool) -> Self {
        Self { layers, memory: Memory::default(), color, last: String::new() }
    }

    /// The figures of the rules as they are; of faulty ones the faults, above the figures told last.
    pub(crate) fn figures(
        &mut self,
        figures: impl FnOnce(Version) -> Result<String, Failure>,
    ) -> Result<String, Failure> {
        let began = Instant::now();
        let read = Version::load_again(self.layers, &mut self.memory);
        tracing::info!("rules read in {:?}", began.elapsed());
        match read {
            Ok(version) => {
                self.last = figures(version)?;
                Ok(self.last.clone())
            }
            Err(found) if self.last.is_empty() => Ok(found.render(self.color)),
            Err(found) => Ok(format!(
                "{}what follows is of the rules as they last were without a fault\n\n{}",
                found.render(self.color),
                self.last
            )),
        }
    }
}

/// The folders that layers are read from.
pub(crate) fn folders(layers: &[Layer]) -> Vec<PathBuf> {
    let folder = |layer: &Layer| match layer {
        Layer::Folder(folder) => Some(folder.clone()),
        Layer::BuiltIn | Layer::Files(_) => None,
    };
    layers.iter().filter_map(folder).collect()
}

/// Shows what `answer` gives, again after each change of the folders' files, until interrupted.
pub(crate) fn watch(
    folders: &[PathBuf],
    mut answer: impl FnMut() -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    if folders.is_empty() {
        return Err(Failure::new(Exit::Usage, "there is no folder of rules to watch: name one with --rules"));
    }
    let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let watching = format!("watching {}; Ctrl-C ends it", names.join(", "));
    let interrupt = Interrupt::listen();
    let mut seen = files(folders);
    let mut saved: Option<Saved> = None;
    loop {
        // Rules in the middle of being edited are no reason to stop; an output that is gone is.
        let text = answer().unwrap_or_else(|failure| format!("{}\n", failure.message()));
        let answered = saved.as_ref().map_or_else(String::new, |saved| {
            format!("answered {:.2} s after the save; ", saved.ago().as_secs_f64())
        });
        show(&text, &format!("{answered}{watching}"))?;
        let (now, at) = loop {
            if interrupt.came() {
                // What the terminal echoed stands alone on its line.
                if io::stdout().is_terminal() {
                    print("\n")?;
                }
                return Ok(Exit::Interrupted);
            }
            thread::sleep(PAUSE);
            let now = files(folders);
            if now != seen {
                let noticed = Instant::now();
                let now = settled(folders, now);
                let at = Saved::of(&seen, &now, noticed);
                break (now, at);
            }
        };
        (seen, saved) = (now, Some(at));
    }
}

/// When a change was saved.
struct Saved {
    written: Option<SystemTime>,
    noticed: Instant,
}

impl Saved {
    fn of(before: &Files, now: &Files, noticed: Instant) -> Self {
        let changed = now.iter().filter(|(path, about)| before.get(*path) != Some(*about));
        let written = changed.filter_map(|(_, about)| about.0).max();
        // A file that was moved here, or a folder checked out, may bring an older time along.
        let recent = |at: &SystemTime| at.elapsed().is_ok_and(|ago| ago < Duration::from_secs(2));
        Self { written: written.filter(recent), noticed }
    }

    fn ago(&self) -> Duration {
        self.written.and_then(|at| at.elapsed().ok()).unwrap_or_else(|| self.noticed.elapsed())
    }
}

/// On a terminal as much as fits on a clean screen, else all of it.
fn show(text: &str, last: &str) -> Result<(), Failure> {
    let Some((width, height)) = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal()) else {
        return print(&format!("{text}{last}\n\n"));
    };
    let (width, mut rows) = (usize::from(width.0).max(1), usize::from(height.0).saturating_sub(3));
    let mut shown = String::from("\u{1b}[2J\u{1b}[H");
    let mut lines = text.lines();
    let mut left = 0;
    for line in lines.by_ref() {
        let wide = anstream::adapter::strip_str(line).to_string().width();
        let needs = wide.div_ceil(width).max(1);
        if needs > rows {
            left = 1;
            break;
        }
        rows -= needs;
        shown.push_str(line);
        shown.push('\n');
    }
    left += lines.count();
    if left > 0 {
        shown += &format!("… and {left} more lines; without --watch all are shown\n");
    }
    print(&format!("{shown}{last}\n"))
}

/// Time and size of every file that counts.
type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

fn files(folders: &[PathBuf]) -> Files {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found = Files::new();
    for folder in folders {
        let inner = INNER.iter().flat_map(|inner| list(&folder.join(inner)));
        for path in list(folder).chain(inner) {
            let counts = path.extension().is_some_and(|ending| ending == "toml" || ending == "eml");
            if let Some(about) = fs::metadata(&path).ok().filter(|about| counts && about.is_file()) {
                found.insert(path, (about.modified().ok(), about.len()));
            }
        }
    }
    found
}

/// The files once they stand still.
fn settled(folders: &[PathBuf], mut now: Files) -> Files {
    loop {
        thread::sleep(SETTLED);
        let next = files(folders);
        if next == now {
            return now;
        }
        now = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_added_changed_and_removed_are_noticed_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let empty = files(&folders);
        write("notes.txt", "x");
        write("a.toml~", "x");
        assert_eq!(files(&folders), empty);
        write("a.toml", "x");
        write("classes/b.toml", "x");
        let two = files(&folders);
        assert_eq!(two.len(), 2);
        write("a.toml", "xy");
        assert_ne!(files(&folders), two);
        fs::remove_file(folder.path().join("a.toml")).unwrap();
        assert_eq!(files(&folders).len(), 1);
        assert!(files(&[folder.path().join("gone")]).is_empty());
    }
}
