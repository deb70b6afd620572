//! Counts the mails in mailboxes: one line for each named on the command line.
//!
//! ```sh
//! cargo run --release --example mailbox_count -- [--time] [--warnings] inbox.mbox Maildir
//! cargo run --example mailbox_count -- --ids inbox.mbox               # Message-IDs, one a line
//! cargo run --example mailbox_count -- --ids --mail-parser inbox.mbox # as mail-parser splits it
//! ```

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::process::ExitCode;
use std::time::Instant;

use mail_parser::MessageParser;
use mail_parser::mailbox::mbox::MessageIterator;
use postroom::mailbox::{self, Options};

/// What is shown.
#[derive(Default)]
struct Shown {
    time: bool,
    warnings: bool,
    ids: bool,
    mail_parser: bool,
}

/// What reading one mailbox came to.
#[derive(Default)]
struct Tally {
    mails: u64,
    bytes: u64,
    faults: u64,
    warnings: u64,
}

impl Tally {
    fn add(&mut self, mail: &[u8], shown: &Shown, out: &mut impl Write) -> io::Result<()> {
        self.mails += 1;
        self.bytes += mail.len() as u64;
        if shown.ids {
            let message = MessageParser::default().parse_headers(mail);
            let id = message.as_ref().and_then(|message| message.message_id()).unwrap_or("-");
            writeln!(out, "{id}")?;
        }
        Ok(())
    }

    fn fault(&mut self, fault: impl std::fmt::Display, out: &mut impl Write) -> io::Result<()> {
        self.faults += 1;
        writeln!(out, "{fault}")
    }
}

/// Reads a mailbox as postroom does.
fn read(path: &str, shown: &Shown, out: &mut impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut mails = match mailbox::open(path, Options::default()) {
        Ok(mails) => mails,
        Err(fault) => {
            tally.fault(fault, out)?;
            return Ok(tally);
        }
    };
    loop {
        let found = mails.next();
        match &found {
            Some(Ok(mail)) => tally.add(&mail.bytes(), shown, out)?,
            Some(Err(fault)) => tally.fault(fault, out)?,
            None => {}
        }
        for warning in mails.take_warnings() {
            tally.warnings += 1;
            if shown.warnings {
                writeln!(out, "{warning}")?;
            }
        }
        if found.is_none() {
            return Ok(tally);
        }
    }
}

/// Reads an mbox as mail-parser does.
fn read_with_mail_parser(path: &str, shown: &Shown, out: &mut impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    for mail in MessageIterator::new(BufReader::new(File::open(path)?)) {
        match mail {
            Ok(mail) => tally.add(mail.contents(), shown, out)?,
            Err(fault) => tally.fault(format!("{fault:?}"), out)?,
        }
    }
    Ok(tally)
}

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let (mut shown, mut faults) = (Shown::default(), 0);
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--time" => shown.time = true,
            "--warnings" => shown.warnings = true,
            "--ids" => shown.ids = true,
            "--mail-parser" => shown.mail_parser = true,
            path => {
                let begin = Instant::now();
                let tally = if shown.mail_parser {
                    read_with_mail_parser(path, &shown, &mut out)?
                } else {
                    read(path, &shown, &mut out)?
                };
                faults += tally.faults;
                if shown.ids {
                    continue;
                }
                let Tally { mails, bytes, warnings, .. } = tally;
                write!(out, "{path}\t{mails} mails\t{bytes} bytes\t{warnings} warnings")?;
                if shown.time {
                    write!(out, "\t{:.3} s", begin.elapsed().as_secs_f64())?;
                }
                writeln!(out)?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(faults > 0)))
}
