//! What was edited between two versions of the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Version;
use crate::rules::source::{
    At, CombineSource, Condition, DecisionSource, Mode, RuleSource, Sources, WordList,
};

/// One edit of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// The rule is new, or was off.
    Added,
    /// The rule is gone, or off.
    Removed,
    /// It counts, or is only watched, and was the other.
    Mode,
    /// Its points.
    Points,
    /// What it looks for.
    Pattern,
    /// Where it looks, or the facts it asks for.
    Conditions,
    /// A word list it looks for.
    WordList(String),
    /// Rules it builds on.
    Parts,
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => f.write_str("added"),
            Self::Removed => f.write_str("removed"),
            Self::Mode => f.write_str("mode changed"),
            Self::Points => f.write_str("points changed"),
            Self::Pattern => f.write_str("pattern changed"),
            Self::Conditions => f.write_str("conditions changed"),
            Self::WordList(name) => write!(f, "word list {{{name}}} changed"),
            Self::Parts => f.write_str("the rules it builds on hit otherwise"),
        }
    }
}

/// All that was edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// By rule.
    pub rules: BTreeMap<String, BTreeSet<Edit>>,
    /// Keys of `decision.toml`, with the values before and after.
    pub decision: Vec<String>,
}

impl Edits {
    /// What was edited between two versions.
    #[must_use]
    pub fn between(base: &Version, new: &Version) -> Self {
        let (old, new) = (&base.sources, &new.sources);
        let lists = changed_lists(old, new);
        let (before, after) = (rules(old), rules(new));
        let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        let mut edits = Self { decision: decision(&old.decision, &new.decision), ..Self::default() };
        for id in ids {
            let found = match (before.get(id), after.get(id)) {
                (Some(before), Some(after)) => before.edits(after, &lists),
                (None, Some(_)) => BTreeSet::from([Edit::Added]),
                _ => BTreeSet::from([Edit::Removed]),
            };
            if !found.is_empty() {
                edits.rules.insert(id.to_owned(), found);
            }
        }
        edits
    }
}

/// A rule that is not off, in parts that can be compared without their places.
#[derive(PartialEq)]
struct Parts {
    mode: Mode,
    points: Vec<(String, u64)>,
    patterns: Vec<(&'static str, String)>,
    conditions: Vec<String>,
}

impl Parts {
    fn rule(rule: &RuleSource) -> Self {
        let zones = rule.zones.iter().map(|zone| format!("zone {}", zone.value));
        let acts = rule.acts.iter().map(|act| format!("act {}", act.value));
        Self {
            mode: rule.mode,
            points: points(
                rule.points.iter().map(|(class, points)| (class.value.as_str(), *points)),
                rule.topics.iter().map(|(topic, points)| (topic.value.as_str(), *points)),
            ),
            patterns: patterns(&rule.any, &rule.all, &rule.none),
            conditions: zones.chain(acts).chain(conditions(&rule.when)).collect(),
        }
    }

    fn combine(rule: &CombineSource) -> Self {
        Self {
            mode: rule.mode,
            points: points(
                rule.points.iter().map(|(class, points)| (class.value.as_str(), *points)),
                rule.topics.iter().map(|(topic, points)| (topic.value.as_str(), *points)),
            ),
            patterns: patterns(&rule.any, &rule.all, &rule.none),
            conditions: conditions(&rule.when).collect(),
        }
    }

    fn edits(&self, new: &Self, lists: &[String]) -> BTreeSet<Edit> {
        let mut edits = BTreeSet::new();
        let mut note = |differs: bool, edit: Edit| {
            if differs {
                edits.insert(edit);
            }
        };
        note(self.mode != new.mode, Edit::Mode);
        note(self.points != new.points, Edit::Points);
        note(self.patterns != new.patterns, Edit::Pattern);
        note(self.conditions != new.conditions, Edit::Conditions);
        for list in lists {
            let named = format!("{{{list}}}");
            note(
                new.patterns.iter().any(|(_, pattern)| pattern.contains(&named)),
                Edit::WordList(list.clone()),
            );
        }
        edits
    }
}

fn points<'a>(
    classes: impl Iterator<Item = (&'a str, f64)>,
    topics: impl Iterator<Item = (&'a str, f64)>,
) -> Vec<(String, u64)> {
    let mut points: Vec<_> =
        classes.chain(topics).map(|(word, points)| (word.to_owned(), points.to_bits())).collect();
    points.sort_unstable();
    points
}

fn patterns(any: &[At<String>], all: &[At<String>], none: &[At<String>]) -> Vec<(&'static str, String)> {
    let of = |key: &'static str, list: &[At<String>]| {
        list.iter().map(move |pattern| (key, pattern.value.clone())).collect::<Vec<_>>()
    };
    [of("any", any), of("all", all), of("none", none)].concat()
}

fn conditions(when: &[Condition]) -> impl Iterator<Item = String> + '_ {
    when.iter().map(|condition| format!("{} {:?}", condition.name.value, condition.value.value))
}

fn rules(sources: &Sources) -> BTreeMap<&str, Parts> {
    let rules = sources.rules.iter().filter(|rule| rule.mode != Mode::Off);
    let combines = sources.combines.iter().filter(|rule| rule.mode != Mode::Off);
    rules
        .map(|rule| (rule.id.value.as_str(), Parts::rule(rule)))
        .chain(combines.map(|rule| (rule.id.value.as_str(), Parts::combine(rule))))
        .collect()
}

/// Names of word lists that differ or are there on one side only.
fn changed_lists(old: &Sources, new: &Sources) -> Vec<String> {
    let words = |list: Option<&WordList>| {
        list.map(|list| list.entries.iter().map(|entry| entry.value.clone()).collect::<Vec<_>>())
    };
    let names: BTreeSet<&String> = old.vocabulary.keys().chain(new.vocabulary.keys()).collect();
    let differs = |name: &&&String| words(old.vocabulary.get(**name)) != words(new.vocabulary.get(**name));
    names.iter().filter(differs).map(|name| (*name).clone()).collect()
}

/// Keys of `decision.toml` that differ: `margin 0.02 → 0.05`.
fn decision(old: &DecisionSource, new: &DecisionSource) -> Vec<String> {
    let single = |source: &DecisionSource| {
        [
            ("probability", source.probability.as_ref()),
            ("margin", source.margin.as_ref()),
            ("temperature", source.temperature.as_ref()),
            ("chiefly", source.chiefly.as_ref()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.value)))
        .collect::<Vec<_>>()
    };
    let table = |source: &DecisionSource| {
        let of = |name: &str, table: &BTreeMap<String, At<f64>>| {
            table.iter().map(|(key, value)| (format!("{name}.{key}"), value.value)).collect::<Vec<_>>()
        };
        [single(source), of("base", &source.base), of("topic-base", &source.topic_base)].concat()
    };
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (table(old).into_iter().collect(), table(new).into_iter().collect());
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |value: Option<&f64>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let differing = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    differing.map(|key| format!("{key} {} → {}", shown(old.get(key)), shown(new.get(key)))).collect()
}
