//! The values of the built-in rule files as bytes: read by TOML's rules and checked when the program is built.
//!
//! Rules of one's own are laid over those, so a mail filter under such rules would read the built-in files anew
//! for every mail. Places are kept; the form is private to one build of the program.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostics, Place, SourceFile};
use super::source::At;
use super::tree::{Field, Fields, Value};
use super::{layer, read};
use crate::terms::Date;

/// The values of files as bytes, by their names within a rule folder; the phrase list is not among them.
#[derive(Debug, Default)]
pub(super) struct Parsed(Vec<(&'static str, &'static [u8])>);

/// Fields of a table without the file that all of them are in.
#[derive(Debug, Serialize, Deserialize)]
struct Table<'b>(#[serde(borrow)] Vec<(&'b str, Span, Node<'b>, Span)>);

/// Where the text that was parsed stands now.
struct Within<'f> {
    file: &'f Arc<SourceFile>,
    begin: usize,
}

impl Within<'_> {
    fn place(&self, (start, length): Span) -> Place {
        let start = self.begin + start;
        Place { file: Arc::clone(self.file), span: start..start + length }
    }
}

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
        let fields = read::file(name, &file, &mut Diagnostics::default());
        Ok((name, postcard::to_allocvec(&Table::of(&fields))?))
    });
    let files = files.collect::<postcard::Result<Vec<_>>>();
    files.and_then(|files| postcard::to_allocvec(&files)).map_err(|fault| fault.to_string())
}

impl Parsed {
    /// Those of the files that are compiled into the program.
    pub(super) fn built_in() -> Self {
        Self(postcard::from_bytes(crate::built_in::PARSED).unwrap_or_default())
    }

    /// The values of the file with this name, if it is one of these files, remarks above it aside.
    pub(super) fn fields(&self, name: &str, file: &Arc<SourceFile>) -> Option<Fields> {
        let (_, table) = self.0.iter().find(|(known, _)| *known == name)?;
        let begin = layer::built_in_within(name, &file.text)?;
        let table: Table<'_> = postcard::from_bytes(table).ok()?;
        Some(table.fields(&Within { file, begin }))
    }
}

impl<'b> Table<'b> {
    fn of(fields: &'b Fields) -> Self {
        let field = |Field { key, value }: &'b Field| {
            (key.value.as_str(), span(&key.place), Node::of(&value.value), span(&value.place))
        };
        Self(fields.list.iter().map(field).collect())
    }

    fn fields(&self, within: &Within<'_>) -> Fields {
        let field = |(key, key_at, value, value_at): &(&str, Span, Node<'_>, Span)| Field {
            key: At { value: (*key).to_owned(), place: within.place(*key_at) },
            value: At { value: value.value(within), place: within.place(*value_at) },
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

    fn value(&self, within: &Within<'_>) -> Value {
        match self {
            Self::Text(text) => Value::Text((*text).to_owned()),
            Self::Number(number) => Value::Number(*number),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Date(date) => Value::Date(*date),
            Self::List(list) => {
                let at = |(node, span): &(Node<'_>, Span)| At {
                    value: node.value(within),
                    place: within.place(*span),
                };
                Value::List(list.iter().map(at).collect())
            }
            Self::Table(table) => Value::Table(table.fields(within)),
        }
    }
}

fn span(place: &Place) -> Span {
    (place.span.start, place.span.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the text of a built-in file says, by its name: quickly, if at all, and by the reader of TOML.
    fn both_ways(name: &str, text: String) -> (Option<Fields>, Fields) {
        let file = Arc::new(SourceFile { name: "a.toml".to_owned(), text: text.into() });
        let mut found = Diagnostics::default();
        let read = read::file(name, &file, &mut found);
        assert!(found.list.is_empty(), "{name} has something to be told of, which is told no more");
        (Parsed::built_in().fields(name, &file), read)
    }

    #[test]
    fn built_in_files_are_what_they_were_when_parsed() {
        for (name, text) in layer::built_in() {
            for above in ["", "#:schema schema/x.json\n", "# one\n#\ttwo\n"] {
                let (quick, slow) = both_ways(name, format!("{above}{text}"));
                // They are long, so they are not shown.
                assert!(quick == Some(slow) || (quick.is_none() && *name == layer::PHRASES), "{name}");
            }
        }
    }

    #[test]
    fn files_that_were_changed_are_parsed_anew() {
        let (name, text) =
            layer::built_in().iter().find(|(name, _)| *name == "decision.toml").expect("a file");
        for changed in
            [format!("{text}# more\n"), format!("# {text}"), format!("\n{text}"), format!(" {text}")]
        {
            assert_eq!(both_ways(name, changed).0, None);
        }
    }
}
