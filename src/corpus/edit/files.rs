//! [`Changes`] as new texts of the files in a rule folder; comments, order and layout stay.
//!
//! A rule that stands in the folder is changed where it stands. One that stands in a weaker place gets
//! an entry in [`TUNED`], which overrides it by id.

use std::collections::BTreeMap;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{Changes, Number, RuleChange};
use crate::Error;
use crate::terms::Class;

/// The file that changes of rules from elsewhere are written to.
pub const TUNED: &str = "tuned.toml";

/// A file of a rule folder, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// Its name within the folder.
    pub name: String,
    /// Its text now; empty when there is no such file.
    pub before: String,
    /// Its text then.
    pub after: String,
}

/// The files that change, by name; `folder` is every rule file of the folder, as name and text.
///
/// # Errors
///
/// [`Error::is_data`] when a file is not TOML.
pub fn files(folder: &[(String, String)], changes: &Changes) -> Result<Vec<FileEdit>, Error> {
    let mut documents = BTreeMap::new();
    for (name, text) in folder {
        documents.insert(name.clone(), parse(name, text)?);
    }
    let mut added = String::new();
    for change in &changes.rules {
        let mut known = false;
        for document in documents.values_mut() {
            known |= in_place(document, change);
        }
        if !known {
            added += &entry(change);
        }
    }
    decision(&mut documents, changes);
    let before = |name: &str| folder.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone());
    let mut edits = Vec::new();
    for (name, document) in &documents {
        let before = before(name).unwrap_or_default();
        edits.push(FileEdit { name: name.clone(), after: written(name, &before, document)?, before });
    }
    if !added.is_empty() {
        append(&mut edits, TUNED, "# Points changed from those of weaker rule folders.\n", &added);
    }
    edits.retain(|edit| edit.before != edit.after);
    edits.sort_by(|a, b| a.name.cmp(&b.name));
    for edit in &edits {
        // An edit that is no TOML any more must never reach a file.
        parse(&edit.name, &edit.after)?;
    }
    Ok(edits)
}

/// Adds text at the end of a file, which begins with `head` when it is new.
pub fn append(edits: &mut Vec<FileEdit>, name: &str, head: &str, text: &str) {
    let at = edits.iter().position(|edit| edit.name == name).unwrap_or_else(|| {
        edits.push(FileEdit { name: name.to_owned(), before: String::new(), after: head.to_owned() });
        edits.len() - 1
    });
    let Some(edit) = edits.get_mut(at) else { return };
    let text = if edit.after.is_empty() || edit.after.ends_with('\n') {
        text.to_owned()
    } else {
        format!("\n{text}")
    };
    edit.after.push_str(&with_ends_of(&edit.before, &text));
}

/// The text of a changed document; as it was when nothing in it changed, though it would be written otherwise.
pub(super) fn written(name: &str, before: &str, document: &DocumentMut) -> Result<String, Error> {
    let after = document.to_string();
    let same = after == parse(name, before)?.to_string();
    Ok(if same { before.to_owned() } else { with_ends_of(before, &after) })
}

/// A text with the line ends of another; documents are always written with the short ones.
fn with_ends_of(before: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let long = before.matches("\r\n").count();
    if long > 0 && long == before.matches('\n').count() { text.replace('\n', "\r\n") } else { text }
}

pub(super) fn parse(name: &str, text: &str) -> Result<DocumentMut, Error> {
    text.parse().map_err(|fault: toml_edit::TomlError| {
        Error::data(Some(std::path::Path::new(name)), fault.message().to_owned())
    })
}

/// Changes the rule where it stands in this file; says whether it does.
fn in_place(document: &mut DocumentMut, change: &RuleChange) -> bool {
    let key = if change.combine { "combine" } else { "rule" };
    let class = document.get("class").and_then(Item::as_str).and_then(|word| word.parse::<Class>().ok());
    let mut known = false;
    let mut set = |table: &mut dyn TableLike| {
        if table.get("id").and_then(Item::as_str) == Some(change.id.as_str()) {
            known = true;
            points(table, "points", &change.points, class.map(Class::as_str));
            points(table, "topics", &change.topics, None);
        }
    };
    match document.get_mut(key) {
        Some(Item::ArrayOfTables(tables)) => tables.iter_mut().for_each(|table| set(table)),
        Some(Item::Value(Value::Array(values))) => {
            values.iter_mut().filter_map(Value::as_inline_table_mut).for_each(|table| set(table));
        }
        _ => {}
    }
    known
}

/// Sets the numbers that change under `key`.
fn points(table: &mut dyn TableLike, key: &str, numbers: &[Number], class: Option<&str>) {
    if !numbers.iter().any(Number::changes) {
        return;
    }
    match table.get_mut(key) {
        Some(Item::Value(value)) if value.is_float() || value.is_integer() => {
            // A plain number counts for the class of the file, or of the definition it overrides.
            let counted: Vec<&Number> =
                numbers.iter().filter(|number| number.old != 0.0 || number.new != 0.0).collect();
            match counted.as_slice() {
                [one] if class.is_none_or(|class| class == one.word) => replace(value, one.new),
                _ => replace_with(value, Value::InlineTable(inline(numbers))),
            }
        }
        Some(item) if item.is_table_like() => {
            let Some(inner) = item.as_table_like_mut() else { return };
            for number in numbers.iter().filter(|number| number.changes()) {
                match inner.get_mut(number.word) {
                    Some(Item::Value(value)) => replace(value, number.new),
                    _ => {
                        inner.insert(number.word, Item::Value(number.new.into()));
                    }
                }
            }
        }
        _ => {
            table.insert(key, Item::Value(Value::InlineTable(inline(numbers))));
        }
    }
}

fn replace(value: &mut Value, number: f64) {
    replace_with(value, number.into());
}

/// Puts another value in the place of one, with the blanks and remarks around it kept.
pub(super) fn replace_with(value: &mut Value, mut new: Value) {
    *new.decor_mut() = value.decor().clone();
    *value = new;
}

fn inline(numbers: &[Number]) -> InlineTable {
    let mut table = InlineTable::new();
    for number in numbers.iter().filter(|number| number.new != 0.0 || number.changes()) {
        table.insert(number.word, number.new.into());
    }
    table
}

/// A rule that overrides the one of this id.
fn entry(change: &RuleChange) -> String {
    let mut rule = Table::new();
    rule.insert("id", Item::Value(change.id.as_str().into()));
    points(&mut rule, "points", &change.points, None);
    points(&mut rule, "topics", &change.topics, None);
    let mut list = ArrayOfTables::new();
    list.push(rule);
    let mut document = DocumentMut::new();
    document.insert(if change.combine { "combine" } else { "rule" }, Item::ArrayOfTables(list));
    format!("\n{}", document.to_string().trim_start())
}

fn decision(documents: &mut BTreeMap<String, DocumentMut>, changes: &Changes) {
    if changes.base.is_empty() && changes.topic_base.is_empty() && changes.settings.is_empty() {
        return;
    }
    let document = documents.entry("decision.toml".to_owned()).or_default();
    for number in &changes.settings {
        match document.get_mut(number.word) {
            Some(Item::Value(value)) => replace(value, number.new),
            _ => {
                document.insert(number.word, Item::Value(number.new.into()));
            }
        }
    }
    for (key, numbers) in [("base", &changes.base), ("topic-base", &changes.topic_base)] {
        if numbers.is_empty() {
            continue;
        }
        let item = document.entry(key).or_insert_with(toml_edit::table);
        let Some(table) = item.as_table_like_mut() else { continue };
        for number in numbers {
            match table.get_mut(number.word) {
                Some(Item::Value(value)) => replace(value, number.new),
                _ => {
                    table.insert(number.word, Item::Value(number.new.into()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::layer::Layer;
    use crate::rules::set::RuleSet;
    use crate::rules::{compile, load};

    const RULES: &str = "# Ours.\nclass = \"other\"   # the class\n\n[[rule]] # one\nid = 'a'\nany = [\n    'x', # why x\n]\npoints = 1.5  # enough\n\n[[rule]]\nid = 'b'\nany = 'y'\npoints = { new-project = 2, other = -1.0 } # both\n[rule.topics]\nscope = 1 # s\n[[rule.test]]\nmatch = 'y'\n\n[[combine]]\nid = 'c'\nall = ['a', 'b']\npoints = 1\n";

    fn set(files: &[(String, String)]) -> RuleSet {
        let (sources, mut found) = load::load(&[Layer::BuiltIn, Layer::Files(files.to_vec())]);
        compile::compile(&sources, &mut found).unwrap_or_else(|| panic!("{}", found.render(false)))
    }

    fn edited(
        folder: &[(String, String)],
        change: impl Fn(&mut RuleSet),
    ) -> (Vec<FileEdit>, RuleSet, RuleSet) {
        let before = set(folder);
        let mut wanted = before.clone();
        change(&mut wanted);
        let mut changes = Changes::default();
        changes.between(&before, &wanted, 1);
        let edits = files(folder, &changes).unwrap();
        let mut after = folder.to_vec();
        for edit in &edits {
            after.retain(|(name, _)| *name != edit.name);
            after.push((edit.name.clone(), edit.after.clone()));
        }
        (edits, wanted, set(&after))
    }

    fn rule<'r>(rules: &'r mut RuleSet, id: &str) -> &'r mut crate::rules::set::Rule {
        rules.rules.iter_mut().find(|rule| rule.id == id).unwrap()
    }

    #[test]
    fn numbers_change_where_they_stand_and_nothing_else_does() {
        let folder = [("own.toml".to_owned(), RULES.to_owned())];
        let (edits, mut wanted, mut got) = edited(&folder, |rules| {
            rule(rules, "a").points[Class::Other.index()] = 2.5;
            rule(rules, "b").points[Class::NewProject.index()] = 1.8;
            rule(rules, "b").topics[4] = 0.7;
            rule(rules, "c").points[Class::ProjectUpdate.index()] = 0.3;
        });
        let after = RULES
            .replace("points = 1.5  # enough", "points = 2.5  # enough")
            .replace("new-project = 2,", "new-project = 1.8,")
            .replace("scope = 1 # s", "scope = 0.7 # s")
            .replace("points = 1\n", "points = { project-update = 0.3, other = 1.0 }\n");
        assert_eq!(edits.len(), 1);
        assert_eq!(edits[0].after, after);
        for id in ["a", "b", "c"] {
            assert_eq!(rule(&mut wanted, id).points, rule(&mut got, id).points);
            assert_eq!(rule(&mut wanted, id).topics, rule(&mut got, id).topics);
        }
    }

    #[test]
    fn line_ends_stay_and_a_file_with_nothing_to_change_is_left_out() {
        let long = |text: &str| text.replace('\n', "\r\n");
        let folder = [
            ("more.toml".to_owned(), long("[[rule]]\nid = 'd'\nany = 'z'\npoints = { other = 1 }\n")),
            ("own.toml".to_owned(), long(RULES)),
            (TUNED.to_owned(), long("# Fitted.\n")),
        ];
        let (mut edits, ..) = edited(&folder, |rules| {
            rule(rules, "a").points[Class::Other.index()] = 2.5;
            rules.rules[0].points[1] = 3.3;
        });
        assert_eq!(edits.iter().map(|edit| edit.name.as_str()).collect::<Vec<_>>(), ["own.toml", TUNED]);
        assert_eq!(edits[0].after, long(&RULES.replace("points = 1.5 ", "points = 2.5 ")));
        append(&mut edits, TUNED, "", "\n# More.\n");
        let after = &edits[1].after;
        assert!(after.starts_with("# Fitted.\r\n\r\n[[rule]]\r\n") && after.ends_with("\r\n# More.\r\n"));
        assert_eq!(after.matches("\r\n").count(), after.matches('\n').count());
    }

    #[test]
    fn rules_from_elsewhere_get_an_entry_that_overrides_them() {
        let (edits, wanted, got) = edited(&[], |rules| {
            rules.rules[0].points[1] = 3.3;
            rules.rules[7].topics[2] = -0.4;
            rules.decision.base[1] = 1.1;
            rules.decision.margin = 0.1;
        });
        assert_eq!(edits.iter().map(|edit| edit.name.as_str()).collect::<Vec<_>>(), ["decision.toml", TUNED]);
        assert_eq!(edits[0].after, "margin = 0.1\n\n[base]\ndelivery-question = 1.1\n");
        let points =
            |rules: &RuleSet| rules.rules.iter().map(|rule| (rule.points, rule.topics)).collect::<Vec<_>>();
        assert_eq!(points(&wanted), points(&got));
        assert_eq!(wanted.decision, got.decision);
        // A second change finds the entry and changes it there.
        let folder: Vec<_> = edits.into_iter().map(|edit| (edit.name, edit.after)).collect();
        let (again, wanted, got) = edited(&folder, |rules| rules.rules[0].points[1] = 2.0);
        assert_eq!((again.len(), again[0].after.matches("[[rule]]").count()), (1, 2));
        assert_eq!(points(&wanted), points(&got));
    }
}
