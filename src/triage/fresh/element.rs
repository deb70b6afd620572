//! HTML elements: what a start tag means for the text.
//!
//! Takes a tag's name and attributes. What mail clients mean by it is for `container` to know.

use super::body::Hint;
use super::colour::{self, Colour};
use super::container;

/// What an element does to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Inline,
    Block,
    Paragraph,
    List,
    Numbered,
    Item,
    Table,
    Row,
    Cell,
    Preformatted,
    Break,
    Rule,
    Image,
    Void,
}

impl Kind {
    /// Whether the element stands on lines of its own.
    pub(super) fn is_block(self) -> bool {
        !matches!(self, Self::Inline | Self::Cell)
    }

    /// Whether list items stand in it.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Numbered)
    }

    /// Whether the next element of the kind ends it without an end tag.
    pub(super) fn closes_itself(self) -> bool {
        matches!(self, Self::Paragraph | Self::Item | Self::Row | Self::Cell)
    }

    /// Whether an open element keeps one of this kind from ending an outer one.
    pub(super) fn is_barred_by(self, open: Self) -> bool {
        match self {
            Self::Item => matches!(open, Self::List | Self::Numbered),
            Self::Row | Self::Cell => open == Self::Table,
            _ => matches!(open, Self::Block | Self::Table | Self::Cell | Self::Item),
        }
    }
}

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    pub kind: Kind,
    /// Which end tag closes it.
    pub tag: u64,
    /// Where its text begins.
    pub begin: usize,
    /// Items of a numbered list so far.
    pub items: usize,
    /// It has a margin: a blank line above and below.
    pub margin: bool,
    pub quotes: bool,
    /// It quotes, if at all, by its name alone.
    pub bare: bool,
    pub hidden: bool,
    pub hint: Option<Hint>,
    /// All of a mail carried along stands in it.
    pub wraps: bool,
    /// The colour it gives to words; `Some(None)` makes them plain again.
    pub colour: Option<Option<Colour>>,
    /// It is a link: colours in it mean nothing.
    pub link: bool,
}

/// A tag name as a number: its first eight letters, which tell all known ones apart.
pub(super) fn tag(name: &[u8]) -> u64 {
    name.iter().take(8).fold(name.len() as u64, |sum, byte| (sum << 8) ^ u64::from(*byte))
}

/// Attributes kept of a tag, and how much of each.
const MOST_BYTES: usize = 600;

/// The start tag being read: its name and the attributes that matter.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    tag: Vec<u8>,
    pub class: String,
    id: String,
    pub style: String,
    kind: String,
    alt: String,
    pub label: String,
    size: String,
    start: String,
    color: String,
    hidden: bool,
    /// It says where its text is from.
    cited: bool,
    current: Option<Field>,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Class,
    Id,
    Style,
    Kind,
    Alt,
    Label,
    Size,
    Start,
    Color,
}

impl Attributes {
    /// Begins a tag.
    pub(super) fn begin(&mut self, name: &[u8]) {
        self.tag.clear();
        self.tag.extend(name.iter().take(24));
        for field in [
            &mut self.class,
            &mut self.id,
            &mut self.style,
            &mut self.kind,
            &mut self.alt,
            &mut self.label,
            &mut self.size,
            &mut self.start,
            &mut self.color,
        ] {
            field.clear();
        }
        self.hidden = false;
        self.cited = false;
        self.current = None;
    }

    /// Takes an attribute's name.
    pub(super) fn name(&mut self, name: &[u8]) {
        self.hidden |= name == b"hidden";
        self.current = match name {
            b"class" => Some(Field::Class),
            b"id" => Some(Field::Id),
            b"style" => Some(Field::Style),
            b"type" => Some(Field::Kind),
            b"cite" => {
                self.cited = true;
                None
            }
            b"alt" => Some(Field::Alt),
            b"name" => Some(Field::Label),
            b"width" | b"height" => Some(Field::Size),
            b"start" => Some(Field::Start),
            b"color" => Some(Field::Color),
            _ => None,
        };
    }

    /// Takes the value of the attribute last named.
    pub(super) fn value(&mut self, value: &[u8]) {
        let Some(field) = self.current.take() else { return };
        let value = value.get(..MOST_BYTES).unwrap_or(value);
        let text = String::from_utf8_lossy(value);
        match field {
            Field::Class => self.class.push_str(&text.to_ascii_lowercase()),
            Field::Id => self.id.push_str(&text.to_ascii_lowercase()),
            Field::Style => {
                self.style
                    .extend(text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()));
            }
            Field::Kind => self.kind.push_str(&text.to_ascii_lowercase()),
            Field::Alt => self.alt.push_str(text.trim()),
            Field::Label => self.label.push_str(&text.to_ascii_lowercase()),
            Field::Size => {
                self.size.push_str(&text);
                self.size.push(' ');
            }
            Field::Start => self.start.push_str(&text),
            Field::Color => self.color.push_str(&text),
        }
    }

    /// The text of a picture, unless it is a tracking pixel or has none.
    pub(super) fn shown_alt(&self) -> Option<&str> {
        let pixel = self.size.split(' ').any(|size| matches!(size, "0" | "1" | "1px" | "0px"));
        let shown = !self.alt.is_empty() && self.alt.len() <= 80 && !pixel && !self.is_hidden();
        shown.then_some(self.alt.as_str())
    }

    /// Whether the tag may stand in a document's head, or within what does.
    pub(super) fn is_of_head(&self) -> bool {
        matches!(
            self.tag.as_slice(),
            b"base"
                | b"basefont"
                | b"bgsound"
                | b"head"
                | b"link"
                | b"meta"
                | b"noframes"
                | b"noscript"
                | b"script"
                | b"style"
                | b"template"
                | b"title"
        ) || self.tag.contains(&b':')
            || self.tag == b"xml"
    }

    fn is_hidden(&self) -> bool {
        let style = &self.style;
        if style.is_empty() {
            return self.hidden;
        }
        self.hidden
            || style.contains("display:none")
            || style.contains("visibility:hidden")
            || style.contains("mso-hide:all")
            || ["max-height:", "font-size:", "opacity:"].iter().any(|property| is_zero(style, property))
    }

    /// Whether it has none of what clients tell their containers by.
    pub(super) fn is_plain(&self) -> bool {
        [&self.class, &self.id, &self.label, &self.style].iter().all(|value| value.is_empty())
    }

    pub(super) fn is_div(&self) -> bool {
        self.tag == b"div"
    }

    pub(super) fn class(&self, name: &str) -> bool {
        // Most tags have no class that is longer than its name.
        self.class.len() >= name.len()
            && self
                .class
                .split_ascii_whitespace()
                .any(|class| class == name || class.strip_prefix("x_") == Some(name))
    }

    pub(super) fn id(&self, name: &str) -> bool {
        self.id == name || self.id.strip_prefix("x_") == Some(name)
    }
}

/// Whether a style has a property of size 0; "0.9em" begins with a nought and is none.
fn is_zero(style: &str, property: &str) -> bool {
    style.match_indices(property).any(|(at, _)| {
        let value = style.get(at + property.len()..).unwrap_or_default();
        let rest = value.trim_start_matches(['0', '.']);
        rest.len() < value.len() && !rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// What a start tag opens, `begin` bytes into the text.
pub(super) fn read(tag_read: &Attributes, begin: usize) -> Element {
    let name = tag_read.tag.as_slice();
    let kind = kind(name);
    let hidden = tag_read.is_hidden()
        || matches!(
            name,
            b"head"
                | b"style"
                | b"script"
                | b"title"
                | b"template"
                | b"object"
                | b"iframe"
                | b"svg"
                | b"math"
                | b"select"
                | b"noframes"
        );
    let quotes = name == b"blockquote" && !is_indent(tag_read);
    let flush = tag_read.style.contains("margin:0")
        || tag_read.style.contains("margin-bottom:0")
        || tag_read.class.contains("mso");
    let margin = match name {
        b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => !flush,
        b"ul" | b"ol" | b"dl" | b"blockquote" | b"pre" => true,
        _ => false,
    };
    let first = if tag_read.start.is_empty() { None } else { tag_read.start.trim().parse::<usize>().ok() };
    let items = first.map_or(0, |n| n.clamp(1, 100_000) - 1);
    let (colour, link) = (colour(tag_read, kind), name == b"a");
    let (hint, bare) = (container::hint(tag_read), quotes && is_bare(tag_read));
    let wraps = container::wraps(tag_read, hint);
    Element { kind, tag: tag(name), begin, items, margin, quotes, bare, hidden, hint, wraps, colour, link }
}

/// The colour that an element gives to words. Behind them it counts on inline elements alone: elsewhere
/// it is a design.
fn colour(tag: &Attributes, kind: Kind) -> Option<Option<Colour>> {
    let styled = colour::of_style(&tag.style);
    let styled = styled.or_else(|| (!tag.color.is_empty()).then(|| Colour::of_words(&tag.color)));
    let styled = styled.or_else(|| (tag.tag == b"mark").then(|| Colour::behind_words("yellow")));
    let design = |colour: Colour| colour.behind && kind != Kind::Inline;
    styled.filter(|colour| !colour.is_some_and(design))
}

fn kind(name: &[u8]) -> Kind {
    match name {
        b"p" => Kind::Paragraph,
        b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"blockquote" | b"section" | b"article"
        | b"header" | b"footer" | b"main" | b"nav" | b"aside" | b"center" | b"address" | b"form"
        | b"fieldset" | b"dl" | b"dt" | b"dd" | b"figure" | b"figcaption" | b"body" | b"html"
        | b"caption" | b"thead" | b"tbody" | b"tfoot" | b"option" | b"details" | b"summary" => Kind::Block,
        b"ul" | b"menu" | b"dir" => Kind::List,
        b"ol" => Kind::Numbered,
        b"li" => Kind::Item,
        b"table" => Kind::Table,
        b"tr" => Kind::Row,
        b"td" | b"th" => Kind::Cell,
        b"pre" | b"xmp" | b"listing" | b"plaintext" => Kind::Preformatted,
        b"br" => Kind::Break,
        b"hr" => Kind::Rule,
        b"img" => Kind::Image,
        b"meta" | b"link" | b"input" | b"base" | b"col" | b"area" | b"embed" | b"source" | b"track"
        | b"wbr" | b"param" | b"frame" | b"basefont" | b"bgsound" | b"keygen" => Kind::Void,
        _ => Kind::Inline,
    }
}

/// Whether a `blockquote` is a paragraph the sender indented, as Gmail and Outlook write those.
fn is_indent(tag: &Attributes) -> bool {
    let style = &tag.style;
    let unmarked = tag.kind != "cite" && !tag.class.contains("quote") && !tag.class.contains("cite");
    unmarked
        && (style.contains("border:none") || style.contains("border:0"))
        && !style.contains("border-left:")
}

/// Whether nothing but its name says that a `blockquote` quotes: some programs indent with those, too.
fn is_bare(tag: &Attributes) -> bool {
    !tag.cited
        && tag.kind.is_empty()
        && tag.class.is_empty()
        && tag.id.is_empty()
        && !tag.style.contains("border")
}
