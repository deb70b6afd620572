//! Two mails as the line leaves them, built by hand for the tests of each format.

use super::{Origin, Report};
use crate::rules::RuleSet;
use crate::rules::set::{Account, Patterns, Rule};
use crate::rules::source::Mode;
use crate::terms::{Act, Aspect, Class, Role, Topic, Zone, ZoneSet};
use crate::triage::Triage;
use crate::triage::decision::Decision;
use crate::triage::evidence::{Evidence, Hit, HitPlace};
use crate::triage::fresh::{Fresh, Sentence, ZoneSpan};
use crate::triage::message::{Address, Defect, Message};
use crate::triage::route::{Assignee, Route, Sender, Step};

pub(super) struct Sample {
    pub(super) triage: Triage<'static>,
    pub(super) rules: RuleSet,
    pub(super) origin: Origin<'static>,
}

impl Sample {
    pub(super) fn report(&self) -> Report<'_> {
        Report { origin: self.origin, triage: &self.triage, rules: &self.rules }
    }

    /// One more hit, of the first rule, on words quoted.
    pub(super) fn quote(&mut self, words: &str) {
        self.triage.evidence.hits.push(Hit::new(0, place(Zone::Quoted, words)));
    }
}

fn rule(id: &str, points: &[(Class, f64)], topics: &[(Topic, f64)], mode: Mode) -> Rule {
    let mut rule = Rule {
        id: id.to_owned().into(),
        zones: ZoneSet::EMPTY.with(Zone::New),
        acts: Vec::new(),
        when: Vec::new(),
        points: [0.0; Class::ALL.len()],
        topics: [0.0; Aspect::ALL.len()],
        mode,
        patterns: Patterns::default(),
        combination: None,
    };
    points.iter().for_each(|&(class, number)| rule.points[class.index()] = number);
    topics.iter().for_each(|&(topic, number)| rule.topics[topic.index()] = number);
    rule
}

fn rules() -> RuleSet {
    let mut rules = RuleSet {
        rules: vec![
            rule(
                "asks-when-ready",
                &[(Class::DeliveryQuestion, 2.4), (Class::ProjectUpdate, -0.6)],
                &[(Topic::Timeline, 1.5), (Topic::Commitment, 1.25)],
                Mode::Enforce,
            ),
            rule("never-hit", &[(Class::Other, 3.0)], &[], Mode::Enforce),
            rule("names-deliverable", &[(Class::DeliverableQuestion, 0.5)], &[], Mode::Enforce),
            rule("is-reply", &[(Class::ProjectUpdate, 0.5), (Class::NewProject, -0.5)], &[], Mode::Enforce),
            rule("watched", &[(Class::NewProject, 9.0)], &[], Mode::Audit),
        ],
        hash: "0123456789ab".to_owned(),
        ..RuleSet::default()
    };
    rules.decision.base = [0.0, 0.5, 0.0, 0.0, 0.0];
    rules.decision.topic_base = [-1.0; Aspect::ALL.len()];
    rules.directory.accounts.push(Account {
        id: "larkmoor".to_owned(),
        name: "Larkmoor Hotels".to_owned(),
        ..Account::default()
    });
    rules
}

/// Sums, probabilities and topic sums of the hits, as stage 4 makes them.
fn decision(rules: &RuleSet, evidence: &Evidence, class: Option<Class>) -> Decision {
    let mut sums = rules.decision.base;
    let mut topic_sums = rules.decision.topic_base;
    for rule in evidence.hits.iter().map(|hit| &rules.rules[hit.rule()]) {
        if rule.mode == Mode::Enforce {
            sums.iter_mut().zip(rule.points).for_each(|(sum, add)| *sum += add);
            topic_sums.iter_mut().zip(rule.topics).for_each(|(sum, add)| *sum += add);
        }
    }
    let total: f64 = sums.iter().map(|sum| sum.exp()).sum();
    let probabilities = sums.map(|sum| sum.exp() / total);
    let mut order: Vec<Class> = Class::ALL.to_vec();
    order.sort_by(|a, b| sums[b.index()].total_cmp(&sums[a.index()]));
    Decision {
        class,
        best: order[0],
        runner_up: order[1],
        sums,
        probabilities,
        topics: Topic::ALL.iter().copied().filter(|topic| topic_sums[topic.index()] > 0.0).collect(),
        topic_sums,
        matter: 1,
        phrase_sums: [0.0; crate::rules::lexicon::TARGETS],
        sentence_topics: Vec::new(),
    }
}

const TEXT: &str = "Re: Homepage, again\n\
    Hi Maria,\n\
    When will the homepage be ready? 日本 team asks\u{1b}[31m too.\n\
    On Monday Joe wrote:\n\
    > The homepage is nearly there.\n\
    > Just the menu is left.\n\
    --\n\
    Anna Wills\n";

fn fresh() -> Fresh {
    let at = |needle: &str| TEXT.find(needle).unwrap();
    let zone = |zone, start, end, cause| ZoneSpan { zone, start, end, cause };
    Fresh {
        text: TEXT.to_owned(),
        zones: vec![
            zone(Zone::Subject, 0, at("Hi "), "subject"),
            zone(Zone::New, at("Hi "), at("On Monday"), "new text"),
            zone(Zone::Quoted, at("On Monday"), at("--\n"), "attribution line"),
            zone(Zone::Signature, at("--\n"), TEXT.len(), "signature delimiter"),
        ],
        sentences: vec![Sentence {
            zone: Zone::New,
            act: Act::Question,
            start: at("When"),
            end: at(" 日本"),
        }],
        pointer: false,
    }
}

fn place(zone: Zone, words: &str) -> HitPlace {
    let start = TEXT.find(words).unwrap();
    HitPlace { zone, sentence: Some(0), start, end: start + words.len(), fact: String::new() }
}

fn assignee(role: Role, address: Option<&str>) -> Assignee {
    Assignee { role, address: address.map(str::to_owned) }
}

/// A reply that asks when something is ready, from a known account.
pub(super) fn question() -> Sample {
    let rules = rules();
    let fact = HitPlace {
        zone: Zone::Header,
        sentence: None,
        start: 0,
        end: 0,
        fact: "In-Reply-To is present".to_owned(),
    };
    let evidence = Evidence {
        phrases: Vec::new(),
        hits: vec![
            Hit::new(0, place(Zone::New, "When will")),
            Hit::new(2, place(Zone::New, "When will the homepage be ready")),
            Hit::new(3, fact),
            Hit::new(4, place(Zone::Subject, "Homepage")),
        ],
    };
    let decision = decision(&rules, &evidence, Some(Class::DeliveryQuestion));
    let step = |id: &str, why: &str| Step { id: id.to_owned(), why: why.to_owned() };
    let message = Message {
        message_id: Some("q1@larkmoor.example".into()),
        date: Some("2026-03-31T10:02:00+01:00".to_owned()),
        from: Some(Address { name: "Anna Wills".into(), address: "anna@larkmoor.example".into() }),
        subject: "Re: Homepage, again".into(),
        defects: vec![Defect::Encoding],
        ..Message::default()
    };
    let route = Route {
        account: Some(0),
        sender: Sender::Unverified,
        owner: Some(assignee(Role::Pm, Some("joe@agency.example"))),
        validate: vec![assignee(Role::Pm, Some("joe@agency.example"))],
        inform: vec![assignee(Role::Am, None)],
        steps: vec![
            step("delivery", "how and when belong to the project manager"),
            step("commitment", "a promise needs the project manager"),
        ],
    };
    Sample {
        triage: Triage { message, fresh: fresh(), evidence, decision, route },
        rules,
        origin: Origin { source: "inbox.mbox", index: 3, offset: 1042, ..Origin::default() },
    }
}

/// An empty mail that nothing claims.
pub(super) fn nothing() -> Sample {
    let rules = rules();
    let evidence = Evidence::default();
    let decision = decision(&rules, &evidence, None);
    let triage = Triage {
        message: Message { defects: vec![Defect::Empty], ..Message::default() },
        fresh: Fresh::default(),
        evidence,
        decision,
        route: Route::default(),
    };
    Sample { triage, rules, origin: Origin { source: "-", ..Origin::default() } }
}
