//! Lines that announce mail carried along: "-----Original Message-----", "Begin forwarded message:".
//!
//! Takes a line; says what it announces. Whether mail follows is for `quote` to see.

use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::sheet::Sheet;

/// A line that announces a mail carried along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// "-----Original Message-----".
    Original,
    /// "---------- Forwarded message ---------", "Begin forwarded message:".
    Forwarded,
    /// "## Please type your reply above this line ##".
    Above,
}

/// What a line announces by known words alone, whatever is drawn beside them: it counts where earlier mail follows.
pub(super) fn caption(sheet: &Sheet<'_>, line: &Line<'_>) -> Option<Marker> {
    if line.shape != Shape::Text || line.text.len() > MOST_CAPTION {
        return None;
    }
    let bare = line.folded(sheet).trim_matches(|c: char| !c.is_alphanumeric());
    let found = lexicon::opens(bare, MARKERS).filter(|found| found.len == bare.len())?;
    Some(if found.kinds.has(Kind::Forwarded) { Marker::Forwarded } else { Marker::Original })
}

/// Whether a line stands between dashes, whatever its words: above a header block it belongs to that.
pub(super) fn is_between_dashes(line: &Line<'_>) -> bool {
    let raw = line.text;
    line.shape == Shape::Text && raw.len() <= MOST_CAPTION && raw.starts_with("---") && raw.ends_with("---")
}

/// Bytes of a caption.
const MOST_CAPTION: usize = 80;

const MARKERS: Kinds = Kinds::NONE.with(Kind::Original).with(Kind::Forwarded).with(Kind::Above);

/// What a line announces, if it does.
#[inline]
pub(super) fn marker(sheet: &Sheet<'_>, line: &Line<'_>) -> Option<Marker> {
    let bytes = line.text.as_bytes();
    // Most lines begin with a letter, and end with no colon.
    let plain = bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(|last| last.is_ascii() && *last != b':');
    if plain { None } else { marker_of(sheet, line) }
}

/// The same, of a line that is closed by a colon or begins with something else than a letter or a digit.
#[inline(never)]
fn marker_of(sheet: &Sheet<'_>, line: &Line<'_>) -> Option<Marker> {
    let raw = line.text;
    let raw = if line.shape == Shape::Quote { raw.trim_start_matches(['>', ' ']) } else { raw };
    let drawn =
        |c: char| matches!(c, '-' | '_' | '=' | '*' | '#' | '~' | '+' | '<' | '[' | '|' | ' ' | '\u{a0}');
    let dashes = |c: char| drawn(c) || matches!(c, '‐' | '–' | '—' | '―' | '>' | ']' | ':' | '：' | '"');
    let first = raw.chars().next()?;
    let closed = raw.ends_with([':', '：']);
    if matches!(line.shape, Shape::Rule(_)) || !(closed || drawn(first) || dashes(first)) {
        return None;
    }
    let core = raw.trim_start_matches(dashes);
    let ruled = raw.len() - core.len() >= 2;
    if raw.len() > MOST_MARKER {
        return joined_marker(line.folded(sheet)).filter(|_| ruled);
    }
    let folded = line.folded(sheet).trim_matches(dashes);
    let found = lexicon::opens(folded, MARKERS)?;
    let whole = found.len == folded.len();
    if found.kinds.has(Kind::Above) && (whole || (ruled && folded.len() < found.len + 40)) {
        return Some(Marker::Above);
    }
    if found.kinds.has(Kind::Forwarded) && ((whole && (ruled || closed)) || (ruled && folded.len() < 120)) {
        return Some(Marker::Forwarded);
    }
    let original = found.kinds.has(Kind::Original) && ruled && (whole || raw.ends_with(['-', '_', '=', '*']));
    if original { Some(Marker::Original) } else { joined_marker(line.folded(sheet)).filter(|_| ruled) }
}

/// Bytes of a line that announces mail and holds nothing of it.
const MOST_MARKER: usize = 160;

/// What a line announces that goes on with the mail's header: "----- Forwarded Message ----- From: Jane DoeTo: …",
/// as Yahoo writes it.
pub(super) fn joined_marker(folded: &str) -> Option<Marker> {
    let (marker, header) = between_dashes(folded)?;
    let from = lexicon::opens(header, Kinds::NONE.with(Kind::From))?;
    header.get(from.len..)?.trim_start().starts_with([':', '：']).then_some(marker)
}

/// What is announced between dashes, and what stands behind them.
fn between_dashes(folded: &str) -> Option<(Marker, &str)> {
    let dashes = ['-', ' ', '‐', '–', '—'];
    let folded = folded.trim_start_matches(dashes);
    let found = lexicon::opens(folded, MARKERS)?;
    let rest = folded.get(found.len..)?;
    let forwarded = found.kinds.has(Kind::Forwarded);
    let marker = if forwarded { Marker::Forwarded } else { Marker::Original };
    rest.trim_start().starts_with("--").then(|| (marker, rest.trim_start_matches(dashes)))
}

#[cfg(test)]
mod tests {
    use super::super::sheet::of_text;
    use super::*;

    #[test]
    fn lines_between_dashes_announce_mail() {
        let table = [
            ("-----Original Message-----", Some(Marker::Original)),
            ("*-------- Original Message --------*", Some(Marker::Original)),
            ("‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐", Some(Marker::Original)),
            ("-----Ursprüngliche Nachricht-----", Some(Marker::Original)),
            ("-------- Message d'origine --------", Some(Marker::Original)),
            ("------------------ 原始邮件 ------------------", Some(Marker::Original)),
            ("---------- Forwarded message ---------", Some(Marker::Forwarded)),
            ("Begin forwarded message:", Some(Marker::Forwarded)),
            ("> Begin forwarded message:", Some(Marker::Forwarded)),
            ("Anfang der weitergeleiteten Nachricht:", Some(Marker::Forwarded)),
            ("---------- Message transféré ---------", Some(Marker::Forwarded)),
            ("----- Forwarded by Jane Doe on 04/05/2026 -----", Some(Marker::Forwarded)),
            ("## Please type your reply above this line ##", Some(Marker::Above)),
            ("-- REPLY ABOVE THIS LINE --", Some(Marker::Above)),
            ("- Reply above this line to leave a comment -", Some(Marker::Above)),
            ("The original message was fine", None),
            ("- original message to be kept in the header of the page", None),
            ("------", None),
            ("- forwarded", None),
        ];
        for (text, expected) in table {
            let found = of_text(text, |sheet, lines| marker(sheet, &lines[0]));
            assert_eq!(found, expected, "{text}");
        }
    }
}
