//! Patterns: `regex` syntax with `{word-list}` references, turned into small programs.
//!
//! The syntax is that of the [`regex`](https://docs.rs/regex/1/regex/#syntax) crate, read by its own
//! parser, case-insensitive, but `\d` is 0 to 9 alone. The engine is ours for one reason: nothing is built when the program
//! starts, since a program is a run of plain instructions that could as well have been written to a
//! file. Matching takes time linear in program times sentence, see [`vm`].

pub mod bytes;
pub mod class;
pub mod code;
mod fault;
pub mod literal;
mod run;
mod tree;
pub mod vm;
pub mod word;

use std::collections::BTreeMap;

use class::Classes;
pub use tree::{Fault, Node, may_name_a_list, parse};

/// One step of a program. Addresses count from the program's own first instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inst {
    /// This character.
    Char(char),
    /// A character of the class with this number.
    Class(u16),
    /// Any entry of the word list with this number, as whole words.
    List(u16),
    /// Try the first address, then the second.
    Split(u16, u16),
    /// Go on there.
    Jump(u16),
    /// Go on where the [`Case`](Self::Case) for the next character says; so many of them follow, in
    /// the order of their characters.
    Switch(u16),
    /// The next character and the address for it; only after [`Switch`](Self::Switch).
    Case(u16, u16),
    /// Characters of the class with the first number, as many as [`Bounds`](Self::Bounds), which follows,
    /// says; then one of the class with the second number, or [`ANYTHING`](class::ANYTHING).
    Run(u16, u16),
    /// Least and most characters of a run, with its flags; only after [`Run`](Self::Run).
    Bounds(u16, u16),
    /// All characters of the class with this number that come, since what follows them can stand only
    /// behind the last. In place of a split; the rest of the loop, which takes them one by one, follows: the
    /// character and a jump.
    Sweep(u16),
    /// The sentence begins here.
    Start,
    /// The sentence ends here.
    End,
    /// A word begins or ends here.
    Boundary,
    /// No word begins or ends here.
    NoBoundary,
    /// A word begins here.
    WordStart,
    /// A word ends here.
    WordEnd,
    /// Matched.
    Match,
}

/// Whether a character belongs to a word: `\w` of regular expressions (UTS #18, annex C).
#[inline]
#[must_use]
pub fn is_word(c: char) -> bool {
    // Without its tables the library could not have read the pattern either.
    if c.is_ascii() { is_word_byte(c as u8) } else { regex_syntax::try_is_word_character(c).unwrap_or(false) }
}

/// Whether an ASCII character belongs to a word.
#[inline]
#[must_use]
pub fn is_word_byte(byte: u8) -> bool {
    WORD[usize::from(byte)]
}

/// Of each byte, whether it is an ASCII character of a word.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        word[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    word
};

/// Instructions and classes of a program under construction.
struct Assembly<'c> {
    insts: Vec<Inst>,
    /// Loops of one character without end.
    loops: Vec<run::Loop>,
    classes: &'c mut Classes,
}

/// A branch of an alternation, its first character apart when it begins with a plain one.
struct Branch<'n> {
    /// A character of the basic plane, so that a [`Inst::Case`] can hold it.
    lead: Option<char>,
    rest: &'n [Node],
}

/// The branches, those of nested alternations in their place.
fn branches(nodes: &[Node]) -> Vec<Branch<'_>> {
    let plain = |node: &Node| match node {
        Node::Char(c) if u16::try_from(u32::from(*c)).is_ok() => Some(*c),
        _ => None,
    };
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Alternation(inner) => flat.extend(branches(inner)),
            Node::Concat(parts) => match parts.split_first() {
                Some((first, rest)) if plain(first).is_some() => {
                    flat.push(Branch { lead: plain(first), rest });
                }
                _ => flat.push(Branch { lead: None, rest: parts }),
            },
            other => {
                let lead = plain(other);
                let rest = if lead.is_some() { &[] } else { std::slice::from_ref(other) };
                flat.push(Branch { lead, rest });
            }
        }
    }
    flat
}

/// Most instructions one pattern may take.
pub const MAX_PROGRAM: usize = 4_000;

/// Turns a parsed pattern into instructions; classes are shared by all patterns of a set.
///
/// # Errors
///
/// When the program would pass [`MAX_PROGRAM`] instructions, as counted repetitions can make it.
pub fn assemble(node: &Node, classes: &mut Classes) -> Result<Vec<Inst>, Fault> {
    let mut assembly = Assembly { insts: Vec::new(), loops: Vec::new(), classes };
    assembly.node(node)?;
    assembly.push(Inst::Match)?;
    let Assembly { mut insts, loops, .. } = assembly;
    run::sweep(&mut insts, &loops, classes);
    run::look_ahead(&mut insts, classes);
    Ok(insts)
}

impl Assembly<'_> {
    fn push(&mut self, inst: Inst) -> Result<usize, Fault> {
        if self.insts.len() >= MAX_PROGRAM {
            return Err(Fault::whole(format!(
                "the pattern is too large: over {MAX_PROGRAM} steps; shorten its counted repetitions"
            )));
        }
        self.insts.push(inst);
        Ok(self.insts.len() - 1)
    }

    fn here(&self) -> u16 {
        // `push` keeps a program under [`MAX_PROGRAM`].
        u16::try_from(self.insts.len()).unwrap_or(u16::MAX)
    }

    fn node(&mut self, node: &Node) -> Result<(), Fault> {
        match node {
            Node::Empty => {}
            Node::Char(c) => {
                self.push(Inst::Char(*c))?;
            }
            Node::Class(ranges) => {
                let too_many = || Fault::whole("too many different character classes".to_owned());
                let class = self.classes.number(ranges).ok_or_else(too_many)?;
                self.push(Inst::Class(class))?;
            }
            Node::List(list) => {
                self.push(Inst::List(*list))?;
            }
            Node::Look(inst) => {
                self.push(*inst)?;
            }
            Node::Concat(nodes) => nodes.iter().try_for_each(|node| self.node(node))?,
            Node::Alternation(nodes) => self.alternation(nodes)?,
            Node::Repeat { node, min, max, greedy } => self.repeat(node, *min, *max, *greedy)?,
        }
        Ok(())
    }

    /// Branches in order of preference; neighbours that begin with a plain character become one switch.
    fn alternation(&mut self, nodes: &[Node]) -> Result<(), Fault> {
        let mut jumps = Vec::new();
        let flat = branches(nodes);
        let mut runs = flat.chunk_by(|a, b| a.lead.is_some() && b.lead.is_some()).peekable();
        while let Some(run) = runs.next() {
            let split = if runs.peek().is_some() { Some(self.push(Inst::Split(0, 0))?) } else { None };
            if run.len() > 1 {
                self.switch(run)?;
            } else {
                self.branch(&run[0])?;
            }
            if let Some(split) = split {
                jumps.push(self.push(Inst::Jump(0))?);
                self.insts[split] = Inst::Split(u16::try_from(split).unwrap_or(0) + 1, self.here());
            }
        }
        let end = self.here();
        for jump in jumps {
            self.insts[jump] = Inst::Jump(end);
        }
        Ok(())
    }

    fn branch(&mut self, branch: &Branch<'_>) -> Result<(), Fault> {
        if let Some(lead) = branch.lead {
            self.push(Inst::Char(lead))?;
        }
        branch.rest.iter().try_for_each(|node| self.node(node))
    }

    /// Branches that each begin with a character. Those that begin with the same one stay in their
    /// order; others never compete, so the order among them does not matter.
    fn switch(&mut self, run: &[Branch<'_>]) -> Result<(), Fault> {
        let mut groups: BTreeMap<char, Vec<Node>> = BTreeMap::new();
        for branch in run {
            let rest = Node::Concat(branch.rest.to_vec());
            groups.entry(branch.lead.unwrap_or_default()).or_default().push(rest);
        }
        let head = self.push(Inst::Switch(u16::try_from(groups.len()).unwrap_or(u16::MAX)))?;
        for _ in &groups {
            self.push(Inst::Case(0, 0))?;
        }
        let mut jumps = Vec::new();
        for (at, (lead, rests)) in groups.iter().enumerate() {
            self.insts[head + 1 + at] = Inst::Case(u16::try_from(u32::from(*lead)).unwrap_or(0), self.here());
            self.push(Inst::Char(*lead))?;
            match rests.as_slice() {
                [one] => self.node(one)?,
                several => self.alternation(several)?,
            }
            jumps.push(self.push(Inst::Jump(0))?);
        }
        let end = self.here();
        for jump in jumps {
            self.insts[jump] = Inst::Jump(end);
        }
        Ok(())
    }

    /// A repeated character as a run: its class and bounds.
    fn run_of(&mut self, node: &Node, min: u32, max: Option<u32>, greedy: bool) -> Option<(u16, Inst)> {
        let bounds = run::Bounds::new(min, max, greedy)?;
        Some((self.class_of(node)?, bounds.inst()))
    }

    /// The class of a node that takes one character; `None` of any other.
    fn class_of(&mut self, node: &Node) -> Option<u16> {
        match node {
            Node::Class(ranges) => self.classes.number(ranges),
            Node::Char(c) => self.classes.number(&[(*c, *c)]),
            _ => None,
        }
    }

    /// A loop without end of what can match nothing: entered at least once or not at all, so that a turn which
    /// takes nothing ends the loop with what it prefers, as in the `regex` crate.
    fn repeat_what_may_be_empty(
        &mut self,
        node: &Node,
        min: u32,
        fork: impl Fn(u16, u16) -> Inst,
    ) -> Result<(), Fault> {
        for _ in 1..min {
            self.node(node)?;
        }
        let skip = if min == 0 { Some(self.push(Inst::Split(0, 0))?) } else { None };
        let body = self.here();
        self.node(node)?;
        let again = self.push(Inst::Split(0, 0))?;
        self.insts[again] = fork(body, self.here());
        if let Some(skip) = skip {
            self.insts[skip] = fork(body, self.here());
        }
        Ok(())
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greedy: bool) -> Result<(), Fault> {
        // One step, there or not, is as fast as a choice.
        let run = if max == Some(1) { None } else { self.run_of(node, min, max, greedy) };
        if let Some((class, bounds)) = run {
            self.push(Inst::Run(class, class::ANYTHING))?;
            self.push(bounds)?;
            return Ok(());
        }
        let fork = |body: u16, after: u16| {
            if greedy { Inst::Split(body, after) } else { Inst::Split(after, body) }
        };
        if max.is_none() && bytes::may_be_empty(node) {
            return self.repeat_what_may_be_empty(node, min, fork);
        }
        for _ in 0..min {
            self.node(node)?;
        }
        let Some(max) = max else {
            let split = self.push(Inst::Split(0, 0))?;
            if let Some(class) = self.class_of(node) {
                self.loops.push(run::Loop { split, class, taken: min > 0 });
            }
            self.node(node)?;
            let head = u16::try_from(split).unwrap_or(0);
            self.push(Inst::Jump(head))?;
            self.insts[split] = fork(head + 1, self.here());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.push(Inst::Split(0, 0))?);
            self.node(node)?;
        }
        let end = self.here();
        for split in splits {
            self.insts[split] = fork(u16::try_from(split).unwrap_or(0) + 1, end);
        }
        Ok(())
    }
}
