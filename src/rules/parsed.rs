//! The values of the built-in rule files as bytes: read by TOML's rules and checked when the program is built.
//!
//! Rules of one's own are laid over those, so a mail filter under such rules would read the built-in files anew
//! for every mail. Places are kept; the form is private to one build of the program.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostics, Place, SourceFile};
use super::source::At;
use super::tree::{Field, Fields, Value};
use super::{layer, read};
use crate::terms::Date;

/// The values of files, by their names within a rule folder; the phrase list is not among them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Parsed<'b>(#[serde(borrow)] Vec<(&'b str, Table<'b>)>);

/// Fields of a table without the file that all of them are in.
#[derive(Debug, Serialize, Deserialize)]
struct Table<'b>(#[serde(borrow)] Vec<(&'b str, Span, Node<'b>, Span)>);

/// A value without its file.
#[derive(Debug, Serialize, Deserialize)]
enum Node<'b> {
    Text(&'b str),
    Number(f64),
    Flag(bool),
    Date(Date),
    List(#[serde(borrow)] Vec<(Node<'b>, Span)>),
    Table(#[serde(borrow)] Table<'b>),
}

/// Where something begins in its file, and how long it is.
type Span = (usize, usize);

/// The values of files without faults, given by name and text, as bytes.
///
/// # Errors
///
/// When they cannot be written, with the reason in words.
pub fn write(files: &[(String, String)]) -> Result<Vec<u8>, String> {
    let files = files.iter().filter(|(name, _)| name != layer::PHRASES).map(|(name, text)| {
        let file = Arc::new(SourceFile { name: name.clone(), text: text.clone().into() });
        (name.as_str(), read::file(name, &file, &mut Diagnostics::default()))
    });
    let files: Vec<_> = files.collect();
    let parsed = Parsed(files.iter().map(|(name, fields)| (*name, Table::of(fields))).collect());
    postcard::to_allocvec(&parsed).map_err(|fault| fault.to_string())
}

impl<'b> Parsed<'b> {
    /// Those of the files that are compiled into the program.
    pub(super) fn built_in() -> Parsed<'static> {
        Parsed::read(crate::built_in::PARSED)
    }

    /// Those that were written; none of any other bytes.
    fn read(bytes: &'b [u8]) -> Self {
        postcard::from_bytes(bytes).unwrap_or_default()
    }

    /// The values of the file with this name.
    pub(super) fn fields(&self, name: &str, file: &Arc<SourceFile>) -> Option<Fields> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, table)| table.fields(file))
    }
}

impl<'b> Table<'b> {
    fn of(fields: &'b Fields) -> Self {
        let field = |Field { key, value }: &'b Field| {
            (key.value.as_str(), span(&key.place), Node::of(&value.value), span(&value.place))
        };
        Self(fields.list.iter().map(field).collect())
    }

    fn fields(&self, file: &Arc<SourceFile>) -> Fields {
        let field = |(key, key_at, value, value_at): &(&str, Span, Node<'_>, Span)| Field {
            key: At { value: (*key).to_owned(), place: place(file, *key_at) },
            value: At { value: value.value(file), place: place(file, *value_at) },
        };
        Fields { list: self.0.iter().map(field).collect(), broken: false }
    }
}

impl<'b> Node<'b> {
    fn of(value: &'b Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Number(number) => Self::Number(*number),
            Value::Flag(flag) => Self::Flag(*flag),
            Value::Date(date) => Self::Date(*date),
            Value::List(list) => {
                Self::List(list.iter().map(|at| (Self::of(&at.value), span(&at.place))).collect())
            }
            Value::Table(fields) => Self::Table(Table::of(fields)),
        }
    }

    fn value(&self, file: &Arc<SourceFile>) -> Value {
        match self {
            Self::Text(text) => Value::Text((*text).to_owned()),
            Self::Number(number) => Value::Number(*number),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Date(date) => Value::Date(*date),
            Self::List(list) => {
                let at = |(node, span): &(Node<'_>, Span)| At {
                    value: node.value(file),
                    place: place(file, *span),
                };
                Value::List(list.iter().map(at).collect())
            }
            Self::Table(table) => Value::Table(table.fields(file)),
        }
    }
}

fn span(place: &Place) -> Span {
    (place.span.start, place.span.len())
}

fn place(file: &Arc<SourceFile>, (start, length): Span) -> Place {
    Place { file: Arc::clone(file), span: Range { start, end: start + length } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_files_are_what_they_were_when_parsed() {
        let parsed = Parsed::built_in();
        for (name, text) in layer::built_in() {
            let file = Arc::new(SourceFile { name: format!("built-in:{name}"), text: (*text).into() });
            let known = parsed.fields(name, &file);
            assert_eq!(known.is_some(), *name != layer::PHRASES, "{name}");
            if let Some(known) = known {
                let mut found = Diagnostics::default();
                // Both are long, so they are not shown.
                assert!(known == read::file(name, &file, &mut found), "{name}");
                assert!(found.list.is_empty(), "{name} has something to be told of, which is told no more");
            }
        }
    }
}
