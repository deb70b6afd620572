//! Stage 2: [`Message`](super::message::Message) to [`Fresh`], what the sender newly wrote.
//!
//! Labels every byte of the decoded text with a [`Zone`] and deletes nothing. Splits the zones that
//! rules search into sentences, each with its [`Act`].

use crate::terms::{Act, Zone};

/// The decoded text of a mail with every byte in exactly one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// The subject, a newline, then the body as text (HTML turned to text). All spans point in here.
    pub text: String,
    /// Zones in order; they cover `text` without gap or overlap.
    pub zones: Vec<ZoneSpan>,
    /// Sentences in order of their start, of the zones asked for. Never empty, never overlapping.
    pub sentences: Vec<Sentence>,
    /// The new text only points to the forwarded text ("see below"), which then is the matter.
    pub pointer: bool,
}

/// A run of text in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneSpan {
    /// The zone.
    pub zone: Zone,
    /// First byte in [`Fresh::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What decided it, in a few fixed words for the explanation, such as "attribution line".
    pub cause: &'static str,
}

/// A sentence, or what stands for one: a list item, a line, a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The zone it lies in.
    pub zone: Zone,
    /// What it does.
    pub act: Act,
    /// First byte in [`Fresh::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Fresh {
    /// Whether text of this zone is what the mail is about: what is new, the subject, and the forwarded
    /// text where the new text only points to it.
    #[must_use]
    pub fn is_matter(&self, zone: Zone) -> bool {
        matches!(zone, Zone::Subject | Zone::New) || (self.pointer && zone == Zone::Forwarded)
    }
}
