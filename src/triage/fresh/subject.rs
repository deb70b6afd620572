//! The subject: what its prefixes say of the mail, and where its own words begin.

use super::fold::fold_into;
use super::header_block::cut;
use super::lexicon::{self, Kind, Kinds};

/// What the subject says of the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Thread {
    /// Nothing.
    #[default]
    Plain,
    /// It answers a mail: "Re:", "AW:".
    Reply,
    /// It passes a mail on: "Fwd:", "WG:", "TR:".
    Forward,
}

const PREFIX: Kinds = Kinds::NONE.with(Kind::Re).with(Kind::Fwd);
/// Prefixes of one subject that are read.
const MOST_PREFIXES: usize = 12;

/// What the first prefix says: "Re: Fwd: x" is an answer, "Fwd: Re: x" is passed on.
pub(super) fn thread(subject: &str) -> Thread {
    prefix(untagged(subject)).map_or(Thread::Plain, |(thread, _)| thread)
}

/// Where the subject's own words begin, prefixes left out.
pub(super) fn words_begin(subject: &str) -> usize {
    let mut rest = subject;
    for _ in 0..MOST_PREFIXES {
        match prefix(rest) {
            Some((_, after)) => rest = after,
            None => break,
        }
    }
    subject.len() - rest.len()
}

/// The subject without tags such as `[EXT]` in front of its prefix.
fn untagged(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    while let Some(inner) = rest.strip_prefix('[') {
        match inner.find(']') {
            Some(end) if end < 40 => {
                rest = inner.get(end + 1..).unwrap_or_default().trim_start_matches([' ', ':']);
            }
            _ => break,
        }
    }
    rest
}

/// The prefix a subject begins with, and what follows it.
fn prefix(subject: &str) -> Option<(Thread, &str)> {
    let subject = subject.trim_start();
    let head = cut(subject, 32);
    let colon =
        if head.is_ascii() { memchr::memchr(b':', head.as_bytes()) } else { head.find([':', '：']) }?;
    let mut folded = String::new();
    fold_into(head.get(..colon)?, &mut folded);
    let found = lexicon::opens(&folded, PREFIX)?;
    // "Re[2]", "AW (3)", "Re^2" count the answers.
    let counted = folded.get(found.len..)?.bytes().all(|b| b.is_ascii_digit() || b"[]()^ ".contains(&b));
    let thread = if found.kinds.has(Kind::Fwd) { Thread::Forward } else { Thread::Reply };
    counted.then_some((thread, subject.get(colon..)?.strip_prefix([':', '：'])?.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_in_many_languages() {
        let table = [
            ("Homepage", Thread::Plain, 0),
            ("RE: Homepage", Thread::Reply, 4),
            ("Re[2]: Homepage", Thread::Reply, 7),
            ("AW: WG: Startseite", Thread::Reply, 8),
            ("AW : Startseite", Thread::Reply, 5),
            ("RIF: Pagina", Thread::Reply, 5),
            ("Odp: Strona", Thread::Reply, 5),
            ("Homepage: regarding", Thread::Plain, 0),
            ("WG: Startseite", Thread::Forward, 4),
            ("Fwd: Re: Homepage", Thread::Forward, 9),
            ("TR : Accueil", Thread::Forward, 5),
            ("RV: Portada", Thread::Forward, 4),
            ("回复：首页", Thread::Reply, "回复：".len()),
            ("转发: 首页", Thread::Forward, "转发: ".len()),
            ("[EXT] Re: Homepage", Thread::Reply, 0),
            ("Regarding: the homepage", Thread::Plain, 0),
            ("Question: is it ready?", Thread::Plain, 0),
            ("", Thread::Plain, 0),
        ];
        for (subject, expected, begin) in table {
            assert_eq!((thread(subject), words_begin(subject)), (expected, begin), "{subject}");
        }
    }
}
