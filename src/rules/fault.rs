//! Faults of TOML syntax in the words of somebody who is not a programmer.
//!
//! Takes the parser's message and place, gives a stable name, a sentence, and what to do.

use std::ops::Range;

use super::decimal;

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
    /// What is replaced by what, where there is no doubt about it.
    pub(super) fix: Option<(Range<usize>, String)>,
}

impl Fault {
    fn new(code: &'static str, span: Range<usize>, message: &str, label: &'static str) -> Self {
        Self { code, span, message: message.to_owned(), label, help: None, first: None, fix: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn fix(self, span: Range<usize>, with: impl Into<String>) -> Self {
        Self { fix: Some((span, with.into())), ..self }
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
    let what = message.split(',').next().unwrap_or_default();
    by_text(text, what, &span)
        .or_else(|| by_message(what, &span))
        .unwrap_or_else(|| Fault::new("syntax", span, message, ""))
}

/// What can be said only by looking at the text around the fault.
fn by_text(text: &str, what: &str, span: &Range<usize>) -> Option<Fault> {
    let wrong = text.get(span.clone()).unwrap_or_default();
    let next = text.get(span.start..).and_then(|rest| rest.chars().next());
    let span = span.clone();
    if let Some(blank) = next.filter(|c| c.is_whitespace() && !c.is_ascii()) {
        let blank = span.start..span.start + blank.len_utf8();
        let help = "type it again with the space bar; such blanks come along when text is pasted";
        let fault = Fault::new("hidden-character", blank.clone(), "this is not a plain blank", "");
        return Some(fault.help(help).fix(blank, " "));
    }
    if let Some(number) = decimal::with_comma(text, span.start) {
        let with = text.get(number.clone()).unwrap_or_default().replace(',', ".");
        let fault = Fault::new("number", number, "decimals are written with a point, not with a comma", "");
        return Some(fault.help(format!("write {with}")));
    }
    let unknown = matches!(what, "string values must be quoted" | "invalid float" | "invalid boolean");
    Some(match what {
        "duplicate key" => {
            let message = format!("`{}` is given twice", wrong.trim_matches(['\'', '"']));
            Fault::new("duplicate-key", span, &message, "second time")
                .help("keep one of the two; several values go into one list: `any = ['first', 'second']`")
        }
        "missing escaped value" | "too few unicode value digits" | "invalid value" => escape(text, span),
        "key with no value" | "missing assignment between key-value pairs" => no_value(text, span),
        "missing opening quote" if next == Some('(') => round_brackets(span),
        "invalid unquoted key" => invalid_key(span, wrong),
        _ if wrong == ";" => needless(span, "a line ends without a sign"),
        _ if unknown && wrong.is_empty() => {
            Fault::new("missing-value", span, "a key without a value", "the value is missing here")
        }
        _ if unknown && starts_as_text(wrong) => unquoted(span, wrong),
        "missing comma between array elements" | "missing comma between key-value pairs" | "unexpected key or value"
            if quote_ended(text, span.start) => after_value(text, span),
        "unexpected key or value" => after_value(text, span),
        "invalid basic string" | "invalid literal string" if wrong.is_empty() => {
            Fault::new("unclosed", span, "this text is never closed", "the closing quote is missing here")
        }
        _ if (unknown || is_number(what)) && is_dotted_date(text, span.start) => {
            Fault::new("date", span, "dates are not written with dots", "").help("dates are written 2026-03-31")
        }
        _ if unknown || is_number(what) => Fault::new("number", span, "not a number that TOML knows", "").help(
            "numbers are written 2, -0.6 or 1.5: with a point, a digit on each side of it, and no leading zero",
        ),
        _ => return None,
    })
}

/// Beginnings of the parser's messages: name, what is wrong, words under the caret, advice.
const BY_MESSAGE: &[(&str, &str, &str, &str, &str)] = &[
    ("extra `=`", "syntax", "one `=` too many", "take this out", ""),
    ("extra assignment", "syntax", "one `=` too many", "take this out", ""),
    ("extra comma", "syntax", "one comma too many", "take this out", ""),
    (
        "missing comma",
        "missing-comma",
        "two values without a comma between them",
        "`,` is missing before this",
        "",
    ),
    (
        "missing opening quote",
        "unquoted-text",
        "this text has a quote at its end but none at its start",
        "",
        "",
    ),
    ("missing array opening", "syntax", "a list without its opening `[`", "`[` is missing before this", ""),
    (
        "missing inline table opening",
        "syntax",
        "a table without its opening `{`",
        "`{` is missing before this",
        "",
    ),
    (
        "missing table open",
        "unclosed-heading",
        "a heading without its opening `[`",
        "`[` is missing before this",
        HEADINGS,
    ),
    (
        "unclosed array table",
        "unclosed-heading",
        "this heading is never closed",
        "`]` is missing here",
        HEADINGS,
    ),
    ("unclosed table", "unclosed-heading", "this heading is never closed", "`]` is missing here", HEADINGS),
    ("unquoted keys cannot be empty", "syntax", "a key is missing here", "", ""),
    ("missing key", "syntax", "a key is missing here", "", ""),
    ("missing comment start", "syntax", "this is neither a key nor a remark", "", REMARKS),
    (
        "carriage return",
        "control-character",
        "a line ending that is only half there",
        "a lone carriage return",
        "save the file again with the line endings of your system",
    ),
    ("invalid basic string", "control-character", UNSEEN, "a control character", PASTED),
    ("invalid literal string", "control-character", UNSEEN, "a control character", PASTED),
    ("invalid multi-line", "control-character", UNSEEN, "a control character", PASTED),
    ("invalid comment character", "control-character", UNSEEN, "a control character", PASTED),
    (
        "cannot recurse further",
        "syntax",
        "brackets within brackets, too many deep",
        "",
        "take some of them away",
    ),
    (
        "recursion limit",
        "syntax",
        "a key of too many parts",
        "",
        "keys have one part, or two with a point between",
    ),
    ("invalid date", "date", "there is no such date", "", "dates are written 2026-03-31"),
    ("invalid time", "date", "there is no such date", "", "dates are written 2026-03-31"),
];

const HEADINGS: &str = "headings are written `[[rule]]` (one of several) or `[agency]` (the only one)";
const REMARKS: &str = "remarks begin with #";
const UNSEEN: &str = "text holds a character that cannot be seen";
const PASTED: &str = "take it out; it often comes along when text is pasted";

/// What the parser's message alone says well enough.
fn by_message(what: &str, span: &Range<usize>) -> Option<Fault> {
    let (_, code, says, label, help) = *BY_MESSAGE.iter().find(|(start, ..)| what.starts_with(start))?;
    let fault = Fault::new(code, span.clone(), says, label);
    Some(if help.is_empty() { fault } else { fault.help(help) })
}

fn needless(span: Range<usize>, says: &str) -> Fault {
    Fault::new("after-value", span, says, "take this out")
}

fn round_brackets(span: Range<usize>) -> Fault {
    Fault::new("syntax", span, "lists stand in square brackets", "").help("write ['first', 'second']")
}

fn starts_as_text(wrong: &str) -> bool {
    !wrong.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
}

/// Whether the value around `at` is written like 31.03.2026.
fn is_dotted_date(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind(['=', '\n']).map_or(0, |at| at + 1);
    let value = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim();
    value.split('.').count() == 3 && value.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A key that no `=` follows.
fn no_value(text: &str, span: Range<usize>) -> Fault {
    let rest = text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim();
    let before = line_before(text, span.start);
    if rest.ends_with(']') && !rest.contains(['[', '=']) {
        return Fault::new("unclosed-heading", span, "a heading without its opening `[`", "").help(HEADINGS);
    }
    if before.trim_start().starts_with("//") {
        return Fault::new("syntax", span, "this is neither a key nor a remark", "").help(REMARKS);
    }
    let help = if rest.starts_with(':') || before.ends_with(':') || before.ends_with(": ") {
        "between key and value stands `=`, not `:`"
    } else {
        "write `key = value`, such as `id = \"asks-when-ready\"`"
    };
    let fault =
        Fault::new("missing-equals", span.clone(), "a key without a value", "`=` is missing here").help(help);
    let colon = text.get(span.start..).is_some_and(|rest| rest.starts_with(':'));
    if colon { fault.fix(span.start..span.start + 1, " =") } else { fault }
}

/// The line of `at` as far as `at`.
fn line_before(text: &str, at: usize) -> &str {
    text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default()
}

fn is_number(what: &str) -> bool {
    ["integer", "mantissa", "fraction", "leading zero", "exponent", "float", "number", "radix", "sign", "`_`"]
        .iter()
        .any(|word| what.contains(word))
}

fn invalid_key(span: Range<usize>, wrong: &str) -> Fault {
    let message = format!("`{wrong}` cannot stand in a key");
    let fault = Fault::new("syntax", span, &message, "");
    match wrong.as_bytes() {
        [b':', ..] => {
            let colon = fault.span.start..fault.span.start + 1;
            fault.help("between key and value stands `=`, not `:`").fix(colon, " =")
        }
        [b'/' | b';' | b'-' | b'<', ..] => fault.help(REMARKS),
        _ => fault,
    }
}

fn unquoted(span: Range<usize>, wrong: &str) -> Fault {
    let typographic = wrong.starts_with(['‘', '’', '“', '”', '`']);
    let plain = wrong.trim_matches(['‘', '’', '“', '”', '`', '\'', '"']).trim();
    let flag = flag(plain);
    let (message, label) = if typographic {
        ("text stands in straight quotes, not in typographic ones", "these quotes are not the keyboard's")
    } else if let Some(flag) = flag {
        return Fault::new("unquoted-text", span, "yes and no are written true and false", "")
            .help(format!("write {flag}; text, if that is meant, stands in quotes"));
    } else {
        ("text must stand in quotes", "no quotes around this")
    };
    let fault = Fault::new("unquoted-text", span, message, label);
    let short = plain.chars().count() <= 60 && !plain.contains(['\'', '\n']);
    let fault = if short { fault.help(format!("write '{plain}'")) } else { fault };
    // One pair of quotes around the whole, and nothing between that could end it early.
    let whole = typographic && wrong.ends_with(['‘', '’', '“', '”']) && wrong.chars().count() > 1;
    if !whole || plain.contains(['\'', '"', '‘', '’', '“', '”', '`', '\n', ',']) {
        return fault;
    }
    let span = fault.span.clone();
    fault.fix(span, format!("'{plain}'"))
}

/// Yes and no as TOML has them.
pub(super) fn flag(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true"),
        "false" | "no" | "off" => Some("false"),
        _ => None,
    }
}

/// Whether a quote just before `at` ended text that was meant to go on, as in `'it's'`.
fn quote_ended(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at..).and_then(|after| after.chars().next());
    matches!(before, Some('\'' | '"')) && after.is_some_and(char::is_alphanumeric)
}

/// Something on a line after its value was complete.
fn after_value(text: &str, span: Range<usize>) -> Fault {
    let line = line_before(text, span.start);
    let rest = text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let value = line.split_once('=').map_or(line, |(_, value)| value).trim_start();
    if value.starts_with('(') {
        let open = span.start - value.len();
        return round_brackets(open..open + 1);
    }
    if matches!(rest.trim_end(), "," | ";") {
        return needless(span, "a line ends without a sign");
    }
    let help = match (line.trim_end().chars().next_back(), rest.chars().next()) {
        _ if line.trim_start().starts_with('[') => HEADINGS,
        (_, Some(']')) => "a list begins with `[`: ['first', 'second']",
        (Some('\''), _) if quote_ended(text, span.start) => {
            "the quote before this ended the text; text that holds a ' stands between three of them: '''…'''"
        }
        (Some('"'), _) if quote_ended(text, span.start) => {
            "the quote before this ended the text; text that holds a \" stands in single quotes: '…'"
        }
        (Some('\'' | '"'), _) => {
            "several values stand in brackets, with a comma between them: ['first', 'second']"
        }
        (Some(','), _) | (_, Some(',')) => {
            "decimals have a point, 1.5; several values stand in brackets, ['first', 'second']"
        }
        _ => "one key and its value a line; a remark begins with #",
    };
    Fault::new("after-value", span, "something follows a value that was complete", "not expected here")
        .help(help)
}

/// An escape that TOML does not know, in text between double quotes.
fn escape(text: &str, span: Range<usize>) -> Fault {
    let bytes = text.as_bytes();
    let backslash =
        (0..span.start).rev().take(12).find(|&at| bytes.get(at) == Some(&b'\\')).unwrap_or(span.start);
    let letter = text.get(backslash + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let shown = backslash..(backslash + 1 + letter).min(text.len());
    let sequence = text.get(shown.clone()).unwrap_or("\\").to_owned();
    let fault =
        Fault::new("broken-escape", shown, &format!("`{sequence}` means nothing between double quotes"), "")
            .help(single_quotes(text, backslash));
    let Some(whole) = quoted_around(text, backslash) else { return fault };
    let with = in_single_quotes(text.get(whole.clone()).unwrap_or_default());
    if with.is_empty() { fault } else { fault.fix(whole, with) }
}

/// Text between double quotes as text between single ones, where the two are the same but for escapes that
/// mean nothing in the first; else empty.
pub(super) fn in_single_quotes(raw: &str) -> String {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or_default();
    let doubtful = ["'", "\"", "\\\\", "\\n", "\\t", "\\u", "\\U"];
    if inner.is_empty() || doubtful.iter().any(|part| inner.contains(part)) {
        return String::new();
    }
    format!("'{inner}'")
}

/// The text between double quotes that lies around `inside`, quotes included, on one line.
fn quoted_around(text: &str, inside: usize) -> Option<Range<usize>> {
    let before = text.get(..inside)?;
    let open = before.rfind(['"', '\n']).filter(|&at| before.as_bytes().get(at) == Some(&b'"'))?;
    let rest = text.get(inside..)?;
    let close = rest.lines().next()?.find('"')?;
    Some(open..inside + close + 1)
}

/// The advice to write a pattern in single quotes, with the pattern when it can be seen.
pub(super) fn single_quotes(text: &str, inside: usize) -> String {
    let whole = quoted_around(text, inside);
    let pattern = whole.and_then(|whole| text.get(whole.start + 1..whole.end - 1));
    match pattern {
        Some(pattern) if pattern.chars().count() <= 60 && !pattern.contains('\'') => {
            format!("write patterns in single quotes: '{pattern}'")
        }
        Some(_) => "write patterns that hold a ' between triple single quotes: '''…'''".to_owned(),
        None => "write patterns in single quotes".to_owned(),
    }
}
