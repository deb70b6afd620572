//! Reads a mailbox of any size that is made up on the way, and says how much memory that took.
//!
//! ```sh
//! cargo run --release --example mailbox_flat            # 100 MB
//! cargo run --release --example mailbox_flat -- 10000   # 10 GB
//! ```
//!
//! Fails when the process ever held more than 32 MB (Linux; elsewhere memory is not looked at).

use std::fs;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Instant;

use postroom::mailbox::{self, Options};

/// The most memory that may be taken, in KiB.
const MOST: u64 = 32 * 1024;

/// Mails of many sizes, one after another, for so many bytes.
struct Generator {
    left: u64,
    mail: Vec<u8>,
    given: usize,
    number: u64,
}

impl Generator {
    fn next_mail(&mut self) {
        self.number += 1;
        self.given = 0;
        self.mail.clear();
        // One in a thousand has an attachment of 2 MB.
        let lines = if self.number.is_multiple_of(1000) { 27_000 } else { self.number * 7919 % 100 };
        let number = self.number;
        let header = format!(
            "From jo@example.org Mon Mar  2 08:37:00 2026\nMessage-ID: <{number}@example.org>\n\
             From: Jo <jo@example.org>\nSubject: Number {number}\n\n"
        );
        self.mail.extend_from_slice(header.as_bytes());
        for line in 0..lines {
            let quoted = if line % 40 == 7 { ">From here on, " } else { "" };
            let text =
                format!("{quoted}line {line} of a mail that is about as long as lines of mails are.\n");
            self.mail.extend_from_slice(text.as_bytes());
        }
        self.mail.push(b'\n');
    }
}

impl Read for Generator {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given == self.mail.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.next_mail();
            self.left = self.left.saturating_sub(self.mail.len() as u64);
        }
        let read = self.mail.get(self.given..).unwrap_or_default().read(room)?;
        self.given += read;
        Ok(read)
    }
}

/// The most memory this process has held, in KiB.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let megabytes: u64 = std::env::args().nth(1).map_or(Ok(100), |word| word.parse())?;
    let generator = Generator { left: megabytes * 1_000_000, mail: Vec::new(), given: 0, number: 0 };
    let begin = Instant::now();
    let (mut mails, mut bytes) = (0_u64, 0_u64);
    for mail in mailbox::stream("generated", generator, Options::default())? {
        mails += 1;
        bytes += mail?.bytes().len() as u64;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let mut out = io::stdout().lock();
    writeln!(out, "{mails} mails, {bytes} bytes, {seconds:.2} s")?;
    let Some(peak) = peak() else { return Ok(ExitCode::SUCCESS) };
    writeln!(out, "at most {peak} KiB of memory")?;
    Ok(ExitCode::from(u8::from(peak > MOST)))
}
