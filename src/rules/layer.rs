//! Where rule files come from: compiled into the program, a folder, or text at hand.
//!
//! Gives the files of a layer in a fixed order. Leaves alone what they say.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{File, ReadDir};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostics, Place, SourceFile};

/// Largest rule file, in bytes.
pub(super) const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// Most files of one folder.
const MOST_FILES: usize = 1000;

/// One source of rules. Later layers override earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The files compiled into the program.
    BuiltIn,
    /// A folder: its `*.toml` files and those in its `classes` folder.
    Folder(PathBuf),
    /// Texts at hand, as name within a rule folder and text: `("classes/other.toml", "…")`.
    Files(Vec<(String, String)>),
}

/// The files compiled into the program, as name within a rule folder and text.
#[must_use]
pub fn built_in() -> &'static [(&'static str, &'static str)] {
    crate::built_in::FILES
}

/// Where in the text of a file that one begins which is compiled into the program under the same name, when only
/// remarks stand above it: `init` writes one there.
pub(super) fn built_in_within(name: &str, text: &str) -> Option<usize> {
    let (_, known) = built_in().iter().find(|(known, _)| *known == name)?;
    if std::ptr::eq(*known, text) {
        return Some(0);
    }
    let above = text.strip_suffix(known)?;
    let is_remark =
        |line: &str| line.starts_with('#') && !line.contains(|c: char| c.is_control() && c != '\t');
    let remarks = above.is_empty() || (above.ends_with('\n') && above.split_terminator('\n').all(is_remark));
    remarks.then_some(above.len())
}

/// The files that come after the built-in ones; `None` where these do not come first.
pub(super) fn after_built_in(files: &[Arc<SourceFile>]) -> Option<&[Arc<SourceFile>]> {
    let (first, others) = files.split_at_checked(built_in().len())?;
    let same = |(file, (_, text)): (&Arc<SourceFile>, &(&str, &str))| std::ptr::eq(&*file.text, *text);
    first.iter().zip(built_in()).all(same).then_some(others)
}

impl Layer {
    /// Whether the layer has nothing but settings in it: accounts, routing, thresholds. Then the rules
    /// that come compiled with the program are what they were.
    pub(super) fn is_settings_only(&self) -> bool {
        let is_setting = |name: &str| SETTINGS.contains(&name);
        match self {
            Self::BuiltIn => false,
            Self::Files(files) => files.iter().all(|(name, _)| is_setting(name)),
            Self::Folder(folder) => {
                let mut files = Vec::new();
                let mut ignored = Diagnostics::default();
                list(folder, "", true, &mut files, &mut ignored);
                list(&folder.join("classes"), "classes/", false, &mut files, &mut ignored);
                // `rules.toml` may say that the folder is complete without the built-in rules.
                files.iter().all(|(name, _)| is_setting(name) && name != COMPLETE)
            }
        }
    }
}

/// The file that may say that a folder is complete.
pub(super) const COMPLETE: &str = "rules.toml";

/// The file with the word lists.
pub(super) const WORDS: &str = "vocabulary.toml";

/// The phrase list.
pub(super) const PHRASES: &str = "lexicon.toml";

/// The phrases of languages, which stand beside the built-in rules and are none.
const LANGUAGES: &str = "languages.toml";

/// Files that hold no rules.
pub(super) const SETTINGS: &[&str] = &["accounts.toml", "decision.toml", "routing.toml", COMPLETE];

/// A file and its name within its folder.
pub(super) struct LayerFile {
    /// Such as `classes/other.toml`.
    pub(super) name: String,
    /// The text, under the name it is shown by.
    pub(super) file: Arc<SourceFile>,
}

/// The rule files of a folder, as name within it and text; what cannot be read is reported.
#[must_use]
pub fn texts(folder: &Path, found: &mut Diagnostics) -> Vec<(String, String)> {
    let read = files(&Layer::Folder(folder.to_owned()), found);
    read.into_iter().map(|file| (file.name, file.file.text.to_string())).collect()
}

/// The files of a layer, by name; what cannot be read is reported.
pub(super) fn files(layer: &Layer, found: &mut Diagnostics) -> Vec<LayerFile> {
    let at_hand = |shown: String, name: &str, text: Cow<'static, str>| LayerFile {
        name: name.to_owned(),
        file: Arc::new(SourceFile { name: shown, text }),
    };
    match layer {
        Layer::BuiltIn => {
            let file =
                |&(name, text): &(&str, &'static str)| at_hand(format!("built-in:{name}"), name, text.into());
            built_in().iter().map(file).collect()
        }
        Layer::Files(files) => {
            files.iter().map(|(name, text)| at_hand(name.clone(), name, text.clone().into())).collect()
        }
        Layer::Folder(folder) => {
            paths(folder, found).into_iter().filter_map(|(name, path)| read(name, &path, found)).collect()
        }
    }
}

/// The rule files of a folder, each with its name within it, in the order of the names.
pub(super) fn paths(folder: &Path, found: &mut Diagnostics) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    list(folder, "", true, &mut files, found);
    list(&folder.join("classes"), "classes/", false, &mut files, found);
    files.sort();
    if files.len() > MOST_FILES {
        let message = format!("{} holds more than {MOST_FILES} rule files", folder.display());
        found.fault("too-many-files", message);
        files.truncate(MOST_FILES);
    }
    files
}

fn list(
    folder: &Path,
    prefix: &str,
    needed: bool,
    files: &mut Vec<(String, PathBuf)>,
    found: &mut Diagnostics,
) {
    // A link to nothing is there, and is not found either.
    let missing = |cause: &io::Error| cause.kind() == ErrorKind::NotFound && !folder.is_symlink();
    // More than allowed are enough to see that there are too many.
    let some = |entries: ReadDir| entries.take(100 * MOST_FILES).collect::<io::Result<Vec<_>>>();
    let entries = match std::fs::read_dir(folder).and_then(some) {
        Ok(entries) => entries,
        Err(cause) if !needed && missing(&cause) => return,
        Err(cause) => {
            found.fault("unreadable", format!("cannot read the rule folder {}: {cause}", folder.display()));
            return;
        }
    };
    for entry in entries {
        let name = entry.file_name();
        if prefix.is_empty() && name != "classes" && holds_rules(&entry.path()) {
            let message = format!("the folder {} is not read", entry.path().display());
            found
                .notice("unread-folder", message)
                .help("rule files are read from the rule folder itself and from its folder `classes`");
        }
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        if !name.ends_with(".toml") {
            warn_of_ending(&entry.path(), found);
            continue;
        }
        if prefix.is_empty() && name == LANGUAGES {
            found.notice("unread-file", format!("{} is not read", entry.path().display())).help(
                "the phrases of languages are compiled into the program; rule folders do not change them",
            );
        } else if is_readable(&entry.path(), found) {
            files.push((format!("{prefix}{name}"), entry.path()));
        }
    }
}

/// Whether this is a file that may be opened. Opening a pipe could wait for ever; and left out in silence,
/// a link to nothing would leave the rules standing that it was to change.
fn is_readable(path: &Path, found: &mut Diagnostics) -> bool {
    let why = match std::fs::metadata(path) {
        Ok(about) if about.is_file() => return true,
        Ok(about) if about.is_dir() => "it is a folder".to_owned(),
        Ok(_) => "it is no ordinary file".to_owned(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => "it is a link to nothing".to_owned(),
        Err(cause) => cause.to_string(),
    };
    found.fault("unreadable", format!("cannot read {}: {why}", path.display()));
    false
}

/// Warns of a file that somebody may take for a rule file.
fn warn_of_ending(path: &Path, found: &mut Diagnostics) {
    let likely = |ending: &str| ["toml", "yaml", "yml"].iter().any(|like| ending.eq_ignore_ascii_case(like));
    if path.extension().and_then(OsStr::to_str).is_some_and(likely) {
        found
            .notice("unread-file", format!("{} is not read", path.display()))
            .help("the names of rule files end in `.toml`, in small letters");
    }
}

fn holds_rules(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().take(MOST_FILES).any(|entry| entry.path().extension().is_some_and(|ext| ext == "toml"))
}

fn read(name: String, path: &Path, found: &mut Diagnostics) -> Option<LayerFile> {
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    let outcome = File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    if let Err(cause) = outcome {
        found.fault("unreadable", format!("cannot read {shown}: {cause}"));
        return None;
    }
    if bytes.len() as u64 > LARGEST_FILE {
        found
            .fault("large-file", format!("{shown} is larger than {} MiB", LARGEST_FILE / 1024 / 1024))
            .help("split it into several files; every *.toml file of the folder is read");
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(LayerFile { name, file: Arc::new(SourceFile { name: shown, text: text.into() }) }),
        Err(fault) => {
            let at = fault.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(fault.as_bytes()).into_owned();
            // U+FFFD, three bytes long, stands where the first wrong byte was.
            let place =
                Place { file: Arc::new(SourceFile { name: shown, text: text.into() }), span: at..at + 3 };
            found
                .error("not-utf8", &place, "this file is not UTF-8 text")
                .label("the first byte that is not")
                .help("save it again with the encoding UTF-8");
            None
        }
    }
}
