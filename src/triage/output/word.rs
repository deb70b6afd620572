//! One word a mail, for mail filters that run a program and compare what it says.

use std::io::{self, Write};

use super::{Report, owner_word};

/// Which word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The class, or `unsure`.
    Class,
    /// `am`, `pm` or `none`.
    Owner,
}

/// Writes the word and a newline.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write(report: &Report<'_>, word: Word, out: &mut dyn Write) -> io::Result<()> {
    let word = match word {
        Word::Class => report.triage.decision.word(),
        Word::Owner => owner_word(&report.triage.route),
    };
    writeln!(out, "{word}")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn says_class_or_owner() {
        for (sample, class, owner) in
            [(sample::question(), "delivery-question\n", "pm\n"), (sample::nothing(), "unsure\n", "none\n")]
        {
            for (word, said) in [(Word::Class, class), (Word::Owner, owner)] {
                let mut out = Vec::new();
                write(&sample.report(), word, &mut out).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), said);
            }
        }
    }
}
