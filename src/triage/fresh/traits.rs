//! Traits: what a line has of a contact block.
//!
//! Takes a line, as written and folded; says whether it has a telephone number, an address, a link, a role,
//! or is a sentence. Knows nothing of the lines around it.

use memchr::{memchr, memrchr};

use super::fold;
use super::lexicon::{self, Kind, Kinds};
use super::signs::Signs;
use super::tally::Tally;
use super::word::Word;

/// Bytes a line of a contact block may have.
pub(super) const MOST_BYTES: usize = 160;

const ROLE: Kinds = Kinds::NONE.with(Kind::Role);
const FIRM: Kinds = Kinds::NONE.with(Kind::Firm);
const LABEL: Kinds = Kinds::NONE.with(Kind::Label);
const REQUEST: Kinds = Kinds::NONE.with(Kind::Requests).with(Kind::AsksTo);
const LEGAL: Kinds = Kinds::NONE.with(Kind::Disclaimer).with(Kind::Footer);
const ASKING: Kinds = Kinds::NONE.with(Kind::Requests).with(Kind::AsksTo).with(Kind::Wh).with(Kind::Aux);
const TELLING: Kinds = ASKING.with(Kind::Postscript);
const LEAVING: Kinds = Kinds::NONE.with(Kind::Valediction).with(Kind::Thanks);
pub(super) const POSTSCRIPT: Kinds = Kinds::NONE.with(Kind::Postscript);
const POLITE: Kinds = LEAVING.with(Kind::Greeting);

/// What one line has of a contact block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    pub phone: bool,
    pub address: bool,
    pub link: bool,
    pub label: bool,
    pub role: bool,
    pub firm: bool,
    pub parts: bool,
    pub image: bool,
    pub sentence: bool,
    /// A sentence such as stands below a contact block.
    pub slogan: bool,
    pub courtesy: bool,
    /// A courtesy that takes leave or thanks.
    pub leaving: bool,
}

impl Traits {
    /// Whether the line by itself speaks for a contact block.
    pub(super) fn is_strong(self) -> bool {
        !self.sentence
            && !self.courtesy
            && (self.phone || self.address || self.link || self.label || self.image)
    }

    /// What a line has that has these `signs`, as written and folded, with its `first` word. `begun` says what the
    /// phrases are that its words may begin.
    pub(super) fn of(
        raw: &str,
        signs: Signs,
        (folded, first): (&str, Word<'_>),
        begun: impl FnOnce() -> Kinds,
    ) -> Self {
        let bytes = folded.as_bytes();
        let tally = Tally::of(bytes);
        let words = tally.spaces() + 1;
        let mut traits = Self {
            phone: tally.digits() >= LEAST_DIGITS && has_phone(bytes),
            link: (tally.has_stop() || tally.has_stroke()) && has_link(folded),
            address: words <= 8 && tally.has_at() && tally.has_stop(),
            parts: tally.has_stroke() && folded.contains(" | ")
                || signs.has(Signs::BEYOND) && [" • ", " · ", " ∙ "].iter().any(|mark| folded.contains(mark)),
            image: bytes.first() == Some(&b'[')
                && ["[image", "[cid:", "[http"].iter().any(|mark| folded.starts_with(mark)),
            ..Self::default()
        };
        if let Some(found) = first.opens(LABEL) {
            let value = folded.get(found.len..).unwrap_or_default();
            traits.label = value.trim_start_matches([' ', '.']).starts_with([':', '+', '(', '|'])
                || (traits.phone
                    && value.trim_start_matches([' ', '.']).starts_with(|c: char| c.is_ascii_digit()));
        }
        if words <= 6
            && !traits.phone
            && let Some(found) = first.opens(POLITE)
        {
            let rest = folded.get(found.len..).unwrap_or_default();
            traits.courtesy = rest.trim_matches([',', '.', '!', ' ', '-']).len() < 24;
            // A greeting may begin as a shorter valediction does.
            traits.leaving =
                traits.courtesy && (!found.kinds.and(LEAVING).is_empty() || first.opens(LEAVING).is_some());
        }
        let plain = !(traits.parts || traits.phone || traits.label);
        let telling = is_telling(raw, (folded, first), words, traits, plain);
        traits.sentence = telling || raw.len() > MOST_BYTES;
        if telling {
            return traits;
        }
        let begun = if words <= 12 { begun() } else { Kinds::NONE };
        traits.role = words <= 9 && begun.has(Kind::Role) && lexicon::find(folded, ROLE).is_some();
        traits.firm = begun.has(Kind::Firm) && names_firm(folded);
        let stop = raw.as_bytes().last().is_some_and(|last| matches!(last, b'.' | b'!' | b',' | b';' | b':'));
        // Scripts without spaces have marks of their own.
        let dense = signs.has(Signs::BEYOND) && raw.ends_with(['。', '！', '、']);
        traits.sentence = traits.sentence
            || (plain
                && !traits.firm
                && (dense || stop && words >= 4 || words >= 8 && !traits.role && !is_titled(raw)));
        traits.slogan = traits.sentence;
        traits
    }
}

/// Whether a line is what somebody says, whatever else it has of a contact block: it asks, is a
/// postscript or a list item, or begins in lower case.
fn is_telling(
    raw: &str,
    (folded, begin): (&str, Word<'_>),
    words: usize,
    traits: Traits,
    plain: bool,
) -> bool {
    let first = raw.as_bytes().first().copied().unwrap_or_default();
    let begun = begin.opens(TELLING).map_or(Kinds::NONE, |found| found.kinds);
    if raw.ends_with('?') || (words >= 4 && !begun.and(ASKING).is_empty()) {
        return true;
    }
    let listed = (first == b'-' || first >= 0x80)
        && raw.starts_with(['-', '•', '·'])
        && raw.len() > 2
        && !traits.phone;
    if listed || (begun.has(Kind::Postscript) && is_postscript(raw, folded, begin)) {
        return true;
    }
    let lower =
        if first.is_ascii() { first.is_ascii_lowercase() } else { raw.starts_with(char::is_lowercase) };
    let numbered = || words <= 7 && raw.bytes().any(|b| b.is_ascii_digit());
    lower && plain && !traits.address && !traits.link && !numbered()
}

/// Whether folded text asks for something, and is no lawyer's.
pub(super) fn is_request(folded: &str) -> bool {
    lexicon::opens(folded, REQUEST).is_some() && lexicon::find(folded, LEGAL).is_none()
}

/// Words of a name that begins as a postscript does: "PS Audio Ltd".
const MOST_NAME: usize = 3;

/// Whether a line, as written and folded, begins as a postscript does, and isn't a name that does so, too.
pub(super) fn is_postscript(raw: &str, folded: &str, first: Word<'_>) -> bool {
    let Some((letters, said)) = first.opens(POSTSCRIPT).and_then(|found| folded.split_at_checked(found.len))
    else {
        return false;
    };
    let dense = letters.starts_with(|c: char| c >= '\u{3000}');
    if dense || letters.ends_with(':') || said.trim_start_matches([' ', '.', ')']).starts_with(':') {
        return true;
    }
    let named = !raw.ends_with(['.', '!', '?'])
        && raw.split(' ').count() <= MOST_NAME
        && raw.split(' ').all(|word| word.starts_with(char::is_uppercase));
    // "PS 2214" is a constable.
    let numbered = said.trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit());
    said.len() > 1 && said.starts_with([' ', '.', ',', ')']) && !(named || numbered || names_firm(folded))
}

/// Whether most words of a line begin with a capital or a digit, as in names of firms and places.
pub(super) fn is_titled(raw: &str) -> bool {
    let (mut words, mut capitals) = (0, 0);
    if raw.is_ascii() {
        // Nearly every line, read as bytes; the white space is the same.
        for word in raw.as_bytes().split(|b| matches!(b, b' ' | b'\t'..=b'\r')) {
            if word.len() > 3 || word.first().is_some_and(u8::is_ascii_uppercase) {
                words += 1;
                let begin = word.iter().find(|b| b.is_ascii_alphanumeric());
                capitals += usize::from(begin.is_some_and(|b| !b.is_ascii_lowercase()));
            }
        }
        return capitals * 3 > words * 2;
    }
    for word in raw.split_whitespace().filter(|w| w.len() > 3 || w.starts_with(char::is_uppercase)) {
        words += 1;
        let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        capitals += usize::from(bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()));
    }
    capitals * 3 > words * 2
}

/// Digits of the shortest telephone number.
const LEAST_DIGITS: usize = 8;

/// Whether folded text holds a telephone number: seven digits or more, apart only by what separates
/// digits in one.
fn has_phone(folded: &[u8]) -> bool {
    let mut digits = 0;
    for byte in folded {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                if digits >= LEAST_DIGITS {
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
    let bytes = folded.as_bytes();
    let last = || memrchr(b' ', bytes).map_or(folded, |at| folded.get(at + 1..).unwrap_or_default());
    (memchr(b'.', bytes).is_some() && (is_domain(last()) || folded.contains("www.")))
        || (memchr(b'/', bytes).is_some() && folded.contains("://"))
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

fn names_firm(folded: &str) -> bool {
    let bare = folded.trim_end_matches(['.', ',', ' ']);
    // Its name stands before it.
    let begins = bare.as_bytes().first().is_some_and(|first| fold::part(*first) > 0);
    let first = if begins { fold::word_len(bare.as_bytes()) } else { 0 };
    // In scripts without spaces the kind of firm may stand before its name.
    let dense = || bare.starts_with(|c: char| c >= '\u{3000}') && lexicon::opens(bare, FIRM).is_some();
    lexicon::closes(bare.get(first..).unwrap_or_default(), FIRM) || dense()
}
