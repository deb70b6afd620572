//! A table for a person: a line of names, then one line a mail.
//!
//! Written line by line, so that it needs no more memory for a million mails than for one: the widths
//! follow from the columns and the place, not from what the mails say. Cells are made safe for a
//! terminal and cut to their column.

use std::io::{self, Write};

use super::text::MIN_WIDTH;
use super::text::paint::{columns, fit, percent};
use super::{Column, Columns, Look, Report};

/// Blanks between columns.
const GAP: usize = 2;

/// Narrowest a column gets when there are too many.
const NARROWEST: usize = 3;

/// Columns wanted, and whether more are of use.
fn wanted(column: Column) -> (usize, bool) {
    match column {
        Column::V => (1, false),
        Column::Index => (6, false),
        Column::Offset | Column::Date => (10, false),
        Column::Sender => (10, false),
        Column::Class => (20, false),
        Column::Confidence => (4, false),
        Column::Owner | Column::Validate | Column::Inform => (5, false),
        Column::Flags => (6, false),
        Column::Rules | Column::Account => (12, false),
        Column::Topics | Column::Defects | Column::OwnerAddress | Column::Labels => (16, false),
        Column::From => (16, true),
        _ => (20, true),
    }
}

/// The width of each column for a place of `width`.
fn widths(list: &[Column], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> =
        list.iter().map(|&column| wanted(column).0.max(column_name(column).len().min(6))).collect();
    let room = width.max(MIN_WIDTH).saturating_sub(GAP * list.len().saturating_sub(1));
    let mut used: usize = widths.iter().sum();
    while used > room {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST) else { break };
        *widest -= 1;
        used -= 1;
    }
    let growing: Vec<usize> =
        list.iter().enumerate().filter(|(_, column)| wanted(**column).1).map(|(at, _)| at).collect();
    for at in growing.iter().cycle() {
        if used >= room {
            break;
        }
        if let Some(width) = widths.get_mut(*at) {
            *width += 1;
        }
        used += 1;
    }
    widths
}

/// The name over a column.
fn column_name(column: Column) -> &'static str {
    if column == Column::Confidence { "sure" } else { column.as_str() }
}

/// Writes the names of the columns and a rule under them.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn begin(list: &Columns, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let list = list.as_slice();
    let widths = widths(list, look.width);
    line(list.iter().map(|&column| column_name(column).to_owned()), &widths, out)?;
    line(widths.iter().map(|&width| "─".repeat(width)), &widths, out)
}

/// Writes one line.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, list: &Columns, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (list, explain) = (list.as_slice(), list.explain);
    line(list.iter().map(|&column| cell(report, column, explain)), &widths(list, look.width), out)
}

fn cell(report: &Report<'_>, column: Column, explain: bool) -> String {
    match column {
        Column::Confidence => percent(report.triage.decision.confidence()),
        // The day is what a person looks for; the time of day is in the other forms.
        Column::Date => column.value(report, explain).cell().chars().take(10).collect(),
        _ => column.value(report, explain).cell().into_owned(),
    }
}

fn line(cells: impl Iterator<Item = String>, widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    for (at, (cell, &width)) in cells.zip(widths).enumerate() {
        let cell = fit(&cell, width);
        if at > 0 {
            text.push_str(&" ".repeat(GAP));
        }
        text.push_str(&cell);
        text.push_str(&" ".repeat(width.saturating_sub(columns(&cell))));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn table(list: &Columns, width: usize, subject: &'static str) -> String {
        let mut sample = sample::question();
        sample.triage.message.subject = subject.into();
        let look = Look { width, color: false };
        let mut out = Vec::new();
        begin(list, look, &mut out).unwrap();
        write(&sample.report(), list, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_line_a_mail_under_the_names() {
        assert_eq!(
            table(&Columns::TABLE, 90, "Re: Homepage, again"),
            "date        from                 subject                 class                 sure  owner\n\
             ──────────  ───────────────────  ──────────────────────  ────────────────────  ────  ─────\n\
             2026-03-31  anna@larkmoor.exam…  Re: Homepage, again     delivery-question     81%   pm\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_its_place() {
        let all = Columns::parse("source,subject,from,class,owner,why,topics,labels,flags").unwrap();
        for list in [&Columns::TABLE, &all] {
            for width in [MIN_WIDTH, 61, 80, 100, 120] {
                let shown = table(
                    list,
                    width,
                    "日本語の件名\u{1b}[2J が長い場合はどうなりますか、とても長い件名です",
                );
                assert!(shown.lines().all(|line| columns(line) <= width), "{width}:\n{shown}");
                assert!(!shown.contains('\u{1b}'));
            }
        }
    }
}
