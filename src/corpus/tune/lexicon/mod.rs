//! The phrase list learned from labelled mail, all points fitted together.
//!
//! Takes labelled mail and a [`RuleSet`]; gives the set with points of its own for every rule and every
//! phrase that is worth one, and what it makes of mail it was not fitted to. The fitting is
//! multinomial logistic regression for the classes and a binary one for each topic, over the rules'
//! hits and the phrases that tell answers apart most surely, both drawn toward nothing (a ridge; see [`Options`]).
//! Gives the same bytes every time and writes nothing.

mod file;
mod fit;
mod table;

use std::collections::BTreeSet;

pub use file::text;

use crate::corpus::judge;
use crate::corpus::labelled::Corpus;
use crate::rules::RuleSet;
use crate::rules::lexicon::{Lexicon, Part, Phrase, TARGETS};
use crate::terms::{Aspect, Class, Role, Topic, Zone, ZoneSet};
use crate::triage::Context;
use crate::triage::decision::Decision;

use super::examples::{self, Example};
use super::validate::Folds;
use fit::{Points, Strengths};
use table::Table;

/// How to learn.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How strongly a phrase's points are drawn toward nothing, for one that fifty mails hold: what is rare
    /// is held less, by the square root of how rare.
    pub phrase_strength: f64,
    /// The same for a rule's points.
    pub rule_strength: f64,
    /// Most phrases kept for the classes, and a fifth of them for each topic.
    pub phrases: usize,
    /// Tokens of the longest phrase.
    pub longest: u8,
    /// Writers a phrase needs: sets of mail where there are several, senders where there is one.
    pub writers: usize,
    /// What to leave out, to see what it is worth.
    pub without: Option<Without>,
    /// Folds to deal mail into, where not each group is to be left out by itself.
    pub folds: Option<usize>,
    /// Threads; the outcome does not depend on them.
    pub jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            phrase_strength: 6.0,
            rule_strength: 3.0,
            phrases: 14_000,
            longest: 3,
            writers: 6,
            without: None,
            folds: None,
            jobs: 1,
        }
    }
}

/// What the classes' number of phrases is divided by for a topic, which fewer words tell of.
const TOPIC_SHARE: usize = 3;

/// A part of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// The rules' hits.
    Rules,
    /// The phrases.
    Phrases,
    /// Which zone a thing stands in: rules look in subject and new text alike, and the subject has no phrases.
    Zones,
    /// What a sentence does: rules look at questions, requests and statements alike.
    Acts,
    /// Where a sentence begins and ends, in phrases.
    Ends,
}

/// A phrase of the learned list and what it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The phrase and its points.
    pub phrase: Phrase<'static>,
    /// Mails it is in.
    pub mails: usize,
    /// Sets (or senders) it is in.
    pub writers: usize,
}

/// Phrases that somebody has taken out, which are not learned again.
pub type Vetoed = BTreeSet<(Part, String)>;

/// What rules not fitted to a mail made of it.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The decision.
    pub decision: Decision,
    /// The owner.
    pub owner: Option<Role>,
}

/// What was learned.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The mails, in the order of the corpus.
    pub examples: Vec<Example>,
    /// How they were divided.
    pub folds: Folds,
    /// For each mail, the decision by points fitted to the other folds.
    pub left_out: Vec<LeftOut>,
    /// The rules with their new points and the new list.
    pub rules: RuleSet,
    /// The list.
    pub learned: Vec<Learned>,
}

/// Learns points for rules and phrases, those vetoed left out.
#[must_use]
pub fn learn(
    corpus: &Corpus,
    rules: &RuleSet,
    vetoed: &Vetoed,
    context: &Context<'_>,
    options: &Options,
) -> Outcome {
    let rules = &blinded(rules, options.without);
    let examples = examples::gather(corpus, rules, context, options.jobs);
    let folds = Folds::new(&examples, options.folds);
    let table = Table::new(&examples, rules, (&folds, vetoed), options);
    let strengths = Strengths { rule: options.rule_strength, phrase: options.phrase_strength };
    let whole = Work { examples: &examples, table: &table, rules, strengths, options };
    let mut all = whole.fit(None, None);
    let numbers: Vec<usize> = (0..folds.names.len()).collect();
    let mut fits = judge::each(&numbers, options.jobs, |&fold| whole.fit(Some(fold), Some(&all)));
    let first = whole.left_out(&fits, &folds, 1.0, context);
    let temperature = temperature(&examples, &first);
    all.shift_topics(&topic_shifts(&examples, &first, |_| true));
    // Each fold's topics are raised by what the other folds would have it.
    for (fold, points) in fits.iter_mut().enumerate() {
        points.shift_topics(&topic_shifts(&examples, &first, |at| folds.of[at] != fold));
    }
    let left_out = whole.left_out(&fits, &folds, temperature, context);
    let (fitted, learned) = whole.put(&all, temperature);
    Outcome { examples, folds, left_out, rules: fitted, learned }
}

/// The rules without what they are to be learned without.
fn blinded(rules: &RuleSet, without: Option<Without>) -> RuleSet {
    let mut rules = rules.clone();
    for rule in rules.rules.iter_mut().filter(|rule| !rule.patterns.is_empty()) {
        match without {
            Some(Without::Zones) => rule.zones = ZoneSet::EMPTY.with(Zone::Subject).with(Zone::New),
            Some(Without::Acts) => rule.acts.clear(),
            _ => {}
        }
    }
    rules
}

/// What every fitting needs.
struct Work<'w> {
    examples: &'w [Example],
    table: &'w Table,
    rules: &'w RuleSet,
    strengths: Strengths,
    options: &'w Options,
}

impl Work<'_> {
    /// Points fitted to all mails, or to all but those of a fold; started from other points when given.
    fn fit(&self, without: Option<usize>, start: Option<&Points>) -> Points {
        let table = self.table;
        let usable = table.usable(without, self.options.writers);
        let mut points = Points::new(table.len());
        let answers: Vec<Option<usize>> = self.answers(without, |one| Some(one.class.index()));
        let first = start.map(|start| start.classes.as_slice());
        let kept = table.telling(&answers, Class::ALL.len(), &usable, self.options.phrases);
        points.classes = fit::classes(table, &answers, &kept, self.strengths, self.rules, first);
        for &topic in Topic::ALL {
            let answers = self.answers(without, |one| {
                // What is not client work has no topics but money, whatever its words.
                let none = one.class == Class::Other && topic != Topic::Budget;
                let labelled = one.topics.as_ref().filter(|_| !none)?;
                Some(usize::from(labelled.contains(&topic)))
            });
            let first = start.and_then(|start| start.topics.get(topic.index())).map(Vec::as_slice);
            let kept = table.telling(&answers, 2, &usable, self.options.phrases / TOPIC_SHARE);
            points.topics.push(fit::topic(table, &answers, &kept, self.strengths, first));
        }
        points.topics.push(self.schedule(without, &usable, start));
        points
    }

    /// Points for an update being chiefly about timelines and dependencies: such are the project manager's.
    fn schedule(&self, without: Option<usize>, usable: &[bool], start: Option<&Points>) -> Vec<f64> {
        let answers = self.answers(without, |one| {
            // Displeasure makes the account manager the owner, whatever the update is about.
            let pressed = one.topics.as_ref().is_some_and(|topics| topics.contains(&Topic::Escalation));
            let update = one.class == Class::ProjectUpdate && !pressed;
            one.owner.filter(|_| update).map(|owner| usize::from(owner == Some(Role::Pm)))
        });
        let first = start.and_then(|start| start.topics.get(Aspect::Schedule.index())).map(Vec::as_slice);
        let kept = self.table.telling(&answers, 2, usable, self.options.phrases / TOPIC_SHARE);
        fit::topic(self.table, &answers, &kept, self.strengths, first)
    }

    /// What the points that were fitted without a fold make of its mails.
    fn left_out(
        &self,
        fits: &[Points],
        folds: &Folds,
        temperature: f64,
        context: &Context<'_>,
    ) -> Vec<LeftOut> {
        let numbers: Vec<usize> = (0..fits.len()).collect();
        let parts = judge::each(&numbers, self.options.jobs, |&fold| {
            let (rules, _) = self.put(&fits[fold], temperature);
            let judged = |at: usize| {
                let judgement = self.examples[at].mail.judge(&rules, context);
                let owner = judgement.route.owner.map(|owner| owner.role);
                (at, LeftOut { decision: judgement.decision, owner })
            };
            let own = (0..self.examples.len()).filter(|&at| folds.of[at] == fold);
            own.map(judged).collect::<Vec<_>>()
        });
        let mut left_out: Vec<(usize, LeftOut)> = parts.into_iter().flatten().collect();
        left_out.sort_by_key(|(at, _)| *at);
        left_out.into_iter().map(|(_, one)| one).collect()
    }

    /// The right answer of each mail to be fitted to.
    fn answers(
        &self,
        without: Option<usize>,
        answer: impl Fn(&Example) -> Option<usize>,
    ) -> Vec<Option<usize>> {
        let each = self.examples.iter().zip(&self.table.folds);
        each.map(|(one, &fold)| answer(one).filter(|_| Some(fold) != without)).collect()
    }

    /// The rules with these points, and the list of phrases that have any.
    fn put(&self, points: &Points, temperature: f64) -> (RuleSet, Vec<Learned>) {
        let mut rules = self.rules.clone();
        let count = rules.rules.len();
        for (index, rule) in rules.rules.iter_mut().enumerate() {
            rule.points = std::array::from_fn(|class| points.class(index, class));
            rule.topics = std::array::from_fn(|topic| points.topic(index, topic));
        }
        rules.decision.base = std::array::from_fn(|class| points.class(self.table.len(), class));
        rules.decision.topic_base = std::array::from_fn(|topic| points.topic(self.table.len(), topic));
        // Shares and not sums are what thresholds speak of; they stay as they are.
        rules.decision.temperature = temperature;
        let mut learned = Vec::new();
        for (at, phrase) in self.table.phrases.iter().enumerate() {
            let given: [f64; TARGETS] =
                std::array::from_fn(|target| match target.checked_sub(Class::ALL.len()) {
                    None => points.class(count + at, target),
                    Some(topic) => points.topic(count + at, topic),
                });
            if given.iter().any(|points| *points != 0.0) {
                let phrase_of = Phrase { part: phrase.part, text: phrase.text.clone().into(), points: given };
                learned.push(Learned {
                    phrase: phrase_of,
                    mails: phrase.mails,
                    writers: phrase.writers.len(),
                });
            }
        }
        rules.lexicon = Lexicon::new(learned.iter().map(|one| &one.phrase));
        (rules, learned)
    }
}

/// For each topic, what its starting points are to be raised by, so that it is found as well as can be
/// (F1 on left-out mail), in steps of a tenth.
fn topic_shifts(
    examples: &[Example],
    left_out: &[LeftOut],
    counted: impl Fn(usize) -> bool,
) -> [f64; Topic::ALL.len()] {
    std::array::from_fn(|topic| {
        let each = examples.iter().zip(left_out).enumerate().filter(|(at, _)| counted(*at));
        let labelled = each.filter_map(|(_, (one, given))| {
            let counts = one.class != Class::Other || topic == Topic::Budget.index();
            let topics = one.topics.as_ref().filter(|_| counts)?;
            let wanted = topics.iter().any(|one| one.index() == topic);
            Some((wanted, given.decision.topic_sums.get(topic).copied().unwrap_or_default()))
        });
        let labelled: Vec<(bool, f64)> = labelled.collect();
        let f1 = |shift: f64| {
            let count = |right: bool, said: bool| {
                labelled
                    .iter()
                    .filter(|(wanted, sum)| *wanted == right && (sum + shift > 0.0) == said)
                    .count()
            };
            let hits = 2.0 * count(true, true) as f64;
            hits / (hits + (count(true, false) + count(false, true)) as f64).max(1.0)
        };
        let shifts = (-15..=20).map(|step| f64::from(step) / 10.0);
        let best = shifts.max_by(|&a, &b| f1(a).total_cmp(&f1(b)).then(b.abs().total_cmp(&a.abs())));
        best.filter(|&best| f1(best) > f1(0.0)).unwrap_or(0.0)
    })
}

/// The temperature that makes left-out mail likeliest, in steps of a twentieth; what is left out was judged
/// at a temperature of 1.
fn temperature(examples: &[Example], left_out: &[LeftOut]) -> f64 {
    let loss = |temperature: f64| -> f64 {
        let each = examples.iter().zip(left_out);
        each.map(|(one, given)| {
            super::model::class_loss(&given.decision.sums.map(|sum| sum / temperature), one.class.index()).0
        })
        .sum()
    };
    let steps = (10..=60).map(|step| f64::from(step) / 20.0);
    steps.min_by(|&a, &b| loss(a).total_cmp(&loss(b))).unwrap_or(1.0)
}
