//! What a text must contain for a pattern to match: the words that one scan a mail looks for, so that
//! a program runs only where it has a chance.

use super::{Inst, Node};

/// One thing that may be required.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// This text.
    Text(String),
    /// An entry of this word list.
    List(u16),
}

/// Any match contains at least one of `needs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The alternatives, none of them empty.
    pub needs: Vec<Need>,
    /// Every match begins with one of them, so a search need only start where they stand.
    pub prefix: bool,
}

/// Most alternatives of one requirement.
const MAX_NEEDS: usize = 64;

/// Longest text of a need; the rest is left to the program.
const MAX_TEXT: usize = 24;

/// Fewest bytes a text must have to be worth a scan.
pub const MIN_TEXT: usize = 2;

/// The best requirement of a pattern; `None` when it has none, so that it must be tried everywhere.
#[must_use]
pub fn requirement(node: &Node) -> Option<Requirement> {
    let prefix = candidates(node).into_iter().next().filter(|first| first.prefix && usable(&first.needs));
    let best = candidates(node).into_iter().filter(|c| usable(&c.needs)).max_by_key(score);
    // A prefix saves tries, so a good one is worth more than a slightly rarer word further in.
    match (prefix, best) {
        (Some(prefix), Some(best)) if score(&best) > score(&prefix) + 3 => Some(best),
        (Some(prefix), _) => Some(prefix),
        (None, best) => best,
    }
}

fn usable(needs: &[Need]) -> bool {
    !needs.is_empty()
        && needs.iter().all(|need| match need {
            Need::Text(text) => text.len() >= MIN_TEXT,
            Need::List(_) => true,
        })
}

/// How rarely a requirement is met, in letters: rare words count whole, common ones hardly, and many
/// alternatives make up for each other's rarity.
fn score(requirement: &Requirement) -> usize {
    let rarest = requirement.needs.iter().map(|need| match need {
        Need::Text(text) => rarity(text),
        Need::List(_) => 3,
    });
    let least = rarest.min().unwrap_or(0) * 2;
    least.saturating_sub(requirement.needs.len() / 8) + usize::from(requirement.prefix)
}

/// The commonest words of English prose, about half of any text.
const COMMON: &[&str] = &[
    "a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could",
    "do", "for", "from", "get", "had", "has", "have", "he", "if", "in", "is", "it", "its", "just", "me",
    "my", "no", "not", "of", "on", "one", "or", "our", "out", "so", "that", "the", "their", "them", "then",
    "there", "they", "this", "to", "up", "us", "was", "we", "were", "what", "when", "which", "who", "will",
    "with", "would", "you", "your",
];

/// Letters of a text that tell it from others: one for a common word, all for any other.
fn rarity(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let counted = words.map(|word| if COMMON.contains(&word) { 1 } else { word.chars().count() });
    counted.sum::<usize>().min(10)
}

/// Requirements found along a pattern, in order; the first one may be a prefix.
fn candidates(node: &Node) -> Vec<Requirement> {
    let Node::Concat(nodes) = node else {
        return one(node).into_iter().collect();
    };
    let mut found = Vec::new();
    let mut run = Run::new(true);
    for part in nodes {
        match exact(part) {
            Some(texts) if run.extend(&texts) => {}
            texts => {
                run.finish(&mut found);
                run = Run::new(false);
                match texts {
                    Some(texts) => {
                        run.extend(&texts);
                    }
                    None => found.extend(one(part).map(|mut requirement| {
                        requirement.prefix &= run.at_start(nodes, part);
                        requirement
                    })),
                }
            }
        }
    }
    run.finish(&mut found);
    found
}

/// A run of parts that each stand for a few exact texts.
struct Run {
    texts: Vec<String>,
    first: bool,
}

impl Run {
    fn new(first: bool) -> Self {
        Self { texts: vec![String::new()], first }
    }

    /// Appends each text to each; false when that would be too many.
    fn extend(&mut self, texts: &[String]) -> bool {
        if texts.is_empty() || self.texts.len() * texts.len() > MAX_NEEDS {
            return false;
        }
        let joined = self.texts.iter().flat_map(|head| texts.iter().map(move |tail| format!("{head}{tail}")));
        self.texts = joined.collect();
        true
    }

    fn finish(&self, found: &mut Vec<Requirement>) {
        if self.texts.iter().any(String::is_empty) {
            return;
        }
        let mut needs: Vec<Need> = self.texts.iter().map(|text| Need::Text(shorten(text))).collect();
        needs.sort();
        needs.dedup();
        found.push(Requirement { needs, prefix: self.first });
    }

    /// Whether `part` is the first of `nodes` that takes text.
    fn at_start(&self, nodes: &[Node], part: &Node) -> bool {
        let before = nodes.iter().take_while(|node| !std::ptr::eq(*node, part));
        let mut before = before.filter(|node| !matches!(node, Node::Look(_) | Node::Empty));
        before.next().is_none()
    }
}

fn shorten(text: &str) -> String {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text[..end].to_owned()
}

/// The best requirement of a part that is no plain text.
fn one(node: &Node) -> Option<Requirement> {
    match node {
        Node::List(list) => Some(Requirement { needs: vec![Need::List(*list)], prefix: true }),
        Node::Concat(_) => requirement(node),
        Node::Repeat { node, min, .. } if *min >= 1 => one(node),
        Node::Alternation(nodes) => {
            let mut needs = Vec::new();
            let mut prefix = true;
            for branch in nodes {
                let requirement = requirement(branch)?;
                prefix &= requirement.prefix;
                needs.extend(requirement.needs);
            }
            needs.sort();
            needs.dedup();
            (needs.len() <= MAX_NEEDS * 4).then_some(Requirement { needs, prefix })
        }
        _ => exact(node).map(|texts| {
            let needs = texts.iter().filter(|text| !text.is_empty()).map(|text| Need::Text(shorten(text)));
            let needs: Vec<Need> = needs.collect();
            let prefix = needs.len() == texts.len();
            Requirement { needs: if prefix { needs } else { Vec::new() }, prefix }
        }),
    }
}

/// The texts a node stands for, when they are few.
fn exact(node: &Node) -> Option<Vec<String>> {
    match node {
        Node::Empty | Node::Look(Inst::Boundary | Inst::NoBoundary | Inst::WordStart | Inst::WordEnd) => {
            Some(vec![String::new()])
        }
        Node::Look(_) => Some(vec![String::new()]),
        Node::Char(c) => Some(vec![c.to_string()]),
        Node::Class(ranges) => {
            let members =
                ranges.iter().map(|&(first, last)| last as usize - first as usize + 1).sum::<usize>();
            let all = || ranges.iter().flat_map(|&(first, last)| first..=last).map(String::from).collect();
            (members <= 4).then(all)
        }
        Node::List(_) => None,
        Node::Concat(nodes) => {
            let mut run = Run::new(false);
            nodes.iter().all(|node| exact(node).is_some_and(|texts| run.extend(&texts))).then_some(run.texts)
        }
        Node::Alternation(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                all.extend(exact(node)?);
            }
            (all.len() <= MAX_NEEDS).then_some(all)
        }
        Node::Repeat { node, min: 0, max: Some(1), .. } => {
            let mut texts = exact(node)?;
            texts.push(String::new());
            Some(texts)
        }
        Node::Repeat { node, min: 1, max: Some(1), .. } => exact(node),
        Node::Repeat { .. } => None,
    }
}
