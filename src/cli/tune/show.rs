//! What a person is shown of a fitting.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use postroom::corpus::edit::FileEdit;
use postroom::corpus::tune::examples::Example;
use postroom::corpus::tune::phrases::Candidate;
use postroom::corpus::tune::validate::Figures;
use postroom::corpus::tune::{Move, Outcome, Part};
use postroom::rules::RuleSet;
use postroom::terms::{Class, UNSURE};
use postroom::triage::output::escape;
use similar::{ChangeTag, TextDiff};

/// Moved decisions listed when not all are asked for.
const SOME: usize = 5;

pub(crate) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

// Writing to a string cannot fail, here and below.

pub(super) fn figures(outcome: &Outcome, rules: &RuleSet, text: &mut String) {
    let folds = &outcome.folds;
    let how = if folds.by_group { "group" } else { "fold" };
    let _ = writeln!(
        text,
        "{}, {}; each of {} left out in turn\n",
        counted(outcome.examples.len(), "labelled mail"),
        counted(rules.rules.len(), "rule"),
        counted(folds.names.len(), how)
    );
    if let Some(part) = &outcome.classes {
        let _ = writeln!(text, "class           right  unsure  macro-F1    loss");
        row("  before", &part.before, text);
        row("  after", &part.after, text);
        for (name, before, after) in &part.by_fold {
            let name = escape::line(name.rsplit('/').next().unwrap_or(name));
            let _ = writeln!(
                text,
                "  {:<12} {:>6} -> {:>6}   of {}",
                format!("{how} {name}"),
                percent(before),
                percent(after),
                before.mails
            );
        }
        fitting(part, text);
    }
    if !outcome.topics.is_empty() {
        let _ = writeln!(text, "topic               F1               loss             strength");
        for (topic, part) in &outcome.topics {
            let (before, after) = (&part.before, &part.after);
            let _ = writeln!(
                text,
                "  {topic:<15} {:.3} -> {:.3}   {:.4} -> {:.4}   {}{}",
                before.macro_f1,
                after.macro_f1,
                before.loss,
                after.loss,
                part.strength,
                if part.better { "" } else { "   no better: left as it is" }
            );
        }
        text.push('\n');
    }
}

fn row(name: &str, figures: &Figures, text: &mut String) {
    let unsure = figures.unsure;
    let _ = writeln!(
        text,
        "{name:<14} {:>6}  {unsure:>6}  {:>8.3}  {:>6.4}",
        percent(figures),
        figures.macro_f1,
        figures.loss
    );
}

fn percent(figures: &Figures) -> String {
    format!("{:.1}%", 100.0 * figures.right as f64 / figures.mails.max(1) as f64)
}

fn fitting(part: &Part, text: &mut String) {
    let tried: Vec<String> =
        part.tried.iter().map(|(strength, loss)| format!("{strength}: {loss:.4}")).collect();
    let _ = writeln!(
        text,
        "  strength {} (loss by strength: {}); {} steps, {:.0e} points from the end",
        part.strength,
        tried.join(", "),
        part.steps,
        part.residual
    );
    if !part.better {
        text.push_str(
            "  no strength lowers the loss and keeps macro-F1 on mail left out: no change is proposed\n",
        );
    }
    text.push('\n');
}

/// The edits as a unified diff.
pub(crate) fn diff(edits: &[FileEdit], folder: Option<&Path>, color: bool, text: &mut String) {
    if edits.is_empty() {
        text.push_str("no file would change\n\n");
        return;
    }
    let paint = |style: Style, line: &str| {
        if color { format!("{style}{line}{style:#}") } else { line.to_owned() }
    };
    for edit in edits {
        let path =
            folder.map_or_else(|| edit.name.clone(), |folder| folder.join(&edit.name).display().to_string());
        let before = if edit.before.is_empty() { "/dev/null".to_owned() } else { path.clone() };
        let heading = format!("--- {}\n+++ {}\n", escape::line(&before), escape::line(&path));
        text.push_str(&paint(Style::new().bold(), &heading));
        let compared = TextDiff::from_lines(&edit.before, &edit.after);
        for hunk in compared.unified_diff().context_radius(3).iter_hunks() {
            let head = hunk.header().to_string();
            let _ = writeln!(text, "{}", paint(AnsiColor::Cyan.on_default(), &head));
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                    ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value();
                let shown = escape::line(line.strip_suffix('\n').unwrap_or(line));
                let _ = writeln!(text, "{}", paint(style, &format!("{sign}{shown}")));
            }
        }
    }
    text.push('\n');
}

/// The files that would change, where a diff of them would be too long to read.
pub(super) fn files(edits: &[FileEdit], folder: Option<&Path>, text: &mut String) {
    let names: Vec<_> = edits.iter().map(|edit| escape::line(&edit.name)).collect();
    let place = folder.map_or_else(|| "a folder".to_owned(), |folder| folder.display().to_string());
    let _ = match names.as_slice() {
        [] => writeln!(text, "no file would change"),
        names => writeln!(
            text,
            "{} of {} would change, with --write: {}",
            counted(names.len(), "file"),
            escape::line(&place),
            names.join(", ")
        ),
    };
}

/// Decisions that would move: fixed, broken, and wrong in another way.
pub(crate) fn moves(examples: &[Example], moves: &[Move], all: bool, text: &mut String) {
    let right = |one: &Move, class: Option<Class>| examples.get(one.example).map(|mail| mail.class) == class;
    let fixed: Vec<_> = moves.iter().filter(|one| right(one, one.to)).collect();
    let broken: Vec<_> = moves.iter().filter(|one| right(one, one.from)).collect();
    let other: Vec<_> = moves.iter().filter(|one| !right(one, one.to) && !right(one, one.from)).collect();
    let _ = writeln!(
        text,
        "on all of this mail: {} fixed, {} broken, {} wrong in another way",
        fixed.len(),
        broken.len(),
        other.len()
    );
    let word = |class: Option<Class>| class.map_or(UNSURE, Class::as_str);
    for (name, list) in [("fixed", fixed), ("broken", broken), ("moved", other)] {
        let shown = if all { list.len() } else { SOME.min(list.len()) };
        for one in list.iter().take(shown) {
            let Some(mail) = examples.get(one.example) else { continue };
            let _ = writeln!(
                text,
                "  {name:<6}  {}  {} -> {}",
                escape::line(&mail.id),
                word(one.from),
                word(one.to)
            );
        }
        if shown < list.len() {
            let _ = writeln!(text, "  {name:<6}  … {} more; --show lists all", list.len() - shown);
        }
    }
    text.push('\n');
}

/// Candidates for rules.
pub(super) fn candidates(candidates: &[Candidate], examples: &[Example], text: &mut String) {
    if candidates.is_empty() {
        return;
    }
    text.push_str(
        "# Words that mails which would still go wrong have in common: candidates for rules, not added.\n",
    );
    for candidate in candidates {
        text.push('\n');
        for line in candidate.toml(examples).lines() {
            let _ = writeln!(text, "{}", escape::line(line));
        }
    }
    text.push('\n');
}
