//! A bar on standard error for runs that last, when a person sits there.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this need no bar.
const SHORT: Duration = Duration::from_secs(1);

/// Files looked at to find out how much there is; beyond it, the end is not known.
const MOST_FILES: usize = 100_000;

/// Folders within folders looked at.
const DEEPEST: usize = 32;

/// How far a run is.
pub(super) struct Progress {
    /// None when nobody looks on.
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Progress {
    /// Of a run over these sources.
    pub(super) fn over(sources: &[PathBuf]) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(total(sources)));
        Self { bar, begun: Instant::now() }
    }

    /// So many bytes more are done.
    pub(super) fn add(&self, bytes: u64) {
        let Some(bar) = &self.bar else { return };
        bar.inc(bytes);
        if bar.is_hidden() && self.begun.elapsed() > SHORT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.reset_eta();
        }
    }

    /// Does something that may write to the terminal, with the bar out of the way.
    pub(super) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.suspend(work),
            _ => work(),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()),
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            (bar, "{spinner} {bytes}, {bytes_per_sec}")
        }
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Bytes of mail in the sources, where their files tell: not for streams and compressed files.
fn total(sources: &[PathBuf]) -> Option<u64> {
    let mut files = 0;
    sources.iter().map(|source| size(source, 0, &mut files)).sum()
}

fn size(path: &Path, depth: usize, files: &mut usize) -> Option<u64> {
    *files += 1;
    if *files > MOST_FILES || depth > DEEPEST || is_compressed(path) {
        return None;
    }
    let Ok(meta) = fs::metadata(path) else { return Some(0) };
    if meta.is_file() {
        return Some(meta.len());
    }
    if !meta.is_dir() {
        return None;
    }
    let Ok(entries) = fs::read_dir(path) else { return Some(0) };
    entries.flatten().map(|entry| size(&entry.path(), depth + 1, files)).sum()
}

fn is_compressed(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    path == Path::new("-") || ["gz", "zst", "bz2", "xz"].iter().any(|one| ending.eq_ignore_ascii_case(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_known_of_plain_files_and_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, length| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, vec![b'x'; length]).unwrap();
            path
        };
        let (one, two) = (file("a/1", 10), file("a/b/2", 5));
        assert_eq!(total(&[folder.path().to_owned()]), Some(15));
        assert_eq!(total(&[one, two, PathBuf::from("/nonexistent")]), Some(15));
        assert_eq!(total(&[file("c.GZ", 1)]), None);
        assert_eq!(total(&[PathBuf::from("-")]), None);
    }
}
