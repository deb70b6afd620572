//! Stage 5: [`Decision`] and account to [`Route`]: who answers, and why.
//!
//! The first `[[route]]` that matches gives owner, validators and informed; then every `[[adjust]]`
//! that matches changes them, in order; then roles become people, and absent people their cover.
//! Each step that decided something says so in words.

mod sender;

use super::Context;
use super::decision::Decision;
use super::evidence::facts::written_to;
use super::message::Message;
use crate::rules::RuleSet;
use crate::rules::accounts::Found;
use crate::rules::set::{Absence, Account, AdjustRule, DecisionTable, Directory, RouteTest};
use crate::terms::{Aspect, Date, Role, Topic};
pub use sender::Sender;

/// Who answers, who must validate, who is informed, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Index in [`Directory::accounts`].
    pub account: Option<usize>,
    /// Whether the sender is who the account was found by.
    pub sender: Sender,
    /// Who owns the reply; `None` is nobody.
    pub owner: Option<Assignee>,
    /// Who must validate it.
    pub validate: Vec<Assignee>,
    /// Who is kept informed.
    pub inform: Vec<Assignee>,
    /// What decided it, in order.
    pub steps: Vec<Step>,
}

/// A role and the person who has it on this account on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignee {
    /// The role.
    pub role: Role,
    /// The address; `None` when nobody is named for the role.
    pub address: Option<String>,
}

/// One routing step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Id of the route or adjustment, or `account`, `absence`, `people`.
    pub id: String,
    /// The reason in words.
    pub why: String,
}

/// Longest chain of covers followed, so that two absent people cannot cover each other for ever.
const MAX_COVERS: usize = 8;

/// Assigns a mail that has been decided.
#[must_use]
pub fn assign(message: &Message<'_>, decision: &Decision, rules: &RuleSet, context: &Context<'_>) -> Route {
    let directory = &rules.directory;
    let from = message.from.as_ref().map(|from| from.address.as_ref());
    let found = directory.find(from, written_to(message, context));
    let account = found.as_ref().and_then(|found| directory.accounts.get(found.index()));
    let mut steps =
        vec![Step { id: "account".to_owned(), why: account_reason(found.as_ref(), account, from) }];
    let roles = roles(decision, account, rules, &mut steps);
    let people = People { directory, account, day: context.date.or(message.day) };
    let owner = roles.owner.map(|role| people.assign(role, &mut steps));
    let mut assign_all = |roles: &[Role]| roles.iter().map(|&role| people.assign(role, &mut steps)).collect();
    let (validate, inform) = (assign_all(&roles.validate), assign_all(&roles.inform));
    Route {
        account: found.as_ref().map(Found::index),
        sender: sender::verify(found.as_ref(), message, directory),
        owner,
        validate,
        inform,
        steps,
    }
}

fn account_reason(found: Option<&Found>, account: Option<&Account>, from: Option<&str>) -> String {
    let name = account.map_or("", |account| account.name.as_str());
    match (found, from) {
        (Some(Found::Address(_)), Some(from)) => format!("account {name}, by the sender's address {from}"),
        (Some(Found::To(_, to)), _) => format!("account {name}, by the address written to, {to}"),
        (Some(Found::Domain(_, domain)), _) => format!("account {name}, by the sender's domain {domain}"),
        (_, Some(from)) => format!("no account knows {from}: the agency's default people"),
        (_, None) => "the mail has no sender: the agency's default people".to_owned(),
    }
}

/// Who does what, before roles become people.
struct Roles {
    owner: Option<Role>,
    validate: Vec<Role>,
    inform: Vec<Role>,
}

impl Roles {
    /// The owner neither validates nor is informed; who validates need not be informed as well.
    fn tidy(&mut self) {
        let owner = self.owner;
        for list in [&mut self.validate, &mut self.inform] {
            let mut seen = Vec::new();
            list.retain(|role| {
                let keep = !seen.contains(role);
                seen.push(*role);
                keep
            });
        }
        self.inform.retain(|role| Some(*role) != owner && !self.validate.contains(role));
    }

    fn adjust(&mut self, adjust: &AdjustRule) -> bool {
        let before = (self.owner, self.validate.clone(), self.inform.clone());
        self.owner = adjust.owner.or(self.owner);
        self.validate.extend(&adjust.validate);
        self.inform.extend(&adjust.inform);
        self.tidy();
        before != (self.owner, self.validate.clone(), self.inform.clone())
    }
}

fn roles(decision: &Decision, account: Option<&Account>, rules: &RuleSet, steps: &mut Vec<Step>) -> Roles {
    let prefers = account.map_or(&rules.directory.prefers, |account| &account.prefers);
    let mut roles = Roles { owner: Some(Role::Am), validate: Vec::new(), inform: Vec::new() };
    let holds = |test: &RouteTest, owner| matches(test, decision, prefers, owner, &rules.decision);
    match rules.routes.iter().find(|route| holds(&route.test, None)) {
        Some(route) => {
            roles.owner = route.owner;
            roles.validate.clone_from(&route.validate);
            roles.inform.clone_from(&route.inform);
            roles.tidy();
            steps.push(Step { id: route.id.clone(), why: route.why.clone() });
        }
        None => steps.push(Step {
            id: "no-route".to_owned(),
            why: "no route matches, so the account manager answers".to_owned(),
        }),
    }
    for adjust in &rules.adjusts {
        if holds(&adjust.test, roles.owner) && roles.adjust(adjust) {
            steps.push(Step { id: adjust.id.clone(), why: adjust.why.clone() });
        }
    }
    roles
}

/// Whether a route's or an adjustment's conditions hold.
fn matches(
    test: &RouteTest,
    decision: &Decision,
    prefers: &[(String, String)],
    owner: Option<Role>,
    table: &DecisionTable,
) -> bool {
    (test.class.is_empty() || test.class.contains(&decision.class))
        && (test.topics.is_empty() || test.topics.iter().any(|&topic| decision.has(topic)))
        && !test.without.iter().any(|&topic| decision.has(topic))
        && (test.chiefly.is_empty() || is_chiefly(&test.chiefly, decision, table))
        && (test.owner.is_empty() || owner.is_some_and(|owner| test.owner.contains(&owner)))
        && test.prefers.iter().all(|wanted| prefers.contains(wanted))
}

/// Whether the mail is chiefly about these topics. For timelines and dependencies together the points for it
/// decide, where any are given; otherwise the share of the new sentences that bear on one of the topics.
fn is_chiefly(topics: &[Topic], decision: &Decision, table: &DecisionTable) -> bool {
    let learned = table.topic_base[Aspect::Schedule.index()] != 0.0;
    let schedule =
        topics.len() == 2 && [Topic::Timeline, Topic::Dependency].iter().all(|topic| topics.contains(topic));
    if learned && schedule {
        return decision.topic_sums[Aspect::Schedule.index()] > 0.0;
    }
    topics.iter().any(|&topic| decision.has(topic)) && decision.share(topics) >= table.chiefly
}

/// The people of an account on a day.
struct People<'r> {
    directory: &'r Directory,
    account: Option<&'r Account>,
    day: Option<Date>,
}

impl People<'_> {
    /// The person for a role, or who covers that person on the day.
    fn assign(&self, role: Role, steps: &mut Vec<Step>) -> Assignee {
        let own = self.account.and_then(|account| match role {
            Role::Am => account.am.as_ref(),
            Role::Pm => account.pm.as_ref(),
        });
        let default = match role {
            Role::Am => self.directory.am.as_ref(),
            Role::Pm => self.directory.pm.as_ref(),
        };
        let Some(mut address) = own.or(default).cloned() else {
            let why = format!("nobody is named for the role {role}");
            push_once(steps, Step { id: "people".to_owned(), why });
            return Assignee { role, address: None };
        };
        for _ in 0..MAX_COVERS {
            let Some(absence) = self.absence(&address) else { break };
            let why = format!("{address} is away until {}: {} covers", absence.until, absence.cover);
            push_once(steps, Step { id: "absence".to_owned(), why });
            address.clone_from(&absence.cover);
        }
        Assignee { role, address: Some(address) }
    }

    /// The absence of a person on the day; the account's own come before the agency's.
    fn absence(&self, address: &str) -> Option<&Absence> {
        let day = self.day?;
        let own = self.account.map_or(&[][..], |account| &account.absences);
        own.iter().chain(&self.directory.absences).find(|absence| {
            absence.who.eq_ignore_ascii_case(address)
                && absence.from.is_none_or(|from| from <= day)
                && day <= absence.until
        })
    }
}

fn push_once(steps: &mut Vec<Step>, step: Step) {
    if !steps.contains(&step) {
        steps.push(step);
    }
}

#[cfg(test)]
mod tests;
