//! Lines: the grain in which zones are decided.
//!
//! Takes text; gives its lines, each with the blank lines after it, with neighbouring `>` lines made
//! one. So ten megabytes of `>` or of nothing cost one entry, and no pass sees a blank line.

use memchr::{memchr, memrchr};

use super::fold;
use super::low::Source;
use super::parted;
use super::sheet::Sheet;
use super::signs::Signs;

/// Bytes of a line that is surely folded to its end.
const MOST_BYTES: usize = 1000;

/// A line with text on it, or a run of quoted lines, and whatever blank lines follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// The text of its first physical line, without white space at either end.
    pub text: &'t str,
    /// Where it begins, indentation included.
    pub start: usize,
    /// Where its text ends.
    pub end: usize,
    /// Where the next one begins.
    pub stop: usize,
    /// What it looks like.
    pub shape: Shape,
    /// Whether a blank line follows.
    pub gap: bool,
    /// Whether it lies in an HTML container in which all of a mail carried along stands.
    pub wrapped: bool,
    /// Which of the text's lines it is.
    pub number: u32,
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

impl<'t> Line<'t> {
    /// Two lines of one of `text`, of which the first has its first `bytes` bytes.
    pub(super) fn parted(self, text: &'t str, bytes: usize) -> [Self; 2] {
        let place = self.start + bytes;
        let indented = indentation(text.get(place..self.end).unwrap_or_default());
        let slice = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
        let above = Self { text: slice(self.begin(), place), end: place, stop: place, gap: false, ..self };
        [above, Self { text: slice(place + indented, self.end), start: place, ..self }]
    }

    /// Where its text begins.
    pub(super) fn begin(&self) -> usize {
        self.end - self.text.len()
    }

    /// Whether its text may end in a byte of ASCII once it is folded; the text of a very long one may end in any.
    pub(super) fn may_end_in(&self, byte: u8) -> bool {
        let kept = |last: &u8| last.is_ascii_graphic() && *last != b'*' && self.end - self.start < MOST_BYTES;
        self.text.as_bytes().last().is_none_or(|last| !kept(last) || *last == byte)
    }

    /// The first byte of the line, where it isn't indented.
    pub(super) fn first_byte(&self, sheet: &Sheet<'_>) -> u8 {
        sheet.text.as_bytes().get(self.start).copied().unwrap_or_default()
    }

    /// Its text folded; of a very long one the beginning.
    #[inline]
    pub(super) fn folded<'s>(&self, sheet: &Sheet<'s>) -> &'s str {
        sheet.look(self).folded
    }

    /// Which bytes that decide something its text has.
    #[inline]
    pub(super) fn signs(&self, sheet: &Sheet<'_>) -> Signs {
        sheet.look(self).signs
    }

    /// The text of the last physical line of a quoted run.
    pub(super) fn last<'s>(&self, sheet: &Sheet<'s>) -> &'s str {
        let body = sheet.text.get(self.start..self.stop).unwrap_or_default().trim_end();
        let start = memrchr(b'\n', body.as_bytes()).map_or(0, |at| at + 1);
        body.get(start..).unwrap_or_default()
    }
}

/// The lines of a text.
pub(super) fn lines(source: Source<'_>) -> Vec<Line<'_>> {
    let mut lines = split(source.text);
    parted::part(source, &mut lines);
    for (number, line) in lines.iter_mut().enumerate() {
        line.number = narrow(number);
    }
    lines
}

/// A number kept small, since a text may have millions of lines; beyond four gigabytes nothing is found.
pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Splits `text` into lines. The first one's `start` is 0 even when blank lines precede it, so that
/// together they cover the text; text of blank lines alone has no line.
fn split(text: &str) -> Vec<Line<'_>> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Line<'_>> = Vec::with_capacity(bytes.len() / 48 + 4);
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        // Half of all lines are blank.
        let length = if rest.starts_with(b"\n") { 0 } else { memchr(b'\n', rest).unwrap_or(rest.len()) };
        let content = rest.get(..length).unwrap_or_default();
        let mut stop = bytes.len().min(at + length + 1);
        match (shape(text, at, content), lines.last_mut()) {
            (None, None) => {}
            (None, Some(last)) => {
                last.stop = stop;
                last.gap = true;
            }
            (Some(Shape::Quote), Some(last)) if last.shape == Shape::Quote && !last.gap => {
                stop = quoted_run(bytes, stop);
                last.stop = stop;
            }
            (Some(shape), last) => {
                let open = shape == Shape::Quote && last.is_some_and(|last| leaves_link_open(text, last));
                let shape = if open { Shape::Text } else { shape };
                let start = if lines.is_empty() { 0 } else { at };
                let end = at + trimmed(text, at, content);
                let said = text.get(start..end).unwrap_or_default();
                let said = match indentation(said) {
                    0 => said,
                    indented => said.get(indented..).unwrap_or_default(),
                };
                lines.push(Line {
                    text: said,
                    start,
                    end,
                    stop,
                    shape,
                    gap: false,
                    wrapped: false,
                    number: 0,
                });
            }
        }
        at = stop;
    }
    lines
}

/// Where the run of lines ends, those from `at` on, that are surely quoted, and go on a line above `at` that is.
fn quoted_run(bytes: &[u8], mut at: usize) -> usize {
    while let Some(rest) = bytes.get(at..).filter(|rest| rest.starts_with(b">")) {
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        if rest.get(..length).is_some_and(is_drawn) {
            break;
        }
        at = bytes.len().min(at + length + 1);
    }
    at
}

/// How much white space a line begins with.
#[inline]
pub(super) fn indentation(line: &str) -> usize {
    // Most lines are not indented.
    let flush = line.as_bytes().first().is_some_and(u8::is_ascii_graphic);
    if flush { 0 } else { line.len() - line.trim_start().len() }
}

/// Whether a line ends in a web address whose closing bracket was wrapped onto the next line.
fn leaves_link_open(text: &str, line: &Line<'_>) -> bool {
    if line.shape != Shape::Text || line.gap {
        return false;
    }
    let raw = text.as_bytes().get(line.start..line.end).unwrap_or_default();
    let open = memrchr(b'<', raw).and_then(|at| raw.get(at..));
    open.is_some_and(|link| link.starts_with(b"<http") && memchr(b'>', link).is_none())
}

/// What `content`, the bytes of one line at `at`, looks like; `None` when it is blank.
#[inline]
fn shape(text: &str, at: usize, content: &[u8]) -> Option<Shape> {
    // As most lines do, those without text among them.
    let first = content.first()?;
    if first.is_ascii_alphanumeric() { Some(Shape::Text) } else { marked_shape(text, at, content) }
}

/// The same, of a line that begins with something else than a letter or a digit.
fn marked_shape(text: &str, at: usize, content: &[u8]) -> Option<Shape> {
    let lead = content.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'))?;
    let first = content[lead];
    if first == b'>' && !is_drawn(content) {
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

/// Whether a line that begins as a quoted one is drawn instead: ">>> our shop <<<".
fn is_drawn(content: &[u8]) -> bool {
    content.ends_with(b"<<")
}

/// The shape of a line that begins outside ASCII: blank when all of it is white space or takes no room.
fn odd_shape(line: &str) -> Option<Shape> {
    let mut seen = line.chars().filter(|c| !c.is_whitespace() && !fold::is_invisible(*c));
    let first = seen.next()?;
    if first == '>' {
        return Some(Shape::Quote);
    }
    let drawn = |c: char| "–—―─━═⸻•·¯＿＝－＊〓".contains(c);
    // One long dash is the signature delimiter of some clients, so one is enough here.
    if drawn(first) && seen.all(drawn) { Some(Shape::Rule(b'-')) } else { Some(Shape::Text) }
}

fn is_rule_byte(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'=' | b'*' | b'#' | b'~' | b'+')
}

/// Length of `content` without the white space at its end.
fn trimmed(text: &str, at: usize, content: &[u8]) -> usize {
    match content.last() {
        Some(b) if !b.is_ascii_graphic() => {
            text.get(at..at + content.len()).unwrap_or_default().trim_end().len()
        }
        _ => content.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::of_text;
    use super::*;

    #[test]
    fn lines_cover_the_text_and_carry_their_blanks() {
        let text = "\n\u{a0}\nHi\n\n> a\n> b\n\n>c\n--\n\u{2014}\n* x\nend";
        of_text(text, |sheet, lines| {
            assert!(lines.windows(2).all(|pair| pair[0].stop == pair[1].start));
            assert_eq!(lines.first().map(|l| l.start), Some(0));
            assert_eq!(lines.last().map(|l| l.stop), Some(text.len()));
            let shapes: Vec<_> = lines.iter().map(|l| (l.text, l.shape, l.gap)).collect();
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
            assert_eq!(lines[1].last(sheet), "> b");
        });
    }

    #[test]
    fn blank_text_has_no_line() {
        for text in ["", "\n\n", " \t\r\n", "\u{feff}\n\u{200b}"] {
            assert!(split(text).is_empty(), "{text:?}");
        }
    }
}
