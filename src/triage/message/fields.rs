//! The values of single header fields: text, addresses, dates, identifiers.
//!
//! Takes a value as [`header`](super::header) cuts it; gives text or addresses, borrowed where nothing
//! had to be undone. Grammar of addresses and dates is `mail-parser`'s.

use std::borrow::Cow;

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, DateTime, HeaderValue};
use memchr::{memchr, memchr2};

use super::Address;
use super::charset::windows_1252;
use super::defects::Defects;
use super::words::{self, Piece};
use crate::terms::{Date, Defect};

/// The value as text: UTF-8 (RFC 6532), else Windows-1252.
pub(super) fn readable<'a>(value: &'a [u8], defects: &mut Defects) -> Cow<'a, str> {
    std::str::from_utf8(value).map_or_else(
        |_| {
            defects.add(Defect::Encoding);
            windows_1252(value).into()
        },
        Cow::Borrowed,
    )
}

/// The value on one line, each fold a single space, trimmed (RFC 5322, section 2.2.3).
pub(super) fn unfold(value: Cow<'_, str>) -> Cow<'_, str> {
    let value = match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => text.trim().to_owned().into(),
    };
    if memchr2(b'\r', b'\n', value.as_bytes()).is_none() {
        return value;
    }
    let mut out = String::with_capacity(value.len());
    for line in value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    out.into()
}

/// A value without structure: unfolded, encoded words decoded, controls turned to spaces, trimmed.
pub(super) fn text<'a>(value: &'a [u8], defects: &mut Defects) -> Cow<'a, str> {
    let value = unfold(readable(value, defects));
    let value = if words::any(&value) { words::decode(&value, defects).into() } else { value };
    plain(value)
}

/// A value taken as it stands but for folds and controls.
pub(super) fn unstructured<'a>(value: &'a [u8], defects: &mut Defects) -> Cow<'a, str> {
    plain(unfold(readable(value, defects)))
}

/// Text on one line, for decoded words can hold anything.
pub(super) fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return match text {
            Cow::Borrowed(text) => text.trim().into(),
            Cow::Owned(text) if text.trim().len() == text.len() => text.into(),
            Cow::Owned(text) => text.trim().to_owned().into(),
        };
    }
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned().into()
}

/// What stands between angle brackets, or the whole value when there are none.
pub(super) fn bracketed<'a>(value: &'a [u8], defects: &mut Defects) -> Cow<'a, str> {
    let inner = match (memchr(b'<', value), memchr(b'>', value)) {
        (Some(open), Some(close)) if open < close => value.get(open + 1..close).unwrap_or_default(),
        _ => value,
    };
    unstructured(inner, defects)
}

/// Longest date looked at.
const DATE_LIMIT: usize = 200;

/// A date as RFC 3339 and as a day, in the sender's offset, when it exists in the calendar.
pub(super) fn date(value: &[u8]) -> Option<(String, Date)> {
    let value = value.get(..DATE_LIMIT).unwrap_or(value);
    let line = [value.trim_ascii(), b"\n"].concat();
    let HeaderValue::DateTime(read) = MessageStream::new(&line).parse_date() else { return None };
    // A leap second is no fault of the sender's.
    let read = DateTime { second: read.second.min(59), ..read };
    let day = Date::new(read.year, read.month, read.day)?;
    read.is_valid().then(|| (rfc3339(&read), day))
}

/// A valid date as RFC 3339 writes it: `DateTime::to_rfc3339`, whose general formatting costs as much as reading
/// the date does.
fn rfc3339(read: &DateTime) -> String {
    let mut text = String::with_capacity("2026-03-31T10:02:00+01:00".len());
    let (century, year) = ((read.year / 100) as u8, (read.year % 100) as u8);
    let (hours, minutes) = (read.tz_hour, read.tz_minute);
    let west = if read.tz_before_gmt { '-' } else { '+' };
    for (number, after) in [
        (century, None),
        (year, Some('-')),
        (read.month, Some('-')),
        (read.day, Some('T')),
        (read.hour, Some(':')),
        (read.minute, Some(':')),
        (read.second, Some(if (hours, minutes) == (0, 0) { 'Z' } else { west })),
        (hours, Some(':')),
        (minutes, None),
    ] {
        text.extend([number / 10, number % 10].map(|digit| char::from(b'0' + digit)));
        text.extend(after);
        if after == Some('Z') {
            break;
        }
    }
    text
}

/// Adds the mailboxes of an address list to `out`, groups flattened (RFC 5322, section 3.4).
pub(super) fn addresses<'a>(value: &'a [u8], defects: &mut Defects, out: &mut Vec<Address<'a>>) {
    let text = readable(value, defects);
    if words::any(&text) {
        let text = quote_words(&unfold(text), defects);
        read_addresses(format!("{text}\n").as_bytes(), &mut |read| out.push(address(read).into_owned()));
        return;
    }
    match text {
        // `mail-parser` wants a line ending after the value; without one it drops the last address.
        Cow::Borrowed(_) if value.ends_with(b"\n") => {
            read_addresses(value, &mut |read| out.push(address(read)));
        }
        _ => {
            let line = format!("{text}\n");
            read_addresses(line.as_bytes(), &mut |read| out.push(address(read).into_owned()));
        }
    }
}

fn read_addresses<'v>(line: &'v [u8], put: &mut impl FnMut(Addr<'v>)) {
    if let HeaderValue::Address(list) = MessageStream::new(line).parse_address() {
        match list {
            mail_parser::Address::List(list) => list.into_iter().for_each(put),
            mail_parser::Address::Group(groups) => {
                groups.into_iter().flat_map(|group| group.addresses).for_each(put);
            }
        }
    }
}

fn address(read: Addr<'_>) -> Address<'_> {
    Address { name: plain(read.name.unwrap_or_default()), address: plain(read.address.unwrap_or_default()) }
}

/// Turns encoded words into quoted strings, which mean the same there (RFC 2047, section 5), so that a
/// decoded comma or bracket separates nothing. `mail-parser` would decode each word alone, and look
/// for the end of an unended one from every word's start.
fn quote_words(value: &str, defects: &mut Defects) -> String {
    let mut out = String::with_capacity(value.len() + 16);
    let (mut quoted, mut escaped, mut comment) = (false, false, 0_usize);
    words::pieces(value, defects, |piece| match piece {
        Piece::Raw(text) => {
            for c in text.chars() {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' if comment == 0 => quoted = !quoted,
                    '(' if !quoted => comment += 1,
                    ')' if !quoted => comment = comment.saturating_sub(1),
                    // An encoded word without end: kept, but no longer one.
                    '?' if out.ends_with('=') => out.push(' '),
                    _ => (),
                }
                out.push(c);
            }
        }
        Piece::Decoded(text) => {
            let bare = quoted || comment > 0;
            out.push_str(if bare { "" } else { " \"" });
            for c in text.chars() {
                match c {
                    '"' | '\\' => out.push('\''),
                    '(' | ')' if comment > 0 => out.push(' '),
                    '?' if out.ends_with('=') => out.push_str(" ?"),
                    _ if c.is_control() => out.push(' '),
                    _ => out.push(c),
                }
            }
            out.push_str(if bare { "" } else { "\" " });
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_line_and_readable() {
        for (value, want) in [
            (&b" plain "[..], "plain"),
            (b" a\r\n b\r\n\tc", "a b c"),
            (b"=?utf-8?q?a=0D=0AX-Evil:_b?=", "a  X-Evil: b"),
            (b"caf\xe9", "caf\u{e9}"),
            (b"caf\xc3\xa9", "caf\u{e9}"),
            (b"", ""),
        ] {
            assert_eq!(text(value, &mut Defects::default()), want);
        }
    }

    #[test]
    fn address_lists_in_right_and_odd_forms() {
        for (value, want) in [
            ("a@x.test", "|a@x.test"),
            ("Anna <a@x.test>, \"Berg, Ben\" <b@x.test>", "Anna|a@x.test; Berg, Ben|b@x.test"),
            ("a@x.test (Anna)", "Anna|a@x.test"),
            ("team: a@x.test, b@x.test;, c@x.test", "|a@x.test; |b@x.test; |c@x.test"),
            ("=?utf-8?q?J=C3=B6rg,_Sales_<x>?= <j@x.test>", "Jörg, Sales <x>|j@x.test"),
            ("\"=?utf-8?q?J=C3=B6rg?=\" <j@x.test>", "Jörg|j@x.test"),
            ("=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?= <j@x.test>, b@x.test", "Jörg|j@x.test; |b@x.test"),
            ("=?utf-8?q?J <j@x.test>", "= ?utf-8?q?J|j@x.test"),
            ("undisclosed-recipients:;", ""),
            ("<>", ""),
            ("", ""),
        ] {
            for ending in ["", "\n"] {
                let mut read = Vec::new();
                let line = format!("{value}{ending}");
                addresses(line.as_bytes(), &mut Defects::default(), &mut read);
                let got: Vec<_> = read.iter().map(|a| format!("{}|{}", a.name, a.address)).collect();
                assert_eq!(got.join("; "), want, "{value}");
            }
        }
    }

    #[test]
    fn dates_are_written_as_the_library_writes_them() {
        for zone in ["+0000", "-0000", "+0100", "-0330", "+1400", "-0030", "GMT", "EST"] {
            for time in ["31 Mar 2026 10:02:00", "1 Jan 1970 00:00:00", "9 Dec 2999 23:59:59"] {
                let line = format!("{time} {zone}\n");
                let HeaderValue::DateTime(read) = MessageStream::new(line.as_bytes()).parse_date() else {
                    panic!("{line}");
                };
                assert_eq!(rfc3339(&read), read.to_rfc3339(), "{line}");
            }
        }
    }

    #[test]
    fn dates_exist_or_are_none() {
        for (value, want) in [
            (" Mon, 2 Mar 2026 09:30:00 +0100", Some("2026-03-02T09:30:00+01:00")),
            ("2 Mar 2026 09:30:00 GMT (comment)", Some("2026-03-02T09:30:00Z")),
            ("Mon, 31 Feb 2026 09:30:00 +0100", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(date(value.as_bytes()).map(|(text, _)| text).as_deref(), want, "{value}");
        }
    }
}
