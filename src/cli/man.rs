//! `postroom man`: the manual page.

use std::io::{self, Write as _};

use clap::{Args, CommandFactory as _};

use super::Cli;
use super::exit::Exit;
use super::failure::Failure;

/// Print the manual page, or that of one command
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct Man {
    /// The command
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let mut whole = Cli::command();
        whole.build();
        let page = match &self.command {
            None => whole,
            Some(name) => whole
                .find_subcommand(name)
                .cloned()
                .ok_or_else(|| Failure::new(Exit::Usage, format!("there is no command `{name}`")))?,
        };
        let mut out = io::stdout().lock();
        clap_mangen::Man::new(page)
            .render(&mut out)
            .and_then(|()| out.flush())
            .map_err(|cause| Failure::output(&cause))?;
        Ok(Exit::Fine)
    }
}
