//! Turns `rules/languages.toml` into static tables of folded phrases.
//!
//! The word lists are knowledge and live in TOML; parsing them at start would cost more than sorting
//! a mail does, so the program gets them as a table it can search at once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::fold::{EIGHTS, ENDINGS, OPENINGS, eight, ending, ending_of, fold_into, opening, part, word_len};

/// Reads `source` and writes the table to `target`, as Rust source.
pub(crate) fn generate(source: &Path, target: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(source).map_err(|e| format!("{}: {e}", source.display()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|e| format!("{}: {e}", source.display()))?;
    let mut phrases = Phrases::new();
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

/// Phrases with their kinds.
type Phrases = BTreeMap<String, Vec<String>>;

/// Phrases that begin alike: what is asked of a table is first whether any of them is wanted.
#[derive(Default)]
struct Bucket<'a> {
    /// The longest first.
    phrases: Vec<(&'a str, &'a [String])>,
    /// What longer ones are that begin so, too, and are kept elsewhere.
    longer: BTreeSet<&'a String>,
}

/// The buckets of a table that have something in them, by their slot.
type Buckets<'a> = BTreeMap<usize, Bucket<'a>>;

/// The tables as Rust source: phrases, in buckets; which bucket is at which slot, for each way in which phrases
/// begin alike. They hold numbers that point into one text: a table of string slices would have to be relocated,
/// all of it, whenever the program starts.
fn render(phrases: &Phrases) -> Result<String, String> {
    let (mut text, mut table, mut buckets) = (String::new(), String::new(), String::new());
    let (mut start, mut count) = (0, 1);
    let mut slots = [vec![0; OPENINGS], vec![0; EIGHTS]];
    for (slots, filled) in slots.iter_mut().zip(filed(phrases)) {
        for (slot, bucket) in filled {
            for (phrase, kinds) in &bucket.phrases {
                let (at, len, kinds) = (text.len(), phrase.len(), set(kinds.iter()));
                let word = word_len(phrase.as_bytes()) == len && part(phrase.as_bytes()[0]) == 1;
                writeln!(table, "    Phrase {{ at: {at}, len: {len}, word: {word}, kinds: {kinds} }},")
                    .map_err(|e| e.to_string())?;
                text.push_str(phrase);
            }
            let end = start + bucket.phrases.len();
            let own: BTreeSet<&String> = bucket.phrases.iter().flat_map(|(_, kinds)| kinds.iter()).collect();
            let kinds = set(own.union(&bucket.longer).copied());
            let own = set(own.iter().copied());
            writeln!(buckets, "    Bucket {{ start: {start}, end: {end}, own: {own}, kinds: {kinds} }},")
                .map_err(|e| e.to_string())?;
            slots[slot] = count;
            (start, count) = (end, count + 1);
        }
    }
    let [openings, eights] = slots;
    let (known, endings) = (phrases.len(), sets(&endings(phrases)));
    Ok(format!(
        "static TEXT: &str = {text:?};\n\
         static PHRASES: [Phrase; {known}] = [\n{table}];\n\
         static BUCKETS: [Bucket; {count}] = [\n    Bucket::EMPTY,\n{buckets}];\n\
         static OPENINGS: [u16; {OPENINGS}] = {openings:?};\n\
         static EIGHTS: [u16; {EIGHTS}] = {eights:?};\n\
         static ENDINGS: [Kinds; {ENDINGS}] = [{endings}];\n"
    ))
}

/// The phrases in buckets: those of eight bytes or more by that many, others by their first word.
fn filed(phrases: &Phrases) -> [Buckets<'_>; 2] {
    let (mut openings, mut eights) = (Buckets::new(), Buckets::new());
    for (phrase, kinds) in phrases {
        let bytes = phrase.as_bytes();
        let alike = openings.entry(opening(&bytes[..word_len(bytes)])).or_default();
        let bucket = match eight(bytes) {
            None => alike,
            Some(eight) => {
                alike.longer.extend(kinds);
                eights.entry(eight).or_default()
            }
        };
        bucket.phrases.push((phrase, kinds));
    }
    for bucket in openings.values_mut().chain(eights.values_mut()) {
        bucket.phrases.sort_by_key(|(phrase, _)| Reverse(phrase.len()));
    }
    [openings, eights]
}

/// What the phrases with one ending are.
fn endings(phrases: &Phrases) -> Vec<BTreeSet<&String>> {
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
