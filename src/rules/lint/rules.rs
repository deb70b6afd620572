//! Findings on rules and combinations.

use std::collections::{HashMap, HashSet};

use super::Found;
use crate::rules::diagnostic::{Fix, Place};
use crate::rules::read::shorten;
use crate::rules::source::{Allow, At, CombineSource, Mode, RuleSource, Sources};

pub(super) fn lint<'s>(sources: &'s Sources, shadowed: &[&str], found: &mut Found<'s>) {
    let combines: Vec<_> = sources.combines.iter().filter(|combine| combine.mode != Mode::Off).collect();
    let used: HashSet<&str> = combines
        .iter()
        .flat_map(|c| c.any.iter().chain(&c.all).chain(&c.none))
        .map(|id| id.value.as_str())
        .collect();
    let mut patterns = HashMap::new();
    for rule in sources.rules.iter().filter(|rule| rule.mode != Mode::Off) {
        let counts = !rule.points.is_empty() || !rule.topics.is_empty();
        let subject = Subject { what: "rule", id: &rule.id, allow: &rule.allow };
        subject.check(rule.tests.is_empty(), counts || used.contains(rule.id.value.as_str()), found);
        if !shadowed.contains(&rule.id.value.as_str()) {
            repeated(rule, &mut patterns, found);
        }
    }
    for combine in combines {
        let CombineSource { points, topics, tests, .. } = combine;
        let counts = !points.is_empty() || !topics.is_empty() || used.contains(combine.id.value.as_str());
        let subject = Subject { what: "combine", id: &combine.id, allow: &combine.allow };
        subject.check(tests.is_empty(), counts, found);
    }
}

/// One rule or combination and what it accepts.
struct Subject<'s> {
    what: &'static str,
    id: &'s At<String>,
    allow: &'s [Allow],
}

impl<'s> Subject<'s> {
    fn check(&self, untested: bool, counts: bool, found: &mut Found<'s>) {
        if untested {
            let help = format!("add a [[{}.test]] with `match = \"…\"` or `no-match = \"…\"`", self.what);
            self.warn("untested-rule", "has no test", &help, found);
        }
        if !counts {
            let help = "give it `points` or `topics`, or name it in a [[combine]]";
            self.warn("rule-without-effect", "counts for nothing", help, found);
        }
    }

    fn warn(&self, code: &'static str, says: &str, help: &str, found: &mut Found<'s>) {
        let message = format!("the {} `{}` {says}", self.what, shorten(&self.id.value));
        found.warning(self.allow, code, &self.id.place, message).help(help);
    }
}

/// All that two rules must share, beside a pattern, for both to count the same words.
type Shared = String;

/// Warns when a pattern of `any` stands in an earlier rule that looks at the same sentences, or twice in one.
fn repeated<'s>(
    rule: &'s RuleSource,
    known: &mut HashMap<(Shared, &'s str), (&'s str, &'s Place)>,
    found: &mut Found<'s>,
) {
    let words = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
    let when: Vec<_> = rule.when.iter().map(|c| (c.name.value.as_str(), &c.value.value)).collect();
    let zones: Vec<_> = rule.zones.iter().map(|at| at.value).collect();
    let acts: Vec<_> = rule.acts.iter().map(|at| at.value).collect();
    let shared = format!("{zones:?} {acts:?} {:?} {:?} {when:?}", words(&rule.all), words(&rule.none));
    for pattern in &rule.any {
        let Some((id, first)) = known.get(&(shared.clone(), pattern.value.as_str())) else {
            known.insert((shared.clone(), &pattern.value), (&rule.id.value, &pattern.place));
            continue;
        };
        let finding = found.warning(
            &rule.allow,
            "duplicate-pattern",
            &pattern.place,
            "this pattern counts the same words a second time",
        );
        finding
            .help("keep it in one place, and give that one the points meant")
            .related(first, "it also stands here");
        if *id == rule.id.value {
            // A rule counts once a mail, however many of its patterns match.
            finding.help("take it out; nothing else changes").fix = Fix::without(&pattern.place);
        }
    }
}
