//! Rules on hand-made texts.

use super::*;
use crate::rules::compile::compile;
use crate::rules::diagnostic::{Diagnostics, Place, SourceFile};
use crate::rules::layer::Layer;
use crate::rules::set::Gate;
use crate::rules::source::{At, CombineSource, Mode, RuleSource, Sources, WordList};
use crate::terms::{Act, Class, ZoneSet};
use std::sync::Arc;

fn at<T>(value: T) -> At<T> {
    let file = Arc::new(SourceFile { name: "test.toml".into(), text: "".into() });
    At { value, place: Place { file, span: 0..0 } }
}

fn strings(list: &[&str]) -> Vec<At<String>> {
    list.iter().map(|&text| at(text.to_owned())).collect()
}

fn rule(id: &str, any: &[&str], all: &[&str], none: &[&str], acts: &[Act]) -> RuleSource {
    RuleSource {
        id: at(id.to_owned()),
        about: String::new(),
        zones: Vec::new(),
        acts: acts.iter().map(|&act| at(act)).collect(),
        any: strings(any),
        all: strings(all),
        none: strings(none),
        when: Vec::new(),
        points: vec![(at(Class::DeliveryQuestion), 1.0)],
        topics: Vec::new(),
        mode: Mode::Enforce,
        tests: Vec::new(),
        allow: Vec::new(),
    }
}

fn compiled(rules: Vec<RuleSource>, combines: Vec<CombineSource>) -> RuleSet {
    let mut sources = Sources { rules, combines, ..Sources::default() };
    let entries = strings(&["homepage", "banner*"]);
    sources.vocabulary.insert("deliverable".into(), WordList { place: at(()).place, entries });
    let mut diagnostics = Diagnostics::default();
    compile(&sources, &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// A text whose sentences end at `|`; the first one is the subject.
fn fresh(parts: &[(Zone, Act, &str)]) -> Fresh {
    let mut fresh = Fresh::default();
    for &(zone, act, text) in parts {
        let start = fresh.text.len();
        fresh.text.push_str(text);
        fresh.sentences.push(Sentence { zone, act, start, end: fresh.text.len() });
        fresh.text.push('\n');
    }
    fresh
}

fn hits<'r>(rules: &'r RuleSet, fresh: &Fresh) -> Vec<(&'r str, String)> {
    let evidence = gather(fresh, &Facts::assumed(fresh, &[]), rules);
    let words =
        |hit: &Hit| hit.places().map(|place| place.text(fresh).to_owned()).collect::<Vec<_>>().join("|");
    evidence.hits.iter().map(|hit| (rules.rules[hit.rule()].id.as_ref(), words(hit))).collect()
}

#[test]
fn any_all_and_none_hold_in_one_sentence() {
    let rules = compiled(
        vec![rule(
            "when-ready",
            &[r"\bwhen (will|is)\b"],
            &["{deliverable}", "ready|done"],
            &["we spoke"],
            &[],
        )],
        Vec::new(),
    );
    let one = |text| hits(&rules, &fresh(&[(Zone::New, Act::Question, text)]));
    assert_eq!(one("When will the Homepage\nbe ready?"), [("when-ready", "When will".to_owned())]);
    assert!(one("When will it be ready?").is_empty());
    assert!(one("When will the homepage be ready, we spoke of it?").is_empty());
    let two = fresh(&[
        (Zone::New, Act::Question, "When will it end?"),
        (Zone::New, Act::Statement, "banners ready"),
    ]);
    assert!(hits(&rules, &two).is_empty());
}

#[test]
fn acts_and_zones_are_kept_to() {
    let rules = compiled(vec![rule("soon", &["how soon"], &[], &[], &[Act::Question])], Vec::new());
    let one = |zone, act| hits(&rules, &fresh(&[(zone, act, "How soon?")])).len();
    assert_eq!(one(Zone::New, Act::Question), 1);
    assert_eq!(one(Zone::Subject, Act::Question), 1);
    assert_eq!(one(Zone::New, Act::Courtesy), 0);
    assert_eq!(one(Zone::Quoted, Act::Question), 0);
    assert_eq!(one(Zone::Forwarded, Act::Question), 0);
    let mut pointed = fresh(&[(Zone::Forwarded, Act::Question, "How soon?")]);
    pointed.pointer = true;
    assert_eq!(hits(&rules, &pointed).len(), 1, "the forwarded text is the matter");
}

#[test]
fn a_rule_hits_once_with_all_its_places() {
    let rules = compiled(vec![rule("banner", &["{deliverable}"], &[], &[], &[])], Vec::new());
    let text = fresh(&[
        (Zone::Subject, Act::Statement, "Banners"),
        (Zone::New, Act::Statement, "The homepage\u{2019}s top"),
    ]);
    assert_eq!(hits(&rules, &text), [("banner", "Banners|homepage\u{2019}s".to_owned())]);
    let many: Vec<_> = (0..40).map(|_| (Zone::New, Act::Statement, "homepage")).collect();
    assert_eq!(hits(&rules, &fresh(&many))[0].1.split('|').count(), MAX_PLACES);
}

#[test]
fn combinations_build_on_hits() {
    let rules = vec![rule("ok", &["approved"], &[], &[], &[]), rule("but", &[r"\bbut\b"], &[], &[], &[])];
    let combine = |id: &str, all: &[&str], none: &[&str]| CombineSource {
        id: at(id.to_owned()),
        about: String::new(),
        any: Vec::new(),
        all: strings(all),
        none: strings(none),
        when: Vec::new(),
        points: Vec::new(),
        topics: Vec::new(),
        mode: Mode::Enforce,
        tests: Vec::new(),
        allow: Vec::new(),
    };
    let set =
        compiled(rules, vec![combine("clean", &["ok"], &["but"]), combine("mixed", &["ok", "but"], &[])]);
    let ids = |text| {
        let fresh = fresh(&[(Zone::New, Act::Statement, text)]);
        hits(&set, &fresh).into_iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("Approved."), ["ok", "clean"]);
    assert_eq!(ids("Approved but late."), ["ok", "but", "mixed"]);
    assert!(ids("Nothing.").is_empty());
}

#[test]
fn a_rule_without_scannable_words_is_still_tried() {
    let rules = compiled(vec![rule("short", &[r"\b[a-z] [a-z]\b"], &[], &[], &[])], Vec::new());
    assert_eq!(rules.always, [0]);
    assert_eq!(hits(&rules, &fresh(&[(Zone::New, Act::Question, "is it a b?")])).len(), 1);
}

#[test]
fn what_is_said_again_hits_again_where_it_is_said() {
    let rules = compiled(
        vec![
            rule("when", &["when (is|will)"], &[], &[], &[]),
            rule("sooner", &["sooner"], &[], &[], &[]),
            rule("asked", &["homepage"], &[], &[], &[Act::Question]),
        ],
        Vec::new(),
    );
    let asked = "When is the homepage ready?";
    let mut parts = vec![(Zone::New, Act::Question, asked), (Zone::New, Act::Statement, "Sooner, please.")];
    parts.push((Zone::New, Act::Statement, asked));
    parts.extend([(Zone::New, Act::Question, asked); 20]);
    let fresh = fresh(&parts);
    let evidence = gather(&fresh, &Facts::assumed(&fresh, &[]), &rules);
    let sentences = |rule: usize| {
        let hit =
            evidence.hits.iter().find(|hit| rules.rules[hit.rule()].id == ["when", "sooner", "asked"][rule]);
        hit.unwrap().places().map(|place| (place.sentence.unwrap(), place.text(&fresh))).collect::<Vec<_>>()
    };
    // As many places as are kept, each in a sentence of its own.
    assert_eq!(sentences(0), [0, 2, 3, 4, 5, 6, 7, 8].map(|sentence| (sentence, "When is")));
    assert_eq!(sentences(1), [(1, "Sooner")]);
    // The same words as a statement are not the same.
    assert_eq!(sentences(2), [0, 3, 4, 5, 6, 7, 8, 9].map(|sentence| (sentence, "homepage")));
}

#[test]
fn gates_are_open_to_the_sentences_that_rules_ask_for() {
    let rules = crate::rules::ready(&[Layer::BuiltIn]).unwrap();
    let mut open = 0;
    for (index, rule) in rules.rules.iter().enumerate() {
        let gate = rules.gate(index);
        for (&zone, &act) in Zone::ALL.iter().flat_map(|zone| Act::ALL.iter().map(move |act| (zone, act))) {
            let asked = rule.zones.contains(zone) && (rule.acts.is_empty() || rule.acts.contains(&act));
            assert_eq!(
                Gate::open_to(ZoneSet::EMPTY.with(zone), act)(gate),
                asked,
                "{} {zone} {act}",
                rule.id
            );
            open += usize::from(asked);
        }
        let alone = rule.patterns.all.is_empty() && rule.patterns.none.is_empty() && rule.when.is_empty();
        assert_eq!(gate.asks_for_any_alone(), gate.is_by_any() && alone, "{}", rule.id);
        assert!(!gate.is_by_any() || !rule.patterns.any.is_empty(), "{}", rule.id);
    }
    assert!(open > rules.rules.len());
}
