//! Stage 1: bytes to [`Message`]. The only module that names `mail-parser`.
//!
//! Takes whatever bytes a mail filter or a mailbox hands over and gives the best reading of them.
//! Broken mail is a value with [`defects`](Message::defects), never an error and never a panic.
//! Leaves alone what the text means: zones are the next stage's.
//!
//! `mail-parser` reads addresses, dates, base64 and character sets. Structure, header fields,
//! parameters and encoded words are read here: that library looks for boundaries within lines and from
//! every part to the end of the mail, decodes each encoded word alone and every attachment in full, and
//! time must stay linear in the size of a mail that means harm.

mod attachment;
mod charset;
mod defects;
mod fields;
mod flowed;
mod header;
mod owned;
mod parameters;
mod structure;
mod text;
mod transfer;
mod words;

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use self::defects::Defects;
use self::structure::Kind;
use crate::terms::{CalendarMethod, Date};

pub use crate::terms::{AttachmentKind, Defect};

/// Body text in bytes that is kept; more is [`Defect::Truncated`]. The mail itself is never cut.
pub const TEXT_LIMIT: usize = 1 << 20;

/// HTML source in bytes that is kept. Higher, for much of it is not text.
pub const HTML_LIMIT: usize = 4 << 20;

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
    /// Attachments, by name and type only; enclosed mails are among them.
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
    /// Whether it is shown within the text rather than beside it: part of `multipart/related`, or with a
    /// `Content-ID`, or marked `inline` without a name; never when marked `attachment`.
    pub inline: bool,
}

/// Facts read from the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderFacts<'a> {
    /// `In-Reply-To` or `References` is present and not empty.
    pub in_reply_to: bool,
    /// `Auto-Submitted` (RFC 3834, section 5), its whole value when other than `no`.
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

/// Reads a mail. A leading mbox `From ` line is passed over.
#[must_use]
pub fn parse(raw: &[u8]) -> Message<'_> {
    if raw.is_empty() {
        return Message { defects: vec![Defect::Empty], ..Message::default() };
    }
    let mut message = if ends_lines_with_cr(raw) {
        let converted = with_lf(raw);
        read(&converted).into_owned()
    } else {
        read(raw)
    };
    if memchr(0, raw).is_some() {
        message.defects.push(Defect::Nul);
        message.defects.sort_unstable();
    }
    message
}

fn read(raw: &[u8]) -> Message<'_> {
    structure::read(without_envelope(raw), 0, &mut structure::mails())
}

/// The mail without byte order mark, mbox separator and leading blank lines.
fn without_envelope(raw: &[u8]) -> &[u8] {
    let mut mail = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    // A mailbox stored in a mailbox has its separator quoted.
    for separator in [&b"From "[..], b">From "] {
        if mail.starts_with(separator) {
            let end = header::line_end(mail, 0);
            let (line, below) = mail.split_at(end);
            // Without header, a mail may well begin "From Monday on ...".
            if header::opens_header(below) || below.starts_with(b">From ") || is_separator(line) {
                mail = below;
            }
        }
    }
    let below = mail.trim_ascii_start();
    if header::opens_header(below) { below } else { mail }
}

/// Whether a line that begins with `From ` ends as `ctime` writes dates: a time, then a year.
fn is_separator(line: &[u8]) -> bool {
    let mut words = line.trim_ascii_end().rsplit(|&b| b == b' ').take(3);
    let year = words.next().is_some_and(|word| word.len() == 4 && word.iter().all(u8::is_ascii_digit));
    year && words.any(|word| memchr(b':', word).is_some())
}

/// Whether lines end with CR alone, as the first one does. CR CR LF is a line ending converted twice.
fn ends_lines_with_cr(raw: &[u8]) -> bool {
    let Some(at) = memchr2(b'\r', b'\n', raw) else { return false };
    let ending = raw.get(at..).unwrap_or_default();
    !(ending.starts_with(b"\n") || ending.starts_with(b"\r\n") || ending.starts_with(b"\r\r\n"))
}

fn with_lf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for (at, &byte) in raw.iter().enumerate() {
        match byte {
            b'\r' if raw.get(at + 1) == Some(&b'\n') => (),
            b'\r' => out.push(b'\n'),
            _ => out.push(byte),
        }
    }
    out
}

/// Reads the fields of a mail's header, those of MIME too. Of fields that may stand only once, the first counts.
fn read_header<'a>(block: &'a [u8], defects: &mut Defects) -> (Message<'a>, Kind) {
    let (mut message, mut kind) = (Message::default(), Kind::default());
    let mut seen = Seen::default();
    for field in header::fields(block) {
        kind.field(field, defects);
        seen.field(&mut message, field, defects);
    }
    message.from = message.from.or(seen.sender);
    (message, kind)
}

/// What must be remembered between fields.
#[derive(Debug, Default)]
struct Seen<'a> {
    sender: Option<Address<'a>>,
    subject: bool,
    return_path: bool,
}

/// Longest field name told apart by [`Seen::field`].
const NAME_LIMIT: usize = 24;

impl<'a> Seen<'a> {
    fn field(&mut self, message: &mut Message<'a>, field: header::Field<'a>, defects: &mut Defects) {
        let mut lower = [0; NAME_LIMIT];
        let Some(name) = lower.get_mut(..field.name.len()) else { return };
        name.copy_from_slice(field.name);
        name.make_ascii_lowercase();
        let value = field.value;
        match &*name {
            b"message-id" if message.message_id.is_none() => {
                message.message_id = Some(fields::bracketed(value, defects)).filter(|id| !id.is_empty());
            }
            b"date" if message.date.is_none() => {
                (message.date, message.day) = fields::date(value).unzip();
            }
            b"from" if message.from.is_none() => message.from = first(value, defects),
            b"sender" if self.sender.is_none() => self.sender = first(value, defects),
            b"to" => fields::addresses(value, defects, &mut message.to),
            b"cc" => fields::addresses(value, defects, &mut message.cc),
            b"subject" if !self.subject => {
                self.subject = true;
                message.subject = fields::text(value, defects);
            }
            b"delivered-to" | b"x-original-to" | b"envelope-to" => {
                let list = value.split(|&b| b == b',').map(|one| fields::bracketed(one, defects));
                message.delivered_to.extend(list.filter(|one| !one.is_empty()));
            }
            b"return-path" if !self.return_path => {
                self.return_path = true;
                let written = value.iter().filter(|b| !b.is_ascii_whitespace());
                message.header.null_return_path = written.eq(b"<>");
            }
            _ => message.header.field(name, value, defects),
        }
    }
}

/// The first mailbox of a list that has an address.
fn first<'a>(value: &'a [u8], defects: &mut Defects) -> Option<Address<'a>> {
    let mut list = Vec::new();
    fields::addresses(value, defects, &mut list);
    list.into_iter().find(|one| !one.address.is_empty())
}

impl<'a> HeaderFacts<'a> {
    fn field(&mut self, name: &[u8], value: &'a [u8], defects: &mut Defects) {
        match name {
            b"in-reply-to" | b"references" => self.in_reply_to |= !value.trim_ascii().is_empty(),
            b"auto-submitted" if self.auto_submitted.is_none() => {
                let value = fields::unstructured(value, defects);
                let keyword = value.split([';', '(', ' ', '\t']).next().unwrap_or_default();
                if !keyword.is_empty() && !keyword.eq_ignore_ascii_case("no") {
                    self.auto_submitted = Some(value);
                }
            }
            b"precedence" if self.precedence.is_none() => {
                self.precedence = Some(fields::unstructured(value, defects).to_lowercase());
            }
            b"list-id" if self.list_id.is_none() => {
                self.list_id = Some(fields::text(value, defects)).filter(|id| !id.is_empty());
            }
            b"list-unsubscribe" => self.list_unsubscribe = true,
            b"authentication-results" => {
                self.authentication_results.push(fields::unstructured(value, defects));
            }
            _ => (),
        }
    }

    /// The calendar part's method as the word rules know.
    #[must_use]
    pub fn calendar_method(&self) -> CalendarMethod {
        match self.calendar.as_deref() {
            None => CalendarMethod::None,
            Some("request") => CalendarMethod::Request,
            Some("reply") => CalendarMethod::Reply,
            Some("cancel") => CalendarMethod::Cancel,
            Some("publish") => CalendarMethod::Publish,
            Some(_) => CalendarMethod::Other,
        }
    }
}

impl Message<'_> {
    /// The kinds of the attachments, one each; [`AttachmentKind::None`] alone when there are none.
    #[must_use]
    pub fn attachment_kinds(&self) -> Vec<AttachmentKind> {
        let mut found = [false; AttachmentKind::ALL.len()];
        for attachment in &self.attachments {
            if let Some(slot) = found.get_mut(attachment.kind().index()) {
                *slot = true;
            }
        }
        let kinds = AttachmentKind::ALL.iter().copied().zip(found);
        let kinds: Vec<_> = kinds
            .filter(|&(kind, found)| found && kind != AttachmentKind::None)
            .map(|(kind, _)| kind)
            .collect();
        if kinds.is_empty() { vec![AttachmentKind::None] } else { kinds }
    }
}

#[cfg(test)]
mod tests;
