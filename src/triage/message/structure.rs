//! Walks the MIME structure of a body (RFC 2045, RFC 2046) and collects what the mail holds.
//!
//! Takes header and body of a mail; gives its texts, attachments and enclosed mails. A multipart is
//! cut at whole lines that are its own delimiter, outermost first, so that a part left open ends with
//! the part around it. All texts of one type are gathered, even where a `multipart/alternative` holds
//! several: to say words twice does less harm than to lose them. Depth and number of enclosed mails are bounded; each level is one scan.

use std::borrow::Cow;

use memchr::memmem;

use super::charset;
use super::defects::Defects;
use super::header::{self, Block, Field};
use super::parameters::Parameters;
use super::text::Body;
use super::transfer::Encoding;
use super::{Attachment, HTML_LIMIT, Message, TEXT_LIMIT, fields, flowed, text};
use crate::terms::Defect;

/// How deep parts and enclosed mails may lie within each other.
const DEPTH_LIMIT: usize = 32;

/// How many enclosed mails are read; more are listed as attachments.
const ENCLOSED_LIMIT: usize = 100;

/// Longest `Content-Type` or `Content-Disposition` that is read.
const PARAMETERS_LIMIT: usize = 8192;

/// The MIME fields of a mail or part.
#[derive(Debug, Default)]
pub(super) struct Kind {
    /// `Content-Type`; its value is empty when there is none.
    pub(super) content: Parameters,
    disposition: Parameters,
    encoding: Encoding,
    has_id: bool,
}

impl Kind {
    /// Reads the MIME fields among those of a header.
    pub(super) fn read(header: &[u8], defects: &mut Defects) -> Self {
        let mut kind = Self::default();
        for field in header::fields(header) {
            kind.field(field, defects);
        }
        kind
    }

    /// Reads a field if it is one of these.
    pub(super) fn field(&mut self, field: Field<'_>, defects: &mut Defects) {
        if !field.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-")) {
            return;
        }
        if field.is("Content-Type") && self.content == Parameters::default() {
            self.content = bounded(field.value, defects);
        } else if field.is("Content-Disposition") && self.disposition == Parameters::default() {
            self.disposition = bounded(field.value, defects);
        } else if field.is("Content-Transfer-Encoding") {
            self.encoding = Encoding::read(field.value);
        } else if field.is("Content-ID") {
            self.has_id = true;
        }
    }

    fn is(&self, media_type: &str) -> bool {
        self.content.value == media_type
    }

    fn is_multipart(&self) -> bool {
        self.content.value.starts_with("multipart/")
    }

    fn is_mail(&self) -> bool {
        self.is("message/rfc822") || self.is("message/global")
    }

    /// Text by its type. None named, or one without a subtype, is plain text (RFC 2045, section 5.2).
    fn is_text(&self) -> bool {
        self.content.value.starts_with("text/") || !self.content.value.contains('/')
    }

    fn is_plain(&self) -> bool {
        self.is("text/plain") || !self.content.value.contains('/')
    }

    fn name(&self) -> Option<&str> {
        self.disposition.get("filename").or_else(|| self.content.get("name")).filter(|name| !name.is_empty())
    }
}

fn bounded(value: &[u8], defects: &mut Defects) -> Parameters {
    defects.add_if(value.len() > PARAMETERS_LIMIT, Defect::Structure);
    Parameters::read(value.get(..PARAMETERS_LIMIT).unwrap_or(value), defects)
}

/// Where a part stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    depth: usize,
    /// The mail's only part: its text is the body whatever it is called.
    root: bool,
    /// Within `multipart/related`, so shown by the text beside it.
    related: bool,
    /// Within `multipart/digest`, where a part without type is a mail (RFC 2046, section 5.1.5).
    digest: bool,
}

/// What is collected on the walk.
#[derive(Debug)]
pub(super) struct Walk<'a, 'l> {
    pub(super) text: Body<'a>,
    pub(super) html: Body<'a>,
    pub(super) attachments: Vec<Attachment<'a>>,
    pub(super) enclosed: Vec<Message<'a>>,
    pub(super) calendar: Option<String>,
    pub(super) defects: Defects,
    /// Enclosed mails that may still be read, over all levels.
    mails_left: &'l mut usize,
}

/// Reads one mail: the outermost, or at `depth` one enclosed in it.
pub(super) fn read<'a>(raw: &'a [u8], depth: usize, mails_left: &mut usize) -> Message<'a> {
    let mut walk = Walk {
        text: Body::new(TEXT_LIMIT),
        html: Body::new(HTML_LIMIT),
        attachments: Vec::new(),
        enclosed: Vec::new(),
        calendar: None,
        defects: Defects::default(),
        mails_left,
    };
    let mut block = header::split(raw);
    let found = header::is_header(block.header);
    if !found {
        walk.defects.add(Defect::NoHeader);
        block = Block { body: raw.trim_ascii_start(), ..Block::default() };
    }
    walk.defects.add_if(block.broken, Defect::Structure);
    let (mut message, kind) = super::read_header(block.header, &mut walk.defects);
    message.header.report = kind.is("multipart/report");
    walk.part(&kind, block.body, Place { depth, root: true, ..Place::default() });
    walk.finish(message, found)
}

/// The number of enclosed mails that one reading starts with.
pub(super) fn mails() -> usize {
    ENCLOSED_LIMIT
}

impl<'a> Walk<'a, '_> {
    fn finish(mut self, mut message: Message<'a>, found: bool) -> Message<'a> {
        self.defects.add_if(self.text.is_blank() && self.html.is_blank(), Defect::NoBody);
        self.defects.add_if(found && message.from.is_none(), Defect::NoSender);
        self.defects.add_if(self.text.cut || self.html.cut, Defect::Truncated);
        message.text = self.text.text;
        message.html = self.html.text;
        message.attachments = self.attachments;
        message.enclosed = self.enclosed;
        message.header.calendar = self.calendar;
        message.defects = self.defects.to_vec();
        message
    }

    fn part(&mut self, kind: &Kind, body: &'a [u8], place: Place) {
        if kind.is_multipart() {
            self.multipart(kind, body, place);
        } else if kind.is_mail() || (place.digest && kind.content.value.is_empty()) {
            self.mail(kind, body, place);
        } else if self.is_body(kind, place) {
            self.body(kind, body);
        } else {
            if kind.is("text/calendar") {
                self.calendar(kind, body);
            }
            self.attach(kind, place);
        }
    }

    /// Whether a part is text to read rather than an attachment. An unknown kind of text is read only
    /// as the whole mail (RFC 2046, section 4.1.4).
    fn is_body(&self, kind: &Kind, place: Place) -> bool {
        let attached = kind.disposition.value == "attachment";
        let readable = kind.is_plain() || kind.is("text/html");
        if place.root {
            kind.is_text() && !kind.is("text/calendar") && !(attached && kind.name().is_some())
        } else {
            readable && !attached && kind.name().is_none()
        }
    }

    fn body(&mut self, kind: &Kind, body: &'a [u8]) {
        let html = kind.is("text/html");
        let into = if html { &self.html } else { &self.text };
        // No character set needs more than four bytes a character, no encoding more than three a byte.
        let most = into.room().saturating_mul(12);
        self.defects.add_if(body.len() > most, Defect::Truncated);
        let bytes = kind.encoding.decode(body.get(..most).unwrap_or(body), &mut self.defects);
        let mut read = charset::decode(bytes, kind.content.get("charset"), &mut self.defects);
        if html {
            self.html.push(text::without_nul(read));
            return;
        }
        read = text::lines(read);
        let parameter =
            |name, want: &str| kind.content.get(name).is_some_and(|v| v.eq_ignore_ascii_case(want));
        if parameter("format", "flowed") {
            read = flowed::join(&read, parameter("delsp", "yes")).into();
        }
        self.text.push(read);
    }

    fn attach(&mut self, kind: &Kind, place: Place) {
        let value = &kind.content.value;
        let shown = kind.disposition.value == "inline" && kind.name().is_none();
        self.attachments.push(Attachment {
            name: fields::plain(Cow::Owned(kind.name().unwrap_or_default().to_owned())),
            media_type: if value.contains('/') { value.clone() } else { "text/plain".to_owned() },
            inline: kind.disposition.value != "attachment" && (shown || place.related || kind.has_id),
        });
    }

    /// The method is a parameter of the type (RFC 6047, section 2.4); some name it only within.
    fn calendar(&mut self, kind: &Kind, body: &[u8]) {
        if self.calendar.as_ref().is_some_and(|method| !method.is_empty()) {
            return;
        }
        let method = kind.content.get("method").map(str::to_owned).or_else(|| {
            let start = body.get(..4096).unwrap_or(body);
            let start = kind.encoding.decode(start, &mut Defects::default());
            let at = memmem::find(&start, b"\nMETHOD:")? + b"\nMETHOD:".len();
            let line = start.get(at..header::line_end(&start, at))?;
            Some(String::from_utf8_lossy(line).into_owned())
        });
        self.calendar = Some(method.unwrap_or_default().trim().to_ascii_lowercase());
    }

    fn mail(&mut self, kind: &Kind, body: &'a [u8], place: Place) {
        self.attach(kind, place);
        if let Some(attachment) = self.attachments.last_mut().filter(|_| !kind.is_mail()) {
            attachment.media_type = "message/rfc822".to_owned();
        }
        if *self.mails_left == 0 || place.depth >= DEPTH_LIMIT {
            self.defects.add(Defect::Truncated);
            return;
        }
        *self.mails_left -= 1;
        let message = match kind.encoding.decode(body, &mut self.defects) {
            Cow::Borrowed(body) => read(body, place.depth + 1, self.mails_left),
            Cow::Owned(body) => read(&body, place.depth + 1, self.mails_left).into_owned(),
        };
        self.enclosed.push(message);
    }

    fn multipart(&mut self, kind: &Kind, body: &'a [u8], place: Place) {
        let named =
            kind.content.get("boundary").map(str::as_bytes).filter(|named| has_delimiter(body, named));
        self.defects.add_if(named.is_none(), Defect::Structure);
        if place.depth >= DEPTH_LIMIT {
            self.defects.add(Defect::Structure);
            self.attach(kind, place);
            return;
        }
        let Some(boundary) = named.or_else(|| guess_boundary(body)) else {
            self.body(&Kind { encoding: kind.encoding, ..Kind::default() }, body);
            return;
        };
        let mut parts = Parts { body, boundary, start: None, at: 0, ended: false };
        let inner = Place {
            depth: place.depth + 1,
            root: false,
            related: place.related || kind.is("multipart/related"),
            digest: kind.is("multipart/digest"),
        };
        for part in parts.by_ref() {
            let block = header::split(part);
            let kind = Kind::read(block.header, &mut self.defects);
            self.part(&kind, block.body, inner);
        }
        self.defects.add_if(!parts.ended, Defect::Structure);
    }
}

/// The parts of a multipart body, each with the line ending that precedes the next delimiter.
struct Parts<'a, 'b> {
    body: &'a [u8],
    boundary: &'b [u8],
    /// Where the part now open starts; none before the first delimiter.
    start: Option<usize>,
    at: usize,
    /// The closing delimiter was found.
    ended: bool,
}

impl<'a> Iterator for Parts<'a, '_> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.ended {
            let Some(line) = next_dashes(self.body, self.at) else { break };
            self.at = header::line_end(self.body, line);
            let Some(closing) = delimiter(self.body.get(line..self.at)?, self.boundary) else { continue };
            self.ended = closing;
            if let Some(start) = self.start.replace(self.at) {
                return self.body.get(start..line);
            }
        }
        let rest = if self.ended { None } else { self.body.get(self.start?..) };
        self.start = None;
        self.at = self.body.len();
        rest.filter(|rest| !rest.is_empty())
    }
}

/// Start of the next line that begins with two dashes.
fn next_dashes(body: &[u8], at: usize) -> Option<usize> {
    if at == 0 && body.starts_with(b"--") {
        return Some(0);
    }
    // The line ending before `at` is part of what is looked for.
    let from = at.saturating_sub(1);
    memmem::find(body.get(from..)?, b"\n--").map(|found| from + found + 1)
}

/// Whether a line is this boundary's delimiter, and then whether it is the closing one. What stands after
/// white space is ignored; without that a boundary would be taken for any longer one that begins alike.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let (rest, closing) = rest.strip_prefix(b"--").map_or((rest, false), |rest| (rest, true));
    rest.first().is_none_or(u8::is_ascii_whitespace).then_some(closing)
}

fn has_delimiter(body: &[u8], boundary: &[u8]) -> bool {
    !boundary.is_empty() && dashed_lines(body).any(|line| delimiter(line, boundary).is_some())
}

/// A boundary that the header does not name: a line of dashes and a word, with a MIME field below.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    while let Some(start) = next_dashes(body, at) {
        at = header::line_end(body, start);
        let boundary = body.get(start + 2..at)?.trim_ascii_end();
        let below = body.get(at..)?;
        let field = below.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
        if field && !boundary.is_empty() && boundary.len() <= 200 {
            return Some(boundary);
        }
    }
    None
}

fn dashed_lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = next_dashes(body, at)?;
        at = header::line_end(body, start);
        body.get(start..at)
    })
}
