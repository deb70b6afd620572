//! `[[test]]`: a whole mail and what all rules together must make of it.

use super::source::At;
use super::tree::{Fields, Value};
use crate::rules::diagnostic::Place;
use crate::terms::{Date, Topic};

/// A `[[test]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MailTest {
    /// The heading.
    pub place: Place,
    /// A file with the mail, by its path from the rule folder.
    pub mail: Option<At<String>>,
    /// The text of a mail, where no file is given.
    pub text: Option<At<String>>,
    /// Its subject.
    pub subject: Option<String>,
    /// The account its sender belongs to.
    pub account: Option<At<String>>,
    /// The day for absences.
    pub date: Option<Date>,
    /// The address it was sent to.
    pub recipient: Option<String>,
    /// The class it must get, or `unsure`.
    pub class: Option<At<String>>,
    /// The topics it must have, all and only these.
    pub topics: Option<At<Vec<Topic>>>,
    /// The owner it must get: `am`, `pm` or `none`.
    pub owner: Option<At<String>>,
    /// Known to fail: it must, until somebody takes this away.
    pub expect_fail: Option<Place>,
}

/// Reads one; what the reader could not read has been reported.
pub(super) fn read(fields: &Fields, place: &Place) -> MailTest {
    MailTest {
        place: place.clone(),
        mail: fields.text("mail"),
        text: fields.text("text"),
        subject: fields.text("subject").map(|at| at.value),
        account: fields.text("account"),
        date: fields.date("date").map(|at| at.value),
        recipient: fields.text("recipient").map(|at| at.value),
        class: fields.text("class"),
        topics: fields.get("topics").map(|at| At {
            value: fields.words("topics").into_iter().map(|word| word.value).collect(),
            place: at.place.clone(),
        }),
        owner: fields.text("owner"),
        expect_fail: expect_fail(fields),
    }
}

/// Where a test says that it is known to fail.
pub(super) fn expect_fail(fields: &Fields) -> Option<Place> {
    let said = fields.get("expect-fail").filter(|at| at.value == Value::Flag(true));
    said.map(|at| at.place.clone())
}
