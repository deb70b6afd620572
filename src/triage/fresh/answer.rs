//! Answers that the sender wrote inside the earlier mail, told from it by colour or by a mark alone.
//!
//! Takes lines that the other cuts have marked; says which of the earlier mail's text is the sender's.
//! Only where the new text announces it ("see my answers in red"), only in the mail answered and not in
//! older ones below it, and never most of that mail: quoted words must not be taken for the sender's.

use super::attribution;
use super::body::Coloured;
use super::colour::{Colour, Hue};
use super::contact;
use super::header_block;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::mark::{Cause, Mark};
use super::marker;
use super::sheet::Sheet;
use crate::terms::Zone;

const ANNOUNCES: Kinds =
    Kinds::NONE.with(Kind::Inline).with(Kind::Red).with(Kind::Blue).with(Kind::Green).with(Kind::Coloured);
const ANSWERS: Kinds = Kinds::NONE.with(Kind::Answers);
/// Lines of new text that are searched for an announcement.
const MOST_ANNOUNCING: usize = 60;
/// Marks that people put before their answers when they have no colour.
const SIGNS: &[&str] = &[">>", "**", "##", "==>", "=>", "-->", "->", "++", "@@", "<<"];

/// What the new text says of answers in the mail below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Announced(Kinds);

impl Announced {
    /// What the new text among lines announces.
    pub(super) fn of(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &[Mark]) -> Self {
        let new = lines.iter().zip(marks).filter(|(_, mark)| **mark == Mark::NEW).take(MOST_ANNOUNCING);
        new.fold(Self::default(), |announced, (line, _)| announced.read(line.folded(sheet)))
    }

    /// What a folded line announces, added to what those before it did. A colour does only beside a word
    /// such as "answers": "the heading in red" is a wish.
    pub(super) fn read(self, folded: &str) -> Self {
        let mut found = Kinds::NONE;
        let mut rest = folded;
        while let Some((at, hit)) = lexicon::find(rest, ANNOUNCES) {
            found = found.or(hit.kinds);
            rest = rest.get(at + hit.len..).unwrap_or_default();
        }
        if found.is_empty() || !(found.has(Kind::Inline) || lexicon::find(folded, ANSWERS).is_some()) {
            return self;
        }
        Self(self.0.or(found))
    }

    /// Whether anything is announced.
    pub(super) fn is_any(self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a colour may be meant.
    fn means(self, colour: Colour) -> bool {
        let named = match colour.hue() {
            Hue::Red => Kind::Red,
            Hue::Blue => Kind::Blue,
            Hue::Green => Kind::Green,
            Hue::Other => Kind::Coloured,
        };
        let names = self.0.has(Kind::Red) || self.0.has(Kind::Blue) || self.0.has(Kind::Green);
        self.0.has(named) || !names
    }
}

/// The stretches of `text` that are answers, in order; most mails have none.
pub(super) fn find(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
    marks: &[Mark],
    coloured: &[Coloured],
    sender: &str,
) -> Vec<(usize, usize)> {
    // Nearly every mail has neither a colour nor such a mark in what it quotes.
    let signed = |(line, mark): (&Line<'_>, &Mark)| {
        mark.cause == Cause::AfterHistory
            && !line.first_byte(sheet).is_ascii_alphanumeric()
            && sign(line.text).is_some()
    };
    if coloured.is_empty() && !lines.iter().zip(marks).any(signed) {
        return Vec::new();
    }
    let announced = Announced::of(sheet, lines, marks);
    if !announced.is_any() {
        return Vec::new();
    }
    let answered = answered(sheet, lines, marks);
    let answered = lines.get(answered.0..answered.1).unwrap_or_default();
    let in_colour = by_colour(sheet, answered, coloured, announced);
    if in_colour.is_empty() { by_sign(answered, lines, marks, sender) } else { in_colour }
}

/// The lines of the mail that is answered: from below its heading to the heading of the next older one.
fn answered(sheet: &Sheet<'_>, lines: &[Line<'_>], marks: &[Mark]) -> (usize, usize) {
    let quoted = |mark: &Mark| matches!(mark.cause, Cause::AfterHistory | Cause::QuoteMark);
    let Some(begin) = marks.iter().position(quoted) else { return (0, 0) };
    let mut joined = String::new();
    for at in begin..lines.len() {
        let below = lines.get(at..).unwrap_or_default();
        let older = marks.get(at).is_none_or(|mark| mark.zone != Zone::Quoted && *mark != Mark::NEW)
            || header_block::find(sheet, below, false).is_some()
            || below.first().is_some_and(|line| marker::marker(sheet, line).is_some())
            || attribution::find(sheet, below, &mut joined).is_some();
        if older && at > begin {
            return (begin, at);
        }
    }
    (begin, lines.len())
}

/// Answers in the colour announced: of several that may be meant, in the one with the most stretches.
fn by_colour(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
    coloured: &[Coloured],
    announced: Announced,
) -> Vec<(usize, usize)> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Vec::new() };
    let inside = coloured.iter().filter(|one| first.start <= one.start && one.end <= last.stop);
    let mut meant: Vec<&Coloured> = inside.filter(|one| announced.means(one.colour)).collect();
    meant.retain(|one| is_said(sheet, lines, one));
    let size = |colour: Colour| -> (usize, usize) {
        let same = meant.iter().filter(|one| one.colour == colour);
        same.fold((0, 0), |(count, bytes), one| (count + 1, bytes + one.end - one.start))
    };
    let mut colours: Vec<Colour> = meant.iter().map(|one| one.colour).collect();
    colours.sort_unstable();
    colours.dedup();
    // A mail in very many colours is a design, not a mail with answers in it.
    let most = colours.iter().take(16).copied().max_by_key(|colour| size(*colour));
    let Some((colour, (_, bytes))) = most.map(|colour| (colour, size(colour))) else { return Vec::new() };
    let all: usize = lines.iter().map(|line| line.stop - line.start).sum();
    if bytes * 3 > all * 2 {
        return Vec::new();
    }
    meant.iter().filter(|one| one.colour == colour).map(|one| (one.start, one.end)).collect()
}

/// Whether a coloured stretch says something, and isn't part of a contact block or a link.
fn is_said(sheet: &Sheet<'_>, lines: &[Line<'_>], one: &Coloured) -> bool {
    let said = sheet.text.get(one.start..one.end).unwrap_or_default();
    let at = lines.partition_point(|line| line.stop <= one.start);
    let contact = lines.get(at).is_some_and(|line| contact::is_part(sheet, line));
    said.chars().any(char::is_alphanumeric) && !contact
}

/// Answers behind a mark: `[Jane] yes`, `** yes`, `>> yes`, two of them at least.
fn by_sign(answered: &[Line<'_>], lines: &[Line<'_>], marks: &[Mark], sender: &str) -> Vec<(usize, usize)> {
    // Where the earlier mail itself is marked line by line, answers stand between the marks already.
    let marked = answered.iter().filter(|line| line.shape == Shape::Quote).count();
    if marked * 2 > answered.len() {
        return Vec::new();
    }
    let new = lines.iter().zip(marks).filter(|(_, mark)| **mark == Mark::NEW).take(MOST_ANNOUNCING);
    let said: String = new.map(|(line, _)| line.text).collect::<Vec<_>>().join("\n");
    let mut signs: Vec<&str> = answered.iter().filter_map(|line| sign(line.text)).collect();
    signs.sort_unstable();
    signs.dedup();
    let known = |sign: &&str| -> bool {
        let count = answered.iter().filter(|line| starts_with_sign(line.text, sign)).count();
        let shown = said.contains(*sign);
        let name = sign.trim_matches(['[', ']', '(', ')']).to_lowercase();
        let own = !name.is_empty() && name.chars().all(char::is_alphabetic) && is_of(sender, &name);
        shown || own || (count > 1 && !sign.starts_with(['[', '(']))
    };
    let Some(sign) = signs.into_iter().take(16).find(known) else { return Vec::new() };
    let mut found = Vec::new();
    let mut going_on = false;
    for line in answered {
        // An answer goes on in the lines below it until a blank one.
        let begins = starts_with_sign(line.text, sign);
        if begins || going_on {
            found.push((line.start, line.stop));
        }
        going_on = (begins || going_on) && !line.gap;
    }
    let all: usize = answered.iter().map(|line| line.stop - line.start).sum();
    let taken: usize = found.iter().map(|(start, end)| end - start).sum();
    if taken * 3 > all * 2 { Vec::new() } else { found }
}

/// Whether a name or its initials are the sender's.
fn is_of(sender: &str, name: &str) -> bool {
    let initials: String = sender.split(' ').filter_map(|word| word.chars().next()).collect();
    sender.split(' ').any(|word| word == name) || (initials.len() > 1 && initials == name)
}

/// The mark that a line begins with.
fn sign(line: &str) -> Option<&str> {
    let close = match line.chars().next()? {
        '[' => Some(']'),
        '(' => Some(')'),
        _ => None,
    };
    if let Some(close) = close {
        let end = line.find(close).filter(|end| (2..=24).contains(end))?;
        return line.get(..=end);
    }
    SIGNS.iter().find(|sign| starts_with_sign(line, sign)).copied()
}

/// Whether a line begins with a mark and says something after it.
fn starts_with_sign(line: &str, sign: &str) -> bool {
    line.strip_prefix(sign)
        .is_some_and(|rest| rest.trim_start_matches([' ', ':', '-']).starts_with(char::is_alphanumeric))
}
