//! Contact blocks: name, title, telephone, address, links, without a delimiter above them.
//!
//! Takes the lines of one stretch of text; says where the block at its end begins. Wants more than one
//! kind of evidence: people also close a mail with a list of links, or with a telephone number.

use super::fold::fold_into;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};

/// Lines looked at from the end upwards.
const MOST_LINES: usize = 45;
/// Bytes a line of a contact block may have.
const MOST_BYTES: usize = 160;

/// What one line has of a contact block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Traits {
    phone: bool,
    address: bool,
    link: bool,
    label: bool,
    role: bool,
    firm: bool,
    parts: bool,
    image: bool,
    name: bool,
    sentence: bool,
    courtesy: bool,
}

impl Traits {
    fn is_strong(self) -> bool {
        !self.sentence
            && !self.courtesy
            && (self.phone || self.address || self.link || self.label || self.image)
    }

    /// Whether the line may stand in a contact block beside stronger ones.
    fn fits(self) -> bool {
        !self.sentence && !self.courtesy
    }
}

const ROLE: Kinds = Kinds::NONE.with(Kind::Role);
const FIRM: Kinds = Kinds::NONE.with(Kind::Firm);
const LABEL: Kinds = Kinds::NONE.with(Kind::Label);
const POLITE: Kinds = Kinds::NONE.with(Kind::Valediction).with(Kind::Thanks).with(Kind::Greeting);

/// Where the contact block in `lines` begins; everything from there on belongs to it.
pub(super) fn find(text: &str, lines: &[Line], written: bool, folded: &mut String) -> Option<usize> {
    let first = lines.len().saturating_sub(MOST_LINES);
    let mut begin = None;
    let mut end = lines.len();
    // Paragraphs from the last to the first.
    while end > first {
        let start =
            (first + 1..end).rev().find(|at| lines.get(at - 1).is_some_and(|l| l.gap)).unwrap_or(first);
        let paragraph = lines.get(start..end)?;
        match weigh(text, paragraph, folded) {
            Weight::Contact(offset) => begin = Some(start + offset),
            Weight::Companion if begin.is_some() => begin = Some(start),
            Weight::Tail if end == lines.len() => {}
            _ if begin.is_some() => break,
            Weight::Other if end < lines.len() => break,
            _ => {}
        }
        end = start;
    }
    begin.filter(|at| *at > 0 || written)
}

/// What a paragraph is to a contact block.
enum Weight {
    /// It is one, from this line of it on.
    Contact(usize),
    /// It belongs to one below it: a name with a title.
    Companion,
    /// It may stand below one: a slogan.
    Tail,
    Other,
}

fn weigh(text: &str, paragraph: &[Line], folded: &mut String) -> Weight {
    let traits: Vec<Traits> = paragraph.iter().map(|line| read(text, line, folded)).collect();
    // What precedes the last sentence or valediction is not of the block.
    let offset = traits.iter().rposition(|t| !t.fits()).map_or(0, |at| at + 1);
    let block = traits.get(offset..).unwrap_or_default();
    let strong = block.iter().filter(|t| t.is_strong()).count();
    let kinds = kinds(block);
    let companion = block.iter().any(|t| t.role || t.firm || t.parts);
    let reachable = block.iter().any(|t| t.phone || t.label);
    if strong > 0 && kinds >= 2 && (reachable || companion) {
        return Weight::Contact(offset);
    }
    if offset == 0 && companion && paragraph.len() <= 5 && block.iter().all(|t| t.fits()) {
        return Weight::Companion;
    }
    if strong > 0 && offset == 0 && block.iter().all(|t| t.is_strong() || t.image) {
        return Weight::Companion;
    }
    if paragraph.len() <= 6 && !traits.iter().any(|t| t.courtesy) { Weight::Tail } else { Weight::Other }
}

/// How many kinds of evidence lines have between them.
fn kinds(block: &[Traits]) -> usize {
    let has = |of: fn(&Traits) -> bool| usize::from(block.iter().any(of));
    has(|t| t.phone)
        + has(|t| t.address)
        + has(|t| t.link)
        + has(|t| t.role)
        + has(|t| t.firm)
        + has(|t| t.parts)
        + has(|t| t.image)
        + usize::from(block.iter().filter(|t| t.label).count() > 1)
}

/// How many kinds of contact evidence `lines` have.
pub(super) fn strength(text: &str, lines: &[Line], folded: &mut String) -> usize {
    let traits: Vec<Traits> = lines.iter().take(MOST_LINES).map(|line| read(text, line, folded)).collect();
    kinds(&traits)
}

fn read(text: &str, line: &Line, folded: &mut String) -> Traits {
    let raw = line.text(text);
    if line.shape != Shape::Text {
        return Traits { sentence: line.shape == Shape::Quote, ..Traits::default() };
    }
    folded.clear();
    fold_into(cut(raw, MOST_BYTES * 2), folded);
    let words = folded.split(' ').count();
    let mut traits = Traits {
        phone: has_phone(folded),
        link: has_link(folded),
        address: folded.contains('@') && folded.contains('.') && words <= 8,
        parts: folded.contains(" | ")
            || folded.contains(" • ")
            || folded.contains(" · ")
            || folded.contains(" ∙ "),
        image: folded.starts_with("[image") || folded.starts_with("[cid:") || folded.starts_with("[http"),
        role: words <= 9 && lexicon::find(folded, ROLE).is_some(),
        firm: words <= 12 && ends_with_firm(folded),
        name: words <= 5 && raw.starts_with(char::is_uppercase),
        ..Traits::default()
    };
    if let Some(found) = lexicon::opens(folded, LABEL) {
        let value = folded.get(found.len..).unwrap_or_default();
        traits.label = value.trim_start_matches([' ', '.']).starts_with([':', '+', '(', '|'])
            || (traits.phone
                && value.trim_start_matches([' ', '.']).starts_with(|c: char| c.is_ascii_digit()));
    }
    traits.courtesy = words <= 6
        && !traits.phone
        && lexicon::opens(folded, POLITE).is_some_and(|found| {
            folded.get(found.len..).unwrap_or_default().trim_matches([',', '.', '!', ' ', '-']).len() < 24
        });
    let reads = words >= 7 && !traits.parts && !traits.phone && !traits.label;
    let ends = raw.ends_with(['.', '!', '?', ',', ';', ':']) && words >= 4 && !(traits.phone || traits.label);
    traits.sentence =
        raw.ends_with('?') || raw.len() > MOST_BYTES || (reads && !traits.firm && !traits.link) || ends;
    traits
}

/// Whether folded text holds a telephone number: seven digits or more, apart only by what separates
/// digits in one.
fn has_phone(folded: &str) -> bool {
    let mut digits = 0;
    for byte in folded.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                if digits >= 8 {
                    return true;
                }
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'+' if digits > 0 => {}
            b'/' if digits > 2 => {}
            _ => digits = 0,
        }
    }
    false
}

fn has_link(folded: &str) -> bool {
    folded.contains("www.")
        || folded.contains("://")
        || is_domain(folded.split(' ').next_back().unwrap_or_default())
}

/// Whether a word is a bare domain name: "studio.example", "thing.co.uk/contact".
fn is_domain(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let name = labels.next().unwrap_or_default();
    (2..=10).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_lowercase())
        && name.len() >= 2
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}

fn ends_with_firm(folded: &str) -> bool {
    let bare = folded.trim_end_matches(['.', ',', ' ']);
    lexicon::words(bare).any(|at| {
        let rest = bare.get(at..).unwrap_or_default();
        at > 0 && lexicon::opens(rest, FIRM).is_some_and(|found| found.len == rest.len())
    })
}
