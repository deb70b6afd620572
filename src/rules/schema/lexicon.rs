//! Keys of `lexicon.toml`.

use super::{CLASSES, Key, Kind, POINTS, Table, Words};
use crate::rules::source::Mode;
use crate::terms::Aspect;

/// `lexicon.toml`.
pub const LEXICON: Table = Table {
    name: "lexicon.toml",
    about: "Words and short phrases with points fitted to labelled mail by `postroom tune --lexicon`.",
    keys: &[
        Key::new(
            "builtin",
            Kind::Flag,
            "false: this list is complete, and no phrase of a weaker layer counts.",
        ),
        Key::new("text", Kind::Table(&PHRASES), "Phrases of the text the mail is about.")
            .meant_by(&["new", "body"]),
        Key::new("subject", Kind::Table(&PHRASES), "Phrases of the subject.").meant_by(&["title"]),
    ],
    others: None,
};

const PHRASES: Table = Table {
    name: "the list of phrases",
    about: "A phrase of one to four tokens or the beginning of a word, and what it counts; see rules/README.md for both.",
    keys: &[],
    others: Some(&Kind::Table(&PHRASE)),
};

const PHRASE: Table = Table {
    name: "a phrase",
    about: "What a phrase counts, and what that stands on.",
    keys: &[
        Key::new("mails", Kind::Whole, "Labelled mails it was in when the points were fitted."),
        Key::new("sets", Kind::Whole, "Sets of labelled mail, each by another writer, that it was in."),
        Key::new("points", Kind::ByWord(CLASSES, &POINTS), "Points it adds, by class."),
        Key::new(
            "topics",
            Kind::ByWord(Words::new("topic", Aspect::WORDS), &POINTS),
            "Points it adds, by topic.",
        ),
        Key::new(
            "mode",
            Kind::Word(Words::new("mode", Mode::WORDS)),
            "`off` takes the phrase out; only `enforce` counts.",
        ),
    ],
    others: None,
};
