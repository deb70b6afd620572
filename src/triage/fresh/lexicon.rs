//! The words of `rules/languages.toml`, ready to be looked up.
//!
//! Takes folded text ([`fold_into`](super::fold::fold_into)); says which known phrases begin at a
//! place in it. Knows nothing of what a phrase is used for.

use super::fold::{self, DENSE};
use super::word::{self, Word};

/// What a phrase is: one for each list in `rules/languages.toml`, which says what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    On,
    Wrote,
    Day,
    Month,
    From,
    Sent,
    To,
    Cc,
    Subject,
    Field,
    Original,
    Forwarded,
    Above,
    Device,
    DeviceMy,
    DeviceEnd,
    Gadget,
    Valediction,
    Greeting,
    Thanks,
    Courtesy,
    AsksTo,
    Wonders,
    Puzzles,
    Requests,
    Tag,
    Points,
    Inline,
    Red,
    Blue,
    Green,
    Coloured,
    Answers,
    Disclaimer,
    Footer,
    Banner,
    Role,
    Firm,
    Label,
    Fwd,
    Re,
    Wh,
    Aux,
    Subj,
    Abbreviation,
    Lead,
    Postscript,
    Introduces,
    Date,
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u64);

impl Kinds {
    /// No kind.
    pub(super) const NONE: Self = Self(0);
    /// The keys of a quoted header block.
    pub(super) const HEADER: Self = Self::NONE
        .with(Kind::From)
        .with(Kind::Sent)
        .with(Kind::Date)
        .with(Kind::To)
        .with(Kind::Cc)
        .with(Kind::Subject)
        .with(Kind::Field);

    /// This set with `kind` in it.
    pub(super) const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u64)
    }

    /// Whether `kind` is in the set.
    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u64) != 0
    }

    /// What is in both sets.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either set.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in the set.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many kinds are in the set.
    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }
}

/// A phrase: where it stands in the text of all of them, whether it is one word of a script with spaces, and
/// what it is.
struct Phrase {
    at: u32,
    len: u16,
    word: bool,
    kinds: Kinds,
}

impl Phrase {
    fn bytes(&self) -> &'static [u8] {
        let at = self.at as usize;
        TEXT.as_bytes().get(at..at + usize::from(self.len)).unwrap_or_default()
    }

    /// Whether `bytes` begin with it, and it ends where a word does.
    fn opens(&self, bytes: &[u8]) -> bool {
        let len = usize::from(self.len);
        let ends = if self.word {
            bytes.get(len).is_none_or(|next| fold::letter(*next) == 0)
        } else {
            ends_word(bytes, len)
        };
        ends && bytes.starts_with(self.bytes())
    }

    #[cfg(test)]
    fn text(&self) -> &'static str {
        str::from_utf8(self.bytes()).unwrap()
    }
}

/// Phrases that begin alike: which they are, the longest first; what they are; and what all are that begin so, the
/// ones kept elsewhere by more of their bytes among them.
struct Bucket {
    start: u16,
    end: u16,
    own: Kinds,
    kinds: Kinds,
}

impl Bucket {
    /// That of what no phrase begins with.
    const EMPTY: Self = Self { start: 0, end: 0, own: Kinds::NONE, kinds: Kinds::NONE };

    fn phrases(&self) -> &'static [Phrase] {
        PHRASES.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// The longest of its phrases that is of a `wanted` kind and that `bytes` begin with.
    #[inline]
    fn longest(&self, bytes: &[u8], wanted: Kinds) -> Option<Found> {
        if self.own.and(wanted).is_empty() { None } else { self.find(bytes, wanted) }
    }

    /// The same, if it has phrases of such a kind.
    #[inline(never)]
    fn find(&self, bytes: &[u8], wanted: Kinds) -> Option<Found> {
        let mut phrases = self.phrases().iter().filter(|phrase| !phrase.kinds.and(wanted).is_empty());
        let found = phrases.find(|phrase| phrase.opens(bytes))?;
        Some(Found { kinds: found.kinds.and(wanted), len: usize::from(found.len) })
    }
}

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A phrase found at the start of some folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is.
    pub kinds: Kinds,
    /// Its length in bytes.
    pub len: usize,
}

/// The bucket of the phrases that begin with the first eight of `bytes`.
#[inline]
fn at_eight(bytes: &[u8]) -> &'static Bucket {
    fold::eight(bytes).and_then(|slot| EIGHTS.get(slot)).map_or(&Bucket::EMPTY, bucket)
}

/// The same, of phrases that have no eight, by the opening of their first word.
#[inline]
fn at_opening(opening: usize) -> &'static Bucket {
    OPENINGS.get(opening).map_or(&Bucket::EMPTY, bucket)
}

#[inline]
fn bucket(number: &u16) -> &'static Bucket {
    BUCKETS.get(usize::from(*number)).unwrap_or(&Bucket::EMPTY)
}

/// The longest phrase of one of the `wanted` kinds that `folded` begins with, ending where a word does.
#[inline]
pub(super) fn opens(folded: &str, wanted: Kinds) -> Option<Found> {
    longest(folded.as_bytes(), fold::opening(folded.as_bytes()), wanted)
}

/// The same, of bytes that have that `opening`. Most words begin no such phrase.
#[inline]
fn longest(bytes: &[u8], opening: usize, wanted: Kinds) -> Option<Found> {
    let alike = at_opening(opening);
    if alike.kinds.and(wanted).is_empty() { None } else { look_up(alike, bytes, wanted) }
}

/// The same, of bytes that begin as the phrases in a bucket and longer ones do.
#[inline(never)]
fn look_up(alike: &Bucket, bytes: &[u8], wanted: Kinds) -> Option<Found> {
    at_eight(bytes).longest(bytes, wanted).or_else(|| alike.longest(bytes, wanted))
}

/// Whether a phrase may end at `at`: not in the middle of a word of an alphabet with spaces.
fn ends_word(bytes: &[u8], at: usize) -> bool {
    let Some(&next) = bytes.get(at) else { return true };
    let after_dense = at >= 3 && bytes.get(at - 3).is_some_and(|b| *b >= DENSE);
    after_dense || !(next.is_ascii_lowercase() || (0x80..0xe2).contains(&next))
}

/// Whether `folded` ends in a phrase of a `wanted` kind; most text is turned away by its last two bytes.
#[inline]
pub(super) fn closes(folded: &str, wanted: Kinds) -> bool {
    let may_close = ENDINGS.get(fold::ending(folded.as_bytes())).is_some_and(|k| !k.and(wanted).is_empty());
    may_close && ends_in(folded, wanted)
}

/// The same, of text with such an ending.
#[inline(never)]
fn ends_in(folded: &str, wanted: Kinds) -> bool {
    let whole = |word: Word<'_>| word.opens(wanted).filter(|found| word.at + found.len == folded.len());
    word::each(folded, whole).is_some()
}

impl Word<'_> {
    /// The longest phrase of one of the `wanted` kinds that begins with the word.
    #[inline]
    pub(super) fn opens(self, wanted: Kinds) -> Option<Found> {
        longest(self.rest, self.opening, wanted)
    }
}

/// What the phrases are that the words of `folded` may begin: none of any other kind is in it.
pub(super) fn begun(folded: &str) -> Kinds {
    let mut kinds = Kinds::NONE;
    word::each(folded, |word| -> Option<()> {
        kinds = kinds.or(at_opening(word.opening).kinds);
        None
    });
    kinds
}

/// The first phrase of a `wanted` kind anywhere in `folded`: where it begins, and what it is.
pub(super) fn find(folded: &str, wanted: Kinds) -> Option<(usize, Found)> {
    word::each(folded, |word| Some((word.at, word.opens(wanted)?)))
}

/// Whether `folded` holds a phrase of a `wanted` kind of `least` bytes or more.
pub(super) fn find_longer(folded: &str, wanted: Kinds, least: usize) -> bool {
    word::each(folded, |word| word.opens(wanted).filter(|found| found.len >= least)).is_some()
}

/// How many phrases of a `wanted` kind `folded` holds, overlaps not counted.
pub(super) fn count(folded: &str, wanted: Kinds) -> usize {
    let (mut found, mut next) = (0, 0);
    word::each(folded, |word| -> Option<()> {
        if word.at >= next
            && let Some(hit) = word.opens(wanted)
        {
            found += 1;
            next = word.at + hit.len;
        }
        None
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_folded() {
        for bucket in &BUCKETS {
            assert!(bucket.phrases().windows(2).all(|pair| pair[0].len >= pair[1].len));
        }
        for phrase in &PHRASES {
            let mut folded = String::new();
            fold::fold_into(phrase.text(), &mut folded);
            assert_eq!(folded, phrase.text());
            assert!(!phrase.kinds.is_empty());
        }
    }

    #[test]
    fn every_phrase_is_found_by_itself() {
        for phrase in &PHRASES {
            let found = opens(phrase.text(), phrase.kinds).map(|f| f.len);
            assert_eq!(found, Some(usize::from(phrase.len)), "{}", phrase.text());
            // Searches begin at words: "& sons" is only ever looked for where it would stand.
            let begins = fold::part(phrase.bytes()[0]) != 0;
            assert!(!begins || closes(phrase.text(), phrase.kinds), "{}", phrase.text());
        }
    }

    #[test]
    fn phrases_end_with_words() {
        let wrote = Kinds::NONE.with(Kind::Wrote);
        assert!(opens("wrote: x", wrote).is_some());
        assert!(opens("wroted", wrote).is_none());
        assert!(opens("on monday", Kinds::NONE.with(Kind::On)).is_some());
        assert!(opens("online", Kinds::NONE.with(Kind::On)).is_none());
        assert!(opens("在2016年", Kinds::NONE.with(Kind::On)).is_some());
        assert_eq!(find("x <a@b.example> a ecrit :", wrote).map(|(at, f)| (at, f.len)), Some((16, 7)));
    }
}
