//! Changes of points and thresholds: as numbers, and as edits of the files they stand in.
//!
//! [`Changes`] says what differs between two sets of rules that differ in numbers alone; [`files()`] turns
//! it into new texts of a folder's files, with comments, order and layout kept. Writes nothing.

mod files;
mod mail_tests;

pub use files::{FileEdit, TUNED, append, files};
pub use mail_tests::Expected;

use crate::rules::set::RuleSet;
use crate::terms::{Aspect, Class};

/// New points of a rule or combination.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleChange {
    /// Its id.
    pub id: String,
    /// Whether it is a `[[combine]]`.
    pub combine: bool,
    /// Points by class, before and after.
    pub points: Vec<Number>,
    /// Points by topic, before and after.
    pub topics: Vec<Number>,
}

/// A number before and after; every class or topic is listed, changed or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// The class or topic.
    pub word: &'static str,
    /// The number now.
    pub old: f64,
    /// The number then.
    pub new: f64,
}

impl Number {
    /// Whether the two differ.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.old.to_bits() != self.new.to_bits() && (self.old - self.new).abs() > 0.0
    }
}

/// What differs between two sets of rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Rules whose points change, in the order of the set.
    pub rules: Vec<RuleChange>,
    /// Starting points by class; only those that change.
    pub base: Vec<Number>,
    /// Starting points by topic; only those that change.
    pub topic_base: Vec<Number>,
    /// `temperature`, `probability` and `margin`; only those that change.
    pub settings: Vec<Number>,
}

impl Changes {
    /// Notes what differs, new points rounded to so many decimals. What rounding leaves as it was is kept
    /// as written.
    pub fn between(&mut self, before: &RuleSet, after: &RuleSet, digits: u8) {
        let list = |words: &[&'static str], old: &[f64], new: &[f64]| -> Vec<Number> {
            let numbers = words.iter().zip(old.iter().zip(new));
            numbers
                .map(|(&word, (&old, &new))| Number { word, old, new: rounded(old, new, digits) })
                .collect()
        };
        for (old, new) in before.rules.iter().zip(&after.rules) {
            let points = list(Class::WORDS, &old.points, &new.points);
            let topics = list(Aspect::WORDS, &old.topics, &new.topics);
            if points.iter().chain(&topics).any(Number::changes) {
                let combine = old.combination.is_some();
                self.rules.push(RuleChange { id: old.id.clone().into_owned(), combine, points, topics });
            }
        }
        let (old, new) = (&before.decision, &after.decision);
        self.base = list(Class::WORDS, &old.base, &new.base);
        self.topic_base = list(Aspect::WORDS, &old.topic_base, &new.topic_base);
        // These are searched for in steps of their own.
        let setting = |word, old, new| Number { word, old, new: rounded(old, new, 2) };
        self.settings = vec![
            setting("probability", old.probability, new.probability),
            setting("margin", old.margin, new.margin),
            setting("temperature", old.temperature, new.temperature),
        ];
        for numbers in [&mut self.base, &mut self.topic_base, &mut self.settings] {
            numbers.retain(Number::changes);
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
            && self.base.is_empty()
            && self.topic_base.is_empty()
            && self.settings.is_empty()
    }

    /// How many numbers change.
    #[must_use]
    pub fn count(&self) -> usize {
        let of_rules = self.rules.iter().flat_map(|rule| rule.points.iter().chain(&rule.topics));
        of_rules.filter(|number| number.changes()).count()
            + self.base.len()
            + self.topic_base.len()
            + self.settings.len()
    }

    /// Makes the changes in a compiled set.
    pub fn apply(&self, rules: &mut RuleSet) {
        let set = |numbers: &[Number], words: &[&str], place: &mut [f64]| {
            for number in numbers {
                let at = words.iter().position(|&word| word == number.word);
                if let Some(place) = at.and_then(|at| place.get_mut(at)) {
                    *place = number.new;
                }
            }
        };
        for change in &self.rules {
            if let Some(rule) = rules.rules.iter_mut().find(|rule| rule.id == change.id) {
                set(&change.points, Class::WORDS, &mut rule.points);
                set(&change.topics, Aspect::WORDS, &mut rule.topics);
            }
        }
        let table = &mut rules.decision;
        set(&self.base, Class::WORDS, &mut table.base);
        set(&self.topic_base, Aspect::WORDS, &mut table.topic_base);
        set(&self.settings, &["probability"], std::slice::from_mut(&mut table.probability));
        set(&self.settings, &["margin"], std::slice::from_mut(&mut table.margin));
        set(&self.settings, &["temperature"], std::slice::from_mut(&mut table.temperature));
    }
}

/// The new number rounded, or the old one where the difference is less than half of the last digit.
fn rounded(old: f64, new: f64, digits: u8) -> f64 {
    let unit = 10_f64.powi(i32::from(digits));
    if (new - old).abs() * unit < 0.5 {
        return old;
    }
    // Adding nothing turns a negative zero into a plain one.
    (new * unit).round() / unit + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, layer::Layer};

    #[test]
    fn small_differences_leave_a_number_as_it_was_written() {
        for (old, new, digits, expected) in
            [(1.25, 1.28, 1, 1.25), (1.25, 1.32, 1, 1.3), (2.0, -0.01, 1, 0.0), (0.5, 0.512, 2, 0.51)]
        {
            assert!((rounded(old, new, digits) - expected).abs() < 1e-12, "{old} {new}");
        }
        assert!(rounded(-1.0, -0.01, 1).is_sign_positive());
    }

    #[test]
    fn what_differs_is_what_is_applied() {
        let before = rules::ready(&[Layer::BuiltIn]).unwrap();
        let mut after = before.clone();
        after.rules[3].points[0] += 0.52;
        after.rules[5].topics[1] -= 1.0;
        after.decision.base[2] += 1.0;
        after.decision.temperature = 1.25;
        let mut changes = Changes::default();
        changes.between(&before, &after, 1);
        assert_eq!((changes.rules.len(), changes.count()), (2, 4));
        let mut applied = before.clone();
        changes.apply(&mut applied);
        assert!((applied.rules[3].points[0] - after.rules[3].points[0]).abs() < 0.05);
        assert_eq!(applied.decision.temperature, 1.25);
        let mut none = Changes::default();
        none.between(&before, &before, 1);
        assert!(none.is_empty());
    }
}
