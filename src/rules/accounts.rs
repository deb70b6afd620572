//! Who our clients are, and finding the account a mail belongs to.

use std::collections::BTreeMap;

use super::set::{Absence, Account, Directory};
use super::source::{AbsenceSource, AccountSource, AgencySource, At};

/// How an account was found, with the account's index in [`Directory::accounts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// By the sender's address.
    Address(usize),
    /// By the address the mail was written to.
    To(usize, String),
    /// By the sender's domain.
    Domain(usize, String),
}

impl Found {
    /// The account's index in [`Directory::accounts`].
    #[must_use]
    pub fn index(&self) -> usize {
        match self {
            Self::Address(index) | Self::To(index, _) | Self::Domain(index, _) => *index,
        }
    }
}

impl Directory {
    /// The account of a mail: by the sender's own address, else by the address written to (so that
    /// one client with two accounts can choose by plus-addressing), else by the longest matching
    /// sender domain. Case does not matter; a domain covers its subdomains.
    #[must_use]
    pub fn find<'a>(&self, sender: Option<&str>, written_to: impl Iterator<Item = &'a str>) -> Option<Found> {
        if self.accounts.is_empty() {
            return None;
        }
        let sender = sender.map(str::to_lowercase);
        let by_address =
            |account: &Account| sender.as_ref().is_some_and(|sender| account.addresses.contains(sender));
        if let Some(index) = self.accounts.iter().position(by_address) {
            return Some(Found::Address(index));
        }
        for address in written_to {
            let address = address.to_lowercase();
            if let Some(index) = self.accounts.iter().position(|account| account.to.contains(&address)) {
                return Some(Found::To(index, address));
            }
        }
        let domain = sender.as_deref().and_then(domain_of)?;
        let covering = self.accounts.iter().enumerate().flat_map(|(index, account)| {
            account.domains.iter().filter(|own| covers(own, domain)).map(move |own| (own.len(), index))
        });
        // The longest domain wins; the first account among equals.
        let best = covering.max_by_key(|&(len, index)| (len, usize::MAX - index));
        best.map(|(_, index)| Found::Domain(index, domain.to_owned()))
    }

    /// Whether an address is the agency's own.
    #[must_use]
    pub fn is_internal(&self, address: &str) -> bool {
        let domain = domain_of(address).filter(|_| !self.domains.is_empty()).map(str::to_lowercase);
        domain.is_some_and(|domain| self.domains.iter().any(|own| covers(own, &domain)))
    }
}

/// What stands after the last `@`.
#[must_use]
pub fn domain_of(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// Whether `domain` is `own` or lies under it.
#[must_use]
pub fn covers(own: &str, domain: &str) -> bool {
    domain.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The directory as written, addresses and domains in lower case.
pub(super) fn directory(agency: &AgencySource, accounts: &[AccountSource]) -> Directory {
    let lower =
        |list: &[At<String>]| list.iter().map(|at| at.value.trim().to_lowercase()).collect::<Vec<_>>();
    let prefers = |map: &BTreeMap<String, At<String>>| {
        map.iter().map(|(key, at)| (key.clone(), at.value.clone())).collect::<Vec<_>>()
    };
    let defaults = prefers(&agency.prefers);
    Directory {
        domains: lower(&agency.domains),
        am: agency.am.as_ref().map(|at| at.value.clone()),
        pm: agency.pm.as_ref().map(|at| at.value.clone()),
        authserv_ids: lower(&agency.authserv_ids),
        own_lists: lower(&agency.own_lists).iter().map(|id| id.trim_matches(['<', '>']).to_owned()).collect(),
        add_owner: lower(&agency.add_owner),
        replace_by_owner: lower(&agency.replace_by_owner),
        absences: agency.absences.iter().map(absence).collect(),
        accounts: accounts
            .iter()
            .map(|account| {
                let mut own = prefers(&account.prefers);
                own.extend(defaults.iter().filter(|(key, _)| !account.prefers.contains_key(key)).cloned());
                Account {
                    id: account.id.value.clone(),
                    name: account.name.clone().unwrap_or_else(|| account.id.value.clone()),
                    domains: lower(&account.domains),
                    addresses: lower(&account.addresses),
                    to: lower(&account.to),
                    am: account.am.as_ref().map(|at| at.value.clone()),
                    pm: account.pm.as_ref().map(|at| at.value.clone()),
                    prefers: own,
                    absences: account.absences.iter().map(absence).collect(),
                }
            })
            .collect(),
        prefers: defaults,
    }
}

fn absence(source: &AbsenceSource) -> Absence {
    Absence {
        who: source.who.value.to_lowercase(),
        cover: source.cover.value.clone(),
        from: source.from.as_ref().map(|at| at.value),
        until: source.until.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let account = |id: &str, domains: &[&str], addresses: &[&str], to: &[&str]| Account {
            id: id.into(),
            domains: domains.iter().map(|&d| d.to_owned()).collect(),
            addresses: addresses.iter().map(|&d| d.to_owned()).collect(),
            to: to.iter().map(|&d| d.to_owned()).collect(),
            ..Account::default()
        };
        Directory {
            domains: vec!["agency.example".into()],
            accounts: vec![
                account("harbour", &["harbour.example"], &[], &["studio+harbour@agency.example"]),
                account("harbour-events", &["events.harbour.example"], &["jo@gmail.example"], &[]),
            ],
            ..Directory::default()
        }
    }

    #[test]
    fn address_then_recipient_then_longest_domain() {
        let directory = directory();
        let find = |sender: &str, to: &[&str]| {
            directory
                .find(Some(sender), to.iter().copied())
                .map(|found| directory.accounts[found.index()].id.clone())
        };
        assert_eq!(find("a@harbour.example", &[]).as_deref(), Some("harbour"));
        assert_eq!(find("A@Mail.Harbour.Example", &[]).as_deref(), Some("harbour"));
        assert_eq!(find("a@events.harbour.example", &[]).as_deref(), Some("harbour-events"));
        assert_eq!(
            find("jo@gmail.example", &["studio+harbour@agency.example"]).as_deref(),
            Some("harbour-events")
        );
        assert_eq!(find("b@gmail.example", &["Studio+Harbour@agency.example"]).as_deref(), Some("harbour"));
        assert_eq!(find("a@notharbour.example", &[]), None);
        assert_eq!(find("nobody", &[]), None);
        assert!(directory.is_internal("Dom@Agency.example"));
        assert!(!directory.is_internal("dom@agency.example.evil.example"));
    }
}
