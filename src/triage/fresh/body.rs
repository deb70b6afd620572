//! The body: which of a mail's two renderings is read.

use std::borrow::Cow;

use super::super::message::Message;
use super::html;

/// Text of a body, and what HTML containers decided of it.
#[derive(Debug, Default)]
pub(super) struct Body<'t> {
    pub text: Cow<'t, str>,
    pub contained: Vec<Contained>,
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
        return Body { text: Cow::Borrowed(text), contained: Vec::new() };
    };
    let said = text.chars().filter(|c| c.is_alphanumeric()).take(STUB).count();
    if said >= STUB {
        return Body { text: Cow::Borrowed(text), contained: Vec::new() };
    }
    if said > 0 && !is_stub(text) && html.len() < 200_000 {
        let read = html::to_text(html);
        let more = read.text.chars().filter(|c| c.is_alphanumeric()).take(said * 3 + 40).count();
        if more < said * 3 + 40 || has_history(text) {
            return Body { text: Cow::Borrowed(text), contained: Vec::new() };
        }
        return read;
    }
    if said > 0 && !is_stub(text) {
        return Body { text: Cow::Borrowed(text), contained: Vec::new() };
    }
    html::to_text(html)
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
