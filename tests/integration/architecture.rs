//! The shape of the source: stages use earlier stages only, files stay short, paths named in the docs exist.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The stages in the order a mail passes them.
const STAGES: [&str; 6] = ["message", "fresh", "evidence", "decision", "route", "output"];

/// Every Rust file under `folder`, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The stage a file of `src/triage/` belongs to.
fn stage_of(path: &Path) -> Option<usize> {
    let inside = path.strip_prefix(Path::new(ROOT).join("src/triage")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    STAGES.iter().position(|stage| first == *stage || first == format!("{stage}.rs"))
}

/// Lines of code outside comments and outside `#[cfg(test)]` modules kept in the same file.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn a_stage_uses_earlier_stages_only() {
    let mut seen = [false; STAGES.len()];
    for path in rust_files(&Path::new(ROOT).join("src/triage")) {
        let Some(stage) = stage_of(&path) else { continue };
        seen[stage] = true;
        let text = fs::read_to_string(&path).expect("UTF-8");
        for later in &STAGES[stage + 1..] {
            for form in [format!("triage::{later}"), format!("super::{later}::")] {
                let used = code(&text).find(|line| line.contains(&form));
                assert!(
                    used.is_none(),
                    "{} uses the later stage {later}: {}",
                    path.display(),
                    used.unwrap_or_default()
                );
            }
        }
    }
    assert_eq!(seen, [true; STAGES.len()], "every stage has a file");
}

#[test]
fn rules_know_nothing_of_the_line() {
    for path in rust_files(&Path::new(ROOT).join("src/rules")) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let used = code(&text).find(|line| line.contains("crate::triage") || line.contains("crate::corpus"));
        assert!(used.is_none(), "{}: {}", path.display(), used.unwrap_or_default());
    }
}

#[test]
fn one_module_names_the_mail_parser() {
    for path in rust_files(&Path::new(ROOT).join("src")) {
        let names_it =
            code(&fs::read_to_string(&path).expect("UTF-8")).any(|line| line.contains("mail_parser"));
        assert!(!names_it || stage_of(&path) == Some(0), "{}", path.display());
    }
}

#[test]
fn files_are_short() {
    for path in rust_files(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let lines = text.lines().count();
        let says_why = text.lines().take(30).any(|line| line.starts_with("//! Long because"));
        assert!(lines <= 400 || says_why, "{} has {lines} lines and does not say why", path.display());
    }
}

#[test]
fn paths_named_in_the_docs_exist() {
    let mut checked = 0;
    let mut documents =
        ["README.md", "CHANGELOG.md", "rules/README.md", "fixtures/README.md", "packaging/README.md"]
            .map(PathBuf::from)
            .to_vec();
    documents.extend(
        fs::read_dir(Path::new(ROOT).join("docs"))
            .expect("docs")
            .map(|entry| entry.expect("a readable folder").path()),
    );
    for document in
        documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"))
    {
        let text = fs::read_to_string(Path::new(ROOT).join(document)).expect("UTF-8");
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "rules/", "fixtures/", "tests/", "docs/", "benches/", "packaging/", "examples/"]
                    .iter()
                    .any(|top| quoted.starts_with(top))
                    && !quoted.contains([' ', '*', '<', '{', '…']);
            if is_path {
                checked += 1;
                assert!(Path::new(ROOT).join(quoted).exists(), "{} names {quoted}", document.display());
            }
        }
    }
    assert!(checked > 5, "only {checked} paths found in the documents");
}
