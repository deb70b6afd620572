//! The least that a program written in Rust could do with mail: read it and have `mail-parser` parse it.
//!
//! What `benches/peers/run.sh` measures postroom against. With no argument, one mail from standard
//! input; with a mailbox and a number of threads, every mail in it, its text decoded as well.
//!
//! ```sh
//! cargo run --release --example bare_mail_parser < mail.eml
//! cargo run --release --example bare_mail_parser -- inbox.mbox 2
//! ```

use std::io::{self, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mail_parser::MessageParser;
use postroom::mailbox::{self, Options};

/// The bytes of text found, so that no work is left out.
fn parse(mail: &[u8]) -> usize {
    let Some(message) = MessageParser::default().parse(mail) else { return 0 };
    let body = message.body_text(0).map_or(0, |text| text.len());
    body + message.subject().map_or(0, str::len)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let found = match arguments.next() {
        None => {
            let mut mail = Vec::new();
            io::stdin().lock().read_to_end(&mut mail)?;
            parse(&mail)
        }
        Some(path) => {
            let threads = arguments.next().map_or(Ok(1), |number| number.parse())?;
            let mails = mailbox::open(path, Options::default())?.collect::<Result<Vec<_>, _>>()?;
            let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(mail) = mails.get(next.fetch_add(1, Ordering::Relaxed)) {
                            found.fetch_add(parse(&mail.bytes()), Ordering::Relaxed);
                        }
                    });
                }
            });
            found.into_inner()
        }
    };
    writeln!(io::stdout(), "{found}")?;
    Ok(())
}
