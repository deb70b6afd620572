//! `postroom completions`: completions for a shell.

use std::io;

use clap::{Args, CommandFactory as _};

use super::exit::Exit;
use super::failure::Failure;
use super::{Cli, print};

/// Print completions for a shell
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "postroom", &mut script);
        let script =
            String::from_utf8(script).map_err(|_| Failure::output(&io::Error::other("not UTF-8")))?;
        print(&script)?;
        Ok(Exit::Fine)
    }
}
