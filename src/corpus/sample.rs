//! Made-up mail and rules for tests: a mail says the words that decide it.

use std::path::PathBuf;

use super::labelled::{self, Corpus};
use crate::rules::layer::Layer;

/// Rules by made-up words.
pub(super) const RULES: &str = "
[[rule]]
id = 'timber'
any = '\\btimber\\b'
points = { delivery-question = 9 }
topics = { timeline = 9 }
[[rule]]
id = 'quartz'
any = '\\bquartz\\b'
points = { new-project = 9 }
[[rule]]
id = 'copper'
any = '{metal}'
points = { new-project = 8, other = 10 }
[[rule]]
id = 'flint'
mode = 'audit'
any = '\\bflint\\b'
points = { other = 9 }
";

/// The built-in routing alone, and [`RULES`], changed by `edit`.
pub(super) fn layers(edit: impl Fn(String) -> String) -> Vec<Layer> {
    let routing = crate::rules::layer::built_in().iter().find(|(name, _)| *name == "routing.toml");
    let file = |name: &str, text: String| (name.to_owned(), text);
    let texts = [
        ("words.toml", RULES),
        ("vocabulary.toml", "metal = ['copper', 'tin']\n"),
        ("decision.toml", DECISION),
    ];
    let mut files: Vec<_> = texts.iter().map(|(name, text)| file(name, edit((*text).to_owned()))).collect();
    files.extend(routing.map(|(name, text)| file(name, edit((*text).to_owned()))));
    vec![Layer::Files(files)]
}

const DECISION: &str = "probability = 0.5\nmargin = 0.1\ntemperature = 1.0\n";

/// A folder of mbox files `NAME.mbox`, each mail given as its id and its words.
pub(super) fn folder(mailboxes: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, mails) in mailboxes {
        let mail = |(id, words): &(&str, &str)| {
            format!(
                "From a@b.example Mon Mar  2 08:37:00 2026\nFrom: a@b.example\nSubject: Hello\n\
                 Message-ID: <{id}>\n\n{words}\n\n"
            )
        };
        std::fs::write(folder.path().join(name), mails.iter().map(mail).collect::<String>()).unwrap();
    }
    folder
}

/// Six labelled mails, in the order of their mailboxes' names.
pub(super) fn corpus() -> (tempfile::TempDir, Corpus) {
    let folder = folder(&[
        (
            "delivery-question.mbox",
            &[("d1", "Timber today."), ("d2", "Quartz and timber."), ("d3", "Nothing.")],
        ),
        ("new-project.mbox", &[("n1", "Quartz."), ("n2", "Copper and flint.")]),
        ("other.mbox", &[("o1", "Copper, tin, flint.")]),
    ]);
    let corpus = labelled::read(&[PathBuf::from(folder.path())]);
    assert!(corpus.errors.is_empty(), "{:?}", corpus.errors);
    (folder, corpus)
}
