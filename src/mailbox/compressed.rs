//! Undoing compression while reading, in memory that does not grow with the input.

use std::io::{self, Read};

use super::detect::Packing;

/// A zstd frame may ask for a window of up to 2^27 bytes (128 MiB), what `zstd` itself accepts.
const ZSTD_WINDOW_LOG: u32 = 27;

/// An xz block may ask for this much, in KiB; the format's own tools never ask for more than 65 MiB.
const XZ_MEMORY: u32 = 256 * 1024;

/// Reads what `packed` holds. Concatenated streams are read as one, as the formats' own tools do.
pub(super) fn unpack(packing: Packing, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    Ok(match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(packed)),
        Packing::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(packed)),
        Packing::Xz => {
            Box::new(lzma_rust2::XzReader::new_mem_limit(io::BufReader::new(packed), true, XZ_MEMORY))
        }
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(packed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
    })
}
