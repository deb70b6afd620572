//! Judging by mail that was not fitted to: folds, and the figures of what they gave.

use std::collections::BTreeMap;

use super::examples::Example;
use super::minimise::{Minimum, minimise};
use super::model::{CLASSES, Fitting, Model, Target};
use crate::corpus::judge;
use crate::rules::set::DecisionTable;
use crate::terms::{Class, Topic};

/// Most groups of which each is left out in turn unless told otherwise.
pub const MOST_GROUPS: usize = 200;

/// Folds where nothing says how many.
pub const USUAL_FOLDS: usize = 10;

/// Which fold each example is left out in, and how many folds there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// By example.
    pub of: Vec<usize>,
    /// The folds' names, groups or numbers.
    pub names: Vec<String>,
    /// Whether each fold is a group.
    pub by_group: bool,
}

impl Folds {
    /// Each group by itself, where there are several, or whole groups dealt into `count` folds where that is
    /// given, or groups are more than [`MOST_GROUPS`]. Without groups, senders are dealt: a rule must not be
    /// judged by the habits it was fitted to.
    #[must_use]
    pub fn new(examples: &[Example], count: Option<usize>) -> Self {
        let mut groups: Vec<&str> = examples.iter().map(|one| one.group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        let has_groups = groups.len() > 1;
        if has_groups && groups.len() <= count.unwrap_or(MOST_GROUPS) {
            let of = examples.iter().map(|one| groups.binary_search(&one.group.as_str()).unwrap_or(0));
            let names = groups.iter().map(|&name| name.to_owned()).collect();
            return Self { of: of.collect(), names, by_group: true };
        }
        let count = count.unwrap_or(USUAL_FOLDS).clamp(2, examples.len().max(2));
        let mut sizes = vec![0_usize; count];
        let mut of = vec![0; examples.len()];
        let mut kept_together: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, one) in examples.iter().enumerate() {
            let sender = if one.sender.is_empty() { &one.id } else { &one.sender };
            let key = if has_groups { &one.group } else { sender };
            kept_together.entry(key).or_default().push(at);
        }
        let mut kept_together: Vec<_> = kept_together.into_values().collect();
        // The largest first, each into the emptiest fold.
        kept_together.sort_by_key(|mails| std::cmp::Reverse(mails.len()));
        for mails in kept_together {
            let emptiest = (0..count).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
            sizes[emptiest] += mails.len();
            mails.into_iter().for_each(|at| of[at] = emptiest);
        }
        Self { of, names: (1..=count).map(|fold| fold.to_string()).collect(), by_group: false }
    }
}

/// The rows of a model with their right answers; `None` where an example has none for this target.
pub(super) struct Rows {
    rows: Vec<Vec<(u32, u8)>>,
    answers: Vec<Option<usize>>,
}

impl Rows {
    pub(super) fn new(model: &Model, examples: &[Example]) -> Self {
        let answer = |one: &Example| match model.target {
            Target::Classes => Some(one.class.index()),
            // What is not client work has no topics but money, whatever its words.
            Target::Topic(topic) if one.class == Class::Other && topic != Topic::Budget => None,
            Target::Topic(topic) => one.topics.as_ref().map(|topics| usize::from(topics.contains(&topic))),
        };
        Self {
            rows: examples.iter().map(|one| model.row(&one.hits())).collect(),
            answers: examples.iter().map(answer).collect(),
        }
    }

    fn labelled(&self, wanted: impl Fn(usize) -> bool) -> Vec<(&[(u32, u8)], usize)> {
        let all = self.rows.iter().zip(&self.answers).enumerate();
        all.filter(|(at, _)| wanted(*at))
            .filter_map(|(_, (row, answer))| Some((row.as_slice(), (*answer)?)))
            .collect()
    }

    /// How many examples have an answer.
    pub(super) fn count(&self) -> usize {
        self.answers.iter().flatten().count()
    }

    /// Fits to all of them.
    pub(super) fn fit(&self, model: &Model, strength: f64) -> Minimum {
        minimise(&Fitting::new(model, self.labelled(|_| true), strength), &model.present)
    }

    /// Sums by example, each from points fitted to the other folds.
    pub(super) fn left_out(&self, model: &Model, folds: &Folds, strength: f64, jobs: usize) -> LeftOut {
        let numbers: Vec<usize> = (0..folds.names.len()).collect();
        let fits = judge::each(&numbers, jobs, |&fold| {
            minimise(&Fitting::new(model, self.labelled(|at| folds.of[at] != fold), strength), &model.present)
                .x
        });
        self.sums(model, |at| &fits[folds.of[at]])
    }

    /// Sums by example with the present points.
    pub(super) fn present(&self, model: &Model) -> LeftOut {
        self.sums(model, |_| &model.present)
    }

    fn sums<'x>(&self, model: &Model, points: impl Fn(usize) -> &'x Vec<f64>) -> LeftOut {
        let sums: Vec<_> =
            self.rows.iter().enumerate().map(|(at, row)| model.sums(row, points(at))).collect();
        let with_answer =
            sums.iter().zip(&self.answers).filter_map(|(sums, answer)| Some((sums, (*answer)?)));
        let losses: Vec<f64> = with_answer.map(|(sums, answer)| model.loss(sums, answer).0).collect();
        let loss = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
        LeftOut { sums, loss }
    }
}

/// What points made of mail they were not fitted to.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    /// Sums by example.
    pub(super) sums: Vec<[f64; CLASSES]>,
    /// Mean of minus the logarithm of the right answer's probability.
    pub(super) loss: f64,
}

/// How well mails were told apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Mails judged.
    pub mails: usize,
    /// Of them right.
    pub right: usize,
    /// Of them unsure.
    pub unsure: usize,
    /// Mean over the classes of F1; over the topics for topics.
    pub macro_f1: f64,
    /// Mean of minus the logarithm of the right answer's probability.
    pub loss: f64,
}

/// Class and topics by thresholds, from sums alone.
pub(super) fn class_of(sums: &[f64; CLASSES], table: &DecisionTable) -> Option<Class> {
    let largest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = sums.map(|sum| ((sum - largest) / table.temperature).exp());
    let total: f64 = powers.iter().sum();
    let best = (0..CLASSES).rev().max_by(|&a, &b| powers[a].total_cmp(&powers[b])).unwrap_or(0);
    let next = (0..CLASSES).filter(|&class| class != best).map(|class| powers[class]).fold(0.0, f64::max);
    let sure = powers[best] / total >= table.probability && (powers[best] - next) / total >= table.margin;
    if sure { Class::ALL.get(best).copied() } else { None }
}

/// F1 of counts: right, wrongly said, missed; `None` where there is nothing to find and nothing was said.
fn f1(right: usize, said: usize, missed: usize) -> Option<f64> {
    let all = 2 * right + said + missed;
    (all > 0).then(|| 2.0 * right as f64 / all as f64)
}

/// The right class and the one given.
pub type Pair = (Class, Option<Class>);

/// Figures of class decisions against the right classes.
#[must_use]
pub fn figures(pairs: &[Pair], loss: f64) -> Figures {
    let each = Class::ALL.iter().filter_map(|class| {
        let count = |wanted: &dyn Fn(&Pair) -> bool| pairs.iter().filter(|pair| wanted(pair)).count();
        f1(
            count(&|(gold, said)| gold == class && *said == Some(*class)),
            count(&|(gold, said)| gold != class && *said == Some(*class)),
            count(&|(gold, said)| gold == class && *said != Some(*class)),
        )
    });
    let each: Vec<f64> = each.collect();
    Figures {
        mails: pairs.len(),
        right: pairs.iter().filter(|(gold, said)| Some(*gold) == *said).count(),
        unsure: pairs.iter().filter(|(_, said)| said.is_none()).count(),
        macro_f1: each.iter().sum::<f64>() / each.len().max(1) as f64,
        loss,
    }
}

/// Figures of one topic: whether it is there, and whether it was said to be.
pub(super) fn topic_figures(pairs: &[(bool, bool)], loss: f64) -> Figures {
    let count = |wanted: (bool, bool)| pairs.iter().filter(|&&pair| pair == wanted).count();
    let right = count((true, true));
    Figures {
        mails: pairs.len(),
        right: right + count((false, false)),
        unsure: 0,
        macro_f1: f1(right, count((false, true)), count((true, false))).unwrap_or(1.0),
        loss,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::prepared::Prepared;
    use crate::terms::ZoneSet;
    use crate::triage::evidence::Evidence;

    fn example(id: usize, group: &str, sender: &str) -> Example {
        Example {
            id: id.to_string(),
            group: group.to_owned(),
            sender: sender.to_owned(),
            class: Class::Other,
            topics: None,
            owner: None,
            mail: Prepared::new(b"", ZoneSet::EMPTY),
            evidence: Evidence::default(),
        }
    }

    #[test]
    fn folds_are_groups_or_keep_each_sender_together() {
        let grouped: Vec<_> = (0..10).map(|at| example(at, ["a", "b", "c"][at % 3], "x")).collect();
        let folds = Folds::new(&grouped, None);
        assert!(folds.by_group && folds.names == ["a", "b", "c"] && folds.of[4] == 1);
        let dealt = Folds::new(&grouped, Some(2));
        assert!(!dealt.by_group && dealt.names.len() == 2);
        assert!((0..10).all(|at| dealt.of[at] == dealt.of[at % 3]));
        let alone: Vec<_> = (0..40).map(|at| example(at, "a", &format!("s{}", at / 4))).collect();
        let folds = Folds::new(&alone, Some(5));
        assert!(!folds.by_group && folds.names.len() == 5);
        assert!((0..40).all(|at| folds.of[at] == folds.of[at / 4 * 4]));
        assert!((0..5).all(|fold| folds.of.iter().filter(|&&of| of == fold).count() == 8));
    }

    #[test]
    fn figures_are_counted_by_hand() {
        use Class::{NewProject, Other};
        let found = figures(
            &[(Other, Some(Other)), (Other, None), (NewProject, Some(Other)), (NewProject, Some(NewProject))],
            0.5,
        );
        assert_eq!((found.mails, found.right, found.unsure), (4, 2, 1));
        // other: 1 right, 1 wrongly said, 1 missed; new-project: 1 right, 1 missed.
        assert!((found.macro_f1 - f64::midpoint(0.5, 2.0 / 3.0)).abs() < 1e-12);
    }
}
