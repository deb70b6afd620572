//! Containers: elements of which mail clients say what stands in them.
//!
//! Takes start tags, and where elements end; knows the containers of Gmail, Apple Mail, Outlook, Thunderbird,
//! Yahoo, Proton, Zimbra, Spark and their like. Gathers where each begins and ends in the text.

use super::body::{Contained, Hint};
use super::element::{Attributes, Element};

/// What the class of Yahoo's container ends with, and the id of Outlook's.
const YAHOO: &str = "yahoo_quoted";
const OUTLOOK: &str = "mail-editor-reference-message-container";

/// What mail clients mean by a container.
pub(super) fn hint(tag: &Attributes) -> Option<Hint> {
    if tag.is_plain() {
        return None;
    }
    if ["gmail_attr", "moz-cite-prefix", "gmail_quote_attribution", "moz-email-headers-prefix"]
        .iter()
        .any(|c| tag.class(c))
    {
        return Some(Hint::Attribution);
    }
    if is_signature(tag) {
        return Some(Hint::Signature);
    }
    let below = [
        "divrplyfwdmsg",
        "olk_src_body_section",
        "stopspelling",
        "zwchr",
        "isreplycontent",
        "isforwardcontent",
        "original-content",
        OUTLOOK,
    ];
    if below.iter().any(|i| tag.id(i))
        || tag.class.contains(YAHOO)
        || tag.class("outlookmessageheader")
        || tag.class("zmail_extra")
    {
        return Some(Hint::Below);
    }
    let quotes = ["gmail_quote", "protonmail_quote", "tutanota_quote", "freshdesk_quote", "front-blockquote"];
    if tag.is_div() && (quotes.iter().any(|class| tag.class(class)) || tag.label == "messagereplysection") {
        return Some(Hint::Unmarked);
    }
    // Outlook on the desktop draws a line above "From:".
    let ruled = tag.style.contains("border-top:solid") && tag.style.contains("padding:3");
    let ruled = ruled || (tag.style.contains("border-top:solid") && tag.style.contains("border:none"));
    ruled.then_some(Hint::Boxed)
}

fn is_signature(tag: &Attributes) -> bool {
    let classes = [
        "gmail_signature",
        "moz-signature",
        "protonmail_signature_block",
        "ms-outlook-mobile-signature",
        "spark_signature",
        "superhuman-signature",
        "zmail_signature",
    ];
    let ids = ["signature", "applemailsignature", "ms-outlook-mobile-signature", "zmailsignature"];
    classes.iter().any(|c| tag.class(c))
        || ids.iter().any(|i| tag.id(i))
        || tag.label == "messagesignaturesection"
        || tag.label == "x-apple-signature"
}

/// Whether all of the mail carried along stands in a container: what follows its end is the sender's.
pub(super) fn wraps(tag: &Attributes, hint: Option<Hint>) -> bool {
    match hint {
        Some(Hint::Unmarked) => true,
        Some(Hint::Below) => {
            tag.class.contains(YAHOO)
                || tag.class("zmail_extra")
                || tag.id("olk_src_body_section")
                || tag.id(OUTLOOK)
        }
        _ => tag.class("moz-forward-container"),
    }
}

/// The containers of a text.
#[derive(Debug, Default)]
pub(super) struct Containers {
    pub contained: Vec<Contained>,
    /// Where all of a mail carried along stands, in order.
    pub wrapped: Vec<(usize, usize)>,
    /// Such containers that are open.
    wrapping: usize,
}

impl Containers {
    /// Takes that an element begins.
    pub(super) fn open(&mut self, element: &Element) {
        self.wrapping += usize::from(element.wraps);
    }

    /// Takes that an element of `out` ends; a forward's heading is left to be read as text. Where it is `torn`, its own
    /// end isn't known.
    pub(super) fn close(&mut self, element: &Element, out: &str, torn: bool) {
        if element.wraps {
            self.wrapping -= 1;
            if self.wrapping == 0 && !torn {
                self.wrapped.push((element.begin, out.len()));
            }
        }
        let Some(hint) = element.hint else { return };
        let inside = out.get(element.begin..).unwrap_or_default();
        if !hint.is_borne_out(inside) {
            return;
        }
        let start = out.len() - inside.trim_start().len();
        match hint {
            Hint::Boxed | Hint::Below | Hint::Unmarked => self.begins_below(start),
            _ => self.contained.push(Contained { hint, start, end: out.len() }),
        }
    }

    /// Takes that earlier mail begins at a place.
    pub(super) fn begins_below(&mut self, at: usize) {
        self.contained.push(Contained { hint: Hint::Below, start: at, end: at + 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::super::extract_html;
    use super::super::tests::{wanted, zone};
    use crate::terms::Zone;

    const FORWARD: &str = "<div class=gmail_attr>---------- Forwarded message ---------<br>From: Ann \
                           &lt;ann@b.example&gt;<br>Date: Mon, 4 May 2026 at 10:32<br>Subject: Cards<br>To: \
                           Jane<br></div><br>";

    fn new(html: &str) -> String {
        zone(&extract_html(html, wanted()), Zone::New)
    }

    #[test]
    fn words_below_a_container_are_new() {
        for (class, inside) in [
            ("class=gmail_quote", format!("{FORWARD}<div>Do cards expire?</div>")),
            ("class='gmail_quote gmail_quote_container'", "<div>Do cards expire?</div>".to_owned()),
            (
                "class=ydp1yahoo_quoted",
                "<div>On Monday, 4 May 2026 at 10:32, Ann &lt;ann@b.example&gt; wrote:</div>Do they?"
                    .to_owned(),
            ),
            (
                "class=moz-forward-container",
                "-------- Forwarded Message --------<table class=moz-email-headers-table><tr><th>Subject: \
                 <td>Cards<tr><th>Date: <td>Mon, 4 May 2026 10:32<tr><th>From: <td>Ann \
                 &lt;ann@b.example&gt;</table><p>Do cards expire?</p>"
                    .to_owned(),
            ),
            (
                "id=mail-editor-reference-message-container",
                "<p><b>From:</b> Ann<br><b>Sent:</b> 4 May 2026 10:32<br><b>Subject:</b> Cards</p>Do they?"
                    .to_owned(),
            ),
        ] {
            let html =
                format!("<div>One for you.</div><div {class}>{inside}</div><div>Please tell her.</div>");
            assert_eq!(new(&html).replace("\n\n", "\n"), "One for you.\nPlease tell her.", "{html}");
        }
        let below =
            format!("<div class=gmail_quote>{FORWARD}<div>Do they?</div></div><p>Can you answer her?</p>");
        assert_eq!(new(&below), "Can you answer her?");
    }

    #[test]
    fn what_a_container_holds_stays_in_it() {
        // A stray end tag in a table, a container within, and one of a client that marks nothing else.
        let torn = format!(
            "<div>Yes.</div><div class=gmail_quote>{FORWARD}<table><tr><td>Sale</div><tr><td>Half price</table></div>"
        );
        assert_eq!(new(&torn), "Yes.");
        let inner = format!(
            "<div>Yes.</div><div class=gmail_quote>{FORWARD}<div class=gmail_quote>older</div><div>Ann</div></div>"
        );
        assert_eq!(new(&inner), "Yes.");
        let block =
            "<p>From: Ann &lt;ann@b.example&gt;<br>Sent: 4 May 2026 10:32<br>To: Jane<br>Subject: Cards</p>";
        let outer = format!("<p>Yes.</p>{block}<p>Do they?</p><div class=gmail_quote>older</div><p>Ann</p>");
        assert_eq!(new(&outer), "Yes.");
        assert_eq!(new("<div class=gmail_quote><div>The blue one.</div></div>"), "The blue one.");
        let answered = "<div class=gmail_quote><blockquote>Which?</blockquote>The blue.<blockquote>When?</blockquote></div>";
        assert_eq!(new(answered), "The blue.");
    }
}
