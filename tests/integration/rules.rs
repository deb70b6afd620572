//! The built-in rules hold together, and faulty rule folders are told of.
//!
//! Every folder of `fixtures/rules` is laid over a few rules of known content; `expected.txt` in it
//! is the whole text shown. The list in `rules/README.md` is made from the built-in rules.
//! `POSTROOM_BLESS=1` writes all of these anew: read them before committing them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use postroom::corpus::inline;
use postroom::rules::compile::compile;
use postroom::rules::diagnostic::Diagnostics;
use postroom::rules::layer::Layer;
use postroom::rules::lint::lint;
use postroom::rules::load::load;
use postroom::rules::source::{At, CombineSource, Mode, RuleSource, RuleTest, Sources};
use postroom::terms::{Aspect, Class};

/// What the faulty folders are laid over.
fn base() -> Layer {
    let route = |id: &str, rest: &str| format!("[[route]]\nid = '{id}'\nowner = 'pm'\nwhy = 'so'\n{rest}\n");
    let routing =
        route("delivery-by-preference", "class = 'delivery-question'\nprefers = { delivery = 'pm' }")
            + &route("everything", "")
            + "[[adjust]]\nid = 'escalation'\ntopics = 'escalation'\nowner = 'am'\nwhy = 'so'\n";
    let agency = "[agency]\nam = 'account-manager@agency.example'\npm = 'project-manager@agency.example'\n";
    let words = "deliverable = ['homepage', 'banner*']\n";
    let files = [("routing.toml", routing.as_str()), ("accounts.toml", agency), ("vocabulary.toml", words)];
    Layer::Files(files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec())
}

/// Findings on the files of one folder; those on the base are not its business.
fn findings(folder: &Path) -> Diagnostics {
    let (sources, mut found) = load(&[base(), Layer::Folder(folder.to_owned())]);
    if !found.has_errors() {
        let rules = compile(&sources, &mut found);
        found.list.extend(lint(&sources, rules.as_ref()).list);
        found.sort(&sources.files);
    }
    let here = folder.display().to_string();
    found
        .list
        .retain(|finding| finding.place.as_ref().is_none_or(|place| place.file.name.starts_with(&here)));
    found
}

#[test]
fn every_mistake_is_told_as_expected() {
    let bless = std::env::var_os("POSTROOM_BLESS").is_some();
    let mut folders: Vec<_> =
        fs::read_dir("fixtures/rules").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(folders.len() >= 20, "only {} faulty folders", folders.len());
    let mut wrong = Vec::new();
    for folder in folders {
        let text = findings(&folder).render(false);
        assert!(!text.is_empty(), "{} has no fault", folder.display());
        let expected = folder.join("expected.txt");
        if bless {
            fs::write(&expected, &text).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("=== {} is told as\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ten_mistakes_in_one_folder_are_told_in_one_run() {
    let found = findings(Path::new("fixtures/rules/ten-mistakes"));
    assert_eq!(found.list.len(), 10, "{}", found.render(false));
    let codes: BTreeSet<_> = found.list.iter().map(|finding| finding.code).collect();
    assert_eq!(codes.len(), 10, "ten different ones: {codes:?}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let found = findings(Path::new("fixtures/rules/ten-mistakes"));
    let mut plain = String::new();
    let coloured = found.render(true);
    let mut rest = coloured.as_str();
    while let Some((before, escape)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    assert_ne!(coloured, plain);
    assert_eq!(plain, found.render(false));
}

/// A rule or combination, as far as the list and the checks go.
struct Known<'s> {
    id: &'s str,
    about: &'s str,
    file: &'s str,
    points: &'s [(At<Class>, f64)],
    topics: &'s [(At<Aspect>, f64)],
    tests: &'s [RuleTest],
    mode: Mode,
}

fn known(sources: &Sources) -> Vec<Known<'_>> {
    let rules = sources.rules.iter().map(|source| {
        let RuleSource { id, about, points, topics, tests, mode, .. } = source;
        Known { id: &id.value, about, file: &id.place.file.name, points, topics, tests, mode: *mode }
    });
    let combines = sources.combines.iter().map(|source| {
        let CombineSource { id, about, points, topics, tests, mode, .. } = source;
        Known { id: &id.value, about, file: &id.place.file.name, points, topics, tests, mode: *mode }
    });
    rules.chain(combines).collect()
}

fn built_in() -> Sources {
    let (sources, found) = load(&[Layer::BuiltIn]);
    assert!(found.list.is_empty(), "{}", found.render(false));
    sources
}

#[test]
fn the_built_in_rules_hold_together() {
    let sources = built_in();
    let mut found = Diagnostics::default();
    let rules = compile(&sources, &mut found);
    assert!(found.list.is_empty(), "{}", found.render(false));
    let warnings = lint(&sources, rules.as_ref());
    assert!(warnings.list.is_empty(), "{}", warnings.render(false));
    let outcome = inline::run(&sources, &rules.unwrap());
    assert!(outcome.diagnostics.list.is_empty(), "{}", outcome.diagnostics.render(false));
    assert!(outcome.passed >= 2 * known(&sources).len(), "{} tests", outcome.passed);
}

#[test]
fn every_built_in_rule_says_what_it_finds_and_is_tested_both_ways() {
    let sources = built_in();
    let rules = known(&sources);
    assert!(rules.len() >= 50, "only {} rules", rules.len());
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for rule in &rules {
        let kebab = rule.id.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        for (fine, fault) in [
            (ids.insert(rule.id), "an id given twice"),
            (kebab, "an id that is not lower case with hyphens"),
            (!rule.about.is_empty(), "no `about`"),
            (rule.tests.iter().any(|test| test.hits), "no test that it matches"),
            (rule.tests.iter().any(|test| !test.hits), "no test that it does not match"),
            (rule.mode != Mode::Off, "switched off: take it out"),
        ] {
            if !fine {
                faults.push(format!("{}: {}: {fault}", rule.file, rule.id));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands above the list; the list stands under it, to the end of the file.
const LIST: &str = "## The rules\n";

#[test]
fn the_list_of_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (above, _) = text.split_once(LIST).unwrap();
    let wanted = format!("{above}{LIST}{}", list(&known(&built_in())));
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        fs::write(&path, wanted).unwrap();
    } else {
        assert!(text == wanted, "rules/README.md is out of date: POSTROOM_BLESS=1 writes it anew");
    }
}

/// A table a file.
fn list(rules: &[Known<'_>]) -> String {
    let mut text = String::new();
    let mut file = "";
    for rule in rules {
        if rule.file != file {
            file = rule.file;
            let name = file.trim_start_matches("built-in:");
            let _ = writeln!(
                text,
                "\n### `{name}`\n\n| rule | finds | points | topics |\n| --- | --- | --- | --- |"
            );
        }
        let about = rule.about.replace('|', "\\|");
        let audit = if rule.mode == Mode::Audit { " (audit)" } else { "" };
        let (points, topics) = (counted(rule.points), counted(rule.topics));
        let _ = writeln!(text, "| `{}`{audit} | {about} | {points} | {topics} |", rule.id);
    }
    text
}

fn counted<T: std::fmt::Display>(points: &[(At<T>, f64)]) -> String {
    let counted: Vec<String> =
        points.iter().map(|(word, points)| format!("{} {points:+.1}", word.value)).collect();
    counted.join(", ")
}
