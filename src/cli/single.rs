//! One mail for the commands that work on one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use postroom::{Error, mailbox};

use super::exit::Exit;
use super::failure::Failure;
use super::standard;

/// Largest mail read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The bytes of one mail. Standard input (`-`) is one mail whatever it holds: it is a mail filter's.
/// A file or folder must be a mailbox of one.
pub(crate) fn read(source: &Path) -> Result<Vec<u8>, Failure> {
    if source == Path::new("-") {
        return read_as_is(source);
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

/// The bytes of a file or of standard input (`-`), whatever they are.
pub(crate) fn read_as_is(source: &Path) -> Result<Vec<u8>, Failure> {
    if source == Path::new("-") {
        let error = |cause| Error::stream("read standard input", cause);
        return limited(standard::input().map_err(error)?, error);
    }
    let error = |cause| Error::io("read", source, cause);
    limited(File::open(source).map_err(error)?, error)
}

/// All that there is to read, unless it is too much.
fn limited(input: impl Read, error: impl FnOnce(io::Error) -> Error) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input.take(LARGEST + 1).read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::new(Exit::Data, "the mail is larger than 256 MiB"));
    }
    Ok(bytes)
}
