//! HTML to text: what a reader would see, with quotes and containers kept apart.
//!
//! Takes the source of an HTML body; gives its text with `>` before the lines of quotes, and the places
//! where mail clients marked an attribution, a signature or the beginning of earlier mail. Only
//! tokenises: elements are kept on a bounded stack of its own, so no nesting costs more than its bytes.
//! Hidden text, scripts and styles are left out: no reader sees them.

use std::collections::HashMap;
use std::convert::Infallible;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::body::{Body, Coloured, Hint};
use super::colour::Colour;
use super::container::Containers;
use super::element::{self, Attributes, Element, Kind};
use super::lenient::Lenient;
use super::pointer;

/// Open elements that are kept; what is nested deeper is read as if its tags were not there.
const MOST_OPEN: usize = 4000;
/// Quote marks put before a line.
const MOST_QUOTES: usize = 12;
/// What a horizontal line is written as.
const RULE: &str = "________________________________";

/// Turns HTML to text.
pub(super) fn to_text(html: &str) -> Body<'static> {
    let body = read(html, false);
    let quoted = || body.text.lines().all(|line| line.is_empty() || line.starts_with('>'));
    // Nobody answers with nothing: what surrounds all of it indents.
    if body.text.starts_with('>') && quoted() { read(html, true) } else { body }
}

/// The same; where `unwrapped`, a `blockquote` quotes only within another one, if its name alone says that it does.
fn read(html: &str, unwrapped: bool) -> Body<'static> {
    let mut writer = Writer { unwrapped, ..Writer::default() };
    let callback = |event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<Infallible> {
        writer.event(event);
        None
    };
    let mut emitter = CallbackEmitter::new(callback);
    emitter.naively_switch_states(true);
    // Reading from a string cannot fail.
    let _ = Tokenizer::new_with_emitter(html, Lenient(emitter)).finish();
    writer.finish()
}

/// How many bytes words have that text begins with, one space between them; no-break spaces may stand in
/// none of them.
fn words_len(bytes: &[u8]) -> usize {
    // Lead byte of no-break spaces, among others.
    let parts = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | 0xc2);
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let word = rest.iter().position(parts).unwrap_or(rest.len());
        if word == 0 {
            // The space before belongs to what follows.
            return at.saturating_sub(1);
        }
        at += word;
        if bytes.get(at) != Some(&b' ') {
            return at;
        }
        at += 1;
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    containers: Containers,
    coloured: Vec<Coloured>,
    open: Vec<Element>,
    /// Elements open beyond the stack's limit.
    beyond: usize,
    /// The start tag being read.
    tag: Attributes,
    /// How many of each tag are open, so that a stray end tag costs nothing.
    tags: HashMap<u64, usize>,
    /// What is open, counted: lists, quotes, hidden elements, preformatted ones.
    lists: usize,
    quotes: usize,
    /// The outermost quotes quote only where more than their name says so.
    unwrapped: bool,
    hidden: usize,
    preformatted: usize,
    links: usize,
    /// What colour words have now, and where on the present line they began to.
    colour: Option<Colour>,
    colour_begun: usize,
    /// Something stands on the present line.
    line: bool,
    /// A space is due before the next word; a blank line before the next line.
    space: bool,
    blank: bool,
}

impl Writer {
    fn event(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.tag.begin(name),
            CallbackEvent::AttributeName { name } => self.tag.name(name),
            CallbackEvent::AttributeValue { value } => self.tag.value(value),
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => match str::from_utf8(value) {
                Ok(text) => self.text(text),
                Err(_) => self.text(&String::from_utf8_lossy(value)),
            },
            _ => {}
        }
    }

    fn start(&mut self) {
        self.end_head();
        let element = element::read(&self.tag, self.out.len());
        match element.kind {
            Kind::Break => self.line_break(),
            Kind::Rule => {
                self.newline();
                if element.hint == Some(Hint::Below) {
                    self.containers.begins_below(self.out.len());
                }
                self.text(RULE);
                self.newline();
            }
            Kind::Image => {
                if let Some(alt) = self.tag.shown_alt() {
                    let alt = format!("[image: {alt}]");
                    self.text(&alt);
                }
            }
            Kind::Void => {}
            _ => self.push(element),
        }
    }

    /// Ends a head that nobody closed, where a tag stands that no head has (HTML Standard, section 13.2.6.4.4).
    fn end_head(&mut self) {
        let head = element::tag(b"head");
        if self.tags.get(&head).is_none_or(|open| *open == 0) || self.tag.is_of_head() {
            return;
        }
        if let Some(at) = self.open.iter().rposition(|open| open.tag == head) {
            self.close_to(at);
        }
    }

    fn push(&mut self, mut element: Element) {
        if element.kind.closes_itself() {
            self.close_like(element.kind);
        }
        if self.open.len() >= MOST_OPEN {
            self.beyond += 1;
            return;
        }
        if element.bare && self.quotes == 0 {
            let outermost = self.unwrapped && !self.open.iter().any(|open| open.bare);
            element.quotes = !(outermost || pointer::is_announcement(&self.out));
        }
        self.gap(&element);
        if element.kind == Kind::Cell && self.line {
            self.out.push('\t');
        }
        *self.tags.entry(element.tag).or_default() += 1;
        self.lists += usize::from(element.kind.is_list());
        self.quotes += usize::from(element.quotes);
        self.hidden += usize::from(element.hidden);
        self.preformatted += usize::from(element.kind == Kind::Preformatted);
        element.begin = self.out.len();
        self.containers.open(&element);
        self.links += usize::from(element.link);
        // What the words around it have is kept to go back to.
        let own = element.colour.filter(|_| self.links == 0);
        element.colour = Some(self.colour);
        if let Some(own) = own {
            self.recolour(own);
        }
        if element.kind == Kind::Item {
            self.bullet();
        }
        self.open.push(element);
    }

    /// Opens a list item with its bullet or number.
    fn bullet(&mut self) {
        let list = self.open.iter_mut().rev().take(60).find(|open| open.kind.is_list());
        let bullet = match list {
            Some(list) if list.kind == Kind::Numbered => {
                list.items += 1;
                format!("{}. ", list.items)
            }
            _ => "- ".to_owned(),
        };
        let indent = "  ".repeat(self.lists.saturating_sub(1).min(8));
        if self.hidden == 0 {
            self.begin_line();
            self.out.push_str(&indent);
            self.out.push_str(&bullet);
            self.line = true;
        }
    }

    /// Begins a new line where a block begins or ends, with a blank one above where it has a margin.
    fn gap(&mut self, element: &Element) {
        if element.kind.is_block() || element.quotes {
            self.newline();
            self.blank |= element.margin;
        }
    }

    /// Closes an open element that the next of its kind ends: `<p>`, `<li>`, table rows and cells.
    fn close_like(&mut self, kind: Kind) {
        let found = self
            .open
            .iter()
            .rev()
            .take(40)
            .position(|open| open.kind == kind || kind.is_barred_by(open.kind));
        let Some(back) = found else { return };
        let at = self.open.len() - 1 - back;
        if self.open.get(at).is_some_and(|open| open.kind == kind) {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &[u8]) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        if name == b"br" {
            self.line_break();
            return;
        }
        let tag = element::tag(name);
        if self.tags.get(&tag).is_none_or(|open| *open == 0) {
            return;
        }
        if let Some(at) = self.open.iter().rposition(|open| open.tag == tag) {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, at: usize) {
        // What a table is in can't end within it: its end tag was a stray one.
        let mut torn = false;
        while self.open.len() > at {
            let Some(element) = self.open.pop() else { return };
            self.containers.close(&element, &self.out, torn);
            torn |= matches!(element.kind, Kind::Table | Kind::Cell);
            self.gap(&element);
            if let Some(open) = self.tags.get_mut(&element.tag) {
                *open -= 1;
            }
            self.lists -= usize::from(element.kind.is_list());
            self.quotes -= usize::from(element.quotes);
            self.hidden -= usize::from(element.hidden);
            self.preformatted -= usize::from(element.kind == Kind::Preformatted);
            self.links -= usize::from(element.link);
            self.recolour(element.colour.flatten());
        }
    }

    /// Ends the stretch in the present colour, and goes on in another one.
    fn recolour(&mut self, colour: Option<Colour>) {
        if colour == self.colour {
            return;
        }
        self.end_colour();
        self.colour = colour;
        self.colour_begun = self.out.len();
    }

    /// Notes what stands on the present line in the present colour.
    fn end_colour(&mut self) {
        let (start, end) = (self.colour_begun, self.out.len());
        let Some(colour) = self.colour.filter(|_| self.line && start < end) else { return };
        self.colour_begun = end;
        match self.coloured.last_mut() {
            Some(last) if last.colour == colour && last.end == start => last.end = end,
            _ => self.coloured.push(Coloured { colour, start, end }),
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = if self.preformatted == 0 { words_len(rest.as_bytes()) } else { 0 };
            if let Some((words, after)) = rest.split_at_checked(run).filter(|_| run > 0) {
                self.words(words);
                rest = after;
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '\n' if self.preformatted > 0 => {
                    self.begin_line();
                    self.line = true;
                    self.newline();
                }
                ' ' | '\t' if self.preformatted > 0 => self.put(c),
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.space = true,
                '\u{a0}' if self.line => self.put(' '),
                // A paragraph of nothing else is how some programs write a blank line.
                '\u{a0}' => self.blank = true,
                _ => self.put(c),
            }
        }
    }

    fn put(&mut self, c: char) {
        self.words(c.encode_utf8(&mut [0; 4]));
    }

    /// Puts words on the present line.
    fn words(&mut self, words: &str) {
        let space = self.space
            && self.line
            && !self.out.as_bytes().last().is_some_and(|last| matches!(last, b'\n' | b' ' | b'\t'));
        self.begin_line();
        if space {
            self.out.push(' ');
        }
        self.space = false;
        self.line = true;
        self.out.push_str(words);
    }

    /// Puts what belongs before the first letter of a line.
    fn begin_line(&mut self) {
        if self.line {
            return;
        }
        if self.blank && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.blank = false;
        self.space = false;
        for _ in 0..self.quotes.min(MOST_QUOTES) {
            self.out.push_str("> ");
        }
        self.colour_begun = self.out.len();
    }

    /// Ends the present line, or leaves a blank one where there is none.
    fn line_break(&mut self) {
        if self.line {
            self.newline();
        } else {
            self.blank |= self.hidden == 0;
        }
    }

    /// Ends the present line; a second one in a row leaves a blank line.
    fn newline(&mut self) {
        self.space = false;
        if self.line {
            while self.out.ends_with([' ', '\t']) {
                self.out.pop();
            }
            self.end_colour();
            self.out.push('\n');
            self.line = false;
        }
    }

    fn finish(mut self) -> Body<'static> {
        self.close_to(0);
        self.newline();
        let Containers { mut contained, wrapped, .. } = self.containers;
        contained.sort_by_key(|one| (one.start, one.end));
        Body { text: self.out.into(), contained, wrapped, coloured: self.coloured }
    }
}
