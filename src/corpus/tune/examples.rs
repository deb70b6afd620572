//! Labelled mail as the fitting needs it: which rules hit, what is right, whose set it is.

use crate::corpus::judge;
use crate::corpus::labelled::Corpus;
use crate::corpus::prepared::Prepared;
use crate::rules::RuleSet;
use crate::terms::{Class, Role, Topic};
use crate::triage::Context;
use crate::triage::decision::{self, Decision};
use crate::triage::evidence::Evidence;

/// A labelled mail with the rules' hits.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its `Message-ID`, or its place.
    pub id: String,
    /// The set it belongs to.
    pub group: String,
    /// The sender's address, lower case; empty when there is none.
    pub sender: String,
    /// The right class.
    pub class: Class,
    /// The right topics, where the label says.
    pub topics: Option<Vec<Topic>>,
    /// The right owner, where the label says; `None` inside is nobody.
    pub owner: Option<Option<Role>>,
    /// The mail.
    pub mail: Prepared,
    /// Which rules hit.
    pub evidence: Evidence,
}

impl Example {
    /// Indices of the rules that hit.
    pub(super) fn hits(&self) -> Vec<usize> {
        self.evidence.hits.iter().map(crate::triage::evidence::Hit::rule).collect()
    }

    /// What a set of rules that differs in points alone makes of it.
    #[must_use]
    pub fn decide(&self, rules: &RuleSet) -> Decision {
        decision::decide(&self.evidence, &self.mail.fresh, rules)
    }
}

/// Takes labelled mail down the line as far as the rules' hits, in the order of the corpus.
#[must_use]
pub fn gather(corpus: &Corpus, rules: &RuleSet, context: &Context<'_>, jobs: usize) -> Vec<Example> {
    judge::each(&corpus.mails, jobs, |one| {
        let mail = Prepared::new(&one.mail.bytes(), rules.zones);
        let evidence = mail.evidence(rules, context);
        let sender = mail.message.from.as_ref().map(|from| from.address.to_ascii_lowercase());
        Example {
            id: one.id.clone(),
            group: one.group.clone(),
            sender: sender.unwrap_or_default(),
            class: one.label.class,
            topics: one.label.topics.clone(),
            owner: one.label.owner,
            mail,
            evidence,
        }
    })
}
