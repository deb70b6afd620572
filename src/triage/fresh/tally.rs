//! Tallies: how many of the bytes that decide something a line has, counted in one go.
//!
//! Takes the bytes of a folded line; so that nothing searches a line for what isn't in it.

/// Counts of some bytes, packed: each has ten bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally(u64);

/// What is counted, by the first of its bits.
const SPACES: u32 = 0;
const DIGITS: u32 = 10;
const ATS: u32 = 20;
const STOPS: u32 = 30;
/// Slashes and bars.
const STROKES: u32 = 40;

/// What one byte adds.
static COUNTS: [u64; 256] = {
    let mut counts = [0; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        counts[digit as usize] = 1 << DIGITS;
        digit += 1;
    }
    counts[b' ' as usize] = 1 << SPACES;
    counts[b'@' as usize] = 1 << ATS;
    counts[b'.' as usize] = 1 << STOPS;
    counts[b'/' as usize] = 1 << STROKES;
    counts[b'|' as usize] = 1 << STROKES;
    counts
};

impl Tally {
    /// Bytes that are counted, so that no count runs over into the next.
    const MOST_BYTES: usize = 1000;

    /// Counts the bytes of a folded line, or the first thousand of them.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let counted = bytes.iter().take(Self::MOST_BYTES);
        Self(counted.filter_map(|byte| COUNTS.get(usize::from(*byte))).sum())
    }

    fn count(self, what: u32) -> usize {
        (self.0 >> what & 0x3ff) as usize
    }

    /// Spaces.
    pub(super) fn spaces(self) -> usize {
        self.count(SPACES)
    }

    /// Digits of ASCII.
    pub(super) fn digits(self) -> usize {
        self.count(DIGITS)
    }

    /// Whether there is an `@`.
    pub(super) fn has_at(self) -> bool {
        self.count(ATS) > 0
    }

    /// Whether there is a full stop.
    pub(super) fn has_stop(self) -> bool {
        self.count(STOPS) > 0
    }

    /// Whether there is a slash or a bar.
    pub(super) fn has_stroke(self) -> bool {
        self.count(STROKES) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted() {
        let tally = Tally::of(b"t: 01632 960 114 | www.doe.example");
        assert_eq!((tally.spaces(), tally.digits()), (5, 11));
        assert!(tally.has_stop() && tally.has_stroke() && !tally.has_at());
        let full = Tally::of(&[b'.'; 2 * Tally::MOST_BYTES]);
        assert!(full.has_stop() && !full.has_stroke() && full.digits() == 0);
    }
}
