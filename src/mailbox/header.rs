//! The few header fields that decide where a mail ends and how it is marked.
//!
//! Not a mail parser: it finds a field by name in the first header block and unfolds it. What the
//! mail says is `message`'s to read.

use std::iter;

use memchr::{memchr, memchr_iter, memmem};

use super::separator::{is_blank, split_line};

/// Header bytes looked at; what stands beyond them cannot move a mail's end.
const LONGEST_HEADER: usize = 256 * 1024;

/// A boundary may have 70 characters (RFC 2046, section 5.1.1); some programs write longer ones.
const LONGEST_BOUNDARY: usize = 200;

/// What a header says about its mail's extent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// Bytes from the start of the mail to its body.
    pub(super) body: usize,
    /// `Content-Length`, as System V mailers write it: bytes of the body.
    pub(super) length: Option<usize>,
    /// The boundary of a top-level multipart, with its leading `--`.
    pub(super) boundary: Option<Vec<u8>>,
}

impl Extent {
    /// Reads the header at the start of `mail`.
    pub(super) fn of(mail: &[u8]) -> Self {
        let header = block(mail);
        let ending = mail.get(header.len()..).map_or(0, |rest| rest.len() - split_line(rest).1.len());
        let (mut length, mut kind) = (None, None);
        for lines in lines_from(header, b'C') {
            length = length.or_else(|| value(lines, b"Content-Length"));
            kind = kind.or_else(|| value(lines, b"Content-Type"));
        }
        Self {
            body: header.len() + ending,
            length: length.and_then(|value| number(&value)),
            boundary: kind.and_then(|value| boundary(&value)),
        }
    }
}

/// The header block of `mail`: up to the first blank line, which is left out.
pub(super) fn block(mail: &[u8]) -> &[u8] {
    let near = mail.get(..LONGEST_HEADER).unwrap_or(mail);
    if split_line(near).0.is_empty() {
        return &[];
    }
    let bare = memmem::find(near, b"\n\n");
    let returned = memmem::find(near.get(..bare.unwrap_or(near.len())).unwrap_or(near), b"\n\r\n");
    let end = returned.or(bare).map_or(near.len(), |at| at + 1);
    near.get(..end).unwrap_or(near)
}

/// The value of the first field called `name`, unfolded (RFC 5322, section 2.2.3) and trimmed.
pub(super) fn field(header: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    lines_from(header, *name.first()?).find_map(|lines| value(lines, name))
}

/// For each line that begins with this letter, in either case, that line and all below it.
fn lines_from(header: &[u8], letter: u8) -> impl Iterator<Item = &[u8]> {
    let starts = iter::once(0).chain(memchr_iter(b'\n', header).map(|newline| newline + 1));
    let lines = starts.filter_map(|at| header.get(at..));
    lines.filter(move |lines| lines.first().is_some_and(|first| first.eq_ignore_ascii_case(&letter)))
}

/// The value of the field that `lines` begin with, when it is called `name`.
fn value(lines: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let (line, mut rest) = split_line(lines);
    let mut value = value_of(line, name)?.to_vec();
    loop {
        let (line, after) = split_line(rest);
        if !matches!(line.first(), Some(b' ' | b'\t')) || is_blank(line) {
            break;
        }
        value.extend_from_slice(line);
        rest = after;
    }
    Some(value.trim_ascii().to_vec())
}

/// What follows `name` and its colon on this line.
fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = line.split_at_checked(name.len())?;
    let tail = tail.trim_ascii_start();
    (head.eq_ignore_ascii_case(name) && tail.first() == Some(&b':'))
        .then(|| tail.get(1..).unwrap_or_default())
}

fn number(value: &[u8]) -> Option<usize> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The `boundary` parameter of a multipart type, with the `--` that opens a delimiter line.
fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let multipart = content_type.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/"));
    let lower = content_type.to_ascii_lowercase();
    let name = memmem::find(&lower, b"boundary").filter(|_| multipart)?;
    let value = content_type.get(name + 8..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.get(..memchr(b'"', quoted)?)?,
        None => value.split(|byte| matches!(byte, b';' | b' ' | b'\t')).next()?,
    };
    (1..=LONGEST_BOUNDARY).contains(&value.len()).then(|| [b"--", value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_bounds_a_mail() {
        let mail = b"Subject: a\r\nContent-Type: multipart/mixed;\r\n\tBoundary=\"b; 1\"\r\nContent-Length : 12\r\n\r\nbody";
        let extent = Extent::of(mail);
        assert_eq!(extent.boundary.as_deref(), Some(b"--b; 1".as_slice()));
        assert_eq!(extent.length, Some(12));
        assert_eq!(mail.get(extent.body..), Some(b"body".as_slice()));
    }

    #[test]
    fn leaves_alone_what_is_none_of_it() {
        for mail in [
            "\nContent-Length: 3\n",
            "Subject: a\n\nContent-Length: 3\n",
            "X-Content-Length: 3\nContent-Length: -3\n",
            "Content-Type: text/plain; boundary=x\n",
            "Content-Type: multipart/mixed; boundary=\"x\n",
            "Content-Length",
        ] {
            let extent = Extent::of(mail.as_bytes());
            assert_eq!((extent.length, extent.boundary), (None, None), "{mail:?}");
        }
        assert_eq!(Extent::of(b"\nbody").body, 1);
        assert_eq!(Extent::of(b"").body, 0);
        assert_eq!(Extent::of(b"Subject: a").body, 10);
    }
}
