//! Single values against their kind: text, patterns, addresses, numbers, dates, words.
//!
//! The other half of the [`Reader`]: what does not fit is reported and gives nothing.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::diagnostic::Fix;
use super::fault::{self, single_quotes};
use super::nearest::{nearest, only_nearest};
use super::read::{Reader, shorten};
use super::render::hidden;
use super::schema::{self, LONGEST_ID, Words};
use super::tree::Value;
use crate::terms::Date;

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 4096;

/// What a flag can be.
pub(super) const TRUE_OR_FALSE: &str = "true or false";

impl Reader<'_> {
    pub(super) fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
    ) -> Option<T> {
        let label = format!("this is {}", type_name(value.get_ref()));
        let message = format!("`{}` takes {wanted}", shorten(key));
        let with = unquoted(value.get_ref(), wanted);
        let help = with.as_ref().map(|with| match with.as_str() {
            "true" | "false" => format!("write {with}"),
            number => format!("write {}, without quotes", shorten(number)),
        });
        self.fixable("wrong-type", value.span(), message, &label, help, with);
        None
    }

    pub(super) fn text(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<Value> {
        match value.get_ref() {
            DeValue::String(text) => Some(Value::Text(text.clone().into_owned())),
            _ => self.wrong_type(key, value, wanted),
        }
    }

    /// A name that stands in header fields, lists and file names as it is.
    pub(super) fn id(&mut self, key: &str, value: &Spanned<DeValue<'_>>, taken: &[&str]) -> Option<Value> {
        let Value::Text(id) = self.text(key, value, "text in quotes")? else { return None };
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let message = if id.is_empty() {
            "an id with nothing in it".to_owned()
        } else if id.len() > LONGEST_ID {
            format!("an id of {} bytes; the most is {LONGEST_ID}", id.len())
        } else if taken.contains(&id.as_str()) {
            format!("the id `{id}` is taken: it stands for what is no rule")
        } else if !id.chars().all(known) {
            "an id has lower-case letters from a to z, digits and hyphens only".to_owned()
        } else {
            return Some(Value::Text(id));
        };
        let near = id.to_ascii_lowercase();
        let near: Vec<_> = near.split(|c| !known(c)).filter(|part| !part.is_empty()).collect();
        let near = Some(near.join("-")).filter(|near| id.is_ascii() && near.len() <= LONGEST_ID);
        let near = near.filter(|near| !near.is_empty() && !taken.contains(&near.as_str()));
        let help = format!("write a name such as `{}`", near.as_deref().unwrap_or("asks-when-ready"));
        self.error("bad-id", value.span(), message, "", Some(help));
        None
    }

    pub(super) fn pattern(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let DeValue::String(text) = value.get_ref() else {
            return self.wrong_type(key, value, "patterns: text in single quotes");
        };
        let span = value.span();
        if text.len() > LONGEST_PATTERN {
            let message = format!("a pattern of {} bytes; the most is {LONGEST_PATTERN}", text.len());
            let help =
                "make several patterns of it, or move its words to a list in vocabulary.toml".to_owned();
            self.error("long-pattern", span, message, "", Some(help));
            return None;
        }
        let quoted = self.file.text.get(span.clone()).is_some_and(|raw| raw.starts_with('"'));
        if quoted && text.contains(['\u{8}', '\u{b}', '\u{c}', '\u{1b}', '\u{7}']) {
            let help = single_quotes(&self.file.text, span.start + 1);
            let raw = self.file.text.get(span.clone()).unwrap_or_default();
            let escape = raw.find('\\').map_or(span.clone(), |at| span.start + at..span.start + at + 2);
            let message =
                "between double quotes `\\b` is a control character, not the edge of a word".to_owned();
            self.error("pattern-escape", escape, message, "", Some(help));
            let fix = Fix::replace(&self.place(span.clone()), fault::in_single_quotes(raw));
            if let Some(finding) = self.found.list.last_mut() {
                finding.fix = fix.filter(|fix| !fix.with.is_empty());
            }
            return None;
        }
        self.hidden(span);
        Some(Value::Text(text.clone().into_owned()))
    }

    /// Warns of characters that cannot be seen: a pattern that holds one never matches what it seems to.
    pub(super) fn hidden(&mut self, span: Range<usize>) {
        let raw = self.file.text.get(span.clone()).unwrap_or_default();
        let Some((at, c)) = hidden(raw).filter(|_| self.most > 0) else { return };
        self.most -= 1;
        let place = self.place(span.start + at..span.start + at + c.len_utf8());
        let message = format!("a character that cannot be seen, U+{:04X}, stands here", u32::from(c));
        self.found
            .warning("hidden-character", &place, message)
            .help("take it out; it often comes along when text is pasted");
    }

    pub(super) fn address(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let wanted = "an address, such as \"am@agency.example\"";
        let Value::Text(text) = self.text(key, value, wanted)? else { return None };
        let good = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain));
        if !good {
            let message = format!("`{}` takes {wanted}", shorten(key));
            self.error("address", value.span(), message, "not an address", None);
            return None;
        }
        Some(Value::Text(text))
    }

    pub(super) fn domain(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let Value::Text(text) = self.text(key, value, "domains, such as \"larkmoor.example\"")? else {
            return None;
        };
        if !is_domain(&text) {
            let help = text
                .rsplit_once('@')
                .map(|(_, domain)| format!("write \"{}\", the part after the @", shorten(domain)));
            let message = format!("`{}` takes domains, such as \"larkmoor.example\"", shorten(key));
            self.error("domain", value.span(), message, "not a domain", help);
            return None;
        }
        Some(Value::Text(text))
    }

    pub(super) fn date(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let written = match value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Datetime(date) => date.to_string(),
            _ => return self.wrong_type(key, value, "a date, such as 2026-03-31"),
        };
        match written.parse::<Date>() {
            Ok(date) => Some(Value::Date(date)),
            Err(_) => {
                let message = format!("`{}` takes a date, such as 2026-03-31", shorten(key));
                self.error("date", value.span(), message, "no such date", None);
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        least: f64,
        most: f64,
    ) -> Option<Value> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(exact)
            }
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => return self.wrong_type(key, value, &format!("a number from {least} to {most}")),
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Some(Value::Number(number)),
            _ => {
                let message = format!("`{}` takes a number from {least} to {most}", shorten(key));
                self.error("out-of-range", value.span(), message, "outside of that", None);
                None
            }
        }
    }

    pub(super) fn count(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let wanted = "a whole number, or a range such as { min = 1, max = 12 }";
        match value.get_ref() {
            DeValue::Integer(_) => self.number(key, value, 0.0, f64::from(u32::MAX)),
            DeValue::Table(tree) => {
                let fields = self.fields(tree, &schema::RANGE, value.span());
                let bound = |key: &str| fields.number(key).map(|at| at.value);
                if let (Some(min), Some(max)) = (bound("min"), bound("max"))
                    && min > max
                {
                    let message = format!("nothing is at least {min} and at most {max}");
                    self.error("out-of-range", value.span(), message, "", None);
                    return None;
                }
                Some(Value::Table(fields))
            }
            _ => self.wrong_type(key, value, wanted),
        }
    }

    pub(super) fn word(&mut self, key: &str, value: &Spanned<DeValue<'_>>, words: &Words) -> Option<Value> {
        let DeValue::String(word) = value.get_ref() else {
            return self.wrong_type(key, value, &format!("a {}: {}", words.what, list_of(words)));
        };
        if words.all().any(|known| known == word.as_ref()) {
            return Some(Value::Text(word.clone().into_owned()));
        }
        self.unknown_word(word, value.span(), words);
        None
    }

    pub(super) fn unknown_word(&mut self, word: &str, span: Range<usize>, words: &Words) {
        let meant =
            words.meant.iter().find(|(said, _)| said.eq_ignore_ascii_case(word)).map(|(_, meant)| *meant);
        let help = match meant.or_else(|| nearest(word, words.all())) {
            Some(near) => format!("write `{near}`; known: {}", list_of(words)),
            None => format!("known: {}", list_of(words)),
        };
        let message = format!("there is no {} `{}`", words.what, shorten(word));
        let written = self.file.text.get(span.clone()).unwrap_or_default();
        let quote = written.chars().next().filter(|c| ['"', '\''].contains(c)).map(String::from);
        let quote = quote.unwrap_or_default();
        let sure = meant.or_else(|| only_nearest(word, words.all().collect::<Vec<_>>()));
        let with = sure.map(|meant| format!("{quote}{meant}{quote}"));
        self.fixable("unknown-word", span, message, "", Some(help), with);
    }
}

/// A number or a yes in quotes, without them.
fn unquoted(value: &DeValue<'_>, wanted: &str) -> Option<String> {
    let text = value.as_str()?.trim();
    if wanted == TRUE_OR_FALSE {
        return fault::flag(text).map(str::to_owned);
    }
    let number = wanted.contains("number") && text.parse::<f64>().is_ok();
    number.then(|| text.to_owned())
}

/// A whole number as a float, when it is small enough to be exact.
fn exact(number: i64) -> Option<f64> {
    u32::try_from(number.unsigned_abs())
        .ok()
        .map(|size| if number < 0 { -f64::from(size) } else { f64::from(size) })
}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

fn list_of(words: &Words) -> String {
    words.all().collect::<Vec<_>>().join(", ")
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => TRUE_OR_FALSE,
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
