//! What each stage of the line costs, and the whole of it, over the labelled mails of `fixtures/corpus`.
//!
//! ```sh
//! cargo bench --bench stages
//! cargo bench --bench stages -- fresh --sample-count 20
//! ```
//!
//! One iteration goes over one mail in twelve; the counters show mails and bytes a second. They are the
//! bytes of the mails; for `fresh_text` and `fresh_threads` those of the text that is read.

#![allow(clippy::unwrap_used, reason = "a benchmark without its mails should stop there")]

use std::path::Path;
use std::sync::LazyLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use postroom::mailbox::{self, Options};
use postroom::rules::layer::Layer;
use postroom::rules::{self, RuleSet};
use postroom::triage::evidence::facts::Facts;
use postroom::triage::message::Message;
use postroom::triage::output::{Columns, Format, Look, Origin, Report};
use postroom::triage::{Context, Triage, decision, evidence, fresh, message, output, route, triage};

fn main() {
    divan::main();
}

/// One mail in so many is used, so that an iteration takes milliseconds.
const STEP: usize = 12;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| rules::ready(&[Layer::BuiltIn]).unwrap());

static MAILS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus");
    let mut mailboxes: Vec<_> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mbox"))
        .collect();
    mailboxes.sort();
    let mails = mailboxes.iter().flat_map(|path| mailbox::open(path, Options::default()).unwrap());
    mails.step_by(STEP).map(|mail| mail.unwrap().bytes().into_owned()).collect()
});

static MESSAGES: LazyLock<Vec<Message<'static>>> =
    LazyLock::new(|| MAILS.iter().map(|mail| message::parse(mail)).collect());

static TRIAGES: LazyLock<Vec<Triage<'static>>> =
    LazyLock::new(|| MAILS.iter().map(|mail| triage(mail, &RULES, &Context::default())).collect());

#[divan::bench]
fn parse(bencher: Bencher) {
    over(bencher, MAILS.as_slice(), |mail| {
        black_box(message::parse(mail));
    });
}

#[divan::bench]
fn extract(bencher: Bencher) {
    over(bencher, MESSAGES.as_slice(), |message| {
        black_box(fresh::extract(message, RULES.zones));
    });
}

/// What the sender newly wrote, in the bodies as they are: short ones, most of their words new.
#[divan::bench]
fn fresh_text(bencher: Bencher) {
    let texts: Vec<&str> = MESSAGES.iter().filter_map(|message| message.text.as_deref()).collect();
    over_texts(bencher, &texts);
}

/// The same, each body on top of the three mails before it, quoted in turn as Outlook and Gmail do.
#[divan::bench]
fn fresh_threads(bencher: Bencher) {
    let texts: Vec<&str> = MESSAGES.iter().filter_map(|message| message.text.as_deref()).collect();
    let threads: Vec<String> = texts.windows(4).enumerate().map(|(at, mails)| thread(mails, at)).collect();
    over_texts(bencher, &threads);
}

fn thread(mails: &[&str], at: usize) -> String {
    let mut thread = mails[0].to_owned();
    for (n, earlier) in mails.iter().enumerate().skip(1) {
        if at.is_multiple_of(2) {
            let block = "\n\nFrom: Nora Castellane <nora@agency.example>\nSent: 16 March 2026 09:30\nTo: Jane Doe\n\
                         Subject: RE: Plan\n\n";
            thread.push_str(block);
            thread.push_str(earlier);
        } else {
            let marks = ">".repeat(n - 1);
            thread.push_str(&format!(
                "\n{marks}\n{marks} On Mon, 16 Mar 2026 at 09:30, Nora <nora@agency.example> wrote:\n{marks}>\n"
            ));
            thread.extend(earlier.lines().map(|line| format!("{marks}> {line}\n")));
        }
    }
    thread
}

fn over_texts(bencher: Bencher<'_, '_>, texts: &[impl AsRef<str>]) {
    let bytes: usize = texts.iter().map(|text| text.as_ref().len()).sum();
    bencher.counter(ItemsCount::new(texts.len())).counter(BytesCount::new(bytes)).bench_local(|| {
        for text in texts {
            black_box(fresh::extract_text(text.as_ref(), RULES.zones));
        }
    });
}

#[divan::bench]
fn gather(bencher: Bencher) {
    over(bencher, TRIAGES.as_slice(), |triage| {
        let facts = Facts::gather(&triage.message, &triage.fresh, &RULES, &Context::default());
        black_box(evidence::gather(&triage.fresh, &facts, &RULES));
    });
}

#[divan::bench]
fn decide_and_assign(bencher: Bencher) {
    over(bencher, TRIAGES.as_slice(), |triage| {
        let decision = decision::decide(&triage.evidence, &triage.fresh, &RULES);
        black_box(route::assign(&triage.message, &decision, &RULES, &Context::default()));
    });
}

#[divan::bench]
fn write_json(bencher: Bencher) {
    let look = Look { width: 100, color: false };
    let mut out = Vec::new();
    over(bencher, TRIAGES.as_slice(), move |triage| {
        out.clear();
        let report = Report { origin: Origin::default(), triage, rules: &RULES };
        output::write(&report, Format::Jsonl(Columns::JSON), look, &mut out).unwrap();
        black_box(&out);
    });
}

#[divan::bench]
fn whole_line(bencher: Bencher) {
    over(bencher, MAILS.as_slice(), |mail| {
        black_box(triage(mail, &RULES, &Context::default()));
    });
}

/// The rules from their sources to what matches, as every run of the program begins.
#[divan::bench]
fn ready_rules(bencher: Bencher) {
    bencher.bench_local(|| rules::ready(&[Layer::BuiltIn]).unwrap());
}

/// Runs something over every item of a list.
fn over<T>(bencher: Bencher<'_, '_>, list: &[T], mut work: impl FnMut(&T)) {
    let bytes: usize = MAILS.iter().map(Vec::len).sum();
    bencher
        .counter(ItemsCount::new(MAILS.len()))
        .counter(BytesCount::new(bytes))
        .bench_local(|| list.iter().for_each(&mut work));
}
