//! Faulty rule folders and what a person is told about each.
//!
//! Every folder of `fixtures/rules` is laid over a few rules of known content; `expected.txt` in it
//! is the whole text shown. `POSTROOM_BLESS=1` writes that file anew: read it before committing it.

use std::fs;
use std::path::Path;

use postroom::rules::diagnostic::Diagnostics;
use postroom::rules::layer::Layer;
use postroom::rules::lint::lint;
use postroom::rules::load::load;

/// What the faulty folders are laid over.
fn base() -> Layer {
    let route = |id: &str, rest: &str| format!("[[route]]\nid = '{id}'\nowner = 'pm'\nwhy = 'so'\n{rest}\n");
    let routing =
        route("delivery-by-preference", "class = 'delivery-question'\nprefers = { delivery = 'pm' }")
            + &route("everything", "")
            + "[[adjust]]\nid = 'escalation'\ntopics = 'escalation'\nowner = 'am'\nwhy = 'so'\n";
    let agency = "[agency]\nam = 'account-manager@agency.example'\npm = 'project-manager@agency.example'\n";
    let words = "deliverable = ['homepage', 'banner*']\n";
    let files = [("routing.toml", routing.as_str()), ("accounts.toml", agency), ("vocabulary.toml", words)];
    Layer::Files(files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec())
}

/// Findings on the files of one folder; those on the base are not its business.
fn findings(folder: &Path) -> Diagnostics {
    let (sources, mut found) = load(&[base(), Layer::Folder(folder.to_owned())]);
    if !found.has_errors() {
        found.list.extend(lint(&sources).list);
    }
    let here = folder.display().to_string();
    found
        .list
        .retain(|finding| finding.place.as_ref().is_none_or(|place| place.file.name.starts_with(&here)));
    found
}

#[test]
fn every_mistake_is_told_as_expected() {
    let bless = std::env::var_os("POSTROOM_BLESS").is_some();
    let mut folders: Vec<_> =
        fs::read_dir("fixtures/rules").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(folders.len() >= 20, "only {} faulty folders", folders.len());
    let mut wrong = Vec::new();
    for folder in folders {
        let text = findings(&folder).render(false);
        assert!(!text.is_empty(), "{} has no fault", folder.display());
        let expected = folder.join("expected.txt");
        if bless {
            fs::write(&expected, &text).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("=== {} is told as\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ten_mistakes_in_one_folder_are_told_in_one_run() {
    let found = findings(Path::new("fixtures/rules/ten-mistakes"));
    assert_eq!(found.list.len(), 10, "{}", found.render(false));
    let codes: std::collections::BTreeSet<_> = found.list.iter().map(|finding| finding.code).collect();
    assert_eq!(codes.len(), 10, "ten different ones: {codes:?}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let found = findings(Path::new("fixtures/rules/ten-mistakes"));
    let mut plain = String::new();
    let coloured = found.render(true);
    let mut rest = coloured.as_str();
    while let Some((before, escape)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    assert_ne!(coloured, plain);
    assert_eq!(plain, found.render(false));
}
