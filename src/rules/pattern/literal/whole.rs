//! Patterns that stand for a few exact texts, as three of four do: finding one of the texts is finding a match.

use super::MAX_NEEDS;
use super::rarity::usable_text;
use crate::rules::pattern::bytes::is_anchored;
use crate::rules::pattern::word::Piece;
use crate::rules::pattern::{Inst, Node, is_word};

/// Longest text, in bytes.
const LONGEST: usize = 64;

/// Most parts of a way, so that one of a text that is too long is given up early: its characters, and as many
/// conditions.
const MOST_PARTS: usize = 2 * LONGEST;

/// What a text consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    Look(Inst),
}

/// The texts a pattern stands for; `None` when it stands for more than texts with edges of words around them, or
/// for too many. A match is a place where one of them stands, and of several at one place the longest is the
/// one that the pattern prefers.
#[must_use]
pub fn whole(node: &Node) -> Option<Vec<Piece>> {
    let ways = texts(node)?;
    if !is_anchored(node) && ways.iter().any(|way| way.contains(&Part::Look(Inst::Start))) {
        return None;
    }
    let mut pieces = Vec::with_capacity(ways.len());
    for way in ways {
        pieces.extend(piece(&way)?);
    }
    let usable = !pieces.is_empty() && pieces.iter().all(|piece| usable_text(&piece.text));
    if usable { preferred(pieces) } else { None }
}

/// Without the pieces that are never the preferred one; `None` when of two at one place the shorter may be it.
fn preferred(pieces: Vec<Piece>) -> Option<Vec<Piece>> {
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let before: Vec<&Piece> = kept.iter().filter(|before| may_begin(&piece, before)).collect();
        if before.iter().any(|before| stands_wherever(before, &piece)) {
            continue;
        }
        if before.iter().any(|before| before.text.len() < piece.text.len()) {
            return None;
        }
        kept.push(piece);
    }
    Some(kept)
}

/// Whether both pieces may stand at one place, the second no longer than the first.
fn may_begin(piece: &Piece, other: &Piece) -> bool {
    let rest = piece.text.strip_prefix(other.text.as_str());
    rest.is_some_and(|rest| !(other.ends_word && rest.chars().next().is_some_and(is_word)))
}

/// Whether the first piece, with which the other begins, stands wherever that one does.
fn stands_wherever(piece: &Piece, other: &Piece) -> bool {
    let ends = !piece.ends_word || other.ends_word || other.text.len() > piece.text.len();
    ends && (!piece.starts_word || other.starts_word)
}

/// The ways through a node, the preferred ones first; `None` when there are too many, or without end.
fn texts(node: &Node) -> Option<Vec<Vec<Part>>> {
    match node {
        Node::Empty => Some(vec![Vec::new()]),
        Node::Char(c) => Some(vec![vec![Part::Char(*c)]]),
        Node::Look(look) => Some(vec![vec![Part::Look(*look)]]),
        Node::Class(ranges) => {
            let count: usize = ranges.iter().map(|&(first, last)| last as usize - first as usize + 1).sum();
            let all = ranges.iter().flat_map(|&(first, last)| first..=last);
            (count <= MOST_OF_CLASS).then(|| all.map(|c| vec![Part::Char(c)]).collect())
        }
        Node::List(_) => None,
        Node::Concat(nodes) => {
            let mut all = vec![Vec::new()];
            for node in nodes {
                let next = texts(node)?;
                if all.len() * next.len() > MAX_NEEDS || all.iter().any(|way| way.len() > MOST_PARTS) {
                    return None;
                }
                all = all
                    .iter()
                    .flat_map(|head| next.iter().map(move |tail| [&head[..], tail].concat()))
                    .collect();
            }
            Some(all)
        }
        Node::Alternation(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                all.extend(texts(node)?);
            }
            (all.len() <= MAX_NEEDS).then_some(all)
        }
        Node::Repeat { node, min: 0, max: Some(1), greedy } => {
            let mut all = texts(node)?;
            let nothing = if *greedy { all.len() } else { 0 };
            all.insert(nothing, Vec::new());
            Some(all)
        }
        Node::Repeat { node, min: 1, max: Some(1), .. } => texts(node),
        Node::Repeat { .. } => None,
    }
}

/// Most characters of a class that are told one by one: the digits.
const MOST_OF_CLASS: usize = 10;

/// A text and its edges. `Some(None)` of one that can stand nowhere, `None` of one whose conditions are other
/// than edges of words at its ends.
fn piece(parts: &[Part]) -> Option<Option<Piece>> {
    let chars: Vec<char> = parts.iter().filter_map(Part::char).collect();
    let (first, last) = (*chars.first()?, *chars.last()?);
    let (mut starts_word, mut ends_word, mut at) = (false, false, 0_usize);
    for part in parts {
        let Part::Look(look) = *part else {
            at += 1;
            continue;
        };
        let (before, after) =
            (at.checked_sub(1).map(|at| is_word(chars[at])), chars.get(at).copied().map(is_word));
        match (look, before, after) {
            (Inst::Boundary, Some(before), Some(after)) if before == after => return Some(None),
            (Inst::WordStart, Some(before), Some(after)) if before || !after => return Some(None),
            (Inst::WordEnd, Some(before), Some(after)) if !before || after => return Some(None),
            (Inst::Boundary | Inst::WordStart | Inst::WordEnd, Some(_), Some(_)) => {}
            (Inst::Boundary | Inst::WordStart, None, _) if is_word(first) => starts_word = true,
            (Inst::Boundary | Inst::WordEnd, _, None) if is_word(last) => ends_word = true,
            // Where the sentence begins; the whole pattern does, or it is no match.
            (Inst::Start, None, _) => starts_word = is_word(first),
            _ => return None,
        }
    }
    let text: String = chars.iter().collect();
    (text.len() <= LONGEST).then_some(Some(Piece { text, starts_word, ends_word }))
}

impl Part {
    fn char(&self) -> Option<char> {
        match self {
            Self::Char(c) => Some(*c),
            Self::Look(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pattern::parse;

    /// The texts, `<` and `>` where an edge of a word must be.
    fn told(pattern: &str) -> Option<Vec<String>> {
        let pieces = whole(&parse(pattern, &mut |_| Ok(0)).expect(pattern))?;
        let edge = |on: bool, sign: &'static str| if on { sign } else { "" };
        let told = |piece: &Piece| {
            format!("{}{}{}", edge(piece.starts_word, "<"), piece.text, edge(piece.ends_word, ">"))
        };
        Some(pieces.iter().map(told).collect())
    }

    #[test]
    fn exact_texts_are_told_with_their_edges() {
        assert_eq!(told(r"\b(?:on time|re[ -]run)\b").unwrap(), ["<on time>", "<re run>", "<re-run>"]);
        assert_eq!(told(r"\bslips?\b").unwrap(), ["<slips>", "<slip>"]);
        assert_eq!(told(r"\?|£\d").unwrap().len(), 11);
        assert_eq!(told(r"^go\b").unwrap(), ["<go>"]);
    }

    #[test]
    fn what_is_never_preferred_is_left_out() {
        assert_eq!(told(r"\b(?:go|go on)\b").unwrap(), ["<go>"]);
        assert_eq!(told(r"\b(?:go on|go)\b").unwrap(), ["<go on>", "<go>"]);
        assert_eq!(told(r"\b(?:go|gone)\b").unwrap(), ["<go>", "<gone>"]);
        assert_eq!(told(r"\bgo(?:ne)??").unwrap(), ["<go"]);
        assert_eq!(told(r"ab\b|ab").unwrap(), ["ab>", "ab"]);
    }

    #[test]
    fn a_long_text_is_left_to_the_program() {
        assert_eq!(told(&"a".repeat(LONGEST)).unwrap().len(), 1);
        assert_eq!(told(&"a".repeat(LONGEST + 1)), None);
        assert_eq!(told(&"ab?".repeat(20_000)), None);
    }

    #[test]
    fn conditions_within_a_text_hold_or_do_not() {
        assert_eq!(told(r"go\b on|go\bne").unwrap(), ["go on"]);
        assert_eq!(told(r"\bgo\B"), None);
        assert_eq!(told(r"go$"), None);
        assert_eq!(told(r"\b\?"), None);
        assert_eq!(told(r"a^b"), None);
        assert_eq!(told(r"\bgo\w+"), None);
        assert_eq!(told(r"^go|on"), None, "one of them at the beginning only");
        assert_eq!(told(r"\bgo|goon"), None, "the shorter one, but only where a word begins");
    }
}
