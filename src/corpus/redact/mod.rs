//! A copy of a mail without what names people: names, addresses, links and numbers replaced.
//!
//! Takes a mail and the rules; gives a plain-text mail that says as much as decides it. Of the zones no rule
//! searches only a mark stays, attachments keep their kind and lose their bytes. The same name becomes the
//! same other name throughout. The copy is judged: when it is decided otherwise, there is none. What a
//! reader alone can know to be a name may remain, so somebody should look at it before it goes anywhere.

mod replace;
mod write;

use std::collections::BTreeSet;
use std::fmt;

use super::prepared::{Judgement, Prepared};
use crate::rules::RuleSet;
use crate::terms::Zone;
use crate::triage::Context;
use crate::triage::fresh::Fresh;
use crate::triage::output::owner_word;
use replace::Replacer;

/// A redacted mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The whole mail.
    pub mail: Vec<u8>,
    /// Names, addresses, links and numbers replaced, each counted once.
    pub replaced: usize,
}

/// Why there is no redacted copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The copy is decided otherwise: what differs, before and after, and the rules that hit one only.
    Otherwise {
        /// What was decided.
        was: String,
        /// What would be.
        is: String,
        /// Ids of rules that hit one of the two only.
        rules: Vec<String>,
    },
    /// This would have stayed: something to be replaced is still there.
    Remains(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Otherwise { was, is, rules } => {
                write!(f, "the redacted mail would be decided otherwise: {is}, and not {was}")?;
                if rules.is_empty() { Ok(()) } else { write!(f, "; rules: {}", rules.join(", ")) }
            }
            Self::Remains(what) => write!(f, "`{what}` would remain in the redacted mail"),
        }
    }
}

/// Makes the copy and proves that it is decided as the mail is.
///
/// # Errors
///
/// Why there is none.
pub fn redact(raw: &[u8], rules: &RuleSet, context: &Context<'_>) -> Result<Redacted, Refused> {
    let mail = Prepared::new(raw, rules.zones);
    let before = mail.judge(rules, context);
    // First what may be a name goes even where it helped to decide; when that decides, it stays there.
    let all = attempt(&mail, &before, rules, context, false);
    all.or_else(|_| attempt(&mail, &before, rules, context, true))
}

fn attempt(
    mail: &Prepared,
    before: &Judgement,
    rules: &RuleSet,
    context: &Context<'_>,
    keep_evidence: bool,
) -> Result<Redacted, Refused> {
    let mut replacer = Replacer::new(mail, before, rules, keep_evidence);
    let written = write::mail(mail, rules, &mut replacer);
    let after = Prepared::new(&written, rules.zones).judge(rules, context);
    same(before, &after, rules)?;
    let text = String::from_utf8_lossy(&written).to_lowercase();
    match replacer.remaining(&text) {
        Some(what) => Err(Refused::Remains(what)),
        None => Ok(Redacted { mail: written, replaced: replacer.count() }),
    }
}

fn same(before: &Judgement, after: &Judgement, rules: &RuleSet) -> Result<(), Refused> {
    let told = |judged: &Judgement| {
        let topics: Vec<&str> = judged.decision.topics.iter().map(|topic| topic.as_str()).collect();
        let topics = if topics.is_empty() { "no topics".to_owned() } else { topics.join(", ") };
        format!("{}, {topics}, owner {}", judged.decision.word(), owner_word(&judged.route))
    };
    let hits = |judged: &Judgement| -> BTreeSet<usize> {
        judged.evidence.hits.iter().map(crate::triage::evidence::Hit::rule).collect()
    };
    let (was, is) = (told(before), told(after));
    if was == is {
        return Ok(());
    }
    let differ = &hits(before) ^ &hits(after);
    let rules =
        differ.iter().filter_map(|&rule| Some(rules.rules.get(rule)?.id.clone().into_owned())).collect();
    Err(Refused::Otherwise { was, is, rules })
}

/// Whether text of this zone is carried over: rules look at it.
fn is_kept(zone: Zone, fresh: &Fresh, rules: &RuleSet) -> bool {
    fresh.is_matter(zone) || rules.zones.contains(zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, layer::Layer};

    const MAIL: &str = "From: Rosalind Peake <rosalind.peake@peakeandsons.example>\n\
        To: Nora Castellane <nora@agency.example>\nSubject: Re: Delivery van for Peake\n\
        Date: Tue, 17 Mar 2026 09:30:00 +0000\nMessage-ID: <a@peakeandsons.example>\n\
        In-Reply-To: <b@agency.example>\n\nHi Nora,\n\nWhen will the van for Tollbridge be ready? Call me on \
        01632 960 552 or see https://peakeandsons.example/van?id=77. Invoice 48213 is due on 17/3, by 5 pm. \
        Nora, write to rosalind.peake@peakeandsons.example. Invoice 48213!\n\nRosalind\n\n\
        On Mon, 16 Mar 2026, Nora Castellane wrote:\n> Secret Harbour plans.\n";

    #[test]
    fn names_addresses_links_and_numbers_go_and_the_decision_stays() {
        let rules = rules::ready(&[Layer::BuiltIn]).unwrap();
        let context = Context::default();
        let redacted = redact(MAIL.as_bytes(), &rules, &context).unwrap();
        let text = String::from_utf8(redacted.mail.clone()).unwrap();
        for gone in
            ["osalind", "eake", "Nora", "Castellane", "Tollbridge", "960", "48213", "id=77", "Harbour"]
        {
            assert!(!text.contains(gone), "{gone} in\n{text}");
        }
        for kept in
            ["When will the van for ", "be ready?", "17/3", "by 5 pm", "Re: Delivery van", "17 Mar 2026"]
        {
            assert!(text.contains(kept), "{kept} in\n{text}");
        }
        // The same number became the same number.
        let numbers: Vec<&str> = text.split("nvoice ").skip(1).map(|rest| &rest[..5]).collect();
        assert!(numbers.len() == 2 && numbers[0] == numbers[1], "{numbers:?}");
        assert_eq!(redact(MAIL.as_bytes(), &rules, &context).unwrap(), redacted, "the same each time");
        let class = |raw: &[u8]| crate::triage::triage(raw, &rules, &context).decision.class;
        assert_eq!(class(MAIL.as_bytes()), class(&redacted.mail));
    }

    #[test]
    fn a_name_that_decides_is_refused() {
        let rule = "[[rule]]\nid = 'peake'\nany = 'peake'\npoints = { other = 20 }\n";
        let layer = Layer::Files(vec![("own.toml".to_owned(), rule.to_owned())]);
        let rules = rules::ready(&[Layer::BuiltIn, layer]).unwrap();
        let refused = redact(MAIL.as_bytes(), &rules, &Context::default()).unwrap_err();
        assert!(matches!(&refused, Refused::Otherwise { rules, .. } if rules.contains(&"peake".to_owned())));
        assert!(refused.to_string().contains("decided otherwise"), "{refused}");
    }

    #[test]
    fn hostile_mail_is_survived() {
        let rules = rules::ready(&[Layer::BuiltIn]).unwrap();
        for raw in
            [&b""[..], b"\xff\xfe", b"From: @\n\n@@@ 1 ((( www. http:// \n", b"Subject: \n\n> > >\n--\n"]
        {
            let _ = redact(raw, &rules, &Context::default());
        }
    }
}
