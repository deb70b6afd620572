//! Each rule's own record: how often it hits, how often it is right, who it hits with.

use super::super::judge::Judged;
use super::super::labelled::{Label, Labelled};
use super::share;
use crate::rules::RuleSet;
use crate::rules::set::Rule;
use crate::rules::source::Mode;
use crate::terms::{Class, Topic};

/// Partners named for each rule.
const PARTNERS: usize = 3;

/// What a rule speaks for: the class it gives most points to, else the class it takes most from, else the
/// same with topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// For a class.
    Class(Class),
    /// Against a class.
    NotClass(Class),
    /// For a topic.
    Topic(Topic),
    /// Against a topic.
    NotTopic(Topic),
    /// For nothing: it has no points.
    Nothing,
}

impl Target {
    /// What a rule speaks for, and how many points it gives that.
    #[must_use]
    pub fn of(rule: &Rule) -> (Self, f64) {
        let most = |points: &[f64]| {
            let best = points.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
            let worst = points.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(&b.0)));
            let best = best.filter(|(_, points)| **points > 0.0).map(|(at, points)| (at, *points, true));
            best.or(worst.filter(|(_, points)| **points < 0.0).map(|(at, points)| (at, *points, false)))
        };
        if let Some((at, points, plus)) = most(&rule.points)
            && let Some(&class) = Class::ALL.get(at)
        {
            return (if plus { Self::Class(class) } else { Self::NotClass(class) }, points);
        }
        if let Some((at, points, plus)) = most(&rule.topics[..Topic::ALL.len()])
            && let Some(&topic) = Topic::ALL.get(at)
        {
            return (if plus { Self::Topic(topic) } else { Self::NotTopic(topic) }, points);
        }
        (Self::Nothing, 0.0)
    }

    /// Whether a label bears the rule out; `None` when the label does not say.
    #[must_use]
    pub fn holds(self, label: &Label) -> Option<bool> {
        let has = |topic: Topic| label.topics.as_ref().map(|topics| topics.contains(&topic));
        match self {
            Self::Class(class) => Some(label.class == class),
            Self::NotClass(class) => Some(label.class != class),
            Self::Topic(topic) => has(topic),
            Self::NotTopic(topic) => has(topic).map(|has| !has),
            Self::Nothing => None,
        }
    }

    /// Whether two rules pull apart: for two classes, or one for and one against the same thing.
    #[must_use]
    pub fn opposes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Class(one), Self::Class(two)) => one != two,
            (Self::Class(one), Self::NotClass(two)) | (Self::NotClass(one), Self::Class(two)) => one == two,
            (Self::Topic(one), Self::NotTopic(two)) | (Self::NotTopic(one), Self::Topic(two)) => one == two,
            _ => false,
        }
    }
}

/// The class or topic, with `not ` before it when the rule speaks against it.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class(class) => f.pad(class.as_str()),
            Self::Topic(topic) => f.pad(topic.as_str()),
            Self::NotClass(class) => f.pad(&format!("not {class}")),
            Self::NotTopic(topic) => f.pad(&format!("not {topic}")),
            Self::Nothing => f.pad("-"),
        }
    }
}

/// One rule's record.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleScore {
    /// Its id.
    pub id: String,
    /// Whether it counts or is only watched.
    pub mode: Mode,
    /// What it speaks for.
    pub target: Target,
    /// The points it gives that.
    pub points: f64,
    /// The mails it hits.
    pub hits: Vec<usize>,
    /// How many of them have a label that can bear it out, and how many of those do.
    pub borne_out: (usize, usize),
    /// Mails on which no other rule with points for a class hit.
    pub alone: Vec<usize>,
    /// The rules that hit most of the same mails.
    pub overlap: Vec<Partner>,
    /// The rules that speak for something else on the same mails.
    pub conflict: Vec<Partner>,
}

/// Another rule that hit the same mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its index in the rule set.
    pub rule: usize,
    /// On how many mails both hit.
    pub mails: usize,
}

impl RuleScore {
    /// Share of its hits that the labels bear out.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.borne_out.1, self.borne_out.0)
    }

    /// Share of all mails that it hits.
    #[must_use]
    pub fn coverage(&self, mails: usize) -> Option<f64> {
        share(self.hits.len(), mails)
    }
}

pub(super) fn rules(mails: &[Labelled], judged: &[Judged], rules: &RuleSet) -> Vec<RuleScore> {
    let size = rules.rules.len();
    let mut scores: Vec<RuleScore> = rules.rules.iter().map(empty).collect();
    let speaks = |rule: &usize| {
        let rule = rules.rules.get(*rule);
        rule.is_some_and(|rule| rule.mode == Mode::Enforce && rule.points.iter().any(|&points| points != 0.0))
    };
    // Row by row: on how many mails two rules hit together.
    let mut together = vec![0_usize; size * size];
    for (at, (mail, given)) in mails.iter().zip(judged).enumerate() {
        let mut speakers = given.hits.iter().copied().filter(speaks);
        let only = speakers.next().filter(|_| speakers.next().is_none());
        for &hit in &given.hits {
            let Some(score) = scores.get_mut(hit) else { continue };
            score.hits.push(at);
            if let Some(holds) = score.target.holds(&mail.label) {
                score.borne_out.0 += 1;
                score.borne_out.1 += usize::from(holds);
            }
            if only == Some(hit) {
                score.alone.push(at);
            }
            for &other in &given.hits {
                if let Some(count) = together.get_mut(hit * size + other) {
                    *count += 1;
                }
            }
        }
    }
    let targets: Vec<Target> = scores.iter().map(|score| score.target).collect();
    for (rule, score) in scores.iter_mut().enumerate() {
        let row = together.get(rule * size..(rule + 1) * size).unwrap_or_default();
        let most = |wanted: &dyn Fn(usize) -> bool| {
            let partners = row.iter().enumerate().map(|(rule, &mails)| Partner { rule, mails });
            let mut found: Vec<Partner> =
                partners.filter(|one| one.rule != rule && one.mails > 0 && wanted(one.rule)).collect();
            found.sort_by(|a, b| b.mails.cmp(&a.mails).then(a.rule.cmp(&b.rule)));
            found.truncate(PARTNERS);
            found
        };
        let opposes = |other: usize| targets.get(other).is_some_and(|other| score.target.opposes(*other));
        score.conflict = most(&opposes);
        score.overlap = most(&|other| !opposes(other));
    }
    scores
}

fn empty(rule: &Rule) -> RuleScore {
    let (target, points) = Target::of(rule);
    RuleScore {
        id: rule.id.clone().into_owned(),
        mode: rule.mode,
        target,
        points,
        hits: Vec::new(),
        borne_out: (0, 0),
        alone: Vec::new(),
        overlap: Vec::new(),
        conflict: Vec::new(),
    }
}
