//! Commands: what the mail server says.
//!
//! What cannot be read as it should be is read as far as it goes. A mail is odd more often than the mail
//! server is broken, and a mail that cannot be judged for it still has to get through.

use super::frame::Frame;

/// What the mail server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'b> {
    /// What it can do.
    Negotiate(&'b [u8]),
    /// Values that go with a later command.
    Macros(&'b [u8]),
    /// Somebody has connected to it.
    Connect,
    /// Somebody has said who they are.
    Hello,
    /// A mail begins: its sender, with what follows it.
    Mail(&'b [u8]),
    /// A recipient of it, with what follows it.
    Recipient(&'b [u8]),
    /// The header begins.
    Data,
    /// A header field: name and value.
    Header(&'b [u8], &'b [u8]),
    /// The header has ended.
    EndOfHeader,
    /// A piece of the body.
    Body(&'b [u8]),
    /// The mail has ended, with a last piece.
    EndOfMail(&'b [u8]),
    /// The mail is given up; the connection stays.
    Abort,
    /// The connection ends.
    Quit,
    /// Another SMTP session follows on the same connection.
    QuitNext,
    /// An SMTP command that the mail server does not know.
    Unknown,
    /// Something that is no command: whether it wants an answer cannot be known.
    Nonsense(u8),
}

impl<'b> Command<'b> {
    /// Reads a frame.
    #[must_use]
    pub fn read(frame: Frame<'b>) -> Self {
        let payload = frame.payload;
        match frame.code {
            b'O' => Self::Negotiate(payload),
            b'D' => Self::Macros(payload.get(1..).unwrap_or_default()),
            b'C' => Self::Connect,
            b'H' => Self::Hello,
            b'M' => Self::Mail(first(payload)),
            b'R' => Self::Recipient(first(payload)),
            b'T' => Self::Data,
            b'L' => {
                let name = first(payload);
                Self::Header(name, first(payload.get(name.len() + 1..).unwrap_or_default()))
            }
            b'N' => Self::EndOfHeader,
            b'B' => Self::Body(payload),
            b'E' => Self::EndOfMail(payload),
            b'A' => Self::Abort,
            b'Q' => Self::Quit,
            b'K' => Self::QuitNext,
            b'U' => Self::Unknown,
            other => Self::Nonsense(other),
        }
    }
}

/// What stands before the first NUL, or all of it.
fn first(payload: &[u8]) -> &[u8] {
    payload.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The value of a macro among names and values, each ending with NUL. Names longer than a letter may stand
/// in braces.
#[must_use]
pub fn macro_value<'b>(macros: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let mut parts = macros.split(|&byte| byte == 0);
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        let bare = key.strip_prefix(b"{").and_then(|key| key.strip_suffix(b"}")).unwrap_or(key);
        if bare == name.as_bytes() {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: u8, payload: &[u8]) -> Command<'_> {
        Command::read(Frame { code, payload })
    }

    #[test]
    fn commands_are_read_as_far_as_they_go() {
        for (code, payload, command) in [
            (b'M', &b"<a@b>\0SIZE=1\0"[..], Command::Mail(b"<a@b>")),
            (b'R', b"<c@d>\0", Command::Recipient(b"<c@d>")),
            (b'R', b"<c@d>", Command::Recipient(b"<c@d>")),
            (b'L', b"Subject\0 hi\0", Command::Header(b"Subject", b" hi")),
            (b'L', b"Subject\0\0", Command::Header(b"Subject", b"")),
            (b'L', b"Subject", Command::Header(b"Subject", b"")),
            (b'L', b"", Command::Header(b"", b"")),
            (b'L', b"A\0b\0c\0", Command::Header(b"A", b"b")),
            (b'D', b"", Command::Macros(b"")),
            (b'E', b"end", Command::EndOfMail(b"end")),
            (b'x', b"", Command::Nonsense(b'x')),
        ] {
            assert_eq!(read(code, payload), command);
        }
    }

    #[test]
    fn macros_are_found_with_and_without_braces() {
        let macros = b"i\x00ABC\x00{mail_addr}\x00a@b\x00odd";
        assert_eq!(macro_value(macros, "i"), Some(&b"ABC"[..]));
        assert_eq!(macro_value(macros, "mail_addr"), Some(&b"a@b"[..]));
        assert_eq!(macro_value(macros, "odd"), None);
    }
}
