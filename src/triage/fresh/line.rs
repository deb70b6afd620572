//! Lines: the grain in which zones are decided.
//!
//! Takes text; gives its lines, each with the blank lines after it, with neighbouring `>` lines made
//! one. So ten megabytes of `>` or of nothing cost one entry, and no pass sees a blank line.

use memchr::{memchr, memrchr};

use super::fold;

/// A line with text on it, or a run of quoted lines, and whatever blank lines follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, indentation included.
    pub start: usize,
    /// Where the text of its first physical line ends, trailing white space left out.
    pub end: usize,
    /// Where the next one begins.
    pub stop: usize,
    /// What it looks like.
    pub shape: Shape,
    /// Whether a blank line follows.
    pub gap: bool,
}

/// What a line looks like before anything is known of its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text.
    Text,
    /// One or more lines that begin with `>`.
    Quote,
    /// Nothing but characters that rules are drawn with, at least two; holds the first of them.
    Rule(u8),
}

impl Line {
    /// The text of the first physical line.
    pub(super) fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default().trim_start()
    }

    /// The text of the last physical line of a quoted run.
    pub(super) fn last<'t>(&self, text: &'t str) -> &'t str {
        let body = text.get(self.start..self.stop).unwrap_or_default().trim_end();
        let start = memrchr(b'\n', body.as_bytes()).map_or(0, |at| at + 1);
        body.get(start..).unwrap_or_default()
    }
}

/// Splits `text` into lines. The first one's `start` is 0 even when blank lines precede it, so that
/// together they cover the text; text of blank lines alone has no line.
pub(super) fn split(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Line> = Vec::with_capacity(bytes.len() / 64 + 1);
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, stop) = memchr(b'\n', rest).map_or((rest.len(), bytes.len()), |n| (n, at + n + 1));
        let content = &rest[..length];
        match shape(text, at, content) {
            None => {
                if let Some(last) = lines.last_mut() {
                    last.stop = stop;
                    last.gap = true;
                }
            }
            Some(shape) => {
                let start = if lines.is_empty() { 0 } else { at };
                let end = at + trimmed(text, at, content);
                match lines.last_mut() {
                    Some(last) if shape == Shape::Quote && last.shape == shape && !last.gap => {
                        last.stop = stop;
                    }
                    _ => lines.push(Line { start, end, stop, shape, gap: false }),
                }
            }
        }
        at = stop;
    }
    lines
}

/// What `content`, the bytes of one line at `at`, looks like; `None` when it is blank.
fn shape(text: &str, at: usize, content: &[u8]) -> Option<Shape> {
    let lead = content.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'))?;
    let first = content[lead];
    if first == b'>' {
        return Some(Shape::Quote);
    }
    if first >= 0x80 && content.len() < 200 {
        let line = text.get(at..at + content.len()).unwrap_or_default();
        return odd_shape(line);
    }
    if !is_rule_byte(first) {
        return Some(Shape::Text);
    }
    let mut marks = 0;
    for byte in &content[lead..] {
        match byte {
            b' ' | b'\t' | b'\r' => {}
            b if is_rule_byte(*b) => marks += 1,
            _ => return Some(Shape::Text),
        }
    }
    Some(if marks >= 2 { Shape::Rule(first) } else { Shape::Text })
}

/// The shape of a line that begins outside ASCII: blank when all of it is white space or takes no room.
fn odd_shape(line: &str) -> Option<Shape> {
    let mut seen = line.chars().filter(|c| !c.is_whitespace() && !fold::is_invisible(*c));
    let first = seen.next()?;
    if first == '>' {
        return Some(Shape::Quote);
    }
    let drawn = |c: char| matches!(c, '–' | '—' | '―' | '─' | '━' | '═' | '⸻' | '•' | '·' | '¯' | '＿');
    // One long dash is the signature delimiter of some clients, so one is enough here.
    if drawn(first) && seen.all(drawn) { Some(Shape::Rule(b'-')) } else { Some(Shape::Text) }
}

fn is_rule_byte(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'=' | b'*' | b'#' | b'~' | b'+')
}

/// Length of `content` without the white space at its end.
fn trimmed(text: &str, at: usize, content: &[u8]) -> usize {
    match content.last() {
        Some(b) if b.is_ascii_whitespace() || *b >= 0x80 => {
            text.get(at..at + content.len()).unwrap_or_default().trim_end().len()
        }
        _ => content.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cover_the_text_and_carry_their_blanks() {
        let text = "\n\u{a0}\nHi\n\n> a\n> b\n\n>c\n--\n\u{2014}\n* x\nend";
        let lines = split(text);
        assert!(lines.windows(2).all(|pair| pair[0].stop == pair[1].start));
        assert_eq!(lines.first().map(|l| l.start), Some(0));
        assert_eq!(lines.last().map(|l| l.stop), Some(text.len()));
        let shapes: Vec<_> = lines.iter().map(|l| (l.text(text), l.shape, l.gap)).collect();
        assert_eq!(
            shapes,
            [
                ("Hi", Shape::Text, true),
                ("> a", Shape::Quote, true),
                (">c", Shape::Quote, false),
                ("--", Shape::Rule(b'-'), false),
                ("\u{2014}", Shape::Rule(b'-'), false),
                ("* x", Shape::Text, false),
                ("end", Shape::Text, false),
            ]
        );
        assert_eq!(lines[1].last(text), "> b");
    }

    #[test]
    fn blank_text_has_no_line() {
        for text in ["", "\n\n", " \t\r\n", "\u{feff}\n\u{200b}"] {
            assert!(split(text).is_empty(), "{text:?}");
        }
    }
}
