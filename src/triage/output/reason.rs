//! Why a mail was decided so: the reasons of JSON v1.
//!
//! Every rule that hit is one. Of the phrases, well over a hundred in a mail of a few paragraphs, those that say
//! most are reasons of their own and the rest is one together, so that all reasons still add up to the sums;
//! with everything asked for, each is one.

use std::sync::LazyLock;

use super::compact::Compact;
use super::json::rounded;
use super::{Report, more_phrases};
use crate::rules::RuleSet;
use crate::rules::lexicon::{LEXICON, Lexicon, TARGETS};
use crate::rules::set::Rule;
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class, Zone};
use crate::triage::evidence::Hit;
use crate::triage::evidence::phrases::PhraseHit;

/// Phrases that are a reason of their own when not all are asked for.
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
    /// So many phrases.
    Rest(usize),
}

/// What a reason counts.
enum Points<'a> {
    /// What the rule with this number in the set says, or nothing where it is only watched.
    Rule(&'a RuleSet, usize),
    /// What the list says of the phrase with this number.
    Phrase(&'a Lexicon<'static>, u32),
    /// What some phrases say together.
    Sum(Box<[f64; TARGETS]>),
}

/// Every hit as a reason, those only watched with no points, and the phrases: those that say most, or with
/// `all` every one.
pub(super) fn reasons<'a>(report: &Report<'a>, all: bool) -> Vec<Reason<'a>> {
    let hits = &report.triage.evidence.hits;
    let phrases = report.triage.evidence.phrases.as_slice();
    let mut reasons = Vec::with_capacity(hits.len() + phrases.len());
    reasons.extend(report.hits().map(|(hit, rule)| reason(report, hit, rule)));
    if all || phrases.len() <= MOST_PHRASES {
        reasons.extend(phrases.iter().map(|hit| phrase(report, hit)));
    } else {
        let chief = chief(&report.rules.lexicon, phrases);
        reasons.extend(chief.iter().map(|hit| phrase(report, hit)));
        reasons.push(rest(report, phrases.len() - chief.len(), &chief));
    }
    reasons
}

/// The phrases of the largest points, in the order they stand in.
fn chief<'a>(lexicon: &Lexicon<'_>, phrases: &'a [PhraseHit]) -> Vec<&'a PhraseHit> {
    // The heaviest first, of two that weigh the same the earlier: what it weighs above its place.
    let weighed = |(at, hit): (u64, &PhraseHit)| u64::from(u16::MAX - lexicon.weight(hit.phrase)) << 32 | at;
    let mut order: Vec<u64> = (0..).zip(phrases).map(weighed).collect();
    if MOST_PHRASES < order.len() {
        order.select_nth_unstable(MOST_PHRASES);
        order.truncate(MOST_PHRASES);
    }
    order.iter_mut().for_each(|weighed| *weighed &= u64::from(u32::MAX));
    order.sort_unstable();
    order.iter().filter_map(|&at| phrases.get(at as usize)).collect()
}

/// What so many phrases count together, which are all but the chief ones.
fn rest<'a>(report: &Report<'a>, count: usize, chief: &[&PhraseHit]) -> Reason<'a> {
    let mut sums = report.triage.decision.phrase_sums;
    let told = report.rules.lexicon.sums(chief.iter().map(|hit| hit.phrase));
    sums.iter_mut().zip(told).for_each(|(sum, told)| *sum -= told);
    Reason {
        rule: LEXICON,
        zone: Zone::Header,
        start: 0,
        end: 0,
        text: Words::Rest(count),
        points: Points::Sum(Box::new(sums)),
    }
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
            Words::Rest(count) => line.text(&more_phrases(count)),
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
                let enforced = set.rules.get(*number).filter(|rule| rule.mode == Mode::Enforce);
                let points = enforced.map_or([0.0; TARGETS], Rule::all_points);
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
