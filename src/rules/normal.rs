//! Normalised text: what patterns are matched against.
//!
//! Lower case, one kind of apostrophe, quotation mark and dash, one space for any run of white space,
//! composed letters, nothing invisible. Each normalised byte leads back to the byte of the original it
//! came from, so evidence points into the mail as written.

use unicode_normalization::char::compose;

/// A growing buffer of normalised text with the way back to the original.
#[derive(Clone, Debug, Default)]
pub struct Normal {
    text: String,
    /// Positions at which the distance between normalised and original offset changes:
    /// normalised offset, original offset. Sorted by both.
    turns: Vec<(usize, usize)>,
}

impl Normal {
    /// Nothing yet, with room for about so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), turns: Vec::with_capacity(64) }
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.turns.clear();
    }

    /// The normalised text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends `original`, which begins at `offset` in the mail's text, normalised and trimmed.
    ///
    /// Gives the range it takes up here.
    pub fn push(&mut self, original: &str, offset: usize) -> std::ops::Range<usize> {
        let trimmed = original.trim_start();
        let offset = offset + (original.len() - trimmed.len());
        let trimmed = trimmed.trim_end();
        let start = self.text.len();
        self.turns.push((start, offset));
        let mut at = 0;
        while at < trimmed.len() {
            let plain = plain(&trimmed.as_bytes()[at..]);
            if plain > 0 {
                let begun = self.text.len();
                self.text.push_str(&trimmed[at..at + plain]);
                self.text[begun..].make_ascii_lowercase();
                at += plain;
            } else {
                at += self.push_odd(&trimmed[at..], offset + at);
            }
        }
        let end = self.text.trim_end_matches(' ').len().max(start);
        self.text.truncate(end);
        start..end
    }

    /// Appends a byte that no pattern crosses, between sentences.
    pub fn separate(&mut self) {
        self.text.push('\n');
    }

    /// Handles white space and everything outside ASCII at the head of `rest`; gives the bytes taken.
    fn push_odd(&mut self, rest: &str, original: usize) -> usize {
        let Some(c) = rest.chars().next() else { return rest.len() };
        let taken = c.len_utf8();
        if is_combining(c) && self.compose_last(c) {
            self.turns.push((self.text.len(), original + taken));
            return taken;
        }
        let before = self.text.len();
        if is_space(c) {
            if self.text.as_bytes().last().is_none_or(|&b| b != b' ' && b != b'\n') {
                self.text.push(' ');
            }
        } else {
            push_folded(c, |folded| self.text.push(folded));
        }
        if self.text.len() - before != taken {
            self.turns.push((self.text.len(), original + taken));
        }
        taken
    }

    /// Joins a combining mark to the last character; false when the two have no composed form.
    fn compose_last(&mut self, mark: char) -> bool {
        let Some(joined) = self.text.chars().next_back().and_then(|last| compose(last, mark)) else {
            return false;
        };
        self.text.pop();
        self.text.push(joined);
        true
    }

    /// Where the normalised offset `at` lies in the original.
    #[must_use]
    pub fn original(&self, at: usize) -> usize {
        // Mostly the place is in the sentence that came last, all of which is as it was.
        let last = self.turns.last().filter(|&&(normal, _)| normal <= at);
        let turn = last.or_else(|| {
            let turn = self.turns.partition_point(|&(normal, _)| normal <= at);
            turn.checked_sub(1).and_then(|turn| self.turns.get(turn))
        });
        turn.map_or(at, |&(normal, original)| original + (at - normal))
    }

    /// Where the end of a match at normalised offset `at` lies in the original: right after the last
    /// character matched, not before the next one.
    #[must_use]
    pub fn original_end(&self, at: usize, original_text: &str) -> usize {
        let before =
            at.checked_sub(1).filter(|&before| self.text.as_bytes().get(before).is_some_and(u8::is_ascii));
        let last = || self.text.get(..at).and_then(|text| text.char_indices().next_back()).map(|last| last.0);
        let Some(last) = before.or_else(last) else { return self.original(at) };
        let start = self.original(last);
        // As in most text: one byte, and no accent behind it.
        if let Some([first, second]) = original_text.as_bytes().get(start..start + 2)
            && first.is_ascii()
            && second.is_ascii()
        {
            return start + 1;
        }
        let mut rest = original_text.get(start..).unwrap_or_default().chars();
        let first = rest.next().map_or(0, char::len_utf8);
        start + first + rest.take_while(|&c| is_combining(c)).map(char::len_utf8).sum::<usize>()
    }
}

/// How many bytes stay as they are but for their case: ASCII that shows, with single spaces between.
fn plain(bytes: &[u8]) -> usize {
    let mut before = b' ';
    let ends = |&byte: &u8| {
        let goes_on = byte.is_ascii_graphic() || (byte == b' ' && before != b' ');
        before = byte;
        !goes_on
    };
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

/// Whether a character is an accent on the one before it.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Whether a character is white space for matching, no-break and wide ones included.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_control()
}

/// Gives the normalised form of one character: usually one, sometimes none or several.
pub(crate) fn push_folded(c: char, mut push: impl FnMut(char)) {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2bc}' | '\u{b4}' | '`' | '\u{2039}' | '\u{203a}' => {
            push('\'');
        }
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => push('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => push('-'),
        '\u{2026}' => "...".chars().for_each(push),
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' => {}
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
        '\u{fb00}' => "ff".chars().for_each(push),
        '\u{fb01}' => "fi".chars().for_each(push),
        '\u{fb02}' => "fl".chars().for_each(push),
        '\u{ff01}'..='\u{ff5e}' => {
            let ascii = char::from_u32(c as u32 - 0xfee0).unwrap_or(c);
            push(ascii.to_ascii_lowercase());
        }
        _ if is_space(c) => push(' '),
        _ => c.to_lowercase().for_each(push),
    }
}

/// One string in normalised form, for patterns and word lists.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut normal = Normal::default();
    normal.push(text, 0);
    normal.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_the_same_words_become_one() {
        for (given, wanted) in [
            ("Don\u{2019}t  \r\n\tWAIT", "don't wait"),
            ("\u{201c}Hi\u{201d}\u{a0}\u{2014} there\u{2026}", "\"hi\" - there..."),
            ("cafe\u{301} CAF\u{c9}", "caf\u{e9} caf\u{e9}"),
            ("so\u{ad}ft\u{200b}ly", "softly"),
            ("\u{ff37}hy\u{ff1f}", "why?"),
            ("  \u{3000} ", ""),
        ] {
            assert_eq!(fold(given), wanted, "{given:?}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        let original = "  When \u{2014} it\u{2019}s \u{2018}cafe\u{301}\u{2019}\u{2026} ready?";
        let mut normal = Normal::default();
        normal.push("first", 0);
        normal.separate();
        let range = normal.push(original, 100);
        assert_eq!(&normal.text()[range.clone()], "when - it's 'caf\u{e9}'... ready?");
        for word in ["when", "it", "ready", "caf"] {
            let at = range.start + normal.text()[range.clone()].find(word).unwrap();
            let start = normal.original(at) - 100;
            assert!(original[start..].to_lowercase().starts_with(word), "{word}: {}", &original[start..]);
        }
        let mut alone = Normal::default();
        alone.push(original, 0);
        let end = alone.text().find("it's").unwrap() + 4;
        assert_eq!(&original[..alone.original_end(end, original)], "  When \u{2014} it\u{2019}s");
    }
}
