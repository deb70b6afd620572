//! What one scan of a sentence found: whose needs are met, and where matches may begin.

use std::sync::{Mutex, PoisonError};

use super::PatternId;
use super::user::User;
use crate::rules::pattern::bytes::CharSet;
use crate::rules::pattern::vm::{Cache, Haystack, ListMatches};

/// What one scan of a sentence found; memory is kept between sentences. Made by
/// [`Matcher::findings`](super::Matcher::findings).
#[derive(Clone, Debug)]
pub struct Findings {
    /// By pattern: how many of its needs are met, one after the other, and the flags below.
    met: Vec<u8>,
    /// Patterns of which that is not as it was before the scan.
    touched: Vec<PatternId>,
    /// Patterns all of whose needs are met.
    complete: Vec<PatternId>,
    /// Where texts stand that matches begin with.
    pub(super) places: Places,
    pub(super) lists: ListMatches,
    /// Where words begin.
    pub(super) word_starts: Vec<usize>,
    /// Characters of the sentence.
    pub(super) chars: CharSet,
    pub(super) cache: Cache,
    /// The same of added patterns.
    pub(super) added: Option<Box<Findings>>,
}

/// Everything a pattern needs is there.
const COMPLETE: u8 = 0x80;

/// The pattern has been looked for, and its only place, if any, is where it matches.
const SETTLED: u8 = 0x40;

/// The pattern needs nothing.
const NEEDS_NOTHING: u8 = 0x20;

impl Findings {
    /// Nothing found yet, with room for what is found in most sentences: so many patterns, and those among them
    /// that need nothing.
    pub(super) fn new(
        patterns: usize,
        always: impl Iterator<Item = PatternId>,
        added: Option<Box<Self>>,
    ) -> Self {
        let mut met = vec![0; patterns];
        for pattern in always {
            met.get_mut(pattern as usize).into_iter().for_each(|met| *met = NEEDS_NOTHING | COMPLETE);
        }
        Self {
            met,
            touched: Vec::with_capacity(128),
            complete: Vec::with_capacity(64),
            places: Places { last: vec![0; patterns], places: Vec::with_capacity(128) },
            lists: ListMatches::default(),
            word_starts: Vec::with_capacity(64),
            chars: CharSet::NONE,
            cache: Cache::default(),
            added,
        }
    }

    /// Patterns whose needs are met in the sentence, each once, in the order in which they came to be.
    pub fn patterns(&self) -> impl Iterator<Item = PatternId> {
        let first = u32::try_from(self.met.len()).unwrap_or(u32::MAX);
        let added = self.added.iter().flat_map(|added| &added.complete);
        self.complete.iter().copied().chain(added.map(move |id| id.saturating_add(first)))
    }

    pub(super) fn clear(&mut self) {
        for pattern in self.touched.drain(..) {
            let Some(met) = self.met.get_mut(pattern as usize) else { continue };
            *met = if *met & NEEDS_NOTHING == 0 { 0 } else { NEEDS_NOTHING | COMPLETE };
            self.places.forget(pattern);
        }
        self.complete.clear();
        self.places.places.clear();
        self.lists.clear();
        self.word_starts.clear();
    }

    /// Whether everything the pattern needs is there; `None` of a pattern that is not among these.
    #[inline]
    pub(super) fn is_complete(&self, pattern: PatternId) -> Option<bool> {
        self.met.get(pattern as usize).map(|met| met & COMPLETE != 0)
    }

    /// Where the pattern matches, once that has been [settled](Self::settle).
    pub(super) fn settled(&self, pattern: PatternId) -> Option<Option<(usize, usize)>> {
        let settled = self.met.get(pattern as usize).is_some_and(|met| met & SETTLED != 0);
        settled.then(|| self.places.of(pattern).next())
    }

    /// Notes where the pattern matches, if it does: rules ask for the same.
    pub(super) fn settle(&mut self, pattern: PatternId, found: Option<(usize, usize)>) {
        let Some(met) = self.met.get_mut(pattern as usize) else { return };
        *met |= SETTLED;
        self.touched.push(pattern);
        self.places.forget(pattern);
        if let Some(place) = found {
            self.places.put(pattern, place, true);
        }
    }

    /// What a pattern needs stands at `start..end`. It counts when all that it needs before has been met:
    /// a sentence is scanned from front to back.
    #[inline(always)]
    pub(super) fn meet(&mut self, user: User, sentence: Haystack<'_>, start: usize, end: usize) {
        // No count of needs met is as much as is taken for a pattern that is not among these.
        let met = self.met.get(user.id() as usize).copied().unwrap_or(u8::MAX);
        let next = met == user.at();
        // Most of what stands in a sentence is neither.
        if next | user.begins() {
            self.note(user, next, sentence, (start, end));
        }
    }

    #[inline(never)]
    fn note(&mut self, user: User, next: bool, sentence: Haystack<'_>, (start, end): (usize, usize)) {
        let id = user.id();
        if (user.is_anchored() && start != sentence.start) || (user.ends_word() && sentence.is_word_at(end)) {
            return;
        }
        let Some(met) = self.met.get_mut(id as usize) else { return };
        if *met == 0 {
            self.touched.push(id);
        }
        if next {
            *met += 1;
            if user.is_last() {
                *met |= COMPLETE;
                self.complete.push(id);
            }
        }
        if user.begins() {
            self.places.put(id, (start, end), user.is_whole());
        }
    }
}

/// Findings that are done with, for the mails to come: to make them takes time for every pattern there is.
///
/// A copy begins empty, as does what is read from a file.
#[derive(Debug, Default)]
pub(super) struct Spare(Mutex<Vec<Findings>>);

/// Most that are kept: as many mails may be looked at in one moment.
const MOST_SPARE: usize = 64;

impl Spare {
    pub(super) fn take(&self) -> Option<Findings> {
        // A thread that panicked between a push and a pop has left the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(super) fn put(&self, findings: Findings) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_SPARE {
            all.push(findings);
        }
    }
}

impl Clone for Spare {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Places by pattern, those of each in the order of the text.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// By pattern: one more than the last of its places, 0 without any.
    last: Vec<u32>,
    places: Vec<Place>,
}

/// A place; those of one pattern stand in a ring.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    end: u32,
    /// Index of the next one, or for the last of the first.
    next: u32,
}

impl Places {
    fn forget(&mut self, pattern: PatternId) {
        self.last.get_mut(pattern as usize).into_iter().for_each(|last| *last = 0);
    }

    /// Notes a place, or only the `first` of a pattern; of two at the same place the longer one counts.
    fn put(&mut self, pattern: PatternId, (start, end): (usize, usize), first: bool) {
        // What is searched of a mail is short.
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        let Some(last) = self.last.get_mut(pattern as usize) else { return };
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let before = last.checked_sub(1).and_then(|last| self.places.get_mut(last as usize));
        let next = match before {
            Some(before) if before.start == start => {
                before.end = before.end.max(end);
                return;
            }
            Some(_) if first => return,
            Some(before) => std::mem::replace(&mut before.next, number),
            None => number,
        };
        self.places.push(Place { start, end, next });
        *last = number + 1;
    }

    /// Where the places of a pattern begin and end, in the order of the text.
    pub(super) fn of(&self, pattern: PatternId) -> impl Iterator<Item = (usize, usize)> + '_ {
        let place = |at: u32| self.places.get(at as usize).copied();
        let last = self.last.get(pattern as usize).and_then(|last| last.checked_sub(1));
        let mut next = last.and_then(place).map(|last| last.next);
        std::iter::from_fn(move || {
            let at = next?;
            let found = place(at)?;
            next = Some(found.next).filter(|_| last != Some(at));
            Some((found.start as usize, found.end as usize))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_in_the_order_of_the_text() {
        let mut places = Places { last: vec![0; 3], places: Vec::new() };
        for (pattern, start, end) in
            [(1, 2, 4), (2, 2, 3), (2, 2, 5), (1, 5, 6), (1, 5, 9), (1, 7, 8), (2, 9, 10)]
        {
            places.put(pattern, (start, end), pattern == 2);
        }
        let of = |places: &Places, pattern| places.of(pattern).collect::<Vec<_>>();
        assert_eq!(of(&places, 0), []);
        assert_eq!(of(&places, 1), [(2, 4), (5, 9), (7, 8)]);
        assert_eq!(of(&places, 2), [(2, 5)], "the first alone");
        places.forget(1);
        assert_eq!(of(&places, 1), []);
    }
}
