//! Names of the mailboxes that mails are sorted into.
//!
//! Owners and classes are closed vocabularies. Account ids come from whoever wrote the rules, so they
//! may hold anything: a name is made of them that stays in its folder, means the same on file systems
//! that do not tell case, and is never that of another account.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Longest id taken for a name as it is.
const LONGEST: usize = 60;

/// The place of mails whose sender has no account.
const NO_ACCOUNT: &str = "unknown";

/// Names that some systems keep for devices, whatever ending follows.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The place of an owner's mails; those that no class claims are apart.
pub(super) fn of_owner(owner: &str, unsure: bool) -> String {
    if unsure { format!("unsure-{owner}") } else { owner.to_owned() }
}

/// The place of an account's mails.
pub(super) fn of_account(id: Option<&str>) -> String {
    let Some(id) = id else { return NO_ACCOUNT.to_owned() };
    if is_plain(id) {
        return id.to_owned();
    }
    let mut name: String = id.chars().flat_map(char::to_lowercase).filter(|c| keeps(*c)).take(40).collect();
    // A plain name has no `~`, so this is nobody else's.
    name.push('~');
    for byte in Sha256::digest(id).iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

fn keeps(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

fn is_plain(id: &str) -> bool {
    let port = |prefix| id.strip_prefix(prefix).is_some_and(|rest: &str| rest.len() == 1);
    let device = DEVICES.contains(&id) || port("com") || port("lpt");
    !id.is_empty() && id.len() <= LONGEST && id != NO_ACCOUNT && !device && id.chars().all(keeps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_stay_in_their_folder_and_apart() {
        let ids = [
            "larkmoor",
            "Larkmoor",
            "LARKMOOR",
            "../../etc/passwd",
            "..",
            ".",
            "",
            "/",
            "a/b",
            "a\\b",
            "a\0b",
            "con",
            "com1",
            "unknown",
            "nul",
            ".postroom-sort",
            "a b",
            "ä",
            "a\u{308}",
            "-rf",
            "x~y",
            "a.mbox",
            "日本",
            "a\nb",
            &"x".repeat(500),
        ];
        let mut names: Vec<String> = ids.iter().map(|id| of_account(Some(id))).collect();
        names.push(of_account(None));
        for name in &names {
            assert!(
                name.chars().all(|c| keeps(c) || c == '~') && !name.is_empty() && name.len() < 80,
                "{name}"
            );
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(of_account(Some("larkmoor")), "larkmoor");
        assert_eq!(of_account(None), "unknown");
    }

    #[test]
    fn unsure_mails_have_places_of_their_own() {
        assert_eq!((of_owner("pm", false), of_owner("pm", true)), ("pm".into(), "unsure-pm".into()));
    }
}
