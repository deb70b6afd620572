//! The mail in and the mail out: what decides whether it is through.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use postroom::triage::output::headers::Field;
use postroom::triage::output::stamp::{self, HeaderEnd, Parted};

use crate::cli::exit::Exit;
use crate::cli::failure::tell;
use crate::cli::host::{FromLine, Host};
use crate::cli::standard;

/// The device that the runtime opens in place of a stream that was closed when the program started.
const NOWHERE: &str = "/dev/null";

/// Standard input, unless it is one that no mail can come from: where it was closed, an empty mail would
/// seem to come.
pub(super) fn input() -> io::Result<File> {
    let input = standard::input()?;
    let (about, null) = (input.metadata()?, fs::metadata(NOWHERE));
    let closed = about.file_type().is_char_device() && null.is_ok_and(|null| null.rdev() == about.rdev());
    if closed { Err(io::Error::other("standard input is closed, or /dev/null")) } else { Ok(input) }
}

/// A mail taken apart for the host. Where none is named, a line that is empty to nearly all of them ends the
/// header: what lies below it is the sender's text, and an attached mail may have fields of ours.
pub(super) fn parted(head: &[u8], host: Option<Host>) -> Parted<'_> {
    stamp::part_for(head, host.map_or(HeaderEnd::Crlf, |host| host.profile().header_end.0))
}

/// The mail as the host wants it back.
pub(super) fn suited(head: &[u8], host: Option<Host>) -> Parted<'_> {
    let parted = parted(head, host);
    match host.map(|host| host.profile().from_line.0) {
        Some(FromLine::Drop) => parted.without_envelope_lines(),
        Some(FromLine::Keep) | None => parted,
    }
}

/// Writes the mail out, and what of it has not been read yet after it.
pub(super) fn pass(parted: &Parted<'_>, fields: &[Field], whole: bool, rest: &mut impl Read) -> Exit {
    if leads_nowhere() {
        return try_again("cannot write the mail", &"standard output is closed");
    }
    let mut out = match standard::output() {
        Ok(out) => io::BufWriter::with_capacity(64 * 1024, out),
        Err(cause) => return try_again("cannot write the mail", &cause),
    };
    let written =
        if whole { parted.write(fields, &mut out) } else { parted.write_long(fields, rest, &mut out) };
    match written.and_then(|()| out.flush()) {
        Ok(()) => Exit::Fine,
        Err(cause) => {
            // What is still in the buffer must not be written when it goes.
            drop(out.into_parts());
            try_again("cannot write the mail", &cause)
        }
    }
}

pub(super) fn try_again(what: &str, cause: &dyn std::fmt::Display) -> Exit {
    tell("error", &format!("{what}: {cause}"));
    Exit::TryAgain
}

/// Reads at most `most` bytes; whether that was all there is.
pub(super) fn read_up_to(input: &mut impl Read, most: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    input.by_ref().take(limit).read_to_end(bytes)?;
    Ok(bytes.len() <= most)
}

/// Reads what is left, so that the program that sends it sees our exit code and not a broken pipe.
pub(super) fn drain(input: &mut impl Read) {
    // It will not be used, so failing to read it changes nothing.
    let _ = io::copy(input, &mut io::sink());
}

/// Whether standard output was closed when the program started. The runtime then opens /dev/null in its
/// place, for reading and writing, and every write would seem to succeed while the mail is lost.
fn leads_nowhere() -> bool {
    let null = fs::read_link("/proc/self/fd/1").is_ok_and(|target| target == Path::new(NOWHERE));
    null && fs::read_to_string("/proc/self/fdinfo/1").is_ok_and(|info| {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        flags.is_some_and(|flags| flags.trim().ends_with('2'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_stops_at_the_limit() {
        let mut bytes = Vec::new();
        assert!(read_up_to(&mut &b"four"[..], 4, &mut bytes).unwrap());
        bytes.clear();
        assert!(!read_up_to(&mut &b"fives"[..], 4, &mut bytes).unwrap());
        assert_eq!(bytes.len(), 5);
    }
}
