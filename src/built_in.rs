//! What the build script left in the program: the rule files, their values, and the rule set compiled from them.

/// The files under `rules/`, as name within a rule folder and text.
pub(crate) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The rule set of those files, as [`store`](crate::rules::store) writes it.
pub(crate) const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built_in.rules"));

/// The values of those files, as [`parsed`](crate::rules::parsed) writes them.
pub(crate) const PARSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built_in.parsed"));

/// A fingerprint of what makes the compiled form what it is: the files, and the code that compiles and reads it.
pub(crate) const BUILD: u64 = include!(concat!(env!("OUT_DIR"), "/build"));
