//! Mails behind a number, as text: id, label, what was given, and the evidence.

use std::fmt::Write as _;

use super::super::eval::{class_word, owner_word};
use super::super::labelled::Label;
use super::{Report, percent};
use crate::rules::lexicon::LEXICON;
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class, Topic};
use crate::triage::output::{self, Origin, escape};
use crate::triage::triage;

/// Words of one hit shown.
const WORDS: usize = 60;

/// A label in one line.
#[must_use]
pub fn label_line(label: &Label) -> String {
    let mut line = label.class.as_str().to_owned();
    if let Some(owner) = label.owner {
        line += &format!(", {}", owner_word(owner));
    }
    if let Some(topics) = label.topics.as_ref().filter(|topics| !topics.is_empty()) {
        line += &format!(", {}", words(topics));
    }
    line
}

/// Topics in one line.
#[must_use]
pub fn words(topics: &[Topic]) -> String {
    topics.iter().map(|&topic| Topic::as_str(topic)).collect::<Vec<_>>().join(" ")
}

/// These mails, each taken down the line again for its evidence.
#[must_use]
pub fn write(report: &Report<'_>, mails: &[usize]) -> String {
    let mut text = String::new();
    for &at in mails {
        one(report, at, &mut text);
    }
    text
}

// Writing to a string cannot fail.
fn one(report: &Report<'_>, at: usize, text: &mut String) {
    let (Some(mail), Some(given)) = (report.corpus.mails.get(at), report.judged.get(at)) else { return };
    let bytes = mail.mail.bytes();
    let triage = triage(&bytes, report.rules, report.context);
    let _ = writeln!(text, "{}  {}", escape::line(&mail.id), escape::line(&mail.place.to_string()));
    let _ = writeln!(text, "  subject  {}", escape::line(&triage.message.subject));
    let _ = writeln!(text, "  label    {}", label_line(&mail.label));
    let said = Label {
        class: given.best,
        owner: Some(given.owner),
        topics: Some(given.topics.clone()),
        difficulty: None,
    };
    let unsure =
        if given.class.is_none() { format!("{}: at most ", class_word(None)) } else { String::new() };
    let _ = writeln!(text, "  given    {unsure}{} ({})", label_line(&said), percent(Some(given.confidence)));
    let one = output::Report { origin: Origin::default(), triage: &triage, rules: report.rules };
    for (hit, rule) in one.hits() {
        let points = Class::WORDS.iter().zip(rule.points).chain(Aspect::WORDS.iter().zip(rule.topics));
        let points: Vec<String> = points
            .filter(|(_, points)| *points != 0.0)
            .map(|(word, points)| format!("{word} {points:+.2}"))
            .collect();
        let watched = if rule.mode == Mode::Audit { " (only watched)" } else { "" };
        let words = escape::line(hit.first().text(&triage.fresh)).chars().take(WORDS).collect::<String>();
        let _ = writeln!(text, "    {:<28} “{words}”  {}{watched}", rule.id, points.join(", "));
    }
    let (phrases, sums) = one.phrase_sums();
    if phrases > 0 {
        let _ = writeln!(text, "    {LEXICON:<28} {phrases} phrases  {}", spelt(&sums));
    }
    text.push('\n');
}

/// Points by class, then by topic, those that are none left out.
pub(super) fn spelt(points: &[f64]) -> String {
    let words = Class::WORDS.iter().chain(Aspect::WORDS).zip(points);
    let given =
        words.filter(|(_, points)| **points != 0.0).map(|(word, points)| format!("{word} {points:+.2}"));
    given.collect::<Vec<_>>().join(", ")
}
