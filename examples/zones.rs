//! Measures the zones of `fresh` on mailboxes whose parts are known.
//!
//!     cargo run --release --example zones -- [--failures] [--html] MBOX JSONL [MBOX JSONL]...
//!
//! Each JSONL holds one object a mail, in the mailbox's order, with `new_text`, `signature`, `footer`
//! and `forward`. Prints how many mails have exactly the new text, how many words of it were lost and
//! how many others got in. `--html` reads the HTML part alone.

use std::collections::BTreeMap;
use std::io::Write;

use postroom::mailbox::{self, Options};
use postroom::terms::{Zone, ZoneSet};
use postroom::triage::{fresh, message};

#[derive(serde::Deserialize)]
struct Parts {
    id: String,
    new_text: String,
    #[serde(default)]
    forward: Option<String>,
}

#[derive(Default)]
struct Tally {
    mails: usize,
    exact: usize,
    words: usize,
    lost: usize,
    lost_mails: usize,
    let_in: usize,
    let_in_mails: usize,
    forwards: usize,
    forwards_found: usize,
    pointers: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let failures = flags.iter().any(|flag| flag == "--failures");
    let html = flags.iter().any(|flag| flag == "--html");
    let mut out = std::io::stdout().lock();
    let mut tally = Tally::default();
    for pair in files.chunks_exact(2) {
        let parts = std::fs::read_to_string(&pair[1])?;
        let parts: Vec<Parts> = parts.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let mails = mailbox::open(&pair[0], Options::default())?;
        for (mail, parts) in mails.zip(&parts) {
            let mail = mail?;
            let bytes = mail.bytes();
            let mut message = message::parse(&bytes);
            if html && message.html.is_some() {
                message.text = None;
            }
            tally.measure(&message, parts, failures, &mut out)?;
        }
    }
    tally.print(&mut out)?;
    Ok(())
}

impl Tally {
    fn measure(
        &mut self,
        message: &message::Message<'_>,
        parts: &Parts,
        failures: bool,
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        let fresh = fresh::extract(message, ZoneSet::EMPTY.with(Zone::New));
        let pick = |zone| -> String {
            fresh
                .zones
                .iter()
                .filter(|span| span.zone == zone)
                .map(|span| &fresh.text[span.start..span.end])
                .collect()
        };
        let new = pick(Zone::New);
        let (lost, let_in) = (surplus(&parts.new_text, &new), surplus(&new, &parts.new_text));
        self.mails += 1;
        self.exact += usize::from(lost.is_empty() && let_in.is_empty());
        self.words += parts.new_text.split_whitespace().count();
        self.lost += lost.len();
        self.lost_mails += usize::from(!lost.is_empty());
        self.let_in += let_in.len();
        self.let_in_mails += usize::from(!let_in.is_empty());
        if let Some(forward) = &parts.forward {
            self.forwards += 1;
            self.forwards_found += usize::from(
                surplus(forward, &pick(Zone::Forwarded)).len() * 10 < forward.split_whitespace().count(),
            );
            self.pointers += usize::from(fresh.pointer);
        }
        if failures && !(lost.is_empty() && let_in.is_empty()) {
            writeln!(out, "===== {} lost {lost:?}\n      let in {let_in:?}\n{new}", parts.id)?;
            for span in &fresh.zones {
                let text: String = fresh.text[span.start..span.end].chars().take(100).collect();
                writeln!(out, "    {:9} {:24} {text:?}", span.zone.as_str(), span.cause)?;
            }
        }
        Ok(())
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let Self {
            mails,
            exact,
            words,
            lost,
            lost_mails,
            let_in,
            let_in_mails,
            forwards,
            forwards_found,
            pointers,
        } = self;
        writeln!(
            out,
            "mails {mails}, exact {exact} ({:.1}%)",
            100.0 * *exact as f64 / (*mails).max(1) as f64
        )?;
        writeln!(
            out,
            "words {words}, lost {lost} in {lost_mails} mails, let in {let_in} in {let_in_mails} mails"
        )?;
        writeln!(out, "forwards {forwards}, found {forwards_found}, read as pointers {pointers}")
    }
}

/// Words of `one` beyond those of `other`, each counted as often as it stands there.
fn surplus(one: &str, other: &str) -> Vec<String> {
    let mut left: BTreeMap<&str, isize> = BTreeMap::new();
    for word in other.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    let mut more = Vec::new();
    for word in one.split_whitespace() {
        let count = left.entry(word).or_default();
        *count -= 1;
        if *count < 0 {
            more.push(word.to_owned());
        }
    }
    more
}
