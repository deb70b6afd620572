//! Keys of the files that hold rules: `classes/*.toml`, `topics.toml`, `automatic.toml` and others.

use super::{CLASSES, Key, Kind, POINTS, ROLES, Table, Words, allow};
use crate::rules::lexicon::LEXICON;
use crate::rules::lint;
use crate::rules::set::OTHERS;
use crate::rules::source::Mode;
use crate::terms::{Act, Aspect, Topic, UNSURE, Zone};

const ZONE: Words =
    Words::new("zone", Zone::WORDS).meant_by(&[("body", "new"), ("text", "new"), ("title", "subject")]);
const TOPIC: Words = Words::new("topic", Topic::WORDS);
const ASPECT: Words = Words::new("topic", Aspect::WORDS);

/// A file of rules.
pub const RULES: Table = Table {
    name: "a rule file",
    about: "Rules: what to look for in a mail and how much it counts.",
    keys: &[
        Key::new("class", Kind::Word(CLASSES), "The class that points given as a plain number count for."),
        Key::new("rule", Kind::Tables(&RULE), "A rule: patterns, where to look, what it counts.")
            .meant_by(&["rules"]),
        Key::new("combine", Kind::Tables(&COMBINE), "A rule over other rules' hits.")
            .meant_by(&["combines", "combination"]),
        Key::new(
            "test",
            Kind::Tables(&MAIL_TEST),
            "A whole mail and what all rules together must make of it.",
        ),
    ],
    others: None,
};

const RULE: Table = Table {
    name: "[[rule]]",
    about: "Patterns, where to look for them, and what a hit counts.",
    keys: &[
        ID,
        ABOUT,
        Key::new(
            "zone",
            Kind::List(&Kind::Word(ZONE)),
            "Parts of the mail it looks in; subject and new when not given.",
        )
        .meant_by(&["zones", "where", "part"]),
        Key::new(
            "act",
            Kind::List(&Kind::Word(Words::new("act", Act::WORDS))),
            "Kinds of sentence it looks in; all when not given.",
        )
        .meant_by(&["acts", "sentence"]),
        Key::new("any", Kind::List(&Kind::Pattern), "Patterns of which at least one must match.")
            .meant_by(&["pattern", "patterns", "regex", "words"]),
        Key::new("all", Kind::List(&Kind::Pattern), "Patterns that must all match, in the same sentence."),
        Key::new("none", Kind::List(&Kind::Pattern), "Patterns that must not match, in the same sentence.")
            .meant_by(&["not", "except", "unless"]),
        WHEN,
        SCORE,
        TOPICS,
        MODE,
        TESTS,
        ALLOW,
    ],
    others: None,
};

const COMBINE: Table = Table {
    name: "[[combine]]",
    about: "A rule over other rules' hits.",
    keys: &[
        ID,
        ABOUT,
        Key::new("any", Kind::List(&Kind::Text), "Ids of rules of which at least one must have hit."),
        Key::new("all", Kind::List(&Kind::Text), "Ids of rules that must all have hit.").meant_by(&["rules"]),
        Key::new("none", Kind::List(&Kind::Text), "Ids of rules that must not have hit.")
            .meant_by(&["not", "except", "unless"]),
        WHEN,
        SCORE,
        TOPICS,
        MODE,
        TESTS.of(Kind::Tables(&COMBINE_TEST)),
        ALLOW,
    ],
    others: None,
};

const ID: Key = Key::new(
    "id",
    Kind::Id(&[LEXICON, OTHERS]),
    "Its name, lower case with hyphens, the only one of its kind.",
)
.always()
.meant_by(&["name"]);
const ABOUT: Key = Key::new("about", Kind::Text, "One line on what it finds.").meant_by(&[
    "description",
    "comment",
    "title",
]);
const WHEN: Key = Key::new("when", Kind::Table(&FACTS), "Facts about the mail that must hold.");
const SCORE: Key = Key::new(
    "points",
    Kind::Points,
    "What a hit counts for the file's class, or a table of points by class.",
)
.meant_by(&["score", "weight", "point"]);
const TOPICS: Key =
    Key::new("topics", Kind::ByWord(ASPECT, &POINTS), "What a hit counts for topics, a table by topic.")
        .meant_by(&["topic"]);
const MODE: Key = Key::new(
    "mode",
    Kind::Word(Words::new("mode", Mode::WORDS)),
    "enforce counts; audit is shown but counts nothing; off is not looked at.",
);
const TESTS: Key = Key::new("test", Kind::Tables(&TEST), "Text that it must hit, or must not.")
    .meant_by(&["tests", "example"]);
const ALLOW: Key = allow(lint::RULES);

const EXPECT_FAIL: Key =
    Key::new("expect-fail", Kind::Flag, "Known to fail: told of when it passes.").meant_by(&["todo"]);

const TEST: Table = Table {
    name: "[[rule.test]]",
    about: "Text that the rule must hit, or must not.",
    keys: &[
        Key::new("match", Kind::Text, "Text of a mail that must be hit.")
            .meant_by(&["matches", "hit", "text"]),
        Key::new("no-match", Kind::Text, "Text of a mail that must not be hit.")
            .meant_by(&["nomatch", "miss", "not"]),
        Key::new("subject", Kind::Text, "Subject of that mail."),
        Key::new("when", Kind::Table(&FACTS), "Facts assumed of that mail."),
        EXPECT_FAIL,
    ],
    others: None,
};

const COMBINE_TEST: Table = Table { name: "[[combine.test]]", ..TEST };

const MAIL_TEST: Table = Table {
    name: "[[test]]",
    about: "A whole mail and what all rules together must make of it.",
    keys: &[
        ABOUT,
        Key::new("mail", Kind::Text, "A file with the mail, by its path from the rule folder.")
            .meant_by(&["file", "path"]),
        Key::new("text", Kind::Text, "The text of a mail, where no file is given.").meant_by(&["body"]),
        Key::new("subject", Kind::Text, "Subject of that mail."),
        Key::new("account", Kind::Text, "Id of the account the sender belongs to."),
        Key::new("date", Kind::Date, "The day to look up absences for."),
        Key::new("recipient", Kind::Address, "The address it was sent to."),
        Key::new("class", Kind::Word(CLASSES.or(UNSURE)), "The class it must get, or unsure."),
        Key::new("topics", Kind::List(&Kind::Word(TOPIC)), "The topics it must have, and no others."),
        Key::new("owner", Kind::Word(ROLES.or("none")), "The owner it must get."),
        EXPECT_FAIL,
    ],
    others: None,
};

const CALENDAR: Words =
    Words::new("calendar method", &["none", "request", "reply", "cancel", "publish", "other"]);
const ATTACHMENT: Words = Words::new(
    "kind of attachment",
    &[
        "none", "document", "sheet", "slides", "pdf", "image", "audio", "video", "archive", "design",
        "calendar", "mail", "other",
    ],
);

/// Facts about a mail, as asked for under `when`.
const FACTS: Table = Table {
    name: "`when`",
    about: "Facts about the mail that must hold.",
    keys: &[
        Key::new("reply", Kind::Flag, "It answers a mail.").meant_by(&["is-reply", "answer"]),
        Key::new("forward", Kind::Flag, "It passes a mail on.").meant_by(&["is-forward", "forwarded"]),
        Key::new("pointer", Kind::Flag, "Its new text only points to a forwarded mail."),
        Key::new("automatic", Kind::Flag, "A machine sent it: an automatic reply or a bounce.")
            .meant_by(&["auto"]),
        Key::new("bulk", Kind::Flag, "It was sent in bulk."),
        Key::new("list", Kind::Flag, "It came over a mailing list that is not the agency's own."),
        Key::new("unsubscribe", Kind::Flag, "It offers to unsubscribe."),
        Key::new("calendar", Kind::List(&Kind::Word(CALENDAR)), "Its invitation's method is one of these."),
        Key::new("account", Kind::Flag, "The sender belongs to a known account."),
        Key::new("internal", Kind::Flag, "The sender belongs to the agency."),
        Key::new("no-reply", Kind::Flag, "Nobody reads the sender's address.").meant_by(&["noreply"]),
        Key::new(
            "attachment",
            Kind::List(&Kind::Word(ATTACHMENT)),
            "It has an attachment of one of these kinds.",
        )
        .meant_by(&["attachments"]),
        Key::new("words", Kind::Count, "How many words the new text has: a number, or min and max."),
        Key::new("questions", Kind::Count, "How many questions and requests the new text has."),
    ],
    others: None,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Fact;

    #[test]
    fn every_fact_can_be_asked_for() {
        let keys: Vec<_> = FACTS.keys.iter().map(|key| key.name).collect();
        assert_eq!(keys, Fact::WORDS);
    }
}
