//! Entries of `lexicon.toml` to the table, each checked to be a phrase.

use std::cmp::Reverse;

use super::{Lexicon, Phrase, TARGETS, is_phrase};
use crate::rules::diagnostic::Diagnostics;
use crate::rules::source::{Mode, PhraseSource};
use crate::terms::Class;

/// The phrases that count.
pub fn compile(sources: &[PhraseSource], diagnostics: &mut Diagnostics) -> Lexicon<'static> {
    let sources = sources.iter().filter(|source| source.mode == Mode::Enforce);
    let good = sources.filter(|source| {
        let good = is_phrase(&source.text.value);
        if !good {
            diagnostics
                .error("bad-phrase", &source.text.place, "no sentence can hold this phrase")
                .label("not one to four tokens, nor the beginning of a word")
                .help(
                    "write lower-case words, `?`, `!`, {number}, {money}, {day} or {month}, a space between \
                     them; `^` before a sentence's first, `$` behind its last; or three to five letters and `*`",
                );
        }
        good
    });
    let weighed = good.map(|source| {
        let mut points = [0.0; TARGETS];
        for (class, given) in &source.points {
            points[class.value.index()] += given;
        }
        for (topic, given) in &source.topics {
            points[Class::ALL.len() + topic.value.index()] += given;
        }
        let phrase = Phrase { part: source.part, text: source.text.value.as_str().into(), points };
        Weighed { phrase, mails: source.mails }
    });
    table(weighed.collect())
}

/// A phrase, and in how many labelled mails it was.
pub(super) struct Weighed<'t> {
    pub phrase: Phrase<'t>,
    pub mails: u32,
}

/// The table of these phrases.
pub(super) fn table(mut phrases: Vec<Weighed<'_>>) -> Lexicon<'static> {
    // What is found most often stands together in the tables, so that it is at hand.
    phrases.sort_by_cached_key(|weighed| Reverse(weighed.mails));
    Lexicon::new(phrases.iter().map(|weighed| &weighed.phrase))
}
