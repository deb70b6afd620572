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
    #[inline]
    #[must_use]
    pub fn get(&self, at: u16) -> Option<Inst> {
        self.0.get(usize::from(at)).copied().and_then(decode)
    }
}

fn encode(inst: Inst) -> [u8; WIDTH] {
    let pair = |op: u8, a: u16, b: u16| {
        let ([a0, a1], [b0, b1]) = (a.to_le_bytes(), b.to_le_bytes());
        [op, a0, a1, b0, b1]
    };
    match inst {
        Inst::Char(c) => {
            let [a, b, c, d] = u32::from(c).to_le_bytes();
            [0, a, b, c, d]
        }
        Inst::Class(class) => pair(1, class, 0),
        Inst::List(list) => pair(2, list, 0),
        Inst::Split(first, second) => pair(3, first, second),
        Inst::Jump(to) => pair(4, to, 0),
        Inst::Start => pair(5, 0, 0),
        Inst::End => pair(6, 0, 0),
        Inst::Boundary => pair(7, 0, 0),
        Inst::NoBoundary => pair(8, 0, 0),
        Inst::WordStart => pair(9, 0, 0),
        Inst::WordEnd => pair(10, 0, 0),
        Inst::Match => pair(11, 0, 0),
        Inst::Switch(cases) => pair(12, cases, 0),
        Inst::Case(c, to) => pair(13, c, to),
    }
}

#[inline]
fn decode([op, a, b, c, d]: [u8; WIDTH]) -> Option<Inst> {
    let first = u16::from_le_bytes([a, b]);
    Some(match op {
        0 => Inst::Char(char::from_u32(u32::from_le_bytes([a, b, c, d]))?),
        1 => Inst::Class(first),
        2 => Inst::List(first),
        3 => Inst::Split(first, u16::from_le_bytes([c, d])),
        4 => Inst::Jump(first),
        5 => Inst::Start,
        6 => Inst::End,
        7 => Inst::Boundary,
        8 => Inst::NoBoundary,
        9 => Inst::WordStart,
        10 => Inst::WordEnd,
        11 => Inst::Match,
        12 => Inst::Switch(first),
        13 => Inst::Case(first, u16::from_le_bytes([c, d])),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_survives_its_bytes() {
        let insts = [
            Inst::Char('\u{10ffff}'),
            Inst::Class(65_535),
            Inst::List(3),
            Inst::Split(1, 4_000),
            Inst::Jump(9),
            Inst::Start,
            Inst::End,
            Inst::Boundary,
            Inst::NoBoundary,
            Inst::WordStart,
            Inst::WordEnd,
            Inst::Match,
            Inst::Switch(7),
            Inst::Case(65_535, 12),
        ];
        let code = Code::new(&insts);
        let program = code.program(0, 14).expect("within the code");
        assert_eq!((0..14).filter_map(|at| program.get(at)).collect::<Vec<_>>(), insts);
        assert_eq!(program.get(14), None);
    }
}
