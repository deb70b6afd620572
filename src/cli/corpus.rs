//! Labelled mail for the commands that judge with it: read, and what was wrong with it told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use postroom::corpus::labelled::{self, Corpus};

use super::exit::Exit;
use super::failure::{Failure, tell};

/// Faults and warnings of a kind told in full.
const MOST_TOLD: usize = 20;

/// Reads labelled mail and tells what could not be read. The first failure gives the exit code, which is
/// the run's when nothing worse follows.
pub(crate) fn read(sources: &[PathBuf]) -> Result<(Corpus, Exit), Failure> {
    let mut corpus = labelled::read(sources);
    let mut exit = Exit::Fine;
    for error in std::mem::take(&mut corpus.errors) {
        let told = Failure::from(error).tell();
        if exit == Exit::Fine {
            exit = told;
        }
    }
    told("error", corpus.faults.iter().map(ToString::to_string).collect());
    if exit == Exit::Fine && !corpus.faults.is_empty() {
        exit = Exit::Data;
    }
    told("labelled twice, differently", corpus.conflicts.iter().map(ToString::to_string).collect());
    told("warning", std::mem::take(&mut corpus.warnings));
    if corpus.mails.is_empty() {
        let message = "no labelled mail: name mailboxes or folders by class (new-project.mbox), put X.labels.tsv \
                       beside X.mbox, or write X-Postroom-Label into the mails";
        return Err(Failure::new(if exit == Exit::Fine { Exit::Data } else { exit }, message));
    }
    Ok((corpus, exit))
}

fn told(kind: &str, messages: Vec<String>) {
    for message in messages.iter().take(MOST_TOLD) {
        tell(kind, message);
    }
    if messages.len() > MOST_TOLD {
        tell(kind, &format!("{} more of these", messages.len() - MOST_TOLD));
    }
}

/// How many threads to work on.
pub(crate) fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}
