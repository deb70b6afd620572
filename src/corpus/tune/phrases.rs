//! Words and short phrases that the mistakes of a class have in common, as candidates for rules.
//!
//! Takes examples and what the rules make of them. A phrase is one to three words within a sentence of
//! the matter. It is a candidate when mails of a class that went wrong hold it far more often than mails
//! of other classes: the log-odds ratio of the two, drawn toward how common the phrase is anywhere
//! (Monroe, Colaresi and Quinn 2008), over its standard error. Writes no rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::examples::Example;
use crate::rules::RuleSet;
use crate::rules::normal::fold;
use crate::rules::source::Sources;
use crate::terms::{Class, Zone};

/// Most words of a phrase.
const LONGEST: usize = 3;

/// Least number of senders whose mails hold it: fewer may be one person's habit.
const LEAST_SENDERS: usize = 3;

/// Least log-odds ratio in standard errors.
const LEAST_Z: f64 = 2.5;

/// Mails' worth of belief that a phrase is as common in one class as in all.
const PRIOR: f64 = 10.0;

/// Most candidates for one class.
const MOST: usize = 8;

/// Words of one mail that are looked at.
const MOST_WORDS: usize = 5_000;

/// A phrase and what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The class whose mistakes hold it.
    pub class: Class,
    /// The words, folded, with single blanks.
    pub phrase: String,
    /// Mails of the class that went wrong and hold it.
    pub mistakes: Vec<usize>,
    /// Mails of the class that went wrong.
    pub of_mistakes: usize,
    /// Mails of other classes that hold it.
    pub others: usize,
    /// Mails of other classes.
    pub of_others: usize,
    /// Senders of [`mistakes`](Self::mistakes).
    pub senders: usize,
    /// The log-odds ratio.
    pub log_odds: f64,
    /// The same in standard errors.
    pub z: f64,
}

/// The candidates of every class, the clearest first.
#[must_use]
pub fn candidates(examples: &[Example], rules: &RuleSet, sources: &Sources) -> Vec<Candidate> {
    let phrases: Vec<BTreeSet<String>> = examples.iter().map(phrases).collect();
    let mut everywhere: BTreeMap<&str, usize> = BTreeMap::new();
    for phrase in phrases.iter().flatten() {
        *everywhere.entry(phrase).or_default() += 1;
    }
    let wrong: Vec<bool> = examples.iter().map(|one| one.decide(rules).class != Some(one.class)).collect();
    let covered = Covered::new(sources);
    let mut all = Vec::new();
    for &class in Class::ALL {
        let search = Search { examples, phrases: &phrases, everywhere: &everywhere, class };
        let mistakes: Vec<usize> =
            (0..examples.len()).filter(|&at| wrong[at] && examples[at].class == class).collect();
        let mut found = search.candidates(&mistakes);
        found.retain(|candidate| !covered.holds(&candidate.phrase));
        found.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.phrase.cmp(&b.phrase)));
        let mut kept: Vec<Candidate> = Vec::new();
        for candidate in found {
            // "the board" beside "board" says nothing more when the same mails hold both.
            let told = kept.iter().any(|known| {
                let part =
                    known.phrase.contains(&candidate.phrase) || candidate.phrase.contains(&known.phrase);
                part && candidate.mistakes.iter().all(|mail| known.mistakes.contains(mail))
            });
            if !told && kept.len() < MOST {
                kept.push(candidate);
            }
        }
        all.append(&mut kept);
    }
    all
}

struct Search<'s> {
    examples: &'s [Example],
    phrases: &'s [BTreeSet<String>],
    everywhere: &'s BTreeMap<&'s str, usize>,
    class: Class,
}

impl Search<'_> {
    fn candidates(&self, mistakes: &[usize]) -> Vec<Candidate> {
        let mut holding: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &mail in mistakes {
            for phrase in &self.phrases[mail] {
                holding.entry(phrase).or_default().push(mail);
            }
        }
        holding.retain(|_, mails| mails.len() >= LEAST_SENDERS);
        let mut others: BTreeMap<&str, usize> = holding.keys().map(|&phrase| (phrase, 0)).collect();
        let elsewhere = || (0..self.examples.len()).filter(|&at| self.examples[at].class != self.class);
        for phrase in elsewhere().flat_map(|mail| &self.phrases[mail]) {
            if let Some(count) = others.get_mut(phrase.as_str()) {
                *count += 1;
            }
        }
        let (of_mistakes, of_others) = (mistakes.len(), elsewhere().count());
        let candidate = |(phrase, mails): (&str, Vec<usize>)| {
            let senders: BTreeSet<&str> = mails.iter().map(|&at| self.examples[at].sender.as_str()).collect();
            let common =
                self.everywhere.get(phrase).copied().unwrap_or(0) as f64 / self.examples.len() as f64;
            let there = others.get(phrase).copied().unwrap_or(0);
            let (log_odds, z) = log_odds((mails.len(), of_mistakes), (there, of_others), common);
            (senders.len() >= LEAST_SENDERS && z >= LEAST_Z).then(|| Candidate {
                class: self.class,
                phrase: phrase.to_owned(),
                senders: senders.len(),
                mistakes: mails,
                of_mistakes,
                others: there,
                of_others,
                log_odds,
                z,
            })
        };
        holding.into_iter().filter_map(candidate).collect()
    }
}

/// The log-odds ratio of two shares, drawn toward a common one, and its size in standard errors.
fn log_odds(here: (usize, usize), there: (usize, usize), common: f64) -> (f64, f64) {
    let prior = PRIOR * common;
    let odds = |(with, all): (usize, usize)| {
        let with = with as f64 + prior;
        (with / (all as f64 + PRIOR - with)).ln()
    };
    let ratio = odds(here) - odds(there);
    let variance = 1.0 / (here.0 as f64 + prior) + 1.0 / (there.0 as f64 + prior);
    (ratio, ratio / variance.sqrt())
}

/// Every phrase of a mail's matter, once.
fn phrases(example: &Example) -> BTreeSet<String> {
    let fresh = &example.mail.fresh;
    let mut found = BTreeSet::new();
    let mut seen = 0;
    for sentence in &fresh.sentences {
        if sentence.zone != Zone::Subject && !fresh.is_matter(sentence.zone) {
            continue;
        }
        let text = fold(fresh.text.get(sentence.start..sentence.end).unwrap_or_default());
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-')
            .map(|word| word.trim_matches(['\'', '-']))
            .filter(|word| !word.is_empty() && word.len() <= 40)
            .collect();
        seen += words.len();
        if seen > MOST_WORDS {
            break;
        }
        for length in 1..=LONGEST {
            found.extend(words.windows(length).map(|words| words.join(" ")));
        }
    }
    // Numbers and single letters are particulars of one mail.
    found.retain(|phrase| phrase.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    found
}

/// The entries of all word lists.
struct Covered {
    whole: BTreeSet<String>,
    open: Vec<String>,
}

impl Covered {
    fn new(sources: &Sources) -> Self {
        let mut covered = Self { whole: BTreeSet::new(), open: Vec::new() };
        for entry in sources.vocabulary.values().flat_map(|list| &list.entries) {
            let text = fold(&entry.value);
            match text.strip_suffix('*') {
                Some(stem) => covered.open.push(stem.to_owned()),
                None => {
                    covered.whole.insert(text);
                }
            }
        }
        covered
    }

    fn holds(&self, phrase: &str) -> bool {
        self.whole.contains(phrase) || self.open.iter().any(|stem| phrase.starts_with(stem))
    }
}

impl Candidate {
    /// The candidate as a rule in TOML, its evidence above it.
    #[must_use]
    pub fn toml(&self, examples: &[Example]) -> String {
        let id = self.phrase.replace('\'', "").replace(' ', "-");
        let quote = if self.phrase.contains('\'') { "'''" } else { "'" };
        let mails: Vec<&str> = self
            .mistakes
            .iter()
            .take(3)
            .filter_map(|&at| examples.get(at))
            .map(|one| one.id.as_str())
            .collect();
        let mut text = String::new();
        // Writing to a string cannot fail. Half the log-odds: other rules hit the same mails.
        let _ = write!(
            text,
            "# in {} of {} mails of {} that went wrong, of {} senders, and in {} of {} others; z = {:.1}\n\
             # {}\n\
             [[rule]]\nid = \"says-{id}\"\nabout = \"says '{}'\"\nany = [{quote}\\b{}\\b{quote}]\n\
             points = {{ {} = {:.1} }}\n[[rule.test]]\nmatch = \"{}.\"\n",
            self.mistakes.len(),
            self.of_mistakes,
            self.class,
            self.senders,
            self.others,
            self.of_others,
            self.z,
            mails.join(" "),
            self.phrase,
            self.phrase,
            self.class,
            (self.log_odds / 2.0).clamp(0.1, 3.0),
            self.phrase,
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::prepared::Prepared;
    use crate::rules::layer::Layer;
    use crate::rules::{self, load};
    use crate::triage::Context;

    fn example(at: usize, sender: &str, class: Class, text: &str, rules: &RuleSet) -> Example {
        let raw = format!("From: {sender}@client.example\nSubject: Words\n\n{text}\n");
        let mail = Prepared::new(raw.as_bytes(), rules.zones);
        let evidence = mail.evidence(rules, &Context::default());
        let sender = format!("{sender}@client.example");
        Example {
            id: at.to_string(),
            group: String::new(),
            sender,
            class,
            topics: None,
            owner: None,
            mail,
            evidence,
        }
    }

    #[test]
    fn what_the_mistakes_share_is_proposed_and_what_everybody_says_is_not() {
        let layers = [Layer::Files(vec![
            ("a.toml".to_owned(), "[[rule]]\nid = 'a'\nany = 'zzz'\npoints = { other = 1 }\n".to_owned()),
            ("vocabulary.toml".to_owned(), "thing = ['marmalade jar*']\n".to_owned()),
            ("routing.toml".to_owned(), "[[route]]\nid = 'r'\nowner = 'am'\nwhy = 'w'\n".to_owned()),
        ])];
        let rules = rules::ready(&layers).unwrap();
        let (sources, _) = load::load(&layers);
        let mut examples = Vec::new();
        for at in 0..30 {
            let sender = format!("s{at}");
            // What the rules cannot tell apart goes to the first class.
            let (class, text) = match at % 3 {
                0 => (Class::NewProject, "We saw the purple kite. Marmalade jars. Hello there."),
                1 => (Class::DeliverableQuestion, "Hello there. The green lamp."),
                _ => (Class::DeliverableQuestion, "Hello there. The lamp is red."),
            };
            examples.push(example(at, &sender, class, text, &rules));
        }
        let found = candidates(&examples, &rules, &sources);
        assert!(found.iter().all(|one| one.class == Class::NewProject && one.senders == 10), "{found:?}");
        assert!(found.iter().any(|one| one.phrase.contains("purple")), "{found:?}");
        assert!(
            found.iter().all(|one| !one.phrase.starts_with("marmalade jar") && one.phrase != "hello there")
        );
        let toml = found[0].toml(&examples);
        let layer = Layer::Files(vec![("x.toml".to_owned(), toml.clone())]);
        let (sources, faults) = load::load(&[layer]);
        assert!(!faults.has_errors() && sources.rules.len() == 1, "{toml}\n{}", faults.render(false));
        // One sender's words, however often, are that sender's.
        for one in &mut examples {
            one.sender = "same@client.example".to_owned();
        }
        assert!(candidates(&examples, &rules, &sources).is_empty());
    }
}
