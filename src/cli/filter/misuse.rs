//! `filter` called with arguments that make no sense. A mail system that does so has a mail all the same.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use clap::{CommandFactory as _, ValueEnum as _};
use postroom::triage::output::headers::{self, Fault};

use super::SLACK;
use super::through::{self, drain, pass, read_up_to, suited, try_again};
use crate::cli::Cli;
use crate::cli::exit::Exit;
use crate::cli::host::Host;

/// Whether the arguments call `filter`, so far as can be told when they make no sense otherwise. An option
/// that is not known, or lacks its value, may have what follows it taken for a value or for a command: then
/// the word alone is enough, since a mail comes before a complaint.
pub(crate) fn is_called(args: &[OsString]) -> bool {
    match crate::cli::called(args) {
        Some(name) if name == "filter" => true,
        Some(name) if Cli::command().find_subcommand(name).is_some() => false,
        Some(_) | None => args.iter().skip(1).any(|arg| arg == "filter"),
    }
}

/// `filter` was called with arguments that make no sense. The mail comes before the complaint about them,
/// unless a person is at the terminal.
pub(crate) fn misused(args: &[OsString]) -> Exit {
    let mut stdin = match through::input() {
        Ok(stdin) if stdin.is_terminal() => return Exit::Usage,
        Ok(stdin) => stdin,
        Err(cause) => return try_again("cannot read the mail", &cause),
    };
    if wants_tempfail(args) {
        drain(&mut stdin);
        return Exit::TryAgain;
    }
    let mut head = Vec::new();
    match read_up_to(&mut stdin, 64 * SLACK, &mut head) {
        Ok(whole) => {
            pass(&suited(&head, named_host(args)), &headers::fault_fields(Fault::Usage), whole, &mut stdin)
        }
        Err(cause) => try_again("cannot read the mail", &cause),
    }
}

/// Whether the arguments ask for `--on-error=tempfail`.
fn wants_tempfail(args: &[OsString]) -> bool {
    value_of(args, "--on-error").is_some_and(|way| way == "tempfail")
}

/// The host that the arguments name, if they name one.
fn named_host(args: &[OsString]) -> Option<Host> {
    Host::from_str(value_of(args, "--host")?, false).ok()
}

/// The value of an option, in either spelling, in arguments that may make no sense.
fn value_of<'a>(args: &'a [OsString], option: &str) -> Option<&'a str> {
    let joined = |arg: &'a OsString| arg.to_str()?.strip_prefix(option)?.strip_prefix('=');
    let apart = |pair: &'a [OsString]| pair[1].to_str().filter(|_| pair[0] == option);
    args.iter().find_map(joined).or_else(|| args.windows(2).find_map(apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_call_is_recognised_though_it_makes_no_sense() {
        for (line, called) in [
            ("postroom filter --bogus", true),
            ("postroom --rules filter filter", true),
            ("postroom --rules=x -v filter", true),
            ("postroom --rules filter", true),
            ("postroom --date filter", true),
            ("postroom --colour never filter", true),
            ("postroom --bogus x filter", true),
            ("postroom classify filter", false),
            ("postroom --rules", false),
            ("postroom --bogus", false),
            ("postroom", false),
        ] {
            assert_eq!(is_called(&args(line)), called, "{line}");
        }
    }

    #[test]
    fn tempfail_is_recognised_in_either_spelling() {
        assert!(wants_tempfail(&args("postroom filter --on-error=tempfail --bogus")));
        assert!(wants_tempfail(&args("postroom filter --bogus --on-error tempfail")));
        assert!(!wants_tempfail(&args("postroom filter --on-error pass --bogus")));
        assert_eq!(named_host(&args("postroom filter --bogus --host=maildrop")), Some(Host::Maildrop));
        assert_eq!(named_host(&args("postroom filter --host nobody")), None);
    }
}
