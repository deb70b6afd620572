//! The rules as the line uses them: compiled once, under limits, then read by any number of threads.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::hash;
use super::kept::Kept;
use super::lexicon::{Lexicon, TARGETS};
use super::matcher::{Matcher, PatternId};
use super::source::Mode;
use super::table::{self, Numbers, Rows};
use crate::terms::{Act, Aspect, Class, Date, Fact, Role, Topic, ZoneSet};

/// Everything an agency can change, compiled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct RuleSet {
    /// Every rule and combination that is not off, combinations after the rules they build on.
    pub rules: Vec<Rule>,
    /// Thresholds and starting points.
    pub decision: DecisionTable,
    /// First match decides.
    pub routes: Vec<RouteRule>,
    /// Every match applies, in order.
    pub adjusts: Vec<AdjustRule>,
    /// Who we are and who our clients are.
    pub directory: Directory,
    /// Zones that some rule searches.
    pub zones: ZoneSet,
    /// Every pattern of every rule.
    #[serde(skip)]
    pub matcher: Matcher<'static>,
    /// By pattern: the rules to be tried where the pattern's needs are met.
    #[serde(skip)]
    pub triggers: Rows<'static>,
    /// By rule: its [`Gate`].
    pub gates: Numbers<'static>,
    /// The phrase list.
    #[serde(skip)]
    pub lexicon: Lexicon<'static>,
    /// Rules to be tried on every sentence, since nothing they need can be scanned for.
    pub always: Vec<usize>,
    /// Rules that look at no text, but at facts or at the hits of others.
    pub textless: Vec<usize>,
    /// Twelve hexadecimal digits that change whenever any of the above does.
    pub hash: String,
    /// What [`hash`](Self::hash) is taken from, so that further files can be added to it.
    pub fingerprint: u64,
    /// By rule: points, and the text that an output made of them.
    #[serde(skip)]
    pub shown: Kept<([f64; TARGETS], Box<str>)>,
}

impl RuleSet {
    /// The set, of files with this [fingerprint](hash::extend).
    pub(super) fn with_fingerprint(self, fingerprint: u64) -> Self {
        Self { hash: hash::digits(fingerprint), fingerprint, ..self }
    }

    /// Rules worth trying on a sentence in which all is there that the pattern needs; beside them those that are
    /// [always](Self::always) to be tried.
    #[inline]
    pub fn triggered_by(&self, pattern: PatternId) -> impl Iterator<Item = usize> {
        self.triggers.row(pattern as usize).map(|rule| rule as usize)
    }

    /// The gate of the rule with this index.
    #[inline]
    #[must_use]
    pub fn gate(&self, rule: usize) -> Gate {
        Gate(self.gates.get(rule).unwrap_or(0))
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Notes, once all rules and the matcher are there, which pattern makes which rule worth trying, and which
    /// rules look at no text.
    pub(super) fn find_triggers(&mut self) {
        let (mut triggers, mut gates) = (Vec::new(), Vec::with_capacity(self.rules.len()));
        for (index, rule) in self.rules.iter().enumerate() {
            let trigger = self.trigger(&rule.patterns);
            let by_any =
                trigger.as_ref().is_some_and(|group| group.iter().copied().eq(rule.patterns.any.iter()));
            gates.push(Gate::of(rule, by_any));
            match (trigger, u32::try_from(index)) {
                _ if rule.patterns.is_empty() => self.textless.push(index),
                (Some(group), Ok(number)) => {
                    triggers.extend(group.into_iter().map(|pattern| (pattern, number)));
                }
                _ => self.always.push(index),
            }
        }
        self.triggers = Rows::new(self.matcher.len(), &triggers);
        self.gates = gates.into_iter().map(|Gate(bits)| bits).collect();
    }

    /// Of the groups of patterns one of which must match, the one that is met most rarely; `None` when each may
    /// match without anything to look for.
    fn trigger(&self, patterns: &Patterns) -> Option<Vec<PatternId>> {
        let all = patterns.all.iter().map(|pattern| vec![pattern]);
        let any = Some(patterns.any.iter().collect()).filter(|any: &Vec<_>| !any.is_empty());
        let is_scanned =
            |group: &Vec<PatternId>| group.iter().all(|&pattern| !self.matcher.is_always(pattern));
        let share =
            |group: &[PatternId]| group.iter().map(|&pattern| self.matcher.share(pattern)).sum::<f64>();
        let groups = any.into_iter().chain(all).filter(is_scanned);
        groups.min_by(|a, b| share(a).total_cmp(&share(b)))
    }
}

/// What decides whether a rule is tried on a sentence at all, as one number: those of all rules lie side by side, so
/// that a rule which is not for the sentence costs no more than a look.
#[derive(Clone, Copy, Debug)]
pub struct Gate(u32);

impl Gate {
    /// Where the bits for acts begin, after those for zones.
    const ACTS: u32 = u8::BITS;
    /// The bit of a rule that is tried because of its `any` patterns.
    const BY_ANY: u32 = 1 << 31;
    /// The bit of a rule that asks for one of its `any` patterns and nothing else.
    const ANY_ALONE: u32 = 1 << 30;

    /// The gate of a rule that is tried because of its `any` patterns or not.
    fn of(rule: &Rule, by_any: bool) -> Self {
        let acts = if rule.acts.is_empty() { Act::ALL } else { &rule.acts };
        let acts = acts.iter().fold(0, |bits, &act| bits | Self::act(act));
        let patterns = &rule.patterns;
        let alone = patterns.all.is_empty() && patterns.none.is_empty() && rule.when.is_empty();
        let asked = u32::from(rule.zones.bits()) | acts;
        let flags = [(by_any, Self::BY_ANY), (by_any && alone, Self::ANY_ALONE)];
        Self(flags.into_iter().filter(|(on, _)| *on).fold(asked, |bits, (_, flag)| bits | flag))
    }

    const fn act(act: Act) -> u32 {
        const { assert!(Act::ALL.len() + 2 <= (u32::BITS - Self::ACTS) as usize) };
        1 << (Self::ACTS + act as u32)
    }

    /// The gates that are open to a sentence which does this and counts for rules in these zones.
    pub fn open_to(zones: ZoneSet, act: Act) -> impl Fn(Self) -> bool {
        let (zones, act) = (u32::from(zones.bits()), Self::act(act));
        move |gate| gate.0 & zones != 0 && gate.0 & act != 0
    }

    /// Whether the rule is tried because one of its `any` patterns may match.
    #[inline]
    #[must_use]
    pub fn is_by_any(self) -> bool {
        self.0 & Self::BY_ANY != 0
    }

    /// Whether the rule asks for one of its `any` patterns and for nothing else.
    #[inline]
    #[must_use]
    pub fn asks_for_any_alone(self) -> bool {
        self.0 & Self::ANY_ALONE != 0
    }
}

/// What stands for a rule's id where further rules are told of together.
pub const OTHERS: &str = "others";

/// One rule, as evidence and explanation need it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Its id, unique in the set.
    #[serde(borrow)]
    pub id: Cow<'static, str>,
    /// Zones it looks in; header only for rules on facts alone.
    pub zones: ZoneSet,
    /// Sentence acts it looks in; empty means any.
    pub acts: Vec<Act>,
    /// Facts that must hold.
    pub when: Vec<FactTest>,
    /// Points it adds, by class, in the order of [`Class::ALL`].
    #[serde(with = "table::floats")]
    pub points: [f64; Class::ALL.len()],
    /// Points it adds, by topic, in the order of [`Aspect::ALL`].
    #[serde(with = "table::floats")]
    pub topics: [f64; Aspect::ALL.len()],
    /// Whether it counts or is only watched.
    pub mode: Mode,
    /// What it looks for in a sentence.
    pub patterns: Patterns,
    /// What it looks for among the other rules' hits.
    pub combination: Option<Box<Combination>>,
}

impl Rule {
    /// Points it adds, by class, then by topic.
    #[must_use]
    pub fn all_points(&self) -> [f64; TARGETS] {
        let mut all = [0.0; TARGETS];
        all.iter_mut().zip(self.points.iter().chain(&self.topics)).for_each(|(to, &points)| *to = points);
        all
    }
}

/// A rule's patterns, by their numbers in the set's [`Matcher`], in the order written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Patterns {
    /// At least one must match, when there are any.
    pub any: Numbers<'static>,
    /// Every one must match.
    pub all: Numbers<'static>,
    /// None may match.
    pub none: Numbers<'static>,
}

impl Patterns {
    /// Whether the rule looks at text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty()
    }
}

/// A rule over other rules' hits, by their indices in [`RuleSet::rules`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combination {
    /// At least one must have hit, when there are any.
    pub any: Vec<usize>,
    /// Every one must have hit.
    pub all: Vec<usize>,
    /// None may have hit.
    pub none: Vec<usize>,
}

/// A fact and the value it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactTest {
    /// The fact.
    pub fact: Fact,
    /// The value.
    pub value: super::source::ConditionValue,
}

/// Thresholds and starting points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionTable {
    /// Least probability of the best class.
    pub probability: f64,
    /// Least distance in probability to the runner-up.
    pub margin: f64,
    /// Sums are divided by this before the softmax.
    pub temperature: f64,
    /// Points every mail starts with, by class.
    pub base: [f64; Class::ALL.len()],
    /// Points every mail starts with, by topic.
    pub topic_base: [f64; Aspect::ALL.len()],
    /// Least share of the matter that must bear on a topic for the mail to be chiefly about it.
    pub chiefly: f64,
}

impl Default for DecisionTable {
    fn default() -> Self {
        Self {
            probability: 0.0,
            margin: 0.0,
            temperature: 1.0,
            base: [0.0; Class::ALL.len()],
            topic_base: [0.0; Aspect::ALL.len()],
            chiefly: 0.5,
        }
    }
}

/// What a route or an adjustment asks of a decision; what is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTest {
    /// The class is one of these; `None` stands for unsure.
    pub class: Vec<Option<Class>>,
    /// Any of these topics is present.
    pub topics: Vec<Topic>,
    /// None of these topics is present.
    pub without: Vec<Topic>,
    /// The mail is chiefly about these topics, taken together.
    pub chiefly: Vec<Topic>,
    /// The owner so far is one of these.
    pub owner: Vec<Role>,
    /// Account preferences that must hold.
    pub prefers: Vec<(String, String)>,
}

/// A `[[route]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteRule {
    /// Its id.
    pub id: String,
    /// What must hold.
    pub test: RouteTest,
    /// Who owns the reply; `None` is nobody.
    pub owner: Option<Role>,
    /// Who must validate it.
    pub validate: Vec<Role>,
    /// Who is kept informed.
    pub inform: Vec<Role>,
    /// The reason in words.
    pub why: String,
}

/// An `[[adjust]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustRule {
    /// Its id.
    pub id: String,
    /// What must hold.
    pub test: RouteTest,
    /// New owner, when it changes.
    pub owner: Option<Role>,
    /// Added to those who validate.
    pub validate: Vec<Role>,
    /// Added to those informed.
    pub inform: Vec<Role>,
    /// The reason in words.
    pub why: String,
}

/// Who we are and who our clients are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Our own domains, lower case.
    pub domains: Vec<String>,
    /// Default account manager.
    pub am: Option<String>,
    /// Default project manager.
    pub pm: Option<String>,
    /// Preferences of accounts that state none.
    pub prefers: Vec<(String, String)>,
    /// `authserv-id`s believed (RFC 8601), lower case.
    pub authserv_ids: Vec<String>,
    /// `List-Id`s of our own shared mailboxes, lower case, without angle brackets.
    pub own_lists: Vec<String>,
    /// Shared mailboxes whose mail the owner gets as well, lower case.
    pub add_owner: Vec<String>,
    /// Shared mailboxes whose mail the owner and the informed get instead, lower case.
    pub replace_by_owner: Vec<String>,
    /// Absences that hold on every account.
    pub absences: Vec<Absence>,
    /// The accounts, in the order written.
    pub accounts: Vec<Account>,
}

/// A client and the people who look after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name for people; the id when none is given.
    pub name: String,
    /// Sender domains, lower case; each covers its subdomains.
    pub domains: Vec<String>,
    /// Sender addresses, lower case.
    pub addresses: Vec<String>,
    /// Addresses written to, lower case.
    pub to: Vec<String>,
    /// Account manager.
    pub am: Option<String>,
    /// Project manager.
    pub pm: Option<String>,
    /// Preferences, the agency's where the account states none.
    pub prefers: Vec<(String, String)>,
    /// Absences on this account.
    pub absences: Vec<Absence>,
}

/// Who is away and who covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// The absent person's address, lower case.
    pub who: String,
    /// The covering person's address.
    pub cover: String,
    /// First day away.
    pub from: Option<Date>,
    /// Last day away.
    pub until: Date,
}
