//! Patterns and word lists to the tables of a [`Matcher`].

use std::collections::{HashMap, HashSet};

use super::findings::Spare;
use super::index::LiteralIndex;
use super::user::{User, Wanted};
use super::{Matcher, Pattern, PatternId};
use crate::rules::pattern::bytes;
use crate::rules::pattern::class::Classes;
use crate::rules::pattern::code::Code;
use crate::rules::pattern::literal::{MIN_TEXT, Need, Requirement, begins_a_word, requirements, whole};
use crate::rules::pattern::{Fault, Inst, Node, assemble, is_word};
use crate::rules::table::Rows;

/// Collects patterns and lists, then builds the [`Matcher`].
#[derive(Default)]
pub struct Builder {
    insts: Vec<Inst>,
    classes: Classes,
    patterns: Vec<Pattern>,
    /// Texts looked for where words begin, and those looked for everywhere.
    words: Vec<(String, User)>,
    anywhere: Vec<(String, User)>,
    /// Word lists with an entry that does not begin with a character of a word.
    odd_lists: Vec<u16>,
    /// Word list and who needs it.
    list_users: Vec<(u32, User)>,
    /// Numbers of the patterns there are, by their texts.
    known: HashMap<String, PatternId>,
    /// What these patterns are added to.
    base: Option<Matcher<'static>>,
}

impl Builder {
    /// Begins to add patterns to those of a matcher to which none has been added. Of its own, the `known` ones
    /// need not be added again: the numbers and texts of those that mean the same under the word lists to come.
    pub fn onto<'t>(base: Matcher<'static>, known: impl Iterator<Item = (PatternId, &'t str)>) -> Self {
        let known = known.map(|(id, text)| (text.to_owned(), id)).collect();
        Self { known, base: Some(base), ..Self::default() }
    }

    /// The number of the pattern with this text, if there is one.
    #[must_use]
    pub fn known(&self, text: &str) -> Option<PatternId> {
        self.known.get(text).copied()
    }

    /// Adds a word list's entry, normalised; a trailing `*` leaves its last word open, and a hyphen
    /// stands for a hyphen or a space.
    pub fn entry(&mut self, list: u16, entry: &str) {
        let open = entry.ends_with('*');
        let text = entry.trim_end_matches('*').trim();
        if text.len() < MIN_TEXT {
            return;
        }
        if !begins_with_word(text) {
            self.odd_lists.push(list);
        }
        self.want(text.to_owned(), begins_with_word(text), User::entry(list, open));
        if text.contains('-') {
            self.want(text.replace('-', " "), begins_with_word(text), User::entry(list, open));
        }
    }

    fn want(&mut self, text: String, starts_word: bool, user: User) {
        let texts = if starts_word { &mut self.words } else { &mut self.anywhere };
        texts.push((text, user));
    }

    /// Adds the pattern with this text and gives its number. The entries of the lists it names must have been
    /// added.
    ///
    /// # Errors
    ///
    /// When the pattern is too large.
    pub fn pattern(&mut self, text: &str, node: &Node) -> Result<PatternId, Fault> {
        let program = assemble(node, &mut self.classes)?;
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let first = u32::try_from(self.insts.len()).unwrap_or(u32::MAX);
        self.insts.extend(program);
        let last = u32::try_from(self.insts.len()).unwrap_or(u32::MAX);
        let (anchored, whole) = (bytes::is_anchored(node), whole(node));
        // The program of one that is whole is never run: it counts toward the limit on all together, and tests
        // hold what is found without it against what it finds.
        let is_whole = whole.is_some();
        let needs = whole.map_or_else(|| requirements(node), |pieces| vec![Requirement::whole(pieces)]);
        self.patterns.push(Pattern {
            first,
            last,
            prefix: needs.first().is_some_and(|need| need.prefix),
            anchored,
            word: begins_a_word(node, &|list| !self.odd_lists.contains(&list)),
            whole: is_whole,
            needs: u8::try_from(needs.len()).unwrap_or(u8::MAX),
            halvings: needs
                .iter()
                .map(Requirement::halvings)
                .max()
                .and_then(|most| u8::try_from(most).ok())
                .unwrap_or(0),
            begins: bytes::first(node),
            holds: bytes::must(node),
        });
        self.need(id, needs, (anchored, is_whole));
        let before = self.base.as_ref().map_or(0, Matcher::len);
        let number = id.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
        self.known.insert(text.to_owned(), number);
        Ok(number)
    }

    /// Notes what a pattern needs.
    fn need(&mut self, id: PatternId, needs: Vec<Requirement>, (anchored, whole): (bool, bool)) {
        let count = needs.len();
        for (at, requirement) in (0..).zip(needs) {
            let (begins, last) = (requirement.prefix, usize::from(at) + 1 == count);
            let anchored = anchored && begins;
            let user = |ends_word| User::pattern(id, Wanted { at, last, begins, whole, ends_word, anchored });
            for need in requirement.needs {
                match need {
                    Need::Text(piece) => self.want(piece.text, piece.starts_word, user(piece.ends_word)),
                    Need::List(list) => self.list_users.push((u32::from(list), user(false))),
                }
            }
        }
    }

    /// The matcher of everything added.
    #[must_use]
    pub fn build(self) -> Matcher<'static> {
        let lists = self.list_users.iter().map(|&(list, _)| list as usize + 1).max().unwrap_or(0);
        let list_users: Vec<_> =
            self.list_users.iter().map(|&(list, user)| (list, user.number(false))).collect();
        let base = match self.base {
            Some(base) if self.patterns.is_empty() => return base,
            base => base,
        };
        // Entries of lists that no pattern names are nobody's: with few patterns, that is nearly all of them.
        let list_of = |inst: &Inst| if let Inst::List(list) = inst { Some(*list) } else { None };
        let named: HashSet<u16> = self.insts.iter().filter_map(list_of).collect();
        let is_named = |user: &User| user.list().is_none_or(|(list, _)| named.contains(&list));
        let [words, anywhere] = [self.words, self.anywhere]
            .map(|texts| texts.into_iter().filter(|(_, user)| is_named(user)).collect());
        let patterns = (0..).zip(&self.patterns);
        let always = patterns.clone().filter(|(_, pattern)| pattern.needs == 0).map(|(id, _)| id);
        let built = Matcher {
            always: always.collect(),
            code: Code::new(&self.insts),
            classes: self.classes.into_table(),
            patterns: patterns.map(|(_, pattern)| pattern.numbers()).collect(),
            words: LiteralIndex::new(words),
            anywhere: LiteralIndex::new(anywhere),
            list_users: Rows::new(lists, &list_users),
            added: None,
            spare: Spare::default(),
        };
        match base {
            Some(base) => base.with_added(Some(built)),
            None => built,
        }
    }
}

fn begins_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(is_word)
}
