//! `postroom init`: the built-in rules written out, to be changed.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use postroom::Error;
use postroom::rules::layer;

use super::exit::Exit;
use super::failure::Failure;
use super::{print, schema};

/// What makes a folder complete in itself.
const SETTINGS: &str = "\
# Settings of this folder of rules.

# This folder is complete: the rules compiled into the program are left out, so that what stands here
# is all there is. Take the line away, and every file and rule you did not change, to lay only your
# changes over the built-in rules and to get new ones with new versions.
builtin = false
";

/// Write the built-in rules to a folder, to be changed
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    postroom init rules && $EDITOR rules/accounts.toml && postroom check rules\n  \
    postroom init ~/.config/postroom    used from then on without being named")]
pub(crate) struct Init {
    /// The folder; made when it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Overwrite files that are there
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let built_in = layer::built_in().iter().filter(|(name, _)| *name != "rules.toml");
        let files: Vec<(PathBuf, String)> = std::iter::once(&("rules.toml", SETTINGS))
            .chain(built_in)
            .map(|(name, text)| (self.folder.join(name), schema::line(name) + text))
            .chain(schema::files().map(|(name, text)| (self.folder.join("schema").join(name), text)))
            .collect();
        if !self.force
            && let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok())
        {
            let message = format!("{} is there already; --force overwrites it", path.display());
            return Err(Failure::new(Exit::Io, message));
        }
        for (path, text) in &files {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder).map_err(|cause| Error::io("make the folder", folder, cause))?;
            fs::write(path, text).map_err(|cause| Error::io("write", path, cause))?;
        }
        print(&format!("{} files written to {}\n", files.len(), self.folder.display()))?;
        Ok(Exit::Fine)
    }
}
