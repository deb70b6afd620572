//! Frames: four bytes of length, one byte that says what it is, and what belongs to it.

use std::fmt;

/// Longest frame taken. Mail servers send a body in pieces of 64 KiB, or of 1 MiB when that was agreed; we
/// agree to nothing of the kind. A header field is one frame; Postfix cuts fields at 100 KiB.
pub const LONGEST: usize = 1 << 20;

/// A frame as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// What it is.
    pub code: u8,
    /// What belongs to it.
    pub payload: &'b [u8],
}

/// What cannot be a frame: from here on the connection cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonsense {
    /// The length it gave itself.
    pub length: usize,
}

impl std::error::Error for Nonsense {}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a frame of {} bytes", self.length)
    }
}

/// Bytes as they come, taken apart into frames.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Where the next frame starts.
    at: usize,
}

impl Frames {
    /// Takes bytes as they were read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, `None` until more was read.
    ///
    /// # Errors
    ///
    /// A frame without a code or longer than [`LONGEST`].
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Nonsense> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length == 0 || length > LONGEST {
            return Err(Nonsense { length });
        }
        let Some((code, payload)) = rest.get(..length).and_then(<[u8]>::split_first) else {
            return Ok(None);
        };
        self.at += 4 + length;
        Ok(Some(Frame { code: *code, payload }))
    }

    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }
}

/// Appends a frame to `out`.
pub fn write(code: u8, parts: &[&[u8]], out: &mut Vec<u8>) {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    out.push(code);
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_however_they_are_cut() {
        let mut bytes = Vec::new();
        write(b'L', &[b"Subject\0", b"x\0"], &mut bytes);
        write(b'E', &[], &mut bytes);
        for step in 1..=bytes.len() {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(step) {
                frames.push(piece);
                while let Some(frame) = frames.next_frame().unwrap() {
                    seen.push((frame.code, frame.payload.to_vec()));
                }
            }
            assert_eq!(seen, [(b'L', b"Subject\0x\0".to_vec()), (b'E', Vec::new())]);
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_refused_before_it_is_waited_for() {
        for length in [0, LONGEST + 1, usize::try_from(u32::MAX).unwrap()] {
            let mut frames = Frames::default();
            frames.push(&u32::try_from(length).unwrap().to_be_bytes());
            assert_eq!(frames.next_frame(), Err(Nonsense { length }));
        }
    }

    #[test]
    fn what_was_taken_is_not_kept() {
        let mut frames = Frames::default();
        let mut bytes = Vec::new();
        write(b'B', &[&[b'x'; 1000]], &mut bytes);
        for _ in 0..1000 {
            frames.push(&bytes);
            assert!(frames.next_frame().unwrap().is_some());
        }
        assert!(frames.held() < 2 * bytes.len());
    }
}
