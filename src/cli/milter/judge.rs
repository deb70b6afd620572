//! The rules in use, and one mail judged by them.
//!
//! A mail takes the rules once and keeps them to its end, so that a reload never decides half a mail. One
//! that takes too long goes on unjudged, and what becomes of it afterwards is nobody's concern.

use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use postroom::milter::deliver::{Changes, Mailboxes};
use postroom::milter::session::Mail;
use postroom::rules::RuleSet;
use postroom::terms::Date;
use postroom::triage::output::headers::{self, Fault, Field};
use postroom::triage::output::{Origin, Report, owner_word};
use postroom::triage::{Context, triage};

use super::connection::Held;
use super::metrics::Metrics;
use super::time_limit::{Missed, TimeLimit};
use crate::cli::guarded;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Judge {
    /// `None` while there are none that can be used: mail goes through marked.
    in_use: RwLock<Option<Arc<InUse>>>,
    pub(crate) options: Options,
    pub(crate) metrics: Metrics,
    limit: TimeLimit,
}

/// How mail is judged, whatever the rules.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) date: Option<Date>,
    /// Shared mailboxes beside those that the rules name.
    pub(crate) mailboxes: Mailboxes,
    /// Longest that a mail server is kept waiting for one mail's judgement.
    pub(crate) longest: Duration,
    /// Whether judging never ends, for a rehearsal.
    pub(crate) hangs: bool,
}

/// What is exchanged by a reload, all of it at once.
#[derive(Debug)]
pub(crate) struct InUse {
    pub(crate) rules: RuleSet,
    pub(crate) mailboxes: Mailboxes,
}

/// What was found out about a mail.
struct Judged {
    fields: Vec<Field>,
    changes: Changes,
    class: &'static str,
    owner: &'static str,
    /// Hash of the rules.
    rules: String,
}

impl Judge {
    pub(crate) fn new(options: Options, metrics: Metrics) -> Self {
        let limit = TimeLimit::new(options.longest, metrics.overdue.clone());
        Self { in_use: RwLock::new(None), options, metrics, limit }
    }

    /// The rules in use, and what goes with them.
    pub(crate) fn in_use(&self) -> Option<Arc<InUse>> {
        // A lock is held only to copy a pointer, so a thread that panicked left it whole.
        self.in_use.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Other rules, from the next mail on.
    pub(crate) fn use_rules(&self, rules: RuleSet) {
        self.metrics.use_rules(&rules.hash);
        let mailboxes = self.options.mailboxes.and_of(&rules.directory);
        let in_use = Some(Arc::new(InUse { rules, mailboxes }));
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = in_use;
    }

    /// Judges a mail: our fields, and who gets it. Whatever goes wrong, there are fields that say so.
    /// What the mail holds of the memory is given back when it is needed no more.
    pub(crate) fn judge(self: &Arc<Self>, mail: &Arc<Mail>, held: Held) -> (Vec<Field>, Changes) {
        let start = Instant::now();
        let judged = if mail.oversize { Err(Fault::Oversize) } else { self.judged_in_time(mail, held) };
        match judged {
            Ok(judged) => {
                self.metrics.mails.with_label_values(&[judged.class, judged.owner]).inc();
                tracing::info!(
                    queue = mail.queue_id,
                    class = judged.class,
                    owner = judged.owner,
                    rules = judged.rules,
                    added = judged.changes.add.len(),
                    removed = judged.changes.remove.len(),
                    ms = start.elapsed().as_millis(),
                    "judged"
                );
                (judged.fields, judged.changes)
            }
            Err(fault) => {
                self.metrics.errors.with_label_values(&[fault.as_str()]).inc();
                tracing::warn!(
                    queue = mail.queue_id,
                    error = fault.as_str(),
                    overdue = self.metrics.overdue.get(),
                    ms = start.elapsed().as_millis(),
                    "not judged"
                );
                (headers::fault_fields(fault), Changes::default())
            }
        }
    }

    fn judged_in_time(self: &Arc<Self>, mail: &Arc<Mail>, held: Held) -> Result<Judged, Fault> {
        let (judge, mail) = (Arc::clone(self), Arc::clone(mail));
        let judged = self.limit.within(move || {
            let judged = guarded(|| judge.judged(&mail)).unwrap_or(Err(Fault::Internal));
            drop((mail, held));
            judged
        });
        judged.unwrap_or_else(|missed| {
            Err(match missed {
                Missed::TooLong | Missed::TooManyOverdue => Fault::Timeout,
                Missed::Broken => Fault::Internal,
            })
        })
    }

    fn judged(&self, mail: &Mail) -> Result<Judged, Fault> {
        if self.options.hangs {
            loop {
                thread::park();
            }
        }
        let in_use = self.in_use().ok_or(Fault::Rules)?;
        let rules = &in_use.rules;
        let context =
            Context { date: self.options.date, recipient: mail.recipient(), sender: mail.sender.as_deref() };
        let triage = triage(&mail.raw, rules, &context);
        let report = Report { origin: Origin::default(), triage: &triage, rules };
        let sure = triage.decision.class.is_some();
        Ok(Judged {
            fields: headers::fields(&report),
            changes: in_use.mailboxes.changes(&mail.recipients, sure, &triage.route),
            class: triage.decision.word(),
            owner: owner_word(&triage.route),
            rules: rules.hash.clone(),
        })
    }
}
