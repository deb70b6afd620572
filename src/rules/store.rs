//! A compiled rule set as bytes: the built-in one, written when the program is built, and those of folders.
//!
//! Tables and programs are read where they lie; only the rules' names and numbers are unpacked. The
//! form is private to one build of the program.

use serde::{Deserialize, Serialize};

use super::hash;
use super::lexicon::Lexicon;
use super::matcher::Matcher;
use super::set::RuleSet;
use super::table::Rows;

/// The tables of a set.
type Tables = (Matcher<'static>, Rows<'static>, Lexicon<'static>);

/// The set as bytes, and the texts of its patterns, in the order of their numbers.
///
/// # Errors
///
/// When the set cannot be written, with the reason in words.
pub fn write(set: &RuleSet, patterns: &[&str]) -> Result<Vec<u8>, String> {
    Ok([bytes_of(&(&set.matcher, &set.triggers, &set.lexicon))?, bytes_of(set)?, bytes_of(&patterns)?]
        .concat())
}

fn bytes_of(value: &impl Serialize) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(value).map_err(|fault| fault.to_string())
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
    let ((matcher, triggers, lexicon), rest) = postcard::take_from_bytes::<Tables>(bytes).ok()?;
    let (set, rest) = postcard::take_from_bytes::<RuleSet>(rest).ok()?;
    Some((RuleSet { matcher, triggers, lexicon, ..set }, rest))
}

/// What a set has of the built-in one, as it is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shared {
    /// The patterns, to which others may have been added.
    pub patterns: bool,
    /// The phrase list.
    pub phrases: bool,
}

/// What stands before the set of a folder.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// A fingerprint of the files that the set was made of.
    pub(super) texts: u64,
    /// One of the bytes of the set.
    content: u64,
}

impl Head {
    const MAGIC: [u8; 8] = *b"postroom";

    /// Bytes it takes.
    pub(super) const LENGTH: usize = 32;

    fn write(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let parts = [Self::MAGIC, crate::built_in::BUILD.to_le_bytes(), self.texts.to_le_bytes()];
        let parts = parts.into_iter().chain([self.content.to_le_bytes()]);
        bytes.as_chunks_mut().0.iter_mut().zip(parts).for_each(|(to, part)| *to = part);
        bytes
    }

    /// That of a set which this build of the program wrote.
    pub(super) fn read(bytes: [u8; Self::LENGTH]) -> Option<Self> {
        let &[magic, build, texts, content] = bytes.as_chunks().0 else { return None };
        let [build, texts, content] = [build, texts, content].map(u64::from_le_bytes);
        (magic == Self::MAGIC && build == crate::built_in::BUILD).then_some(Self { texts, content })
    }

    /// Whether these bytes are those of the set.
    pub(super) fn is_whole(self, bytes: &[u8]) -> bool {
        hash::with(hash::NONE, bytes) == self.content
    }
}

/// How a folder's set lies in its bytes: what it has of the built-in one is not repeated.
#[derive(Serialize, Deserialize)]
struct Own<S, P, T, L> {
    set: S,
    shared_patterns: bool,
    /// The patterns; those that are added to the built-in ones where these are shared.
    patterns: Option<P>,
    triggers: T,
    /// The phrase list, where it is not the built-in one.
    phrases: Option<L>,
}

/// A folder's set as bytes, made of files with the fingerprint `texts`.
pub(super) fn write_own(set: &RuleSet, shared: Shared, texts: u64) -> Result<Vec<u8>, String> {
    let own = Own {
        set,
        shared_patterns: shared.patterns,
        patterns: if shared.patterns { set.matcher.added() } else { Some(&set.matcher) },
        triggers: &set.triggers,
        phrases: (!shared.phrases).then_some(&set.lexicon),
    };
    let bytes = bytes_of(&own)?;
    let content = hash::with(hash::NONE, &bytes);
    Ok([Head { texts, content }.write().as_slice(), &bytes].concat())
}

/// The set that [`write_own`] wrote after its head, which says whether the bytes are whole.
pub(super) fn read_own(bytes: &'static [u8]) -> Option<RuleSet> {
    let (matcher, _, lexicon) = postcard::take_from_bytes::<Tables>(crate::built_in::COMPILED).ok()?.0;
    let own: Own<RuleSet, Matcher<'static>, Rows<'static>, Lexicon<'static>> =
        postcard::from_bytes(bytes).ok()?;
    let matcher = if own.shared_patterns { matcher.with_added(own.patterns) } else { own.patterns? };
    Some(RuleSet { matcher, triggers: own.triggers, lexicon: own.phrases.unwrap_or(lexicon), ..own.set })
}
