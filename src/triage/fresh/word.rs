//! Words of folded text, as phrases are looked up by them.
//!
//! Takes folded text; gives its words, each with its slot in the table of phrases. Knows nothing of the phrases
//! themselves.

use super::fold;

/// A word of folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// Where it begins.
    pub at: usize,
    /// The text from there on.
    pub rest: &'t [u8],
    /// Its slot in the table of phrases, as [`fold::opening`] gives it.
    pub opening: usize,
}

impl<'t> Word<'t> {
    /// What `folded` begins with, be it a word or not.
    #[inline]
    pub(super) fn first(folded: &'t str) -> Self {
        let rest = folded.as_bytes();
        Self { at: 0, rest, opening: fold::opening(rest) }
    }
}

/// The words of folded text from byte `next` on; in scripts without spaces, every letter may be one.
fn words(bytes: &[u8], mut next: usize) -> impl Iterator<Item = Word<'_>> {
    std::iter::from_fn(move || {
        loop {
            let (at, rest) = (next, bytes.get(next..)?);
            let part = fold::part(*rest.first()?);
            next += if part == 1 { fold::word_len(rest) } else { part.max(1) };
            if part > 0 {
                return Some(Word { at, rest, opening: fold::opening(rest) });
            }
        }
    })
}

/// What `look` first gives of the words of `folded`, in order.
#[inline]
pub(super) fn each<'t, T>(folded: &'t str, mut look: impl FnMut(Word<'t>) -> Option<T>) -> Option<T> {
    let bytes = folded.as_bytes();
    let mut at = 0;
    // The high bit of the lowest byte is set after a letter.
    let mut before = 0;
    while at < bytes.len() {
        let next = eight(bytes, at);
        if !is_ascii(next) {
            // Most text has no such byte; from the first of them on, words are found one by one.
            let begun = if before == 0 { 0 } else { letters_of(bytes.get(at..)?) };
            return words(bytes, at + begun).find_map(look);
        }
        let letters = fold::letter_marks(next);
        let mut starts = letters & !(letters << 8 | before);
        before = letters >> 56;
        while starts != 0 {
            let begin = at + starts.trailing_zeros() as usize / 8;
            starts &= starts - 1;
            let rest = bytes.get(begin..)?;
            if let Some(found) = look(Word { at: begin, rest, opening: fold::opening(rest) }) {
                return Some(found);
            }
        }
        at += 8;
    }
    None
}

/// Eight bytes from `at` on, with zeros for those past the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    match bytes.last_chunk() {
        // Those before them are shifted out.
        Some(last) => u64::from_le_bytes(*last).unbounded_shr(u64::BITS - 8 * rest.len() as u32),
        None => rest.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    }
}

fn is_ascii(eight: u64) -> bool {
    eight.to_ne_bytes().is_ascii()
}

/// How many letters of a word `bytes` begin with.
fn letters_of(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| fold::letter(**byte) != 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand() {
        let words = ["a", "bc", "def", "ghij", "klmnopq", "zyxwvuts", "longerthaneight"];
        let between = [" ", ", ", "'", "-", "@", "`", "{", " 12 ", "  "];
        for (n, first) in words.iter().enumerate() {
            for gap in between {
                for lead in ["", " ", "(", "1. "] {
                    let text = format!("{lead}{first}{gap}{}{gap}{}", words[(n + 3) % 7], words[(n + 5) % 7]);
                    let mut found = Vec::new();
                    each(&text, |word| -> Option<()> {
                        found.push(word);
                        None
                    });
                    let begins: Vec<usize> = text
                        .char_indices()
                        .filter(|(at, c)| {
                            c.is_ascii_lowercase() && !text[..*at].ends_with(char::is_alphabetic)
                        })
                        .map(|(at, _)| at)
                        .collect();
                    assert_eq!(found.iter().map(|word| word.at).collect::<Vec<_>>(), begins, "{text:?}");
                    assert_eq!(super::words(text.as_bytes(), 0).collect::<Vec<_>>(), found, "{text:?}");
                    for word in &found {
                        // What follows a word doesn't change its slot.
                        let alone = &word.rest[..fold::word_len(word.rest)];
                        assert_eq!(word.opening, fold::opening(alone), "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn letters_of_dense_scripts_are_words() {
        let found: Vec<usize> = words("于2026年写道 été".as_bytes(), 0).map(|word| word.at).collect();
        assert_eq!(found, [0, 7, 10, 13, 17]);
        let mut first = None;
        each("12 于2026", |word| {
            first = Some(word.at);
            first
        });
        assert_eq!(first, Some(3));
    }
}
