//! Turns `rules/languages.toml` into one sorted static table of folded phrases.
//!
//! The word lists are knowledge and live in TOML; parsing them at start would cost more than sorting
//! a mail does, so the program gets them as a table it can search at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::fold::fold_into;

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
    let mut out = String::from("static PHRASES: &[(&str, Kinds)] = &[\n");
    for (phrase, kinds) in &phrases {
        let set: String = kinds.iter().map(|k| format!(".with(Kind::{k})")).collect();
        writeln!(out, "    ({phrase:?}, Kinds::NONE{set}),").map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");
    std::fs::write(target, out).map_err(|e| format!("{}: {e}", target.display()))
}

/// `device_my` to `DeviceMy`.
fn variant(key: &str) -> String {
    key.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}
