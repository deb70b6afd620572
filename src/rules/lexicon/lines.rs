//! The few forms of TOML that a plain phrase list has, read from the text as it stands.
//!
//! Each method passes over what it is named for if that comes next, and gives nothing otherwise: for all other
//! TOML, and for what is none, too.

use crate::rules::schema::MOST_POINTS;

/// A text, and how far it has been read.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Lines<'t> {
    /// The whole of a text.
    pub(super) fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0 }
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The byte that comes next; NUL at the end, which is no part of TOML.
    #[inline]
    fn next(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while matches!(self.next(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Whether nothing follows on the line but a remark, which is then passed over; nothing where the remark is
    /// not as TOML has it.
    pub(super) fn line_ends(&mut self) -> Option<bool> {
        self.skip_blanks();
        if self.next() == b'#' {
            self.run(|byte| is_shown(byte) || byte == b'\t');
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest {
            [] => {}
            [b'\n', ..] => self.at += 1,
            [b'\r', b'\n', ..] => self.at += 2,
            [b'\r', ..] => return None,
            _ => return Some(false),
        }
        Some(true)
    }

    /// Passes over this sign if it comes next.
    #[inline]
    pub(super) fn sign(&mut self, sign: u8) -> Option<()> {
        self.skip_blanks();
        (self.next() == sign).then(|| self.at += 1)
    }

    /// The bytes that are wanted, as many as come next.
    #[inline]
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'t [u8] {
        let from = self.at;
        while wanted(self.next()) {
            self.at += 1;
        }
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// A key: bare, or in quotes and without an escape.
    pub(super) fn key(&mut self) -> Option<&'t [u8]> {
        self.skip_blanks();
        if matches!(self.next(), b'"' | b'\'') {
            return self.quoted();
        }
        let bare = self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        (!bare.is_empty()).then_some(bare)
    }

    pub(super) fn quoted(&mut self) -> Option<&'t [u8]> {
        self.skip_blanks();
        let quote = self.next();
        self.at += 1;
        let text = match quote {
            b'"' => self.run(|byte| (is_shown(byte) && byte != b'"' && byte != b'\\') || byte == b'\t'),
            b'\'' => self.run(|byte| (is_shown(byte) && byte != b'\'') || byte == b'\t'),
            _ => return None,
        };
        (self.next() == quote).then(|| self.at += 1)?;
        Some(text)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.skip_blanks();
        match self.run(|byte| byte.is_ascii_lowercase()) {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// A whole number, written in digits alone.
    pub(super) fn whole(&mut self) -> Option<u32> {
        self.skip_blanks();
        let digits = self.run(|byte| byte.is_ascii_digit());
        if is_whole(digits) { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
    }

    /// Points, written in digits with a full stop in between at most.
    pub(super) fn number(&mut self) -> Option<f64> {
        self.skip_blanks();
        let negative = self.next() == b'-';
        self.at += usize::from(negative);
        let whole = self.run(|byte| byte.is_ascii_digit());
        let mut decimals: &[u8] = b"";
        if self.next() == b'.' {
            self.at += 1;
            decimals = self.run(|byte| byte.is_ascii_digit());
            if decimals.is_empty() {
                return None;
            }
        }
        // So few digits, and the power of ten below, are exact as they are, so that their ratio is the number nearest
        // to what is written.
        if !is_whole(whole) || whole.len() + decimals.len() > MOST_DIGITS {
            return None;
        }
        let digits = whole.iter().chain(decimals);
        let digits = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')) as f64;
        let number = digits / decimals.iter().fold(1.0, |power, _| power * 10.0);
        (number <= MOST_POINTS).then_some(if negative { -number } else { number })
    }

    /// A table on one line; `each` reads the value of a key.
    #[inline]
    pub(super) fn table(&mut self, mut each: impl FnMut(&mut Self, &'t [u8]) -> Option<()>) -> Option<()> {
        self.sign(b'{')?;
        if self.sign(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.key()?;
            self.sign(b'=')?;
            each(self, key)?;
            if self.sign(b'}').is_some() {
                return Some(());
            }
            self.sign(b',')?;
        }
    }
}

/// Digits of a number that are read.
const MOST_DIGITS: usize = 15;

/// Whether a byte is one of text that TOML has as it stands, tabs aside.
fn is_shown(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f
}

/// Whether these digits are a whole number as TOML writes them.
fn is_whole(digits: &[u8]) -> bool {
    digits == b"0" || !(digits.is_empty() || digits.starts_with(b"0"))
}
