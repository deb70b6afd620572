//! An evaluation as one JSON object, without any mail's text. Every key is always there.

use serde::Serialize;

use super::super::eval::{Bin, Matrix, Partner, RuleScore, Slice, class_word, micro_f1, owner_word};
use super::super::judge::Judged;
use super::super::labelled::{Conflict, Label, Labelled, Place};
use super::Report;
use crate::rules::source::Mode;
use crate::terms::Topic;
use crate::triage::output::json::{Calm, rounded};
use crate::triage::output::{Origin, Report as MailReport};
use crate::triage::triage;

/// The version written in `v`.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Whole<'r> {
    v: u32,
    rules: &'r str,
    mails: usize,
    left_out: LeftOut<'r>,
    class: Judgement<'r>,
    owner: Judgement<'r>,
    topics: Topics,
    calibration: Calibration,
    by: By<'r>,
    rule_scores: Vec<Rule<'r>>,
    judged: Vec<One<'r>>,
}

#[derive(Serialize)]
struct LeftOut<'r> {
    conflicts: Vec<Contradiction<'r>>,
    unlabelled: Vec<Found<'r>>,
    unmatched: Vec<Found<'r>>,
    copies: Vec<Found<'r>>,
}

#[derive(Serialize)]
struct Found<'r> {
    id: &'r str,
    place: String,
}

#[derive(Serialize)]
struct Contradiction<'r> {
    id: &'r str,
    labels: [Said; 2],
}

#[derive(Serialize)]
struct Said {
    label: String,
    place: String,
}

#[derive(Serialize)]
struct Judgement<'r> {
    mails: usize,
    right: usize,
    accuracy: Option<f64>,
    macro_f1: Option<f64>,
    unsure: usize,
    accuracy_when_sure: Option<f64>,
    labels: &'r [&'static str],
    given: &'r [&'static str],
    matrix: Vec<Vec<usize>>,
    scores: Vec<Score>,
}

#[derive(Serialize)]
struct Score {
    label: &'static str,
    labelled: usize,
    given: usize,
    right: usize,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct Topics {
    mails: usize,
    micro_f1: Option<f64>,
    scores: Vec<TopicScore>,
}

#[derive(Serialize)]
struct TopicScore {
    topic: &'static str,
    right: usize,
    wrong: usize,
    missed: usize,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct Calibration {
    error: Option<f64>,
    bins: Vec<Range>,
}

#[derive(Serialize)]
struct Range {
    from: f64,
    to: f64,
    mails: usize,
    right: usize,
    confidence: Option<f64>,
    accuracy: Option<f64>,
}

#[derive(Serialize)]
struct By<'r> {
    difficulty: Vec<Part<'r>>,
    group: Vec<Part<'r>>,
    account: Vec<Part<'r>>,
}

#[derive(Serialize)]
struct Part<'r> {
    name: &'r str,
    mails: usize,
    right: usize,
    accuracy: Option<f64>,
    owner_accuracy: Option<f64>,
    unsure: usize,
}

#[derive(Serialize)]
struct Rule<'r> {
    id: &'r str,
    mode: &'static str,
    target: String,
    points: f64,
    hits: usize,
    borne_out: usize,
    precision: Option<f64>,
    coverage: Option<f64>,
    alone: usize,
    overlap: Vec<With<'r>>,
    conflict: Vec<With<'r>>,
}

#[derive(Serialize)]
struct With<'r> {
    rule: &'r str,
    mails: usize,
}

#[derive(Serialize)]
struct One<'r> {
    id: &'r str,
    place: String,
    group: &'r str,
    label: Answer,
    given: Answer,
    confidence: f64,
    rules: Vec<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<serde_json::Value>,
}

/// Class, owner and topics, of a label or as given; `null` where a label does not say.
#[derive(Serialize)]
pub(super) struct Answer {
    class: &'static str,
    owner: Option<&'static str>,
    topics: Option<Vec<&'static str>>,
}

impl Answer {
    pub(super) fn label(label: &Label) -> Self {
        Self {
            class: label.class.as_str(),
            owner: label.owner.map(owner_word),
            topics: label.topics.as_deref().map(words),
        }
    }

    pub(super) fn given(given: &Judged) -> Self {
        Self {
            class: class_word(given.class),
            owner: Some(owner_word(given.owner)),
            topics: Some(words(&given.topics)),
        }
    }
}

fn words(topics: &[Topic]) -> Vec<&'static str> {
    topics.iter().map(|&topic| Topic::as_str(topic)).collect()
}

/// The whole evaluation, on one line.
#[must_use]
pub fn evaluation(report: &Report<'_>) -> String {
    let evaluation = report.evaluation;
    let unsure = evaluation.mails - evaluation.sure.len();
    let slices = &evaluation.slices;
    line(&Whole {
        v: VERSION,
        rules: &report.rules.hash,
        mails: evaluation.mails,
        left_out: left_out(report),
        class: judgement(&evaluation.classes, unsure, evaluation.accuracy_when_sure),
        owner: judgement(&evaluation.owners, 0, evaluation.owners.accuracy()),
        topics: topics(report),
        calibration: Calibration {
            error: evaluation.calibration.error.map(rounded),
            bins: evaluation.calibration.bins.iter().enumerate().map(range).collect(),
        },
        by: By {
            difficulty: parts(&slices.difficulty),
            group: parts(&slices.group),
            account: parts(&slices.account),
        },
        rule_scores: evaluation.rules.iter().map(|score| rule(report, score)).collect(),
        judged: (0..evaluation.mails).filter_map(|at| one(report, at)).collect(),
    })
}

/// These mails, one object a line, each with the whole of JSON v1 under `mail`: text was asked for.
#[must_use]
pub fn mails(report: &Report<'_>, mails: &[usize]) -> String {
    let with_text = |&at: &usize| {
        let mail = report.corpus.mails.get(at)?;
        let bytes = mail.mail.bytes();
        let triage = triage(&bytes, report.rules, report.context);
        let source = mail.place.path.display().to_string();
        let index = usize::try_from(mail.mail.index()).unwrap_or(usize::MAX);
        let origin = Origin { source: &source, index, offset: mail.mail.offset(), ..Origin::default() };
        let mut whole = Vec::new();
        // Writing to a vector cannot fail.
        let _ = crate::triage::output::json::write(
            &MailReport { origin, triage: &triage, rules: report.rules },
            &crate::triage::output::Columns::JSON.explained(),
            &mut whole,
        );
        Some(line(&One { mail: serde_json::from_slice(&whole).ok(), ..one(report, at)? }))
    };
    mails.iter().filter_map(with_text).collect()
}

/// A value as JSON on one line, nothing in it able to act on a terminal.
pub(super) fn line(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Calm);
    // Writing to a vector cannot fail, and no key is anything but text.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

fn left_out<'r>(report: &Report<'r>) -> LeftOut<'r> {
    let corpus = report.corpus;
    let found = |list: &'r [(String, Place)]| {
        list.iter().map(|(id, place)| Found { id, place: place.to_string() }).collect()
    };
    let said = |(label, place): &(Label, Place)| Said { label: label.to_string(), place: place.to_string() };
    let contradiction =
        |one: &'r Conflict| Contradiction { id: &one.id, labels: [said(&one.one), said(&one.other)] };
    LeftOut {
        conflicts: corpus.conflicts.iter().map(contradiction).collect(),
        unlabelled: found(&corpus.unlabelled),
        unmatched: found(&corpus.unmatched),
        copies: found(&corpus.copies),
    }
}

fn judgement(matrix: &Matrix, unsure: usize, when_sure: Option<f64>) -> Judgement<'_> {
    let row = |label: &&'static str| matrix.given.iter().map(|given| matrix.count(label, given)).collect();
    let score = |score: super::super::eval::Score| Score {
        label: score.label,
        labelled: score.labelled,
        given: score.given,
        right: score.right,
        precision: score.precision.map(rounded),
        recall: score.recall.map(rounded),
        f1: score.f1.map(rounded),
    };
    Judgement {
        mails: matrix.total(),
        right: matrix.right(),
        accuracy: matrix.accuracy().map(rounded),
        macro_f1: matrix.macro_f1().map(rounded),
        unsure,
        accuracy_when_sure: when_sure.map(rounded),
        labels: &matrix.labels,
        given: &matrix.given,
        matrix: matrix.labels.iter().map(row).collect(),
        scores: matrix.scores().into_iter().map(score).collect(),
    }
}

fn topics(report: &Report<'_>) -> Topics {
    let evaluation = report.evaluation;
    let scores = Topic::WORDS.iter().zip(&evaluation.topics).map(|(topic, score)| TopicScore {
        topic,
        right: score.right.len(),
        wrong: score.wrong.len(),
        missed: score.missed.len(),
        precision: score.precision().map(rounded),
        recall: score.recall().map(rounded),
        f1: score.f1().map(rounded),
    });
    Topics {
        mails: evaluation.with_topics,
        micro_f1: micro_f1(&evaluation.topics).map(rounded),
        scores: scores.collect(),
    }
}

fn range((number, bin): (usize, &Bin)) -> Range {
    Range {
        from: rounded(number as f64 / 10.0),
        to: rounded((number + 1) as f64 / 10.0),
        mails: bin.mails.len(),
        right: bin.right,
        confidence: bin.mean_confidence().map(rounded),
        accuracy: bin.accuracy().map(rounded),
    }
}

fn parts(slices: &[(String, Slice)]) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(slices.len());
    for (name, slice) in slices {
        parts.push(Part {
            name,
            mails: slice.mails.len(),
            right: slice.right,
            accuracy: slice.accuracy().map(rounded),
            owner_accuracy: slice.owner_accuracy().map(rounded),
            unsure: slice.unsure,
        });
    }
    parts
}

fn rule<'r>(report: &Report<'r>, score: &'r RuleScore) -> Rule<'r> {
    let name = |rule: usize| report.rules.rules.get(rule).map_or("", |rule| rule.id.as_ref());
    let with = |partners: &[Partner]| -> Vec<With<'r>> {
        partners.iter().map(|one| With { rule: name(one.rule), mails: one.mails }).collect()
    };
    Rule {
        id: &score.id,
        mode: match score.mode {
            Mode::Enforce => "enforce",
            Mode::Audit => "audit",
            Mode::Off => "off",
        },
        target: score.target.to_string(),
        points: rounded(score.points),
        hits: score.hits.len(),
        borne_out: score.borne_out.1,
        precision: score.precision().map(rounded),
        coverage: score.coverage(report.evaluation.mails).map(rounded),
        alone: score.alone.len(),
        overlap: with(&score.overlap),
        conflict: with(&score.conflict),
    }
}

fn one<'r>(report: &Report<'r>, at: usize) -> Option<One<'r>> {
    let (mail, given): (&Labelled, &Judged) = (report.corpus.mails.get(at)?, report.judged.get(at)?);
    let rules = given.hits.iter().filter_map(|&rule| report.rules.rules.get(rule));
    Some(One {
        id: &mail.id,
        place: mail.place.to_string(),
        group: &mail.group,
        label: Answer::label(&mail.label),
        given: Answer::given(given),
        confidence: rounded(given.confidence),
        rules: rules.map(|rule| rule.id.as_ref()).collect(),
        mail: None,
    })
}
