//! What a text must contain for a pattern to match: the words that one scan a mail looks for, so that
//! a program runs only where it has a chance.

mod ends;
mod rarity;
mod whole;

use super::word::{Piece, Share, is_edge, word_share};
use super::{Node, is_word};
use ends::{exact, head, tail};
use rarity::{is_met_seldom, rarity, usable, without_letters, without_longer};
pub use whole::whole;

/// One thing that may be required.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// This text.
    Text(Piece),
    /// An entry of this word list.
    List(u16),
}

impl Need {
    /// Puts a condition before it.
    fn follow(&mut self, before: &Piece) {
        if let Self::Text(piece) = self {
            *piece = before.join(piece);
        }
    }
}

/// Any match contains at least one of `needs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The alternatives, none of them empty.
    pub needs: Vec<Need>,
    /// Every match begins with one of them, so a search need only start where they stand.
    pub prefix: bool,
    /// Its place among the requirements of the pattern: of two with different places, the one with the
    /// lesser is met further in front in every match, or at the same byte.
    pub place: usize,
    /// Requirements of one group may be met by the same text.
    group: usize,
}

impl Requirement {
    fn new(needs: Vec<Need>, prefix: bool) -> Self {
        Self { needs, prefix, place: 0, group: 0 }
    }

    /// One of these texts, which are all that the pattern stands for.
    #[must_use]
    pub fn whole(pieces: Vec<Piece>) -> Self {
        Self::new(pieces.into_iter().map(Need::Text).collect(), true)
    }

    /// How rarely it is met, in halvings, from 0 to 20: each letter that tells a text from others makes it four
    /// times as rare, and alternatives add up.
    #[must_use]
    pub fn halvings(&self) -> usize {
        let share = |need: &Need| match need {
            Need::Text(piece) => 0.25_f64.powi(rarity(&piece.text)),
            Need::List(_) => 0.25_f64.powi(3),
        };
        let met: f64 = self.needs.iter().map(share).sum();
        let halvings = -met.log2();
        // A text has at most ten letters that count.
        (0..20).take_while(|&at| f64::from(at) < halvings).count()
    }
}

/// Most alternatives of one requirement.
const MAX_NEEDS: usize = 512;

/// Longest text of a need; the rest is left to the program.
const MAX_TEXT: usize = 24;

/// Fewest bytes a text must have to be worth a scan.
pub const MIN_TEXT: usize = 2;

/// Most requirements of one pattern.
pub const MAX_REQUIREMENTS: usize = 4;

/// What a pattern needs, in the order in which a match meets it; empty when there is nothing to look for,
/// so that it must be tried everywhere.
#[must_use]
pub fn requirements(node: &Node) -> Vec<Requirement> {
    let mut rest: Vec<Requirement> = candidates(node).into_iter().filter(|c| usable(&c.needs)).collect();
    let Some(first) = best(&rest) else { return Vec::new() };
    let mut chosen = vec![rest.swap_remove(first)];
    rest.retain(|one| score(one) >= LEAST_SCORE && one.needs.iter().all(is_met_seldom));
    rest.sort_by_key(|one| std::cmp::Reverse(score(one)));
    for one in rest {
        // Of what the same text may meet the rarest is enough, but where matches begin is worth knowing.
        let apart = |other: &Requirement| {
            other.group != one.group
                || match (other.prefix, one.prefix) {
                    (true, false) => one.halvings() > other.halvings(),
                    (false, true) => other.halvings() > one.halvings(),
                    _ => false,
                }
        };
        if chosen.len() < MAX_REQUIREMENTS && chosen.iter().all(apart) {
            chosen.push(one);
        }
    }
    // To note where matches may begin is not worth it where something is needed that is far rarer.
    let rarest = chosen.iter().map(score).max().unwrap_or(0);
    chosen.retain(|one| !one.prefix || score(one) + FAR_RARER > rarest);
    chosen.sort_by_key(|one| one.place);
    chosen
}

/// How much more a requirement has to score so that a prefix is not worth its scan beside it.
const FAR_RARER: usize = 5;

/// Least score for which a further requirement is worth its scan.
const LEAST_SCORE: usize = 2;

/// The requirement of a pattern that serves best alone.
fn requirement(node: &Node) -> Option<Requirement> {
    let mut usable: Vec<Requirement> = candidates(node).into_iter().filter(|c| usable(&c.needs)).collect();
    best(&usable).map(|best| usable.swap_remove(best))
}

/// Which of the usable requirements serves best; of two that serve alike the one where matches begin.
fn best(all: &[Requirement]) -> Option<usize> {
    let serves = |one: &Requirement| (one.needs.iter().all(is_met_seldom), score(one), one.prefix);
    (0..all.len()).max_by_key(|&at| serves(&all[at]))
}

/// How well a requirement serves: how rarely it is met, and whether searches can start where it is.
fn score(requirement: &Requirement) -> usize {
    requirement.halvings() + usize::from(requirement.prefix)
}

/// Requirements found along a pattern, in order; the first one may be a prefix.
fn candidates(node: &Node) -> Vec<Requirement> {
    let Node::Concat(nodes) = node else {
        return one(node, &Piece::default()).into_iter().collect();
    };
    let mut found = Vec::new();
    let mut run = Run::new(true);
    let mut group = 0;
    let put = |requirement: Option<Requirement>, group: usize, found: &mut Vec<Requirement>| {
        let place = found.len();
        found.extend(requirement.map(|one| Requirement { place, group, ..one }));
    };
    for (at, part) in nodes.iter().enumerate() {
        match exact(part) {
            Some(pieces) if run.extend(&pieces) => {}
            Some(pieces) => {
                put(run.finish(), group, &mut found);
                group += 1;
                run = Run::after(&nodes[..at]);
                run.extend(&pieces);
            }
            None => {
                let edge = run.is_empty().then(|| run.edge());
                let first = run.first && edge.is_some();
                let longer = head(part).is_some_and(|pieces| run.extend(&pieces));
                put(run.finish(), group, &mut found);
                // What the part needs stands where its head does, or behind: at one place the scan tells
                // of the shorter text first, and of the same text in this order.
                group += usize::from(!longer);
                // Where text stands before it, that text with its beginning is as good as all of it.
                let before = edge.clone().unwrap_or_default();
                let rest = if longer && edge.is_none() { None } else { one(part, &before) };
                let begins = rest.as_ref().is_none_or(|rest| rest.prefix);
                let rest = rest.filter(|rest| !(longer && rest.prefix));
                let rest = rest.map(|rest| Requirement { prefix: rest.prefix && first, ..rest });
                put(rest, group, &mut found);
                // For the same reason its end may be needed too, unless what it needs may lie behind that.
                if let Some(end) = tail(part, &before).filter(|_| begins) {
                    run = Run::of(end);
                } else {
                    group += 1;
                    run = Run::after(&nodes[..=at]);
                }
            }
        }
    }
    put(run.finish(), group, &mut found);
    found
}

/// A run of parts that each stand for a few exact texts.
struct Run {
    pieces: Vec<Piece>,
    first: bool,
}

impl Run {
    fn new(first: bool) -> Self {
        Self { pieces: vec![Piece::default()], first }
    }

    /// A run that begins with these texts.
    fn of(pieces: Vec<Piece>) -> Self {
        Self { pieces, first: false }
    }

    /// A run that begins after these parts.
    fn after(parts: &[Node]) -> Self {
        Self::of(vec![if ends_word(parts) { Piece::edge() } else { Piece::default() }])
    }

    /// Whether it stands for no text at all: conditions only.
    fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.text.is_empty())
    }

    /// What stands before any text: an edge of a word where all of them have one, else nothing.
    fn edge(&self) -> Piece {
        let edge = self.pieces.iter().all(|piece| piece.starts_word);
        if edge { Piece::edge() } else { Piece::default() }
    }

    /// Appends each text to each; false when that would be too many.
    fn extend(&mut self, pieces: &[Piece]) -> bool {
        if pieces.is_empty() || self.pieces.len() * pieces.len() > MAX_NEEDS {
            return false;
        }
        let joined = self.pieces.iter().flat_map(|head| pieces.iter().map(move |tail| head.join(tail)));
        self.pieces = joined.collect();
        true
    }

    /// What the run needs; nothing when it may be of no text.
    fn finish(&self) -> Option<Requirement> {
        if self.pieces.iter().any(|piece| piece.text.is_empty()) {
            return None;
        }
        let pieces = self.pieces.iter().map(|piece| piece.shorten(MAX_TEXT));
        let mut needs: Vec<Need> = if self.first {
            pieces.map(Need::Text).collect()
        } else {
            // Where it stands matters to a prefix only.
            pieces.map(|piece| Need::Text(without_letters(piece.without_lead(MIN_TEXT)))).collect()
        };
        needs.sort();
        needs.dedup();
        if !self.first {
            needs = without_longer(&needs);
        }
        Some(Requirement::new(needs, self.first))
    }
}

/// The best requirement of a part that is no plain text, with `before` standing before it.
fn one(node: &Node, before: &Piece) -> Option<Requirement> {
    let follow = |mut requirement: Requirement| {
        if requirement.prefix {
            requirement.needs.iter_mut().for_each(|need| need.follow(before));
        }
        requirement
    };
    match node {
        Node::List(list) => Some(Requirement::new(vec![Need::List(*list)], true)),
        Node::Concat(_) => requirement(node).map(follow),
        Node::Repeat { node, min, .. } if *min >= 1 => one(node, before),
        Node::Alternation(nodes) => {
            let mut needs = Vec::new();
            let mut prefix = true;
            for branch in nodes {
                let requirement = requirement(branch).map(follow)?;
                prefix &= requirement.prefix;
                needs.extend(requirement.needs);
            }
            needs.sort();
            needs.dedup();
            (needs.len() <= MAX_NEEDS).then(|| Requirement::new(needs, prefix))
        }
        _ => exact(node).map(|pieces| {
            let needs = pieces.iter().filter(|piece| !piece.text.is_empty());
            let needs: Vec<Need> = needs.map(|piece| Need::Text(piece.shorten(MAX_TEXT))).collect();
            let prefix = needs.len() == pieces.len();
            follow(Requirement::new(if prefix { needs } else { Vec::new() }, prefix))
        }),
    }
}

/// Whether a word can only begin, not go on, after what these stand for, one after the other.
fn ends_word(parts: &[Node]) -> bool {
    let Some((last, before)) = parts.split_last() else { return false };
    match last {
        Node::Char(c) => !is_word(*c),
        Node::Class(ranges) => word_share(ranges) == Share::None,
        Node::Concat(inner) => ends_word(inner),
        Node::Alternation(inner) => inner.iter().all(|node| ends_word(std::slice::from_ref(node))),
        Node::Repeat { node, min, .. } => {
            ends_word(std::slice::from_ref(node)) && (*min > 0 || ends_word(before))
        }
        Node::Look(_) => is_edge(last),
        Node::Empty | Node::List(_) => false,
    }
}

/// Whether every match begins where a word does; `is_of_words` tells of a word list whether all its entries do.
#[must_use]
pub fn begins_a_word(node: &Node, is_of_words: &dyn Fn(u16) -> bool) -> bool {
    match node {
        Node::Concat(nodes) => {
            let rest = nodes.get(1..).unwrap_or_default();
            nodes.first().is_some_and(is_edge) && begins_with_word_char(rest, is_of_words)
        }
        Node::Alternation(nodes) => {
            !nodes.is_empty() && nodes.iter().all(|node| begins_a_word(node, is_of_words))
        }
        _ => false,
    }
}

/// Whether what these stand for, one after the other, begins with a character of a word for certain.
fn begins_with_word_char(nodes: &[Node], is_of_words: &dyn Fn(u16) -> bool) -> bool {
    let one = |node: &Node| begins_with_word_char(std::slice::from_ref(node), is_of_words);
    match nodes.split_first() {
        Some((Node::Char(c), _)) => is_word(*c),
        Some((Node::Class(ranges), _)) => word_share(ranges) == Share::All,
        Some((Node::List(list), _)) => is_of_words(*list),
        Some((Node::Concat(inner), _)) => begins_with_word_char(inner, is_of_words),
        Some((Node::Alternation(inner), _)) => inner.iter().all(one),
        Some((Node::Repeat { node, min, .. }, rest)) => {
            one(node) && (*min > 0 || begins_with_word_char(rest, is_of_words))
        }
        Some((node, rest)) => is_edge(node) && begins_with_word_char(rest, is_of_words),
        None => false,
    }
}

#[cfg(test)]
mod tests;
