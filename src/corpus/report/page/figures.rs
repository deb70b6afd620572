//! The page's figures: tiles, heat maps, reliability diagram, topics, rules.

use std::fmt::Write as _;

use super::super::text::Sort;
use super::super::{Report, fraction, percent};
use super::escape;
use crate::corpus::eval::{Matrix, RuleScore, micro_f1};
use crate::terms::Topic;

// Writing to a string cannot fail, here and below.
pub(super) fn tiles(report: &Report<'_>, page: &mut String) {
    let evaluation = report.evaluation;
    let unsure = evaluation.mails - evaluation.sure.len();
    let owners = evaluation.owners.total() > 0;
    let topics = evaluation.with_topics > 0;
    let tiles = [
        (true, percent(evaluation.classes.accuracy()), "sorted into the right class".to_owned()),
        (owners, percent(evaluation.owners.accuracy()), "given to the right owner".to_owned()),
        (true, unsure.to_string(), "unsure: a person looks".to_owned()),
        (true, percent(evaluation.accuracy_when_sure), "right when sure".to_owned()),
        (topics, fraction(micro_f1(&evaluation.topics)), "topics found (micro F1)".to_owned()),
    ];
    page.push_str("<div class=\"tiles\">\n");
    for (_, number, what) in tiles.iter().filter(|(there, ..)| *there) {
        let _ = writeln!(page, "<div class=\"tile\"><b>{number}</b><span>{what}</span></div>");
    }
    page.push_str("</div>\n");
}

pub(super) fn matrices(report: &Report<'_>, page: &mut String) {
    let evaluation = report.evaluation;
    page.push_str("<section>\n<h2>What is taken for what</h2>\n");
    matrix("class", &evaluation.classes, page);
    page.push_str("</section>\n");
    if evaluation.owners.total() > 0 {
        page.push_str("<section>\n<h2>Who it goes to</h2>\n");
        matrix("owner", &evaluation.owners, page);
        page.push_str("</section>\n");
    }
}

fn matrix(kind: &str, matrix: &Matrix, page: &mut String) {
    let _ = write!(
        page,
        "<p class=\"soft\">{} right. Each row is what the label says, each column what the rules gave; a cell opens \
         its mails.</p>\n<div class=\"wide\"><table class=\"heat\">\n<thead><tr><th></th>",
        percent(matrix.accuracy())
    );
    for given in &matrix.given {
        let _ = write!(page, "<th scope=\"col\" class=\"n\">{given}</th>");
    }
    page.push_str("<th class=\"n\">found</th></tr></thead>\n<tbody>\n");
    for score in matrix.scores() {
        let label = score.label;
        let _ = write!(page, "<tr><th scope=\"row\">{label}</th>");
        for given in &matrix.given {
            let count = matrix.count(label, given);
            if count == 0 {
                page.push_str("<td><span class=\"none\">·</span></td>");
                continue;
            }
            // Four steps: mistakes show early, since there are few.
            let share = count as f64 / score.labelled.max(1) as f64;
            let limits = if label == *given { [0.5, 0.75, 0.9] } else { [0.03, 0.08, 0.2] };
            let step = 1 + limits.iter().filter(|limit| share >= **limit).count();
            let color = if label == *given { 'g' } else { 'h' };
            let _ = write!(
                page,
                "<td class=\"{color}{step}\"><button data-show=\"{kind}\" data-what=\"{label} {given}\" \
                 data-words=\"labelled {label}, given {given}\">{count}</button></td>"
            );
        }
        let _ = writeln!(page, "<td class=\"n\">{}</td></tr>", percent(score.recall));
    }
    page.push_str("</tbody></table></div>\n");
}

/// The side of the diagram's square, and the room for its axes.
const SIDE: f64 = 240.0;
const ROOM: f64 = 44.0;

pub(super) fn calibration(report: &Report<'_>, page: &mut String) {
    let calibration = &report.evaluation.calibration;
    let (left, bottom) = (ROOM, SIDE + 10.0);
    let (x, y) = (|share: f64| left + share * SIDE, |share: f64| bottom - share * SIDE);
    let _ = write!(
        page,
        "<section>\n<h2>Whether its probabilities hold</h2>\n<p class=\"soft\">Off by {} on average. On the dashed \
         line, 70 % sure is right 7 times in 10; above it, the rules are right more often than they claim.</p>\n\
         <svg viewBox=\"0 0 306 290\" role=\"img\" aria-label=\"Reliability diagram\">\n",
        percent(calibration.error)
    );
    for tenth in 0..=4 {
        let share = f64::from(tenth) / 4.0;
        let _ = writeln!(
            page,
            "<line class=\"axis\" x1=\"{0:.1}\" y1=\"{2:.1}\" x2=\"{1:.1}\" y2=\"{2:.1}\"/><text x=\"{3:.1}\" y=\"{4:.1}\" \
             text-anchor=\"end\">{5:.0} %</text><text x=\"{6:.1}\" y=\"{7:.1}\" text-anchor=\"middle\">{5:.0} %</text>",
            x(0.0),
            x(1.0),
            y(share),
            left - 4.0,
            y(share) + 4.0,
            share * 100.0,
            x(share),
            bottom + 15.0
        );
    }
    let _ = writeln!(
        page,
        "<line class=\"even\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    let most = calibration.bins.iter().map(|bin| bin.mails.len()).max().unwrap_or(0).max(1) as f64;
    for bin in &calibration.bins {
        let (Some(confidence), Some(right)) = (bin.mean_confidence(), bin.accuracy()) else { continue };
        let size = 3.0 + 7.0 * (bin.mails.len() as f64 / most).sqrt();
        let _ = writeln!(
            page,
            "<line class=\"gap\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\"/><circle class=\"dot\" cx=\"{0:.1}\" \
             cy=\"{2:.1}\" r=\"{size:.1}\"><title>{3} mails: {4} probable, {5} right</title></circle>",
            x(confidence),
            y(confidence),
            y(right),
            bin.mails.len(),
            percent(Some(confidence)),
            percent(Some(right))
        );
    }
    let _ = write!(
        page,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">probability given; size: mails</text></svg>\n</section>\n",
        x(0.5),
        bottom + 29.0
    );
}

pub(super) fn topics(report: &Report<'_>, page: &mut String) {
    if report.evaluation.with_topics == 0 {
        return;
    }
    page.push_str(
        "<section>\n<h2>Topics</h2>\n<div class=\"wide\"><table class=\"list\"><thead><tr><th></th><th class=\"n\">right</th>\
         <th class=\"n\">wrong</th><th class=\"n\">missed</th><th class=\"n\">precision</th><th class=\"n\">recall</th></tr></thead>\n<tbody>\n",
    );
    for (topic, score) in Topic::WORDS.iter().zip(&report.evaluation.topics) {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{topic}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            score.right.len(),
            score.wrong.len(),
            score.missed.len(),
            percent(score.precision()),
            percent(score.recall())
        );
    }
    page.push_str("</tbody></table></div>\n</section>\n");
}

pub(super) fn rules(report: &Report<'_>, page: &mut String) {
    page.push_str(
        "<section id=\"rules\">\n<h2>Rules</h2>\n<div class=\"bar\"><input id=\"filter\" type=\"search\" \
         placeholder=\"Filter rules\" aria-label=\"Filter rules\"></div>\n\
         <div class=\"wide\"><table class=\"list\"><thead><tr>",
    );
    for (name, number) in [
        ("rule", false),
        ("for", false),
        ("points", true),
        ("hits", true),
        ("precision", true),
        ("alone", true),
    ] {
        let class = if number { " class=\"n\"" } else { "" };
        let _ = write!(page, "<th{class}><button class=\"link\" data-sort>{name}</button></th>");
    }
    page.push_str("<th>most often with</th><th>most often against</th></tr></thead>\n<tbody>\n");
    let mut rules: Vec<(usize, &RuleScore)> = report.evaluation.rules.iter().enumerate().collect();
    rules.retain(|(_, rule)| !rule.hits.is_empty());
    rules.sort_by(|a, b| Sort::Hits.order(a.1, b.1));
    let name = |partner: Option<&crate::corpus::eval::Partner>| {
        let partner = partner.and_then(|one| Some((report.evaluation.rules.get(one.rule)?, one.mails)));
        partner.map_or(String::new(), |(rule, mails)| format!("{} {mails}", escape::text(&rule.id)))
    };
    for (at, rule) in rules {
        let (id, value) = (escape::text(&rule.id), escape::value(&rule.id));
        let precision = rule.precision();
        let _ = writeln!(
            page,
            "<tr><td data-v=\"{value}\"><button class=\"link\" data-show=\"rule\" data-what=\"{at}\" data-words=\"hit by \
             {value}\">{id}</button></td><td data-v=\"{target}\">{target}</td><td class=\"n\" data-v=\"{points}\">{points:.2}</td>\
             <td class=\"n\" data-v=\"{hits}\">{hits}</td><td class=\"n\" data-v=\"{sort}\">{precision}</td>\
             <td class=\"n\" data-v=\"{alone}\">{alone}</td><td>{with}</td><td>{against}</td></tr>",
            target = rule.target,
            points = rule.points,
            hits = rule.hits.len(),
            sort = precision.unwrap_or(-1.0),
            precision = percent(precision),
            alone = rule.alone.len(),
            with = name(rule.overlap.first()),
            against = name(rule.conflict.first()),
        );
    }
    page.push_str("</tbody></table></div>\n</section>\n");
}
