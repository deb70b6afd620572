//! `Content-Type` and `Content-Disposition`: a value and its parameters.
//!
//! Takes a field's value; gives the value in lower case and the parameters, with the continuations and
//! character sets of RFC 2231 undone and, since many writers use them there, encoded words decoded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::{memchr, memchr2};

use super::charset;
use super::defects::Defects;
use super::fields;
use super::transfer::hex_pair;
use super::words;

/// A value with parameters (RFC 2045, section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// `type/subtype` or a disposition, lower case.
    pub(super) value: String,
    list: Vec<(String, String)>,
}

impl Parameters {
    /// Reads a field's value.
    pub(super) fn read(value: &[u8], defects: &mut Defects) -> Self {
        let text = fields::unfold(fields::readable(value, defects));
        let (value, mut rest) = token(&text);
        let mut list = Vec::new();
        let mut split: BTreeMap<String, Vec<Segment<'_>>> = BTreeMap::new();
        while let Some((name, written, after)) = next(rest) {
            rest = after;
            let name = name.to_ascii_lowercase();
            match name.split_once('*') {
                Some((base, index)) => {
                    let encoded = index.is_empty() || index.ends_with('*');
                    let index = index.trim_end_matches('*').parse().unwrap_or(0);
                    split.entry(base.to_owned()).or_default().push(Segment { index, encoded, written });
                }
                None if words::any(&written) => list.push((name, words::decode(&written, defects))),
                None => list.push((name, written.into_owned())),
            }
        }
        // The extended form wins over the plain one given for old readers: it is looked up first.
        let joined = split.into_iter().map(|(name, parts)| (name, join(parts, defects)));
        let list = joined.chain(list).collect();
        Self { value: value.to_ascii_lowercase(), list }
    }

    /// The parameter of this name, which is in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One of the pieces of a parameter (RFC 2231, section 3).
struct Segment<'v> {
    index: u32,
    /// Percent-encoded (section 4).
    encoded: bool,
    written: Cow<'v, str>,
}

fn join(mut parts: Vec<Segment<'_>>, defects: &mut Defects) -> String {
    parts.sort_by_key(|part| part.index);
    let (mut bytes, mut charset) = (Vec::new(), None);
    for (position, part) in parts.iter().enumerate() {
        let mut text = part.written.as_ref();
        if position == 0 && part.encoded {
            let mut pieces = text.splitn(3, '\'');
            if let (Some(named), Some(_), Some(value)) = (pieces.next(), pieces.next(), pieces.next()) {
                charset = Some(named);
                text = value;
            }
        }
        if part.encoded {
            percent(text.as_bytes(), &mut bytes);
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    charset::decode(bytes, charset, defects).into_owned()
}

fn percent(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let decoded = if byte == b'%' { hex_pair(after) } else { None };
        out.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
}

/// The value before the first parameter, without comments and white space, and the rest.
fn token(text: &str) -> (&str, &str) {
    let end = memchr(b';', text.as_bytes()).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    let value = value.split('(').next().unwrap_or_default();
    let value = value.trim_matches(|c: char| c.is_whitespace() || c == '"');
    let value = value.split_whitespace().next().unwrap_or_default();
    (value, rest)
}

/// The next parameter, `; name = value`, and what follows it.
fn next(mut rest: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['=', ';']).unwrap_or(rest.len());
        let name = rest.get(..end)?.trim();
        let after = rest.get(end..)?;
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (written, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted),
            None => {
                let end = value.find(';').unwrap_or(value.len());
                let (written, after) = value.split_at(end);
                (Cow::Borrowed(written.trim_end()), after)
            }
        };
        return Some((name, written, after));
    }
}

/// A quoted string up to its closing quote, and what follows. A backslash before anything but a quote
/// or a backslash stands for itself: it is mostly a Windows path.
fn quoted_string(text: &str) -> (Cow<'_, str>, &str) {
    let end = memchr2(b'"', b'\\', text.as_bytes());
    if let Some((written, after)) = end.and_then(|end| text.split_at_checked(end))
        && let Some(after) = after.strip_prefix('"')
    {
        // As in most mail, there is nothing to undo.
        return (written.into(), after);
    }
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out.into(), text.get(at + 1..).unwrap_or_default()),
            '\\' => match chars.clone().next() {
                Some((_, escaped @ ('"' | '\\'))) => {
                    out.push(escaped);
                    chars.next();
                }
                _ => out.push(c),
            },
            _ => out.push(c),
        }
    }
    (out.into(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_all_forms() {
        for (field, value, name, want) in [
            ("text/plain", "text/plain", "charset", None),
            (" Text/HTML; Charset=\"UTF-8\"", "text/html", "charset", Some("UTF-8")),
            ("text/plain (comment); charset=utf-8 ; format=flowed", "text/plain", "format", Some("flowed")),
            ("multipart/mixed; boundary=\"a;b=\\\"c\"", "multipart/mixed", "boundary", Some("a;b=\"c")),
            ("multipart/mixed;\r\n\tboundary==_x", "multipart/mixed", "boundary", Some("=_x")),
            ("a/b; name=C:\\temp\\x.pdf", "a/b", "name", Some("C:\\temp\\x.pdf")),
            ("attachment; filename=two words.pdf", "attachment", "filename", Some("two words.pdf")),
            (
                "attachment; filename*=utf-8''caf%C3%A9.pdf; filename=cafe.pdf",
                "attachment",
                "filename",
                Some("café.pdf"),
            ),
            (
                "attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=.pdf",
                "attachment",
                "filename",
                Some("café.pdf"),
            ),
            ("attachment; filename*1=b; filename*0=a", "attachment", "filename", Some("ab")),
            ("attachment; filename*=iso-8859-1'en'caf%E9", "attachment", "filename", Some("café")),
            (
                "attachment; filename=\"=?utf-8?q?caf=C3=A9.pdf?=\"",
                "attachment",
                "filename",
                Some("café.pdf"),
            ),
            ("attachment; filename=\"unended", "attachment", "filename", Some("unended")),
            (";;;", "", "x", None),
            ("a/b; x; y=1", "a/b", "y", Some("1")),
        ] {
            let read = Parameters::read(field.as_bytes(), &mut Defects::default());
            assert_eq!((read.value.as_str(), read.get(name)), (value, want), "{field}");
        }
    }
}
