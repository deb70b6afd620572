//! Findings on routes: those never reached, and classes without an owner.

use std::collections::BTreeMap;

use super::Found;
use crate::rules::read::shorten;
use crate::rules::source::{Matcher, RouteSource, Sources};
use crate::terms::Class;

/// What `class` may say: the classes, and that none was sure enough.
fn outcomes() -> impl Iterator<Item = &'static str> {
    Class::WORDS.iter().copied().chain(["unsure"])
}

pub(super) fn lint<'s>(sources: &'s Sources, found: &mut Found<'s>) {
    // Outcome to the route that takes all mail of it.
    let mut taken: BTreeMap<&str, &RouteSource> = BTreeMap::new();
    for route in &sources.routes {
        let asks = |outcome: &str| {
            route.matches.class.is_empty() || route.matches.class.iter().any(|class| class.value == outcome)
        };
        let wanted: Vec<_> = outcomes().filter(|outcome| asks(outcome)).collect();
        let earlier = wanted.iter().map(|outcome| taken.get(outcome)).collect::<Option<Vec<_>>>();
        if let Some(Some(earlier)) = earlier.map(|all| all.last().copied()) {
            let message = format!("the route `{}` is never reached", shorten(&route.id.value));
            found
                .warning(&route.allow, "unreachable-route", &route.id.place, message)
                .help("put it before the route that has no conditions but the class; the first that matches decides")
                .related(&earlier.id.place, "this route takes all such mail before it");
        }
        if without_conditions(&route.matches) {
            for outcome in wanted {
                taken.entry(outcome).or_insert(route);
            }
        }
    }
    no_fallback(
        sources,
        &outcomes().filter(|outcome| !taken.contains_key(outcome)).collect::<Vec<_>>(),
        found,
    );
}

fn no_fallback(sources: &Sources, missing: &[&str], found: &mut Found<'_>) {
    let Some(first) = missing.first() else { return };
    let words = missing.join(", ");
    let message = format!("some mail would have no owner: no route takes all of {words}");
    let finding = match sources.routes.last() {
        Some(last) => found.list.error("no-fallback-route", &last.id.place, message).label("the last route"),
        None => found.list.fault("no-fallback-route", message),
    };
    finding.help(format!(
        "end routing.toml with a route that has no conditions but the class: class = \"{first}\", owner = \"am\""
    ));
}

fn without_conditions(matches: &Matcher) -> bool {
    let Matcher { class: _, topics, without, chiefly, owner, prefers } = matches;
    topics.is_empty() && without.is_empty() && chiefly.is_empty() && owner.is_empty() && prefers.is_empty()
}
