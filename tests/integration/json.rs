//! The contract of JSON v1: whatever is written is valid by `docs/json-v1.schema.json`.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use serde_json::Value;

use crate::common::{fixture, folder, mails, postroom, run};

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

/// What reasons count together, in hundredths.
fn total(reasons: &[Value]) -> Vec<(String, f64)> {
    let mut sums = std::collections::BTreeMap::<String, f64>::new();
    for (target, points) in reasons.iter().flat_map(|reason| reason["points"].as_object().unwrap()) {
        *sums.entry(target.clone()).or_default() += points.as_f64().unwrap();
    }
    sums.retain(|_, sum| sum.abs() > 1e-6);
    sums.into_iter().map(|(target, sum)| (target, (sum * 100.0).round())).collect()
}

/// All phrases but the chief ones are one reason, so that what all reasons count stays the same.
#[test]
fn reasons_add_up_to_the_same_with_every_phrase_and_with_the_chief_ones() {
    let reasons = |arguments: &[&str]| -> Vec<Vec<Value>> {
        let mut command = postroom(&["classify", "--format", "jsonl", "--fields", "reasons"]);
        let lines = run(command.args(arguments).arg(fixture("inbox.mbox")), b"").stdout;
        let read =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["reasons"].as_array().unwrap().clone();
        lines.lines().map(read).collect()
    };
    let is_phrase = |reason: &&Value| reason["rule"] == "lexicon";
    let (chief, every) = (reasons(&[]), reasons(&["--explain"]));
    assert_eq!(chief.len(), every.len());
    let mut shortened = 0;
    for (chief, every) in chief.iter().zip(&every) {
        let phrases = |reasons: &[Value]| reasons.iter().filter(is_phrase).count();
        let rules = |reasons: &[Value]| reasons.iter().filter(|reason| !is_phrase(reason)).cloned().collect();
        let (some, all): (Vec<Value>, Vec<Value>) = (rules(chief), rules(every));
        assert_eq!(some, all);
        assert_eq!(total(chief), total(every));
        if phrases(every) <= 10 {
            assert_eq!(chief, every);
            continue;
        }
        shortened += 1;
        let (last, first) = chief.split_last().unwrap();
        assert_eq!(phrases(chief), 11);
        assert!(first.iter().all(|reason| every.contains(reason)), "{first:?}");
        assert_eq!(last["text"], format!("{} more phrases", phrases(every) - 10));
        assert_eq!((&last["zone"], &last["start"], &last["end"]), (&"header".into(), &0.into(), &0.into()));
        let heaviest = |reason: &Value| {
            reason["points"]
                .as_object()
                .unwrap()
                .values()
                .map(|n| n.as_f64().unwrap().abs())
                .fold(0.0, f64::max)
        };
        let least = first.iter().filter(is_phrase).map(heaviest).fold(f64::INFINITY, f64::min);
        let others = every.iter().filter(is_phrase).filter(|reason| !first.contains(reason));
        assert!(others.map(heaviest).all(|weight| weight <= least));
    }
    assert!(shortened > 20, "{shortened}");
}

/// However many rules there are, no mail has more of them as reasons than it takes to see why.
#[test]
fn of_very_many_rules_the_chief_ones_are_told() {
    let mut rules = String::from("class = 'other'\n");
    for number in 1..=60 {
        rules += &format!("[[rule]]\nid = 'own-{number}'\nany = '\\bhello\\b'\npoints = 0.{number:02}\n");
    }
    rules += "[[rule]]\nid = 'watched'\nany = '\\bhello\\b'\nmode = 'audit'\npoints = 0.01\n";
    let folder = folder(&[("classes/own.toml", &rules)]);
    let reasons = |more: &[&str]| -> Vec<Value> {
        let mut command = postroom(&["--rules", folder.path().to_str().unwrap()]);
        command.args(["classify", "--format", "jsonl", "--fields", "reasons"]).args(more);
        let line = run(&mut command, b"Subject: x\n\nHello\n").stdout;
        serde_json::from_str::<Value>(&line).unwrap()["reasons"].as_array().unwrap().clone()
    };
    let (chief, every) = (reasons(&[]), reasons(&["--explain"]));
    assert_eq!(total(&chief), total(&every));
    let rules = |reasons: &[Value]| -> Vec<String> {
        let ids = reasons.iter().map(|reason| reason["rule"].as_str().unwrap().to_owned());
        ids.filter(|id| id != "lexicon").collect()
    };
    let (told, all) = (rules(&chief), rules(&every));
    assert!(all.len() > 60 && !all.contains(&"others".to_owned()), "{all:?}");
    assert_eq!(told.len(), 41);
    assert!(told.contains(&"own-60".to_owned()) && !told.contains(&"own-1".to_owned()), "{told:?}");
    assert!(told.contains(&"watched".to_owned()));
    assert_eq!(told.last().unwrap(), "others");
    let others = chief.iter().find(|reason| reason["rule"] == "others").unwrap();
    assert_eq!(others["text"], format!("{} more rules", all.len() - 40));
    assert_eq!(others["zone"], "header");
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
