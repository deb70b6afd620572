//! What there is to tell of a mail, by name: the keys of JSON v1, and the columns of CSV and the table.
//!
//! A public vocabulary: a name keeps its meaning, and JSON v1 holds exactly [`Columns::JSON`]. CSV and
//! the table write the same values as text; `why`, `flags` and `labels` are there for those who name them.

use std::borrow::Cow;

use super::compact::Compact;
use super::json::{self, Numbers, Step};
use super::reason::{self, Reason};
use super::{Report, owner_word, roles};
use crate::rules::nearest::nearest;
use crate::terms::{Class, Topic};
use crate::triage::route::Assignee;

/// Declares the columns, each with its one name.
macro_rules! columns {
    ($($variant:ident = $word:literal,)+) => {
        /// One thing to tell of a mail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is described under its name in docs/json-v1.schema.json")]
        pub enum Column {
            $($variant,)+
        }

        impl Column {
            /// Every column: those of JSON v1 in its order, then the others.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The name as the key of a JSON object, with its colon.
            pub(super) fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("\"", $word, "\":"),)+
                }
            }
        }
    };
}

columns! {
    V = "v",
    Source = "source",
    Index = "index",
    Offset = "offset",
    MessageId = "message_id",
    Date = "date",
    From = "from",
    Subject = "subject",
    Account = "account",
    Sender = "sender",
    Class = "class",
    Confidence = "confidence",
    Probabilities = "probabilities",
    Topics = "topics",
    Owner = "owner",
    OwnerAddress = "owner_address",
    Validate = "validate",
    Inform = "inform",
    ValidateAddresses = "validate_addresses",
    InformAddresses = "inform_addresses",
    Reasons = "reasons",
    Routing = "routing",
    Defects = "defects",
    Rules = "rules",
    Why = "why",
    Flags = "flags",
    Labels = "labels",
}

impl Column {
    /// The column of a name.
    ///
    /// # Errors
    ///
    /// In words with the nearest known name, when there is none of this name.
    pub fn parse(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.iter().map(|column| column.as_str());
        if let Some(column) = Self::ALL.iter().find(|column| column.as_str() == name) {
            return Ok(*column);
        }
        let known = names().collect::<Vec<_>>().join(", ");
        Err(match nearest(name, names()) {
            Some(near) => format!("there is no field `{name}`; did you mean `{near}`?"),
            None => format!("there is no field `{name}`; there are {known}"),
        })
    }

    /// What it says of a mail; the reasons are all there are with `explain`.
    pub(super) fn value<'a>(self, report: &Report<'a>, explain: bool) -> Value<'a> {
        let triage = report.triage;
        let (message, decision, route) = (&triage.message, &triage.decision, &triage.route);
        match self {
            Self::V => Value::Number(json::VERSION.into()),
            Self::Source => Value::Text(report.origin.source),
            Self::Index => Value::Number(report.origin.index as u64),
            Self::Offset => Value::Number(report.origin.offset),
            Self::MessageId => Value::Maybe(message.message_id.as_deref()),
            Self::Date => Value::Maybe(message.date.as_deref()),
            Self::From => Value::Maybe(message.from.as_ref().map(|from| from.address.as_ref())),
            Self::Subject => Value::Text(&message.subject),
            Self::Account => Value::Maybe(report.account().map(|account| account.id.as_str())),
            Self::Sender => Value::Text(route.sender.as_str()),
            Self::Class => Value::Text(decision.word()),
            Self::Confidence => Value::Share(json::rounded(decision.confidence())),
            Self::Probabilities => Value::Numbers(probabilities(report)),
            Self::Topics => Value::Words(decision.topics.iter().map(|&topic| Topic::as_str(topic)).collect()),
            Self::Owner => Value::Text(owner_word(route)),
            Self::OwnerAddress => {
                Value::Maybe(route.owner.as_ref().and_then(|owner| owner.address.as_deref()))
            }
            Self::Validate => Value::Words(roles(&route.validate)),
            Self::Inform => Value::Words(roles(&route.inform)),
            Self::ValidateAddresses => Value::Addresses(addresses(&route.validate)),
            Self::InformAddresses => Value::Addresses(addresses(&route.inform)),
            Self::Reasons => Value::Reasons(reason::reasons(report, explain)),
            Self::Routing => {
                let step = route.steps.iter().map(|step| Step { step: &step.id, why: &step.why });
                Value::Steps(step.collect())
            }
            Self::Defects => Value::Words(message.defects.iter().map(|defect| defect.as_str()).collect()),
            Self::Rules => Value::Text(&report.rules.hash),
            Self::Why => Value::Words(report.counted_hits().map(|(_, rule)| rule.id.as_ref()).collect()),
            Self::Flags => Value::Text(report.origin.flags),
            Self::Labels => Value::Words(report.origin.labels.iter().map(String::as_str).collect()),
        }
    }
}

fn probabilities(report: &Report<'_>) -> Numbers {
    let of = |class: Class| json::rounded(report.triage.decision.probabilities[class.index()]);
    Numbers(Class::ALL.iter().map(|&class| (class.as_str(), of(class))).collect())
}

fn addresses(people: &[Assignee]) -> Vec<Option<&str>> {
    people.iter().map(|who| who.address.as_deref()).collect()
}

/// What a column says, before it is JSON or text.
pub(super) enum Value<'a> {
    Number(u64),
    Share(f64),
    Text(&'a str),
    Maybe(Option<&'a str>),
    Words(Vec<&'a str>),
    Addresses(Vec<Option<&'a str>>),
    Numbers(Numbers),
    Reasons(Vec<Reason<'a>>),
    Steps(Vec<Step<'a>>),
}

impl<'a> Value<'a> {
    /// As JSON.
    pub(super) fn json(self, line: &mut Compact) {
        match self {
            Self::Number(number) => line.whole(number),
            Self::Share(share) => line.number(share),
            Self::Text(text) => line.text(text),
            Self::Maybe(text) => line.maybe(text),
            Self::Words(words) => line.list(words, Compact::text),
            Self::Addresses(list) => line.list(list, Compact::maybe),
            Self::Numbers(Numbers(list)) => line.numbers(list),
            Self::Reasons(list) => line.list(list, |line, reason| reason.json(line)),
            Self::Steps(list) => line.list(list, |line, step| step.json(line)),
        }
    }

    /// As text: lists as words with spaces between, what is missing as nothing.
    pub(super) fn cell(self) -> Cow<'a, str> {
        match self {
            Self::Number(number) => number.to_string().into(),
            Self::Share(share) => format!("{share:.4}").into(),
            Self::Text(text) => text.into(),
            Self::Maybe(text) => text.unwrap_or_default().into(),
            Self::Words(words) => words.join(" ").into(),
            Self::Addresses(list) => {
                list.iter().map(|address| address.unwrap_or("-")).collect::<Vec<_>>().join(" ").into()
            }
            Self::Numbers(Numbers(list)) => {
                let pairs = list.iter().map(|(word, number)| format!("{word}={number}"));
                pairs.collect::<Vec<_>>().join(" ").into()
            }
            Self::Reasons(list) => list.iter().map(|reason| reason.rule).collect::<Vec<_>>().join(" ").into(),
            Self::Steps(list) => list.iter().map(|step| step.step).collect::<Vec<_>>().join(" ").into(),
        }
    }
}

/// Some columns in some order, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    list: [Column; Column::ALL.len()],
    length: usize,
    /// Whether every phrase is a reason of its own.
    pub(super) explain: bool,
}

impl Columns {
    /// Those of JSON v1.
    pub const JSON: Self = Self::of(Column::ALL.split_at(Column::Why as usize).0);

    /// Those of CSV when none are named.
    pub const CSV: Self = Self::of(&[
        Column::Source,
        Column::Index,
        Column::Offset,
        Column::MessageId,
        Column::Date,
        Column::From,
        Column::Subject,
        Column::Account,
        Column::Sender,
        Column::Class,
        Column::Confidence,
        Column::Owner,
        Column::OwnerAddress,
        Column::Validate,
        Column::Inform,
        Column::Topics,
        Column::Why,
        Column::Defects,
        Column::Rules,
    ]);

    /// Those of the table when none are named.
    pub const TABLE: Self = Self::of(&[
        Column::Date,
        Column::From,
        Column::Subject,
        Column::Class,
        Column::Confidence,
        Column::Owner,
    ]);

    const fn of(columns: &[Column]) -> Self {
        let mut list = [Column::V; Column::ALL.len()];
        list.split_at_mut(columns.len()).0.copy_from_slice(columns);
        Self { list, length: columns.len(), explain: false }
    }

    /// The columns of these names, in this order.
    ///
    /// # Errors
    ///
    /// In words, when a name is not known, comes twice or there is none.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut columns: Vec<Column> = Vec::new();
        for name in names.split(',').map(str::trim) {
            let column = Column::parse(name)?;
            if columns.contains(&column) {
                return Err(format!("the field `{name}` is named twice"));
            }
            columns.push(column);
        }
        Ok(Self::of(&columns))
    }

    /// The same columns, with every phrase among the reasons; the rest of them is one reason otherwise.
    #[must_use]
    pub const fn explained(self) -> Self {
        Self { explain: true, ..self }
    }

    /// The columns.
    #[must_use]
    pub fn as_slice(&self) -> &[Column] {
        self.list.get(..self.length).unwrap_or_default()
    }

    /// Whether any of them says what the mailbox keeps about a mail.
    #[must_use]
    pub fn have_marks(&self) -> bool {
        self.as_slice().iter().any(|column| matches!(column, Column::Flags | Column::Labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_order_and_wrong_ones_refused() {
        let parsed = |names| Columns::parse(names).map(|columns| columns.as_slice().to_vec());
        assert_eq!(parsed("subject, class"), Ok(vec![Column::Subject, Column::Class]));
        for (names, fault) in [
            ("subjct", "did you mean `subject`?"),
            ("class,owner,class", "`class` is named twice"),
            ("", "there is no field ``"),
            ("zzzzzzzz", "there are v, source"),
        ] {
            let told = parsed(names).unwrap_err();
            assert!(told.contains(fault), "{told}");
        }
        let all = Column::ALL.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(",");
        assert_eq!(parsed(&all), Ok(Column::ALL.to_vec()));
    }
}
