//! The line: bytes in, an owned and explained decision out.
//!
//! Six stages, each one noun (what it gives) and one verb (its entry). [`triage`] calls the first
//! five in order and keeps every intermediate value, so that the explanation, the tests and the
//! live mail all look at the same thing; the sixth, [`output`], writes the result in some form.
//!
//! A stage uses the stages before it and [`rules`](crate::rules), never a later one.

pub mod message;

pub mod fresh;

pub mod evidence;

pub mod decision;

pub mod route;

pub mod output;

use crate::rules::RuleSet;
use crate::terms::Date;
use evidence::facts::Facts;

/// A mail with everything the line made of it.
#[derive(Clone, Debug)]
pub struct Triage<'a> {
    /// Stage 1: the mail as read.
    pub message: message::Message<'a>,
    /// Stage 2: its text in zones.
    pub fresh: fresh::Fresh,
    /// Stage 3: the rules' hits.
    pub evidence: evidence::Evidence,
    /// Stage 4: what it is.
    pub decision: decision::Decision,
    /// Stage 5: whose it is.
    pub route: route::Route,
}

/// What the line is told beside the mail itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'c> {
    /// The day for absences; the mail's own `Date` when none is given.
    pub date: Option<Date>,
    /// Envelope recipient, when the host hands it over: the address written to.
    pub recipient: Option<&'c str>,
    /// Envelope sender, when the host hands it over: where bounces go; empty, or `<>`, for a mail that
    /// wants none. Only that is looked at.
    pub sender: Option<&'c str>,
}

impl Context<'_> {
    /// Whether the envelope names no sender, as those of bounces do (RFC 5321, section 4.5.5).
    #[must_use]
    pub fn null_sender(&self) -> bool {
        self.sender.is_some_and(|sender| matches!(sender.trim(), "" | "<>"))
    }
}

/// Takes a mail down the whole line.
#[must_use]
pub fn triage<'a>(raw: &'a [u8], rules: &RuleSet, context: &Context<'_>) -> Triage<'a> {
    let message = message::parse(raw);
    let fresh = fresh::extract(&message, rules.zones);
    let facts = Facts::gather(&message, &fresh, rules, context);
    let evidence = evidence::gather(&fresh, &facts, rules);
    let decision = decision::decide(&evidence, &fresh, rules);
    let route = route::assign(&message, &decision, rules, context);
    Triage { message, fresh, evidence, decision, route }
}
