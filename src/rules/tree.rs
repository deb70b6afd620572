//! Values of a rule file that have been checked, each with its place, free of the parser's types.

use super::diagnostic::Place;
use super::source::At;
use crate::terms::Date;

/// A value as written, of the type its key asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Text, or a word.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(Date),
    /// A list, also when written as a single value.
    List(Vec<At<Value>>),
    /// A table.
    Table(Fields),
}

/// Keys of a table and their values, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    /// The fields.
    pub(super) list: Vec<Field>,
    /// Whether something was left out because it did not fit, which has been reported.
    pub(super) broken: bool,
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The key.
    pub(super) key: At<String>,
    /// The value.
    pub(super) value: At<Value>,
}

impl Fields {
    /// The field of this key.
    pub(super) fn field(&self, key: &str) -> Option<&Field> {
        self.list.iter().find(|field| field.key.value == key)
    }

    /// The value of this key.
    pub(super) fn get(&self, key: &str) -> Option<&At<Value>> {
        self.field(key).map(|field| &field.value)
    }

    /// The field of this key, to be changed.
    pub(super) fn field_mut(&mut self, key: &str) -> Option<&mut Field> {
        self.list.iter_mut().find(|field| field.key.value == key)
    }

    /// Text and where it stands.
    pub(super) fn text(&self, key: &str) -> Option<At<String>> {
        self.get(key).and_then(text)
    }

    /// Every text of a list.
    pub(super) fn texts(&self, key: &str) -> Vec<At<String>> {
        self.list(key).iter().filter_map(text).collect()
    }

    /// Every word of a list, read as `T`; the reader has refused those that cannot be.
    pub(super) fn words<T: std::str::FromStr>(&self, key: &str) -> Vec<At<T>> {
        self.texts(key).iter().filter_map(word).collect()
    }

    /// One word, read as `T`.
    pub(super) fn word<T: std::str::FromStr>(&self, key: &str) -> Option<At<T>> {
        self.text(key).as_ref().and_then(word)
    }

    /// A number and where it stands.
    pub(super) fn number(&self, key: &str) -> Option<At<f64>> {
        self.get(key).and_then(number)
    }

    /// A day and where it stands.
    pub(super) fn date(&self, key: &str) -> Option<At<Date>> {
        let at = self.get(key)?;
        match at.value {
            Value::Date(date) => Some(At { value: date, place: at.place.clone() }),
            _ => None,
        }
    }

    /// Fields of a table within.
    pub(super) fn table(&self, key: &str) -> &[Field] {
        match self.get(key).map(|at| &at.value) {
            Some(Value::Table(fields)) => &fields.list,
            _ => &[],
        }
    }

    /// Values of a list.
    pub(super) fn list(&self, key: &str) -> &[At<Value>] {
        match self.get(key).map(|at| &at.value) {
            Some(Value::List(values)) => values,
            _ => &[],
        }
    }

    /// Every table of a list of tables.
    pub(super) fn tables(&self, key: &str) -> impl Iterator<Item = (&Fields, &Place)> {
        self.list(key).iter().filter_map(|at| match &at.value {
            Value::Table(fields) => Some((fields, &at.place)),
            _ => None,
        })
    }
}

/// The text of a value.
pub(super) fn text(at: &At<Value>) -> Option<At<String>> {
    match &at.value {
        Value::Text(text) => Some(At { value: text.clone(), place: at.place.clone() }),
        _ => None,
    }
}

/// The number of a value.
pub(super) fn number(at: &At<Value>) -> Option<At<f64>> {
    match at.value {
        Value::Number(number) => Some(At { value: number, place: at.place.clone() }),
        _ => None,
    }
}

/// Text read as a word of a closed vocabulary.
pub(super) fn word<T: std::str::FromStr>(at: &At<String>) -> Option<At<T>> {
    at.value.parse().ok().map(|value| At { value, place: at.place.clone() })
}
