//! Phrases of the list in a mail: each counts once, where it first stands.

use std::ops::Range;

use crate::rules::lexicon::{self, Lexicon, Part, Token};
use crate::rules::normal::Normal;
use crate::terms::Zone;
use crate::triage::fresh::Fresh;

/// A phrase of [`RuleSet::lexicon`](crate::rules::RuleSet::lexicon) and where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhraseHit {
    /// Its number in the list.
    pub phrase: u32,
    /// The zone.
    pub zone: Zone,
    /// Index in [`Fresh::sentences`].
    pub sentence: usize,
    /// First byte in [`Fresh::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl PhraseHit {
    /// The words that were hit.
    #[must_use]
    pub fn text<'t>(&self, fresh: &'t Fresh) -> &'t str {
        fresh.text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Room for as many phrases as a mail often has, so that the list seldom moves while it grows.
const USUAL: usize = 192;

/// One mail's search for phrases.
pub(super) struct PhraseSearch<'r> {
    lexicon: &'r Lexicon<'static>,
    /// A bit for each phrase found.
    seen: Vec<u64>,
    pub(super) hits: Vec<PhraseHit>,
}

impl<'r> PhraseSearch<'r> {
    pub(super) fn new(lexicon: &'r Lexicon<'static>) -> Self {
        Self { lexicon, seen: vec![0; lexicon.len().div_ceil(64)], hits: Vec::with_capacity(USUAL) }
    }

    /// Looks through a sentence that stands at `range` of the normalised text.
    pub(super) fn sentence(
        &mut self,
        sentence: usize,
        zone: Zone,
        normal: &Normal,
        range: Range<usize>,
        original: &str,
    ) {
        let part = if zone == Zone::Subject { Part::Subject } else { Part::Text };
        if !self.lexicon.looks_at(part) {
            return;
        }
        let offset = range.start;
        let text = normal.text().get(range).unwrap_or_default();
        // A word has about four letters and a space; a sentence of any length is no reason for as much memory.
        let mut tokens: Vec<Token<'_>> = Vec::with_capacity((text.len() / 4 + 4).min(256));
        lexicon::tokens(text, offset, &mut tokens);
        let (seen, hits) = (&mut self.seen, &mut self.hits);
        self.lexicon.scan(part, &tokens, normal.text(), |phrase, first, last| {
            let Some(word) = seen.get_mut(phrase as usize / 64) else { return };
            if *word & 1 << (phrase % 64) != 0 {
                return;
            }
            *word |= 1 << (phrase % 64);
            let (start, end) = (tokens[first].start, tokens[last].end);
            let start = normal.original(start);
            let end = if end > offset { normal.original_end(end, original) } else { start };
            hits.push(PhraseHit { phrase, zone, sentence, start, end: end.max(start) });
        });
    }
}
