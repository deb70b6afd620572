//! Fields of ours, as whoever reads the mail next may know them.
//!
//! maildrop drops CRs before it looks, and Dovecot ends a name at a NUL: so CRs and NULs count for nothing
//! in a name, and behind a NUL anything may stand before the colon.

use crate::triage::output::headers::PREFIX;

/// Whether a field name is one of ours.
#[must_use]
pub fn is_own_name(name: &[u8]) -> bool {
    after_prefix(name).is_some()
}

/// One past a field of ours that starts at `at`, its folded lines included.
pub(super) fn own_field(raw: &[u8], at: usize) -> Option<usize> {
    // Not cut to its line first: finding the end anew after every lone CR would take quadratic time.
    let mut end = any_line_end(raw, at + colon(raw.get(at..)?)?);
    while raw.get(end).is_some_and(|&b| b == b' ' || b == b'\t') {
        end = any_line_end(raw, end);
    }
    Some(end)
}

/// Where the colon stands of a field of ours that a text starts with.
pub(super) fn colon(raw: &[u8]) -> Option<usize> {
    let start = after_prefix(raw)?;
    let (mut blank, mut cut) = (false, false);
    for (number, &byte) in raw.iter().enumerate().skip(start) {
        match byte {
            b':' => return Some(number),
            b'\n' => return None,
            b'\0' => cut = true,
            b' ' | b'\t' => blank = true,
            b'\r' => {}
            _ if cut => {}
            _ if blank || !byte.is_ascii_graphic() => return None,
            _ => {}
        }
    }
    None
}

/// One past what every field name of ours begins with.
pub(super) fn after_prefix(raw: &[u8]) -> Option<usize> {
    let mut prefix = PREFIX.bytes();
    let mut awaited = prefix.next()?;
    for (number, &byte) in raw.iter().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\0')) {
        if !byte.eq_ignore_ascii_case(&awaited) {
            return None;
        }
        let Some(next) = prefix.next() else { return Some(number + 1) };
        awaited = next;
    }
    None
}

/// One past the line at `at`, where a lone CR ends a line as well.
pub(super) fn any_line_end(raw: &[u8], at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
        return raw.len();
    };
    let crs = rest.iter().skip(end).take_while(|&&b| b == b'\r').count();
    let lf = rest.get(end + crs) == Some(&b'\n');
    at + end + if lf { crs + 1 } else { 1 }
}
