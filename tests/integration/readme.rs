//! Runs every command of `README.md` and holds it to the output shown.
//!
//! A fenced `console` block has commands on lines that begin with `$ ` (a line that ends with `\`, or
//! holds `<<'END'`, goes on with the next) and after each the exact output, standard output first, then standard error. A line `...` stands for any
//! number of lines, once an output. Blocks share one scratch folder, in order, with a copy of the fixtures
//! that the README names, so that nothing is written to the repository. A command that does not exit 0
//! is a failure: those that should not, say `|| echo "exit $?"`.
//!
//! `POSTROOM_BLESS=1` writes the outputs anew: read them before committing them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fewer would mean that blocks are no longer found.
const FEWEST_BLOCKS: usize = 12;

/// What commands of the README work on.
const COPIED: [&str; 4] =
    ["fixtures/inbox.mbox", "fixtures/inbox.labels.tsv", "fixtures/rules-example", "fixtures/mail"];

/// The line that stands for any number of lines.
const ELISION: &str = "...";

#[test]
fn every_command_gives_the_output_shown() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    for name in COPIED {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &scratch.path().join(name));
    }
    let mut parts = parts(&text);
    let blocks = parts.iter().filter(|part| matches!(part, Part::Opening)).count();
    assert!(blocks >= FEWEST_BLOCKS, "only {blocks} console blocks");
    let (mut wrong, mut failed) = (Vec::new(), Vec::new());
    for part in &mut parts {
        let Part::Step { command, output } = part else { continue };
        let Some(given) = run(command, scratch.path()) else { continue };
        match given {
            Err(failure) => failed.push(format!("$ {command}\n{failure}")),
            Ok(given) if matches(output, &given) => {}
            Ok(given) => {
                wrong.push(format!("$ {command}\n{}", given.join("\n")));
                *output = blessed(output, given);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        fs::write(&path, joined(&parts)).unwrap();
    } else {
        assert!(wrong.is_empty(), "README.md shows something else than:\n{}", wrong.join("\n\n"));
    }
}

/// A piece of the README; put together again they are the README.
enum Part {
    /// A line that is left alone.
    Line(String),
    /// The line that opens a console block.
    Opening,
    /// A command, which may have several lines, and its output.
    Step { command: String, output: Vec<String> },
}

const OPENING: &str = "```console";
const CLOSING: &str = "```";

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line == OPENING {
            inside = true;
            parts.push(Part::Opening);
        } else if line == CLOSING || !inside {
            inside = false;
            parts.push(Part::Line(line.to_owned()));
        } else if let Some(command) = line.strip_prefix("$ ") {
            parts.push(Part::Step { command: command.to_owned(), output: Vec::new() });
        } else {
            match parts.last_mut() {
                Some(Part::Step { command, output }) if output.is_empty() && goes_on(command) => {
                    *command = format!("{command}\n{line}");
                }
                Some(Part::Step { output, .. }) => output.push(line.to_owned()),
                _ => panic!("a console block begins with a command, not with {line:?}"),
            }
        }
    }
    assert!(!inside, "a console block is never closed");
    parts
}

/// Whether a command needs another line: after a backslash, and until a text that ends in `END` has ended.
fn goes_on(command: &str) -> bool {
    command.ends_with('\\') || (command.contains("<<'END'") && !command.ends_with("\nEND"))
}

fn joined(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Line(line) => text.push_str(line),
            Part::Opening => text.push_str(OPENING),
            Part::Step { command, output } => {
                text.push_str(&format!("$ {command}"));
                output.iter().for_each(|line| text.push_str(&format!("\n{line}")));
            }
        }
        text.push('\n');
    }
    text
}

/// The lines a command prints, or how it failed; `None` where it is not for a test to run.
fn run(command: &str, folder: &Path) -> Option<Result<Vec<String>, String>> {
    if command == "cargo test" {
        // This is it.
        return None;
    }
    let command = command.replace("cargo run --release -- ", "postroom ");
    assert!(!command.contains("cargo "), "{command}: only `cargo run` and `cargo test` are known");
    if command.contains("jq ") && Command::new("jq").arg("--version").output().is_err() {
        return None;
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_postroom"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &command]).current_dir(folder).env_clear();
    let output = shell.env("PATH", path).env("HOME", folder).env("LC_ALL", "C").output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    if !output.status.success() {
        return Some(Err(format!("{} after\n{printed}", output.status)));
    }
    // How long it took differs from run to run, so that line is not shown.
    let lasting = printed.lines().filter(|line| !line.ends_with(" MB/s"));
    Some(Ok(lasting.map(|line| line.trim_end().to_owned()).collect()))
}

/// Whether what was printed is what is shown.
fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.iter().position(|line| line == ELISION) {
        None => shown == printed,
        Some(at) => {
            let (head, tail) = (&shown[..at], &shown[at + 1..]);
            assert!(!tail.iter().any(|line| line == ELISION), "one `...` an output: {shown:?}");
            printed.len() >= head.len() + tail.len() && printed.starts_with(head) && printed.ends_with(tail)
        }
    }
}

/// What is to be shown from now on: as many lines before and after the `...` as before.
fn blessed(shown: &[String], printed: Vec<String>) -> Vec<String> {
    let Some(at) = shown.iter().position(|line| line == ELISION) else { return printed };
    let after = shown.len() - at - 1;
    if printed.len() <= at + after {
        return printed;
    }
    let elision = [ELISION.to_owned()];
    [&printed[..at], &elision, &printed[printed.len() - after..]].concat()
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn an_elision_stands_for_lines_and_nothing_else() {
    let lines = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    for (shown, printed, same) in [
        ("a b", "a b", true),
        ("a b", "a b c", false),
        ("a ... c", "a b b c", true),
        ("a ... c", "a c", true),
        ("a ... c", "a c d", false),
        ("a ... a", "a", false),
        ("...", "a b", true),
    ] {
        assert_eq!(matches(&lines(shown), &lines(printed)), same, "{shown} | {printed}");
    }
    assert_eq!(blessed(&lines("a ... c"), lines("x y z w")), lines("x ... w"));
    assert_eq!(blessed(&lines("a ... c"), lines("x y")), lines("x y"));
    assert_eq!(blessed(&lines("a"), lines("x y")), lines("x y"));
}

#[test]
fn a_document_is_put_together_as_it_was() {
    let text = "# A\n\n```console\n$ a \\\n  b\nout\n$ c\n```\n\n```sh\n$ d\n```\n";
    let parts = parts(text);
    assert_eq!(joined(&parts), text);
    let steps: Vec<(&str, usize)> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Step { command, output } => Some((command.as_str(), output.len())),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [("a \\\n  b", 1), ("c", 0)]);
}
