//! What is logged: ids, rule names and places in the code; never a mail's words.

use std::panic::Location;

use postroom::triage::output::Report;

use super::failure::tell;

/// A fault of this program: where it is, not what it said.
pub(crate) fn fault(place: Option<&Location<'_>>) {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tell("internal fault", &format!("at {place}; please report it with this line"));
}

/// Most of an id that is logged, in bytes.
const LONGEST_ID: usize = 200;

/// What is logged of a Message-ID: nothing unless it has the form of one (RFC 5322, section 3.6.4), since
/// a sender can write words there.
fn shown(id: &str) -> Option<&str> {
    let well_formed = id.contains('@') && id.bytes().all(|byte| byte.is_ascii_graphic());
    well_formed.then(|| id.get(..LONGEST_ID).unwrap_or(id))
}

/// A mail that was judged.
pub(crate) fn judged(report: &Report<'_>) {
    let triage = report.triage;
    let rules = || report.counted_hits().map(|(_, rule)| rule.id.as_ref()).collect::<Vec<_>>().join(" ");
    tracing::info!(
        index = report.origin.index,
        id = triage.message.message_id.as_deref().and_then(shown).map(tracing::field::debug),
        class = triage.decision.word(),
        owner = postroom::triage::output::owner_word(&triage.route),
        rules = rules(),
        "judged"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_when_it_is_one_and_no_longer_than_needed() {
        assert_eq!(shown("t1@larkmoor.example"), Some("t1@larkmoor.example"));
        for words in ["my password is hunter2", "we pay 300 @ most", "hunter2", "tab\there@x", "é@x", ""] {
            assert_eq!(shown(words), None, "{words}");
        }
        let long = format!("{}@x", "a".repeat(280_000));
        assert_eq!(shown(&long).map(str::len), Some(LONGEST_ID));
    }
}
