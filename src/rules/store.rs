//! A compiled rule set as bytes: written when the program is built, read when it starts.
//!
//! Tables and programs are read where they lie; only the rules' names and numbers are unpacked. The
//! form is private to one build of the program.

use super::lexicon::Lexicon;
use super::matcher::Matcher;
use super::set::RuleSet;
use super::table::Rows;

/// The set as bytes.
///
/// # Errors
///
/// When the set cannot be written, with the reason in words.
pub fn write(set: &RuleSet) -> Result<Vec<u8>, String> {
    let mut bytes = postcard::to_allocvec(set).map_err(|fault| fault.to_string())?;
    bytes.extend(
        postcard::to_allocvec(&(&set.matcher, &set.triggers, &set.lexicon))
            .map_err(|fault| fault.to_string())?,
    );
    Ok(bytes)
}

/// The set that [`write()`] wrote; `None` for any other bytes.
#[must_use]
pub fn read(bytes: &'static [u8]) -> Option<RuleSet> {
    let (mut set, rest): (RuleSet, _) = postcard::take_from_bytes(bytes).ok()?;
    (set.matcher, set.triggers, set.lexicon) =
        postcard::from_bytes::<(Matcher<'static>, Rows<'static>, Lexicon<'static>)>(rest).ok()?;
    Some(set)
}
