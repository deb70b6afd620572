//! `postroom is`: a question about one mail, answered by the exit code.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use postroom::terms::{Class, Role, Topic, UNSURE};
use postroom::triage::output::{NOBODY, Origin, Report, owner_word};
use postroom::triage::{Context, Triage, triage};

use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::{folders, log, single};

/// Ask whether a mail is of a class, an owner or a topic: exit 0 for yes, 1 for no
#[derive(Args, Debug)]
#[command(after_help = "Every option given must hold; of several words in one, any.\n\n\
    Examples:\n  \
    postroom is --owner pm < mail.eml && echo for the project manager\n  \
    postroom is --class new-project,unsure --topic budget mail.eml")]
pub(crate) struct Is {
    #[command(flatten)]
    question: Question,

    /// The mail; `-` is standard input
    #[arg(value_name = "MAIL", default_value = "-")]
    source: PathBuf,

    /// The address it was sent to, where the mail itself does not say
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
}

/// What is asked: something must be, or the answer to no question would be yes.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
struct Question {
    /// The class is one of these; `unsure` is one too
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class_word)]
    class: Vec<String>,

    /// The owner is one of these: am, pm, none
    #[arg(long, value_name = "OWNER", value_delimiter = ',', value_parser = owner)]
    owner: Vec<String>,

    /// One of these topics is present
    #[arg(long, value_name = "TOPIC", value_delimiter = ',', value_parser = Topic::from_str)]
    topic: Vec<Topic>,
}

fn class_word(word: &str) -> Result<String, String> {
    if word != UNSURE {
        word.parse::<Class>().map_err(|unknown| format!("{unknown}, {UNSURE}"))?;
    }
    Ok(word.to_owned())
}

fn owner(word: &str) -> Result<String, String> {
    if word != NOBODY {
        word.parse::<Role>().map_err(|unknown| format!("{unknown}, {NOBODY}"))?;
    }
    Ok(word.to_owned())
}

impl Is {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let rules = folders::rules(global.rules.as_deref())?;
        let raw = single::read(&self.source)?;
        let context =
            Context { date: global.date, recipient: self.recipient.as_deref(), ..Context::default() };
        let triage = triage(&raw, &rules, &context);
        log::judged(&Report { origin: Origin::default(), triage: &triage, rules: &rules });
        Ok(if self.question.holds(&triage) { Exit::Fine } else { Exit::Findings })
    }
}

impl Question {
    fn holds(&self, triage: &Triage<'_>) -> bool {
        let among = |words: &[String], word: &str| words.is_empty() || words.iter().any(|one| one == word);
        among(&self.class, triage.decision.word())
            && among(&self.owner, owner_word(&triage.route))
            && (self.topic.is_empty() || self.topic.iter().any(|&topic| triage.decision.has(topic)))
    }
}
