//! Mail text on its way to a terminal or into a header field.
//!
//! Takes text that a stranger wrote and gives text that cannot move the cursor, reorder or hide what
//! stands beside it, or start a header field of its own. Words and their order stay as they are.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Longest encoded word (RFC 2047, section 2).
const ENCODED_WORD: usize = 75;

/// Bytes of text that fit an encoded word: base64 makes four characters of three bytes.
const ENCODED_BYTES: usize = (ENCODED_WORD - "=?utf-8?B??=".len()) / 4 * 3;

/// Whether a character would act on a terminal, or be invisible, instead of being seen.
///
/// The joiners U+200C and U+200D shape Persian, Indic scripts and emoji, so they pass after a
/// character beyond ASCII; after an ASCII character they can only hide.
#[must_use]
pub fn acts(c: char, before: Option<char>) -> bool {
    match c {
        '\u{200c}' | '\u{200d}' => before.is_none_or(|b| b.is_ascii()),
        // C0, DEL and C1.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Bidirectional controls: they reorder text beyond their own.
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Zero-width and blank characters.
        '\u{00ad}'
        | '\u{034f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}' => true,
        // Line and paragraph separators.
        '\u{2028}' | '\u{2029}' => true,
        // Interlinear annotations, tags, variation selectors beyond the common sixteen.
        '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// Appends one character as a terminal may show it: itself, or `\u{..}`; a tab becomes a space.
pub fn push(out: &mut String, c: char, before: Option<char>) {
    if c == '\t' {
        out.push(' ');
    } else if acts(c, before) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

/// One line for a terminal: whatever acts, newlines included, is made visible as `\u{..}`.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    let mut before = None;
    let calm = text.chars().all(|c| {
        let calm = !acts(c, before);
        before = Some(c);
        calm
    });
    if calm {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    for c in text.chars() {
        push(&mut out, c, before);
        before = Some(c);
    }
    Cow::Owned(out)
}

/// Bytes of the longest word that stands in a header field as it is.
const LONGEST_WORD: usize = 900;

/// A header field's value: ASCII, without controls, never able to start a line of its own.
///
/// Line breaks and controls become one space or nothing. A value beyond ASCII, or one that looks like
/// an encoded word already, or with a word too long for a line (RFC 5322, section 2.1.1), is written as
/// encoded words (RFC 2047), which hosts that compare header fields decode.
#[must_use]
pub fn header_value(text: &str) -> String {
    if is_header_value(text.as_bytes()) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !clean.is_empty() && !clean.ends_with(' ') {
                clean.push(' ');
            }
        } else if !acts(c, clean.chars().next_back()) {
            clean.push(c);
        }
    }
    clean.truncate(clean.trim_end().len());
    let long = clean.split(' ').any(|word| word.len() > LONGEST_WORD);
    if clean.is_ascii() && !clean.contains("=?") && !long { clean } else { encoded_words(&clean) }
}

/// Whether a text is such a value as it stands, which nearly all are.
fn is_header_value(text: &[u8]) -> bool {
    let visible = text.iter().fold(true, |all, byte| all & (b' '..0x7f).contains(byte));
    let spaces =
        text.starts_with(b" ") || text.ends_with(b" ") || memchr::memmem::find(text, b"  ").is_some();
    let long = || text.split(|&byte| byte == b' ').any(|word| word.len() > LONGEST_WORD);
    visible
        && !spaces
        && memchr::memmem::find(text, b"=?").is_none()
        && (text.len() <= LONGEST_WORD || !long())
}

/// Text as encoded words with a space between each two, each holding whole characters.
fn encoded_words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(ENCODED_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (word, after) = rest.split_at(end);
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str("=?utf-8?B?");
        push_base64(&mut out, word.as_bytes());
        out.push_str("?=");
        rest = after;
    }
    out
}

/// Base64 (RFC 4648, section 4), padded.
pub(crate) fn push_base64(out: &mut String, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place > chunk.len() {
                out.push('=');
            } else {
                let six = (group >> (18 - 6 * place)) & 63;
                out.push(char::from(ALPHABET[six as usize]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_made_visible() {
        for (text, shown) in [
            ("plain, grüße, 日本", "plain, grüße, 日本"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("a\u{9b}2J", "a\\u{9b}2J"),
            ("a\r\nb", "a\\u{d}\\u{a}b"),
            ("a\tb", "a b"),
            ("invoice\u{202e}fdp.exe", "invoice\\u{202e}fdp.exe"),
            ("pay\u{200b}pal", "pay\\u{200b}pal"),
            ("pay\u{200d}pal", "pay\\u{200d}pal"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("a\u{2028}b\u{feff}", "a\\u{2028}b\\u{feff}"),
            ("\u{7f}\0", "\\u{7f}\\u{0}"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn no_text_keeps_a_character_that_acts() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let shown = line(&format!("a{c}")).into_owned();
            assert!(shown.chars().all(|c| !c.is_control()), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn header_values_are_one_line_of_ascii() {
        for (text, value) in [
            ("am@agency.example", "am@agency.example"),
            ("a\r\nBcc: everyone@example.com", "a Bcc: everyone@example.com"),
            ("  two  \t spaces ", "two spaces"),
            ("bell\u{7}", "bell"),
            ("jörg@agency.example", "=?utf-8?B?asO2cmdAYWdlbmN5LmV4YW1wbGU=?="),
            ("=?utf-8?Q?x?=", "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?="),
            (" =?x", "=?utf-8?B?PT94?="),
            ("\u{7f}del", "del"),
            ("", ""),
        ] {
            assert_eq!(header_value(text), value);
        }
        for text in ["am@agency.example", "a; b=1; c=2", "x"] {
            assert!(is_header_value(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn encoded_words_hold_whole_characters_within_their_limit() {
        let text = "é".repeat(200) + &"日".repeat(200);
        let value = header_value(&text);
        assert!(value.split(' ').all(|word| word.len() <= ENCODED_WORD && word.ends_with("?=")));
        assert!(header_value(&"x".repeat(2000)).split(' ').all(|word| word.len() <= ENCODED_WORD));
    }
}
