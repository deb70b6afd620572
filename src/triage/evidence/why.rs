//! Why a rule did not hit: each of its clauses on the sentence that came nearest.
//!
//! Takes the same values as [`gather`](super::gather) and tries the clauses one by one where that
//! function stops at the first that fails. Meant for one mail and a person, so time is not saved.

use super::facts::Facts;
use crate::rules::RuleSet;
use crate::rules::matcher::PatternId;
use crate::rules::normal::Normal;
use crate::rules::pattern::vm::Haystack;
use crate::rules::set::Rule;
use crate::triage::fresh::{Fresh, Sentence};

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The sentence lies in one of its zones.
    Zone,
    /// The sentence does one of these things.
    Act,
    /// The fact with this index in [`Rule::when`] holds.
    Fact(usize),
    /// One of its `any` patterns, or of a combination's `any` rules.
    Any,
    /// The `all` pattern, or a combination's rule, with this index.
    All(usize),
    /// The `none` pattern, or a combination's rule, with this index is not there.
    None(usize),
}

/// A clause tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The clause.
    pub clause: Clause,
    /// Whether it held.
    pub holds: bool,
    /// The bytes of [`Fresh::text`] that a pattern matched.
    pub words: Option<(usize, usize)>,
    /// Which pattern of `any` matched.
    pub pattern: Option<usize>,
}

/// A rule tried on the sentence that came nearest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Index in [`Fresh::sentences`]; `None` for a rule on facts or other rules, or a mail without sentences.
    pub sentence: Option<usize>,
    /// Every clause, in the order they are looked at.
    pub checks: Vec<Check>,
}

impl Attempt {
    /// The clauses that did not hold.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.holds)
    }

    /// Whether some pattern matched, or some rule of a combination hit.
    #[must_use]
    pub fn found_something(&self) -> bool {
        self.checks.iter().any(|check| check.holds && matches!(check.clause, Clause::Any | Clause::All(_)))
    }

    /// How near it came: fewer failed clauses first, then the later first failure.
    fn distance(&self) -> (usize, bool, usize) {
        let first = self.checks.iter().position(|check| !check.holds).unwrap_or(self.checks.len());
        (self.failed().count(), !self.found_something(), self.checks.len() - first)
    }
}

/// Tries the rule with this index on every sentence and gives the nearest attempt; none when there is no
/// such rule. `hits` says which rules hit, for combinations.
#[must_use]
pub fn attempt(
    rule: usize,
    fresh: &Fresh,
    facts: &Facts,
    rules: &RuleSet,
    hits: &dyn Fn(usize) -> bool,
) -> Option<Attempt> {
    let rule = rules.rules.get(rule)?;
    if let Some(combination) = &rule.combination {
        let mut checks = fact_checks(rule, facts);
        if !combination.any.is_empty() {
            let pattern = combination.any.iter().position(|&rule| hits(rule));
            checks.push(Check { clause: Clause::Any, holds: pattern.is_some(), words: None, pattern });
        }
        let plain = |clause, holds| Check { clause, holds, words: None, pattern: None };
        checks
            .extend(combination.all.iter().enumerate().map(|(at, &rule)| plain(Clause::All(at), hits(rule))));
        checks.extend(
            combination.none.iter().enumerate().map(|(at, &rule)| plain(Clause::None(at), !hits(rule))),
        );
        return Some(Attempt { sentence: None, checks });
    }
    if rule.patterns.is_empty() {
        return Some(Attempt { sentence: None, checks: fact_checks(rule, facts) });
    }
    let attempts = fresh.sentences.iter().enumerate();
    let attempts = attempts.filter_map(|(at, sentence)| on_sentence(rule, at, sentence, fresh, facts, rules));
    Some(attempts.min_by_key(Attempt::distance).unwrap_or_default())
}

fn fact_checks(rule: &Rule, facts: &Facts) -> Vec<Check> {
    let facts = rule.when.iter().map(|fact| facts.hold(std::slice::from_ref(fact))).enumerate();
    facts.map(|(at, holds)| Check { clause: Clause::Fact(at), holds, words: None, pattern: None }).collect()
}

fn on_sentence(
    rule: &Rule,
    number: usize,
    sentence: &Sentence,
    fresh: &Fresh,
    facts: &Facts,
    rules: &RuleSet,
) -> Option<Attempt> {
    let text = fresh.text.get(sentence.start..sentence.end)?;
    let mut normal = Normal::default();
    let range = normal.push(text, sentence.start);
    let haystack = Haystack { text: normal.text(), start: range.start };
    let mut findings = rules.matcher.findings();
    rules.matcher.scan(haystack, &mut findings);
    let mut find = |pattern: PatternId| {
        let (start, end) = rules.matcher.find(pattern, haystack, &mut findings)?;
        Some((normal.original(start), normal.original_end(end, &fresh.text)))
    };
    let plain = |clause, holds| Check { clause, holds, words: None, pattern: None };
    let mut checks = vec![plain(Clause::Zone, rule.zones.meets(super::candidates::reach(sentence, fresh)))];
    if !rule.acts.is_empty() {
        checks.push(plain(Clause::Act, rule.acts.contains(&sentence.act)));
    }
    checks.extend(fact_checks(rule, facts));
    if !rule.patterns.any.is_empty() {
        let first = rule.patterns.any.iter().enumerate().find_map(|(at, any)| Some((at, find(any)?)));
        let (pattern, words) = first.unzip();
        checks.push(Check { clause: Clause::Any, holds: words.is_some(), words, pattern });
    }
    for (at, all) in rule.patterns.all.iter().enumerate() {
        let words = find(all);
        checks.push(Check { clause: Clause::All(at), holds: words.is_some(), words, pattern: None });
    }
    for (at, none) in rule.patterns.none.iter().enumerate() {
        let words = find(none);
        checks.push(Check { clause: Clause::None(at), holds: words.is_none(), words, pattern: None });
    }
    Some(Attempt { sentence: Some(number), checks })
}

/// The rule for a class that came nearest to hitting: one clause failed, or as few as there were, and some
/// pattern matched; the most points where several came as near.
#[must_use]
pub fn nearest_miss(
    class: crate::terms::Class,
    fresh: &Fresh,
    facts: &Facts,
    rules: &RuleSet,
    hits: &dyn Fn(usize) -> bool,
) -> Option<(usize, Attempt)> {
    let wanted = rules.rules.iter().enumerate().filter(|(index, rule)| {
        let counts = rule.mode == crate::rules::source::Mode::Enforce && rule.points[class.index()] > 0.0;
        counts && !hits(*index)
    });
    let attempts = wanted.filter_map(|(index, _)| Some((index, attempt(index, fresh, facts, rules, hits)?)));
    attempts.filter(|(_, attempt)| attempt.found_something()).min_by(|(a, one), (b, other)| {
        let points = |index: &usize| rules.rules[*index].points[class.index()];
        one.failed().count().cmp(&other.failed().count()).then(points(b).total_cmp(&points(a))).then(a.cmp(b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, layer::Layer};
    use crate::triage::{Context, Triage, triage};

    const RULES: &str = "class = 'other'\n[[rule]]\nid = 'a'\nany = ['timber', 'plank']\nall = ['floor', 'wide']\nnone = 'never'\nact = 'question'\nwhen = { reply = false }\npoints = 2\n[[rule]]\nid = 'f'\nwhen = { bulk = true }\npoints = 1\n[[combine]]\nid = 'c'\nany = 'f'\nall = 'a'\npoints = 5\n";

    fn ready() -> RuleSet {
        rules::ready(&[Layer::BuiltIn, Layer::Files(vec![("x.toml".to_owned(), RULES.to_owned())])]).unwrap()
    }

    fn tried(id: &str, triage: &Triage<'_>, rules: &RuleSet) -> Attempt {
        let index = rules.rules.iter().position(|rule| rule.id == id).unwrap();
        let facts = Facts::gather(&triage.message, &triage.fresh, rules, &Context::default());
        attempt(index, &triage.fresh, &facts, rules, &|rule| triage.evidence.has(rule)).unwrap()
    }

    fn mail(subject: &str, text: &str) -> Vec<u8> {
        format!("From: a@b.example\nSubject: {subject}\n\n{text}\n").into_bytes()
    }

    #[test]
    fn the_nearest_sentence_and_every_clause_that_failed_are_told() {
        let rules = ready();
        let cases: &[(&str, &str, &[Clause])] = &[
            ("Hi", "Is the wide floor of timber?", &[]),
            ("Hi", "Blue. Is the wide floor of stone? Bye.", &[Clause::Any]),
            ("Hi", "Is the plank narrow? Is the floor of plank?", &[Clause::All(1)]),
            ("Hi", "The wide floor is timber.", &[Clause::Act]),
            ("Hi", "Is the wide floor never of timber?", &[Clause::None(0)]),
            ("Re: Hi", "Is the wide floor of timber?", &[Clause::Fact(0)]),
        ];
        for (subject, text, expected) in cases {
            let raw = mail(subject, text);
            let triage = triage(&raw, &rules, &Context::default());
            let tried = tried("a", &triage, &rules);
            let failed: Vec<_> = tried.failed().map(|check| check.clause).collect();
            assert_eq!(&failed, expected, "{text}");
            assert_eq!(
                failed.is_empty(),
                triage.evidence.hits.iter().any(|hit| rules.rules[hit.rule()].id == "a")
            );
            let sentence = triage.fresh.sentences[tried.sentence.unwrap()];
            let words = tried.checks.iter().filter_map(|check| check.words);
            assert!(words.into_iter().all(|(start, end)| sentence.start <= start && end <= sentence.end));
        }
    }

    #[test]
    fn rules_on_facts_and_combinations_say_what_is_missing() {
        let rules = ready();
        let raw = mail("Hi", "Is the wide floor of timber?");
        let triage = triage(&raw, &rules, &Context::default());
        let clauses = |id: &str| tried(id, &triage, &rules).failed().map(|c| c.clause).collect::<Vec<_>>();
        assert_eq!(clauses("f"), [Clause::Fact(0)]);
        assert_eq!(clauses("c"), [Clause::Any]);
        let facts = Facts::gather(&triage.message, &triage.fresh, &rules, &Context::default());
        let miss = nearest_miss(crate::terms::Class::Other, &triage.fresh, &facts, &rules, &|r| {
            triage.evidence.has(r)
        });
        assert_eq!(rules.rules[miss.unwrap().0].id, "c", "one clause short, and more points than others");
        let empty = super::super::super::triage(b"", &rules, &Context::default());
        assert_eq!(tried("a", &empty, &rules), Attempt::default());
    }
}
