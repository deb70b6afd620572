//! Turns `rules/languages.toml` into one sorted static table of folded phrases.
//!
//! The word lists are knowledge and live in TOML; parsing them at start would cost more than sorting
//! a mail does, so the program gets them as a table it can search at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::fold::{ENDINGS, HEADS, OPENINGS, ending, ending_of, fold_into, head, opening, word_len};

/// Reads `source` and writes the table to `target`, as Rust source.
pub(crate) fn generate(source: &Path, target: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(source).map_err(|e| format!("{}: {e}", source.display()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut phrases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let languages = table.get("language").and_then(toml::Value::as_array).ok_or("no [[language]]")?;
    for language in languages {
        let language = language.as_table().ok_or("[[language]] is not a table")?;
        for (key, words) in language.iter().filter(|(key, _)| *key != "code") {
            let kind = variant(key);
            for word in words.as_array().ok_or(format!("{key} is not a list"))? {
                let mut folded = String::new();
                fold_into(
                    word.as_str().ok_or(format!("{key} holds something other than text"))?,
                    &mut folded,
                );
                if folded.is_empty() {
                    return Err(format!("{key} holds an empty word"));
                }
                let kinds = phrases.entry(folded).or_default();
                if !kinds.contains(&kind) {
                    kinds.push(kind.clone());
                }
            }
        }
    }
    std::fs::write(target, render(&phrases)?).map_err(|e| format!("{}: {e}", target.display()))
}

/// The phrases that begin with one word, with their kinds.
type Entries<'a> = Vec<(&'a str, &'a [String])>;

/// The tables as Rust source: phrases, by their first word; first words, by their opening; what the words
/// with one opening are, and where they stand. They hold numbers that point into one text: a table of
/// string slices would have to be relocated, all of it, whenever the program starts.
fn render(phrases: &BTreeMap<String, Vec<String>>) -> Result<String, String> {
    let mut by_word: BTreeMap<(usize, &str), Entries<'_>> = BTreeMap::new();
    for (phrase, kinds) in phrases {
        let word = &phrase[..word_len(phrase.as_bytes())];
        by_word.entry((opening(word.as_bytes()), word)).or_default().push((phrase, kinds));
    }
    let (mut text, mut table, mut words) = (String::new(), String::new(), String::new());
    let mut openings = vec![BTreeSet::new(); OPENINGS];
    let mut starts = vec![0; OPENINGS + 1];
    let mut start = 0;
    for ((opening, word), entries) in &mut by_word {
        let next = |phrase: &str| phrase.as_bytes().get(word.len() + 1).copied().unwrap_or_default();
        entries.sort_by_key(|(phrase, _)| (next(phrase), *phrase));
        let at = text.len();
        let union: BTreeSet<&String> = entries.iter().flat_map(|(_, kinds)| kinds.iter()).collect();
        for (phrase, kinds) in &*entries {
            let (at, len, next, kinds) = (text.len(), phrase.len(), next(phrase), set(kinds.iter()));
            writeln!(table, "    Phrase {{ at: {at}, len: {len}, next: {next}, kinds: {kinds} }},")
                .map_err(|e| e.to_string())?;
            text.push_str(phrase);
        }
        let (end, len, kinds) = (start + entries.len(), word.len(), set(union.iter().copied()));
        let last = word.as_bytes().last().copied().unwrap_or_default();
        let alone = entries.iter().find(|(phrase, _)| phrase == word);
        let alone = set(alone.iter().flat_map(|(_, kinds)| kinds.iter()));
        let marked = entries.iter().any(|(phrase, _)| phrase.len() == word.len() + 1);
        let place = format!("at: {at}, len: {len}, last: {last}, start: {start}, end: {end}");
        let fields = format!("{place}, marked: {marked}, alone: {alone}, kinds: {kinds}");
        writeln!(words, "    FirstWord {{ {fields} }},").map_err(|e| e.to_string())?;
        start = end;
        starts[opening + 1] += 1;
        openings[*opening].extend(union);
    }
    (1..starts.len()).for_each(|slot| starts[slot] += starts[slot - 1]);
    let [heads, headless] = heads(phrases);
    // Few sets are all there are.
    let distinct: BTreeSet<&BTreeSet<&String>> = openings.iter().chain(&heads).chain(&headless).collect();
    let distinct: Vec<BTreeSet<&String>> = distinct.into_iter().cloned().collect();
    let place = |kinds| distinct.binary_search(kinds).map_err(|_| "a set of kinds is lost");
    let openings: Vec<usize> = openings.iter().map(place).collect::<Result<_, _>>()?;
    let heads: Vec<usize> = heads.iter().map(place).collect::<Result<_, _>>()?;
    let headless: Vec<usize> = headless.iter().map(place).collect::<Result<_, _>>()?;
    let (count, known, some, endings) =
        (phrases.len(), by_word.len(), sets(&distinct), sets(&endings(phrases)));
    Ok(format!(
        "static TEXT: &str = {text:?};\n\
         static PHRASES: [Phrase; {count}] = [\n{table}];\n\
         static FIRST_WORDS: [FirstWord; {known}] = [\n{words}];\n\
         static STARTS: [u16; {size}] = {starts:?};\n\
         static SETS: [Kinds; {different}] = [{some}];\n\
         static OPENINGS: [u16; {OPENINGS}] = {openings:?};\n\
         static HEADLESS: [u16; {OPENINGS}] = {headless:?};\n\
         static HEADS: [u16; {HEADS}] = {heads:?};\n\
         static ENDINGS: [Kinds; {ENDINGS}] = [{endings}];\n",
        size = starts.len(),
        different = distinct.len(),
    ))
}

/// What the phrases are that begin with one head, and those with one opening that are too short to have a head.
fn heads(phrases: &BTreeMap<String, Vec<String>>) -> [Vec<BTreeSet<&String>>; 2] {
    let (mut heads, mut headless) = (vec![BTreeSet::new(); HEADS], vec![BTreeSet::new(); OPENINGS]);
    for (phrase, kinds) in phrases {
        let bytes = phrase.as_bytes();
        match head(bytes) {
            Some(head) => heads[head].extend(kinds),
            None => headless[opening(&bytes[..word_len(bytes)])].extend(kinds),
        }
    }
    [heads, headless]
}

/// What the phrases with one ending are.
fn endings(phrases: &BTreeMap<String, Vec<String>>) -> Vec<BTreeSet<&String>> {
    let mut endings = vec![BTreeSet::new(); ENDINGS];
    for (phrase, kinds) in phrases {
        match phrase.as_bytes() {
            // Whatever stands before it.
            [last] => (0..=u8::MAX).for_each(|before| endings[ending_of(before, *last)].extend(kinds)),
            bytes => endings[ending(bytes)].extend(kinds),
        }
    }
    endings
}

/// Sets of kinds as Rust source.
fn sets(sets: &[BTreeSet<&String>]) -> String {
    sets.iter().map(|kinds| set(kinds.iter().copied())).collect::<Vec<_>>().join(", ")
}

/// A set of kinds as Rust source.
fn set<'a>(kinds: impl Iterator<Item = &'a String>) -> String {
    kinds.fold("Kinds::NONE".to_owned(), |set, kind| format!("{set}.with(Kind::{kind})"))
}

/// `device_my` to `DeviceMy`.
fn variant(key: &str) -> String {
    key.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}
