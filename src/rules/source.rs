//! Rules as written: what the TOML files say, merged over all folders, with the place of every value.
//!
//! [`load`](super::load) makes these from text; [`compile`](super::compile) turns them into a
//! [`RuleSet`](super::RuleSet). Nothing here is checked beyond its type.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Place, SourceFile};
use super::lexicon::Part;
use super::mail_test::MailTest;
use crate::terms::{Act, Aspect, Class, Date, Role, Topic, Zone};

/// A value and the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Everything the rule folders say, after overriding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// Every file read, in order of precedence, weakest first.
    pub files: Vec<Arc<SourceFile>>,
    /// `[[rule]]`, in the order first met.
    pub rules: Vec<RuleSource>,
    /// `[[combine]]`, in the order first met.
    pub combines: Vec<CombineSource>,
    /// `vocabulary.toml`: list name to entries.
    pub vocabulary: BTreeMap<String, WordList>,
    /// `lexicon.toml`, in the order first met.
    pub lexicon: Vec<PhraseSource>,
    /// `decision.toml`.
    pub decision: DecisionSource,
    /// `[[route]]`, in order.
    pub routes: Vec<RouteSource>,
    /// `[[adjust]]`, in order.
    pub adjusts: Vec<AdjustSource>,
    /// `[agency]`.
    pub agency: AgencySource,
    /// `[[account]]`.
    pub accounts: Vec<AccountSource>,
    /// `[[test]]`, in the order met.
    pub tests: Vec<MailTest>,
    /// Every value that a stronger layer changed, in the order met.
    pub overrides: Vec<Override>,
}

/// A value of a weaker layer that a stronger one changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// What was changed: `rule`, `route`, `account`, `word list`, `decision`, …
    pub what: &'static str,
    /// Its id or name; empty where there is only one, as with `decision`.
    pub id: String,
    /// The key.
    pub key: String,
    /// The value before, as written, on one line; `None` when there was none.
    pub old: Option<At<String>>,
    /// The value now, as written, on one line.
    pub new: At<String>,
    /// Of a table that was replaced whole: what it gave before and gives no more.
    pub lost: Vec<String>,
}

impl Sources {
    /// Ids of rules and combinations that are off.
    #[must_use]
    pub fn off(&self) -> BTreeSet<String> {
        let rules = self.rules.iter().map(|rule| (rule.mode, &rule.id.value));
        let combines = self.combines.iter().map(|rule| (rule.mode, &rule.id.value));
        rules.chain(combines).filter(|(mode, _)| *mode == Mode::Off).map(|(_, id)| id.clone()).collect()
    }

    /// The patterns of all rules that are not off, each once, in the order in which they are compiled.
    #[must_use]
    pub fn patterns(&self) -> Vec<&str> {
        let rules = self.rules.iter().filter(|rule| rule.mode != Mode::Off);
        let all = rules.flat_map(|rule| rule.any.iter().chain(&rule.all).chain(&rule.none));
        let mut known = BTreeSet::new();
        all.map(|pattern| pattern.value.as_str()).filter(|&pattern| known.insert(pattern)).collect()
    }
}

/// One word list of `vocabulary.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordList {
    /// Where the list is named.
    pub place: Place,
    /// Its entries: words or phrases; a trailing `*` lets the last word go on.
    pub entries: Vec<At<String>>,
}

/// One phrase of `lexicon.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct PhraseSource {
    /// Where it counts.
    pub part: Part,
    /// Its tokens.
    pub text: At<String>,
    /// Points by class.
    pub points: Vec<(At<Class>, f64)>,
    /// Points by topic.
    pub topics: Vec<(At<Aspect>, f64)>,
    /// Labelled mails it was in; 0 where nobody has counted.
    pub mails: u32,
    /// Whether it counts.
    pub mode: Mode,
}

/// Whether a rule counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Adds its points.
    #[default]
    Enforce,
    /// Counted and shown, adds nothing.
    Audit,
    /// Not looked at.
    Off,
}

impl Mode {
    /// The three words.
    pub const WORDS: &[&str] = &["enforce", "audit", "off"];
}

/// A `[[rule]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSource {
    /// Its id, kebab-case.
    pub id: At<String>,
    /// One line on what it finds.
    pub about: String,
    /// Zones it looks in; empty means the default, subject and new.
    pub zones: Vec<At<Zone>>,
    /// Sentence acts it looks in; empty means any.
    pub acts: Vec<At<Act>>,
    /// At least one of these must match.
    pub any: Vec<At<String>>,
    /// Every one of these must match, in the same sentence.
    pub all: Vec<At<String>>,
    /// None of these may match, in the same sentence.
    pub none: Vec<At<String>>,
    /// Facts about the mail that must hold.
    pub when: Vec<Condition>,
    /// Points by class.
    pub points: Vec<(At<Class>, f64)>,
    /// Points by topic.
    pub topics: Vec<(At<Aspect>, f64)>,
    /// Whether it counts.
    pub mode: Mode,
    /// Its inline tests.
    pub tests: Vec<RuleTest>,
    /// Warnings that are accepted here.
    pub allow: Vec<Allow>,
}

/// A warning that is accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The warning's name.
    pub lint: At<String>,
    /// The reason, for whoever reads the rule.
    pub reason: At<String>,
}

/// A fact about the mail and the value it must have: `reply = true`, `attachment = "document"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The fact's name; see [`Fact`](crate::terms::Fact).
    pub name: At<String>,
    /// The value it must have.
    pub value: At<ConditionValue>,
}

/// What a fact can be compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConditionValue {
    /// `true` or `false`.
    Is(bool),
    /// One of these words.
    OneOf(Vec<String>),
    /// At least and at most, both inclusive: `{ min = 1, max = 12 }`.
    Between(Option<u32>, Option<u32>),
}

/// A `[[rule.test]]`: text that the rule must hit, or must not.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTest {
    /// The text of a mail's body (or of its subject, when `subject` is given instead).
    pub text: At<String>,
    /// The subject, when the test has one.
    pub subject: Option<String>,
    /// Whether the rule must hit (`match`) or must not (`no-match`).
    pub hits: bool,
    /// Facts the test assumes.
    pub when: Vec<Condition>,
    /// Known to fail, and where that is said.
    pub expect_fail: Option<Place>,
}

/// A `[[combine]]`: a rule over other rules' hits.
#[derive(Clone, Debug, PartialEq)]
pub struct CombineSource {
    /// Its id, in the same name space as rules.
    pub id: At<String>,
    /// One line on what it means.
    pub about: String,
    /// At least one of these rules must have hit.
    pub any: Vec<At<String>>,
    /// All of these.
    pub all: Vec<At<String>>,
    /// None of these.
    pub none: Vec<At<String>>,
    /// Facts that must hold.
    pub when: Vec<Condition>,
    /// Points by class.
    pub points: Vec<(At<Class>, f64)>,
    /// Points by topic.
    pub topics: Vec<(At<Aspect>, f64)>,
    /// Whether it counts.
    pub mode: Mode,
    /// Its inline tests.
    pub tests: Vec<RuleTest>,
    /// Warnings that are accepted here.
    pub allow: Vec<Allow>,
}

/// `decision.toml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecisionSource {
    /// Least probability of the best class, 0 to 1.
    pub probability: Option<At<f64>>,
    /// Least distance in probability to the runner-up, 0 to 1.
    pub margin: Option<At<f64>>,
    /// Points are divided by this before the softmax; above 0.
    pub temperature: Option<At<f64>>,
    /// Points every mail starts with, by class.
    pub base: BTreeMap<String, At<f64>>,
    /// Points every mail starts with, by topic; a topic is present when its sum is above 0.
    pub topic_base: BTreeMap<String, At<f64>>,
    /// Least share of the new sentences that must bear on a topic for the mail to be `chiefly` about it.
    pub chiefly: Option<At<f64>>,
}

/// A `[[route]]`: first match decides.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteSource {
    /// Its id.
    pub id: At<String>,
    /// What must hold.
    pub matches: Matcher,
    /// Who owns the reply; `None` inside means nobody (`owner = "none"`).
    pub owner: At<Option<Role>>,
    /// Who must validate it.
    pub validate: Vec<Role>,
    /// Who is kept informed.
    pub inform: Vec<Role>,
    /// The reason in words.
    pub why: String,
    /// Warnings that are accepted here.
    pub allow: Vec<Allow>,
}

/// An `[[adjust]]`: every match applies, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct AdjustSource {
    /// Its id.
    pub id: At<String>,
    /// What must hold.
    pub matches: Matcher,
    /// New owner, when it changes.
    pub owner: Option<At<Role>>,
    /// Added to those who validate.
    pub validate: Vec<Role>,
    /// Added to those informed.
    pub inform: Vec<Role>,
    /// The reason in words.
    pub why: String,
}

/// What a route or an adjustment asks of a decision; an empty list asks nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matcher {
    /// The class is one of these; the word `unsure` is allowed here, so words it stays.
    pub class: Vec<At<String>>,
    /// Any of these topics is present.
    pub topics: Vec<At<Topic>>,
    /// None of these topics is present.
    pub without: Vec<At<Topic>>,
    /// The mail is chiefly about one of these topics.
    pub chiefly: Vec<At<Topic>>,
    /// The owner so far is one of these.
    pub owner: Vec<At<Role>>,
    /// Account preferences that must hold: `delivery = "am"`.
    pub prefers: Vec<(At<String>, At<String>)>,
}

/// `[agency]`: who we are and who answers when no account is found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgencySource {
    /// Our own domains.
    pub domains: Vec<At<String>>,
    /// Default account manager's address.
    pub am: Option<At<String>>,
    /// Default project manager's address.
    pub pm: Option<At<String>>,
    /// Preferences of accounts that state none.
    pub prefers: BTreeMap<String, At<String>>,
    /// `authserv-id`s whose `Authentication-Results` are believed (RFC 8601).
    pub authserv_ids: Vec<At<String>>,
    /// `List-Id`s of our own shared mailboxes run as lists.
    pub own_lists: Vec<At<String>>,
    /// Shared mailboxes whose mail the owner gets as well.
    pub add_owner: Vec<At<String>>,
    /// Shared mailboxes whose mail the owner and the informed get instead.
    pub replace_by_owner: Vec<At<String>>,
    /// Absences that hold for every account.
    pub absences: Vec<AbsenceSource>,
    /// Warnings that are accepted here.
    pub allow: Vec<Allow>,
}

/// An `[[account]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountSource {
    /// Its id, kebab-case.
    pub id: At<String>,
    /// Its name for people.
    pub name: Option<String>,
    /// Sender domains; a domain covers its subdomains.
    pub domains: Vec<At<String>>,
    /// Sender addresses.
    pub addresses: Vec<At<String>>,
    /// Addresses written to, such as `studio+larkmoor@agency.example`.
    pub to: Vec<At<String>>,
    /// Account manager's address.
    pub am: Option<At<String>>,
    /// Project manager's address.
    pub pm: Option<At<String>>,
    /// Preferences: key to value, such as `delivery` to `am`.
    pub prefers: BTreeMap<String, At<String>>,
    /// Absences on this account.
    pub absences: Vec<AbsenceSource>,
    /// Warnings that are accepted here.
    pub allow: Vec<Allow>,
    /// Where it stands.
    pub place: Place,
}

/// An `[[account.absence]]` or `[[agency.absence]]`: who is away and who covers.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsenceSource {
    /// The absent person's address.
    pub who: At<String>,
    /// The covering person's address.
    pub cover: At<String>,
    /// First day away; `None` means already.
    pub from: Option<At<Date>>,
    /// Last day away.
    pub until: At<Date>,
}
