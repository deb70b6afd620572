//! Runs: one character class again and again, the commonest repetition and the one that takes most time
//! when done step by step, as in `.{0,80}`.
//!
//! A run looks for its end with the character that must follow in view, so that it goes on only from
//! places where that one stands. A loop without end is no run, but where nothing of its class can follow it,
//! as nothing of a word can in `\w+,`, it takes all that comes at one sweep.

use super::Inst;
use super::class::Classes;
use super::word::{Share, word_share};

/// How long a run may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Fewest characters.
    pub min: u16,
    /// Most characters.
    pub max: u16,
    /// Whether more is preferred.
    pub greedy: bool,
    /// Goes on only where a word begins.
    pub edge: bool,
}

/// Longest bounds a run can have. Runs without end are none of these: a search that looks at the same long
/// run from each of its characters would not take linear time.
const LONGEST: u32 = 1000;

const GREEDY: u16 = 1 << 15;
const EDGE: u16 = 1 << 14;

impl Bounds {
    /// Bounds of a repetition; `None` when it is too long for a run, or has no end.
    #[must_use]
    pub(super) fn new(min: u32, max: Option<u32>, greedy: bool) -> Option<Self> {
        let short = |number: u32| u16::try_from(number).ok().filter(|_| number <= LONGEST);
        Some(Self { min: short(min)?, max: short(max?)?, greedy, edge: false })
    }

    /// As an instruction.
    #[must_use]
    pub(super) fn inst(self) -> Inst {
        let flag = |on: bool, flag: u16| if on { flag } else { 0 };
        Inst::Bounds(self.min | flag(self.greedy, GREEDY) | flag(self.edge, EDGE), self.max)
    }

    /// From the operands of the instruction.
    #[inline]
    #[must_use]
    pub(super) fn read(least: u16, most: u16) -> Self {
        Self {
            min: least & !(GREEDY | EDGE),
            max: most,
            greedy: least & GREEDY != 0,
            edge: least & EDGE != 0,
        }
    }
}

/// A loop that takes one character again and again, without end.
pub(super) struct Loop {
    /// Where its split stands; the character and a jump back follow.
    pub split: usize,
    /// The class of the character.
    pub class: u16,
    /// Whether such a character was taken before the loop.
    pub taken: bool,
}

/// Turns loops into sweeps, where what follows a loop can stand only behind all that it can take.
pub(super) fn sweep(insts: &mut [Inst], loops: &[Loop], classes: &Classes) {
    for known in loops {
        let ranges = classes.ranges(known.class);
        let within_word = known.taken && word_share(&ranges) == Share::All;
        let mut following = Following { within_word, ..Following::default() };
        following.visit(insts, classes, known.split + LOOP);
        if !following.open && following.ranges.iter().all(|&follow| apart(&ranges, follow)) {
            insts[known.split] = Inst::Sweep(known.class);
        }
    }
}

/// Instructions of a loop of one character.
pub(super) const LOOP: usize = 3;

/// Whether no character is in both.
fn apart(ranges: &[(char, char)], (first, last): (char, char)) -> bool {
    ranges.iter().all(|range| range.1 < first || last < range.0)
}

/// Notes with each run what must follow it.
pub(super) fn look_ahead(insts: &mut [Inst], classes: &mut Classes) {
    for at in 0..insts.len() {
        let (Inst::Run(class, _), Some(Inst::Bounds(least, most))) = (insts[at], insts.get(at + 1).copied())
        else {
            continue;
        };
        let mut following = Following::default();
        following.visit(insts, classes, at + 2);
        let Some(ranges) = following.sorted() else { continue };
        let bounds = Bounds::read(least, most);
        let edge = following.edge && word_share(&ranges) == Share::All;
        let Some(follow) = classes.number(&ranges) else { continue };
        insts[at] = Inst::Run(class, follow);
        insts[at + 1] = Bounds { edge, ..bounds }.inst();
    }
}

/// The characters that can come next.
struct Following {
    ranges: Vec<(char, char)>,
    /// Anything may come, or nothing need come.
    open: bool,
    /// The end of the sentence may come.
    end: bool,
    /// A character of a word stands before and one comes, so that no word begins or ends here.
    within_word: bool,
    /// Every way leads over an edge of a word before a character is taken.
    edge: bool,
    seen: Vec<usize>,
}

impl Default for Following {
    fn default() -> Self {
        Self { ranges: Vec::new(), open: false, end: false, within_word: false, edge: true, seen: Vec::new() }
    }
}

/// Instructions looked at before it is left open what follows.
const FAR: usize = 500;

impl Following {
    fn visit(&mut self, insts: &[Inst], classes: &Classes, from: usize) {
        // Where to go on, and whether an edge of a word was passed on the way.
        let mut ways = vec![(from, false)];
        while let Some((at, edge)) = ways.pop() {
            if self.seen.contains(&(at * 2 + usize::from(edge))) {
                continue;
            }
            self.seen.push(at * 2 + usize::from(edge));
            let inst = insts.get(at).copied().filter(|_| self.seen.len() < FAR);
            match inst {
                Some(Inst::Char(c)) => self.takes(&[(c, c)], edge),
                Some(Inst::Class(class)) => self.takes(&classes.ranges(class), edge),
                Some(Inst::Run(class, _)) => {
                    self.takes(&classes.ranges(class), edge);
                    let least = insts.get(at + 1).map_or(0, |bounds| match *bounds {
                        Inst::Bounds(least, most) => Bounds::read(least, most).min,
                        _ => 0,
                    });
                    if least == 0 {
                        ways.push((at + 2, edge));
                    }
                }
                Some(Inst::Split(first, second)) => {
                    ways.extend([(usize::from(first), edge), (usize::from(second), edge)]);
                }
                Some(Inst::Sweep(_)) => ways.extend([(at + 1, edge), (at + LOOP, edge)]),
                Some(Inst::Jump(to)) => ways.push((usize::from(to), edge)),
                Some(Inst::Switch(cases)) => {
                    let cases = insts[at + 1..].iter().take(usize::from(cases));
                    ways.extend(cases.filter_map(|case| match *case {
                        Inst::Case(_, to) => Some((usize::from(to), edge)),
                        _ => None,
                    }));
                }
                Some(Inst::Boundary | Inst::WordStart | Inst::WordEnd) if self.within_word => {}
                Some(Inst::Boundary | Inst::WordStart) => ways.push((at + 1, true)),
                Some(Inst::NoBoundary | Inst::WordEnd | Inst::Start) => ways.push((at + 1, edge)),
                Some(Inst::End) => self.end = true,
                _ => self.open = true,
            }
        }
    }

    fn takes(&mut self, ranges: &[(char, char)], edge: bool) {
        self.ranges.extend_from_slice(ranges);
        self.edge &= edge;
    }

    /// In order and apart; `None` when anything may follow, or the end.
    fn sorted(&self) -> Option<Vec<(char, char)>> {
        if self.open || self.end {
            return None;
        }
        let mut sorted = self.ranges.clone();
        sorted.sort_unstable();
        let mut apart: Vec<(char, char)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match apart.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => apart.push((first, last)),
            }
        }
        Some(apart)
    }
}
