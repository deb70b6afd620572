//! Text with its capitals lowered: most of what is folded is a slice of it.
//!
//! Takes text; gives it in lower case and with spaces for line ends, byte for byte as long; and says of
//! which stretches that is all that [`fold_into`](super::fold::fold_into) would do. Lowers a piece of the
//! text when something in it is first looked at, for nothing looks at most of a long thread.

use std::cell::OnceCell;

use super::fold::is_plain;

/// Bytes looked at together.
const STEP: usize = 32;
/// Every so many bytes of the text a piece begins, and how many it has: it reaches into the next one, for
/// what begins in one may end in the next.
const APART: usize = 768;
const REACH: usize = 1024;

/// Lowered text; the text itself is handed to each function.
#[derive(Debug, Default)]
pub(super) struct Low {
    pieces: Vec<OnceCell<Piece>>,
}

/// A body's text, which is the end of a page's.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub text: &'t str,
    page: &'t str,
    base: usize,
    low: &'t Low,
}

impl<'t> Source<'t> {
    /// The text that begins at `base` of `page`; `low` is the page's.
    pub(super) fn new(page: &'t str, base: usize, low: &'t Low) -> Self {
        Self { text: page.get(base..).unwrap_or_default(), page, base, low }
    }

    /// As [`Low::folded`] gives it, of a stretch of the text.
    pub(super) fn folded(self, start: usize, end: usize) -> Option<&'t str> {
        self.low.folded(self.page, self.base + start, self.base + end)
    }
}

/// A piece of the text.
#[derive(Debug)]
struct Piece {
    begin: usize,
    low: String,
    /// Of every step, from the lowest bit up: whether folding changes a byte in it, or the space it may end in.
    odd: u64,
}

impl Low {
    /// That of `text`.
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        let mut low = Self::default();
        low.grow(0, text.len());
        low
    }

    /// Makes room after the text has grown from so many bytes to so many.
    pub(super) fn grow(&mut self, from: usize, to: usize) {
        // What pieces at its end were lowered without what follows now.
        self.pieces.truncate(from.saturating_sub(REACH) / APART);
        self.pieces.resize_with(to.div_ceil(APART), OnceCell::new);
    }

    /// A stretch of the `text`; `None` if it is too long to lie in one piece.
    #[cfg(test)]
    pub(super) fn get(&self, text: &str, start: usize, end: usize) -> Option<&str> {
        let piece = self.piece(text, start)?;
        piece.low.get(start.checked_sub(piece.begin)?..end.checked_sub(piece.begin)?)
    }

    /// A stretch of the `text` without blank lines, if folding surely leaves it as it is, but for a space at
    /// either end; `None`, too, if it is too long to lie in one piece.
    pub(super) fn folded(&self, text: &str, start: usize, end: usize) -> Option<&str> {
        let piece = self.piece(text, start)?;
        let (start, end) = (start.checked_sub(piece.begin)?, end.checked_sub(piece.begin)?);
        let low = piece.low.get(start..end)?;
        if piece.odd == 0 {
            return Some(low);
        }
        // The steps it lies in, and those that it fills.
        let (first, last) = (start / STEP, end.div_ceil(STEP));
        let odd = piece.odd & steps(first, last);
        let inside = odd & steps(first + 1, last.saturating_sub(1));
        // What is odd may lie in the first step or the last, and outside the stretch.
        (odd == 0 || (inside == 0 && is_folded(low.as_bytes()))).then_some(low)
    }

    fn piece(&self, text: &str, start: usize) -> Option<&Piece> {
        let number = start / APART;
        Some(self.pieces.get(number)?.get_or_init(|| Piece::of(text, number * APART)))
    }
}

impl Piece {
    /// The piece of `text` that begins at a byte, or just before it where that is inside a letter.
    fn of(text: &str, begin: usize) -> Self {
        let begin = text.floor_char_boundary(begin);
        let rest = text.get(begin..).unwrap_or_default();
        let own = rest.get(..rest.floor_char_boundary(REACH)).unwrap_or_default();
        let lower = |byte: u8| {
            let capital = byte.wrapping_sub(b'A') < 26;
            (byte | if capital { 0x20 } else { 0 }) ^ if byte == b'\n' { b'\n' ^ b' ' } else { 0 }
        };
        // Only bytes of ASCII are replaced, each by another.
        let low = String::from_utf8(own.bytes().map(lower).collect()).unwrap_or_default();
        let mut odd = 0;
        for step in 0..own.len().div_ceil(STEP) {
            // A step looks a byte ahead, for two spaces may stand on either side of a boundary.
            let ahead = rest.as_bytes().get(step * STEP..).unwrap_or_default();
            odd |= u64::from(ahead.first_chunk().map_or_else(|| ends_odd(ahead), is_odd)) << step;
        }
        Self { begin, low, odd }
    }
}

/// The bits of the steps from `first` to before `last`.
fn steps(first: usize, last: usize) -> u64 {
    // A piece has fewer steps than a number has bits.
    let below = |step: usize| 1_u64.wrapping_shl(step as u32) - 1;
    below(last) & !below(first)
}

/// Whether folding changes the first bytes of a step but for their case, or makes two spaces one.
fn is_odd(step: &[u8; STEP + 1]) -> bool {
    let (now, next) = (&step[..STEP], &step[1..]);
    let odd = now.iter().zip(next).fold(0, |odd, (&byte, &next)| {
        let shows = byte.wrapping_sub(b' ') <= b'~' - b' ';
        let plain = (shows & (byte != b'*')) | (byte == b'\n');
        // Blank lines part what is folded. A quotation mark before a line end is only taken for a space.
        let spaces = ((byte | next) == b' ') | ((byte | next) == (b' ' | b'\n'));
        odd | u8::from(!plain | spaces)
    });
    odd != 0
}

/// The same, of the end of a text, with what may stand there for the bytes it lacks.
fn ends_odd(end: &[u8]) -> bool {
    let mut step = [b'x'; STEP + 1];
    for (slot, byte) in step.iter_mut().zip(end) {
        *slot = *byte;
    }
    is_odd(&step)
}

/// Whether folding leaves lowered text as it is, but for a space at either end.
fn is_folded(low: &[u8]) -> bool {
    let Some((last, _)) = low.split_last() else { return true };
    let pairs = low.iter().zip(low.get(1..).unwrap_or_default());
    let odd =
        pairs.fold(!is_plain(*last), |odd, (byte, next)| odd | !is_plain(*byte) | ((byte | next) == b' '));
    !odd
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold_into;
    use super::*;

    #[test]
    fn folded_is_what_folding_would_not_change() {
        let line = "Wrapped lines of Mail have sixty letters and more, which is only a few steps, not one.";
        let scraps = ["", " ", "  ", "*", "\t", "\r\n", "\n", "\u{a0}", "é", "\0", "\u{7f}", "\"\n"];
        for at in 0..=line.len() {
            for scrap in scraps {
                let text = format!("{}{scrap}{}", &line[..at], &line[at..]);
                let low = Low::of(&text);
                for start in (0..text.len()).step_by(5).filter(|start| text.is_char_boundary(*start)) {
                    for end in (start..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                        let part = &text[start..end];
                        let Some(found) = low.folded(&text, start, end) else {
                            assert!(!scrap.is_empty(), "{part:?}");
                            continue;
                        };
                        let mut folded = String::new();
                        fold_into(part, &mut folded);
                        let bare = found.strip_prefix(' ').unwrap_or(found);
                        assert_eq!(bare.strip_suffix(' ').unwrap_or(bare), folded, "{part:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_too_long_lies_in_one_piece_wherever_it_begins() {
        let text = "Zwölf Boxkämpfer jagen Viktor quer ".repeat(200);
        let low = Low::of(&text);
        for start in (0..text.len()).filter(|start| text.is_char_boundary(*start)) {
            let end = text.floor_char_boundary(start + REACH - APART - 4);
            let want: String = text[start..end].chars().map(|c| c.to_ascii_lowercase()).collect();
            assert_eq!(low.get(&text, start, end), Some(want.as_str()));
            assert_eq!(low.get(&text, start, start + REACH + 4), None);
        }
    }

    #[test]
    fn text_grows() {
        let mut text = String::new();
        let mut low = Low::default();
        for n in 0..300 {
            let before = text.len();
            text.push_str(&format!("Line {n}  OF Text\n"));
            low.grow(before, text.len());
            for start in [0, before / 2, before.saturating_sub(40), before] {
                let end = text.len().min(start + 60);
                assert_eq!(
                    low.get(&text, start, end),
                    Some(&*text[start..end].to_lowercase().replace('\n', " "))
                );
            }
            assert_eq!(
                low.folded(&text, before, before + 6),
                Some(&*text[before..before + 6].to_lowercase())
            );
            assert_eq!(low.folded(&text, before, text.len()), None);
        }
    }
}
