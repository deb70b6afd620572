//! Faults of patterns in the words of those who write them, not of the parser that finds them.

use regex_syntax::ast::ErrorKind;

use super::tree::{Fault, NEST_LIMIT};

const BACKSLASH: &str = "put a \\ before it where it stands for itself";
const COUNTS: &str =
    "write {2}, {2,} or {2,5}, with small numbers; a word list is a name in braces, {months}";
const NO_CLASS: &str = "there is no such class of characters";
const CLASSES: &str = "classes of Unicode are written \\p{Greek} or \\p{L}";
const GROUPS: &str = "write (…), (?:…) or (?i:…)";

/// What the parser found, told at its place; `back` turns a place of the text it was given into one of the
/// pattern.
pub(super) fn syntax(error: &regex_syntax::Error, pattern: &str, back: impl Fn(usize) -> usize) -> Fault {
    let (span, told) = match error {
        regex_syntax::Error::Parse(error) => {
            let written = pattern.get(back(error.span().start.offset)..).unwrap_or_default();
            (error.span(), told(error.kind(), written))
        }
        regex_syntax::Error::Translate(error) => (error.span(), (NO_CLASS.to_owned(), CLASSES.to_owned())),
        _ => return Fault::whole("this pattern cannot be read".to_owned()),
    };
    let (start, end) = (back(span.start.offset), back(span.end.offset));
    // An empty span would stand for the whole pattern.
    let first = pattern.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Fault { message: format!("pattern: {}", told.0), span: start..end.max(start + first), help: Some(told.1) }
}

/// What is wrong, and what to do about it; `written` is what stands from there on.
fn told(kind: &ErrorKind, written: &str) -> (String, String) {
    let (says, help) = match kind {
        ErrorKind::UnsupportedLookAround => (
            "look-around, including look-ahead and look-behind, is not supported",
            "look-around is not part of the language; use `none` for what must not be there",
        ),
        ErrorKind::UnsupportedBackreference => (
            "backreferences are not supported",
            "nothing refers to what a group matched; write out what may stand there",
        ),
        ErrorKind::GroupUnclosed => ("unclosed group", "put `)` after its end, or write \\( for a bracket"),
        ErrorKind::GroupUnopened => {
            ("`)` without a `(` before it", "put `(` before its start, or write \\) for a bracket")
        }
        ErrorKind::ClassUnclosed => {
            ("unclosed character class", "put `]` after its end, or write \\[ for a bracket")
        }
        ErrorKind::ClassRangeInvalid => {
            ("a range that ends before it begins", "write the lower one first: [a-z]")
        }
        ErrorKind::ClassRangeLiteral | ErrorKind::ClassEscapeInvalid => (
            "this cannot stand between [ and ] so",
            "ranges go from one character to another, [a-z]; \\- is a hyphen",
        ),
        ErrorKind::NestLimitExceeded(_) => {
            let says = format!("groups within groups, more than {NEST_LIMIT} deep");
            return (says, "make several patterns of it".to_owned());
        }
        ErrorKind::DecimalInvalid => ("this number is too large", COUNTS),
        ErrorKind::RepetitionCountInvalid => ("a range that ends before it begins", COUNTS),
        ErrorKind::DecimalEmpty
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::SpecialWordOrRepetitionUnexpectedEof => {
            ("no number of times is read after this `{`", COUNTS)
        }
        ErrorKind::RepetitionMissing if written.starts_with('{') => {
            ("this `{` has nothing before it to be repeated, and no word list in it", COUNTS)
        }
        ErrorKind::RepetitionMissing => ("nothing stands before this to be repeated", BACKSLASH),
        ErrorKind::EscapeUnexpectedEof => ("nothing follows this \\", "write \\\\ for the sign itself"),
        ErrorKind::EscapeUnrecognized => ("this means nothing after a \\", "take the \\ away"),
        ErrorKind::EscapeHexEmpty | ErrorKind::EscapeHexInvalid | ErrorKind::EscapeHexInvalidDigit => {
            ("there is no such character", "write the character itself, or its number as \\u{e9}")
        }
        ErrorKind::UnicodeClassInvalid => (NO_CLASS, CLASSES),
        ErrorKind::SpecialWordBoundaryUnclosed | ErrorKind::SpecialWordBoundaryUnrecognized => {
            ("there is no such edge of a word", "write \\b, \\b{start} or \\b{end}")
        }
        ErrorKind::CaptureLimitExceeded => ("too many groups", "make several patterns of it"),
        _ => ("`(?` begins no group that is known", GROUPS),
    };
    (says.to_owned(), help.to_owned())
}
