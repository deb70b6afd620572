//! Stage 1: bytes to [`Message`]. The only module that names `mail-parser`.
//!
//! Takes whatever bytes a mail filter or a mailbox hands over and gives the best reading of them.
//! Broken mail is a value with [`defects`](Message::defects), never an error and never a panic.
//! Leaves alone what the text means: zones are the next stage's.

use std::borrow::Cow;

use crate::terms::Date;

/// A mail as read: header fields that matter, decoded bodies, and what was wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Message<'a> {
    /// `Message-ID` without angle brackets.
    pub message_id: Option<Cow<'a, str>>,
    /// `Date` as RFC 3339, in the sender's offset.
    pub date: Option<String>,
    /// The day of `Date`, in the sender's offset.
    pub day: Option<Date>,
    /// First address of `From`, or of `Sender` when `From` has none.
    pub from: Option<Address<'a>>,
    /// Addresses of `To`, groups flattened.
    pub to: Vec<Address<'a>>,
    /// Addresses of `Cc`, groups flattened.
    pub cc: Vec<Address<'a>>,
    /// Addresses of `Delivered-To`, `X-Original-To` and `Envelope-To`, in the order of the header:
    /// where the mail was really sent, plus-addressing kept.
    pub delivered_to: Vec<Cow<'a, str>>,
    /// `Subject`, decoded, unfolded, trimmed; empty when there is none.
    pub subject: Cow<'a, str>,
    /// Text of the `text/plain` body parts, in order, each ending with a newline; line endings are LF
    /// and `format=flowed` (RFC 3676) is undone. `None` when the mail has no such part.
    pub text: Option<Cow<'a, str>>,
    /// Source of the `text/html` body parts, decoded to UTF-8, not yet turned to text.
    pub html: Option<Cow<'a, str>>,
    /// Attachments, by name and type only.
    pub attachments: Vec<Attachment<'a>>,
    /// Mails enclosed as `message/rfc822`, one level of nesting at a time.
    pub enclosed: Vec<Message<'a>>,
    /// What the header says of how the mail came to be.
    pub header: HeaderFacts<'a>,
    /// What was wrong with the bytes, each kind once, in the order of [`Defect`].
    pub defects: Vec<Defect>,
}

/// A mailbox of RFC 5322, section 3.4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address<'a> {
    /// Display name, decoded; empty when there is none.
    pub name: Cow<'a, str>,
    /// `local@domain` as written, without brackets.
    pub address: Cow<'a, str>,
}

/// An attachment, by name and type only: its bytes are not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// File name, decoded (RFC 2231, RFC 2047); empty when there is none.
    pub name: Cow<'a, str>,
    /// `type/subtype`, lower case.
    pub media_type: String,
    /// Whether the part is marked `inline` (a picture in the text, mostly).
    pub inline: bool,
}

/// Facts read from the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderFacts<'a> {
    /// `In-Reply-To` or `References` is present.
    pub in_reply_to: bool,
    /// `Auto-Submitted` (RFC 3834), its value when other than `no`.
    pub auto_submitted: Option<Cow<'a, str>>,
    /// `Precedence`, lower case.
    pub precedence: Option<String>,
    /// `List-Id` (RFC 2919) as written.
    pub list_id: Option<Cow<'a, str>>,
    /// `List-Unsubscribe` (RFC 2369) is present.
    pub list_unsubscribe: bool,
    /// `Return-Path: <>`: the sender wants no bounce, so is a machine.
    pub null_return_path: bool,
    /// Top-level `multipart/report` (RFC 6522).
    pub report: bool,
    /// `method` of a `text/calendar` part (RFC 5546), lower case; empty when it has none.
    pub calendar: Option<String>,
    /// `Authentication-Results` fields (RFC 8601), top to bottom, unfolded.
    pub authentication_results: Vec<Cow<'a, str>>,
}

/// What was wrong with a mail's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// No bytes at all.
    Empty,
    /// No header field could be read.
    NoHeader,
    /// No text could be read from the body.
    NoBody,
    /// No `From` address.
    NoSender,
    /// A NUL byte in the mail.
    Nul,
    /// A transfer encoding or character set did not decode cleanly.
    Encoding,
    /// A character set nobody knows; read as UTF-8 or Latin-1.
    UnknownCharset,
    /// Multipart structure broken: missing boundary, missing end, too deep.
    Structure,
    /// Text beyond the limit was left out of the search.
    Truncated,
}
