//! The body: which of a mail's two renderings is read.

use std::borrow::Cow;

use super::super::message::Message;
use super::answer::Announced;
use super::colour::Colour;
use super::fold::fold_into;
use super::header_block::cut;
use super::html;

/// Text of a body, and what HTML containers decided of it.
#[derive(Debug, Default)]
pub(super) struct Body<'t> {
    pub text: Cow<'t, str>,
    pub contained: Vec<Contained>,
    /// Stretches in which all of a mail carried along stands, in order.
    pub wrapped: Vec<(usize, usize)>,
    /// Stretches of text, none longer than a line, that stand out by their colour.
    pub coloured: Vec<Coloured>,
}

impl<'t> Body<'t> {
    /// A body of text alone.
    pub(super) fn of_text(text: &'t str) -> Self {
        // Some programs leave the mark by which they told the byte order.
        Self { text: Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)), ..Self::default() }
    }
}

/// A stretch of text in a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coloured {
    pub colour: Colour,
    pub start: usize,
    pub end: usize,
}

/// What a container of a mail client says of the text in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// It introduces a quote.
    Attribution,
    /// It is a signature.
    Signature,
    /// Earlier mail begins here.
    Below,
    /// Earlier mail begins here if it begins with header fields.
    Boxed,
    /// Earlier mail begins here if none of it is marked.
    Unmarked,
}

impl Hint {
    /// Whether the text in such a container may be what the hint says.
    pub(super) fn is_borne_out(self, inside: &str) -> bool {
        let said = inside.trim_start_matches(['>', ' ', '\n']);
        // A ruled box may hold anything; only one that begins with fields is a mail's heading.
        let field = |line: &&str| line.chars().take(24).any(|c| c == ':' || c == '：');
        match self {
            _ if said.is_empty() => false,
            Self::Attribution => !said.starts_with(['-', '—']) && said.len() <= 600,
            Self::Boxed => said.lines().take(8).filter(field).count() >= 3,
            Self::Unmarked => !inside.lines().any(|line| line.starts_with('>')),
            Self::Signature | Self::Below => true,
        }
    }
}

/// A stretch of text that lies in such a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contained {
    pub hint: Hint,
    pub start: usize,
    pub end: usize,
}

/// Letters and digits below which a text rendering is looked at twice.
const STUB: usize = 160;

/// The rendering that is read: the text, unless it is missing or a stub for the HTML.
pub(super) fn choose<'t>(message: &'t Message<'_>) -> Body<'t> {
    let text = message.text.as_deref().unwrap_or_default();
    let Some(html) = message.html.as_deref() else {
        return Body::of_text(text);
    };
    let said = letters(text, STUB);
    if said >= STUB {
        if announces_colour(text, html) {
            return html::to_text(html);
        }
        return Body::of_text(text);
    }
    let more = said * 3 + 40;
    if said > 0 && !is_stub(text) && html.len() < 200_000 && shown_at_most(html) >= more {
        let read = html::to_text(html);
        if letters(&read.text, more) < more || has_history(text) {
            return Body::of_text(text);
        }
        return read;
    }
    if said > 0 && !is_stub(text) {
        return Body::of_text(text);
    }
    html::to_text(html)
}

/// How many letters and digits text has, counted up to some number.
fn letters(text: &str, most: usize) -> usize {
    let (mut count, mut ascii) = (0, 0);
    // Most text begins with ASCII alone: all bytes of a step are looked at together.
    for step in text.as_bytes().as_chunks::<32>().0 {
        if count >= most || !step.is_ascii() {
            break;
        }
        count += usize::from(step.iter().map(|byte| u8::from(byte.is_ascii_alphanumeric())).sum::<u8>());
        ascii += step.len();
    }
    let rest = text.get(ascii..).unwrap_or_default().chars().filter(|c| c.is_alphanumeric());
    most.min(count + rest.take(most.saturating_sub(count)).count())
}

/// How many bytes of HTML are no tags and no styles: none of its text is longer.
fn shown_at_most(html: &str) -> usize {
    let (mut shown, mut rest) = (0, html.as_bytes());
    while let Some(open) = memchr::memchr(b'<', rest) {
        shown += open;
        rest = rest.get(open..).unwrap_or_default();
        let close = if rest.get(..6).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<style")) {
            memchr::memmem::find(rest, b"</")
        } else {
            memchr::memchr(b'>', rest)
        };
        let Some(close) = close else { return shown + rest.len() };
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    shown + rest.len()
}

/// Whether short text is more than a stub because it carries earlier mail along.
fn has_history(text: &str) -> bool {
    text.lines().any(|line| line.starts_with('>') || line.ends_with(':'))
}

/// Whether text only says that the mail is to be read as HTML.
fn is_stub(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("html")
        && (lower.contains("support") || lower.contains("view") || lower.contains("display"))
}

/// Bytes at the top of a text in which answers in the mail below are announced.
const TOP: usize = 1000;

/// Whether text announces answers that only its HTML shows, by their colour.
fn announces_colour(text: &str, html: &str) -> bool {
    if html.len() > 2_000_000 || memchr::memmem::find(html.as_bytes(), b"color").is_none() {
        return false;
    }
    let mut folded = String::new();
    let announced = cut(text, TOP).lines().fold(Announced::default(), |announced, line| {
        folded.clear();
        fold_into(line, &mut folded);
        announced.read(&folded)
    });
    announced.is_any()
}
