//! What is logged: ids, rule names and places in the code; never a mail's words.

use std::panic::Location;

use postroom::triage::output::Report;

use super::failure::tell;

/// A fault of this program: where it is, not what it said.
pub(crate) fn fault(place: Option<&Location<'_>>) {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tell("internal fault", &format!("at {place}; please report it with this line"));
}

/// A mail that was judged.
pub(crate) fn judged(report: &Report<'_>) {
    let triage = report.triage;
    let rules: Vec<&str> = report.counted_hits().map(|(_, rule)| rule.id.as_ref()).collect();
    tracing::info!(
        index = report.origin.index,
        id = triage.message.message_id.as_deref().map(tracing::field::debug),
        class = triage.decision.word(),
        owner = postroom::triage::output::owner_word(&triage.route),
        rules = rules.join(" "),
        "judged"
    );
}
