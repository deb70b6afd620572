//! Labelled mail for the commands that judge with it: read, and what was wrong with it told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use postroom::Error;
use postroom::corpus::labelled::{self, Corpus, Fault};

use super::exit::Exit;
use super::failure::{Failure, tell};

/// Faults and warnings of a kind told in full.
const MOST_TOLD: usize = 20;

/// Reads labelled mail and tells what could not be read. The first failure gives the exit code, which is
/// the run's when nothing worse follows.
pub(crate) fn read(sources: &[PathBuf]) -> Result<(Corpus, Exit), Failure> {
    let mut corpus = labelled::read(sources);
    let (errors, warnings) = (std::mem::take(&mut corpus.errors), std::mem::take(&mut corpus.warnings));
    let exit = tell_faults(errors, &corpus.faults, warnings);
    told("labelled twice, differently", &corpus.conflicts);
    if corpus.mails.is_empty() {
        let message = "no labelled mail: name mailboxes or folders by class (new-project.mbox), put X.labels.tsv \
                       beside X.mbox, or write X-Postroom-Label into the mails";
        return Err(Failure::new(if exit == Exit::Fine { Exit::Data } else { exit }, message));
    }
    Ok((corpus, exit))
}

/// Tells what could not be read, and what was odd; the first failure gives the exit code.
pub(crate) fn tell_faults(errors: Vec<Error>, faults: &[Fault], warnings: Vec<String>) -> Exit {
    let mut exit = Exit::Fine;
    for error in errors {
        let told = Failure::from(error).tell();
        if exit == Exit::Fine {
            exit = told;
        }
    }
    told("error", faults);
    told("warning", &warnings);
    if exit == Exit::Fine && !faults.is_empty() { Exit::Data } else { exit }
}

fn told(kind: &str, messages: &[impl ToString]) {
    for message in messages.iter().take(MOST_TOLD) {
        tell(kind, &message.to_string());
    }
    if messages.len() > MOST_TOLD {
        tell(kind, &format!("{} more of these", messages.len() - MOST_TOLD));
    }
}

/// A share given on the command line.
pub(crate) fn share(word: &str) -> Result<f64, String> {
    let share = word.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{word}` is not between 0 and 1"))
}

/// How many threads to work on.
pub(crate) fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}
