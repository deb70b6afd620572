//! Stage 3: [`Fresh`] and facts to [`Evidence`], the rules' hits.

use super::fresh::Fresh;
use crate::terms::Zone;

/// Every rule that hit, in the order of the rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The hits, at most one a rule.
    pub hits: Vec<Hit>,
}

/// A rule that hit, with the words it hit. It cannot be made without at least one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    rule: usize,
    first: HitPlace,
    more: Vec<HitPlace>,
}

/// Where a rule hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitPlace {
    /// The zone; [`Zone::Header`] for a fact.
    pub zone: Zone,
    /// Index in [`Fresh::sentences`]; `None` for a fact.
    pub sentence: Option<usize>,
    /// First byte in [`Fresh::text`]; 0 for a fact.
    pub start: usize,
    /// One past the last byte; 0 for a fact.
    pub end: usize,
    /// The fact in words, such as `Auto-Submitted: auto-replied`; empty otherwise.
    pub fact: String,
}

impl Hit {
    /// A hit of the rule with this index in [`RuleSet::rules`](crate::rules::RuleSet::rules).
    #[must_use]
    pub fn new(rule: usize, first: HitPlace) -> Self {
        Self { rule, first, more: Vec::new() }
    }

    /// Adds a further place.
    pub fn also(&mut self, place: HitPlace) {
        self.more.push(place);
    }

    /// Index in [`RuleSet::rules`](crate::rules::RuleSet::rules).
    #[must_use]
    pub fn rule(&self) -> usize {
        self.rule
    }

    /// The first place, the one shown when there is room for one.
    #[must_use]
    pub fn first(&self) -> &HitPlace {
        &self.first
    }

    /// Every place, the first one first.
    pub fn places(&self) -> impl Iterator<Item = &HitPlace> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl HitPlace {
    /// The words that were hit: mail text, or the fact in words.
    #[must_use]
    pub fn text<'t>(&'t self, fresh: &'t Fresh) -> &'t str {
        if self.zone == Zone::Header {
            &self.fact
        } else {
            fresh.text.get(self.start..self.end).unwrap_or_default()
        }
    }
}
