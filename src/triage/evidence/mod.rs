//! Stage 3: [`Fresh`] and facts to [`Evidence`], the rules' hits.
//!
//! Every sentence of the zones that rules search is normalised and scanned once; a rule is tried only
//! on sentences that hold a text it needs. A rule counts once a mail, however often it hits.

mod candidates;
pub mod facts;
mod hits;
pub mod phrases;
pub mod why;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::fresh::{Fresh, Sentence};
use crate::rules::RuleSet;
use crate::rules::matcher::{Findings, PatternId};
use crate::rules::normal::Normal;
use crate::rules::pattern::vm::Haystack;
use crate::rules::set::{Combination, Rule};
use crate::terms::{Act, Zone};
use candidates::Candidates;
use facts::Facts;
use hits::Hits;
use phrases::{PhraseHit, PhraseSearch};

/// Most places kept for one rule; more would only repeat themselves.
const MAX_PLACES: usize = 8;

/// Most normalised bytes searched in one mail. Nobody types more; machines that do say so early.
const MAX_SEARCHED: usize = 64 * 1024;

/// Room for as many hits as a mail often has.
const USUAL: usize = 48;

/// Every rule that hit, in the order of the rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The hits, at most one a rule.
    pub hits: Vec<Hit>,
    /// Phrases of the list, at most one place each, in the order of the text.
    pub phrases: Vec<PhraseHit>,
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
    /// A hit of the rule with this index in [`RuleSet::rules`].
    #[must_use]
    pub fn new(rule: usize, first: HitPlace) -> Self {
        Self { rule, first, more: Vec::new() }
    }

    /// Adds a further place.
    pub fn also(&mut self, place: HitPlace) {
        self.more.push(place);
    }

    /// The same places as the hit of a rule with another index.
    #[must_use]
    pub fn of_rule(&self, rule: usize) -> Self {
        Self { rule, ..self.clone() }
    }

    /// Index in [`RuleSet::rules`].
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

impl Evidence {
    /// Whether the rule with this index hit.
    #[must_use]
    pub fn has(&self, rule: usize) -> bool {
        self.hits.iter().any(|hit| hit.rule == rule)
    }
}

/// Tries every rule on a mail.
#[must_use]
pub fn gather(fresh: &Fresh, facts: &Facts, rules: &RuleSet) -> Evidence {
    let mut search = Search::new(fresh, facts, rules);
    search.sentences();
    search.finish()
}

/// The evidence of a mail whose hits in text are known: only facts and combinations are tried.
#[must_use]
pub fn complete(
    known: impl IntoIterator<Item = Hit>,
    fresh: &Fresh,
    facts: &Facts,
    rules: &RuleSet,
) -> Evidence {
    let mut search = Search::new(fresh, facts, rules);
    known.into_iter().for_each(|hit| search.hits.put(hit));
    search.phrases();
    search.finish()
}

/// Fewest sentences of a mail in which those that say the same are told: people seldom repeat themselves.
const MANY: usize = 64;

/// The sentences searched so far, by what they say and where: the first of each, and how often it came again.
#[derive(Default)]
struct Known<'t>(HashMap<(&'t str, Zone, Act), (usize, usize)>);

impl<'t> Known<'t> {
    /// The first sentence that says the same as this one, and how often it came again before; notes this one.
    fn before(&mut self, number: usize, sentence: &Sentence, text: &'t str) -> Option<(usize, usize)> {
        match self.0.entry((text, sentence.zone, sentence.act)) {
            Entry::Vacant(place) => {
                place.insert((number, 0));
                None
            }
            Entry::Occupied(mut known) => {
                let before = *known.get();
                known.get_mut().1 += 1;
                Some(before)
            }
        }
    }
}

/// One mail's search.
struct Search<'a> {
    fresh: &'a Fresh,
    facts: &'a Facts,
    rules: &'a RuleSet,
    hits: Hits,
    findings: Findings,
    phrases: PhraseSearch<'a>,
}

impl<'a> Search<'a> {
    fn new(fresh: &'a Fresh, facts: &'a Facts, rules: &'a RuleSet) -> Self {
        Self {
            fresh,
            facts,
            rules,
            hits: Hits::new(rules.rules.len()),
            findings: rules.matcher.findings(),
            phrases: PhraseSearch::new(&rules.lexicon),
        }
    }

    /// Tries what looks at no text, once all that does has been tried.
    fn finish(mut self) -> Evidence {
        let rules = self.rules;
        for (index, rule) in rules.textless.iter().filter_map(|&index| Some((index, rules.rules.get(index)?)))
        {
            if self.facts.hold(&rule.when) {
                match &rule.combination {
                    Some(combination) => self.combination(index, combination),
                    None => self.fact(index, rule),
                }
            }
        }
        rules.matcher.give_back(self.findings);
        Evidence { hits: self.hits.in_order(), phrases: self.phrases.hits }
    }

    /// Looks for phrases alone, where the rules' hits are known.
    fn phrases(&mut self) {
        let mut normal = Normal::with_capacity(self.fresh.text.len().min(MAX_SEARCHED));
        for (number, sentence) in self.fresh.sentences.iter().enumerate() {
            let Some(text) = self.fresh.text.get(sentence.start..sentence.end) else { continue };
            if normal.text().len() > MAX_SEARCHED {
                break;
            }
            let range = normal.push(text, sentence.start);
            if self.fresh.is_matter(sentence.zone) {
                self.phrases.sentence(number, sentence.zone, &normal, range, &self.fresh.text);
            }
            normal.separate();
        }
    }

    fn sentences(&mut self) {
        let mut normal = Normal::with_capacity(self.fresh.text.len().min(MAX_SEARCHED));
        let mut candidates = Candidates::new(self.rules);
        let mut known = (self.fresh.sentences.len() >= MANY).then(Known::default);
        for (number, sentence) in self.fresh.sentences.iter().enumerate() {
            let Some(text) = self.fresh.text.get(sentence.start..sentence.end) else { continue };
            if normal.text().len() > MAX_SEARCHED {
                break;
            }
            let range = normal.push(text, sentence.start);
            let before = known.as_mut().and_then(|known| known.before(number, sentence, text));
            if let Some((first, times)) = before {
                if times < MAX_PLACES {
                    self.again(first, number);
                }
                normal.separate();
                continue;
            }
            let haystack = Haystack { text: normal.text(), start: range.start };
            self.rules.matcher.scan(haystack, &mut self.findings);
            candidates.find(sentence, self.fresh, &self.findings);
            for (rule, pattern) in candidates.each() {
                self.rule((rule, pattern), (number, sentence), haystack, &normal);
            }
            if self.fresh.is_matter(sentence.zone) {
                self.phrases.sentence(number, sentence.zone, &normal, range, &self.fresh.text);
            }
            normal.separate();
        }
    }

    /// Notes at sentence `number` what hit the sentence `first`, which says the same: rules tried on the same
    /// words in the same zone do the same, and a phrase counts once.
    fn again(&mut self, first: usize, number: usize) {
        let sentences = &self.fresh.sentences;
        let Some((from, to)) = sentences.get(first).zip(sentences.get(number)) else { return };
        let moved = |at: usize| at.saturating_sub(from.start) + to.start;
        for hit in self.hits.iter_mut().filter(|hit| hit.more.len() + 1 < MAX_PLACES) {
            let Some(place) = hit.places().find(|place| place.sentence == Some(first)).cloned() else {
                continue;
            };
            let (start, end) = (moved(place.start), moved(place.end));
            hit.also(HitPlace { sentence: Some(number), start, end, ..place });
        }
    }

    /// Tries a rule; where a `pattern` is given, no other of its `any` patterns can match.
    fn rule(
        &mut self,
        (index, pattern): (usize, Option<PatternId>),
        (number, sentence): (usize, &Sentence),
        haystack: Haystack<'_>,
        normal: &Normal,
    ) {
        if self.hits.of(index).is_some_and(|hit| hit.more.len() + 1 >= MAX_PLACES) {
            return;
        }
        let words = match pattern {
            Some(pattern) if self.rules.gate(index).asks_for_any_alone() => {
                self.rules.matcher.find(pattern, haystack, &mut self.findings)
            }
            pattern => self.matches(&self.rules.rules[index], pattern, haystack),
        };
        let Some((start, end)) = words else { return };
        let place = HitPlace {
            zone: sentence.zone,
            sentence: Some(number),
            start: normal.original(start),
            end: normal.original_end(end, &self.fresh.text),
            fact: String::new(),
        };
        match self.hits.of_mut(index) {
            Some(hit) => hit.also(place),
            None => self.hits.put(Hit::new(index, place)),
        }
    }

    /// The words that made the rule hit: the first `any` pattern that matched, else the first `all`.
    /// Where a pattern of `any` is given, no other can match.
    fn matches(
        &mut self,
        rule: &Rule,
        any: Option<PatternId>,
        haystack: Haystack<'_>,
    ) -> Option<(usize, usize)> {
        if !self.facts.hold(&rule.when) {
            return None;
        }
        let matcher = &self.rules.matcher;
        if !rule.patterns.all.iter().all(|pattern| matcher.may_match(pattern, &self.findings)) {
            return None;
        }
        let mut find = |pattern: PatternId| matcher.find(pattern, haystack, &mut self.findings);
        // What must not be there first: the scan has told of nearly all of it that it is not.
        if rule.patterns.none.iter().any(|pattern| find(pattern).is_some()) {
            return None;
        }
        let mut words = None;
        if let Some(pattern) = any {
            words = Some(find(pattern)?);
        } else if !rule.patterns.any.is_empty() {
            words = Some(rule.patterns.any.iter().find_map(&mut find)?);
        }
        for pattern in rule.patterns.all.iter() {
            let found = find(pattern)?;
            words = words.or(Some(found));
        }
        words
    }

    fn combination(&mut self, index: usize, combination: &Combination) {
        let hit = |rule: &usize| self.hits.of(*rule).is_some();
        let any = combination.any.is_empty() || combination.any.iter().any(hit);
        if !any || !combination.all.iter().all(hit) || combination.none.iter().any(hit) {
            return;
        }
        let parts = combination.all.iter().chain(&combination.any);
        let mut places = parts.filter_map(|&rule| self.hits.of(rule)).map(|hit| hit.first.clone());
        let Some(first) = places.next() else { return };
        let mut whole = Hit::new(index, first);
        places.take(MAX_PLACES - 1).for_each(|place| whole.also(place));
        self.hits.put(whole);
    }

    fn fact(&mut self, index: usize, rule: &Rule) {
        let fact = self.facts.words(&rule.when);
        self.hits
            .put(Hit::new(index, HitPlace { zone: Zone::Header, sentence: None, start: 0, end: 0, fact }));
    }
}

#[cfg(test)]
mod tests;
