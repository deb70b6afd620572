//! Pieces of exact text and the edges of words around them.

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
