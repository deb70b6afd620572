//! Character classes: built once, then read from tables.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::rules::table::Numbers;

/// A set of characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CharClass {
    /// ASCII members, one bit each.
    ascii: u128,
    /// Other members, inclusive ranges in order.
    ranges: Vec<(char, char)>,
}

impl CharClass {
    /// The characters in these inclusive ranges, which come in order.
    #[must_use]
    pub fn new(ranges: &[(char, char)]) -> Self {
        let mut class = Self::default();
        for &(first, last) in ranges {
            if first.is_ascii() {
                // Bits from the first to the last ASCII member.
                let upto = u128::MAX >> (127 - (last as u32).min(127));
                class.ascii |= upto & (u128::MAX << first as u32);
            }
            if !last.is_ascii() {
                class.ranges.push((first.max('\u{80}'), last));
            }
        }
        class
    }

    /// Whether the class has this ASCII character.
    #[must_use]
    pub fn has_ascii(&self, byte: u8) -> bool {
        byte.is_ascii() && self.ascii & 1 << byte != 0
    }
}

/// In place of a class's number: any character, or none.
pub const ANYTHING: u16 = u16::MAX;

/// The character classes of a rule set under construction, each kept once.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    numbers: HashMap<CharClass, u16>,
    list: Vec<CharClass>,
}

impl Classes {
    /// The number of the class of these ranges; `None` when there are too many classes.
    pub fn number(&mut self, ranges: &[(char, char)]) -> Option<u16> {
        let class = CharClass::new(ranges);
        if let Some(&number) = self.numbers.get(&class) {
            return Some(number);
        }
        let number = u16::try_from(self.list.len()).ok().filter(|&number| number != ANYTHING)?;
        self.list.push(class.clone());
        self.numbers.insert(class, number);
        Some(number)
    }

    /// The ranges of the class with this number, in order.
    #[must_use]
    pub fn ranges(&self, number: u16) -> Vec<(char, char)> {
        let Some(class) = self.list.get(usize::from(number)) else { return Vec::new() };
        let ascii = (0..128u8).filter(|&byte| class.has_ascii(byte)).map(char::from);
        ascii.map(|c| (c, c)).chain(class.ranges.iter().copied()).collect()
    }

    /// The classes as tables.
    #[must_use]
    pub fn into_table(self) -> ClassTable<'static> {
        let (mut heads, mut ranges) = (Vec::new(), Vec::new());
        for class in self.list {
            heads.extend(
                class
                    .ascii
                    .to_le_bytes()
                    .chunks_exact(4)
                    .map(|four| four.iter().rev().fold(0, |word: u32, &byte| word << 8 | u32::from(byte))),
            );
            heads.push(u32::try_from(ranges.len()).unwrap_or(u32::MAX));
            ranges.extend(class.ranges);
            heads.push(u32::try_from(ranges.len()).unwrap_or(u32::MAX));
        }
        ClassTable {
            heads: heads.into_iter().collect(),
            ranges: ranges.into_iter().flat_map(|(first, last)| [first as u32, last as u32]).collect(),
        }
    }
}

/// Character classes by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassTable<'p> {
    /// For each class: four words of ASCII bits, the first of its ranges, one past the last.
    #[serde(borrow)]
    heads: Numbers<'p>,
    /// First and last character of each range, in order within a class.
    #[serde(borrow)]
    ranges: Numbers<'p>,
}

/// Numbers of a class in [`ClassTable::heads`].
const HEAD: usize = 6;

impl ClassTable<'_> {
    /// Whether the class with this number has this ASCII character.
    #[inline]
    #[must_use]
    pub fn has_ascii(&self, class: u16, byte: u8) -> bool {
        let word = self.heads.get(usize::from(class) * HEAD + usize::from(byte) / 32).unwrap_or(0);
        word & 1 << (byte % 32) != 0
    }

    /// Whether the class with this number has `c`; no class has anything when it does not exist.
    #[inline]
    #[must_use]
    pub fn contains(&self, class: u16, c: char) -> bool {
        if c.is_ascii() { self.has_ascii(class, c as u8) } else { self.has_beyond(class, c) }
    }

    /// Whether the class has this character outside ASCII.
    fn has_beyond(&self, class: u16, c: char) -> bool {
        let head = usize::from(class) * HEAD;
        let code = c as u32;
        let (Some(mut from), Some(mut to)) = (self.heads.get(head + 4), self.heads.get(head + 5)) else {
            return false;
        };
        // The first range that ends at or after the character.
        while from < to {
            let middle = from + (to - from) / 2;
            if self.ranges.get(middle as usize * 2 + 1).unwrap_or(0) < code {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        let reached = Some(from) < self.heads.get(head + 5);
        reached && self.ranges.get(from as usize * 2).is_some_and(|first| first <= code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_what_the_ranges_say() {
        let ranges: [&[(char, char)]; 4] = [
            &[('a', 'c'), ('x', 'x'), ('\u{e0}', '\u{ff}'), ('\u{400}', '\u{4ff}')],
            &[('\0', '\u{10ffff}')],
            &[],
            &[('~', '\u{90}')],
        ];
        let mut classes = Classes::default();
        let numbers = ranges.map(|ranges| classes.number(ranges));
        assert_eq!(classes.number(ranges[0]), numbers[0], "each class is kept once");
        let table = classes.into_table();
        for (ranges, number) in ranges.iter().zip(numbers) {
            for c in
                "abcdxy\u{7f}~\u{80}\u{90}\u{91}\u{df}\u{e0}\u{ff}\u{100}\u{400}\u{4ff}\u{500}\u{10ffff}\0"
                    .chars()
            {
                let wanted = ranges.iter().any(|&(first, last)| (first..=last).contains(&c));
                assert_eq!(
                    number.is_some_and(|number| table.contains(number, c)),
                    wanted,
                    "{c:?} in {ranges:?}"
                );
            }
        }
        assert!(!table.contains(99, 'a'));
    }
}
