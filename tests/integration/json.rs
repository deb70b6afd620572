//! The contract of JSON v1: whatever is written is valid by `docs/json-v1.schema.json`.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use serde_json::Value;

use crate::common::{fixture, mails, postroom, run};

/// The parts of JSON Schema that our schema uses; any other keyword fails the test.
fn check(schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "required" | "items" | "properties" => true,
            "additionalProperties" => {
                assert_eq!(wanted, &Value::Bool(false));
                let known = &schema["properties"];
                value.as_object().is_none_or(|object| object.keys().all(|key| known.get(key).is_some()))
            }
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|wanted| is_a(value, wanted.as_str().unwrap())),
                wanted => is_a(value, wanted.as_str().unwrap()),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
            "uniqueItems" => value
                .as_array()
                .is_none_or(|items| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))),
            unknown => panic!("the schema uses `{unknown}`, which this test does not know"),
        };
        if !holds {
            faults.push(format!("{path}: {keyword}"));
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if value.get(key.as_str().unwrap()).is_none() {
            faults.push(format!("{path}: {key} is missing"));
        }
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        if let Some(schema) = schema["properties"].get(key) {
            check(schema, member, &format!("{path}/{key}"), faults);
        }
    }
    if let Some(schema) = schema.get("items") {
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            check(schema, item, &format!("{path}/{at}"), faults);
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("unknown type `{other}`"),
    }
}

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json-v1.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_object_is_valid_by_the_schema() {
    let schema = schema();
    let mut command = postroom(&["classify", "--format", "jsonl"]);
    command.args(mails()).arg(fixture("inbox.mbox")).arg("--rules").arg(fixture("rules-example"));
    let lines = run(&mut command, b"");
    assert_eq!(lines.code, Some(0), "{}", lines.stderr);
    assert!(lines.stdout.lines().count() >= mails().len());
    for line in lines.stdout.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let mut faults = Vec::new();
        check(&schema, &value, "", &mut faults);
        assert!(faults.is_empty(), "{faults:?}\n{line}");
        let total: f64 = value["probabilities"].as_object().unwrap().values().filter_map(Value::as_f64).sum();
        assert!((total - 1.0).abs() < 0.001, "{line}");
        assert_eq!(
            value["validate"].as_array().unwrap().len(),
            value["validate_addresses"].as_array().unwrap().len()
        );
    }
}

#[test]
fn the_schema_has_every_key_in_the_order_written() {
    let line = run(&mut postroom(&["classify", "--format", "jsonl"]), b"Subject: x\n\nHello\n").stdout;
    let schema = schema();
    let keys: Vec<&str> = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let mut at = 0;
    for key in &keys {
        at += line[at..].find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key}"));
    }
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value.as_object().unwrap().len(), keys.len());
}

#[test]
fn the_checker_finds_faults() {
    let line = run(&mut postroom(&["classify", "--format", "jsonl"]), b"Subject: x\n\nHello\n").stdout;
    let right: Value = serde_json::from_str(&line).unwrap();
    for (key, wrong) in [
        ("v", Value::from(2)),
        ("class", Value::from("question")),
        ("index", Value::from(-1)),
        ("confidence", Value::from(1.5)),
        ("topics", serde_json::json!(["budget", "budget"])),
        ("reasons", serde_json::json!([{ "rule": "x" }])),
        ("surplus", Value::Null),
    ] {
        let mut value = right.clone();
        value[key] = wrong;
        let mut faults = Vec::new();
        check(&schema(), &value, "", &mut faults);
        assert!(!faults.is_empty(), "{key}");
    }
}
