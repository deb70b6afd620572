//! Contact blocks: name, title, telephone, address, links, without a delimiter above them.
//!
//! Takes the lines of one stretch of text; says where the block at its end begins. Wants more than one
//! kind of evidence: people also close a mail with a list of links, or with a telephone number.

use memchr::{memchr, memrchr};

use super::fold;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape, Sheet};
use super::tally::Tally;

/// Lines looked at from the end upwards.
const MOST_LINES: usize = 45;
/// Bytes a line of a contact block may have.
const MOST_BYTES: usize = 160;

/// What one line has of a contact block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    phone: bool,
    address: bool,
    link: bool,
    label: bool,
    role: bool,
    firm: bool,
    parts: bool,
    image: bool,
    sentence: bool,
    /// A sentence such as stands below a contact block.
    slogan: bool,
    courtesy: bool,
}

impl Traits {
    fn is_strong(self) -> bool {
        !self.sentence
            && !self.courtesy
            && (self.phone || self.address || self.link || self.label || self.image)
    }
}

const ROLE: Kinds = Kinds::NONE.with(Kind::Role);
const FIRM: Kinds = Kinds::NONE.with(Kind::Firm);
const LABEL: Kinds = Kinds::NONE.with(Kind::Label);
const ASKING: Kinds = Kinds::NONE.with(Kind::Requests).with(Kind::AsksTo).with(Kind::Wh).with(Kind::Aux);
const POLITE: Kinds = Kinds::NONE.with(Kind::Valediction).with(Kind::Thanks).with(Kind::Greeting);
const LEGAL: Kinds = Kinds::NONE.with(Kind::Disclaimer).with(Kind::Footer);
const LEAVING: Kinds = Kinds::NONE.with(Kind::Valediction).with(Kind::Thanks);

/// Where the contact block at the end of `lines` begins; everything from there on belongs to it.
///
/// Reads upwards, and only as far as lines look like parts of one, so that mail without a signature
/// costs a few lines.
pub(super) fn find(sheet: Sheet<'_>, lines: &[Line], scene: Scene<'_>) -> Option<usize> {
    let first = lines.len().saturating_sub(MOST_LINES);
    let mut evidence = Evidence::default();
    let mut at = lines.len();
    let mut courtesy = false;
    let mut known = [Traits::default(); MOST_LINES];
    while at > first {
        let line = lines.get(at - 1)?;
        let traits = read(sheet, line);
        *known.get_mut(at - 1 - first)? = traits;
        if traits.courtesy {
            courtesy = lexicon::opens(line.folded(sheet), LEAVING).is_some();
            break;
        }
        if traits.sentence {
            // A slogan or a notice may stand below the block, never within it.
            let below = traits.slogan && evidence.is_empty() && evidence.slogans < MOST_SLOGANS;
            if !below {
                break;
            }
            evidence.slogans += 1;
            let legal = lexicon::find(cut(line.folded(sheet), MOST_BYTES * 2), LEGAL).is_some();
            evidence.legal |= legal;
            evidence.notice |= !legal && line.text(sheet).len() > MOST_BYTES;
        } else {
            evidence.add(traits);
        }
        at -= 1;
    }
    let read_so_far = known.get(at - first..)?;
    let (start, signed) = begin_of_block(sheet, lines, (at, read_so_far), scene);
    let block = lines.get(start..)?;
    let named = is_named(sheet, block.first()?, lines.get(at..start)?, scene);
    let under_name = courtesy && start == at && block.first().is_some_and(|first| is_name(first.text(sheet)));
    let anchored = signed || named || under_name;
    let heads = block.len() > 1
        && evidence.traits.role
        && block.first().is_some_and(|first| is_name(first.text(sheet)));
    // Names of firms and places, by their capitals.
    let titled = || {
        let lines = lines.get(at..).unwrap_or_default();
        let titled = |line: &Line| {
            line.shape == Shape::Text && line.folded(sheet).contains(' ') && is_titled(line.text(sheet))
        };
        lines.iter().zip(read_so_far).any(|(line, traits)| !traits.sentence && titled(line))
    };
    let enough = match evidence.kinds() {
        _ if evidence.slogans >= block.len() => signed && evidence.legal,
        0 => evidence.slogans == 0 && (named && block.len() > 1 || signed && titled()),
        1 => (anchored || heads) && !evidence.notice,
        2 => (anchored || evidence.reachable && evidence.strong) && !evidence.notice,
        _ => anchored || evidence.strong,
    };
    enough.then_some(start)
}

/// Where in the lines from `at` on, of which the traits are `known`, the block begins, and whether the line above is a name signed off
/// with. Paragraphs at the top that have nothing of a contact block are the sender's words.
fn begin_of_block(
    sheet: Sheet<'_>,
    lines: &[Line],
    (at, known): (usize, &[Traits]),
    scene: Scene<'_>,
) -> (usize, bool) {
    let mut start = at;
    let mut after_name = None;
    while let Some(rest) = lines.get(start..).filter(|rest| !rest.is_empty()) {
        let len = rest.iter().position(|line| line.gap).map_or(rest.len(), |gap| gap + 1);
        let paragraph = rest.get(..len).unwrap_or_default();
        let mut evidence = Evidence::default();
        for traits in known.iter().skip(start - at).take(len) {
            evidence.add(*traits);
        }
        let named = len > 1 && paragraph.first().is_some_and(|first| is_named(sheet, first, &[], scene));
        let alone = start == 0 && !scene.written;
        if !alone && (evidence.kinds() > 0 || named) {
            break;
        }
        start += len;
        if after_name.is_none() && paragraph.last().is_some_and(|last| is_name(last.text(sheet))) {
            after_name = Some(start);
        }
    }
    // Names of firms and places are evidence only under the sender's.
    match after_name {
        Some(after) if start >= lines.len() && after < lines.len() => (after, true),
        _ => (start, after_name == Some(start)),
    }
}

/// What is known of the mail around the lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scene<'a> {
    /// Whether text stands before the lines.
    pub written: bool,
    /// The sender's name, folded; empty when it isn't known.
    pub sender: &'a str,
}

/// Slogans and notices below a contact block that are taken with it.
const MOST_SLOGANS: usize = 3;

/// Whether `said` could be somebody's name: up to three words with capitals, and nothing else.
pub(super) fn is_name(said: &str) -> bool {
    // Longer than any name with what may stand around it.
    if said.len() > 60 {
        return false;
    }
    let said = said.trim_matches(['-', '/', '~', '*', ',', '.', ' ', '—', '–']);
    let odd = |byte: u8| matches!(byte, b':' | b'|' | b'@' | b'?' | b'!' | b'/' | b'0'..=b'9');
    if said.is_empty() || said.len() > 40 || said.bytes().any(odd) {
        return false;
    }
    let mut words = 0;
    said.split_whitespace().all(|word| {
        words += 1;
        words <= 3
            && (word.starts_with(char::is_uppercase)
                || matches!(word, "&" | "and" | "x" | "xx" | "de" | "van" | "von"))
    })
}

/// Whether a line begins with the sender's full name, or with the name just signed off with.
fn is_named(sheet: Sheet<'_>, line: &Line, above: &[Line], scene: Scene<'_>) -> bool {
    let folded = line.folded(sheet);
    if scene.sender.contains(' ') && folded.starts_with(scene.sender) {
        return true;
    }
    let name =
        above.last().map_or("", |name| name.folded(sheet)).split([' ', ',']).next().unwrap_or_default();
    name.len() >= 3 && folded.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))
}

/// What the lines of a block have between them.
#[derive(Debug, Default)]
struct Evidence {
    traits: Traits,
    labels: usize,
    lines: usize,
    slogans: usize,
    /// A long slogan, and one of legal words.
    notice: bool,
    legal: bool,
    strong: bool,
    reachable: bool,
}

impl Evidence {
    fn add(&mut self, line: Traits) {
        self.lines += 1;
        self.strong |= line.is_strong();
        self.reachable |= line.phone || line.label;
        self.labels += usize::from(line.label);
        let sum = &mut self.traits;
        sum.phone |= line.phone;
        sum.address |= line.address;
        sum.link |= line.link;
        sum.role |= line.role;
        sum.firm |= line.firm;
        sum.parts |= line.parts;
        sum.image |= line.image;
    }

    fn is_empty(&self) -> bool {
        self.lines == 0
    }

    fn kinds(&self) -> usize {
        let t = self.traits;
        [t.phone, t.address, t.link, t.role, t.firm, t.parts, t.image, self.labels > 1]
            .iter()
            .filter(|has| **has)
            .count()
    }
}

/// Whether a line by itself looks like part of a contact block.
pub(super) fn is_part(sheet: Sheet<'_>, line: &Line) -> bool {
    let traits = read(sheet, line);
    traits.is_strong() || traits.parts
}

/// How many kinds of contact evidence `lines` have.
pub(super) fn strength(sheet: Sheet<'_>, lines: &[Line]) -> usize {
    let mut evidence = Evidence::default();
    for line in lines.iter().take(MOST_LINES) {
        evidence.add(read(sheet, line));
    }
    evidence.kinds()
}

fn read(sheet: Sheet<'_>, line: &Line) -> Traits {
    sheet.traits(line, || {
        if line.shape == Shape::Text {
            read_anew(line.text(sheet), cut(line.folded(sheet), MOST_BYTES * 2))
        } else {
            Traits { sentence: line.shape == Shape::Quote, ..Traits::default() }
        }
    })
}

fn read_anew(raw: &str, folded: &str) -> Traits {
    let bytes = folded.as_bytes();
    let tally = Tally::of(bytes);
    let words = tally.spaces() + 1;
    let mut traits = Traits {
        phone: tally.digits() >= LEAST_DIGITS && has_phone(bytes),
        link: (tally.has_stop() || tally.has_stroke()) && has_link(folded),
        address: words <= 8 && tally.has_at() && tally.has_stop(),
        parts: tally.has_stroke() && folded.contains(" | ")
            || !folded.is_ascii() && [" • ", " · ", " ∙ "].iter().any(|mark| folded.contains(mark)),
        image: bytes.first() == Some(&b'[')
            && ["[image", "[cid:", "[http"].iter().any(|mark| folded.starts_with(mark)),
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
    let plain = !(traits.parts || traits.phone || traits.label);
    let telling = is_telling(raw, folded, words, traits, plain);
    traits.sentence = telling || raw.len() > MOST_BYTES;
    if telling {
        return traits;
    }
    traits.role = words <= 9 && lexicon::find(folded, ROLE).is_some();
    traits.firm = words <= 12 && ends_with_firm(folded);
    let stop = raw.as_bytes().last().is_some_and(|last| matches!(last, b'.' | b'!' | b',' | b';' | b':'));
    traits.sentence = traits.sentence
        || (plain && !traits.firm && (stop && words >= 4 || words >= 8 && !traits.role && !is_titled(raw)));
    traits.slogan = traits.sentence;
    traits
}

/// Whether a line is what somebody says, whatever else it has of a contact block: it asks, is a
/// postscript or a list item, or begins in lower case.
fn is_telling(raw: &str, folded: &str, words: usize, traits: Traits, plain: bool) -> bool {
    let first = raw.as_bytes().first().copied().unwrap_or_default();
    if raw.ends_with('?') || (words >= 4 && lexicon::opens(folded, ASKING).is_some()) {
        return true;
    }
    let postscript = matches!(folded.as_bytes().first(), Some(b'p' | b'n'))
        && ["ps ", "ps:", "ps.", "p.s", "nb ", "nb:", "pps"].iter().any(|mark| folded.starts_with(mark));
    let listed = (first == b'-' || first >= 0x80)
        && raw.starts_with(['-', '•', '·'])
        && raw.len() > 2
        && !traits.phone;
    if postscript || listed {
        return true;
    }
    let lower =
        if first.is_ascii() { first.is_ascii_lowercase() } else { raw.starts_with(char::is_lowercase) };
    let numbered = || words <= 7 && raw.bytes().any(|b| b.is_ascii_digit());
    lower && plain && !traits.address && !traits.link && !numbered()
}

/// Whether most words of a line begin with a capital or a digit, as in names of firms and places.
fn is_titled(raw: &str) -> bool {
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

fn ends_with_firm(folded: &str) -> bool {
    let bare = folded.trim_end_matches(['.', ',', ' ']);
    // Its name stands before it.
    let begins = bare.as_bytes().first().is_some_and(|first| fold::part(*first) > 0);
    let first = if begins { fold::word_len(bare.as_bytes()) } else { 0 };
    lexicon::closes(bare.get(first..).unwrap_or_default(), FIRM)
}
