//! What `check` found, for programs: JSON, and JUnit for test reports.

use std::fmt::Write as _;

use postroom::rules::diagnostic::{Diagnostic, Diagnostics, Place, Severity};
use postroom::rules::mail_test::MailTest;
use postroom::rules::source::{RuleTest, Sources};
use serde_json::{Value, json};

/// Share of rules with a text they must hit and one they must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) tested: usize,
    pub(super) rules: usize,
}

impl Coverage {
    pub(super) fn of(sources: &Sources) -> Self {
        let rules = sources.rules.iter().map(|rule| (rule.mode, &rule.tests));
        let combines = sources.combines.iter().map(|rule| (rule.mode, &rule.tests));
        let counted = rules.chain(combines).filter(|(mode, _)| *mode != postroom::rules::source::Mode::Off);
        let both =
            |tests: &[RuleTest]| tests.iter().any(|test| test.hits) && tests.iter().any(|test| !test.hits);
        counted.fold(Self { tested: 0, rules: 0 }, |sum, (_, tests)| Self {
            tested: sum.tested + usize::from(both(tests)),
            rules: sum.rules + 1,
        })
    }

    pub(super) fn share(self) -> f64 {
        if self.rules == 0 { 1.0 } else { self.tested as f64 / self.rules as f64 }
    }
}

/// One JSON object.
pub(super) fn json(sources: &Sources, found: &Diagnostics, hash: Option<&str>) -> String {
    let coverage = Coverage::of(sources);
    let overrides = sources.overrides.iter().map(|change| {
        json!({
            "what": change.what, "id": change.id, "key": change.key,
            "old": change.old.as_ref().map(|old| json!({ "value": old.value, "place": place(&old.place) })),
            "new": { "value": change.new.value, "place": place(&change.new.place) },
            "lost": change.lost,
        })
    });
    let report = json!({
        "v": 1,
        "faults": found.count(Severity::Error),
        "warnings": found.count(Severity::Warning),
        "findings": found.list.iter().map(finding).collect::<Vec<_>>(),
        "overrides": overrides.collect::<Vec<_>>(),
        "coverage": { "tested": coverage.tested, "rules": coverage.rules },
        "rules": hash,
    });
    format!("{report}\n")
}

fn finding(finding: &Diagnostic) -> Value {
    let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
    json!({
        "code": finding.code, "severity": severity, "message": finding.message, "label": finding.label,
        "help": finding.help, "place": finding.place.as_ref().map(place),
        "related": finding.related.as_ref().map(|(at, words)| json!({ "place": place(at), "words": words })),
    })
}

fn place(place: &Place) -> Value {
    let (line, column) = place.line_column();
    json!({ "file": place.file.name, "line": line, "column": column })
}

/// Every test of every rule and every whole mail as a test case; faults that are no test's as one each.
pub(super) fn junit(sources: &Sources, found: &Diagnostics) -> String {
    let mut cases: Vec<(String, Vec<&Place>)> = Vec::new();
    let rules = sources.rules.iter().map(|rule| (&rule.id.value, &rule.tests));
    for (id, tests) in rules.chain(sources.combines.iter().map(|rule| (&rule.id.value, &rule.tests))) {
        for test in tests {
            let kind = if test.hits { "match" } else { "no-match" };
            cases.push((
                format!("{id}: {kind}, line {}", test.text.place.line_column().0),
                vec![&test.text.place],
            ));
        }
    }
    for test in &sources.tests {
        let name = format!("{}:{}", test.place.file.name, test.place.line_column().0);
        cases.push((name, places(test)));
    }
    let errors = || found.list.iter().filter(|finding| finding.severity == Severity::Error);
    let mut text = String::new();
    let mut told = 0;
    for (name, places) in &cases {
        let failed = errors().find(|one| one.place.as_ref().is_some_and(|place| places.contains(&place)));
        told += usize::from(failed.is_some());
        case(name, failed, &mut text);
    }
    let known: Vec<&Place> = cases.iter().flat_map(|(_, places)| places.iter().copied()).collect();
    let others = errors().filter(|one| one.place.as_ref().is_none_or(|place| !known.contains(&place)));
    let mut more = 0;
    for one in others {
        more += 1;
        case(one.code, Some(one), &mut text);
    }
    let (tests, failures) = (cases.len() + more, told + more);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"postroom check\" tests=\"{tests}\" failures=\"{failures}\">\n{text}</testsuite>\n"
    )
}

/// Where a failure of a whole-mail test can stand.
fn places(test: &MailTest) -> Vec<&Place> {
    let texts = [&test.mail, &test.class, &test.owner, &test.account].into_iter().flatten();
    let places = texts.map(|at| &at.place).chain(test.topics.iter().map(|at| &at.place));
    places.chain([&test.place]).collect()
}

fn case(name: &str, failed: Option<&Diagnostic>, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "  <testcase name=\"{}\"", escaped(name));
    match failed {
        None => text.push_str("/>\n"),
        Some(one) => {
            let place = one
                .place
                .as_ref()
                .map_or_else(String::new, |place| format!("{}:{}: ", place.file.name, place.line_column().0));
            let help = one.help.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "><failure type=\"{}\" message=\"{}\">{}</failure></testcase>",
                one.code,
                escaped(&one.message),
                escaped(&format!("{place}{} {help}", one.label))
            );
        }
    }
}

/// Text as XML takes it; controls, which it has no place for, as blanks.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_holds_any_text() {
        assert_eq!(escaped("a<b>&\"\u{1b}é"), "a&lt;b&gt;&amp;&quot; é");
    }
}
