//! Logistic regression over many features: several outputs for the classes, one for a topic.

use super::table::Table;
use crate::corpus::tune::minimise::{Problem, minimise_within};
use crate::corpus::tune::model::{CLASSES, class_loss};
use crate::rules::RuleSet;
use crate::rules::schema::MOST_POINTS;
use crate::terms::Topic;

/// How close to its end a fitting goes, in points: points are written with two decimals.
const TOLERANCE: f64 = 1e-2;

/// Points nearer to nothing than this are none.
const LEAST: f64 = 0.03;

/// Features of a mail whose sums count as they are. Those of a longer one, whose words repeat each other, are
/// divided by the square root of how many times as many it has, and those of a shorter one multiplied.
const PIECES: f64 = 20.0;

/// Mails a feature is in for its strength to be as given.
const MAILS: f64 = 50.0;

/// How much more what is common is held than what is rare, which says more where it stands: the power of the number
/// of mails. At a half, a feature ten times as common is held three times as much, at one ten times.
const COMMON: f64 = 0.8;

/// How surely a phrase tells answers apart for its strength to be as given: a z-score. A surer one is held less, by
/// the square root of its score and [`DOUBT`].
const SURE: f64 = 4.0;

/// What is added to a score, so that no phrase is held without bound.
const DOUBT: f64 = 3.0;

/// How strongly points are drawn toward nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strengths {
    pub(super) rule: f64,
    pub(super) phrase: f64,
}

/// Points of every feature; what every mail starts with comes last.
#[derive(Clone, Debug)]
pub(super) struct Points {
    features: usize,
    /// By feature, then class.
    pub(super) classes: Vec<f64>,
    /// By topic, then feature.
    pub(super) topics: Vec<Vec<f64>>,
}

impl Points {
    pub(super) fn new(features: usize) -> Self {
        Self { features, classes: Vec::new(), topics: Vec::new() }
    }

    /// Points of a feature for a class, as they are written.
    pub(super) fn class(&self, feature: usize, class: usize) -> f64 {
        self.written(feature, self.classes.get(feature * CLASSES + class))
    }

    /// Points of a feature for a topic, as they are written.
    pub(super) fn topic(&self, feature: usize, topic: usize) -> f64 {
        self.written(feature, self.topics.get(topic).and_then(|topic| topic.get(feature)))
    }

    /// Adds to what every mail starts with, by topic.
    pub(super) fn shift_topics(&mut self, shifts: &[f64; Topic::ALL.len()]) {
        for (topic, shift) in self.topics.iter_mut().zip(shifts) {
            topic.last_mut().into_iter().for_each(|base| *base += shift);
        }
    }

    fn written(&self, feature: usize, points: Option<&f64>) -> f64 {
        let points = points.copied().unwrap_or_default();
        let least = if feature == self.features { 0.0 } else { LEAST };
        // Adding nothing turns a negative zero into a plain one.
        if points.abs() < least { 0.0 } else { (points * 100.0).round() / 100.0 + 0.0 }
    }
}

/// Points by feature and class, and what every mail starts with.
pub(super) fn classes(
    table: &Table,
    answers: &[Option<usize>],
    kept: &[Option<f64>],
    strengths: Strengths,
    rules: &RuleSet,
    start: Option<&[f64]>,
) -> Vec<f64> {
    let mut fitting = Fitting::new(table, answers, kept, strengths, CLASSES);
    for (rule, index) in rules.rules.iter().zip(0..) {
        fitting.keep_sign(index, &rule.points);
    }
    fitting.solve(start)
}

/// Points by feature for a topic, and what every mail starts with.
pub(super) fn topic(
    table: &Table,
    answers: &[Option<usize>],
    kept: &[Option<f64>],
    strengths: Strengths,
    start: Option<&[f64]>,
) -> Vec<f64> {
    Fitting::new(table, answers, kept, strengths, 1).solve(start)
}

/// A mail to be fitted to.
struct Row {
    features: Vec<u32>,
    /// What its sums are multiplied by.
    scale: f64,
    answer: usize,
}

/// One fitting, of the usable features alone: they are numbered anew, and what every mail starts with
/// comes after them.
struct Fitting {
    rows: Vec<Row>,
    outputs: usize,
    /// The usable features, ascending.
    features: Vec<usize>,
    /// Features there are in all.
    all: usize,
    /// By number: the strength it is drawn toward nothing with.
    strength: Vec<f64>,
    curvature: Vec<f64>,
    bounds: Vec<(f64, f64)>,
}

impl Fitting {
    fn new(
        table: &Table,
        answers: &[Option<usize>],
        kept: &[Option<f64>],
        strengths: Strengths,
        outputs: usize,
    ) -> Self {
        let features: Vec<usize> = (0..table.len()).filter(|&at| kept[at].is_some()).collect();
        let base = features.len();
        let mut numbers = vec![None; table.len()];
        for (number, &feature) in (0u32..).zip(&features) {
            numbers[feature] = Some(number);
        }
        let base_number = u32::try_from(base).unwrap_or(u32::MAX);
        let row = |own: &Vec<u32>, answer: usize| -> Row {
            let features: Vec<u32> =
                own.iter().filter_map(|&feature| numbers[feature as usize]).chain([base_number]).collect();
            let scale = (PIECES / features.len() as f64).sqrt();
            Row { features, scale, answer }
        };
        let each = table.rows.iter().zip(answers);
        let rows: Vec<Row> = each.filter_map(|(own, answer)| Some(row(own, (*answer)?))).collect();
        let mut mails = vec![0_usize; base + 1];
        rows.iter().flat_map(|row| &row.features).for_each(|&feature| mails[feature as usize] += 1);
        let of = |(&feature, &mails): (&usize, &usize)| {
            let sure = kept[feature].unwrap_or(SURE);
            let phrase = || strengths.phrase * ((SURE + DOUBT) / (sure + DOUBT)).sqrt();
            let strength = if feature < table.rules { strengths.rule } else { phrase() };
            strength * (mails.max(1) as f64 / MAILS).powf(COMMON)
        };
        let drawn = features.iter().zip(&mails).map(of).chain([0.0]);
        let strength: Vec<f64> = drawn.flat_map(|strength| std::iter::repeat_n(strength, outputs)).collect();
        // No probability times its rest is above a quarter.
        let mut curvature = strength.clone();
        for row in &rows {
            let steep = 0.25 * row.scale * row.scale;
            for feature in row.features.iter().map(|&feature| feature as usize) {
                curvature[feature * outputs..(feature + 1) * outputs].iter_mut().for_each(|at| *at += steep);
            }
        }
        let bounds = vec![(-MOST_POINTS, MOST_POINTS); strength.len()];
        curvature.iter_mut().for_each(|at| *at = at.max(0.25));
        Self { rows, outputs, features, all: table.len(), strength, curvature, bounds }
    }

    /// Holds the class that a rule speaks loudest for to the sign it has: that is what the rule means.
    fn keep_sign(&mut self, rule: usize, present: &[f64; CLASSES]) {
        let loudest =
            (0..CLASSES).max_by(|&a, &b| present[a].abs().total_cmp(&present[b].abs()).then(b.cmp(&a)));
        let Some(class) = loudest.filter(|&class| present[class] != 0.0) else { return };
        let Ok(number) = self.features.binary_search(&rule) else { return };
        let bounds = &mut self.bounds[number * CLASSES + class];
        *bounds = if present[class] > 0.0 { (0.0, bounds.1) } else { (bounds.0, 0.0) };
    }

    /// Points of all features, nothing for those not usable, and the base last.
    fn solve(&self, start: Option<&[f64]>) -> Vec<f64> {
        let places: Vec<usize> = self.features.iter().copied().chain([self.all]).collect();
        let own = |feature: usize| feature * self.outputs..(feature + 1) * self.outputs;
        let mut from = vec![0.0; self.strength.len()];
        if let Some(start) = start {
            for (number, &feature) in places.iter().enumerate() {
                from[own(number)].copy_from_slice(&start[own(feature)]);
            }
        }
        let found = minimise_within(self, &from, TOLERANCE).x;
        let mut points = vec![0.0; (self.all + 1) * self.outputs];
        for (number, &feature) in places.iter().enumerate() {
            points[own(feature)].copy_from_slice(&found[own(number)]);
        }
        points
    }

    /// Sums by output of a mail.
    fn sums(&self, row: &Row, x: &[f64]) -> [f64; CLASSES] {
        let mut sums = [0.0; CLASSES];
        for feature in row.features.iter().map(|&feature| feature as usize) {
            let own = &x[feature * self.outputs..(feature + 1) * self.outputs];
            sums.iter_mut().zip(own).for_each(|(sum, points)| *sum += points);
        }
        sums.map(|sum| sum * row.scale)
    }
}

impl Problem for Fitting {
    fn value(&self, x: &[f64], slopes: &mut [f64]) -> f64 {
        let mut value = 0.0;
        for (at, slope) in slopes.iter_mut().enumerate() {
            *slope = self.strength[at] * x[at];
            value += self.strength[at] * x[at] * x[at] / 2.0;
        }
        for row in &self.rows {
            let answer = row.answer;
            let sums = self.sums(row, x);
            let mut chances = [0.0; CLASSES];
            if self.outputs == CLASSES {
                let (loss, given) = class_loss(&sums, answer);
                value += loss;
                chances = given;
                chances[answer] -= 1.0;
            } else {
                let toward = if answer == 1 { sums[0] } else { -sums[0] };
                value += (-toward).max(0.0) + (-toward.abs()).exp().ln_1p();
                chances[0] = 1.0 / (1.0 + (-sums[0]).exp()) - answer as f64;
            }
            for chance in &mut chances {
                *chance *= row.scale;
            }
            for feature in row.features.iter().map(|&feature| feature as usize) {
                let own = &mut slopes[feature * self.outputs..(feature + 1) * self.outputs];
                own.iter_mut().zip(&chances).for_each(|(slope, chance)| *slope += chance);
            }
        }
        value
    }

    fn curvature(&self) -> &[f64] {
        &self.curvature
    }

    fn bounds(&self) -> &[(f64, f64)] {
        &self.bounds
    }
}
