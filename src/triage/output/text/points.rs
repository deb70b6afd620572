//! The points table: what every mail starts with, what each rule adds, and the sums, adding up in sight.

use super::super::{Report, Rest};
use super::paint::{Paint, columns, fit, percent};
use super::{Detail, columns as classes};
use crate::rules::lexicon::{LEXICON, Part};
use crate::rules::set::Rule;
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class, Topic};
use crate::triage::evidence::Hit;
use crate::triage::evidence::phrases::PhraseHit;

/// Columns of one class: a gap and the longest half of a class's name.
const COLUMN: usize = 14;

/// Appends the section.
pub(super) fn write(report: &Report<'_>, detail: Detail, paint: &Paint, text: &mut String) {
    let all = detail == Detail::Full && paint.width >= COLUMN * Class::ALL.len() + 45;
    let table = Table::new(report, classes(report, all), paint);
    table.head(text);
    let base = &report.rules.decision.base;
    table.row("   every mail starts with", base, text);
    for (at, (hit, rule)) in report.counted_hits().enumerate() {
        table.row(&rule_label(at + 1, hit, rule, report), &rule.points, text);
    }
    phrases(report, detail, &table, text);
    table.line(text);
    table.row("   sum of points", &report.triage.decision.sums, text);
    table.probabilities(text);
    topics(report, detail, paint, table.decimals, text);
    if detail == Detail::Full {
        if !all {
            every_class(report, paint, table.decimals, text);
        }
        watched(report, paint, text);
    }
}

/// Phrases of the list shown one by one unless everything is.
const PHRASES: usize = 6;

/// The phrases of the list, those first that set the classes shown furthest apart; the rest as one row.
fn phrases(report: &Report<'_>, detail: Detail, table: &Table<'_>, text: &mut String) {
    let apart = |points: &[f64]| {
        let shown = table.classes.iter().map(|class| points[class.index()]);
        let (least, most) = shown.fold((f64::MAX, f64::MIN), |(a, b), one| (a.min(one), b.max(one)));
        most - least
    };
    let mut found: Vec<_> = report.phrases().collect();
    found.sort_by(|(_, a), (_, b)| apart(b).total_cmp(&apart(a)));
    let shown = if detail == Detail::Full { found.len() } else { PHRASES };
    let rest = found.split_off(shown.min(found.len()));
    let classes = |points: &[f64]| std::array::from_fn(|at| points[at]);
    for (hit, points) in &found {
        table.row(&format!(" · {LEXICON}  {}", phrase_label(hit, report)), &classes(points), text);
    }
    if !rest.is_empty() {
        let sums = report.rules.lexicon.sums(rest.iter().map(|(hit, _)| hit.phrase));
        table.row(&format!(" · {LEXICON}  {}", Rest::Phrases(rest.len())), &classes(&sums), text);
    }
}

/// The words of a phrase, and the entry of the list where that is another one than those words in the text:
/// by it the phrase is vetoed.
fn phrase_label(hit: &PhraseHit, report: &Report<'_>) -> String {
    let words = hit.text(&report.triage.fresh).split_whitespace().collect::<Vec<_>>().join(" ");
    let (part, phrase) = report.rules.lexicon.phrase(hit.phrase);
    match part {
        Part::Text if words.is_empty() => format!("`{phrase}`"),
        Part::Text if words.to_lowercase() == phrase => format!("“{words}”"),
        Part::Text => format!("“{words}” `{phrase}`"),
        Part::Subject => format!("“{words}” `{phrase}` [subject]"),
    }
}

/// Number, rule and the words it hit.
fn rule_label(row: usize, hit: &Hit, rule: &Rule, report: &Report<'_>) -> String {
    format!("{row:>2} {}  {}", rule.id, words(hit, report))
}

fn words(hit: &Hit, report: &Report<'_>) -> String {
    let place = hit.first();
    let words = place.text(&report.triage.fresh).split_whitespace().collect::<Vec<_>>().join(" ");
    let more = hit.places().count() - 1;
    let words = if place.fact.is_empty() { format!("“{words}”") } else { words };
    if more == 0 { words } else { format!("{words} and {more} more") }
}

struct Table<'p> {
    classes: Vec<Class>,
    probabilities: [f64; Class::ALL.len()],
    temperature: f64,
    decimals: usize,
    label: usize,
    paint: &'p Paint,
}

impl<'p> Table<'p> {
    fn new(report: &Report<'_>, classes: Vec<Class>, paint: &'p Paint) -> Self {
        let mut numbers: Vec<f64> = report.rules.decision.base.to_vec();
        for (_, rule) in report.counted_hits() {
            numbers.extend(rule.points);
            numbers.extend(rule.topics);
        }
        for (_, points) in report.phrases() {
            numbers.extend(points);
        }
        numbers.extend(report.rules.decision.topic_base);
        Self {
            label: paint.width - COLUMN * classes.len(),
            classes,
            probabilities: report.triage.decision.probabilities,
            temperature: report.rules.decision.temperature,
            decimals: decimals(&numbers),
            paint,
        }
    }

    /// The classes' names, each on two lines.
    fn head(&self, text: &mut String) {
        for half in 0..2 {
            let name = if half == 0 { "points" } else { "" };
            let mut line = format!("{name:<width$}", width = self.label);
            for class in &self.classes {
                let word = class.as_str();
                let (first, second) = match word.find('-') {
                    Some(at) => word.split_at(at + 1),
                    None => ("", word),
                };
                line.push_str(&format!("{:>COLUMN$}", if half == 0 { first } else { second }));
            }
            text.push_str(&self.paint.dim(line.trim_end()));
            text.push('\n');
        }
    }

    fn row(&self, label: &str, points: &[f64; Class::ALL.len()], text: &mut String) {
        self.label(label, text);
        for class in &self.classes {
            let number = points[class.index()];
            let shown = signed(number, self.decimals);
            text.push_str(&self.paint.number(&format!("{shown:>COLUMN$}"), number));
        }
        text.push('\n');
    }

    fn label(&self, label: &str, text: &mut String) {
        let label = fit(label, self.label - 1);
        let pad = self.label.saturating_sub(columns(&label));
        text.push_str(&label);
        text.push_str(&" ".repeat(pad));
    }

    fn line(&self, text: &mut String) {
        self.label("", text);
        for _ in &self.classes {
            text.push_str(&self.paint.dim(&format!("{:>COLUMN$}", "────────")));
        }
        text.push('\n');
    }

    fn probabilities(&self, text: &mut String) {
        let label = if (self.temperature - 1.0).abs() < 1e-9 {
            "   probability".to_owned()
        } else {
            format!("   probability (temperature {})", self.temperature)
        };
        self.label(&label, text);
        for class in &self.classes {
            text.push_str(
                &self.paint.strong(&format!("{:>COLUMN$}", percent(self.probabilities[class.index()]))),
            );
        }
        text.push('\n');
    }
}

/// The topics that got points, each with its sum spelt out, the largest numbers first.
fn topics(report: &Report<'_>, detail: Detail, paint: &Paint, decimals: usize, text: &mut String) {
    let mut head = "\ntopics\n";
    for &topic in Aspect::ALL {
        let rows = report.counted_hits().enumerate();
        let mut adds: Vec<(f64, String)> =
            rows.map(|(at, (_, rule))| (rule.topics[topic.index()], format!("row {}", at + 1))).collect();
        adds.push((report.phrase_sums().1[Class::ALL.len() + topic.index()], LEXICON.to_owned()));
        adds.retain(|(points, _)| *points != 0.0);
        if adds.is_empty() {
            continue;
        }
        adds.sort_by(|(a, _), (b, _)| b.abs().total_cmp(&a.abs()));
        let adds = adds.iter().map(|(points, from)| format!("{} ({from})", signed(*points, decimals)));
        let adds = adds.collect::<Vec<_>>().join(", ");
        text.push_str(&paint.dim(std::mem::take(&mut head)));
        let sum = report.triage.decision.topic_sums[topic.index()];
        let base = signed(report.rules.decision.topic_base[topic.index()], decimals);
        let present = |sum: f64| match Topic::ALL.get(topic.index()) {
            Some(topic) => report.triage.decision.has(*topic),
            None => sum > 0.0,
        };
        let mark = if present(sum) { "yes" } else { "no" };
        let start = format!("   {topic:<15} {mark:<3} {:>7} = ", signed(sum, decimals));
        text.push_str(&start);
        let adds = format!("{base} to start with, {adds}");
        let left = paint.width.saturating_sub(columns(&start));
        if detail == Detail::Full {
            wrap(&adds, columns(&start), left, text);
        } else {
            text.push_str(&fit(&adds, left));
        }
        text.push('\n');
    }
}

/// Appends what stands between commas, on as many lines as it takes, all but the first indented.
fn wrap(parts: &str, indent: usize, width: usize, text: &mut String) {
    let mut used = 0;
    for part in parts.split_inclusive(", ") {
        let own = columns(part.trim_end());
        if used > 0 && used + own > width {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = 0;
        }
        text.push_str(part);
        used += columns(part);
    }
}

/// Every class in one list, where the table had room for two.
fn every_class(report: &Report<'_>, paint: &Paint, decimals: usize, text: &mut String) {
    text.push_str(&paint.dim("\nevery class\n"));
    for class in classes(report, true) {
        let decision = &report.triage.decision;
        let (sum, share) = (decision.sums[class.index()], decision.probabilities[class.index()]);
        let shown = signed(sum, decimals);
        text.push_str(&format!("   {class:<22}{shown:>10}{:>8}\n", percent(share)));
    }
}

/// Rules that hit but are only watched.
fn watched(report: &Report<'_>, paint: &Paint, text: &mut String) {
    let mut head = "\nwatched (audit mode, no points added)\n";
    for (hit, rule) in report.hits().filter(|(_, rule)| rule.mode != Mode::Enforce) {
        text.push_str(&paint.dim(std::mem::take(&mut head)));
        text.push_str(&fit(&format!("   {}  {}", rule.id, words(hit, report)), paint.width));
        text.push('\n');
    }
}

/// Fewest decimals, two to four, that show every number exactly, so that the rows add up as shown.
fn decimals(numbers: &[f64]) -> usize {
    let exact = |places: i32| {
        let scale = 10f64.powi(places);
        numbers.iter().all(|number| ((number * scale).round() - number * scale).abs() < 1e-6)
    };
    if exact(2) {
        2
    } else if exact(3) {
        3
    } else {
        4
    }
}

/// A number with its sign; a dot for nothing.
fn signed(number: f64, decimals: usize) -> String {
    if number == 0.0 { "·".to_owned() } else { format!("{number:+.decimals$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_show_every_number_exactly() {
        for (numbers, expected) in [
            (vec![], 2),
            (vec![2.4, -0.6, 1.0], 2),
            (vec![2.405], 3),
            (vec![0.1234], 4),
            (vec![1.0 / 3.0], 4),
            (vec![0.1 + 0.2], 2),
        ] {
            assert_eq!(decimals(&numbers), expected, "{numbers:?}");
        }
    }

    #[test]
    fn numbers_have_signs_and_nothing_is_a_dot() {
        assert_eq!(signed(2.4, 2), "+2.40");
        assert_eq!(signed(-0.6, 3), "-0.600");
        assert_eq!(signed(0.0, 2), "·");
    }
}
