//! The `X-Postroom-*` header fields: their names, once, and their values.
//!
//! A field about a closed vocabulary is always there and holds words of it, `none` when there is
//! nothing to say, so a mail filter needs no parsing. A field about something open (an address, an
//! account, rule ids) is left out when there is nothing to say.

use std::fmt;

use super::{Report, escape, owner_word};
use crate::rules::lexicon::LEXICON;
use crate::terms::Role;

/// What every field name of ours begins with. Incoming fields that do are forged or old.
pub const PREFIX: &str = "X-Postroom-";

/// Longest line that is not folded (RFC 5322, section 2.1.1).
const LINE: usize = 78;

/// A field of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// `ok`, or `error` when the mail could not be judged.
    Status,
    /// Why it could not be judged; see [`Fault`].
    Error,
    /// A class, or `unsure`.
    Class,
    /// Probability of the best class, `0.00` to `1.00`.
    Confidence,
    /// `am`, `pm` or `none`.
    Owner,
    /// Who owns the reply.
    OwnerAddress,
    /// Roles that must validate the reply.
    Validate,
    /// Roles kept informed.
    Inform,
    /// Topics present.
    Topics,
    /// Id of the client's account.
    Account,
    /// Ids of the rules that hit and count.
    Why,
    /// Hash of the rules used.
    Rules,
}

impl Name {
    /// Every name, in the order written.
    pub const ALL: &[Self] = &[
        Self::Status,
        Self::Error,
        Self::Class,
        Self::Confidence,
        Self::Owner,
        Self::OwnerAddress,
        Self::Validate,
        Self::Inform,
        Self::Topics,
        Self::Account,
        Self::Why,
        Self::Rules,
    ];

    /// What follows [`PREFIX`].
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Error => "Error",
            Self::Class => "Class",
            Self::Confidence => "Confidence",
            Self::Owner => "Owner",
            Self::OwnerAddress => "Owner-Address",
            Self::Validate => "Validate",
            Self::Inform => "Inform",
            Self::Topics => "Topics",
            Self::Account => "Account",
            Self::Why => "Why",
            Self::Rules => "Rules",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.suffix())
    }
}

/// Why a mail went through unjudged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The rules cannot be used.
    Rules,
    /// A fault of this program.
    Internal,
    /// The mail is larger than the limit.
    Oversize,
    /// The program was called wrongly.
    Usage,
    /// Judging took longer than the limit.
    Timeout,
}

impl Fault {
    /// Every fault.
    pub const ALL: &[Self] = &[Self::Rules, Self::Internal, Self::Oversize, Self::Usage, Self::Timeout];

    /// The word in the field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Internal => "internal",
            Self::Oversize => "oversize",
            Self::Usage => "usage",
            Self::Timeout => "timeout",
        }
    }
}

/// A header field ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its value: one line of ASCII.
    value: String,
}

impl Field {
    /// A field with any text made safe; see [`escape::header_value`].
    #[must_use]
    pub fn new(name: Name, text: &str) -> Self {
        Self { name, value: escape::header_value(text) }
    }

    /// The value, one line of ASCII.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The field as it stands in a header, folded between words, each line ending with `eol`.
    #[must_use]
    pub fn folded(&self, eol: &str) -> String {
        let mut out = format!("{}:", self.name);
        let mut column = out.len();
        for word in self.value.split(' ') {
            if column + 1 + word.len() > LINE && column > self.name.to_string().len() + 1 {
                out.push_str(eol);
                column = 0;
            }
            out.push(' ');
            out.push_str(word);
            column += 1 + word.len();
        }
        out.push_str(eol);
        out
    }
}

/// The fields of a mail that was judged, in the order written.
#[must_use]
pub fn fields(report: &Report<'_>) -> Vec<Field> {
    let triage = report.triage;
    let route = &triage.route;
    let mut fields = vec![
        Field::new(Name::Status, "ok"),
        Field::new(Name::Class, triage.decision.word()),
        Field::new(Name::Confidence, &format!("{:.2}", triage.decision.confidence())),
        Field::new(Name::Owner, owner_word(route)),
    ];
    if let Some(address) = route.owner.as_ref().and_then(|owner| owner.address.as_deref()) {
        fields.push(Field::new(Name::OwnerAddress, address));
    }
    fields.push(Field::new(Name::Validate, &words(route.validate.iter().map(|who| Role::as_str(who.role)))));
    fields.push(Field::new(Name::Inform, &words(route.inform.iter().map(|who| Role::as_str(who.role)))));
    fields.push(Field::new(Name::Topics, &words(triage.decision.topics.iter().map(|topic| topic.as_str()))));
    if let Some(account) = report.account() {
        fields.push(Field::new(Name::Account, &account.id));
    }
    let rules = report.strongest_first().map(|rule| rule.id.as_ref());
    let why = rules.chain(report.phrases().next().map(|_| LEXICON)).collect::<Vec<_>>().join(", ");
    if !why.is_empty() {
        fields.push(Field::new(Name::Why, &why));
    }
    fields.push(Field::new(Name::Rules, &report.rules.hash));
    fields.retain(|field| !field.value.is_empty());
    fields
}

/// The fields of a mail that went through unjudged.
#[must_use]
pub fn fault_fields(fault: Fault) -> Vec<Field> {
    vec![Field::new(Name::Status, "error"), Field::new(Name::Error, fault.as_str())]
}

/// Words of a closed vocabulary in a field, `none` when there are none.
fn words<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let list = words.collect::<Vec<_>>().join(", ");
    if list.is_empty() { "none".to_owned() } else { list }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn whole(fields: &[Field]) -> String {
        fields.iter().map(|field| field.folded("\n")).collect()
    }

    #[test]
    fn fields_of_a_judged_mail() {
        let sample = sample::question();
        assert_eq!(
            whole(&fields(&sample.report())),
            "X-Postroom-Status: ok\n\
             X-Postroom-Class: delivery-question\n\
             X-Postroom-Confidence: 0.81\n\
             X-Postroom-Owner: pm\n\
             X-Postroom-Owner-Address: joe@agency.example\n\
             X-Postroom-Validate: pm\n\
             X-Postroom-Inform: am\n\
             X-Postroom-Topics: timeline, commitment\n\
             X-Postroom-Account: larkmoor\n\
             X-Postroom-Why: asks-when-ready, names-deliverable, is-reply\n\
             X-Postroom-Rules: 0123456789ab\n"
        );
    }

    #[test]
    fn closed_fields_say_none_and_open_ones_are_left_out() {
        let sample = sample::nothing();
        let text = whole(&fields(&sample.report()));
        assert!(text.contains("X-Postroom-Class: unsure\n") && text.contains("X-Postroom-Topics: none\n"));
        assert!(!text.contains("Why") && !text.contains("Account") && !text.contains("Owner-Address"));
    }

    #[test]
    fn long_values_fold_between_words_and_unfold_to_themselves() {
        let ids: Vec<String> = (0..60).map(|n| format!("some-rule-{n}")).collect();
        let field = Field::new(Name::Why, &ids.join(", "));
        let folded = field.folded("\r\n");
        assert!(folded.split("\r\n").all(|line| line.len() <= LINE));
        assert!(folded.split_inclusive("\r\n").skip(1).all(|line| line.starts_with(' ')));
        assert_eq!(folded.replace("\r\n", ""), format!("X-Postroom-Why: {}", ids.join(", ")));
    }

    #[test]
    fn a_word_too_long_for_a_line_stands_on_the_first() {
        let field = Field::new(Name::OwnerAddress, &format!("{}@agency.example", "x".repeat(100)));
        assert_eq!(field.folded("\n").lines().count(), 1);
    }

    #[test]
    fn values_cannot_start_a_field_of_their_own() {
        let field = Field::new(Name::Account, "a\r\n\r\nbody\u{85}X-Postroom-Class: other");
        assert_eq!(field.folded("\n").lines().count(), 1);
    }
}
