//! The `[[test]]`s of rule folders: whole mails, and what all rules together must make of them.

use std::path::{Path, PathBuf};

use super::inline::{self, Outcome};
use crate::rules::RuleSet;
use crate::rules::diagnostic::{Diagnostics, Place};
use crate::rules::lexicon::LEXICON;
use crate::rules::mail_test::MailTest;
use crate::rules::source::{At, Sources};
use crate::terms::{Class, Topic};
use crate::triage::output::owner_word;
use crate::triage::{Context, Triage, triage};

/// Runs every test. A failure is an error at the expectation that was not met; a test that is expected to
/// fail and does not is a warning.
#[must_use]
pub fn run(sources: &Sources, rules: &RuleSet) -> Outcome {
    let mut outcome = Outcome::default();
    for test in &sources.tests {
        let raw = match mail(test, rules) {
            Ok(raw) => raw,
            Err((place, message)) => {
                outcome.diagnostics.error("unreadable-test", &place, message);
                continue;
            }
        };
        let context = Context { date: test.date, recipient: test.recipient.as_deref(), ..Context::default() };
        let mut failures = Diagnostics::default();
        judge(test, &triage(&raw, rules, &context), rules, &mut failures);
        match &test.expect_fail {
            None if failures.list.is_empty() => outcome.passed += 1,
            None => outcome.diagnostics.list.append(&mut failures.list),
            Some(_) if !failures.list.is_empty() => outcome.passed += 1,
            Some(place) => inline::passes(place, &mut outcome),
        }
    }
    outcome
}

/// The mail's bytes, or what keeps them from being had.
fn mail(test: &MailTest, rules: &RuleSet) -> Result<Vec<u8>, (Place, String)> {
    if let Some(file) = &test.mail {
        let path = folder(&file.place).join(&file.value);
        return std::fs::read(&path)
            .map_err(|cause| (file.place.clone(), format!("cannot read {}: {cause}", path.display())));
    }
    let Some(text) = &test.text else {
        return Err((test.place.clone(), "a test without `mail` or `text`".to_owned()));
    };
    let sender = match &test.account {
        None => "somebody@client.invalid".to_owned(),
        Some(id) => {
            let account = rules.directory.accounts.iter().find(|account| account.id == id.value);
            let account =
                account.ok_or_else(|| (id.place.clone(), format!("there is no account `{}`", id.value)))?;
            let address = account.addresses.first().cloned();
            let domain = || account.domains.first().map(|domain| format!("somebody@{domain}"));
            address
                .or_else(domain)
                .ok_or_else(|| (id.place.clone(), "the account has no sender".to_owned()))?
        }
    };
    let subject = test.subject.as_deref().unwrap_or_default().replace(['\r', '\n'], " ");
    let head = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit";
    Ok(format!("From: {sender}\nSubject: {subject}\n{head}\n\n{}\n", text.value).into_bytes())
}

/// The rule folder that a file lies in.
#[must_use]
pub fn folder(place: &Place) -> PathBuf {
    let folder = Path::new(&place.file.name).parent().unwrap_or(Path::new(""));
    let outer = folder.file_name().is_some_and(|name| name == "classes").then(|| folder.parent()).flatten();
    outer.unwrap_or(folder).to_owned()
}

fn judge(test: &MailTest, triage: &Triage<'_>, rules: &RuleSet, found: &mut Diagnostics) {
    let class = triage.decision.word();
    let mut expect = |place: &Place, wanted: &str, is: &str| {
        if wanted != is {
            found
                .error("test-failed", place, format!("the mail should be `{wanted}` and is `{is}`"))
                .label(format!("is `{is}`"))
                .help(evidence(triage, rules));
        }
    };
    if let Some(At { value, place }) = &test.class {
        expect(place, value, class);
    }
    if let Some(At { value, place }) = &test.topics {
        let mut wanted = value.clone();
        wanted.sort_unstable();
        wanted.dedup();
        expect(place, &topics(&wanted), &topics(&triage.decision.topics));
    }
    if let Some(At { value, place }) = &test.owner {
        expect(place, value, owner_word(&triage.route));
    }
}

fn topics(topics: &[Topic]) -> String {
    if topics.is_empty() {
        return "no topics".to_owned();
    }
    topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().join(", ")
}

/// The best two classes and the rules that hit, with what each counts.
fn evidence(triage: &Triage<'_>, rules: &RuleSet) -> String {
    let decision = &triage.decision;
    let sum = |class: Class| format!("{class} {:+.1}", decision.sums[class.index()]);
    let hits = triage.evidence.hits.iter().filter_map(|hit| {
        let rule = rules.rules.get(hit.rule())?;
        let points = rule.points[decision.best.index()] - rule.points[decision.runner_up.index()];
        (points != 0.0).then(|| format!("{} {points:+.1}", rule.id))
    });
    let mut hits: Vec<String> = hits.collect();
    let phrases: f64 = triage
        .evidence
        .phrases
        .iter()
        .flat_map(|hit| rules.lexicon.points(hit.phrase))
        .map(|(target, points)| match target {
            _ if target == decision.best.index() => points,
            _ if target == decision.runner_up.index() => -points,
            _ => 0.0,
        })
        .sum();
    if phrases != 0.0 {
        hits.push(format!("{LEXICON} {phrases:+.1}"));
    }
    let (best, next) = (decision.best, decision.runner_up);
    format!("{} against {}; for the first: {}", sum(best), sum(next), hits.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::layer::Layer;
    use crate::rules::{compile, load};

    const RULES: &str =
        "[[rule]]\nid = 'a'\nany = 'quartz'\npoints = { new-project = 20 }\ntopics = { budget = 20 }\n";

    fn codes(tests: &str) -> (usize, Vec<&'static str>) {
        let files = vec![("x.toml".to_owned(), format!("{RULES}{tests}"))];
        let (sources, mut found) = load::load(&[Layer::BuiltIn, Layer::Files(files)]);
        let rules =
            compile::compile(&sources, &mut found).unwrap_or_else(|| panic!("{}", found.render(false)));
        let outcome = run(&sources, &rules);
        (outcome.passed, outcome.diagnostics.list.iter().map(|one| one.code).collect())
    }

    #[test]
    fn each_expectation_is_checked_and_failing_can_be_expected() {
        let right = "[[test]]\ntext = 'Quartz.'\nclass = 'new-project'\ntopics = 'budget'\nowner = 'am'\n";
        assert_eq!(codes(right), (1, vec![]));
        let wrong = right.replace("'am'", "'pm'").replace("'budget'", "[]");
        assert_eq!(codes(&wrong), (0, vec!["test-failed"; 2]));
        assert_eq!(codes(&format!("{wrong}expect-fail = true\n")), (1, vec![]));
        assert_eq!(codes(&format!("{right}expect-fail = true\n")), (0, vec!["test-passes"]));
        assert_eq!(codes("[[test]]\nclass = 'other'\n"), (0, vec!["unreadable-test"]));
        assert_eq!(codes("[[test]]\nmail = 'none.eml'\nclass = 'other'\n"), (0, vec!["unreadable-test"]));
        assert_eq!(codes("[[test]]\ntext = 'x'\naccount = 'nobody'\n"), (0, vec!["unreadable-test"]));
    }
}
