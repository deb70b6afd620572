//! Layers laid over each other: what is overridden by id, what is kept, and a record of it.
//!
//! Takes the checked files of one layer after another, weakest first. Leaves alone what the values
//! mean, except that points given as a plain number are written out for their class.

use std::collections::{BTreeMap, HashMap};

use super::diagnostic::{Diagnostics, Place};
use super::lexicon::Part;
use super::mail_test::{self, MailTest};
use super::nearest::nearest;
use super::read::shorten;
use super::source::{At, Override, WordList};
use super::syntax::MOST_FAULTS;
use super::tree::{self, Field, Fields, Value};

/// Most rules and combinations together.
const MOST_RULES: usize = 20_000;

/// Kinds of things that have an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Rule,
    Combine,
    Route,
    Adjust,
    Account,
}

impl What {
    pub(super) const ALL: [Self; 5] = [Self::Rule, Self::Combine, Self::Route, Self::Adjust, Self::Account];

    /// As in headings.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Combine => "combine",
            Self::Route => "route",
            Self::Adjust => "adjust",
            Self::Account => "account",
        }
    }

    /// Things of one space may not share an id: hits name rules and combinations alike, reasons
    /// name routes and adjustments alike.
    fn space(self) -> &'static str {
        match self {
            Self::Rule | Self::Combine => "rules",
            Self::Route | Self::Adjust => "routing",
            Self::Account => "accounts",
        }
    }
}

/// One thing with an id, after overriding.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) what: What,
    /// The heading of its first definition.
    pub(super) place: Place,
    pub(super) id: At<String>,
    /// Class of the file that gave its points.
    class: Option<At<String>>,
    /// Whether the file may have given a class that did not fit, which has been reported.
    class_broken: bool,
    pub(super) fields: Fields,
}

/// All layers so far.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) entries: Vec<Entry>,
    /// Indices of routes, first match first.
    pub(super) routes: Vec<usize>,
    pub(super) vocabulary: BTreeMap<String, WordList>,
    /// Phrases by where they count and their text, in the order first met.
    pub(super) phrases: Vec<(Part, At<String>, Fields)>,
    by_phrase: HashMap<(Part, String), usize>,
    pub(super) decision: Fields,
    pub(super) agency: Fields,
    pub(super) overrides: Vec<Override>,
    pub(super) tests: Vec<MailTest>,
    by_id: HashMap<(&'static str, String), usize>,
    /// What the present layer has given, to find duplicates.
    given: HashMap<(&'static str, String), Place>,
    new_routes: Vec<usize>,
    rules: usize,
    /// Layers laid so far.
    layers: usize,
}

impl Merged {
    /// Lays one layer over those so far.
    pub(super) fn layer(&mut self, files: Vec<(String, Fields)>, found: &mut Diagnostics) {
        self.given.clear();
        for (name, fields) in files {
            match name.as_str() {
                "rules.toml" => {}
                "vocabulary.toml" => self.vocabulary(fields, found),
                "lexicon.toml" => self.lexicon(&fields),
                "decision.toml" => self.decision(fields),
                _ => self.entries(&fields, found),
            }
        }
        // The first route that matches decides, and the weaker layers end in routes that always
        // match: new ones come before them, or they could never be reached.
        let weaker = std::mem::take(&mut self.routes);
        self.routes = std::mem::take(&mut self.new_routes);
        self.routes.extend(weaker);
        self.layers += 1;
    }

    fn entries(&mut self, file: &Fields, found: &mut Diagnostics) {
        let class = file.text("class");
        for what in What::ALL {
            for (fields, place) in file.tables(what.key()) {
                let Some(id) = fields.text("id") else { continue };
                let entry = Entry {
                    what,
                    place: place.clone(),
                    id,
                    class: class.clone(),
                    class_broken: file.broken,
                    fields: fields.clone(),
                };
                self.entry(entry, found);
            }
        }
        self.tests.extend(file.tables("test").map(|(fields, place)| mail_test::read(fields, place)));
        if let Some(At { value: Value::Table(agency), .. }) = file.get("agency") {
            self.overrides.extend(lay_over(&mut self.agency, agency, "agency", ""));
        }
    }

    fn entry(&mut self, mut entry: Entry, found: &mut Diagnostics) {
        let name = (entry.what.space(), entry.id.value.clone());
        if let Some(first) = self.given.insert(name.clone(), entry.id.place.clone()) {
            let message = format!("the id `{}` is given twice", shorten(&entry.id.value));
            found
                .error("duplicate-id", &entry.id.place, message)
                .label("second time")
                .help("give one of them another id")
                .related(&first, "first given here");
            self.given.insert(name, first);
            return;
        }
        let weaker = self.by_id.get(&name).copied();
        let class = entry.class.clone().or_else(|| weaker.and_then(|at| self.entries.get(at)?.class.clone()));
        if class.is_some() || !entry.class_broken {
            spell_out_points(&mut entry.fields, class.as_ref(), found);
        }
        match weaker.and_then(|at| self.entries.get_mut(at)) {
            Some(known) if known.what != entry.what => {
                let (is, was) = (entry.what.key(), known.what.key());
                let message =
                    format!("the [[{is}]] `{}` has the id of a [[{was}]]", shorten(&entry.id.value));
                found
                    .error("duplicate-id", &entry.id.place, message)
                    .help(format!("give it another id, or write [[{was}]] to change that one"))
                    .related(&known.id.place, format!("the [[{was}]]"));
            }
            Some(known) => {
                known.class = class;
                known.fields.broken |= entry.fields.broken;
                let id = entry.id.value.as_str();
                self.overrides.extend(lay_over(&mut known.fields, &entry.fields, entry.what.key(), id));
            }
            None => {
                self.nothing_to_turn_off(&entry, found);
                self.add(name, entry, found);
            }
        }
    }

    /// Warns of `mode = "off"` under an id that no weaker layer has: most likely a misspelt one.
    fn nothing_to_turn_off(&self, entry: &Entry, found: &mut Diagnostics) {
        let off = entry.fields.text("mode").is_some_and(|mode| mode.value == "off");
        if !off || self.layers == 0 || found.list.len() > MOST_FAULTS {
            return;
        }
        let (what, id) = (entry.what.key(), &entry.id);
        let known = self.entries.iter().filter(|known| known.what == entry.what);
        let near = nearest(&id.value, known.map(|known| known.id.value.as_str()));
        let message = format!("there is no {what} `{}` to turn off", shorten(&id.value));
        let help = match near {
            Some(near) => format!("write `{near}`"),
            None => format!("take it out, or write the id of a {what} that is there"),
        };
        found.warning("nothing-to-turn-off", &id.place, message).help(help);
    }

    fn add(&mut self, name: (&'static str, String), entry: Entry, found: &mut Diagnostics) {
        let at = self.entries.len();
        match entry.what {
            What::Rule | What::Combine => self.rules += 1,
            What::Route => self.new_routes.push(at),
            What::Adjust | What::Account => {}
        }
        if self.rules > MOST_RULES {
            if self.rules == MOST_RULES + 1 {
                let message =
                    format!("more than {MOST_RULES} rules; this one and those after it are left out");
                found.error("too-many-rules", &entry.id.place, message);
            }
            return;
        }
        self.by_id.insert(name, at);
        self.entries.push(entry);
    }

    fn decision(&mut self, mut fields: Fields) {
        for key in ["base", "topic-base"] {
            let Some(At { value: Value::Table(table), .. }) = fields.get(key).cloned() else { continue };
            if let Some(Field { value: At { value: Value::Table(known), .. }, .. }) =
                self.decision.field_mut(key)
            {
                self.overrides.extend(lay_over(known, &table, "decision", key));
                fields.list.retain(|field| field.key.value != key);
            }
        }
        self.overrides.extend(lay_over(&mut self.decision, &fields, "decision", ""));
    }

    fn lexicon(&mut self, file: &Fields) {
        // A list that was learned whole is wrong on top of another.
        if file.get("builtin").is_some_and(|at| at.value == Value::Flag(false)) {
            self.phrases.clear();
            self.by_phrase.clear();
        }
        for (part, key) in [(Part::Text, "text"), (Part::Subject, "subject")] {
            for Field { key, value } in file.table(key) {
                let Value::Table(fields) = &value.value else { continue };
                let at = *self.by_phrase.entry((part, key.value.clone())).or_insert(self.phrases.len());
                match self.phrases.get_mut(at) {
                    Some((_, _, known)) => {
                        self.overrides.extend(lay_over(known, fields, "phrase", &key.value));
                    }
                    None => self.phrases.push((part, key.clone(), fields.clone())),
                }
            }
        }
    }

    fn vocabulary(&mut self, fields: Fields, found: &mut Diagnostics) {
        for Field { key, value } in fields.list {
            let known = self.vocabulary.get(&key.value);
            let entries = match &value.value {
                Value::List(words) => words.iter().filter_map(tree::text).collect(),
                Value::Table(change) => match known {
                    Some(known) => changed(known, change, found),
                    None => {
                        self.no_such_list(&key, found);
                        continue;
                    }
                },
                _ => continue,
            };
            let words = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
            if let Some(known) = known.filter(|known| words(&known.entries) != words(&entries)) {
                let old =
                    known.entries.iter().map(|entry| entry.value.as_str()).collect::<Vec<_>>().join(", ");
                let old = Some(At { value: shorten(&old), place: known.place.clone() });
                let new = At { value: as_written(&value), place: key.place.clone() };
                let (id, list) = (key.value.clone(), "entries".to_owned());
                self.overrides.push(Override {
                    what: "word list",
                    id,
                    key: list,
                    old,
                    new,
                    lost: Vec::new(),
                });
            }
            self.vocabulary.insert(key.value, WordList { place: key.place, entries });
        }
    }

    fn no_such_list(&self, key: &At<String>, found: &mut Diagnostics) {
        let message = format!("there is no word list `{}` to add to or take from", shorten(&key.value));
        let near = nearest(&key.value, self.vocabulary.keys().map(String::as_str));
        let help = match near {
            Some(near) => {
                format!("write `{near}`, or give the whole list: {} = ['first', 'second']", key.value)
            }
            None => format!("give the whole list: {} = ['first', 'second']", shorten(&key.value)),
        };
        found.error("unknown-list", &key.place, message).help(help);
    }
}

/// A word list after `add` and `remove`.
fn changed(known: &WordList, change: &Fields, found: &mut Diagnostics) -> Vec<At<String>> {
    let mut entries = known.entries.clone();
    for word in change.texts("remove") {
        let before = entries.len();
        entries.retain(|entry| entry.value != word.value);
        if entries.len() == before {
            let near = nearest(&word.value, entries.iter().map(|entry| entry.value.as_str()));
            let help =
                near.map_or_else(|| "take it out of `remove`".to_owned(), |near| format!("write `{near}`"));
            let message = format!("`{}` is not in the list, so it cannot be removed", shorten(&word.value));
            found.warning("nothing-to-remove", &word.place, message).help(help);
        }
    }
    for word in change.texts("add") {
        if entries.iter().all(|entry| entry.value != word.value) {
            entries.push(word);
        }
    }
    entries
}

/// Puts the fields of `over` in the place of those of the same key, and tells what that changed.
fn lay_over(under: &mut Fields, over: &Fields, what: &'static str, id: &str) -> Vec<Override> {
    let mut changes = Vec::new();
    let nothing_yet = under.list.is_empty();
    for field in &over.list {
        let key = field.key.value.clone();
        let new = At { value: as_written(&field.value), place: field.value.place.clone() };
        if let Some(known) = under.field_mut(&key) {
            let old = At { value: as_written(&known.value), place: known.value.place.clone() };
            if old.value != new.value {
                let lost = lost(&known.value.value, &field.value.value);
                changes.push(Override { what, id: id.to_owned(), key, old: Some(old), new, lost });
            }
            *known = field.clone();
        } else {
            if !nothing_yet {
                changes.push(Override { what, id: id.to_owned(), key, old: None, new, lost: Vec::new() });
            }
            under.list.push(field.clone());
        }
    }
    changes
}

/// Keys of a table that the one in its place does not have.
fn lost(old: &Value, new: &Value) -> Vec<String> {
    let keys = |value: &Value| match value {
        Value::Table(fields) => fields.list.iter().map(|field| field.key.value.clone()).collect(),
        _ => Vec::new(),
    };
    let now = keys(new);
    keys(old).into_iter().filter(|key| !now.contains(key)).collect()
}

/// A value as its file has it, on one line.
fn as_written(at: &At<Value>) -> String {
    if let Value::List(values) = &at.value
        && values.iter().any(|value| matches!(value.value, Value::Table(_)))
    {
        return format!("{} given", values.len());
    }
    let written = at.place.file.text.get(at.place.span.clone()).unwrap_or_default();
    shorten(&written.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Points as a plain number become points for the class of the file.
fn spell_out_points(fields: &mut Fields, class: Option<&At<String>>, found: &mut Diagnostics) {
    let Some(field) = fields.field_mut("points") else { return };
    if !matches!(field.value.value, Value::Number(_)) {
        return;
    }
    let place = field.value.place.clone();
    let Some(class) = class else {
        found
            .error("points-without-class", &place, "points for no class: this file does not say `class = …`")
            .help("say which class gets them: points = { project-update = 1.5 }");
        fields.list.retain(|field| field.key.value != "points");
        return;
    };
    let key = At { value: class.value.clone(), place: place.clone() };
    let value = std::mem::replace(&mut field.value.value, Value::Flag(false));
    let list = vec![Field { key, value: At { value, place } }];
    field.value.value = Value::Table(Fields { list, broken: false });
}
