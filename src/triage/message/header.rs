//! Cuts a header from its body and into fields (RFC 5322, section 2.2).
//!
//! Takes the bytes of a mail or of a MIME part, gives slices of them, and keeps nothing, so that ten
//! megabytes of header cost no memory. Leaves alone what a field's value means.

use memchr::memchr;

/// A header and the body below it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block<'a> {
    /// The lines of the header, without the blank line that ends it.
    pub(super) header: &'a [u8],
    /// All that follows.
    pub(super) body: &'a [u8],
    /// A line among the fields was none, or the blank line is missing.
    pub(super) broken: bool,
}

/// A header field as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Printable ASCII without colon or space.
    pub(super) name: &'a [u8],
    /// What follows the colon, folds and line ending included.
    pub(super) value: &'a [u8],
}

impl Field<'_> {
    /// Whether the field has this name; case is ignored.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Longest field name looked for; real ones stay well below.
const NAME_LIMIT: usize = 100;

/// Names that mark a header even though they lack a hyphen; most others have one.
const KNOWN: [&str; 11] = [
    "from",
    "to",
    "cc",
    "bcc",
    "date",
    "subject",
    "sender",
    "received",
    "references",
    "precedence",
    "status",
];

/// Cuts `raw` at the blank line that ends the header, or where the header plainly ends without one.
pub(super) fn split(raw: &[u8]) -> Block<'_> {
    let (mut at, mut fields, mut broken) = (0, 0_usize, false);
    loop {
        let end = line_end(raw, at);
        let line = raw.get(at..end).unwrap_or_default();
        let body_from = |from: usize, broken| Block {
            header: raw.get(..at).unwrap_or_default(),
            body: raw.get(from..).unwrap_or_default(),
            broken,
        };
        if line.is_empty() {
            return body_from(raw.len(), broken);
        }
        if is_blank(line) {
            return body_from(end, broken);
        }
        let folded = is_folded(line);
        if folded && line.trim_ascii().is_empty() && !opens_more(raw, end) {
            return body_from(end, true);
        }
        // No name begins with white space.
        if !folded && name(line).is_some() {
            fields += 1;
        } else if fields == 0 {
            return body_from(at, broken);
        } else if !folded {
            broken = true;
            if line.starts_with(b"--") || !goes_on(raw, end) {
                return body_from(at, broken);
            }
        }
        at = end;
    }
}

fn is_folded(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}

/// Whether the line at `at` carries a header on: a field, a fold, or the blank line that ends it.
fn opens_more(raw: &[u8], at: usize) -> bool {
    let line = raw.get(at..line_end(raw, at)).unwrap_or_default();
    is_blank(line) || is_folded(line) || name(line).is_some()
}

/// How many lines that are no fields may stand between two fields.
const JUNK_LIMIT: usize = 8;

/// Whether the header goes on soon after `at`, where a line that is no field has been found.
fn goes_on(raw: &[u8], mut at: usize) -> bool {
    for _ in 0..JUNK_LIMIT {
        let end = line_end(raw, at);
        let line = raw.get(at..end).unwrap_or_default();
        if name(line).is_some_and(is_telling) {
            return true;
        }
        if is_blank(line) {
            return false;
        }
        at = end;
    }
    false
}

/// The fields of a header, in order; lines that are none are passed over.
pub(super) fn fields(header: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < header.len() {
            let start = at;
            at = line_end(header, at);
            let Some((name, colon)) = named(header.get(start..at).unwrap_or_default()) else { continue };
            while matches!(header.get(at), Some(b' ' | b'\t')) {
                at = line_end(header, at);
            }
            return Some(Field { name, value: header.get(start + colon + 1..at).unwrap_or_default() });
        }
        None
    })
}

/// Whether any field shows that this is a header, rather than text that happens to hold a colon.
pub(super) fn is_header(header: &[u8]) -> bool {
    fields(header).any(|field| is_telling(field.name))
}

/// Whether `raw` opens with a field that marks a header.
pub(super) fn opens_header(raw: &[u8]) -> bool {
    name(raw.get(..line_end(raw, 0)).unwrap_or_default()).is_some_and(is_telling)
}

/// Index after the line ending of the line that starts at `at`.
pub(super) fn line_end(raw: &[u8], at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    memchr(b'\n', rest).map_or(raw.len(), |newline| at + newline + 1)
}

/// `line` without the LF, CRLF or CR CR LF that ends it.
pub(super) fn trim_line_end(line: &[u8]) -> &[u8] {
    let mut line = line.strip_suffix(b"\n").unwrap_or(line);
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}

/// Whether a line holds nothing but its ending.
pub(super) fn is_blank(line: &[u8]) -> bool {
    trim_line_end(line).is_empty()
}

fn is_telling(name: &[u8]) -> bool {
    name.contains(&b'-') || KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The field name that opens a line. White space before the colon is the obsolete syntax of RFC 5322, section 4.5.
fn name(line: &[u8]) -> Option<&[u8]> {
    named(line).map(|(name, _)| name)
}

/// The same, with where the colon stands.
fn named(line: &[u8]) -> Option<(&[u8], usize)> {
    let head = line.get(..NAME_LIMIT).unwrap_or(line);
    let colon = memchr(b':', head)?;
    let name = head.get(..colon)?.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some((name, colon))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &str) -> (String, String, bool) {
        let block = split(raw.as_bytes());
        let names: Vec<_> = fields(block.header)
            .map(|field| {
                format!(
                    "{}={}",
                    String::from_utf8_lossy(field.name),
                    String::from_utf8_lossy(trim_line_end(field.value))
                )
            })
            .collect();
        (names.join("|"), String::from_utf8_lossy(block.body).into_owned(), block.broken)
    }

    #[test]
    fn headers_end_at_a_blank_line_or_where_they_plainly_end() {
        for (raw, fields, body, broken) in [
            ("A: 1\nB : 2\n\nbody\n", "A= 1|B= 2", "body\n", false),
            ("A: 1\r\n folded\r\n\r\nbody", "A= 1\r\n folded", "body", false),
            ("A: 1\r\r\nB: 2\r\r\n\r\r\nbody", "A= 1|B= 2", "body", false),
            ("A: 1\nHello there,\n\nbody", "A= 1", "Hello there,\n\nbody", true),
            ("A: 1\njunk\nX-B: 2\n\nbody", "A= 1|X-B= 2", "body", true),
            ("A: 1\njunk\nmore\nX-B: 2\n\nbody", "A= 1|X-B= 2", "body", true),
            ("A: 1\n \nbody\n", "A= 1", "body\n", true),
            ("A: 1\n \n b\nC: 2\n\nbody", "A= 1\n \n b|C= 2", "body", false),
            ("A: 1\n--x\nContent-Type: a/b\n", "A= 1", "--x\nContent-Type: a/b\n", true),
            ("A: 1", "A= 1", "", false),
            ("\nbody", "", "body", false),
            ("just text\nand more", "", "just text\nand more", false),
            (" indented\nA: 1\n", "", " indented\nA: 1\n", false),
            ("", "", "", false),
        ] {
            assert_eq!(names(raw), (fields.to_owned(), body.to_owned(), broken), "{raw:?}");
        }
    }

    #[test]
    fn text_with_a_colon_is_no_header() {
        assert!(!is_header(b"Note: please call\n"));
        assert!(is_header(b"Note: please call\nSubject: x\n"));
        assert!(is_header(b"X-Anything: x\n"));
    }
}
