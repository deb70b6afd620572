//! Entries of `lexicon.toml` to the table, each checked to be a phrase.

use std::cmp::Reverse;

use super::{Lexicon, Phrase, TARGETS, is_phrase};
use crate::rules::diagnostic::Diagnostics;
use crate::rules::source::{Mode, PhraseSource};
use crate::terms::Class;

/// The phrases that count.
pub fn compile(sources: &[PhraseSource], diagnostics: &mut Diagnostics) -> Lexicon<'static> {
    let mut phrases = Vec::with_capacity(sources.len());
    // What is found most often stands together in the tables, so that it is at hand.
    let mut sources: Vec<_> = sources.iter().filter(|source| source.mode == Mode::Enforce).collect();
    sources.sort_by_key(|source| Reverse(source.mails));
    for source in sources {
        if !is_phrase(&source.text.value) {
            diagnostics
                .error("bad-phrase", &source.text.place, "no sentence can hold this phrase")
                .label("not one to four tokens")
                .help(
                    "write lower-case words, `?`, `!`, {number}, {money}, {day} or {month}, a space between \
                     them; `^` before a sentence's first, `$` behind its last",
                );
            continue;
        }
        let mut points = [0.0; TARGETS];
        for (class, given) in &source.points {
            points[class.value.index()] += given;
        }
        for (topic, given) in &source.topics {
            points[Class::ALL.len() + topic.value.index()] += given;
        }
        phrases.push(Phrase { part: source.part, text: source.text.value.clone(), points });
    }
    Lexicon::new(&phrases)
}
