//! Findings as a person reads them: file, line, column, the line itself, a caret, and what to do.
//!
//! Takes [`Diagnostics`], gives text. Whatever a file holds, its control and bidirectional
//! characters reach no terminal: each is shown as one visible character, so columns stay true.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Diagnostics, Place, Severity, SourceFile};

/// Widest line shown whole, in columns.
const WIDTH: usize = 120;

/// Longest line handed to the renderer, in bytes; of longer ones only the surroundings are.
const LONG_LINE: usize = 4096;

/// Characters shown on each side of the place in a line longer than [`LONG_LINE`].
const SURROUNDINGS: usize = 50;

impl Diagnostics {
    /// Every finding, each followed by an empty line. `colour` adds terminal colours.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
        let mut text = String::new();
        for finding in &self.list {
            text.push_str(&renderer.render(&[group(finding)]));
            text.push_str("\n\n");
        }
        text
    }

    /// Puts the findings in order: those without a place, then by file as in `files`, then by place.
    pub fn sort(&mut self, files: &[Arc<SourceFile>]) {
        let order: HashMap<&str, usize> =
            files.iter().enumerate().map(|(at, file)| (file.name.as_str(), at + 1)).collect();
        self.list.sort_by_key(|finding| {
            finding.place.as_ref().map_or((0, 0), |place| {
                let file = order.get(place.file.name.as_str()).copied().unwrap_or(usize::MAX);
                (file, place.span.start)
            })
        });
    }
}

fn group(finding: &Diagnostic) -> Group<'_> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(shown(&finding.message)).id(finding.code);
    let mut group = Group::with_title(title);
    if let Some(place) = &finding.place {
        group = with_place(group, place, AnnotationKind::Primary, &finding.label);
    }
    if let Some((place, words)) = &finding.related {
        group = with_place(group, place, AnnotationKind::Context, words);
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(shown(help))),
        None => group,
    }
}

fn with_place<'a>(group: Group<'a>, place: &'a Place, kind: AnnotationKind, label: &'a str) -> Group<'a> {
    let (number, column) = place.line_column();
    let (line, span) = line_of(place);
    let path = shown(&place.file.name);
    let label = if label.is_empty() { None } else { Some(shown(label)) };
    let annotate = |span: Range<usize>| -> Annotation<'a> { kind.span(span).label(label) };
    if line.len() <= LONG_LINE {
        let (line, span) = visible(line, span);
        return group.element(Snippet::source(line).line_start(number).path(path).annotation(annotate(span)));
    }
    // The renderer would count the column from the start of what it is given.
    let (line, span) = surroundings(line, span);
    let origin = Origin::path(path).line(number).char_column(column);
    group.element(origin).element(Snippet::source(line).line_start(number).annotation(annotate(span)))
}

/// The line a place begins on, and the part of it that the place covers.
fn line_of(place: &Place) -> (&str, Range<usize>) {
    let text = &*place.file.text;
    let at = floor(text, place.span.start);
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let end = floor(line, place.span.end.saturating_sub(start));
    let begin = (at - start).min(line.len());
    (line, begin..end.max(begin))
}

/// A line and a span of it with every character that could deceive replaced.
fn visible(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let part = |range: Range<usize>| shown(line.get(range).unwrap_or_default());
    let (before, within, after) = (part(0..span.start), part(span.clone()), part(span.end..line.len()));
    let start = before.len();
    let end = start + within.len();
    (format!("{before}{within}{after}"), start..end)
}

/// A few words of a very long line, around the span.
fn surroundings(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let before = line.get(..span.start).unwrap_or_default();
    let from = before.char_indices().rev().nth(SURROUNDINGS - 1).map_or(0, |(at, _)| at);
    let after = line.get(span.start..).unwrap_or_default();
    let to = after.char_indices().nth(SURROUNDINGS).map_or(line.len(), |(at, _)| span.start + at);
    let cut = line.get(from..to).unwrap_or_default();
    let (text, span) = visible(cut, span.start - from..span.end.min(to) - from);
    let (head, tail) = (if from > 0 { "…" } else { "" }, if to < line.len() { "…" } else { "" });
    (format!("{head}{text}{tail}"), span.start + head.len()..span.end + head.len())
}

/// Text with each control or bidirectional character as one visible character; newlines stay.
fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| picture(c) != c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(picture).collect())
}

/// Text for a log or a header: on one line, with nothing hidden in it.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { ' ' } else { picture(c) }).collect()
}

/// The first character that is not shown as itself, and where it stands.
pub(super) fn hidden(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|&(_, c)| !c.is_whitespace() && picture(c) != c)
}

fn picture(c: char) -> char {
    match c {
        '\n' => c,
        '\t' => ' ',
        // The block of control pictures has the same order as the controls.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// The nearest place at or before `at` where the text may be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, span: Range<usize>) -> String {
        let file = Arc::new(SourceFile { name: "x.toml".to_owned(), text: text.to_owned().into() });
        let mut found = Diagnostics::default();
        found.error("some-code", &Place { file, span }, "message").label("here").help("do this");
        found.render(false)
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let text = rendered("a = 1\nzoone = 'x'\r\nb = 2\n", 6..11);
        let expected = "error[some-code]: message\n --> x.toml:2:1\n  |\n2 | zoone = 'x'\n  | ^^^^^ here\n  |\n  = help: do this\n\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_could_deceive_a_terminal_is_made_visible() {
        let text = rendered("a = '\u{1b}[2J\u{9b}2J\u{202e}gnp\u{200f}' # x", 0..1);
        assert!(text.contains("a = '␛[2J�2J�gnp�' # x"), "{text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
    }

    #[test]
    fn the_summary_is_one_clean_line() {
        let file = Arc::new(SourceFile { name: "a\nb.toml".to_owned(), text: "x".into() });
        let mut found = Diagnostics::default();
        assert_eq!(found.summary(), "no faults");
        found.error("some-code", &Place { file, span: 0..1 }, "bad\r\nX: \u{1b}[1m");
        assert_eq!(found.summary(), "a b.toml:1:1: bad␍ X: ␛[1m");
        found.fault("other-code", "also bad");
        assert_eq!(found.summary(), "a b.toml:1:1: bad␍ X: ␛[1m (and 1 more)");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        for length in [150, 3000, 100_000, 3_000_000] {
            let line = format!("a = '{}' wrong {}", "é".repeat(length), "y".repeat(length));
            let at = line.find("wrong").unwrap();
            let text = rendered(&format!("\n{line}\n"), at + 1..at + 6);
            assert!(text.lines().all(|line| line.chars().count() <= 2 * WIDTH), "{text}");
            assert!(text.contains("wrong") && text.contains("^^^^^ here"), "{text}");
            assert!(text.contains(&format!("x.toml:2:{}", length + 8)), "{text}");
        }
    }

    #[test]
    fn any_span_of_any_text_can_be_shown() {
        let text = "é\u{202e}ä\r\n\n\tü = 'x'\n'''\n…\n";
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                assert!(rendered(text, start..end).contains("x.toml:"), "{start}..{end}");
            }
        }
    }
}
