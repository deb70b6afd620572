//! Whether the sender is proven to be who the account was found by (RFC 8601).

use crate::rules::accounts::{Found, covers, domain_of};
use crate::rules::set::Directory;
use crate::triage::message::Message;

/// How far the sender's identity is proven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// A believed `Authentication-Results` field vouches for the sender's domain.
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

/// Only the topmost field of a configured authserv-id counts; fields below it may be the sender's own.
/// An account found by the address written to says nothing about the sender, so stays unverified.
pub(super) fn verify(found: Option<&Found>, message: &Message<'_>, directory: &Directory) -> Sender {
    let Some(found) = found else { return Sender::Unknown };
    let domain = message.from.as_ref().and_then(|from| domain_of(&from.address)).map(str::to_lowercase);
    let believed = message.header.authentication_results.iter().find_map(|field| {
        let results = Results::parse(field)?;
        directory.authserv_ids.contains(&results.authserv_id).then_some(results)
    });
    match (found, believed, domain) {
        (Found::To(..), _, _) => Sender::Unverified,
        (_, Some(results), Some(domain)) if results.vouch_for(&domain) => Sender::Verified,
        _ => Sender::Unverified,
    }
}

/// One `Authentication-Results` field.
struct Results {
    authserv_id: String,
    /// Each method's clause, lower case, comments gone: `dkim=pass header.d=client.example`.
    clauses: Vec<String>,
}

impl Results {
    /// Reads a field; `None` when it is malformed, which then proves nothing.
    fn parse(field: &str) -> Option<Self> {
        let plain = without_comments(field)?.to_lowercase();
        let mut parts = plain.split(';').map(str::trim);
        let authserv_id = parts.next()?.split_whitespace().next()?.to_owned();
        Some(Self { authserv_id, clauses: parts.map(str::to_owned).collect() })
    }

    /// DMARC passed for the domain, or DKIM for it or a domain above it.
    fn vouch_for(&self, domain: &str) -> bool {
        self.clauses.iter().any(|clause| {
            let mut words = clause.split_whitespace();
            let method = words.next().unwrap_or_default();
            let property =
                |name: &str| words.clone().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            match method {
                "dmarc=pass" => property("header.from") == Some(domain),
                "dkim=pass" => {
                    let signer = property("header.d").or_else(|| property("header.i").and_then(domain_of));
                    signer.is_some_and(|signer| signer.contains('.') && covers(signer, domain))
                }
                _ => false,
            }
        })
    }
}

/// The field without comments (RFC 5322, 3.2.2) and with quoted strings refused: no authserv that
/// matters writes them around what is read here.
fn without_comments(field: &str) -> Option<String> {
    let mut plain = String::with_capacity(field.len());
    let mut depth = 0u32;
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next()?;
            }
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            '"' if depth == 0 => return None,
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    (depth == 0).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vouching_needs_a_pass_for_the_domain() {
        for (field, vouches) in [
            ("mx.agency.example; dmarc=pass (p=reject) header.from=client.example", true),
            (
                "mx.agency.example 1; spf=pass smtp.mailfrom=a@client.example; dkim=pass header.d=client.example",
                true,
            ),
            ("mx.agency.example; dkim=pass header.i=@mail.client.example header.s=x", false),
            ("mx.agency.example; dkim=fail header.d=client.example", false),
            ("mx.agency.example; dmarc=pass header.from=evil.example", false),
            ("mx.agency.example; dkim=pass header.d=example", false),
            ("mx.agency.example; (dmarc=pass header.from=client.example", false),
            ("mx.agency.example; spf=pass smtp.mailfrom=client.example", false),
            ("mx.agency.example; none", false),
        ] {
            let got = Results::parse(field).is_some_and(|results| results.vouch_for("client.example"));
            assert_eq!(got, vouches, "{field}");
        }
        let results =
            Results::parse("mx.agency.example; dkim=pass header.d=client.example").expect("well-formed");
        assert!(results.vouch_for("news.client.example"));
        assert!(!results.vouch_for("otherclient.example"));
    }
}
