//! Pointers: new text that only says "see below".

use crate::terms::Zone;

use super::ZoneSpan;
use super::fold::fold_into;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};

/// Words new text may have and still be a pointer: on its own, and when it says that it points.
const FEW_WORDS: usize = 24;
const SOME_WORDS: usize = 32;

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
