//! `check --fix`: the changes that put findings right without doubt, one at a time, each proven.
//!
//! A change replaces bytes at the place of its finding and nothing else, so comments, order and layout stay.
//! It counts only when its finding is gone afterwards and no fault came up that was not there.

use std::collections::HashSet;
use std::path::Path;

use postroom::corpus::edit::FileEdit;
use postroom::rules::diagnostic::{Diagnostic, Diagnostics, Severity};
use postroom::rules::layer::Layer;
use postroom::rules::memory::Memory;
use postroom::triage::output::escape;

use super::findings;
use crate::cli::failure::Failure;
use crate::cli::tune;

/// Most changes of one run; whoever has more runs it again.
const MOST: usize = 500;

/// Faults that can hide others of their file: a change that lets those come up is still good.
const HIDING: [&str; 6] =
    ["broken-escape", "hidden-character", "missing-equals", "syntax", "unquoted-text", "unknown-key"];

/// What the changes come to.
pub(super) struct Fixed {
    /// The files that change.
    pub(super) edits: Vec<FileEdit>,
    /// Each change in a line.
    pub(super) told: Vec<String>,
}

/// Works out every change of the files in `folder`, the strongest of `layers`.
pub(super) fn fix(folder: &Path, layers: &[Layer]) -> Result<Fixed, Failure> {
    let before = tune::texts(Some(folder))?;
    let mut now = before.clone();
    let mut memory = Memory::default();
    let mut found = look(layers, &now, &mut memory);
    let (mut told, mut refused) = (Vec::new(), HashSet::new());
    while told.len() < MOST {
        let next = found.list.iter().find_map(|finding| {
            let changed = changed(finding, &now)?;
            (!refused.contains(&changed)).then_some((finding, changed))
        });
        let Some((finding, changed)) = next else { break };
        let after = look(layers, &changed, &mut memory);
        if is_better(finding, &found, &after) {
            told.push(line(finding));
            (found, now) = (after, changed);
        } else {
            refused.insert(changed);
        }
    }
    let both = before.into_iter().zip(now).filter(|(before, after)| before != after);
    let edits = both.map(|((name, before), (_, after))| FileEdit { name, before, after });
    Ok(Fixed { edits: edits.collect(), told })
}

/// All findings with the folder's files as given. Whole mails are not tried: no change bears on them.
fn look(layers: &[Layer], texts: &[(String, String)], memory: &mut Memory) -> Diagnostics {
    let mut layers = layers.to_vec();
    layers.pop();
    layers.push(Layer::Files(texts.to_vec()));
    findings(&layers, memory).2
}

/// The folder's files after the change of a finding.
fn changed(finding: &Diagnostic, texts: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let fix = finding.fix.as_ref()?;
    let mut texts = texts.to_vec();
    let (_, text) = texts.iter_mut().find(|(name, _)| *name == fix.place.file.name)?;
    text.get(fix.place.span.clone())?;
    text.replace_range(fix.place.span.clone(), &fix.with);
    Some(texts)
}

fn is_better(finding: &Diagnostic, before: &Diagnostics, after: &Diagnostics) -> bool {
    let alike = |found: &Diagnostics| {
        found.list.iter().filter(|one| one.code == finding.code && one.message == finding.message).count()
    };
    let errors = |found: &Diagnostics| found.count(Severity::Error);
    let may_uncover = HIDING.contains(&finding.code);
    alike(after) < alike(before) && (errors(after) <= errors(before) || may_uncover)
}

fn line(finding: &Diagnostic) -> String {
    let Some(fix) = &finding.fix else { return String::new() };
    let (number, _) = fix.place.line_column();
    let old = fix.place.file.text.get(fix.place.span.clone()).unwrap_or_default();
    let short = |text: &str| {
        let text = text.trim().trim_end_matches(',');
        let cut: String = text.chars().take(60).collect();
        if cut.len() < text.len() { format!("{cut}…") } else { cut }
    };
    let with = if fix.with.trim().is_empty() { "taken out".to_owned() } else { fix.with.trim().to_owned() };
    let line = format!("{}:{number}: {}: {} → {with}", fix.place.file.name, finding.code, short(old));
    escape::line(&line).into_owned()
}
