//! Gathers the texts of a mail up to a limit.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Text gathered from parts of one type.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// The text; none when there was no such part.
    pub(super) text: Option<Cow<'a, str>>,
    /// Some of it went beyond the limit and was left out.
    pub(super) cut: bool,
    limit: usize,
}

impl<'a> Body<'a> {
    /// No text yet, and never more than `limit` bytes and a line ending.
    pub(super) fn new(limit: usize) -> Self {
        Self { text: None, cut: false, limit }
    }

    /// Bytes that still fit.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.as_ref().map_or(0, |text| text.len()))
    }

    /// Whether there is nothing to read.
    pub(super) fn is_blank(&self) -> bool {
        self.text.as_ref().is_none_or(|text| text.trim_start().is_empty())
    }

    /// Adds a part's text, cut at a character's boundary, ending with a newline.
    pub(super) fn push(&mut self, mut part: Cow<'a, str>) {
        let room = self.room();
        if part.len() > room {
            self.cut = true;
            let end = part.floor_char_boundary(room);
            match &mut part {
                Cow::Borrowed(text) => *text = text.get(..end).unwrap_or_default(),
                Cow::Owned(text) => text.truncate(end),
            }
        }
        if !part.is_empty() && !part.ends_with('\n') {
            part.to_mut().push('\n');
        }
        match &mut self.text {
            Some(text) if !part.is_empty() => text.to_mut().push_str(&part),
            Some(_) => (),
            none => *none = Some(part),
        }
    }
}

/// Text with LF line endings and without NUL.
pub(super) fn lines(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr2(b'\r', 0, text.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = memchr2(b'\r', 0, rest.as_bytes()) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let ending = rest.as_bytes().get(at) == Some(&b'\r');
        rest = rest.get(at + 1..).unwrap_or_default();
        if ending {
            out.push('\n');
            // CR CR LF is a line ending converted twice.
            let after = rest.strip_prefix('\r').unwrap_or(rest);
            rest = after.strip_prefix('\n').unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out.into()
}

/// Text without NUL, which means nothing anywhere.
pub(super) fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(0, text.as_bytes()).is_none() { text } else { text.replace('\0', "").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_become_lf() {
        for (text, want) in
            [("a\r\nb\rc\nd\r\r\ne", "a\nb\nc\nd\ne"), ("a\0b", "ab"), ("a\r\r", "a\n\n"), ("", "")]
        {
            assert_eq!(lines(text.into()), want, "{text:?}");
        }
        assert!(matches!(lines("a\nb\n".into()), Cow::Borrowed(_)));
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut body = Body::new(4);
        body.push("aé".into());
        assert!(!body.cut);
        body.push("é".into());
        assert_eq!((body.text.as_deref(), body.cut), (Some("aé\n"), true));
    }
}
