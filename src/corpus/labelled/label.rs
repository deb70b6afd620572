//! One label: what a person says a mail is.

use std::fmt;
use std::str::FromStr;

use crate::terms::{Class, Role, Topic};
use crate::triage::output::NOBODY;

/// The field that carries a label within a mail.
pub const FIELD: &str = "X-Postroom-Label";

/// The right answer for a mail. Only the class is always known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it is.
    pub class: Class,
    /// Who owns the reply, where the label says; `Some(None)` is nobody.
    pub owner: Option<Option<Role>>,
    /// The topics present, in the order of [`Topic::ALL`], where the label says.
    pub topics: Option<Vec<Topic>>,
    /// How hard the labeller found it: any word.
    pub difficulty: Option<String>,
}

impl Label {
    /// A label that says the class alone.
    #[must_use]
    pub fn of(class: Class) -> Self {
        Self { class, owner: None, topics: None, difficulty: None }
    }

    /// Reads cells: class, owner, topics, difficulty; an empty cell says nothing.
    pub(super) fn read(class: &str, owner: &str, topics: &str, difficulty: &str) -> Result<Self, String> {
        Ok(Self {
            class: class.parse::<Class>().map_err(|unknown| unknown.to_string())?,
            owner: if owner.is_empty() { None } else { Some(read_owner(owner)?) },
            topics: if topics.is_empty() { None } else { Some(read_topics(topics)?) },
            difficulty: Some(difficulty.to_owned()).filter(|word| !word.is_empty()),
        })
    }

    /// Both labels in one, where they do not contradict each other.
    pub(super) fn merge(&self, other: &Self) -> Option<Self> {
        let agree = self.class == other.class
            && agree(self.owner.as_ref(), other.owner.as_ref())
            && agree(self.topics.as_ref(), other.topics.as_ref());
        agree.then(|| Self {
            class: self.class,
            owner: self.owner.or(other.owner),
            topics: self.topics.clone().or_else(|| other.topics.clone()),
            difficulty: self.difficulty.clone().or_else(|| other.difficulty.clone()),
        })
    }
}

fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_none() || other.is_none() || one == other
}

fn read_owner(word: &str) -> Result<Option<Role>, String> {
    if word == NOBODY {
        return Ok(None);
    }
    word.parse::<Role>()
        .map(Some)
        .map_err(|_| format!("unknown owner `{word}`; known: {}, {NOBODY}", Role::WORDS.join(", ")))
}

fn read_topics(words: &str) -> Result<Vec<Topic>, String> {
    if words == "-" {
        return Ok(Vec::new());
    }
    let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
    let mut topics =
        words.map(Topic::from_str).collect::<Result<Vec<_>, _>>().map_err(|unknown| unknown.to_string())?;
    topics.sort_unstable();
    topics.dedup();
    Ok(topics)
}

/// The value of [`FIELD`]: `class; owner=pm; topics=timeline,budget; difficulty=hard`.
impl FromStr for Label {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        let mut parts = value.split(';').map(str::trim);
        let class = parts.next().unwrap_or_default();
        let (mut owner, mut topics, mut difficulty) = ("", "", "");
        for part in parts.filter(|part| !part.is_empty()) {
            match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
                Some(("owner", value)) => owner = value,
                // Said, so known: nothing after the sign is no topic.
                Some(("topics", "")) => topics = "-",
                Some(("topics", value)) => topics = value,
                Some(("difficulty", value)) => difficulty = value,
                _ => return Err(format!("`{part}` is none of owner=, topics=, difficulty=")),
            }
        }
        Self::read(class, owner, topics, difficulty)
    }
}

/// The form that [`FromStr`] reads.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class.as_str())?;
        if let Some(owner) = self.owner {
            write!(f, "; owner={}", owner.map_or(NOBODY, Role::as_str))?;
        }
        if let Some(topics) = &self.topics {
            let words: Vec<&str> = topics.iter().map(|&topic| Topic::as_str(topic)).collect();
            write!(f, "; topics={}", words.join(","))?;
        }
        match &self.difficulty {
            Some(difficulty) => write!(f, "; difficulty={difficulty}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_reads_back_as_itself() {
        for (value, again) in [
            ("new-project", "new-project"),
            ("other; owner=none; topics=", "other; owner=none; topics="),
            (
                "delivery-question;owner=pm ;topics= scope, timeline,scope;",
                "delivery-question; owner=pm; topics=timeline,scope",
            ),
            ("project-update; topics=-; difficulty=hard", "project-update; topics=; difficulty=hard"),
        ] {
            assert_eq!(value.parse::<Label>().unwrap().to_string(), again);
            assert_eq!(again.parse::<Label>().unwrap().to_string(), again);
        }
    }

    #[test]
    fn what_is_no_label_is_said_in_words() {
        for (value, part) in [
            ("", "unknown class ``"),
            ("update", "known: deliverable-question"),
            ("other; owner=boss", "unknown owner `boss`; known: am, pm, none"),
            ("other; topics=when", "unknown topic `when`"),
            ("other; who=am", "`who=am` is none of"),
        ] {
            let said = value.parse::<Label>().unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn labels_that_agree_fill_each_other_in() {
        let label = |value: &str| value.parse::<Label>().unwrap();
        let merged = label("other; owner=none").merge(&label("other; topics=budget")).unwrap();
        assert_eq!(merged, label("other; owner=none; topics=budget"));
        for (one, two) in [
            ("other", "new-project"),
            ("other; owner=none", "other; owner=am"),
            ("other; topics=", "other; topics=scope"),
        ] {
            assert_eq!(label(one).merge(&label(two)), None);
        }
    }
}
