//! The rule set's hash: the same for the same texts in the same order, on any machine.

use std::sync::Arc;

use super::diagnostic::SourceFile;

/// The fingerprint of no files at all: the first digits of pi.
pub const NONE: u64 = 0x243f_6a88_85a3_08d3;

/// What words are multiplied by: odd, and its ones are spread.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The fingerprint with these files added, weakest layer first; line endings do not matter.
///
/// Eight bytes are taken at once, for a phrase list has megabytes and a mail waits. It tells rule sets apart, it
/// does not protect against forgery.
#[must_use]
pub fn extend(fingerprint: u64, files: &[Arc<SourceFile>]) -> u64 {
    files.iter().fold(fingerprint, |hash, file| {
        if file.text.contains('\r') {
            with(hash, file.text.replace('\r', "").as_bytes())
        } else {
            with(hash, file.text.as_bytes())
        }
    })
}

/// A hash with these bytes and their number added.
pub(super) fn with(hash: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let words = words.iter().chain([&last]).map(|word| u64::from_le_bytes(*word));
    words.chain([bytes.len() as u64]).fold(hash, |hash, word| {
        let hash = (hash ^ word).wrapping_mul(SPREAD);
        // What high bits say reaches low ones too.
        hash ^ hash >> 32
    })
}

/// A fingerprint as twelve hexadecimal digits: its upper 48 bits.
#[must_use]
pub fn digits(fingerprint: u64) -> String {
    format!("{:012x}", fingerprint >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> u64 {
        let file =
            |text: &&str| Arc::new(SourceFile { name: String::new(), text: (*text).to_owned().into() });
        extend(NONE, &texts.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn every_byte_and_file_counts_and_line_endings_do_not() {
        assert_eq!(of(&["a = 1\r\nb = 2\r\n"]), of(&["a = 1\nb = 2\n"]));
        let text = "[text]\n\"it\" = { mails = 3 }\n";
        let changed = (0..text.len()).map(|at| text[..at].to_owned() + "~" + &text[at + 1..]);
        let longer = (0..12).map(|more| text.to_owned() + &"\0".repeat(more));
        let mut seen: Vec<_> = changed.chain(longer).map(|text| of(&[&text])).collect();
        seen.extend([
            of(&[]),
            of(&[""]),
            of(&["", ""]),
            of(&[text, ""]),
            of(&["", text]),
            of(&["[text]", "\n"]),
        ]);
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }
}
