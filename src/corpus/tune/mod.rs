//! Points fitted to labelled mail, as a proposal.
//!
//! Takes labelled mail and a [`RuleSet`], gives the [`Changes`] that make the rules' points likelier to
//! give the right answers, with the figures before and after on mail that was not fitted to, and with
//! every decision they would move. The fitting is logistic regression over the rules' hits, drawn
//! toward the present points; see [`Options`]. Writes nothing, and gives the same bytes every time.

pub mod correct;
pub mod examples;
pub mod lexicon;
pub mod phrases;
pub mod validate;

mod minimise;
mod model;

use crate::corpus::edit::Changes;
use crate::corpus::labelled::Corpus;
use crate::rules::RuleSet;
use crate::rules::set::DecisionTable;
use crate::terms::{Class, Topic};
use crate::triage::Context;
use examples::Example;
use model::{Model, Target};
use validate::{Figures, Folds, LeftOut, Rows};

/// Strengths tried when none is given.
pub const STRENGTHS: [f64; 6] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0];

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How strongly points are drawn toward the present ones; chosen from [`STRENGTHS`] when not given.
    pub strength: Option<f64>,
    /// Whether points may change their sign, and rules count for classes they did not count for.
    pub free_signs: bool,
    /// Folds to deal mail into, where not each group is to be left out by itself.
    pub folds: Option<usize>,
    /// Decimals that points are rounded to.
    pub digits: u8,
    /// Fit points for classes.
    pub classes: bool,
    /// Fit points for topics.
    pub topics: bool,
    /// What a mail left unsure costs beside 1 for a wrong one; thresholds are fitted only when this is given,
    /// since labels do not tell it.
    pub unsure_cost: Option<f64>,
    /// Threads; the outcome does not depend on them.
    pub jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strength: None,
            free_signs: false,
            folds: None,
            digits: 1,
            classes: true,
            topics: true,
            unsure_cost: None,
            jobs: 1,
        }
    }
}

/// What came of the fitting.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The mails, in the order of the corpus.
    pub examples: Vec<Example>,
    /// How they were divided.
    pub folds: Folds,
    /// Classes, when asked for.
    pub classes: Option<Part>,
    /// Each topic, when asked for and labelled.
    pub topics: Vec<(Topic, Part)>,
    /// What to change, rounded.
    pub changes: Changes,
    /// The rules with these changes.
    pub changed: RuleSet,
    /// Mails whose class the changes would move.
    pub moves: Vec<Move>,
}

/// The fitting of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Strength used.
    pub strength: f64,
    /// Loss by strength tried, on mail not fitted to.
    pub tried: Vec<(f64, f64)>,
    /// Whether the fitting was worth it: a proposal is made only then, or when the strength was given.
    pub better: bool,
    /// With the present points.
    pub before: Figures,
    /// With points fitted to the other folds.
    pub after: Figures,
    /// The same by fold: its name, before and after.
    pub by_fold: Vec<(String, Figures, Figures)>,
    /// Steps the last fitting took, and how far from its end it stopped, in points.
    pub steps: usize,
    /// See [`steps`](Self::steps).
    pub residual: f64,
}

/// A mail whose decision would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Index in [`Outcome::examples`].
    pub example: usize,
    /// The class now; `None` is unsure.
    pub from: Option<Class>,
    /// The class then.
    pub to: Option<Class>,
}

/// Fits points to labelled mail.
#[must_use]
pub fn tune(corpus: &Corpus, rules: &RuleSet, context: &Context<'_>, options: &Options) -> Outcome {
    let examples = examples::gather(corpus, rules, context, options.jobs);
    let folds = Folds::new(&examples, options.folds);
    let work = Work { examples: &examples, folds: &folds, rules, options };
    let mut changes = Changes::default();
    let mut fitted = rules.clone();
    let classes = options.classes.then(|| work.classes(&mut fitted));
    let mut topics = Vec::new();
    for &topic in Topic::ALL.iter().filter(|_| options.topics) {
        topics.extend(work.topic(topic, &mut fitted).map(|part| (topic, part)));
    }
    changes.between(rules, &fitted, options.digits);
    let mut changed = rules.clone();
    changes.apply(&mut changed);
    let moves = moves(&examples, rules, &changed);
    Outcome { examples, folds, classes, topics, changes, changed, moves }
}

/// Mails whose class differs between two sets of rules that differ in points alone.
#[must_use]
pub fn moves(examples: &[Example], before: &RuleSet, after: &RuleSet) -> Vec<Move> {
    let class = |at: usize, one: &Example| {
        let (from, to) = (one.decide(before).class, one.decide(after).class);
        (from != to).then_some(Move { example: at, from, to })
    };
    examples.iter().enumerate().filter_map(|(at, one)| class(at, one)).collect()
}

/// What every fitting needs.
struct Work<'w> {
    examples: &'w [Example],
    folds: &'w Folds,
    rules: &'w RuleSet,
    options: &'w Options,
}

impl Work<'_> {
    /// Chooses the strength on mail not fitted to: the least loss among those that lower it and keep F1,
    /// the stronger of equals. `false` when none does.
    fn strength(&self, model: &Model, rows: &Rows, f1: &dyn Fn(&LeftOut) -> f64) -> Choice {
        let present = rows.present(model);
        let candidates = self.options.strength.map_or(STRENGTHS.to_vec(), |one| vec![one]);
        let mut tried = Vec::new();
        let mut best: Option<(bool, f64, LeftOut)> = None;
        for strength in candidates {
            let left_out = rows.left_out(model, self.folds, strength, self.options.jobs);
            tried.push((strength, left_out.loss));
            let better = left_out.loss < present.loss && f1(&left_out) >= f1(&present);
            let beats = |known: &(bool, f64, LeftOut)| (better, -left_out.loss) >= (known.0, -known.2.loss);
            if best.as_ref().is_none_or(beats) {
                best = Some((better, strength, left_out));
            }
        }
        let (better, strength, left_out) = best.unwrap_or_else(|| (false, 1.0, present.clone()));
        let better = better || self.options.strength.is_some();
        Choice { strength, tried, better, present, left_out }
    }

    fn classes(&self, fitted: &mut RuleSet) -> Part {
        let model = Model::new(self.rules, Target::Classes, self.options.free_signs);
        let rows = Rows::new(&model, self.examples);
        let f1 =
            |of: &LeftOut| validate::figures(&self.pairs(of, &self.rules.decision, &|_| true), 0.0).macro_f1;
        let Choice { strength, tried, better, present, left_out } = self.strength(&model, &rows, &f1);
        let minimum = rows.fit(&model, strength);
        if better {
            put(&model, &minimum.x, fitted);
            self.temperature(&left_out, fitted);
            self.thresholds(&left_out, fitted);
        }
        let figures = |of: &LeftOut, table: &DecisionTable, wanted: &dyn Fn(usize) -> bool| {
            validate::figures(&self.pairs(of, table, wanted), of.loss)
        };
        let both = |wanted: &dyn Fn(usize) -> bool| {
            (figures(&present, &self.rules.decision, wanted), figures(&left_out, &fitted.decision, wanted))
        };
        let (before, after) = both(&|_| true);
        Part {
            strength,
            tried,
            better,
            before,
            after,
            by_fold: self.by_fold(both),
            steps: minimum.steps,
            residual: minimum.residual,
        }
    }

    /// Right class and class given, of the mails wanted.
    fn pairs(
        &self,
        of: &LeftOut,
        table: &DecisionTable,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Vec<validate::Pair> {
        let chosen = self.examples.iter().zip(&of.sums).enumerate().filter(|(at, _)| wanted(*at));
        chosen.map(|(_, (one, sums))| (one.class, validate::class_of(sums, table))).collect()
    }

    fn by_fold(
        &self,
        both: impl Fn(&dyn Fn(usize) -> bool) -> (Figures, Figures),
    ) -> Vec<(String, Figures, Figures)> {
        let fold = |(number, name): (usize, &String)| {
            let (before, after) = both(&|at| self.folds.of[at] == number);
            (name.clone(), before, after)
        };
        self.folds.names.iter().enumerate().map(fold).collect()
    }

    fn topic(&self, topic: Topic, fitted: &mut RuleSet) -> Option<Part> {
        let model = Model::new(self.rules, Target::Topic(topic), self.options.free_signs);
        let rows = Rows::new(&model, self.examples);
        if rows.count() == 0 {
            return None;
        }
        let figures = |of: &LeftOut, wanted: &dyn Fn(usize) -> bool| {
            let chosen = self.examples.iter().zip(&of.sums).enumerate().filter(|(at, _)| wanted(*at));
            let pair = |one: &Example, sum: f64| Some((one.topics.as_ref()?.contains(&topic), sum > 0.0));
            let pairs: Vec<_> = chosen.filter_map(|(_, (one, sums))| pair(one, sums[0])).collect();
            validate::topic_figures(&pairs, of.loss)
        };
        let f1 = |of: &LeftOut| figures(of, &|_| true).macro_f1;
        let Choice { strength, tried, better, present, left_out } = self.strength(&model, &rows, &f1);
        let minimum = rows.fit(&model, strength);
        if better {
            put(&model, &minimum.x, fitted);
        }
        let both = |wanted: &dyn Fn(usize) -> bool| (figures(&present, wanted), figures(&left_out, wanted));
        let (before, after) = both(&|_| true);
        let by_fold = self.by_fold(both);
        Some(Part {
            strength,
            tried,
            better,
            before,
            after,
            by_fold,
            steps: minimum.steps,
            residual: minimum.residual,
        })
    }

    /// The temperature that gives left-out mail the least loss, in steps of a twentieth.
    fn temperature(&self, left_out: &LeftOut, fitted: &mut RuleSet) {
        let loss = |temperature: f64| {
            let each = self.examples.iter().zip(&left_out.sums);
            each.map(|(one, sums)| model::class_loss(&sums.map(|sum| sum / temperature), one.class.index()).0)
                .sum::<f64>()
        };
        let present = fitted.decision.temperature;
        let grid = (5..=80).map(|step| f64::from(step) / 20.0);
        let best = grid.min_by(|&a, &b| loss(a).total_cmp(&loss(b))).unwrap_or(present);
        let right = |temperature: f64| {
            let table = DecisionTable { temperature, ..fitted.decision.clone() };
            let pairs = self.pairs(left_out, &table, &|_| true);
            pairs.iter().filter(|(class, given)| *given == Some(*class)).count()
        };
        // Less than a hundredth of a per cent is no reason to touch a file, nor are fewer right answers.
        if loss(best) < 0.9999 * loss(present) && right(best) >= right(present) {
            fitted.decision.temperature = best;
        }
    }

    /// The thresholds that cost least on left-out mail, in steps of a hundredth.
    fn thresholds(&self, left_out: &LeftOut, fitted: &mut RuleSet) {
        let Some(unsure) = self.options.unsure_cost else { return };
        let cost = |probability: f64, margin: f64| {
            let table = DecisionTable { probability, margin, ..fitted.decision.clone() };
            let each = self.examples.iter().zip(&left_out.sums);
            each.map(|(one, sums)| match validate::class_of(sums, &table) {
                None => unsure,
                Some(class) => f64::from(u8::from(class != one.class)),
            })
            .sum::<f64>()
        };
        let (mut probability, mut margin) = (fitted.decision.probability, fitted.decision.margin);
        let mut least = cost(probability, margin);
        for step in (0..=90).map(f64::from) {
            for (p, m) in [(step / 100.0, margin), (probability, step / 100.0)] {
                let here = cost(p, m);
                if here < least - 1e-9 {
                    (least, probability, margin) = (here, p, m);
                }
            }
        }
        fitted.decision.probability = probability;
        fitted.decision.margin = margin;
    }
}

/// The strength chosen and what it was chosen by.
struct Choice {
    strength: f64,
    tried: Vec<(f64, f64)>,
    better: bool,
    present: LeftOut,
    left_out: LeftOut,
}

/// Puts fitted numbers into a set of rules.
fn put(model: &Model, x: &[f64], rules: &mut RuleSet) {
    for (number, &value) in model.numbers.iter().zip(x) {
        let place = match (model.target, number.rule) {
            (Target::Classes, None) => rules.decision.base.get_mut(number.class),
            (Target::Topic(topic), None) => rules.decision.topic_base.get_mut(topic.index()),
            (Target::Classes, Some(rule)) => {
                rules.rules.get_mut(rule).and_then(|rule| rule.points.get_mut(number.class))
            }
            (Target::Topic(topic), Some(rule)) => {
                rules.rules.get_mut(rule).and_then(|rule| rule.topics.get_mut(topic.index()))
            }
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}
