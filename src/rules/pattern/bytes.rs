//! Which characters a match must begin with and contain: the cheapest reason not to run a program.

use super::class::CharClass;
use super::{Inst, Node};

/// A set of characters, coarse: each letter and digit its own, other characters in groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CharSet(u64);

/// The group of everything outside ASCII.
const BEYOND: u8 = 63;

/// The group of each ASCII character, upper case as lower case.
const GROUPS: [u8; 128] = groups();

const fn groups() -> [u8; 128] {
    let mut groups = [0; 128];
    let mut at = 0;
    while at < 128 {
        let byte = (at as u8).to_ascii_lowercase();
        groups[at] = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => byte - b'0' + 26,
            _ => 36 + byte % 27,
        };
        at += 1;
    }
    groups
}

/// The set of what begins with each byte.
const BEGUN: [u64; 256] = {
    let mut begun = [1 << BEYOND; 256];
    let mut at = 0;
    while at < 128 {
        begun[at] = 1 << GROUPS[at];
        at += 1;
    }
    begun
};

impl CharSet {
    /// No character.
    pub const NONE: Self = Self(0);
    /// Every character.
    pub const ALL: Self = Self(u64::MAX);

    fn of(c: char) -> Self {
        Self(1 << GROUPS.get(c as usize).copied().unwrap_or(BEYOND))
    }

    fn of_class(ranges: &[(char, char)]) -> Self {
        let class = CharClass::new(ranges);
        let ascii = (0..128u8).filter(|&byte| class.has_ascii(byte)).map(char::from);
        let beyond = ranges.iter().any(|&(_, last)| !last.is_ascii());
        ascii.map(Self::of).fold(if beyond { Self(1 << BEYOND) } else { Self::NONE }, Self::union)
    }

    /// This set and the character that begins with this byte.
    #[inline]
    #[must_use]
    pub fn with_byte(self, byte: u8) -> Self {
        Self(self.0 | BEGUN[usize::from(byte)])
    }

    /// Everything in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two may have a character in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set may hold the character that begins with this byte.
    #[must_use]
    pub fn may_begin(self, byte: u8) -> bool {
        self.0 & BEGUN[usize::from(byte)] != 0
    }

    /// The set as a number, for tables.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The set that [`to_bits`](Self::to_bits) gave.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    fn size(self) -> u32 {
        self.0.count_ones()
    }
}

/// The characters a match can begin with.
#[must_use]
pub fn first(node: &Node) -> CharSet {
    first_of(node).0
}

/// Whether a match can be of no character at all.
#[must_use]
pub fn may_be_empty(node: &Node) -> bool {
    first_of(node).1
}

/// The characters a match can begin with, and whether the node can match nothing.
fn first_of(node: &Node) -> (CharSet, bool) {
    match node {
        Node::Empty | Node::Look(_) => (CharSet::NONE, true),
        Node::Char(c) => (CharSet::of(*c), false),
        Node::Class(ranges) => (CharSet::of_class(ranges), false),
        Node::List(_) => (CharSet::ALL, false),
        Node::Concat(nodes) => {
            let mut set = CharSet::NONE;
            for node in nodes {
                let (first, empty) = first_of(node);
                set = set.union(first);
                if !empty {
                    return (set, false);
                }
            }
            (set, true)
        }
        Node::Alternation(nodes) => nodes
            .iter()
            .map(first_of)
            .fold((CharSet::NONE, false), |(set, empty), one| (set.union(one.0), empty || one.1)),
        Node::Repeat { node, min, .. } => {
            let (set, empty) = first_of(node);
            (set, empty || *min == 0)
        }
    }
}

/// Whether a match can begin only where the sentence does.
#[must_use]
pub fn is_anchored(node: &Node) -> bool {
    match node {
        Node::Look(look) => *look == Inst::Start,
        Node::Concat(nodes) => nodes.first().is_some_and(is_anchored),
        Node::Alternation(nodes) => !nodes.is_empty() && nodes.iter().all(is_anchored),
        _ => false,
    }
}

/// Two sets that any match must meet: the rarest ones, [`CharSet::ALL`] where there are none.
#[must_use]
pub fn must(node: &Node) -> [CharSet; 2] {
    let mut sets = Vec::new();
    collect_must(node, &mut sets);
    sets.sort_by_key(|set| set.size());
    sets.dedup();
    let mut sets = sets.into_iter();
    [sets.next().unwrap_or(CharSet::ALL), sets.next().unwrap_or(CharSet::ALL)]
}

fn collect_must(node: &Node, sets: &mut Vec<CharSet>) {
    match node {
        Node::Char(_) | Node::Class(_) => sets.push(first(node)),
        Node::Concat(nodes) => nodes.iter().for_each(|node| collect_must(node, sets)),
        Node::Repeat { node, min, .. } if *min > 0 => collect_must(node, sets),
        Node::Alternation(nodes) => {
            let branches = nodes.iter().map(|node| must(node)[0]);
            sets.push(branches.fold(CharSet::NONE, CharSet::union));
        }
        _ => {}
    }
}
