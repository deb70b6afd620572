//! Header blocks: the "From: … Sent: … Subject: …" that Outlook and others put above a mail they carry along.
//!
//! Takes lines; says which of them are such a block. Whether the mail below was answered or passed on is for
//! `quote` to decide.

use super::contact;
use super::date::{has_time, is_dated};
use super::lexicon::{Kind, Kinds};
use super::line::{Line, Shape};
use super::sheet::Sheet;
use super::signs::Signs;
use super::word::{self, Word};

/// Lines a block may have, and lines one field may be wrapped over.
pub(super) const MOST_LINES: usize = 40;
const MOST_WRAPPED: usize = 6;
/// Lines in which a block has its sender, its time and whom it is to.
const MOST_WHOLE: usize = 8;
/// Words of a line that are looked at.
const MOST_WORDS: usize = 60;

/// A block found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// How many lines it has.
    pub len: usize,
    /// It says neither when to the minute, nor who by an address and on which day: people, too, write such.
    pub weak: bool,
    /// It has nothing that a journey hasn't.
    pub bare: bool,
}

/// What was gathered of a block while reading it.
#[derive(Default)]
struct Gathered {
    kinds: Kinds,
    address: bool,
    dated: bool,
    timed: bool,
}

impl Gathered {
    /// Fields that a mail of any client has.
    fn core(&self) -> u32 {
        const CORE: Kinds = Kinds::NONE.with(Kind::From).with(Kind::To).with(Kind::Subject);
        self.kinds.and(CORE).len() + u32::from(self.says_when())
    }

    fn says_when(&self) -> bool {
        self.kinds.has(Kind::Sent) || self.kinds.has(Kind::Date)
    }

    /// Whether it is of a mail for sure: a journey, too, is from somewhere to somewhere on some day.
    fn of_a_mail(&self) -> bool {
        self.address || self.kinds.has(Kind::Sent) || self.kinds.has(Kind::Cc)
    }

    fn is_weak(&self) -> bool {
        !(self.timed && self.of_a_mail() || self.address && self.dated)
    }

    /// Whether this is a mail's header and not a list of things somebody wrote.
    fn is_header(&self, announced: bool) -> bool {
        let subject = self.kinds.has(Kind::Subject);
        let names_people = self.kinds.has(Kind::From) || (announced && self.kinds.has(Kind::To));
        match self.core() {
            4 => true,
            3 => {
                let known = self.address || (self.of_a_mail() && self.timed);
                let known = known || (subject && (self.says_when() || self.of_a_mail()));
                names_people && (known || announced)
            }
            2 if self.says_when() && self.kinds.has(Kind::To) => announced || (self.address && self.timed),
            2 => names_people && (announced || (self.address && (self.dated || subject))),
            _ => announced && self.kinds.has(Kind::From),
        }
    }
}

/// The header block that begins at the first of `lines`; `announced` when a ruled line or a line such
/// as "-----Original Message-----" stands above it.
pub(super) fn find(sheet: &Sheet<'_>, lines: &[Line<'_>], announced: bool) -> Option<Block> {
    read(sheet, lines, announced).ok()
}

/// The same, or how many lines were read in vain: no block begins in the first half of them.
pub(super) fn read(sheet: &Sheet<'_>, lines: &[Line<'_>], announced: bool) -> Result<Block, usize> {
    let mut gathered = Gathered::default();
    let mut last = 0;
    let mut seen = 0;
    for (at, line) in lines.iter().enumerate().take(MOST_LINES) {
        seen = at + 1;
        // A line of the sender's that begins as a field does ("Date: Friday suits me") may stand above a block.
        let below_gap = at > 0 && lines.get(at - 1).is_some_and(|above| above.gap);
        if below_gap && !gathered.is_header(announced) && is_whole(sheet, lines.get(at..)) {
            return Err(at);
        }
        if read_field(sheet, line, &mut gathered) {
            last = at;
        } else if at == 0 {
            return Err(1);
        } else {
            let gap_before = lines.get(at - 1).is_some_and(|before| before.gap);
            if gap_before || at - last > MOST_WRAPPED || line.shape != Shape::Text {
                break;
            }
            gathered.address |= at - last <= 2 && line.text.contains('@') && !contact::is_field(line.text);
        }
    }
    // A subject may be wrapped below the last field; a line that begins with white space belongs to it.
    while lines.get(last).is_some_and(|l| !l.gap)
        && lines
            .get(last + 1)
            .is_some_and(|l| sheet.text[l.start..].starts_with([' ', '\t']) && l.shape == Shape::Text)
        && last + 1 < MOST_LINES
    {
        last += 1;
    }
    // Right above marked lines, whose mail it is and what it is about say enough.
    let marked = lines.get(last + 1).is_some_and(|below| below.shape == Shape::Quote)
        && gathered.kinds.has(Kind::From)
        && gathered.kinds.has(Kind::Subject);
    if marked || gathered.is_header(announced) {
        let bare = !gathered.of_a_mail() && !gathered.kinds.has(Kind::Subject);
        Ok(Block { len: last + 1, weak: gathered.is_weak(), bare })
    } else {
        Err(seen)
    }
}

/// Whether a line is a field that programs write for each other: a header that has it was pasted.
pub(super) fn is_transport_field(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    const NAMES: [&str; 5] = ["message-id:", "received:", "return-path:", "delivered-to:", "mime-version:"];
    if !line.signs(sheet).has(Signs::ANY_COLON)
        || !matches!(line.first_byte(sheet).to_ascii_lowercase(), b'm' | b'r' | b'd')
    {
        return false;
    }
    let folded = line.folded(sheet);
    NAMES.iter().any(|name| folded.starts_with(name))
}

/// Whether a block that needs nothing above it begins at the first of these lines: the sender's field, then
/// others without blank lines between.
fn is_whole(sheet: &Sheet<'_>, lines: Option<&[Line<'_>]>) -> bool {
    let mut gathered = Gathered::default();
    for (at, line) in lines.unwrap_or_default().iter().enumerate().take(MOST_WHOLE) {
        let field = read_field(sheet, line, &mut gathered);
        if at == 0 && (!field || !gathered.kinds.has(Kind::From)) {
            return false;
        }
        if gathered.core() >= 3 {
            return true;
        }
        if line.gap {
            return false;
        }
    }
    false
}

/// Whether a line may have a field, seen from its bytes alone.
pub(super) fn may_be_field(sheet: &Sheet<'_>, line: &Line<'_>) -> bool {
    line.shape == Shape::Text && line.signs(sheet).has(Signs::ANY_COLON)
}

/// Reads the field, or the fields run together, on a line; false when it has none.
fn read_field(sheet: &Sheet<'_>, line: &Line<'_>, gathered: &mut Gathered) -> bool {
    if !may_be_field(sheet, line) || !has_early_colon(line.text) {
        return false;
    }
    let folded = cut(line.folded(sheet), 600);
    let (mut words, mut fields) = (0, 0);
    word::each(folded, |word| {
        words += 1;
        let begins = word.at == 0 || folded.get(..word.at).is_some_and(|before| before.ends_with(' '));
        if let Some(kind) = key(folded, word).filter(|_| begins) {
            fields += 1;
            gathered.kinds = gathered.kinds.or(kind);
            let rest = folded.get(word.at..).unwrap_or_default();
            let when = kind.has(Kind::Sent) || kind.has(Kind::Date);
            let timed = when && has_time(rest);
            gathered.timed |= timed && is_dated(rest);
            gathered.dated |= timed || (when && is_dated(rest));
        }
        (fields == 0 || words == MOST_WORDS).then_some(())
    });
    gathered.address |= fields > 0 && folded.contains('@');
    fields > 0
}

/// The kind of field whose key begins with a word of folded text.
fn key(folded: &str, word: Word<'_>) -> Option<Kinds> {
    let found = word.opens(Kinds::HEADER)?;
    let after = folded.get(word.at + found.len..)?.trim_start_matches([' ', '_']);
    after.starts_with(':').then_some(found.kinds)
}

/// Whether a colon stands near the beginning, as it does in a field.
fn has_early_colon(raw: &str) -> bool {
    let head = cut(raw, 48);
    memchr::memchr(b':', head.as_bytes()).is_some() || (!head.is_ascii() && head.contains('：'))
}

/// The first `most` bytes of `text`, or a few fewer so as not to cut a letter.
pub(super) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::sheet::of_text;
    use super::*;

    fn len(text: &str) -> Option<usize> {
        of_text(text, |sheet, lines| find(sheet, lines, false).map(|block| block.len))
    }

    #[test]
    fn blocks_are_found_in_many_languages_and_orders() {
        let table = [
            ("From: Maeve <maeve@agency.example>\nSent: 04 May 2026 10:32\nTo: Jane\nSubject: Plan\n\nHi", 4),
            ("*From:* Maeve\n*Date:* Monday, 4 May 2026 at 10:32\n*To:* Jane\n*Subject:* Plan\n\nHi", 4),
            ("Subject: Plan\nDate: 4 May 2026\nFrom: Maeve <maeve@agency.example>\nTo: Jane\nHi", 4),
            (
                "From: Maeve\n<maeve@agency.example>\nSent: 04 May 2026 10:32\nTo: Jane\nSubject: Plan\n\nHi",
                5,
            ),
            ("From: Maeve\n\nSent: 04 May 2026 10:32\n\nTo: Jane\n\nSubject: Plan\n\nHi", 4),
            ("Von: Maeve\nGesendet: Montag, 4. Mai 2026 10:32\nAn: Jane\nBetreff: Plan\n\nHallo", 4),
            ("De : Maeve\nEnvoyé : lundi 4 mai 2026 10:32\nÀ : Jane\nObjet : Plan\n\nBonjour", 4),
            ("De: Maeve\nEnviado el: lunes, 4 de mayo de 2026 10:32\nPara: Jane\nAsunto: Plan\n\nHola", 4),
            ("Da: Maeve\nInviato: lunedì 4 maggio 2026 10:32\nA: Jane\nOggetto: Plan\n\nCiao", 4),
            ("Van: Maeve\nVerzonden: maandag 4 mei 2026 10:32\nAan: Jane\nOnderwerp: Plan\n\nHoi", 4),
            ("De: Maeve\nEnviada em: 4 de maio de 2026 10:32\nPara: Jane\nAssunto: Plan\n\nOi", 4),
            ("Från: Maeve\nSkickat: den 4 maj 2026 10:32\nTill: Jane\nÄmne: Plan\n\nHej", 4),
            ("Fra: Maeve\nSendt: 4. maj 2026 10:32\nTil: Jane\nEmne: Plan\n\nHej", 4),
            (
                "Lähettäjä: Maeve\nLähetetty: 4. toukokuuta 2026 10:32\nVastaanottaja: Jane\nAihe: Plan\n\nHei",
                4,
            ),
            ("Od: Maeve\nWysłano: 4 maja 2026 10:32\nDo: Jane\nTemat: Plan\n\nCześć", 4),
            ("Od: Maeve\nOdesláno: 4. května 2026 10:32\nKomu: Jane\nPředmět: Plan\n\nAhoj", 4),
            ("De la: Maeve\nTrimis: 4 mai 2026 10:32\nCătre: Jane\nSubiect: Plan\n\nBună", 4),
            ("Feladó: Maeve\nElküldve: 2026. május 4. 10:32\nCímzett: Jane\nTárgy: Plan\n\nSzia", 4),
            ("Kimden: Maeve\nGönderildi: 4 Mayıs 2026 10:32\nKime: Jane\nKonu: Plan\n\nMerhaba", 4),
            ("От: Maeve\nОтправлено: 4 мая 2026 г. 10:32\nКому: Jane\nТема: Plan\n\nПривет", 4),
            ("差出人: Maeve\n送信日時: 2026年5月4日 10:32\n宛先: Jane\n件名: Plan\n\nこんにちは", 4),
            ("发件人: Maeve\n发送时间: 2026年5月4日 10:32\n收件人: Jane\n主题: Plan\n\n你好", 4),
            ("보낸 사람: Maeve\n보낸 날짜: 2026년 5월 4일 10:32\n받는 사람: Jane\n제목: Plan\n\n안녕", 4),
        ];
        for (text, lines) in table {
            assert_eq!(len(text), Some(lines), "{text}");
        }
    }

    #[test]
    fn lists_with_colons_are_no_blocks() {
        let table = [
            "From: a page nobody can find\nTo: one everybody knows\nDate: the bank holiday\nBudget: 7,000\n",
            "To: do list\n\nbuy milk",
            "Date: to be agreed\nPlace: your office\n",
            "Subject: the homepage\n\nwe like it",
            "From: Monday\nwe are closed\n",
        ];
        for text in table {
            assert_eq!(len(text), None, "{text}");
        }
    }
}
