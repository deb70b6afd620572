//! CSV (RFC 4180) for a spreadsheet: one record a mail, lists as words with spaces between.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Report, escape, owner_word, roles};

const COLUMNS: [&str; 19] = [
    "source",
    "index",
    "offset",
    "message_id",
    "date",
    "from",
    "subject",
    "account",
    "sender",
    "class",
    "confidence",
    "owner",
    "owner_address",
    "validate",
    "inform",
    "topics",
    "why",
    "defects",
    "rules",
];

/// Writes the names of the columns.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn begin(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}\r\n", COLUMNS.join(","))
}

/// Writes one record.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let cells: [Cow<'_, str>; COLUMNS.len()] = cells(report);
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(&guarded(&escape::line(cell))).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

fn cells<'a>(report: &Report<'a>) -> [Cow<'a, str>; COLUMNS.len()] {
    let triage = report.triage;
    let (message, decision, route) = (&triage.message, &triage.decision, &triage.route);
    let why: Vec<&str> = report.counted_hits().map(|(_, rule)| rule.id.as_str()).collect();
    let topics: Vec<&str> = decision.topics.iter().map(|topic| topic.as_str()).collect();
    let defects: Vec<&str> = message.defects.iter().map(|&defect| super::json::defect_word(defect)).collect();
    [
        report.origin.source.into(),
        report.origin.index.to_string().into(),
        report.origin.offset.to_string().into(),
        message.message_id.as_deref().unwrap_or_default().into(),
        message.date.as_deref().unwrap_or_default().into(),
        message.from.as_ref().map_or("", |from| from.address.as_ref()).into(),
        message.subject.as_ref().into(),
        report.account().map_or("", |account| account.id.as_str()).into(),
        route.sender.as_str().into(),
        decision.word().into(),
        format!("{:.4}", decision.confidence()).into(),
        owner_word(route).into(),
        route.owner.as_ref().and_then(|owner| owner.address.as_deref()).unwrap_or_default().into(),
        roles(&route.validate).join(" ").into(),
        roles(&route.inform).join(" ").into(),
        topics.join(" ").into(),
        why.join(" ").into(),
        defects.join(" ").into(),
        report.rules.hash.as_str().into(),
    ]
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
        begin(&mut out).unwrap();
        write(&sample.report(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, record) = text.split_once("\r\n").unwrap();
        assert_eq!(head.split(',').count(), COLUMNS.len());
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
