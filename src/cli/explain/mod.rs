//! `postroom explain`: one mail, with everything that decided it.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use postroom::triage::output::{self, Format, Origin, Report, text};
use postroom::triage::{Context, triage};

use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::{folders, log, print, single, standard};
use why::Case;

pub(super) mod why;

/// Explain one mail: what it is, whose it is, and what decided that
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    postroom explain mail.eml\n  \
    postroom explain < mail.eml\n  \
    postroom explain --rule asks-when mail.eml   why that rule did not hit\n  \
    postroom explain --date 2026-04-01 mail.eml   with the absences of that day")]
pub(crate) struct Explain {
    /// The mail; `-` is standard input
    #[arg(value_name = "MAIL", default_value = "-")]
    source: PathBuf,

    /// Why this rule did not hit, or how it did: each of its clauses on the nearest sentence
    #[arg(long, value_name = "ID")]
    rule: Option<String>,

    /// The address it was sent to, where the mail itself does not say
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
}

impl Explain {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (sources, rules) = folders::sources(global.rules.as_deref())?;
        let raw = single::read(&self.source)?;
        let context =
            Context { date: global.date, recipient: self.recipient.as_deref(), ..Context::default() };
        let triage = triage(&raw, &rules, &context);
        let case = Case { triage: &triage, rules: &rules, sources: &sources, context: &context };
        if let Some(id) = &self.rule {
            print(&case.rule(id).map_err(|message| Failure::new(Exit::Usage, message))?)?;
            return Ok(Exit::Fine);
        }
        let name = self.source.display().to_string();
        let origin = Origin { source: &name, ..Origin::default() };
        let report = Report { origin, triage: &triage, rules: &rules };
        log::judged(&report);
        let out = standard::output().map_err(|cause| Failure::output(&cause))?;
        let mut out = io::BufWriter::new(out);
        output::write(&report, Format::Text(text::Detail::Full), global.look(), &mut out)
            .and_then(|()| case.nearest_miss().map_or(Ok(()), |miss| writeln!(out, "{miss}")))
            .and_then(|()| out.flush())
            .map_err(|cause| Failure::output(&cause))?;
        Ok(Exit::Fine)
    }
}
