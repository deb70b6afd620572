//! Contact blocks: name, title, telephone, address, links, without a delimiter above them.
//!
//! Takes the lines of one stretch of text; says where the block at its end begins. Wants more than one
//! kind of evidence: people also close a mail with a list of links, or with a telephone number.

use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::sheet::Sheet;
use super::traits::{MOST_BYTES, Traits, is_titled};

/// Lines looked at from the end upwards.
const MOST_LINES: usize = 45;

const INTRODUCES: Kinds = Kinds::NONE.with(Kind::Introduces);
const SAID: Kinds = Kinds::NONE.with(Kind::Lead).with(Kind::Courtesy);
const ASKING: Kinds = Kinds::NONE.with(Kind::Wh);
const LEGAL: Kinds = Kinds::NONE.with(Kind::Disclaimer).with(Kind::Footer);

/// Where the contact block at the end of `lines` begins; everything from there on belongs to it.
///
/// Reads upwards, and only as far as lines look like parts of one, so that mail without a signature
/// costs a few lines.
pub(super) fn find(sheet: &Sheet<'_>, lines: &[Line<'_>], scene: Scene<'_>) -> Option<usize> {
    if signs_off(sheet, lines, scene.sender) {
        return None;
    }
    let first = lines.len().saturating_sub(MOST_LINES);
    let mut evidence = Evidence::default();
    let mut at = lines.len();
    let (mut courtesy, mut greeted) = (false, false);
    let mut known = [Traits::default(); MOST_LINES];
    while at > first {
        let line = lines.get(at - 1)?;
        let traits = read(sheet, line);
        *known.get_mut(at - 1 - first)? = traits;
        if traits.courtesy {
            (courtesy, greeted) = (traits.leaving, !traits.leaving);
            break;
        }
        if traits.sentence {
            // A slogan or a notice may stand below the block, never within it.
            let below = traits.slogan && evidence.is_empty() && evidence.slogans < MOST_SLOGANS;
            let legal = below && lexicon::find(cut(line.folded(sheet), MOST_BYTES * 2), LEGAL).is_some();
            if !below || (is_field(line.text) && !legal) {
                break;
            }
            evidence.slogans += 1;
            evidence.legal |= legal;
            evidence.notice |= !legal && line.text.len() > MOST_BYTES;
        } else {
            evidence.add(traits);
        }
        at -= 1;
    }
    let read_so_far = known.get(at - first..)?;
    let (start, signed) = begin_of_block(sheet, lines, (at, read_so_far), scene);
    let block = lines.get(start..)?;
    let named = is_named(sheet, block.first()?, lines.get(at..start)?, scene);
    let under_name = courtesy && start == at && block.first().is_some_and(|first| is_name(first.text));
    // What a mail begins with is no sign-off: "OK" and "Home Page" are written as names are.
    let opens = greeted || (at == 0 && !scene.written);
    let signed = signed && !(opens && start == at + 1 && !is_of(lines.get(at)?.folded(sheet), scene.sender));
    let anchored = signed || named || under_name;
    if !anchored && is_form(sheet, lines, start) {
        return None;
    }
    let heads =
        block.len() > 1 && evidence.traits.role && block.first().is_some_and(|first| is_name(first.text));
    let titled = || has_titled(sheet, lines.get(at..).unwrap_or_default(), read_so_far);
    let enough = match evidence.kinds() {
        _ if evidence.slogans >= block.len() => signed && evidence.legal,
        0 => evidence.slogans == 0 && (named && block.len() > 1 || signed && titled()),
        1 => (anchored || heads) && !evidence.notice,
        2 => (anchored || evidence.reachable && evidence.strong) && !evidence.notice,
        _ => anchored || evidence.strong,
    };
    let foreign = || !anchored && evidence.strong && is_foreign(sheet, lines, start, scene.sender);
    match enough {
        true if foreign() || is_announced(sheet, lines, (at, start), anchored) => {
            below_matter(sheet, lines, start, scene)
        }
        true => Some(start),
        false => None,
    }
}

/// Whether lines have names of firms and places, by their capitals.
fn has_titled(sheet: &Sheet<'_>, lines: &[Line<'_>], known: &[Traits]) -> bool {
    let titled = |line: &Line<'_>| {
        line.shape == Shape::Text && line.folded(sheet).contains(' ') && is_titled(line.text)
    };
    lines.iter().zip(known).any(|(line, traits)| !traits.sentence && titled(line))
}

/// Whether line `start` is of a form: the one above it is, too, or it has no label that a contact block has.
fn is_form(sheet: &Sheet<'_>, lines: &[Line<'_>], start: usize) -> bool {
    let field = |line: &&Line<'_>| is_field(line.text);
    let Some(first) = lines.get(start).filter(field) else { return false };
    let above = start.checked_sub(1).and_then(|above| lines.get(above));
    above.filter(field).is_some() || !read(sheet, first).label
}

/// Where the sender's own block begins below one that is the matter.
fn below_matter(sheet: &Sheet<'_>, lines: &[Line<'_>], start: usize, scene: Scene<'_>) -> Option<usize> {
    let own = |at: &usize| {
        let below = lines.get(*at..).unwrap_or_default();
        lines.get(at - 1).is_some_and(|above| above.gap)
            && below.first().is_some_and(|first| is_named(sheet, first, &[], scene))
            && strength(sheet, below) > 0
    };
    (start + 1..lines.len()).find(own)
}

/// Whether the sender signs with a name alone at the end of `lines`: what stands above it is no signature.
fn signs_off(sheet: &Sheet<'_>, lines: &[Line<'_>], sender: &str) -> bool {
    let [.., above, last] = lines else { return false };
    !sender.is_empty()
        && above.gap
        && is_name(last.text)
        && !is_name(above.text)
        && is_of(last.folded(sheet), sender)
}

/// Whether all words of folded text are names of the sender.
fn is_of(folded: &str, sender: &str) -> bool {
    folded.split(' ').all(|name| sender.split(' ').any(|own| own == name.trim_end_matches(',')))
}

/// Whether nothing in the block that begins at line `start`, nor right above it, is of the sender, whose full name is
/// known: it may be anybody's.
fn is_foreign(sheet: &Sheet<'_>, lines: &[Line<'_>], start: usize, sender: &str) -> bool {
    let block = lines.get(start.saturating_sub(1)..).unwrap_or_default();
    let names = sender.split(|c: char| !c.is_alphanumeric()).filter(|name| name.len() >= LEAST_NAME);
    let mut own = names.filter(|name| block.iter().any(|line| line.folded(sheet).contains(name)));
    sender.contains(' ') && own.next().is_none()
}

/// Bytes of a name that tells whose a block is.
const LEAST_NAME: usize = 3;

/// Whether a line announces the block that begins at line `start` as the sender's own matter: "please change the address
/// to". Paragraphs from line `at` on may stand between. That of a sender who signs is one all the same, unless a colon
/// stands right above it.
fn is_announced(sheet: &Sheet<'_>, lines: &[Line<'_>], (at, start): (usize, usize), anchored: bool) -> bool {
    let first = if anchored { start } else { at }.saturating_sub(1);
    let mut above = lines.get(first..start).unwrap_or_default().iter();
    if anchored {
        return above.any(|line| is_open(line) && !is_courtesy(sheet, line));
    }
    above.any(|line| announces(sheet, line)) || lines.get(start).is_some_and(|first| introduces(sheet, first))
}

/// Whether a line announces what stands below it.
pub(super) fn announces(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    is_open(line) || introduces(sheet, line)
}

/// Whether a line ends with a colon; ":+1:" is a face.
fn is_open(line: &Line<'_>) -> bool {
    line.text.ends_with([':', '：']) && !line.text.starts_with(':')
}

/// Words of the shortest line that does so by its last one.
const LEAST_WORDS: usize = 3;

/// Whether the last words of a line say that.
fn introduces(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let said = line.text;
    let bare = line.folded(sheet).trim_end_matches(['.', '。', ':', ' ']);
    let dense = bare.ends_with(|c: char| c >= '\u{3000}');
    let words = bare.split(' ');
    // "Is" and "to" end no sentence; "below" does.
    let whole = said.ends_with('.') && words.clone().next_back().is_some_and(|last| last.len() < 5);
    // "MIT" is no German word but a name, unless all of the line is in capitals.
    let last = said.split(' ').next_back().unwrap_or_default();
    let named = last.starts_with(char::is_uppercase) && said.contains(char::is_lowercase);
    (dense || words.count() >= LEAST_WORDS)
        && !(whole || named)
        && lexicon::closes(bare, INTRODUCES)
        && lexicon::find(bare, ASKING).is_none()
        && (dense || !is_titled(said))
}

/// Where in the lines from `at` on, of which the traits are `known`, the block begins, and whether the line above is a name signed off
/// with. Paragraphs at the top that have nothing of a contact block are the sender's words.
fn begin_of_block(
    sheet: &Sheet<'_>,
    lines: &[Line<'_>],
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
        let said = |last: &Line<'_>| {
            let folded = last.folded(sheet).trim_end_matches(['.', ',']);
            lexicon::opens(folded, SAID).is_some_and(|found| found.len == folded.len() && found.len > 1)
        };
        if after_name.is_none() && paragraph.last().is_some_and(|last| is_name(last.text) && !said(last)) {
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
        // "John E. Doe" has two.
        words += usize::from(!(word.len() == 2 && word.ends_with('.')));
        words <= 3
            && (word.starts_with(char::is_uppercase)
                || matches!(word, "&" | "and" | "x" | "xx" | "de" | "van" | "von"))
    })
}

/// Whether a line is filled in behind a word or two and a colon, as in a form: "Message: please call me".
pub(super) fn is_field(said: &str) -> bool {
    let Some((name, value)) = cut(said, MOST_BYTES).split_once(": ") else { return false };
    name.len() <= 24 && name.split(' ').count() <= 2 && !value.trim().is_empty()
}

/// Whether a line begins with the sender's full name, or with the name just signed off with.
fn is_named(sheet: &Sheet<'_>, line: &Line<'_>, above: &[Line<'_>], scene: Scene<'_>) -> bool {
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
pub(super) fn is_part(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let traits = read(sheet, line);
    traits.is_strong() || traits.parts
}

/// How many kinds of contact evidence `lines` have.
pub(super) fn strength(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> usize {
    let mut evidence = Evidence::default();
    for line in lines.iter().take(MOST_LINES) {
        evidence.add(read(sheet, line));
    }
    evidence.kinds()
}

/// Whether a line by itself is a courtesy.
pub(super) fn is_courtesy(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    read(sheet, line).courtesy
}

/// Whether a line by itself is a sentence, and no lawyer's.
pub(super) fn is_sentence(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let folded = cut(line.folded(sheet), MOST_BYTES * 2);
    read(sheet, line).sentence && lexicon::find(folded, LEGAL).is_none()
}

fn read(sheet: &Sheet<'_>, line: &Line<'_>) -> Traits {
    sheet.traits(line, || {
        if line.shape == Shape::Text {
            let look = sheet.look(line);
            let folded = cut(look.folded, MOST_BYTES * 2);
            // What is cut may end within a word.
            let whole = folded.len() == look.folded.len();
            let begun = || if whole { sheet.begun(line) } else { lexicon::begun(folded) };
            Traits::of(line.text, look.signs, (folded, look.first_word()), begun)
        } else {
            Traits { sentence: line.shape == Shape::Quote, ..Traits::default() }
        }
    })
}
