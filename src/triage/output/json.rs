//! JSON v1: one object a mail, one object a line.
//!
//! With other columns named than [`Columns::JSON`], it is those alone, in the order named.
//!
//! A public format, so its types are its own and cut loose from the line's: those may change, these may
//! not without a new `v`. `docs/json-v1.schema.json` describes it. Every key is always there, in this order;
//! numbers are rounded to four decimals, so equal mails give equal bytes. Characters that would act on a
//! terminal or break a line are written as `\u` escapes, which reads back as the same text.

use std::io::{self, Write};

use serde_json::ser::Formatter;

use super::compact::{self, Compact};
use super::{Columns, Report, escape};

/// The version written in `v`.
pub const VERSION: u32 = 1;

/// One routing step.
pub(super) struct Step<'a> {
    pub(super) step: &'a str,
    pub(super) why: &'a str,
}

/// Words to numbers, in a fixed order.
pub(super) struct Numbers(pub(super) Vec<(&'static str, f64)>);

/// Writes one object and a newline.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&line(report, columns))
}

/// One object and a newline. It is many small pieces, so it is gathered here whatever becomes of it.
#[must_use]
pub fn line(report: &Report<'_>, columns: &Columns) -> Vec<u8> {
    let mut line = Compact::with_capacity(16 * 1024);
    let mut before = "{";
    for column in columns.as_slice() {
        line.raw(before);
        line.raw(column.key());
        column.value(report, columns.explain).json(&mut line);
        before = ",";
    }
    line.raw("}\n");
    line.into_bytes()
}

impl Step<'_> {
    pub(super) fn json(&self, line: &mut Compact) {
        line.raw("{\"step\":");
        line.text(self.step);
        line.raw(",\"why\":");
        line.text(self.why);
        line.raw("}");
    }
}

/// Four decimals, without a negative zero and without what JSON has no number for.
pub(crate) fn rounded(number: f64) -> f64 {
    if compact::parts(number).is_some() {
        // Most are.
        return number + 0.0;
    }
    let rounded = (number * 1e4).round() / 1e4;
    if rounded.is_finite() { rounded + 0.0 } else { 0.0 }
}

/// Compact JSON with every character that acts on a terminal as an escape.
pub(crate) struct Calm;

impl Formatter for Calm {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Serde has written what stands below a space already; of the rest of ASCII, DEL alone acts.
        if fragment.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
            return out.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        let mut before = None;
        for (at, c) in fragment.char_indices() {
            if escape::acts(c, before) {
                out.write_all(&fragment.as_bytes()[written..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
            before = Some(c);
        }
        out.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::terms::Class;
    use serde_json::Value;

    fn line(sample: &sample::Sample) -> String {
        let mut out = Vec::new();
        write(&sample.report(), &Columns::JSON, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The whole of one object, byte for byte: a change here is a change of the public format.
    #[test]
    fn one_whole_object() {
        let expected = concat!(
            r#"{"v":1,"source":"inbox.mbox","index":3,"offset":1042,"message_id":"q1@larkmoor.example","#,
            r#""date":"2026-03-31T10:02:00+01:00","from":"anna@larkmoor.example","subject":"Re: Homepage, again","#,
            r#""account":"larkmoor","sender":"unverified","class":"delivery-question","confidence":0.8137,"#,
            r#""probabilities":{"deliverable-question":0.0738,"delivery-question":0.8137,"project-update":0.0405,"#,
            r#""new-project":0.0272,"other":0.0448},"topics":["timeline","commitment"],"owner":"pm","#,
            r#""owner_address":"joe@agency.example","validate":["pm"],"inform":["am"],"#,
            r#""validate_addresses":["joe@agency.example"],"inform_addresses":[null],"reasons":["#,
            r#"{"rule":"asks-when-ready","zone":"new","start":30,"end":39,"text":"When will","#,
            r#""points":{"delivery-question":2.4,"project-update":-0.6,"timeline":1.5,"commitment":1.25}},"#,
            r#"{"rule":"names-deliverable","zone":"new","start":30,"end":61,"text":"When will the homepage be ready","#,
            r#""points":{"deliverable-question":0.5}},"#,
            r#"{"rule":"is-reply","zone":"header","start":0,"end":0,"text":"In-Reply-To is present","#,
            r#""points":{"project-update":0.5,"new-project":-0.5}},"#,
            r#"{"rule":"watched","zone":"subject","start":4,"end":12,"text":"Homepage","points":{}}],"#,
            r#""routing":[{"step":"delivery","why":"how and when belong to the project manager"},"#,
            r#"{"step":"commitment","why":"a promise needs the project manager"}],"#,
            r#""defects":["encoding"],"rules":"0123456789ab"}"#,
            "\n"
        );
        assert_eq!(line(&sample::question()), expected);
    }

    #[test]
    fn base_and_reasons_add_up_to_the_sums() {
        let sample = sample::question();
        let value: Value = serde_json::from_str(&line(&sample)).unwrap();
        for &class in Class::ALL {
            let reasons = value["reasons"].as_array().unwrap().iter();
            let added: f64 = reasons.filter_map(|reason| reason["points"][class.as_str()].as_f64()).sum();
            let sum = sample.rules.decision.base[class.index()] + added;
            assert!((sum - sample.triage.decision.sums[class.index()]).abs() < 1e-9, "{class}");
        }
    }

    #[test]
    fn what_is_missing_is_null_or_empty_never_left_out() {
        let full: Value = serde_json::from_str(&line(&sample::question())).unwrap();
        let bare: Value = serde_json::from_str(&line(&sample::nothing())).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&full), keys(&bare));
        assert!(bare["message_id"].is_null() && bare["owner_address"].is_null() && bare["account"].is_null());
        assert_eq!((bare["class"].as_str(), bare["owner"].as_str()), (Some("unsure"), Some("none")));
    }

    #[test]
    fn text_that_acts_is_escaped_and_reads_back_the_same() {
        let subject = "a\u{1b}[2J\u{9b}2J\u{202e}\u{2028}\u{e0041}\"\\\n\u{200d}👩\u{200d}🚀é";
        let mut sample = sample::question();
        sample.triage.message.subject = subject.into();
        let text = line(&sample);
        assert_eq!(text.lines().count(), 1);
        assert!(!text.trim_end().chars().any(|c| escape::acts(c, Some('é'))));
        assert!(text.contains('é') && text.contains("\\u202e") && text.contains("\\udb40\\udc41"));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["subject"], subject);
    }

    #[test]
    fn numbers_are_rounded_and_always_numbers() {
        for (number, shown) in
            [(0.123_449, 0.1234), (-0.000_01, 0.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0), (2.4, 2.4)]
        {
            assert_eq!(rounded(number).to_bits(), f64::to_bits(shown));
        }
    }
}
