//! Which rules hit and which phrases are in each mail: the rows that points are fitted to.
//!
//! Features are numbered: the rules in their order, then the phrases. Names of people, places and
//! products are left out: a word that mostly begins with a capital letter within a sentence is one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Options, Vetoed, Without};
use crate::corpus::tune::examples::Example;
use crate::corpus::tune::validate::Folds;
use crate::rules::RuleSet;
use crate::rules::lexicon::{self, FIRST, LAST, OPEN, Part, Token};
use crate::rules::normal::Normal;
use crate::rules::source::Mode;
use crate::terms::Zone;

/// A phrase that may be learned.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) part: Part,
    pub(super) text: String,
    /// Mails it is in.
    pub(super) mails: usize,
    /// Whose mail it is in, and the fold that is of theirs.
    pub(super) writers: BTreeSet<(usize, usize)>,
}

/// The features of every mail.
pub(super) struct Table {
    /// By mail: the numbers of its features, ascending.
    pub(super) rows: Vec<Vec<u32>>,
    /// By mail: the fold it is left out in.
    pub(super) folds: Vec<usize>,
    /// Rules there are.
    pub(super) rules: usize,
    /// What phrases there are.
    pub(super) phrases: Vec<Candidate>,
    /// By rule: it takes part.
    counted: Vec<bool>,
}

impl Table {
    pub(super) fn new(
        examples: &[Example],
        rules: &RuleSet,
        (folds, vetoed): (&Folds, &Vetoed),
        options: &Options,
    ) -> Self {
        let texts: Vec<Text> = examples.iter().map(Text::new).collect();
        let names = names(&texts);
        let vetoed: BTreeSet<(Part, &str)> =
            vetoed.iter().map(|(part, text)| (*part, text.as_str())).collect();
        let writer = writers(examples);
        let mut found: BTreeMap<(Part, String), Candidate> = BTreeMap::new();
        let mut of_mail: Vec<BTreeSet<(Part, String)>> = Vec::with_capacity(examples.len());
        for (at, text) in texts.iter().enumerate() {
            let phrases = text.phrases(options, &names, &vetoed);
            for key in &phrases {
                let candidate = found.entry(key.clone()).or_insert_with(|| Candidate {
                    part: key.0,
                    text: key.1.clone(),
                    mails: 0,
                    writers: BTreeSet::new(),
                });
                candidate.mails += 1;
                candidate.writers.insert((writer[at], folds.of[at]));
            }
            of_mail.push(phrases);
        }
        let phrases: Vec<Candidate> =
            found.into_values().filter(|one| one.writers.len() >= options.writers).collect();
        let count = rules.rules.len();
        let numbers: BTreeMap<(Part, &str), usize> =
            phrases.iter().enumerate().map(|(at, one)| ((one.part, one.text.as_str()), count + at)).collect();
        let rows = examples.iter().zip(&of_mail).map(|(one, own)| {
            let mut row: Vec<u32> = Vec::new();
            if options.without != Some(Without::Rules) {
                row.extend(one.hits().into_iter().filter_map(|rule| u32::try_from(rule).ok()));
            }
            let own = own.iter().filter_map(|(part, text)| numbers.get(&(*part, text.as_str())));
            row.extend(own.filter_map(|&number| u32::try_from(number).ok()));
            row.sort_unstable();
            row
        });
        let rows: Vec<Vec<u32>> = rows.collect();
        let counted = rules.rules.iter().map(|rule| rule.mode == Mode::Enforce).collect();
        Self { rows, folds: folds.of.clone(), rules: count, phrases, counted }
    }

    /// How many features there are.
    pub(super) fn len(&self) -> usize {
        self.rules + self.phrases.len()
    }

    /// The features to be fitted: rules that count, and phrases that enough writers outside a fold use.
    pub(super) fn usable(&self, without: Option<usize>, writers: usize) -> Vec<bool> {
        let phrase = |one: &Candidate| {
            one.writers.iter().filter(|(_, fold)| Some(*fold) != without).count() >= writers
        };
        self.counted.iter().copied().chain(self.phrases.iter().map(phrase)).collect()
    }

    /// By feature how surely it tells the answers apart, if it is to be fitted: usable, and if a phrase, among the
    /// surest. That is the largest z-score, over the answers, of how much more often or seldom a mail with the
    /// feature has it.
    pub(super) fn telling(
        &self,
        answers: &[Option<usize>],
        outputs: usize,
        usable: &[bool],
        most: usize,
    ) -> Vec<Option<f64>> {
        let mut with = vec![0.0_f64; self.len() * outputs];
        let mut all = vec![0.0_f64; outputs];
        for (row, answer) in self.rows.iter().zip(answers) {
            let Some(answer) = *answer else { continue };
            all[answer] += 1.0;
            row.iter().for_each(|&feature| with[feature as usize * outputs + answer] += 1.0);
        }
        let mails: f64 = all.iter().sum();
        let surest = |at: usize| {
            let own = &with[at * outputs..(at + 1) * outputs];
            let count: f64 = own.iter().sum();
            own.iter().zip(&all).fold(0.0, |most: f64, (own, all)| {
                let expected = count * all / mails.max(1.0);
                most.max((own - expected).abs() / (expected * (1.0 - all / mails.max(1.0))).max(0.25).sqrt())
            })
        };
        let each = usable.iter().enumerate();
        let mut kept: Vec<Option<f64>> = each.map(|(at, usable)| usable.then(|| surest(at))).collect();
        let phrases = kept.iter().copied().enumerate().skip(self.rules);
        let mut phrases: Vec<(usize, f64)> = phrases.filter_map(|(at, sure)| Some((at, sure?))).collect();
        phrases.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        phrases.iter().skip(most).for_each(|&(at, _)| kept[at] = None);
        kept
    }
}

/// By mail, a number for who wrote it: its set where there are several, else its sender.
fn writers(examples: &[Example]) -> Vec<usize> {
    let groups: BTreeSet<&str> = examples.iter().map(|one| one.group.as_str()).collect();
    let name = |one: &Example| if groups.len() > 1 { one.group.clone() } else { one.sender.clone() };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    examples
        .iter()
        .map(|one| {
            let next = known.len();
            *known.entry(name(one)).or_insert(next)
        })
        .collect()
}

/// A mail's sentences as tokens.
struct Text {
    sentences: Vec<(Part, Vec<Word>)>,
}

/// A token, and whether it is written like a name.
struct Word {
    text: String,
    /// `None` where a sentence begins, since anything is written large there.
    capital: Option<bool>,
}

impl Text {
    fn new(one: &Example) -> Self {
        let fresh = &one.mail.fresh;
        let mut sentences = Vec::new();
        for sentence in fresh.sentences.iter().filter(|sentence| fresh.is_matter(sentence.zone)) {
            let Some(original) = fresh.text.get(sentence.start..sentence.end) else { continue };
            let mut normal = Normal::default();
            let mut tokens: Vec<Token<'_>> = Vec::new();
            let range = normal.push(original, sentence.start);
            lexicon::tokens(normal.text().get(range).unwrap_or_default(), 0, &mut tokens);
            let word = |(at, token): (usize, &Token<'_>)| {
                let written = fresh.text.get(normal.original(token.start)..).unwrap_or_default();
                let mut letters = written.chars();
                let large = letters.next().is_some_and(char::is_uppercase)
                    && letters.next().is_some_and(char::is_lowercase);
                Word { text: token.text.to_owned(), capital: (at > 1).then_some(large) }
            };
            let part = if sentence.zone == Zone::Subject { Part::Subject } else { Part::Text };
            sentences.push((part, tokens.iter().enumerate().map(word).collect()));
        }
        Self { sentences }
    }

    /// Every run of tokens and every beginning of a word that can be a phrase, names and what is vetoed left out: a word
    /// that is must not come back by its beginnings.
    fn phrases(
        &self,
        options: &Options,
        names: &BTreeSet<String>,
        vetoed: &BTreeSet<(Part, &str)>,
    ) -> BTreeSet<(Part, String)> {
        let mut found = BTreeSet::new();
        if options.without == Some(Without::Phrases) {
            return found;
        }
        let ends = |text: &str| options.without == Some(Without::Ends) && (text == FIRST || text == LAST);
        let left_out = |part: Part| options.without == Some(Without::Zones) && part == Part::Subject;
        for (part, words) in self.sentences.iter().filter(|(part, _)| !left_out(*part)) {
            for first in 0..words.len() {
                let word = &words[first];
                if !names.contains(&word.text) && !vetoed.contains(&(*part, word.text.as_str())) {
                    let open = lexicon::beginnings(&word.text).map(|(letters, _)| format!("{letters}{OPEN}"));
                    found.extend(open.map(|beginning| (*part, beginning)));
                }
                let mut text = String::new();
                for word in words.iter().skip(first).take(usize::from(options.longest)) {
                    if names.contains(&word.text) || ends(&word.text) {
                        break;
                    }
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(&word.text);
                    if text != FIRST && text != LAST {
                        found.insert((*part, text.clone()));
                    }
                }
            }
        }
        found.retain(|(part, text)| !vetoed.contains(&(*part, text.as_str())));
        found
    }
}

/// Words that more than half of the time begin with a capital letter within a sentence of the text.
fn names(texts: &[Text]) -> BTreeSet<String> {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let words = texts.iter().flat_map(|text| &text.sentences).filter(|(part, _)| *part == Part::Text);
    for word in words.flat_map(|(_, words)| words) {
        if let Some(large) = word.capital.filter(|_| word.text.starts_with(char::is_alphabetic)) {
            let (all, capital) = seen.entry(word.text.as_str()).or_default();
            *all += 1;
            *capital += usize::from(large);
        }
    }
    let named = seen.into_iter().filter(|(_, (all, capital))| 2 * capital > *all);
    named.map(|(word, _)| word.to_owned()).collect()
}
