//! Text for a person: what the mail is, whose it is, and in plain sight why.
//!
//! Takes a [`Report`] and a [`Look`] and writes lines no wider than asked, as far as words allow. Mail
//! text goes through [`escape`] first. Colour only adds: whatever it says, brackets,
//! numbers and words say too.

use std::io::{self, Write};

use super::{Look, NOBODY, Report, escape, owner_word};
use crate::terms::{Class, Topic};
use crate::triage::message::Address;
use crate::triage::route::Assignee;
use paint::{Paint, fit, percent};

pub(super) mod paint;
mod points;
pub(crate) mod zones;

/// Least width written for; narrower terminals wrap.
pub const MIN_WIDTH: usize = 60;

/// How much to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Two lines a mail.
    Short,
    /// Class, owner, reasons, the mail in zones, points of the best two classes.
    Medium,
    /// All of that with nothing folded, every class and the rules that are only watched.
    Full,
}

/// Writes one mail.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, detail: Detail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint::new(look);
    let mut text = String::new();
    if detail == Detail::Short {
        short(report, &paint, &mut text);
    } else {
        headline(report, &paint, &mut text);
        verdict(report, &paint, &mut text);
        people(report, &paint, &mut text);
        why(report, &paint, &mut text);
        zones::write(report, detail, &paint, &mut text);
        points::write(report, detail, &paint, &mut text);
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}

/// Two lines: class, confidence, owner, subject; then sender, account, topics.
fn short(report: &Report<'_>, paint: &Paint, text: &mut String) {
    let triage = report.triage;
    let word = triage.decision.word();
    let subject = subject(report);
    let left = paint.width.saturating_sub(20 + 7 + 6);
    text.push_str(&paint.class(&format!("{word:<20}")));
    text.push_str(&format!(" {:>5}  ", percent(triage.decision.confidence())));
    text.push_str(&paint.strong(&format!("{:<4} ", owner_word(&triage.route))));
    text.push_str(&fit(subject, left));
    text.push('\n');
    let mut facts = vec![sender(triage.message.from.as_ref())];
    facts.extend(report.account().map(|account| account.name.clone()));
    if !triage.decision.topics.is_empty() {
        facts.push(topics(&triage.decision.topics));
    }
    text.push_str(&paint.dim(&format!("    {}", fit(&facts.join(" · "), paint.width - 4))));
    text.push('\n');
}

fn headline(report: &Report<'_>, paint: &Paint, text: &mut String) {
    let message = &report.triage.message;
    let source = if report.origin.source == "-" { "standard input" } else { report.origin.source };
    let title = fit(&format!("{source}, mail {}", report.origin.index + 1), paint.width - 8);
    let rule = "─".repeat(paint.width.saturating_sub(paint::columns(&title) + 4));
    text.push_str(&paint.dim(&format!("── {title} {rule}")));
    text.push('\n');
    let mut rows = vec![
        ("from", sender(message.from.as_ref())),
        ("subject", subject(report).to_owned()),
        ("date", message.date.clone().unwrap_or_else(|| "none given".to_owned())),
    ];
    if !message.defects.is_empty() {
        let defects: Vec<_> = message.defects.iter().map(|defect| defect.as_str()).collect();
        rows.push(("defects", defects.join(", ")));
    }
    for (name, value) in rows {
        label(name, paint, text);
        let value = fit(&value, paint.width - LABEL);
        text.push_str(&if name == "subject" { paint.strong(&value) } else { value });
        text.push('\n');
    }
    text.push('\n');
}

/// The class with its probability as a bar, and the runner-up or what was missing.
fn verdict(report: &Report<'_>, paint: &Paint, text: &mut String) {
    const BAR: usize = 20;
    let decision = &report.triage.decision;
    let confidence = decision.confidence();
    let cells = ((confidence * BAR as f64).round() as usize).min(BAR);
    label("class", paint, text);
    text.push_str(&paint.class(&paint.strong(decision.word())));
    text.push_str("  ");
    text.push_str(&paint.class(&"█".repeat(cells)));
    text.push_str(&paint.dim(&"░".repeat(BAR - cells)));
    let next = decision.probabilities[decision.runner_up.index()];
    text.push_str(&format!(" {}\n", percent(confidence)));
    label("", paint, text);
    let table = &report.rules.decision;
    let words = if decision.class.is_some() {
        format!("next: {} {}", decision.runner_up, percent(next))
    } else {
        format!(
            "best: {} {} (needs {}), {} ahead of {} (needs {})",
            decision.best,
            percent(confidence),
            percent(table.probability),
            percent(confidence - next),
            decision.runner_up,
            percent(table.margin)
        )
    };
    paragraph(&words, paint, text);
    label("topics", paint, text);
    text.push_str(&topics(&decision.topics));
    text.push_str("\n\n");
}

/// Owner, validators, informed, account.
fn people(report: &Report<'_>, paint: &Paint, text: &mut String) {
    let route = &report.triage.route;
    label("owner", paint, text);
    let owner = route.owner.as_ref().map_or_else(|| NOBODY.to_owned(), person);
    text.push_str(&paint.strong(&fit(&owner, paint.width - LABEL)));
    text.push('\n');
    for (name, list) in [("validate", &route.validate), ("inform", &route.inform)] {
        label(name, paint, text);
        let list: Vec<String> = list.iter().map(person).collect();
        let list = if list.is_empty() { NOBODY.to_owned() } else { list.join(", ") };
        text.push_str(&fit(&list, paint.width - LABEL));
        text.push('\n');
    }
    label("account", paint, text);
    let account = report.account().map_or_else(
        || "unknown".to_owned(),
        |account| format!("{} ({}), sender {}", account.name, account.id, route.sender.as_str()),
    );
    text.push_str(&fit(&account, paint.width - LABEL));
    text.push_str("\n\n");
}

/// What decided the routing, step by step.
fn why(report: &Report<'_>, paint: &Paint, text: &mut String) {
    for (at, step) in report.triage.route.steps.iter().enumerate() {
        label(if at == 0 { "why" } else { "" }, paint, text);
        paragraph(&format!("{}  ({})", step.why, step.id), paint, text);
    }
    if !report.triage.route.steps.is_empty() {
        text.push('\n');
    }
}

/// Columns of the names on the left.
const LABEL: usize = 12;

fn label(name: &str, paint: &Paint, text: &mut String) {
    text.push_str(&paint.dim(&format!("{name:<LABEL$}")));
}

/// Words broken into lines, each after the first set in under the first.
fn paragraph(words: &str, paint: &Paint, text: &mut String) {
    let words = escape::line(words);
    let mut column = 0;
    for word in words.split_whitespace() {
        let wide = paint::columns(word);
        if column > 0 && column + 1 + wide > paint.width - LABEL {
            text.push('\n');
            text.push_str(&" ".repeat(LABEL));
            column = 0;
        }
        if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += wide;
    }
    text.push('\n');
}

fn subject<'a>(report: &Report<'a>) -> &'a str {
    let subject: &'a str = &report.triage.message.subject;
    if subject.is_empty() { "(no subject)" } else { subject }
}

fn sender(from: Option<&Address<'_>>) -> String {
    match from {
        None => "(no sender)".to_owned(),
        Some(from) if from.name.is_empty() => from.address.to_string(),
        Some(from) => format!("{} <{}>", from.name, from.address),
    }
}

fn person(who: &Assignee) -> String {
    match &who.address {
        Some(address) => format!("{} {address}", who.role),
        None => format!("{} (nobody named)", who.role),
    }
}

fn topics(topics: &[Topic]) -> String {
    if topics.is_empty() {
        return "none".to_owned();
    }
    topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().join(", ")
}

/// The classes a table has columns for: the best two, or all of them, best first.
fn columns(report: &Report<'_>, all: bool) -> Vec<Class> {
    let decision = &report.triage.decision;
    let mut classes = vec![decision.best, decision.runner_up];
    if all {
        let mut rest: Vec<Class> =
            Class::ALL.iter().copied().filter(|class| !classes.contains(class)).collect();
        rest.sort_by(|a, b| decision.sums[b.index()].total_cmp(&decision.sums[a.index()]));
        classes.extend(rest);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn text(sample: &sample::Sample, detail: Detail, width: usize, color: bool) -> String {
        let mut out = Vec::new();
        write(&sample.report(), detail, Look { width, color }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn short_is_two_lines() {
        assert_eq!(
            text(&sample::question(), Detail::Short, 80, false),
            "delivery-question      81%  pm   Re: Homepage, again\n    \
             Anna Wills <anna@larkmoor.example> · Larkmoor Hotels · timeline, commitment\n"
        );
        assert_eq!(
            text(&sample::nothing(), Detail::Short, 80, false),
            "unsure                 29%  none (no subject)\n    (no sender)\n"
        );
    }

    #[test]
    fn medium_tells_the_whole_story() {
        let shown = text(&sample::question(), Detail::Medium, 80, false);
        assert_eq!(shown, include_str!("medium.txt"), "\n{shown}");
    }

    #[test]
    fn evidence_in_a_folded_zone_is_shown() {
        let mut sample = sample::question();
        sample.quote("menu");
        let shown = text(&sample, Detail::Medium, 80, false);
        let map =
            "quoted    │ … 2 lines quoted (attribution line)\n          │ > Just the [menu]⁴ is left.\n";
        assert!(shown.contains(map), "{shown}");
    }

    #[test]
    fn full_folds_nothing_and_shows_what_is_watched() {
        let shown = text(&sample::question(), Detail::Full, 120, false);
        assert!(shown.contains("> Just the menu is left.") && !shown.contains("lines quoted"), "{shown}");
        assert!(shown.contains("watched") && shown.contains("audit"), "{shown}");
        for class in Class::WORDS {
            assert!(shown.contains(class.split('-').next().unwrap()));
        }
    }

    #[test]
    fn lines_keep_to_the_width_and_nothing_acts_on_the_terminal() {
        for sample in [sample::question(), sample::nothing()] {
            for detail in [Detail::Short, Detail::Medium, Detail::Full] {
                for width in [10, 60, 61, 80, 97, 200] {
                    let shown = text(&sample, detail, width, false);
                    for line in shown.lines() {
                        assert!(line.width() <= width.max(MIN_WIDTH), "{width}: {line}");
                    }
                    assert!(!shown.replace('\n', "").chars().any(char::is_control));
                }
            }
        }
    }

    #[test]
    fn colour_only_adds() {
        for detail in [Detail::Short, Detail::Medium, Detail::Full] {
            let plain = text(&sample::question(), detail, 80, false);
            let mut painted = text(&sample::question(), detail, 80, true);
            assert!(painted.contains('\u{1b}'));
            // What is left without the escapes differs by the brackets that stand in for underlines.
            while let Some(start) = painted.find("\u{1b}[") {
                let end = painted[start..].find('m').unwrap();
                painted.replace_range(start..=start + end, "");
            }
            let words = |text: &str| text.replace(['[', ']'], "").split_whitespace().collect::<String>();
            assert_eq!(words(&painted), words(&plain));
        }
    }

    #[test]
    fn unsure_says_what_was_missing() {
        let mut sample = sample::nothing();
        sample.rules.decision.probability = 0.6;
        let shown = text(&sample, Detail::Medium, 80, false);
        assert!(shown.contains("unsure") && shown.contains("(needs 60%)"), "{shown}");
    }
}
