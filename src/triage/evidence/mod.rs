//! Stage 3: [`Fresh`] and facts to [`Evidence`], the rules' hits.
//!
//! Every sentence of the zones that rules search is normalised and scanned once; a rule is tried only
//! on sentences that hold a text it needs. A rule counts once a mail, however often it hits.

pub mod facts;
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
use facts::Facts;
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

/// The hits so far: most rules have none.
struct Hits {
    /// By rule: one more than the place of its hit, 0 for none.
    places: Vec<u32>,
    hits: Vec<Hit>,
}

impl Hits {
    fn of(&self, rule: usize) -> Option<&Hit> {
        self.hits.get(self.places.get(rule)?.checked_sub(1)? as usize)
    }

    fn of_mut(&mut self, rule: usize) -> Option<&mut Hit> {
        self.hits.get_mut(self.places.get(rule)?.checked_sub(1)? as usize)
    }

    /// Notes a hit, in place of one that its rule may have.
    fn put(&mut self, hit: Hit) {
        if let Some(known) = self.of_mut(hit.rule) {
            *known = hit;
        } else if let Some(place) = self.places.get_mut(hit.rule) {
            self.hits.push(hit);
            *place = u32::try_from(self.hits.len()).unwrap_or(0);
        }
    }

    /// All of them, in the order of the rules. A hit is moved once: what is sorted is only where each stands.
    fn in_order(self) -> Vec<Hit> {
        let mut order: Vec<(usize, usize)> =
            self.hits.iter().enumerate().map(|(at, hit)| (hit.rule, at)).collect();
        order.sort_unstable();
        let mut hits: Vec<Option<Hit>> = self.hits.into_iter().map(Some).collect();
        order.into_iter().filter_map(|(_, at)| hits.get_mut(at)?.take()).collect()
    }
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
            hits: Hits { places: vec![0; rules.rules.len()], hits: Vec::with_capacity(USUAL) },
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
        let mut candidates = Vec::new();
        // By rule: one more than the last sentence it was tried on.
        let mut tried = vec![0_u32; self.rules.rules.len()];
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
            candidates.clear();
            candidates.extend(self.rules.triggered(&self.findings));
            let turn = u32::try_from(number + 1).unwrap_or(u32::MAX);
            for &rule in &candidates {
                if std::mem::replace(&mut tried[rule], turn) != turn {
                    self.rule(rule, number, sentence, haystack, &normal);
                }
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
        for hit in self.hits.hits.iter_mut().filter(|hit| hit.more.len() + 1 < MAX_PLACES) {
            let Some(place) = hit.places().find(|place| place.sentence == Some(first)).cloned() else {
                continue;
            };
            let (start, end) = (moved(place.start), moved(place.end));
            hit.also(HitPlace { sentence: Some(number), start, end, ..place });
        }
    }

    fn rule(
        &mut self,
        index: usize,
        number: usize,
        sentence: &Sentence,
        haystack: Haystack<'_>,
        normal: &Normal,
    ) {
        let rule = &self.rules.rules[index];
        let full = self.hits.of(index).is_some_and(|hit| hit.more.len() + 1 >= MAX_PLACES);
        if full || !self.facts.hold(&rule.when) || !self.is_in_reach(rule, sentence) {
            return;
        }
        let Some((start, end)) = self.matches(rule, haystack) else { return };
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

    fn is_in_reach(&self, rule: &Rule, sentence: &Sentence) -> bool {
        let zone = why::in_zone(rule, sentence, self.fresh);
        zone && (rule.acts.is_empty() || rule.acts.contains(&sentence.act))
    }

    /// The words that made the rule hit: the first `any` pattern that matched, else the first `all`.
    fn matches(&mut self, rule: &Rule, haystack: Haystack<'_>) -> Option<(usize, usize)> {
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
        if !rule.patterns.any.is_empty() {
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
