//! Phrase lists as `tune --lexicon` writes them, a phrase a line, read at once.
//!
//! A list has tens of thousands of phrases, and a mail filter waits while they are read. Takes the texts of
//! such lists; gives the table, or nothing when one has a line that is any other TOML or is at fault: the
//! reader of TOML reads those, and says what is wrong.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::compile::{Weighed, table};
use super::lines::Lines;
use super::{Lexicon, Part, Phrase, TARGETS, is_phrase};
use crate::rules::source::Mode;
use crate::terms::{Aspect, Class};

/// The table of these lists, weakest first, each laid over those before.
#[must_use]
pub(in crate::rules) fn read<'t>(lists: impl IntoIterator<Item = &'t str>) -> Option<Lexicon<'static>> {
    let mut entries: Vec<Entry<'t>> = Vec::new();
    for list in lists {
        let list = List::read(list)?;
        if list.complete || entries.is_empty() {
            entries = list.entries;
        } else {
            lay_over(&mut entries, list.entries);
        }
    }
    entries.retain(|entry| entry.mode == Mode::Enforce);
    let good = entries.iter().all(|entry| is_phrase(entry.text));
    good.then(|| table(entries.into_iter().map(|entry| entry.weighed).collect()))
}

/// Lays the entries of a list over those of weaker ones.
fn lay_over<'t>(entries: &mut Vec<Entry<'t>>, stronger: Vec<Entry<'t>>) {
    let known = entries.iter().enumerate();
    let known: HashMap<_, _> = known.map(|(at, entry)| ((entry.part(), entry.text), at)).collect();
    for entry in stronger {
        let at = known.get(&(entry.part(), entry.text));
        match at.and_then(|at| entries.get_mut(*at)) {
            Some(weaker) => weaker.lay_over(&entry),
            None => entries.push(entry),
        }
    }
}

/// A file.
struct List<'t> {
    /// It says that no phrase of a weaker list counts.
    complete: bool,
    /// The phrases of the text, then those of the subject.
    entries: Vec<Entry<'t>>,
}

/// A line: what it gives for a phrase.
struct Entry<'t> {
    text: &'t str,
    weighed: Weighed<'t>,
    mode: Mode,
    given: Given,
}

/// Which keys a line has.
#[derive(Default)]
struct Given {
    mails: bool,
    sets: bool,
    points: bool,
    topics: bool,
    mode: bool,
}

impl<'t> Entry<'t> {
    /// Reads what a line gives for a phrase: what follows the `=`.
    fn read(line: &mut Lines<'t>, part: Part, text: &'t str) -> Option<Self> {
        let phrase = Phrase { part, text: Cow::Borrowed(text), points: [0.0; TARGETS] };
        let mut weighed = Weighed { phrase, mails: 0 };
        let (classes, topics) = weighed.phrase.points.split_at_mut(Class::ALL.len());
        let (mut mode, mut given) = (Mode::Enforce, Given::default());
        line.table(|line, key| {
            let key = match key {
                b"mails" => {
                    weighed.mails = line.whole()?;
                    &mut given.mails
                }
                b"sets" => {
                    line.whole()?;
                    &mut given.sets
                }
                b"points" => {
                    points(line, Class::WORDS, classes)?;
                    &mut given.points
                }
                b"topics" => {
                    points(line, Aspect::WORDS, topics)?;
                    &mut given.topics
                }
                b"mode" => {
                    mode = self::mode(line)?;
                    &mut given.mode
                }
                _ => return None,
            };
            // Each stands once.
            (!std::mem::replace(key, true)).then_some(())
        })?;
        Some(Self { text, weighed, mode, given })
    }

    fn part(&self) -> Part {
        self.weighed.phrase.part
    }

    /// Takes what a stronger list gives in the place of its own.
    fn lay_over(&mut self, stronger: &Self) {
        if stronger.given.mails {
            self.weighed.mails = stronger.weighed.mails;
        }
        if stronger.given.mode {
            self.mode = stronger.mode;
        }
        let points = self.weighed.phrase.points.iter_mut().zip(stronger.weighed.phrase.points).enumerate();
        for (target, (points, instead)) in points {
            if if target < Class::ALL.len() { stronger.given.points } else { stronger.given.topics } {
                *points = instead;
            }
        }
    }
}

impl<'t> List<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let mut lines = Lines::of(text);
        let mut complete = None;
        let (mut part, mut parts) = (None, Vec::new());
        // A line of the learned list has some 120 bytes.
        let mut entries = Vec::with_capacity(text.len() / 100);
        while !lines.is_over() {
            if lines.line_ends()? {
                continue;
            }
            if lines.sign(b'[').is_some() {
                let named = match lines.key()? {
                    b"text" => Part::Text,
                    b"subject" => Part::Subject,
                    _ => return None,
                };
                lines.sign(b']')?;
                // A heading stands once.
                if parts.contains(&named) {
                    return None;
                }
                parts.push(named);
                part = Some(named);
            } else {
                let key = lines.key()?;
                lines.sign(b'=')?;
                match part {
                    Some(part) => {
                        entries.push(Entry::read(&mut lines, part, std::str::from_utf8(key).ok()?)?);
                    }
                    None if key == b"builtin" && complete.is_none() => complete = Some(!lines.flag()?),
                    None => return None,
                }
            }
            if !lines.line_ends()? {
                return None;
            }
        }
        // Wherever the headings stand.
        entries.sort_by_key(Entry::part);
        let list = Self { complete: complete.unwrap_or(false), entries };
        list.names_each_once().then_some(list)
    }

    fn names_each_once(&self) -> bool {
        let named = |entry: &Entry<'t>| (entry.part(), entry.text);
        // As in a list that was learned.
        let sorted = self.entries.is_sorted_by(|one, next| named(one) < named(next));
        sorted || {
            let mut seen = HashSet::with_capacity(self.entries.len());
            self.entries.iter().all(|entry| seen.insert(named(entry)))
        }
    }
}

/// Adds the points of a table by these words to `sums`.
fn points(line: &mut Lines<'_>, words: &[&str], sums: &mut [f64]) -> Option<()> {
    let mut given = 0_u32;
    line.table(|line, key| {
        let at = words.iter().position(|word| word.as_bytes() == key)?;
        *sums.get_mut(at)? += line.number()?;
        let before = given;
        given |= 1 << at;
        (given != before).then_some(())
    })
}

fn mode(line: &mut Lines<'_>) -> Option<Mode> {
    match line.quoted()? {
        b"enforce" => Some(Mode::Enforce),
        b"audit" => Some(Mode::Audit),
        b"off" => Some(Mode::Off),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::layer::{self, Layer};
    use crate::rules::load::load;

    /// What the reader of TOML makes of the lists; nothing of lists with a fault.
    fn by_toml(lists: &[&str]) -> Option<String> {
        let layer = |list: &&str| Layer::Files(vec![(layer::PHRASES.to_owned(), (*list).to_owned())]);
        let (sources, mut found) = load(&lists.iter().map(layer).collect::<Vec<_>>());
        let table = super::super::compile(&sources.lexicon, &mut found);
        found.list.is_empty().then(|| format!("{table:?}"))
    }

    fn at_once(lists: &[&str]) -> Option<String> {
        read(lists.iter().copied()).map(|table| format!("{table:?}"))
    }

    const PLAIN: &[&str] = &[
        "",
        "# a remark\n\nbuiltin = false # only these\r\n[text] # here\r\n\"a b\" = {}\r\n",
        "[text]\n'it' = { mails = 3, sets = 2, points = { other = -0.5, project-update = 1 }, topics = { budget = 2.25 } }\n",
        "[subject]\nword = { topics = { schedule = -0.0 }, mode = 'audit' }\n[text]\n\"^ word\" = {mails=0}\t\n",
        "builtin = true\n[text]\n\"word\" = { mode = \"off\" }\n\"it\" = { points = { other = 0.5 } }\n",
        "[text]\nsecond = { mails = 1 }\nfirst = { mails = 9 }\n[subject]\nfirst = { mails = 9, points = {} }\n",
        "  [ text ]\n  word = {}\n",
        "[text]\n\"caf\u{e9} {day}\" = { points = { other = 20 } }\n\"it\" = { mode = \"enforce\" }",
    ];

    #[test]
    fn lists_are_read_as_the_reader_of_toml_reads_them() {
        for list in PLAIN {
            assert!(at_once(&[list]).is_some(), "{list}");
            assert_eq!(at_once(&[list]), by_toml(&[list]), "{list}");
            for over in PLAIN {
                assert_eq!(at_once(&[list, over]), by_toml(&[list, over]), "{list} under {over}");
            }
        }
    }

    #[test]
    fn the_built_in_list_is_a_plain_one() {
        let (_, text) = layer::built_in().iter().find(|(name, _)| *name == layer::PHRASES).expect("a list");
        let own = "[text]\n\"^ all\" = { mode = \"off\" }\n\"^ agreed\" = { points = { other = 0.5 } }\n";
        // They are megabytes, so they are not shown.
        assert!(at_once(&[text, own]).is_some() && at_once(&[text, own]) == by_toml(&[text, own]));
    }

    #[test]
    fn other_lines_are_left_to_the_reader_of_toml() {
        for line in [
            "x = 1",
            "x = { y = 1 }",
            "x = { mails = 01 }",
            "x = { mails = +1 }",
            "x = { mails = 1_000 }",
            "x = { mails = -1 }",
            "x = { mails = 1.0 }",
            "x = { mails = 1, }",
            "x = { mails = 1, mails = 1 }",
            "x = { mails = 4294967296 }",
            "x = { points = 1 }",
            "x = { points = { other = 21 } }",
            "x = { points = { other = 1e1 } }",
            "x = { points = { other = .5 } }",
            "x = { points = { other = 5. } }",
            "x = { points = { other = --5 } }",
            "x = { points = { others = 5 } }",
            "x = { points = { other = 1, other = 1 } }",
            "x = { points.other = 1 }",
            "x.points = { other = 1 }",
            "x = { mode = off }",
            "x = { mode = \"on\" }",
            "x = { mode = \"of\\u0066\" }",
            "\"a\\u0020b\" = {}",
            "\"\"\"x\"\"\" = {}",
            "x = { mails = 1 } y",
            "x = { mails = 1",
            "x = {}\nx = {}",
            "x = {}\n\"x\" = {}",
            "[text]",
            "[text.x]",
            "[[subject]]",
            "[other]",
            "x = {} # \u{1}",
            "\u{feff}x = {}",
            "Word = {}",
            "\"five words are too many\" = {}",
        ] {
            assert_eq!(at_once(&[&format!("[text]\n{line}\n")]), None, "{line}");
        }
        assert_eq!(at_once(&["x = {}\n"]), None);
        assert_eq!(at_once(&["builtin = false\nbuiltin = false\n"]), None);
    }

    /// Whatever stands in a list, it is read as TOML or not at all.
    #[test]
    fn damaged_lists_are_read_as_toml_or_not_at_all() {
        let pieces = [
            "\"", "'", "{", "}", ",", " ", "=", ".", "-", "0", "1", "#", "[", "]", "\n", "\\", "\t", "a", "_",
        ];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |most: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % most as u64) as usize
        };
        let mut read = 0;
        for turn in 0..20_000 {
            let mut list = PLAIN[turn % PLAIN.len()].to_owned();
            for _ in 0..=below(2) {
                let at = list.floor_char_boundary(below(list.len() + 1));
                let gone = list.ceil_char_boundary((at + below(3)).min(list.len()));
                list.replace_range(at..gone, if below(3) == 0 { "" } else { pieces[below(pieces.len())] });
            }
            if let Some(table) = at_once(&[&list]) {
                read += 1;
                assert_eq!(Some(table), by_toml(&[&list]), "{list:?}");
            }
        }
        assert!(read > 2_000, "{read} of them were plain");
    }
}
