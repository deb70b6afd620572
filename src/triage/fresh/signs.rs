//! Signs: which of the bytes that decide something a line has, seen in one go.
//!
//! Takes the bytes of a line; so that nothing searches a line for what isn't in it.

/// A set of such bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs(u8);

impl Signs {
    /// A digit of ASCII.
    pub(super) const DIGIT: Self = Self(1);
    /// An `@`.
    pub(super) const AT: Self = Self(1 << 1);
    /// A colon of ASCII.
    pub(super) const COLON: Self = Self(1 << 2);
    /// A colon, or what may be folded to one.
    pub(super) const ANY_COLON: Self = Self(Self::COLON.0 | Self::BEYOND.0);
    /// All of them.
    pub(super) const ALL: Self = Self(u8::MAX);
    /// A byte beyond ASCII.
    pub(super) const BEYOND: Self = Self(1 << 7);

    /// What the bytes of a line have.
    pub(super) fn of(line: &[u8]) -> Self {
        // The table has a place for every byte.
        let sign = |byte: &u8| SIGNS.get(usize::from(*byte)).copied().unwrap_or_default();
        Self(line.iter().fold(0, |seen, byte| seen | sign(byte)))
    }

    /// Whether any of these are there.
    #[inline]
    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

/// What each byte is.
static SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'0'..=b'9' => Signs::DIGIT.0,
            b'@' => Signs::AT.0,
            b':' => Signs::COLON.0,
            0x80.. => Signs::BEYOND.0,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_seen_wherever_they_stand() {
        let bytes = [("7", Signs::DIGIT), ("@", Signs::AT), (":", Signs::COLON), ("：", Signs::BEYOND)];
        for (byte, sign) in bytes {
            for at in 0..20 {
                let line = format!("{}{byte}{}", "x".repeat(at), "/;?A".repeat(20 - at));
                assert_eq!(Signs::of(line.as_bytes()), sign, "{line}");
            }
        }
        assert!(Signs::BEYOND.has(Signs::ANY_COLON) && !Signs::AT.has(Signs::ANY_COLON));
        assert_eq!(Signs::of(b""), Signs::default());
    }
}
