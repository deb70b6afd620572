//! Topics, calibration, and the same figures for parts of the mail.

use super::super::judge::Judged;
use super::super::labelled::{Label, Labelled};
use super::{f1, share};
use crate::terms::Topic;

/// How well one topic is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicScore {
    /// Mails that have it and were given it.
    pub right: Vec<usize>,
    /// Mails that were given it and do not have it.
    pub wrong: Vec<usize>,
    /// Mails that have it and were not given it.
    pub missed: Vec<usize>,
}

impl TopicScore {
    /// Share of right among those given.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right.len(), self.right.len() + self.wrong.len())
    }

    /// Share of right among those that have it.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.right.len(), self.right.len() + self.missed.len())
    }

    /// The harmonic mean of both.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        f1(self.right.len(), self.wrong.len(), self.missed.len())
    }
}

/// F1 over all topics, every mail and topic weighing the same.
#[must_use]
pub fn micro_f1(topics: &[TopicScore]) -> Option<f64> {
    let sum = |part: fn(&TopicScore) -> usize| topics.iter().map(part).sum();
    f1(sum(|one| one.right.len()), sum(|one| one.wrong.len()), sum(|one| one.missed.len()))
}

pub(super) fn topics<'m>(
    mails: impl Iterator<Item = (usize, (&'m Labelled, &'m Judged))>,
) -> [TopicScore; Topic::ALL.len()] {
    let mut scores: [TopicScore; Topic::ALL.len()] = Default::default();
    for (at, (mail, given)) in mails {
        let Some(labelled) = &mail.label.topics else { continue };
        for (topic, score) in Topic::ALL.iter().zip(&mut scores) {
            match (labelled.contains(topic), given.topics.contains(topic)) {
                (true, true) => score.right.push(at),
                (false, true) => score.wrong.push(at),
                (true, false) => score.missed.push(at),
                (false, false) => {}
            }
        }
    }
    scores
}

/// Ranges of probability: tenths.
const BINS: usize = 10;

/// Whether the probability of the best class is how often it is right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Tenths of probability, from 0 up.
    pub bins: [Bin; BINS],
    /// The mean distance between probability and share of right, weighed by mails: the expected
    /// calibration error.
    pub error: Option<f64>,
}

/// Mails whose best class has a probability in one range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bin {
    /// The mails.
    pub mails: Vec<usize>,
    /// How many are of the best class.
    pub right: usize,
    /// Sum of their probabilities.
    pub confidence: f64,
}

impl Bin {
    /// Mean probability.
    #[must_use]
    pub fn mean_confidence(&self) -> Option<f64> {
        (!self.mails.is_empty()).then(|| self.confidence / self.mails.len() as f64)
    }

    /// Share of right.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.right, self.mails.len())
    }
}

pub(super) fn calibration<'m>(
    mails: impl Iterator<Item = (usize, (&'m Labelled, &'m Judged))>,
) -> Calibration {
    let mut bins: [Bin; BINS] = Default::default();
    let mut total = 0;
    for (at, (mail, given)) in mails {
        total += 1;
        // The largest below BINS for a probability of 1; NaN and negative numbers become 0.
        let number = ((given.confidence * BINS as f64) as usize).min(BINS - 1);
        if let Some(bin) = bins.get_mut(number) {
            bin.mails.push(at);
            bin.right += usize::from(mail.label.class == given.best);
            bin.confidence += given.confidence;
        }
    }
    let gap = |bin: &Bin| Some((bin.accuracy()? - bin.mean_confidence()?).abs() * bin.mails.len() as f64);
    let error = (total > 0).then(|| bins.iter().filter_map(gap).sum::<f64>() / f64::from(total));
    Calibration { bins, error }
}

/// Part of the mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// The mails.
    pub mails: Vec<usize>,
    /// How many have the right class.
    pub right: usize,
    /// How many are unsure.
    pub unsure: usize,
    /// How many have an owner in their label.
    pub with_owner: usize,
    /// How many of those have the right owner.
    pub right_owner: usize,
}

impl Slice {
    pub(super) fn add(&mut self, at: usize, label: &Label, given: &Judged) {
        self.mails.push(at);
        self.right += usize::from(given.class == Some(label.class));
        self.unsure += usize::from(given.class.is_none());
        if let Some(owner) = label.owner {
            self.with_owner += 1;
            self.right_owner += usize::from(owner == given.owner);
        }
    }

    /// Share of mails with the right class.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.right, self.mails.len())
    }

    /// Share of mails with the right owner.
    #[must_use]
    pub fn owner_accuracy(&self) -> Option<f64> {
        share(self.right_owner, self.with_owner)
    }
}

/// The mails in parts, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slices {
    /// By the label's difficulty.
    pub difficulty: Vec<(String, Slice)>,
    /// By the set the mails belong to.
    pub group: Vec<(String, Slice)>,
    /// By the client's account.
    pub account: Vec<(String, Slice)>,
}
