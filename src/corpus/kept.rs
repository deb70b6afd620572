//! Mail kept ready while rules are edited: only what an edit can have changed is found again.
//!
//! Reading, zones and sentences are kept from the first run on, and so is every hit of a rule that looks
//! for the same words in the same places as before. Rules that were edited run again, by themselves; facts
//! and combinations, decision and routing are cheap and made anew. The result is that of
//! [`Prepared::judge`] under the whole rules.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::diff::Version;
use super::judge;
use super::labelled::{Corpus, Entry, Label, Place};
use super::prepared::{Judgement, Prepared};
use super::tune::validate::figures;
use crate::rules::RuleSet;
use crate::rules::compile::compile;
use crate::rules::diagnostic::Diagnostics;
use crate::rules::source::{At, RuleSource, Sources};
use crate::terms::ZoneSet;
use crate::triage::Context;
use crate::triage::evidence::{self, Hit};

/// What a mail is called and what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Its `Message-ID` without angle brackets; its place where it has none.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// Its label, if it has one.
    pub label: Option<Label>,
}

impl About {
    /// Of a mail just read.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { id: entry.id.clone(), place: entry.place.clone(), label: entry.answer.label().cloned() }
    }
}

/// A mail kept ready.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Which it is.
    pub about: About,
    /// The mail after the first two stages.
    pub mail: Prepared,
}

/// Mails kept ready.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The mails, in the order read.
    pub mails: Vec<KeptMail>,
}

/// What a version of the rules made of the mails.
#[derive(Clone, Debug)]
pub struct State {
    /// The rules.
    pub version: Version,
    /// By mail.
    pub judgements: Vec<Judgement>,
    /// By rule of the set: all that decides what it hits in text; `None` where it looks at none.
    looks: Vec<Option<String>>,
}

impl Kept {
    /// Labelled mail, in the order of the corpus.
    #[must_use]
    pub fn of_corpus(corpus: &Corpus, zones: ZoneSet, jobs: usize) -> Self {
        let mails = judge::each(&corpus.mails, jobs, |one| KeptMail {
            about: About { id: one.id.clone(), place: one.place.clone(), label: Some(one.label.clone()) },
            mail: Prepared::new(&one.mail.bytes(), zones),
        });
        Self { mails }
    }

    /// Mail labelled or not.
    #[must_use]
    pub fn of_entries(entries: &[Entry], zones: ZoneSet, jobs: usize) -> Self {
        let mails = judge::each(entries, jobs, |entry| KeptMail {
            about: About::of(entry),
            mail: Prepared::new(&entry.mail.bytes(), zones),
        });
        Self { mails }
    }

    /// Judges every mail; what `last` found and no edit can have changed is taken from there.
    ///
    /// `last` must be of the same mails under the same context.
    #[must_use]
    pub fn judge(
        &mut self,
        version: Version,
        last: Option<&State>,
        context: &Context<'_>,
        jobs: usize,
    ) -> State {
        let rules = &version.rules;
        self.split(rules.zones, jobs);
        let looks = looks(&version);
        let alike = |last: &&State| {
            last.version.rules.zones == rules.zones && last.version.rules.directory == rules.directory
        };
        let reuse = last.filter(alike).and_then(|last| Some((last, Reuse::new(&looks, last, &version)?)));
        let judgements = match &reuse {
            None => judge::each(&self.mails, jobs, |one| one.mail.judge(rules, context)),
            Some((last, reuse)) => {
                let both: Vec<_> = self.mails.iter().zip(&last.judgements).collect();
                judge::each(&both, jobs, |(one, before)| reuse.judge(&one.mail, before, rules, context))
            }
        };
        State { judgements, looks, version }
    }

    /// Splits the mails' text anew where rules search other zones than it is split in.
    fn split(&mut self, zones: ZoneSet, jobs: usize) {
        let share = self.mails.len().div_ceil(jobs.max(1)).max(1);
        std::thread::scope(|scope| {
            for part in self.mails.chunks_mut(share) {
                scope.spawn(move || part.iter_mut().for_each(|one| one.mail.refresh(zones)));
            }
        });
    }
}

/// How right the rules are, where labels say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Mails.
    pub mails: usize,
    /// Those with a label.
    pub labelled: usize,
    /// Those of the right class.
    pub right: usize,
    /// Macro-F1 of the classes.
    pub macro_f1: f64,
}

impl State {
    /// How right these rules are on the mails they were judged on.
    #[must_use]
    pub fn standing(&self, kept: &Kept) -> Standing {
        let both = kept.mails.iter().zip(&self.judgements);
        let pair = |(mail, judged): (&KeptMail, &Judgement)| {
            Some((mail.about.label.as_ref()?.class, judged.decision.class))
        };
        let pairs: Vec<_> = both.filter_map(pair).collect();
        Standing {
            mails: kept.mails.len(),
            labelled: pairs.len(),
            right: pairs.iter().filter(|(class, given)| Some(*class) == *given).count(),
            macro_f1: figures(&pairs, 0.0).macro_f1,
        }
    }
}

/// Which hits of the last run still hold, and the rules that have to run again.
struct Reuse {
    /// By rule of the last set, the same rule in the present one.
    now: Vec<Option<usize>>,
    /// The rules that changed, by themselves, and the index of each in the whole set.
    changed: Option<(RuleSet, Vec<usize>)>,
}

impl Reuse {
    /// `None` when the changed rules cannot be compiled alone.
    fn new(looks: &[Option<String>], last: &State, version: &Version) -> Option<Self> {
        let by_look: HashMap<&str, usize> =
            last.looks.iter().enumerate().filter_map(|(at, look)| Some((look.as_deref()?, at))).collect();
        let mut now = vec![None; last.looks.len()];
        let mut changed = Vec::new();
        for (at, look) in looks.iter().enumerate() {
            let Some(look) = look else { continue };
            match by_look.get(look.as_str()).and_then(|&was| now.get_mut(was)) {
                Some(place @ None) => *place = Some(at),
                // A second rule that looks for the very same runs for itself.
                _ => changed.push(at),
            }
        }
        if changed.is_empty() {
            return Some(Self { now, changed: None });
        }
        let ids: Vec<&str> =
            changed.iter().filter_map(|&at| Some(version.rules.rules.get(at)?.id.as_ref())).collect();
        let of_these = |rule: &&RuleSource| ids.contains(&rule.id.value.as_str());
        let part = Sources {
            rules: version.sources.rules.iter().filter(of_these).cloned().collect(),
            vocabulary: version.sources.vocabulary.clone(),
            agency: version.sources.agency.clone(),
            accounts: version.sources.accounts.clone(),
            ..Sources::default()
        };
        let rules = compile(&part, &mut Diagnostics::default())?;
        let place = |id: &str| version.rules.rules.iter().position(|rule| rule.id == id);
        let whole = rules.rules.iter().map(|rule| place(&rule.id)).collect::<Option<Vec<_>>>()?;
        Some(Self { now, changed: Some((rules, whole)) })
    }

    fn judge(&self, mail: &Prepared, last: &Judgement, rules: &RuleSet, context: &Context<'_>) -> Judgement {
        let facts = mail.facts(rules, context);
        let held = |hit: &Hit| Some(hit.of_rule(self.now.get(hit.rule()).copied().flatten()?));
        let mut hits: Vec<Hit> = last.evidence.hits.iter().filter_map(held).collect();
        if let Some((part, whole)) = &self.changed {
            let found = evidence::gather(&mail.fresh, &facts, part).hits;
            hits.extend(found.iter().filter_map(|hit| Some(hit.of_rule(*whole.get(hit.rule())?))));
        }
        mail.decide(evidence::complete(hits, &mail.fresh, &facts, rules), rules, context)
    }
}

/// By rule of the set: all that decides what it hits in text.
fn looks(version: &Version) -> Vec<Option<String>> {
    let sources: HashMap<&str, &RuleSource> =
        version.sources.rules.iter().map(|rule| (rule.id.value.as_str(), rule)).collect();
    let look = |rule: &crate::rules::set::Rule| {
        let source = sources.get(rule.id.as_ref()).filter(|_| !rule.patterns.is_empty())?;
        Some(look(source, &version.sources))
    };
    version.rules.rules.iter().map(look).collect()
}

fn look(rule: &RuleSource, sources: &Sources) -> String {
    let zones: Vec<_> = rule.zones.iter().map(|at| at.value).collect();
    let acts: Vec<_> = rule.acts.iter().map(|at| at.value).collect();
    let mut look = format!("{zones:?}{acts:?}");
    for condition in &rule.when {
        // Writing to a string cannot fail.
        let _ = write!(look, "{} {:?}", condition.name.value, condition.value.value);
    }
    let values = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
    let patterns = [values(&rule.any), values(&rule.all), values(&rule.none)];
    let _ = write!(look, "{patterns:?}");
    for (name, list) in &sources.vocabulary {
        let named = format!("{{{name}}}");
        if patterns.iter().flatten().any(|pattern| pattern.contains(&named)) {
            let _ = write!(look, "{name}{:?}", values(&list.entries));
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::sample;

    /// Every edit gives, by what is kept, what judging everything anew gives.
    #[test]
    fn keeping_what_no_edit_changed_changes_nothing() {
        let (_folder, corpus) = sample::corpus();
        let version = |edit: &dyn Fn(String) -> String| Version::load(&sample::layers(edit)).unwrap();
        let context = Context::default();
        let mut kept = Kept::of_corpus(&corpus, ZoneSet::EMPTY, 2);
        let mut last = kept.judge(version(&|text| text), None, &context, 2);
        let edits: [(&str, &str); 11] = [
            ("btimber", "btimbre"),
            ("points = { delivery-question = 9 }", "points = { delivery-question = 1 }"),
            ("['copper', 'tin']", "['tin']"),
            ("mode = 'audit'", "mode = 'off'"),
            ("id = 'quartz'", "id = 'renamed'"),
            (
                "[[rule]]\nid = 'quartz'",
                "[[rule]]\nid = 'more'\nany = '\\btimber\\b'\n[[rule]]\nid = 'quartz'",
            ),
            ("any = '\\bquartz", "zone = ['quoted', 'new']\nany = '\\bquartz"),
            ("any = '\\bquartz", "act = 'question'\nany = '\\bquartz"),
            ("margin = 0.1", "margin = 0.4"),
            (
                "id = 'flint'\nmode = 'audit'\nany = '\\bflint\\b'",
                "id = 'short'\nwhen = { words = { max = 2 } }",
            ),
            (
                "[[rule]]\nid = 'flint'",
                "[[combine]]\nid = 'both'\nall = ['timber', 'quartz']\npoints = { other = 20 }\n[[rule]]\nid = 'flint'",
            ),
        ];
        for (from, to) in edits {
            let now = kept.judge(version(&|text| text.replace(from, to)), Some(&last), &context, 2);
            let anew = kept.clone().judge(now.version.clone(), None, &context, 1);
            for (kept, anew) in now.judgements.iter().zip(&anew.judgements) {
                assert_eq!(
                    (&kept.evidence, &kept.decision),
                    (&anew.evidence, &anew.decision),
                    "{from} -> {to}"
                );
                assert_eq!(kept.judged(), anew.judged());
            }
            last = now;
        }
    }
}
