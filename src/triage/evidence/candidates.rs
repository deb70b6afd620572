//! The rules that are worth trying on a sentence: something of theirs is there, and their gate is open to it.

use crate::rules::RuleSet;
use crate::rules::matcher::{Findings, PatternId};
use crate::rules::set::Gate;
use crate::terms::{Zone, ZoneSet};
use crate::triage::fresh::{Fresh, Sentence};

/// The rules to be tried on a sentence.
pub(super) struct Candidates<'r> {
    rules: &'r RuleSet,
    /// Each once, with the first pattern that made it one.
    found: Vec<(usize, Option<PatternId>)>,
    /// By rule, how often it came up: never, once, or more often.
    times: Vec<u8>,
}

const ONCE: u8 = 1;
const AGAIN: u8 = 2;

impl<'r> Candidates<'r> {
    pub(super) fn new(rules: &'r RuleSet) -> Self {
        Self { rules, found: Vec::with_capacity(super::USUAL), times: vec![0; rules.rules.len()] }
    }

    /// Takes the rules whose gate is open to a sentence that has been scanned, and for which something is there.
    pub(super) fn find(&mut self, sentence: &Sentence, fresh: &Fresh, findings: &Findings) {
        for (rule, _) in self.found.drain(..) {
            self.times.get_mut(rule).into_iter().for_each(|times| *times = 0);
        }
        let is_open = Gate::open_to(reach(sentence, fresh), sentence.act);
        let mut meet = |rule: usize, pattern: Option<PatternId>| {
            let times = self.times.get_mut(rule).filter(|_| is_open(self.rules.gate(rule)));
            let Some(times) = times else { return };
            if *times == 0 {
                *times = ONCE;
                self.found.push((rule, pattern));
            } else {
                *times = AGAIN;
            }
        };
        for pattern in findings.patterns() {
            self.rules.triggered_by(pattern).for_each(|rule| meet(rule, Some(pattern)));
        }
        self.rules.always.iter().for_each(|&rule| meet(rule, None));
    }

    /// The rules, each with its pattern where no other of its `any` patterns can match.
    pub(super) fn each(&self) -> impl Iterator<Item = (usize, Option<PatternId>)> {
        self.found.iter().map(|&(rule, pattern)| {
            let once = self.times.get(rule) == Some(&ONCE);
            (rule, pattern.filter(|_| once && self.rules.gate(rule).is_by_any()))
        })
    }
}

/// The zones of a rule for which a sentence counts: its own, and what is newly written where it is of the matter.
pub(super) fn reach(sentence: &Sentence, fresh: &Fresh) -> ZoneSet {
    let own = ZoneSet::EMPTY.with(sentence.zone);
    let is_new = sentence.zone != Zone::Subject && fresh.is_matter(sentence.zone);
    if is_new { own.with(Zone::New) } else { own }
}
