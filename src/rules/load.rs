//! Layers of TOML to [`Sources`]: the built-in files first, then folders that change them.
//!
//! A later layer overrides by id: a rule, route, adjustment or account of the same id replaces the
//! keys it gives and keeps the others. `mode = "off"` takes it out of play. A word list is replaced,
//! or changed with `{ add = […], remove = […] }`. New routes come before those of weaker layers,
//! new adjustments after. A folder whose `rules.toml` says `builtin = false` is complete in itself:
//! all weaker layers are left out, their accounts too.
//!
//! Every fault of every file is found in one run. Patterns and ids that name other rules are the
//! compiler's to check.

use std::sync::Arc;

use super::diagnostic::{Diagnostics, SourceFile};
use super::layer::{self, Layer, LayerFile};
use super::memory::Memory;
use super::merge::Merged;
use super::parsed::Parsed;
use super::source::Sources;
use super::tree::{Fields, Value};
use super::{assemble, read};

/// Reads `layers`, weakest first. The sources are as complete as the faults allow; when
/// [`Diagnostics::has_errors`] says so, they are not fit for use.
#[must_use]
pub fn load(layers: &[Layer]) -> (Sources, Diagnostics) {
    let (sources, found, _) = load_with(layers, None, true);
    (sources, found)
}

/// The same without what the phrase lists say, which are long. Gives those that count, weakest first, as files.
pub(super) fn load_but_phrases(layers: &[Layer]) -> (Sources, Diagnostics, Vec<Arc<SourceFile>>) {
    load_with(layers, None, false)
}

/// The same after an edit: what stayed as it was is not parsed again.
#[must_use]
pub fn load_again(layers: &[Layer], memory: &mut Memory) -> (Sources, Diagnostics) {
    let (sources, found, _) = load_with(layers, Some(memory), true);
    memory.files_read();
    (sources, found)
}

fn load_with(
    layers: &[Layer],
    mut memory: Option<&mut Memory>,
    with_phrases: bool,
) -> (Sources, Diagnostics, Vec<Arc<SourceFile>>) {
    let mut found = Diagnostics::default();
    let parsed = Parsed::built_in();
    // From the strongest down, so that a complete folder keeps weaker ones from being read at all.
    let mut kept: Vec<Vec<(LayerFile, Fields)>> = Vec::new();
    for layer in layers.iter().rev() {
        let mut files = Vec::new();
        for file in layer::files(layer, &mut found) {
            let wanted = with_phrases || file.name != layer::PHRASES;
            let parse = |found: &mut Diagnostics| match parsed.fields(&file.name, &file.file) {
                Some(fields) => fields,
                None if wanted => read::file(&file.name, &file.file, found),
                None => Fields::default(),
            };
            let fields = match memory.as_deref_mut() {
                Some(memory) => memory.file(&file.name, &file.file, &mut found, parse),
                None => parse(&mut found),
            };
            files.push((file, fields));
        }
        let complete =
            files.iter().any(|(file, fields)| file.name == layer::COMPLETE && says_complete(fields));
        kept.push(files);
        if complete {
            break;
        }
    }
    let (mut files, mut lists) = (Vec::new(), Vec::new());
    let mut merged = Merged::default();
    for layer in kept.into_iter().rev() {
        let list = layer.iter().filter(|(file, _)| file.name == layer::PHRASES);
        lists.extend(list.map(|(file, _)| Arc::clone(&file.file)));
        files.extend(layer.iter().map(|(file, _)| Arc::clone(&file.file)));
        merged.layer(layer.into_iter().map(|(file, fields)| (file.name, fields)).collect(), &mut found);
    }
    let mut sources = assemble::sources(merged, &mut found);
    sources.files = files;
    found.sort(&sources.files);
    (sources, found, lists)
}

fn says_complete(settings: &Fields) -> bool {
    settings.get("builtin").is_some_and(|at| at.value == Value::Flag(false))
}

#[cfg(test)]
mod tests {
    use super::super::syntax;
    use super::*;
    use crate::rules::source::{ConditionValue, Mode};
    use crate::terms::{Aspect, Class, Role, Topic, Zone};

    fn files(files: &[(&str, &str)]) -> Layer {
        Layer::Files(files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    fn clean(layers: &[Layer]) -> Sources {
        let (sources, found) = load(layers);
        assert!(found.list.is_empty(), "{}", found.render(false));
        sources
    }

    const DELIVERY: &str = r#"
class = "delivery-question"

[[rule]]
id = "asks-when-ready"
about = "asks when something will be ready"
zone = "new"
act = ["question", "request"]
any = ['\bwhen (will|can)\b', "how soon"]
none = 'when we met'
when = { reply = true, attachment = "pdf", words = { max = 40 }, questions = 1 }
points = 2.4
topics = { timeline = 1.5 }

[[rule.test]]
match = "When will it be ready?"
[[rule.test]]
subject = "Ready when?"
when = { reply = false }
[[rule.test]]
no-match = "When we met."

[[combine]]
id = "both"
all = ["asks-when-ready", "other-rule"]
points = { delivery-question = 1, other = -2 }
mode = "audit"
"#;

    #[test]
    fn a_rule_is_read_whole() {
        let sources = clean(&[files(&[("classes/delivery-question.toml", DELIVERY)])]);
        let rule = &sources.rules[0];
        assert_eq!((rule.id.value.as_str(), rule.mode), ("asks-when-ready", Mode::Enforce));
        assert_eq!(rule.zones.iter().map(|at| at.value).collect::<Vec<_>>(), [Zone::New]);
        assert_eq!(rule.acts.len(), 2);
        assert_eq!(rule.any[0].value, r"\bwhen (will|can)\b");
        assert_eq!(rule.any[0].place.line_column(), (9, 8));
        assert_eq!(rule.none.len(), 1);
        let when: Vec<_> = rule.when.iter().map(|c| (c.name.value.as_str(), c.value.value.clone())).collect();
        assert_eq!(
            when,
            [
                ("reply", ConditionValue::Is(true)),
                ("attachment", ConditionValue::OneOf(vec!["pdf".to_owned()])),
                ("words", ConditionValue::Between(None, Some(40))),
                ("questions", ConditionValue::Between(Some(1), Some(1))),
            ]
        );
        assert_eq!((rule.points[0].0.value, rule.points[0].1), (Class::DeliveryQuestion, 2.4));
        assert_eq!((rule.topics[0].0.value, rule.topics[0].1), (Aspect::Topic(Topic::Timeline), 1.5));
        let tests: Vec<_> =
            rule.tests.iter().map(|t| (t.text.value.as_str(), t.hits, t.when.len())).collect();
        assert_eq!(tests, [("When will it be ready?", true, 0), ("", true, 1), ("When we met.", false, 0)]);
        assert_eq!(rule.tests[1].subject.as_deref(), Some("Ready when?"));
        let combine = &sources.combines[0];
        assert_eq!((combine.all.len(), combine.points.len(), combine.mode), (2, 2, Mode::Audit));
    }

    #[test]
    fn a_stronger_layer_replaces_the_keys_it_gives_and_keeps_the_others() {
        let change = r#"
[[rule]]
id = "asks-when-ready"
points = 3
mode = "off"
[[rule]]
id = "own"
any = 'x'
points = { other = 1 }
"#;
        let sources = clean(&[files(&[("classes/d.toml", DELIVERY)]), files(&[("local.toml", change)])]);
        let ids: Vec<_> = sources.rules.iter().map(|rule| rule.id.value.as_str()).collect();
        assert_eq!(ids, ["asks-when-ready", "own"]);
        let rule = &sources.rules[0];
        assert_eq!((rule.any.len(), rule.mode), (2, Mode::Off));
        // The number counts for the class of the rule it changes: this file has none.
        assert_eq!((rule.points[0].0.value, rule.points[0].1), (Class::DeliveryQuestion, 3.0));
        let changes: Vec<_> = sources
            .overrides
            .iter()
            .map(|o| {
                (
                    o.what,
                    o.id.as_str(),
                    o.key.as_str(),
                    o.old.as_ref().map(|at| at.value.as_str()),
                    o.new.value.as_str(),
                )
            })
            .collect();
        assert_eq!(
            changes,
            [
                ("rule", "asks-when-ready", "points", Some("2.4"), "3"),
                ("rule", "asks-when-ready", "mode", None, "\"off\""),
            ]
        );
        assert_eq!(sources.overrides[0].new.place.line_column(), (4, 10));
        assert_eq!(sources.overrides[0].old.as_ref().map(|at| at.place.line_column()), Some((12, 10)));
    }

    #[test]
    fn word_lists_are_replaced_or_changed() {
        let weak = files(&[("vocabulary.toml", "page = ['homepage', 'banner*']\nstage = 'staging'\n")]);
        let strong = "page = { add = ['leaflet'], remove = 'banner*' }\nstage = ['live']\nown = ['x']\n";
        let sources = clean(&[weak, files(&[("vocabulary.toml", strong)])]);
        let words = |list: &str| -> Vec<&str> {
            sources.vocabulary[list].entries.iter().map(|at| at.value.as_str()).collect()
        };
        assert_eq!(
            (words("page"), words("stage"), words("own")),
            (vec!["homepage", "leaflet"], vec!["live"], vec!["x"])
        );
        assert_eq!(sources.overrides.len(), 2);
    }

    #[test]
    fn new_routes_come_before_the_weaker_layers_and_off_ones_are_gone() {
        let route = |id: &str, owner: &str| format!("[[route]]\nid = '{id}'\nowner = '{owner}'\nwhy = 'w'\n");
        let weak = route("a", "am") + &route("b", "pm") + "[[adjust]]\nid = 'x'\nwhy = 'w'\n";
        let strong = route("c", "none")
            + &route("d", "am")
            + "[[route]]\nid = 'b'\nowner = 'am'\n[[route]]\nid = 'a'\nmode = 'off'\n[[adjust]]\nid = 'y'\nwhy = 'w'\n";
        let sources = clean(&[files(&[("routing.toml", &weak)]), files(&[("routing.toml", &strong)])]);
        let routes: Vec<_> = sources.routes.iter().map(|r| (r.id.value.as_str(), r.owner.value)).collect();
        assert_eq!(routes, [("c", None), ("d", Some(Role::Am)), ("b", Some(Role::Am))]);
        assert_eq!(sources.adjusts.iter().map(|a| a.id.value.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    }

    #[test]
    fn accounts_decisions_and_complete_folders() {
        let accounts = "[agency]\nam = 'a@x.example'\n[[agency.absence]]\nwho = 'a@x.example'\ncover = 'b@x.example'\nuntil = 2026-03-31\n[[account]]\nid = 'one'\ndomains = 'one.example'\nprefers = { delivery = 'am' }\n[[account.absence]]\nwho = 'c@x.example'\ncover = 'a@x.example'\nfrom = '2026-03-01'\nuntil = 2026-03-02\n";
        let weak =
            files(&[("accounts.toml", accounts), ("decision.toml", "margin = 0.1\n[base]\nother = 1\n")]);
        let strong = files(&[("decision.toml", "[base]\nnew-project = -1\nother = 2\n")]);
        let sources = clean(&[weak.clone(), strong.clone()]);
        assert_eq!(sources.accounts[0].absences[0].from.as_ref().map(|at| at.value.day), Some(1));
        assert_eq!(sources.agency.absences.len(), 1);
        assert_eq!(sources.accounts[0].prefers["delivery"].value, "am");
        assert_eq!(sources.decision.margin.as_ref().map(|at| at.value), Some(0.1));
        assert_eq!(sources.decision.base["other"].value, 2.0);
        assert_eq!(sources.decision.base["new-project"].value, -1.0);
        let complete = files(&[("rules.toml", "builtin = false\n"), ("decision.toml", "margin = 0.2\n")]);
        let sources = clean(&[weak, complete, strong]);
        assert!(sources.accounts.is_empty() && sources.agency.am.is_none());
        assert_eq!(sources.decision.margin.as_ref().map(|at| at.value), Some(0.2));
        assert_eq!(sources.files.len(), 3);
    }

    #[test]
    fn the_built_in_files_load_without_a_finding() {
        let sources = clean(&[Layer::BuiltIn]);
        assert!(sources.routes.len() >= 9 && sources.adjusts.len() >= 2);
        assert!(sources.agency.am.is_some() && sources.accounts.is_empty());
        assert!(sources.files.iter().all(|file| file.name.starts_with("built-in:")));
        let found = super::super::lint::lint(&sources, None);
        let by_rule = super::super::lint::RULES;
        let others: Vec<_> = found.list.iter().filter(|f| !by_rule.contains(&f.code)).collect();
        assert!(others.is_empty(), "routing and accounts hold together: {others:?}");
    }

    /// Random numbers that are the same in every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % most.max(1)
        }
    }

    /// The built-in routes, accounts, word lists and thresholds.
    fn built_in_without_rules() -> Layer {
        let kept = ["routing.toml", "accounts.toml", "vocabulary.toml", "decision.toml"];
        let built_in: Vec<_> =
            layer::built_in().iter().copied().filter(|(name, _)| kept.contains(name)).collect();
        files(&built_in)
    }

    /// Bytes of a file that is broken over and over.
    const LONGEST: usize = 32 * 1024;

    fn floor(text: &str, at: usize) -> usize {
        (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
    }

    #[test]
    fn files_broken_anywhere_are_told_of_and_never_panic() {
        let built_in = layer::built_in().iter().copied();
        let whole: Vec<_> = built_in.chain([("classes/delivery-question.toml", DELIVERY)]).collect();
        let pieces = [
            "'",
            "\"",
            "[",
            "]",
            "[[rule]]\n",
            "\n",
            "=",
            "\\d",
            "{",
            "}",
            ",",
            "é",
            "\u{202e}",
            "1e400",
            "-",
            "'''",
            "#",
        ];
        // What the others lean on; all rules below each file would only take time.
        let small = built_in_without_rules();
        let mut dice = Dice(11);
        let mut faulty = 0;
        for _ in 0..600 {
            let (name, text) = whole[dice.below(whole.len())];
            // The head of a long list breaks like the whole.
            let end =
                text[..floor(text, text.len().min(LONGEST))].rfind('\n').map_or(text.len(), |at| at + 1);
            let mut text = text[..end].to_owned();
            for _ in 0..=dice.below(3) {
                let from = floor(&text, dice.below(text.len()));
                let to = floor(&text, (from + dice.below(12)).min(text.len()));
                let piece = pieces[dice.below(pieces.len())];
                text.replace_range(from..to.max(from), piece);
            }
            let (sources, found) = load(&[small.clone(), files(&[(name, &text)])]);
            faulty += usize::from(found.has_errors());
            for place in found.list.iter().filter_map(|finding| finding.place.as_ref()) {
                assert!(place.file.text.get(place.span.clone()).is_some(), "{place:?}");
            }
            let _ = (found.render(true), super::super::lint::lint(&sources, None).render(false));
        }
        assert!(faulty > 200, "only {faulty} of the files were at fault");
    }

    #[test]
    fn large_files_end_with_a_bounded_number_of_findings() {
        let rule =
            |at: usize| format!("[[rule]]\nid = 'r{at}'\nany = ['x{at}', 'y']\ntopics = {{ scope = 1 }}\n\n");
        let many: String = (0..21_000).map(rule).collect();
        let (sources, found) = load(&[files(&[("x.toml", &many)])]);
        assert_eq!(sources.rules.len(), 20_000);
        assert_eq!(found.list.iter().map(|d| d.code).collect::<Vec<_>>(), ["too-many-rules"]);
        // Whatever could be looked up again and again for each of very many faults.
        let pieces = [
            "x\n",
            "[a]\n",
            "[[rule]]\n",
            "[[rule]\n",
            "a = '\n",
            "a = [",
            "x = {",
            "]",
            "'",
            "a.",
            "a = 'x', ",
            "x = 01\n",
            "a = 1\n",
            "[",
            "é",
        ];
        for piece in pieces {
            let text = piece.repeat(50_000 / piece.len());
            let (_, found) = load(&[files(&[("x.toml", &text)])]);
            assert!(!found.render(false).is_empty());
            assert!(found.has_errors() && found.list.len() <= 2 * syntax::MOST_FAULTS, "{piece}");
        }
    }

    #[test]
    fn folders_are_read_and_missing_ones_reported() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("classes")).unwrap();
        std::fs::write(folder.path().join("classes/d.toml"), DELIVERY).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not rules").unwrap();
        assert_eq!(clean(&[Layer::Folder(folder.path().to_owned())]).rules.len(), 1);
        std::fs::write(folder.path().join("bad.toml"), b"a = '\xff'").unwrap();
        let (_, found) = load(&[Layer::Folder(folder.path().to_owned())]);
        assert_eq!(found.list.iter().map(|d| d.code).collect::<Vec<_>>(), ["not-utf8"]);
        let (_, found) = load(&[Layer::Folder(folder.path().join("none"))]);
        assert_eq!(found.list.iter().map(|d| d.code).collect::<Vec<_>>(), ["unreadable"]);
    }
}
