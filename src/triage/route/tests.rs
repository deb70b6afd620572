//! Routing on hand-made decisions: the owner table and what goes on top of it.

use super::*;
use crate::rules::set::{Directory, RouteRule};
use crate::terms::{Class, Topic};
use crate::triage::decision::topic_bit;
use crate::triage::message::Address;
use std::borrow::Cow;

fn decision(class: Option<Class>, topics: &[Topic], chief: &[Topic]) -> Decision {
    let chief = chief.iter().fold(0, |bits, topic| bits | topic_bit(topic.index()));
    Decision {
        class,
        best: class.unwrap_or(Class::Other),
        runner_up: Class::Other,
        sums: [0.0; 5],
        probabilities: [0.2; 5],
        topics: topics.to_vec(),
        topic_sums: [0.0; 9],
        matter: 2,
        phrase_sums: [0.0; crate::rules::lexicon::TARGETS],
        sentence_topics: vec![chief; 2],
    }
}

fn route(
    id: &str,
    class: Class,
    test: RouteTest,
    owner: Option<Role>,
    validate: &[Role],
    inform: &[Role],
) -> RouteRule {
    let test = RouteTest { class: vec![Some(class)], ..test };
    RouteRule {
        id: id.into(),
        test,
        owner,
        validate: validate.into(),
        inform: inform.into(),
        why: format!("{id}."),
    }
}

fn rules() -> RuleSet {
    let prefers = vec![("delivery".to_owned(), "am".to_owned())];
    let any = RouteTest::default;
    let chiefly = RouteTest { chiefly: vec![Topic::Timeline, Topic::Dependency], ..any() };
    let absence = |who: &str, cover: &str, until: &str| Absence {
        who: who.into(),
        cover: cover.into(),
        from: "2026-03-02".parse().ok(),
        until: until.parse().expect("a date"),
    };
    RuleSet {
        routes: vec![
            route(
                "by-am",
                Class::DeliveryQuestion,
                RouteTest { prefers: prefers.clone(), ..any() },
                Some(Role::Am),
                &[Role::Pm],
                &[],
            ),
            route("by-pm", Class::DeliveryQuestion, any(), Some(Role::Pm), &[], &[Role::Am]),
            route("dates", Class::ProjectUpdate, chiefly, Some(Role::Pm), &[], &[Role::Am]),
            route("news", Class::ProjectUpdate, any(), Some(Role::Am), &[], &[Role::Pm]),
            route("nobody", Class::Other, any(), None, &[], &[]),
        ],
        adjusts: adjusts(),
        directory: Directory {
            am: Some("am@agency.example".into()),
            pm: Some("pm@agency.example".into()),
            accounts: vec![Account {
                id: "harbour".into(),
                name: "Harbour".into(),
                domains: vec!["harbour.example".into()],
                am: Some("maeve@agency.example".into()),
                prefers,
                absences: vec![
                    absence("maeve@agency.example", "jo@agency.example", "2026-03-06"),
                    absence("jo@agency.example", "maeve@agency.example", "2026-03-03"),
                ],
                ..Account::default()
            }],
            ..Directory::default()
        },
        ..RuleSet::default()
    }
}

fn adjusts() -> Vec<AdjustRule> {
    let any = RouteTest::default;
    vec![
        AdjustRule {
            id: "escalated".into(),
            test: RouteTest { topics: vec![Topic::Escalation], ..any() },
            owner: Some(Role::Am),
            validate: vec![],
            inform: vec![Role::Pm],
            why: "the relationship is the account manager's".into(),
        },
        AdjustRule {
            id: "promised".into(),
            test: RouteTest { topics: vec![Topic::Commitment], ..any() },
            owner: None,
            validate: vec![Role::Pm],
            inform: vec![],
            why: "no promise without the project manager".into(),
        },
    ]
}

fn message(from: &'static str) -> Message<'static> {
    let from = Address { name: Cow::Borrowed(""), address: Cow::Borrowed(from) };
    Message { from: Some(from), ..Message::default() }
}

fn words(route: &Route) -> String {
    let names = |list: &[Assignee]| list.iter().map(|a| a.role.as_str()).collect::<Vec<_>>().join("+");
    let owner = route.owner.as_ref().map_or("none", |owner| owner.role.as_str());
    format!("{owner}/{}/{}", names(&route.validate), names(&route.inform))
}

#[test]
fn the_owner_table_and_what_goes_on_top() {
    let rules = rules();
    type Row<'t> = (&'t str, Class, &'t [Topic], &'t [Topic], &'t str);
    let table: &[Row<'_>] = &[
        ("a@x.example", Class::DeliveryQuestion, &[], &[], "pm//am"),
        ("a@harbour.example", Class::DeliveryQuestion, &[], &[], "am/pm/"),
        ("a@x.example", Class::DeliveryQuestion, &[Topic::Escalation], &[], "am//pm"),
        ("a@x.example", Class::DeliveryQuestion, &[Topic::Commitment], &[], "pm/pm/am"),
        ("a@x.example", Class::ProjectUpdate, &[Topic::Timeline], &[], "am//pm"),
        ("a@x.example", Class::ProjectUpdate, &[Topic::Timeline], &[Topic::Timeline], "pm//am"),
        ("a@x.example", Class::ProjectUpdate, &[], &[Topic::Timeline], "am//pm"),
        ("a@x.example", Class::Other, &[], &[], "none//"),
        ("a@x.example", Class::NewProject, &[], &[], "am//"),
    ];
    for &(from, class, topics, chief, wanted) in table {
        let route =
            assign(&message(from), &decision(Some(class), topics, chief), &rules, &Context::default());
        assert_eq!(words(&route), wanted, "{from} {class} {topics:?} {chief:?}");
    }
}

#[test]
fn absent_people_are_covered_on_the_day_and_never_in_a_circle() {
    let rules = rules();
    let owner = |day: &str| {
        let context = Context { date: day.parse().ok(), ..Context::default() };
        let news = decision(Some(Class::ProjectUpdate), &[], &[]);
        let route = assign(&message("a@harbour.example"), &news, &rules, &context);
        (route.owner.and_then(|owner| owner.address).unwrap_or_default(), route.steps)
    };
    assert_eq!(owner("2026-03-01").0, "maeve@agency.example");
    assert_eq!(owner("2026-03-05").0, "jo@agency.example");
    assert_eq!(owner("2026-03-07").0, "maeve@agency.example");
    let (_, steps) = owner("2026-03-03");
    assert!(steps.iter().any(|step| step.why.contains("jo@agency.example is away")));
    assert_eq!(owner("no date").0, "maeve@agency.example");
}

#[test]
fn nobody_named_is_said_so() {
    let news = decision(Some(Class::ProjectUpdate), &[], &[]);
    let mut rules = rules();
    rules.directory.am = None;
    let route = assign(&message("a@x.example"), &news, &rules, &Context::default());
    assert_eq!(route.owner, Some(Assignee { role: Role::Am, address: None }));
    assert!(route.steps.iter().any(|step| step.id == "people"));
    assert!(route.steps[0].why.contains("no account knows a@x.example"));
}

/// Points for the schedule speak of timelines and dependencies together, so a route that asks for one of
/// them alone is not theirs to decide.
#[test]
fn points_for_the_schedule_decide_both_topics_together() {
    let mut table = DecisionTable::default();
    let mut decision = decision(Some(Class::ProjectUpdate), &[], &[]);
    decision.topic_sums[Aspect::Schedule.index()] = 1.0;
    let both = [Topic::Timeline, Topic::Dependency];
    assert!(!is_chiefly(&both, &decision, &table));
    table.topic_base[Aspect::Schedule.index()] = -1.0;
    assert!(is_chiefly(&both, &decision, &table));
    assert!(!is_chiefly(&both[..1], &decision, &table));
    decision.topic_sums[Aspect::Schedule.index()] = -1.0;
    assert!(!is_chiefly(&both, &decision, &table));
}
