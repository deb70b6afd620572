//! Findings on the agency, its accounts and absences.

use std::collections::{HashMap, HashSet};

use super::Found;
use crate::rules::diagnostic::Place;
use crate::rules::read::shorten;
use crate::rules::source::{AbsenceSource, AccountSource, Allow, At, Sources};

pub(super) fn lint<'s>(sources: &'s Sources, found: &mut Found<'s>) {
    let agency = &sources.agency;
    if agency.am.is_none() || agency.pm.is_none() {
        let message = "the agency names no `am` or no `pm`, so mail from unknown senders has nobody to go to";
        found
            .list
            .notice("agency-without-people", message)
            .help("add to accounts.toml, under [agency]: am = \"…\" and pm = \"…\"");
    }
    let mut senders = HashMap::new();
    for account in &sources.accounts {
        people(sources, account, found);
        shared_senders(account, &mut senders, found);
    }
    preferences(sources, found);
    let everybody = everybody(sources);
    let accounts = sources.accounts.iter().map(|account| (&account.allow, &account.absences));
    for (allow, absences) in [(&agency.allow, &agency.absences)].into_iter().chain(accounts) {
        absences.iter().for_each(|absence| self::absence(absence, allow, &everybody, found));
    }
}

fn people<'s>(sources: &Sources, account: &'s AccountSource, found: &mut Found<'s>) {
    let id = shorten(&account.id.value);
    let agency = &sources.agency;
    for (role, own, default) in [("am", &account.am, &agency.am), ("pm", &account.pm, &agency.pm)] {
        if own.is_none() && default.is_none() {
            found
                .warning(
                    &account.allow,
                    "account-without-people",
                    &account.id.place,
                    format!("the account `{id}` has no `{role}`"),
                )
                .help(format!("add `{role} = \"…\"` here, or under [agency] for all accounts"));
        }
    }
    if account.domains.is_empty() && account.addresses.is_empty() && account.to.is_empty() {
        found
            .warning(
                &account.allow,
                "account-without-sender",
                &account.id.place,
                format!("no mail is known to be from `{id}`"),
            )
            .help("add `domains`, `addresses` or `to`");
    }
}

fn shared_senders<'s>(
    account: &'s AccountSource,
    known: &mut HashMap<(&'static str, String), (&'s str, &'s Place)>,
    found: &mut Found<'s>,
) {
    let lists = [("domain", &account.domains), ("address", &account.addresses), ("address", &account.to)];
    for (at, (what, list)) in lists.into_iter().enumerate() {
        // What is written to and what is sent from are told apart.
        let space = if at == 2 { "to" } else { what };
        for sender in list {
            let key = (space, sender.value.to_lowercase());
            let Some((owner, place)) = known.get(&key) else {
                known.insert(key, (&account.id.value, &sender.place));
                continue;
            };
            let message = match *owner == account.id.value {
                true => format!("the {what} `{}` is given twice", shorten(&sender.value)),
                false => format!("the {what} `{}` belongs to two accounts", shorten(&sender.value)),
            };
            found
                .warning(&account.allow, "shared-sender", &sender.place, message)
                .help("leave it with one of them; a single address may be given to another account under `addresses`")
                .related(place, format!("account `{}`", shorten(owner)));
        }
    }
}

/// A preference has an effect only where a route or an adjustment asks for its key.
fn preferences<'s>(sources: &'s Sources, found: &mut Found<'s>) {
    let routes = sources.routes.iter().map(|route| &route.matches);
    let matchers = routes.chain(sources.adjusts.iter().map(|adjust| &adjust.matches));
    let asked: HashSet<&str> =
        matchers.flat_map(|matcher| &matcher.prefers).map(|(key, _)| key.value.as_str()).collect();
    let accounts = sources.accounts.iter().map(|account| (&account.allow, &account.prefers));
    let all = [(&sources.agency.allow, &sources.agency.prefers)].into_iter().chain(accounts);
    for (allow, (key, value)) in all.flat_map(|(allow, prefers)| prefers.iter().map(move |one| (allow, one)))
    {
        if !asked.contains(key.as_str()) {
            let message = format!("no route asks whether an account prefers `{}`", shorten(key));
            let near = crate::rules::nearest::nearest(key, asked.iter().copied());
            let help = match near {
                Some(near) => format!("write `{near}`"),
                None => format!(
                    "add a route to routing.toml with `prefers = {{ {} = \"{}\" }}`",
                    shorten(key),
                    value.value
                ),
            };
            found.warning(allow, "unused-preference", &value.place, message).help(help);
        }
    }
}

fn everybody(sources: &Sources) -> HashSet<String> {
    let accounts = sources.accounts.iter().flat_map(|account| [&account.am, &account.pm]);
    let people = [&sources.agency.am, &sources.agency.pm].into_iter().chain(accounts).flatten();
    // Somebody who covers may be away in turn.
    let absences = sources.accounts.iter().flat_map(|account| &account.absences);
    let covers = sources.agency.absences.iter().chain(absences);
    let covers =
        covers.filter(|absence| absence.cover.value != absence.who.value).map(|absence| &absence.cover);
    people.chain(covers).map(|at: &At<String>| at.value.to_lowercase()).collect()
}

fn absence<'s>(
    absence: &'s AbsenceSource,
    allow: &'s [Allow],
    everybody: &HashSet<String>,
    found: &mut Found<'s>,
) {
    let AbsenceSource { who, cover, from, until } = absence;
    if let Some(from) = from.as_ref().filter(|from| from.value > until.value) {
        found
            .warning(allow, "absence-backwards", &until.place, "this absence ends before it begins")
            .label(format!("ends {}", until.value))
            .help("`from` is the first day away, `until` the last")
            .related(&from.place, format!("begins {}", from.value));
    }
    if !everybody.contains(&who.value.to_lowercase()) {
        let message =
            format!("`{}` is nobody's `am` or `pm`, so this absence changes nothing", shorten(&who.value));
        found
            .warning(allow, "absence-of-nobody", &who.place, message)
            .help("write the address as under `am` or `pm`");
    }
    if cover.value.eq_ignore_ascii_case(&who.value) {
        let message = format!("`{}` covers for themselves", shorten(&who.value));
        found
            .warning(allow, "covers-themselves", &cover.place, message)
            .help("name the person who answers meanwhile");
    }
}
