//! Tables of numbers that live in the program file or in memory alike.
//!
//! The built-in rules are compiled when the program is built. Their tables are read where they lie,
//! as little-endian bytes: nothing is copied and nothing is built when the program starts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// An array of 32-bit numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers<'p>(#[serde(borrow, with = "serde_bytes")] Cow<'p, [u8]>);

/// Bytes a number takes.
const WIDTH: usize = 4;

impl Numbers<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() / WIDTH
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number at `at`.
    #[inline]
    #[must_use]
    pub fn get(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at * WIDTH..at * WIDTH + WIDTH)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// All of them.
    pub fn iter(&self) -> RowIter<'_> {
        RowIter(self.0.as_chunks().0.iter())
    }

    /// The numbers from `from` on.
    #[inline]
    #[must_use]
    pub fn from(&self, from: u32) -> RowIter<'_> {
        RowIter(self.0.get(from as usize * WIDTH..).unwrap_or_default().as_chunks().0.iter())
    }

    /// The numbers from `from` to before `to`; none where the table does not reach.
    #[inline]
    #[must_use]
    pub fn range(&self, from: u32, to: u32) -> RowIter<'_> {
        let bytes = self.0.get(from as usize * WIDTH..to as usize * WIDTH).unwrap_or_default();
        RowIter(bytes.as_chunks().0.iter())
    }
}

/// Some neighbouring numbers of a table.
#[derive(Clone, Debug)]
pub struct RowIter<'t>(std::slice::Iter<'t, [u8; WIDTH]>);

impl Iterator for RowIter<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.0.next().copied().map(u32::from_le_bytes)
    }
}

impl FromIterator<u32> for Numbers<'_> {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        Self(Cow::Owned(numbers.into_iter().flat_map(u32::to_le_bytes).collect()))
    }
}

/// An array of cells of `N` numbers each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells<'p, const N: usize>(#[serde(borrow, with = "serde_bytes")] Cow<'p, [u8]>);

impl<const N: usize> Cells<'_, N> {
    /// All cells, as the bytes of their numbers.
    #[inline]
    #[must_use]
    pub fn all(&self) -> &[[[u8; WIDTH]; N]] {
        self.0.as_chunks().0.as_chunks().0
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() / (N * WIDTH)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cell at `at`.
    #[inline]
    #[must_use]
    pub fn get(&self, at: usize) -> Option<[u32; N]> {
        let bytes = self.0.get(at * N * WIDTH..(at + 1) * N * WIDTH)?;
        let cell: &[[u8; WIDTH]; N] = bytes.as_chunks().0.try_into().ok()?;
        let mut numbers = [0; N];
        for at in 0..N {
            numbers[at] = u32::from_le_bytes(cell[at]);
        }
        Some(numbers)
    }
}

impl<const N: usize> FromIterator<[u32; N]> for Cells<'_, N> {
    fn from_iter<I: IntoIterator<Item = [u32; N]>>(cells: I) -> Self {
        Self(Cow::Owned(cells.into_iter().flatten().flat_map(u32::to_le_bytes).collect()))
    }
}

/// Rows of numbers, one after the other: row `r` is what some key of that number leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows<'p> {
    /// Row `r` is `members[starts[r]..starts[r + 1]]`.
    #[serde(borrow)]
    starts: Numbers<'p>,
    #[serde(borrow)]
    members: Numbers<'p>,
}

impl Rows<'_> {
    /// `count` rows with these members: row number and member, in any order; the order within a row is kept.
    #[must_use]
    pub fn new(count: usize, entries: &[(u32, u32)]) -> Self {
        let mut starts = vec![0u32; count + 1];
        for &(row, _) in entries {
            starts[row as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; entries.len()];
        for &(row, member) in entries {
            let at = &mut next[row as usize];
            members[*at as usize] = member;
            *at += 1;
        }
        Self { starts: starts.into_iter().collect(), members: members.into_iter().collect() }
    }

    /// Whether there are no members at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members of a row; none when there is no such row.
    #[inline]
    #[must_use]
    pub fn row(&self, row: usize) -> RowIter<'_> {
        let span = self.starts.get(row).zip(self.starts.get(row + 1));
        let (from, to) = span.unwrap_or_default();
        self.members.range(from, to)
    }
}

/// An array of floating-point numbers as one run of bytes: they are read at once, not one by one.
pub(super) mod floats {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer, const N: usize>(
        numbers: &[f64; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(numbers.map(f64::to_le_bytes).as_flattened())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[f64; N], D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let numbers: &[[u8; 8]; N] =
            bytes.as_chunks().0.try_into().map_err(|_| D::Error::invalid_length(bytes.len(), &"an array"))?;
        Ok(numbers.map(f64::from_le_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_their_numbers() {
        let cells: Cells<'_, 3> = [[1, 2, 3], [4, 5, u32::MAX]].into_iter().collect();
        assert_eq!(cells.get(1), Some([4, 5, u32::MAX]));
        assert_eq!((cells.len(), cells.get(2)), (2, None));
    }

    #[test]
    fn rows_keep_their_members() {
        let rows = Rows::new(4, &[(2, 7), (0, 1), (2, 8)]);
        assert_eq!(rows.row(0).collect::<Vec<_>>(), [1]);
        assert_eq!(rows.row(1).count(), 0);
        assert_eq!(rows.row(2).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(rows.row(3).count() + rows.row(99).count(), 0);
    }
}
