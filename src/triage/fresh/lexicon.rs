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

/// A phrase: where it stands in the text of all of them, and what it is.
struct Phrase {
    at: u32,
    len: u16,
    /// The byte after next of its first word, mostly the first of its second word; 0 where it has none.
    next: u8,
    kinds: Kinds,
}

impl Phrase {
    fn bytes(&self) -> &'static [u8] {
        let at = self.at as usize;
        TEXT.as_bytes().get(at..at + usize::from(self.len)).unwrap_or_default()
    }

    /// Whether `bytes`, which begin with its first word of `word` bytes, go on with the rest of it.
    #[inline]
    fn begins(&self, bytes: &[u8], word: usize) -> bool {
        begins(bytes.get(word..).unwrap_or_default(), self.bytes().get(word..).unwrap_or_default())
    }

    #[cfg(test)]
    fn text(&self) -> &'static str {
        str::from_utf8(self.bytes()).unwrap()
    }
}

/// A word that phrases begin with: where it stands in the text of all of them, how long it is and its last
/// byte; what it is by itself; which phrases it begins, whether there are any of it and one byte more, and
/// what all of them are.
struct FirstWord {
    at: u32,
    start: u16,
    end: u16,
    len: u8,
    last: u8,
    marked: bool,
    alone: Kinds,
    kinds: Kinds,
}

impl FirstWord {
    fn phrases(&self) -> &'static [Phrase] {
        PHRASES.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    fn word(&self) -> &'static [u8] {
        let at = self.at as usize;
        TEXT.as_bytes().get(at..at + usize::from(self.len)).unwrap_or_default()
    }
}

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// The entry of the word that `bytes` begin with, which have that `opening`, if it is of a `wanted` kind.
fn first_word(bytes: &[u8], opening: usize, wanted: Kinds) -> Option<&'static FirstWord> {
    let (from, to) = (*STARTS.get(opening)?, *STARTS.get(opening + 1)?);
    let spaced = bytes.first().is_some_and(|first| fold::letter(*first) != 0);
    for entry in FIRST_WORDS.get(usize::from(from)..usize::from(to))? {
        let len = usize::from(entry.len);
        // Cheap looks first: many words of many languages begin with the same three letters.
        if !entry.kinds.and(wanted).is_empty()
            && bytes.get(len.wrapping_sub(1)) == Some(&entry.last)
            && (!spaced || bytes.get(len).is_none_or(|next| fold::letter(*next) == 0))
            && begins(bytes, entry.word())
        {
            return Some(entry);
        }
    }
    None
}

/// Whether `bytes` begin with a few others; mostly the first of them tells.
#[inline]
fn begins(bytes: &[u8], others: &[u8]) -> bool {
    bytes.len() >= others.len() && bytes.iter().zip(others).all(|(byte, other)| byte == other)
}

/// A phrase found at the start of some folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is.
    pub kinds: Kinds,
    /// Its length in bytes.
    pub len: usize,
}

/// The longest phrase of one of the `wanted` kinds that `folded` begins with, ending where a word does.
#[inline]
pub(super) fn opens(folded: &str, wanted: Kinds) -> Option<Found> {
    opens_at(folded.as_bytes(), fold::opening(folded.as_bytes()), wanted)
}

/// The same, of bytes that have that `opening`.
#[inline]
fn opens_at(bytes: &[u8], opening: usize, wanted: Kinds) -> Option<Found> {
    if may_open(opening, wanted) { longest(bytes, opening, wanted) } else { None }
}

/// Whether a word with that `opening` may begin a phrase of a `wanted` kind; most words begin none.
#[inline]
fn may_open(opening: usize, wanted: Kinds) -> bool {
    OPENINGS.get(opening).is_some_and(|set| is_any(*set, wanted))
}

/// Whether a phrase of a `wanted` kind may begin as `bytes` do, which have that `opening`, as far as their head
/// says. Many words begin some phrase; few go on as one does.
#[inline]
fn may_begin(bytes: &[u8], opening: usize, wanted: Kinds) -> bool {
    HEADLESS.get(opening).is_some_and(|set| is_any(*set, wanted))
        || fold::head(bytes).and_then(|head| HEADS.get(head)).is_some_and(|set| is_any(*set, wanted))
}

#[inline]
fn is_any(set: u16, wanted: Kinds) -> bool {
    SETS.get(usize::from(set)).is_some_and(|kinds| !kinds.and(wanted).is_empty())
}

/// The same, once the filter lets its first word pass.
#[inline]
fn longest(bytes: &[u8], opening: usize, wanted: Kinds) -> Option<Found> {
    if may_begin(bytes, opening, wanted) { look_up(bytes, opening, wanted) } else { None }
}

/// The same, once the filter lets its first bytes pass.
#[inline(never)]
fn look_up(bytes: &[u8], opening: usize, wanted: Kinds) -> Option<Found> {
    let entry = first_word(bytes, opening, wanted)?;
    let word = usize::from(entry.len);
    let alone = entry.alone.and(wanted);
    let mut best = (!alone.is_empty() && ends_word(bytes, word)).then_some(Found { kinds: alone, len: word });
    let mut look = |phrases: &'static [Phrase], next: u8| {
        for phrase in phrases.iter().take_while(|phrase| phrase.next == next) {
            let (kinds, len) = (phrase.kinds.and(wanted), usize::from(phrase.len));
            // Its end is looked at first: that turns most of a word's phrases away.
            if !kinds.is_empty() && len <= bytes.len() && ends_word(bytes, len) && phrase.begins(bytes, word)
            {
                best = Some(Found { kinds, len });
            }
        }
    };
    if entry.marked {
        look(entry.phrases(), 0);
    }
    if let Some(next) = bytes.get(word + 1) {
        // Those that go on with another word are longer.
        let phrases = entry.phrases();
        let further = phrases.partition_point(|phrase| phrase.next < *next);
        look(phrases.get(further..).unwrap_or_default(), *next);
    }
    best
}

/// Whether a phrase may end at `at`: not in the middle of a word of an alphabet with spaces.
fn ends_word(bytes: &[u8], at: usize) -> bool {
    let Some(&next) = bytes.get(at) else { return true };
    let after_dense = at >= 3 && bytes.get(at - 3).is_some_and(|b| *b >= DENSE);
    after_dense || !(next.is_ascii_lowercase() || (0x80..0xe2).contains(&next))
}

/// Whether `folded` ends in a phrase of a `wanted` kind.
pub(super) fn closes(folded: &str, wanted: Kinds) -> bool {
    let may_close = ENDINGS.get(fold::ending(folded.as_bytes())).is_some_and(|k| !k.and(wanted).is_empty());
    let whole = |word: Word<'_>| {
        longest(word.rest, word.opening, wanted).filter(|found| word.at + found.len == folded.len())
    };
    may_close && search(folded, wanted, whole).is_some()
}

impl Word<'_> {
    /// The longest phrase of one of the `wanted` kinds that begins with the word.
    #[inline]
    pub(super) fn opens(self, wanted: Kinds) -> Option<Found> {
        opens_at(self.rest, self.opening, wanted)
    }
}

/// What `look` first gives of the words of `folded` that may begin a phrase of a `wanted` kind.
#[inline]
pub(super) fn search<'t, T>(
    folded: &'t str,
    wanted: Kinds,
    mut look: impl FnMut(Word<'t>) -> Option<T>,
) -> Option<T> {
    word::each(folded, |word| if may_open(word.opening, wanted) { look(word) } else { None })
}

/// The first phrase of a `wanted` kind anywhere in `folded`: where it begins, and what it is.
pub(super) fn find(folded: &str, wanted: Kinds) -> Option<(usize, Found)> {
    search(folded, wanted, |word| Some((word.at, longest(word.rest, word.opening, wanted)?)))
}

/// Whether `folded` holds a phrase of a `wanted` kind of `least` bytes or more.
pub(super) fn find_longer(folded: &str, wanted: Kinds, least: usize) -> bool {
    search(folded, wanted, |word| longest(word.rest, word.opening, wanted).filter(|found| found.len >= least))
        .is_some()
}

/// How many phrases of a `wanted` kind `folded` holds, overlaps not counted.
pub(super) fn count(folded: &str, wanted: Kinds) -> usize {
    let (mut found, mut next) = (0, 0);
    search(folded, wanted, |word| -> Option<()> {
        if word.at >= next
            && let Some(hit) = longest(word.rest, word.opening, wanted)
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
        for entry in &FIRST_WORDS {
            let phrases = entry.phrases();
            assert!(
                !phrases.is_empty()
                    && phrases
                        .windows(2)
                        .all(|pair| (pair[0].next, pair[0].text()) < (pair[1].next, pair[1].text())),
                "{:?}",
                entry.word()
            );
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
