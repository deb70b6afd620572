//! `postroom correct`: a mail that was sorted wrongly becomes a test, and the smallest change that passes it.

use std::path::PathBuf;

use clap::Args;
use postroom::corpus::edit::{self, Expected};
use postroom::corpus::prepared::Prepared;
use postroom::corpus::redact;
use postroom::corpus::tune::correct::correct;
use postroom::corpus::tune::examples::{self, Example};
use postroom::corpus::tune::moves;
use postroom::rules::RuleSet;
use postroom::terms::{Class, Topic};
use postroom::triage::output::{escape, owner_word};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::tune::show;
use super::{corpus, folders, print, rule_files, single, tune};

/// Say what a mail should have been: adds a test, and proposes the smallest change that passes it
#[derive(Args, Debug)]
#[command(
    after_help = "Shows the test, the change of points and, with --corpus, every other mail that it would\n\
    move. Writes nothing unless --write is given; then the mail is kept beside the rules.\n\n\
    Examples:\n  \
    postroom --rules rules correct mail.eml --class new-project\n  \
    postroom --rules rules correct mail.eml --class new-project --redact --write\n  \
    postroom --rules rules correct mail.eml --class project-update --topics timeline --corpus corpus --write"
)]
pub(crate) struct Correct {
    /// The mail; `-` is standard input
    #[arg(value_name = "MAIL", default_value = "-")]
    source: PathBuf,

    /// The class it should have
    #[arg(long, value_name = "CLASS", required_unless_present_any = ["topics", "owner"])]
    class: Option<Class>,

    /// The topics it should have, with commas between; `-` for none
    #[arg(long, value_name = "TOPICS", value_parser = topics)]
    topics: Option<Topics>,

    /// The owner it should have: am, pm or none
    #[arg(long, value_name = "OWNER", value_parser = ["am", "pm", "none"])]
    owner: Option<String>,

    /// Labelled mail to try the change on
    #[arg(long, value_name = "CORPUS")]
    corpus: Vec<PathBuf>,

    /// Keep the mail and the test in the folder given with --rules, and make the change
    #[arg(long)]
    write: bool,

    /// Keep a copy without names, addresses, links and long numbers instead of the mail; refused when the
    /// copy is decided otherwise
    #[arg(long)]
    redact: bool,

    /// List every other decision that would move
    #[arg(long)]
    show: bool,
}

/// Topics given with commas between.
#[derive(Clone, Debug)]
struct Topics(Vec<Topic>);

fn topics(words: &str) -> Result<Topics, String> {
    if words == "-" {
        return Ok(Topics(Vec::new()));
    }
    let topics =
        words.split(',').map(|word| word.trim().parse::<Topic>().map_err(|unknown| unknown.to_string()));
    topics.collect::<Result<_, _>>().map(Topics)
}

impl Correct {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let folder = global.rules.as_deref();
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            let message = "name the folder of rules to correct with --rules; `postroom init` makes one";
            return Err(Failure::new(Exit::Usage, message));
        };
        let raw = single::read(&self.source)?;
        let _held = if self.write { Some(rule_files::hold(folder)?) } else { None };
        let layers = folders::layers(Some(folder))?;
        let (_, rules) = folders::ready(&layers)?;
        let given = Context { date: global.date, ..Context::default() };
        let raw = if self.redact { redacted(&raw, &rules, &given)? } else { raw };
        let context = Context { date: global.date, ..Context::default() };
        let texts = tune::texts(Some(folder))?;
        let name = mail_name(&raw);
        let expected = Expected::of(&texts, &name)?.then(&self.expected());
        let class = expected.class.as_ref().and_then(|word| word.parse().ok());
        let example = example(&raw, class, &rules, &context);
        let changes = correct(&example, &rules, class, expected.topics.as_deref());
        let mut changed = rules.clone();
        if let Some(changes) = &changes {
            changes.apply(&mut changed);
        }
        let mut edits =
            changes.as_ref().map_or_else(|| Ok(Vec::new()), |changes| edit::files(&texts, changes))?;
        expected.write(&name, changes.is_some(), &texts, &mut edits)?;
        // Whatever is written must be rules that can be used.
        folders::ready(&tune::edited(&layers, Some(folder), texts, &edits))?;
        let mut text = if self.redact { shown(&raw) } else { String::new() };
        text += &self.verdict(&raw, &rules, &changed, &context, changes.is_some());
        show::diff(&edits, Some(folder), global.color(), &mut text);
        if !self.corpus.is_empty() {
            let (labelled, _) = corpus::read(&self.corpus)?;
            let examples = examples::gather(&labelled, &rules, &context, corpus::jobs(None));
            show::moves(&examples, &moves(&examples, &rules, &changed), self.show, &mut text);
        }
        if self.write {
            rule_files::replace(&folder.join(&name), &raw)?;
            rule_files::write(folder, &edits)?;
            text += &format!(
                "{name} and {} of {} written\n",
                show::counted(edits.len(), "file"),
                folder.display()
            );
        }
        print(&text)?;
        Ok(Exit::Fine)
    }

    /// What is said of the mail.
    fn expected(&self) -> Expected {
        let class = self.class.map(|class| class.as_str().to_owned());
        let topics = self.topics.as_ref().map(|Topics(topics)| topics.clone());
        Expected { class, topics, owner: self.owner.clone() }
    }

    /// What the mail is, what it would be, and what points cannot change.
    fn verdict(
        &self,
        raw: &[u8],
        rules: &RuleSet,
        changed: &RuleSet,
        context: &Context<'_>,
        found: bool,
    ) -> String {
        let told = |rules: &RuleSet| {
            let triage = triage(raw, rules, context);
            let topics: Vec<&str> = triage.decision.topics.iter().map(|topic| topic.as_str()).collect();
            let owner = owner_word(&triage.route);
            (owner, format!("{}, owner {owner}, topics: {}", triage.decision.word(), topics.join(", ")))
        };
        let (now, then) = (told(rules), told(changed));
        let mut text = format!("now   {}\nthen  {}\n", escape::line(&now.1), escape::line(&then.1));
        if !found {
            text += "no change of the points that hit this mail makes it so: it needs a rule of its own.\n\
                     The test is marked expect-fail until there is one.\n";
        }
        if let Some(owner) = self.owner.as_ref().filter(|owner| **owner != then.0) {
            text += &format!(
                "the owner would be {} and not {owner}: see routing.toml and accounts.toml\n",
                then.0
            );
        }
        text.push('\n');
        text
    }
}

fn example(raw: &[u8], class: Option<Class>, rules: &RuleSet, context: &Context<'_>) -> Example {
    let mail = Prepared::new(raw, rules.zones);
    let evidence = mail.evidence(rules, context);
    let (id, group, sender) = (String::new(), String::new(), String::new());
    let class = class.unwrap_or(Class::Other);
    Example { id, group, sender, class, topics: None, owner: None, mail, evidence }
}

/// The copy without names, decided as the mail is.
fn redacted(raw: &[u8], rules: &RuleSet, context: &Context<'_>) -> Result<Vec<u8>, Failure> {
    let refused = |refused: redact::Refused| {
        let advice = "nothing is written; correct it without --redact, or shorten the mail by hand";
        Failure::new(Exit::Findings, format!("{refused}; {advice}"))
    };
    redact::redact(raw, rules, context).map(|redacted| redacted.mail).map_err(refused)
}

/// The copy, for somebody to look at: a program does not know every name.
fn shown(redacted: &[u8]) -> String {
    let mut text =
        "this is kept in place of the mail; names that only a reader knows may remain\n\n".to_owned();
    for line in String::from_utf8_lossy(redacted).lines() {
        text += &format!("  {}\n", escape::line(line));
    }
    text.push('\n');
    text
}

/// Where the mail is kept, by a number that the same mail always has.
fn mail_name(raw: &[u8]) -> String {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = raw.iter().fold(0xcbf2_9ce4_8422_2325, step);
    format!("tests/{hash:016x}.eml")
}
