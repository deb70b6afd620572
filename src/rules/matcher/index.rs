//! The one literal scan: finds every text that some pattern or word list needs.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::rules::table::{Numbers, Rows};

/// Texts to be found, by the hash of their first bytes.
///
/// Two tables, since most texts have three bytes and more and those are rare enough to find by three;
/// the two-byte ones ("ok", "qa") have a table of their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LiteralIndex<'p> {
    /// All texts, one after the other.
    #[serde(borrow, with = "serde_bytes")]
    arena: Cow<'p, [u8]>,
    /// Where each text begins in the arena, and where the last one ends.
    #[serde(borrow)]
    starts: Numbers<'p>,
    #[serde(borrow)]
    short: Buckets<'p>,
    #[serde(borrow)]
    long: Buckets<'p>,
}

/// Text numbers by hash.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Buckets<'p> {
    #[serde(borrow)]
    rows: Rows<'p>,
    shift: u32,
}

impl Buckets<'_> {
    fn new(keys: &[(u32, u32)]) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        let bits = (keys.len() * 4).next_power_of_two().trailing_zeros().clamp(8, 20);
        let shift = 32 - bits;
        let entries: Vec<(u32, u32)> = keys.iter().map(|&(key, text)| (hash(key, shift), text)).collect();
        Self { rows: Rows::new(1 << bits, &entries), shift }
    }

    fn get(&self, key: u32) -> impl Iterator<Item = u32> {
        self.rows.row(hash(key, self.shift) as usize)
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Fibonacci hashing to the upper bits.
fn hash(key: u32, shift: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b1) >> shift
}

fn key2(bytes: &[u8]) -> u32 {
    u32::from(bytes[0]) | u32::from(bytes[1]) << 8
}

fn key3(bytes: &[u8]) -> u32 {
    key2(bytes) | u32::from(bytes[2]) << 16
}

impl LiteralIndex<'_> {
    /// An index of these texts, each at least two bytes long; their numbers are their positions.
    #[must_use]
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        let (mut arena, mut starts) = (String::new(), vec![0]);
        for (number, text) in (0u32..).zip(texts) {
            arena.push_str(text);
            starts.push(u32::try_from(arena.len()).unwrap_or(u32::MAX));
            match text.len() {
                0 | 1 => {}
                2 => short.push((key2(text.as_bytes()), number)),
                _ => long.push((key3(text.as_bytes()), number)),
            }
        }
        Self {
            arena: Cow::Owned(arena.into_bytes()),
            starts: starts.into_iter().collect(),
            short: Buckets::new(&short),
            long: Buckets::new(&long),
        }
    }

    /// Calls `found` with the number and place of every text in `text[from..to]`, in order of place.
    pub(super) fn scan(&self, text: &str, from: usize, to: usize, mut found: impl FnMut(u32, usize, usize)) {
        let bytes = &text.as_bytes()[..to.min(text.len())];
        for at in from..bytes.len().saturating_sub(1) {
            let rest = &bytes[at..];
            if rest.len() >= 3 {
                self.check(self.long.get(key3(rest)), rest, at, &mut found);
            }
            if !self.short.is_empty() {
                self.check(self.short.get(key2(rest)), rest, at, &mut found);
            }
        }
    }

    fn check(
        &self,
        numbers: impl Iterator<Item = u32>,
        rest: &[u8],
        at: usize,
        found: &mut impl FnMut(u32, usize, usize),
    ) {
        for number in numbers {
            let wanted = self.text(number);
            if rest.starts_with(wanted) {
                found(number, at, at + wanted.len());
            }
        }
    }

    fn text(&self, number: u32) -> &[u8] {
        let span = self.starts.get(number as usize).zip(self.starts.get(number as usize + 1));
        let (start, end) = span.unwrap_or_default();
        self.arena.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        let texts = ["ok", "sign off", "sign", "caf\u{e9}", "to", "tomorrow", "row"];
        let index = LiteralIndex::new(texts.iter().copied());
        let text = "ok to sign off tomorrow at the caf\u{e9}, ok";
        let mut got = Vec::new();
        index.scan(text, 0, text.len(), |number, start, end| got.push((start, end, texts[number as usize])));
        let mut wanted = Vec::new();
        for word in texts {
            wanted.extend(text.match_indices(word).map(|(at, _)| (at, at + word.len(), word)));
        }
        wanted.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, wanted);
    }

    #[test]
    fn stays_within_the_part_asked_for() {
        let index = LiteralIndex::new(["abc", "bc"].into_iter());
        let mut got = Vec::new();
        index.scan("abcabc", 1, 5, |number, start, _| got.push((number, start)));
        assert_eq!(got, [(1, 1)]);
    }
}
