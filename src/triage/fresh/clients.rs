//! What mail clients write around a reply, client by client and language by language: see
//! `fixtures/clients`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::terms::{Zone, ZoneSet};

use super::extract_text;

#[derive(serde::Deserialize)]
struct Languages<T> {
    language: Vec<T>,
}

#[derive(serde::Deserialize)]
struct Attributions {
    code: String,
    #[serde(flatten)]
    clients: BTreeMap<String, Vec<String>>,
}

#[derive(serde::Deserialize)]
struct Blocks {
    code: String,
    from: String,
    sent: String,
    date: String,
    to: String,
    cc: String,
    subject: String,
    day: String,
    original: Vec<String>,
    forwarded: Vec<String>,
    device: Vec<String>,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/clients").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str::<Languages<T>>(&text).unwrap().language
}

/// The new text of a body.
fn new_text(text: &str) -> String {
    let fresh = extract_text(text, ZoneSet::EMPTY);
    let new = fresh.zones.iter().filter(|span| span.zone == Zone::New);
    new.map(|span| &fresh.text[span.start..span.end]).collect::<String>().trim().to_owned()
}

/// What the sender wrote: the shortest reply, and one with paragraphs and a sign-off.
const REPLIES: [&str; 2] = [
    "Approved.",
    "Hi Maeve,\n\nthe second draft looks right to us. Could you send the final files by Friday?\n\nBest,\nJane",
];

const EARLIER: &str = "Hi Jane,\n\nhere is the second draft, with the new photographs.\n\nMaeve";

fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect()
}

/// A line wrapped at the last space before `width`, as mail programs do.
fn wrapped(line: &str, width: usize) -> Option<String> {
    let mut out = String::new();
    let mut used = 0;
    for word in line.split(' ') {
        let len = word.chars().count();
        if used > 0 && used + 1 + len > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += len;
    }
    out.contains('\n').then_some(out)
}

/// The forms in which one attribution line arrives.
fn forms(line: &str) -> Vec<String> {
    let mut forms =
        vec![line.to_owned(), format!(" {line}"), format!("*{line}*"), line.replace(' ', "\u{a0}")];
    forms.extend(wrapped(line, 76));
    forms.extend(wrapped(line, 60));
    let address = "<maeve@agency.example>";
    if line.contains(address) {
        forms.push(line.replace(address, "<maeve@agency.example<mailto:maeve@agency.example>>"));
        forms.push(line.replace(address, "<\nmaeve@agency.example>"));
        forms.push(line.replace(address, "\n<maeve@agency.example>").replace(" \n", "\n"));
        forms.push(line.replace(address, "[mailto:maeve@agency.example]"));
    }
    forms
}

/// Collects what came out wrong, so that one run shows all of it.
#[derive(Default)]
struct Wrong(Vec<String>, usize);

impl Wrong {
    fn check(&mut self, what: &str, source: &str, expected: &str) {
        self.1 += 1;
        let found = new_text(source);
        if found != expected {
            self.0.push(format!("== {what}\n{source}\n-- found\n{found}\n"));
        }
    }

    fn assert_none(self) {
        let Self(wrong, all) = self;
        println!("{all} mails");
        assert!(wrong.is_empty(), "{} of {all} wrong\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn attributions_part_the_reply_from_what_it_answers() {
    let mut wrong = Wrong::default();
    for language in read::<Attributions>("attributions.toml") {
        for (client, lines) in &language.clients {
            for line in lines {
                let what = format!("{} {client}", language.code);
                for form in forms(line) {
                    for reply in REPLIES {
                        let marked = format!("{reply}\n\n{form}\n\n{}", quoted(EARLIER));
                        wrong.check(&what, &marked, reply);
                        let close = format!("{reply}\n\n{form}\n{}", quoted(EARLIER));
                        wrong.check(&what, &close, reply);
                        wrong.check(&what, &format!("{form}\n{}\n{reply}\n", quoted(EARLIER)), reply);
                        if client != "marked" && line.bytes().any(|b| b.is_ascii_digit()) {
                            let bare = format!("{reply}\n\n{form}\n\n{EARLIER}\n");
                            wrong.check(&what, &bare, reply);
                        }
                    }
                }
            }
        }
    }
    wrong.assert_none();
}

impl Blocks {
    /// The fields in the orders of Outlook, Outlook for the Mac, Samsung, Thunderbird, Lotus Notes, webmail.
    fn orders(&self) -> Vec<Vec<(&str, &str)>> {
        let from = (self.from.as_str(), "Maeve Gallagher <maeve@agency.example>");
        let to = (self.to.as_str(), "Jane Doe <jane@client.example>");
        let cc = (self.cc.as_str(), "Ann Other <ann@client.example>; Bo <bo@client.example>");
        let subject = (self.subject.as_str(), "Second draft");
        let (sent, date) = ((self.sent.as_str(), self.day.as_str()), (self.date.as_str(), self.day.as_str()));
        let bare = (self.from.as_str(), "Maeve Gallagher");
        let name = (self.to.as_str(), "Jane Doe");
        vec![
            vec![from, sent, to, cc, subject],
            vec![bare, sent, name, subject],
            vec![from, date, to, cc, subject],
            vec![from, date, to, subject],
            vec![subject, date, from, to],
            vec![from, to, cc, date, subject],
            vec![sent, from, to, subject],
            vec![date, from, to, subject],
            vec![to, from, date, subject],
        ]
    }
}

fn block(fields: &[(&str, &str)], form: fn(&str, &str) -> String) -> String {
    fields.iter().map(|(key, value)| form(key, value) + "\n").collect()
}

#[test]
fn header_blocks_part_the_reply_from_what_it_answers() {
    let styles: [fn(&str, &str) -> String; 7] = [
        |key, value| format!("{key}: {value}"),
        |key, value| format!("{key} : {value}"),
        |key, value| format!("*{key}:* {value}"),
        |key, value| format!("**{key}:** {value}\n"),
        |key, value| format!("{key}:\t{value}"),
        |key, value| format!("{key}: {value}").replace(" <", "\n<"),
        |key, value| format!("  {key}:   {}", value.replace(" <", " [mailto:").replace('>', "]")),
    ];
    let rules = ["", "________________________________\n", "-----\n", "\n------------------------------\n"];
    let mut wrong = Wrong::default();
    for language in read::<Blocks>("blocks.toml") {
        let rules = rules.iter().map(|rule| (*rule).to_owned());
        let above: Vec<String> =
            rules.chain(language.original.iter().map(|line| format!("{line}\n"))).collect();
        for fields in language.orders() {
            for style in styles {
                let block = block(&fields, style);
                for rule in &above {
                    for reply in REPLIES {
                        let source = format!("{reply}\n\n{rule}{block}\n{EARLIER}\n");
                        wrong.check(&language.code, &source, reply);
                    }
                }
            }
        }
        let (what, reply) = (format!("{} marker", language.code), REPLIES[1]);
        for line in &language.original {
            wrong.check(&what, &format!("{reply}\n\n{line}\n\n{EARLIER}\n"), reply);
            wrong.check(&what, &format!("{reply}\n{line}\n{EARLIER}\n"), reply);
        }
        for line in &language.forwarded {
            let block = block(&language.orders()[3], styles[0]);
            wrong.check(&what, &format!("{reply}\n\n{line}\n{block}\n{EARLIER}\n"), reply);
            wrong.check(&what, &format!("{reply}\n\n{line}\n\n{}", quoted(&(block + "\n" + EARLIER))), reply);
        }
    }
    wrong.assert_none();
}

#[test]
fn device_lines_are_no_words_of_the_sender() {
    let mut wrong = Wrong::default();
    for language in read::<Blocks>("blocks.toml") {
        let what = format!("{} device", language.code);
        for line in &language.device {
            for reply in REPLIES {
                let fields = block(&language.orders()[0], |key, value| format!("{key}: {value}"));
                wrong.check(&what, &format!("{reply}\n\n{line}\n"), reply);
                wrong.check(&what, &format!("{reply}\n{line}\n"), reply);
                wrong.check(&what, &format!("{reply}\n\n--\n{line}\n"), reply);
                wrong.check(&what, &format!("{reply}\n\n{line}\n\n{fields}\n{EARLIER}\n"), reply);
                let below = format!(
                    "{reply}\n\n{line}\n\nOn 4 May 2026, at 10:32, Maeve <maeve@agency.example> wrote:\n\n"
                );
                wrong.check(&what, &format!("{below}{EARLIER}\n"), reply);
                wrong.check(&what, &format!("{line}\n\n{reply}\n"), reply);
            }
        }
    }
    wrong.assert_none();
}
