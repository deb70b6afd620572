//! Compact JSON, piece by piece into memory: the bytes that `serde_json` would write with [`Calm`].
//!
//! Most of an object is numbers of few decimals and plain words, and there are hundreds of them in each;
//! those are written here, and all others by `serde_json`.

use serde::Serialize;

use super::json::Calm;

/// JSON under way.
#[derive(Debug, Default)]
pub(super) struct Compact(Vec<u8>);

impl Compact {
    /// Nothing yet, with room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// What has been written, which is text.
    pub(super) fn into_text(self) -> Box<str> {
        std::str::from_utf8(&self.0).unwrap_or_default().into()
    }

    /// What has been written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Punctuation and the like, as it is.
    #[inline]
    pub(super) fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A string.
    pub(super) fn text(&mut self, text: &str) {
        if has_odd(text.as_bytes()) {
            return self.other(&text);
        }
        self.0.reserve(text.len() + 2);
        self.0.push(b'"');
        self.raw(text);
        self.0.push(b'"');
    }

    /// A string, or null.
    pub(super) fn maybe(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// A whole number.
    pub(super) fn whole(&mut self, number: u64) {
        let mut piece = Piece::default();
        piece.whole(number);
        self.0.extend_from_slice(piece.written());
    }

    /// `start,"end":end,"text":`, of which an object has hundreds.
    pub(super) fn place(&mut self, start: usize, end: usize) {
        let mut piece = Piece::default();
        piece.text(",\"text\":");
        piece.whole(end as u64);
        piece.text(",\"end\":");
        piece.whole(start as u64);
        self.0.extend_from_slice(piece.written());
    }

    /// A number.
    pub(super) fn number(&mut self, number: f64) {
        let Some(parts) = parts(number).filter(|&parts| parts != 0) else { return self.other(&number) };
        if number < 0.0 {
            self.0.push(b'-');
        }
        let parts = parts.unsigned_abs();
        self.whole(parts / 10_000);
        self.0.push(b'.');
        let mut rest = parts % 10_000;
        let mut unit = 1000;
        loop {
            self.0.push(b'0' + (rest / unit) as u8);
            rest %= unit;
            if rest == 0 {
                break;
            }
            unit /= 10;
        }
    }

    /// A list, of which each entry is written by `write`.
    pub(super) fn list<T>(
        &mut self,
        entries: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.0.push(b'[');
        for (at, entry) in entries.into_iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            write(self, entry);
        }
        self.0.push(b']');
    }

    /// An object of words to numbers, in this order; the words are plain ones.
    pub(super) fn numbers(&mut self, entries: impl IntoIterator<Item = (&'static str, f64)>) {
        let mut before = "{\"";
        for (word, number) in entries {
            self.raw(before);
            self.raw(word);
            self.raw("\":");
            self.number(number);
            before = ",\"";
        }
        self.raw(if before.starts_with('{') { "{}" } else { "}" });
    }

    /// Whatever else.
    fn other(&mut self, value: &impl Serialize) {
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.0, Calm);
        // Writing to memory cannot fail, and texts and numbers are always JSON.
        let _ = value.serialize(&mut serializer);
    }
}

/// A short piece, written from its end to its beginning, as digits come: appending it once is quicker than
/// doing so part by part.
struct Piece {
    bytes: [u8; Self::MOST],
    from: usize,
}

impl Default for Piece {
    fn default() -> Self {
        Self { bytes: [0; Self::MOST], from: Self::MOST }
    }
}

impl Piece {
    /// Two of the largest numbers and the words around them take less.
    const MOST: usize = 64;

    fn text(&mut self, text: &str) {
        let Some(from) = self.from.checked_sub(text.len()) else { return };
        self.bytes[from..self.from].copy_from_slice(text.as_bytes());
        self.from = from;
    }

    fn whole(&mut self, number: u64) {
        let mut rest = number;
        while self.from > 0 {
            self.from -= 1;
            self.bytes[self.from] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
    }

    fn written(&self) -> &[u8] {
        &self.bytes[self.from..]
    }
}

/// The whole number that `number` is the ten-thousandth of, when there is one, and its digits are the
/// shortest that read back as the same number.
pub(super) fn parts(number: f64) -> Option<i64> {
    // To the nearest whole number, without a call: what lies between is told below.
    let parts = (number * 1e4 + 0.5_f64.copysign(number)) as i64;
    let exact = parts as f64 / 1e4 == number;
    (exact && parts.unsigned_abs() < 1_000_000_000).then_some(parts)
}

/// Whether a string has a byte that is not written as it stands.
fn has_odd(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else { return text.iter().any(|byte| is_odd(*byte)) };
    // The last eight may overlap those before.
    text.as_chunks().0.iter().chain([last]).any(|eight| has_odd_one(u64::from_le_bytes(*eight)))
}

/// Whether one of eight bytes is odd.
fn has_odd_one(eight: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The highest bit of each byte below `most`; of others, too, but only above one that is.
    let below = |bytes: u64, most: u8| bytes.wrapping_sub(ONES * u64::from(most)) & !bytes;
    let is = |byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    (eight | below(eight, b' ') | is(b'"') | is(b'\\') | is(0x7f)) & (ONES << 7) != 0
}

/// Whether a byte of a string is not written as it stands, or may be part of what is not.
fn is_odd(byte: u8) -> bool {
    !(b' '..0x7f).contains(&byte) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by `serde_json` alone.
    fn by_serde(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Calm)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn written(write: impl FnOnce(&mut Compact)) -> String {
        let mut out = Compact::default();
        write(&mut out);
        String::from_utf8(out.0).unwrap()
    }

    #[test]
    fn numbers_are_written_as_serde_writes_them() {
        let edges =
            [0.0, -0.0, 1e5, 99_999.999_9, 1e9, -1e20, 1e-5, 0.1 + 0.2, f64::NAN, f64::INFINITY, f64::MIN];
        let small = (-20_000..20_000).map(|parts| f64::from(parts) / 1e4);
        let large = (0..5_000).map(|n| (f64::from(n) * 199_999.37).round() / 1e4);
        for number in small.chain(large).chain(edges) {
            assert_eq!(written(|out| out.number(number)), by_serde(&number));
        }
        for number in [0, 7, 10, 1042, u64::MAX] {
            assert_eq!(written(|out| out.whole(number)), by_serde(&number));
        }
        assert_eq!(written(|out| out.place(0, 9)), r#"0,"end":9,"text":"#);
        let most = usize::MAX;
        assert_eq!(written(|out| out.place(most, most)), format!(r#"{most},"end":{most},"text":"#));
    }

    #[test]
    fn strings_are_written_as_serde_writes_them() {
        let texts = (0..0x250).filter_map(char::from_u32).map(|c| format!("sixteen letters {c} and more"));
        for text in texts.chain(["", "\"", "a\\", "\u{200b}", "👩\u{200d}🚀 é\u{202e}"].map(str::to_owned))
        {
            assert_eq!(written(|out| out.text(&text)), by_serde(&text));
            assert_eq!(written(|out| out.maybe(Some(&text))), by_serde(&text));
        }
        assert_eq!(written(|out| out.maybe(None)), "null");
    }

    #[test]
    fn odd_bytes_are_seen_wherever_they_stand() {
        for length in 1..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'~'; length];
                    text[at] = byte;
                    assert_eq!(has_odd(&text), is_odd(byte), "{text:?}");
                }
            }
        }
        assert!(!has_odd(b""));
    }

    #[test]
    fn lists_and_objects_have_commas_between() {
        assert_eq!(written(|out| out.list(["a", "b"], Compact::text)), r#"["a","b"]"#);
        assert_eq!(written(|out| out.list([], Compact::whole)), "[]");
        assert_eq!(written(|out| out.numbers([("a", 1.0), ("b", -0.25)])), r#"{"a":1.0,"b":-0.25}"#);
        assert_eq!(written(|out| out.numbers([])), "{}");
    }
}
