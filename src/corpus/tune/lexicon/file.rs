//! The learned list as the text of `lexicon.toml`.

use std::fmt::Write as _;

use super::Learned;
use crate::rules::lexicon::Part;
use crate::terms::{Aspect, Class};

const HEAD: &str = "\
# Words and short phrases, and what each adds to the points of classes and topics.
#
# Learned from labelled mail by `postroom tune --lexicon`, which writes this file anew. To veto a phrase, give it
# `mode = \"off\"` in a lexicon.toml of your own; to weigh it otherwise, give it other points there.
# `mails` and `sets` say how many labelled mails, and sets of them by different writers, a phrase was in.
# `^` and `$` are a sentence's begin and end; {number}, {money}, {day} and {month} stand for any of theirs.
";

/// The file, sorted by text.
#[must_use]
pub fn text(learned: &[Learned]) -> String {
    let mut text = HEAD.to_owned();
    for (part, name) in [(Part::Text, "text"), (Part::Subject, "subject")] {
        let mut own: Vec<&Learned> = learned.iter().filter(|one| one.phrase.part == part).collect();
        own.sort_by(|a, b| a.phrase.text.cmp(&b.phrase.text));
        let _ = writeln!(text, "\n[{name}]");
        for one in own {
            let _ =
                write!(text, "\"{}\" = {{ mails = {}, sets = {}", one.phrase.text, one.mails, one.writers);
            let (classes, topics) = one.phrase.points.split_at(Class::ALL.len());
            points(&mut text, "points", Class::WORDS, classes);
            points(&mut text, "topics", Aspect::WORDS, topics);
            text.push_str(" }\n");
        }
    }
    text
}

fn points(text: &mut String, key: &str, words: &[&str], numbers: &[f64]) {
    let given = words.iter().zip(numbers).filter(|(_, points)| **points != 0.0);
    let given: Vec<String> = given.map(|(word, points)| format!("{word} = {points:?}")).collect();
    if !given.is_empty() {
        let _ = write!(text, ", {key} = {{ {} }}", given.join(", "));
    }
}
