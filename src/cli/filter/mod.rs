//! `postroom filter`: in a mail filter. The same bytes out, with our fields on top.
//!
//! What happens to the mail comes before everything else. By default it comes out whole, marked as
//! unjudged if need be, with exit code 0; with `--on-error=tempfail` a mail that cannot be judged stays
//! with the mail system: exit code 75 and nothing on standard output. No other code ever: mail systems
//! answer those with a bounce to the client. A mail that cannot be read to its end or written out is not
//! through, so that is 75 in both ways.
//!
//! A thread watches the time, so that a mail which takes too long, or rules on a disk that does not answer,
//! hold up no mail: it goes through unjudged.

mod misuse;
mod through;

use std::env;
use std::io::{self, Read, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use postroom::rules::RuleSet;
use postroom::triage::output::headers::{self, Fault, Field};
use postroom::triage::output::stamp::Parted;
use postroom::triage::output::{Origin, Report};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::tell;
use super::host::Host;
use super::options::{Global, at_least_one};
use super::{folders, guarded, log, standard};
pub(crate) use misuse::{is_called, misused};
use through::{drain, parted, pass, read_up_to, suited, try_again};

/// Put X-Postroom-* fields on a mail from standard input and leave every other byte alone
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Incoming X-Postroom-* fields are taken out first. X-Postroom-Status is `ok`, or `error` with \
    X-Postroom-Error saying why: rules, oversize, usage, timeout or internal.\n\n\
    Examples:\n  \
    procmail:   :0fw\n              | postroom filter --host procmail\n  \
    maildrop:   xfilter \"postroom filter --host maildrop\"\n  \
    by hand:    postroom filter < mail.eml | head -12\n\n\
    Exit codes: 0 when the mail is through, 75 when it is not and the mail system should try again. No other, \
    unless standard input is a terminal."
)]
pub(crate) struct Filter {
    /// What calls it: sets what is done with a leading From line, how long judging may take, and what is
    /// read from the environment; docs/hosts.md has the table
    #[arg(long, value_enum, value_name = "NAME")]
    host: Option<Host>,

    /// What to do with a mail that cannot be judged
    #[arg(long, value_enum, default_value_t = OnError::Pass, value_name = "WAY")]
    on_error: OnError,

    /// Largest mail that is judged, in bytes or with K, M or G; a larger one is not held in memory
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    max_size: usize,

    /// The address it was sent to, where the mail itself does not say [default: $RECIPIENT]
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,

    /// The envelope sender; empty for a mail that wants no bounce, which is then known to be automatic
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    sender: Option<String>,

    /// Longest that judging may take, in seconds; then the mail goes through unjudged [default: as the host
    /// needs it, or 60]
    #[arg(long, value_name = "SECONDS", value_parser = at_least_one::<u64>)]
    time_limit: Option<u64>,

    /// Behave as if this had gone wrong, to see what the mail system makes of it
    #[arg(long, value_enum, value_name = "FAULT")]
    rehearse: Option<Rehearsal>,
}

/// What to do with a mail that cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnError {
    /// Pass it through, marked; exit 0.
    Pass,
    /// Write nothing; exit 75.
    Tempfail,
}

/// A fault to rehearse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rehearsal {
    /// A fault of this program.
    Internal,
    /// Rules that cannot be used.
    Rules,
    /// A mail larger than the limit.
    Oversize,
    /// A mail that takes too long to judge.
    Timeout,
    /// Ended by SIGKILL in the middle of writing the mail.
    Killed,
    /// Stopped by SIGSTOP before writing anything.
    Hung,
}

/// Seconds that judging may take where no host needs it shorter.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Read beyond the limit, so that fields of ours that come out again do not make a mail oversize.
const SLACK: usize = 1024 * 1024;

/// A number of bytes, with K, M or G for powers of 1024.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse::<usize>().ok().filter(|_| plain);
    number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| "write a number such as 500K or 64M".to_owned())
}

impl Filter {
    pub(crate) fn run(&self, global: &Global) -> Exit {
        let mut head = Vec::new();
        let most = self.max_size.saturating_add(SLACK);
        let read =
            through::input().and_then(|mut stdin| Ok((read_up_to(&mut stdin, most, &mut head)?, stdin)));
        let (whole, mut stdin) = match read {
            Ok(read) => read,
            Err(cause) => return try_again("cannot read the mail", &cause),
        };
        let head = Arc::new(head);
        let oversize = !whole || parted(&head, self.host).size() > self.max_size;
        if oversize || self.rehearse == Some(Rehearsal::Oversize) {
            return self.settle(&head, Err(Fault::Oversize), whole, &mut stdin);
        }
        let judged = match self.watch(&head) {
            Ok(passed) => {
                let judged = guarded(|| self.judge(&head, global)).unwrap_or(Err(Fault::Internal));
                while passed.swap(true, Ordering::AcqRel) {
                    // The watching thread has the mail, and ends the program.
                    thread::park();
                }
                judged
            }
            Err(cause) => {
                tell("warning", &format!("cannot start a thread: {cause}"));
                Err(Fault::Internal)
            }
        };
        self.settle(&head, judged, whole, &mut stdin)
    }

    /// Has a thread let the mail go unjudged when judging takes too long. Whoever raises the flag has the
    /// mail.
    fn watch(&self, head: &Arc<Vec<u8>>) -> io::Result<Arc<AtomicBool>> {
        let usual = self.host.map_or(TIME_LIMIT, |host| host.profile().time_limit.0);
        let limit = self.time_limit.map_or(usual, Duration::from_secs);
        let passed = Arc::new(AtomicBool::new(false));
        let (filter, head, taken) = (self.clone(), Arc::clone(head), Arc::clone(&passed));
        let watch = move || {
            thread::sleep(limit);
            if !taken.swap(true, Ordering::AcqRel) {
                let late = guarded(|| filter.settle(&head, Err(Fault::Timeout), true, &mut io::empty()));
                late.unwrap_or(Exit::TryAgain).now();
            }
        };
        thread::Builder::new().spawn(watch).map(|_| passed)
    }

    /// Sees the mail off: with the fields of its judgement, or as one that has none.
    fn settle(
        &self,
        head: &[u8],
        judged: Result<Vec<Field>, Fault>,
        whole: bool,
        rest: &mut impl Read,
    ) -> Exit {
        if let Err(fault) = judged {
            tell("warning", &format!("the mail was not judged: {}", fault.as_str()));
            if self.on_error == OnError::Tempfail {
                drain(rest);
                return Exit::TryAgain;
            }
        }
        let fields = judged.unwrap_or_else(headers::fault_fields);
        let parted = suited(head, self.host);
        match self.rehearse {
            Some(Rehearsal::Killed) => die_writing(&parted, &fields),
            Some(Rehearsal::Hung) => signal(signal_hook::consts::SIGSTOP),
            _ => {}
        }
        pass(&parted, &fields, whole, rest)
    }

    /// The fields of a mail, or what kept it from being judged.
    fn judge(&self, head: &[u8], global: &Global) -> Result<Vec<Field>, Fault> {
        match self.rehearse {
            Some(Rehearsal::Rules) => return Err(Fault::Rules),
            Some(Rehearsal::Timeout) => loop {
                thread::park();
            },
            _ => {}
        }
        let rules = folders::rules(global.rules.as_deref()).map_err(|failure| {
            if self.host.is_none_or(|host| host.profile().private.0) {
                failure.tell();
            }
            Fault::Rules
        })?;
        // Taking them apart again would only keep the mail system waiting: the program ends right after.
        let rules: &'static RuleSet = Box::leak(Box::new(rules));
        let parted = parted(head, self.host);
        let raw = parted.unstamped();
        let recipient = self.recipient.clone().or_else(|| env::var("RECIPIENT").ok());
        let recipient = recipient.as_deref().filter(|address| !address.is_empty());
        let sender = self.sender.clone().or_else(|| self.host.and_then(Host::sender));
        let context = Context { date: global.date, recipient, sender: sender.as_deref() };
        let triage = triage(&raw, rules, &context);
        let report = Report { origin: Origin::default(), triage: &triage, rules };
        log::judged(&report);
        assert!(self.rehearse != Some(Rehearsal::Internal), "rehearsal");
        Ok(headers::fields(&report))
    }
}

/// Writes half of the mail and ends as a killed program ends.
fn die_writing(parted: &Parted<'_>, fields: &[Field]) {
    let mut whole = Vec::new();
    let half = parted.write(fields, &mut whole).map(|()| whole.len() / 2);
    // The kill is what matters, whatever was written.
    let _ = half.and_then(|half| standard::output()?.write_all(whole.get(..half).unwrap_or_default()));
    signal(signal_hook::consts::SIGKILL);
}

/// Sends this program a signal, for a rehearsal.
fn signal(number: i32) {
    if let Err(cause) = signal_hook::low_level::raise(number) {
        tell("warning", &format!("cannot rehearse: {cause}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("0", Some(0)), ("500K", Some(512_000)), ("64m", Some(64 << 20)), ("1G", Some(1 << 30))]
        {
            assert_eq!(size(text).ok(), bytes);
        }
        for wrong in ["", "M", "-1", "+1", "1.5M", "99999999999999999999", "99999999999G", "10é"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
