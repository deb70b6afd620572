//! The same drill for every host: each kind of mail, then each fault.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use super::mails::{self, bare, values};
use super::scratch::{Program, Scratch};

/// A mail filter or mail server under test.
pub(super) trait Host {
    /// Its name in the table.
    const NAME: &'static str;

    /// Whether it delivers NUL bytes, or something else in their place.
    const KEEPS_NUL: bool = true;

    /// Whether it sorts mail into folders by what we say of it.
    const SORTS: bool = true;

    /// The kinds of mail that it does not look at, whatever we say of them.
    const UNSORTED: &'static [&'static str] = &[];

    /// Whether our fields come onto the mail. Without them it stays as it is, and is only sorted.
    const STAMPS: bool = true;

    fn scratch(&self) -> &Scratch;

    /// Makes the program so.
    fn make(&self, program: Program) {
        self.scratch().make(program);
    }

    /// Gives it a mail, as whoever is in front of it does; whether it has taken it. One that was not taken is
    /// kept by whoever is in front.
    fn give(&self, mail: &[u8]) -> bool;

    /// Tries again what waits in a queue of its own.
    fn try_again(&self) {}

    /// Whether something waits in a queue of its own.
    fn has_waiting(&self) -> bool {
        false
    }

    /// Waits until what it has taken is delivered or has been put off.
    fn settle(&self) {}

    /// Every mail delivered, by the mailbox it went to.
    fn arrived(&self) -> BTreeMap<&'static str, Vec<Vec<u8>>>;

    /// Forgets what has arrived.
    fn clear(&self);
}

/// Where the project manager's mail goes, and the rest.
pub(super) const PM: &str = "pm";
pub(super) const INBOX: &str = "inbox";

/// Gives a mail until it is taken, and lets it arrive: where, and what.
fn deliver<H: Host>(host: &H, mail: &[u8], what: &str) -> (&'static str, Vec<u8>) {
    assert!(host.give(mail), "{}: {what}: not taken", H::NAME);
    host.settle();
    only(host, what)
}

/// The one mail that has arrived.
fn only<H: Host>(host: &H, what: &str) -> (&'static str, Vec<u8>) {
    let mut all: Vec<_> = host
        .arrived()
        .into_iter()
        .flat_map(|(place, mails)| mails.into_iter().map(move |mail| (place, mail)))
        .collect();
    assert_eq!(all.len(), 1, "{}: {what}: mails arrived", H::NAME);
    host.clear();
    all.remove(0)
}

/// What the host makes of each mail when the program only copies.
fn baseline<H: Host>(host: &H) -> BTreeMap<&'static str, Vec<u8>> {
    let mails = mails::all().into_iter();
    if !H::STAMPS {
        return mails.map(|kind| (kind.name, bare(&kind.bytes))).collect();
    }
    host.make(Program::Copies);
    let of = |kind: mails::Kind| {
        (kind.name, bare(&deliver(host, &kind.bytes, &format!("{} (copied)", kind.name)).1))
    };
    let baseline: BTreeMap<_, _> = mails.map(of).collect();
    for kind in mails::all() {
        // Nothing is compared with a mail that the host itself has lost.
        if H::KEEPS_NUL || kind.name != "NUL" {
            let sent = bare(&kind.bytes);
            assert!(
                baseline[kind.name].len() >= sent.len(),
                "{} cuts the mail {:?} short",
                H::NAME,
                kind.name
            );
        }
    }
    host.make(Program::Works);
    baseline
}

/// Runs the drill and gives the host's rows of the table.
pub(super) fn run<H: Host>(host: &H) -> Vec<String> {
    let baseline = baseline(host);
    let mut rows = Vec::new();
    for kind in mails::all() {
        let (place, mail) = deliver(host, &kind.bytes, kind.name);
        let shown = String::from_utf8_lossy(&mail[..mail.len().min(2000)]).into_owned();
        let before = String::from_utf8_lossy(&baseline[kind.name]).chars().take(2000).collect::<String>();
        assert!(
            bare(&mail) == baseline[kind.name],
            "{}: {} is not whole:\n{shown}\nand not:\n{before}",
            H::NAME,
            kind.name
        );
        let fields = if H::STAMPS { ", with fields" } else { "" };
        if H::STAMPS {
            check_stamped::<H>(&mail, kind.name);
        }
        let right = if H::UNSORTED.contains(&kind.name) { INBOX } else { PM };
        assert!(!H::SORTS || place == right, "{}: {}: in {place}", H::NAME, kind.name);
        let folder = match right {
            _ if !H::SORTS => "",
            PM => ", in the right folder",
            _ => ", in the inbox",
        };
        rows.push(row(H::NAME, kind.name, &format!("arrives once, whole{fields}{folder}")));
    }
    for (name, program) in [
        ("postroom removed", Program::Removed),
        ("rules broken", Program::BrokenRules),
        ("killed while writing", Program::Killed),
        ("stopped", Program::Hung),
    ] {
        let outcome = fault(host, name, &baseline["normal"], || host.make(program));
        rows.push(row(H::NAME, name, &outcome));
    }
    // Where nothing is written on the mail, whoever stores it comes before the host.
    if H::STAMPS {
        let outcome = fault(host, "disk full", &baseline["normal"], || host.scratch().fill_disk(true));
        rows.push(row(H::NAME, "disk full", &outcome));
    }
    check_documented(&rows);
    rows
}

/// The fields are those of the test's rules, and stand on top.
fn check_stamped<H: Host>(mail: &[u8], kind: &str) {
    let shown = String::from_utf8_lossy(&mail[..mail.len().min(2000)]).into_owned();
    assert_eq!(values(mail, "X-Postroom-Status"), ["ok"], "{}: {kind}\n{shown}", H::NAME);
    assert_eq!(values(mail, "X-Postroom-Class"), ["delivery-question"], "{}: {kind}", H::NAME);
    assert_eq!(values(mail, "X-Postroom-Owner"), ["pm"], "{}: {kind}", H::NAME);
    let at = |text: &str| shown.find(text).unwrap();
    assert!(at("X-Postroom-Status") < at("From: Anna"), "{}: {kind}: not on top\n{shown}", H::NAME);
}

/// A row of the table.
pub(super) fn row(host: &str, what: &str, outcome: &str) -> String {
    format!("| {host} | {what} | {outcome} |")
}

/// One fault: the mail arrives in spite of it, or waits and arrives once it is repaired.
fn fault<H: Host>(host: &H, name: &str, whole: &[u8], break_it: impl FnOnce()) -> String {
    break_it();
    let taken = host.give(&mails::plain());
    host.settle();
    let waits = !taken || host.has_waiting();
    let early = host.arrived();
    let count: usize = early.values().map(Vec::len).sum();
    assert_eq!(count, usize::from(!waits), "{}: {name}: waits {waits}", H::NAME);
    let missorted = !H::STAMPS && early.get(PM).is_none_or(Vec::is_empty);
    if name == "disk full" {
        host.scratch().fill_disk(false);
    }
    host.make(Program::Works);
    if waits {
        if taken {
            host.try_again();
        } else {
            assert!(host.give(&mails::plain()), "{}: {name}: not taken after repair", H::NAME);
        }
        host.settle();
        assert!(!host.has_waiting(), "{}: {name}: still waits", H::NAME);
    }
    let (place, mail) = only(host, name);
    assert!(bare(&mail) == whole, "{}: {name}: not whole", H::NAME);
    let status = values(&mail, "X-Postroom-Status");
    let error = values(&mail, "X-Postroom-Error");
    let fields = match (status.first().map(String::as_str), error.first()) {
        (Some("ok"), None) => "with fields".to_owned(),
        (Some("error"), Some(error)) => format!("marked `error`, `{error}`"),
        (None, None) if missorted && place == PM => {
            "in the inbox; after repair it goes to the right folder".to_owned()
        }
        (None, None) => "without fields".to_owned(),
        other => panic!("{}: {name}: {other:?}", H::NAME),
    };
    // Nothing is left over that a repaired host would deliver a second time.
    host.try_again();
    host.settle();
    assert_eq!(host.arrived().values().map(Vec::len).sum::<usize>(), 0, "{}: {name}: came twice", H::NAME);
    let when = if waits { "waits; after repair it arrives" } else { "arrives" };
    format!("{when} once, whole, {fields}")
}

/// The table in the documentation says what was seen.
pub(super) fn check_documented(rows: &[String]) {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hosts.md")).unwrap();
    // Past the test runner, which keeps what passing tests print.
    let _ = writeln!(io::stdout(), "{}", rows.join("\n"));
    let missing: Vec<&String> =
        rows.iter().filter(|row| !page.lines().any(|line| line == row.as_str())).collect();
    assert!(missing.is_empty(), "docs/hosts.md has not:\n{missing:#?}");
}
