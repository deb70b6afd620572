//! The exit codes: those of `sysexits.h`, which mail servers expect, beside 0, 1 and 130.

use std::fmt::Write as _;
use std::process::{self, ExitCode};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, nothing found.
    Fine,
    /// Done, and there is something to say.
    Findings,
    /// Called wrongly.
    Usage,
    /// Input that is not what it should be.
    Data,
    /// Input that is not there.
    NoInput,
    /// A fault of this program.
    Internal,
    /// Reading or writing failed.
    Io,
    /// A failure that may pass.
    TryAgain,
    /// Rules or settings that cannot be used.
    Config,
    /// Ended by an interrupt, as a shell reports it: 128 and the number of the signal.
    Interrupted,
}

impl Exit {
    /// Every code, in ascending order.
    pub(crate) const ALL: [Self; 10] = [
        Self::Fine,
        Self::Findings,
        Self::Usage,
        Self::Data,
        Self::NoInput,
        Self::Internal,
        Self::Io,
        Self::TryAgain,
        Self::Config,
        Self::Interrupted,
    ];

    /// Ends the program with this code, whatever other threads do.
    pub(crate) fn now(self) -> ! {
        process::exit(i32::from(self.code()))
    }

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Usage => 64,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::Internal => 70,
            Self::Io => 74,
            Self::TryAgain => 75,
            Self::Config => 78,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for `--help`.
    const fn meaning(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Findings => {
                "findings (`check`, `diff`, `rehearse`, `eval` with `--min-accuracy`), or `is` says no"
            }
            Self::Usage => "called wrongly",
            Self::Data => "the input is not what it should be",
            Self::NoInput => "the input is not there",
            Self::Internal => "a fault of this program",
            Self::Io => "reading or writing failed",
            Self::TryAgain => {
                "try again later (`filter`: the mail did not get through; `sort`: another run is at it)"
            }
            Self::Config => "the rules cannot be used; `postroom check` says why",
            Self::Interrupted => "interrupted; what was written until then is whole",
        }
    }

    /// The list for `--help`.
    pub(crate) fn help() -> String {
        let mut help = String::from("Exit codes:\n");
        for exit in Self::ALL {
            // Writing to a string cannot fail.
            let _ = writeln!(help, "  {:>3}  {}", exit.code(), exit.meaning());
        }
        help
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_sysexits_and_ascend() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 64, 65, 66, 70, 74, 75, 78, 130]);
        assert!(codes.iter().all(|code| Exit::help().contains(&format!(" {code}  "))));
    }
}
