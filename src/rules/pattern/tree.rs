//! Reading a pattern: `regex-syntax` parses, this module folds case and finds the word lists.

use std::ops::Range;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{Inst, fault};
use crate::rules::normal::push_folded;

/// A pattern as a tree over normalised characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Matches nothing, everywhere.
    Empty,
    /// One character.
    Char(char),
    /// One character of these inclusive ranges.
    Class(Vec<(char, char)>),
    /// An entry of a word list.
    List(u16),
    /// A condition on the place: one of the instructions that take no text.
    Look(Inst),
    /// One after the other.
    Concat(Vec<Node>),
    /// One or the other, the first one preferred.
    Alternation(Vec<Node>),
    /// Again and again.
    Repeat {
        /// What.
        node: Box<Node>,
        /// At least.
        min: u32,
        /// At most; `None` is without end.
        max: Option<u32>,
        /// Whether more is preferred.
        greedy: bool,
    },
}

/// What is wrong with a pattern, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In words.
    pub message: String,
    /// Bytes of the pattern as written; the whole of it when empty.
    pub span: Range<usize>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    pub(super) fn whole(message: String) -> Self {
        Self { message, span: 0..0, help: None }
    }
}

/// Word lists stand in the parsed text as private-use characters from here on.
const LIST_BASE: u32 = 0xf_0000;

/// Deepest nesting of groups.
pub(super) const NEST_LIMIT: u32 = 60;

/// Parses a pattern. `list` gives the number of a word list by name.
///
/// # Errors
///
/// When the syntax is wrong, a word list is unknown, or the pattern can match nothing at all.
pub fn parse(pattern: &str, list: &mut dyn FnMut(&str) -> Result<u16, Fault>) -> Result<Node, Fault> {
    let (text, shifts) = replace_lists(pattern, list)?;
    let hir = regex_syntax::ParserBuilder::new()
        .case_insensitive(has_capitals(&text))
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(&text)
        .map_err(|error| fault::syntax(&error, pattern, |at| original(&shifts, at, pattern)))?;
    let node = convert(&hir);
    if min_len(&node) == 0 {
        return Err(Fault {
            message: "the pattern matches the empty string, so it would hit every sentence".to_owned(),
            span: 0..0,
            help: Some(
                "let at least one word be required: `+` in place of `*`, no `?` around everything".to_owned(),
            ),
        });
    }
    Ok(node)
}

/// Whether a pattern has a capital letter that is no escape's. The text searched is lower case, so
/// that a pattern without one matches as it stands, and parses much faster.
fn has_capitals(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_some_and(|escaped| "xuUpP".contains(escaped)) => return true,
            c if c.is_uppercase() => return true,
            _ => {}
        }
    }
    false
}

/// What `\d` and `\D` stand for: few enough characters to be looked for one by one, unlike every digit of
/// every script.
fn digits(escape: &str) -> Option<&'static str> {
    match escape {
        r"\d" => Some("[0-9]"),
        r"\D" => Some("[^0-9]"),
        _ => None,
    }
}

/// Replaces `{name}` by one private-use character each; gives where texts shift against each other.
fn replace_lists(
    pattern: &str,
    list: &mut dyn FnMut(&str) -> Result<u16, Fault>,
) -> Result<(String, Vec<(usize, usize)>), Fault> {
    let mut text = String::with_capacity(pattern.len());
    let mut shifts = vec![(0, 0)];
    let mut at = 0;
    while let Some(rest) = pattern.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(escaped) = rest.strip_prefix('\\') {
            // `\p{Greek}`, `\x{41}`, `\b{start}`: braces that belong to an escape.
            let braced = escaped.starts_with(['p', 'P', 'x', 'u', 'U', 'b']) && escaped[1..].starts_with('{');
            let taken = if braced {
                rest.find('}').map_or(rest.len(), |end| end + 1)
            } else {
                1 + escaped.chars().next().map_or(0, char::len_utf8)
            };
            at += taken;
            if let Some(digits) = digits(&rest[..taken]) {
                text.push_str(digits);
                shifts.push((text.len(), at));
            } else {
                text.push_str(&rest[..taken]);
            }
            continue;
        }
        if let Some(name) = list_name(rest) {
            let number = list(name).map_err(|fault| Fault { span: at..at + name.len() + 2, ..fault })?;
            // In a group of its own, so that the parser does not merge it into a character class.
            text.push('(');
            text.push(char::from_u32(LIST_BASE + u32::from(number)).unwrap_or('\u{fffd}'));
            text.push(')');
            at += name.len() + 2;
            shifts.push((text.len(), at));
            continue;
        }
        let taken = rest.chars().next().map_or(1, char::len_utf8);
        text.push_str(&rest[..taken]);
        at += taken;
    }
    Ok((text, shifts))
}

/// The name in `{name}` at the head of `rest`: a letter first, so that `{2,3}` stays a repetition.
fn list_name(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix('{')?;
    let name = &inner[..inner.find('}')?];
    let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (word && name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)).then_some(name)
}

/// Whether a pattern names a word list, as far as its braces tell.
#[must_use]
pub fn may_name_a_list(pattern: &str) -> bool {
    pattern.match_indices('{').any(|(at, _)| pattern.get(at..).and_then(list_name).is_some())
}

/// The place in a pattern that a place in its text without word lists was made from.
fn original(shifts: &[(usize, usize)], at: usize, pattern: &str) -> usize {
    let turn = shifts.partition_point(|&(text, _)| text <= at).saturating_sub(1);
    let (text, original) = shifts.get(turn).copied().unwrap_or_default();
    (original + at.saturating_sub(text)).min(pattern.len())
}

fn convert(hir: &Hir) -> Node {
    match hir.kind() {
        HirKind::Empty => Node::Empty,
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            let mut nodes = Vec::new();
            for c in text.chars() {
                push_char(c, &mut nodes);
            }
            concat(nodes)
        }
        HirKind::Class(Class::Unicode(class)) => convert_class(
            &class.ranges().iter().map(|range| (range.start(), range.end())).collect::<Vec<_>>(),
        ),
        HirKind::Class(Class::Bytes(class)) => convert_class(
            &class
                .ranges()
                .iter()
                .map(|range| (char::from(range.start()), char::from(range.end())))
                .collect::<Vec<_>>(),
        ),
        HirKind::Look(look) => Node::Look(convert_look(*look)),
        HirKind::Repetition(repetition) => Node::Repeat {
            node: Box::new(convert(&repetition.sub)),
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
        },
        HirKind::Capture(capture) => convert(&capture.sub),
        HirKind::Concat(subs) => concat(subs.iter().map(convert).collect()),
        HirKind::Alternation(subs) => Node::Alternation(subs.iter().map(convert).collect()),
    }
}

fn push_char(c: char, nodes: &mut Vec<Node>) {
    match (c as u32).checked_sub(LIST_BASE).and_then(|number| u16::try_from(number).ok()) {
        Some(list) => nodes.push(Node::List(list)),
        None => push_folded(c, |folded| nodes.push(Node::Char(folded))),
    }
}

/// Flattens nested sequences, so that literals stand side by side.
fn concat(nodes: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Concat(inner) => flat.extend(inner),
            Node::Empty => {}
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Node::Empty,
        1 => flat.swap_remove(0),
        _ => Node::Concat(flat),
    }
}

/// A class that holds nothing but the cases of one character is that character; an empty one never matches.
fn convert_class(ranges: &[(char, char)]) -> Node {
    let members: usize = ranges.iter().map(|&(first, last)| last as usize - first as usize + 1).sum();
    if (1..=4).contains(&members) {
        let mut folded: Vec<char> = Vec::new();
        for c in ranges.iter().flat_map(|&(first, last)| first..=last) {
            // The long s folds to s in Unicode's simple folding, but stays itself in lower case.
            let c = if c == '\u{17f}' { 's' } else { c };
            push_folded(c, |c| folded.push(c));
        }
        folded.sort_unstable();
        folded.dedup();
        if let [only] = folded[..] {
            let mut nodes = Vec::new();
            push_char(only, &mut nodes);
            return concat(nodes);
        }
        return Node::Class(folded.into_iter().map(|c| (c, c)).collect());
    }
    Node::Class(ranges.to_vec())
}

fn convert_look(look: Look) -> Inst {
    match look {
        Look::Start | Look::StartLF | Look::StartCRLF => Inst::Start,
        Look::End | Look::EndLF | Look::EndCRLF => Inst::End,
        Look::WordAscii | Look::WordUnicode => Inst::Boundary,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => Inst::NoBoundary,
        Look::WordStartAscii
        | Look::WordStartUnicode
        | Look::WordStartHalfAscii
        | Look::WordStartHalfUnicode => Inst::WordStart,
        Look::WordEndAscii | Look::WordEndUnicode | Look::WordEndHalfAscii | Look::WordEndHalfUnicode => {
            Inst::WordEnd
        }
    }
}

/// Fewest characters the tree can match.
fn min_len(node: &Node) -> usize {
    match node {
        Node::Empty | Node::Look(_) => 0,
        Node::Char(_) | Node::Class(_) | Node::List(_) => 1,
        Node::Concat(nodes) => nodes.iter().map(min_len).sum(),
        Node::Alternation(nodes) => nodes.iter().map(min_len).min().unwrap_or(0),
        Node::Repeat { node, min, .. } => min_len(node).saturating_mul(*min as usize),
    }
}
