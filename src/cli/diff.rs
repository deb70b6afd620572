//! `postroom diff`: what a change of the rules did to some mail.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::corpus::diff::{self, Kind, Options, Version};
use postroom::corpus::kept::Kept;
use postroom::corpus::labelled::Reader;
use postroom::corpus::report::diff as report;
use postroom::rules::layer::Layer;
use postroom::triage::Context;

use super::exit::Exit;
use super::failure::Failure;
use super::options::{Global, at_least_one};
use super::watch::{self, Live, Reread};
use super::{corpus, folders, print};

/// The word for the rules compiled into the program.
const BUILT_IN: &str = "built-in";

/// Compare two versions of the rules on mail: what each edit fixed, broke and moved
#[derive(Args, Debug)]
#[command(after_help = "RULES is a folder laid over the built-in rules, or the word built-in.\n\
    Exit 1 when a labelled mail broke; with --exit-code when any decision differs.\n\n\
    Examples:\n  \
    postroom diff --base built-in --new rules corpus\n  \
    git worktree add /tmp/before HEAD && postroom diff --base /tmp/before/rules --new rules corpus\n  \
    postroom diff --base built-in --new rules --watch corpus   again at each save\n  \
    postroom diff --base built-in --new rules --format json ~/Maildir | jq .counts")]
pub(crate) struct Diff {
    /// The rules before
    #[arg(long, value_name = "RULES")]
    base: PathBuf,

    /// The rules now [default: those every other command would use]
    #[arg(long, value_name = "RULES", conflicts_with = "rules")]
    new: Option<PathBuf>,

    /// Mailboxes, labelled or not
    #[arg(value_name = "MAIL", required = true)]
    sources: Vec<PathBuf>,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    format: Form,

    /// Least change of probability, from 0 to 1, for a mail to count as surer or less sure
    #[arg(long, value_name = "SHARE", default_value = "0.1", value_parser = corpus::share)]
    least: f64,

    /// Show every mail of every cause
    #[arg(long)]
    all: bool,

    /// Exit 1 when any decision differs, labelled or not
    #[arg(long)]
    exit_code: bool,

    /// Compare again whenever a file of the new rules is saved; what the change did stands on top
    #[arg(long, conflicts_with_all = ["format", "exit_code"])]
    watch: bool,

    /// Threads to work on; the output is the same whatever their number [default: one a processor]
    #[arg(short, long, value_name = "NUMBER", value_parser = at_least_one::<NonZeroUsize>)]
    jobs: Option<NonZeroUsize>,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person.
    Text,
    /// One JSON object.
    Json,
}

impl Diff {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let base = Version::load(&named(&self.base)?)?;
        let layers = match &self.new {
            Some(folder) => named(folder)?,
            None => folders::layers(global.rules.as_deref())?,
        };
        let context = Context { date: global.date, ..Context::default() };
        if self.watch {
            return self.watch(base, &layers, global, context);
        }
        let new = Version::load(&layers)?;
        let options = Options { context, least: self.least, jobs: corpus::jobs(self.jobs) };
        let mut found = diff::diff(&base, &new, Reader::new(&self.sources), &options);
        let (errors, warnings) = (std::mem::take(&mut found.errors), std::mem::take(&mut found.warnings));
        let exit = corpus::tell_faults(errors, &found.faults, warnings);
        print(&match self.format {
            Form::Text => report::text(&found, self.all, global.color()),
            Form::Json => report::json(&found, &base.rules.hash, &new.rules.hash),
        })?;
        let differs = |kind: &Kind| match kind {
            Kind::Broken => true,
            kind => self.exit_code && kind.is_decision(),
        };
        let differing = Kind::ALL.iter().filter(|kind| differs(kind)).any(|&kind| found.count(kind) > 0);
        Ok(if exit == Exit::Fine && differing { Exit::Findings } else { exit })
    }

    /// The comparison, again after each change of the new rules, with what that change did on top.
    fn watch(
        &self,
        base: Version,
        layers: &[Layer],
        global: &Global,
        context: Context<'_>,
    ) -> Result<Exit, Failure> {
        let jobs = corpus::jobs(self.jobs);
        let mut reader = Reader::new(&self.sources);
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for next in reader.by_ref() {
            match next {
                Ok(entry) => entries.push(entry),
                Err(error) => errors.push(error),
            }
        }
        corpus::tell_faults(errors, &reader.take_faults(), reader.take_warnings());
        let mut kept = Kept::of_entries(&entries, base.rules.zones, jobs);
        let base = kept.judge(base, None, &context, jobs);
        let mut live = Live::new(kept, context, jobs);
        let mut rules = Reread::new(layers, global.color());
        watch::watch(&watch::folders(layers), || {
            rules.figures(|version| {
                let mut text = live.judge(version, global.color());
                if let Some(state) = live.state() {
                    let all = diff::of_kept(live.kept(), &base, state, self.least, jobs);
                    text += &format!("against {}: ", self.base.display());
                    text += &report::text(&all, self.all, global.color());
                }
                Ok(text)
            })
        })
    }
}

/// The layers of a version named on the command line.
fn named(named: &Path) -> Result<Vec<Layer>, Failure> {
    let mut layers = vec![Layer::BuiltIn];
    if named != Path::new(BUILT_IN) {
        if !named.is_dir() {
            let message = format!("{} is no folder of rules, nor the word {BUILT_IN}", named.display());
            return Err(Failure::new(Exit::NoInput, message));
        }
        layers.push(Layer::Folder(named.to_owned()));
    }
    Ok(layers)
}
