//! An evaluation as text for a terminal.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::str::FromStr;

use anstyle::Style;

use super::super::eval::{Matrix, RuleScore, Slice};
use super::{Report, counted, fraction, percent};
use crate::corpus::eval;
use crate::rules::source::Mode;
use crate::terms::Topic;
use crate::triage::output::escape;

/// Columns of the widest label.
const LABEL: usize = 21;

/// Mistaken pairs named under a matrix.
const PAIRS: usize = 5;

/// What the table of rules is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The rules' ids.
    Id,
    /// Most hits first.
    #[default]
    Hits,
    /// Least precise first.
    Precision,
    /// Most mails that no other rule hits first.
    Alone,
    /// Most points first, whichever sign.
    Points,
    /// Most hits that the labels do not bear out first.
    Wrong,
    /// By what they speak for, then hits.
    Target,
}

impl Sort {
    /// The words, in order.
    pub const WORDS: &[&str] = &["id", "hits", "precision", "alone", "points", "wrong", "target"];

    /// Sorts rules; equals stay in the order of their ids.
    pub fn sort(self, rules: &mut [&RuleScore]) {
        rules.sort_by(|a, b| self.order(a, b));
    }

    /// Which of two rules comes first.
    #[must_use]
    pub fn order(self, a: &RuleScore, b: &RuleScore) -> Ordering {
        self.compare(a, b).then_with(|| a.id.cmp(&b.id))
    }

    fn compare(self, a: &RuleScore, b: &RuleScore) -> Ordering {
        let wrong = |rule: &RuleScore| rule.borne_out.0 - rule.borne_out.1;
        match self {
            Self::Id => Ordering::Equal,
            Self::Hits => b.hits.len().cmp(&a.hits.len()),
            Self::Precision => {
                let precision = |rule: &RuleScore| rule.precision().unwrap_or(2.0);
                precision(a).total_cmp(&precision(b)).then(b.hits.len().cmp(&a.hits.len()))
            }
            Self::Alone => b.alone.len().cmp(&a.alone.len()),
            Self::Points => b.points.abs().total_cmp(&a.points.abs()),
            Self::Wrong => wrong(b).cmp(&wrong(a)),
            Self::Target => {
                a.target.to_string().cmp(&b.target.to_string()).then(b.hits.len().cmp(&a.hits.len()))
            }
        }
    }
}

impl FromStr for Sort {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "id" => Self::Id,
            "hits" => Self::Hits,
            "precision" => Self::Precision,
            "alone" => Self::Alone,
            "points" => Self::Points,
            "wrong" => Self::Wrong,
            "target" => Self::Target,
            _ => return Err(format!("unknown order `{word}`; known: {}", Self::WORDS.join(", "))),
        })
    }
}

/// A text with headings that may be bold.
struct Page {
    text: String,
    bold: Style,
}

impl Page {
    // Writing to a string cannot fail.
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn heading(&mut self, name: &str, said: &str) {
        let (on, off) = (self.bold.render(), self.bold.render_reset());
        let said = format!("{on}{name:<LABEL$}{off} {said}");
        let _ = writeln!(self.text, "\n{}", said.trim_end());
    }
}

fn page(color: bool) -> Page {
    Page { text: String::new(), bold: if color { Style::new().bold() } else { Style::new() } }
}

/// The whole evaluation, without the table of rules.
#[must_use]
pub fn evaluation(report: &Report<'_>, color: bool) -> String {
    let mut page = page(color);
    let evaluation = report.evaluation;
    page.line(&format!(
        "{}, rules {}{}",
        counted(evaluation.mails, "labelled mail"),
        report.rules.hash,
        left_out(report)
    ));
    let unsure = evaluation.mails - evaluation.sure.len();
    let said = format!(
        "{} right, macro F1 {}; {unsure} unsure ({}), {} right when sure",
        percent(evaluation.classes.accuracy()),
        fraction(evaluation.classes.macro_f1()),
        percent((evaluation.mails > 0).then(|| unsure as f64 / evaluation.mails as f64)),
        percent(evaluation.accuracy_when_sure),
    );
    page.heading("class", &said);
    matrix(&evaluation.classes, &mut page);
    if evaluation.owners.total() > 0 {
        let of = match evaluation.owners.total() {
            all if all == evaluation.mails => String::new(),
            some => format!(" of the {some} whose label names one"),
        };
        let right = percent(evaluation.owners.accuracy());
        page.heading(
            "owner",
            &format!("{right} right{of}, macro F1 {}", fraction(evaluation.owners.macro_f1())),
        );
        matrix(&evaluation.owners, &mut page);
    }
    if evaluation.with_topics > 0 {
        topics(report, &mut page);
    }
    calibration(report, &mut page);
    let slices = &evaluation.slices;
    for (name, parts) in
        [("difficulty", &slices.difficulty), ("group", &slices.group), ("account", &slices.account)]
    {
        if parts.len() > 1 || (name != "group" && !parts.is_empty()) {
            slice(name, parts, &mut page);
        }
    }
    page.text
}

fn left_out(report: &Report<'_>) -> String {
    let corpus = report.corpus;
    let parts = [
        (corpus.conflicts.len(), "left out for labels that contradict each other"),
        (corpus.unlabelled.len(), "without a label"),
        (corpus.unmatched.len(), "labels without a mail"),
        (corpus.copies.len(), "further copies"),
    ];
    let said =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("; {number} {what}"));
    said.collect()
}

/// The matrix, with precision below and recall beside it, and the pairs most often mistaken.
fn matrix(matrix: &Matrix, page: &mut Page) {
    let halves: Vec<(&str, &str)> =
        matrix.given.iter().map(|word| word.split_once('-').unwrap_or(("", word))).collect();
    let widths: Vec<usize> =
        halves.iter().map(|(one, two)| (one.len() + 1).max(two.len()).max(6) + 1).collect();
    let mut top = format!("{:LABEL$}", "");
    let mut names = format!("{:<LABEL$}", "label \\ given");
    for ((one, two), width) in halves.iter().zip(&widths) {
        let one = if one.is_empty() { String::new() } else { format!("{one}-") };
        let _ = write!(top, "{one:>width$}");
        let _ = write!(names, "{two:>width$}");
    }
    if !top.trim().is_empty() {
        page.line(&top);
    }
    page.line(&format!("{names}   recall      F1"));
    let scores = matrix.scores();
    for score in &scores {
        let mut row = format!("{:<LABEL$}", score.label);
        for (given, width) in matrix.given.iter().zip(&widths) {
            let count = matrix.count(score.label, given);
            let cell = if count == 0 { "·".to_owned() } else { count.to_string() };
            let _ = write!(row, "{cell:>width$}");
        }
        page.line(&format!("{row}{:>9}{:>8}", percent(score.recall), fraction(score.f1)));
    }
    let mut row = format!("{:<LABEL$}", "precision");
    for (score, width) in scores.iter().zip(&widths) {
        let _ = write!(row, "{:>width$}", percent(score.precision));
    }
    page.line(&row);
    let mut pairs: Vec<(usize, &str, &str)> = Vec::new();
    for label in &matrix.labels {
        let others = matrix.given.iter().filter(|given| *given != label);
        pairs.extend(others.map(|given| (matrix.count(label, given), *label, *given)));
    }
    pairs.retain(|pair| pair.0 > 0);
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.0));
    let pairs: Vec<String> =
        pairs.iter().take(PAIRS).map(|(count, label, given)| format!("{label}:{given} {count}")).collect();
    if !pairs.is_empty() {
        page.line(&format!("most often mistaken: {}", pairs.join(", ")));
    }
}

fn topics(report: &Report<'_>, page: &mut Page) {
    let evaluation = report.evaluation;
    page.heading("topics", &format!("micro F1 {}", fraction(eval::micro_f1(&evaluation.topics))));
    page.line(&format!(
        "{:<LABEL$}{:>7}{:>7}{:>7}{:>11}{:>9}{:>8}",
        "", "right", "wrong", "missed", "precision", "recall", "F1"
    ));
    for (topic, score) in Topic::ALL.iter().zip(&evaluation.topics) {
        page.line(&format!(
            "{topic:<LABEL$}{:>7}{:>7}{:>7}{:>11}{:>9}{:>8}",
            score.right.len(),
            score.wrong.len(),
            score.missed.len(),
            percent(score.precision()),
            percent(score.recall()),
            fraction(score.f1()),
        ));
    }
}

fn calibration(report: &Report<'_>, page: &mut Page) {
    let calibration = &report.evaluation.calibration;
    page.heading(
        "calibration",
        &format!("off by {} on average (expected calibration error)", percent(calibration.error)),
    );
    page.line(&format!("{:<LABEL$}{:>7}{:>13}{:>12}", "probability", "mails", "probability", "right"));
    for (number, bin) in calibration.bins.iter().enumerate().filter(|(_, bin)| !bin.mails.is_empty()) {
        let range = format!("{} to {} %", number * 10, number * 10 + 10);
        let (mean, right) = (percent(bin.mean_confidence()), percent(bin.accuracy()));
        page.line(&format!("{range:<LABEL$}{:>7}{mean:>13}{right:>12}", bin.mails.len()));
    }
}

fn slice(name: &str, parts: &[(String, Slice)], page: &mut Page) {
    page.heading(name, "");
    page.line(&format!(
        "{:<LABEL$}{:>7}{:>13}{:>13}{:>8}",
        "", "mails", "class right", "owner right", "unsure"
    ));
    for (name, part) in parts {
        let name = escape::line(name);
        // A path is told apart by its end.
        let skip = name.chars().count().saturating_sub(LABEL - 2);
        let short: String = if skip > 0 {
            std::iter::once('…').chain(name.chars().skip(skip)).collect()
        } else {
            name.into_owned()
        };
        page.line(&format!(
            "{short:<LABEL$}{:>7}{:>13}{:>13}{:>8}",
            part.mails.len(),
            percent(part.accuracy()),
            percent(part.owner_accuracy()),
            part.unsure
        ));
    }
}

/// The table of rules.
#[must_use]
pub fn rules(report: &Report<'_>, sort: Sort, color: bool) -> String {
    let mut page = page(color);
    let evaluation = report.evaluation;
    let mut rules: Vec<&RuleScore> = evaluation.rules.iter().filter(|rule| !rule.hits.is_empty()).collect();
    sort.sort(&mut rules);
    let silent: Vec<&str> =
        evaluation.rules.iter().filter(|rule| rule.hits.is_empty()).map(|rule| rule.id.as_str()).collect();
    let id = rules.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0).max(4);
    page.heading("rules", &format!("{} of {} hit", rules.len(), evaluation.rules.len()));
    page.line(&format!(
        "{:<id$} {:>6} {:<24}{:>6}{:>11}{:>10}{:>7}  hits with (most), against (most)",
        "rule", "points", "for", "hits", "precision", "coverage", "alone"
    ));
    let name = |rule: usize| evaluation.rules.get(rule).map_or("", |rule| rule.id.as_str());
    for rule in rules {
        let with = rule
            .overlap
            .first()
            .map_or_else(|| "–".to_owned(), |one| format!("{} {}", name(one.rule), one.mails));
        let against = rule
            .conflict
            .first()
            .map_or_else(String::new, |one| format!(", {} {}", name(one.rule), one.mails));
        let watched = if rule.mode == Mode::Audit { " (only watched)" } else { "" };
        page.line(&format!(
            "{:<id$} {:>6.2} {:<24}{:>6}{:>11}{:>10}{:>7}  {with}{against}{watched}",
            rule.id,
            rule.points,
            rule.target,
            rule.hits.len(),
            percent(rule.precision()),
            percent(rule.coverage(evaluation.mails)),
            rule.alone.len(),
        ));
    }
    if !silent.is_empty() {
        page.line(&format!("never hit: {}", silent.join(", ")));
    }
    page.text
}
