//! The known word that a misspelt one was most likely meant to be.

/// Longest word looked at: nobody misspells a key of this length, and the work grows with its square.
const LONGEST: usize = 64;

/// The word of `known` nearest to `word`, when one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word)?;
    let allowed = (word.len() / 3).clamp(1, 3);
    let near = |candidate: &'a str| {
        let letters = plain(candidate)?;
        // A word cut short ("delivery" or "question" for "delivery-question") is meant as well.
        let part = letters.starts_with(&word)
            || (letters.ends_with(&word) && letters.iter().rev().nth(word.len()) == Some(&'-'));
        if part && word.len() >= 3 {
            return Some((allowed.min(letters.len() - word.len()), candidate));
        }
        // At least as many edits as the lengths differ by: no need to count them.
        let edits =
            if letters.len().abs_diff(word.len()) > allowed { usize::MAX } else { distance(&word, &letters) };
        (edits <= allowed).then_some((edits, candidate))
    };
    known.into_iter().filter_map(near).min_by_key(|&(edits, _)| edits).map(|(_, candidate)| candidate)
}

/// The same, when no other known word is as near.
#[must_use]
pub fn only_nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let first = nearest(word, known.clone())?;
    let others = known.into_iter().filter(|&other| other != first);
    let letters = |word: &str| plain(word).unwrap_or_default();
    let distance_to = |other: &str| distance(&letters(word), &letters(other));
    let second = nearest(word, others);
    second.is_none_or(|second| distance_to(second) > distance_to(first)).then_some(first)
}

/// Lower case, underscores and blanks as hyphens; `None` when too long.
fn plain(word: &str) -> Option<Vec<char>> {
    let hyphenate = |c: char| if c == '_' || c == ' ' { '-' } else { c };
    let letters: Vec<char> =
        word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).map(hyphenate).collect();
    (letters.len() <= LONGEST).then_some(letters)
}

/// Letters to put in, take out, replace or swap with their neighbour (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, &l) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, &r) in right.iter().enumerate() {
            let mut best = (row[j] + usize::from(l != r)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && l == right[j - 1] && left[i - 1] == r {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_like() {
        let known = [
            "any",
            "all",
            "none",
            "points",
            "topics",
            "no-match",
            "deliverable-question",
            "delivery-question",
        ];
        for (word, meant) in [
            ("anny", Some("any")),
            ("point", Some("points")),
            ("ponits", Some("points")),
            ("No_Match", Some("no-match")),
            ("delivery_question", Some("delivery-question")),
            ("deliverable", Some("deliverable-question")),
            ("question", Some("deliverable-question")),
            ("estion", None),
            ("zebra", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(1_000_000), known), None);
    }

    #[test]
    fn of_two_words_as_near_none_is_meant() {
        assert_eq!(only_nearest("anny", ["any", "all"]), Some("any"));
        assert_eq!(only_nearest("question", ["delivery-question", "other"]), Some("delivery-question"));
        assert_eq!(only_nearest("rule-c", ["rule-a", "rule-b"]), None);
        assert_eq!(only_nearest("zebra", ["rule-a"]), None);
    }

    #[test]
    fn distance_counts_edits() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        for (left, right, edits) in
            [("abc", "abc", 0), ("abc", "acb", 1), ("", "abc", 3), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(&letters(left), &letters(right)), edits, "{left} {right}");
        }
    }
}
