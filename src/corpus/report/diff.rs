//! What a change of the rules did, as text or JSON: ids, and of the mails only the words that rules hit.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::super::diff::{Cause, Changed, Diff, Kind, Reason};
use super::super::eval::{class_word, owner_word};
use super::super::judge::Judged;
use super::super::kept::Standing;
use super::json::{Answer, line};
use super::mails::{label_line, words};
use super::{counted, percent};
use crate::terms::{Aspect, Class, Topic};
use crate::triage::output::escape;
use crate::triage::output::json::rounded;

/// Words of one hit shown.
const WORDS: usize = 60;

/// Reasons shown of one mail.
const REASONS: usize = 4;

/// Mails shown of one cause, unless all are asked for.
const MAILS: usize = 50;

/// Mails shown of one cause of what changed since the last save.
const MAILS_SINCE: usize = 3;

/// The version written in `v`.
pub const VERSION: u32 = 1;

/// The mails by cause, with the evidence that changed; at most fifty mails a cause unless `all`.
#[must_use]
pub fn text(diff: &Diff, all: bool, color: bool) -> String {
    let mut text = format!("{}\n", summary(diff));
    let most = if all { usize::MAX } else { MAILS };
    causes(diff, |_| true, most, color, &mut text);
    text
}

/// How right rules are, in one line.
#[must_use]
pub fn standing(now: &Standing) -> String {
    let mails = counted(now.mails, "mail");
    if now.labelled == 0 {
        return format!("{mails}, none labelled\n\n");
    }
    let right = percent(Some(now.right as f64 / now.labelled as f64));
    format!("{mails}, {} labelled: {right} right, macro-F1 {:.3}\n\n", now.labelled, now.macro_f1)
}

/// What changed since the last save, decisions only, with a few mails of each cause.
#[must_use]
pub fn since(diff: &Diff, before: &Standing, now: &Standing, color: bool) -> String {
    let bold = if color { Style::new().bold() } else { Style::new() };
    let mut text = format!("{bold}since the last save{bold:#}: {}\n", summary(diff));
    if now.labelled > 0 {
        let more = now.right as i64 - before.right as i64;
        let (was, is) = (before.macro_f1, now.macro_f1);
        let _ =
            writeln!(text, "{} right ({more:+}), macro-F1 {was:.3} → {is:.3} ({:+.3})", now.right, is - was);
    }
    causes(diff, |changed| changed.kind.is_decision(), MAILS_SINCE, color, &mut text);
    text.push('\n');
    text
}

/// The mails wanted by cause, so many of each.
fn causes(diff: &Diff, wanted: impl Fn(&Changed) -> bool, most: usize, color: bool, text: &mut String) {
    for (cause, mut group) in diff.by_cause() {
        group.retain(|changed| wanted(changed));
        if group.is_empty() {
            continue;
        }
        let counts: Vec<String> = Kind::ALL
            .iter()
            .map(|kind| (group.iter().filter(|changed| changed.kind == *kind).count(), kind.as_str()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let bold = if color { Style::new().bold() } else { Style::new() };
        let cause = cause.to_string();
        let cause = escape::line(&cause);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{bold}{cause}{bold:#}: {}", counts.join(", "));
        group.iter().take(most).for_each(|changed| one(changed, color, text));
        if group.len() > most {
            let _ = writeln!(text, "  and {} more; `postroom diff --all` shows them", group.len() - most);
        }
    }
}

/// One line: how many mails changed, and how.
#[must_use]
pub fn summary(diff: &Diff) -> String {
    let mails = counted(diff.mails, "mail");
    if diff.changed.is_empty() {
        return format!("nothing changed in {mails}");
    }
    let kinds: Vec<String> =
        Kind::ALL.iter().map(|&kind| format!("{} {}", diff.count(kind), kind.as_str())).collect();
    let owners = diff.changed.iter().filter(|changed| changed.owner_differs()).count();
    format!("{mails}, {} labelled: {}; owner changed on {owners}", diff.labelled, kinds.join(", "))
}

// Writing to a string cannot fail.
fn one(changed: &Changed, color: bool, text: &mut String) {
    let style = match changed.kind {
        _ if !color => Style::new(),
        Kind::Broken => AnsiColor::Red.on_default(),
        Kind::Fixed => AnsiColor::Green.on_default(),
        Kind::Moved => AnsiColor::Yellow.on_default(),
        Kind::Topics | Kind::Surer | Kind::LessSure => Style::new().dimmed(),
    };
    let kind = changed.kind.as_str();
    let _ = writeln!(
        text,
        "  {style}{kind:<9}{style:#} {}  {}",
        escape::line(&changed.id),
        escape::line(&changed.place.to_string())
    );
    let label =
        changed.label.as_ref().map_or(String::new(), |label| format!("; label {}", label_line(label)));
    let _ = writeln!(text, "            {}{label}", change(changed));
    for reason in changed.reasons.iter().take(REASONS) {
        let _ = writeln!(text, "            {}", reason_line(reason, changed));
    }
    if changed.reasons.len() > REASONS {
        let _ =
            writeln!(text, "            and {}", counted(changed.reasons.len() - REASONS, "weaker cause"));
    }
}

/// What differs, before and after.
fn change(changed: &Changed) -> String {
    let (before, after) = (&changed.before, &changed.after);
    let sure = |one: &Judged| format!("{} {}", class_word(one.class), percent(Some(one.confidence)));
    let mut parts = vec![format!("{} → {}", sure(before), sure(after))];
    if changed.owner_differs() {
        parts.push(format!("owner {} → {}", owner_word(before.owner), owner_word(after.owner)));
    }
    if before.topics != after.topics {
        let some = |topics: &[Topic]| if topics.is_empty() { "none".to_owned() } else { words(topics) };
        parts.push(format!("topics {} → {}", some(&before.topics), some(&after.topics)));
    }
    parts.join("; ")
}

fn reason_line(reason: &Reason, changed: &Changed) -> String {
    let Some(rule) = &reason.rule else { return escape::line(&reason.cause.to_string()).into_owned() };
    let words: String = escape::line(&reason.words).chars().take(WORDS).collect();
    let classes = [changed.before.best, changed.after.best];
    let mut points: Vec<(&str, f64)> = points(reason);
    // The classes between which it went come first; the rest follow by size.
    let told = |word: &str| classes.iter().any(|class| class.as_str() == word);
    points.sort_by(|a, b| told(b.0).cmp(&told(a.0)).then(b.1.abs().total_cmp(&a.1.abs())));
    let points: Vec<String> =
        points.iter().take(4).map(|(word, points)| format!("{word} {points:+.2}")).collect();
    let edits = match &reason.cause {
        Cause::Rule(_, _) => {
            reason.cause.to_string().split_once(": ").map_or(String::new(), |(_, edits)| edits.to_owned())
        }
        cause => cause.to_string(),
    };
    format!("{} “{words}” ({edits}): {}", escape::line(rule), points.join(", "))
}

fn points(reason: &Reason) -> Vec<(&'static str, f64)> {
    let classes = Class::WORDS.iter().copied().zip(reason.points);
    let both = classes.chain(Aspect::WORDS.iter().copied().zip(reason.topics));
    both.map(|(word, points)| (word, rounded(points))).filter(|(_, points)| *points != 0.0).collect()
}

#[derive(Serialize)]
struct Whole<'d> {
    v: u32,
    base: &'d str,
    new: &'d str,
    mails: usize,
    labelled: usize,
    counts: BTreeMap<&'static str, usize>,
    owner_changed: usize,
    causes: Vec<Group<'d>>,
    changed: Vec<Mail<'d>>,
}

#[derive(Serialize)]
struct Group<'d> {
    cause: String,
    counts: BTreeMap<&'static str, usize>,
    mails: Vec<&'d str>,
}

#[derive(Serialize)]
struct Mail<'d> {
    id: &'d str,
    place: String,
    kind: &'static str,
    label: Option<Answer>,
    before: Side,
    after: Side,
    reasons: Vec<Why<'d>>,
}

#[derive(Serialize)]
struct Side {
    #[serde(flatten)]
    answer: Answer,
    confidence: f64,
}

#[derive(Serialize)]
struct Why<'d> {
    cause: String,
    rule: Option<&'d str>,
    text: &'d str,
    points: BTreeMap<&'static str, f64>,
}

/// The same as one JSON object; `base` and `new` are the hashes of the rules. Every key is always there.
#[must_use]
pub fn json(diff: &Diff, base: &str, new: &str) -> String {
    let counts = |group: &[&Changed]| {
        let count = |kind: &Kind| group.iter().filter(|changed| changed.kind == *kind).count();
        Kind::ALL.iter().map(|kind| (kind.as_str(), count(kind))).collect()
    };
    let all: Vec<&Changed> = diff.changed.iter().collect();
    let mut causes = Vec::new();
    for (cause, group) in diff.by_cause() {
        let mails = group.iter().map(|changed| changed.id.as_str()).collect();
        causes.push(Group { cause: cause.to_string(), counts: counts(&group), mails });
    }
    line(&Whole {
        v: VERSION,
        base,
        new,
        mails: diff.mails,
        labelled: diff.labelled,
        counts: counts(&all),
        owner_changed: all.iter().filter(|changed| changed.owner_differs()).count(),
        causes,
        changed: diff.changed.iter().map(mail).collect(),
    })
}

fn mail(changed: &Changed) -> Mail<'_> {
    let side =
        |judged: &Judged| Side { answer: Answer::given(judged), confidence: rounded(judged.confidence) };
    Mail {
        id: &changed.id,
        place: changed.place.to_string(),
        kind: changed.kind.as_str(),
        label: changed.label.as_ref().map(Answer::label),
        before: side(&changed.before),
        after: side(&changed.after),
        reasons: changed.reasons.iter().map(why).collect(),
    }
}

fn why(reason: &Reason) -> Why<'_> {
    Why {
        cause: reason.cause.to_string(),
        rule: reason.rule.as_deref(),
        text: &reason.words,
        points: points(reason).into_iter().collect(),
    }
}
