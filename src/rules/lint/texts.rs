//! The texts a pattern can match, where they are few, and whether another pattern matches all of them.
//!
//! Takes patterns as written and the compiled rules. A pattern without bound (`\w+`, `.*`) or with very many
//! texts has none here, and nothing is said of it: findings must be certain.

use std::collections::HashMap;

use crate::rules::RuleSet;
use crate::rules::matcher::{Findings, PatternId};
use crate::rules::normal::fold;
use crate::rules::pattern::vm::Haystack;
use crate::rules::pattern::{Node, parse};
use crate::rules::source::{Sources, WordList};

/// Most texts of one pattern.
const MOST: usize = 1_000;

/// Most members of a character class that is written out.
const MOST_MEMBERS: usize = 12;

/// What can stand beside a text, as far as patterns can tell: nothing, no letter, a letter. The two
/// characters are such as no pattern names.
const BESIDE: [&str; 3] = ["", "\u{1}", "\u{239}"];

/// A word list.
pub(super) struct List<'s> {
    pub(super) name: &'s str,
    /// Its words and phrases as written.
    pub(super) words: Vec<String>,
    /// The same in every form that it matches.
    pub(super) forms: Vec<String>,
}

/// Patterns and what they match.
pub(super) struct Texts<'s> {
    rules: &'s RuleSet,
    lists: Vec<List<'s>>,
    numbers: HashMap<&'s str, u16>,
    findings: Findings,
}

impl<'s> Texts<'s> {
    /// `rules` are the compiled `sources`.
    pub(super) fn new(sources: &'s Sources, rules: &'s RuleSet) -> Self {
        let forms = |entry: &String| {
            let word = entry.trim_end_matches('*').trim();
            let more = if entry.ends_with('*') { ["\u{239}", "s"] } else { ["s", "'s"] };
            let spaced = word.contains('-').then(|| word.replace('-', " "));
            let all = more.iter().map(|end| format!("{word}{end}"));
            [word.to_owned()].into_iter().chain(spaced).chain(all).collect::<Vec<_>>()
        };
        let list = |(name, list): (&'s String, &'s WordList)| {
            let words: Vec<String> = list.entries.iter().map(|entry| fold(&entry.value)).collect();
            List { name, forms: words.iter().flat_map(forms).collect(), words }
        };
        // Numbered as the compiler does.
        let names = sources.vocabulary.keys().enumerate();
        let numbers = names.filter_map(|(at, name)| Some((name.as_str(), u16::try_from(at).ok()?))).collect();
        Self {
            rules,
            lists: sources.vocabulary.iter().map(list).collect(),
            numbers,
            findings: rules.matcher.findings(),
        }
    }

    /// The word lists.
    pub(super) fn lists(&self) -> &[List<'s>] {
        &self.lists
    }

    /// The pattern as a tree.
    pub(super) fn tree(&self, pattern: &str) -> Option<Node> {
        let number = |name: &str| {
            let fault = crate::rules::pattern::Fault { message: String::new(), span: 0..0, help: None };
            self.numbers.get(name).copied().ok_or(fault)
        };
        parse(pattern, &mut { number }).ok()
    }

    /// Every text the pattern can match, and perhaps more: conditions on what stands around are not looked at.
    pub(super) fn of(&self, pattern: &str) -> Option<Vec<String>> {
        // Most patterns without bound are known by these, with no need to parse them.
        if ["\\w", "+", "*"].iter().any(|endless| pattern.contains(endless)) {
            return None;
        }
        self.of_node(&self.tree(pattern)?)
    }

    fn of_node(&self, node: &Node) -> Option<Vec<String>> {
        let one = || vec![String::new()];
        let texts = match node {
            Node::Empty | Node::Look(_) => one(),
            Node::Char(c) => vec![c.to_string()],
            Node::Class(ranges) => {
                let members: usize = ranges.iter().map(|&(a, b)| b as usize - a as usize + 1).sum();
                let all = || ranges.iter().flat_map(|&(a, b)| a..=b).map(String::from).collect();
                (members <= MOST_MEMBERS).then(all)?
            }
            Node::List(number) => self.lists.get(usize::from(*number))?.forms.clone(),
            Node::Concat(nodes) => {
                nodes.iter().try_fold(one(), |texts, node| joined(&texts, &self.of_node(node)?))?
            }
            Node::Alternation(nodes) => {
                let all: Option<Vec<_>> = nodes.iter().map(|node| self.of_node(node)).collect();
                all?.concat()
            }
            Node::Repeat { node, min, max, .. } => {
                let once = self.of_node(node)?;
                let (mut texts, mut so_far) = (Vec::new(), one());
                for turn in 0..=(*max)? {
                    if turn >= *min {
                        texts.extend(so_far.iter().cloned());
                    }
                    if turn < (*max)? {
                        so_far = joined(&so_far, &once)?;
                    }
                }
                texts
            }
        };
        (texts.len() <= MOST).then_some(texts)
    }

    /// Those of `by` that match wherever `pattern` matches one of `texts`, which are its own.
    pub(super) fn covering(
        &mut self,
        pattern: PatternId,
        texts: &[String],
        mut by: Vec<PatternId>,
    ) -> Vec<PatternId> {
        let places = BESIDE.iter().flat_map(|before| BESIDE.iter().map(move |after| (before, after)));
        for (before, after) in places {
            for text in texts {
                if by.is_empty() {
                    return by;
                }
                let whole = format!("{before}{text}{after}");
                let mut finds = self.finds(&whole);
                if finds(pattern) {
                    by.retain(|&id| finds(id));
                }
            }
        }
        if texts.is_empty() { Vec::new() } else { by }
    }

    /// Whether the pattern matches each of these as whole words, and as part of other words never: as a word
    /// list does.
    pub(super) fn is_whole_words(&mut self, pattern: PatternId, words: &[String]) -> bool {
        let [_, apart, letter] = BESIDE;
        words.iter().all(|word| {
            self.finds(&format!("{apart}{word}{apart}"))(pattern)
                && !self.finds(&format!("{letter}{word}"))(pattern)
                && !self.finds(&format!("{word}{letter}"))(pattern)
        })
    }

    /// What matches a sentence.
    fn finds<'t>(&'t mut self, sentence: &'t str) -> impl FnMut(PatternId) -> bool + 't {
        let sentence = Haystack { text: sentence, start: 0 };
        self.rules.matcher.scan(sentence, &mut self.findings);
        move |id| self.rules.matcher.find(id, sentence, &mut self.findings).is_some()
    }
}

/// Every first text followed by every second one; `None` when they are too many.
fn joined(first: &[String], second: &[String]) -> Option<Vec<String>> {
    let fits = first.len().saturating_mul(second.len()) <= MOST;
    let each = |text: &String| second.iter().map(|more| format!("{text}{more}")).collect::<Vec<_>>();
    fits.then(|| first.iter().flat_map(each).collect())
}
