//! What the `topics` of a rule give points for: the topics, and one thing that is none.

use std::fmt;
use std::str::FromStr;

use super::{Topic, UnknownWord};

/// A topic, or what decides who owns an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The mail touches this topic.
    Topic(Topic),
    /// The mail is chiefly about timelines and dependencies, whatever else it touches.
    Schedule,
}

const TOPICS: usize = Topic::ALL.len();

const SCHEDULE: &str = "schedule";

const ALL: [Aspect; TOPICS + 1] = {
    let mut all = [Aspect::Schedule; TOPICS + 1];
    let mut at = 0;
    while at < TOPICS {
        all[at] = Aspect::Topic(Topic::ALL[at]);
        at += 1;
    }
    all
};

const WORDS: [&str; TOPICS + 1] = {
    let mut words = [SCHEDULE; TOPICS + 1];
    let mut at = 0;
    while at < TOPICS {
        words[at] = Topic::WORDS[at];
        at += 1;
    }
    words
};

impl Aspect {
    /// Every one: the topics in the order of [`Topic::ALL`], then the schedule.
    pub const ALL: &[Self] = &ALL;
    /// Every word, in the same order.
    pub const WORDS: &[&str] = &WORDS;

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.as_str(),
            Self::Schedule => SCHEDULE,
        }
    }

    /// Its place in [`Aspect::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Topic(topic) => topic.index(),
            Self::Schedule => TOPICS,
        }
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Aspect {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        if word == SCHEDULE {
            return Ok(Self::Schedule);
        }
        word.parse().map(Self::Topic).map_err(|unknown| UnknownWord { known: Self::WORDS, ..unknown })
    }
}
