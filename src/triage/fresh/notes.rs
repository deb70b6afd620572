//! Header blocks of Lotus Notes: labels without colons, beside or above what they say, in columns, or in a box.
//!
//! Takes lines; says which of them are such a block.

use super::date::{has_time, is_dated};
use super::fold::fold_into;
use super::header_block::Block;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::sheet::Sheet;

/// Lines of a block in which the labels of Lotus Notes may stand.
const MOST_LABELS: usize = 14;

/// The block that Lotus Notes puts above a mail, if one begins at the first of `lines`.
pub(super) fn find(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<Block> {
    let (first, below) = lines.split_first()?;
    // Nearly all lines are turned away here.
    if first.text.starts_with('|') {
        return find_boxed(sheet, lines);
    }
    if first.begin() == first.start && !may_be_below_name(below.first()?.first_byte(sheet)) {
        return None;
    }
    find_labelled(sheet, lines).or_else(|| find_columns(sheet, lines))
}

/// Who, below it when, and then "To", "cc" and "Subject", each beside or above what it says.
fn find_labelled(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<Block> {
    let (who, below) = lines.split_first()?;
    // Nearly all lines are turned away here.
    if !may_be_below_name(below.first()?.first_byte(sheet)) {
        return None;
    }
    let sent = usize::from(below.first()?.folded(sheet).starts_with("sent by"));
    let when = below.get(sent)?;
    let date = when.folded(sheet);
    let dated = date.len() <= 40 && date.starts_with(|c: char| c.is_ascii_digit());
    let said = who.text;
    if !dated || !has_time(date) || !is_dated(date) || said.len() > 80 || said.ends_with(['.', '!', '?', ':'])
    {
        return None;
    }
    let first = sent + 2;
    let labels = lines.get(first..)?.iter().take(MOST_LABELS).enumerate();
    let mut labels = labels.filter_map(|(at, line)| Some((first + at, label(sheet, line)?)));
    labels.find(|(_, (kinds, _))| kinds.has(Kind::To))?;
    let mut known = sent > 0 || said.contains(['@', '/']);
    let (subject, (_, alone)) = labels.find(|(_, (kinds, _))| {
        known |= kinds.has(Kind::Cc);
        kinds.has(Kind::Subject)
    })?;
    if !known {
        return None;
    }
    let below = alone && subject + 1 < lines.len();
    Some(Block { len: subject + 1 + usize::from(below), weak: false, bare: false })
}

/// Lines above the first label in columns: a name and its address.
const MOST_NAME: usize = 4;

/// Who and when on the left, the labels at the ends of lines on the right, what they say below them.
fn find_columns(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<Block> {
    let mut folded = String::new();
    let mut ends_in = |line: &Line<'_>, kind: Kind| {
        let bytes = line.text.as_bytes();
        let apart =
            if may_be_parted(bytes) { bytes.windows(2).rposition(|pair| pair == b"  ") } else { None };
        // The label of who it went to stands below a name, so to its right.
        if apart.is_none() && kind == Kind::To {
            return None;
        }
        let (before, label) = apart.map_or(("", line.text), |at| (&line.text[..at], &line.text[at + 2..]));
        folded.clear();
        fold_into(label, &mut folded);
        let whole =
            lexicon::opens(&folded, Kinds::NONE.with(kind)).is_some_and(|found| found.len == folded.len());
        whole.then_some(!before.is_empty())
    };
    let to = lines.iter().take(MOST_NAME).position(|line| ends_in(line, Kind::To) == Some(true))?;
    let mut rest = lines.iter().enumerate().take(MOST_LABELS).skip(to + 1);
    let (subject, _) = rest.find(|(_, line)| ends_in(line, Kind::Subject).is_some())?;
    let below = usize::from(subject + 1 < lines.len());
    // The day and the time may be wrapped apart.
    let above = || lines.iter().take(subject).map(|line| line.folded(sheet));
    let dated = above().any(has_time) && above().any(is_dated);
    dated.then_some(Block { len: subject + 1 + below, weak: false, bare: false })
}

/// Whether two spaces may stand side by side, all bytes looked at: that is many at once.
fn may_be_parted(bytes: &[u8]) -> bool {
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    pairs.fold(0, |found, (byte, next)| found | u8::from((byte | next) == b' ')) != 0
}

/// Lines of a box, and bytes of the line it begins with.
const MOST_BOX: usize = 60;
const LEAST_BOX: usize = 20;

/// Who and when in one box, the fields in another one below it, both drawn with strokes.
fn find_boxed(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<Block> {
    let drawn = |text: &str| text.bytes().all(|byte| b"|-+>< \r\n".contains(&byte));
    let first = lines.first()?.text;
    if !first.starts_with("|-") || first.len() < LEAST_BOX || !drawn(first) {
        return None;
    }
    let framed = |line: &&Line<'_>| {
        line.text.starts_with('|') || (line.shape == Shape::Quote && line.text.starts_with(">-"))
    };
    let len = lines.iter().take(MOST_BOX).take_while(framed).count();
    let field = |kind| {
        lines.iter().take(len).any(|line| {
            let said = line.folded(sheet).trim_start_matches(['|', ' ']);
            let found = lexicon::opens(said, Kinds::NONE.with(kind));
            found.is_some_and(|found| said.get(found.len..).is_some_and(|rest| rest.starts_with(':')))
        })
    };
    (field(Kind::To) && field(Kind::Subject)).then_some(Block { len, weak: false, bare: false })
}

/// Whether what stands below the name in such a block, a date or "Sent by", may begin with a byte.
#[inline]
pub(super) fn may_be_below_name(first: u8) -> bool {
    matches!(first, b'0'..=b'9' | b'S' | b's')
}

/// The field whose label a line is or begins with, and whether it is nothing else.
fn label(sheet: &Sheet<'_>, line: &Line<'_>) -> Option<(Kinds, bool)> {
    let found = lexicon::opens(line.folded(sheet), Kinds::HEADER)?;
    let rest = line.folded(sheet).get(found.len..)?.trim_start_matches([' ', ':']);
    let apart = || line.text.contains(['\t', ':', '：']);
    (rest.is_empty() || apart()).then_some((found.kinds, rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::super::extract_text;
    use super::super::tests::{wanted, zone};
    use crate::terms::Zone;

    #[test]
    fn blocks_of_notes_part_the_reply_from_what_it_answers() {
        let labelled = "Ann Doe/Agency\n17/04/26 15:57\n\nTo\nJane Roe\ncc\n\nSubject\nCards";
        let below = "\"Ann Doe\" <ann@b.example>\n17/04/26 15:57                       To\n            Jane Roe\n\
                     \u{20}                                     cc\n\n                                 Subject\n\
                     \u{20}           Cards";
        let columns = "             Ann Doe\n             <ann@b.exam\n             ple>                  To\n\
                       \u{20}                       Jane Roe\n             17/04/26              cc\n\
                       \u{20}            15:57\n                              Subject\n                 Cards";
        let boxed = "|---------+---------------------------->\n|         |           Ann Doe          |\n\
                     |         |           17/04/26 15:57   |\n|---------+---------------------------->\n\
                     \u{20} >------------------------------------------|\n  |   To:       Jane Roe    |\n\
                     \u{20} |   cc:                   |\n  |   Subject:  Cards       |\n\
                     \u{20} >------------------------------------------|";
        for block in [labelled, below, columns, boxed] {
            let text = format!("They do.\n\n\n{block}\n\n\nDo cards expire?\n");
            assert_eq!(zone(&extract_text(&text, wanted()), Zone::New), "They do.", "{text}");
        }
    }

    #[test]
    fn tables_are_no_blocks() {
        for text in [
            "The rota:\n\nJane Doe\n04/05/2026 10:32      To\nLeeds\n\nPlease put it up.",
            "Prices\n\n|---------+------------|\n| To:     | Subject:   |\n| Leeds   | tickets    |\n\nOk?",
            "  Jane Doe      Leeds\n  04/05/2026 10:32      York\n\nPlease put it up.",
        ] {
            let new = zone(&extract_text(text, wanted()), Zone::New);
            assert!(new.ends_with(text.lines().last().unwrap()), "{text}");
        }
    }
}
