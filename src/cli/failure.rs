//! What a person is told when a command cannot do what it was asked.

use std::error::Error as _;
use std::io::{self, Write as _};

use postroom::Error;
use postroom::triage::output::escape;

use super::exit::Exit;

/// A reason to stop, in words, and the code to stop with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The words.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The same words with another code.
    pub(crate) fn with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Standard output could not be written to. A reader that went away (`| head`) is no failure.
    pub(crate) fn output(cause: &io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe {
            Self::new(Exit::Fine, "")
        } else {
            Self::new(Exit::Io, format!("cannot write to standard output: {cause}"))
        }
    }

    /// Tells it on standard error, made safe for a terminal; gives the code.
    pub(crate) fn tell(&self) -> Exit {
        if !self.message.is_empty() {
            tell("error", &self.message);
        }
        self.exit
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            message = format!("{message}: {deeper}");
            cause = deeper.source();
        }
        let (exit, advice) = if error.is_config() {
            (Exit::Config, "; `postroom check` shows every fault")
        } else if error.is_not_found() {
            (Exit::NoInput, "")
        } else if error.is_data() {
            (Exit::Data, "")
        } else {
            (Exit::Io, "")
        };
        Self::new(exit, message + advice)
    }
}

/// One line on standard error. A standard error that cannot be written to leaves nobody to tell.
pub(crate) fn tell(kind: &str, message: &str) {
    let _ = writeln!(io::stderr(), "postroom: {kind}: {}", escape::line(message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use postroom::rules::diagnostic::Diagnostics;
    use std::path::Path;

    #[test]
    fn each_kind_of_error_has_its_code() {
        let io = |kind| Error::io("read", Path::new("x"), io::Error::from(kind));
        let mut found = Diagnostics::default();
        found.fault("unreadable", "cannot read it");
        for (error, exit) in [
            (io(io::ErrorKind::NotFound), Exit::NoInput),
            (io(io::ErrorKind::PermissionDenied), Exit::Io),
            (Error::data(None, "no mailbox"), Exit::Data),
            (Error::config(found), Exit::Config),
        ] {
            assert_eq!(Failure::from(error).exit, exit);
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let output = |kind| Failure::output(&io::Error::from(kind));
        assert_eq!(output(io::ErrorKind::BrokenPipe).exit, Exit::Fine);
        assert_eq!(output(io::ErrorKind::StorageFull).exit, Exit::Io);
    }
}
