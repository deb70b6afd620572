//! The one literal scan: finds every text that some pattern or word list needs.

/// Texts to be found, by the hash of their first bytes.
///
/// Two tables, since most texts have three bytes and more and those are rare enough to find by three;
/// the two-byte ones ("ok", "qa") have a table of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct LiteralIndex {
    /// All texts, one after the other.
    arena: String,
    /// Where each text stands in the arena.
    spans: Vec<(u32, u32)>,
    short: Buckets,
    long: Buckets,
}

/// Text numbers by hash, in compressed rows.
#[derive(Clone, Debug, Default)]
struct Buckets {
    /// Bucket `b` is `members[starts[b]..starts[b + 1]]`; empty when there are no texts at all.
    starts: Vec<u32>,
    members: Vec<u32>,
    shift: u32,
}

impl Buckets {
    fn new(keys: &[(u32, u32)]) -> Self {
        if keys.is_empty() {
            return Self::default();
        }
        let bits = (keys.len() * 4).next_power_of_two().trailing_zeros().clamp(8, 20);
        let shift = 32 - bits;
        let mut starts = vec![0u32; (1 << bits) + 1];
        for &(key, _) in keys {
            starts[hash(key, shift) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; keys.len()];
        for &(key, text) in keys {
            let at = &mut next[hash(key, shift)];
            members[*at as usize] = text;
            *at += 1;
        }
        Self { starts, members, shift }
    }

    fn get(&self, key: u32) -> &[u32] {
        let at = hash(key, self.shift);
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.members.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// Fibonacci hashing to the upper bits.
fn hash(key: u32, shift: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

fn key2(bytes: &[u8]) -> u32 {
    u32::from(bytes[0]) | u32::from(bytes[1]) << 8
}

fn key3(bytes: &[u8]) -> u32 {
    key2(bytes) | u32::from(bytes[2]) << 16
}

impl LiteralIndex {
    /// An index of these texts, each at least two bytes long; their numbers are their positions.
    #[must_use]
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut index = Self::default();
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for (number, text) in texts.enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let start = u32::try_from(index.arena.len()).unwrap_or(u32::MAX);
            index.arena.push_str(text);
            index.spans.push((start, u32::try_from(index.arena.len()).unwrap_or(u32::MAX)));
            match text.len() {
                0 | 1 => {}
                2 => short.push((key2(text.as_bytes()), number)),
                _ => long.push((key3(text.as_bytes()), number)),
            }
        }
        index.short = Buckets::new(&short);
        index.long = Buckets::new(&long);
        index
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

    fn check(&self, members: &[u32], rest: &[u8], at: usize, found: &mut impl FnMut(u32, usize, usize)) {
        for &number in members {
            let Some(&(start, end)) = self.spans.get(number as usize) else { continue };
            let wanted = &self.arena.as_bytes()[start as usize..end as usize];
            if rest.starts_with(wanted) {
                found(number, at, at + wanted.len());
            }
        }
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
