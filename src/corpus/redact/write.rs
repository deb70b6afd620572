//! The redacted mail as bytes: a header of what facts ask for, and its text as plain text.

use super::is_kept;
use super::replace::Replacer;
use crate::corpus::prepared::Prepared;
use crate::rules::RuleSet;
use crate::terms::Zone;
use crate::triage::message::{Attachment, Message};

/// Parts of the copy that has some are divided by this.
const BOUNDARY: &str = "=_redacted";

/// Stands for text of zones that no rule searches.
const LEFT_OUT: &str = "(left out)";

pub(super) fn mail(mail: &Prepared, rules: &RuleSet, replacer: &mut Replacer<'_>) -> Vec<u8> {
    let body = body(mail, rules, replacer);
    let mut text = header(mail, replacer);
    let message = &mail.message;
    let calendar = message.header.calendar.as_deref();
    let parts: Vec<String> = message.attachments.iter().enumerate().map(attachment).collect();
    text += "MIME-Version: 1.0\n";
    if parts.is_empty() && calendar.is_none() && !message.header.report {
        text +=
            &format!("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}");
        return text.into_bytes();
    }
    let kind = if message.header.report { "report" } else { "mixed" };
    text += &format!("Content-Type: multipart/{kind}; boundary=\"{BOUNDARY}\"\n\n--{BOUNDARY}\n");
    text += &format!("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n");
    if let Some(method) = calendar {
        let method: String = method.chars().filter(char::is_ascii_alphanumeric).collect();
        text += &format!("--{BOUNDARY}\nContent-Type: text/calendar; method={method}\n\n\n");
    }
    for part in parts {
        text += &format!("--{BOUNDARY}\n{part}\n");
    }
    text += &format!("--{BOUNDARY}--\n");
    text.into_bytes()
}

fn header(mail: &Prepared, replacer: &mut Replacer<'_>) -> String {
    let Message { from, to, cc, header, .. } = &mail.message;
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        // One line each, whatever the mail had.
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        text += &format!("{name}: {value}\n");
    };
    if header.null_return_path {
        field("Return-Path", "<>");
    }
    for address in &mail.message.delivered_to {
        field("Delivered-To", &replacer.address(address));
    }
    if let Some(from) = from {
        field("From", &replacer.mailbox(from));
    }
    for (name, list) in [("To", to), ("Cc", cc)] {
        let list: Vec<String> = list.iter().map(|address| replacer.mailbox(address)).collect();
        if !list.is_empty() {
            field(name, &list.join(", "));
        }
    }
    let subject = mail.fresh.zones.iter().filter(|span| span.zone == Zone::Subject);
    let subject: String = subject
        .filter_map(|span| Some(replacer.text(mail.fresh.text.get(span.start..span.end)?, span.start)))
        .collect();
    field("Subject", subject.trim());
    if let Some(date) = mail.message.date.as_deref().and_then(date) {
        field("Date", &date);
    }
    field("Message-ID", "<redacted@client.example>");
    if header.in_reply_to {
        field("In-Reply-To", "<earlier@client.example>");
    }
    if let Some(value) = &header.auto_submitted {
        field("Auto-Submitted", value.split(';').next().unwrap_or_default().trim());
    }
    if let Some(value) = &header.precedence {
        field("Precedence", value);
    }
    if let Some(id) = &header.list_id {
        field("List-Id", &replacer.list(id));
    }
    if header.list_unsubscribe {
        field("List-Unsubscribe", "<mailto:leave@client.example>");
    }
    text
}

/// RFC 3339 as mail headers have it; `None` when it is something else.
fn date(rfc3339: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, time) = rfc3339.split_once('T')?;
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?.parse::<usize>().ok()?, parts.next()?);
    let month = MONTHS.get(month.checked_sub(1)?)?;
    let (clock, zone) = time.split_at_checked(8)?;
    let zone = if zone.starts_with(['Z', 'z']) { "+0000".to_owned() } else { zone.replace(':', "") };
    Some(format!("{day} {month} {year} {clock} {zone}"))
}

fn attachment((at, one): (usize, &Attachment<'_>)) -> String {
    let ending = one.name.rsplit_once('.').map(|(_, ending)| ending);
    let plain = |ending: &&str| ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let name = ending.filter(plain).map(|ending| format!("attachment{}.{ending}", at + 1));
    let placed = if one.inline { "inline" } else { "attachment" };
    let id = if one.inline { format!("Content-ID: <{}@client.example>\n", at + 1) } else { String::new() };
    let name = name.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
    let kind: String = one.media_type.chars().filter(|c| c.is_ascii_graphic() && *c != ';').collect();
    let kind = if kind.contains('/') { kind } else { "application/octet-stream".to_owned() };
    let body = if kind == "message/rfc822" { "Subject: left out\n\n" } else { "" };
    format!("Content-Type: {kind}\nContent-Disposition: {placed}{name}\n{id}\n{body}\n")
}

/// The text, zone by zone, each written so that it is read as the same zone again.
fn body(mail: &Prepared, rules: &RuleSet, replacer: &mut Replacer<'_>) -> String {
    let fresh = &mail.fresh;
    let mut body = String::new();
    for span in fresh.zones.iter().filter(|span| span.zone != Zone::Subject) {
        let Some(text) = fresh.text.get(span.start..span.end) else { continue };
        let kept = is_kept(span.zone, fresh, rules);
        let text = if kept { replacer.text(text, span.start) } else { LEFT_OUT.to_owned() };
        if !body.is_empty() && !body.ends_with('\n') {
            body.push('\n');
        }
        match span.zone {
            Zone::Quoted => {
                let quoted = text.trim_matches('\n').lines().map(|line| format!("> {line}\n"));
                body.extend(quoted);
            }
            Zone::Forwarded => {
                body += "\n---------- Forwarded message ---------\nFrom: Alder <alder@client.example>\n";
                body += "Date: Mon, 2 Mar 2026 at 09:00\nSubject: Forwarded\nTo: Birch <birch@client.example>\n\n";
                body += text.trim_matches('\n');
            }
            Zone::Signature | Zone::Footer if !kept => {}
            _ => body += &text,
        }
    }
    if !body.ends_with('\n') {
        body.push('\n');
    }
    body
}
