//! `postroom check`: whether the rules hold together, every fault in one run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::corpus::diff::Version;
use postroom::corpus::kept::Kept;
use postroom::corpus::{inline, whole};
use postroom::rules::diagnostic::{Diagnostics, Place, Severity};
use postroom::rules::layer::Layer;
use postroom::rules::memory::Memory;
use postroom::rules::source::{At, Mode, Override, Sources};
use postroom::rules::{RuleSet, compile, lint, load, saved};
use postroom::terms::ZoneSet;
use postroom::triage::Context;
use postroom::triage::output::escape;

use super::corpus::{self, share};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::tune::show;
use super::watch::{self, Live};
use super::{folders, print, rule_files};
use fix::Fixed;
use report::Coverage;

mod fix;
mod report;

/// Check rules: read, compile and lint them, and run the tests they hold
#[derive(Args, Debug)]
#[command(
    after_help = "Prints every fault with its place, every value that a folder changed, and what there is.\n\
    Exit 1 when there are faults; warnings alone are no fault unless --strict is given.\n\n\
    Examples:\n  \
    postroom check rules\n  \
    postroom check --strict\n  \
    postroom check --watch --corpus corpus rules    what each saved change did\n  \
    postroom check --fix --dry-run rules    what would be put right\n  \
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

    /// Make the changes in the folder that put findings right without doubt, and say which; all else stays
    #[arg(long, conflicts_with_all = ["format", "watch"])]
    fix: bool,

    /// With --fix: show the changes and make none
    #[arg(long, requires = "fix")]
    dry_run: bool,

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
        let fixed = self.fix(named, &layers, global)?;
        if self.dry_run {
            print(&fixed)?;
            return Ok(Exit::Fine);
        }
        let mut live = self.live(global)?;
        let mut memory = Memory::default();
        if self.watch {
            return watch::watch(&watch::folders(&layers), || {
                Ok(self.answer(&layers, global, &mut live, &mut memory).0)
            });
        }
        let (text, faults) = self.answer(&layers, global, &mut live, &mut memory);
        print(&(fixed + &text))?;
        Ok(if faults { Exit::Findings } else { Exit::Fine })
    }

    /// Makes the safe changes when they are asked for, or shows them; in words what they are.
    fn fix(&self, folder: Option<&Path>, layers: &[Layer], global: &Global) -> Result<String, Failure> {
        if !self.fix {
            return Ok(String::new());
        }
        let Some(folder) = folder else {
            return Err(Failure::new(Exit::Usage, "name the folder of rules to change"));
        };
        let _held = if self.dry_run { None } else { Some(rule_files::hold(folder)?) };
        let Fixed { edits, told } = fix::fix(folder, layers)?;
        let done = if self.dry_run { "would change" } else { "changed" };
        let mut text = String::new();
        for line in &told {
            text += &format!("{done} {line}\n");
        }
        if told.is_empty() {
            text += "nothing can be put right without doubt\n";
        }
        text.push('\n');
        if self.dry_run {
            show::diff(&edits, Some(folder), global.color(), &mut text);
        } else {
            rule_files::write(folder, &edits)?;
        }
        Ok(text)
    }

    /// The labelled mail, when some is named.
    fn live(&self, global: &Global) -> Result<Option<Live<'static>>, Failure> {
        if self.corpus.is_empty() {
            return Ok(None);
        }
        let (corpus, _) = corpus::read(&self.corpus)?;
        let context = Context { date: global.date, ..Context::default() };
        let jobs = corpus::jobs(None);
        Ok(Some(Live::new(Kept::of_corpus(&corpus, ZoneSet::EMPTY, jobs), context, jobs)))
    }

    /// What is told of the rules as they are now, and whether there are faults.
    fn answer(
        &self,
        layers: &[Layer],
        global: &Global,
        live: &mut Option<Live<'_>>,
        memory: &mut Memory,
    ) -> (String, bool) {
        let (sources, rules, mut found) = findings(layers, memory);
        if let Some(rules) = &rules {
            found.list.extend(whole::run(&sources, rules).diagnostics.list);
        }
        if let Some(least) = self.min_coverage {
            coverage(&sources, least, &mut found);
        }
        if let Some(path) = rules.as_ref().and_then(|_| saved::stale(layers)) {
            stale(&path, &mut found);
        }
        found.sort(&sources.files);
        let hash = rules.as_ref().map(|rules| rules.hash.as_str());
        let text = match self.format {
            Form::Json => report::json(&sources, &found, hash),
            Form::Junit => report::junit(&sources, &found),
            Form::Text => {
                let version = rules.as_ref().map(|rules| (sources.clone(), rules.clone()));
                let told = version
                    .zip(live.as_mut())
                    .map(|((sources, rules), live)| live.judge(Version { sources, rules }, global.color()));
                let mut text = told.unwrap_or_default();
                text += &found.render(global.color());
                overrides(&sources, &mut text);
                counts(&sources, &found, hash, &mut text);
                text
            }
        };
        (text, found.has_errors() || (self.strict && !found.list.is_empty()))
    }
}

/// The rules as far as they can be used, and everything found but what whole mails show.
fn findings(layers: &[Layer], memory: &mut Memory) -> (Sources, Option<RuleSet>, Diagnostics) {
    let (sources, mut found) = load::load_again(layers, memory);
    let loaded = !found.has_errors();
    let rules = compile::compile_again(&sources, &mut found, memory);
    if loaded {
        found.list.extend(lint::lint(&sources, rules.as_ref()).list);
    }
    if let Some(rules) = &rules {
        found.list.extend(inline::run(&sources, rules).diagnostics.list);
    }
    (sources, rules, found)
}

/// A warning that there are compiled rules, and that they are not read.
fn stale(path: &Path, found: &mut Diagnostics) {
    found
        .notice("stale-compiled", format!("{} is of other rules or of another version", path.display()))
        .help("`postroom compile` writes it anew; until then the rules are compiled at each start");
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
    for Override { what, id, key, old, new, lost } in &sources.overrides {
        let id = if id.is_empty() { String::new() } else { format!(" {id}") };
        let key = if key.is_empty() { String::new() } else { format!(": {key}") };
        let old = old.as_ref().map_or_else(|| "nothing".to_owned(), shown);
        let gone = if lost.is_empty() { String::new() } else { format!("; no more for {}", lost.join(", ")) };
        let line = format!("  {what}{id}{key} = {}, was {old}{gone}", shown(new));
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
