//! One connection of a mail server: commands in, what is to be done out.
//!
//! Pure: it reads no socket and judges no mail. Several mails come one after another on a connection, and
//! none leaves anything behind for the next, however it ended.

use std::collections::HashMap;

use super::command::{Command, macro_value};
use super::deliver::{Changes, bare};
use super::frame;
use super::negotiation::{Agreed, action, step};
use crate::triage::output::headers::Field;
use crate::triage::output::stamp::is_own_name;

/// Longest queue id that is kept for the log.
const LONGEST_ID: usize = 64;

/// Most recipients of one mail that are kept. Mail servers limit them too.
const MOST_RECIPIENTS: usize = 10_000;

/// What is to be done after a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Read on; anything to be sent has been appended.
    Go,
    /// Judge the mail and call [`Session::answer`].
    Judge(Mail),
    /// Close the connection: it is over.
    Close,
    /// Close the connection: what came cannot be understood.
    Refuse(&'static str),
}

/// A mail as it came in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// The mail server's name for it; empty when it gave none.
    pub queue_id: String,
    /// Envelope sender without brackets; empty for a bounce.
    pub sender: Option<String>,
    /// Recipients, exactly as the mail server gave them.
    pub recipients: Vec<Vec<u8>>,
    /// Header and body with CRLF, without incoming fields of ours; cut short when `oversize`.
    pub raw: Vec<u8>,
    /// Whether it is larger than what is judged.
    pub oversize: bool,
    /// Incoming fields of ours: the name, and which of that name it is, counted from 1.
    forged: Vec<(Vec<u8>, u32)>,
    /// How often each of their names came, in lower case.
    counts: HashMap<Vec<u8>, u32>,
    in_body: bool,
}

impl Mail {
    /// The first recipient without brackets, when it is UTF-8.
    #[must_use]
    pub fn recipient(&self) -> Option<&str> {
        let first = std::str::from_utf8(bare(self.recipients.first()?)).ok()?;
        Some(first).filter(|address| !address.is_empty())
    }
}

/// One connection.
#[derive(Debug, Default)]
pub struct Session {
    agreed: Agreed,
    /// Largest mail that is kept, in bytes.
    max_size: usize,
    /// Whether changes of recipients are asked for.
    recipients: bool,
    queue_id: String,
    mail: Option<Mail>,
}

impl Session {
    /// A connection that has just been opened.
    #[must_use]
    pub fn new(max_size: usize, recipients: bool) -> Self {
        Self { max_size, recipients, ..Self::default() }
    }

    /// Whether a mail is under way.
    #[must_use]
    pub fn has_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Bytes of the mail under way.
    #[must_use]
    pub fn held(&self) -> usize {
        self.mail.as_ref().map_or(0, |mail| mail.raw.len())
    }

    /// Gives up the text of the mail under way, so that it will not be judged.
    pub fn let_go(&mut self) {
        if let Some(mail) = &mut self.mail {
            mail.oversize = true;
            mail.raw = Vec::new();
        }
    }

    /// What was agreed with the mail server.
    #[must_use]
    pub fn agreed(&self) -> Agreed {
        self.agreed
    }

    /// Takes a command. What is to be sent for it is appended to `out`.
    pub fn take(&mut self, command: Command<'_>, out: &mut Vec<u8>) -> Next {
        match command {
            Command::Negotiate(offer) => {
                let Some(agreed) = Agreed::to(offer, self.recipients) else {
                    return Next::Refuse("an offer of no version that is spoken");
                };
                self.agreed = agreed;
                frame::write(b'O', &[&agreed.to_bytes()], out);
            }
            Command::Macros(macros) => self.macros(macros),
            Command::Connect => self.go_on(step::SILENT_CONNECT, out),
            Command::Hello => self.go_on(step::SILENT_HELLO, out),
            Command::Data => self.go_on(step::SILENT_DATA, out),
            Command::Unknown => self.go_on(step::SILENT_UNKNOWN, out),
            Command::Mail(sender) => {
                let sender = std::str::from_utf8(bare(sender)).ok().map(str::to_owned);
                self.mail = Some(Mail { sender, ..Mail::default() });
                self.go_on(step::SILENT_MAIL, out);
            }
            Command::Recipient(recipient) => {
                let mail = self.mail.get_or_insert_default();
                if mail.recipients.len() < MOST_RECIPIENTS {
                    mail.recipients.push(recipient.to_vec());
                }
                self.go_on(step::SILENT_RECIPIENT, out);
            }
            Command::Header(name, value) => {
                self.field(name, value);
                self.go_on(step::SILENT_HEADER, out);
            }
            Command::EndOfHeader => self.go_on(step::SILENT_END_OF_HEADER, out),
            Command::Body(piece) => {
                self.body(piece);
                self.body_answer(out);
            }
            Command::EndOfMail(piece) => {
                self.body(piece);
                let mut mail = self.mail.take().unwrap_or_default();
                mail.queue_id = std::mem::take(&mut self.queue_id);
                return Next::Judge(mail);
            }
            Command::Abort => self.forget(),
            Command::QuitNext => {
                self.forget();
                self.agreed = Agreed::default();
            }
            Command::Quit => return Next::Close,
            Command::Nonsense(_) => return Next::Refuse("something that is no command"),
        }
        Next::Go
    }

    /// Answers a mail that was judged: removes incoming fields of ours, adds these on top, changes the
    /// recipients, and lets the mail go on. What was not agreed is left out.
    pub fn answer(&self, mail: &Mail, fields: &[Field], changes: &Changes, out: &mut Vec<u8>) {
        if self.agreed.may(action::CHANGE_HEADERS) {
            // From the last, so that none changes the number of one still to come.
            for (name, index) in mail.forged.iter().rev() {
                frame::write(b'm', &[&index.to_be_bytes(), name, b"\0\0"], out);
            }
        }
        if self.agreed.may(action::ADD_HEADERS) {
            // Each goes on top of the one before.
            for field in fields.iter().rev() {
                let folded = field.folded("\n");
                let (name, value) = folded.split_once(':').unwrap_or_default();
                let value = value.trim_end_matches('\n');
                let value = if self.agreed.has_step(step::LEADING_SPACE) {
                    value
                } else {
                    value.strip_prefix(' ').unwrap_or(value)
                };
                let parts = [&0u32.to_be_bytes()[..], name.as_bytes(), b"\0", value.as_bytes(), b"\0"];
                frame::write(b'i', &parts, out);
            }
        }
        // All of it or nothing: a mail whose new recipients cannot be added keeps its old ones.
        if self.agreed.may(action::ADD_RECIPIENTS | action::DELETE_RECIPIENTS) {
            for address in &changes.add {
                frame::write(b'+', &[b"<", address.as_bytes(), b">\0"], out);
            }
            for address in &changes.remove {
                frame::write(b'-', &[address, b"\0"], out);
            }
        }
        frame::write(b'c', &[], out);
    }

    fn go_on(&self, silent: u32, out: &mut Vec<u8>) {
        if !self.agreed.has_step(silent) {
            frame::write(b'c', &[], out);
        }
    }

    fn body_answer(&self, out: &mut Vec<u8>) {
        let enough = self.mail.as_ref().is_some_and(|mail| mail.oversize);
        if enough && self.agreed.has_step(step::SKIP) {
            frame::write(b's', &[], out);
        } else {
            self.go_on(step::SILENT_BODY, out);
        }
    }

    fn forget(&mut self) {
        self.mail = None;
        self.queue_id.clear();
    }

    fn macros(&mut self, macros: &[u8]) {
        let Some(id) = macro_value(macros, "i") else { return };
        // It goes into a log: letters and digits, whatever is sent.
        let id = id.iter().take(LONGEST_ID).map(|&byte| if byte.is_ascii_graphic() { byte } else { b'?' });
        self.queue_id = id.map(char::from).collect();
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        let space = if self.agreed.has_step(step::LEADING_SPACE) { &b""[..] } else { b" " };
        let mail = self.mail.get_or_insert_default();
        if is_own_name(name.trim_ascii()) {
            let index = mail.counts.entry(name.to_ascii_lowercase()).or_default();
            *index += 1;
            mail.forged.push((name.to_vec(), *index));
            return;
        }
        if mail.oversize || mail.raw.len() + name.len() + value.len() + 4 > self.max_size {
            return self.let_go();
        }
        mail.raw.extend_from_slice(name);
        mail.raw.push(b':');
        mail.raw.extend_from_slice(space);
        for (number, line) in value.split(|&byte| byte == b'\n').enumerate() {
            if number > 0 {
                mail.raw.extend_from_slice(b"\r\n");
            }
            mail.raw.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        }
        mail.raw.extend_from_slice(b"\r\n");
    }

    fn body(&mut self, piece: &[u8]) {
        let mail = self.mail.get_or_insert_default();
        if mail.oversize || mail.raw.len() + piece.len() + 2 > self.max_size {
            return self.let_go();
        }
        if !mail.in_body {
            mail.in_body = true;
            mail.raw.extend_from_slice(b"\r\n");
        }
        mail.raw.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests;
