//! Pieces of exact text and the edges of words around them.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::{Inst, Node, is_word};

/// A text that a match contains, and whether a word must begin or end with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// No word reaches into the text from before.
    pub starts_word: bool,
    /// No word goes on behind the text.
    pub ends_word: bool,
}

impl Piece {
    /// A text without conditions.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { text, starts_word: false, ends_word: false }
    }

    /// No text, and no word before it: a sentence begins here.
    #[must_use]
    pub fn start() -> Self {
        Self { text: String::new(), starts_word: true, ends_word: false }
    }

    /// No text, but an edge of a word.
    #[must_use]
    pub fn edge() -> Self {
        Self { text: String::new(), starts_word: true, ends_word: true }
    }

    /// This one, then that one. What an edge between the two asks is dropped.
    #[must_use]
    pub fn join(&self, next: &Self) -> Self {
        let text = format!("{}{}", self.text, next.text);
        let either = next.starts_word || next.ends_word;
        let edges = match (self.text.is_empty(), next.text.is_empty()) {
            (true, true) => {
                let any = self.starts_word || either;
                return Self { text, starts_word: any, ends_word: any };
            }
            (true, false) => (self.starts_word || next.starts_word, next.ends_word),
            (false, true) => (self.starts_word, self.ends_word || either),
            (false, false) => (self.starts_word, next.ends_word),
        };
        // An edge beside a character that is of no word says something else; it is left to the program.
        Self {
            starts_word: edges.0 && text.chars().next().is_some_and(is_word),
            ends_word: edges.1 && text.chars().next_back().is_some_and(is_word),
            text,
        }
    }

    /// At most so many bytes of it.
    #[must_use]
    pub fn shorten(&self, most: usize) -> Self {
        let end = (0..=most.min(self.text.len())).rev().find(|&at| self.text.is_char_boundary(at));
        let text = self.text[..end.unwrap_or(0)].to_owned();
        Self { ends_word: self.ends_word && text.len() == self.text.len(), text, ..*self }
    }

    /// Without the spaces and signs before its first word, unless less than `least` bytes remain.
    #[must_use]
    pub fn without_lead(self, least: usize) -> Self {
        let rest = self.text.trim_start_matches(|c| !is_word(c));
        if rest.len() == self.text.len() || rest.len() < least {
            return self;
        }
        Self { text: rest.to_owned(), starts_word: true, ends_word: self.ends_word }
    }
}

/// Whether the node is a condition after which a word can only begin, not go on.
#[must_use]
pub fn is_edge(node: &Node) -> bool {
    matches!(node, Node::Look(Inst::Boundary | Inst::WordStart | Inst::Start))
}

/// How many characters of a class belong to words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// No one.
    None,
    /// Some, and others do not.
    Some,
    /// Every one.
    All,
}

/// How many of the characters in these inclusive ranges, which come in order, belong to words.
#[must_use]
pub fn word_share(ranges: &[(char, char)]) -> Share {
    let members: usize = ranges.iter().map(|&(first, last)| last as usize - first as usize + 1).sum();
    let mut words = WORDS.iter().copied().peekable();
    let mut shared = 0;
    for &(first, last) in ranges {
        while words.next_if(|word| word.1 < first).is_some() {}
        // A range of words may reach into the next range as well, so it is only looked at.
        let met = words.clone().take_while(|word| word.0 <= last);
        shared += met.map(|word| word.1.min(last) as usize - word.0.max(first) as usize + 1).sum::<usize>();
    }
    match shared {
        0 => Share::None,
        _ if shared == members => Share::All,
        _ => Share::Some,
    }
}

/// The characters of words, as inclusive ranges in order.
static WORDS: LazyLock<Vec<(char, char)>> =
    LazyLock::new(|| match regex_syntax::parse(r"\w").as_ref().map(Hir::kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).collect()
        }
        _ => Vec::new(),
    });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_of_words_or_not() {
        let share = |pattern: &str| match super::super::parse(pattern, &mut |_| Ok(0)).unwrap() {
            Node::Class(ranges) => word_share(&ranges),
            other => panic!("{other:?}"),
        };
        assert_eq!(share(r"\w"), Share::All);
        assert_eq!(share(r"\W"), Share::None);
        assert_eq!(share("[a-z0-9_]"), Share::All);
        assert_eq!(share("[ -/é]"), Share::Some);
        assert_eq!(share("[^a]"), Share::Some);
        assert_eq!(share("[!-/:-@]"), Share::None);
        let counted = |c: char| WORDS.iter().any(|&(first, last)| (first..=last).contains(&c));
        assert!((0..0x3000).filter_map(char::from_u32).all(|c| counted(c) == is_word(c)));
    }
}
