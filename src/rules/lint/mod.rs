//! Rules that work, but probably not as meant.
//!
//! Takes loaded [`Sources`], and what they were compiled to where that went well; gives findings under
//! stable names. A table `allow` accepts one where it stands, with the reason; one that nothing comes of is
//! a finding itself. Only a class without a fallback route is an error, since its mail would have no owner.
//! Leaves alone what the compiler refuses: patterns, unknown ids, rules that ask for nothing.

mod accounts;
mod reach;
mod routing;
mod rules;
mod shadow;
mod texts;
mod words;

use std::collections::HashMap;

use super::RuleSet;
use super::diagnostic::{Diagnostic, Diagnostics, Place};
use super::read::shorten;
use super::source::{Allow, Mode, Sources};
use texts::Texts;

/// Warnings on rules and combinations.
pub const RULES: &[&str] = &[
    "untested-rule",
    "rule-without-effect",
    "never-hits",
    "shadowed-rule",
    "duplicate-pattern",
    "redundant-pattern",
    "listed-words",
];

/// Warnings on routes.
pub const ROUTES: &[&str] = &["unreachable-route"];

/// Warnings on accounts.
pub const ACCOUNTS: &[&str] = &[
    "account-without-people",
    "account-without-sender",
    "shared-sender",
    "unused-preference",
    "absence-backwards",
    "absence-of-nobody",
    "covers-themselves",
];

/// Warnings on the agency.
pub const AGENCY: &[&str] =
    &["unused-preference", "absence-backwards", "absence-of-nobody", "covers-themselves"];

/// The warning on a warning accepted in vain, which nothing accepts.
pub const UNUSED: &str = "unused-allow";

/// Everything that looks unintended. `rules` are the compiled sources: without them nothing is said of what
/// patterns match.
#[must_use]
pub fn lint(sources: &Sources, rules: Option<&RuleSet>) -> Diagnostics {
    let mut found = Found::default();
    let shadowed = shadow::lint(sources, &mut found);
    rules::lint(sources, &shadowed, &mut found);
    reach::combinations(sources, &mut found);
    if let Some(rules) = rules {
        patterns(sources, rules, &mut found);
    }
    routing::lint(sources, &mut found);
    accounts::lint(sources, &mut found);
    let mut list = found.finish(sources, rules.is_some());
    list.sort(&sources.files);
    list
}

fn patterns<'s>(sources: &'s Sources, compiled: &RuleSet, found: &mut Found<'s>) {
    let by_id: HashMap<&str, &super::set::Rule> =
        compiled.rules.iter().map(|rule| (rule.id.as_ref(), rule)).collect();
    let mut texts = Texts::new(sources, compiled);
    for source in &sources.rules {
        if let Some(rule) = by_id.get(source.id.value.as_str()) {
            reach::rule(source, rule, &mut texts, found);
            words::rule(source, rule, &mut texts, found);
        }
    }
}

/// Findings so far, and those that were accepted.
#[derive(Default)]
struct Found<'s> {
    list: Diagnostics,
    accepted: Diagnostics,
    used: Vec<&'s Place>,
}

impl<'s> Found<'s> {
    /// Adds a warning, unless it is accepted; the caller fills in more through the value given back.
    fn warning(
        &mut self,
        allow: &'s [Allow],
        code: &'static str,
        place: &Place,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        match allow.iter().find(|allow| allow.lint.value == code) {
            None => self.list.warning(code, place, message),
            Some(allow) => {
                self.used.push(&allow.lint.place);
                self.accepted.warning(code, place, message)
            }
        }
    }

    /// The findings, and what was accepted in vain. What only `compiled` rules tell may be in vain without.
    fn finish(mut self, sources: &'s Sources, compiled: bool) -> Diagnostics {
        let rules = sources.rules.iter().filter(|rule| rule.mode != Mode::Off).map(|rule| &rule.allow);
        let combines = sources.combines.iter().filter(|rule| rule.mode != Mode::Off).map(|rule| &rule.allow);
        let routes = sources.routes.iter().map(|route| &route.allow);
        let accounts = sources.accounts.iter().map(|account| &account.allow);
        let all = rules.chain(combines).chain(routes).chain(accounts).chain([&sources.agency.allow]);
        for allow in all.filter(|_| compiled) {
            for Allow { lint, reason: _ } in allow.iter().filter(|one| !self.used.contains(&&one.lint.place))
            {
                let message = format!("`{}` is accepted here, and there is none", shorten(&lint.value));
                self.list.warning(UNUSED, &lint.place, message).help("take it out of `allow`");
            }
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::layer::Layer;
    use crate::rules::load::load;

    /// Stable names of what is found in one file, beside the built-in routes and accounts.
    fn names(name: &str, text: &str) -> Vec<&'static str> {
        let built_in =
            super::super::layer::built_in().iter().filter(|(file, _)| !file.starts_with("classes/"));
        let known = ["routing.toml", "accounts.toml"];
        let weak = built_in.filter(|(file, _)| known.contains(file));
        let weak = Layer::Files(weak.map(|&(name, text)| (name.to_owned(), text.to_owned())).collect());
        let strong = Layer::Files(vec![(name.to_owned(), text.to_owned())]);
        let (sources, mut found) = load(&[weak, strong]);
        let compiled = crate::rules::compile::compile(&sources, &mut found);
        let faults: Vec<_> = found
            .list
            .iter()
            .filter(|one| {
                one.severity == super::super::diagnostic::Severity::Error && one.code != "empty-rule"
            })
            .collect();
        assert!(faults.is_empty(), "{}", found.render(false));
        lint(&sources, compiled.as_ref()).list.iter().map(|finding| finding.code).collect()
    }

    const GOOD: &str = "[[rule]]\nid = 'a'\nany = 'x'\ntopics = { scope = 1 }\n[[rule.test]]\nmatch = 'x'\n";

    #[test]
    fn rules_that_look_unintended() {
        let cases: &[(&str, &[&str])] = &[
            ("[[rule]]\nid = 'b'\n", &["untested-rule", "rule-without-effect"]),
            ("[[rule]]\nid = 'b'\nmode = 'off'\n", &[]),
            ("[[rule]]\nid = 'b'\nallow = { untested-rule = 'w', rule-without-effect = 'w' }\n", &[]),
            ("[[rule]]\nid = 'b'\nany = 'x'\ntopics = { scope = 1 }\n", &["shadowed-rule", "untested-rule"]),
            (
                "[[rule]]\nid = 'b'\nany = 'x'\ntopics = { scope = 2 }\n",
                &["untested-rule", "duplicate-pattern"],
            ),
            ("[[rule]]\nid = 'b'\nact = 'question'\nany = 'x'\ntopics = { scope = 2 }\n", &["untested-rule"]),
            (
                "[[rule]]\nid = 'b'\nany = ['y', 'y']\ntopics = { scope = 1 }\n",
                &["untested-rule", "duplicate-pattern"],
            ),
            (
                "[[rule]]\nid = 'b'\nany = 'y'\nallow = { untested-rule = 'w' }\n[[rule.test]]\nmatch = 'y'\n[[combine]]\nid = 'c'\nall = ['a', 'b']\ntopics = { scope = 1 }\n",
                &["unused-allow", "untested-rule"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(&names("x.toml", &format!("{GOOD}{text}")), expected, "{text}");
        }
    }

    #[test]
    fn routes_that_look_unintended() {
        let route =
            |id: &str, rest: &str| format!("[[route]]\nid = '{id}'\nowner = 'am'\nwhy = 'w'\n{rest}\n");
        assert_eq!(names("routing.toml", &route("x", "class = 'other'")), ["unreachable-route"]);
        assert_eq!(names("routing.toml", &route("x", "topics = 'scope'")), Vec::<&str>::new());
        assert_eq!(names("routing.toml", &route("x", "")).len(), 9, "every built-in route comes too late");
        assert_eq!(names("routing.toml", "[[route]]\nid = 'unsure'\nmode = 'off'\n"), ["no-fallback-route"]);
    }

    #[test]
    fn accounts_that_look_unintended() {
        let cases: &[(&str, &[&str])] = &[
            (
                "[[account]]\nid = 'a'\ndomains = ['X.example', 'y.example']\n[[account]]\nid = 'b'\ndomains = 'x.example'\n",
                &["shared-sender"],
            ),
            (
                "[[account]]\nid = 'a'\naddresses = 'p@x.example'\n[[account]]\nid = 'b'\ndomains = 'x.example'\n",
                &[],
            ),
            ("[[account]]\nid = 'a'\n", &["account-without-sender"]),
            (
                "[[account]]\nid = 'a'\nto = 'a@b.example'\nprefers = { scope = 'am', delivery = 'pm' }\n",
                &["unused-preference"],
            ),
            (
                "[[agency.absence]]\nwho = 'account-manager@agency.example'\ncover = 'x@agency.example'\nfrom = 2026-03-02\nuntil = 2026-03-01\n",
                &["absence-backwards"],
            ),
            (
                "[[agency.absence]]\nwho = 'x@agency.example'\ncover = 'x@agency.example'\nuntil = 2026-03-01\n",
                &["absence-of-nobody", "covers-themselves"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(&names("accounts.toml", text), expected, "{text}");
        }
        let only = Layer::Files(vec![(
            "accounts.toml".to_owned(),
            "[[account]]\nid = 'a'\nto = 'a@b.example'\nam = 'a@c.example'\n".to_owned(),
        )]);
        let codes: Vec<_> = lint(&load(&[only]).0, None).list.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["no-fallback-route", "agency-without-people", "account-without-people"]);
    }
}
