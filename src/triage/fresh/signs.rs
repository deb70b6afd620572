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
    /// An angle bracket.
    pub(super) const ANGLE: Self = Self(1 << 3);
    /// A colon, or what may be folded to one.
    pub(super) const ANY_COLON: Self = Self(Self::COLON.0 | Self::BEYOND.0);
    /// All of them.
    pub(super) const ALL: Self = Self(u8::MAX);
    /// A byte beyond ASCII.
    pub(super) const BEYOND: Self = Self(1 << 7);

    /// Any of them that a heading of earlier mail has, however it begins.
    pub(super) const HEADING: Self = Self(Self::DIGIT.0 | Self::AT.0 | Self::ANY_COLON.0 | Self::ANGLE.0);

    /// What the bytes of a line have.
    pub(super) fn of(line: &[u8]) -> Self {
        let Some(last) = line.last_chunk::<STEP>() else {
            // The table has a place for every byte.
            let sign = |byte: &u8| SIGNS.get(usize::from(*byte)).copied().unwrap_or_default();
            return Self(line.iter().fold(0, |seen, byte| seen | sign(byte)));
        };
        // All bytes of a step are looked at together. The last step overlaps the one before.
        let mut seen = last.map(sign_of);
        for step in line.as_chunks::<STEP>().0 {
            for (seen, byte) in seen.iter_mut().zip(step) {
                *seen |= sign_of(*byte);
            }
        }
        Self(seen.iter().fold(0, |all, seen| all | seen))
    }

    /// Whether any of these are there.
    #[inline]
    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

/// Bytes looked at together.
const STEP: usize = 16;

/// What a byte is.
#[inline]
const fn sign_of(byte: u8) -> u8 {
    let digit = if byte.wrapping_sub(b'0') < 10 { Signs::DIGIT.0 } else { 0 };
    let at = if byte == b'@' { Signs::AT.0 } else { 0 };
    let colon = if byte == b':' { Signs::COLON.0 } else { 0 };
    let angle = if byte == b'<' || byte == b'>' { Signs::ANGLE.0 } else { 0 };
    let beyond = if byte >= 0x80 { Signs::BEYOND.0 } else { 0 };
    digit | at | colon | angle | beyond
}

/// What each byte is.
static SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = sign_of(byte as u8);
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
        let bytes = bytes.into_iter().chain([("<", Signs::ANGLE), (">", Signs::ANGLE)]);
        for (byte, sign) in bytes {
            for at in 0..40 {
                let line = format!("{}{byte}{}", "x".repeat(at), "/;=?A".repeat(20 - at / 2));
                assert_eq!(Signs::of(line.as_bytes()), sign, "{line}");
            }
        }
        assert!(Signs::BEYOND.has(Signs::ANY_COLON) && !Signs::AT.has(Signs::ANY_COLON));
        assert_eq!(Signs::of(b""), Signs::default());
    }
}
