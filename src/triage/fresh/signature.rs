//! Signatures: what stands under a name.
//!
//! Takes the lines of one stretch of new or forwarded text; marks the line a mail program adds ("Sent
//! from my iPhone"), what follows a delimiter (`-- `, RFC 3676, section 4.3), and contact blocks that
//! have none. Valedictions and the name below them are the sender's words and stay.

use std::borrow::Cow;

use crate::terms::Zone;

use super::contact::{self, Scene};
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::mark::{Cause, Mark};
use super::sheet::Sheet;
use super::signs::Signs;
use super::traits;

/// Lines a signature under a bare `--` may have, unless it reads like one.
const MOST_LINES: usize = 14;
/// Words that may follow "Sent from": some programs add a slogan.
const MOST_WORDS: usize = 14;
/// Lines below a ruled line that may still be a signature, and ruled lines that are tried.
const MOST_BELOW: usize = 45;
const MOST_TRIED: usize = 6;

/// Marks the signature in one stretch of lines; gives how many lines are left above it. `again` says that
/// the stretch was read before, when it went on: only its last line can have become a device line.
pub(super) fn mark_signature(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
    scene: Scene<'_>,
    again: bool,
    marks: &mut [Mark],
) -> usize {
    let written = scene.written;
    let mut end = lines.len();
    let unread = if again { lines.len().saturating_sub(1) } else { 0 };
    let device = (unread..lines.len()).find(|at| {
        stands_apart(lines, *at)
            && lines.get(*at).is_some_and(|line| is_device_line(sheet, line))
            && !is_told(lines, *at)
    });
    if let Some(at) = device {
        end = at;
        below_device(sheet, lines, at, written, marks);
    }
    let above = lines.get(..end).unwrap_or_default();
    if let Some((at, signed)) = delimiter(sheet, above, written) {
        set(marks, at, signed, Mark::new(Zone::Signature, Cause::Delimiter));
        end = at;
    }
    let above = lines.get(..end).unwrap_or_default();
    let find = |signed: usize| Some((contact::find(sheet, above.get(..signed)?, scene)?, signed));
    // Some sign above their postscript.
    if let Some((at, signed)) = find(end).or_else(|| find(last_thought(sheet, above)?)) {
        set(marks, at, signed, Mark::new(Zone::Signature, Cause::ContactBlock));
        end = at;
    }
    end
}

/// Lines at the end of a text, or below a signature, of which one may begin a postscript.
const MOST_BEHIND: usize = 20;

/// Where the postscript begins that `lines` end with, nobody having signed below it.
fn last_thought(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Option<usize> {
    const KNOWN: Kinds = traits::POSTSCRIPT.with(Kind::Valediction);
    // Most mail ends with a name that was signed with.
    if lines.iter().rev().take(2).any(|line| contact::is_courtesy(sheet, line)) {
        return None;
    }
    let last = lines.iter().enumerate().rev().take(MOST_BEHIND);
    let mut known = last.filter(|(_, line)| sheet.look(line).first_word().opens(KNOWN).is_some());
    let (mut at, _) = known.next().filter(|(_, line)| is_postscript(sheet, line))?;
    // "PPS" stands below another one.
    while let Some((above, _)) = known.next().filter(|(_, line)| is_postscript(sheet, line)) {
        at = above;
    }
    Some(at)
}

/// Makes a postscript new that was typed into the container of a signature.
pub(super) fn free_postscripts(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &mut [Mark]) {
    let mut thought = false;
    for (line, mark) in lines.iter().zip(marks) {
        let signed = mark.cause == Cause::SignatureContainer;
        thought = signed && (thought || is_postscript(sheet, line));
        if thought {
            *mark = Mark::NEW;
        }
    }
}

/// Where in a signature the sender goes on with a paragraph that asks for something, as no signature does; at its end,
/// if nowhere.
fn asks_below(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> usize {
    let asks = |line: &Line<'_>| {
        let folded = line.folded(sheet);
        folded.ends_with('?') && lexicon::find(folded, ASKS_TO).is_some() && !contact::is_part(sheet, line)
    };
    let paragraphs =
        lines.windows(2).enumerate().filter(|(_, pair)| pair.first().is_some_and(|line| line.gap));
    let mut begins = paragraphs.map(|(at, _)| at + 1);
    let asked = |at: &usize| {
        let rest = lines.get(*at..).unwrap_or_default();
        let len = rest.iter().position(|line| line.gap).map_or(rest.len(), |gap| gap + 1);
        rest.iter().take(len).any(asks)
    };
    begins.find(asked).unwrap_or(lines.len())
}

fn is_postscript(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let look = sheet.look(line);
    traits::is_postscript(line.text, look.folded, look.first_word())
}

/// Whether a line stands where a mail program puts its own: by itself, or at either end.
fn stands_apart(lines: &[Line<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|above| lines.get(above)) else { return true };
    before.gap || at + 1 == lines.len() || matches!(before.shape, Shape::Rule(_))
}

/// Whether line `at` stands within a sentence of the sender's: "it says", "Sent from my iPhone", "at the bottom".
fn is_told(lines: &[Line<'_>], at: usize) -> bool {
    let text = |at: usize| lines.get(at).map(|line| line.text);
    let open = |above: &str| above.ends_with(char::is_alphabetic) && above.split(' ').count() >= LEAST_TOLD;
    at.checked_sub(1).and_then(text).is_some_and(open)
        && text(at + 1).is_some_and(|below| below.starts_with(char::is_lowercase))
}

/// Words of a line that a sentence begins on.
const LEAST_TOLD: usize = 3;

/// Marks a device line and what is below it: mail programs that add one put it under the sender's
/// words, so text below is the earlier mail, unmarked, unless it is short and ends as a sentence.
fn below_device(sheet: &Sheet<'_>, lines: &[Line<'_>], at: usize, written: bool, marks: &mut [Mark]) {
    let device = Mark::new(Zone::Signature, Cause::DeviceLine);
    let earlier = (at > 0 || written)
        && !lines
            .get(at..)
            .and_then(<[Line<'_>]>::split_first)
            .is_some_and(|(device, below)| is_afterthought(sheet, device, below));
    let after = if earlier { Mark::new(Zone::Quoted, Cause::AfterDevice) } else { Mark::NEW };
    let mut afterthought = false;
    for (line, mark) in lines.iter().zip(marks.iter_mut()).skip(at) {
        let ruled = matches!(line.shape, Shape::Rule(_));
        afterthought |= is_postscript(sheet, line);
        *mark = match afterthought {
            true => Mark::NEW,
            false if ruled || is_device_line(sheet, line) => device,
            false => after,
        };
        afterthought &= !line.gap;
    }
}

/// Bytes and lines of an afterthought.
const MOST_THOUGHT: usize = 200;
const MOST_THOUGHT_LINES: usize = 4;

/// Whether all that is below the line `device` is a few words of the sender's: a sentence or a request, that neither
/// greets nor signs off, and nothing that introduces earlier mail.
fn is_afterthought(sheet: &Sheet<'_>, device: &Line<'_>, below: &[Line<'_>]) -> bool {
    if below.len() > MOST_THOUGHT_LINES || !device.gap {
        return false;
    }
    let of_a_mail = |line: &Line<'_>| {
        let (said, folded) = (line.text, line.folded(sheet));
        let told = || said.contains(|c: char| c.is_ascii_digit()) && lexicon::find(folded, WROTE).is_some();
        line.shape != Shape::Text
            || lexicon::opens(folded, ENDS).is_some()
            || contact::is_name(said)
            || said.contains('@')
            || told()
    };
    let ends =
        |line: &Line<'_>| line.text.ends_with(['.', '!', '?']) || traits::is_request(line.folded(sheet));
    let bytes: usize = below.iter().map(|line| line.text.len()).sum();
    bytes <= MOST_THOUGHT && below.iter().any(ends) && !below.iter().any(of_a_mail)
}

fn set(marks: &mut [Mark], from: usize, to: usize, mark: Mark) {
    for old in marks.get_mut(from..to).unwrap_or_default() {
        *old = mark;
    }
}

const VALEDICTION: Kinds = Kinds::NONE.with(Kind::Valediction);
const ASKS_TO: Kinds = Kinds::NONE.with(Kind::AsksTo);
const ENDS: Kinds = VALEDICTION.with(Kind::Greeting);
const WROTE: Kinds = Kinds::NONE.with(Kind::Wrote);
const DEVICE: Kinds = Kinds::NONE.with(Kind::Device).with(Kind::DeviceMy);
const DEVICE_END: Kinds = Kinds::NONE.with(Kind::DeviceEnd);
const GADGET: Kinds = Kinds::NONE.with(Kind::Gadget);

/// Whether a mail program put this line under the mail: "Sent from my iPhone", "Get Outlook for iOS".
pub(super) fn is_device_line(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let raw = line.text;
    if line.shape != Shape::Text || raw.len() > 260 {
        return false;
    }
    let look = sheet.look(line);
    let folded = cut(look.folded, 200);
    let folded = if folded.starts_with(|c: char| c.is_alphanumeric()) {
        folded
    } else {
        folded.trim_start_matches(['<', '(', '[', '-', '_', ' ', '>'])
    };
    let bare = without_links(folded, look.signs);
    let bare = bare.trim_end_matches(['>', ')', ']', '.', '!', ' ', '-', '_']);
    if bare.ends_with(['?', ':']) {
        return false;
    }
    if let Some(found) = lexicon::opens(bare, DEVICE) {
        let rest = bare.get(found.len..).unwrap_or_default();
        let words = rest.split_whitespace().count();
        let named = rest.split([' ', '[', ']', '(', ',']).filter(|w| !w.is_empty()).take(4);
        let gadget = named.map(|w| w.trim_end_matches('.')).any(|w| lexicon::opens(w, GADGET).is_some());
        let gadget = gadget && words <= MOST_WORDS;
        let whole = if found.kinds.has(Kind::DeviceMy) { words <= 5 || gadget } else { gadget || words == 0 };
        if whole {
            return true;
        }
    }
    bare.len() < 90 && lexicon::closes(bare, DEVICE_END) && lexicon::find(bare, GADGET).is_some()
}

/// Folded text that has these `signs`, without web addresses and what encloses them.
fn without_links(folded: &str, signs: Signs) -> Cow<'_, str> {
    let begins = |at: usize| folded.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(b"http"));
    if !signs.has(Signs::ANY_COLON) || !memchr::memchr_iter(b'h', folded.as_bytes()).any(begins) {
        return Cow::Borrowed(folded);
    }
    let mut bare = String::with_capacity(folded.len());
    let mut rest = folded;
    while let Some(at) = rest.find("http") {
        let (before, link) = rest.split_at(at);
        bare.push_str(before.trim_end_matches(['<', '(', '[']));
        rest = link.get(link.find([' ', '>', ')', ']']).unwrap_or(link.len())..).unwrap_or_default();
        rest = rest.trim_start_matches(['>', ')', ']']);
    }
    bare.push_str(rest);
    Cow::Owned(bare)
}

/// Whether a line of a signature is what somebody says: neither a name, nor what a program or a lawyer put there.
pub(super) fn is_said(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    contact::is_sentence(sheet, line) && !is_device_line(sheet, line)
}

/// Where a signature under a delimiter begins and ends: what is below a postscript isn't part of it.
fn delimiter(sheet: &Sheet<'_>, lines: &[Line<'_>], written: bool) -> Option<(usize, usize)> {
    let mut tried = 0;
    for (at, line) in lines.iter().enumerate().skip(usize::from(!written)) {
        let Shape::Rule(_) = line.shape else { continue };
        let raw = sheet.text.get(line.start..line.stop).unwrap_or_default().trim_matches(['\n', '\r']);
        // RFC 3676, section 4.3: the space at the end makes it certain.
        let certain = raw.starts_with("-- ") && raw.trim() == "--";
        let below = lines.get(at + 1..).unwrap_or_default();
        if !certain && (tried == MOST_TRIED || below.len() > MOST_BELOW + MOST_BEHIND) {
            continue;
        }
        let thought = below.iter().position(|line| is_postscript(sheet, line)).unwrap_or(below.len());
        let below = below.get(..thought).unwrap_or_default();
        // "The text for the footer:" announces the sender's own matter.
        let above = at.checked_sub(1).and_then(|above| lines.get(above));
        let announced = || above.is_some_and(|line| contact::announces(sheet, line));
        if certain || (below.len() <= MOST_BELOW && !announced() && delimits(sheet, raw.trim(), below)) {
            return Some((at, at + 1 + asks_below(sheet, below)));
        }
        tried += usize::from(below.len() <= MOST_BELOW);
    }
    None
}

/// Bytes of the shortest ruled line that frames a card.
const LEAST_FRAME: usize = 4;

/// Whether the ruled line `bare` parts a signature, `below`, from the text.
fn delimits(sheet: &Sheet<'_>, bare: &str, below: &[Line<'_>]) -> bool {
    let asks = below.iter().any(|line| line.text.ends_with('?'));
    let said = below.iter().filter(|line| is_said(sheet, line)).count();
    let strength = contact::strength(sheet, below);
    // An itinerary or a table below a ruled line has telephone numbers in it too, and goes on for longer.
    let contact = below.len() <= 2 * MOST_LINES && strength >= 2 && said * 2 <= below.len();
    let short = below.iter().all(|line| line.text.len() <= 100);
    let few = short && !asks && said < 2 && !below.iter().any(|line| traits::is_request(line.folded(sheet)));
    let plain = few && (below.len() < 2 || !below.iter().any(|line| is_short_sentence(line)));
    // Several such lines with sentences between them part sections.
    let again = below.iter().any(|line| matches!(line.shape, Shape::Rule(_)) && line.text == bare);
    // Another one like it, cut before, closes the card.
    let after = below.last().and_then(|last| sheet.text.get(last.stop..)).unwrap_or_default();
    let framed = bare.len() >= LEAST_FRAME && after.trim_start().starts_with(bare);
    if again && said > 0 {
        return false;
    }
    if matches!(bare, "--" | "—" | "–") {
        return contact || (below.len() <= MOST_LINES && !asks && (short || below.len() <= 4));
    }
    let signed = below.first().is_some_and(|line| lexicon::opens(line.folded(sheet), VALEDICTION).is_some());
    if signed && !contact {
        return false;
    }
    let card = is_card(below, strength);
    match bare {
        "---" | "——" => contact || card || (below.len() <= MOST_LINES && few),
        _ if bare.starts_with('_') => contact || (below.len() <= 4 && plain),
        _ => (contact && below.len() <= MOST_LINES && !asks) || (card && (plain || (framed && !asks))),
    }
}

/// Whether a line ends as a sentence of three words or more does, and is no name.
fn is_short_sentence(line: &Line<'_>) -> bool {
    let said = line.text;
    said.ends_with('.') && said.split(' ').count() >= 3 && !traits::is_titled(said)
}

/// Lines of a card: a name and how to reach it.
const MOST_CARD: usize = 6;

/// Whether lines begin with a name and tell how to reach it or what it does.
fn is_card(lines: &[Line<'_>], strength: usize) -> bool {
    let Some(first) = lines.first().map(|first| first.text) else { return false };
    // Names in scripts without spaces are short.
    let dense = (2..=5).contains(&first.chars().count()) && first.chars().all(|c| c >= '\u{3040}');
    let named = dense || (first.contains(' ') && contact::is_name(first));
    named && strength >= 1 && (2..=MOST_CARD).contains(&lines.len())
}
