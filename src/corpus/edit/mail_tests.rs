//! The `[[test]]` of a whole mail: what is said of it, and saying it anew.

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::files::{FileEdit, append, parse, replace_with, written};
use crate::Error;
use crate::terms::Topic;

/// The file that tests are added to.
const TESTS: &str = "tests.toml";

/// The keys that say what a mail must be. A test with others asks for more than the mail, such as a day, and
/// is another test.
const KEYS: [&str; 5] = ["mail", "class", "topics", "owner", "expect-fail"];

/// What a mail must be, where it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The class, or `unsure`.
    pub class: Option<String>,
    /// All topics.
    pub topics: Option<Vec<Topic>>,
    /// The owner.
    pub owner: Option<String>,
}

impl Expected {
    /// What the tests of a mail say in a rule folder, given as name and text of its files.
    ///
    /// # Errors
    ///
    /// [`Error::is_data`] when a file is not TOML.
    pub fn of(folder: &[(String, String)], mail: &str) -> Result<Self, Error> {
        let mut expected = Self::default();
        for (name, text) in folder.iter().filter(|(_, text)| text.contains(mail)) {
            let document = parse(name, text)?;
            let tests = document.get("test").and_then(Item::as_array_of_tables);
            for test in tests.into_iter().flatten().filter(|test| is_of(test, mail)) {
                expected = expected.then(&Self::read(test));
            }
        }
        Ok(expected)
    }

    fn read(test: &Table) -> Self {
        let word = |key| test.get(key).and_then(Item::as_str).map(str::to_owned);
        let topics = test.get("topics").and_then(Item::as_value).map(|value| match value {
            Value::Array(words) => words.iter().filter_map(topic).collect(),
            one => topic(one).into_iter().collect(),
        });
        Self { class: word("class"), topics, owner: word("owner") }
    }

    /// What holds when this was said first and `later` after it. Another class is another judgement of the
    /// whole mail; else what is not spoken of stays.
    #[must_use]
    pub fn then(self, later: &Self) -> Self {
        if later.class.is_some() && later.class != self.class {
            return later.clone();
        }
        let topics = later.topics.clone().or(self.topics);
        Self { class: self.class, topics, owner: later.owner.clone().or(self.owner) }
    }

    /// Writes it into the test of the mail, in the place of all that the mail has or as a new one; a test that
    /// the rules cannot pass is marked so.
    ///
    /// # Errors
    ///
    /// [`Error::is_data`] when a file is not TOML.
    pub fn write(
        &self,
        mail: &str,
        passes: bool,
        folder: &[(String, String)],
        edits: &mut Vec<FileEdit>,
    ) -> Result<(), Error> {
        for (name, text) in folder {
            if (name == TESTS || text.contains(mail)) && edits.iter().all(|edit| edit.name != *name) {
                edits.push(FileEdit { name: name.clone(), before: text.clone(), after: text.clone() });
            }
        }
        let mut known = false;
        for edit in edits.iter_mut().filter(|edit| edit.after.contains(mail)) {
            let mut document = parse(&edit.name, &edit.after)?;
            let tests = document.get_mut("test").and_then(Item::as_array_of_tables_mut);
            let Some(tests) = tests else { continue };
            tests.retain(|test| !(is_of(test, mail) && std::mem::replace(&mut known, true)));
            tests.iter_mut().filter(|test| is_of(test, mail)).for_each(|test| self.set(test, passes));
            edit.after = written(&edit.name, &edit.before, &document)?;
        }
        if !known {
            let mut test = Table::new();
            test.insert("mail", Item::Value(mail.into()));
            self.set(&mut test, passes);
            let head = "# Mails and what all rules together must make of them.\n";
            append(edits, TESTS, head, &format!("\n[[test]]\n{}", DocumentMut::from(test)));
        }
        edits.retain(|edit| edit.before != edit.after);
        Ok(())
    }

    fn set(&self, test: &mut Table, passes: bool) {
        let word = |word: &Option<String>| word.as_deref().map(Value::from);
        let topics = self.topics.as_ref();
        let topics = topics.map(|topics| topics.iter().map(|topic| topic.as_str()).collect::<Array>().into());
        let fails = (!passes).then(|| true.into());
        let values = [word(&self.class), topics, word(&self.owner), fails];
        for (key, value) in KEYS.iter().skip(1).zip(values) {
            match (test.get_mut(key), value) {
                (Some(Item::Value(old)), Some(value)) => replace_with(old, value),
                (_, Some(value)) => drop(test.insert(key, Item::Value(value))),
                (_, None) => drop(test.remove(key)),
            }
        }
    }
}

/// Whether a test asks what is made of this mail, and nothing else.
fn is_of(test: &Table, mail: &str) -> bool {
    test.get("mail").and_then(Item::as_str) == Some(mail) && test.iter().all(|(key, _)| KEYS.contains(&key))
}

fn topic(word: &Value) -> Option<Topic> {
    word.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(class: Option<&str>, topics: Option<&[Topic]>, owner: Option<&str>) -> Expected {
        let word = |word: Option<&str>| word.map(str::to_owned);
        Expected { class: word(class), topics: topics.map(<[Topic]>::to_vec), owner: word(owner) }
    }

    #[test]
    fn a_mail_has_one_test_and_another_class_says_all_anew() {
        let first = said(Some("new-project"), Some(&[Topic::Budget]), None);
        let both = first.clone().then(&said(None, None, Some("am")));
        assert_eq!(both, said(Some("new-project"), Some(&[Topic::Budget]), Some("am")));
        assert_eq!(both.then(&said(Some("other"), None, None)), said(Some("other"), None, None));
        assert_eq!(said(None, Some(&[]), None).then(&first), first);
    }

    #[test]
    fn tests_of_the_same_mail_become_one_and_all_others_stay() {
        let others = "[[test]]\nmail = 'm'\ndate = 2026-03-31\nclass = 'other'\n\n[[test]]\ntext = 'm'\n";
        let own =
            "# Anna.\n[[test]]\nmail = 'm' # hers\nclass = 'new-project' # first\nexpect-fail = true\n\n";
        let more = "[[test]]\nmail = 'm'\ntopics = 'budget'\n";
        let folder = [
            ("a.toml".to_owned(), format!("{own}{others}")),
            (TESTS.to_owned(), format!("# Kept.\n\n[[test]]\nmail = 'n'\n\n{more}")),
        ];
        let now = Expected::of(&folder, "m").unwrap();
        assert_eq!(now, said(Some("new-project"), Some(&[Topic::Budget]), None));
        let mut edits = Vec::new();
        said(Some("other"), None, None).write("m", true, &folder, &mut edits).unwrap();
        let own = own.replace("'new-project'", "\"other\"").replace("expect-fail = true\n", "");
        let after: Vec<_> = edits.iter().map(|edit| edit.after.as_str()).collect();
        assert_eq!(after, [format!("{own}{others}"), "# Kept.\n\n[[test]]\nmail = 'n'\n".to_owned()]);
        let folder: Vec<_> = edits.drain(..).map(|edit| (edit.name, edit.after)).collect();
        said(Some("other"), None, None).write("m", true, &folder, &mut edits).unwrap();
        assert_eq!(edits, [], "said twice is said once");
    }
}
