//! A parsed file against its schema: checked values out, every fault reported.
//!
//! Takes the tree of one file and the tables of [`schema`](super::schema). What does not fit is
//! reported and left out, so that everything behind it can trust what it is given. Leaves alone
//! what only the whole can say: patterns, ids that name other rules, overriding.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostics, Place, SourceFile};
use super::fault::single_quotes;
use super::nearest::nearest;
use super::render::hidden;
use super::schema::{self, Key, Kind, Need, Table, Words};
use super::source::At;
use super::syntax::{self, Lost, MOST_FAULTS};
use super::tree::{Field, Fields, Value};
use crate::terms::Date;

/// Longest pattern, in bytes.
pub(super) const LONGEST_PATTERN: usize = 4096;

const TRUE_OR_FALSE: &str = "true or false";

/// Reads one file of a rule folder; `name` is its name within the folder and chooses the schema.
pub(super) fn file(name: &str, file: &Arc<SourceFile>, found: &mut Diagnostics) -> Fields {
    let schema = schema::of_file(name);
    syntax::parse(file, found, |tree, lost, found| {
        let mut reader = Reader { file, lost, found, most: MOST_FAULTS, around: Vec::new() };
        reader.fields(tree, schema, 0..0)
    })
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    lost: &'a Lost,
    found: &'a mut Diagnostics,
    most: usize,
    /// The tables around the one being read, outermost first.
    around: Vec<&'static Table>,
}

impl Reader<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        label: &str,
        help: Option<String>,
    ) {
        if self.most == 0 {
            return;
        }
        self.most -= 1;
        let place = self.place(span);
        self.found.error(code, &place, message).label(label).help = help;
    }

    fn fields(&mut self, tree: &DeTable<'_>, schema: &'static Table, whole: Range<usize>) -> Fields {
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
                self.unknown_key(key, schema);
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

    fn unknown_key(&mut self, key: &Spanned<Cow<'_, str>>, schema: &Table) {
        let word: &str = key.get_ref();
        let help = self.where_it_belongs(word, schema).unwrap_or_else(|| {
            let known: Vec<_> = schema.keys.iter().map(|key| key.name).collect();
            format!("keys known here: {}", known.join(", "))
        });
        let message = format!("{} has no key `{}`", schema.name, shorten(word));
        self.error("unknown-key", key.span(), message, "unknown key", Some(help));
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

    fn wrong_type<T>(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<T> {
        let is = type_name(value.get_ref());
        let message = format!("`{}` takes {wanted}", shorten(key));
        let help = unquoted(value.get_ref(), wanted);
        self.error("wrong-type", value.span(), message, &format!("this is {is}"), help);
        None
    }

    fn text(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<Value> {
        match value.get_ref() {
            DeValue::String(text) => Some(Value::Text(text.clone().into_owned())),
            _ => self.wrong_type(key, value, wanted),
        }
    }

    fn pattern(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let DeValue::String(text) = value.get_ref() else {
            return self.wrong_type(key, value, "patterns: text in single quotes");
        };
        let span = value.span();
        if text.len() > LONGEST_PATTERN {
            let message = format!("a pattern of {} bytes; the most is {LONGEST_PATTERN}", text.len());
            let help =
                "make several patterns of it, or move its words to a list in vocabulary.toml".to_owned();
            self.error("long-pattern", span, message, "", Some(help));
            return None;
        }
        let quoted = self.file.text.get(span.clone()).is_some_and(|raw| raw.starts_with('"'));
        if quoted && text.contains(['\u{8}', '\u{b}', '\u{c}', '\u{1b}', '\u{7}']) {
            let help = single_quotes(&self.file.text, span.start + 1);
            let raw = self.file.text.get(span.clone()).unwrap_or_default();
            let escape = raw.find('\\').map_or(span.clone(), |at| span.start + at..span.start + at + 2);
            let message =
                "between double quotes `\\b` is a control character, not the edge of a word".to_owned();
            self.error("pattern-escape", escape, message, "", Some(help));
            return None;
        }
        self.hidden(span);
        Some(Value::Text(text.clone().into_owned()))
    }

    /// Warns of characters that cannot be seen: a pattern that holds one never matches what it seems to.
    fn hidden(&mut self, span: Range<usize>) {
        let raw = self.file.text.get(span.clone()).unwrap_or_default();
        let Some((at, c)) = hidden(raw).filter(|_| self.most > 0) else { return };
        self.most -= 1;
        let place = self.place(span.start + at..span.start + at + c.len_utf8());
        let message = format!("a character that cannot be seen, U+{:04X}, stands here", u32::from(c));
        self.found
            .warning("hidden-character", &place, message)
            .help("take it out; it often comes along when text is pasted");
    }

    fn address(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let wanted = "an address, such as \"am@agency.example\"";
        let Value::Text(text) = self.text(key, value, wanted)? else { return None };
        let good = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain));
        if !good {
            let message = format!("`{}` takes {wanted}", shorten(key));
            self.error("address", value.span(), message, "not an address", None);
            return None;
        }
        Some(Value::Text(text))
    }

    fn domain(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let Value::Text(text) = self.text(key, value, "domains, such as \"larkmoor.example\"")? else {
            return None;
        };
        if !is_domain(&text) {
            let help = text
                .rsplit_once('@')
                .map(|(_, domain)| format!("write \"{}\", the part after the @", shorten(domain)));
            let message = format!("`{}` takes domains, such as \"larkmoor.example\"", shorten(key));
            self.error("domain", value.span(), message, "not a domain", help);
            return None;
        }
        Some(Value::Text(text))
    }

    fn date(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let written = match value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Datetime(date) => date.to_string(),
            _ => return self.wrong_type(key, value, "a date, such as 2026-03-31"),
        };
        match written.parse::<Date>() {
            Ok(date) => Some(Value::Date(date)),
            Err(_) => {
                let message = format!("`{}` takes a date, such as 2026-03-31", shorten(key));
                self.error("date", value.span(), message, "no such date", None);
                None
            }
        }
    }

    fn number(&mut self, key: &str, value: &Spanned<DeValue<'_>>, least: f64, most: f64) -> Option<Value> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(exact)
            }
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => return self.wrong_type(key, value, &format!("a number from {least} to {most}")),
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Some(Value::Number(number)),
            _ => {
                let message = format!("`{}` takes a number from {least} to {most}", shorten(key));
                self.error("out-of-range", value.span(), message, "outside of that", None);
                None
            }
        }
    }

    fn count(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let wanted = "a whole number, or a range such as { min = 1, max = 12 }";
        match value.get_ref() {
            DeValue::Integer(_) => self.number(key, value, 0.0, f64::from(u32::MAX)),
            DeValue::Table(tree) => {
                let fields = self.fields(tree, &schema::RANGE, value.span());
                let bound = |key: &str| fields.number(key).map(|at| at.value);
                if let (Some(min), Some(max)) = (bound("min"), bound("max"))
                    && min > max
                {
                    let message = format!("nothing is at least {min} and at most {max}");
                    self.error("out-of-range", value.span(), message, "", None);
                    return None;
                }
                Some(Value::Table(fields))
            }
            _ => self.wrong_type(key, value, wanted),
        }
    }

    fn word(&mut self, key: &str, value: &Spanned<DeValue<'_>>, words: &Words) -> Option<Value> {
        let DeValue::String(word) = value.get_ref() else {
            return self.wrong_type(key, value, &format!("a {}: {}", words.what, list_of(words)));
        };
        if words.all().any(|known| known == word.as_ref()) {
            return Some(Value::Text(word.clone().into_owned()));
        }
        self.unknown_word(word, value.span(), words);
        None
    }

    fn unknown_word(&mut self, word: &str, span: Range<usize>, words: &Words) {
        let meant =
            words.meant.iter().find(|(said, _)| said.eq_ignore_ascii_case(word)).map(|(_, meant)| *meant);
        let help = match meant.or_else(|| nearest(word, words.all())) {
            Some(near) => format!("write `{near}`; known: {}", list_of(words)),
            None => format!("known: {}", list_of(words)),
        };
        let message = format!("there is no {} `{}`", words.what, shorten(word));
        self.error("unknown-word", span, message, "", Some(help));
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
            let message =
                format!("`{}` may stand several times, so its heading has two brackets", shorten(key));
            let help = format!("write [[{}]]", heading(&self.file.text, value.span(), key));
            self.error("wrong-type", value.span(), message, "", Some(help));
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
                &format!("a table by {}, such as {{ {example} = 1.5 }}", words.what),
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

/// Advice on a number or a yes in quotes.
fn unquoted(value: &DeValue<'_>, wanted: &str) -> Option<String> {
    let text = value.as_str()?.trim();
    if wanted == TRUE_OR_FALSE {
        return match text.to_lowercase().as_str() {
            "true" | "yes" | "on" => Some("write true".to_owned()),
            "false" | "no" | "off" => Some("write false".to_owned()),
            _ => None,
        };
    }
    let number = wanted.contains("number") && text.parse::<f64>().is_ok();
    number.then(|| format!("write {}, without quotes", shorten(text)))
}

/// A whole number as a float, when it is small enough to be exact.
fn exact(number: i64) -> Option<f64> {
    u32::try_from(number.unsigned_abs())
        .ok()
        .map(|size| if number < 0 { -f64::from(size) } else { f64::from(size) })
}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => TRUE_OR_FALSE,
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn list_of(words: &Words) -> String {
    words.all().collect::<Vec<_>>().join(", ")
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
