//! The mails of the page: a line each, and those not judged right in full, zones named, evidence marked.

use std::fmt::Write as _;

use super::super::mails::{label_line, spelt};
use super::super::{Report, percent};
use super::escape;
use crate::corpus::eval::{class_word, owner_word};
use crate::corpus::judge::Judged;
use crate::corpus::labelled::Labelled;
use crate::rules::lexicon::LEXICON;
use crate::terms::{Aspect, Class};
use crate::triage::output::text::zones::{self, Run};
use crate::triage::output::{self, Origin};
use crate::triage::{Triage, triage};

/// Bytes of one zone shown.
const LONGEST: usize = 20_000;

// Writing to a string cannot fail, here and below.
pub(super) fn list(report: &Report<'_>, page: &mut String) {
    let wrong = report.evaluation.classes.wrong().len();
    let _ = write!(
        page,
        "<section id=\"mails\">\n<h2>Mails: <span id=\"said\" aria-live=\"polite\">not sorted right ({wrong})</span></h2>\n\
         <div class=\"bar\"><button data-show=\"mistakes\" data-words=\"not sorted right\">Not sorted right</button>\
         <button data-show=\"all\" data-words=\"all\">All</button></div>\n"
    );
    for (at, (mail, given)) in report.corpus.mails.iter().zip(report.judged).enumerate() {
        let bytes = mail.mail.bytes();
        let triage = triage(&bytes, report.rules, report.context);
        one(report, at, (mail, given), &triage, page);
    }
    page.push_str("</section>\n");
}

fn one(
    report: &Report<'_>,
    at: usize,
    (mail, given): (&Labelled, &Judged),
    triage: &Triage<'_>,
    page: &mut String,
) {
    let (label, class) = (mail.label.class.as_str(), class_word(given.class));
    let right = given.class == Some(mail.label.class);
    let owner_wrong = mail.label.owner.is_some_and(|owner| owner != given.owner);
    let rules: Vec<String> = given.hits.iter().map(ToString::to_string).collect();
    let mut data = format!("data-c=\"{label} {class}\" data-r=\"{}\"", rules.join(" "));
    if let Some(owner) = mail.label.owner {
        let _ = write!(data, " data-o=\"{} {}\"", owner_word(owner), owner_word(given.owner));
    }
    let what = match (right, owner_wrong) {
        (false, _) => format!("{label} → {class} ({})", percent(Some(given.confidence))),
        (true, true) => format!(
            "{label}; owner {} → {}",
            mail.label.owner.map_or("", owner_word),
            owner_word(given.owner)
        ),
        (true, false) => label.to_owned(),
    };
    let subject = escape::text(&triage.message.subject);
    let line = format!(
        "<span class=\"what\">{what}</span><bdi>{subject}</bdi> <small>{}</small>",
        escape::text(&mail.id)
    );
    let hidden = if right { " hidden" } else { "" };
    let class = if right { "mail right" } else { "mail" };
    if right && !owner_wrong {
        let _ = writeln!(page, "<div class=\"{class}\"{hidden} {data}>{line}</div>");
        return;
    }
    let _ = writeln!(
        page,
        "<details class=\"{class}\"{hidden} id=\"m{at}\" {data}><summary>{line}</summary>\n<p class=\"soft\">Label: {}. At {}</p>",
        escape::text(&label_line(&mail.label)),
        escape::text(&mail.place.to_string())
    );
    let one = output::Report { origin: Origin::default(), triage, rules: report.rules };
    body(&one, page);
    evidence(&one, page);
    page.push_str("</details>\n");
}

/// The text, zone by zone, neighbours of the same zone as one.
fn body(report: &output::Report<'_>, page: &mut String) {
    let fresh = &report.triage.fresh;
    let runs = zones::runs(report);
    for same in fresh.zones.chunk_by(|a, b| a.zone == b.zone && a.end == b.start) {
        let ([first, .., last] | [first @ last]) = same else { continue };
        let mut end = last.end.min(first.start + LONGEST);
        while !fresh.text.is_char_boundary(end) {
            end -= 1;
        }
        let Some(text) = fresh.text.get(first.start..end).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let _ = write!(page, "<div class=\"zone {0}\"><b>{0}</b><pre>", first.zone);
        let shown = first.start + text.trim_end().len();
        marked(&fresh.text, first.start, shown, zones::within(&runs, first.start, shown), page);
        page.push_str(if end < last.end { "\n…</pre></div>\n" } else { "</pre></div>\n" });
    }
}

fn marked(text: &str, start: usize, end: usize, runs: &[Run], page: &mut String) {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut at = start;
    for run in runs {
        let (from, to) = (run.start.max(at), run.end.min(end));
        escape::push(page, part(at, from));
        page.push_str("<mark>");
        escape::push(page, part(from, to));
        let rows: Vec<String> = run.rows.iter().map(ToString::to_string).collect();
        let _ = write!(page, "<sup>{}</sup></mark>", rows.join(","));
        at = to.max(at);
    }
    escape::push(page, part(at, end));
}

/// The hits with their points, numbered as in the text.
fn evidence(report: &output::Report<'_>, page: &mut String) {
    page.push_str("<div class=\"wide\"><table class=\"list evidence\"><tbody>\n");
    for (row, (hit, rule)) in report.counted_hits().enumerate() {
        let points = Class::WORDS.iter().zip(rule.points).chain(Aspect::WORDS.iter().zip(rule.topics));
        let points: Vec<String> = points
            .filter(|(_, points)| *points != 0.0)
            .map(|(word, points)| format!("{word} {points:+.2}"))
            .collect();
        let words: String = hit.first().text(&report.triage.fresh).chars().take(80).collect();
        let _ = writeln!(
            page,
            "<tr><td class=\"n\">{}</td><th scope=\"row\">{}</th><td><bdi>{}</bdi></td><td>{}</td></tr>",
            row + 1,
            escape::text(&rule.id),
            escape::text(&words),
            points.join(", ")
        );
    }
    let (phrases, sums) = report.phrase_sums();
    if phrases > 0 {
        let _ = writeln!(
            page,
            "<tr><td class=\"n\">·</td><th scope=\"row\">{LEXICON}</th><td>{phrases} phrases</td><td>{}</td></tr>",
            spelt(&sums)
        );
    }
    page.push_str("</tbody></table></div>\n");
}
