//! Stage 5: [`Decision`](super::decision::Decision) and account to [`Route`].

use crate::terms::Role;

/// Who answers, who must validate, who is informed, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Index in [`Directory::accounts`](crate::rules::set::Directory::accounts).
    pub account: Option<usize>,
    /// Whether the sender is who the account was found by.
    pub sender: Sender,
    /// Who owns the reply; `None` is nobody.
    pub owner: Option<Assignee>,
    /// Who must validate it.
    pub validate: Vec<Assignee>,
    /// Who is kept informed.
    pub inform: Vec<Assignee>,
    /// What decided it, in order.
    pub steps: Vec<Step>,
}

/// A role and the person who has it on this account today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignee {
    /// The role.
    pub role: Role,
    /// The address; `None` when nobody is named for the role.
    pub address: Option<String>,
}

/// One routing step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Id of the route or adjustment, or `account`, `absence`.
    pub id: String,
    /// The reason in words.
    pub why: String,
}

/// How far the sender's identity is proven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// A believed `Authentication-Results` field vouches for the account's domain.
    Verified,
    /// The account was found, but nothing believed vouches for the sender.
    Unverified,
    /// No account was found.
    #[default]
    Unknown,
}

impl Sender {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Unknown => "unknown",
        }
    }
}
