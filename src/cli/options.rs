//! Options that every command takes.

use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use postroom::terms::Date;
use postroom::triage::output::Look;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Folder of rules laid over the built-in ones, /etc/postroom, the user's and $POSTROOM_RULES
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) rules: Option<PathBuf>,

    /// The day to look up absences for [default: the day the mail was sent]
    #[arg(long, value_name = "YYYY-MM-DD", global = true)]
    pub(crate) date: Option<Date>,

    /// When to use colour; auto also heeds NO_COLOR and CLICOLOR
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: Color,

    /// Log to standard error what is done, by ids and rule names; twice for more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// A whole number of which none is too few.
pub(crate) fn at_least_one<N: FromStr>(text: &str) -> Result<N, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.trim_matches('0').is_empty() {
        return Err("write a whole number, 1 or more".to_owned());
    }
    text.parse().map_err(|_| "this number is too large".to_owned())
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Columns where nobody says how many there are.
const WIDTH: usize = 100;

/// Most columns used: longer lines are hard to read.
const MOST: usize = 120;

impl Global {
    /// Whether to colour what goes to standard output.
    pub(crate) fn color(&self) -> bool {
        match self.color {
            Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }

    /// What standard output can show.
    pub(crate) fn look(&self) -> Look {
        let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
        Look { width: width.min(MOST), color: self.color() }
    }

    /// Starts logging when asked to.
    pub(crate) fn start_log(&self) {
        if self.verbose > 0 {
            self.start_log_at_least(tracing::Level::INFO);
        }
    }

    /// Starts logging, asked to or not.
    pub(crate) fn start_log_at_least(&self, level: tracing::Level) {
        let asked = if self.verbose > 1 { tracing::Level::DEBUG } else { tracing::Level::INFO };
        let level = level.max(asked);
        // The one subscriber of the process: setting it cannot fail the first time.
        let _ = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .with_target(false)
            .without_time()
            .with_ansi(false)
            .try_init();
    }
}
