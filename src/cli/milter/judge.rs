//! The rules in use, and one mail judged by them.
//!
//! A mail takes the rules once and keeps them to its end, so that a reload never decides half a mail.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use postroom::milter::deliver::{Changes, Mailboxes};
use postroom::milter::session::Mail;
use postroom::rules::RuleSet;
use postroom::terms::Date;
use postroom::triage::output::headers::{self, Fault, Field};
use postroom::triage::output::{Origin, Report, owner_word};
use postroom::triage::{Context, triage};

use super::metrics::Metrics;
use crate::cli::guarded;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Judge {
    /// `None` while there are none that can be used: mail goes through marked.
    rules: RwLock<Option<Arc<RuleSet>>>,
    date: Option<Date>,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) metrics: Metrics,
}

impl Judge {
    pub(crate) fn new(date: Option<Date>, mailboxes: Mailboxes, metrics: Metrics) -> Self {
        Self { rules: RwLock::new(None), date, mailboxes, metrics }
    }

    /// The rules in use.
    pub(crate) fn rules(&self) -> Option<Arc<RuleSet>> {
        // A lock is held only to copy a pointer, so a thread that panicked left it whole.
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Other rules, from the next mail on.
    pub(crate) fn use_rules(&self, rules: RuleSet) {
        self.metrics.use_rules(&rules.hash);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(rules));
    }

    /// Judges a mail: our fields, and who gets it. Whatever goes wrong, there are fields that say so.
    pub(crate) fn judge(&self, mail: &Mail) -> (Vec<Field>, Changes) {
        let start = Instant::now();
        let judged = if mail.oversize {
            Err(Fault::Oversize)
        } else {
            guarded(|| self.judged(mail, start)).unwrap_or(Err(Fault::Internal))
        };
        judged.unwrap_or_else(|fault| {
            self.metrics.errors.with_label_values(&[fault.as_str()]).inc();
            tracing::warn!(queue = mail.queue_id, error = fault.as_str(), "not judged");
            (headers::fault_fields(fault), Changes::default())
        })
    }

    fn judged(&self, mail: &Mail, start: Instant) -> Result<(Vec<Field>, Changes), Fault> {
        let rules = self.rules().ok_or(Fault::Rules)?;
        let context =
            Context { date: self.date, recipient: mail.recipient(), sender: mail.sender.as_deref() };
        let triage = triage(&mail.raw, &rules, &context);
        let report = Report { origin: Origin::default(), triage: &triage, rules: &rules };
        let fields = headers::fields(&report);
        let sure = triage.decision.class.is_some();
        let changes = self.mailboxes.changes(&mail.recipients, sure, &triage.route);
        let (class, owner) = (triage.decision.word(), owner_word(&triage.route));
        self.metrics.mails.with_label_values(&[class, owner]).inc();
        tracing::info!(
            queue = mail.queue_id,
            class,
            owner,
            rules = rules.hash,
            added = changes.add.len(),
            removed = changes.remove.len(),
            ms = start.elapsed().as_millis(),
            "judged"
        );
        Ok((fields, changes))
    }
}
