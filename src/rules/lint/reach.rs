//! Rules and combinations that can never hit.

use std::collections::HashMap;

use super::Found;
use super::texts::Texts;
use crate::rules::diagnostic::Place;
use crate::rules::matcher::PatternId;
use crate::rules::pattern::{Inst, Node};
use crate::rules::set::Rule;
use crate::rules::source::{At, CombineSource, Condition, ConditionValue, Mode, RuleSource, Sources};
use crate::terms::{Act, Fact, Zone};

const CODE: &str = "never-hits";

/// Why something can never hit: in words, what to do, and the other place that matters.
struct Why<'s> {
    says: String,
    help: &'static str,
    place: &'s Place,
    other: Option<(&'s Place, &'static str)>,
}

pub(super) fn rule<'s>(
    source: &'s RuleSource,
    compiled: &Rule,
    texts: &mut Texts<'_>,
    found: &mut Found<'s>,
) {
    let why = facts_exclude(source)
        .or_else(|| act_excludes(source, texts))
        .or_else(|| none_excludes(source, compiled, texts));
    if let Some(Why { says, help, place, other }) = why {
        let message = format!("the rule `{}` can never hit: {says}", super::shorten(&source.id.value));
        let finding = found.warning(&source.allow, CODE, place, message);
        finding.help(help);
        if let Some((place, words)) = other {
            finding.related(place, words);
        }
    }
}

/// Facts that cannot hold where the rule looks.
fn facts_exclude(source: &RuleSource) -> Option<Why<'_>> {
    let on_text = !source.any.is_empty() || !source.all.is_empty();
    let only = |zone: Zone| matches!(source.zones.as_slice(), [at] if at.value == zone) && on_text;
    let asks = !source.acts.is_empty()
        && source.acts.iter().all(|at| matches!(at.value, Act::Question | Act::Request));
    for Condition { name, value } in &source.when {
        let fact = name.value.parse::<Fact>().ok();
        let none = matches!(value.value, ConditionValue::Between(_, Some(0)));
        let no = value.value == ConditionValue::Is(false);
        let says = match fact {
            Some(Fact::Reply) if no && only(Zone::Quoted) => "a mail that quotes another is a reply",
            Some(Fact::Forward) if no && only(Zone::Forwarded) => "a mail with forwarded text is a forward",
            Some(Fact::Words) if none && only(Zone::New) => "without words there is no new text to look in",
            Some(Fact::Questions) if none && asks && only(Zone::New) => {
                "it looks in questions and requests, of which there are none"
            }
            _ if matches!(&value.value, ConditionValue::OneOf(words) if words.is_empty()) => {
                "the list of words is empty"
            }
            _ => continue,
        };
        let help = "change the fact, or where the rule looks";
        return Some(Why { says: says.to_owned(), help, place: &value.place, other: None });
    }
    None
}

/// A sentence that ends with a question mark is never read as a statement.
fn act_excludes<'s>(source: &'s RuleSource, texts: &Texts<'_>) -> Option<Why<'s>> {
    let act = source.acts.first()?;
    if source.acts.iter().any(|at| at.value != Act::Statement) {
        return None;
    }
    let asks = |pattern: &At<String>| texts.tree(&pattern.value).is_some_and(|node| ends_asking(&node));
    let all = source.all.iter().find(|pattern| asks(pattern));
    let any = source.any.first().filter(|_| source.any.iter().all(asks));
    let pattern = all.or(any)?;
    Some(Why {
        says: "a statement does not end with a question mark".to_owned(),
        help: "take `act` away, or write act = \"question\"",
        place: &pattern.place,
        other: Some((&act.place, "only statements are looked at")),
    })
}

/// Whether every match is a question mark at the end of the sentence.
fn ends_asking(node: &Node) -> bool {
    match node {
        Node::Concat(nodes) => {
            let mut last = nodes.iter().rev();
            last.next() == Some(&Node::Look(Inst::End)) && last.next() == Some(&Node::Char('?'))
        }
        Node::Alternation(nodes) => nodes.iter().all(ends_asking),
        _ => false,
    }
}

/// `none` excludes whatever `any` or `all` ask for.
fn none_excludes<'s>(source: &'s RuleSource, compiled: &Rule, texts: &mut Texts<'_>) -> Option<Why<'s>> {
    let patterns = &compiled.patterns;
    let none: Vec<(&At<String>, PatternId)> = source.none.iter().zip(patterns.none.iter()).collect();
    let mut excluded = |(pattern, id): (&'s At<String>, PatternId)| {
        if let Some((by, _)) = none.iter().find(|(by, _)| by.value == pattern.value) {
            return Some((pattern, *by));
        }
        let all = texts.of(&pattern.value)?;
        let by = texts.covering(id, &all, none.iter().map(|(_, by)| *by).collect());
        let by = none.iter().find(|(_, id)| by.first() == Some(id))?;
        Some((pattern, by.0))
    };
    if none.is_empty() {
        return None;
    }
    let all = source.all.iter().zip(patterns.all.iter()).find_map(&mut excluded);
    let (pattern, by) = match all {
        Some(both) => both,
        None => {
            let any = source.any.iter().zip(patterns.any.iter()).map(excluded);
            *any.collect::<Option<Vec<_>>>()?.first()?
        }
    };
    Some(Why {
        says: "`none` excludes all that it asks for".to_owned(),
        help: "make the pattern under `none` longer, so that it takes away only a part",
        place: &by.place,
        other: Some((&pattern.place, "wherever this matches, so does the other")),
    })
}

/// What every combination asks for, by the rules it names.
pub(super) fn combinations<'s>(sources: &'s Sources, found: &mut Found<'s>) {
    let rules = sources.rules.iter().map(|rule| (rule.id.value.as_str(), (rule.mode, rule.when.as_slice())));
    let combines =
        sources.combines.iter().map(|one| (one.id.value.as_str(), (one.mode, one.when.as_slice())));
    let known: HashMap<&str, (Mode, &[Condition])> = rules.chain(combines).collect();
    for combine in sources.combines.iter().filter(|combine| combine.mode != Mode::Off) {
        if let Some(Why { says, help, place, other }) = combination(combine, &known) {
            let id = super::shorten(&combine.id.value);
            let message = format!("the combine `{id}` can never hit: {says}");
            let finding = found.warning(&combine.allow, CODE, place, message);
            finding.help(help);
            if let Some((place, words)) = other {
                finding.related(place, words);
            }
        }
    }
}

fn combination<'s>(
    combine: &'s CombineSource,
    known: &HashMap<&str, (Mode, &'s [Condition])>,
) -> Option<Why<'s>> {
    let off = |id: &&At<String>| known.get(id.value.as_str()).is_some_and(|(mode, _)| *mode == Mode::Off);
    let missing = combine.all.iter().find(off);
    let any = combine.any.first().filter(|_| combine.any.iter().all(|id| off(&id)));
    if let Some(id) = missing.or(any) {
        let says = format!("it needs `{}`, which is off", super::shorten(&id.value));
        let help = "name another rule, or turn the combination off too";
        return Some(Why { says, help, place: &id.place, other: None });
    }
    let excluded = |id: &&At<String>| combine.none.iter().any(|none| none.value == id.value);
    let all = combine.all.iter().find(excluded);
    let any = combine.any.first().filter(|_| combine.any.iter().all(|id| excluded(&id)));
    if let Some(id) = all.or(any) {
        let says = format!("it asks for `{}` and excludes it", super::shorten(&id.value));
        return Some(Why { says, help: "name it once", place: &id.place, other: None });
    }
    let parts = combine.all.iter().filter_map(|id| Some(known.get(id.value.as_str())?.1));
    let mut stated: HashMap<&str, (bool, &Place)> = HashMap::new();
    for condition in parts.chain([combine.when.as_slice()]).flatten() {
        let ConditionValue::Is(value) = condition.value.value else { continue };
        let name = condition.name.value.as_str();
        let (before, place) = *stated.entry(name).or_insert((value, &condition.value.place));
        if before != value {
            return Some(Why {
                says: format!("what it needs asks for `{name}` to be both true and false"),
                help: "take one of the rules or facts out",
                place: &combine.id.place,
                other: Some((place, "one of the two")),
            });
        }
    }
    None
}
