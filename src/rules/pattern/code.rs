//! Instructions as bytes: five each, so that compiled programs can lie in the program file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Inst;

/// The instructions of many programs, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code<'p>(#[serde(borrow, with = "serde_bytes")] Cow<'p, [u8]>);

/// One program within [`Code`].
#[derive(Clone, Copy, Debug)]
pub struct Program<'c>(&'c [[u8; WIDTH]]);

/// Bytes of an instruction: what it does, then its operand or operands.
const WIDTH: usize = 5;

impl Code<'_> {
    /// These instructions.
    #[must_use]
    pub fn new(insts: &[Inst]) -> Self {
        Self(Cow::Owned(insts.iter().flat_map(|&inst| encode(inst)).collect()))
    }

    /// How many instructions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() / WIDTH
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The program from instruction `first` to before `last`.
    #[must_use]
    pub fn program(&self, first: u32, last: u32) -> Option<Program<'_>> {
        let bytes = self.0.get(first as usize * WIDTH..last as usize * WIDTH)?;
        Some(Program(bytes.as_chunks().0))
    }
}

impl Program<'_> {
    /// How many instructions it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The instruction at an address.
    #[inline(always)]
    pub(super) fn step(&self, at: u16) -> Option<Step> {
        let &[op, a, b, c, d] = self.0.get(usize::from(at))?;
        Some(Step { op, first: u16::from_le_bytes([a, b]), second: u16::from_le_bytes([c, d]) })
    }

    /// Where the case for a character leads, among so many from `first` on.
    #[inline]
    pub(super) fn case(&self, first: u16, count: u16, wanted: u16) -> Option<u16> {
        let cases = self.0.get(usize::from(first)..usize::from(first) + usize::from(count))?;
        let found =
            cases.binary_search_by_key(&wanted, |&[_, a, b, _, _]| u16::from_le_bytes([a, b])).ok()?;
        cases.get(found).map(|&[_, _, _, c, d]| u16::from_le_bytes([c, d]))
    }
}

/// What an instruction does, as its first byte says.
pub(super) mod op {
    pub(in super::super) const CHAR: u8 = 0;
    pub(in super::super) const CLASS: u8 = 1;
    pub(in super::super) const LIST: u8 = 2;
    pub(in super::super) const SPLIT: u8 = 3;
    pub(in super::super) const JUMP: u8 = 4;
    pub(in super::super) const START: u8 = 5;
    pub(in super::super) const END: u8 = 6;
    pub(in super::super) const BOUNDARY: u8 = 7;
    pub(in super::super) const NO_BOUNDARY: u8 = 8;
    pub(in super::super) const WORD_START: u8 = 9;
    pub(in super::super) const WORD_END: u8 = 10;
    pub(in super::super) const MATCH: u8 = 11;
    pub(in super::super) const SWITCH: u8 = 12;
    pub(in super::super) const CASE: u8 = 13;
    pub(in super::super) const RUN: u8 = 14;
    pub(in super::super) const BOUNDS: u8 = 15;
    /// A character of ASCII.
    pub(in super::super) const BYTE: u8 = 16;
    pub(in super::super) const SWEEP: u8 = 17;
}

/// An instruction as it lies in the code: what it does, then its operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) op: u8,
    pub(super) first: u16,
    pub(super) second: u16,
}

impl Step {
    /// The character of [`op::CHAR`].
    pub(super) fn char(self) -> Option<char> {
        char::from_u32(u32::from(self.first) | u32::from(self.second) << 16)
    }
}

fn encode(inst: Inst) -> [u8; WIDTH] {
    let (op, first, second) = match inst {
        Inst::Char(c) if c.is_ascii() => (op::BYTE, c as u16, 0),
        Inst::Char(c) => (op::CHAR, (c as u32 & 0xffff) as u16, (c as u32 >> 16) as u16),
        Inst::Class(class) => (op::CLASS, class, 0),
        Inst::List(list) => (op::LIST, list, 0),
        Inst::Split(first, second) => (op::SPLIT, first, second),
        Inst::Jump(to) => (op::JUMP, to, 0),
        Inst::Start => (op::START, 0, 0),
        Inst::End => (op::END, 0, 0),
        Inst::Boundary => (op::BOUNDARY, 0, 0),
        Inst::NoBoundary => (op::NO_BOUNDARY, 0, 0),
        Inst::WordStart => (op::WORD_START, 0, 0),
        Inst::WordEnd => (op::WORD_END, 0, 0),
        Inst::Match => (op::MATCH, 0, 0),
        Inst::Switch(cases) => (op::SWITCH, cases, 0),
        Inst::Case(c, to) => (op::CASE, c, to),
        Inst::Run(class, follow) => (op::RUN, class, follow),
        Inst::Bounds(least, most) => (op::BOUNDS, least, most),
        Inst::Sweep(class) => (op::SWEEP, class, 0),
    };
    let ([a, b], [c, d]) = (first.to_le_bytes(), second.to_le_bytes());
    [op, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_lie_in_the_code_with_their_operands() {
        let insts =
            [Inst::Char('a'), Inst::Char('\u{10ffff}'), Inst::Split(1, 4_000), Inst::Case(65_535, 12)];
        let code = Code::new(&insts);
        let program = code.program(0, 4).expect("within the code");
        let step = |at: u16| program.step(at).map(|step| (step.op, step.first, step.second));
        assert_eq!(step(0), Some((op::BYTE, u16::from(b'a'), 0)));
        assert_eq!(program.step(1).and_then(Step::char), Some('\u{10ffff}'));
        assert_eq!(step(2), Some((op::SPLIT, 1, 4_000)));
        assert_eq!(step(3), Some((op::CASE, 65_535, 12)));
        assert_eq!(step(4), None);
        assert_eq!((program.case(3, 1, 65_535), program.case(3, 1, 7)), (Some(12), None));
    }
}
