//! Why a mail was decided so: the reasons of JSON v1.
//!
//! Of the rules that hit, of which hardly any mail has as many, and of the phrases, well over a hundred in a mail of a
//! few paragraphs, those that say most are reasons of their own and the rest is one together, so that all reasons still
//! add up to the sums, however many rules there are; with everything asked for, each is one.

use std::sync::LazyLock;

use super::compact::Compact;
use super::json::rounded;
use super::{Report, Rest};
use crate::rules::RuleSet;
use crate::rules::lexicon::{LEXICON, Lexicon, TARGETS};
use crate::rules::set::{OTHERS, Rule};
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class, Zone};
use crate::triage::evidence::Hit;
use crate::triage::evidence::phrases::PhraseHit;

/// Rules and phrases that are a reason of their own when not all are asked for. Hardly any mail is hit by as many rules,
/// unless there are many more than the built-in ones.
const MOST_RULES: usize = 40;
const MOST_PHRASES: usize = 10;

/// Why: a rule, the words it hit and where, and what they count.
pub(super) struct Reason<'a> {
    pub(super) rule: &'a str,
    zone: Zone,
    start: usize,
    end: usize,
    text: Words<'a>,
    points: Points<'a>,
}

/// The words of a reason.
enum Words<'a> {
    /// They stand in the mail or in the rule.
    Hit(&'a str),
    /// So many others.
    Rest(Rest),
}

/// What a reason counts.
enum Points<'a> {
    /// What the rule with this number in the set says, or nothing where it is only watched.
    Rule(&'a RuleSet, usize),
    /// What the list says of the phrase with this number.
    Phrase(&'a Lexicon<'static>, u32),
    /// What some say together.
    Sum(Box<[f64; TARGETS]>),
}

/// Every hit as a reason, those only watched with no points, and the phrases: those that say most, or with
/// `all` every one.
pub(super) fn reasons<'a>(report: &Report<'a>, all: bool) -> Vec<Reason<'a>> {
    let most = |most: usize| if all { usize::MAX } else { most };
    let mut reasons = Vec::new();
    rules(report, most(MOST_RULES), &mut reasons);
    phrases(report, most(MOST_PHRASES), &mut reasons);
    reasons
}

/// Adds the rules: so many, and the rest as one.
fn rules<'a>(report: &Report<'a>, most: usize, reasons: &mut Vec<Reason<'a>>) {
    let count = report.triage.evidence.hits.len();
    reasons.reserve(count.min(most) + MOST_PHRASES + 2);
    if count <= most {
        return reasons.extend(report.hits().map(|(hit, rule)| reason(report, hit, rule)));
    }
    // Nothing else tells of those that are only watched.
    let weight = |rule: &Rule| match rule.mode {
        Mode::Enforce => rule.all_points().iter().fold(0.0, |most: f64, points| most.max(points.abs())),
        Mode::Audit | Mode::Off => f64::INFINITY,
    };
    let chief = chief(report.hits().map(|(_, rule)| (weight(rule) * 100.0) as u32), most);
    let mut told = chief.iter().copied().peekable();
    let (mut more, mut sums) = (0, [0.0; TARGETS]);
    for (at, (hit, rule)) in report.hits().enumerate() {
        if told.next_if_eq(&at).is_some() {
            reasons.push(reason(report, hit, rule));
            continue;
        }
        more += 1;
        sums.iter_mut().zip(counted(rule)).for_each(|(sum, points)| *sum += points);
    }
    reasons.push(rest(OTHERS, Rest::Rules(more), sums));
}

/// Adds the phrases: so many, and the rest as one.
fn phrases<'a>(report: &Report<'a>, most: usize, reasons: &mut Vec<Reason<'a>>) {
    let phrases = report.triage.evidence.phrases.as_slice();
    if phrases.len() <= most {
        return reasons.extend(phrases.iter().map(|hit| phrase(report, hit)));
    }
    let lexicon = &report.rules.lexicon;
    let weights = phrases.iter().map(|hit| u32::from(lexicon.weight(hit.phrase)));
    let chief: Vec<&PhraseHit> = chief(weights, most).iter().filter_map(|&at| phrases.get(at)).collect();
    reasons.extend(chief.iter().map(|hit| phrase(report, hit)));
    let mut sums = report.triage.decision.phrase_sums;
    let told = lexicon.sums(chief.iter().map(|hit| hit.phrase));
    sums.iter_mut().zip(told).for_each(|(sum, told)| *sum -= told);
    reasons.push(rest(LEXICON, Rest::Phrases(phrases.len() - chief.len()), sums));
}

/// The places of the `most` heaviest, in their order.
fn chief(weights: impl Iterator<Item = u32>, most: usize) -> Vec<usize> {
    // The heaviest first, of two that weigh the same the earlier: what it weighs above its place.
    let weighed = |(at, weight): (u64, u32)| u64::from(u32::MAX - weight) << 32 | at;
    let mut order: Vec<u64> = (0..).zip(weights).map(weighed).collect();
    if most < order.len() {
        order.select_nth_unstable(most);
        order.truncate(most);
    }
    order.iter_mut().for_each(|weighed| *weighed &= u64::from(u32::MAX));
    order.sort_unstable();
    order.into_iter().map(|at| at as usize).collect()
}

/// What a rule counts: nothing where it is only watched.
fn counted(rule: &Rule) -> [f64; TARGETS] {
    if rule.mode == Mode::Enforce { rule.all_points() } else { [0.0; TARGETS] }
}

/// What all but the chief ones count together.
fn rest<'a>(rule: &'static str, rest: Rest, sums: [f64; TARGETS]) -> Reason<'a> {
    let points = Points::Sum(Box::new(sums));
    Reason { rule, zone: Zone::Header, start: 0, end: 0, text: Words::Rest(rest), points }
}

fn phrase<'a>(report: &Report<'a>, hit: &'a PhraseHit) -> Reason<'a> {
    Reason {
        rule: LEXICON,
        zone: hit.zone,
        start: hit.start,
        end: hit.end,
        text: Words::Hit(hit.text(&report.triage.fresh)),
        points: Points::Phrase(&report.rules.lexicon, hit.phrase),
    }
}

fn reason<'a>(report: &Report<'a>, hit: &'a Hit, rule: &'a Rule) -> Reason<'a> {
    let place = hit.first();
    Reason {
        rule: &rule.id,
        zone: place.zone,
        start: place.start,
        end: place.end,
        text: Words::Hit(place.text(&report.triage.fresh)),
        points: Points::Rule(report.rules, hit.rule()),
    }
}

impl Reason<'_> {
    pub(super) fn json(&self, line: &mut Compact) {
        match self.points {
            Points::Phrase(..) => line.raw(PHRASE_IN.get(self.zone.index()).map_or("", |head| head)),
            Points::Rule(..) | Points::Sum(_) => begin(line, self.rule, self.zone),
        }
        line.place(self.start, self.end);
        match self.text {
            Words::Hit(text) => line.text(text),
            Words::Rest(rest) => line.text(&rest.to_string()),
        }
        self.points.json(line);
    }
}

/// How a reason begins that is a phrase, by zone: there are many of them.
static PHRASE_IN: LazyLock<Vec<Box<str>>> = LazyLock::new(|| {
    let head = |&zone: &Zone| {
        let mut line = Compact::default();
        begin(&mut line, LEXICON, zone);
        line.into_text()
    };
    Zone::ALL.iter().map(head).collect()
});

/// A reason up to where it stands.
fn begin(line: &mut Compact, rule: &str, zone: Zone) {
    line.raw("{\"rule\":");
    line.text(rule);
    line.raw(",\"zone\":\"");
    line.raw(zone.as_str());
    line.raw("\",\"start\":");
}

impl Points<'_> {
    /// The end of a reason: what it counts.
    fn json(&self, line: &mut Compact) {
        // The same few hundred stand in every mail, so the text of each is kept.
        match self {
            Self::Rule(set, number) => {
                let points = set.rules.get(*number).map_or([0.0; TARGETS], counted);
                let kept = set.shown.get(set.rules.len(), *number, || (points, text(&points)));
                // Whoever changes a rule of a set in place is not shown the points of before.
                match kept {
                    Some((same, text)) if *same == points => line.raw(text),
                    _ => line.raw(&text(&points)),
                }
            }
            Self::Phrase(lexicon, phrase) => {
                line.raw(lexicon.shown(*phrase, || text(&lexicon.all_points(*phrase))));
            }
            Self::Sum(points) => write(line, points),
        }
    }
}

/// The end of a reason, as text.
fn text(points: &[f64; TARGETS]) -> Box<str> {
    // A word, a number and what goes between them are seldom longer.
    let mut text = Compact::with_capacity(TARGETS * 28);
    write(&mut text, points);
    text.into_text()
}

/// The end of a reason: points by class, then by topic, as an object of those that are not zero.
fn write(line: &mut Compact, points: &[f64; TARGETS]) {
    let words = Class::WORDS.iter().chain(Aspect::WORDS);
    let points = words.zip(points).map(|(word, &number)| (*word, rounded(number)));
    line.raw(",\"points\":");
    line.numbers(points.filter(|&(_, number)| number != 0.0));
    line.raw("}");
}
