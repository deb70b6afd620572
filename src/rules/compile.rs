//! [`Sources`] to [`RuleSet`]: patterns to programs, names to numbers, all faults in one run.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts;
use super::conditions::fact_tests;
use super::diagnostic::{Diagnostics, Fix, Place};
use super::hash;
use super::lexicon;
use super::matcher::{Builder, PatternId};
use super::memory::Memory;
use super::nearest::{nearest, only_nearest};
use super::pattern::{Fault, parse};
use super::set::{AdjustRule, Combination, DecisionTable, Patterns, RouteRule, RouteTest, Rule, RuleSet};
use super::source::{At, CombineSource, DecisionSource, Matcher, Mode, RuleSource, Sources};
use super::table::Numbers;
use crate::terms::{Aspect, Class, Topic, UNSURE, Zone, ZoneSet};

/// Most instructions all patterns of a set may take together.
const MAX_TOTAL: usize = 2_000_000;

/// Compiles everything that is not switched off.
///
/// Faults are added to `diagnostics`; the set is given when none of them is an error.
pub fn compile(sources: &Sources, diagnostics: &mut Diagnostics) -> Option<RuleSet> {
    compile_with(sources, diagnostics, Builder::default(), None).map(|set| hashed(set, sources))
}

/// The same, with a builder that has some of the patterns: what is left to compile is added to them. The hash is
/// left to whoever knows those of some files.
pub fn compile_onto(builder: Builder, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<RuleSet> {
    compile_with(sources, diagnostics, builder, None)
}

/// The same after an edit: patterns that stayed as they were are not parsed again.
pub fn compile_again(
    sources: &Sources,
    diagnostics: &mut Diagnostics,
    memory: &mut Memory,
) -> Option<RuleSet> {
    memory.under(sources.vocabulary.keys().cloned().collect());
    compile_with(sources, diagnostics, Builder::default(), Some(memory)).map(|set| hashed(set, sources))
}

fn hashed(set: RuleSet, sources: &Sources) -> RuleSet {
    set.with_fingerprint(hash::extend(hash::NONE, &sources.files))
}

fn compile_with(
    sources: &Sources,
    diagnostics: &mut Diagnostics,
    builder: Builder,
    memory: Option<&mut Memory>,
) -> Option<RuleSet> {
    let mut compiler = Compiler {
        diagnostics,
        builder,
        lists: BTreeMap::new(),
        ids: BTreeMap::new(),
        off: sources.off(),
        memory,
    };
    compiler.vocabulary(sources);
    let mut set = RuleSet { decision: compiler.decision(&sources.decision), ..RuleSet::default() };
    for rule in sources.rules.iter().filter(|rule| rule.mode != Mode::Off) {
        let compiled = compiler.rule(rule);
        compiler.add(compiled, &rule.id, &mut set);
    }
    // Combinations see rules and combinations before them, so that none can wait for itself.
    for combine in sources.combines.iter().filter(|combine| combine.mode != Mode::Off) {
        let compiled = compiler.combination(combine);
        // What needs a rule that is off is off itself.
        if compiler.needs_off(combine) {
            compiler.off.insert(combine.id.value.clone());
        } else {
            compiler.add(compiled, &combine.id, &mut set);
        }
    }
    set.routes = sources
        .routes
        .iter()
        .map(|route| RouteRule {
            id: route.id.value.clone(),
            test: compiler.route_test(&route.matches),
            owner: route.owner.value,
            validate: route.validate.clone(),
            inform: route.inform.clone(),
            why: route.why.clone(),
        })
        .collect();
    set.adjusts = sources
        .adjusts
        .iter()
        .map(|adjust| AdjustRule {
            id: adjust.id.value.clone(),
            test: compiler.route_test(&adjust.matches),
            owner: adjust.owner.as_ref().map(|owner| owner.value),
            validate: adjust.validate.clone(),
            inform: adjust.inform.clone(),
            why: adjust.why.clone(),
        })
        .collect();
    set.directory = accounts::directory(&sources.agency, &sources.accounts);
    set.matcher = compiler.builder.build();
    set.find_triggers();
    set.lexicon = lexicon::compile(&sources.lexicon, compiler.diagnostics);
    if set.matcher.size() > MAX_TOTAL {
        compiler.diagnostics.fault("too-large", format!("the patterns together take over {MAX_TOTAL} steps"));
    }
    (!diagnostics.has_errors()).then_some(set)
}

struct Compiler<'d> {
    diagnostics: &'d mut Diagnostics,
    builder: Builder,
    /// Word list name to number.
    lists: BTreeMap<String, u16>,
    /// Rule id to index in the set, with its place.
    ids: BTreeMap<String, (usize, Place)>,
    /// Ids of rules and combinations that are off.
    off: BTreeSet<String>,
    /// What an earlier compilation left behind.
    memory: Option<&'d mut Memory>,
}

impl Compiler<'_> {
    fn vocabulary(&mut self, sources: &Sources) {
        for (name, list) in &sources.vocabulary {
            let Ok(number) = u16::try_from(self.lists.len()) else {
                self.diagnostics.error("too-many-lists", &list.place, "over 65,535 word lists");
                return;
            };
            self.lists.insert(name.clone(), number);
            for entry in &list.entries {
                let folded = super::normal::fold(&entry.value);
                if folded.trim_end_matches('*').trim().len() < 2 {
                    self.diagnostics
                        .error("short-entry", &entry.place, "a word-list entry needs at least two letters")
                        .label("too short to be told from other words");
                }
                self.builder.entry(number, &folded);
            }
        }
    }

    /// Adds a rule under its id, unless the id is taken.
    fn add(&mut self, rule: Rule, id: &At<String>, set: &mut RuleSet) {
        if let Some((_, first)) = self.ids.get(&id.value) {
            let first = first.clone();
            self.diagnostics
                .error("duplicate-id", &id.place, format!("the id `{}` is used twice", id.value))
                .label("second use")
                .related(&first, "first use")
                .help("ids name rules in explanations and overrides; choose another one");
            return;
        }
        self.ids.insert(id.value.clone(), (set.rules.len(), id.place.clone()));
        set.zones = set.zones.union(rule.zones);
        set.rules.push(rule);
    }

    fn rule(&mut self, source: &RuleSource) -> Rule {
        let patterns = Patterns {
            any: self.patterns(&source.any),
            all: self.patterns(&source.all),
            none: self.patterns(&source.none),
        };
        // What is written counts, not what compiled: a faulty pattern is one fault, not two.
        let on_text = !source.any.is_empty() || !source.all.is_empty();
        if !on_text && !source.none.is_empty() {
            self.diagnostics
                .error(
                    "only-none",
                    &source.id.place,
                    "the rule says what must not be there, but not what must",
                )
                .help("add `any` or `all`");
        }
        if !on_text && source.when.is_empty() && source.none.is_empty() {
            let help = self.meant_to_change(&source.id.value);
            self.diagnostics
                .error(
                    "empty-rule",
                    &source.id.place,
                    format!("the rule `{}` asks for nothing", source.id.value),
                )
                .help(help);
        }
        let zones = match source.zones.as_slice() {
            _ if !on_text => ZoneSet::EMPTY,
            [] => ZoneSet::EMPTY.with(Zone::Subject).with(Zone::New),
            zones => zones.iter().map(|zone| zone.value).collect(),
        };

        Rule {
            id: source.id.value.clone().into(),
            zones,
            acts: source.acts.iter().map(|act| act.value).collect(),
            when: fact_tests(&source.when, self.diagnostics),
            points: table(&source.points, |class| class.index()),
            topics: table(&source.topics, |topic| topic.index()),
            mode: source.mode,
            patterns,
            combination: None,
        }
    }

    /// Advice on a rule that asks for nothing: most likely it was to change another one.
    fn meant_to_change(&self, id: &str) -> String {
        match nearest(id, self.ids.keys().map(String::as_str)) {
            Some(near) => {
                format!("to change the rule `{near}`, write its id; a new rule needs patterns or facts")
            }
            None => "add patterns under `any` or `all`, or facts under `when`".to_owned(),
        }
    }

    fn combination(&mut self, source: &CombineSource) -> Rule {
        let combination = Combination {
            any: self.references(&source.any),
            all: self.references(&source.all),
            none: self.references(&source.none),
        };
        if source.any.is_empty() && source.all.is_empty() {
            self.diagnostics
                .error("empty-rule", &source.id.place, "the combination asks for no rule")
                .help("name rules under `any` or `all`");
        }
        Rule {
            id: source.id.value.clone().into(),
            zones: ZoneSet::EMPTY,
            acts: Vec::new(),
            when: fact_tests(&source.when, self.diagnostics),
            points: table(&source.points, |class| class.index()),
            topics: table(&source.topics, |topic| topic.index()),
            mode: source.mode,
            patterns: Patterns::default(),
            combination: Some(Box::new(combination)),
        }
    }

    /// Whether the combination needs a rule that is off.
    fn needs_off(&self, source: &CombineSource) -> bool {
        let off = |id: &At<String>| self.off.contains(&id.value);
        source.all.iter().any(off) || (!source.any.is_empty() && source.any.iter().all(off))
    }

    fn references(&mut self, ids: &[At<String>]) -> Vec<usize> {
        let mut found = Vec::new();
        for id in ids {
            if let Some(&(index, _)) = self.ids.get(&id.value) {
                found.push(index);
                continue;
            }
            if self.off.contains(&id.value) {
                continue;
            }
            let known = self.ids.keys().map(String::as_str);
            let help = nearest(&id.value, known.clone()).map_or_else(
                || "name a rule, or a combination that stands before this one".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = self
                .diagnostics
                .error("unknown-rule", &id.place, format!("there is no rule `{}`", id.value))
                .label("not a rule")
                .help(help);
            let sure = only_nearest(&id.value, known);
            let quote = if id.place.text().starts_with('\'') { '\'' } else { '"' };
            finding.fix = sure.and_then(|near| Fix::replace(&id.place, format!("{quote}{near}{quote}")));
        }
        found
    }

    /// The numbers of these patterns; faulty ones have none.
    fn patterns(&mut self, sources: &[At<String>]) -> Numbers<'static> {
        sources.iter().filter_map(|source| self.pattern(source)).collect()
    }

    /// The number of a pattern. Rules that ask for the same share it.
    fn pattern(&mut self, source: &At<String>) -> Option<PatternId> {
        if let Some(known) = self.builder.known(&source.value) {
            return Some(known);
        }
        let lists = &self.lists;
        let mut number = |name: &str| {
            lists.get(name).copied().ok_or_else(|| Fault {
                message: format!("there is no word list `{name}`"),
                span: 0..0,
                help: nearest(name, lists.keys().map(String::as_str))
                    .map(|near| format!("did you mean `{{{near}}}`?")),
            })
        };
        let mut parse = || parse(&source.value, &mut number);
        let compiled = match self.memory.as_deref_mut() {
            Some(memory) => memory
                .pattern(&source.value, parse)
                .and_then(|node| self.builder.pattern(&source.value, node)),
            None => parse().and_then(|node| self.builder.pattern(&source.value, &node)),
        };
        match compiled {
            Ok(number) => Some(number),
            Err(fault) => {
                self.bad_pattern(source, fault);
                None
            }
        }
    }

    fn bad_pattern(&mut self, source: &At<String>, fault: Fault) {
        let place = source.place.within(&source.value, &fault.span);
        let diagnostic = self.diagnostics.error("bad-pattern", &place, fault.message);
        if let Some(help) = fault.help {
            diagnostic.help(help);
        }
        let list = place.file.text.get(place.span.clone()).and_then(|raw| raw.strip_prefix('{'));
        let list = list.and_then(|raw| raw.strip_suffix('}'));
        let sure = list.and_then(|name| only_nearest(name, self.lists.keys().map(String::as_str)));
        diagnostic.fix = sure.and_then(|near| Fix::replace(&place, format!("{{{near}}}")));
    }

    fn decision(&mut self, source: &DecisionSource) -> DecisionTable {
        let mut table = DecisionTable::default();
        let number = |value: &Option<At<f64>>, default: f64| value.as_ref().map_or(default, |at| at.value);
        table.probability = number(&source.probability, table.probability);
        table.margin = number(&source.margin, table.margin);
        table.temperature = number(&source.temperature, table.temperature);
        table.chiefly = number(&source.chiefly, table.chiefly);
        for (value, name) in
            [(&source.probability, "probability"), (&source.margin, "margin"), (&source.chiefly, "chiefly")]
        {
            if let Some(at) = value.as_ref().filter(|at| !(0.0..=1.0).contains(&at.value)) {
                self.diagnostics.error(
                    "out-of-range",
                    &at.place,
                    format!("`{name}` is a share, from 0 to 1"),
                );
            }
        }
        if let Some(at) = source.temperature.as_ref().filter(|at| !(at.value > 0.0 && at.value <= 100.0)) {
            self.diagnostics.error("out-of-range", &at.place, "`temperature` is above 0 and at most 100");
        }
        for (word, at) in &source.base {
            match word.parse::<Class>() {
                Ok(class) => table.base[class.index()] = at.value,
                Err(unknown) => self.unknown_word(&at.place, &unknown.to_string()),
            }
        }
        for (word, at) in &source.topic_base {
            match word.parse::<Aspect>() {
                Ok(topic) => table.topic_base[topic.index()] = at.value,
                Err(unknown) => self.unknown_word(&at.place, &unknown.to_string()),
            }
        }
        table
    }

    fn unknown_word(&mut self, place: &Place, message: &str) {
        self.diagnostics.error("unknown-word", place, message);
    }

    fn route_test(&mut self, source: &Matcher) -> RouteTest {
        let mut class = Vec::new();
        for word in &source.class {
            match word.value.as_str() {
                UNSURE => class.push(None),
                other => match other.parse::<Class>() {
                    Ok(known) => class.push(Some(known)),
                    Err(unknown) => self.unknown_word(&word.place, &unknown.to_string()),
                },
            }
        }
        let topics = |list: &[At<Topic>]| list.iter().map(|at| at.value).collect();
        RouteTest {
            class,
            topics: topics(&source.topics),
            without: topics(&source.without),
            chiefly: topics(&source.chiefly),
            owner: source.owner.iter().map(|at| at.value).collect(),
            prefers: source
                .prefers
                .iter()
                .map(|(key, value)| (key.value.clone(), value.value.clone()))
                .collect(),
        }
    }
}

/// Points as a table, by what `index` says of each word.
fn table<T, const N: usize>(points: &[(At<T>, f64)], index: impl Fn(&T) -> usize) -> [f64; N] {
    let mut table = [0.0; N];
    points.iter().for_each(|(word, value)| table[index(&word.value)] += value);
    table
}
