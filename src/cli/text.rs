//! `postroom text`: the words of one mail by their zone, for a person or a script.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use postroom::terms::{Zone, ZoneSet};
use postroom::triage::fresh::{self, Fresh};
use postroom::triage::{message, output::escape};

use super::exit::Exit;
use super::failure::Failure;
use super::{print, single};

/// Print what the sender newly wrote, or other parts of one mail
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    postroom text mail.eml                       without earlier mail, signature, footer\n  \
    postroom text --zone new,signature < mail.eml\n  \
    postroom text --as html body.html")]
pub(crate) struct Text {
    /// The parts to print, in the order they have in the mail
    #[arg(long, value_name = "ZONE", value_delimiter = ',', default_value = "new", value_parser = Zone::from_str)]
    zone: Vec<Zone>,

    /// What the input is
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Mail)]
    form: Form,

    /// The mail; `-` is standard input
    #[arg(value_name = "MAIL", default_value = "-")]
    source: PathBuf,
}

/// What the input is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A mail or a mailbox of one
    Mail,
    /// One mail, header and body, whatever it looks like
    Eml,
    /// A body in plain text, UTF-8, without a header
    Text,
    /// A body in HTML, UTF-8, without a header
    Html,
}

impl Text {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let text = picked(&self.read()?, &self.zone);
        if io::stdout().is_terminal() {
            print(&shown(&text))?;
        } else {
            print(&text)?;
        }
        Ok(Exit::Fine)
    }

    fn read(&self) -> Result<Fresh, Failure> {
        let bytes = match self.form {
            Form::Mail => single::read(&self.source)?,
            Form::Eml | Form::Text | Form::Html => single::read_as_is(&self.source)?,
        };
        Ok(match self.form {
            Form::Mail | Form::Eml => fresh::extract(&message::parse(&bytes), ZoneSet::EMPTY),
            // As a mail's own body: lines end in a newline alone.
            Form::Text => {
                fresh::extract_text(&String::from_utf8_lossy(&bytes).replace("\r\n", "\n"), ZoneSet::EMPTY)
            }
            Form::Html => fresh::extract_html(&String::from_utf8_lossy(&bytes), ZoneSet::EMPTY),
        })
    }
}

/// The text of these zones in its order, with a newline at its end if there is any.
fn picked(fresh: &Fresh, zones: &[Zone]) -> String {
    let mut text = fresh.picked(|span| zones.contains(&span.zone));
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The text as a terminal may show it.
fn shown(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", escape::line(line.strip_suffix('\r').unwrap_or(line))),
            None => escape::line(line).into_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_two_places_do_not_run_together() {
        let text = "Yes, go on. On 4 May 2026, Ann Doe wrote:\n> Hi\n\nThen blue.";
        let fresh = fresh::extract_text(text, ZoneSet::EMPTY);
        assert_eq!(picked(&fresh, &[Zone::New]), "Yes, go on.\nThen blue.\n");
        assert_eq!(picked(&fresh, Zone::ALL), format!("{text}\n"));
    }

    #[test]
    fn a_terminal_gets_no_control_characters_but_newlines() {
        assert_eq!(shown("a\u{1b}[2Jb\n\nc\r\nd\u{202e}"), "a\\u{1b}[2Jb\n\nc\nd\\u{202e}");
    }
}
