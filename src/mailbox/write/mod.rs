//! Mails to mailboxes: appended to an mboxrd file, or delivered to a Maildir.
//!
//! Takes the bytes of a mail as [`Mail::bytes`](super::Mail::bytes) gives them. What is written is
//! the whole mail or nothing. Reading it back gives the same bytes; the two things an mbox cannot
//! hold, a mail whose last line has no end and one that does not begin with a header, are written
//! with a line ending more.

mod from_line;
mod maildir;
mod mbox;
mod private;

pub use maildir::{MaildirWriter, Unique};
pub use mbox::MboxWriter;
pub use private::{private_file, private_folder};

use super::separator::split_line;
use super::stamp::{MARK, Stamp, stamp};

/// The `From ` line of a mail, and its bytes: the line given, else one that the mail begins with, as
/// one from a pipe may. After a given one, what looks like another is the mail's own.
fn envelope<'m>(given: Option<&'m [u8]>, mail: &'m [u8]) -> (Option<&'m [u8]>, &'m [u8]) {
    if given.is_some() {
        return (given, mail);
    }
    let (line, rest) = split_line(mail);
    match stamp(line) {
        Stamp::Full | Stamp::Partial if line.starts_with(MARK) => (Some(line), rest),
        _ => (None, mail),
    }
}

/// The line ending that a mail's first line has.
fn line_ending(mail: &[u8]) -> &'static [u8] {
    match memchr::memchr(b'\n', mail) {
        Some(at) if mail.get(..at).is_some_and(|line| line.ends_with(b"\r")) => b"\r\n",
        _ => b"\n",
    }
}
