//! Reading in large blocks that mails can share.
//!
//! A mail handed out points into its block, so nothing is copied but the unfinished mail at a
//! block's end. A block whose mails are all dropped is used again; memory stays flat however long
//! the input is, as long as the caller lets go of mails.

use std::io::{self, Read};
use std::sync::Arc;

/// Blocks kept for reuse.
const SPARE: usize = 8;

/// A reader that shows its input as a window into the current block.
pub(super) struct Blocks {
    reader: Box<dyn Read + Send>,
    block: Arc<Vec<u8>>,
    /// Where the window begins in the block.
    start: usize,
    /// How much of the block holds input.
    filled: usize,
    /// Where the window begins in the input.
    offset: u64,
    ended: bool,
    fault: Option<io::Error>,
    size: usize,
    spare: Vec<Arc<Vec<u8>>>,
}

impl Blocks {
    /// Reads in blocks of `size` bytes.
    pub(super) fn new(reader: Box<dyn Read + Send>, size: usize) -> Self {
        Self {
            reader,
            block: Arc::new(Vec::new()),
            start: 0,
            filled: 0,
            offset: 0,
            ended: false,
            fault: None,
            size: size.max(16),
            spare: Vec::new(),
        }
    }

    /// The input from the current place to the end of what was read.
    pub(super) fn window(&self) -> &[u8] {
        self.block.get(self.start..self.filled).unwrap_or_default()
    }

    /// Whether the window reaches the end of the input.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Where the window begins in the input.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The block that the window lies in, and where in it the window begins.
    pub(super) fn share(&self) -> (Arc<Vec<u8>>, usize) {
        (Arc::clone(&self.block), self.start)
    }

    /// Moves the window's beginning on.
    pub(super) fn advance(&mut self, bytes: usize) {
        let bytes = bytes.min(self.filled - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// What stopped the input, once the window reaches its end.
    pub(super) fn take_fault(&mut self) -> Option<io::Error> {
        self.fault.take()
    }

    /// Puts back what [`take_fault`](Self::take_fault) took.
    pub(super) fn with_fault(self, fault: Option<io::Error>) -> Self {
        Self { fault, ..self }
    }

    /// The input from the window's beginning, as a reader again.
    pub(super) fn into_reader(mut self) -> Box<dyn Read + Send> {
        let tail = match self.take_fault() {
            Some(fault) => Box::new(Broken(Some(fault))),
            None => self.reader,
        };
        let read = match Arc::try_unwrap(self.block) {
            Ok(mut block) => {
                block.truncate(self.filled);
                block.drain(..self.start);
                block
            }
            Err(shared) => shared.get(self.start..self.filled).unwrap_or_default().to_vec(),
        };
        Box::new(io::Cursor::new(read).chain(tail))
    }

    /// Widens the window by at least its own length, so that growing one costs linear time, unless
    /// the input ends.
    pub(super) fn more(&mut self) {
        if self.ended {
            return;
        }
        let kept = self.filled - self.start;
        let mut block = self.fresh(self.size.max(kept * 2));
        let Some(bytes) = Arc::get_mut(&mut block) else { return };
        if let (Some(to), Some(from)) = (bytes.get_mut(..kept), self.block.get(self.start..self.filled)) {
            to.copy_from_slice(from);
        }
        let mut filled = kept;
        while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => {
                    self.fault = Some(fault);
                    self.ended = true;
                    break;
                }
            }
        }
        let old = std::mem::replace(&mut self.block, block);
        (self.start, self.filled) = (0, filled);
        if old.len() == self.size && self.spare.len() < SPARE {
            self.spare.push(old);
        }
    }

    /// A block of `size` bytes that nobody else holds.
    fn fresh(&mut self, size: usize) -> Arc<Vec<u8>> {
        if size == self.size
            && let Some(free) = self.spare.iter_mut().position(|block| Arc::get_mut(block).is_some())
        {
            return self.spare.swap_remove(free);
        }
        Arc::new(vec![0; size])
    }
}

/// A reader that fails once and then ends.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, then fails.
    struct Trickle(Vec<u8>);

    impl Read for Trickle {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("line cut"));
            }
            room[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn window_grows_and_moves_and_ends() {
        let mut blocks = Blocks::new(Box::new(Trickle((0..100).collect())), 16);
        blocks.more();
        assert_eq!(blocks.window().len(), 16);
        blocks.advance(10);
        blocks.more();
        assert_eq!((blocks.offset(), blocks.window().len(), blocks.window()[0]), (10, 16, 10));
        while !blocks.ended() {
            blocks.more();
        }
        assert_eq!((blocks.window().len(), blocks.window()[89]), (90, 99));
        assert!(blocks.take_fault().is_some());
        assert!(blocks.take_fault().is_none());
    }

    #[test]
    fn held_blocks_are_not_overwritten_and_free_ones_are_used_again() {
        let mut blocks = Blocks::new(Box::new(io::Cursor::new((0..=255).collect::<Vec<u8>>())), 16);
        blocks.more();
        let (held, _) = blocks.share();
        for _ in 0..6 {
            blocks.advance(16);
            blocks.more();
        }
        assert_eq!(held.as_slice(), (0..16).collect::<Vec<u8>>());
        assert!(blocks.spare.len() <= 2, "{}", blocks.spare.len());
    }
}
