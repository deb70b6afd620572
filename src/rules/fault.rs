//! Faults of TOML syntax in the words of somebody who is not a programmer.
//!
//! Takes the parser's message and place, gives a stable name, a sentence, and what to do.

use std::ops::Range;

/// One fault of syntax.
#[derive(Debug)]
pub(super) struct Fault {
    /// Stable name.
    pub(super) code: &'static str,
    /// Where.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// Words under the caret.
    pub(super) label: &'static str,
    /// What to do.
    pub(super) help: Option<String>,
    /// Where the other one of two stands that may not both be there.
    pub(super) first: Option<Range<usize>>,
}

impl Fault {
    fn new(code: &'static str, span: Range<usize>, message: &str, label: &'static str) -> Self {
        Self { code, span, message: message.to_owned(), label, help: None, first: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Whether the parser came to the end without finding what closes a list, a table or text.
pub(super) fn is_unclosed(message: &str) -> bool {
    ["unclosed array,", "unclosed inline table", "invalid multi-line"]
        .iter()
        .any(|start| message.starts_with(start))
}

/// A list, table or text opened at `open` that is never closed.
pub(super) fn unclosed(text: &str, open: usize) -> Fault {
    let rest = text.get(open..).unwrap_or_default();
    let (what, close) = match rest.as_bytes() {
        [b'[', ..] => ("list", "]"),
        [b'{', ..] => ("table", "}"),
        [b'\'', ..] => ("text", "'''"),
        _ => ("text", "\"\"\""),
    };
    let width = if close.len() == 3 { 3 } else { 1 };
    let end = (open + width).min(text.len());
    Fault::new("unclosed", open..end, &format!("this {what} is never closed"), "opened here").help(format!(
        "put `{close}` after its end; everything up to the next heading was taken as part of it"
    ))
}

/// The fault behind a message of the parser.
pub(super) fn describe(text: &str, message: &str, span: Range<usize>) -> Fault {
    let wrong = text.get(span.clone()).unwrap_or_default();
    let scalar = wrong.chars().next().is_some_and(|c| c.is_alphabetic() || "‘’“”`".contains(c));
    match message.split(',').next().unwrap_or_default() {
        "duplicate key" => Fault::new("duplicate-key", span, &format!("`{wrong}` is given twice"), "second time")
            .help("keep one of the two; several values go into one list: `any = ['first', 'second']`"),
        "missing escaped value" | "too few unicode value digits" | "invalid value" => escape(text, span),
        "key with no value" => Fault::new("missing-equals", span, "a key without a value", "`=` is missing here")
            .help("write `key = value`, such as `id = \"asks-when-ready\"`"),
        "invalid unquoted key" => invalid_key(span, wrong),
        "string values must be quoted" | "invalid float" | "invalid boolean" if wrong.is_empty() => {
            Fault::new("missing-value", span, "a key without a value", "the value is missing here")
        }
        "string values must be quoted" | "invalid float" | "invalid boolean" | "invalid literal string"
            if scalar => unquoted(span, wrong),
        "missing comma between array elements" | "missing comma between key-value pairs" => {
            if quote_ended(text, span.start) {
                return after_value(text, span);
            }
            Fault::new("missing-comma", span, "two values without a comma between them", "`,` is missing before this")
        }
        "unclosed array table" | "unclosed table" => {
            Fault::new("unclosed-heading", span, "this heading is never closed", "`]` is missing here")
                .help("headings are written `[[rule]]` (one of several) or `[agency]` (the only one)")
        }
        "invalid basic string" | "invalid literal string" if wrong.is_empty() => {
            Fault::new("unclosed", span, "this text is never closed", "the closing quote is missing here")
        }
        "invalid basic string" | "invalid literal string" | "invalid multi-line literal string"
        | "invalid multi-line basic string" => {
            Fault::new("control-character", span, "text holds a character that cannot be seen", "a control character")
                .help("take it out; it often comes along when text is pasted")
        }
        "unexpected key or value" => after_value(text, span),
        what if is_number(what) => Fault::new("number", span, "not a number that TOML knows", "")
            .help("numbers are written 2, -0.6 or 1.5: with a point, a digit on each side of it, and no leading zero"),
        what if what.starts_with("invalid date") || what.starts_with("invalid time") => {
            Fault::new("date", span, "there is no such date", "").help("dates are written 2026-03-31")
        }
        _ => Fault::new("syntax", span, message, ""),
    }
}

fn is_number(what: &str) -> bool {
    ["integer", "mantissa", "fraction", "leading zero", "exponent", "float", "number", "underscore"]
        .iter()
        .any(|word| what.contains(word))
}

fn invalid_key(span: Range<usize>, wrong: &str) -> Fault {
    let message = format!("`{wrong}` cannot stand in a key");
    let fault = Fault::new("syntax", span, &message, "");
    if wrong.starts_with(':') { fault.help("between key and value stands `=`, not `:`") } else { fault }
}

fn unquoted(span: Range<usize>, wrong: &str) -> Fault {
    let typographic = wrong.starts_with(['‘', '’', '“', '”', '`']);
    let plain = wrong.trim_matches(['‘', '’', '“', '”', '`', '\'', '"']).trim();
    let (message, label) = if typographic {
        ("text stands in straight quotes, not in typographic ones", "these quotes are not the keyboard's")
    } else if wrong.eq_ignore_ascii_case("true") || wrong.eq_ignore_ascii_case("false") {
        return Fault::new("unquoted-text", span, "`true` and `false` are written in lower case", "")
            .help(format!("write {}", wrong.to_lowercase()));
    } else {
        ("text must stand in quotes", "no quotes around this")
    };
    let fault = Fault::new("unquoted-text", span, message, label);
    let short = plain.chars().count() <= 60 && !plain.contains(['\'', '\n']);
    if short { fault.help(format!("write '{plain}'")) } else { fault }
}

/// Whether a quote just before `at` ended text that was meant to go on, as in `'it's'`.
fn quote_ended(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at..).and_then(|after| after.chars().next());
    matches!(before, Some('\'' | '"')) && after.is_some_and(char::is_alphanumeric)
}

/// Something on a line after its value was complete.
fn after_value(text: &str, span: Range<usize>) -> Fault {
    let before = text.get(..span.start).unwrap_or_default().trim_end().chars().next_back();
    let after = text.get(span.start..).unwrap_or_default().chars().next();
    let fault = |help: &str| {
        Fault::new(
            "after-value",
            span.clone(),
            "something follows a value that was complete",
            "not expected here",
        )
        .help(help)
    };
    match (before, after) {
        (Some('\''), _) => fault(
            "the quote before this ended the text; text that holds a ' stands between three of them: '''…'''",
        ),
        (Some('"'), _) => {
            fault("the quote before this ended the text; text that holds a \" stands in single quotes: '…'")
        }
        (Some(','), _) | (_, Some(',')) => {
            fault("decimals have a point, 1.5; several values stand in brackets, ['first', 'second']")
        }
        _ => fault("one key and its value a line; a remark begins with #"),
    }
}

/// An escape that TOML does not know, in text between double quotes.
fn escape(text: &str, span: Range<usize>) -> Fault {
    let bytes = text.as_bytes();
    let backslash =
        (0..span.start).rev().take(12).find(|&at| bytes.get(at) == Some(&b'\\')).unwrap_or(span.start);
    let letter = text.get(backslash + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let shown = backslash..(backslash + 1 + letter).min(text.len());
    let sequence = text.get(shown.clone()).unwrap_or("\\").to_owned();
    Fault::new("broken-escape", shown, &format!("`{sequence}` means nothing between double quotes"), "")
        .help(single_quotes(text, backslash))
}

/// The advice to write a pattern in single quotes, with the pattern when it can be seen.
pub(super) fn single_quotes(text: &str, inside: usize) -> String {
    let line_end = |rest: &str| rest.find('\n').unwrap_or(rest.len());
    let before = text.get(..inside).unwrap_or_default();
    let open = before.rfind(['"', '\n']).filter(|&at| before.as_bytes().get(at) == Some(&b'"'));
    let rest = text.get(inside..).unwrap_or_default();
    let close = rest.get(..line_end(rest)).and_then(|rest| rest.find('"')).map(|at| inside + at);
    let pattern = open.zip(close).and_then(|(open, close)| text.get(open + 1..close));
    match pattern {
        Some(pattern) if pattern.chars().count() <= 60 && !pattern.contains('\'') => {
            format!("write patterns in single quotes: '{pattern}'")
        }
        Some(_) => "write patterns that hold a ' between triple single quotes: '''…'''".to_owned(),
        None => "write patterns in single quotes".to_owned(),
    }
}
