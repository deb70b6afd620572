//! Conditions under `when` to tests of facts: names found, kinds of values checked.

use super::diagnostic::Diagnostics;
use super::nearest::nearest;
use super::set::FactTest;
use super::source::{Condition, ConditionValue};
use crate::terms::Fact;

/// Conditions with their facts found and their values' kinds checked.
pub fn fact_tests(conditions: &[Condition], diagnostics: &mut Diagnostics) -> Vec<FactTest> {
    let mut tests = Vec::new();
    for condition in conditions {
        let name = &condition.name;
        let Ok(fact) = name.value.parse::<Fact>() else {
            let help = nearest(&name.value, Fact::WORDS.iter().copied()).map_or_else(
                || format!("known: {}", Fact::WORDS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            diagnostics
                .error("unknown-fact", &name.place, format!("there is no fact `{}`", name.value))
                .label("not a fact about mail")
                .help(help);
            continue;
        };
        if let Some(wanted) = wrong_kind(fact, &condition.value.value) {
            diagnostics
                .error("wrong-fact-value", &condition.value.place, format!("`{fact}` is {wanted}"))
                .label(format!("write {wanted}"));
            continue;
        }
        tests.push(FactTest { fact, value: condition.value.value.clone() });
    }
    tests
}

/// What a fact's value should have been, when it is something else.
fn wrong_kind(fact: Fact, value: &ConditionValue) -> Option<&'static str> {
    match (fact, value) {
        (Fact::Words | Fact::Questions, ConditionValue::Between(..))
        | (Fact::Calendar | Fact::Attachment, ConditionValue::OneOf(_)) => None,
        (Fact::Words | Fact::Questions, _) => Some("a range such as { min = 1, max = 12 }"),
        (Fact::Calendar | Fact::Attachment, _) => Some("a word or a list of words"),
        (_, ConditionValue::Is(_)) => None,
        _ => Some("`true` or `false`"),
    }
}
