//! The one literal scan: finds every text that some pattern or word list needs.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::rules::table::{Numbers, RowIter, Rows};

/// Texts to be found, by the hash of their first bytes.
///
/// Three tables: texts of six bytes and more are told by six, shorter ones by three, and the two-byte
/// ones ("ok", "qa") have a table of their own. So few texts share a place in a table.
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
    middle: Buckets<'p>,
    #[serde(borrow)]
    long: Buckets<'p>,
}

/// Text numbers by hash.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Buckets<'p> {
    /// A bit for each hash that some text has: most places in a mail are told by it alone.
    #[serde(borrow)]
    seen: Numbers<'p>,
    #[serde(borrow)]
    rows: Rows<'p>,
    shift: u32,
}

impl Buckets<'_> {
    fn new(keys: &[(u32, u32)]) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        let bits = (keys.len() * 8).next_power_of_two().trailing_zeros().clamp(8, 20);
        let shift = 32 - bits;
        let entries: Vec<(u32, u32)> = keys.iter().map(|&(key, text)| (hash(key, shift), text)).collect();
        let mut seen = vec![0u32; (1 << bits) / 32];
        for &(row, _) in &entries {
            seen[row as usize / 32] |= 1 << (row % 32);
        }
        Self { seen: seen.into_iter().collect(), rows: Rows::new(1 << bits, &entries), shift }
    }

    #[inline]
    fn may_have(&self, key: u32) -> bool {
        let row = hash(key, self.shift);
        self.seen.get(row as usize / 32).is_some_and(|word| word & 1 << (row % 32) != 0)
    }

    fn get(&self, key: u32) -> RowIter<'_> {
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

/// The first six bytes, mixed: more than fit into the key.
#[inline]
fn key6(bytes: &[u8]) -> u32 {
    key3(bytes) ^ key3(&bytes[3..]).wrapping_mul(0x85eb_ca6b)
}

/// Calls `check` with the texts that may begin at each place.
#[inline]
fn scan_by<'b>(
    buckets: &'b Buckets<'_>,
    width: usize,
    key: impl Fn(&[u8]) -> u32,
    bytes: &[u8],
    mut check: impl FnMut(RowIter<'b>, usize),
) {
    if buckets.is_empty() {
        return;
    }
    for (at, window) in bytes.windows(width).enumerate() {
        let key = key(window);
        if buckets.may_have(key) {
            check(buckets.get(key), at);
        }
    }
}

impl LiteralIndex<'_> {
    /// An index of these texts, each at least two bytes long; their numbers are their positions.
    #[must_use]
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let (mut short, mut middle, mut long) = (Vec::new(), Vec::new(), Vec::new());
        let (mut arena, mut starts) = (String::new(), vec![0]);
        for (number, text) in (0u32..).zip(texts) {
            arena.push_str(text);
            starts.push(u32::try_from(arena.len()).unwrap_or(u32::MAX));
            match text.len() {
                0 | 1 => {}
                2 => short.push((key2(text.as_bytes()), number)),
                3..=5 => middle.push((key3(text.as_bytes()), number)),
                _ => long.push((key6(text.as_bytes()), number)),
            }
        }
        Self {
            arena: Cow::Owned(arena.into_bytes()),
            starts: starts.into_iter().collect(),
            short: Buckets::new(&short),
            middle: Buckets::new(&middle),
            long: Buckets::new(&long),
        }
    }

    /// Calls `found` with the number and place of every text in `text[from..to]`, the
    /// longer texts first.
    pub(super) fn scan(&self, text: &str, from: usize, to: usize, mut found: impl FnMut(u32, usize, usize)) {
        let bytes = text.as_bytes().get(from..to.min(text.len())).unwrap_or_default();
        scan_by(&self.long, 6, key6, bytes, |numbers, at| {
            self.check(numbers, &bytes[at..], from + at, &mut found);
        });
        scan_by(&self.middle, 3, key3, bytes, |numbers, at| {
            self.check(numbers, &bytes[at..], from + at, &mut found);
        });
        scan_by(&self.short, 2, key2, bytes, |numbers, at| {
            self.check(numbers, &bytes[at..], from + at, &mut found);
        });
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
