use std::fs;
use std::path::Path;

use crate::common::{folder, ran};

#[test]
fn the_schemas_in_the_docs_are_those_of_the_program() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let kinds = ran(&["schema"]);
    assert_eq!((kinds.code, kinds.stdout.lines().count()), (Some(0), 7));
    for kind in kinds.stdout.lines().map(|line| line.split_whitespace().next().unwrap()) {
        let path = docs.join(format!("{kind}.json"));
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == ran(&["schema", kind]).stdout, "run: postroom schema --write docs/schema ({kind})");
    }
    assert_eq!(ran(&["schema", "rule"]).code, Some(64));
}

#[test]
fn folders_made_by_init_point_their_editor_at_the_schemas() {
    let home = folder(&[]);
    let rules = home.path().join("rules");
    assert_eq!(ran(&["init", rules.to_str().unwrap()]).code, Some(0));
    for (name, line) in [
        ("routing.toml", "#:schema ./schema/routing.json\n"),
        ("rules.toml", "#:schema ./schema/settings.json\n"),
        ("topics.toml", "#:schema ./schema/rules.json\n"),
        ("classes/other.toml", "#:schema ../schema/rules.json\n"),
    ] {
        let path = rules.join(name);
        assert!(fs::read_to_string(&path).unwrap().starts_with(line), "{name}");
        let schema = path.parent().unwrap().join(line.trim_start_matches("#:schema ").trim());
        assert!(schema.is_file(), "{}", schema.display());
    }
}
