//! `postroom eval`: how right the rules are on labelled mail.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use postroom::Error;
use postroom::corpus::eval::show::Show;
use postroom::corpus::kept::Kept;
use postroom::corpus::labelled::{Corpus, Place};
use postroom::corpus::prepared::Judgement;
use postroom::corpus::report::text::Sort;
use postroom::corpus::report::{Report, json, mails, page, text};
use postroom::corpus::{eval, judge};
use postroom::rules::layer::Layer;
use postroom::terms::ZoneSet;
use postroom::triage::Context;
use postroom::triage::output::escape;

use super::exit::Exit;
use super::failure::Failure;
use super::options::{Global, at_least_one};
use super::watch::{self, Live, Reread};
use super::{corpus, folders, print};

/// Judge the rules by labelled mail: what is mistaken for what, and which rule is right how often
#[derive(Args, Debug)]
#[command(after_help = "Labels come from mailboxes or folders named by class (new-project.mbox, a Maildir \
    called other), from X.labels.tsv beside X.mbox, or from the field X-Postroom-Label of a mail.\n\n\
    Examples:\n  \
    postroom eval corpus\n  \
    postroom eval corpus --show delivery-question:project-update\n  \
    postroom eval corpus --rules-table --sort precision\n  \
    postroom eval corpus --show rule=asks-when\n  \
    postroom eval corpus --html report.html\n  \
    postroom --rules rules eval corpus --watch   the figures again at each save\n  \
    postroom eval corpus --format json | jq .class.accuracy")]
pub(crate) struct Eval {
    /// Labelled mailboxes, or folders of them
    #[arg(value_name = "CORPUS", required = true)]
    sources: Vec<PathBuf>,

    /// The form of the output
    #[arg(short, long, value_enum, default_value_t = Form::Text, value_name = "FORM")]
    format: Form,

    /// Write the page for a browser to this file as well
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// List the mails behind a number, with their evidence: mistakes, unsure, LABEL:GIVEN (two classes or
    /// two owners), topic=TOPIC, rule=ID
    #[arg(long, value_name = "WHAT", value_parser = Show::from_str)]
    show: Vec<Show>,

    /// Show each rule's record: hits, precision, coverage, the mails it alone hit, its partners
    #[arg(long)]
    rules_table: bool,

    /// What the table of rules is sorted by: id, hits, precision, alone, points, wrong, target
    #[arg(long, value_name = "ORDER", default_value = "hits", value_parser = Sort::from_str)]
    sort: Sort,

    /// List mails without a label, labels without a mail, and further copies
    #[arg(long)]
    left_out: bool,

    /// Exit 1 when the share of mails of the right class is below this, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = corpus::share)]
    min_accuracy: Option<f64>,

    /// Judge again whenever a rule file is saved; what the change did stands on top
    #[arg(long, conflicts_with_all = ["format", "min_accuracy"])]
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
    /// One JSON object; with --show one object a mail.
    Json,
    /// One page for a browser; it holds the text of the mails not sorted right.
    Html,
}

impl Eval {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let layers = folders::layers(global.rules.as_deref())?;
        let context = Context { date: global.date, ..Context::default() };
        if self.watch {
            return self.watch(&layers, global, context);
        }
        let rules = postroom::rules::ready(&layers)?;
        let (corpus, exit) = corpus::read(&self.sources)?;
        let judged = judge::all(&corpus, &rules, &context, corpus::jobs(self.jobs));
        let evaluation = eval::evaluate(&corpus, &judged, &rules);
        let report = Report {
            corpus: &corpus,
            judged: &judged,
            evaluation: &evaluation,
            rules: &rules,
            context: &context,
        };
        print(&self.answer(&report, global.color())?)?;
        let below =
            self.min_accuracy.is_some_and(|least| evaluation.classes.accuracy().unwrap_or(0.0) < least);
        Ok(if exit == Exit::Fine && below { Exit::Findings } else { exit })
    }

    /// The report, again after each change of the rules, with what it changed on top.
    fn watch(&self, layers: &[Layer], global: &Global, context: Context<'_>) -> Result<Exit, Failure> {
        let (corpus, _) = corpus::read(&self.sources)?;
        let jobs = corpus::jobs(self.jobs);
        let mut live = Live::new(Kept::of_corpus(&corpus, ZoneSet::EMPTY, jobs), context, jobs);
        let mut rules = Reread::new(layers, global.color());
        watch::watch(&watch::folders(layers), || {
            rules.figures(|version| {
                let mut text = live.judge(version, global.color());
                let Some(state) = live.state() else { return Ok(text) };
                let judged: Vec<_> = state.judgements.iter().map(Judgement::judged).collect();
                let rules = &state.version.rules;
                let evaluation = eval::evaluate(&corpus, &judged, rules);
                let report = Report {
                    corpus: &corpus,
                    judged: &judged,
                    evaluation: &evaluation,
                    rules,
                    context: &context,
                };
                text += &self.answer(&report, global.color())?;
                Ok(text)
            })
        })
    }

    /// What is printed; the page is written to its file on the way.
    fn answer(&self, report: &Report<'_>, color: bool) -> Result<String, Failure> {
        if let Some(file) = &self.html {
            fs::write(file, page::write(report)).map_err(|cause| Error::io("write", file, cause))?;
        }
        self.written(report, color)
    }

    fn written(&self, report: &Report<'_>, color: bool) -> Result<String, Failure> {
        if !self.show.is_empty() {
            return self.shown(report);
        }
        match self.format {
            Form::Json => return Ok(json::evaluation(report)),
            Form::Html => return Ok(page::write(report)),
            Form::Text => {}
        }
        let mut written = if self.rules_table { String::new() } else { text::evaluation(report, color) };
        if self.rules_table {
            written += text::rules(report, self.sort, color).trim_start();
        }
        if self.left_out {
            written += &left_out(report.corpus);
        }
        Ok(written)
    }

    fn shown(&self, report: &Report<'_>) -> Result<String, Failure> {
        let mut written = String::new();
        for show in &self.show {
            let found = show.mails(report.evaluation).map_err(|what| Failure::new(Exit::Usage, what))?;
            if self.format == Form::Json {
                written += &json::mails(report, &found);
            } else {
                written += &format!("{show}: {}\n\n", found.len());
                written += &mails::write(report, &found);
            }
        }
        Ok(written)
    }
}

/// What is not judged, with its places.
fn left_out(corpus: &Corpus) -> String {
    let mut text = String::new();
    let mut list = |what: &str, found: &[(String, Place)]| {
        for (id, place) in found {
            text += &format!("{what}: {} at {}\n", escape::line(id), escape::line(&place.to_string()));
        }
    };
    list("without a label", &corpus.unlabelled);
    list("label without a mail", &corpus.unmatched);
    list("further copy", &corpus.copies);
    for conflict in &corpus.conflicts {
        text += &format!("labelled twice, differently: {}\n", escape::line(&conflict.to_string()));
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}
