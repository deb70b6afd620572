//! `postroom tune`: points fitted to labelled mail, shown as a diff of the rule files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::Error;
use postroom::corpus::edit::{self, FileEdit};
use postroom::corpus::tune::{self, Options, Outcome, phrases};
use postroom::rules::diagnostic::Diagnostics;
use postroom::rules::layer::{self, Layer};
use postroom::triage::Context;

use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::{corpus, folders, print, rule_files};

mod lexicon;
mod moved;
pub(super) mod show;

use lexicon::Base;

/// Fit points to labelled mail and show what would change; changes nothing unless told to
#[derive(Args, Debug)]
#[command(
    after_help = "Labelled mail is a mailbox X.mbox with X.labels.tsv beside it, or mail in mailboxes or folders\n\
    named after classes. Points are fitted by logistic regression, drawn toward the present ones, and judged\n\
    on mail they were not fitted to: each group left out in turn, or each of --folds, in which groups and\n\
    senders stay whole.\n\n\
    Examples:\n  \
    postroom tune corpus                      figures, a diff, and words that no rule knows\n  \
    postroom tune --show corpus               with every decision that would move\n  \
    postroom tune --write rules corpus        the same, and change the files in rules\n  \
    postroom tune --only topics --strength 30 corpus"
)]
pub(crate) struct Tune {
    /// Labelled mailboxes, or folders of them
    #[arg(value_name = "CORPUS", required = true)]
    corpus: Vec<PathBuf>,

    /// Change the files of this rule folder; it is laid over all others
    #[arg(long, value_name = "DIR", conflicts_with = "rules")]
    write: Option<PathBuf>,

    /// Fit only this
    #[arg(long, value_enum, value_name = "WHAT")]
    only: Option<Only>,

    /// How strongly points are held to what they are: few labels, more strength [default: whatever does best
    /// on mail left out]
    #[arg(long, value_name = "NUMBER", value_parser = positive)]
    strength: Option<f64>,

    /// Let points change their sign, and rules count for classes they did not count for
    #[arg(long)]
    free_signs: bool,

    /// Parts to deal mail into, groups and senders whole, of which each is left out in turn: fewer are faster
    /// [default: one for each group; 10 for mail without groups]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(2..=100))]
    folds: Option<u8>,

    /// Decimals that points are rounded to
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
    digits: u8,

    /// Fit the thresholds too: what a mail left unsure costs, where a wrong one costs 1
    #[arg(long, value_name = "COST", value_parser = positive)]
    unsure_cost: Option<f64>,

    /// List every decision that would move
    #[arg(long)]
    show: bool,

    #[command(flatten)]
    learn: lexicon::Learn,
}

/// What to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Points for classes.
    Class,
    /// Points for topics.
    Topics,
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if number.is_finite() && number > 0.0 { Ok(number) } else { Err("give a number above 0".to_owned()) }
}

impl Tune {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let folder = self.write.as_deref().or(global.rules.as_deref());
        let layers = folders::layers(folder)?;
        let _held = self.write.as_deref().map(rule_files::hold).transpose()?;
        let (sources, rules) = folders::ready(&layers)?;
        let (corpus, exit) = corpus::read(&self.corpus)?;
        let options = Options {
            strength: self.strength,
            free_signs: self.free_signs,
            folds: self.folds.map(usize::from),
            digits: self.digits,
            classes: self.only != Some(Only::Topics),
            topics: self.only != Some(Only::Class),
            unsure_cost: self.unsure_cost,
            jobs: corpus::jobs(None),
        };
        let context = Context { date: global.date, ..Context::default() };
        if self.learn.lexicon {
            let base = Base { rules: &rules, phrases: &sources.lexicon, layers: &layers, folder };
            let (mut text, edits) = self.learn.run(&corpus, base, &context, (options.folds, options.jobs))?;
            if self.write.is_none() {
                show::files(&edits, folder, &mut text);
            }
            self.finish(&edits, &mut text)?;
            print(&text)?;
            return Ok(exit);
        }
        let outcome = tune::tune(&corpus, &rules, &context, &options);
        let edits = edits(folder, &outcome, &layers)?;
        let mut text = String::new();
        show::figures(&outcome, &rules, &mut text);
        show::diff(&edits, folder, global.color(), &mut text);
        show::moves(&outcome.examples, &outcome.moves, self.show, &mut text);
        if options.classes {
            let candidates = phrases::candidates(&outcome.examples, &outcome.changed, &sources);
            show::candidates(&candidates, &outcome.examples, &mut text);
        }
        self.finish(&edits, &mut text)?;
        print(&text)?;
        Ok(exit)
    }

    /// Writes the edits where they are asked for, and says so.
    fn finish(&self, edits: &[FileEdit], text: &mut String) -> Result<(), Failure> {
        if let Some(folder) = &self.write {
            rule_files::write(folder, edits)?;
            *text += &format!("{} of {} changed\n", show::counted(edits.len(), "file"), folder.display());
        }
        Ok(())
    }
}

/// The rule files of a folder as they are.
pub(super) fn texts(folder: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Diagnostics::default();
    let texts = folder.map(|folder| layer::texts(folder, &mut found)).unwrap_or_default();
    if found.has_errors() { Err(Error::config(found).into()) } else { Ok(texts) }
}

/// The edits that make the changes, proven: rules read from the edited files have the points meant.
fn edits(folder: Option<&Path>, outcome: &Outcome, layers: &[Layer]) -> Result<Vec<FileEdit>, Failure> {
    let texts = texts(folder)?;
    let edits = edit::files(&texts, &outcome.changes)?;
    let (_, rules) = folders::ready(&edited(layers, folder, texts, &edits))?;
    let same = rules.decision == outcome.changed.decision
        && rules
            .rules
            .iter()
            .zip(&outcome.changed.rules)
            .all(|(a, b)| a.points == b.points && a.topics == b.topics);
    if same {
        Ok(edits)
    } else {
        Err(Failure::new(
            Exit::Internal,
            "the edited files would not give the points meant; nothing is changed",
        ))
    }
}

/// The layers with a folder's files in their edited state.
pub(super) fn edited(
    layers: &[Layer],
    folder: Option<&Path>,
    mut texts: Vec<(String, String)>,
    edits: &[FileEdit],
) -> Vec<Layer> {
    for edit in edits {
        texts.retain(|(name, _)| *name != edit.name);
        texts.push((edit.name.clone(), edit.after.clone()));
    }
    texts.sort();
    let mut layers = layers.to_vec();
    if folder.is_some() {
        layers.pop();
    }
    layers.push(Layer::Files(texts));
    layers
}
