//! `postroom rules`: what rules there are, and everything about one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use postroom::corpus::eval::{self, RuleScore};
use postroom::corpus::judge;
use postroom::rules::RuleSet;
use postroom::rules::diagnostic::Place;
use postroom::rules::nearest::nearest;
use postroom::rules::set::Rule;
use postroom::rules::source::{At, Mode, RuleTest, Sources};
use postroom::triage::Context;
use postroom::triage::output::escape;

use super::exit::Exit;
use super::explain::why::counts;
use super::failure::Failure;
use super::options::Global;
use super::{corpus, folders, print};

/// List the rules, or show one: its definition, where it comes from, its tests and its record
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    postroom rules\n  \
    postroom rules asks-quote\n  \
    postroom rules asks-quote --corpus corpus     with how often it hits and is right\n  \
    postroom rules --corpus corpus | sort -k2 -n  every rule's record")]
pub(crate) struct Rules {
    /// One rule or combination
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// Labelled mail to take each rule's record from
    #[arg(long, value_name = "CORPUS")]
    corpus: Vec<PathBuf>,
}

impl Rules {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (sources, rules) = folders::sources(global.rules.as_deref())?;
        let (scores, exit) = self.scores(&rules, global)?;
        let text = match &self.id {
            Some(id) => one(id, &sources, &rules, scores.as_deref())?,
            None => list(&sources, &rules, scores.as_deref()),
        };
        print(&text)?;
        Ok(exit)
    }

    fn scores(&self, rules: &RuleSet, global: &Global) -> Result<(Option<Vec<RuleScore>>, Exit), Failure> {
        if self.corpus.is_empty() {
            return Ok((None, Exit::Fine));
        }
        let (corpus, exit) = corpus::read(&self.corpus)?;
        let context = Context { date: global.date, ..Context::default() };
        let judged = judge::all(&corpus, rules, &context, corpus::jobs(None));
        Ok((Some(eval::evaluate(&corpus, &judged, rules).rules), exit))
    }
}

/// Id, record, what a hit counts, and what it is about: a line each.
fn list(sources: &Sources, rules: &RuleSet, scores: Option<&[RuleScore]>) -> String {
    let mut text = String::new();
    let widest = rules.rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0).min(40);
    let says = sources.rules.iter().map(|rule| (rule.id.value.as_str(), rule.about.as_str()));
    let also = sources.combines.iter().map(|rule| (rule.id.value.as_str(), rule.about.as_str()));
    let about: HashMap<&str, &str> = says.chain(also).collect();
    for rule in &rules.rules {
        let score = score(scores, &rule.id).map_or_else(String::new, |score| {
            let (of, right) = score.borne_out;
            format!("{:>5} hits {:>4}  ", score.hits.len(), share(of, right))
        });
        let audit = if rule.mode == Mode::Audit { "(audit) " } else { "" };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            text,
            "{:<widest$}  {score}{audit}{}  {}",
            rule.id,
            counts(rule),
            escape::line(about.get(rule.id.as_ref()).copied().unwrap_or_default())
        );
    }
    let off = sources.rules.iter().filter(|rule| rule.mode == Mode::Off).count()
        + sources.combines.iter().filter(|rule| rule.mode == Mode::Off).count();
    let _ = writeln!(text, "{} rules, {off} off", rules.rules.len());
    text
}

fn share(of: usize, right: usize) -> String {
    if of == 0 { "-".to_owned() } else { format!("{:.0}%", 100.0 * right as f64 / of as f64) }
}

fn score<'s>(scores: Option<&'s [RuleScore]>, id: &str) -> Option<&'s RuleScore> {
    scores?.iter().find(|score| score.id == id)
}

/// One rule: place, changes, definition, tests, record.
fn one(
    id: &str,
    sources: &Sources,
    rules: &RuleSet,
    scores: Option<&[RuleScore]>,
) -> Result<String, Failure> {
    let found = sources
        .rules
        .iter()
        .find(|rule| rule.id.value == id)
        .map(|rule| ("rule", &rule.id, &rule.tests))
        .or_else(|| {
            let combine = sources.combines.iter().find(|rule| rule.id.value == id)?;
            Some(("combine", &combine.id, &combine.tests))
        });
    let Some((what, at, tests)) = found else {
        let near = nearest(id, rules.rules.iter().map(|rule| rule.id.as_ref()));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(Failure::new(Exit::Usage, format!("there is no rule `{id}`{near}")));
    };
    let mut text = format!("{what} {id}  {}\n", shown(&at.place));
    match rules.rule(id) {
        Some(rule) => effective(rule, &mut text),
        None => text.push_str("its mode is off: it is not looked at\n"),
    }
    changes(id, sources, &mut text);
    text.push('\n');
    for definition in definitions(what, at, sources) {
        let _ = writeln!(text, "{definition}");
    }
    let hits = |wanted: bool| tests.iter().filter(|test: &&RuleTest| test.hits == wanted).count();
    let _ = writeln!(text, "tests: {} that it must hit, {} that it must not", hits(true), hits(false));
    if let Some(score) = score(scores, id) {
        let (of, right) = score.borne_out;
        let _ = writeln!(
            text,
            "record: {} mails hit; {right} of {of} are {} ({}); it alone hit {}",
            score.hits.len(),
            score.target,
            share(of, right),
            score.alone.len()
        );
    }
    Ok(text)
}

fn effective(rule: &Rule, text: &mut String) {
    let _ = writeln!(text, "counts {}", counts(rule));
}

/// What stronger folders changed in it.
fn changes(id: &str, sources: &Sources, text: &mut String) {
    for change in sources.overrides.iter().filter(|change| change.id == id) {
        let old = change.old.as_ref().map_or_else(|| "nothing".to_owned(), written);
        let line = format!("changed: {} = {}, was {old}", change.key, written(&change.new));
        let _ = writeln!(text, "{}", escape::line(&line));
    }
}

fn written(at: &At<String>) -> String {
    format!("{} ({})", at.value, shown(&at.place))
}

fn shown(place: &Place) -> String {
    format!("{}:{}", place.file.name, place.line_column().0)
}

/// The definition as its file has it, and every one that overrides it: from its heading to the next.
fn definitions(what: &str, at: &At<String>, sources: &Sources) -> Vec<String> {
    let heading = format!("[[{what}]]");
    let mut found = Vec::new();
    for file in &sources.files {
        let mut block: Vec<&str> = Vec::new();
        let mut blocks = Vec::new();
        for line in file.text.lines() {
            let head = line.trim_start();
            // Tables within the rule go on with it: [[rule.test]], [rule.topics].
            let within = head.starts_with(&format!("[[{what}.")) || head.starts_with(&format!("[{what}."));
            if head.starts_with('[')
                && !within
                && (head.starts_with("[[") || line == head)
                && is_heading(head)
            {
                blocks.push(std::mem::take(&mut block));
            }
            block.push(line);
        }
        blocks.push(block);
        let ours = blocks.into_iter().filter(|block| {
            block.first().is_some_and(|line| line.trim_start().starts_with(&heading))
                && has_id(block, &at.value)
        });
        for block in ours {
            let end = block
                .iter()
                .rposition(|line| !line.trim().is_empty() && !line.starts_with('#'))
                .map_or(0, |at| at + 1);
            let lines = block.iter().take(end).map(|line| escape::line(line));
            let lines: Vec<_> = lines.map(|line| format!("{line}\n")).collect();
            found.push(format!("# {}\n{}", escape::line(&file.name), lines.concat()));
        }
    }
    found
}

/// Whether a line that begins with a bracket is a heading, not part of a list.
fn is_heading(line: &str) -> bool {
    let name = line.trim_start_matches('[').split(']').next().unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '))
}

fn has_id(block: &[&str], id: &str) -> bool {
    block.iter().any(|line| {
        let Some((key, value)) = line.split_once('=') else { return false };
        let value = value.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        key.trim() == "id" && value == id
    })
}
