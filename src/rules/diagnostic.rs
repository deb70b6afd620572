//! Faults in rule files, each with its place: file, line, column, the line itself and a caret.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::render::one_line;

/// One TOML file as read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceFile {
    /// The name shown: a path, or `built-in:classes/other.toml` for files compiled into the program.
    pub name: String,
    /// The whole text.
    pub text: Cow<'static, str>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Bytes of its text.
    pub span: Range<usize>,
}

impl Place {
    /// The place of a part of a string's value: exact for single-quoted strings without escapes, else, and for
    /// an empty part, the whole string.
    #[must_use]
    pub fn within(&self, value: &str, part: &Range<usize>) -> Self {
        let written = self.file.text.get(self.span.clone()).unwrap_or_default();
        let Some(at) = written.find(value).filter(|_| !part.is_empty()) else { return self.clone() };
        let start = self.span.start + at;
        Self { file: self.file.clone(), span: start + part.start..start + part.end }
    }

    /// What stands there.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text.get(self.span.clone()).unwrap_or_default()
    }

    /// Line and column of the first byte, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.file.text.get(..self.span.start).unwrap_or(&self.file.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.bytes().filter(|&b| b == b'\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rules work, but probably not as meant.
    Warning,
    /// The rules cannot be used.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name, kebab-case, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, one line.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// A few words under the caret; may be empty.
    pub label: String,
    /// What to do about it, when that can be said.
    pub help: Option<String>,
    /// A second place that matters, with a few words: where the other definition stands.
    pub related: Option<(Place, String)>,
    /// The change that puts it right, where there is no doubt about it.
    pub fix: Option<Fix>,
}

/// Other text in the place of some: a change of a file that puts a finding right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub place: Place,
    /// By what; nothing where it is taken out.
    pub with: String,
}

impl Fix {
    /// `with` in place of what stands at `place`.
    #[must_use]
    pub fn replace(place: &Place, with: impl Into<String>) -> Option<Self> {
        Some(Self { place: place.clone(), with: with.into() })
    }

    /// Takes a value out of its list, with its comma and, where it has a line for itself, the line. Nothing
    /// when a remark stands beside it: that may have to be kept.
    #[must_use]
    pub fn without(place: &Place) -> Option<Self> {
        let text = &*place.file.text;
        let (before, after) = (text.get(..place.span.start)?, text.get(place.span.end..)?);
        let blank = |c: char| c == ' ' || c == '\t';
        let (line, indented) = (before.trim_end_matches(blank), after.trim_start_matches(blank));
        let comma = indented.strip_prefix(',');
        let rest = comma.unwrap_or(indented).trim_start_matches(blank);
        if rest.starts_with('#') {
            return None;
        }
        let own_line = line.ends_with('\n') && rest.starts_with(['\n', '\r']);
        let (start, end) = if own_line {
            let newline = rest.find('\n')? + 1;
            (line.len(), text.len() - rest.len() + newline)
        } else if comma.is_some() {
            (place.span.start, text.len() - rest.len())
        } else {
            // The last of a line: the comma before it goes instead.
            (line.strip_suffix(',')?.len(), place.span.end)
        };
        Self::replace(&Place { file: place.file.clone(), span: start..end }, "")
    }

    /// Takes out the line of a value, where it holds a key and this value and nothing else.
    #[must_use]
    pub fn without_line(place: &Place) -> Option<Self> {
        let text = &*place.file.text;
        let start = text.get(..place.span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let (key, rest) = (text.get(start..place.span.start)?, text.get(place.span.end..)?);
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let key = key.trim().strip_suffix('=')?.trim_end();
        let alone = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && rest.get(..end)?.trim().is_empty();
        let span = start..place.span.end + end;
        Self::replace(&Place { file: place.file.clone(), span }, "").filter(|_| alone)
    }
}

/// Every finding of one run, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// The findings.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error at a place; the caller fills in more through the value given back.
    pub fn error(
        &mut self,
        code: &'static str,
        place: &Place,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Error, code, Some(place), message.into())
    }

    /// Adds a warning at a place.
    pub fn warning(
        &mut self,
        code: &'static str,
        place: &Place,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Warning, code, Some(place), message.into())
    }

    /// Adds an error that has no place in a file, such as a folder that cannot be read.
    pub fn fault(&mut self, code: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, code, None, message.into())
    }

    /// Adds a warning that has no place in a file.
    pub fn notice(&mut self, code: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, code, None, message.into())
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Option<&Place>,
        message: String,
    ) -> &mut Diagnostic {
        self.list.push(Diagnostic {
            severity,
            code,
            message,
            place: place.cloned(),
            label: String::new(),
            help: None,
            related: None,
            fix: None,
        });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Whether any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// How many findings are this bad.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|finding| finding.severity == severity).count()
    }

    /// One line for a log or a header: the first error and how many more.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut errors = self.list.iter().filter(|d| d.severity == Severity::Error);
        let Some(first) = errors.next() else {
            return "no faults".to_owned();
        };
        let place = first.place.as_ref().map_or(String::new(), |place| {
            let (line, column) = place.line_column();
            format!("{}:{line}:{column}: ", place.file.name)
        });
        let more = match errors.count() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        one_line(&format!("{place}{}{more}", first.message))
    }
}

impl Diagnostic {
    /// Sets the words under the caret.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Sets the advice.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the second place.
    pub fn related(&mut self, place: &Place, words: impl Into<String>) -> &mut Self {
        self.related = Some((place.clone(), words.into()));
        self
    }
}
