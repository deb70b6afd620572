//! Findings on rules and combinations.

use std::collections::{HashMap, HashSet};

use super::NAMES;
use crate::rules::diagnostic::{Diagnostics, Place};
use crate::rules::nearest::nearest;
use crate::rules::read::shorten;
use crate::rules::source::{At, CombineSource, Mode, RuleSource, Sources};

pub(super) fn lint(sources: &Sources, found: &mut Diagnostics) {
    let combines: Vec<_> = sources.combines.iter().filter(|combine| combine.mode != Mode::Off).collect();
    let used: HashSet<&str> = combines
        .iter()
        .flat_map(|c| c.any.iter().chain(&c.all).chain(&c.none))
        .map(|id| id.value.as_str())
        .collect();
    let mut patterns = HashMap::new();
    for rule in sources.rules.iter().filter(|rule| rule.mode != Mode::Off) {
        let counts = !rule.points.is_empty() || !rule.topics.is_empty();
        Subject { what: "rule", id: &rule.id, allow: &rule.allow, found }
            .check(rule.tests.is_empty(), counts || used.contains(rule.id.value.as_str()));
        repeated(rule, &mut patterns, found);
    }
    for combine in combines {
        let CombineSource { points, topics, tests, .. } = combine;
        let counts = !points.is_empty() || !topics.is_empty() || used.contains(combine.id.value.as_str());
        Subject { what: "combine", id: &combine.id, allow: &combine.allow, found }
            .check(tests.is_empty(), counts);
    }
}

/// One rule or combination and what it accepts.
struct Subject<'a> {
    what: &'static str,
    id: &'a At<String>,
    allow: &'a [At<String>],
    found: &'a mut Diagnostics,
}

impl Subject<'_> {
    fn check(&mut self, untested: bool, counts: bool) {
        self.unknown_names();
        if untested {
            let help = format!("add a [[{}.test]] with `match = \"…\"` or `no-match = \"…\"`", self.what);
            self.warn("untested-rule", "has no test", &help);
        }
        if !counts {
            let help = "give it `points` or `topics`, or name it in a [[combine]]";
            self.warn("rule-without-effect", "counts for nothing", help);
        }
    }

    fn warn(&mut self, code: &'static str, says: &str, help: &str) {
        if self.allow.iter().all(|name| name.value != code) {
            let message = format!("the {} `{}` {says}", self.what, shorten(&self.id.value));
            self.found.warning(code, &self.id.place, message).help(help);
        }
    }

    fn unknown_names(&mut self) {
        let known = || NAMES.iter().map(|(name, _)| *name);
        for name in self.allow.iter().filter(|name| known().all(|known| known != name.value)) {
            let help = match nearest(&name.value, known()) {
                Some(near) => format!("write `{near}`"),
                None => format!("warnings that can be accepted: {}", known().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("there is no warning `{}` to accept", shorten(&name.value));
            self.found.warning("unknown-warning", &name.place, message).help(help);
        }
    }
}

/// All that two rules must share, beside a pattern, for both to count the same words.
type Shared = String;

/// Warns when a pattern of `any` stands in an earlier rule that looks at the same sentences.
fn repeated<'a>(
    rule: &'a RuleSource,
    known: &mut HashMap<(Shared, &'a str), Place>,
    found: &mut Diagnostics,
) {
    let words = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
    let when: Vec<_> = rule.when.iter().map(|c| (c.name.value.as_str(), &c.value.value)).collect();
    let zones: Vec<_> = rule.zones.iter().map(|at| at.value).collect();
    let acts: Vec<_> = rule.acts.iter().map(|at| at.value).collect();
    let shared = format!("{zones:?} {acts:?} {:?} {:?} {when:?}", words(&rule.all), words(&rule.none));
    for pattern in &rule.any {
        let Some(first) = known.get(&(shared.clone(), pattern.value.as_str())) else {
            known.insert((shared.clone(), &pattern.value), pattern.place.clone());
            continue;
        };
        if rule.allow.iter().all(|name| name.value != "duplicate-pattern") {
            found
                .warning(
                    "duplicate-pattern",
                    &pattern.place,
                    "this pattern counts the same words a second time",
                )
                .help("keep it in one place, and give that one the points meant")
                .related(first, "it also stands here");
        }
    }
}
