//! CSV (RFC 4180) for a spreadsheet: one record a mail, lists as words with spaces between.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Columns, Report, escape};

/// Writes the names of the columns.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn begin(columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = columns.as_slice().iter().map(|column| column.as_str()).collect();
    write!(out, "{}\r\n", names.join(","))
}

/// Writes one record.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    for (at, column) in columns.as_slice().iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        let cell = column.value(report, columns.explain).cell();
        out.write_all(quoted(&guarded(&escape::line(&cell))).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell that a spreadsheet would run as a formula, made text by a leading apostrophe.
fn guarded(cell: &str) -> Cow<'_, str> {
    // Spreadsheets skip spaces before a formula, and take the full-width forms for the signs.
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell in quotes where RFC 4180, section 2, asks for them.
fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\r', '\n']) || cell.starts_with(' ') || cell.ends_with(' ') {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn one_record_with_as_many_cells_as_columns() {
        let sample = sample::question();
        let mut out = Vec::new();
        begin(&Columns::CSV, &mut out).unwrap();
        write(&sample.report(), &Columns::CSV, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, record) = text.split_once("\r\n").unwrap();
        assert_eq!(head.split(',').count(), Columns::CSV.as_slice().len());
        assert_eq!(
            record,
            "inbox.mbox,3,1042,q1@larkmoor.example,2026-03-31T10:02:00+01:00,anna@larkmoor.example,\
             \"Re: Homepage, again\",larkmoor,unverified,delivery-question,0.8137,pm,joe@agency.example,pm,am,\
             timeline commitment,asks-when-ready names-deliverable is-reply,encoding,0123456789ab\r\n"
        );
    }

    #[test]
    fn formulas_are_text() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+44 20", "'+44 20"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("plain = fine", "plain = fine"),
        ] {
            assert_eq!(guarded(cell), safe);
        }
    }

    #[test]
    fn cells_are_quoted_where_needed() {
        for (cell, written) in
            [("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), (" a", "\" a\"")]
        {
            assert_eq!(quoted(cell), written);
        }
    }
}
