//! What was right against what was given, every cell with its mails.

use super::{f1, share};

/// A confusion matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// What labels say: the rows.
    pub labels: Vec<&'static str>,
    /// What the line gives: the columns; the labels first, in the same order.
    pub given: Vec<&'static str>,
    /// Row by row: the mails of each cell, ascending.
    cells: Vec<Vec<usize>>,
}

/// How well one label is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The label.
    pub label: &'static str,
    /// Mails with this label.
    pub labelled: usize,
    /// Mails given this label.
    pub given: usize,
    /// Mails of which both hold.
    pub right: usize,
    /// Share of right among those given.
    pub precision: Option<f64>,
    /// Share of right among those labelled.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
}

impl Matrix {
    /// An empty matrix over some labels; `more` can be given though no label says it.
    #[must_use]
    pub fn new(labels: &[&'static str], more: &[&'static str]) -> Self {
        let given = [labels, more].concat();
        Self { cells: vec![Vec::new(); labels.len() * given.len()], labels: labels.to_vec(), given }
    }

    /// The same, empty, with one more label that can be given too.
    pub(super) fn with_both(self, label: &'static str) -> Self {
        Self::new(&[self.labels, vec![label]].concat(), &[])
    }

    pub(super) fn add(&mut self, label: &str, given: &str, mail: usize) {
        if let Some(at) = self.index(label, given)
            && let Some(cell) = self.cells.get_mut(at)
        {
            cell.push(mail);
        }
    }

    fn index(&self, label: &str, given: &str) -> Option<usize> {
        let row = self.labels.iter().position(|one| *one == label)?;
        let column = self.given.iter().position(|one| *one == given)?;
        Some(row * self.given.len() + column)
    }

    /// The mails labelled so and given so; `None` when there is no such cell.
    #[must_use]
    pub fn cell(&self, label: &str, given: &str) -> Option<&[usize]> {
        self.index(label, given).and_then(|at| self.cells.get(at)).map(Vec::as_slice)
    }

    /// How many mails of a cell.
    #[must_use]
    pub fn count(&self, label: &str, given: &str) -> usize {
        self.cell(label, given).map_or(0, <[usize]>::len)
    }

    /// Mails in the matrix.
    #[must_use]
    pub fn total(&self) -> usize {
        self.cells.iter().map(Vec::len).sum()
    }

    /// Mails given what their label says.
    #[must_use]
    pub fn right(&self) -> usize {
        self.labels.iter().map(|label| self.count(label, label)).sum()
    }

    /// Mails not given what their label says, ascending.
    #[must_use]
    pub fn wrong(&self) -> Vec<usize> {
        let mut wrong = Vec::new();
        for label in &self.labels {
            for given in self.given.iter().filter(|given| *given != label) {
                wrong.extend_from_slice(self.cell(label, given).unwrap_or_default());
            }
        }
        wrong.sort_unstable();
        wrong
    }

    /// Share of mails given what their label says.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.right(), self.total())
    }

    /// Mails with this label.
    #[must_use]
    pub fn labelled(&self, label: &str) -> usize {
        self.given.iter().map(|given| self.count(label, given)).sum()
    }

    /// Mails given this.
    #[must_use]
    pub fn given_count(&self, given: &str) -> usize {
        self.labels.iter().map(|label| self.count(label, given)).sum()
    }

    /// How well each label is found, in order.
    #[must_use]
    pub fn scores(&self) -> Vec<Score> {
        let score = |label: &&'static str| {
            let (right, labelled, given) =
                (self.count(label, label), self.labelled(label), self.given_count(label));
            Score {
                label,
                labelled,
                given,
                right,
                precision: share(right, given),
                recall: share(right, labelled),
                f1: f1(right, given - right, labelled - right),
            }
        };
        self.labels.iter().map(score).collect()
    }

    /// The mean of the labels' F1; labels that neither any label nor any answer has are left out.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        let found: Vec<f64> = self.scores().iter().filter_map(|score| score.f1).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }
}
