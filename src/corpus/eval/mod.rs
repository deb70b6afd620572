//! How right the line is on labelled mail.
//!
//! Takes what [`judge`](super::judge) gives and counts it; every number keeps the mails it counts, so
//! that whoever shows it can open it. An unsure mail counts as not right: a person had to look.

mod matrix;
mod rule;
mod shape;

pub mod show;

use std::collections::BTreeMap;

pub use matrix::{Matrix, Score};
pub use rule::{Partner, RuleScore, Target};
pub use shape::{Bin, Calibration, Slice, Slices, TopicScore, micro_f1};

use super::judge::Judged;
use super::labelled::{Corpus, Labelled};
use crate::rules::RuleSet;
use crate::terms::{Class, Role, Topic, UNSURE};
use crate::triage::output::NOBODY;

/// Everything counted. A mail is its index in [`Corpus::mails`].
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Labelled mails.
    pub mails: usize,
    /// Labels by classes given; the last column is unsure.
    pub classes: Matrix,
    /// Labels by owners given, over the mails whose label names an owner.
    pub owners: Matrix,
    /// By topic, over the mails whose label names topics.
    pub topics: [TopicScore; Topic::ALL.len()],
    /// Mails whose label names topics.
    pub with_topics: usize,
    /// Whether probabilities mean what they say.
    pub calibration: Calibration,
    /// Mails decided, not unsure.
    pub sure: Vec<usize>,
    /// Share of right among those decided.
    pub accuracy_when_sure: Option<f64>,
    /// The same by difficulty, group and account.
    pub slices: Slices,
    /// By rule, in the order of the rule set.
    pub rules: Vec<RuleScore>,
}

/// The owner's word.
#[must_use]
pub fn owner_word(owner: Option<Role>) -> &'static str {
    owner.map_or(NOBODY, Role::as_str)
}

/// The class's word, or `unsure`.
#[must_use]
pub fn class_word(class: Option<Class>) -> &'static str {
    class.map_or(UNSURE, Class::as_str)
}

/// Counts.
#[must_use]
pub fn evaluate(corpus: &Corpus, judged: &[Judged], rules: &RuleSet) -> Evaluation {
    let both = || corpus.mails.iter().zip(judged).enumerate();
    let mut classes = Matrix::new(Class::WORDS, &[UNSURE]);
    let mut owners = Matrix::new(Role::WORDS, &[]).with_both(NOBODY);
    for (at, (mail, given)) in both() {
        classes.add(mail.label.class.as_str(), class_word(given.class), at);
        if let Some(owner) = mail.label.owner {
            owners.add(owner_word(owner), owner_word(given.owner), at);
        }
    }
    let sure: Vec<usize> = both().filter(|(_, (_, given))| given.class.is_some()).map(|(at, _)| at).collect();
    Evaluation {
        mails: corpus.mails.len(),
        accuracy_when_sure: share(classes.right(), sure.len()),
        classes,
        owners,
        topics: shape::topics(both()),
        with_topics: corpus.mails.iter().filter(|mail| mail.label.topics.is_some()).count(),
        calibration: shape::calibration(both()),
        sure,
        slices: slices(corpus, judged, rules),
        rules: rule::rules(&corpus.mails, judged, rules),
    }
}

fn slices(corpus: &Corpus, judged: &[Judged], rules: &RuleSet) -> Slices {
    let by = |name: &dyn Fn(&Labelled, &Judged) -> Option<String>| {
        let mut slices: BTreeMap<String, Slice> = BTreeMap::new();
        for (at, (mail, given)) in corpus.mails.iter().zip(judged).enumerate() {
            if let Some(name) = name(mail, given) {
                slices.entry(name).or_default().add(at, &mail.label, given);
            }
        }
        slices.into_iter().collect::<Vec<_>>()
    };
    let account = |given: &Judged| rules.directory.accounts.get(given.account?).map(|one| one.id.clone());
    Slices {
        difficulty: by(&|mail, _| mail.label.difficulty.clone()),
        group: by(&|mail, _| Some(mail.group.clone())),
        account: by(&|_, given| account(given)),
    }
}

/// A part of a whole; `None` of nothing.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The harmonic mean of precision and recall, from what was found rightly, wrongly and not at all.
fn f1(right: usize, wrong: usize, missed: usize) -> Option<f64> {
    share(2 * right, 2 * right + wrong + missed)
}

#[cfg(test)]
mod tests;
