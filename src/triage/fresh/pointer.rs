//! Pointers: new text that only says "see below", and words that announce what stands below them.

use crate::terms::Zone;

use super::ZoneSpan;
use super::fold::fold_into;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};

/// Words new text may have and still be a pointer: on its own, and when it says that it points.
const FEW_WORDS: usize = 24;
const SOME_WORDS: usize = 32;

const WROTE: Kinds = Kinds::NONE.with(Kind::Wrote);
const POINTS: Kinds = Kinds::NONE.with(Kind::Points);
const POLITE: Kinds =
    Kinds::NONE.with(Kind::Greeting).with(Kind::Valediction).with(Kind::Thanks).with(Kind::Courtesy);

/// Whether the forwarded text is the matter because the new text, if any, only points to it.
pub(super) fn points(text: &str, zones: &[ZoneSpan]) -> bool {
    let forwarded = zones.iter().any(|span| {
        span.zone == Zone::Forwarded
            && text.get(span.start..span.end).is_some_and(|t| t.chars().any(char::is_alphanumeric))
    });
    if !forwarded {
        return false;
    }
    let (mut words, mut points) = (0, false);
    let mut folded = String::new();
    for span in zones.iter().filter(|span| span.zone == Zone::New) {
        let new = text.get(span.start..span.end).unwrap_or_default();
        for line in cut(new, 2000).lines() {
            folded.clear();
            fold_into(line, &mut folded);
            let said = folded.split([' ', ',']).filter(|w| w.chars().any(char::is_alphanumeric)).count();
            points |= lexicon::find(&folded, POINTS).is_some();
            words += if said <= 4 && lexicon::opens(&folded, POLITE).is_some() { 0 } else { said };
            if words > SOME_WORDS {
                return false;
            }
        }
    }
    words <= FEW_WORDS || points
}

/// Bytes at the end of a text of which the last line may announce what stands below.
const MOST_ANNOUNCING: usize = 500;

/// Whether text ends with words of the sender's that announce what stands below them, such as "use this:". An
/// attribution has a number, an address or a verb.
pub(super) fn is_announcement(text: &str) -> bool {
    let text = text.trim_end();
    let near =
        text.get(text.floor_char_boundary(text.len().saturating_sub(MOST_ANNOUNCING))..).unwrap_or_default();
    let above = near.lines().next_back().unwrap_or_default();
    let mut folded = String::new();
    fold_into(above, &mut folded);
    let known = folded.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@');
    above.ends_with(':') && !known && lexicon::find(&folded, WROTE).is_none()
}
