//! Undoing compression while reading, in memory that does not grow with the input.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::detect::Packing;

/// A zstd frame may ask for a window of up to 2^27 bytes (128 MiB), what `zstd` itself accepts.
const ZSTD_WINDOW_LOG: u32 = 27;

/// An xz block may ask for this much, in KiB; the format's own tools never ask for more than 65 MiB.
const XZ_MEMORY: u32 = 256 * 1024;

/// Compressed bytes read at a time.
const BUFFER: usize = 64 * 1024;

/// Reads what `packed` holds. Streams end to end are read as one, as the formats' own tools do.
pub(super) fn unpack(packing: Packing, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let failed = Arc::new(AtomicBool::new(false));
    let source = Packed { reader: packed, failed: Arc::clone(&failed) };
    let source = BufReader::with_capacity(BUFFER, source);
    let reader: Box<dyn Read + Send> = match packing {
        Packing::Gzip => Box::new(Streams::<GzDecoder<_>>::new(source)?),
        Packing::Bzip2 => Box::new(Streams::<BzDecoder<_>>::new(source)?),
        Packing::Xz => Box::new(XzReader::new_mem_limit(source, true, XZ_MEMORY)),
        Packing::Zstd => Box::new(Streams::<ZstdDecoder<'_, _>>::new(source)?),
    };
    Ok(Box::new(Unpacked { reader, failed }))
}

/// The compressed bytes. Notes when they cannot be read, which is no fault of theirs.
struct Packed {
    reader: Box<dyn Read + Send>,
    failed: Arc<AtomicBool>,
}

impl Read for Packed {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(room) {
                // Not every decoder can go on after it.
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => {
                    self.failed.store(true, Ordering::Relaxed);
                    return Err(fault);
                }
                Ok(read) => return Ok(read),
            }
        }
    }
}

/// What a decoder gives, its faults in words.
struct Unpacked {
    reader: Box<dyn Read + Send>,
    failed: Arc<AtomicBool>,
}

impl Read for Unpacked {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.reader.read(room).map_err(|fault| {
            if self.failed.load(Ordering::Relaxed) {
                fault
            } else if fault.kind() == io::ErrorKind::UnexpectedEof {
                io::Error::new(fault.kind(), "the compressed data breaks off")
            } else {
                let what = format!("the compressed data is damaged ({fault})");
                io::Error::new(io::ErrorKind::InvalidData, what)
            }
        })
    }
}

/// The decoder of one compressed stream.
trait Stream: Read + Sized {
    fn begin(packed: BufReader<Packed>) -> io::Result<Self>;

    /// What follows the stream.
    fn end(self) -> BufReader<Packed>;
}

impl Stream for GzDecoder<BufReader<Packed>> {
    fn begin(packed: BufReader<Packed>) -> io::Result<Self> {
        Ok(Self::new(packed))
    }

    fn end(self) -> BufReader<Packed> {
        self.into_inner()
    }
}

impl Stream for BzDecoder<BufReader<Packed>> {
    fn begin(packed: BufReader<Packed>) -> io::Result<Self> {
        Ok(Self::new(packed))
    }

    fn end(self) -> BufReader<Packed> {
        self.into_inner()
    }
}

impl Stream for ZstdDecoder<'static, BufReader<Packed>> {
    fn begin(packed: BufReader<Packed>) -> io::Result<Self> {
        let mut decoder = Self::with_buffer(packed)?.single_frame();
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(decoder)
    }

    fn end(self) -> BufReader<Packed> {
        self.into_inner()
    }
}

/// Streams end to end. Zeros after one are padding, as tapes and block devices leave it.
struct Streams<S> {
    /// None after the last.
    stream: Option<S>,
}

impl<S: Stream> Streams<S> {
    fn new(packed: BufReader<Packed>) -> io::Result<Self> {
        Ok(Self { stream: Some(S::begin(packed)?) })
    }
}

impl<S: Stream> Read for Streams<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while let Some(stream) = &mut self.stream {
            let read = stream.read(room)?;
            if read > 0 || room.is_empty() {
                return Ok(read);
            }
            if let Some(ended) = self.stream.take() {
                self.stream = after(ended)?;
            }
        }
        Ok(0)
    }
}

/// The stream that follows one which ended, past the padding.
fn after<S: Stream>(ended: S) -> io::Result<Option<S>> {
    let mut packed = ended.end();
    loop {
        let seen = packed.fill_buf()?;
        let zeros = seen.iter().take_while(|byte| **byte == 0).count();
        let (none, more) = (seen.is_empty(), zeros < seen.len());
        packed.consume(zeros);
        if none {
            return Ok(None);
        }
        if more {
            return S::begin(packed).map(Some);
        }
    }
}
