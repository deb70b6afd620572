//! What a change of the rules did: which mails are decided differently, and which edit did it.
//!
//! Takes two versions of the rules and mail, labelled or not; takes each mail down the line twice and
//! keeps those that came out differently. Mails pass through in batches, so a mailbox of any size will do.

mod cause;
mod edit;

use std::collections::BTreeMap;

use super::judge::{self, Judged};
use super::kept::{About, Kept, State};
use super::labelled::{Entry, Fault, Label, Place, Reader};
use super::prepared::{Judgement, Prepared};
use crate::Error;
use crate::rules::RuleSet;
use crate::rules::diagnostic::Diagnostics;
use crate::rules::layer::Layer;
use crate::rules::memory::Memory;
use crate::rules::source::Sources;
use crate::rules::{compile, load};
use crate::terms::Class;
use crate::triage::Context;
use crate::triage::fresh::Fresh;

use cause::Side;
pub use cause::{Cause, Reason};
pub use edit::{Edit, Edits};

/// Mails compared in one go.
const BATCH: usize = 256;

/// One version of the rules: as written and as used.
#[derive(Clone, Debug)]
pub struct Version {
    /// As written.
    pub sources: Sources,
    /// As used.
    pub rules: RuleSet,
}

impl Version {
    /// Loads and compiles layers, weakest first.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`], with every fault, when the rules cannot be used.
    pub fn load(layers: &[Layer]) -> Result<Self, Error> {
        let (sources, mut found) = load::load(layers);
        let rules = if found.has_errors() { None } else { compile::compile(&sources, &mut found) };
        rules.map(|rules| Self { sources, rules }).ok_or_else(|| Error::config(found))
    }

    /// The same after an edit.
    ///
    /// # Errors
    ///
    /// Every finding, when one of them is an error.
    pub fn load_again(layers: &[Layer], memory: &mut Memory) -> Result<Self, Diagnostics> {
        let (sources, mut found) = load::load_again(layers, memory);
        let errors = found.has_errors();
        let rules = if errors { None } else { compile::compile_again(&sources, &mut found, memory) };
        rules.map(|rules| Self { sources, rules }).ok_or(found)
    }
}

/// How a mail's decision changed; a mail is of the first kind that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Class or owner was right and is not any more.
    Broken,
    /// Class or owner was not right and now is.
    Fixed,
    /// Class or owner differs, and neither is known to be right.
    Moved,
    /// Only the topics differ.
    Topics,
    /// The same, with a higher probability.
    Surer,
    /// The same, with a lower probability.
    LessSure,
}

impl Kind {
    /// Every kind, in the order they are told.
    pub const ALL: [Self; 6] =
        [Self::Broken, Self::Fixed, Self::Moved, Self::Topics, Self::Surer, Self::LessSure];

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Fixed => "fixed",
            Self::Moved => "moved",
            Self::Topics => "topics",
            Self::Surer => "surer",
            Self::LessSure => "less-sure",
        }
    }

    /// Whether class, owner or topics differ: a decision and not only its probability.
    #[must_use]
    pub fn is_decision(self) -> bool {
        !matches!(self, Self::Surer | Self::LessSure)
    }
}

/// A mail whose decision changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Its `Message-ID` without angle brackets; its place where it has none.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// Its label, if it has one.
    pub label: Option<Label>,
    /// What the base made of it.
    pub before: Judged,
    /// What the new rules make of it.
    pub after: Judged,
    /// How it changed.
    pub kind: Kind,
    /// What did it, the strongest first; never empty.
    pub reasons: Vec<Reason>,
}

impl Changed {
    /// Whether the owner differs.
    #[must_use]
    pub fn owner_differs(&self) -> bool {
        self.before.owner != self.after.owner
    }
}

/// What a change of the rules did.
#[derive(Debug, Default)]
pub struct Diff {
    /// Mails compared.
    pub mails: usize,
    /// How many of them have a label.
    pub labelled: usize,
    /// Those that came out differently, in the order read.
    pub changed: Vec<Changed>,
    /// Labels that could not be read.
    pub faults: Vec<Fault>,
    /// Mails and mailboxes that could not be read.
    pub errors: Vec<Error>,
    /// What was odd about the mailboxes.
    pub warnings: Vec<String>,
}

impl Diff {
    /// How many mails changed in this way.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.changed.iter().filter(|changed| changed.kind == kind).count()
    }

    /// The changed mails by their strongest cause, the cause that broke and moved most first.
    #[must_use]
    pub fn by_cause(&self) -> Vec<(&Cause, Vec<&Changed>)> {
        let mut groups: BTreeMap<&Cause, Vec<&Changed>> = BTreeMap::new();
        for changed in &self.changed {
            if let Some(reason) = changed.reasons.first() {
                groups.entry(&reason.cause).or_default().push(changed);
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        let weight = |group: &[&Changed]| {
            let broken = group.iter().filter(|changed| changed.kind == Kind::Broken).count();
            let decided = group.iter().filter(|changed| changed.kind.is_decision()).count();
            (broken, decided, group.len())
        };
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(weight(group)));
        for (_, group) in &mut groups {
            group.sort_by_key(|changed| changed.kind);
        }
        groups
    }
}

/// How two versions are compared.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// What the line is told beside the mails.
    pub context: Context<'o>,
    /// Least change of probability that makes a mail surer or less sure.
    pub least: f64,
    /// Threads to work on.
    pub jobs: usize,
}

/// Compares what two versions of the rules make of mail.
#[must_use]
pub fn diff(base: &Version, new: &Version, mail: Reader, options: &Options<'_>) -> Diff {
    let mut reader = mail;
    let mut diff = Diff::default();
    let compare = Compare::new(base, new, options.least);
    let mut batch: Vec<Entry> = Vec::with_capacity(BATCH);
    loop {
        let next = reader.next();
        let ended = next.is_none();
        match next {
            Some(Ok(entry)) => batch.push(entry),
            Some(Err(error)) => diff.errors.push(error),
            None => {}
        }
        if ended || batch.len() == BATCH {
            diff.mails += batch.len();
            diff.labelled += batch.iter().filter(|entry| entry.answer.label().is_some()).count();
            let changed = judge::each(&batch, options.jobs, |entry| compare.entry(entry, &options.context));
            diff.changed.extend(changed.into_iter().flatten());
            batch.clear();
        }
        if ended {
            break;
        }
    }
    diff.faults = reader.take_faults();
    diff.warnings = reader.take_warnings();
    diff
}

/// Compares what two versions of the rules made of the same mails, kept ready.
#[must_use]
pub fn of_kept(kept: &Kept, base: &State, new: &State, least: f64, jobs: usize) -> Diff {
    let compare = Compare::new(&base.version, &new.version, least);
    let sides = kept.mails.iter().zip(base.judgements.iter().zip(&new.judgements));
    let sides: Vec<_> = sides.collect();
    let changed = judge::each(&sides, jobs, |(mail, (before, after))| {
        compare.sides(&mail.about, before, after, &mail.mail.fresh)
    });
    Diff {
        mails: kept.mails.len(),
        labelled: kept.mails.iter().filter(|mail| mail.about.label.is_some()).count(),
        changed: changed.into_iter().flatten().collect(),
        ..Diff::default()
    }
}

struct Compare<'c> {
    base: &'c RuleSet,
    new: &'c RuleSet,
    /// What the new hits would decide under the old thresholds.
    old_table: RuleSet,
    edits: Edits,
    least: f64,
}

impl<'c> Compare<'c> {
    fn new(base: &'c Version, new: &'c Version, least: f64) -> Self {
        Self {
            base: &base.rules,
            new: &new.rules,
            old_table: RuleSet { decision: base.rules.decision.clone(), ..new.rules.clone() },
            edits: Edits::between(base, new),
            least,
        }
    }

    fn entry(&self, entry: &Entry, context: &Context<'_>) -> Option<Changed> {
        let mut mail = Prepared::new(&entry.mail.bytes(), self.base.zones);
        let before = mail.judge(self.base, context);
        mail.refresh(self.new.zones);
        let after = mail.judge(self.new, context);
        self.sides(&About::of(entry), &before, &after, &mail.fresh)
    }

    fn sides(&self, about: &About, before: &Judgement, after: &Judgement, fresh: &Fresh) -> Option<Changed> {
        let sides = (before.judged(), after.judged());
        let kind = kind(about.label.as_ref(), &sides.0, &sides.1, self.least)?;
        let reasons = self.reasons(before, after, fresh);
        let About { id, place, label } = about.clone();
        Some(Changed { id, place, label, before: sides.0, after: sides.1, kind, reasons })
    }

    fn reasons(&self, before: &Judgement, after: &Judgement, fresh: &Fresh) -> Vec<Reason> {
        let base = Side { rules: self.base, judged: before };
        let new = Side { rules: self.new, judged: after };
        let mut reasons = cause::of_hits(base, new, fresh, &self.edits);
        let under_old = crate::triage::decision::decide(&after.evidence, fresh, &self.old_table);
        let same = under_old.class == after.decision.class
            && under_old.topics == after.decision.topics
            && (under_old.confidence() - after.decision.confidence()).abs() < 1e-9;
        if !same {
            reasons.extend(self.edits.decision.iter().map(|edit| Reason::of(Cause::Decision(edit.clone()))));
        }
        let routed =
            before.route.owner.as_ref().map(|who| who.role) != after.route.owner.as_ref().map(|who| who.role);
        let decided =
            before.decision.class != after.decision.class || before.decision.topics != after.decision.topics;
        if routed && (!decided || reasons.is_empty()) {
            reasons.insert(0, Reason::of(Cause::Routing(cause::steps(before, after))));
        }
        if reasons.is_empty() {
            reasons.push(Reason::of(Cause::Unknown));
        }
        reasons
    }
}

/// How a mail changed; `None` when it did not.
fn kind(label: Option<&Label>, before: &Judged, after: &Judged, least: f64) -> Option<Kind> {
    let class = (before.class, after.class, label.map(|label| Some(label.class)));
    let owner = (before.owner, after.owner, label.and_then(|label| label.owner));
    let broke = |one: bool, other: bool| one && !other;
    let class_right = |given: Option<Class>| class.2 == Some(given);
    let owner_right = |given| owner.2 == Some(given);
    let (class_before, class_after) = (class_right(class.0), class_right(class.1));
    let (owner_before, owner_after) = (owner_right(owner.0), owner_right(owner.1));
    if broke(class_before, class_after) || broke(owner_before, owner_after) {
        Some(Kind::Broken)
    } else if broke(class_after, class_before) || broke(owner_after, owner_before) {
        Some(Kind::Fixed)
    } else if class.0 != class.1 || owner.0 != owner.1 {
        Some(Kind::Moved)
    } else if before.topics != after.topics {
        Some(Kind::Topics)
    } else if (after.confidence - before.confidence).abs() >= least && after.confidence != before.confidence {
        Some(if after.confidence > before.confidence { Kind::Surer } else { Kind::LessSure })
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
