//! Who wants to know of a text: what the scan does once it has found one.

use super::PatternId;

/// Who needs a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum User {
    Pattern {
        id: PatternId,
        /// Its place among what the pattern needs, one after the other.
        at: u8,
        /// Nothing is needed after it.
        last: bool,
        /// Matches begin there.
        begins: bool,
        /// Not where a word goes on behind the text.
        ends_word: bool,
        /// Only where the sentence begins.
        anchored: bool,
    },
    /// An entry of a word list; `open` when its last word may go on.
    Entry { list: u16, open: bool },
}

impl User {
    /// As a number for the tables: the upper bits say what it is.
    pub(super) fn number(self) -> u32 {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        match self {
            Self::Pattern { id, at, last, begins, ends_word, anchored } => {
                id & Self::ID
                    | u32::from(at) << Self::ID.count_ones()
                    | bit(last, Self::LAST)
                    | bit(begins, Self::BEGINS)
                    | bit(ends_word, Self::ENDS_WORD)
                    | bit(anchored, Self::ANCHORED)
            }
            Self::Entry { list, open } => Self::ENTRY | u32::from(list) | bit(open, Self::OPEN),
        }
    }

    #[inline]
    pub(super) fn from_number(number: u32) -> Self {
        let has = |bit: u32| number & bit != 0;
        if has(Self::ENTRY) {
            return Self::Entry { list: (number & 0xffff) as u16, open: has(Self::OPEN) };
        }
        Self::Pattern {
            id: number & Self::ID,
            at: (number >> Self::ID.count_ones() & 0xf) as u8,
            last: has(Self::LAST),
            begins: has(Self::BEGINS),
            ends_word: has(Self::ENDS_WORD),
            anchored: has(Self::ANCHORED),
        }
    }

    const ENTRY: u32 = 1 << 31;
    const OPEN: u32 = 1 << 16;
    const ENDS_WORD: u32 = 1 << 30;
    const ANCHORED: u32 = 1 << 29;
    const BEGINS: u32 = 1 << 28;
    const LAST: u32 = 1 << 27;
    /// More patterns than fit here cannot be: the steps of all together are limited.
    pub(super) const ID: u32 = (1 << 23) - 1;
}
