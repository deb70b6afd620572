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

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use postroom::rules::RuleSet;
use postroom::triage::output::headers::{self, Fault, Field};
use postroom::triage::output::stamp::{self, Parted};
use postroom::triage::output::{Origin, Report};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::tell;
use super::host::{FromLine, Host};
use super::options::{Global, at_least_one};
use super::{folders, guarded, log};

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
        let mut stdin = io::stdin().lock();
        let mut head = Vec::new();
        let most = self.max_size.saturating_add(SLACK);
        let whole = match read_up_to(&mut stdin, most, &mut head) {
            Ok(whole) => whole,
            Err(cause) => return try_again("cannot read the mail", &cause),
        };
        let head = Arc::new(head);
        let oversize = !whole || stamp::part(&head).size() > self.max_size;
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
        let parted = suited(stamp::part(head), self.host);
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
        let parted = stamp::part(head);
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

/// The mail as the host wants it back.
fn suited(parted: Parted<'_>, host: Option<Host>) -> Parted<'_> {
    match host.map(|host| host.profile().from_line.0) {
        Some(FromLine::Drop) => parted.without_envelope_lines(),
        Some(FromLine::Keep) | None => parted,
    }
}

/// Writes half of the mail and ends as a killed program ends.
fn die_writing(parted: &Parted<'_>, fields: &[Field]) {
    let mut whole = Vec::new();
    let half = parted.write(fields, &mut whole).map(|()| whole.len() / 2);
    let mut out = io::stdout().lock();
    let written = half.and_then(|half| out.write_all(whole.get(..half).unwrap_or_default()));
    // The kill is what matters, whatever was written.
    let _ = written.and_then(|()| out.flush());
    signal(signal_hook::consts::SIGKILL);
}

/// Sends this program a signal, for a rehearsal.
fn signal(number: i32) {
    if let Err(cause) = signal_hook::low_level::raise(number) {
        tell("warning", &format!("cannot rehearse: {cause}"));
    }
}

/// Writes the mail out, and what of it has not been read yet after it.
fn pass(parted: &Parted<'_>, fields: &[Field], whole: bool, rest: &mut impl Read) -> Exit {
    if leads_nowhere() {
        return try_again("cannot write the mail", &"standard output is closed");
    }
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let written = parted.write(fields, &mut out).and_then(|()| out.flush());
    let rest = if whole { Ok(0) } else { written.as_ref().map_or(Ok(0), |()| io::copy(rest, out.get_mut())) };
    match written.and(rest).and_then(|_| out.flush()) {
        Ok(()) => Exit::Fine,
        Err(cause) => {
            // What is still in the buffer must not be written when it goes.
            drop(out.into_parts());
            try_again("cannot write the mail", &cause)
        }
    }
}

fn try_again(what: &str, cause: &dyn std::fmt::Display) -> Exit {
    tell("error", &format!("{what}: {cause}"));
    Exit::TryAgain
}

/// Reads at most `most` bytes; whether that was all there is.
fn read_up_to(input: &mut impl Read, most: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    input.by_ref().take(limit).read_to_end(bytes)?;
    Ok(bytes.len() <= most)
}

/// Reads what is left, so that the program that sends it sees our exit code and not a broken pipe.
fn drain(input: &mut impl Read) {
    // It will not be used, so failing to read it changes nothing.
    let _ = io::copy(input, &mut io::sink());
}

/// Whether standard output was closed when the program started. The runtime then opens /dev/null in its
/// place, for reading and writing, and every write would seem to succeed while the mail is lost.
fn leads_nowhere() -> bool {
    let null = fs::read_link("/proc/self/fd/1").is_ok_and(|target| target == Path::new("/dev/null"));
    null && fs::read_to_string("/proc/self/fdinfo/1").is_ok_and(|info| {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        flags.is_some_and(|flags| flags.trim().ends_with('2'))
    })
}

/// Whether the arguments call `filter`, so far as can be told when they make no sense otherwise.
pub(crate) fn is_called(args: &[OsString]) -> bool {
    super::called(args).is_some_and(|name| name == "filter")
}

/// `filter` was called with arguments that make no sense. The mail comes before the complaint about them,
/// unless a person is at the terminal.
pub(crate) fn misused(args: &[OsString]) -> Exit {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Exit::Usage;
    }
    if wants_tempfail(args) {
        drain(&mut stdin);
        return Exit::TryAgain;
    }
    let mut head = Vec::new();
    match read_up_to(&mut stdin, 64 * SLACK, &mut head) {
        Ok(whole) => pass(
            &suited(stamp::part(&head), named_host(args)),
            &headers::fault_fields(Fault::Usage),
            whole,
            &mut stdin,
        ),
        Err(cause) => try_again("cannot read the mail", &cause),
    }
}

/// Whether the arguments ask for `--on-error=tempfail`.
fn wants_tempfail(args: &[OsString]) -> bool {
    value_of(args, "--on-error").is_some_and(|way| way == "tempfail")
}

/// The host that the arguments name, if they name one.
fn named_host(args: &[OsString]) -> Option<Host> {
    Host::from_str(value_of(args, "--host")?, false).ok()
}

/// The value of an option, in either spelling, in arguments that may make no sense.
fn value_of<'a>(args: &'a [OsString], option: &str) -> Option<&'a str> {
    let joined = |arg: &'a OsString| arg.to_str()?.strip_prefix(option)?.strip_prefix('=');
    let apart = |pair: &'a [OsString]| pair[1].to_str().filter(|_| pair[0] == option);
    args.iter().find_map(joined).or_else(|| args.windows(2).find_map(apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

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

    #[test]
    fn a_call_is_recognised_though_it_makes_no_sense() {
        for (line, called) in [
            ("postroom filter --bogus", true),
            ("postroom --rules filter filter", true),
            ("postroom --rules=x -v filter", true),
            ("postroom classify filter", false),
            ("postroom --bogus", false),
            ("postroom", false),
        ] {
            assert_eq!(is_called(&args(line)), called, "{line}");
        }
    }

    #[test]
    fn tempfail_is_recognised_in_either_spelling() {
        assert!(wants_tempfail(&args("postroom filter --on-error=tempfail --bogus")));
        assert!(wants_tempfail(&args("postroom filter --bogus --on-error tempfail")));
        assert!(!wants_tempfail(&args("postroom filter --on-error pass --bogus")));
        assert_eq!(named_host(&args("postroom filter --bogus --host=maildrop")), Some(Host::Maildrop));
        assert_eq!(named_host(&args("postroom filter --host nobody")), None);
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let mut bytes = Vec::new();
        assert!(read_up_to(&mut &b"four"[..], 4, &mut bytes).unwrap());
        bytes.clear();
        assert!(!read_up_to(&mut &b"fives"[..], 4, &mut bytes).unwrap());
        assert_eq!(bytes.len(), 5);
    }
}
