//! The learned list as the text of `lexicon.toml`.

use std::fmt::Write as _;

use super::{Learned, Vetoed};
use crate::rules::lexicon::Part;
use crate::terms::{Aspect, Class};

const HEAD: &str = "\
# Words, short phrases and beginnings of words, and what each adds to the points of classes and topics.
#
# Learned from labelled mail by `postroom tune --lexicon`, which writes this file anew. To veto a phrase, give it
# `mode = \"off\"` here, which learning heeds and keeps, or in a lexicon.toml of your own; to weigh it otherwise, give
# it other points there.
# `mails` and `sets` say how many labelled mails, and sets of them by different writers, a phrase was in.
# `^` and `$` are a sentence's begin and end; {number}, {money}, {day} and {month} stand for any of theirs.
# A beginning has `*` behind it and stands for all words that begin so and go on.

# The points hold for these phrases together, so those of weaker layers are left out.
builtin = false
";

/// The file, sorted by text, with the phrases that somebody vetoed.
#[must_use]
pub fn text(learned: &[Learned], vetoed: &Vetoed) -> String {
    let mut text = HEAD.to_owned();
    for (part, name) in [(Part::Text, "text"), (Part::Subject, "subject")] {
        let own = learned.iter().filter(|one| one.phrase.part == part);
        let mut lines: Vec<(&str, String)> = own.map(|one| (&*one.phrase.text, line(one))).collect();
        let off = vetoed.iter().filter(|(place, _)| *place == part);
        lines.extend(off.map(|(_, phrase)| (phrase.as_str(), "mode = \"off\"".to_owned())));
        lines.sort();
        let _ = writeln!(text, "\n[{name}]");
        for (phrase, line) in lines {
            let _ = writeln!(text, "\"{phrase}\" = {{ {line} }}");
        }
    }
    text
}

fn line(one: &Learned) -> String {
    let mut line = format!("mails = {}, sets = {}", one.mails, one.writers);
    let (classes, topics) = one.phrase.points.split_at(Class::ALL.len());
    points(&mut line, "points", Class::WORDS, classes);
    points(&mut line, "topics", Aspect::WORDS, topics);
    line
}

fn points(text: &mut String, key: &str, words: &[&str], numbers: &[f64]) {
    let given = words.iter().zip(numbers).filter(|(_, points)| **points != 0.0);
    let given: Vec<String> = given.map(|(word, points)| format!("{word} = {points:?}")).collect();
    if !given.is_empty() {
        let _ = write!(text, ", {key} = {{ {} }}", given.join(", "));
    }
}
