//! What a text must contain for a pattern to match: the words that one scan a mail looks for, so that
//! a program runs only where it has a chance.

mod rarity;
mod whole;

use super::word::{Piece, Share, is_edge, word_share};
use super::{Inst, Node, is_word};
use rarity::{is_met_seldom, is_telling, rarity, usable, without_letters, without_longer};
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
    /// lesser is met further in front in every match.
    pub place: usize,
}

impl Requirement {
    /// One of these texts, which are all that the pattern stands for.
    #[must_use]
    pub fn whole(pieces: Vec<Piece>) -> Self {
        Self { needs: pieces.into_iter().map(Need::Text).collect(), prefix: true, place: 0 }
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
        if chosen.len() < MAX_REQUIREMENTS && chosen.iter().all(|other| other.place != one.place) {
            chosen.push(one);
        }
    }
    chosen.sort_by_key(|one| one.place);
    chosen
}

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
    let mut place = 0;
    for (at, part) in nodes.iter().enumerate() {
        match exact(part) {
            Some(pieces) if run.extend(&pieces) => {}
            Some(pieces) => {
                run.finish(place, &mut found);
                place += 1;
                run = Run::after(&nodes[..at]);
                run.extend(&pieces);
            }
            None => {
                let edge = run.is_empty().then(|| run.edge());
                let first = run.first && edge.is_some();
                let longer = head(part).is_some_and(|pieces| run.extend(&pieces));
                run.finish(place, &mut found);
                // What the part needs stands where its head does, or behind: at one place the scan tells
                // of the shorter text first, and of the same text in this order.
                place += 1;
                // Where text stands before it, that text with its beginning is as good as all of it.
                let before = edge.clone().unwrap_or_default();
                let rest = if longer && edge.is_none() { None } else { one(part, &before) };
                let begins = rest.as_ref().is_none_or(|rest| rest.prefix);
                found.extend(rest.filter(|rest| !(longer && rest.prefix)).map(|rest| {
                    let prefix = rest.prefix && first;
                    Requirement { prefix, place, ..rest }
                }));
                place += 1;
                // For the same reason its end may be needed too, unless what it needs may lie behind that.
                let end = tail(part, &before).filter(|_| begins);
                run = end.map_or_else(|| Run::after(&nodes[..=at]), Run::of);
            }
        }
    }
    run.finish(place, &mut found);
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

    fn finish(&self, place: usize, found: &mut Vec<Requirement>) {
        if self.pieces.iter().any(|piece| piece.text.is_empty()) {
            return;
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
        found.push(Requirement { needs, prefix: self.first, place });
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
        Node::List(list) => Some(Requirement { needs: vec![Need::List(*list)], prefix: true, place: 0 }),
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
            (needs.len() <= MAX_NEEDS).then_some(Requirement { needs, prefix, place: 0 })
        }
        _ => exact(node).map(|pieces| {
            let needs = pieces.iter().filter(|piece| !piece.text.is_empty());
            let needs: Vec<Need> = needs.map(|piece| Need::Text(piece.shorten(MAX_TEXT))).collect();
            let prefix = needs.len() == pieces.len();
            follow(Requirement { needs: if prefix { needs } else { Vec::new() }, prefix, place: 0 })
        }),
    }
}

/// The texts one of which every match of a node begins with, when they are few.
fn head(node: &Node) -> Option<Vec<Piece>> {
    let pieces = match node {
        Node::Repeat { node, min, .. } if *min >= 1 => head(node),
        Node::Alternation(nodes) => {
            nodes.iter().map(head).collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        Node::Concat(_) => {
            let first = candidates(node).into_iter().next().filter(|first| first.prefix)?;
            let pieces = first.needs.into_iter().map(|need| match need {
                Need::Text(piece) => Some(piece),
                Need::List(_) => None,
            });
            pieces.collect()
        }
        _ => exact(node),
    };
    pieces.filter(|pieces| pieces.len() <= MAX_NEEDS && pieces.iter().all(|piece| !piece.text.is_empty()))
}

/// Most texts that an end stands for: the text behind it goes on each.
const MAX_ENDS: usize = MAX_NEEDS / 4;

/// The texts one of which every match of a node ends with, when they are few and worth looking for with more
/// behind them: the last of some digits, or all of a branch. `before` stands before the node.
fn tail(node: &Node, before: &Piece) -> Option<Vec<Piece>> {
    let pieces: Vec<Piece> = match node {
        Node::Repeat { node, min, .. } if *min >= 1 => {
            let is_sign = |piece: &Piece| {
                let mut chars = piece.text.chars();
                chars.next().is_some_and(is_telling) && chars.next().is_none()
            };
            exact(node).filter(|pieces| pieces.iter().all(is_sign))?
        }
        Node::Alternation(nodes) => {
            let end = |node: &Node| match exact(node) {
                Some(pieces) => Some(pieces.iter().map(|piece| before.join(piece)).collect()),
                None => tail(node, before),
            };
            nodes.iter().map(end).collect::<Option<Vec<_>>>()?.concat()
        }
        _ => return None,
    };
    let worth = |piece: &Piece| !piece.text.is_empty() && is_met_seldom(&Need::Text(piece.clone()));
    (pieces.len() <= MAX_ENDS && pieces.iter().all(worth)).then_some(pieces)
}

/// The texts a node stands for, when they are few.
fn exact(node: &Node) -> Option<Vec<Piece>> {
    match node {
        Node::Look(Inst::Boundary | Inst::WordStart | Inst::WordEnd) => Some(vec![Piece::edge()]),
        Node::Look(Inst::Start) => Some(vec![Piece::start()]),
        Node::Empty | Node::Look(_) => Some(vec![Piece::default()]),
        Node::Char(c) => Some(vec![Piece::plain(c.to_string())]),
        Node::Class(ranges) => {
            let members =
                ranges.iter().map(|&(first, last)| last as usize - first as usize + 1).sum::<usize>();
            let all = || ranges.iter().flat_map(|&(first, last)| first..=last);
            let few = members <= 4 || (members <= 10 && all().all(|c| c.is_ascii_digit()));
            few.then(|| all().map(|c| Piece::plain(c.to_string())).collect())
        }
        Node::List(_) => None,
        Node::Concat(nodes) => {
            let mut run = Run::new(false);
            let all = nodes.iter().all(|node| exact(node).is_some_and(|pieces| run.extend(&pieces)));
            all.then_some(run.pieces)
        }
        Node::Alternation(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                all.extend(exact(node)?);
            }
            (all.len() <= MAX_NEEDS).then_some(all)
        }
        Node::Repeat { node, min: 0, max: Some(1), .. } => {
            let mut pieces = exact(node)?;
            pieces.push(Piece::default());
            Some(pieces)
        }
        Node::Repeat { node, min: 1, max: Some(1), .. } => exact(node),
        Node::Repeat { .. } => None,
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
