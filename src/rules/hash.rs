//! The rule set's hash: the same for the same texts in the same order, on any machine.

use super::source::Sources;

/// Twelve hexadecimal digits over the text of every file read, weakest layer first.
///
/// FNV-1a, 64 bits, cut to 48: it tells rule sets apart, it does not protect against forgery.
#[must_use]
pub fn of(sources: &Sources) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for file in &sources.files {
        file.text.bytes().filter(|&byte| byte != b'\r').for_each(&mut add);
        add(0);
    }
    format!("{:012x}", hash >> 16)
}
