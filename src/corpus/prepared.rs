//! Mails read and split once, to be judged again and again.
//!
//! Reading a mail and finding its zones (stages 1 and 2) takes most of the time and depends on the rules
//! only by the zones they search. Whoever tries changed rules on the same mails keeps a [`Prepared`] of
//! each and runs the later stages alone. The result is that of [`triage`](crate::triage::triage).

use super::judge::Judged;
use crate::rules::RuleSet;
use crate::terms::ZoneSet;
use crate::triage::Context;
use crate::triage::decision::{self, Decision};
use crate::triage::evidence::facts::Facts;
use crate::triage::evidence::{self, Evidence};
use crate::triage::fresh::{self, Fresh};
use crate::triage::message::{self, Message};
use crate::triage::route::{self, Route};

/// A mail after the first two stages, owning all its text.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Stage 1.
    pub message: Message<'static>,
    /// Stage 2, with sentences of the zones last asked for.
    pub fresh: Fresh,
    zones: ZoneSet,
}

/// What the later stages made of a prepared mail.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Stage 3.
    pub evidence: Evidence,
    /// Stage 4.
    pub decision: Decision,
    /// Stage 5.
    pub route: Route,
}

impl Judgement {
    /// What judging keeps of it.
    #[must_use]
    pub fn judged(&self) -> Judged {
        Judged::new(&self.evidence, &self.decision, &self.route)
    }
}

impl Prepared {
    /// Reads a mail; its text is split in the zones given, those of [`RuleSet::zones`].
    #[must_use]
    pub fn new(raw: &[u8], zones: ZoneSet) -> Self {
        let message = message::parse(raw).into_owned();
        let fresh = fresh::extract(&message, zones);
        Self { message, fresh, zones }
    }

    /// Splits the text again when rules search other zones than it was split in.
    pub fn refresh(&mut self, zones: ZoneSet) {
        if self.zones != zones {
            self.fresh = fresh::extract(&self.message, zones);
            self.zones = zones;
        }
    }

    /// The facts that rules can ask for.
    #[must_use]
    pub fn facts(&self, rules: &RuleSet, context: &Context<'_>) -> Facts {
        Facts::gather(&self.message, &self.fresh, rules, context)
    }

    /// The rules' hits alone.
    #[must_use]
    pub fn evidence(&self, rules: &RuleSet, context: &Context<'_>) -> Evidence {
        evidence::gather(&self.fresh, &self.facts(rules, context), rules)
    }

    /// Takes the mail down the rest of the line.
    #[must_use]
    pub fn judge(&self, rules: &RuleSet, context: &Context<'_>) -> Judgement {
        self.decide(self.evidence(rules, context), rules, context)
    }

    /// Takes the mail down the rest of the line, its evidence being known.
    #[must_use]
    pub fn decide(&self, evidence: Evidence, rules: &RuleSet, context: &Context<'_>) -> Judgement {
        let decision = decision::decide(&evidence, &self.fresh, rules);
        let route = route::assign(&self.message, &decision, rules, context);
        Judgement { evidence, decision, route }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, layer::Layer};
    use crate::triage::triage;

    #[test]
    fn judging_a_prepared_mail_is_taking_it_down_the_line() {
        let rules = rules::ready(&[Layer::BuiltIn]).unwrap();
        let context = Context::default();
        for raw in [
            &b"From: a@b.example\nSubject: Re: Homepage\n\nWhen will it be ready?\n\n> Approved.\n"[..],
            b"",
            b"no header\n",
        ] {
            let whole = triage(raw, &rules, &context);
            let mut kept = Prepared::new(raw, ZoneSet::EMPTY);
            kept.refresh(rules.zones);
            let judged = kept.judge(&rules, &context);
            assert_eq!((judged.evidence, judged.decision), (whole.evidence, whole.decision));
            assert_eq!(judged.route.owner, whole.route.owner);
        }
    }
}
