//! Rules that hit only where another one hits, and count the same: together they count twice.

use super::Found;
use crate::rules::source::{At, Condition, Mode, RuleSource, Sources};
use crate::terms::Zone;

pub(super) fn lint<'s>(sources: &'s Sources, found: &mut Found<'s>) -> Vec<&'s str> {
    let rules: Vec<&RuleSource> = sources.rules.iter().filter(|rule| rule.mode == Mode::Enforce).collect();
    let mut shadowed: Vec<&str> = Vec::new();
    for (at, &rule) in rules.iter().enumerate() {
        let wider = |(other, by): &(usize, &&RuleSource)| {
            // Of two that are the same, the first stays.
            *other != at && within(rule, by) && (*other < at || !within(by, rule))
        };
        let Some((_, by)) = rules.iter().enumerate().find(wider) else { continue };
        shadowed.push(&rule.id.value);
        let (id, by_id) = (super::shorten(&rule.id.value), super::shorten(&by.id.value));
        let message = format!("wherever the rule `{id}` hits, `{by_id}` hits too and counts the same");
        found
            .warning(&rule.allow, "shadowed-rule", &rule.id.place, message)
            .help("take it out, or give it points of its own, or exclude it from the other with `none`")
            .related(&by.id.place, "the wider rule");
    }
    shadowed
}

/// Whether `rule` hits only where `by` does, and both count the same.
fn within(rule: &RuleSource, by: &RuleSource) -> bool {
    let effect = |rule: &RuleSource| {
        let points = rule.points.iter().map(|(class, points)| (class.value.as_str(), points.to_bits()));
        let topics = rule.topics.iter().map(|(topic, points)| (topic.value.as_str(), points.to_bits()));
        let mut all: Vec<_> = points.chain(topics).collect();
        all.sort_unstable();
        all
    };
    let counts = !rule.points.is_empty() || !rule.topics.is_empty();
    let text = |rule: &RuleSource| !rule.any.is_empty() || !rule.all.is_empty();
    counts
        && effect(rule) == effect(by)
        && text(rule) == text(by)
        && any_within(rule, by)
        && holds_all(&rule.all, &by.all)
        && holds_all(&rule.none, &by.none)
        && by.when.iter().all(|wanted| rule.when.iter().any(|stated| same(stated, wanted)))
        && listed(&zones(rule), &zones(by))
        && (by.acts.is_empty() || (!rule.acts.is_empty() && listed(&words(&rule.acts), &words(&by.acts))))
}

/// Every pattern of which `rule` needs one is one of which one is enough for `by`.
fn any_within(rule: &RuleSource, by: &RuleSource) -> bool {
    by.any.is_empty()
        || (!rule.any.is_empty()
            && rule.any.iter().all(|pattern| by.any.iter().any(|other| other.value == pattern.value)))
}

fn holds_all(list: &[At<String>], wanted: &[At<String>]) -> bool {
    wanted.iter().all(|one| list.iter().any(|other| other.value == one.value))
}

fn listed<T: PartialEq>(list: &[T], wider: &[T]) -> bool {
    list.iter().all(|one| wider.contains(one))
}

fn words<T: Copy>(list: &[At<T>]) -> Vec<T> {
    list.iter().map(|at| at.value).collect()
}

/// The zones a rule looks in, the usual ones where it names none.
fn zones(rule: &RuleSource) -> Vec<Zone> {
    if rule.zones.is_empty() { vec![Zone::Subject, Zone::New] } else { words(&rule.zones) }
}

fn same(a: &Condition, b: &Condition) -> bool {
    a.name.value == b.name.value && a.value.value == b.value.value
}
