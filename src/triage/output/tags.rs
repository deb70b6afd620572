//! Lines for `notmuch tag --batch`.
//!
//! Each line states the whole truth: it adds the tags that hold and takes away those of the same closed
//! vocabulary that no longer do, so running it again after a change of rules leaves nothing stale.

use std::io::{self, Write};

use super::{NOBODY, Report, owner_word};
use crate::terms::UNSURE;
use crate::terms::{Class, Role, Topic};

/// Writes one line; a comment for a mail that cannot be named.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(term) = report.triage.message.message_id.as_deref().and_then(id_term) else {
        let source = super::escape::line(report.origin.source);
        return writeln!(out, "# no usable Message-ID: mail {} of {source}", report.origin.index);
    };
    let (decision, route) = (&report.triage.decision, &report.triage.route);
    let mut changes = String::new();
    for class in Class::WORDS.iter().chain(&[UNSURE]) {
        change(&mut changes, decision.word() == *class, "class", class);
    }
    for owner in Role::WORDS.iter().chain(&[NOBODY]) {
        change(&mut changes, owner_word(route) == *owner, "owner", owner);
    }
    for role in Role::ALL {
        change(&mut changes, route.validate.iter().any(|who| who.role == *role), "validate", role.as_str());
        change(&mut changes, route.inform.iter().any(|who| who.role == *role), "inform", role.as_str());
    }
    for topic in Topic::ALL {
        change(&mut changes, decision.topics.contains(topic), "topic", topic.as_str());
    }
    writeln!(out, "{changes}-- {term}")
}

/// Appends the addition or removal of one tag. The words are lower-case letters and hyphens, so none
/// needs the hexadecimal escapes of the format.
fn change(changes: &mut String, holds: bool, kind: &str, word: &str) {
    changes.push_str(if holds { "+postroom/" } else { "-postroom/" });
    changes.push_str(kind);
    changes.push('/');
    changes.push_str(word);
    changes.push(' ');
}

/// The search term for a message id, quoted as Xapian reads boolean terms: in double quotes, those inside
/// doubled. `None` for an id that no line can hold.
fn id_term(id: &str) -> Option<String> {
    let fits = !id.is_empty() && !id.chars().any(char::is_control);
    fits.then(|| format!("id:\"{}\"", id.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn line(sample: &sample::Sample) -> String {
        let mut out = Vec::new();
        write(&sample.report(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn adds_what_holds_and_removes_the_rest() {
        let text = line(&sample::question());
        assert!(
            text.contains("+postroom/class/delivery-question ") && text.contains("-postroom/class/unsure ")
        );
        assert!(text.contains("+postroom/owner/pm ") && text.contains("-postroom/owner/am "));
        assert!(text.contains("+postroom/topic/timeline ") && text.contains("-postroom/topic/budget "));
        assert!(text.contains("+postroom/validate/pm ") && text.contains("+postroom/inform/am "));
        assert!(text.ends_with(" -- id:\"q1@larkmoor.example\"\n"));
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn ids_are_quoted_or_refused() {
        for (id, term) in [
            ("a@b", Some("id:\"a@b\"")),
            ("a b)@c", Some("id:\"a b)@c\"")),
            ("\"x\" or *", Some("id:\"\"\"x\"\" or *\"")),
            ("a\n+evil -- *", None),
            ("", None),
        ] {
            assert_eq!(id_term(id).as_deref(), term);
        }
        assert!(line(&sample::nothing()).starts_with("# no usable Message-ID: mail 0 of "));
    }
}
