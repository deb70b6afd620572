//! Counts the mails in mailboxes: one line for each named on the command line.
//!
//! ```sh
//! cargo run --release --example mailbox_count -- inbox.mbox Maildir
//! ```

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use postroom::mailbox::{self, Options};

/// What reading one mailbox came to.
#[derive(Default)]
struct Tally {
    mails: u64,
    bytes: u64,
    faults: u64,
    warnings: u64,
}

fn count(path: &str, shown: bool, out: &mut impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut mails = match mailbox::open(path, Options::default()) {
        Ok(mails) => mails,
        Err(fault) => {
            writeln!(out, "{fault}")?;
            return Ok(Tally { faults: 1, ..tally });
        }
    };
    loop {
        let found = mails.next();
        match &found {
            Some(Ok(mail)) => {
                tally.mails += 1;
                tally.bytes += mail.bytes().len() as u64;
            }
            Some(Err(fault)) => {
                tally.faults += 1;
                writeln!(out, "{fault}")?;
            }
            None => {}
        }
        for warning in mails.take_warnings() {
            tally.warnings += 1;
            if shown {
                writeln!(out, "{warning}")?;
            }
        }
        if found.is_none() {
            return Ok(tally);
        }
    }
}

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let mut faults = 0;
    let (flags, paths): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    for path in paths {
        let begin = Instant::now();
        let tally = count(&path, flags.iter().any(|flag| flag == "--warnings"), &mut out)?;
        let seconds = begin.elapsed().as_secs_f64();
        write!(out, "{path}\t{} mails\t{} bytes\t{} warnings", tally.mails, tally.bytes, tally.warnings)?;
        if flags.iter().any(|flag| flag == "--time") {
            write!(out, "\t{seconds:.3} s")?;
        }
        writeln!(out)?;
        faults += tally.faults;
    }
    Ok(ExitCode::from(u8::from(faults > 0)))
}
