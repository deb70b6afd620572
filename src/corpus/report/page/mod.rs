//! An evaluation as one page: no network, nothing to install, mail text inert.
//!
//! The page's own style and script are named by their hashes in its content security policy, which allows
//! nothing else; text of mails is escaped, never a link, and what would reorder or hide text is made visible.

mod escape;
mod figures;
mod mails;

use sha2::{Digest as _, Sha256};

use super::{Report, counted};
use crate::triage::output::escape::push_base64;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole page. It holds the text of every mail that was not judged right.
#[must_use]
pub fn write(report: &Report<'_>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; \
         script-src '{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Mail sorting, judged</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>How well the mail is sorted</h1>\n\
         <p class=\"soft\">{}, rules {}</p>\n",
        hash(STYLE),
        hash(SCRIPT),
        counted(report.evaluation.mails, "labelled mail"),
        escape::text(&report.rules.hash),
    );
    figures::tiles(report, &mut page);
    figures::matrices(report, &mut page);
    page.push_str("<div class=\"pair\">\n");
    figures::calibration(report, &mut page);
    figures::topics(report, &mut page);
    page.push_str("</div>\n");
    mails::list(report, &mut page);
    figures::rules(report, &mut page);
    page.push_str("</main>\n<script>");
    page.push_str(SCRIPT);
    page.push_str("</script>\n</body>\n</html>\n");
    page
}

/// The source expression of an inline element (Content Security Policy Level 3, section 2.3.1).
fn hash(text: &str) -> String {
    let mut source = String::from("sha256-");
    push_base64(&mut source, &Sha256::digest(text.as_bytes()));
    source
}
