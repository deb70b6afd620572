//! Acts: whether a sentence asks, requests, tells or is only polite.
//!
//! Takes a folded sentence; knows nothing of the mail around it but the act before.

use crate::terms::Act;

use super::lexicon::{self, Kind, Kinds};
use super::word::{self, Word};

/// How a sentence was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub act: Act,
    /// It takes leave: a name may follow.
    pub leaves: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self { act: Act::Statement, leaves: false }
    }
}

const fn only(kind: Kind) -> Kinds {
    Kinds::NONE.with(kind)
}

const LEAD: Kinds = only(Kind::Lead).with(Kind::Greeting);

/// Reads a folded sentence.
pub(super) fn read(folded: &str, previous: Reading) -> Reading {
    let asked = ends_asking(folded);
    let first = Word::first(folded);
    if let Some(reading) = polite(folded, first, asked, previous) {
        return reading;
    }
    let (core, first) = core(folded, first);
    let act = if is_courtesy(core, first, asked) {
        Act::Courtesy
    } else if asked {
        asked_act(core, first)
    } else {
        unasked_act(core, first, folded)
    };
    Reading { act, leaves: false }
}

/// A face that may stand after a question mark.
const SMILE: char = '\u{1f642}';

/// Whether folded text ends with a question mark, or with one and what may stand after it.
fn ends_asking(folded: &str) -> bool {
    const AFTER: &[u8] = b"\"') :.!-";
    let mut from_end = folded.bytes().rev().skip_while(|byte| AFTER.contains(byte));
    match from_end.next() {
        Some(last) if last.is_ascii() => last == b'?',
        Some(_) => {
            let bare = folded
                .trim_end_matches(|c: char| c == SMILE || AFTER.iter().any(|mark| c == char::from(*mark)));
            bare.ends_with('?')
        }
        None => false,
    }
}

/// Folded text without the marks in front of its first word.
fn unmarked(folded: &str) -> &str {
    if folded.as_bytes().first().is_some_and(u8::is_ascii_lowercase) {
        return folded;
    }
    folded.trim_start_matches([' ', ',', ':', '-', '(', '"', '\'', '.', '!', '?', ';', '/', '&'])
}

/// Greetings, thanks, valedictions and the name below one.
fn polite(folded: &str, first: Word<'_>, asked: bool, previous: Reading) -> Option<Reading> {
    let words =
        || folded.split(' ').filter(|w| w.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80)).count();
    let courtesy = |leaves| Some(Reading { act: Act::Courtesy, leaves });
    if previous.leaves && !asked && words() <= 4 {
        return courtesy(true);
    }
    let of = only(Kind::Valediction).with(Kind::Thanks).with(Kind::Greeting);
    let found = first.opens(of)?;
    let rest = folded.get(found.len..).unwrap_or_default();
    let said = rest.as_bytes().split(|byte| *byte == b' ').filter(|word| word.len() > 1).count();
    let leaves = found.kinds.has(Kind::Valediction);
    if said == 0 && !asked {
        return courtesy(leaves);
    }
    if found.kinds.has(Kind::Greeting)
        && said <= 3
        && !asked
        && !rest.trim_start_matches([' ', ',']).is_empty()
    {
        let more = rest.split(',').nth(1).map_or(0, |after| after.trim().len());
        return (more == 0).then_some(Reading { act: Act::Courtesy, leaves: false });
    }
    if found.kinds.has(Kind::Thanks)
        && !asked
        && (said <= 3
            || rest.starts_with(" for")
            || rest.starts_with(" so much for")
            || rest.starts_with(" very much"))
    {
        return courtesy(leaves && said <= 2);
    }
    if leaves && said <= 3 && !asked && rest.starts_with([',', ' ', '/']) {
        return courtesy(true);
    }
    None
}

/// The sentence from where its own words begin: greetings, "and", "also", "quick question:" are left out.
/// With its first word; `first` is that of the whole.
fn core<'t>(folded: &'t str, first: Word<'t>) -> (&'t str, Word<'t>) {
    let mut rest = unmarked(folded);
    let mut first = if rest.len() == folded.len() { first } else { Word::first(rest) };
    for _ in 0..6 {
        let Some(found) = first.opens(LEAD) else { break };
        let after = rest.get(found.len..).unwrap_or_default();
        if found.kinds.has(Kind::Greeting) {
            // "Hi Maeve, can you": the name goes too.
            match after.find([',', '-', '!', '.']).filter(|at| *at <= 30) {
                Some(at) => rest = after.get(at..).unwrap_or_default(),
                None => break,
            }
        } else if after.starts_with([' ', ',', ':', '-', '.', '!', ';']) && after.len() > 3 {
            rest = after;
        } else {
            break;
        }
        rest = unmarked(rest);
        first = Word::first(rest);
    }
    (rest, first)
}

/// Whether a sentence is only polite.
fn is_courtesy(core: &str, first: Word<'_>, asked: bool) -> bool {
    let Some(found) = first.opens(only(Kind::Courtesy)) else { return false };
    let rest = core.get(found.len..).unwrap_or_default();
    let few = rest.split(' ').filter(|w| w.len() > 1).count();
    // "OK" opens much that is not polite; "all good?" does not.
    if found.len <= 10 { few == 0 && (asked || found.len > 4) } else { few <= 14 }
}

/// The act of a sentence that ends with a question mark.
fn asked_act(core: &str, first: Word<'_>) -> Act {
    if let Some(asks) = first.opens(only(Kind::AsksTo)) {
        // "Could you tell me when it is ready?" wants to know.
        let rest = core.get(asks.len..).unwrap_or_default();
        let wonders = lexicon::find(rest, only(Kind::Wonders)).is_some();
        return if wonders { Act::Question } else { Act::Request };
    }
    let pleads = first
        .opens(only(Kind::Requests))
        .is_some_and(|f| core.get(..f.len).is_some_and(|w| w.starts_with("ple") || w == "let's"));
    // The request may stand last: "if it isn't too late, could you send it?"
    let later = last_clause(core).is_some_and(|(_, rest)| lexicon::opens(rest, only(Kind::AsksTo)).is_some());
    if pleads || later { Act::Request } else { Act::Question }
}

/// The act of a sentence without a question mark.
#[inline(never)]
fn unasked_act(core: &str, first: Word<'_>, folded: &str) -> Act {
    const PUZZLED: Kinds = only(Kind::Wonders).with(Kind::Puzzles);
    let mut pleads = false;
    let puzzled = word::each(folded, |word| {
        pleads |= pleads_at(word.rest);
        word.opens(PUZZLED)
    });
    if puzzled.is_some() || asks_openly(core, first) || ends_in_tag(folded) {
        return Act::Question;
    }
    if pleads || first.opens(PLEADING).is_some() { Act::Request } else { Act::Statement }
}

/// Whether a sentence ends in a tag that makes it a question: ", right", ", didn't you". In scripts without
/// spaces the tag is its last letters.
fn ends_in_tag(folded: &str) -> bool {
    const TAG: Kinds = only(Kind::Tag);
    let bare = folded.trim_end_matches(['.', ' ', '!', '"']);
    if bare.as_bytes().last().is_some_and(|last| *last >= 0x80) {
        return lexicon::closes(bare, TAG) && bare.chars().next_back().is_some_and(|c| c >= '\u{3000}');
    }
    let Some((said, tag)) = last_clause(bare) else { return false };
    said.contains(' ') && lexicon::opens(tag, TAG).is_some_and(|found| found.len == tag.len())
}

/// Folded text before and after its last comma with a space behind it.
fn last_clause(folded: &str) -> Option<(&str, &str)> {
    let mut end = folded.len();
    loop {
        end = memchr::memrchr(b',', folded.as_bytes().get(..end)?)?;
        if let Some(after) = folded.get(end + 1..)?.strip_prefix(' ') {
            return Some((folded.get(..end)?, after));
        }
    }
}

/// What the words are that begin a request wherever they stand.
const PLEADING: Kinds = only(Kind::AsksTo).with(Kind::Requests);

/// Whether folded text begins as a request does wherever it stands in a sentence.
#[inline]
fn pleads_at(rest: &[u8]) -> bool {
    // Most words begin otherwise.
    matches!(rest.first(), Some(b'p' | b'c')) && pleads(rest)
}

/// The same, of text that begins with one of these letters.
#[inline(never)]
fn pleads(rest: &[u8]) -> bool {
    let please = rest.strip_prefix(b"please");
    please.is_some_and(|after| matches!(after.first(), None | Some(b' ' | b'.')))
        || rest.starts_with(b"could you ")
        || rest.starts_with(b"can you ")
}

/// Whether a sentence has the order of words of a question.
fn asks_openly(core: &str, first: Word<'_>) -> bool {
    let word = |text: &str, kind| lexicon::opens(text, only(kind)).map(|found| found.len);
    let opens = |kind| first.opens(only(kind)).map(|found| found.len);
    let after = |len: usize| core.get(len..).unwrap_or_default().trim_start();
    if let Some(len) = opens(Kind::Wh) {
        let rest = after(len);
        let opener = core.get(..len).unwrap_or_default();
        let inverted = word(rest, Kind::Aux).is_some_and(|aux| {
            let then = rest.get(aux..).unwrap_or_default().trim_start();
            word(then, Kind::Subj).is_some()
        });
        let contracted = opener.ends_with("'s") && !rest.contains(" is ");
        let bare = matches!(opener, "who" | "why") && !core.ends_with('.') && core.len() < 90;
        return inverted || contracted || bare;
    }
    if let Some(len) = opens(Kind::Aux) {
        return word(after(len), Kind::Subj).is_some()
            && !core.starts_with("about")
            && !core.starts_with("have a");
    }
    opens(Kind::Wonders).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold_into;
    use super::*;

    fn act_of(sentence: &str) -> Act {
        let mut folded = String::new();
        fold_into(sentence, &mut folded);
        read(&folded, Reading::default()).act
    }

    fn check(sentences: &[&str], act: Act) {
        let wrong: Vec<_> =
            sentences.iter().map(|s| (*s, act_of(s))).filter(|(_, found)| *found != act).collect();
        assert!(wrong.is_empty(), "not {act:?}: {wrong:#?}");
    }

    #[test]
    fn questions_with_and_without_a_mark() {
        let questions = [
            "When will the homepage be ready?",
            "Is the copy for page 4 in scope?",
            "I was wondering if the filter will be in the March release",
            "I can't work out why the logo is smaller.",
            "Let me know when the staging site is up",
            "any idea whether the form copes with two languages",
            "Remind me how the login works",
            "We're still on for Friday, right?",
            "I can't square the two dates.",
            "I must have missed where the filter went",
            "Hi Maeve, do we have a date for launch?",
            "And who deploys to staging",
            "Not sure whether legal have seen it.",
            "My board wants to know what happens next.",
            "Quick question: does the search ignore accents?",
            "Wann ist die Seite fertig?",
            "Pourquoi le logo est-il plus petit ?",
            "¿Cuándo estará lista la página?",
            "什么时候可以上线？",
            "Just wondering if the banner could be smaller on phones",
            "I wondered whether you had had a chance to look.",
            "It would be good to know when we launch.",
            "I'd be interested to know how long that takes",
            "Do let me know whether that works for you.",
            "Could you let me know when the site goes live?",
            "Can you tell me who signs this off?",
            "Could you confirm whether the copy is final?",
            "I can't quite see how the filter works.",
            "You did get the photographs, didn't you",
            "We're still on for Friday, right",
            "So that's Friday then?",
            "What about the mobile version",
            "How come the footer is blue",
            "Any joy with the hosting?",
            "I have no idea when the domain renews.",
            "It isn't clear to me who pays for the fonts.",
            "I'm at a loss to explain the second invoice",
            "I don't understand why the form asks twice.",
            "Weißt du, wann die Seite fertig ist?",
            "Je me demande pourquoi le logo est plus petit",
            "Ich frage mich, ob der Filter im März dabei ist",
        ];
        check(&questions, Act::Question);
    }

    #[test]
    fn requests_as_orders_and_as_questions() {
        let requests = [
            "Could you send me the invoice?",
            "Can we have the logo in blue?",
            "Please move the button to the left.",
            "Send me the plan.",
            "Change the header to green",
            "Make it bigger",
            "Let's go with option two.",
            "Hi Maeve, can you add the new photographs?",
            "If it isn't too late, could you swap the two banners?",
            "And please take the swan out.",
            "Would you mind resending the brief?",
            "Könnten Sie uns ein Angebot schicken?",
            "Pourriez-vous changer la photo ?",
            "Would you be able to move the call to Tuesday?",
            "Any chance you could send the files tonight?",
            "Can someone fix the footer?",
            "- move the logo up",
            "Please could you advise on the next steps.",
            "If you could send the files over, that would be great",
        ];
        check(&requests, Act::Request);
    }

    #[test]
    fn politeness_is_not_asking() {
        let courtesies = [
            "Hi Maeve,",
            "Hello there",
            "All good?",
            "How was your weekend?",
            "Hope you're well.",
            "Let me know if you need anything else?",
            "Thanks so much for the quick turnaround!",
            "Kind regards,",
            "Many thanks",
            "Have a great weekend!",
            "Viele Grüße",
            "Merci beaucoup",
            "Did you have a good weekend?",
            "How was your weekend?",
            "How are things with you?",
            "How's everything?",
            "Everything ok?",
            "How have you been?",
            "Hope you had a lovely Easter?",
            "All well at your end?",
            "Had a good break?",
            "Isn't it lovely?",
            "What's not to like?",
            "How hard can it be?",
            "Where has the year gone?",
            "Hope that makes sense?",
            "Sound good?",
            "Ok?",
        ];
        check(&courtesies, Act::Courtesy);
    }

    #[test]
    fn telling_is_telling() {
        let statements = [
            "Approved, go for it.",
            "Legal need another week.",
            "The images are attached as promised.",
            "When we spoke you said blue.",
            "What you sent looks fine.",
            "We have signed the contract.",
            "The launch has moved to 4 May.",
            "Thanks to Jane the board has now signed off on the whole design.",
            "I know why it happened and it won't happen again.",
            "The question of the font is settled.",
            "How it looks on phones is fine.",
        ];
        check(&statements, Act::Statement);
    }
}
