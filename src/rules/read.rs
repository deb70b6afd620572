//! A parsed file against its schema: checked values out, every fault reported.
//!
//! Takes the tree of one file and the tables of [`super::schema`]. What does not fit is
//! reported and left out, so that everything behind it can trust what it is given. Leaves alone
//! what only the whole can say: patterns, ids that name other rules, overriding.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostics, Fix, Place, SourceFile};
use super::nearest::{nearest, only_nearest};
use super::scalar::TRUE_OR_FALSE;
use super::schema::{self, Key, Kind, Need, Table, Words};
use super::source::At;
use super::syntax::{self, Lost, MOST_FAULTS};
use super::tree::{Field, Fields, Value};

/// Reads one file of a rule folder; `name` is its name within the folder and chooses the schema.
pub(super) fn file(name: &str, file: &Arc<SourceFile>, found: &mut Diagnostics) -> Fields {
    let schema = schema::of_file(name);
    syntax::parse(file, found, |tree, lost, found| {
        let mut reader = Reader { file, lost, found, most: MOST_FAULTS, around: Vec::new() };
        reader.fields(tree, schema, 0..0)
    })
}

/// Reads one file.
pub(super) struct Reader<'a> {
    pub(super) file: &'a Arc<SourceFile>,
    lost: &'a Lost,
    pub(super) found: &'a mut Diagnostics,
    /// How many more findings are described.
    pub(super) most: usize,
    /// The tables around the one being read, outermost first.
    around: Vec<&'static Table>,
}

impl Reader<'_> {
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        label: &str,
        help: Option<String>,
    ) {
        self.fixable(code, span, message, label, help, None);
    }

    /// An error, and what has to stand in the place of `span` where there is no doubt about it.
    pub(super) fn fixable(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        label: &str,
        help: Option<String>,
        with: Option<String>,
    ) {
        if self.most == 0 {
            return;
        }
        self.most -= 1;
        let place = self.place(span);
        let finding = self.found.error(code, &place, message).label(label);
        finding.help = help;
        finding.fix = with.and_then(|with| Fix::replace(&place, with));
    }

    pub(super) fn fields(
        &mut self,
        tree: &DeTable<'_>,
        schema: &'static Table,
        whole: Range<usize>,
    ) -> Fields {
        let lost = self.lost.in_section_of(whole.start);
        let mut fields = Fields { list: Vec::new(), broken: lost };
        let mut entries: Vec<_> = tree.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let kind = match schema.key(key.get_ref()) {
                Some(known) => Some(&known.kind),
                None => schema.others,
            };
            let Some(kind) = kind else {
                self.unknown_key(key, schema, tree);
                fields.broken = true;
                continue;
            };
            self.around.push(schema);
            let value = self.value(key.get_ref(), value, kind);
            self.around.pop();
            if let Some(value) = value {
                let key = At { value: key.get_ref().clone().into_owned(), place: self.place(key.span()) };
                fields.list.push(Field { key, value });
            } else {
                fields.broken = true;
            }
        }
        for key in schema.keys.iter().filter(|key| key.need == Need::Always) {
            if !tree.contains_key(key.name) && !fields.broken {
                self.missing(key, schema, whole.clone());
            }
        }
        fields
    }

    fn missing(&mut self, key: &Key, schema: &Table, whole: Range<usize>) {
        let message = format!("{} without `{}`", schema.name, key.name);
        let help = format!("add a line `{} = …`: {}", key.name, key.about);
        self.error("missing-key", whole, message, &format!("`{}` is missing", key.name), Some(help));
    }

    fn unknown_key(&mut self, key: &Spanned<Cow<'_, str>>, schema: &Table, tree: &DeTable<'_>) {
        let word: &str = key.get_ref();
        let help = self.where_it_belongs(word, schema).unwrap_or_else(|| {
            let known: Vec<_> = schema.keys.iter().map(|key| key.name).collect();
            format!("keys known here: {}", known.join(", "))
        });
        let message = format!("{} has no key `{}`", schema.name, shorten(word));
        let with = self.meant(word, schema).filter(|meant| !tree.contains_key(*meant));
        let with = with.map(str::to_owned);
        self.fixable("unknown-key", key.span(), message, "unknown key", Some(help), with);
    }

    /// The one key that a key unknown to `schema` can only have meant.
    fn meant(&self, word: &str, schema: &Table) -> Option<&'static str> {
        if let Some(key) = schema.keys.iter().find(|key| key.meant_by.contains(&word)) {
            return Some(key.name);
        }
        let elsewhere = self.around.iter().any(|around| around.key(word).is_some());
        only_nearest(word, schema.keys.iter().map(|key| key.name)).filter(|_| !elsewhere)
    }

    /// Advice on a key that `schema` does not know: which one is meant, or where it is known.
    fn where_it_belongs(&self, word: &str, schema: &Table) -> Option<String> {
        let meant = schema.keys.iter().find(|key| key.meant_by.contains(&word));
        if let Some(meant) = meant {
            return Some(format!("write `{}`: {}", meant.name, meant.about));
        }
        // Keys written after `[[rule.test]]` belong to the test, which surprises.
        if let Some(around) = self.around.iter().rev().find(|around| around.key(word).is_some()) {
            return Some(format!("`{word}` belongs to {}: write it before {}", around.name, schema.name));
        }
        let inner = schema.keys.iter().filter_map(|key| match &key.kind {
            Kind::Table(table) | Kind::Tables(table) => Some(*table),
            _ => None,
        });
        if let Some(inner) = inner.into_iter().find(|inner| inner.key(word).is_some()) {
            return Some(format!("`{word}` belongs in {}", inner.name));
        }
        if let Some(file) = schema::file_for(word).filter(|_| self.around.is_empty()) {
            return Some(format!("`{word}` belongs in {file}"));
        }
        let near = nearest(word, schema.keys.iter().map(|key| key.name))?;
        Some(format!("write `{near}`: {}", schema.key(near)?.about))
    }

    fn value(&mut self, key: &str, value: &Spanned<DeValue<'_>>, kind: &'static Kind) -> Option<At<Value>> {
        let span = value.span();
        let checked = match kind {
            Kind::Text => self.text(key, value, "text in quotes")?,
            Kind::Id(taken) => self.id(key, value, taken)?,
            Kind::Pattern => self.pattern(key, value)?,
            Kind::Phrase => {
                let phrase = self.text(key, value, "words or phrases in quotes")?;
                self.hidden(span.clone());
                phrase
            }
            Kind::Address => self.address(key, value)?,
            Kind::Domain => self.domain(key, value)?,
            Kind::Flag => match value.get_ref() {
                DeValue::Boolean(flag) => Value::Flag(*flag),
                _ => return self.wrong_type(key, value, TRUE_OR_FALSE),
            },
            Kind::Date => self.date(key, value)?,
            Kind::Number(least, most) => self.number(key, value, *least, *most)?,
            Kind::Whole => match value.get_ref() {
                DeValue::Integer(_) => self.number(key, value, 0.0, f64::from(u32::MAX))?,
                _ => return self.wrong_type(key, value, "a whole number"),
            },
            Kind::Count => self.count(key, value)?,
            Kind::Word(words) => self.word(key, value, words)?,
            Kind::List(inner) => self.list(key, value, inner),
            Kind::Table(table) => match value.get_ref() {
                DeValue::Table(tree) => Value::Table(self.fields(tree, table, span.clone())),
                DeValue::Array(_) if table.name.starts_with('[') => {
                    let message = format!(
                        "`{}` stands only once, so its heading has one pair of brackets",
                        shorten(key)
                    );
                    self.error("wrong-type", span, message, "", Some(format!("write {}", table.name)));
                    return None;
                }
                _ => return self.wrong_type(key, value, "a table, such as { key = value }"),
            },
            Kind::Tables(table) => self.tables(key, value, table)?,
            Kind::ByWord(words, inner) => self.by_word(key, value, words, inner)?,
            Kind::Points => self.points(key, value)?,
            Kind::Entries => self.entries(key, value)?,
        };
        Some(At { value: checked, place: self.place(span) })
    }

    fn list(&mut self, key: &str, value: &Spanned<DeValue<'_>>, inner: &'static Kind) -> Value {
        match value.get_ref() {
            DeValue::Array(values) => {
                Value::List(values.iter().filter_map(|value| self.value(key, value, inner)).collect())
            }
            _ => Value::List(self.value(key, value, inner).into_iter().collect()),
        }
    }

    fn tables(&mut self, key: &str, value: &Spanned<DeValue<'_>>, table: &'static Table) -> Option<Value> {
        let DeValue::Array(values) = value.get_ref() else {
            if self.is_within(value.span()) {
                self.belongs_to_none(key, value.span(), table);
                return None;
            }
            let message =
                format!("`{}` may stand several times, so its heading has two brackets", shorten(key));
            let heading = heading(&self.file.text, value.span(), key);
            let is_heading = self.file.text.get(value.span()).is_some_and(|raw| raw.starts_with('['));
            let (with, help) = (format!("[[{heading}]]"), format!("write [[{heading}]]"));
            let with = is_heading.then_some(with);
            self.fixable("wrong-type", value.span(), message, "", Some(help), with);
            return None;
        };
        let mut tables = Vec::new();
        for value in values.iter() {
            let DeValue::Table(tree) = value.get_ref() else {
                return self.wrong_type(key, value, &format!("tables under {}", table.name));
            };
            let fields = self.fields(tree, table, value.span());
            tables.push(At { value: Value::Table(fields), place: self.place(value.span()) });
        }
        Some(Value::List(tables))
    }

    /// Whether a table is there only for one within it, such as that of `[[rule.test]]`.
    fn is_within(&self, span: Range<usize>) -> bool {
        let rest = self.file.text.get(span.end..).unwrap_or_default();
        rest.trim_start_matches([' ', '\t']).starts_with('.')
    }

    /// A heading such as `[[rule.test]]` with no `[[rule]]` before it, or only one that is misspelt.
    fn belongs_to_none(&mut self, key: &str, span: Range<usize>, table: &Table) {
        let above = self.file.text.get(..span.start).unwrap_or_default().trim_end_matches('[');
        let line = above.rfind("\n[").map_or(0, |newline| newline + 1);
        let heading = above.get(line..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let name = heading.trim_start_matches('[').split(']').next().unwrap_or_default();
        let at = line + heading.len() - heading.trim_start_matches('[').len();
        let meant = self.around.last().and_then(|around| self.meant(name, around));
        let misspelt = Some(at..at + name.len()).filter(|_| heading.starts_with('[') && meant == Some(key));
        let help = match misspelt {
            Some(_) => format!("write {} in the heading above", table.name),
            None => format!("write {} and its keys before it", table.name),
        };
        let message = format!("there is no {} above this that it belongs to", table.name);
        let related = misspelt.map(|at| (self.place(at), "misspelt".to_owned()));
        let count = self.found.list.len();
        self.error("wrong-type", span, message, "", Some(help));
        if let Some(finding) = self.found.list.get_mut(count) {
            finding.related = related;
        }
    }

    fn by_word(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        words: &Words,
        inner: &'static Kind,
    ) -> Option<Value> {
        let DeValue::Table(tree) = value.get_ref() else {
            let example = words.known.first().copied().unwrap_or("name");
            return self.wrong_type(
                key,
                value,
                &format!("a table by {}, such as {{ {example} = {} }}", words.what, example_of(inner)),
            );
        };
        let mut fields = Vec::new();
        let mut entries: Vec<_> = tree.iter().collect();
        entries.sort_by_key(|(word, _)| word.span().start);
        for (word, value) in entries {
            if !words.all().any(|known| known == word.get_ref()) {
                self.unknown_word(word.get_ref(), word.span(), words);
            } else if let Some(value) = self.value(word.get_ref(), value, inner) {
                let key = At { value: word.get_ref().clone().into_owned(), place: self.place(word.span()) };
                fields.push(Field { key, value });
            }
        }
        Some(Value::Table(Fields { list: fields, broken: false }))
    }

    fn points(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        match value.get_ref() {
            DeValue::Table(_) => self.by_word(key, value, &schema::CLASSES, &schema::POINTS),
            DeValue::Integer(_) | DeValue::Float(_) => {
                self.number(key, value, -schema::MOST_POINTS, schema::MOST_POINTS)
            }
            _ => self.wrong_type(key, value, "a number, or a table by class, such as { other = 1.5 }"),
        }
    }

    fn entries(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        match value.get_ref() {
            DeValue::Table(tree) => Some(Value::Table(self.fields(tree, &schema::CHANGE, value.span()))),
            _ => Some(self.list(key, value, &Kind::Phrase)),
        }
    }
}

/// What a value could look like.
fn example_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "\"the reason\"",
        _ => "1.5",
    }
}

/// What stands between the brackets of a heading, or the key when it is none.
fn heading<'a>(text: &'a str, span: Range<usize>, key: &'a str) -> &'a str {
    let heading = text.get(span).and_then(|raw| raw.strip_prefix('[')).and_then(|raw| raw.strip_suffix(']'));
    heading.map_or(key, str::trim)
}

/// Text of a file as part of a message: one short line.
pub(super) fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}
