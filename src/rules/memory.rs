//! What reading the rules left behind, so that reading them again after an edit is quick.
//!
//! Keeps files that stayed as they were, parsed, and patterns, as trees. Of both only what the last
//! reading used is kept, so it does not grow. Changes nothing about what is read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics, SourceFile};
use super::pattern::{Fault, Node};
use super::tree::Fields;

/// Parsed files and patterns of the last reading.
#[derive(Debug, Default)]
pub struct Memory {
    /// By name within its folder and by where it stands.
    files: HashMap<(String, Arc<SourceFile>), File>,
    /// Names of the word lists that numbers in the trees stand for.
    lists: Vec<String>,
    patterns: HashMap<String, Node>,
    next: HashMap<String, Node>,
}

#[derive(Debug)]
struct File {
    fields: Fields,
    found: Vec<Diagnostic>,
    used: bool,
}

impl Memory {
    /// The parsed file: remembered when it stayed as it was, else what `parse` gives.
    pub(super) fn file(
        &mut self,
        name: &str,
        file: &Arc<SourceFile>,
        found: &mut Diagnostics,
        parse: impl FnOnce(&mut Diagnostics) -> Fields,
    ) -> Fields {
        let known = self.files.entry((name.to_owned(), Arc::clone(file))).or_insert_with(|| {
            let mut found = Diagnostics::default();
            let fields = parse(&mut found);
            File { fields, found: found.list, used: true }
        });
        known.used = true;
        found.list.extend(known.found.iter().cloned());
        known.fields.clone()
    }

    /// To be called once all files are read: forgets those that are gone.
    pub(super) fn files_read(&mut self) {
        self.files.retain(|_, file| std::mem::take(&mut file.used));
    }

    /// To be called before patterns are asked for: trees hold under these word lists only.
    pub(super) fn under(&mut self, lists: Vec<String>) {
        self.patterns = std::mem::take(&mut self.next);
        if self.lists != lists {
            self.patterns.clear();
            self.lists = lists;
        }
    }

    /// The tree of a pattern: remembered, or what `parse` gives.
    pub(super) fn pattern(
        &mut self,
        pattern: &str,
        parse: impl FnOnce() -> Result<Node, Fault>,
    ) -> Result<&Node, Fault> {
        match self.next.entry(pattern.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => {
                let node = self.patterns.remove(pattern).map_or_else(parse, Ok)?;
                Ok(free.insert(node))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::compile::{compile, compile_again};
    use crate::rules::layer::Layer;
    use crate::rules::load::{load, load_again};

    #[test]
    fn what_is_remembered_changes_nothing() {
        let files = |rule: &str, words: &str| {
            let files = [("vocabulary.toml", words), ("own.toml", rule)];
            Layer::Files(files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec())
        };
        let compare = |layers: &[Layer], memory: &mut Memory| {
            let (sources, mut found) = load_again(layers, memory);
            let rules = compile_again(&sources, &mut found, memory);
            let (sources_anew, mut found_anew) = load(layers);
            let rules_anew = compile(&sources_anew, &mut found_anew);
            assert_eq!((&sources, found.render(false)), (&sources_anew, found_anew.render(false)));
            assert_eq!(format!("{rules:?}"), format!("{rules_anew:?}"));
            rules.is_some()
        };
        let words = "metal = ['tin']\nstage = ['proof']\n";
        let good = "class = 'other'\n[[rule]]\nid = 'a'\nany = ['{metal}', '{stage}', 'x+']\npoints = 1\n";
        let mut memory = Memory::default();
        for (rule, words) in [
            (good, words),
            (good, words),
            ("[[rule]\n", words),
            (good, "metal = ['tin']\nabc = ['def']\nstage = ['proof']\n"),
            (&good.replace("'x+'", "'('"), words),
            (good, words),
        ] {
            assert_eq!(compare(&[files(rule, words)], &mut memory), rule == good, "{rule}");
        }
        assert_eq!(memory.files.len(), 2);
        // The built-in rules take long, so not each time.
        for _ in 0..2 {
            assert!(compare(&[Layer::BuiltIn, files(good, "metal = ['tin']\n")], &mut memory));
        }
        assert_eq!(memory.files.len(), crate::rules::layer::built_in().len() + 2);
    }
}
