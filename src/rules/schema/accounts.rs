//! Keys of `accounts.toml`: the agency, its clients' accounts, and who is away.

use super::{Key, Kind, ROLES, Table, Words, allow};
use crate::rules::lint;

/// `accounts.toml`.
pub const ACCOUNTS: Table = Table {
    name: "accounts.toml",
    about: "The agency and its clients.",
    keys: &[
        Key::new("agency", Kind::Table(&AGENCY), "Who we are, and who answers when no account is found."),
        Key::new(
            "account",
            Kind::Tables(&ACCOUNT),
            "A client: how its mail is known, and who looks after it.",
        )
        .meant_by(&["accounts", "client"]),
    ],
    others: None,
};

const AGENCY: Table = Table {
    name: "[agency]",
    about: "Who we are, and who answers when no account is found.",
    keys: &[
        Key::new("domains", Kind::List(&Kind::Domain), "Our own domains.").meant_by(&["domain"]),
        Key::new("am", Kind::Address, "Account manager where the account names none."),
        Key::new("pm", Kind::Address, "Project manager where the account names none."),
        Key::new("prefers", Kind::Table(&PREFERENCES), "Preferences of accounts that state none."),
        Key::new(
            "authserv-ids",
            Kind::List(&Kind::Text),
            "Mail servers whose Authentication-Results are believed (RFC 8601); none when not given.",
        )
        .meant_by(&["authserv-id"]),
        Key::new(
            "own-lists",
            Kind::List(&Kind::Text),
            "List-Ids of our own shared mailboxes that are run as lists.",
        ),
        Key::new(
            "add-owner",
            Kind::List(&Kind::Address),
            "Our own shared mailboxes whose mail `milter` also delivers to its owner.",
        ),
        Key::new(
            "replace-by-owner",
            Kind::List(&Kind::Address),
            "Our own shared mailboxes whose mail `milter` delivers to its owner and the informed instead.",
        ),
        ABSENCE,
        allow(lint::AGENCY),
    ],
    others: None,
};

const ACCOUNT: Table = Table {
    name: "[[account]]",
    about: "A client: how its mail is known, and who looks after it.",
    keys: &[
        Key::new("id", Kind::Id(&[]), "Its name, lower case with hyphens, the only one of its kind.")
            .always(),
        Key::new("name", Kind::Text, "Its name for people.").meant_by(&["client", "title"]),
        Key::new("domains", Kind::List(&Kind::Domain), "Domains it sends from; each covers its subdomains.")
            .meant_by(&["domain"]),
        Key::new("addresses", Kind::List(&Kind::Address), "Addresses it sends from.")
            .meant_by(&["address", "from", "email"]),
        Key::new("to", Kind::List(&Kind::Address), "Addresses of ours that only it writes to."),
        Key::new("am", Kind::Address, "Its account manager; the agency's when not given."),
        Key::new("pm", Kind::Address, "Its project manager; the agency's when not given."),
        Key::new("prefers", Kind::Table(&PREFERENCES), "How it likes things done: { delivery = \"am\" }.")
            .meant_by(&["preference", "preferences"]),
        ABSENCE,
        Key::new("mode", Kind::Word(Words::new("mode", &["enforce", "off"])), "off takes it out of play."),
        allow(lint::ACCOUNTS),
    ],
    others: None,
};

const ABSENCE: Key = Key::new("absence", Kind::Tables(&AWAY), "Somebody who is away, and who covers.")
    .meant_by(&["absences", "away", "holiday"]);

const AWAY: Table = Table {
    name: "an absence",
    about: "Somebody who is away, and who covers.",
    keys: &[
        Key::new("who", Kind::Address, "Who is away.").always().meant_by(&["person"]),
        Key::new("cover", Kind::Address, "Who covers.").always().meant_by(&["by", "covered-by", "covers"]),
        Key::new("from", Kind::Date, "First day away; already away when not given.")
            .meant_by(&["since", "start"]),
        Key::new("until", Kind::Date, "Last day away.").always().meant_by(&["to", "end"]),
    ],
    others: None,
};

/// What an account prefers: a kind of conversation, and the role that has it with this client.
pub(super) const PREFERENCES: Table = Table {
    name: "`prefers`",
    about: "A kind of conversation, and the role that has it with the client.",
    keys: &[Key::new("delivery", ROLE, "Who talks to the client about delivery: am or pm.")],
    others: Some(&ROLE),
};

const ROLE: Kind = Kind::Word(ROLES);
