//! The tables of [`rules::schema`](crate::rules::schema) as JSON Schema, for editors that check and complete TOML by it.

use crate::rules::schema::{
    self, ACCOUNTS, CHANGE, CLASSES, DECISION, Key, Kind, LEXICON, LONGEST_ID, MOST_POINTS, Need, POINTS,
    RANGE, ROUTING, RULES, SETTINGS, Table, VOCABULARY, Words,
};
use serde_json::{Map, Value, json};

/// Kinds of file: name, table, and the files of a rule folder that are of the kind.
pub const KINDS: &[(&str, &Table, &str)] = &[
    ("rules", &RULES, "classes/*.toml, topics.toml and every other file of rules"),
    ("vocabulary", &VOCABULARY, "vocabulary.toml"),
    ("lexicon", &LEXICON, "lexicon.toml"),
    ("decision", &DECISION, "decision.toml"),
    ("routing", &ROUTING, "routing.toml"),
    ("accounts", &ACCOUNTS, "accounts.toml"),
    ("settings", &SETTINGS, "rules.toml"),
];

/// The kind of a file, by its name within a rule folder.
#[must_use]
pub fn kind_of_file(name: &str) -> &'static str {
    let table = schema::of_file(name);
    KINDS.iter().find(|(_, known, _)| known.name == table.name).map_or("rules", |kind| kind.0)
}

/// The schema of a kind of file, as JSON text; `None` when there is no such kind.
#[must_use]
pub fn text(kind: &str) -> Option<String> {
    let (name, table, files) = KINDS.iter().find(|(name, ..)| *name == kind)?;
    let mut schema = object(table);
    schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".to_owned(), json!(format!("postroom {name}: {files}")));
    // Printing a value made of maps, lists and text cannot fail.
    let mut text = serde_json::to_string_pretty(&Value::Object(schema)).unwrap_or_default();
    text.push('\n');
    Some(text)
}

fn object(table: &Table) -> Map<String, Value> {
    let properties: Map<String, Value> =
        table.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> =
        table.keys.iter().filter(|key| key.need == Need::Always).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("description".to_owned(), json!(table.about));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("additionalProperties".to_owned(), table.others.map_or(json!(false), value));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = value(&key.kind);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(key.about));
    }
    schema
}

fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::Domain => json!({ "type": "string" }),
        Kind::Id(_) => json!({ "type": "string", "pattern": format!("^[a-z0-9-]{{1,{LONGEST_ID}}}$") }),
        Kind::Pattern | Kind::Phrase => json!({ "type": "string", "minLength": 1 }),
        Kind::Address => json!({ "type": "string", "format": "email" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Kind::Whole => whole(),
        Kind::Count => json!({ "anyOf": [whole(), Value::Object(object(&RANGE))] }),
        Kind::Word(words) => json!({ "type": "string", "enum": words.all().collect::<Vec<_>>() }),
        Kind::List(inner) => {
            let inner = value(inner);
            json!({ "anyOf": [inner.clone(), { "type": "array", "items": inner }] })
        }
        Kind::Table(table) => Value::Object(object(table)),
        Kind::Tables(table) => json!({ "type": "array", "items": object(table) }),
        Kind::ByWord(words, inner) => by_word(words, inner),
        Kind::Points => {
            let number = json!({ "type": "number", "minimum": -MOST_POINTS, "maximum": MOST_POINTS });
            json!({ "anyOf": [number, by_word(&CLASSES, &POINTS)] })
        }
        Kind::Entries => {
            json!({ "anyOf": [value(&Kind::List(&Kind::Phrase)), Value::Object(object(&CHANGE))] })
        }
    }
}

fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn by_word(words: &Words, inner: &Kind) -> Value {
    let properties: Map<String, Value> = words.all().map(|word| (word.to_owned(), value(inner))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_program_has_a_kind_and_every_kind_a_schema() {
        for (name, kind) in [
            ("classes/other.toml", "rules"),
            ("topics.toml", "rules"),
            ("vocabulary.toml", "vocabulary"),
            ("decision.toml", "decision"),
            ("routing.toml", "routing"),
            ("accounts.toml", "accounts"),
            ("rules.toml", "settings"),
        ] {
            assert_eq!(kind_of_file(name), kind);
        }
        for (kind, table, _) in KINDS {
            let schema: Value = serde_json::from_str(&text(kind).unwrap()).unwrap();
            for key in table.keys {
                assert_eq!(schema["properties"][key.name]["description"], key.about, "{kind} {}", key.name);
            }
        }
        assert_eq!(text("rule"), None);
    }

    #[test]
    fn words_and_bounds_are_in_the_schema() {
        let schema: Value = serde_json::from_str(&text("rules").unwrap()).unwrap();
        let rule = &schema["properties"]["rule"]["items"];
        assert_eq!(rule["required"], json!(["id"]));
        assert_eq!(rule["additionalProperties"], json!(false));
        assert_eq!(rule["properties"]["mode"]["enum"], json!(["enforce", "audit", "off"]));
        assert_eq!(rule["properties"]["points"]["anyOf"][0]["maximum"], json!(20.0));
    }
}
