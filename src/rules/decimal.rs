//! Decimals with a comma: TOML takes what follows it for another key or value, and says something else.

use std::ops::Range;

/// The decimal with a comma that a fault at `at` comes from: the last one before it on its line.
pub(super) fn with_comma(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next()?;
    let commas = line.match_indices(',').map(|(comma, _)| comma).take_while(|comma| start + comma <= at);
    let found = commas.filter_map(|comma| around(line, comma)).last()?;
    Some(start + found.start..start + found.end)
}

/// The number around a comma, where it is the whole value of a key.
fn around(line: &str, comma: usize) -> Option<Range<usize>> {
    let (before, after) = (line.get(..comma)?, line.get(comma + 1..)?);
    let whole = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let key = whole.trim_end_matches(['-', '+']);
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = whole.len() < comma && rest.len() < after.len();
    let is_value = key.trim_end().ends_with('=') && !key.contains(['\'', '"', '#']);
    let ends = rest.trim_start().is_empty() || rest.trim_start().starts_with([',', '}', '#']);
    (is_number && is_value && ends).then(|| key.len()..line.len() - rest.len())
}
