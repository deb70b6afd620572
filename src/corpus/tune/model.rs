//! What is fitted: points by rule, as the numbers of a logistic regression.
//!
//! Points for classes are a multinomial regression, points for one topic a binary one. Both are drawn
//! toward the present points by half the strength times the squared distance, so that few labels
//! change little. A number may be held to the sign it has; one that is zero is then not fitted at all.

use super::minimise::Problem;
use crate::rules::RuleSet;
use crate::rules::schema::MOST_POINTS;
use crate::rules::source::Mode;
use crate::terms::{Class, Topic};

/// Classes there are.
pub(super) const CLASSES: usize = Class::ALL.len();

/// What a number counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Points for classes.
    Classes,
    /// Points for one topic.
    Topic(Topic),
}

/// One fitted number: points of a rule, or a starting point, for one class (0 for a topic).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Index in [`RuleSet::rules`]; `None` for the starting points.
    pub(super) rule: Option<usize>,
    /// Index of the class.
    pub(super) class: usize,
}

/// The numbers to fit, where they start and how far they may go.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) target: Target,
    pub(super) numbers: Vec<Number>,
    pub(super) present: Vec<f64>,
    pub(super) bounds: Vec<(f64, f64)>,
    /// By rule: the first of its numbers and one past the last.
    spans: Vec<(usize, usize)>,
    temperature: f64,
}

impl Model {
    /// The numbers of a rule set for one target.
    pub(super) fn new(rules: &RuleSet, target: Target, free_signs: bool) -> Self {
        let (outputs, temperature) = match target {
            Target::Classes => (CLASSES, rules.decision.temperature),
            Target::Topic(_) => (1, 1.0),
        };
        let mut model = Self {
            target,
            numbers: Vec::new(),
            present: Vec::new(),
            bounds: Vec::new(),
            spans: Vec::new(),
            temperature,
        };
        for class in 0..outputs {
            let base = match target {
                Target::Classes => rules.decision.base[class],
                Target::Topic(topic) => rules.decision.topic_base[topic.index()],
            };
            model.add(Number { rule: None, class }, base, true);
        }
        for (index, rule) in rules.rules.iter().enumerate() {
            let first = model.numbers.len();
            for class in (0..outputs).filter(|_| rule.mode == Mode::Enforce) {
                let points = match target {
                    Target::Classes => rule.points[class],
                    Target::Topic(topic) => rule.topics[topic.index()],
                };
                if points != 0.0 || free_signs {
                    model.add(Number { rule: Some(index), class }, points, free_signs);
                }
            }
            model.spans.push((first, model.numbers.len()));
        }
        model
    }

    fn add(&mut self, number: Number, present: f64, free: bool) {
        self.numbers.push(number);
        self.present.push(present);
        let least = if free || present < 0.0 { -MOST_POINTS } else { 0.0 };
        let most = if free || present > 0.0 { MOST_POINTS } else { 0.0 };
        self.bounds.push((least, most));
    }

    fn outputs(&self) -> usize {
        if self.target == Target::Classes { CLASSES } else { 1 }
    }

    /// The numbers that bear on a mail whose hits are these rules, with their class.
    pub(super) fn row(&self, hits: &[usize]) -> Vec<(u32, u8)> {
        let rules = hits.iter().filter_map(|&rule| self.spans.get(rule)).flat_map(|&(from, to)| from..to);
        let entry = |at: usize| {
            let class = self.numbers.get(at).map_or(0, |number| number.class);
            (u32::try_from(at).unwrap_or(u32::MAX), u8::try_from(class).unwrap_or(0))
        };
        (0..self.outputs()).chain(rules).map(entry).collect()
    }

    /// Sums by class of a mail; the first alone counts for a topic.
    pub(super) fn sums(&self, row: &[(u32, u8)], x: &[f64]) -> [f64; CLASSES] {
        let mut sums = [0.0; CLASSES];
        for &(number, class) in row {
            sums[usize::from(class)] += x[number as usize];
        }
        sums
    }

    /// Minus the logarithm of the probability that the right answer is given, and the probabilities.
    pub(super) fn loss(&self, sums: &[f64; CLASSES], answer: usize) -> (f64, [f64; CLASSES]) {
        match self.target {
            Target::Classes => class_loss(&sums.map(|sum| sum / self.temperature), answer),
            Target::Topic(_) => {
                let mut chances = [0.0; CLASSES];
                chances[0] = 1.0 / (1.0 + (-sums[0]).exp());
                let toward = if answer == 1 { sums[0] } else { -sums[0] };
                // Of ln(1 + e^-t) the form that neither overflows nor loses small values.
                ((-toward).max(0.0) + (-toward.abs()).exp().ln_1p(), chances)
            }
        }
    }
}

/// Softmax and its loss; the largest sum is taken off first, so that nothing overflows.
pub(super) fn class_loss(sums: &[f64; CLASSES], answer: usize) -> (f64, [f64; CLASSES]) {
    let largest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = sums.map(|sum| (sum - largest).exp());
    let total: f64 = powers.iter().sum();
    (total.ln() + largest - sums[answer], powers.map(|power| power / total))
}

/// Rows, their right answers and the draw toward the present points: what is minimised.
pub(super) struct Fitting<'m> {
    model: &'m Model,
    rows: Vec<(&'m [(u32, u8)], usize)>,
    strength: f64,
    curvature: Vec<f64>,
}

impl<'m> Fitting<'m> {
    pub(super) fn new(model: &'m Model, rows: Vec<(&'m [(u32, u8)], usize)>, strength: f64) -> Self {
        // No probability times its rest is above a quarter.
        let steep = 0.25 / (model.temperature * model.temperature);
        let mut curvature = vec![strength; model.numbers.len()];
        for &(number, _) in rows.iter().flat_map(|(row, _)| row.iter()) {
            curvature[number as usize] += steep;
        }
        Self { model, rows, strength, curvature }
    }
}

impl Problem for Fitting<'_> {
    fn value(&self, x: &[f64], slopes: &mut [f64]) -> f64 {
        let mut value = 0.0;
        for (at, slope) in slopes.iter_mut().enumerate() {
            let off = x[at] - self.model.present[at];
            *slope = self.strength * off;
            value += self.strength * off * off / 2.0;
        }
        for &(row, answer) in &self.rows {
            let (loss, mut chances) = self.model.loss(&self.model.sums(row, x), answer);
            value += loss;
            match self.model.target {
                Target::Classes => chances[answer] -= 1.0,
                Target::Topic(_) => chances[0] -= answer as f64,
            }
            for &(number, class) in row {
                slopes[number as usize] += chances[usize::from(class)] / self.model.temperature;
            }
        }
        value
    }

    fn curvature(&self) -> &[f64] {
        &self.curvature
    }

    fn bounds(&self) -> &[(f64, f64)] {
        &self.model.bounds
    }
}

#[cfg(test)]
mod tests {
    use super::super::minimise::minimise;
    use super::*;
    use crate::rules::set::Rule;
    use crate::terms::ZoneSet;

    fn rules(points: &[[f64; CLASSES]], topic: &[f64]) -> RuleSet {
        let rule = |at: usize| {
            let mut topics = [0.0; crate::terms::Aspect::ALL.len()];
            topics[Topic::Budget.index()] = topic[at];
            Rule {
                id: format!("r{at}").into(),
                zones: ZoneSet::EMPTY,
                acts: Vec::new(),
                when: Vec::new(),
                points: points[at],
                topics,
                mode: Mode::Enforce,
                patterns: crate::rules::set::Patterns::default(),
                combination: None,
            }
        };
        RuleSet { rules: (0..points.len()).map(rule).collect(), ..RuleSet::default() }
    }

    #[test]
    fn slopes_are_those_of_the_value() {
        let mut set = rules(&[[1.0, 0.0, -0.5, 0.0, 0.0], [0.0, 2.0, 0.3, 0.0, -1.0]], &[1.0, -0.5]);
        set.decision.temperature = 1.7;
        for target in [Target::Classes, Target::Topic(Topic::Budget)] {
            let model = Model::new(&set, target, false);
            let rows: Vec<_> = [&[0][..], &[1], &[0, 1], &[]].iter().map(|hits| model.row(hits)).collect();
            let labelled = rows.iter().enumerate().map(|(at, row)| (row.as_slice(), at % 2)).collect();
            let fitting = Fitting::new(&model, labelled, 0.3);
            let x: Vec<f64> = (0..model.numbers.len()).map(|at| 0.3 * at as f64 - 0.7).collect();
            let mut slopes = vec![0.0; x.len()];
            fitting.value(&x, &mut slopes);
            for at in 0..x.len() {
                let moved = |by: f64| {
                    let mut x = x.clone();
                    x[at] += by;
                    fitting.value(&x, &mut vec![0.0; x.len()])
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((slope - slopes[at]).abs() < 1e-6, "{target:?} {at}: {slope} {}", slopes[at]);
            }
        }
    }

    #[test]
    fn signs_are_kept_and_what_is_zero_stays_unless_signs_are_free() {
        // The labels say the contrary of the points.
        let set = rules(&[[2.0, 0.0, 0.0, 0.0, 0.0]], &[0.0]);
        let kept = Model::new(&set, Target::Classes, false);
        assert_eq!(kept.numbers.len(), CLASSES + 1);
        let rows = [kept.row(&[0]), kept.row(&[])];
        let fitting =
            Fitting::new(&kept, (0..200).map(|at| (rows[at % 2].as_slice(), 1 - at % 2)).collect(), 0.1);
        let found = minimise(&fitting, &kept.present);
        assert_eq!(found.x[CLASSES], 0.0);
        let free = Model::new(&set, Target::Classes, true);
        assert_eq!(free.numbers.len(), 2 * CLASSES);
        let rows = [free.row(&[0]), free.row(&[])];
        let fitting =
            Fitting::new(&free, (0..200).map(|at| (rows[at % 2].as_slice(), 1 - at % 2)).collect(), 0.1);
        assert!(minimise(&fitting, &free.present).x[CLASSES] < -0.1);
    }

    #[test]
    fn few_labels_change_little_and_many_change_more() {
        let set = rules(&[[1.0, 0.0, 0.0, 0.0, 0.0]], &[0.0]);
        let model = Model::new(&set, Target::Classes, false);
        let row = model.row(&[0]);
        let moved = |labels: usize| {
            let fitting = Fitting::new(&model, vec![(&row, 0); labels], 4.0);
            minimise(&fitting, &model.present).x[CLASSES] - 1.0
        };
        assert!(moved(0).abs() < 1e-6);
        assert!(moved(1) > 0.0 && moved(1) < 0.2 && moved(50) > 3.0 * moved(1), "{} {}", moved(1), moved(50));
    }
}
