//! Attribution lines: "On Monday, Jane wrote:", in every language and wrapped as clients wrap them.
//!
//! Takes lines; says how many from a given one on are an attribution, and how sure that is. Leaves
//! alone what follows it: whether the mail quotes with marks or without is `quote`'s to see.

use super::date::{begins_dated, has_time, has_year, is_dated, may_begin_dated};
use super::header_block;
use super::lexicon::{self, Kind, Kinds};
use super::line::{Line, Shape};
use super::sheet::{Look, Sheet};
use super::signs::Signs;

/// Lines an attribution may be wrapped over.
const MOST_LINES: usize = 6;
/// Bytes an attribution may have once folded.
const MOST_BYTES: usize = 500;

/// Words of a name with the address behind it.
const MOST_NAME: usize = 6;
/// Bytes of an attribution that has neither a verb nor an address in brackets.
const MOST_VERBLESS: usize = 70;

const WROTE: Kinds = Kinds::NONE.with(Kind::Wrote);

/// Number of lines from the first of `lines` on that make an attribution line. `joined` is room to
/// put wrapped ones together in.
#[inline]
pub(super) fn find(sheet: &Sheet<'_>, lines: &[Line<'_>], joined: &mut String) -> Option<usize> {
    let first = lines.first()?;
    if first.shape != Shape::Text {
        return None;
    }
    let apart = lines.get(1).is_some_and(|next| is_named_apart(sheet, first.text, next));
    if apart || may_begin(sheet, first) { read(sheet, lines, apart, joined) } else { None }
}

/// The same, of lines of which the first may begin one; `apart` says that it is a name and the next its address.
#[inline(never)]
fn read(sheet: &Sheet<'_>, lines: &[Line<'_>], apart: bool, joined: &mut String) -> Option<usize> {
    let first = lines.first()?;
    let (raw, folded) = (first.text, first.folded(sheet));
    let folded = folded.trim_start_matches(['-', '_', '"', '(', '[', '|', ' ']);
    let opening = begin(raw, folded, apart)?;
    for (at, line) in lines.iter().enumerate().take(MOST_LINES) {
        if at == 1 {
            joined.clear();
            joined.push_str(folded);
        }
        if at > 0 && !extend(sheet, line, joined) {
            return None;
        }
        let said = if at == 0 { folded } else { joined.as_str() };
        if said.len() > MOST_BYTES {
            return None;
        }
        let next = lines.get(at + 1);
        if closes(sheet, said, opening, line.gap, next) {
            return Some(at + 1);
        }
        let anew = next.is_some_and(|next| same_opening(raw, next.text));
        if next.is_none() || anew || !goes_on(said, opening, line.gap, next) {
            return None;
        }
    }
    None
}

/// How a line begins that may be an attribution's.
#[derive(Clone, Copy)]
struct Opening {
    /// As only an attribution does: with a date, a preposition and a date, or the verb.
    dated: bool,
    /// With dashes, which then close it too: "-----Jane Doe wrote: -----".
    framed: bool,
    /// With a name, the address being on the next line.
    apart: bool,
}

/// Whether a line may begin an attribution, seen from its bytes alone: it may begin with a date and has a digit early
/// on, ends with a colon, or begins with dashes or the verb. Nearly all other lines are turned away here.
fn may_begin(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    let (bytes, look) = (line.text.as_bytes(), sheet.look(line));
    bytes.len() <= MOST_BYTES * 2
        && ((look.signs.has(Signs::ANY_COLON) && look.folded.ends_with(':'))
            || look.folded.starts_with("---")
            || look.signs.has(Signs::AT)
            || (look.signs.has(Signs::DIGIT)
                && may_begin_dated(look.first_word())
                && has_digit(bytes.get(..70).unwrap_or(bytes)))
            || begins_with_verb(look))
}

/// Whether a line begins with the verb of an attribution.
#[inline]
pub(super) fn begins_with_verb(look: Look<'_>) -> bool {
    look.first_word().opens(WROTE).is_some()
}

/// Whether a digit is among `bytes`, all of them looked at: that is many at once.
fn has_digit(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | byte.is_ascii_digit())
}

/// Whether a line is a name and the next one begins with that person's address.
fn is_named_apart(sheet: &Sheet<'_>, raw: &str, next: &Line<'_>) -> bool {
    (next.first_byte(sheet) == b'<' || raw.as_bytes().last() == Some(&b'<'))
        && next.shape == Shape::Text
        && raw.len() <= 60
        && next.text.contains('@')
        && !raw.ends_with(['.', '!', '?', ',', ':'])
}

/// How a line begins; `None` when it can be no attribution at all.
fn begin(raw: &str, folded: &str, apart: bool) -> Option<Opening> {
    let verb = lexicon::opens(folded, WROTE).is_some();
    let framed = raw.trim_start_matches('*').starts_with("---");
    let dated = verb || begins_dated(folded);
    let known = dated || framed || apart || folded.ends_with(':') || folded.contains('@');
    known.then_some(Opening { dated, framed, apart })
}

/// Adds a further line to what was joined so far; false when it cannot belong to it.
fn extend(sheet: &Sheet<'_>, line: &Line<'_>, joined: &mut String) -> bool {
    let more = line.folded(sheet);
    let more = match line.shape {
        Shape::Rule(_) => return false,
        Shape::Text => more,
        // "> wrote:" where the address was put on a line of its own.
        Shape::Quote => more.trim_start_matches(['>', ' ']),
    };
    if more.len() > 300 {
        return false;
    }
    joined.push(' ');
    joined.push_str(more);
    line.shape == Shape::Text || is_tail(more)
}

/// Whether a line opens with the same word as the first one: then it is another attribution.
fn same_opening(first: &str, next: &str) -> bool {
    let word = |line: &str| line.split([' ', ',']).next().map(str::len).unwrap_or_default();
    let len = word(first);
    len > 0 && len == word(next) && first.get(..len) == next.get(..len)
}

/// Whether folded text is what may stand on a line of its own after the `>` that closes an address.
fn is_tail(folded: &str) -> bool {
    folded.starts_with(':') || lexicon::opens(folded, WROTE).is_some()
}

/// Whether an attribution that is not closed yet may go on in the `next` line.
fn goes_on(folded: &str, opening: Opening, gap: bool, next: Option<&Line<'_>>) -> bool {
    let Some(next) = next else { return false };
    let address_next = next.text.starts_with('<');
    let Opening { dated, framed, apart } = opening;
    if gap {
        // Some clients put the address between blank lines: "Jane Doe", "", "<", "mailto:…", "> wrote:".
        return dated && is_dated(folded) && folded.len() < 120 && address_next;
    }
    if (framed || apart) && address_next {
        return true;
    }
    let sentence = folded.ends_with(['!', '?']) || (folded.ends_with('.') && !ends_with_number(folded));
    let wraps = folded.ends_with(['<', ',', '-', '(', '"', '>', '.']) || dated || folded.contains('@');
    !sentence && wraps && (dated || folded.contains(['<', '@']))
}

/// Whether the final full stop belongs to a number or an abbreviation: "28.", "Fr.".
fn ends_with_number(folded: &str) -> bool {
    let word = folded.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
    word.len() <= 3 || word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether what was joined so far is a whole attribution, and not what somebody tells of what was written.
fn closes(sheet: &Sheet<'_>, folded: &str, opening: Opening, gap: bool, next: Option<&Line<'_>>) -> bool {
    is_whole(sheet, folded, opening, gap, next) && !is_told(folded, next)
}

/// Whether a sender tells of what was written: no program says "you" of whom it quotes, nor "I".
fn is_told(folded: &str, next: Option<&Line<'_>>) -> bool {
    let bare = bared(folded);
    let told = |who, words: [&str; 2]| bare.contains(who) && words.iter().any(|told| bare.contains(told));
    (!next.is_some_and(is_quoted) && told("you ", ["you wrote", "you said"]))
        || (told(" i ", [" i wrote", " i said"]) && ends_with_verb(bare))
}

/// Folded text without the marks that close an attribution.
fn bared(folded: &str) -> &str {
    folded.trim_end_matches(['-', ' ', '_']).trim_end_matches([':', ' ', '>', '"'])
}

/// Whether what was joined so far has all that an attribution has.
fn is_whole(sheet: &Sheet<'_>, folded: &str, opening: Opening, gap: bool, next: Option<&Line<'_>>) -> bool {
    if next.is_some_and(|next| next.shape == Shape::Quote && ends_in_tail(sheet, next)) {
        return false;
    }
    let bare = folded.trim_end_matches(['-', ' ', '_']);
    let colon = bare.ends_with(':');
    let ruled = folded.len() - bare.len() > 2;
    let bare = bared(folded);
    let quoted_next = next.is_some_and(is_quoted);
    let address = || folded.contains('@') || folded.contains("<mailto:");
    // Of what isn't marked as quoted, only what a program says of a mail is believed: people, too, write "on
    // 4 May he wrote:".
    let precise = || quoted_next || has_time(folded) || has_year(folded) || is_addressed(folded);
    // Without a date in front, the name alone stands before the address.
    let early = || opening.dated || folded.split(' ').take(MOST_NAME).any(|word| word.contains('@'));
    let named = || address() && (quoted_next || (is_addressed(folded) && early()));
    if ends_with_verb(bare) && (colon || ruled || gap || next.is_none() || quoted_next) {
        return (opening.dated && is_dated(folded) && precise())
            || (colon && named())
            || (opening.framed && ruled)
            // In scripts without spaces the name may come first; elsewhere "in your mail of … you wrote:" does.
            || (colon && is_dense(bare) && is_dated(folded) && has_time(folded) && folded.len() < 120)
            || (quoted_next && folded.len() < 160);
    }
    let wrote = || lexicon::find(folded, WROTE).is_some();
    if (colon || (opening.framed && ruled)) && wrote() && is_dated(folded) {
        return opening.dated && precise()
            || named()
            || (quoted_next && folded.len() < 200)
            || (has_time(folded) && folded.len() < 120);
    }
    if quoted_next && has_time(folded) && ((colon && address()) || (opening.dated && wrote())) {
        return true;
    }
    if colon && quoted_next && address() && lexicon::opens(folded, WROTE).is_some() {
        return true;
    }
    // Whether there is a date is asked last: lines that begin with a number are many, and this the dearest.
    opening.dated
        && ((colon && named() && (folded.contains(['<', '(', '[']) || folded.len() < MOST_VERBLESS))
            || (quoted_next && (colon || (folded.ends_with(['>', ']']) && address())))
            || ((gap || next.is_none())
                && !folded.ends_with('.')
                && folded.contains("gmt")
                && has_time(folded))
            || runs_on(folded))
        && is_dated(folded)
}

/// Whether folded text has the address of a sender as programs write it: in brackets, or by itself at either
/// end of what is said of them.
fn is_addressed(folded: &str) -> bool {
    let bare = folded.trim_end_matches([':', ' ', ',']);
    let mut words = bare.split(' ').enumerate().filter(|(_, word)| word.contains('@'));
    let last = bare.rsplit(' ').next().unwrap_or_default();
    let timed = has_time(folded);
    (timed && last.contains('@'))
        || words.any(|(at, word)| {
            at == 0
                || word.starts_with(['<', '(', '['])
                || word.trim_end_matches(',').ends_with(['>', ')', ']'])
                || word.contains("<mailto:")
        })
}

/// Whether a line that seems quoted is the end of a wrapped attribution: ">:", "> wrote:".
fn ends_in_tail(sheet: &Sheet<'_>, next: &Line<'_>) -> bool {
    if !next.may_end_in(b':') {
        return false;
    }
    let said = next.folded(sheet).trim_start_matches(['>', ' ']);
    said.len() < 40 && (said == ":" || (said.ends_with(':') && is_tail(said)))
}

/// Whether a line goes on right after the verb's colon, as when a client flattens HTML: "wrote:Email".
fn runs_on(folded: &str) -> bool {
    has_time(folded)
        && lexicon::find(folded, WROTE).is_some_and(|(at, found)| {
            let rest = folded.get(at + found.len..).unwrap_or_default();
            rest.starts_with(':') && rest.len() > 1 && !rest.starts_with(": ")
        })
}

/// Whether the last words are a verb of attribution.
fn ends_with_verb(bare: &str) -> bool {
    let from = bare.len().saturating_sub(40);
    let from = (from..bare.len()).find(|at| bare.is_char_boundary(*at)).unwrap_or(bare.len());
    let tail = bare.get(from..).unwrap_or_default();
    lexicon::closes(tail, WROTE)
}

/// Whether folded text ends in a script without spaces.
fn is_dense(bare: &str) -> bool {
    bare.chars().next_back().is_some_and(|last| last >= '\u{3000}')
}

/// Whether a line is marked as quoted: by `>`, by a `|` at its start, or by the author's initials.
pub(super) fn is_quoted(line: &Line<'_>) -> bool {
    line.shape == Shape::Quote || line.text.starts_with('|') || initials(line).is_some()
}

/// Letters of a name's initials.
const MOST_INITIALS: usize = 5;

/// The initials a line is quoted with, as in "JD> text".
pub(super) fn initials<'t>(line: &Line<'t>) -> Option<&'t str> {
    // Most lines are turned away by their first byte.
    if line.text.as_bytes().first().is_none_or(|first| !(first.is_ascii_uppercase() || *first >= 0x80)) {
        return None;
    }
    let head = header_block::cut(line.text, MOST_INITIALS * 2 + 1);
    let (who, _) = head.split_once('>')?;
    let known =
        !who.is_empty() && who.chars().count() <= MOST_INITIALS && who.chars().all(char::is_uppercase);
    known.then_some(who)
}

#[cfg(test)]
mod tests {
    use super::super::sheet::of_text;
    use super::*;

    fn len(text: &str) -> Option<usize> {
        of_text(text, |sheet, lines| find(sheet, lines, &mut String::new()))
    }

    #[test]
    fn clients_introduce_quotes_in_many_languages() {
        let table = [
            "On Mon, 4 May 2026 at 10:32, Maeve Gallagher <maeve@agency.example> wrote:",
            "On May 4, 2026, at 10:32 AM, Maeve Gallagher <maeve@agency.example<mailto:maeve@agency.example>> wrote:",
            "On 04/05/2026 10:32, Maeve Gallagher wrote:",
            "On 4 May 2026, 10:32 +0100, Maeve <maeve@agency.example>, wrote:",
            "*On Monday, 4 May 2026, Maeve Gallagher wrote:*",
            "Maeve Gallagher/Agency wrote on 04/05/2026 10:32:07 AM:",
            "---- On Mon, 04 May 2026 10:32:00 +0100 Maeve <maeve@agency.example> wrote ----",
            "Am 04.05.2026 um 10:32 schrieb Maeve Gallagher:",
            "Maeve Gallagher <maeve@agency.example> schrieb am Mo., 4. Mai 2026, 10:32:",
            "Le lun. 4 mai 2026 à 10:32, Maeve Gallagher <maeve@agency.example> a écrit :",
            "El lun, 4 may 2026 a las 10:32, Maeve (<maeve@agency.example>) escribió:",
            "Il giorno lun 4 mag 2026 alle ore 10:32 Maeve <maeve@agency.example> ha scritto:",
            "Op ma 4 mei 2026 om 10:32 schreef Maeve <maeve@agency.example>:",
            "Em seg., 4 de mai. de 2026 às 10:32, Maeve <maeve@agency.example> escreveu:",
            "Den mån 4 maj 2026 kl 10:32 skrev Maeve <maeve@agency.example>:",
            "man. 4. maj 2026 kl. 10.32 skrev Maeve <maeve@agency.example>:",
            "ma 4. toukok. 2026 klo 10.32 Maeve (maeve@agency.example) kirjoitti:",
            "pon., 4 maj 2026 o 10:32 Maeve <maeve@agency.example> napisał(a):",
            "po 4. 5. 2026 v 10:32 odesílatel Maeve <maeve@agency.example> napsal:",
            "În lun., 4 mai 2026 la 10:32, Maeve <maeve@agency.example> a scris:",
            "Maeve <maeve@agency.example> ezt írta (időpont: 2026. máj. 4., H, 10:32):",
            "Maeve <maeve@agency.example>, 4 May 2026 Pzt, 10:32 tarihinde şunu yazdı:",
            "пн, 4 мая 2026 г. в 10:32, Maeve <maeve@agency.example>:",
            "2026年5月4日(月) 10:32 Maeve <maeve@agency.example>:",
            "Maeve <maeve@agency.example> 于2026年5月4日周一 10:32写道：",
            "2026년 5월 4일 (월) 오전 10:32, Maeve <maeve@agency.example>님이 작성:",
        ];
        for text in table {
            let text = format!("{text}\n\nearlier words\n");
            assert_eq!(len(&text), Some(1), "{text}");
        }
    }

    #[test]
    fn wrapped_attributions_are_found_whole() {
        let table = [
            ("On Mon, 4 May 2026 at 10:32, Maeve Gallagher <maeve@agency.example>\nwrote:\n\n> x", 2),
            ("On Mon, 4 May 2026 at 10:32, Maeve Gallagher <\nmaeve@agency.example> wrote:\n> x", 2),
            ("On 4 May 2026,\nat 10:32,\nMaeve <maeve@agency.example> wrote:\n\n> x", 3),
            ("Am 4. Mai 2026 um 10:32 schrieb Maeve\n<maeve@agency.example>:\n> x", 2),
            ("Maeve <maeve@agency.example> schrieb am Mo., 4.\nMai 2026 um 10:32 Uhr:\n> x", 2),
            ("On 4 May 2026 at 10:32, Maeve <maeve@agency.example\n>:\n\n> x", 2),
            ("Am 4. Mai 2026 um 10:32 schrieb Maeve\n> x", 1),
            ("Monday, May 4, 2026, 10:32:32 AM, you wrote:\n\nMG> x", 1),
            ("Вы писали 4 мая 2026 г., 10:32:32:\n\nМГ> x", 1),
            ("On 4 May 2026 at 10:32 Maeve\n\n<\nmailto:maeve@agency.example\n> wrote:\n\nx", 4),
        ];
        for (text, lines) in table {
            assert_eq!(len(text), Some(lines), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_no_attribution() {
        let table = [
            "On Thursday we meet the board.\n> quoted",
            "On the other hand, it could happen twice!\n",
            "Since on Monday, 4 May 2026 10:32 Maeve wrote me this message\nhow are you",
            "Please call me on Monday, 4 May 2026 at 10:32.\n",
            "Here's everything in the order I wrote it, so 2 lists:\n\n- one",
            "Something wrote:\nmore words of my own here\n",
            "2026-05-04 10:32\n2026-05-05 11:00\n",
            "At 10:30 we start:\n\nfirst the homepage",
            "On 4 May we need two things from you:\n\nthe logo and the copy",
            "In your mail of 4 May 2026 10:32 you wrote:\n\nthe page is ready",
            "Dates for May 2026:\n4 May launch\n",
        ];
        for text in table {
            assert_eq!(len(text), None, "{text}");
        }
    }
}
