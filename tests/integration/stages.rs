//! `fixtures/mail`, stage by stage: a failure names the stage that broke.

use std::fmt::Debug;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::LazyLock;

use postroom::rules::layer::Layer;
use postroom::rules::{self, RuleSet};
use postroom::terms::{Class, Defect, Role, Topic, Zone};
use postroom::triage::{Context, triage};

use crate::fixtures::{self, Expected, Fixture, KnownWrong};

/// The kinds that must be there; a folder that vanished would otherwise pass unseen.
const KINDS: &[&str] = &[
    "apple",
    "automatic",
    "forward",
    "gmail",
    "hostile",
    "html",
    "interleaved",
    "languages",
    "malformed",
    "mobile",
    "outlook",
    "plain",
    "signature",
];

/// The largest fixture: small enough to be read.
const LARGEST: usize = 20_000;

/// Most mails whose class may be known to be wrong; the list gets shorter, not longer.
const MOST_KNOWN_WRONG: usize = 20;

#[test]
fn every_stage_gives_what_is_expected() {
    let bless = std::env::var_os("POSTROOM_BLESS").is_some();
    let mut faults = Vec::new();
    for Fixture { name, mail, expected, .. } in fixtures::all() {
        let given = [("LF", Given::by(&mail)), ("CRLF", Given::by(&fixtures::with_crlf(&mail)))];
        if bless {
            bless_known_wrong(&name, &given[0].1.known_wrong(&expected));
            continue;
        }
        for (ending, given) in given {
            if let Some((stage, fault)) = given.first_fault(&expected) {
                faults.push(format!("{name} ({ending}): {stage}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn few_answers_are_known_to_be_wrong() {
    let wrong = |fixture: &Fixture| fixture.expected.known_wrong.class.is_some();
    let count = fixtures::all().iter().filter(|fixture| wrong(fixture)).count();
    assert!(count <= MOST_KNOWN_WRONG, "{count} mails are known to get the wrong class");
}

/// The built-in rules, without any account.
static RULES: LazyLock<RuleSet> = LazyLock::new(|| rules::ready(&[Layer::BuiltIn]).unwrap());

/// What every stage makes of a mail, in the words of the answers.
struct Given {
    defects: Vec<&'static str>,
    fresh: String,
    hits: Vec<&'static str>,
    class: &'static str,
    topics: Vec<&'static str>,
    owner: &'static str,
}

impl Given {
    fn by(mail: &[u8]) -> Self {
        let triage = triage(mail, &RULES, &Context::default());
        let new = triage.fresh.zones.iter().filter(|span| span.zone == Zone::New);
        Self {
            defects: triage.message.defects.iter().map(|defect| defect.as_str()).collect(),
            fresh: new.map(|span| &triage.fresh.text[span.start..span.end]).collect(),
            hits: triage.evidence.hits.iter().map(|hit| RULES.rules[hit.rule()].id.as_ref()).collect(),
            class: triage.decision.word(),
            topics: triage.decision.topics.iter().map(|topic| topic.as_str()).collect(),
            owner: triage.route.owner.as_ref().map_or("none", |owner| owner.role.as_str()),
        }
    }

    /// The first stage that gives something else than expected, and what: what comes later follows from it.
    fn first_fault(&self, expected: &Expected) -> Option<(&'static str, String)> {
        let Expected { defects, fresh, topics, owner, known_wrong, .. } = expected;
        if self.defects != *defects {
            return Some(("message", format!("defects {:?}, expected {defects:?}", self.defects)));
        }
        if let Some(fresh) = fresh {
            let same = compared(&self.fresh) == compared(fresh);
            if same && known_wrong.fresh {
                return Some(("fresh", "right by now: take it out of `known-wrong`".to_owned()));
            }
            if !same && !known_wrong.fresh {
                return Some(("fresh", format!("{:?}, expected {fresh:?}", self.fresh)));
            }
        }
        if let Some(rule) = expected.hits.iter().find(|rule| !self.hits.contains(&rule.as_str())) {
            return Some(("evidence", format!("`{rule}` does not hit, only {:?}", self.hits)));
        }
        if let Some(rule) = expected.absent.iter().find(|rule| self.hits.contains(&rule.as_str())) {
            return Some(("evidence", format!("`{rule}` hits")));
        }
        let wrong = known_wrong;
        let class = fault("class", &self.class, Some(&expected.class.as_str()), wrong.class.as_deref());
        let topics = topics.as_ref().and_then(|topics| {
            let wrong = wrong.topics.as_ref().map(|topics| in_order(topics));
            fault("topics", &in_order(&self.topics), Some(&in_order(topics)), wrong)
        });
        let owner = fault("owner", &self.owner, owner.as_deref().as_ref(), wrong.owner.as_deref());
        let decision = class.or(topics).map(|fault| ("decision", fault));
        decision.or_else(|| owner.map(|fault| ("route", fault)))
    }

    /// What would have to stand under `known-wrong`.
    fn known_wrong(&self, expected: &Expected) -> KnownWrong {
        let differs = |given: &str, expected: Option<&str>| {
            expected.filter(|expected| *expected != given).map(|_| given.to_owned())
        };
        let topics = expected.topics.as_ref().filter(|topics| in_order(topics) != in_order(&self.topics));
        KnownWrong {
            fresh: expected.fresh.as_ref().is_some_and(|fresh| compared(fresh) != compared(&self.fresh)),
            class: differs(self.class, Some(&expected.class)),
            topics: topics.map(|_| self.topics.iter().map(|&topic| topic.to_owned()).collect()),
            owner: differs(self.owner, expected.owner.as_deref()),
        }
    }
}

/// What is wrong with one answer, given what is expected and what is known to be said instead.
fn fault<T: PartialEq + Debug>(
    what: &str,
    given: &T,
    expected: Option<&T>,
    wrong: Option<T>,
) -> Option<String> {
    let expected = expected?;
    match wrong {
        Some(_) if given == expected => Some(format!("{what} is right by now: take it out of `known-wrong`")),
        Some(wrong) if *given == wrong => None,
        None if given == expected => None,
        _ => Some(format!("{what} {given:?}, expected {expected:?}")),
    }
}

fn in_order<T: AsRef<str>>(words: &[T]) -> Vec<String> {
    let mut words: Vec<String> = words.iter().map(|word| word.as_ref().to_owned()).collect();
    words.sort();
    words
}

/// A text without what `fixtures/README.md` says does not count.
fn compared(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.replace('\u{a0}', " ").trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Writes what is wrong today into an answer, on one line before any table.
fn bless_known_wrong(name: &str, wrong: &KnownWrong) {
    let path = fixtures::root().join("mail").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: String = text.split_inclusive('\n').filter(|line| !line.starts_with("known-wrong")).collect();
    let mut keys = Vec::new();
    if wrong.fresh {
        keys.push("fresh = true".to_owned());
    }
    keys.extend(wrong.class.as_ref().map(|class| format!("class = {class:?}")));
    keys.extend(wrong.topics.as_ref().map(|topics| format!("topics = {topics:?}")));
    keys.extend(wrong.owner.as_ref().map(|owner| format!("owner = {owner:?}")));
    let line =
        if keys.is_empty() { String::new() } else { format!("known-wrong = {{ {} }}\n", keys.join(", ")) };
    let end = if kept.ends_with('\n') { "" } else { "\n" };
    let blessed = format!("{kept}{end}{line}");
    if blessed != text {
        // Another test may be reading the same answer.
        let mut whole = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        whole.write_all(blessed.as_bytes()).unwrap();
        whole.persist(&path).unwrap();
    }
}

#[test]
fn every_kind_has_mail() {
    let fixtures = fixtures::all();
    for kind in KINDS {
        assert!(fixtures.iter().any(|fixture| fixture.kind == *kind), "no mail in fixtures/mail/{kind}");
    }
}

#[test]
fn answers_are_well_formed() {
    let mut faults = Vec::new();
    for Fixture { name, expected, .. } in fixtures::all() {
        faults.extend(word_faults(&expected).into_iter().map(|fault| format!("{name}: {fault}")));
        faults.extend(sense_faults(&expected).into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rules_named_in_answers_exist() {
    let mut faults = Vec::new();
    for Fixture { name, expected, .. } in fixtures::all() {
        for rule in expected.hits.iter().chain(&expected.absent).filter(|rule| RULES.rule(rule).is_none()) {
            faults.push(format!("{name}: there is no rule `{rule}`"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn mails_are_stored_with_lf_and_stay_readable() {
    let mut faults = Vec::new();
    for Fixture { name, kind, mail, .. } in fixtures::all() {
        // Broken mail may need its carriage returns; every other mail gets them when it is run as CRLF.
        if kind != "malformed" && mail.contains(&b'\r') {
            faults.push(format!("{name}.eml holds a carriage return"));
        }
        if kind != "malformed" && mail.len() > LARGEST {
            faults.push(format!("{name}.eml has {} bytes, over {LARGEST}", mail.len()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Words that are not in their vocabulary, and rule ids that cannot be ids.
fn word_faults(expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    if expected.class != "unsure" {
        faults.extend(fault_of::<Class>(&expected.class));
    }
    if let Some(owner) = expected.owner.as_deref().filter(|owner| *owner != "none") {
        faults.extend(fault_of::<Role>(owner));
    }
    for topic in expected.topics.iter().flatten() {
        faults.extend(fault_of::<Topic>(topic));
    }
    for defect in &expected.defects {
        faults.extend(fault_of::<Defect>(defect));
    }
    for word in expected.hits.iter().chain(&expected.absent) {
        if !is_kebab_case(word) {
            faults.push(format!("`{word}` is not kebab-case"));
        }
    }
    faults
}

fn fault_of<T: FromStr<Err: ToString>>(word: &str) -> Option<String> {
    word.parse::<T>().err().map(|fault| fault.to_string())
}

fn is_kebab_case(word: &str) -> bool {
    word.split('-').all(|part| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Answers that contradict each other or `docs/labelling.md`.
fn sense_faults(expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let topics: Vec<&str> = expected.topics.iter().flatten().map(String::as_str).collect();
    if let Some(owner) = expected.owner.as_deref() {
        if (owner == "none") != (expected.class == "other") {
            faults.push(format!("owner `{owner}` with class `{}`", expected.class));
        }
        let am_only = ["deliverable-question", "new-project"].contains(&expected.class.as_str())
            || (expected.class != "other" && topics.contains(&"escalation"));
        if am_only && owner != "am" {
            faults.push(format!("class `{}`, topics {topics:?}: the owner is `am`", expected.class));
        }
    }
    if expected.class == "other" && topics.iter().any(|topic| *topic != "budget") {
        faults.push("in `other` only `budget` is given".to_owned());
    }
    if let Some(rule) = expected.hits.iter().find(|rule| expected.absent.contains(rule)) {
        faults.push(format!("`{rule}` must hit and must not"));
    }
    if let Some(fresh) = expected.fresh.as_deref() {
        let trailing = fresh.lines().any(|line| line != line.trim_end_matches([' ', '\t']));
        if fresh != fresh.trim() || trailing {
            faults.push("`fresh` has blanks at an end or at the end of a line".to_owned());
        }
    }
    faults
}

#[cfg(test)]
mod answers {
    use super::*;

    fn faults(answer: &str) -> Vec<String> {
        let expected: Expected = toml::from_str(answer).unwrap();
        let mut faults = word_faults(&expected);
        faults.extend(sense_faults(&expected));
        faults
    }

    #[test]
    fn contradictions_are_found() {
        for (answer, found) in [
            ("defects = []\nclass = 'other'\nowner = 'none'\ntopics = ['budget']", 0),
            ("defects = []\nclass = 'unsure'\nowner = 'am'", 0),
            ("defects = []\nclass = 'question'", 1),
            ("defects = ['no-legs']\nclass = 'other'", 1),
            ("defects = []\nclass = 'other'\nowner = 'am'", 1),
            ("defects = []\nclass = 'other'\ntopics = ['timeline']", 1),
            ("defects = []\nclass = 'new-project'\nowner = 'pm'", 1),
            ("defects = []\nclass = 'project-update'\nowner = 'pm'\ntopics = ['escalation']", 1),
            ("defects = []\nclass = 'project-update'\ntopics = ['deadline']", 1),
            ("defects = []\nclass = 'other'\nhits = ['Asks When']", 1),
            ("defects = []\nclass = 'other'\nhits = ['a']\nabsent = ['a']", 1),
            ("defects = []\nclass = 'other'\nfresh = 'Hi '", 1),
        ] {
            let faults = faults(answer);
            assert_eq!(faults.len(), found, "{answer}\n{faults:?}");
        }
    }

    #[test]
    fn a_stage_that_breaks_is_named() {
        let mail = b"From: a@x.example\nSubject: Van\n\nIs it blue?\n\nRosalind\n";
        let given = Given::by(mail);
        let (class, owner) = (given.class, given.owner);
        let not = |word: &str, other: &'static str, another| if word == other { another } else { other };
        let other_class = not(class, "other", "unsure");
        let other_owner = not(owner, "am", "pm");
        for (answer, broken) in [
            (format!("defects = []\nclass = '{class}'\nfresh = \"Is it blue?\\nRosalind\""), None),
            (format!("defects = []\nclass = '{class}'\nowner = '{owner}'"), None),
            (format!("defects = ['nul']\nclass = '{class}'"), Some("message")),
            (format!("defects = []\nclass = '{class}'\nfresh = 'Is it'"), Some("fresh")),
            (
                format!("defects = []\nclass = '{class}'\nfresh = 'Is it'\nknown-wrong = {{ fresh = true }}"),
                None,
            ),
            (format!("defects = []\nclass = '{class}'\nhits = ['no-such-rule']"), Some("evidence")),
            (format!("defects = []\nclass = '{class}'\nabsent = ['{}']", given.hits[0]), Some("evidence")),
            (format!("defects = []\nclass = '{other_class}'"), Some("decision")),
            (format!("defects = []\nclass = '{other_class}'\nknown-wrong = {{ class = '{class}' }}"), None),
            (
                format!("defects = []\nclass = '{class}'\nknown-wrong = {{ class = '{class}' }}"),
                Some("decision"),
            ),
            (format!("defects = []\nclass = '{class}'\nowner = '{other_owner}'"), Some("route")),
        ] {
            let expected: Expected = toml::from_str(&answer).unwrap();
            for mail in [mail.to_vec(), fixtures::with_crlf(mail)] {
                let fault = Given::by(&mail).first_fault(&expected);
                assert_eq!(fault.as_ref().map(|(stage, _)| *stage), broken, "{answer}: {fault:?}");
            }
        }
    }

    #[test]
    fn unknown_keys_and_missing_ones_are_refused() {
        for answer in ["class = 'other'", "defects = []", "defects = []\nclass = 'other'\ntopic = []"] {
            assert!(toml::from_str::<Expected>(answer).is_err(), "{answer}");
        }
    }
}
