//! What a run came to, for a person.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use postroom::terms::{Class, Defect, Role, UNSURE};
use postroom::triage::output::NOBODY;

use super::Judged;

/// How many mails of which kind, and how fast.
pub(super) struct Totals {
    begun: Instant,
    mails: u64,
    bytes: u64,
    /// Judged, and left out of the output because that was asked for.
    pub(super) left_out: u64,
    /// Mails and sources that could not be read or judged.
    pub(super) failed: u64,
    classes: BTreeMap<&'static str, u64>,
    owners: BTreeMap<&'static str, u64>,
    defects: BTreeMap<&'static str, u64>,
}

impl Totals {
    /// Nothing yet, from now on.
    pub(super) fn start() -> Self {
        Self {
            begun: Instant::now(),
            mails: 0,
            bytes: 0,
            left_out: 0,
            failed: 0,
            classes: BTreeMap::new(),
            owners: BTreeMap::new(),
            defects: BTreeMap::new(),
        }
    }

    pub(super) fn count<T>(&mut self, judged: &Judged<T>) {
        self.mails += 1;
        self.bytes += judged.bytes;
        *self.classes.entry(judged.class).or_default() += 1;
        *self.owners.entry(judged.owner).or_default() += 1;
        for defect in &judged.defects {
            *self.defects.entry(defect.as_str()).or_default() += 1;
        }
    }

    /// Tells them on standard error, unless there was one mail and nothing to say.
    pub(super) fn tell(&self) {
        if self.mails > 1 || self.failed > 0 {
            // Nobody to tell when this fails.
            let _ = io::stderr().write_all(self.lines(self.begun.elapsed()).as_bytes());
        }
    }

    fn lines(&self, elapsed: Duration) -> String {
        let mut lines = counted(self.mails, "mail");
        if self.left_out > 0 {
            lines += &format!(", {} shown", self.mails - self.left_out);
        }
        if self.mails > 0 {
            let classes = listed(&self.classes, Class::WORDS.iter().copied().chain([UNSURE]));
            let owners = listed(&self.owners, Role::WORDS.iter().copied().chain([NOBODY]));
            lines += &format!(": {classes}; owner {owners}");
        }
        if self.failed > 0 {
            lines += &format!("; {} failed", self.failed);
        }
        lines.push('\n');
        if !self.defects.is_empty() {
            lines += &format!("defects: {}\n", listed(&self.defects, Defect::WORDS.iter().copied()));
        }
        lines + &self.rate(elapsed)
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for a person")]
    fn rate(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let megabytes = self.bytes as f64 / 1e6;
        let (mails, rate) = (self.mails as f64 / seconds, megabytes / seconds);
        format!("{megabytes:.1} MB in {seconds:.2} s: {mails:.0} mails/s, {rate:.1} MB/s\n")
    }
}

fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn listed(counts: &BTreeMap<&'static str, u64>, words: impl Iterator<Item = &'static str>) -> String {
    let counts = words.filter_map(|word| Some(format!("{word} {}", counts.get(word)?)));
    counts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_counted_and_rates_told() {
        let mut totals = Totals::start();
        for (class, owner, defects) in [
            ("new-project", "am", vec![]),
            ("unsure", "pm", vec![Defect::Nul]),
            ("new-project", "am", vec![Defect::Encoding, Defect::Nul]),
        ] {
            totals.count(&Judged { class, owner, defects, bytes: 500_000, made: () });
        }
        (totals.left_out, totals.failed) = (1, 2);
        assert_eq!(
            totals.lines(Duration::from_millis(500)),
            "3 mails, 2 shown: new-project 2, unsure 1; owner am 2, pm 1; 2 failed\n\
             defects: nul 2, encoding 1\n\
             1.5 MB in 0.50 s: 6 mails/s, 3.0 MB/s\n"
        );
    }
}
