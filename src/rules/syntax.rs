//! TOML text to a tree of values with their places, and every fault of syntax in plain words.
//!
//! Takes one file. A fault costs only what stands on its line (or, for a list or text that is never
//! closed, the rest of its section), so that the rest is still checked in the same run. Leaves alone
//! what the keys mean: that is the reader's.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::diagnostic::{Diagnostics, Fix, Place, SourceFile};
use super::fault::{self, Fault};

/// More faults than anybody reads; the rest of a file that has so many is not described.
pub(super) const MOST_FAULTS: usize = 1000;

/// Most parses of one section.
const ROUNDS: usize = 4;

/// Parses `file`, adding its faults to `found`, and hands the tree to `read` together with the
/// parts of the text that the tree leaves out.
pub(super) fn parse<R>(
    file: &Arc<SourceFile>,
    found: &mut Diagnostics,
    read: impl FnOnce(&DeTable<'_>, &Lost, &mut Diagnostics) -> R,
) -> R {
    let (tree, errors) = DeTable::parse_recoverable(&file.text);
    if errors.is_empty() {
        return read(tree.get_ref(), &Lost::default(), found);
    }
    let mut faults = Vec::new();
    let mut lost = Lost::default();
    for section in sections(&file.text) {
        faults_of(&file.text, section, &mut faults, &mut lost);
    }
    // Without the faulty lines, what is left can be wrong only between sections: a table given twice.
    let rest = blanked(&file.text, &lost.ranges);
    let (tree, errors) = DeTable::parse_recoverable(&rest);
    let known: HashSet<usize> = faults.iter().map(|fault| fault.span.start).collect();
    let faults_between = errors
        .iter()
        .take(MOST_FAULTS)
        .map(|error| between(&file.text, error, rest.len()))
        .filter(|fault| !known.contains(&fault.span.start));
    faults.extend(faults_between);
    faults.sort_by_key(|fault| fault.span.start);
    for fault in faults.into_iter().take(MOST_FAULTS) {
        let place = |span| Place { file: Arc::clone(file), span };
        let diagnostic = found.error(fault.code, &place(fault.span), fault.message).label(fault.label);
        diagnostic.help = fault.help;
        diagnostic.fix = fault.fix.map(|(span, with)| Fix { place: place(span), with });
        diagnostic.related = fault.first.map(|first| (place(first), "first time".to_owned()));
    }
    read(tree.get_ref(), &lost, found)
}

/// A fault that shows only when all sections are read together: a heading given twice, mostly.
fn between(text: &str, error: &Error, len: usize) -> Fault {
    let mut fault = fault::describe(text, error.message(), span_of(error, len));
    let line = line_around(text, fault.span.start).start;
    let heading = text.get(line..fault.span.end + 1).filter(|heading| heading.starts_with('['));
    if let Some(heading) = heading.filter(|_| fault.code == "duplicate-key") {
        let brackets = fault.span.start - line;
        let first = text.get(..line).unwrap_or_default().match_indices(heading).map(|(at, _)| at);
        let mut first = first.filter(|&at| line_around(text, at).start == at);
        fault.first = first.next().map(|at| at + brackets..at + brackets + fault.span.len());
        let help = match fault.first {
            Some(_) => "put all its keys under the first of the two headings",
            // Something like `[[rule.test]]` stands before the first `[[rule]]`.
            None => "what belongs to it stands above it: put that below it",
        };
        fault.help = Some(help.to_owned());
    }
    fault
}

/// Parts of a text that could not be read, in its order.
#[derive(Debug, Default)]
pub(super) struct Lost {
    ranges: Vec<Range<usize>>,
    sections: Vec<Range<usize>>,
}

impl Lost {
    /// Whether anything was lost in the section of the text that `at` stands in.
    pub(super) fn in_section_of(&self, at: usize) -> bool {
        let next = self.sections.partition_point(|section| section.end <= at);
        self.sections.get(next).is_some_and(|section| section.start <= at)
    }

    fn push(&mut self, range: Range<usize>, section: &Range<usize>) {
        self.ranges.push(range);
        if self.sections.last() != Some(section) {
            self.sections.push(section.clone());
        }
    }
}

/// A text with some parts turned to blanks, every place in it unmoved.
fn blanked(text: &str, ranges: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for range in ranges {
        for byte in bytes.get_mut(range.clone()).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Cuts a text before every line that looks like a heading, `[x]` or `[[x]]`.
fn sections(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_heading(line) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn is_heading(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('[') else {
        return false;
    };
    let rest = rest.strip_prefix('[').unwrap_or(rest);
    let name = rest.trim_start().split([']', '#', '\n', '\r']).next().unwrap_or_default();
    !name.trim().is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c))
}

/// Adds the faults of one section: one a line, and none of those that only follow from another.
///
/// After a key without a value the parser gives up what follows, so the section is parsed again
/// without the faulty lines for as long as that brings new faults up.
fn faults_of(text: &str, section: Range<usize>, faults: &mut Vec<Fault>, lost: &mut Lost) {
    let Some(part) = text.get(section.clone()) else {
        return;
    };
    let mut part = part.to_owned();
    let known = faults.len();
    for _ in 0..ROUNDS {
        let (before, lost_before) = (faults.len(), lost.ranges.len());
        round(text, &part, &section, faults, lost);
        let mut new = faults.split_off(before);
        if before > known {
            // What closes it may have stood on a line that was taken out.
            new.retain(|fault| fault.code != "unclosed");
        }
        let is_new =
            |fault: &Fault| faults.iter().skip(known).all(|other| other.span.start != fault.span.start);
        let new: Vec<_> = new.into_iter().filter(is_new).collect();
        faults.extend(new);
        if lost.ranges.len() == lost_before || faults.len() > MOST_FAULTS {
            break;
        }
        let ranges = lost.ranges.iter().skip(lost_before);
        let ranges =
            ranges.map(|range| range.start - section.start..range.end - section.start).collect::<Vec<_>>();
        part = blanked(&part, &ranges);
    }
}

/// Adds the faults that one parse of a section brings up, and the lines they cost.
fn round(text: &str, part: &str, section: &Range<usize>, faults: &mut Vec<Fault>, lost: &mut Lost) {
    let (tree, errors) = DeTable::parse_recoverable(part);
    let mut errors: Vec<&Error> = errors.iter().collect();
    let unclosed = errors.iter().find(|error| fault::is_unclosed(error.message())).and_then(|error| {
        let end = span_of(error, part.len()).start;
        tree.get_ref().iter().find_map(|(_, value)| opening(value, end))
    });
    if let Some(open) = unclosed {
        errors.retain(|error| span_of(error, part.len()).start < open);
    }
    errors.sort_by_key(|error| span_of(error, part.len()).start);
    let mut line = 0..0;
    for error in errors {
        let span = span_of(error, part.len());
        let span = section.start + span.start..section.start + span.end;
        // Later faults of a line mostly follow from its first.
        if line.end > 0 && span.start <= line.end {
            continue;
        }
        line = line_around(text, span.start);
        let mut fault = fault::describe(text, error.message(), span);
        if fault.code == "duplicate-key" {
            let name = text.get(fault.span.clone()).unwrap_or_default().trim_matches(['\'', '"']);
            let first = earlier_key(tree.get_ref(), name, fault.span.start - section.start);
            fault.first = first.map(|first| section.start + first.start..section.start + first.end);
        }
        // The first of two equal keys stays in the tree; so does what needs no guessing to read.
        match fault.code {
            "duplicate-key" | "broken-escape" | "missing-comma" => {}
            // Whose keys these are cannot be told without the heading.
            "unclosed-heading" => lost.push(line.start..section.end, section),
            _ => lost.push(line.clone(), section),
        }
        faults.push(fault);
    }
    if let Some(open) = unclosed.map(|open| section.start + open) {
        faults.push(fault::unclosed(text, open));
        lost.push(line_around(text, open).start..section.end, section);
    }
}

/// The last key of this name before `before`, at any depth: the other one of two that are equal.
fn earlier_key(table: &DeTable<'_>, name: &str, before: usize) -> Option<Range<usize>> {
    let here = table.iter().map(|(key, _)| key).filter(|key| key.get_ref() == name).map(Spanned::span);
    let within = table.iter().filter_map(|(_, value)| match value.get_ref() {
        DeValue::Table(table) => earlier_key(table, name, before),
        DeValue::Array(values) => {
            let tables = values.iter().filter_map(|value| value.get_ref().as_table());
            tables.filter_map(|table| earlier_key(table, name, before)).max_by_key(|span| span.start)
        }
        _ => None,
    });
    here.chain(within).filter(|span| span.start < before).max_by_key(|span| span.start)
}

fn span_of(error: &Error, len: usize) -> Range<usize> {
    let span = error.span().unwrap_or(0..0);
    span.start.min(len)..span.end.min(len)
}

/// The start of the outermost value that ends at `end`: the one that was never closed.
fn opening(value: &Spanned<DeValue<'_>>, end: usize) -> Option<usize> {
    let span = value.span();
    match value.get_ref() {
        _ if span.end == end && span.start < end => Some(span.start),
        DeValue::Array(values) => values.iter().find_map(|value| opening(value, end)),
        DeValue::Table(table) => table.iter().find_map(|(_, value)| opening(value, end)),
        _ => None,
    }
}

/// The line that `at` stands on, without its line ending.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text: text.to_owned().into() });
        let mut found = Diagnostics::default();
        parse(&file, &mut found, |_, _, _| ());
        let at = |place: &Place| format!("{}:{}", place.line_column().0, place.line_column().1);
        found.list.iter().map(|d| (at(d.place.as_ref().unwrap()), d.code.to_owned())).collect()
    }

    #[test]
    fn each_fault_is_found_once_and_hides_no_other() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("id = 'a'\n", &[]),
            ("id \"a\"\n[[rule]]\nid = \"\\d\"\n", &[("1:4", "missing-equals"), ("3:7", "broken-escape")]),
            ("any = ['x',\n'y'\n[[rule]]\nid = new\n", &[("1:7", "unclosed"), ("4:6", "unquoted-text")]),
            ("id = \"a\nx = 01\n", &[("1:8", "unclosed"), ("2:5", "number")]),
            ("a = 1\na = 2\nb = 1\nb = 2\n", &[("2:1", "duplicate-key"), ("4:1", "duplicate-key")]),
            ("[a]\nx = 1\n[a]\ny = \"\\q\"\n", &[("3:2", "duplicate-key"), ("4:6", "broken-escape")]),
            (
                "any 'x'\npoints =\nx = nope\n",
                &[("1:5", "missing-equals"), ("2:9", "missing-value"), ("3:5", "unquoted-text")],
            ),
            ("x = '''\na = 1\n[b]\nc = nope\n", &[("1:5", "unclosed"), ("4:5", "unquoted-text")]),
        ];
        for (text, expected) in cases {
            let found = faults(text);
            let found: Vec<_> = found.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
            assert_eq!(&found, expected, "{text}");
        }
    }

    #[test]
    fn broken_text_of_any_kind_is_survived() {
        let alphabet = [
            "[", "]", "[[", "]]", "'", "\"", "'''", "\n", "=", "a", "\\d", "{", "}", ",", "é", "#", "1", ".",
            "\r", "\0",
        ];
        let mut state = 7_u64;
        for _ in 0..3000 {
            let mut text = String::new();
            for _ in 0..40 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let pick = usize::try_from(state >> 33).unwrap_or(0) % alphabet.len();
                text.push_str(alphabet[pick]);
            }
            let _ = faults(&text);
        }
    }
}
