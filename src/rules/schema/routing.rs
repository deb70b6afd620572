//! Keys of `routing.toml`: who owns a reply, who validates it, who is kept informed.

use super::{CLASSES, Key, Kind, ROLES, Table, Words, allow};
use crate::rules::lint;
use crate::terms::Topic;

const TOPICS: Kind = Kind::List(&Kind::Word(Words::new("topic", Topic::WORDS)));

/// `routing.toml`.
pub const ROUTING: Table = Table {
    name: "routing.toml",
    about: "Who owns the reply to what.",
    keys: &[
        Key::new("route", Kind::Tables(&ROUTE), "A route; the first whose conditions hold decides.")
            .meant_by(&["routes"]),
        Key::new(
            "adjust",
            Kind::Tables(&ADJUST),
            "A change to the route; each whose conditions hold is made.",
        )
        .meant_by(&["adjusts", "adjustment"]),
    ],
    others: None,
};

const ROUTE: Table = Table {
    name: "[[route]]",
    about: "Who owns the reply when the conditions hold.",
    keys: &[
        ID,
        CLASS,
        HAS,
        WITHOUT,
        CHIEFLY,
        PREFERS,
        Key::new("owner", Kind::Word(ROLES.or("none")), "Who owns the reply.")
            .once()
            .meant_by(&["role", "to"]),
        VALIDATE,
        INFORM,
        WHY.once(),
        MODE,
        allow(lint::ROUTES),
    ],
    others: None,
};

const ADJUST: Table = Table {
    name: "[[adjust]]",
    about: "What changes on top of the route when the conditions hold.",
    keys: &[
        ID,
        CLASS,
        HAS,
        WITHOUT,
        CHIEFLY,
        Key::new("owner-is", Kind::List(&Kind::Word(ROLES)), "The owner so far is one of these.")
            .meant_by(&["if-owner", "when-owner"]),
        PREFERS,
        Key::new("owner", Kind::Word(ROLES), "The new owner, when it changes.").meant_by(&["role", "to"]),
        VALIDATE,
        INFORM,
        WHY.once(),
        MODE,
    ],
    others: None,
};

const ID: Key = Key::new("id", Kind::Id(&[]), "Its name, lower case with hyphens, the only one of its kind.")
    .always()
    .meant_by(&["name"]);
const CLASS: Key = Key::new(
    "class",
    Kind::List(&Kind::Word(CLASSES.or("unsure"))),
    "The mail's class is one of these; unsure when none was sure enough.",
)
.meant_by(&["classes"]);
const HAS: Key = Key::new("topics", TOPICS, "The mail has one of these topics.").meant_by(&["topic", "with"]);
const WITHOUT: Key =
    Key::new("without", TOPICS, "The mail has none of these topics.").meant_by(&["not", "except"]);
const CHIEFLY: Key = Key::new("chiefly", TOPICS, "The mail is chiefly about one of these topics.");
const PREFERS: Key = Key::new(
    "prefers",
    Kind::Table(&super::accounts::PREFERENCES),
    "The account has this preference: { delivery = \"am\" }.",
)
.meant_by(&["preference", "preferences", "prefer"]);
const VALIDATE: Key =
    Key::new("validate", Kind::List(&Kind::Word(ROLES)), "Who must validate the reply before it is sent.")
        .meant_by(&["validates", "validator"]);
const INFORM: Key = Key::new("inform", Kind::List(&Kind::Word(ROLES)), "Who is kept informed.")
    .meant_by(&["informs", "informed", "cc"]);
const WHY: Key = Key::new("why", Kind::Text, "The reason, shown with the result.")
    .meant_by(&["because", "about", "reason"]);
const MODE: Key =
    Key::new("mode", Kind::Word(Words::new("mode", &["enforce", "off"])), "off takes it out of play.");
