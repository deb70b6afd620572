//! Stage 4: [`Evidence`](super::evidence::Evidence) to [`Decision`].

use crate::terms::{Class, Topic};

/// What a mail is and what it touches, with the sums that say so.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The class; `None` when a person should look.
    pub class: Option<Class>,
    /// The class with the most points, decided or not.
    pub best: Class,
    /// The class with the next most.
    pub runner_up: Class,
    /// Sum of points by class, starting points included.
    pub sums: [f64; Class::ALL.len()],
    /// Softmax of the sums, by class; they add up to 1.
    pub probabilities: [f64; Class::ALL.len()],
    /// Topics present, in the order of [`Topic::ALL`].
    pub topics: Vec<Topic>,
    /// Sum of points by topic, starting points included; present means above 0.
    pub topic_sums: [f64; Topic::ALL.len()],
    /// Share of the matter's sentences that bear on each topic, 0 to 1.
    pub topic_shares: [f64; Topic::ALL.len()],
}

/// The word for a mail that no class claims clearly enough.
pub const UNSURE: &str = "unsure";

impl Decision {
    /// The class as a word, or [`UNSURE`].
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.class.map_or(UNSURE, Class::as_str)
    }

    /// Probability of the best class, 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.probabilities[self.best.index()]
    }
}
