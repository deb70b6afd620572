//! What a person should know about a mailbox that is no failure.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::mail::Source;
use super::separator::Doubt;

/// Warnings kept until they are taken; a hostile file could hold one a line.
const MOST_KEPT: usize = 10_000;

/// Something odd at a place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where the mails come from.
    pub source: Arc<Source>,
    /// Byte offset in the source, after decompression; 0 for what concerns the whole.
    pub offset: u64,
    /// Line in the source, from 1; 0 for what concerns the whole.
    pub line: u64,
    /// What is odd.
    pub remark: Remark,
}

/// What is odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A line was taken for the start of a mail, though not without doubt.
    Split(Doubt),
    /// A line was taken for text, though it looks like the start of a mail.
    Joined(Doubt),
    /// The source has no bytes, or a mail folder has no mail: read as zero mails.
    Empty,
    /// A mail is longer than the limit: only its beginning was read.
    Oversize,
    /// The last mail does not end with a line ending, so may be cut off.
    NoFinalNewline,
    /// The last mail is shorter than its `Content-Length` says, so is cut off.
    ShortOfLength,
    /// A file was there when the folder was listed and is gone.
    Vanished(PathBuf),
    /// Files in a folder that hold no mail, their number and the first of them.
    NotMail {
        /// How many.
        files: u64,
        /// The first.
        first: PathBuf,
    },
    /// A folder that was reached before by another way, or too deep, and is not read again.
    NotFollowed(PathBuf),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.remark)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Split(doubt) => {
                write!(f, "this line was taken for the start of a mail, although {}", doubt.as_str())
            }
            Self::Joined(doubt) => write!(f, "this line was taken for text, because {}", doubt.as_str()),
            Self::Empty => write!(f, "there is no mail in it"),
            Self::Oversize => write!(f, "this mail is too long; only its beginning was read"),
            Self::NoFinalNewline => {
                write!(f, "the last mail does not end with a line ending and may be cut off")
            }
            Self::ShortOfLength => {
                write!(f, "the last mail is shorter than its Content-Length and is cut off")
            }
            Self::Vanished(path) => write!(f, "{} went away while the folder was read", path.display()),
            Self::NotMail { files: 1, first } => write!(f, "{} holds no mail", first.display()),
            Self::NotMail { files, first } => {
                write!(f, "{files} files hold no mail; the first is {}", first.display())
            }
            Self::NotFollowed(path) => {
                write!(f, "{} was not followed: it was read before or lies too deep", path.display())
            }
        }
    }
}

/// Warnings on their way to whoever asks for them.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<Warning>,
    dropped: u64,
}

impl Warnings {
    /// Adds one, unless too many wait already.
    pub(super) fn add(&mut self, warning: Warning) {
        if self.kept.len() < MOST_KEPT {
            self.kept.push(warning);
        } else {
            self.dropped += 1;
        }
    }

    /// Adds one about a source as a whole.
    pub(super) fn whole(&mut self, source: &Arc<Source>, remark: Remark) {
        self.add(Warning { source: Arc::clone(source), offset: 0, line: 0, remark });
    }

    /// Those that wait.
    pub(super) fn take(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.kept)
    }

    /// How many there were too many of.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}
