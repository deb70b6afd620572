//! The zone map: the mail's text with each zone named in a gutter and the evidence marked in place.
//!
//! The marks carry the row numbers of the points table. Zones that say nothing about the class are
//! folded to one line, unless a rule found something there. Neighbours of the same zone are shown as one,
//! with what decided the first.

use super::super::{Report, escape};
use super::paint::{Paint, char_columns, columns, raised};
use super::{Detail, label};
use crate::terms::Zone;
use crate::triage::fresh::ZoneSpan;
use anstyle::{AnsiColor, Style};

/// Columns of the gutter: the zone's name, a space, a bar, a space.
const GUTTER: usize = 12;

/// Lines shown of a zone before only those with evidence are.
const LINES: usize = 120;

/// Text that one or more rules hit.
pub(crate) struct Run {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// Rows of the points table, from 1.
    pub(crate) rows: Vec<usize>,
}

/// Appends the section.
pub(super) fn write(report: &Report<'_>, detail: Detail, paint: &Paint, text: &mut String) {
    let fresh = &report.triage.fresh;
    let runs = runs(report);
    let mut any = false;
    for same in fresh.zones.chunk_by(|a, b| a.zone == b.zone && a.end == b.start) {
        if let [first, .., last] | [first @ last] = same {
            let zone = ZoneSpan { end: last.end, ..*first };
            any |= section(&fresh.text, &zone, &runs, detail, paint, text);
        }
    }
    if !any {
        label("text", paint, text);
        text.push_str("none\n");
    }
    text.push('\n');
}

/// The places of the hits that count, those that overlap made one, in order.
pub(crate) fn runs(report: &Report<'_>) -> Vec<Run> {
    let mut places: Vec<(usize, usize, usize)> = report
        .counted_hits()
        .enumerate()
        .flat_map(|(at, (hit, _))| hit.places().map(move |place| (place, at + 1)))
        .filter(|(place, _)| place.zone != Zone::Header && place.start < place.end)
        .map(|(place, row)| (place.start, place.end, row))
        .collect();
    places.sort_unstable();
    let mut runs: Vec<Run> = Vec::new();
    for (start, end, row) in places {
        match runs.last_mut() {
            Some(last) if start < last.end => {
                last.end = last.end.max(end);
                if !last.rows.contains(&row) {
                    last.rows.push(row);
                }
            }
            _ => runs.push(Run { start, end, rows: vec![row] }),
        }
    }
    runs
}

/// The runs that touch a stretch of text.
pub(crate) fn within(runs: &[Run], start: usize, end: usize) -> &[Run] {
    let first = runs.partition_point(|run| run.end <= start);
    let last = runs.partition_point(|run| run.start < end);
    runs.get(first..last).unwrap_or_default()
}

/// Appends one zone; whether it had anything to show.
fn section(
    whole: &str,
    zone: &ZoneSpan,
    runs: &[Run],
    detail: Detail,
    paint: &Paint,
    text: &mut String,
) -> bool {
    let Some(part) = whole.get(zone.start..zone.end) else { return false };
    let part = part.trim_end();
    let part_start = zone.start + (part.len() - part.trim_start_matches(['\n', '\r']).len());
    let part = part.trim_start_matches(['\n', '\r']);
    if part.is_empty() {
        return false;
    }
    let lines = part.split('\n').count();
    let tells = matches!(zone.zone, Zone::Subject | Zone::New);
    let fold = detail != Detail::Full && !tells && lines > 1;
    let mut gutter = Gutter { zone: zone.zone, named: false };
    let (mut at, mut hidden, mut blank) = (part_start, 0, false);
    for (number, line) in part.split('\n').enumerate() {
        let marks = within(runs, at, at + line.len());
        let unmarked = marks.is_empty();
        if unmarked && (fold || (detail != Detail::Full && number >= LINES)) {
            hidden += 1;
        } else if !(blank && line.trim().is_empty()) {
            folded(hidden, zone, &mut gutter, paint, text);
            hidden = 0;
            for row in Laid::new(line, at, marks, paint).rows(paint) {
                gutter.push(paint, text);
                text.push_str(&row);
                end_line(text);
            }
        }
        blank = line.trim().is_empty();
        at += line.len() + 1;
    }
    folded(hidden, zone, &mut gutter, paint, text);
    true
}

/// Appends the one line that stands for lines not shown.
fn folded(hidden: usize, zone: &ZoneSpan, gutter: &mut Gutter, paint: &Paint, text: &mut String) {
    if hidden > 0 {
        gutter.push(paint, text);
        let lines = if hidden == 1 { "line" } else { "lines" };
        text.push_str(&paint.dim(&format!("… {hidden} {lines} {} ({})", zone.zone, zone.cause)));
        text.push('\n');
    }
}

/// Ends a line without leaving spaces at its end.
fn end_line(text: &mut String) {
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

/// The left margin of one zone: its name on the first line, a bar on every line.
struct Gutter {
    zone: Zone,
    named: bool,
}

impl Gutter {
    fn push(&mut self, paint: &Paint, text: &mut String) {
        let name = if self.named { "" } else { self.zone.as_str() };
        self.named = true;
        text.push_str(&paint.styled(Paint::zone(self.zone), &format!("{name:<10}│")));
        text.push(' ');
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Marked,
    Row,
}

/// What cannot be broken: a character as shown, a bracket, a row number.
struct Cell {
    /// One past its last byte in [`Laid::shown`].
    end: usize,
    columns: usize,
    kind: Kind,
    space: bool,
}

/// A line of mail text as it will be shown, before it is broken into rows.
struct Laid {
    shown: String,
    cells: Vec<Cell>,
}

impl Laid {
    fn new(line: &str, line_start: usize, marks: &[Run], paint: &Paint) -> Self {
        let mut laid = Self { shown: String::with_capacity(line.len()), cells: Vec::new() };
        let mut marks = marks.iter().peekable();
        let mut inside = false;
        let mut before = None;
        for (at, c) in line.char_indices() {
            let at = line_start + at;
            if let Some(run) = marks.peek()
                && !inside
                && at >= run.start
            {
                inside = true;
                laid.bracket("[", paint);
            }
            let start = laid.shown.len();
            escape::push(&mut laid.shown, c, before);
            before = Some(c);
            laid.cell(start, if inside { Kind::Marked } else { Kind::Plain });
            // A run that goes on beyond the line is closed at its end and opened again on the next.
            let last = at + c.len_utf8() == line_start + line.len();
            if inside && marks.peek().is_some_and(|run| last || at + c.len_utf8() >= run.end) {
                inside = false;
                if let Some(run) = marks.next() {
                    laid.close(run, paint);
                }
            }
        }
        laid
    }

    fn cell(&mut self, start: usize, kind: Kind) {
        let shown = self.shown.get(start..).unwrap_or_default();
        let cell = Cell {
            end: self.shown.len(),
            columns: shown.chars().map(char_columns).sum(),
            kind,
            space: shown == " ",
        };
        self.cells.push(cell);
    }

    /// What stands for an underline where there is no colour.
    fn bracket(&mut self, bracket: &str, paint: &Paint) {
        if !paint.color {
            let start = self.shown.len();
            self.shown.push_str(bracket);
            self.cell(start, Kind::Plain);
        }
    }

    fn close(&mut self, run: &Run, paint: &Paint) {
        self.bracket("]", paint);
        let start = self.shown.len();
        let rows: Vec<String> = run.rows.iter().map(|&row| raised(row)).collect();
        self.shown.push_str(&rows.join("·"));
        self.cell(start, Kind::Row);
    }

    /// Broken after spaces where there are any, to the width left by the gutter.
    fn rows(&self, paint: &Paint) -> Vec<String> {
        let width = paint.width - GUTTER;
        let mut rows = Vec::new();
        let (mut first, mut column, mut broken) = (0, 0, None);
        let mut at = 0;
        while let Some(cell) = self.cells.get(at) {
            if column + cell.columns > width && at > first && !cell.space {
                let end = broken.unwrap_or(at);
                rows.push(self.row(first, end, paint));
                (first, at, column, broken) = (end, end, 0, None);
                continue;
            }
            column += cell.columns;
            at += 1;
            if cell.space {
                broken = Some(at);
            }
        }
        rows.push(self.row(first, self.cells.len(), paint));
        rows
    }

    /// Some cells with their styles, spaces at the end left out.
    fn row(&self, first: usize, end: usize, paint: &Paint) -> String {
        let cells = self.cells.get(first..end).unwrap_or_default();
        let cells = &cells[..cells.iter().rposition(|cell| !cell.space).map_or(0, |last| last + 1)];
        let mut start = first.checked_sub(1).and_then(|at| self.cells.get(at)).map_or(0, |cell| cell.end);
        let mut out = String::new();
        for group in cells.chunk_by(|a, b| a.kind == b.kind) {
            let last = group.last().map_or(start, |cell| cell.end);
            let style = match group.first().map_or(Kind::Plain, |cell| cell.kind) {
                Kind::Plain => Style::new(),
                Kind::Marked => AnsiColor::Yellow.on_default().bold().underline(),
                Kind::Row => AnsiColor::Yellow.on_default(),
            };
            let shown = self.shown.get(start..last).unwrap_or_default();
            out.push_str(&if style == Style::new() { shown.to_owned() } else { paint.styled(style, shown) });
            start = last;
        }
        debug_assert!(paint.color || columns(&out) <= paint.width || cells.len() < 2);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Look;
    use super::*;

    fn rows(line: &str, marks: &[(usize, usize, &[usize])], width: usize) -> Vec<String> {
        let runs: Vec<Run> =
            marks.iter().map(|&(start, end, rows)| Run { start, end, rows: rows.to_vec() }).collect();
        let paint = Paint::new(Look { width, color: false });
        Laid::new(line, 0, &runs, &paint).rows(&paint)
    }

    #[test]
    fn evidence_stands_in_brackets_with_its_rows() {
        assert_eq!(rows("When will it be?", &[(0, 9, &[1, 2])], 80), ["[When will]¹·² it be?"]);
        assert_eq!(rows("a b c", &[(0, 1, &[1]), (4, 5, &[12])], 80), ["[a]¹ b [c]¹²"]);
        // A run over two lines is closed at the end of the first.
        assert_eq!(rows("go on", &[(3, 40, &[1])], 80), ["go [on]¹"]);
    }

    #[test]
    fn long_lines_break_after_spaces_or_anywhere() {
        let words = "word ".repeat(40);
        for row in rows(&words, &[(10, 60, &[1])], 60) {
            assert!(columns(&row) <= 48, "{row}");
            assert!(!row.ends_with(' '));
        }
        let long = "日".repeat(200);
        assert!(rows(&long, &[], 60).iter().all(|row| columns(row) <= 48));
        assert_eq!(rows("", &[], 60), [""]);
    }

    #[test]
    fn breaking_a_very_long_line_takes_linear_time() {
        let line = "x".repeat(2_000_000);
        assert!(rows(&line, &[], 60).len() > 10_000);
    }
}
