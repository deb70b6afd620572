//! A header that goes on beyond what is held in memory: copied as it is read, without fields of ours.

use std::io::{self, Read, Write};

use super::HeaderEnd;
use super::own::{after_prefix, any_line_end, colon};

/// Bytes looked at to tell what a line is. A longer one that begins as a field of ours counts as one.
const AHEAD: usize = 64 * 1024;

/// Copies a mail from the beginning of a line of its header on.
pub(super) fn copy(input: &mut dyn Read, end: HeaderEnd, out: &mut dyn Write) -> io::Result<()> {
    let mut window = Window { input, bytes: Vec::new(), at: 0, ended: false };
    loop {
        let ahead = window.ahead()?;
        if ahead.is_empty() {
            return Ok(());
        }
        if let Some(colon) = own_colon(ahead) {
            window.skip_field(colon)?;
        } else if end.is_at(ahead) {
            out.write_all(ahead)?;
            return io::copy(window.input, out).map(|_| ());
        } else {
            window.copy_line(out)?;
        }
    }
}

/// Where the colon stands, or may stand, of a field of ours that comes next.
fn own_colon(ahead: &[u8]) -> Option<usize> {
    let endless = || ahead.len() >= AHEAD && memchr::memchr(b'\n', ahead).is_none();
    colon(ahead).or_else(|| after_prefix(ahead).filter(|_| endless()))
}

/// What has been read and not yet copied.
struct Window<'i> {
    input: &'i mut dyn Read,
    bytes: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Window<'_> {
    /// The next bytes: so many that a line can be told, unless there are no more.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        if self.bytes.len() - self.at < AHEAD && !self.ended {
            self.bytes.drain(..self.at);
            self.at = 0;
            let limit = 8 * AHEAD as u64;
            self.ended = Read::by_ref(&mut self.input).take(limit).read_to_end(&mut self.bytes)? == 0;
        }
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }

    /// Goes past a field, its folded lines included.
    fn skip_field(&mut self, colon: usize) -> io::Result<()> {
        self.at += colon;
        loop {
            self.skip_line()?;
            if !matches!(self.ahead()?.first(), Some(b' ' | b'\t')) {
                return Ok(());
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let ahead = self.ahead()?;
            let text = memchr::memchr2(b'\r', b'\n', ahead).unwrap_or(ahead.len());
            if text == 0 {
                self.at += any_line_end(ahead, 0);
                return Ok(());
            }
            self.at += text;
        }
    }

    fn copy_line(&mut self, out: &mut dyn Write) -> io::Result<()> {
        loop {
            let ahead = self.ahead()?;
            let end = memchr::memchr(b'\n', ahead).map(|lf| lf + 1);
            let copied = end.unwrap_or(ahead.len());
            out.write_all(ahead.get(..copied).unwrap_or_default())?;
            self.at += copied;
            if end.is_some() || copied == 0 {
                return Ok(());
            }
        }
    }
}
