//! TOML to [`RuleSet`]: all that an agency can change without touching code.
//!
//! [`load`] reads the files of every [`layer`] into [`source`], [`compile`] turns that into [`set`],
//! which the line works with; [`diagnostic`] is what is wrong with them.

pub mod accounts;
pub mod compile;
pub mod conditions;
mod decimal;
pub mod diagnostic;
pub mod hash;
pub mod kept;
pub mod layer;
pub mod lexicon;
pub mod lint;
pub mod load;
pub mod mail_test;
pub mod matcher;
pub mod memory;
pub mod normal;
pub mod pattern;
pub mod saved;
pub mod schema;
pub mod set;
pub mod source;
pub mod store;

mod assemble;
mod fault;
mod merge;
pub mod nearest;
pub mod parsed;
mod read;
mod render;
mod scalar;
mod syntax;
pub mod table;
mod tree;

pub use set::RuleSet;

use std::collections::BTreeSet;

use crate::Error;
use layer::Layer;
use matcher::Builder;
use source::{Sources, WordList};
use store::Shared;

/// Loads and compiles `layers`, weakest first: all a program needs that only wants to sort mail.
///
/// What nobody changed is taken as it was compiled when the program was built: rules, and under rules of one's
/// own their patterns and the phrase list. Where the strongest folder has a [compiled form](saved) of exactly these
/// files, that is read.
///
/// # Errors
///
/// [`Error::is_config`], with every fault of every file, when the rules cannot be used.
pub fn ready(layers: &[Layer]) -> Result<RuleSet, Error> {
    match saved::read(layers) {
        Some(set) => Ok(set),
        None => compiled(layers).map(|(set, _)| set),
    }
}

/// The rules compiled, and what they have of the built-in ones as it is there.
fn compiled(layers: &[Layer]) -> Result<(RuleSet, Shared), Error> {
    if let [Layer::BuiltIn, own @ ..] = layers {
        if own.iter().all(Layer::is_settings_only)
            && let Some(built_in) = store::read(crate::built_in::COMPILED)
        {
            let set = with_settings(built_in, own)?;
            return Ok((set, Shared { patterns: true, phrases: true }));
        }
        if let Some((built_in, patterns)) = store::read_with_patterns(crate::built_in::COMPILED) {
            return with_rules(built_in, &patterns, layers);
        }
    }
    let (sources, mut found) = load::load(layers);
    let compiled = if found.has_errors() { None } else { compile::compile(&sources, &mut found) };
    compiled.map(|set| (set, Shared::default())).ok_or_else(|| Error::config(found))
}

/// The rules of these layers, of which the weakest are the built-in ones; of those, what patterns are the same
/// are taken as they are, and the phrases if they are.
fn with_rules(built_in: RuleSet, patterns: &[&str], layers: &[Layer]) -> Result<(RuleSet, Shared), Error> {
    let (mut sources, mut found, lists) = load::load_but_phrases(layers);
    let mut shared = Shared::default();
    let lexicon = match lists.as_slice() {
        [list] if layer::built_in_within(layer::PHRASES, &list.text).is_some() => {
            shared.phrases = true;
            Some(built_in.lexicon)
        }
        lists => lexicon::read_plain(lists.iter().map(|list| &*list.text)),
    };
    if lexicon.is_none() {
        (sources, found) = load::load(layers);
    }
    let compiled = if found.has_errors() {
        None
    } else if are_mostly(&sources, patterns) {
        let known = (0..).zip(patterns.iter().copied());
        let same_words = has_built_in_words(&sources);
        // A pattern that names a word list is another one under other words.
        let known = known.filter(|(_, text)| same_words || !pattern::may_name_a_list(text));
        shared.patterns = true;
        compile::compile_onto(Builder::onto(built_in.matcher, known), &sources, &mut found)
    } else {
        compile::compile_onto(Builder::default(), &sources, &mut found)
    };
    let mut set = compiled.ok_or_else(|| Error::config(found))?;
    if let Some(lexicon) = lexicon {
        set.lexicon = lexicon;
    }
    let set = set.with_fingerprint(match layer::after_built_in(&sources.files) {
        Some(own) => hash::extend(built_in.fingerprint, own),
        None => hash::extend(hash::NONE, &sources.files),
    });
    Ok((set, shared))
}

/// Whether the word lists are those of the built-in rules.
fn has_built_in_words(sources: &Sources) -> bool {
    let files = layer::built_in().iter().filter(|(name, _)| *name == layer::WORDS);
    let files = files.map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    let (built_in, ..) = load::load_but_phrases(&[Layer::Files(files)]);
    built_in.vocabulary.len() == sources.vocabulary.len()
        && built_in.vocabulary.iter().all(|(name, known)| {
            let words = |list: &WordList| list.entries.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
            sources.vocabulary.get(name).is_some_and(|list| words(list) == words(known))
        })
}

/// Whether rules have at least half of these patterns, and no more others. Those they don't have would be looked for
/// in every mail for nothing, and the others are looked for in a scan of their own.
fn are_mostly(sources: &Sources, patterns: &[&str]) -> bool {
    let used: BTreeSet<_> = sources.patterns().into_iter().collect();
    let known = patterns.iter().filter(|text| used.contains(*text)).count();
    2 * known >= patterns.len().max(used.len())
}

/// The built-in rules under other accounts, routing and thresholds.
fn with_settings(built_in: RuleSet, layers: &[Layer]) -> Result<RuleSet, Error> {
    if layers.is_empty() {
        return Ok(built_in);
    }
    let own = layer::built_in().iter().filter(|(name, _)| layer::SETTINGS.contains(name));
    let own: Vec<_> = own.map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    let weakest = own.len();
    let (sources, mut found) = load::load(&[&[Layer::Files(own)], layers].concat());
    let compiled = if found.has_errors() { None } else { compile::compile(&sources, &mut found) };
    let settings = compiled.ok_or_else(|| Error::config(found))?;
    let added = sources.files.get(weakest..).unwrap_or_default();
    let fingerprint = hash::extend(built_in.fingerprint, added);
    let set = RuleSet {
        decision: settings.decision,
        routes: settings.routes,
        adjusts: settings.adjusts,
        directory: settings.directory,
        ..built_in
    };
    Ok(set.with_fingerprint(fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{Context, triage};

    /// What `ready` does without the compiled form.
    fn compiled(layers: &[Layer]) -> RuleSet {
        let (sources, mut found) = load::load(layers);
        compile::compile(&sources, &mut found).unwrap_or_else(|| panic!("{}", found.render(false)))
    }

    #[test]
    fn the_compiled_form_is_what_the_files_say() {
        let accounts = "[agency]\nam = \"a@x.example\"\npm = \"p@x.example\"\n";
        let settings = Layer::Files(vec![("accounts.toml".to_owned(), accounts.to_owned())]);
        for layers in [vec![Layer::BuiltIn], vec![Layer::BuiltIn, settings]] {
            assert!(layers.iter().skip(1).all(Layer::is_settings_only));
            let (quick, slow) = (ready(&layers).expect("sound rules"), compiled(&layers));
            assert_eq!(format!("{quick:?}"), format!("{slow:?}"));
        }
    }

    /// A set of added patterns finds what one of all patterns finds.
    #[test]
    fn rules_added_to_the_built_in_ones_hit_as_if_compiled_with_them() {
        let own = "class = 'other'\n[[rule]]\nid = 'own-word'\nany = ['proof', 'zzz']\npoints = 1\n\
            [[rule]]\nid = 'own-list'\nany = ['{weekday}.{0,40}']\npoints = 1\n\
            [[rule]]\nid = 'own-always'\nany = ['\\w+ \\d']\nnone = ['z{2}']\npoints = 1\n";
        let words = "weekday = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'payday']\nown-days = ['tomorrow']\n";
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let rules = file("classes/own.toml", own);
        let built_in = layer::built_in().iter().filter(|(name, _)| *name != "rules.toml");
        let built_in = built_in.map(|(name, text)| file(name, text));
        let complete = built_in.chain([file("rules.toml", "builtin = false\n"), rules.clone()]).collect();
        for files in [vec![rules.clone()], vec![rules, file("vocabulary.toml", words)], complete] {
            hit_alike(&[Layer::BuiltIn, Layer::Files(files)]);
        }
    }

    fn hit_alike(layers: &[Layer]) {
        let (quick, slow) = (ready(layers).expect("sound rules"), compiled(layers));
        assert_eq!(quick.hash, slow.hash);
        let mailbox = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/inbox.mbox");
        let mut hits = BTreeSet::new();
        for mail in crate::mailbox::open(mailbox, crate::mailbox::Options::default()).expect("a mailbox") {
            let mail = mail.expect("a mail");
            let raw = mail.bytes();
            let [one, other] = [&quick, &slow].map(|set| triage(&raw, set, &Context::default()).evidence);
            assert_eq!(one.hits, other.hits, "mail {}", mail.index());
            hits.extend(one.hits.iter().map(|hit| quick.rules[hit.rule()].id.clone()));
        }
        for id in ["own-word", "own-list", "own-always"] {
            assert!(hits.contains(id), "{id} never hit");
        }
    }

    #[test]
    fn rules_of_ones_own_are_compiled() {
        let rule = "class = \"other\"\n[[rule]]\nid = \"own\"\nany = 'zzz'\npoints = 1.0\n";
        let layer = Layer::Files(vec![("classes/own.toml".to_owned(), rule.to_owned())]);
        assert!(!layer.is_settings_only());
        let layers = [Layer::BuiltIn, layer];
        let set = ready(&layers).expect("sound rules");
        let compiled = compiled(&layers);
        assert!(
            set.rule("own").is_some()
                && set.hash == compiled.hash
                && set.lexicon.len() == compiled.lexicon.len()
        );
    }

    fn own(files: &[(&str, &str)]) -> Layer {
        Layer::Files(files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// That lists are read alike is tested where they are read.
    #[test]
    fn phrase_lists_of_ones_own_and_complete_folders_are_read_as_they_stand() {
        let rules = "class = \"other\"\n[[rule]]\nid = \"own\"\nany = ['zzz', 'yyy']\npoints = 1.0\n";
        let complete = ("rules.toml", "builtin = false\n");
        let over = own(&[("lexicon.toml", "[text]\n\"zzz yyy\" = { points = { other = 1 } }\n")]);
        let odd = own(&[("lexicon.toml", "[text]\nx = { points = { other = 1e0 } }\n")]);
        let few = own(&[complete, ("classes/own.toml", rules)]);
        let settings = layer::built_in().iter().filter(|(name, _)| *name != "rules.toml");
        let whole = own(&settings.copied().chain([complete]).collect::<Vec<_>>());
        for layers in [vec![over.clone()], vec![odd], vec![few.clone()], vec![whole.clone()], vec![over, few]]
        {
            let layers = [vec![Layer::BuiltIn], layers].concat();
            let (quick, slow) = (ready(&layers).expect("sound rules"), compiled(&layers));
            let ids = |set: &RuleSet| set.rules.iter().map(|rule| rule.id.to_string()).collect::<Vec<_>>();
            assert_eq!(
                (ids(&quick), &quick.hash, quick.lexicon.len()),
                (ids(&slow), &slow.hash, slow.lexicon.len())
            );
            // They are megabytes, so they are not shown.
            assert!(format!("{:?}", quick.lexicon) == format!("{:?}", slow.lexicon));
            let few = slow.matcher.len() < 10;
            assert_eq!(quick.matcher.len() < 10, few, "patterns that no rule has are not looked for");
        }
    }

    #[test]
    fn a_fault_in_a_phrase_list_is_told_with_all_others() {
        let list = "[text]\nx = { points = { other = 99 } }\nFive = {}\n";
        let layer = own(&[("lexicon.toml", list), ("classes/own.toml", "clas = 1\n")]);
        let error = ready(&[Layer::BuiltIn, layer]).expect_err("faults").to_string();
        assert!(error.contains("from -20 to 20 (and 1 more)"), "{error}");
    }
}
