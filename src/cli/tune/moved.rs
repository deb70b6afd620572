//! What learning anew would move: phrases and rules, those first whose points go farthest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use postroom::corpus::tune::lexicon::Outcome;
use postroom::rules::RuleSet;
use postroom::rules::lexicon::{Lexicon, Part, TARGETS};
use postroom::rules::set::Rule;
use postroom::terms::{Aspect, Class};
use postroom::triage::output::escape;

use super::show::counted;

/// Phrases shown, and rules.
const SHOWN: usize = 10;

/// Points by class, then by topic.
type Points = [f64; TARGETS];

/// The phrases of a list with their points.
pub(super) fn phrases(lexicon: &Lexicon<'_>) -> BTreeMap<(Part, String), Points> {
    let numbers = 0..u32::try_from(lexicon.len()).unwrap_or(u32::MAX);
    let phrase = |number| {
        let (part, text) = lexicon.phrase(number);
        ((part, text.to_owned()), lexicon.all_points(number))
    };
    numbers.map(phrase).collect()
}

/// Says how many phrases come and go, and which phrases and rules move farthest.
pub(super) fn show(rules: &RuleSet, outcome: &Outcome, text: &mut String) {
    let (before, after) = (phrases(&rules.lexicon), phrases(&outcome.rules.lexicon));
    let kept = after.keys().filter(|phrase| before.contains_key(*phrase)).count();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "\n{} in place of {}: {kept} kept, {} new, {} gone",
        counted(after.len(), "phrase"),
        before.len(),
        after.len() - kept,
        before.len() - kept
    );
    let named = |(part, phrase): &(Part, String)| match part {
        Part::Text => format!("\u{201c}{phrase}\u{201d}"),
        Part::Subject => format!("\u{201c}{phrase}\u{201d} in the subject"),
    };
    let both = after.iter().filter_map(|(phrase, after)| Some((named(phrase), *before.get(phrase)?, *after)));
    farthest("of the phrases kept", both.collect(), text);
    let of_rule =
        |(before, after): (&Rule, &Rule)| (before.id.to_string(), before.all_points(), after.all_points());
    farthest("of the rules", rules.rules.iter().zip(&outcome.rules.rules).map(of_rule).collect(), text);
    text.push('\n');
}

/// The few of these whose points move farthest, and which points those are.
fn farthest(what: &str, moved: Vec<(String, Points, Points)>, text: &mut String) {
    let most = |(name, before, after): (String, Points, Points)| {
        let far = |target: &usize| (after[*target] - before[*target]).abs();
        let target = (0..TARGETS).max_by(|a, b| far(a).total_cmp(&far(b)))?;
        (far(&target) > 0.0).then(|| (name, target, before[target], after[target]))
    };
    let mut moved: Vec<_> = moved.into_iter().filter_map(most).collect();
    moved
        .sort_by(|(a, _, a0, a1), (b, _, b0, b1)| (b1 - b0).abs().total_cmp(&(a1 - a0).abs()).then(a.cmp(b)));
    if moved.is_empty() {
        return;
    }
    let words: Vec<&str> = Class::WORDS.iter().chain(Aspect::WORDS).copied().collect();
    let _ = writeln!(text, "\n  {what}, {} move, farthest:", moved.len());
    for (name, target, before, after) in moved.into_iter().take(SHOWN) {
        let word = words.get(target).copied().unwrap_or_default();
        let _ =
            writeln!(text, "  {:<32}  {word:<20}  {before:>+6.2}  ->  {after:>+6.2}", escape::line(&name));
    }
}
