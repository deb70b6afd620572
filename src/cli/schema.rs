//! `postroom schema`: what may stand in a rule file, as JSON Schema for editors.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use postroom::Error;
use postroom::json_schema as json;

use super::exit::Exit;
use super::failure::Failure;
use super::print;

/// Print the JSON Schema of a kind of rule file, for editors
#[derive(Args, Debug)]
#[command(
    after_help = "An editor that knows TOML (Even Better TOML, taplo) checks and completes a file that says\n\
    `#:schema ./schema/rules.json` in its first line. `postroom init` writes schemas and lines alike.\n\n\
    Examples:\n  \
    postroom schema                   the kinds of file\n  \
    postroom schema rules\n  \
    postroom schema --write rules/schema"
)]
pub(crate) struct Schema {
    /// The kind of file; all kinds are listed when none is given
    #[arg(value_name = "KIND", conflicts_with = "write")]
    kind: Option<String>,

    /// Write the schema of every kind to this folder
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

impl Schema {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        if let Some(folder) = &self.write {
            let written = write(folder)?;
            print(&format!("{written} files written to {}\n", folder.display()))?;
            return Ok(Exit::Fine);
        }
        let Some(kind) = &self.kind else {
            let line = |(kind, _, files): &(&str, _, &str)| format!("{kind:<12}{files}\n");
            print(&json::KINDS.iter().map(line).collect::<String>())?;
            return Ok(Exit::Fine);
        };
        let Some(text) = json::text(kind) else {
            let kinds: Vec<&str> = json::KINDS.iter().map(|kind| kind.0).collect();
            let message = format!("there is no kind of file `{kind}`; known: {}", kinds.join(", "));
            return Err(Failure::new(Exit::Usage, message));
        };
        print(&text)?;
        Ok(Exit::Fine)
    }
}

/// Writes the schema of every kind; says how many.
fn write(folder: &Path) -> Result<usize, Failure> {
    fs::create_dir_all(folder).map_err(|cause| Error::io("make the folder", folder, cause))?;
    for (name, text) in files() {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|cause| Error::io("write", &path, cause))?;
    }
    Ok(json::KINDS.len())
}

/// The schema files, as name and text.
pub(super) fn files() -> impl Iterator<Item = (String, String)> {
    json::KINDS.iter().map(|(kind, ..)| (format!("{kind}.json"), json::text(kind).unwrap_or_default()))
}

/// The line that tells an editor which schema a file of a rule folder follows.
pub(super) fn line(name: &str) -> String {
    let up = if name.contains('/') { ".." } else { "." };
    format!("#:schema {up}/schema/{}.json\n", json::kind_of_file(name))
}
