//! Patterns that another pattern of the same rule, or a word list, makes needless.

use super::Found;
use super::texts::{List, Texts};
use crate::rules::diagnostic::Fix;
use crate::rules::matcher::PatternId;
use crate::rules::set::Rule;
use crate::rules::source::{At, RuleSource};

/// Fewest words of a list worth naming.
const FEWEST: usize = 3;

pub(super) fn rule<'s>(
    source: &'s RuleSource,
    compiled: &Rule,
    texts: &mut Texts<'_>,
    found: &mut Found<'s>,
) {
    let ids = &compiled.patterns;
    let all: Vec<Option<Vec<String>>> = source.any.iter().map(|pattern| texts.of(&pattern.value)).collect();
    for (at, (pattern, mine)) in source.any.iter().zip(&all).enumerate() {
        let (Some(mine), Some(id)) = (mine, ids.any.iter().nth(at)) else { continue };
        if let Some((list, same)) = spelt_out(pattern, id, mine, texts) {
            let message = format!("this pattern spells out the word list `{{{list}}}`");
            let finding = found.warning(&source.allow, "listed-words", &pattern.place, message);
            finding.help(format!("write '{{{list}}}': words added to the list then count here as well"));
            finding.fix = Fix::replace(&pattern.place, format!("'{{{list}}}'")).filter(|_| same);
        }
        let others = source.any.iter().zip(ids.any.iter());
        // The very same twice is told of as a duplicate.
        let others = others.filter(|(other, _)| other.value != pattern.value).map(|(_, id)| id);
        let covering = texts.covering(id, mine, others.collect());
        let mut stays = |by: &PatternId| {
            let other = ids.any.iter().position(|id| id == *by)?;
            // Of two that match the same, the first stays.
            let theirs = all.get(other)?.as_ref().filter(|_| other > at);
            let same = theirs.is_some_and(|theirs| !texts.covering(*by, theirs, vec![id]).is_empty());
            source.any.get(other).filter(|_| !same)
        };
        if let Some(by) = covering.iter().find_map(&mut stays) {
            let finding = found.warning(
                &source.allow,
                "redundant-pattern",
                &pattern.place,
                "another pattern of this rule matches wherever this one does",
            );
            finding.help("take it out; nothing else changes").related(&by.place, "it is part of this one");
            finding.fix = Fix::without(&pattern.place);
        }
    }
}

/// The word list whose every word, and no other, is a text of the pattern, and whether the list matches the
/// very same: it knows plurals and whole words only.
fn spelt_out<'s>(
    pattern: &At<String>,
    id: PatternId,
    mine: &[String],
    texts: &mut Texts<'s>,
) -> Option<(&'s str, bool)> {
    if pattern.value.contains('{') || mine.len() < FEWEST {
        return None;
    }
    let spells = |list: &&List<'s>| {
        list.words.len() >= FEWEST
            && list.words.iter().all(|word| mine.contains(word))
            && mine.iter().all(|text| list.forms.contains(text))
    };
    let list = texts.lists().iter().find(spells)?;
    // A possessive is the word with something beside it.
    let forms: Vec<String> = list.forms.iter().filter(|form| !form.ends_with("'s")).cloned().collect();
    let (name, plurals) = (list.name, forms.iter().all(|form| mine.contains(form)));
    Some((name, plurals && texts.is_whole_words(id, &forms)))
}
