//! Folding: the one form in which words are compared.
//!
//! Takes text as written; gives it in lower case, without accents, with plain apostrophes, colons and
//! commas, white space collapsed to single spaces, and without what mail clients sprinkle in (asterisks
//! of bold text, zero-width and direction marks). Shared with `build/languages.rs`, which folds the word
//! lists the same way; so it uses the standard library alone.

/// Appends `text` folded to `out`. White space at either end is dropped.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    let begun = out.len();
    let (mut gap, mut at) = (false, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        // Most of most mail: a run that only needs its capitals lowered.
        let run = plain_run(rest.as_bytes());
        if run > 0 {
            at += run;
            let run = rest.get(..run).unwrap_or_default();
            let words = run.trim_ascii_start();
            gap |= words.len() < run.len();
            let said = words.trim_ascii_end();
            if said.is_empty() {
                continue;
            }
            if gap && out.len() > begun {
                out.push(' ');
            }
            gap = said.len() < words.len();
            let start = out.len();
            out.push_str(said);
            if let Some(added) = out.get_mut(start..) {
                added.make_ascii_lowercase();
            }
            continue;
        }
        let Some(c) = rest.chars().next() else { return };
        at += c.len_utf8();
        if c.is_ascii() {
            gap |= c != '*';
            continue;
        }
        match c {
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => gap = true,
            _ if is_invisible(c) => {}
            '’' | '‘' | 'ʼ' | '´' | '＇' => push(out, '\'', &mut gap, begun),
            '：' => push(out, ':', &mut gap, begun),
            '，' | '、' => push(out, ',', &mut gap, begun),
            '？' => push(out, '?', &mut gap, begun),
            '“' | '”' | '„' => push(out, '"', &mut gap, begun),
            '‐' | '‑' | '–' | '—' | '―' => push(out, '-', &mut gap, begun),
            _ => {
                for lower in c.to_lowercase() {
                    if !is_combining(lower) {
                        push(out, base(lower), &mut gap, begun);
                    }
                }
            }
        }
    }
}

/// How many bytes `bytes` begins with that fold to themselves or their lower case: ASCII words with
/// one space between them, and no more than one at either end.
fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    // A step looks a byte ahead, for two spaces may stand on either side of a boundary.
    while let Some(step) = bytes.get(at..).and_then(<[u8]>::first_chunk::<17>) {
        if !are_plain_steps(step) {
            break;
        }
        at += 16;
    }
    // The last step overlaps the one before.
    if at > 0
        && bytes.len() < at + 17
        && let Some(last) = bytes.last_chunk::<17>()
        && are_plain_steps(last)
        && is_plain(last[16])
    {
        return bytes.len();
    }
    // Shorter steps overlap by a byte instead.
    while let Some(step) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if !are_plain(u64::from_le_bytes(*step)) {
            break;
        }
        at += 7;
    }
    if let Some(last) = bytes.last_chunk().filter(|_| at + 8 > bytes.len())
        && are_plain(u64::from_le_bytes(*last))
    {
        return bytes.len();
    }
    let mut before = 0;
    for (n, &byte) in bytes.iter().enumerate().skip(at) {
        if !is_plain(byte) || (byte == b' ' && before == b' ') {
            return n;
        }
        before = byte;
    }
    bytes.len()
}

/// Whether the first sixteen bytes and, where a space could be double, the one after them are plain.
fn are_plain_steps(step: &[u8; 17]) -> bool {
    let (now, next) = (&step[..16], &step[1..]);
    let odd = now
        .iter()
        .zip(next)
        .fold(0, |odd, (byte, next)| odd | u8::from(!is_plain(*byte)) | u8::from((byte | next) == b' '));
    odd == 0
}

/// Whether all eight bytes of a word are plain, and no two spaces stand side by side: in each expression
/// a byte that isn't so has its high bit set, and when none is, none has.
fn are_plain(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let zero = |x: u64| x.wrapping_sub(ONES) & !x;
    let spaces = word ^ (ONES * b' ' as u64);
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    let delete = zero(word ^ (ONES * 0x7f));
    let bold = zero(word ^ (ONES * b'*' as u64));
    let double = zero(spaces | (spaces >> 8) | (ONES & (0xff << 56)));
    (word | control | delete | bold | double) & HIGH == 0
}

/// Whether a byte of ASCII is a space, or shows and isn't the asterisk of bold text.
pub(crate) fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) & (byte != b'*')
}

fn push(out: &mut String, c: char, gap: &mut bool, begun: usize) {
    if *gap && out.len() > begun {
        out.push(' ');
    }
    *gap = false;
    out.push(c);
}

/// Whether `c` takes no room: zero-width, direction and format marks.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Lead bytes from here on begin letters of scripts written without spaces (U+3000 and up), where every
/// letter may begin a word.
pub(crate) const DENSE: u8 = 0xe3;

/// Bytes of words in scripts with spaces; 0 for all others.
static LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < DENSE {
        if byte.is_ascii_lowercase() || byte >= 0x80 {
            letters[byte as usize] = byte;
        }
        byte += 1;
    }
    letters
};

/// `byte` if it belongs to a word of a script with spaces, or else 0.
#[inline]
pub(crate) fn letter(byte: u8) -> u8 {
    // The table has a place for every byte.
    LETTERS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Of which length is the part of a word that begins with a byte: 1 of a letter of a script with spaces, that
/// of the letter in others, and 0 where no word begins.
static PARTS: [u8; 256] = {
    let mut parts = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        parts[byte] = match byte {
            0xf0.. => 4,
            0xe3.. => 3,
            _ => (LETTERS[byte] != 0) as u8,
        };
        byte += 1;
    }
    parts
};

/// Of which length is the part of a word that begins with `byte`; 0 where none does.
#[inline]
pub(crate) fn part(byte: u8) -> usize {
    usize::from(PARTS.get(usize::from(byte)).copied().unwrap_or_default())
}

/// Length of the word that folded text begins with: its letters, or one byte where it begins with
/// something else, so that every phrase has a first word.
pub(crate) fn word_len(bytes: &[u8]) -> usize {
    let letter = match bytes.first() {
        None => return 0,
        Some(lead) if *lead >= 0xf0 => 4,
        Some(lead) if *lead >= DENSE => 3,
        Some(_) => return bytes.iter().position(|b| letter(*b) == 0).unwrap_or(bytes.len()).max(1),
    };
    letter.min(bytes.len())
}

/// Slots of the table that [`opening`] points into.
pub(crate) const OPENINGS: usize = 1 << 13;

/// Slot of the word that folded text begins with, by its first four bytes.
#[inline]
pub(crate) fn opening(bytes: &[u8]) -> usize {
    const HIGH: u32 = 0x8080_8080;
    match bytes.first_chunk().map(|four| u32::from_le_bytes(*four)) {
        Some(four) if four & HIGH == 0 => {
            // What follows the first byte that is no letter is left out, and so is that byte, if a letter
            // stands before it.
            let others = !letter_marks(u64::from(four)) as u32 & HIGH;
            let first_other = others & others.wrapping_neg();
            slot(four & ((first_other >> 7).wrapping_sub(1) | 0xff))
        }
        _ => odd_opening(bytes),
    }
}

/// The same, of text that is short or not of ASCII.
fn odd_opening(bytes: &[u8]) -> usize {
    let len = word_len(bytes).min(4);
    slot(bytes.iter().take(len).rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

#[inline]
fn slot(word: u32) -> usize {
    (word.wrapping_mul(0x9e37_79b1) >> (u32::BITS - OPENINGS.trailing_zeros())) as usize
}

/// Of eight bytes of ASCII, the high bits of those that are letters in lower case.
#[inline]
pub(crate) fn letter_marks(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let from_a = eight + ONES * (0x80 - b'a' as u64);
    let past_z = eight + ONES * (0x7f - b'z' as u64);
    from_a & !past_z & (ONES << 7)
}

/// Slots of the table that [`eight`] points into.
pub(crate) const EIGHTS: usize = 1 << 13;

/// Slot of the first eight bytes; `None` of what has fewer.
#[inline]
pub(crate) fn eight(bytes: &[u8]) -> Option<usize> {
    let eight = u64::from_le_bytes(*bytes.first_chunk()?);
    Some((eight.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - EIGHTS.trailing_zeros())) as usize)
}

/// Slots of the filter that [`ending`] points into.
pub(crate) const ENDINGS: usize = 1024;

/// Slot of the phrases that folded text may end in, by its last two bytes.
#[inline]
pub(crate) fn ending(bytes: &[u8]) -> usize {
    match bytes {
        [.., before, last] => ending_of(*before, *last),
        [last] => ending_of(0, *last),
        [] => ending_of(0, 0),
    }
}

/// The same, of the two bytes.
#[inline]
pub(crate) fn ending_of(before: u8, last: u8) -> usize {
    (usize::from(before) * 37 + usize::from(last)) % ENDINGS
}

/// Lower-case letters of U+00C0 to U+00FF without their accents, in order.
const LATIN_1: &[u8; 64] = b"aaaaaa?ceeeeiiiidnooooo?ouuuuy??aaaaaa?ceeeeiiiidnooooo?ouuuuy?y";
/// The same for U+0100 to U+017F.
const LATIN_A: &[u8; 128] = b"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkkllllllllllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// A lower-case letter without its accent.
fn base(c: char) -> char {
    let plain = match c {
        '\u{c0}'..='\u{ff}' => LATIN_1.get(c as usize - 0xc0),
        '\u{100}'..='\u{17f}' => LATIN_A.get(c as usize - 0x100),
        'ș' => Some(&b's'),
        'ț' => Some(&b't'),
        'й' => return 'и',
        'ё' => return 'е',
        'ї' => return 'і',
        _ => None,
    };
    match plain {
        None | Some(b'?') => c,
        Some(&b) => char::from(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_compare_as_people_read_them() {
        let table = [
            ("  On\u{a0}Mon,\tMay 3 ", "on mon, may 3"),
            ("*From:*", "from:"),
            ("Envoyé À ÔTÉ", "envoye a ote"),
            ("e\u{301}crit", "ecrit"),
            ("napisał(a)", "napisal(a)"),
            ("Gönderildi İŞ", "gonderildi is"),
            ("can’t", "can't"),
            ("发件人：", "发件人:"),
            ("Țară Șef", "tara sef"),
            ("Větší žluťoučký", "vetsi zlutoucky"),
            ("Który", "ktory"),
            ("мой ёж", "мои еж"),
            ("a\u{200b}b", "ab"),
            ("Straße Ærø", "straße æro"),
            ("", ""),
            ("   ", ""),
        ];
        for (text, folded) in table {
            let mut out = String::from("x");
            fold_into(text, &mut out);
            let want = format!("x{folded}");
            // What was in the buffer before is left alone.
            assert_eq!(out, want, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_plain_is_seen_wherever_it_stands() {
        let line = "Wrapped lines of mail have sixty letters and more, which is four steps.";
        for at in (0..line.len()).filter(|at| line.is_char_boundary(*at)) {
            let (before, after) = line.split_at(at);
            let fold = |text: &str| {
                let mut out = String::new();
                fold_into(text, &mut out);
                out
            };
            let (low, high) = (before.to_ascii_lowercase(), after.to_ascii_lowercase());
            let spaced = format!("{} {}", low.trim_end(), high.trim_start());
            assert_eq!(fold(&format!("{before}*{after}")), format!("{low}{high}"));
            assert_eq!(fold(&format!("{before}\u{200b}{after}")), format!("{low}{high}"));
            for gap in ["  ", "\t", "\u{7f}", "\0", " \n ", "\u{a0}"] {
                assert_eq!(fold(&format!("{before}{gap}{after}")), spaced.trim(), "{gap:?} at {at}");
            }
        }
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for text in ["Ünïcödé – “quotes” ’n’ such", "ＦＵＬＬ：width", "ΣΊΣΥΦΟΣ"] {
            let (mut once, mut twice) = (String::new(), String::new());
            fold_into(text, &mut once);
            fold_into(&once, &mut twice);
            assert_eq!(once, twice);
        }
    }
}
