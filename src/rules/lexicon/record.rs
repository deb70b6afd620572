//! How a phrase lies in the table.

use super::{Phrase, TARGETS, Token};

/// Points are kept in hundredths.
pub(super) const UNIT: f64 = 100.0;

/// A phrase as it lies in the table: a byte for where it counts, the most of its points, the points for each
/// target, then its text. Most points are none; all of them are there because adding them up is then a few
/// instructions for all targets together.
#[derive(Clone, Copy)]
pub(super) struct Record<'r> {
    pub(super) part: u8,
    pub(super) weight: [u8; 2],
    /// Hundredths of a point.
    pub(super) points: &'r [[u8; 2]; TARGETS],
    pub(super) text: &'r [u8],
}

impl<'r> Record<'r> {
    /// That of no phrase.
    pub(super) const NONE: Self = Self { part: 0, weight: [0; 2], points: &[[0; 2]; TARGETS], text: &[] };

    pub(super) fn write(phrase: &Phrase<'_>, to: &mut Vec<u8>) {
        let hundredths = phrase
            .points
            .map(|given| (given * UNIT).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16);
        let weight = hundredths.iter().map(|points| points.unsigned_abs()).max().unwrap_or(0);
        to.push(phrase.part as u8);
        to.extend(weight.to_le_bytes());
        to.extend(hundredths.map(i16::to_le_bytes).as_flattened());
        to.extend(phrase.text.as_bytes());
    }

    #[inline]
    pub(super) fn read(bytes: &'r [u8]) -> Option<Self> {
        let (&[part, low, high], rest) = bytes.split_first_chunk()?;
        let (points, text) = rest.split_at_checked(size_of::<[[u8; 2]; TARGETS]>())?;
        Some(Self { part, weight: [low, high], points: points.as_chunks().0.try_into().ok()?, text })
    }

    /// Whether the text is these tokens with a space between. Out of the way of what nearly all look-ups need.
    #[inline(never)]
    pub(super) fn spells(self, tokens: &[Token<'_>]) -> bool {
        let mut rest = self.text;
        let first = tokens.first().map_or("", |token| token.text);
        let follow = tokens.get(1..).unwrap_or_default();
        let mut strip = |text: &str| rest.strip_prefix(text.as_bytes()).map(|left| rest = left).is_some();
        let same = strip(first) && follow.iter().all(|token| strip(" ") && strip(token.text));
        same && rest.is_empty()
    }
}
