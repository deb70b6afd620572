//! The rule set's hash: the same for the same texts in the same order, on any machine.

use std::sync::Arc;

use super::diagnostic::SourceFile;

/// The fingerprint of no files at all (the offset basis of FNV-1a, 64 bits).
pub const NONE: u64 = 0xcbf2_9ce4_8422_2325;

/// The fingerprint with these files added, weakest layer first; line endings do not matter.
///
/// FNV-1a: it tells rule sets apart, it does not protect against forgery.
#[must_use]
pub fn extend(fingerprint: u64, files: &[Arc<SourceFile>]) -> u64 {
    let mut hash = fingerprint;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for file in files {
        file.text.bytes().filter(|&byte| byte != b'\r').for_each(&mut add);
        add(0);
    }
    hash
}

/// A fingerprint as twelve hexadecimal digits: its upper 48 bits.
#[must_use]
pub fn digits(fingerprint: u64) -> String {
    format!("{:012x}", fingerprint >> 16)
}
