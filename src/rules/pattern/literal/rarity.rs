//! Which texts are worth looking for: how rarely each is met, and what of it tells that.

use super::{MIN_TEXT, Need};
use crate::rules::pattern::word::Piece;

/// Whether all of these are worth a scan.
pub(super) fn usable(needs: &[Need]) -> bool {
    !needs.is_empty()
        && needs.iter().all(|need| match need {
            Need::Text(piece) => usable_text(&piece.text),
            Need::List(_) => true,
        })
}

/// Whether a text is worth looking for.
pub(super) fn usable_text(text: &str) -> bool {
    text.len() >= MIN_TEXT || text.contains(is_telling)
}

/// Whether a character stands in few sentences, so that it tells something alone.
pub(super) fn is_telling(c: char) -> bool {
    !c.is_alphabetic() && !" ,.-'_".contains(c)
}

/// False for letters that may go on a word: nearly every word would have to be looked into for them.
pub(super) fn is_met_seldom(need: &Need) -> bool {
    match need {
        Need::Text(piece) => piece.starts_word || !piece.text.starts_with(char::is_alphabetic),
        Need::List(_) => true,
    }
}

/// A text that may go on a word without the letters it begins with, where a sign that tells something is next.
pub(super) fn without_letters(piece: Piece) -> Piece {
    if piece.starts_word {
        return piece;
    }
    let rest = piece.text.trim_start_matches(char::is_alphabetic);
    if rest.starts_with(is_telling) { Piece { text: rest.to_owned(), ..piece } } else { piece }
}

/// These without the texts in which another one stands anyhow.
pub(super) fn without_longer<'n>(needs: &'n [Need]) -> Vec<Need> {
    let anywhere = |need: &'n Need| match need {
        Need::Text(piece) if !piece.starts_word && !piece.ends_word => Some(piece),
        _ => None,
    };
    let anywhere: Vec<&Piece> = needs.iter().filter_map(anywhere).collect();
    let is_told = |need: &Need| match need {
        Need::Text(long) => anywhere.iter().any(|&short| short != long && long.text.contains(&short.text)),
        Need::List(_) => false,
    };
    needs.iter().filter(|need| !is_told(need)).cloned().collect()
}

/// The words that most sentences of a mail have some of; sorted.
const COMMONEST: &[&str] = &[
    "a", "and", "are", "be", "can", "for", "have", "if", "in", "is", "it", "of", "on", "our", "that", "the",
    "this", "to", "we", "will", "with", "you", "your",
];

/// The commonest words of English prose besides, each in one sentence of some twenty; sorted.
const COMMON: &[&str] = &[
    "about", "all", "an", "any", "as", "at", "been", "but", "by", "could", "do", "from", "get", "had", "has",
    "he", "its", "just", "me", "my", "no", "not", "one", "or", "out", "so", "their", "them", "then", "there",
    "they", "up", "us", "was", "were", "what", "when", "which", "who", "would",
];

/// Letters of a text that tell it from others: one or two for a common word, all for any other, and as many
/// for signs and digits as they are rare.
pub(super) fn rarity(text: &str) -> i32 {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let letters = words.map(|word| {
        if COMMONEST.binary_search(&word).is_ok() {
            1
        } else if COMMON.binary_search(&word).is_ok() {
            2
        } else {
            word.chars().take(10).map(|_| 1).sum()
        }
    });
    let signs = text.chars().filter(|&c| is_telling(c)).take(10).map(|c| if c == '?' { 1 } else { 3 });
    letters.chain(signs).sum::<i32>().min(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_sorted() {
        assert!(COMMONEST.is_sorted() && COMMON.is_sorted());
    }

    #[test]
    fn what_tells_nothing_more_is_left_out() {
        let text = |text: &str| Need::Text(Piece::plain(text.to_owned()));
        let whole = Need::Text(Piece { ends_word: true, ..Piece::plain("5k".to_owned()) });
        let needs = [text("$5"), text("5"), whole, Need::List(3), text("eur")];
        assert_eq!(without_longer(&needs), [text("5"), Need::List(3), text("eur")]);
        assert_eq!(without_letters(Piece::plain("eur5".to_owned())).text, "5");
        assert_eq!(without_letters(Piece::plain("it's".to_owned())).text, "it's");
        let word = Piece { starts_word: true, ..Piece::plain("q4".to_owned()) };
        assert_eq!(without_letters(word.clone()), word);
    }
}
