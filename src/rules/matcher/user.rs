//! Who wants to know of a text: what the scan does once it has found one.

use super::PatternId;

/// Who needs a text, as the number that lies in the tables: a pattern, or a word list whose entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User(u32);

/// How a pattern needs a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Its place among what the pattern needs, one after the other.
    pub(super) at: u8,
    /// Nothing is needed after it.
    pub(super) last: bool,
    /// Matches begin there.
    pub(super) begins: bool,
    /// The text is a match, so that only the first place counts.
    pub(super) whole: bool,
    /// Not where a word goes on behind the text.
    pub(super) ends_word: bool,
    /// Only where the sentence begins.
    pub(super) anchored: bool,
}

impl User {
    /// The pattern with this number.
    pub(super) fn pattern(id: PatternId, wanted: Wanted) -> Self {
        let bit = |on: bool, bit: u32| if on { bit } else { 0 };
        Self(
            id & Self::ID
                | u32::from(wanted.at) << Self::AT
                | bit(wanted.last, Self::LAST)
                | bit(wanted.begins, Self::BEGINS)
                | bit(wanted.whole, Self::WHOLE)
                | bit(wanted.ends_word, Self::ENDS_WORD)
                | bit(wanted.anchored, Self::ANCHORED),
        )
    }

    /// The word list with this number, whose entry the text is; `open` when the last word of it may go on.
    pub(super) fn entry(list: u16, open: bool) -> Self {
        Self(Self::ENTRY | u32::from(list) | if open { Self::OPEN } else { 0 })
    }

    /// As it lies in the tables, `end` when no other wants to know of the same text.
    pub(super) fn number(self, end: bool) -> u32 {
        self.0 | if end { Self::END } else { 0 }
    }

    /// What [`number`](Self::number) gave.
    #[inline]
    pub(super) fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Whether no other wants to know of the same text.
    #[inline]
    pub(super) fn is_end(self) -> bool {
        self.0 & Self::END != 0
    }

    /// The word list, and whether the entry's last word may go on.
    #[inline]
    pub(super) fn list(self) -> Option<(u16, bool)> {
        (self.0 & Self::ENTRY != 0).then_some(((self.0 & 0xffff) as u16, self.0 & Self::OPEN != 0))
    }

    /// The pattern, when it is one.
    #[inline]
    pub(super) fn id(self) -> PatternId {
        self.0 & Self::ID
    }

    /// [`Wanted::at`].
    #[inline]
    pub(super) fn at(self) -> u8 {
        (self.0 >> Self::AT & 3) as u8
    }

    /// [`Wanted::last`].
    #[inline]
    pub(super) fn is_last(self) -> bool {
        self.0 & Self::LAST != 0
    }

    /// [`Wanted::begins`].
    #[inline]
    pub(super) fn begins(self) -> bool {
        self.0 & Self::BEGINS != 0
    }

    /// [`Wanted::whole`].
    #[inline]
    pub(super) fn is_whole(self) -> bool {
        self.0 & Self::WHOLE != 0
    }

    /// [`Wanted::ends_word`].
    #[inline]
    pub(super) fn ends_word(self) -> bool {
        self.0 & Self::ENDS_WORD != 0
    }

    /// [`Wanted::anchored`].
    #[inline]
    pub(super) fn is_anchored(self) -> bool {
        self.0 & Self::ANCHORED != 0
    }

    const ENTRY: u32 = 1 << 31;
    const OPEN: u32 = 1 << 16;
    const ENDS_WORD: u32 = 1 << 30;
    const ANCHORED: u32 = 1 << 29;
    const BEGINS: u32 = 1 << 28;
    const LAST: u32 = 1 << 27;
    const END: u32 = 1 << 26;
    const WHOLE: u32 = 1 << 25;
    /// Where [`Wanted::at`] lies: two bits, enough for
    /// [`MAX_REQUIREMENTS`](crate::rules::pattern::literal::MAX_REQUIREMENTS).
    const AT: u32 = 23;
    /// More patterns than fit here cannot be: the steps of all together are limited.
    const ID: u32 = (1 << Self::AT) - 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pattern::literal::MAX_REQUIREMENTS;

    #[test]
    fn numbers_keep_what_they_are_made_of() {
        let most = u8::try_from(MAX_REQUIREMENTS - 1).unwrap();
        let wanted =
            Wanted { at: most, last: true, begins: false, whole: true, ends_word: true, anchored: false };
        let user = User::from_number(User::pattern(1_000_000, wanted).number(true));
        assert_eq!((user.id(), user.at(), user.list()), (1_000_000, most, None));
        assert_eq!(
            [
                user.is_end(),
                user.is_last(),
                user.begins(),
                user.is_whole(),
                user.ends_word(),
                user.is_anchored()
            ],
            [true, true, false, true, true, false]
        );
        let entry = User::from_number(User::entry(u16::MAX, true).number(false));
        assert_eq!((entry.list(), entry.is_end()), (Some((u16::MAX, true)), false));
    }
}
