//! Rules that work, but probably not as meant.
//!
//! Takes loaded [`Sources`], gives findings under stable names; `allow = ["name"]` in a rule or
//! combination accepts one there. Only a class without a fallback route is an error, since its mail
//! would have no owner. Leaves alone what the compiler refuses: patterns, unknown ids, rules that ask for nothing.

mod accounts;
mod routing;
mod rules;

use super::diagnostic::Diagnostics;
use super::source::Sources;

/// Names of the warnings that `allow` can accept, with what each says.
pub const NAMES: &[(&str, &str)] = &[
    ("untested-rule", "it has no test, so nobody knows whether it does what it should"),
    ("rule-without-effect", "it gives neither points nor topics, and no combination uses it"),
    ("duplicate-pattern", "another rule counts the same words a second time"),
];

/// Everything that looks unintended.
#[must_use]
pub fn lint(sources: &Sources) -> Diagnostics {
    let mut found = Diagnostics::default();
    rules::lint(sources, &mut found);
    routing::lint(sources, &mut found);
    accounts::lint(sources, &mut found);
    found.sort(&sources.files);
    found
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
        let (sources, found) = load(&[weak, strong]);
        assert!(!found.has_errors(), "{}", found.render(false));
        lint(&sources).list.iter().map(|finding| finding.code).collect()
    }

    const GOOD: &str = "[[rule]]\nid = 'a'\nany = 'x'\ntopics = { scope = 1 }\n[[rule.test]]\nmatch = 'x'\n";

    #[test]
    fn rules_that_look_unintended() {
        let cases: &[(&str, &[&str])] = &[
            ("[[rule]]\nid = 'b'\n", &["untested-rule", "rule-without-effect"]),
            ("[[rule]]\nid = 'b'\nmode = 'off'\n", &[]),
            ("[[rule]]\nid = 'b'\nallow = ['untested-rule', 'rule-without-effect']\n", &[]),
            (
                "[[rule]]\nid = 'b'\nany = 'x'\ntopics = { scope = 1 }\n",
                &["untested-rule", "duplicate-pattern"],
            ),
            ("[[rule]]\nid = 'b'\nact = 'question'\nany = 'x'\ntopics = { scope = 1 }\n", &["untested-rule"]),
            (
                "[[rule]]\nid = 'b'\nany = ['y', 'y']\ntopics = { scope = 1 }\n",
                &["untested-rule", "duplicate-pattern"],
            ),
            (
                "[[rule]]\nid = 'b'\nany = 'y'\nallow = 'untested-rules'\n[[rule.test]]\nmatch = 'y'\n[[combine]]\nid = 'c'\nall = ['a', 'b']\ntopics = { scope = 1 }\n",
                &["unknown-warning", "untested-rule"],
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
        let codes: Vec<_> = lint(&load(&[only]).0).list.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["no-fallback-route", "agency-without-people", "account-without-people"]);
    }
}
