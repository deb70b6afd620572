//! `postroom tune --lexicon`: the phrase list and all points learned together.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use postroom::Error;
use postroom::corpus::edit::{self, Changes, FileEdit};
use postroom::corpus::labelled::Corpus;
use postroom::corpus::tune::lexicon::{self, LeftOut, Options, Outcome, Vetoed};
use postroom::corpus::tune::validate;
use postroom::rules::RuleSet;
use postroom::rules::layer::Layer;
use postroom::rules::lexicon::is_phrase;
use postroom::rules::source::{Mode, PhraseSource};
use postroom::terms::{Class, Role, Topic, UNSURE};
use postroom::triage::Context;
use postroom::triage::output::{NOBODY, escape};
use serde_json::json;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::folders;
use super::{edited, moved, texts};

/// The file the list stands in.
const FILE: &str = "lexicon.toml";

/// What concerns the phrase list.
#[derive(Args, Debug)]
#[command(next_help_heading = "Phrase list")]
pub(super) struct Learn {
    /// Learn the phrase list and fit all points together, from nothing
    #[arg(long)]
    pub(super) lexicon: bool,

    /// Most phrases to keep for the classes; a fifth of them for each topic
    #[arg(long, value_name = "NUMBER", requires = "lexicon", default_value_t = Options::default().phrases)]
    phrases: usize,

    /// Words of the longest phrase
    #[arg(long, value_name = "NUMBER", requires = "lexicon", default_value_t = Options::default().longest,
        value_parser = clap::value_parser!(u8).range(1..=4))]
    longest: u8,

    /// Writers that a phrase needs: sets of mail, or senders where there is one set
    #[arg(long, value_name = "NUMBER", requires = "lexicon", default_value_t = Options::default().writers)]
    writers: usize,

    /// How strongly a phrase's points are drawn toward nothing
    #[arg(long, value_name = "NUMBER", requires = "lexicon", value_parser = super::positive,
        default_value_t = Options::default().phrase_strength)]
    phrase_strength: f64,

    /// How strongly a rule's points are drawn toward nothing
    #[arg(long, value_name = "NUMBER", requires = "lexicon", value_parser = super::positive,
        default_value_t = Options::default().rule_strength)]
    rule_strength: f64,

    /// Learn without a part of the evidence, to see what it is worth
    #[arg(long, value_enum, value_name = "WHAT", requires = "lexicon")]
    without: Option<Without>,

    /// Write what rules not fitted to a mail made of it, one JSON object a mail
    #[arg(long, value_name = "FILE", requires = "lexicon")]
    left_out: Option<PathBuf>,
}

/// What to leave out of the learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Without {
    /// The rules' hits.
    Rules,
    /// The phrases.
    Phrases,
    /// In which zone a rule looks, and the subject's phrases.
    Zones,
    /// At which sentences a rule looks: questions, requests, statements.
    Acts,
    /// Where a sentence begins and ends, in phrases.
    Ends,
}

impl From<Without> for lexicon::Without {
    fn from(without: Without) -> Self {
        match without {
            Without::Rules => Self::Rules,
            Without::Phrases => Self::Phrases,
            Without::Zones => Self::Zones,
            Without::Acts => Self::Acts,
            Without::Ends => Self::Ends,
        }
    }
}

impl Learn {
    /// Learns; gives what to show and the edits that would make it so.
    pub(super) fn run(
        &self,
        corpus: &Corpus,
        base: Base<'_>,
        context: &Context<'_>,
        (folds, jobs): (Option<usize>, usize),
    ) -> Result<(String, Vec<FileEdit>), Failure> {
        let options = Options {
            phrase_strength: self.phrase_strength,
            rule_strength: self.rule_strength,
            phrases: self.phrases,
            longest: self.longest,
            writers: self.writers,
            without: self.without.map(Into::into),
            folds,
            jobs,
        };
        let vetoed = base.vetoed();
        let outcome = lexicon::learn(corpus, base.rules, &vetoed, context, &options);
        if let Some(path) = &self.left_out {
            std::fs::write(path, left_out(corpus, &outcome))
                .map_err(|cause| Error::io("write", path, cause))?;
        }
        let edits = edits(base, &outcome, &vetoed)?;
        let mut text = figures(corpus, base.rules, &outcome, context);
        if outcome.learned.is_empty() {
            let _ = writeln!(
                text,
                "no phrase is used by {} writers, as --writers has it: sets of mail, or senders where there is one \
                 set\n",
                self.writers
            );
        }
        moved::show(base.rules, &outcome, &mut text);
        Ok((text, edits))
    }
}

/// What is learned over.
#[derive(Clone, Copy)]
pub(super) struct Base<'b> {
    pub(super) rules: &'b RuleSet,
    /// What the phrase lists say.
    pub(super) phrases: &'b [PhraseSource],
    pub(super) layers: &'b [Layer],
    /// The folder whose files are to change.
    pub(super) folder: Option<&'b Path>,
}

impl Base<'_> {
    /// Phrases that are off: learning would bring them back.
    fn vetoed(self) -> Vetoed {
        let off = |phrase: &&PhraseSource| phrase.mode == Mode::Off && is_phrase(&phrase.text.value);
        self.phrases.iter().filter(off).map(|phrase| (phrase.part, phrase.text.value.clone())).collect()
    }
}

/// The edits of the rule files, proven: rules read from the edited files give the points learned.
fn edits(base: Base<'_>, outcome: &Outcome, vetoed: &Vetoed) -> Result<Vec<FileEdit>, Failure> {
    let Base { rules, layers, folder, .. } = base;
    let mut changes = Changes::default();
    changes.between(rules, &outcome.rules, 2);
    let folder_texts = texts(folder)?;
    let mut edits = edit::files(&folder_texts, &changes)?;
    let before = folder_texts.iter().find(|(name, _)| name == FILE).map(|(_, text)| text.clone());
    let (before, after) = (before.unwrap_or_default(), lexicon::text(&outcome.learned, vetoed));
    if before != after {
        edits.push(FileEdit { name: FILE.to_owned(), before, after });
    }
    let (_, read) = folders::ready(&edited(layers, folder, folder_texts, &edits))?;
    let mut meant = rules.clone();
    changes.apply(&mut meant);
    let same = read.decision == meant.decision
        && moved::phrases(&read.lexicon) == moved::phrases(&outcome.rules.lexicon)
        && read.rules.iter().zip(&meant.rules).all(|(a, b)| a.points == b.points && a.topics == b.topics);
    if same {
        Ok(edits)
    } else {
        Err(Failure::new(
            Exit::Internal,
            "the edited files would not give the points meant; nothing is changed",
        ))
    }
}

// Writing to a string cannot fail, here and below.

/// JSON v1's keys for a decision, and the fold it was made in.
fn left_out(corpus: &Corpus, outcome: &Outcome) -> String {
    let mut text = String::new();
    for ((one, given), fold) in corpus.mails.iter().zip(&outcome.left_out).zip(&outcome.folds.of) {
        let probabilities: serde_json::Map<String, serde_json::Value> = Class::ALL
            .iter()
            .zip(given.decision.probabilities)
            .map(|(class, share)| (class.as_str().to_owned(), json!((share * 1e4).round() / 1e4)))
            .collect();
        let topics: Vec<&str> = given.decision.topics.iter().map(|topic| topic.as_str()).collect();
        let object = json!({
            "message_id": one.id,
            "class": given.decision.word(),
            "owner": given.owner.map_or(NOBODY, Role::as_str),
            "topics": topics,
            "probabilities": probabilities,
            "fold": outcome.folds.names.get(*fold),
        });
        let _ = writeln!(text, "{object}");
    }
    text
}

/// One line of figures.
struct Row {
    pairs: Vec<validate::Pair>,
    owners: (usize, usize),
    hard: (usize, usize),
}

/// What was made of a mail: its class and its owner.
type Given = (Option<Class>, Option<Role>);

fn row(corpus: &Corpus, given: &[Given], wanted: impl Fn(usize) -> bool) -> Row {
    let mut row = Row { pairs: Vec::new(), owners: (0, 0), hard: (0, 0) };
    let each = corpus.mails.iter().zip(given).enumerate().filter(|(at, _)| wanted(*at));
    for (_, (one, &(class, owner_given))) in each {
        let right = class == Some(one.label.class);
        row.pairs.push((one.label.class, class));
        if let Some(owner) = one.label.owner {
            row.owners.0 += usize::from(owner == owner_given);
            row.owners.1 += 1;
        }
        if one.label.difficulty.as_deref() == Some("hard") {
            row.hard.0 += usize::from(right);
            row.hard.1 += 1;
        }
    }
    row
}

fn share((part, whole): (usize, usize)) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}

impl Row {
    fn write(&self, name: &str, text: &mut String) {
        let figures = validate::figures(&self.pairs, 0.0);
        let _ = writeln!(
            text,
            "  {name:<14} {:>5} {:>9.3} {:>8} {:>7} {:>7}",
            figures.mails,
            figures.macro_f1,
            share((figures.right, figures.mails)),
            share(self.hard),
            share(self.owners)
        );
    }
}

fn figures(corpus: &Corpus, rules: &RuleSet, outcome: &Outcome, context: &Context<'_>) -> String {
    let folds = &outcome.folds;
    let mut text = format!(
        "{} labelled mails, {} rules, {} phrases; each of {} left out in turn\n\n",
        outcome.examples.len(),
        outcome.rules.rules.len(),
        outcome.learned.len(),
        folds.names.len()
    );
    let left_out = |one: &LeftOut| (one.decision.class, one.owner);
    let left_out: Vec<Given> = outcome.left_out.iter().map(left_out).collect();
    let _ = writeln!(text, "  left out       mails  macro-F1    right    hard   owner");
    for (number, name) in folds.names.iter().enumerate() {
        let name = escape::line(name.rsplit('/').next().unwrap_or(name)).into_owned();
        row(corpus, &left_out, |at| folds.of[at] == number).write(&name, &mut text);
    }
    row(corpus, &left_out, |_| true).write("all", &mut text);
    let fitted = outcome.examples.iter().map(|one| {
        let judgement = one.mail.judge(&outcome.rules, context);
        (one.class, judgement.decision.class)
    });
    let fitted = validate::figures(&fitted.collect::<Vec<_>>(), 0.0);
    let _ = writeln!(text, "  fitted to all  {:>5} {:>9.3}", fitted.mails, fitted.macro_f1);
    let judged = outcome.examples.iter().map(|one| {
        let judgement = one.mail.judge(rules, context);
        (judgement.decision.class, judgement.route.owner.map(|owner| owner.role))
    });
    row(corpus, &judged.collect::<Vec<_>>(), |_| true).write("as it is now", &mut text);
    // Whoever learned before learned from this mail.
    text.push_str("  (which is no mail left out where the rules of now were fitted to it)\n\n");
    sure(corpus, outcome, &mut text);
    topics(corpus, outcome, &mut text);
    text
}

/// Calibration of the left-out decisions, and how right they are when sure.
fn sure(corpus: &Corpus, outcome: &Outcome, text: &mut String) {
    let mut bins = [(0usize, 0usize, 0.0f64); 10];
    let mut each: Vec<(f64, bool)> = Vec::new();
    for (one, given) in corpus.mails.iter().zip(&outcome.left_out) {
        let share = given.decision.confidence();
        let right = given.decision.best == one.label.class;
        let bin = &mut bins[((share * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + usize::from(right), bin.2 + share);
        each.push((share, right));
    }
    let mails = each.len().max(1) as f64;
    let error: f64 = bins.iter().map(|bin| (bin.1 as f64 - bin.2).abs()).sum::<f64>() / mails;
    let temperature = outcome.rules.decision.temperature;
    let _ = writeln!(text, "temperature {temperature}; expected calibration error {:.1} %", 100.0 * error);
    each.sort_by(|a, b| b.0.total_cmp(&a.0));
    let surest = &each[..each.len() * 8 / 10];
    let right = surest.iter().filter(|(_, right)| *right).count();
    if let Some((least, _)) = surest.last() {
        let _ = writeln!(
            text,
            "the surest 80 % (from {least:.2}) are {:.1} % right\n",
            100.0 * right as f64 / surest.len() as f64
        );
    }
}

fn topics(corpus: &Corpus, outcome: &Outcome, text: &mut String) {
    let _ = writeln!(text, "  topic              F1   found   missed    wrong");
    let mut all = (0, 0, 0);
    for &topic in Topic::ALL {
        let mut counts = (0, 0, 0);
        for (one, given) in corpus.mails.iter().zip(&outcome.left_out) {
            let Some(labelled) = &one.label.topics else { continue };
            match (labelled.contains(&topic), given.decision.has(topic)) {
                (true, true) => counts.0 += 1,
                (true, false) => counts.1 += 1,
                (false, true) => counts.2 += 1,
                (false, false) => {}
            }
        }
        topic_row(topic.as_str(), counts, text);
        all = (all.0 + counts.0, all.1 + counts.1, all.2 + counts.2);
    }
    topic_row("all", all, text);
    let unsure = outcome.left_out.iter().filter(|given| given.decision.class.is_none()).count();
    let _ = writeln!(text, "\n{unsure} {UNSURE}");
}

fn topic_row(name: &str, (found, missed, wrong): (usize, usize, usize), text: &mut String) {
    let f1 = 2.0 * found as f64 / (2 * found + missed + wrong).max(1) as f64;
    let _ = writeln!(text, "  {name:<15} {f1:>5.3}  {found:>6}   {missed:>6}   {wrong:>6}");
}
