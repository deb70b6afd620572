//! Reads `fixtures/mail`: every mail with the answer that stands beside it.
//!
//! Gives all faults of pairing at once, so that a forgotten file is found in one run. An empty
//! folder is a fault: zero cases must never pass.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The right answers for one mail; `fixtures/README.md` says what each key means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// What is wrong with the mail's bytes.
    pub(crate) defects: Vec<String>,
    /// The class, or `unsure`.
    pub(crate) class: String,
    /// The text in zone `new`.
    pub(crate) fresh: Option<String>,
    /// Every topic present, and no other.
    pub(crate) topics: Option<Vec<String>>,
    /// `am`, `pm` or `none`, with default accounts.
    pub(crate) owner: Option<String>,
    /// Rules that must hit.
    #[serde(default)]
    pub(crate) hits: Vec<String>,
    /// Rules that must not hit.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    /// Where the program is known to answer wrongly, and what it says.
    #[serde(default, rename = "known-wrong")]
    pub(crate) known_wrong: KnownWrong,
}

/// Answers that are wrong today; one that becomes right must be taken out.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnownWrong {
    /// The text in zone `new` is another one.
    #[serde(default)]
    pub(crate) fresh: bool,
    /// The class given instead.
    pub(crate) class: Option<String>,
    /// The topics given instead.
    pub(crate) topics: Option<Vec<String>>,
    /// The owner given instead.
    pub(crate) owner: Option<String>,
}

/// One mail with its answer.
pub(crate) struct Fixture {
    /// `kind/telling-name`, as failures name it.
    pub(crate) name: String,
    /// The folder it stands in.
    pub(crate) kind: String,
    /// The mail as stored.
    pub(crate) mail: Vec<u8>,
    /// The answer.
    pub(crate) expected: Expected,
}

/// `fixtures/` of this package.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every fixture of `fixtures/mail` in order of name; panics with the list of what does not pair or parse.
pub(crate) fn all() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    let mut faults = Vec::new();
    for folder in entries(&root().join("mail")) {
        let before = fixtures.len() + faults.len();
        let kind = file_name(&folder);
        for (stem, pair) in pairs(&folder, &mut faults) {
            let name = format!("{kind}/{stem}");
            match pair {
                (Some(mail), Some(answer)) => match read(&name, &kind, &mail, &answer) {
                    Ok(fixture) => fixtures.push(fixture),
                    Err(fault) => faults.push(fault),
                },
                (None, _) => faults.push(format!("{name}.toml has no mail beside it")),
                (_, None) => faults.push(format!("{name}.eml has no answer beside it")),
            }
        }
        if fixtures.len() + faults.len() == before {
            faults.push(format!("{kind}/ is empty"));
        }
    }
    assert!(faults.is_empty(), "fixtures/mail:\n{}", faults.join("\n"));
    assert!(!fixtures.is_empty(), "fixtures/mail holds no mail");
    fixtures
}

/// The mail and the answer of each stem in a folder, whichever of the two there are.
type Pairs = BTreeMap<String, (Option<PathBuf>, Option<PathBuf>)>;

fn pairs(folder: &Path, faults: &mut Vec<String>) -> Pairs {
    let mut pairs = Pairs::new();
    for path in entries(folder) {
        let name = file_name(&path);
        match name.rsplit_once('.') {
            Some((stem, "eml")) => pairs.entry(stem.to_owned()).or_default().0 = Some(path),
            Some((stem, "toml")) => pairs.entry(stem.to_owned()).or_default().1 = Some(path),
            _ => faults.push(format!("{} is neither a mail nor an answer", path.display())),
        }
    }
    pairs
}

fn read(name: &str, kind: &str, mail: &Path, answer: &Path) -> Result<Fixture, String> {
    let mail = fs::read(mail).map_err(|fault| format!("{name}.eml: {fault}"))?;
    let text = fs::read_to_string(answer).map_err(|fault| format!("{name}.toml: {fault}"))?;
    let expected = toml::from_str(&text).map_err(|fault| format!("{name}.toml: {fault}"))?;
    Ok(Fixture { name: name.to_owned(), kind: kind.to_owned(), mail, expected })
}

/// What a folder holds, in order of name.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).and_then(|listing| listing.map(|entry| Ok(entry?.path())).collect());
    let mut paths = listing.unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    paths.sort();
    paths
}

/// The mail as a mail server sends it: a line feed that stands alone gets its carriage return.
pub(crate) fn with_crlf(mail: &[u8]) -> Vec<u8> {
    let mut crlf = Vec::with_capacity(mail.len() + mail.len() / 32);
    for &byte in mail {
        if byte == b'\n' && crlf.last() != Some(&b'\r') {
            crlf.push(b'\r');
        }
        crlf.push(byte);
    }
    crlf
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
