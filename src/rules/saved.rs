//! The compiled form of a folder's rules: a file beside them that is read in place of compiling them, for as long as
//! it was made of exactly the files that count.
//!
//! A program that judges one mail and ends would otherwise compile the same rules for each. What decides is what the
//! files say, not when they were changed: a form of other files, of another build of the program, or a damaged one is
//! never used, and the rules are compiled as if it weren't there.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::diagnostic::Diagnostics;
use super::layer::{self, Layer};
use super::store::Head;
use super::{RuleSet, hash, store};
use crate::Error;

/// The file's name within the folder.
pub const FILE: &str = "compiled.rules";

/// Most bytes the file may have: several times what the largest rules take.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What was read: rules lie in it. The first that a process reads is kept for its life; a process that reads its rules
/// again compiles them, for it is there to stay.
static READ: OnceLock<Box<[u8]>> = OnceLock::new();

/// The compiled form of the rules of these layers, and the path of the file that it belongs in.
pub struct Form {
    /// In the strongest folder.
    pub path: PathBuf,
    /// What the file has to hold.
    pub bytes: Vec<u8>,
    /// The rules.
    pub rules: RuleSet,
}

/// Compiles `layers`, weakest first, for [`ready`](super::ready) to read.
///
/// # Errors
///
/// [`Error::is_config`], with every fault of every file, when the rules cannot be used or change meanwhile, and when
/// the strongest layer is no folder.
pub fn form(layers: &[Layer]) -> Result<Form, Error> {
    let fault = |message: &str| {
        let mut found = Diagnostics::default();
        found.fault("not-compiled", message);
        Error::config(found)
    };
    let path = path(layers).ok_or_else(|| fault("no folder of rules is laid over the others"))?;
    let before = texts(layers);
    let (rules, shared) = super::compiled(layers)?;
    let texts = before.filter(|before| texts(layers) == Some(*before));
    let texts = texts.ok_or_else(|| fault("the rule files changed while they were read; try again"))?;
    let bytes = store::write_own(&rules, shared, texts).map_err(|cause| fault(&cause))?;
    if bytes.len() as u64 > LARGEST {
        return Err(fault("the compiled rules are larger than what is read ready-made"));
    }
    Ok(Form { path, bytes, rules })
}

/// The path of a compiled form that is of no use: of other files, of another build, or damaged.
#[must_use]
pub fn stale(layers: &[Layer]) -> Option<PathBuf> {
    let path = path(layers).filter(|path| path.symlink_metadata().is_ok())?;
    content(&path, layers).is_none().then_some(path)
}

/// The rules as the compiled form has them, if there is one that is of use.
pub(super) fn read(layers: &[Layer]) -> Option<RuleSet> {
    if READ.get().is_some() {
        return None;
    }
    let bytes = content(&path(layers)?, layers)?;
    READ.set(bytes.into()).ok()?;
    store::read_own(READ.get()?)
}

/// Where the compiled form of these layers belongs: in the folder that is laid over all others.
fn path(layers: &[Layer]) -> Option<PathBuf> {
    match layers.last()? {
        Layer::Folder(folder) => Some(folder.join(FILE)),
        _ => None,
    }
}

/// The set in a file, when this build of the program wrote it, it is whole, and the rule files are those that it was
/// made of.
fn content(path: &Path, layers: &[Layer]) -> Option<Vec<u8>> {
    // Opening a pipe could wait for ever.
    path.metadata().ok().filter(|about| about.is_file() && about.len() <= LARGEST)?;
    let mut file = File::open(path).ok()?;
    let mut head = [0; Head::LENGTH];
    file.read_exact(&mut head).ok()?;
    let head = Head::read(head).filter(|head| texts(layers) == Some(head.texts))?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    head.is_whole(&bytes).then_some(bytes)
}

/// A fingerprint of the names and texts of the files of these layers; none where one cannot be read.
fn texts(layers: &[Layer]) -> Option<u64> {
    let mut found = Diagnostics::default();
    let (mut hash, mut buffer) = (hash::NONE, Vec::with_capacity(SOME));
    for (number, layer) in layers.iter().enumerate() {
        hash = hash::with(hash, &number.to_le_bytes());
        match layer {
            // They are part of the build.
            Layer::BuiltIn => {}
            Layer::Files(files) => {
                let texts = files.iter().flat_map(|(name, text)| [name, text]);
                hash = texts.fold(hash, |hash, text| hash::with(hash, text.as_bytes()));
            }
            Layer::Folder(folder) => {
                for (name, path) in layer::paths(folder, &mut found) {
                    hash = hash::with(hash, name.as_bytes());
                    hash = with_file(hash, &path, &mut buffer).ok()?;
                }
            }
        }
    }
    (!found.has_errors()).then_some(hash)
}

/// Bytes of a file that are read at once.
const SOME: usize = 64 * 1024;

/// A hash with the bytes of a file added, some at a time: a phrase list has megabytes.
fn with_file(mut hash: u64, path: &Path, buffer: &mut Vec<u8>) -> io::Result<u64> {
    let mut file = File::open(path)?.take(layer::LARGEST_FILE + 1);
    loop {
        buffer.clear();
        file.by_ref().take(SOME as u64).read_to_end(buffer)?;
        hash = hash::with(hash, buffer);
        if buffer.len() < SOME {
            return Ok(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "class = 'other'\n[[rule]]\nid = 'own'\nany = ['\\bzzz\\b', 'quote']\npoints = 1\n";
    const PHRASES: &str = "[text]\n\"zzz yyy\" = { points = { other = 1 } }\n";

    fn layers(folder: &Path) -> [Layer; 2] {
        [Layer::BuiltIn, Layer::Folder(folder.to_owned())]
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("classes")).unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    fn shown(rules: &RuleSet) -> String {
        format!("{rules:?}")
    }

    #[test]
    fn a_compiled_form_is_what_the_files_say() {
        let complete = ("rules.toml", "builtin = false\n");
        let rules = ("classes/own.toml", RULES);
        let accounts = ("accounts.toml", "[agency]\nam = 'a@x.example'\npm = 'p@x.example'\n");
        let kinds: [&[_]; 5] =
            [&[], &[rules], &[accounts], &[rules, ("lexicon.toml", PHRASES)], &[complete, rules, accounts]];
        for files in kinds {
            let folder = folder(files);
            let layers = layers(folder.path());
            let form = form(&layers).unwrap();
            let read = store::read_own(form.bytes[Head::LENGTH..].to_vec().leak()).unwrap();
            // They are megabytes, so they are not shown.
            assert!(shown(&read) == shown(&form.rules), "{files:?}");
            let (anew, _) = super::super::compiled(&layers).unwrap();
            assert!(shown(&read) == shown(&anew), "{files:?}");
        }
    }

    #[test]
    fn it_is_of_no_use_for_other_files_and_when_it_is_damaged() {
        let folder = folder(&[("classes/own.toml", RULES)]);
        let at = |name: &str| folder.path().join(name);
        let layers = layers(folder.path());
        assert_eq!(stale(&layers), None, "there is none");
        let form = form(&layers).unwrap();
        let write = |bytes: &[u8]| std::fs::write(&form.path, bytes).unwrap();
        let useful = || {
            let read = content(&form.path, &layers);
            assert_ne!(read.is_some(), stale(&layers).is_some());
            read.is_some_and(|bytes| bytes == form.bytes[Head::LENGTH..])
        };
        write(&form.bytes);
        assert!(useful());
        for (name, text) in [("classes/own.toml", RULES.replace('1', "2")), ("classes/b.toml", String::new())]
        {
            let old = std::fs::read_to_string(at(name));
            std::fs::write(at(name), text).unwrap();
            assert!(!useful(), "{name} changed");
            match old {
                Ok(old) => std::fs::write(at(name), old).unwrap(),
                Err(_) => std::fs::remove_file(at(name)).unwrap(),
            }
            assert!(useful());
        }
        std::fs::rename(at("classes/own.toml"), at("own.toml")).unwrap();
        assert!(!useful(), "another name");
        std::fs::rename(at("own.toml"), at("classes/own.toml")).unwrap();
        for length in [0, 1, Head::LENGTH - 1, Head::LENGTH, form.bytes.len() - 1] {
            write(&form.bytes[..length]);
            assert!(!useful(), "{length} bytes");
        }
        for place in (0..form.bytes.len()).step_by(form.bytes.len() / 200 + 1) {
            let mut bytes = form.bytes.clone();
            bytes[place] ^= 4;
            write(&bytes);
            assert!(!useful(), "another byte at {place}");
        }
        write(&[form.bytes.as_slice(), b"x"].concat());
        assert!(!useful(), "longer");
        std::fs::remove_file(&form.path).unwrap();
        std::os::unix::fs::symlink("nowhere", &form.path).unwrap();
        assert!(!useful());
    }

    #[test]
    fn a_process_reads_it_once() {
        let folder = folder(&[("classes/own.toml", RULES)]);
        let layers = layers(folder.path());
        assert!(read(&layers).is_none());
        let form = form(&layers).unwrap();
        std::fs::write(&form.path, &form.bytes).unwrap();
        assert!(read(&layers).is_some_and(|rules| shown(&rules) == shown(&form.rules)));
        assert!(read(&layers).is_none());
    }

    #[test]
    fn rules_with_a_fault_have_none_and_neither_have_layers_without_a_folder() {
        let folder = folder(&[("classes/own.toml", "class = 'other'\n[[rule]]\nid = 'own'\nany = '('\n")]);
        for layers in [layers(folder.path()).as_slice(), &[Layer::BuiltIn]] {
            assert!(form(layers).is_err_and(|error| error.is_config()));
        }
    }
}
