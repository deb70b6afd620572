//! The one error of the library.
//!
//! Opaque on purpose: callers ask it what kind of failure it is ([`Error::is_config`] and its
//! siblings) and print it; advice on what to do is added where a person reads it, in the program.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::rules::diagnostic::Diagnostics;

/// Something that could not be done, with the causes behind it.
#[derive(Debug)]
pub struct Error(Box<Kind>);

#[derive(Debug)]
enum Kind {
    /// Rules, accounts or settings that do not hold together.
    Config(Diagnostics),
    /// A file or stream that could not be read or written.
    Io { doing: &'static str, path: Option<PathBuf>, cause: io::Error },
    /// Input that exists but is not what it should be.
    Data { path: Option<PathBuf>, what: String },
}

impl Error {
    /// Faults in rule files, all of them.
    #[must_use]
    pub fn config(diagnostics: Diagnostics) -> Self {
        Self(Box::new(Kind::Config(diagnostics)))
    }

    /// An operation on a file that failed; `doing` is a verb: "read", "write", "open".
    #[must_use]
    pub fn io(doing: &'static str, path: &Path, cause: io::Error) -> Self {
        Self(Box::new(Kind::Io { doing, path: Some(path.to_owned()), cause }))
    }

    /// An operation on a stream without a name that failed.
    #[must_use]
    pub fn stream(doing: &'static str, cause: io::Error) -> Self {
        Self(Box::new(Kind::Io { doing, path: None, cause }))
    }

    /// Input that is not what it should be, such as a file that is no mailbox.
    #[must_use]
    pub fn data(path: Option<&Path>, what: impl Into<String>) -> Self {
        Self(Box::new(Kind::Data { path: path.map(Path::to_owned), what: what.into() }))
    }

    /// Whether rule files are at fault.
    #[must_use]
    pub fn is_config(&self) -> bool {
        matches!(*self.0, Kind::Config(_))
    }

    /// Whether input is missing: the file or folder does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(&*self.0, Kind::Io { cause, .. } if cause.kind() == io::ErrorKind::NotFound)
    }

    /// Whether reading or writing failed.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(*self.0, Kind::Io { .. })
    }

    /// Whether the input is not what it should be; one that breaks off, or cannot be unpacked, is not.
    #[must_use]
    pub fn is_data(&self) -> bool {
        let broken = |kind| matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof);
        match &*self.0 {
            Kind::Data { .. } => true,
            Kind::Io { cause, .. } => broken(cause.kind()),
            Kind::Config(_) => false,
        }
    }

    /// The file or folder that it is about, where it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Io { path, .. } | Kind::Data { path, .. } => path.as_deref(),
            Kind::Config(_) => None,
        }
    }

    /// The faults in rule files, when those are the reason.
    #[must_use]
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match &*self.0 {
            Kind::Config(diagnostics) => Some(diagnostics),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Config(diagnostics) => write!(f, "{}", diagnostics.summary()),
            Kind::Io { doing, path: Some(path), .. } => write!(f, "cannot {doing} {}", path.display()),
            Kind::Io { doing, path: None, .. } => write!(f, "cannot {doing}"),
            Kind::Data { path: Some(path), what } => write!(f, "{}: {what}", path.display()),
            Kind::Data { path: None, what } => write!(f, "{what}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Kind::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
