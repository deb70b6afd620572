//! Why one mail is decided differently: the rules whose points differ, and the words they hit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::edit::{Edit, Edits};
use crate::corpus::prepared::Judgement;
use crate::rules::RuleSet;
use crate::rules::lexicon::Part;
use crate::rules::set::Rule;
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class};
use crate::triage::evidence::Hit;
use crate::triage::fresh::Fresh;

/// What was edited that mails are decided differently for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A rule and what became of it.
    Rule(String, BTreeSet<Edit>),
    /// A phrase of the list: new, gone, or with other points.
    Phrase(String),
    /// A word list that rules look for.
    WordList(String),
    /// A key of `decision.toml`, with the values before and after.
    Decision(String),
    /// Another way through routing: the steps that differ.
    Routing(String),
    /// Nothing that is edited rule by rule: accounts or phrases of reading.
    Unknown,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(id, edits) => {
                let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
                write!(f, "rule {id}: {}", edits.join(", "))
            }
            Self::Phrase(text) => write!(f, "phrase `{text}` changed"),
            Self::WordList(name) => write!(f, "word list {{{name}}} changed"),
            Self::Decision(key) => write!(f, "decision: {key}"),
            Self::Routing(steps) => write!(f, "routing: {steps}"),
            Self::Unknown => f.write_str("another edit: accounts, or how text is read"),
        }
    }
}

/// A cause and what it did to one mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What was edited.
    pub cause: Cause,
    /// The rule whose points differ by it, if one does.
    pub rule: Option<String>,
    /// Points more than before, by class.
    pub points: [f64; Class::ALL.len()],
    /// Points more than before, by topic.
    pub topics: [f64; Aspect::ALL.len()],
    /// The words the rule hit, before or now; empty for other causes.
    pub words: String,
}

impl Reason {
    /// A cause that adds no points of its own.
    pub(super) fn of(cause: Cause) -> Self {
        let (points, topics) = ([0.0; Class::ALL.len()], [0.0; Aspect::ALL.len()]);
        Self { cause, rule: None, points, topics, words: String::new() }
    }
}

/// What one version of the rules made of a mail.
#[derive(Clone, Copy)]
pub(super) struct Side<'s> {
    pub(super) rules: &'s RuleSet,
    pub(super) judged: &'s Judgement,
}

/// The hits that count, by rule id.
fn counted(side: Side<'_>) -> BTreeMap<&str, (&Hit, &Rule)> {
    let Side { rules, judged } = side;
    let hits = judged.evidence.hits.iter().filter_map(|hit| Some((hit, rules.rules.get(hit.rule())?)));
    hits.filter(|(_, rule)| rule.mode == Mode::Enforce)
        .map(|(hit, rule)| (rule.id.as_ref(), (hit, rule)))
        .collect()
}

/// The rules whose points differ, the one that pulled most from the old class to the new one first.
pub(super) fn of_hits(before: Side<'_>, after: Side<'_>, fresh: &Fresh, edits: &Edits) -> Vec<Reason> {
    let (old_hits, new_hits) = (counted(before), counted(after));
    let ids: BTreeSet<&str> = old_hits.keys().chain(new_hits.keys()).copied().collect();
    let mut reasons = Vec::new();
    for id in ids {
        let (old, now) = (old_hits.get(id), new_hits.get(id));
        let mut reason = Reason::of(cause(id, old.is_some(), now.is_some(), edits));
        reason.rule = Some(id.to_owned());
        for (sign, side) in [(-1.0, old), (1.0, now)] {
            let Some((_, rule)) = side else { continue };
            reason.points.iter_mut().zip(rule.points).for_each(|(sum, points)| *sum += sign * points);
            reason.topics.iter_mut().zip(rule.topics).for_each(|(sum, points)| *sum += sign * points);
        }
        if reason.points.iter().chain(&reason.topics).all(|points| *points == 0.0) {
            continue;
        }
        let Some((hit, _)) = now.or(old) else { continue };
        reason.words = hit.first().text(fresh).to_owned();
        reasons.push(reason);
    }
    reasons.extend(of_phrases(before, after, fresh));
    let (from, to) = (before.judged.decision.best.index(), after.judged.decision.best.index());
    let pull = |reason: &Reason| match (reason.points.get(from), reason.points.get(to)) {
        (Some(from), Some(to)) if from != to => to - from,
        _ => reason.points.iter().chain(&reason.topics).map(|points| points.abs()).sum(),
    };
    reasons.sort_by(|a, b| pull(b).total_cmp(&pull(a)).then_with(|| a.cause.cmp(&b.cause)));
    reasons
}

/// The phrases of the list whose points differ.
fn of_phrases(before: Side<'_>, after: Side<'_>, fresh: &Fresh) -> Vec<Reason> {
    let mut reasons: BTreeMap<(Part, &str), Reason> = BTreeMap::new();
    for (sign, Side { rules, judged }) in [(-1.0, before), (1.0, after)] {
        for hit in &judged.evidence.phrases {
            let (part, text) = rules.lexicon.phrase(hit.phrase);
            let reason = reasons.entry((part, text)).or_insert_with(|| Reason {
                words: hit.text(fresh).to_owned(),
                ..Reason::of(Cause::Phrase(text.to_owned()))
            });
            for (target, points) in rules.lexicon.points(hit.phrase) {
                let place = match target.checked_sub(Class::ALL.len()) {
                    None => reason.points.get_mut(target),
                    Some(topic) => reason.topics.get_mut(topic),
                };
                place.into_iter().for_each(|sum| *sum += sign * points);
            }
        }
    }
    let differs =
        |reason: &Reason| reason.points.iter().chain(&reason.topics).any(|points| points.abs() > 1e-9);
    reasons.into_values().filter(differs).collect()
}

/// The edits of a rule that bear on a mail: its points where it hit before and now, else the rest.
fn cause(id: &str, hit_before: bool, hits_now: bool, edits: &Edits) -> Cause {
    let bears = |edit: &&Edit| match edit {
        Edit::Points => hit_before && hits_now,
        Edit::Pattern | Edit::Conditions | Edit::WordList(_) => hit_before != hits_now,
        Edit::Added | Edit::Removed | Edit::Mode | Edit::Parts => true,
    };
    let all = edits.rules.get(id).into_iter().flatten();
    let mut bearing: BTreeSet<Edit> = all.filter(bears).cloned().collect();
    if let (Some(Edit::WordList(name)), 1) = (bearing.first(), bearing.len()) {
        return Cause::WordList(name.clone());
    }
    if bearing.is_empty() {
        bearing.insert(Edit::Parts);
    }
    Cause::Rule(id.to_owned(), bearing)
}

/// The routing steps of one side only: `delivery → delivery-by-am`.
pub(super) fn steps(before: &Judgement, after: &Judgement) -> String {
    let ids = |one: &Judgement, other: &Judgement| {
        let other: Vec<&str> = other.route.steps.iter().map(|step| step.id.as_str()).collect();
        let own = one.route.steps.iter().map(|step| step.id.as_str()).filter(|id| !other.contains(id));
        let own: Vec<&str> = own.collect();
        if own.is_empty() { "nothing".to_owned() } else { own.join(", ") }
    };
    match (ids(before, after), ids(after, before)) {
        (one, other) if one == other => {
            let last =
                after.route.steps.iter().rev().find(|step| step.id != "absence" && step.id != "people");
            format!("{} changed", last.map_or("a step", |step| step.id.as_str()))
        }
        (one, other) => format!("{one} → {other}"),
    }
}
