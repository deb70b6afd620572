//! `postroom check`: whether the rules hold together, every fault in one run.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postroom::corpus::{inline, whole};
use postroom::rules::diagnostic::{Diagnostics, Place, Severity};
use postroom::rules::layer::Layer;
use postroom::rules::source::{At, Mode, Override, Sources};
use postroom::rules::{compile, lint, load};
use postroom::triage::Context;
use postroom::triage::output::escape;

use super::corpus::share;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::{folders, print};
use report::Coverage;
use watch::Kept;

mod report;
mod watch;

/// Check rules: read, compile and lint them, and run the tests they hold
#[derive(Args, Debug)]
#[command(
    after_help = "Prints every fault with its place, every value that a folder changed, and what there is.\n\
    Exit 1 when there are faults; warnings alone are no fault unless --strict is given.\n\n\
    Examples:\n  \
    postroom check rules\n  \
    postroom check --strict\n  \
    postroom check --watch --corpus corpus rules    what each saved change did\n  \
    postroom check --min-coverage 0.9 --format junit rules > report.xml"
)]
pub(crate) struct Check {
    /// Folder of rules, as with --rules
    #[arg(value_name = "DIR", conflicts_with = "rules")]
    folder: Option<PathBuf>,

    /// Take warnings for faults
    #[arg(long)]
    strict: bool,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    format: Form,

    /// Least share of rules that have both a text they must match and one they must not, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_coverage: Option<f64>,

    /// Labelled mail to say how right the rules are
    #[arg(long, value_name = "CORPUS")]
    corpus: Vec<PathBuf>,

    /// Check again whenever a file of the folder is saved, and say what the change did to the labelled mail
    #[arg(long, conflicts_with = "format")]
    watch: bool,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person.
    Text,
    /// One JSON object.
    Json,
    /// For what collects test reports.
    Junit,
}

impl Check {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let named = self.folder.as_deref().or(global.rules.as_deref());
        if let Some(folder) = named.filter(|folder| !folder.is_dir()) {
            let message = format!("{} is no folder", folder.display());
            return Err(Failure::new(Exit::NoInput, message));
        }
        // A folder that is not there is what was to be checked, so missing input and no configuration error.
        let layers = folders::layers(named).map_err(|failure| failure.with(Exit::NoInput))?;
        let mut kept = Kept::read(&self.corpus)?;
        let context = Context { date: global.date, ..Context::default() };
        if self.watch {
            let Some(folder) = named else {
                return Err(Failure::new(Exit::Usage, "name the folder of rules to watch"));
            };
            watch::watch(folder, || Ok(self.answer(&layers, global, &mut kept, &context).0))?;
            return Ok(Exit::Fine);
        }
        let (text, faults) = self.answer(&layers, global, &mut kept, &context);
        print(&text)?;
        Ok(if faults { Exit::Findings } else { Exit::Fine })
    }

    /// What is told of the rules as they are now, and whether there are faults.
    fn answer(
        &self,
        layers: &[Layer],
        global: &Global,
        kept: &mut Kept,
        context: &Context<'_>,
    ) -> (String, bool) {
        let (sources, mut found) = load::load(layers);
        if !found.has_errors() {
            found.list.extend(lint::lint(&sources).list);
        }
        let rules = compile::compile(&sources, &mut found);
        if let Some(rules) = &rules {
            found.list.extend(inline::run(&sources, rules).diagnostics.list);
            found.list.extend(whole::run(&sources, rules).diagnostics.list);
        }
        if let Some(least) = self.min_coverage {
            coverage(&sources, least, &mut found);
        }
        found.sort(&sources.files);
        let hash = rules.as_ref().map(|rules| rules.hash.as_str());
        let text = match self.format {
            Form::Json => report::json(&sources, &found, hash),
            Form::Junit => report::junit(&sources, &found),
            Form::Text => {
                let line = rules.as_ref().and_then(|rules| kept.line(rules, context));
                let mut text = line.map_or_else(String::new, |line| format!("{line}\n\n"));
                text += &found.render(global.color());
                overrides(&sources, &mut text);
                counts(&sources, &found, hash, &mut text);
                text
            }
        };
        (text, found.has_errors() || (self.strict && !found.list.is_empty()))
    }
}

/// A fault when too few rules are tested, which names some that are not.
fn coverage(sources: &Sources, least: f64, found: &mut Diagnostics) {
    let coverage = Coverage::of(sources);
    if coverage.share() >= least {
        return;
    }
    let one_sided = sources.rules.iter().filter(|rule| {
        rule.mode != Mode::Off
            && !(rule.tests.iter().any(|test| test.hits) && rule.tests.iter().any(|test| !test.hits))
    });
    let some: Vec<&str> = one_sided.take(5).map(|rule| rule.id.value.as_str()).collect();
    let message = format!(
        "{} of {} rules have both kinds of test: {:.1}%, and {:.1}% are asked for",
        coverage.tested,
        coverage.rules,
        100.0 * coverage.share(),
        100.0 * least
    );
    found
        .fault("low-coverage", message)
        .help(format!("add `match` and `no-match` tests to {}", some.join(", ")));
}

/// Every value that a stronger folder changed, with both places.
fn overrides(sources: &Sources, text: &mut String) {
    if sources.overrides.is_empty() {
        return;
    }
    text.push_str("changed by a folder:\n");
    for Override { what, id, key, old, new } in &sources.overrides {
        let id = if id.is_empty() { String::new() } else { format!(" {id}") };
        let key = if key.is_empty() { String::new() } else { format!(": {key}") };
        let old = old.as_ref().map_or_else(|| "nothing".to_owned(), shown);
        let line = format!("  {what}{id}{key} = {}, was {old}", shown(new));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", escape::line(&line));
    }
    text.push('\n');
}

fn shown(value: &At<String>) -> String {
    format!("{} ({})", value.value, place(&value.place))
}

fn place(place: &Place) -> String {
    format!("{}:{}", place.file.name, place.line_column().0)
}

/// One line: what there is, and how many faults.
fn counts(sources: &Sources, found: &Diagnostics, hash: Option<&str>, text: &mut String) {
    let tests = sources.rules.iter().map(|rule| rule.tests.len()).sum::<usize>()
        + sources.combines.iter().map(|combine| combine.tests.len()).sum::<usize>()
        + sources.tests.len();
    let of = |severity| found.list.iter().filter(|finding| finding.severity == severity).count();
    let list = [
        counted(sources.files.len(), "file"),
        counted(sources.rules.len() + sources.combines.len(), "rule"),
        counted(tests, "test"),
        counted(sources.routes.len() + sources.adjusts.len(), "routing step"),
        counted(sources.accounts.len(), "account"),
    ];
    let findings = [counted(of(Severity::Error), "fault"), counted(of(Severity::Warning), "warning")];
    let hash = hash.map_or(String::new(), |hash| format!("; rules {hash}"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}: {}{hash}", list.join(", "), findings.join(", "));
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
