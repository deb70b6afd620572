//! Facts about a mail that are no words in it: how it came, what hangs on it, how long it is.

use super::super::fresh::{self, Fresh};
use super::super::message::Message;
use crate::rules::RuleSet;
use crate::rules::set::FactTest;
use crate::rules::source::ConditionValue;
use crate::terms::{Act, AttachmentKind, CalendarMethod, Fact, Zone};
use crate::triage::Context;

/// Every fact's value for one mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// In the order of [`Fact::ALL`].
    values: Vec<Value>,
}

/// A fact's value and what in the mail says so.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// Yes or no, with the reason in the mail's own terms when it is yes.
    Is(bool, String),
    /// Words that hold.
    Words(Vec<&'static str>),
    /// A number.
    Number(u32),
}

impl Facts {
    /// Reads the facts off the first two stages and the directory of accounts.
    #[must_use]
    pub fn gather(message: &Message<'_>, fresh: &Fresh, rules: &RuleSet, context: &Context<'_>) -> Self {
        let values = Fact::ALL.iter().map(|&fact| value(fact, message, fresh, rules, context)).collect();
        Self { values }
    }

    /// Facts that hold by assertion, for inline tests; the others are absent.
    #[must_use]
    pub fn assumed(fresh: &Fresh, tests: &[FactTest]) -> Self {
        let mut facts = Self {
            values: Fact::ALL
                .iter()
                .map(|fact| match fact {
                    Fact::Calendar | Fact::Attachment => Value::Words(vec!["none"]),
                    Fact::Words => Value::Number(words(fresh)),
                    Fact::Questions => Value::Number(questions(fresh)),
                    Fact::Pointer => Value::Is(fresh.pointer, String::new()),
                    _ => Value::Is(false, String::new()),
                })
                .collect(),
        };
        for test in tests {
            let value = match &test.value {
                ConditionValue::Is(holds) => Value::Is(*holds, format!("{} (assumed)", test.fact)),
                ConditionValue::OneOf(words) => Value::Words(known_words(words)),
                ConditionValue::Between(min, max) => Value::Number(min.or(*max).unwrap_or(0)),
            };
            facts.values[test.fact.index()] = value;
        }
        facts
    }

    /// Whether all of these hold.
    #[must_use]
    pub fn hold(&self, tests: &[FactTest]) -> bool {
        tests.iter().all(|test| self.holds(test))
    }

    fn holds(&self, test: &FactTest) -> bool {
        match (&self.values[test.fact.index()], &test.value) {
            (Value::Is(is, _), ConditionValue::Is(wanted)) => is == wanted,
            (Value::Words(words), ConditionValue::OneOf(wanted)) => {
                words.iter().any(|word| wanted.iter().any(|w| w == word))
            }
            (Value::Number(number), ConditionValue::Between(min, max)) => {
                min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max)
            }
            _ => false,
        }
    }

    /// The facts a rule asked for, in words, for its evidence.
    #[must_use]
    pub fn words(&self, tests: &[FactTest]) -> String {
        let mut words = String::new();
        for (at, test) in tests.iter().enumerate() {
            let fact = test.fact.as_str();
            let pieces: &[&str] = match &self.values[test.fact.index()] {
                Value::Is(true, why) if !why.is_empty() => &[why],
                Value::Is(true, _) => &[fact],
                Value::Is(false, _) => &["no ", fact],
                Value::Words(words) => &[fact, ": ", &words.join(", ")],
                Value::Number(number) => &[fact, ": ", &number.to_string()],
            };
            words.extend((at > 0).then_some("; "));
            words.extend(pieces.iter().copied());
        }
        words
    }
}

/// The words of closed vocabularies, as they can be compared with what a mail gives.
fn known_words(words: &[String]) -> Vec<&'static str> {
    let known = AttachmentKind::WORDS.iter().chain(CalendarMethod::WORDS).copied();
    known.filter(|known| words.iter().any(|word| word == known)).collect()
}

fn value(fact: Fact, message: &Message<'_>, fresh: &Fresh, rules: &RuleSet, context: &Context<'_>) -> Value {
    let header = &message.header;
    let sender = message.from.as_ref().map(|from| from.address.as_ref());
    let is = |holds: bool, why: &str| Value::Is(holds, if holds { why.to_owned() } else { String::new() });
    match fact {
        Fact::Reply => reply(message, fresh),
        Fact::Forward => {
            let zone = fresh.zones.iter().any(|span| span.zone == Zone::Forwarded);
            is(zone || !message.enclosed.is_empty(), "carries a forwarded mail")
        }
        Fact::Pointer => is(fresh.pointer, "points to the forwarded mail"),
        Fact::Automatic => automatic(message, context),
        Fact::Bulk => match header.precedence.as_deref() {
            Some(word @ ("bulk" | "junk" | "list")) => Value::Is(true, format!("Precedence: {word}")),
            _ => is(false, ""),
        },
        Fact::List => match &header.list_id {
            Some(id) if !is_own_list(id, rules) => Value::Is(true, format!("List-Id: {id}")),
            _ => is(false, ""),
        },
        Fact::Unsubscribe => is(header.list_unsubscribe, "List-Unsubscribe"),
        Fact::Calendar => Value::Words(vec![header.calendar_method().as_str()]),
        Fact::Account => {
            let to = written_to(message, context);
            is(rules.directory.find(sender, to).is_some(), "sender of a known account")
        }
        Fact::Internal => {
            is(sender.is_some_and(|sender| rules.directory.is_internal(sender)), "sender of the agency")
        }
        Fact::NoReply => match sender.filter(|sender| is_no_reply(sender)) {
            Some(sender) => Value::Is(true, format!("From: {sender}")),
            None => is(false, ""),
        },
        Fact::Attachment => Value::Words(attachment_words(message)),
        Fact::Words => Value::Number(words(fresh)),
        Fact::Questions => Value::Number(questions(fresh)),
    }
}

/// The addresses a mail was written to, the envelope's first.
pub(in crate::triage) fn written_to<'m>(
    message: &'m Message<'_>,
    context: &Context<'m>,
) -> impl Iterator<Item = &'m str> {
    let header = message.to.iter().chain(&message.cc).map(|address| address.address.as_ref());
    context.recipient.into_iter().chain(message.delivered_to.iter().map(AsRef::as_ref)).chain(header)
}

fn reply(message: &Message<'_>, fresh: &Fresh) -> Value {
    let why = if message.header.in_reply_to {
        "In-Reply-To"
    } else if fresh::marks_reply(&message.subject) {
        "the subject's mark"
    } else if fresh.zones.iter().any(|span| span.zone == Zone::Quoted) {
        "carries a quoted mail"
    } else {
        return Value::Is(false, String::new());
    };
    Value::Is(true, why.to_owned())
}

/// RFC 3834, section 5: `Auto-Submitted`, a null return path; RFC 6522: `multipart/report`.
fn automatic(message: &Message<'_>, context: &Context<'_>) -> Value {
    let header = &message.header;
    match &header.auto_submitted {
        Some(value) => Value::Is(true, format!("Auto-Submitted: {value}")),
        None if header.report => Value::Is(true, "multipart/report".to_owned()),
        None if header.null_return_path => Value::Is(true, "Return-Path: <>".to_owned()),
        None if context.null_sender() => Value::Is(true, "no envelope sender".to_owned()),
        None => Value::Is(false, String::new()),
    }
}

fn is_own_list(id: &str, rules: &RuleSet) -> bool {
    let id = id.to_lowercase();
    let bare = id.rsplit_once('<').map_or(id.as_str(), |(_, rest)| rest).trim_end_matches('>').trim();
    rules.directory.own_lists.iter().any(|own| own == bare)
}

fn is_no_reply(address: &str) -> bool {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local).to_ascii_lowercase();
    let letters: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.contains("noreply")
        || letters.contains("donotreply")
        || letters == "mailerdaemon"
        || letters == "postmaster"
}

fn attachment_words(message: &Message<'_>) -> Vec<&'static str> {
    let kinds = message.attachment_kinds();
    let mut words: Vec<&'static str> =
        kinds.iter().filter(|&&kind| kind != AttachmentKind::None).map(|kind| kind.as_str()).collect();
    if words.is_empty() {
        words.push(AttachmentKind::None.as_str());
    }
    words
}

/// Words in what the sender wrote.
fn words(fresh: &Fresh) -> u32 {
    let new = fresh.zones.iter().filter(|span| span.zone == Zone::New);
    let text = new.filter_map(|span| fresh.text.get(span.start..span.end));
    u32::try_from(text.map(words_in).sum::<usize>()).unwrap_or(u32::MAX)
}

fn words_in(text: &str) -> usize {
    if !text.is_ascii() {
        return words_beyond_ascii(text);
    }
    // Where a word begins: many bytes at once can be looked at while the count fits into one.
    let bytes = text.as_bytes();
    let later = bytes.get(1..).unwrap_or_default();
    let begins = |(before, byte): (&u8, &u8)| u8::from(is_space(before) & !is_space(byte));
    let some = bytes.chunks(128).zip(later.chunks(128));
    let counts = some.map(|(before, bytes)| usize::from(before.iter().zip(bytes).map(begins).sum::<u8>()));
    usize::from(bytes.first().is_some_and(|first| !is_space(first))) + counts.sum::<usize>()
}

/// The same of any text: most of its characters are of ASCII all the same.
fn words_beyond_ascii(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut within, mut at) = (0, false, 0);
    while let Some(byte) = bytes.get(at) {
        let beyond = if byte.is_ascii() { None } else { text.get(at..).and_then(|rest| rest.chars().next()) };
        let space = beyond.map_or_else(|| is_space(byte), char::is_whitespace);
        count += usize::from(!space & !within);
        within = !space;
        at += beyond.map_or(1, char::len_utf8);
    }
    count
}

/// Whether a byte is white space of ASCII.
fn is_space(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// Questions and requests in the matter.
fn questions(fresh: &Fresh) -> u32 {
    let asking = |act| matches!(act, Act::Question | Act::Request);
    let count = fresh
        .sentences
        .iter()
        .filter(|s| s.zone != Zone::Subject && fresh.is_matter(s.zone) && asking(s.act));
    u32::try_from(count.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::words_in;

    #[test]
    fn words_are_what_stands_between_white_space() {
        for text in [
            "",
            " ",
            "one",
            " two words\r\n",
            "a\tb\u{b}c\u{c}d  e",
            "\u{1c}x y\u{85}z",
            "caf\u{e9} \u{a0} au lait",
        ] {
            assert_eq!(words_in(text), text.split_whitespace().count(), "{text:?}");
        }
    }
}
