//! One mail for the commands that work on one.

use std::io::{self, Read as _};
use std::path::Path;

use postroom::{Error, mailbox};

use super::exit::Exit;
use super::failure::Failure;

/// Largest mail read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The bytes of one mail. Standard input (`-`) is one mail whatever it holds: it is a mail filter's.
/// A file or folder must be a mailbox of one.
pub(crate) fn read(source: &Path) -> Result<Vec<u8>, Failure> {
    if source == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|cause| Error::stream("read standard input", cause))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Failure::new(Exit::Data, "the mail is larger than 256 MiB"));
        }
        return Ok(bytes);
    }
    let mut mails = mailbox::open(source, mailbox::Options::default())?;
    let Some(mail) = mails.next().transpose()? else {
        return Err(Failure::new(Exit::Data, format!("{}: there is no mail in it", source.display())));
    };
    if mails.next().is_some() {
        let message = format!("{}: holds more than one mail; see `postroom classify`", source.display());
        return Err(Failure::new(Exit::Data, message));
    }
    Ok(mail.bytes().into_owned())
}
