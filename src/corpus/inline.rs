//! The tests that stand beside the rules: texts a rule must hit and texts it must not.

use std::borrow::Cow;

use crate::rules::RuleSet;
use crate::rules::conditions::fact_tests;
use crate::rules::diagnostic::{Diagnostics, Fix, Place};
use crate::rules::set::FactTest;
use crate::rules::source::{ConditionValue, Mode, RuleTest, Sources};
use crate::triage::evidence::facts::Facts;
use crate::triage::evidence::{Evidence, gather};
use crate::triage::fresh::{self, Fresh};
use crate::triage::message::Message;

/// What came of the inline tests.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How many did as they should.
    pub passed: usize,
    /// One error for each that did not.
    pub diagnostics: Diagnostics,
}

/// Runs every inline test of every rule and combination that is not off.
#[must_use]
pub fn run(sources: &Sources, rules: &RuleSet) -> Outcome {
    let mut outcome = Outcome::default();
    for rule in sources.rules.iter().filter(|rule| rule.mode != Mode::Off) {
        rule.tests.iter().for_each(|test| run_one(&rule.id.value, test, rules, &mut outcome));
    }
    for combine in sources.combines.iter().filter(|combine| combine.mode != Mode::Off) {
        combine.tests.iter().for_each(|test| run_one(&combine.id.value, test, rules, &mut outcome));
    }
    outcome
}

fn run_one(id: &str, test: &RuleTest, rules: &RuleSet, outcome: &mut Outcome) {
    let Some(index) = rules.rules.iter().position(|rule| rule.id == id) else { return };
    let stated = fact_tests(&test.when, &mut outcome.diagnostics);
    let (fresh, evidence) = try_text(test, index, &stated, rules);
    let met = evidence.has(index) == test.hits;
    if let Some(place) = test.expect_fail.as_ref().filter(|_| met) {
        passes(place, outcome);
        return;
    }
    if met || test.expect_fail.is_some() {
        outcome.passed += 1;
        return;
    }
    let place = &test.text.place;
    if test.hits {
        outcome
            .diagnostics
            .error("test-failed", place, format!("the rule `{id}` does not match its test"))
            .label("should match")
            .help(acts_in_words(&fresh));
    } else {
        let words = evidence.hits.iter().find(|hit| hit.rule() == index).map(|hit| hit.first().text(&fresh));
        outcome
            .diagnostics
            .error("test-failed", place, format!("the rule `{id}` matches a text it must not match"))
            .label(format!("matched `{}`", words.unwrap_or_default()));
    }
}

/// A test that is expected to fail passes.
pub(super) fn passes(place: &Place, outcome: &mut Outcome) {
    let finding = outcome.diagnostics.warning("test-passes", place, "a test that is expected to fail passes");
    finding.help("take `expect-fail` away, so that it goes on passing").fix = Fix::without_line(place);
}

/// The rule's own yes-or-no facts are taken as given, so that a test need state only what differs.
fn try_text(test: &RuleTest, rule: usize, stated: &[FactTest], rules: &RuleSet) -> (Fresh, Evidence) {
    let message = Message {
        subject: Cow::Borrowed(test.subject.as_deref().unwrap_or_default()),
        text: Some(Cow::Owned(format!("{}\n", test.text.value))),
        ..Message::default()
    };
    let fresh = fresh::extract(&message, rules.zones);
    let given =
        rules.rules[rule].when.iter().filter(|fact| !matches!(fact.value, ConditionValue::Between(..)));
    let assumed: Vec<FactTest> = given.chain(stated).cloned().collect();
    let facts = Facts::assumed(&fresh, &assumed);
    let evidence = gather(&fresh, &facts, rules);
    (fresh, evidence)
}

/// How the test's text was read: often the rule asks for a question and the text is none.
fn acts_in_words(fresh: &Fresh) -> String {
    let read: Vec<String> = fresh
        .sentences
        .iter()
        .filter_map(|sentence| {
            let text = fresh.text.get(sentence.start..sentence.end)?;
            Some(format!("{} in {}: `{}`", sentence.act, sentence.zone, text.trim()))
        })
        .collect();
    format!("the text was read as: {}", read.join("; "))
}
