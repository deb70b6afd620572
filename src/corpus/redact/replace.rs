//! What is replaced by what: names, addresses, links, numbers, each the same throughout a mail.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::corpus::prepared::{Judgement, Prepared};
use crate::rules::RuleSet;
use crate::rules::accounts::{covers, domain_of};
use crate::terms::Zone;
use crate::triage::message::Address;

/// Names that are nobody's.
const NAMES: &[&str] = &[
    "Alder", "Birch", "Cedar", "Elm", "Fern", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Pine", "Rowan",
    "Sorrel", "Tamarisk", "Ulmus", "Willow", "Yarrow", "Aspen", "Bracken", "Clover", "Heather", "Ivy",
    "Laurel", "Myrtle", "Olive", "Poplar", "Sedge", "Thistle", "Vetch", "Wisteria",
];

/// Words that open a line and have a name after them.
const GREETINGS: &[&str] = &["hi", "hello", "hey", "dear", "morning", "afternoon", "evening", "thanks"];

/// Capitals that are no names.
const NO_NAMES: &[&str] = &[
    "i",
    "ok",
    "am",
    "pm",
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "pdf",
    "html",
    "url",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

/// Digits from which on a number is replaced: days, hours and small counts stay.
const LONG_NUMBER: usize = 3;

/// Digits of a telephone number, written with blanks or not.
const PHONE: usize = 7;

/// Keeps what became what.
pub(super) struct Replacer<'r> {
    rules: &'r RuleSet,
    /// Text that decided, which stays: bytes of the mail's text.
    decided: Vec<Range<usize>>,
    /// Words that are names, lower case: those of the header, and those found on the way.
    names: BTreeSet<String>,
    /// Names of the header alone.
    known: BTreeSet<String>,
    /// What became of each, by its lower case.
    words: BTreeMap<String, String>,
    addresses: BTreeMap<String, String>,
    links: BTreeMap<String, String>,
    numbers: BTreeMap<String, String>,
}

impl<'r> Replacer<'r> {
    pub(super) fn new(mail: &Prepared, judged: &Judgement, rules: &'r RuleSet, keep_evidence: bool) -> Self {
        let text = &mail.fresh.text;
        let hits = judged.evidence.hits.iter().filter(|_| keep_evidence);
        let places = hits.flat_map(|hit| hit.places().cloned().collect::<Vec<_>>());
        let decided = places.filter(|place| place.zone != Zone::Header).map(|place| place.start..place.end);
        let mut replacer = Self {
            rules,
            decided: decided.collect(),
            names: BTreeSet::new(),
            known: BTreeSet::new(),
            words: BTreeMap::new(),
            addresses: BTreeMap::new(),
            links: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        let message = &mail.message;
        for address in message.from.iter().chain(&message.to).chain(&message.cc) {
            replacer.learn(&address.name);
            replacer.learn(address.address.split('@').next().unwrap_or_default());
        }
        replacer.known = replacer.names.clone();
        for zone in &mail.fresh.zones {
            let lines = text.get(zone.start..zone.end).unwrap_or_default().lines();
            lines.for_each(|line| replacer.learn_greeted(line));
        }
        replacer
    }

    /// Every word of a name as people write theirs.
    fn learn(&mut self, name: &str) {
        let words = name.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() >= 3);
        self.names.extend(words.map(str::to_lowercase).filter(|word| !NO_NAMES.contains(&word.as_str())));
    }

    /// "Hi Nora,": the capitalised words after a greeting.
    fn learn_greeted(&mut self, line: &str) {
        let mut words = line.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        let opens = words.next().is_some_and(|word| GREETINGS.contains(&word.to_lowercase().as_str()));
        let short = line.chars().count() <= 40;
        for word in words.take_while(|word| opens && short && word.starts_with(char::is_uppercase)).take(2) {
            self.learn(word);
        }
    }

    /// Something of the mail's text, from this byte of it on, replaced.
    pub(super) fn text(&mut self, text: &str, offset: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let before = text.get(..at).unwrap_or_default();
            let taken = match piece(rest, before) {
                Piece::Link(len) => {
                    out += &self.link(&rest[..len]);
                    len
                }
                Piece::Address(len) => {
                    out += &self.address(&rest[..len]);
                    len
                }
                Piece::Number(len) => {
                    out += &self.number(&rest[..len]);
                    len
                }
                Piece::Word(len) => {
                    let place = offset + at..offset + at + len;
                    out += &self.word(&rest[..len], opens_sentence(before), &place);
                    len
                }
                Piece::Other(len) => {
                    out += &rest[..len];
                    len
                }
            };
            at += taken;
        }
        out
    }

    fn word(&mut self, word: &str, opens: bool, place: &Range<usize>) -> String {
        let lower = word.to_lowercase();
        let capital = word.starts_with(char::is_uppercase);
        let decided = self.decided.iter().any(|span| span.start < place.end && place.start < span.end);
        let known = self.names.contains(&lower) && (capital || !decided);
        // A capital within a sentence names something, unless it is what decided.
        let guessed = capital && !opens && !decided && word.chars().count() >= 2;
        if !(known || guessed) || NO_NAMES.contains(&lower.as_str()) {
            return word.to_owned();
        }
        self.names.insert(lower.clone());
        let next = self.words.len();
        let name = self.words.entry(lower).or_insert_with(|| {
            let name = NAMES.get(next % NAMES.len()).copied().unwrap_or_default();
            // Past the last one they begin again, each round a letter longer.
            name.to_owned() + &"e".repeat(next / NAMES.len())
        });
        match (capital, word.chars().all(char::is_uppercase) && word.chars().count() > 1) {
            (_, true) => name.to_uppercase(),
            (true, false) => name.clone(),
            (false, false) => name.to_lowercase(),
        }
    }

    /// An address of nobody; those the accounts name stay, or the owner would be another.
    pub(super) fn address(&mut self, address: &str) -> String {
        let lower = address.to_lowercase();
        let domain = domain_of(&lower).unwrap_or_default().to_owned();
        let directory = &self.rules.directory;
        let accounts = &directory.accounts;
        let people = [&directory.am, &directory.pm]
            .into_iter()
            .chain(accounts.iter().flat_map(|one| [&one.am, &one.pm]));
        let named = accounts.iter().any(|one| one.addresses.contains(&lower) || one.to.contains(&lower))
            || people.flatten().any(|known| known.eq_ignore_ascii_case(&lower));
        if named {
            return address.to_owned();
        }
        let own = |list: &[String]| list.iter().any(|own| covers(own, &domain));
        let known = own(&directory.domains) || accounts.iter().any(|one| own(&one.domains));
        let local = lower.split('@').next().unwrap_or_default().to_owned();
        let letters: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
        let machine =
            ["noreply", "donotreply", "mailerdaemon", "postmaster"].iter().any(|name| letters.contains(name));
        let number = self.addresses.len() + 1;
        let became = self.addresses.entry(lower).or_insert_with(|| {
            let domain = if known { domain } else { format!("client{number}.example") };
            let local = if machine { local } else { format!("person{number}") };
            format!("{local}@{domain}")
        });
        became.clone()
    }

    /// A mailbox of the header.
    pub(super) fn mailbox(&mut self, address: &Address<'_>) -> String {
        let name = self.text(&address.name, usize::MAX / 2).replace(['"', '\\', '\r', '\n'], "");
        let address = self.address(&address.address);
        if name.trim().is_empty() { address } else { format!("\"{name}\" <{address}>") }
    }

    /// A mailing list's id; the agency's own stay.
    pub(super) fn list(&self, id: &str) -> String {
        let lower = id.to_lowercase();
        let own = self.rules.directory.own_lists.iter().any(|own| lower.contains(own.as_str()));
        if own { id.to_owned() } else { "<list.client.example>".to_owned() }
    }

    fn link(&mut self, link: &str) -> String {
        let number = self.links.len() + 1;
        let became = self.links.entry(link.to_lowercase());
        became.or_insert_with(|| format!("https://link{number}.example/")).clone()
    }

    /// Other digits in the place of these, the same for the same number; the first is none that is nothing.
    fn number(&mut self, number: &str) -> String {
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if digits < LONG_NUMBER || is_date(number) || is_year(number) {
            return number.to_owned();
        }
        let step = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut seed = number.bytes().filter(u8::is_ascii_digit).fold(0xcbf2_9ce4_8422_2325, step);
        let mut other = |c: char| {
            if !c.is_ascii_digit() {
                return c;
            }
            seed = step(seed, b'x');
            let digit = u8::try_from((seed >> 32) % 9).unwrap_or(0) + b'1';
            // Never the digit that was there.
            if char::from(digit) == c {
                if c == '9' { '1' } else { char::from(digit + 1) }
            } else {
                char::from(digit)
            }
        };
        let became = number.chars().map(&mut other).collect::<String>();
        self.numbers.entry(number.to_owned()).or_insert(became).clone()
    }

    /// Something that was to be replaced and is still in the text, which is lower case.
    pub(super) fn remaining(&self, text: &str) -> Option<String> {
        let parts = |c: char| !(c.is_alphanumeric() || "@.:/+-_".contains(c));
        let there: BTreeSet<&str> =
            text.split(parts).map(|word| word.trim_matches(['.', ':', '-', '/'])).collect();
        let new: BTreeSet<String> = self.all().map(|(_, new)| new.to_lowercase()).collect();
        let gone = self.all().filter(|(old, became)| old != became && !new.contains(*old));
        // What was only guessed to be a name may be an ordinary word elsewhere.
        let gone = gone.filter(|(old, _)| !self.words.contains_key(*old) || self.known.contains(*old));
        gone.map(|(old, _)| old).find(|old| there.contains(old.as_str())).cloned()
    }

    fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        self.words.iter().chain(&self.addresses).chain(&self.links).chain(&self.numbers)
    }

    pub(super) fn count(&self) -> usize {
        self.all().filter(|(old, became)| old != became).count()
    }
}

enum Piece {
    Link(usize),
    Address(usize),
    Number(usize),
    Word(usize),
    Other(usize),
}

/// What a text begins with, and how many bytes that is.
fn piece(rest: &str, before: &str) -> Piece {
    let within = before.chars().next_back().is_some_and(char::is_alphanumeric);
    let lower: String = rest.chars().take(8).flat_map(char::to_lowercase).collect();
    if !within && ["http://", "https://", "www."].iter().any(|start| lower.starts_with(start)) {
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'()[]".contains(c)).unwrap_or(rest.len());
        return Piece::Link(rest[..end].trim_end_matches(['.', ',', ';', '!', '?']).len());
    }
    let token =
        rest.find(|c: char| !(c.is_alphanumeric() || ".!#$%&*+-/=_@".contains(c))).unwrap_or(rest.len());
    let token = rest[..token].trim_end_matches(['.', '-', '!', '/']);
    if !within
        && token.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
    {
        return Piece::Address(token.len());
    }
    let first = rest.chars().next().unwrap_or_default();
    if first.is_ascii_digit() {
        return Piece::Number(number_len(rest));
    }
    if first.is_alphabetic() {
        return Piece::Word(rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len()));
    }
    Piece::Other(first.len_utf8())
}

/// A run of digits; with blanks and signs between when it is as long as a telephone number, or a date.
fn number_len(rest: &str) -> usize {
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let long = rest.find(|c: char| !(c.is_ascii_digit() || " .-/()".contains(c))).unwrap_or(rest.len());
    let long = rest[..long].trim_end_matches([' ', '.', '-', '/', '(', ')']);
    let phone = long.chars().filter(char::is_ascii_digit).count() >= PHONE;
    let dated = long.split(' ').next().unwrap_or_default();
    if is_date(dated) {
        dated.len()
    } else if phone {
        long.len()
    } else {
        digits
    }
}

/// `17.3.2026`, `2026-03-17`, `17/3`.
fn is_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['.', '-', '/']).collect();
    let short = |part: &&str| (1..=2).contains(&part.len());
    match parts.as_slice() {
        [a, b] => short(a) && short(b),
        [a, b, c] => {
            let year_last = short(a) && short(b) && (short(c) || c.len() == 4);
            year_last || (a.len() == 4 && short(b) && short(c))
        }
        _ => false,
    }
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

/// Whether a word after this opens a sentence, a line or a quotation, where capitals say nothing.
fn opens_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '"', '\'', '(', '*', '>', '“', '‘', '#', '_']);
    before.is_empty() || before.ends_with(['.', '!', '?', '\n', ':', '-', '–', '•', '…', '\r'])
}
