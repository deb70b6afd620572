//! Why a rule did not hit, in words and with the text it was tried on.

use std::fmt::Write as _;

use postroom::rules::RuleSet;
use postroom::rules::nearest::nearest;
use postroom::rules::set::Rule;
use postroom::rules::source::{At, Condition, ConditionValue, Mode, Sources};
use postroom::terms::{Aspect, Class, Zone};
use postroom::triage::evidence::facts::Facts;
use postroom::triage::evidence::why::{Attempt, Check, Clause, attempt, nearest_miss};
use postroom::triage::output::escape;
use postroom::triage::{Context, Triage};

/// A mail with the rules and the files they came from.
pub(super) struct Case<'c> {
    pub(super) triage: &'c Triage<'c>,
    pub(super) rules: &'c RuleSet,
    pub(super) sources: &'c Sources,
    pub(super) context: &'c Context<'c>,
}

/// A rule or combination as written.
struct Written<'s> {
    what: &'static str,
    id: &'s At<String>,
    about: &'s str,
    mode: Mode,
    any: &'s [At<String>],
    all: &'s [At<String>],
    none: &'s [At<String>],
    when: &'s [Condition],
}

fn written<'s>(sources: &'s Sources, id: &str) -> Option<Written<'s>> {
    let rule = sources.rules.iter().find(|rule| rule.id.value == id).map(|rule| Written {
        what: "rule",
        id: &rule.id,
        about: &rule.about,
        mode: rule.mode,
        any: &rule.any,
        all: &rule.all,
        none: &rule.none,
        when: &rule.when,
    });
    let combine = || {
        sources.combines.iter().find(|rule| rule.id.value == id).map(|rule| Written {
            what: "combine",
            id: &rule.id,
            about: &rule.about,
            mode: rule.mode,
            any: &rule.any,
            all: &rule.all,
            none: &rule.none,
            when: &rule.when,
        })
    };
    rule.or_else(combine)
}

impl Case<'_> {
    fn facts(&self) -> Facts {
        let Triage { message, fresh, .. } = self.triage;
        Facts::gather(message, fresh, self.rules, self.context)
    }

    fn hit(&self, rule: usize) -> bool {
        self.triage.evidence.has(rule)
    }

    /// Why the rule of this id hit or did not.
    ///
    /// # Errors
    ///
    /// A sentence, when there is no such rule.
    pub(super) fn rule(&self, id: &str) -> Result<String, String> {
        let Some(source) = written(self.sources, id) else {
            let known = self.sources.rules.iter().map(|rule| rule.id.value.as_str());
            let near =
                nearest(id, known.chain(self.sources.combines.iter().map(|rule| rule.id.value.as_str())));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("there is no rule `{id}`{near}; `postroom rules` lists them"));
        };
        let place = &source.id.place;
        let mut text =
            format!("{} {}  {}:{}\n", source.what, source.id.value, place.file.name, place.line_column().0);
        if !source.about.is_empty() {
            let _ = writeln!(text, "  {}", escape::line(source.about));
        }
        let Some(index) = self.rules.rules.iter().position(|rule| rule.id == id) else {
            text.push_str("\nnot looked at: its mode is off\n");
            return Ok(text);
        };
        let rule = &self.rules.rules[index];
        let _ = writeln!(text, "  counts {}\n", counts(rule));
        let hits = |rule| self.hit(rule);
        let Some(tried) = attempt(index, &self.triage.fresh, &self.facts(), self.rules, &hits) else {
            return Ok(text);
        };
        let first = tried.failed().next().map(|check| check.clause);
        text += &match first {
            _ if self.hit(index) && source.mode == Mode::Audit => {
                "hit, but counts nothing: its mode is audit\n".to_owned()
            }
            _ if self.hit(index) => "hit\n".to_owned(),
            Some(clause) => format!("did not hit: {}\n", failure(clause)),
            None => "did not hit: the mail has no sentence to try it on\n".to_owned(),
        };
        self.attempt(&tried, rule, &source, &mut text);
        Ok(text)
    }

    /// The rule for the runner-up that came nearest to hitting, in a line or two.
    pub(super) fn nearest_miss(&self) -> Option<String> {
        let class = self.triage.decision.runner_up;
        let hits = |rule| self.hit(rule);
        let (index, tried) = nearest_miss(class, &self.triage.fresh, &self.facts(), self.rules, &hits)?;
        let rule = self.rules.rules.get(index)?;
        let first = tried.failed().next()?;
        let source = written(self.sources, &rule.id)?;
        let mut text = format!(
            "nearest miss for {class}: {} ({:+.1}), {}\n",
            rule.id,
            rule.points[class.index()],
            failure(first.clause)
        );
        let _ = writeln!(text, "  {}", self.clause(first, rule, &source));
        if let Some(words) = self.sentence(&tried) {
            let _ = writeln!(text, "  tried on: {words}");
        }
        let _ = writeln!(text, "  more: postroom explain --rule {} MAIL", rule.id);
        Some(text)
    }

    fn attempt(&self, tried: &Attempt, rule: &Rule, source: &Written<'_>, text: &mut String) {
        if let Some(words) = self.sentence(tried) {
            let _ = writeln!(text, "tried on the nearest sentence: {words}");
        }
        // Every pattern that must not match is a clause; those that did not match are no news.
        let quiet = |check: &&Check| check.holds && matches!(check.clause, Clause::None(_));
        for check in tried.checks.iter().filter(|check| !quiet(check)) {
            let mark = if check.holds { "yes" } else { "NO " };
            let _ = writeln!(text, "  {mark}  {}", self.clause(check, rule, source));
        }
        let kept = tried.checks.iter().filter(quiet).count();
        if kept > 0 {
            let _ = writeln!(text, "  yes  none: {kept} not there, as asked");
        }
    }

    fn sentence(&self, tried: &Attempt) -> Option<String> {
        let sentence = self.triage.fresh.sentences.get(tried.sentence?)?;
        let words = self.triage.fresh.text.get(sentence.start..sentence.end)?;
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(format!("({}, {}) {}", sentence.zone, sentence.act, escape::line(&words)))
    }

    /// One clause: what is asked, and what is there.
    fn clause(&self, check: &Check, rule: &Rule, source: &Written<'_>) -> String {
        let found = check.words.and_then(|(start, end)| self.triage.fresh.text.get(start..end));
        let found = found.map_or_else(String::new, |words| format!(" matched `{}`", escape::line(words)));
        let pattern = |list: &[At<String>], at: usize| {
            list.get(at).map_or_else(String::new, |pattern| escape::line(&pattern.value).into_owned())
        };
        match check.clause {
            Clause::Zone => {
                let zones = Zone::ALL.iter().filter(|&&zone| rule.zones.contains(zone));
                format!("zone: {}", zones.map(|zone| zone.as_str()).collect::<Vec<_>>().join(", "))
            }
            Clause::Act => {
                format!("act: {}", rule.acts.iter().map(|act| act.as_str()).collect::<Vec<_>>().join(", "))
            }
            Clause::Fact(at) => {
                let asked = source.when.get(at).map_or_else(String::new, condition);
                let there = rule.when.get(at).map(|fact| self.facts().words(std::slice::from_ref(fact)));
                format!("when: {asked}; this mail: {}", escape::line(&there.unwrap_or_default()))
            }
            Clause::Any => match check.pattern {
                Some(at) => format!("any: {}{found}", pattern(source.any, at)),
                None => {
                    let all: Vec<String> = (0..source.any.len()).map(|at| pattern(source.any, at)).collect();
                    format!("any: none of {}", all.join("  "))
                }
            },
            Clause::All(at) => format!("all: {}{found}", pattern(source.all, at)),
            Clause::None(at) => format!("none: {}{found}", pattern(source.none, at)),
        }
    }
}

fn failure(clause: Clause) -> &'static str {
    match clause {
        Clause::Zone => "the nearest sentence lies in a zone it does not look in",
        Clause::Act => "the nearest sentence does something else than asked",
        Clause::Fact(_) => "a fact about the mail is not as asked",
        Clause::Any => "none of its `any` is there",
        Clause::All(_) => "one of its `all` is not there",
        Clause::None(_) => "something is there that must not be",
    }
}

fn condition(condition: &Condition) -> String {
    let value = match &condition.value.value {
        ConditionValue::Is(is) => is.to_string(),
        ConditionValue::OneOf(words) => words.join(" or "),
        ConditionValue::Between(min, max) => {
            let bound =
                |bound: &Option<u32>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
            format!("{} to {}", bound(min), bound(max))
        }
    };
    format!("{} = {value}", condition.name.value)
}

/// What a hit counts, in words.
pub(in crate::cli) fn counts(rule: &Rule) -> String {
    let of = |words: &[&'static str], points: &[f64]| -> Vec<String> {
        let given = words.iter().zip(points).filter(|(_, points)| **points != 0.0);
        given.map(|(word, points)| format!("{word} {points:+}")).collect()
    };
    let mut all = of(Class::WORDS, &rule.points);
    all.extend(of(Aspect::WORDS, &rule.topics));
    if all.is_empty() { "nothing by itself".to_owned() } else { all.join(", ") }
}
