//! Builds what the program carries: the list of the rule files under `rules/`, so that adding one is
//! all it takes to compile it in, and the table of `rules/languages.toml`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/triage/fresh/fold.rs"]
mod fold;
#[path = "build/languages.rs"]
mod languages;

/// Words of mail clients, not rules: read by the second stage, never by the rule loader.
const LANGUAGES: &str = "languages.toml";

fn main() -> io::Result<()> {
    for path in ["build.rs", "build/languages.rs", "src/triage/fresh/fold.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo::rerun-if-changed=rules");
    let mut files = Vec::new();
    list(&root, "", &mut files)?;
    list(&root.join("classes"), "classes/", &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for (name, path) in files {
        // Debug formatting quotes and escapes a path the way a Rust literal needs it.
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("]\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("built_in.rs");
    fs::write(target, code)?;
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("languages.rs");
    languages::generate(&root.join(LANGUAGES), &target).map_err(io::Error::other)
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
