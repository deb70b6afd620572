//! Measures `fresh` on a folder of cases: what did the sender newly write?
//!
//!     cargo run --release --example quotes -- FOLDER [--failures] [--suite NAME]
//!
//! The folder holds `cases.tsv` and, for every case, `<case>.in` with `<case>.expected` or
//! `<case>.checks`. Prints, for every suite, how many cases are exact, how many lost words the sender
//! wrote, how many let other words through, and how many lost the whole text.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use postroom::terms::{Act, Zone, ZoneSet};
use postroom::triage::fresh::{self, Fresh};
use postroom::triage::message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folder = None;
    let (mut failures, mut only) = (false, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--failures" => failures = true,
            "--suite" => only = args.next(),
            _ => folder = Some(arg),
        }
    }
    let folder = folder.ok_or("usage: quotes FOLDER [--failures] [--suite NAME]")?;
    let cases = std::fs::read_to_string(Path::new(&folder).join("cases.tsv"))?;
    let mut out = std::io::stdout().lock();
    let mut suites: BTreeMap<String, Tally> = BTreeMap::new();
    for case in cases.lines().skip(1).filter_map(Case::read) {
        if only.as_deref().is_some_and(|name| name != case.suite()) {
            continue;
        }
        let verdict = case.judge(Path::new(&folder))?;
        let tally = suites.entry(case.suite().to_owned()).or_default();
        tally.count(&verdict);
        if failures && !verdict.exact {
            writeln!(
                out,
                "===== {} ({})\n--- expected\n{}\n--- got\n{}",
                case.name, case.tags, verdict.expected, verdict.got
            )?;
            for (zone, cause, text) in &verdict.zones {
                writeln!(out, "    {zone:9} {cause:24} {text:?}")?;
            }
        }
    }
    writeln!(
        out,
        "{:14} {:>6} {:>6} {:>6} {:>8} {:>6} {:>6}",
        "suite", "cases", "exact", "", "lost", "let in", "gone"
    )?;
    let mut all = Tally::default();
    for (suite, tally) in &suites {
        tally.print(&mut out, suite)?;
        all.add(tally);
    }
    all.print(&mut out, "all")?;
    Ok(())
}

#[derive(Default)]
struct Tally {
    cases: usize,
    exact: usize,
    lost: usize,
    let_in: usize,
    gone: usize,
}

impl Tally {
    fn count(&mut self, verdict: &Verdict) {
        self.cases += 1;
        self.exact += usize::from(verdict.exact);
        self.lost += usize::from(verdict.lost);
        self.let_in += usize::from(verdict.let_in);
        self.gone += usize::from(verdict.gone);
    }

    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.exact += other.exact;
        self.lost += other.lost;
        self.let_in += other.let_in;
        self.gone += other.gone;
    }

    fn print(&self, out: &mut impl Write, name: &str) -> std::io::Result<()> {
        let share = 100.0 * self.exact as f64 / self.cases.max(1) as f64;
        let Self { cases, exact, lost, let_in, gone } = self;
        writeln!(out, "{name:14} {cases:>6} {exact:>6} {share:>5.1}% {lost:>8} {let_in:>6} {gone:>6}")
    }
}

/// A line of `cases.tsv`.
struct Case<'t> {
    name: &'t str,
    kind: &'t str,
    squeeze: bool,
    signature: &'t str,
    tags: &'t str,
    other: &'t str,
}

struct Verdict {
    exact: bool,
    lost: bool,
    let_in: bool,
    gone: bool,
    expected: String,
    got: String,
    zones: Vec<(Zone, &'static str, String)>,
}

impl<'t> Case<'t> {
    fn read(line: &'t str) -> Option<Self> {
        let mut fields = line.split('\t');
        let (name, kind, _strength) = (fields.next()?, fields.next()?, fields.next()?);
        let (compare, signature) = (fields.next()?, fields.next()?);
        let (tags, other) = (fields.next()?, fields.next()?);
        Some(Self { name, kind, squeeze: compare == "squeeze", signature, tags, other })
    }

    fn suite(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    fn judge(&self, folder: &Path) -> Result<Verdict, Box<dyn std::error::Error>> {
        let bytes = std::fs::read(folder.join(format!("{}.in", self.name)))?;
        let zones = ZoneSet::EMPTY.with(Zone::New).with(Zone::Forwarded);
        let fresh = match self.kind {
            "html" => fresh::extract_html(&String::from_utf8_lossy(&bytes), zones),
            "eml" => read_mail(&bytes, zones),
            _ => fresh::extract_text(&String::from_utf8_lossy(&bytes).replace("\r\n", "\n"), zones),
        };
        let got = self.readings(&fresh);
        let mut verdict = match std::fs::read_to_string(folder.join(format!("{}.expected", self.name))) {
            Ok(expected) => self.compare(&expected, &got),
            Err(_) => checks(&std::fs::read_to_string(folder.join(format!("{}.checks", self.name)))?, &got)?,
        };
        if !verdict.exact && self.other != "-" {
            let other = std::fs::read_to_string(folder.join(format!("{}.expected", self.other)))?;
            verdict.exact = self.compare(&other, &got).exact;
        }
        let short = |span: &fresh::ZoneSpan| {
            let text: String = fresh.text[span.start..span.end].chars().take(90).collect();
            (span.zone, span.cause, text)
        };
        verdict.zones = fresh.zones.iter().map(short).collect();
        Ok(verdict)
    }

    /// The readings of a result that count: the new text alone, with the signature, without the sign-off.
    fn readings(&self, fresh: &Fresh) -> Vec<String> {
        let pick = |wanted: &dyn Fn(Zone, &str) -> bool| -> String {
            fresh.picked(|span| wanted(span.zone, span.cause))
        };
        let new = pick(&|zone, _| zone == Zone::New);
        let mut readings = vec![new.clone()];
        if new.trim().is_empty() {
            readings.push(pick(&|_, cause| cause == "forwarded text"));
        }
        let signed = pick(&|zone, _| zone == Zone::New || zone == Zone::Signature);
        if self.signature == "kept" {
            readings = vec![signed];
        } else if self.signature == "mixed" {
            readings.push(signed);
        }
        readings.push(without_sign_off(fresh));
        readings
    }

    fn compare(&self, expected: &str, got: &[String]) -> Verdict {
        let inline = self.tags.contains("inline");
        let normal = |text: &str| normalise(text, self.squeeze, inline);
        let wanted = normal(expected);
        let exact = got.iter().any(|reading| normal(reading) == wanted);
        let first = normal(got.first().map_or("", String::as_str));
        let nothing = !wanted.is_empty() && got.iter().all(|reading| normal(reading).is_empty());
        Verdict {
            exact,
            lost: !exact && has_more(&wanted, &first),
            let_in: !exact && has_more(&first, &wanted),
            gone: nothing,
            expected: wanted,
            got: first,
            zones: Vec::new(),
        }
    }
}

/// Whether `one` has words that `other` has not, each counted as often as it stands there.
fn has_more(one: &str, other: &str) -> bool {
    let mut left: BTreeMap<&str, isize> = BTreeMap::new();
    for word in other.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    one.split_whitespace().any(|word| {
        let count = left.entry(word).or_default();
        *count -= 1;
        *count < 0
    })
}

/// The new text up to the last sentence that is not a courtesy.
fn without_sign_off(fresh: &Fresh) -> String {
    let new = || fresh.sentences.iter().filter(|s| s.zone == Zone::New);
    let end = new().filter(|s| s.act != Act::Courtesy).map(|s| s.end).max().unwrap_or(0);
    let mut out = String::new();
    for span in fresh.zones.iter().filter(|span| span.zone == Zone::New && span.start < end) {
        out.push_str(&fresh.text[span.start..span.end.min(end)]);
    }
    out
}

fn normalise(text: &str, squeeze: bool, inline: bool) -> String {
    let text = text.replace("\r\n", "\n");
    if squeeze {
        return text.chars().filter(|c| !c.is_whitespace()).collect();
    }
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if inline {
        // Between answers the quotes are `quoted`, so neither they nor blank lines count.
        lines.retain(|line| !line.starts_with('>') && !line.is_empty() && !is_heading(line));
    }
    lines.join("\n").trim_matches(['\n', ' ', '\u{a0}', '\t']).to_owned()
}

/// Attribution lines that expected texts keep between answers.
fn is_heading(line: &str) -> bool {
    line.starts_with("On ") && line.ends_with("wrote:")
}

fn checks(json: &str, got: &[String]) -> Result<Verdict, Box<dyn std::error::Error>> {
    let rules: serde_json::Value = serde_json::from_str(json)?;
    let words = |key: &str| -> Vec<String> {
        let list = rules.get(key).and_then(|v| v.as_array()).cloned().unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let one = |key: &str| rules.get(key).and_then(|v| v.as_str());
    let holds = |text: &String| {
        let text = text.trim();
        words("contains").iter().all(|w| text.contains(w.as_str()))
            && words("lacks").iter().all(|w| !text.contains(w.as_str()))
            && one("starts").is_none_or(|w| text.starts_with(w))
            && one("ends").is_none_or(|w| text.ends_with(w))
            && (rules.get("not_empty").is_none() || !text.is_empty())
    };
    let exact = got.iter().any(holds);
    let first = got.first().cloned().unwrap_or_default();
    let lost = words("contains").iter().any(|w| !first.contains(w.as_str()));
    let let_in = words("lacks").iter().any(|w| first.contains(w.as_str()));
    let gone = first.trim().is_empty() && !exact;
    Ok(Verdict { exact, lost, let_in, gone, expected: json.to_owned(), got: first, zones: Vec::new() })
}

fn read_mail(bytes: &[u8], zones: ZoneSet) -> Fresh {
    fresh::extract(&message::parse(bytes), zones)
}
