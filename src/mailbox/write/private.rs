//! New files and folders that are their owner's alone, as mail programs make them.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Options to write a file with: one that is made has the mode 0600, where there are modes.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder and those above it that are missing, with the mode 0700, where there are modes.
///
/// # Errors
///
/// When one cannot be made.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
