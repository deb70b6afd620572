//! Builds what the program carries: the rule files under `rules/`, so that adding one is all it takes
//! to compile it in; the rule set compiled from them, so that nothing is compiled at start; and the
//! table of `rules/languages.toml`.
//!
//! It uses the library's own rule loader and compiler. A fault in a rule file stops the build with the
//! same words, line and caret that `postroom check` would show.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the build uses part of the modules it shares with the library"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

#[path = "src/error.rs"]
mod error;
#[path = "src/triage/fresh/fold.rs"]
mod fold;
#[path = "build/languages.rs"]
mod languages;
#[path = "build/link.rs"]
mod link;
#[path = "src/rules/mod.rs"]
mod rules;
#[path = "src/terms/mod.rs"]
mod terms;

use error::Error;
use rules::diagnostic::SourceFile;

/// The library's module of this name holds what this program makes.
mod built_in {
    pub(crate) const FILES: &[(&str, &str)] = &[];
    pub(crate) const COMPILED: &[u8] = &[];
    pub(crate) const PARSED: &[u8] = &[];
    pub(crate) const BUILD: u64 = 0;
}

/// Words of mail clients, not rules: read by the second stage, never by the rule loader.
const LANGUAGES: &str = "languages.toml";

fn main() -> io::Result<()> {
    for path in
        ["build.rs", "build", "rules", "src/error.rs", "src/rules", "src/terms", "src/triage/fresh/fold.rs"]
    {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    link::cheap_start(&target.join("link"))?;
    let mut files = Vec::new();
    list(&root, "", &mut files)?;
    list(&root.join("classes"), "classes/", &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for (name, path) in &files {
        // Debug formatting quotes and escapes a path the way a Rust literal needs it.
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("]\n");
    fs::write(target.join("built_in.rs"), code)?;
    let texts = files.iter().map(|(name, path)| Ok((name.clone(), fs::read_to_string(path)?)));
    let texts = texts.collect::<io::Result<Vec<_>>>()?;
    fs::write(target.join("built_in.rules"), compiled(&texts)?)?;
    fs::write(target.join("built_in.parsed"), rules::parsed::write(&texts).map_err(io::Error::other)?)?;
    fs::write(target.join("build"), build(texts)?.to_string())?;
    languages::generate(&root.join(LANGUAGES), &target.join("languages.rs")).map_err(io::Error::other)
}

/// The rule set of these files as bytes.
fn compiled(files: &[(String, String)]) -> io::Result<Vec<u8>> {
    let (sources, mut found) = rules::load::load(&[rules::layer::Layer::Files(files.to_vec())]);
    let set = rules::compile::compile(&sources, &mut found);
    let faults = || io::Error::other(format!("faults in the built-in rules:\n{}", found.render(false)));
    rules::store::write(&set.ok_or_else(faults)?, &sources.patterns()).map_err(io::Error::other)
}

/// A fingerprint of these files and of the code that compiles them and reads what it compiled.
fn build(files: Vec<(String, String)>) -> io::Result<u64> {
    let mut texts: Vec<_> = files.into_iter().map(|(_, text)| text).collect();
    texts.push(env::var("CARGO_PKG_VERSION").unwrap_or_default());
    let mut folders = vec![PathBuf::from("src/rules"), PathBuf::from("src/terms")];
    while let Some(folder) = folders.pop() {
        let mut paths = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                texts.push(fs::read_to_string(path)?);
            }
        }
    }
    let file = |text: String| Arc::new(SourceFile { name: String::new(), text: text.into() });
    Ok(rules::hash::extend(rules::hash::NONE, &texts.into_iter().map(file).collect::<Vec<_>>()))
}

fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_file() && name.ends_with(".toml") && name != LANGUAGES {
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}
