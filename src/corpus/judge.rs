//! Labelled mail taken down the line, on all processors, and what is kept of each.
//!
//! Keeps numbers and names, no text: whoever shows a mail takes it down the line again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::labelled::{Corpus, Labelled};
use crate::rules::RuleSet;
use crate::terms::{Class, Role, Topic};
use crate::triage::decision::Decision;
use crate::triage::evidence::Evidence;
use crate::triage::route::Route;
use crate::triage::{Context, Triage, triage};

/// What the line made of one mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The class; `None` is unsure.
    pub class: Option<Class>,
    /// The class with the most points, decided or not.
    pub best: Class,
    /// Its probability.
    pub confidence: f64,
    /// The owner; `None` is nobody.
    pub owner: Option<Role>,
    /// The topics present.
    pub topics: Vec<Topic>,
    /// Index in the rules' directory of accounts.
    pub account: Option<usize>,
    /// Indices of the rules that hit, ascending.
    pub hits: Vec<usize>,
}

impl Judged {
    /// What is kept of a mail.
    #[must_use]
    pub fn of(triage: &Triage<'_>) -> Self {
        Self::new(&triage.evidence, &triage.decision, &triage.route)
    }

    /// What is kept of the last three stages.
    #[must_use]
    pub fn new(evidence: &Evidence, decision: &Decision, route: &Route) -> Self {
        let mut hits: Vec<usize> = evidence.hits.iter().map(crate::triage::evidence::Hit::rule).collect();
        hits.sort_unstable();
        Self {
            class: decision.class,
            best: decision.best,
            confidence: decision.confidence(),
            owner: route.owner.as_ref().map(|owner| owner.role),
            topics: decision.topics.clone(),
            account: route.account,
            hits,
        }
    }
}

/// Takes every labelled mail down the line; the answers are in the order of the mails.
#[must_use]
pub fn all(corpus: &Corpus, rules: &RuleSet, context: &Context<'_>, jobs: usize) -> Vec<Judged> {
    each(&corpus.mails, jobs, |one: &Labelled| Judged::of(&triage(&one.mail.bytes(), rules, context)))
}

/// What `work` gives for each item, in their order, worked out on several threads.
#[must_use]
pub fn each<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let helpers: Vec<_> = (1..jobs.min(items.len())).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                // A fault in the work is the caller's, on whichever thread it came up.
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn results_keep_the_order_whatever_the_number_of_threads() {
        let items: Vec<usize> = (0..1000).collect();
        let expected: Vec<usize> = items.iter().map(|item| item * 3).collect();
        for jobs in [0, 1, 2, 7, 2000] {
            assert_eq!(each(&items, jobs, |item| item * 3), expected);
        }
        assert!(each(&[] as &[u8], 4, |_| 0).is_empty());
    }
}
