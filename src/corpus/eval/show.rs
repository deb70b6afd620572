//! Which mails stand behind a number: the words after `--show`.

use std::fmt;
use std::str::FromStr;

use super::Evaluation;
use crate::rules::nearest::nearest;
use crate::terms::{Class, Role, Topic, UNSURE};
use crate::triage::output::NOBODY;

/// A number that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// Every mail of the wrong class, unsure ones included.
    Mistakes,
    /// Every mail that is unsure.
    Unsure,
    /// A cell of a matrix: a label and what was given.
    Cell(String, String),
    /// Mails on which a topic was given wrongly or missed.
    Topic(Topic),
    /// Mails that a rule hits.
    Rule(String),
}

impl FromStr for Show {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let class = |word: &str| Class::WORDS.contains(&word);
        let owner = |word: &str| word == NOBODY || Role::WORDS.contains(&word);
        if let Some(id) = word.strip_prefix("rule=") {
            return Ok(Self::Rule(id.to_owned()));
        }
        if let Some(topic) = word.strip_prefix("topic=") {
            return topic
                .parse()
                .map(Self::Topic)
                .map_err(|unknown: crate::terms::UnknownWord| unknown.to_string());
        }
        match (word, word.split_once(':')) {
            ("mistakes", _) => Ok(Self::Mistakes),
            (UNSURE, _) => Ok(Self::Unsure),
            (_, Some((label, given)))
                if (class(label) && (class(given) || given == UNSURE)) || (owner(label) && owner(given)) =>
            {
                Ok(Self::Cell(label.to_owned(), given.to_owned()))
            }
            _ => {
                Err("write mistakes, unsure, LABEL:GIVEN (two classes or two owners), topic=TOPIC or rule=ID"
                    .to_owned())
            }
        }
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes => f.write_str("mistakes"),
            Self::Unsure => f.write_str(UNSURE),
            Self::Cell(label, given) => write!(f, "labelled {label}, given {given}"),
            Self::Topic(topic) => write!(f, "topic {topic} given wrongly or missed"),
            Self::Rule(id) => write!(f, "hit by the rule {id}"),
        }
    }
}

impl Show {
    /// The mails, ascending.
    ///
    /// # Errors
    ///
    /// In words, when there is no such rule.
    pub fn mails(&self, evaluation: &Evaluation) -> Result<Vec<usize>, String> {
        match self {
            Self::Mistakes => Ok(evaluation.classes.wrong()),
            Self::Unsure => {
                let sure = &evaluation.sure;
                Ok((0..evaluation.mails).filter(|at| sure.binary_search(at).is_err()).collect())
            }
            Self::Cell(label, given) => {
                let cell = |matrix: &super::Matrix| matrix.cell(label, given).map(<[usize]>::to_vec);
                Ok(cell(&evaluation.classes).or_else(|| cell(&evaluation.owners)).unwrap_or_default())
            }
            Self::Topic(topic) => {
                let score = evaluation.topics.get(topic.index()).cloned().unwrap_or_default();
                let mut mails = [score.wrong, score.missed].concat();
                mails.sort_unstable();
                Ok(mails)
            }
            Self::Rule(id) => match evaluation.rules.iter().find(|rule| rule.id == *id) {
                Some(rule) => Ok(rule.hits.clone()),
                None => {
                    let known = evaluation.rules.iter().map(|rule| rule.id.as_str());
                    let near =
                        nearest(id, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    Err(format!("there is no rule `{id}`{near}"))
                }
            },
        }
    }
}
