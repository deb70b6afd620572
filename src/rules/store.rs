//! A compiled rule set as bytes: written when the program is built, read when it starts.
//!
//! Tables and programs are read where they lie; only the rules' names and numbers are unpacked. The
//! form is private to one build of the program.

use super::lexicon::Lexicon;
use super::matcher::Matcher;
use super::set::RuleSet;
use super::table::Rows;

/// The set as bytes, and the texts of its patterns, in the order of their numbers.
///
/// # Errors
///
/// When the set cannot be written, with the reason in words.
pub fn write(set: &RuleSet, patterns: &[&str]) -> Result<Vec<u8>, String> {
    let mut bytes = postcard::to_allocvec(set).map_err(|fault| fault.to_string())?;
    bytes.extend(
        postcard::to_allocvec(&(&set.matcher, &set.triggers, &set.lexicon))
            .map_err(|fault| fault.to_string())?,
    );
    bytes.extend(postcard::to_allocvec(patterns).map_err(|fault| fault.to_string())?);
    Ok(bytes)
}

/// The set that [`write()`] wrote; `None` for any other bytes.
#[must_use]
pub fn read(bytes: &'static [u8]) -> Option<RuleSet> {
    read_set(bytes).map(|(set, _)| set)
}

/// The set that [`write()`] wrote, and the texts of its patterns.
#[must_use]
pub fn read_with_patterns(bytes: &'static [u8]) -> Option<(RuleSet, Vec<&'static str>)> {
    let (set, rest) = read_set(bytes)?;
    Some((set, postcard::from_bytes(rest).ok()?))
}

fn read_set(bytes: &'static [u8]) -> Option<(RuleSet, &'static [u8])> {
    let (mut set, rest): (RuleSet, _) = postcard::take_from_bytes(bytes).ok()?;
    let (tables, rest) =
        postcard::take_from_bytes::<(Matcher<'static>, Rows<'static>, Lexicon<'static>)>(rest).ok()?;
    (set.matcher, set.triggers, set.lexicon) = tables;
    Some((set, rest))
}
