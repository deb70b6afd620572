//! Who gets a mail to a shared mailbox, where the postmaster has asked for that.
//!
//! Takes the recipients as the mail server has them and the route; gives what to add and what to remove.
//! For mailboxes that are not listed nothing changes, whatever the mail is.

use crate::rules::set::Directory;
use crate::triage::route::Route;

/// What is done with the mail of a shared mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailboxes {
    /// Those whose mail the owner gets as well.
    pub add: Vec<String>,
    /// Those whose mail the owner and the informed get instead.
    pub replace: Vec<String>,
}

/// Changes to the recipients of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Addresses, bare.
    pub add: Vec<String>,
    /// Recipients, exactly as the mail server gave them.
    pub remove: Vec<Vec<u8>>,
}

impl Mailboxes {
    /// These, and those that `accounts.toml` names.
    #[must_use]
    pub fn and_of(&self, directory: &Directory) -> Self {
        let with = |ours: &[String], theirs: &[String]| [ours, theirs].concat();
        Self {
            add: with(&self.add, &directory.add_owner),
            replace: with(&self.replace, &directory.replace_by_owner),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.replace.is_empty()
    }

    /// Who else gets the mail, and who no longer.
    ///
    /// A shared mailbox keeps a mail that nobody owns, whose owner has no address, or of which no class is
    /// sure: there a person should look.
    #[must_use]
    pub fn changes(&self, recipients: &[Vec<u8>], sure: bool, route: &Route) -> Changes {
        let mut changes = Changes::default();
        let Some(owner) = route.owner.as_ref().and_then(|owner| owner.address.as_deref()) else {
            return changes;
        };
        let replaced = |recipient: &&Vec<u8>| listed(&self.replace, recipient);
        let instead: Vec<_> = recipients.iter().filter(|_| sure).filter(replaced).cloned().collect();
        let shared = recipients.iter().any(|one| listed(&self.add, one) || listed(&self.replace, one));
        let mut wanted: Vec<&str> = if shared { vec![owner] } else { Vec::new() };
        if !instead.is_empty() {
            wanted.extend(route.inform.iter().filter_map(|who| who.address.as_deref()));
        }
        for address in wanted {
            let known = recipients.iter().any(|one| bare(one).eq_ignore_ascii_case(address.as_bytes()));
            if !known && !changes.add.iter().any(|one| one.eq_ignore_ascii_case(address)) {
                changes.add.push(address.to_owned());
            }
        }
        // Whoever is to get it may be the shared mailbox itself.
        let stays = |recipient: &Vec<u8>| {
            let address = bare(recipient);
            let inform = route.inform.iter().filter_map(|who| who.address.as_deref());
            std::iter::once(owner).chain(inform).any(|who| address.eq_ignore_ascii_case(who.as_bytes()))
        };
        changes.remove = instead.into_iter().filter(|recipient| !stays(recipient)).collect();
        changes
    }
}

/// An address of the envelope without its brackets.
#[must_use]
pub fn bare(address: &[u8]) -> &[u8] {
    let address = address.trim_ascii();
    address.strip_prefix(b"<").and_then(|address| address.strip_suffix(b">")).unwrap_or(address)
}

fn listed(list: &[String], recipient: &[u8]) -> bool {
    list.iter().any(|one| bare(recipient).eq_ignore_ascii_case(one.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{Class, Role};
    use crate::triage::route::Assignee;

    fn changes(mailboxes: &Mailboxes, to: &[&str], class: Option<Class>, owner: Option<&str>) -> Changes {
        let assignee = |role, address: &str| Assignee { role, address: Some(address.to_owned()) };
        let route = Route {
            owner: owner.map(|address| assignee(Role::Pm, address)),
            inform: vec![assignee(Role::Am, "am@agency.example")],
            ..Route::default()
        };
        let recipients: Vec<Vec<u8>> = to.iter().map(|one| one.as_bytes().to_vec()).collect();
        mailboxes.changes(&recipients, class.is_some(), &route)
    }

    #[test]
    fn only_listed_mailboxes_and_only_what_is_owned() {
        let add = Mailboxes { add: vec!["studio@agency.example".to_owned()], ..Mailboxes::default() };
        let replace = Mailboxes { replace: vec!["studio@agency.example".to_owned()], ..Mailboxes::default() };
        let sure = Some(Class::DeliveryQuestion);
        let pm = Some("pm@agency.example");
        let of = |add: &[&str], remove: &[&str]| Changes {
            add: add.iter().map(|one| (*one).to_owned()).collect(),
            remove: remove.iter().map(|one| one.as_bytes().to_vec()).collect(),
        };
        let studio = "<Studio@Agency.example>";
        for (mailboxes, to, class, owner, expected) in [
            (&add, &[studio][..], sure, pm, of(&["pm@agency.example"], &[])),
            (&replace, &[studio], sure, pm, of(&["pm@agency.example", "am@agency.example"], &[studio])),
            // Another mailbox, nobody's mail, a class that is not sure.
            (&replace, &["<jo@agency.example>"], sure, pm, of(&[], &[])),
            (&replace, &[studio], Some(Class::Other), None, of(&[], &[])),
            (&replace, &[studio], None, pm, of(&["pm@agency.example"], &[])),
            // Whoever has it already gets it once.
            (&add, &[studio, "<PM@agency.example>"], sure, pm, of(&[], &[])),
            (&replace, &[studio, "<am@agency.example>"], sure, pm, of(&["pm@agency.example"], &[studio])),
            // The shared mailbox is the owner's.
            (&replace, &[studio], sure, Some("studio@agency.example"), of(&["am@agency.example"], &[])),
        ] {
            assert_eq!(changes(mailboxes, to, class, owner), expected, "{to:?} {class:?} {owner:?}");
        }
    }
}
