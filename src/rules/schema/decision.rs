//! Keys of `decision.toml`, `vocabulary.toml` and `rules.toml`.

use super::{CLASSES, Key, Kind, POINTS, Table, Words};
use crate::terms::Aspect;

/// `decision.toml`.
pub const DECISION: Table = Table {
    name: "decision.toml",
    about: "How sure the sorting has to be.",
    keys: &[
        Key::new(
            "probability",
            Kind::Number(0.0, 1.0),
            "Least probability of the best class; below it the mail is unsure.",
        )
        .meant_by(&["threshold", "confidence"]),
        Key::new("margin", Kind::Number(0.0, 1.0), "Least distance in probability to the second-best class."),
        Key::new(
            "temperature",
            Kind::Number(0.01, 100.0),
            "Points are divided by this: above 1 makes every mail less sure.",
        ),
        Key::new(
            "chiefly",
            Kind::Number(0.0, 1.0),
            "Least share of the new sentences that a topic needs to be what the mail is chiefly about.",
        ),
        Key::new("base", Kind::ByWord(CLASSES, &POINTS), "Points every mail starts with, by class."),
        Key::new(
            "topic-base",
            Kind::ByWord(Words::new("topic", Aspect::WORDS), &POINTS),
            "Points every mail starts with, by topic; a topic is present above 0. `schedule` decides whether a mail is chiefly about timelines and dependencies.",
        ),
    ],
    others: None,
};

/// `vocabulary.toml`.
pub const VOCABULARY: Table = Table {
    name: "vocabulary.toml",
    about: "Word lists that patterns use as {name}.",
    keys: &[],
    others: Some(&Kind::Entries),
};

/// `{ add = […], remove = […] }` in `vocabulary.toml`.
pub const CHANGE: Table = Table {
    name: "a change to a word list",
    about: "What to add to the list of the weaker files, and what to take from it.",
    keys: &[
        Key::new("add", Kind::List(&Kind::Phrase), "Words to add."),
        Key::new("remove", Kind::List(&Kind::Phrase), "Words to take out."),
    ],
    others: None,
};

/// `{ min = 1, max = 12 }`.
pub const RANGE: Table = Table {
    name: "a range",
    about: "From the least to the most, both included.",
    keys: &[
        Key::new("min", Kind::Whole, "The least.").meant_by(&["from", "least"]),
        Key::new("max", Kind::Whole, "The most.").meant_by(&["to", "most"]),
    ],
    others: None,
};

/// `rules.toml`.
pub const SETTINGS: Table = Table {
    name: "rules.toml",
    about: "How this folder stands to the weaker ones.",
    keys: &[Key::new("builtin", Kind::Flag, "false: this folder is complete, and nothing weaker is read.")
        .meant_by(&["built-in", "inherit"])],
    others: None,
};
