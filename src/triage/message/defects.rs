//! The set of defects found so far, handed through all readers of one mail.

use crate::terms::Defect;

/// A set of [`Defect`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Defects(u16);

impl Defects {
    /// Puts `defect` into the set.
    pub(super) fn add(&mut self, defect: Defect) {
        self.0 |= 1 << defect.index();
    }

    /// Puts `defect` into the set when `found`.
    pub(super) fn add_if(&mut self, found: bool, defect: Defect) {
        if found {
            self.add(defect);
        }
    }

    /// The defects in the order of [`Defect::ALL`].
    pub(super) fn to_vec(self) -> Vec<Defect> {
        Defect::ALL.iter().copied().filter(|defect| self.0 & (1 << defect.index()) != 0).collect()
    }
}
