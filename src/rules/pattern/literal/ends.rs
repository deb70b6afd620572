//! The few exact texts that a node stands for, begins with or ends with.

use super::rarity::{is_met_seldom, is_telling};
use super::{MAX_NEEDS, Need, Run, candidates};
use crate::rules::pattern::word::Piece;
use crate::rules::pattern::{Inst, Node};

/// The texts one of which every match of a node begins with, when they are few.
pub(super) fn head(node: &Node) -> Option<Vec<Piece>> {
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
pub(super) fn tail(node: &Node, before: &Piece) -> Option<Vec<Piece>> {
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
pub(super) fn exact(node: &Node) -> Option<Vec<Piece>> {
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
