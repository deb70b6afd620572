//! Copies of a mail settled: it counts once, with what all its labels say.

use std::collections::HashMap;

use super::{Answer, Conflict, Corpus, Entry, Labelled, Place};

/// Copies of mails: where each labelled one is, and which are in conflict.
#[derive(Default)]
pub(super) struct Settle {
    at: HashMap<String, usize>,
    in_conflict: HashMap<String, ()>,
    unlabelled: Vec<(String, Place)>,
}

impl Settle {
    pub(super) fn add(&mut self, entry: Entry, corpus: &mut Corpus) {
        let Entry { mail, id, place, group, answer } = entry;
        let (label, by) = match answer {
            Answer::Unlabelled => return self.unlabelled.push((id, place)),
            Answer::Conflict(conflict) => return self.conflict(*conflict, corpus),
            Answer::Label(label, by) => (label, by),
        };
        let Some(&at) = self.at.get(&id) else {
            self.at.insert(id.clone(), corpus.mails.len());
            return corpus.mails.push(Labelled { mail, id, place, group, label, by });
        };
        let Some(first) = corpus.mails.get_mut(at) else { return };
        match first.label.merge(&label) {
            Some(merged) => {
                first.label = merged;
                corpus.copies.push((id, place));
            }
            None => {
                let one = (first.label.clone(), first.by.clone());
                self.conflict(Conflict { id, one, other: (label, by) }, corpus);
            }
        }
    }

    fn conflict(&mut self, conflict: Conflict, corpus: &mut Corpus) {
        if self.in_conflict.insert(conflict.id.clone(), ()).is_none() {
            corpus.conflicts.push(conflict);
        }
    }

    pub(super) fn finish(self, corpus: &mut Corpus) {
        corpus.mails.retain(|mail| !self.in_conflict.contains_key(&mail.id));
        corpus.copies.retain(|(id, _)| !self.in_conflict.contains_key(id));
        for (id, place) in self.unlabelled {
            if self.in_conflict.contains_key(&id) {
                continue;
            }
            let list = if self.at.contains_key(&id) { &mut corpus.copies } else { &mut corpus.unlabelled };
            list.push((id, place));
        }
    }
}
