//! What may stand in a rule file: every key, its type and one line on what it is for.
//!
//! These tables are the one place that knows the keys. The reader checks files against them, and
//! the JSON Schema for editors is generated from them. Takes nothing, reads nothing.

mod accounts;
mod decision;
mod lexicon;
mod routing;
mod rule;

pub use accounts::ACCOUNTS;
pub use decision::{CHANGE, DECISION, RANGE, SETTINGS, VOCABULARY};
pub use lexicon::LEXICON;
pub use routing::ROUTING;
pub use rule::RULES;

use crate::terms::{Class, Role};

/// A TOML table: its keys, or what its free keys hold.
#[derive(Debug)]
pub struct Table {
    /// What it is called in messages: `[[rule]]`, `[agency]`.
    pub name: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// The keys it knows.
    pub keys: &'static [Key],
    /// What keys beyond these hold; `None` refuses them.
    pub others: Option<&'static Kind>,
}

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left out.
    pub need: Need,
    /// One line on what it is for.
    pub about: &'static str,
    /// Words people write when they mean this key.
    pub meant_by: &'static [&'static str],
}

/// Whether a key may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may.
    Optional,
    /// Every table must give it.
    Always,
    /// It must be given, here or in the definition that is overridden.
    Once,
}

/// What a key holds.
#[derive(Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// The name of a rule or the like; none of these, which are taken.
    Id(&'static [&'static str]),
    /// A pattern: text of limited length, best in single quotes.
    Pattern,
    /// A word or phrase of a word list.
    Phrase,
    /// An e-mail address.
    Address,
    /// A domain name, without `@`.
    Domain,
    /// `true` or `false`.
    Flag,
    /// A day: `2026-03-31`, quoted or not.
    Date,
    /// A number between two bounds, both inclusive.
    Number(f64, f64),
    /// A whole number, 0 or more.
    Whole,
    /// A whole number, 0 or more, or `{ min = 1, max = 12 }`.
    Count,
    /// One word of a closed vocabulary.
    Word(Words),
    /// A list; a single value may be written without brackets.
    List(&'static Kind),
    /// A table.
    Table(&'static Table),
    /// A table repeated under `[[…]]`.
    Tables(&'static Table),
    /// A table whose keys are words of a closed vocabulary.
    ByWord(Words, &'static Kind),
    /// Points for the class of the file, or a table of points by class.
    Points,
    /// A word list, or `{ add = […], remove = […] }`.
    Entries,
}

/// Longest id, in bytes.
pub const LONGEST_ID: usize = 100;

/// A closed vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// What one of them is called: "class", "zone".
    pub what: &'static str,
    /// The words.
    pub known: &'static [&'static str],
    /// A further word allowed here only.
    pub also: Option<&'static str>,
    /// Words people write, and the word they mean.
    pub meant: &'static [(&'static str, &'static str)],
}

impl Words {
    const fn new(what: &'static str, known: &'static [&'static str]) -> Self {
        Self { what, known, also: None, meant: &[] }
    }

    const fn or(self, word: &'static str) -> Self {
        Self { also: Some(word), ..self }
    }

    const fn meant_by(self, meant: &'static [(&'static str, &'static str)]) -> Self {
        Self { meant, ..self }
    }

    /// Every word allowed.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().copied().chain(self.also)
    }
}

/// Points and starting points lie within this distance of nothing.
pub const MOST_POINTS: f64 = 20.0;

/// Points for one class or topic.
pub const POINTS: Kind = Kind::Number(-MOST_POINTS, MOST_POINTS);

/// The roles.
const ROLES: Words = Words::new("role", Role::WORDS).meant_by(&[
    ("account-manager", "am"),
    ("account manager", "am"),
    ("project-manager", "pm"),
    ("project manager", "pm"),
    ("nobody", "none"),
    ("no one", "none"),
]);

/// The classes.
pub const CLASSES: Words = Words::new("class", Class::WORDS);

/// The key under which warnings are accepted.
const fn allow(warnings: &'static [&'static str]) -> Key {
    Key::new(
        "allow",
        Kind::ByWord(Words::new("warning", warnings), &Kind::Text),
        "Warnings that are accepted here, each with the reason: { untested-rule = \"only counted\" }.",
    )
    .meant_by(&["ignore", "suppress", "accept"])
}

impl Key {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, about, need: Need::Optional, meant_by: &[] }
    }

    const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    const fn always(self) -> Self {
        Self { need: Need::Always, ..self }
    }

    const fn once(self) -> Self {
        Self { need: Need::Once, ..self }
    }

    const fn meant_by(self, words: &'static [&'static str]) -> Self {
        Self { meant_by: words, ..self }
    }
}

impl Table {
    /// The key of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// The schema of a file, by its name within a rule folder.
#[must_use]
pub fn of_file(name: &str) -> &'static Table {
    match name {
        "vocabulary.toml" => &VOCABULARY,
        "lexicon.toml" => &LEXICON,
        "decision.toml" => &DECISION,
        "routing.toml" => &ROUTING,
        "accounts.toml" => &ACCOUNTS,
        "rules.toml" => &SETTINGS,
        _ => &RULES,
    }
}

/// Which file a key at the top of a file belongs into, when not into this one.
#[must_use]
pub fn file_for(key: &str) -> Option<&'static str> {
    let files: [(&str, &Table); 4] = [
        ("classes/ or another rule file", &RULES),
        ("routing.toml", &ROUTING),
        ("accounts.toml", &ACCOUNTS),
        ("decision.toml", &DECISION),
    ];
    files.into_iter().find(|(_, table)| table.key(key).is_some()).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(table: &'static Table, seen: &mut Vec<&'static Table>) {
        seen.push(table);
        for key in table.keys {
            if let Kind::Table(inner) | Kind::Tables(inner) = &key.kind {
                walk(inner, seen);
            }
        }
    }

    #[test]
    fn every_key_says_what_it_is_for_and_stands_once() {
        let mut tables = Vec::new();
        for file in [&RULES, &ROUTING, &ACCOUNTS, &DECISION, &VOCABULARY, &LEXICON, &SETTINGS] {
            walk(file, &mut tables);
        }
        assert!(tables.len() > 10);
        for table in tables {
            assert!(!table.about.is_empty(), "{}", table.name);
            for (at, key) in table.keys.iter().enumerate() {
                assert!(!key.about.is_empty(), "{} {}", table.name, key.name);
                assert!(table.keys[..at].iter().all(|other| other.name != key.name), "{}", key.name);
                for word in key.meant_by {
                    assert!(table.key(word).is_none(), "{word} is a key itself");
                }
            }
        }
    }
}
