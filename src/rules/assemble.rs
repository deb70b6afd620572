//! Merged values to [`Sources`].
//!
//! Takes what the layers say together and gives it the types the compiler reads. Reports what only
//! the whole can lack: a key that neither a thing nor what it overrides gives.

use super::diagnostic::{Diagnostics, Place};
use super::lexicon::Part;
use super::mail_test;
use super::merge::{Entry, Merged, What};
use super::read::shorten;
use super::schema::{self, Kind, Need, Table};
use super::source::{
    AbsenceSource, AccountSource, AdjustSource, AgencySource, Allow, At, CombineSource, Condition,
    ConditionValue, DecisionSource, Matcher, Mode, PhraseSource, RouteSource, RuleSource, RuleTest, Sources,
};
use super::tree::{self, Field, Fields, Value};
use crate::terms::Role;

/// Everything the layers say together.
pub(super) fn sources(merged: Merged, found: &mut Diagnostics) -> Sources {
    let mut sources = Sources {
        decision: decision(&merged.decision),
        agency: agency(&merged.agency, found),
        vocabulary: merged.vocabulary,
        lexicon: merged.phrases.iter().map(phrase).collect(),
        overrides: merged.overrides,
        tests: merged.tests,
        ..Sources::default()
    };
    for entry in &merged.entries {
        complete(entry, found);
        let out = mode(&entry.fields) == Mode::Off;
        match entry.what {
            What::Rule => sources.rules.push(rule(entry, found)),
            What::Combine => sources.combines.push(combine(entry, found)),
            What::Adjust if !out => sources.adjusts.push(adjust(entry)),
            What::Account if !out => sources.accounts.push(account(entry, found)),
            What::Route | What::Adjust | What::Account => {}
        }
    }
    let routes = merged.routes.iter().filter_map(|&at| merged.entries.get(at));
    let routes = routes.filter(|entry| mode(&entry.fields) != Mode::Off);
    sources.routes = routes.filter_map(|entry| route(entry, found)).collect();
    sources
}

/// Reports the keys that must be given by now and are not.
fn complete(entry: &Entry, found: &mut Diagnostics) {
    let Some(table) =
        table_of(entry.what).filter(|_| !entry.fields.broken && mode(&entry.fields) != Mode::Off)
    else {
        return;
    };
    for key in table.keys.iter().filter(|key| key.need == Need::Once) {
        if entry.fields.get(key.name).is_none() {
            let message =
                format!("the {} `{}` has no `{}`", entry.what.key(), shorten(&entry.id.value), key.name);
            found
                .error("missing-key", &entry.id.place, message)
                .help(format!("add a line `{} = …`: {}", key.name, key.about));
        }
    }
}

fn table_of(what: What) -> Option<&'static Table> {
    let files = [&schema::RULES, &schema::ROUTING, &schema::ACCOUNTS];
    files.into_iter().find_map(|file| match file.key(what.key())?.kind {
        Kind::Tables(table) => Some(table),
        _ => None,
    })
}

fn rule(entry: &Entry, found: &mut Diagnostics) -> RuleSource {
    let fields = &entry.fields;
    RuleSource {
        id: entry.id.clone(),
        about: plain_text(fields, "about"),
        zones: fields.words("zone"),
        acts: fields.words("act"),
        any: fields.texts("any"),
        all: fields.texts("all"),
        none: fields.texts("none"),
        when: conditions(fields),
        points: points(fields, "points"),
        topics: points(fields, "topics"),
        mode: mode(fields),
        tests: tests(fields, found),
        allow: allow(fields, found),
    }
}

fn combine(entry: &Entry, found: &mut Diagnostics) -> CombineSource {
    let fields = &entry.fields;
    CombineSource {
        id: entry.id.clone(),
        about: plain_text(fields, "about"),
        any: fields.texts("any"),
        all: fields.texts("all"),
        none: fields.texts("none"),
        when: conditions(fields),
        points: points(fields, "points"),
        topics: points(fields, "topics"),
        mode: mode(fields),
        tests: tests(fields, found),
        allow: allow(fields, found),
    }
}

fn phrase((part, text, fields): &(Part, At<String>, Fields)) -> PhraseSource {
    PhraseSource {
        part: *part,
        text: text.clone(),
        points: points(fields, "points"),
        topics: points(fields, "topics"),
        mails: fields.number("mails").map_or(0, |mails| whole(mails.value)),
        mode: mode(fields),
    }
}

fn route(entry: &Entry, found: &mut Diagnostics) -> Option<RouteSource> {
    let fields = &entry.fields;
    // A route without an owner has been reported as incomplete.
    let owner = fields.text("owner")?;
    Some(RouteSource {
        id: entry.id.clone(),
        matches: matcher(fields),
        owner: At { value: owner.value.parse().ok(), place: owner.place },
        validate: roles(fields, "validate"),
        inform: roles(fields, "inform"),
        why: plain_text(fields, "why"),
        allow: allow(fields, found),
    })
}

fn adjust(entry: &Entry) -> AdjustSource {
    let fields = &entry.fields;
    AdjustSource {
        id: entry.id.clone(),
        matches: matcher(fields),
        owner: fields.word("owner"),
        validate: roles(fields, "validate"),
        inform: roles(fields, "inform"),
        why: plain_text(fields, "why"),
    }
}

fn matcher(fields: &Fields) -> Matcher {
    let prefers = fields.table("prefers").iter();
    Matcher {
        class: fields.texts("class"),
        topics: fields.words("topics"),
        without: fields.words("without"),
        chiefly: fields.words("chiefly"),
        owner: fields.words("owner-is"),
        prefers: prefers.filter_map(|field| Some((field.key.clone(), tree::text(&field.value)?))).collect(),
    }
}

fn account(entry: &Entry, found: &mut Diagnostics) -> AccountSource {
    let fields = &entry.fields;
    AccountSource {
        id: entry.id.clone(),
        name: fields.text("name").map(|at| at.value),
        domains: fields.texts("domains"),
        addresses: fields.texts("addresses"),
        to: fields.texts("to"),
        am: fields.text("am"),
        pm: fields.text("pm"),
        prefers: preferences(fields),
        absences: absences(fields),
        allow: allow(fields, found),
        place: entry.place.clone(),
    }
}

fn agency(fields: &Fields, found: &mut Diagnostics) -> AgencySource {
    AgencySource {
        domains: fields.texts("domains"),
        am: fields.text("am"),
        pm: fields.text("pm"),
        prefers: preferences(fields),
        authserv_ids: fields.texts("authserv-ids"),
        own_lists: fields.texts("own-lists"),
        add_owner: fields.texts("add-owner"),
        replace_by_owner: fields.texts("replace-by-owner"),
        absences: absences(fields),
        allow: allow(fields, found),
    }
}

fn preferences(fields: &Fields) -> std::collections::BTreeMap<String, At<String>> {
    let pairs = fields.table("prefers").iter();
    pairs.filter_map(|field| Some((field.key.value.clone(), tree::text(&field.value)?))).collect()
}

fn absences(fields: &Fields) -> Vec<AbsenceSource> {
    let absence = |fields: &Fields| {
        Some(AbsenceSource {
            who: fields.text("who")?,
            cover: fields.text("cover")?,
            from: fields.date("from"),
            until: fields.date("until")?,
        })
    };
    fields.tables("absence").filter_map(|(fields, _)| absence(fields)).collect()
}

fn decision(fields: &Fields) -> DecisionSource {
    let by_word = |key: &str| {
        let pairs = fields.table(key).iter();
        pairs.filter_map(|field| Some((field.key.value.clone(), tree::number(&field.value)?))).collect()
    };
    DecisionSource {
        probability: fields.number("probability"),
        margin: fields.number("margin"),
        temperature: fields.number("temperature"),
        base: by_word("base"),
        topic_base: by_word("topic-base"),
        chiefly: fields.number("chiefly"),
    }
}

fn points<T: std::str::FromStr>(fields: &Fields, key: &str) -> Vec<(At<T>, f64)> {
    let pair = |field: &Field| Some((tree::word(&field.key)?, tree::number(&field.value)?.value));
    fields.table(key).iter().filter_map(pair).collect()
}

fn conditions(fields: &Fields) -> Vec<Condition> {
    let condition = |field: &Field| {
        let value = match &field.value.value {
            Value::Flag(flag) => ConditionValue::Is(*flag),
            Value::List(values) => {
                ConditionValue::OneOf(values.iter().filter_map(|at| Some(tree::text(at)?.value)).collect())
            }
            Value::Number(number) => ConditionValue::Between(Some(whole(*number)), Some(whole(*number))),
            Value::Table(range) => {
                let bound = |key: &str| range.number(key).map(|at| whole(at.value));
                ConditionValue::Between(bound("min"), bound("max"))
            }
            Value::Text(_) | Value::Date(_) => return None,
        };
        Some(Condition { name: field.key.clone(), value: At { value, place: field.value.place.clone() } })
    };
    fields.table("when").iter().filter_map(condition).collect()
}

/// The reader has let through whole numbers of 32 bits only.
fn whole(number: f64) -> u32 {
    number as u32
}

fn tests(fields: &Fields, found: &mut Diagnostics) -> Vec<RuleTest> {
    fields.tables("test").filter_map(|(fields, place)| test(fields, place, found)).collect()
}

fn test(fields: &Fields, place: &Place, found: &mut Diagnostics) -> Option<RuleTest> {
    let (hit, miss, subject) = (fields.text("match"), fields.text("no-match"), fields.text("subject"));
    let (text, hits) = match (hit, miss) {
        (Some(_), Some(miss)) => {
            let message = "a test has either `match` or `no-match`";
            found.error("two-tests", &miss.place, message).help("make two [[rule.test]] of it");
            return None;
        }
        (Some(text), None) => (text, true),
        (None, Some(text)) => (text, false),
        (None, None) => match &subject {
            Some(subject) => (At { value: String::new(), place: subject.place.clone() }, true),
            None if fields.broken => return None,
            None => {
                let help =
                    "add `match = \"…\"`, text the rule must hit, or `no-match = \"…\"`, text it must not";
                found.error("missing-key", place, "a test without text").help(help);
                return None;
            }
        },
    };
    Some(RuleTest {
        text,
        subject: subject.map(|at| at.value),
        hits,
        when: conditions(fields),
        expect_fail: mail_test::expect_fail(fields),
    })
}

/// Warnings that are accepted; each needs a reason somebody can read.
fn allow(fields: &Fields, found: &mut Diagnostics) -> Vec<Allow> {
    let mut accepted = Vec::new();
    for Field { key, value } in fields.table("allow") {
        let Some(At { value: reason, place }) = tree::text(value) else { continue };
        if reason.split_whitespace().next().is_none() {
            found
                .error("missing-reason", &place, format!("`{}` is accepted without a reason", key.value))
                .label("say why")
                .help(format!("write allow = {{ {} = \"why it is right here\" }}", key.value));
        }
        let reason = At { value: reason, place };
        accepted.push(Allow { lint: key.clone(), reason });
    }
    accepted
}

fn roles(fields: &Fields, key: &str) -> Vec<Role> {
    fields.words::<Role>(key).into_iter().map(|at| at.value).collect()
}

fn mode(fields: &Fields) -> Mode {
    match fields.text("mode").as_ref().map(|at| at.value.as_str()) {
        Some("audit") => Mode::Audit,
        Some("off") => Mode::Off,
        _ => Mode::Enforce,
    }
}

fn plain_text(fields: &Fields, key: &str) -> String {
    fields.text(key).map(|at| at.value).unwrap_or_default()
}
