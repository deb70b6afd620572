//! `--only`: which mails to show.

use std::str::FromStr;

use postroom::rules::RuleSet;
use postroom::rules::nearest::nearest;
use postroom::terms::{Class, Defect, Role, Topic, UNSURE};
use postroom::triage::output::{NOBODY, Report, owner_word};
use postroom::triage::route::Sender;

/// What must hold of a mail to be shown: every key with any of its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Only(Vec<(Key, Vec<String>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Owner,
    Class,
    Topic,
    Account,
    Sender,
    Defect,
}

impl Key {
    const ALL: [(&'static str, Self); 6] = [
        ("owner", Self::Owner),
        ("class", Self::Class),
        ("topic", Self::Topic),
        ("account", Self::Account),
        ("sender", Self::Sender),
        ("defect", Self::Defect),
    ];

    fn parse(word: &str) -> Result<Self, String> {
        match Self::ALL.iter().find(|(name, _)| *name == word) {
            Some((_, key)) => Ok(*key),
            None => Err(unknown("key", word, &Self::ALL.map(|(name, _)| name))),
        }
    }

    /// Its words where they are the same whatever the rules. `none` stands for a mail without any.
    fn words(self) -> Option<Vec<&'static str>> {
        let with = |words: &[&'static str], last| words.iter().copied().chain([last]).collect();
        match self {
            Self::Owner => Some(with(Role::WORDS, NOBODY)),
            Self::Class => Some(with(Class::WORDS, UNSURE)),
            Self::Topic => Some(with(Topic::WORDS, NOBODY)),
            Self::Defect => Some(with(Defect::WORDS, NOBODY)),
            Self::Sender => {
                Some([Sender::Verified, Sender::Unverified, Sender::Unknown].map(Sender::as_str).into())
            }
            Self::Account => None,
        }
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }
}

fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("there is no {what} `{word}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{word}`; there are {}", known.join(", ")),
    }
}

impl FromStr for Only {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut clauses = Vec::new();
        for clause in text.split(',').map(str::trim) {
            let Some((key, words)) = clause.split_once('=') else {
                return Err(format!(
                    "`{clause}` is not of the form key=word, as in class=new-project|unsure"
                ));
            };
            let key = Key::parse(key.trim())?;
            let words: Vec<String> = words.split('|').map(|word| word.trim().to_owned()).collect();
            if let Some(known) = key.words() {
                let wrong = words.iter().find(|word| !known.contains(&word.as_str()));
                if let Some(wrong) = wrong {
                    return Err(unknown(key.name(), wrong, &known));
                }
            }
            clauses.push((key, words));
        }
        Ok(Self(clauses))
    }
}

impl Only {
    /// Whether every account named is one.
    ///
    /// # Errors
    ///
    /// In words with the nearest known account.
    pub(super) fn check(&self, rules: &RuleSet) -> Result<(), String> {
        let accounts = rules.directory.accounts.iter().map(|account| account.id.as_str());
        let known: Vec<&str> = accounts.chain([NOBODY]).collect();
        let mut named =
            self.0.iter().filter(|(key, _)| *key == Key::Account).flat_map(|(_, words)| words.iter());
        match named.find(|word| !known.contains(&word.as_str())) {
            Some(wrong) => Err(unknown("account", wrong, &known)),
            None => Ok(()),
        }
    }

    /// Whether a mail is one of those.
    pub(super) fn holds(&self, report: &Report<'_>) -> bool {
        self.0.iter().all(|(key, words)| words.iter().any(|word| is(report, *key, word)))
    }
}

fn is(report: &Report<'_>, key: Key, word: &str) -> bool {
    let triage = report.triage;
    let (topics, defects) = (&triage.decision.topics, &triage.message.defects);
    match key {
        Key::Owner => owner_word(&triage.route) == word,
        Key::Class => triage.decision.word() == word,
        Key::Topic if word == NOBODY => topics.is_empty(),
        Key::Topic => topics.iter().any(|topic| topic.as_str() == word),
        Key::Account => report.account().map_or(NOBODY, |account| account.id.as_str()) == word,
        Key::Sender => triage.route.sender.as_str() == word,
        Key::Defect if word == NOBODY => defects.is_empty(),
        Key::Defect => defects.iter().any(|defect| defect.as_str() == word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_keys_and_words_are_refused_with_the_nearest() {
        for (text, fault) in [
            ("ownr=pm", "there is no key `ownr`; did you mean `owner`?"),
            ("colour=red", "there are owner, class, topic"),
            ("class=new-projct", "there is no class `new-projct`; did you mean `new-project`?"),
            ("class=new-project|unsur", "did you mean `unsure`?"),
            ("owner", "`owner` is not of the form key=word"),
            ("owner=pm,", "`` is not of the form"),
            ("sender=verifed", "did you mean `verified`?"),
            ("defect=nil", "did you mean `nul`?"),
            ("topic=", "there is no topic ``"),
        ] {
            let told = text.parse::<Only>().unwrap_err();
            assert!(told.contains(fault), "{text}: {told}");
        }
        let only: Only = "owner=pm, class=new-project|unsure,account=anything".parse().unwrap();
        assert_eq!(only.0.len(), 3);
    }
}
