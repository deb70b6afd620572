//! `postroom man`: the manual page.

use clap::{Args, CommandFactory as _};

use super::exit::Exit;
use super::failure::Failure;
use super::{Cli, print};

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
        let mut rendered = Vec::new();
        clap_mangen::Man::new(page).render(&mut rendered).map_err(|cause| Failure::output(&cause))?;
        print(&headed(&String::from_utf8_lossy(&rendered)))?;
        Ok(Exit::Fine)
    }
}

/// The page with the usual headings over what `--help` says at its end, in place of the one that all of it has.
fn headed(page: &str) -> String {
    page.replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n")
        .replace(".SH EXTRA\n", ".SH NOTES\n")
        .replace("\nExamples:\n", "\n.SH EXAMPLES\n")
        .replace("\nExit codes:\n", "\n.SH \"EXIT STATUS\"\n")
        .replace("\nExit codes: ", "\n.SH \"EXIT STATUS\"\n")
}
