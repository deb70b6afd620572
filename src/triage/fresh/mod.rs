//! Stage 2: [`Message`] to [`Fresh`], what the sender newly wrote.
//!
//! Labels every byte of the decoded text with a [`Zone`] and deletes nothing. Splits the zones that
//! rules search into sentences, each with its [`Act`].
//!
//! The cuts are made in this order, each on what the ones before left as new text: warnings on top,
//! earlier mail, footers, signatures. They are made again on what is left until nothing changes, so
//! cutting twice is cutting once. When nothing would be left, signatures and footers are given back:
//! losing a client's words is the worst fault this stage can make. Last, answers written inside the
//! earlier mail are given back where the new text announces them.

mod answer;
mod attribution;
mod body;
#[cfg(test)]
mod clients;
mod colour;
mod contact;
mod container;
mod cut;
mod date;
mod element;
mod fold;
mod footer;
mod header_block;
mod html;
#[cfg(test)]
mod laws;
mod lenient;
mod lexicon;
mod line;
mod low;
mod mark;
mod marker;
mod notes;
#[cfg(test)]
mod own;
mod page;
mod parted;
mod pointer;
mod quote;
mod sentence;
mod sheet;
mod signature;
mod signs;
mod subject;
mod tail;
mod tally;
#[cfg(test)]
mod tests;
mod traits;
mod word;

mod act;

use super::message::Message;
use crate::terms::{Act, Zone, ZoneSet};

use cut::About;
use page::Page;

/// Mails enclosed in enclosed mails are read down to this depth.
const ENCLOSED_DEPTH: usize = 2;

/// The decoded text of a mail with every byte in exactly one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// The subject, a newline, then the body as text (HTML turned to text). All spans point in here.
    pub text: String,
    /// Zones in order; they cover `text` without gap or overlap.
    pub zones: Vec<ZoneSpan>,
    /// Sentences in order of their start, of the zones asked for. Never empty, never overlapping.
    pub sentences: Vec<Sentence>,
    /// The new text only points to the forwarded text ("see below"), which then is the matter.
    pub pointer: bool,
}

/// A run of text in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneSpan {
    /// The zone.
    pub zone: Zone,
    /// First byte in [`Fresh::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What decided it, in a few fixed words for the explanation, such as "attribution line".
    pub cause: &'static str,
}

/// A sentence, or what stands for one: a list item, a line, a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The zone it lies in.
    pub zone: Zone,
    /// What it does.
    pub act: Act,
    /// First byte in [`Fresh::text`].
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Fresh {
    /// The text of the spans wanted, in its order. Where a line goes on in another one, its words end with a
    /// newline, so that words of two places do not run together.
    #[must_use]
    pub fn picked(&self, wanted: impl Fn(&ZoneSpan) -> bool) -> String {
        let mut text = String::new();
        let mut before = 0;
        for span in self.zones.iter().filter(|span| wanted(span)) {
            if span.start > before && !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            before = span.end;
            text.push_str(self.text.get(span.start..span.end).unwrap_or_default());
        }
        text
    }

    /// Whether text of this zone is what the mail is about: what is new, the subject, and the forwarded
    /// text where the new text only points to it.
    #[must_use]
    pub fn is_matter(&self, zone: Zone) -> bool {
        matches!(zone, Zone::Subject | Zone::New) || (self.pointer && zone == Zone::Forwarded)
    }
}

/// Whether a subject begins with the mark of a reply, in any language: "Re:", "AW:", "SV:".
#[must_use]
pub fn marks_reply(subject: &str) -> bool {
    subject::thread(subject) == subject::Thread::Reply
}

/// Reads what the sender newly wrote out of a mail. Sentences are split in the zones wanted.
#[must_use]
pub fn extract(message: &Message<'_>, zones: ZoneSet) -> Fresh {
    let sender = page::sender(message);
    let about = About { thread: subject::thread(&message.subject), sender: &sender };
    let body = body::choose(message);
    let mut page = Page::with_room(message.subject.len() + body.text.len());
    page.subject(&message.subject);
    page.body(&body, about, None);
    page.enclosed(&message.enclosed, ENCLOSED_DEPTH);
    page.finish(zones)
}

/// Reads a bare body given as text, without subject.
#[must_use]
pub fn extract_text(text: &str, zones: ZoneSet) -> Fresh {
    let mut page = Page::with_room(text.len());
    page.body(&body::Body::of_text(text), About::default(), None);
    page.finish(zones)
}

/// Reads a bare body given as HTML, without subject.
#[must_use]
pub fn extract_html(html: &str, zones: ZoneSet) -> Fresh {
    let body = html::to_text(html);
    let mut page = Page::with_room(body.text.len());
    page.body(&body, About::default(), None);
    page.finish(zones)
}
