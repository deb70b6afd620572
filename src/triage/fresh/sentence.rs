//! Sentences: the grain in which rules search.
//!
//! Takes a stretch of text; gives its sentences, list items and lines, without bullets and white space
//! around them, each with its act. Wrapped lines are joined, short ones are not.

use std::ops::Range;

use crate::terms::{Act, Zone};

use super::Sentence;
use super::act::{self, Reading};
use super::fold::fold_into;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::indentation;
use super::low::Low;

/// Bytes a sentence may have; a longer one is split at a space.
const MOST_BYTES: usize = 1000;
/// Letters of the longest title that ends with a full stop.
const MOST_TITLE: usize = 4;
/// Bytes of a sentence that are read for its act.
const MOST_FOLDED: usize = 700;
/// Letters from which on a line may have been wrapped.
const WRAPPED: usize = 45;

/// Splits a `range` of `text`, which is `low` when it is lowered, and appends what it finds to `out`.
pub(super) fn split(text: &str, low: &Low, zone: Zone, range: Range<usize>, out: &mut Vec<Sentence>) {
    let Range { start, end } = range;
    let mut splitter = Splitter { text, low, zone, out, folded: String::new(), previous: Reading::default() };
    let mut begin = start;
    let mut at = start;
    while at < end {
        let rest = text.as_bytes().get(at..end).unwrap_or_default();
        // There is nothing on a blank line.
        if begin == at && rest.first() == Some(&b'\n') {
            at += 1;
            begin = at;
            continue;
        }
        let stop = memchr::memchr(b'\n', rest).map_or(end, |n| at + n + 1);
        if splitter.joins(at, stop, end) {
            at = stop;
            continue;
        }
        splitter.paragraph(begin, stop);
        begin = stop;
        at = stop;
    }
    splitter.paragraph(begin, end);
    splitter.sign_off(start);
}

struct Splitter<'a> {
    text: &'a str,
    low: &'a Low,
    zone: Zone,
    out: &'a mut Vec<Sentence>,
    folded: String,
    previous: Reading,
}

/// Where the first byte stands that may begin a mark which ends a sentence, in full width too.
#[inline(never)]
fn next_mark(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let is_mark = |byte: u8| matches!(byte, b'?' | b'!' | b'.' | b')' | b'"' | b'\'' | 0xe2 | 0xe3 | 0xef);
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let Some(eight) = rest.first_chunk().map(|eight| u64::from_le_bytes(*eight)) else {
            return rest.iter().position(|byte| is_mark(*byte)).map(|n| at + n);
        };
        // The high bit of each byte that is no letter, digit or space, more or less: of those outside ASCII,
        // those from `!` to `/`, and question marks.
        let low = eight & !(ONES << 7);
        let from_mark = low + ONES * (0x80 - b'!' as u64);
        let past_slash = low + ONES * (0x7f - b'/' as u64);
        let question = !((low ^ (ONES * b'?' as u64)) + ONES * 0x7f);
        let mut near = (eight | from_mark & !past_slash | question) & (ONES << 7);
        while near != 0 {
            let n = near.trailing_zeros() as usize / 8;
            if rest.get(n).is_some_and(|byte| is_mark(*byte)) {
                return Some(at + n);
            }
            near &= near - 1;
        }
        at += 8;
    }
}

const ABBREVIATION: Kinds = Kinds::NONE.with(Kind::Abbreviation);

impl<'a> Splitter<'a> {
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether the line `start..stop` goes on in the next one, having been wrapped.
    fn joins(&self, start: usize, stop: usize, end: usize) -> bool {
        if stop - start < WRAPPED {
            return false;
        }
        let line = self.slice(start, stop).trim();
        if line.len() < WRAPPED
            || line.as_bytes().last().is_some_and(|b| matches!(b, b'.' | b'!' | b'?' | b':' | b';'))
        {
            return false;
        }
        let mut next = self.slice(stop, end);
        if !begins_with_word(next) {
            next = cut(next, 80).split('\n').next().unwrap_or_default().trim();
            if next.is_empty() || item_len(next) > 0 {
                return false;
            }
        }
        next.starts_with(char::is_lowercase) || line.len() >= 60 || line.ends_with(',')
    }

    /// Splits a run of lines that belong together at the marks that end sentences.
    fn paragraph(&mut self, start: usize, end: usize) {
        let (mut begin, mut at) = (start, start);
        while let Some(skipped) = self.text.as_bytes().get(at..end).and_then(next_mark) {
            at += skipped;
            let mut chars = self.slice(at, end).chars();
            let Some(c) = chars.next() else { break };
            let (after, next) = (at + c.len_utf8(), chars.next());
            let ends = match c {
                '。' | '？' | '！' => true,
                '?' | '!' | '…' => next
                    .is_none_or(|n| !n.is_alphanumeric() && !matches!(n, '?' | '!' | ')' | '"' | '”' | '\'')),
                ')' | '"' | '”' | '\'' => {
                    let before = self.slice(begin, at).trim_end_matches([')', '"', '”', '\'']);
                    before.ends_with(['?', '!']) && next.is_none_or(char::is_whitespace)
                }
                '.' => next.is_none_or(char::is_whitespace) && self.full_stop(begin, at, end),
                _ => false,
            };
            at = after;
            if ends {
                self.sentence(begin, after);
                begin = after;
            }
        }
        self.sentence(begin, end);
    }

    /// Whether the full stop at `at` ends a sentence: not after an abbreviation, an initial, or the
    /// number of a list item.
    fn full_stop(&mut self, begin: usize, at: usize, end: usize) -> bool {
        let before = self.slice(begin, at);
        let goes_on = |c: char| c.is_lowercase() || c.is_ascii_digit();
        let lower = match self.text.as_bytes().get(at + 1..end) {
            // As most are: the last of their lines, or a space before the next one.
            Some([] | b"\n") => false,
            Some([b' ', next, ..]) if next.is_ascii_graphic() => goes_on(char::from(*next)),
            _ => cut(self.slice(at + 1, end), 16).trim_start().starts_with(goes_on),
        };
        // A word that is longer than any title ends a sentence, unless what follows says otherwise.
        let letters = before.bytes().rev().take(MOST_TITLE + 1).take_while(u8::is_ascii_alphabetic);
        if !lower && letters.count() > MOST_TITLE {
            return true;
        }
        let word = before.rsplit([' ', '\n', '\t', '(', '\u{a0}']).next().unwrap_or_default();
        if word.len() > 24 {
            return true;
        }
        let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic) && word != "I";
        let numbered = word.bytes().all(|b| b.is_ascii_digit()) && before.trim() == word;
        let folded = match self.low.folded(self.text, at - word.len(), at) {
            Some(low) => low,
            None => {
                self.folded.clear();
                fold_into(word, &mut self.folded);
                &self.folded
            }
        };
        let short = lexicon::opens(folded, ABBREVIATION).is_some_and(|found| found.len == folded.len());
        // "at 5 pm. Then" ends; "5 pm. on Friday" does not; titles never end one.
        let title =
            matches!(folded, "mr" | "mrs" | "ms" | "dr" | "prof" | "e.g" | "i.e" | "st" | "z.b" | "mme");
        !(initial || numbered || title || (short && lower))
    }

    /// Takes a sentence in, split further where it is too long.
    #[inline]
    fn sentence(&mut self, start: usize, end: usize) {
        // Sentences end where lines do, mostly.
        if !matches!(self.text.as_bytes().get(start..end), Some(b"" | b"\n")) {
            self.parted(start, end);
        }
    }

    /// The same, of one that isn't blank.
    fn parted(&mut self, start: usize, end: usize) {
        let mut start = start;
        while end - start > MOST_BYTES {
            let window = cut(self.slice(start, end), MOST_BYTES);
            let space =
                window.rfind([' ', '\n', '\t']).filter(|at| *at > MOST_BYTES / 2).unwrap_or(window.len());
            if space == 0 {
                return;
            }
            self.add(start, start + space);
            start += space;
        }
        self.add(start, end);
    }

    fn add(&mut self, start: usize, end: usize) {
        let raw = self.slice(start, end);
        let lead = lead(raw);
        let start = start + lead;
        let said = raw.get(lead..).unwrap_or_default().trim_end();
        let end = start + said.len();
        let speaks = |text: &str| text.chars().any(char::is_alphanumeric) || text.contains('?');
        if !said.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && !speaks(said) {
            return;
        }
        let said = cut(said, MOST_FOLDED);
        let folded = match self.low.folded(self.text, start, start + said.len()) {
            Some(low) => low.strip_suffix(' ').unwrap_or(low),
            None => {
                self.folded.clear();
                fold_into(said, &mut self.folded);
                &self.folded
            }
        };
        let reading = act::read(folded, self.previous);
        self.previous = reading;
        self.out.push(Sentence { zone: self.zone, act: reading.act, start, end });
    }

    /// A name at the very end is a sign-off, with or without a valediction above it.
    fn sign_off(&mut self, start: usize) {
        let text = self.text;
        let Some(last) = self.out.last_mut().filter(|s| s.start >= start && s.zone == Zone::New) else {
            return;
        };
        let said = text.get(last.start..last.end).unwrap_or_default();
        let name =
            said.len() <= 40 && said.split_whitespace().count() <= 3 && !said.ends_with(['?', '.', '!', ':']);
        let capital = said
            .split_whitespace()
            .all(|w| w.trim_start_matches(['-', '/', '~']).starts_with(char::is_uppercase) || w.len() == 1);
        let digits = said.bytes().any(|b| b.is_ascii_digit());
        if name
            && capital
            && !digits
            && last.act == Act::Statement
            && text.get(last.start.saturating_sub(1)..last.start) == Some("\n")
            && last.start > start
        {
            last.act = Act::Courtesy;
        }
    }
}

/// Whether a line begins with a letter that is no label, as nearly every line does.
#[inline]
fn begins_with_word(line: &str) -> bool {
    matches!(line.as_bytes(), [first, second, ..] if first.is_ascii_alphabetic() && *second != b')')
}

/// Length of what stands before the words of a sentence: white space, and a bullet or number.
fn lead(raw: &str) -> usize {
    if begins_with_word(raw) {
        return 0;
    }
    let mut lead = indentation(raw);
    lead += item_len(raw.get(lead..).unwrap_or_default());
    lead + indentation(raw.get(lead..).unwrap_or_default())
}

/// Length of the bullet or number a list item begins with, and the space after it.
fn item_len(line: &str) -> usize {
    if begins_with_word(line) {
        return 0;
    }
    let mut rest = line.trim_start_matches([' ', '\t']);
    let before = rest.len();
    if rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && !rest.get(1..).is_some_and(|r| r.starts_with(')'))
    {
        return 0;
    }
    let bullets =
        ['-', '*', '•', '·', '–', '—', '▪', '◦', '○', '●', '■', '□', '»', '+', '>', '\u{f0b7}', '✓', '→'];
    if rest.starts_with(bullets) {
        rest = rest.trim_start_matches(bullets);
    } else {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let open = usize::from(rest.starts_with('('));
        let letter =
            usize::from(digits == 0 && rest.as_bytes().get(open).is_some_and(u8::is_ascii_alphabetic));
        let label = if open == 1 {
            1 + rest.bytes().skip(1).take_while(u8::is_ascii_digit).count().max(letter)
        } else {
            digits.max(letter)
        };
        if label == 0
            || label > 3
            || !rest.get(label..).unwrap_or_default().starts_with(['.', ')', ':'])
            || (letter == 1 && open == 0 && !rest.get(1..).unwrap_or_default().starts_with(')'))
        {
            return 0;
        }
        rest = rest.get(label + 1..).unwrap_or_default();
    }
    let spaced = rest.trim_start_matches([' ', '\t', '\u{a0}']);
    if spaced.len() == rest.len() && !rest.is_empty() {
        0
    } else {
        line.len() - spaced.len() - (line.len() - before - (line.len() - before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        split(text, &Low::of(text), Zone::New, 0..text.len(), &mut out);
        out.iter().map(|s| &text[s.start..s.end]).collect()
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let table: &[(&str, &[&str])] = &[
            ("One. Two? Three!", &["One.", "Two?", "Three!"]),
            (
                "See v1.2 at 10.30 a.m. on Friday, e.g. with Mr. Doe.",
                &["See v1.2 at 10.30 a.m. on Friday, e.g. with Mr. Doe."],
            ),
            (
                "Look at https://a.example/b.html?c=d please. Thanks",
                &["Look at https://a.example/b.html?c=d please.", "Thanks"],
            ),
            (
                "Three things:\n- first one\n- second\n  1) third",
                &["Three things:", "first one", "second", "third"],
            ),
            ("1. Logo. It is too small.\n2. Font", &["Logo.", "It is too small.", "Font"]),
            (
                "This line was wrapped by the mail program after some sixty\nletters and goes on here. Next",
                &[
                    "This line was wrapped by the mail program after some sixty\nletters and goes on here.",
                    "Next",
                ],
            ),
            ("Hi Maeve\nCan you call me", &["Hi Maeve", "Can you call me"]),
            ("Really?! (Yes?) \"No?\" ok", &["Really?!", "(Yes?)", "\"No?\"", "ok"]),
            ("ok. can you send it", &["ok.", "can you send it"]),
            ("准备好了吗？谢谢。", &["准备好了吗？", "谢谢。"]),
            ("-- \n***\n", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(&sentences(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_sentence_is_longer_than_a_thousand_bytes() {
        for text in ["x".repeat(5000), "word ".repeat(1000), "é".repeat(3000)] {
            let found = sentences(&text);
            assert!(found.len() >= 5 && found.iter().all(|s| s.len() <= MOST_BYTES));
        }
    }
}
