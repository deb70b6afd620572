//! Text with its capitals lowered, made once for a whole mail: most of what is folded is a slice of it.
//!
//! Takes text; gives it in lower case and with spaces for line ends, byte for byte as long; and says of
//! which stretches that is all that [`fold_into`](super::fold::fold_into) would do.

use super::fold::is_plain;

/// Bytes looked at together.
const STEP: usize = 32;

/// Lowered text.
#[derive(Debug, Default)]
pub(super) struct Low {
    text: String,
    /// Of every whole step: whether folding changes a byte in it, or the space it may end in.
    odd: Vec<bool>,
}

impl Low {
    /// `text` by itself.
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        let mut low = Self::default();
        low.extend(text);
        low
    }

    /// Bytes it has.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Appends `text`.
    pub(super) fn extend(&mut self, text: &str) {
        let lower = |byte: u8| {
            let capital = byte.wrapping_sub(b'A') < 26;
            (byte | if capital { 0x20 } else { 0 }) ^ if byte == b'\n' { b'\n' ^ b' ' } else { 0 }
        };
        let before = self.text.len();
        if self.odd.len() * STEP < before {
            // The step in which one text ends and the next begins.
            self.odd.reserve(text.len() / STEP + 1);
            self.odd.push(true);
        }
        let lowered: Vec<u8> = text.bytes().map(lower).collect();
        // Only bytes of ASCII were replaced, each by another.
        let lowered = String::from_utf8(lowered).unwrap_or_default();
        if before == 0 {
            self.text = lowered;
        } else {
            self.text.push_str(&lowered);
        }
        let mut rest = text.as_bytes().get(self.odd.len() * STEP - before..).unwrap_or_default();
        self.odd.reserve(rest.len() / STEP);
        // A step looks a byte ahead, for two spaces may stand on either side of a boundary.
        while let Some(step) = rest.first_chunk() {
            self.odd.push(is_odd(step));
            rest = rest.get(STEP..).unwrap_or_default();
        }
    }

    /// A stretch of the text.
    pub(super) fn get(&self, start: usize, end: usize) -> Option<&str> {
        self.text.get(start..end)
    }

    /// A stretch of the text without blank lines, if folding surely leaves it as it is, but for a space at
    /// either end.
    pub(super) fn folded(&self, start: usize, end: usize) -> Option<&str> {
        let low = self.text.get(start..end)?;
        let steps = self.odd.get(start / STEP..).unwrap_or_default();
        let count = end.div_ceil(STEP) - start / STEP;
        // The last step of all isn't whole.
        let folded = steps.len() >= count && !steps.iter().take(count).any(|odd| *odd);
        if folded {
            return Some(low);
        }
        // What is odd may lie in the first step or the last, and outside the stretch.
        let inside = steps.iter().take(count.saturating_sub(1)).skip(1).any(|odd| *odd);
        (!inside && is_folded(low.as_bytes())).then_some(low)
    }
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
                let mut low = Low::of(&text);
                if !scrap.is_empty() {
                    // Nothing is said of the step in which two texts meet.
                    low = Low::of(&text[..at]);
                    low.extend(&text[at..]);
                }
                assert_eq!(low.len(), text.len());
                for start in (0..text.len()).step_by(5).filter(|start| text.is_char_boundary(*start)) {
                    for end in (start..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                        let part = &text[start..end];
                        let Some(found) = low.folded(start, end) else {
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
}
