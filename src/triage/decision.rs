//! Stage 4: [`Evidence`] to [`Decision`].
//!
//! Points add up by class; the softmax of the sums gives probabilities; the best class counts when its
//! probability and its distance to the runner-up reach the thresholds of `decision.toml`. Topics are
//! decided each on its own.

use super::evidence::Evidence;
use super::fresh::Fresh;
use crate::rules::RuleSet;
use crate::rules::lexicon::TARGETS;
use crate::rules::source::Mode;
use crate::terms::{Act, Aspect, Class, Topic, UNSURE, Zone};

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
    /// Topics present, in the order of [`Topic::ALL`]; [`Class::Other`] has none but [`Topic::Budget`].
    pub topics: Vec<Topic>,
    /// Sum of points by topic, starting points included, in the order of [`Aspect::ALL`]; present means
    /// above 0.
    pub topic_sums: [f64; Aspect::ALL.len()],
    /// What the phrases of the list add together, by class, then by topic.
    pub phrase_sums: [f64; TARGETS],
    /// Sentences of the matter that say something: no greeting, no subject.
    pub matter: usize,
    /// By sentence, the topics that it bears on, a bit for each of [`Topic::ALL`]; none of one that is no matter.
    pub sentence_topics: Vec<u8>,
}

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

    /// Whether the topic is present.
    #[must_use]
    pub fn has(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }

    /// Share of the matter's sentences that bear on any of these topics, 0 to 1.
    #[must_use]
    pub fn share(&self, topics: &[Topic]) -> f64 {
        let wanted = topics.iter().fold(0, |wanted, topic| wanted | topic_bit(topic.index()));
        let sentences = self.sentence_topics.iter().filter(|bears| **bears & wanted != 0).count();
        if self.matter == 0 { 0.0 } else { sentences as f64 / self.matter as f64 }
    }
}

/// The bit of the topic with this index.
pub(super) const fn topic_bit(index: usize) -> u8 {
    const { assert!(Topic::ALL.len() <= u8::BITS as usize) };
    1 << index
}

/// Points that facts alone must bring to the best class of a mail without any text.
const LEAST_WITHOUT_TEXT: f64 = 1.0;

/// Adds up the evidence.
#[must_use]
pub fn decide(evidence: &Evidence, fresh: &Fresh, rules: &RuleSet) -> Decision {
    let table = &rules.decision;
    let mut sums = table.base;
    let mut topic_sums = table.topic_base;
    let mut sentence_topics = vec![0; fresh.sentences.len()];
    for hit in &evidence.hits {
        let Some(rule) = rules.rules.get(hit.rule()).filter(|rule| rule.mode == Mode::Enforce) else {
            continue;
        };
        sums.iter_mut().zip(rule.points).for_each(|(sum, points)| *sum += points);
        topic_sums.iter_mut().zip(rule.topics).for_each(|(sum, points)| *sum += points);
        let topics = rule.topics.iter().take(Topic::ALL.len()).enumerate();
        let borne =
            topics.fold(0, |borne, (at, &points)| borne | if points > 0.0 { topic_bit(at) } else { 0 });
        for sentence in hit.places().filter_map(|place| place.sentence) {
            sentence_topics.get_mut(sentence).into_iter().for_each(|bears| *bears |= borne);
        }
    }
    let mut matter = 0;
    for (sentence, bears) in fresh.sentences.iter().zip(&mut sentence_topics) {
        let says = says_something(fresh, sentence);
        matter += usize::from(says);
        if !says {
            *bears = 0;
        }
    }
    let phrase_sums = rules.lexicon.sums(evidence.phrases.iter().map(|hit| hit.phrase));
    let all_sums = sums.iter_mut().chain(&mut topic_sums);
    all_sums.zip(phrase_sums).for_each(|(sum, points)| *sum += points);
    let probabilities = softmax(&sums, table.temperature);
    let (best, runner_up) = two_best(&probabilities);
    let confidence = probabilities[best.index()];
    // Where nothing was read, the points every mail starts with must not decide: a person should look.
    let brought = sums[best.index()] - table.base[best.index()];
    let unread = fresh.sentences.is_empty() && brought < LEAST_WITHOUT_TEXT;
    let sure = !unread
        && confidence >= table.probability
        && confidence - probabilities[runner_up.index()] >= table.margin;
    let class = sure.then_some(best);
    // What is not client work has no topics but money: invoices and remittances.
    let allowed = |topic: &Topic| class != Some(Class::Other) || *topic == Topic::Budget;
    let present = |topic: &Topic| topic_sums[topic.index()] > 0.0 && allowed(topic);
    Decision {
        class,
        best,
        runner_up,
        sums,
        probabilities,
        topics: Topic::ALL.iter().copied().filter(present).collect(),
        topic_sums,
        phrase_sums,
        matter,
        sentence_topics,
    }
}

fn says_something(fresh: &Fresh, sentence: &super::fresh::Sentence) -> bool {
    sentence.zone != Zone::Subject && sentence.act != Act::Courtesy && fresh.is_matter(sentence.zone)
}

/// Probabilities by class; the largest sum is taken off first, so that nothing overflows.
fn softmax(sums: &[f64; Class::ALL.len()], temperature: f64) -> [f64; Class::ALL.len()] {
    let largest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = sums.map(|sum| ((sum - largest) / temperature).exp());
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

/// The most and the next most probable; the earlier in [`Class::ALL`] where two are equal.
fn two_best(probabilities: &[f64; Class::ALL.len()]) -> (Class, Class) {
    let mut order = [Class::DeliverableQuestion; Class::ALL.len()];
    order.copy_from_slice(Class::ALL);
    order.sort_by(|a, b| probabilities[b.index()].total_cmp(&probabilities[a.index()]));
    (order[0], order[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_whatever_the_sums() {
        for sums in [[0.0; 5], [1e9, -1e9, 0.0, 3.0, 1e9], [-700.0, -701.0, -702.0, -703.0, -704.0]] {
            let total: f64 = softmax(&sums, 0.5).iter().sum();
            assert!((total - 1.0).abs() < 1e-12, "{sums:?} {total}");
        }
    }

    #[test]
    fn ties_go_to_the_earlier_class() {
        assert_eq!(two_best(&[0.2; 5]), (Class::DeliverableQuestion, Class::DeliveryQuestion));
        assert_eq!(two_best(&[0.1, 0.1, 0.3, 0.1, 0.4]), (Class::Other, Class::ProjectUpdate));
    }
}
