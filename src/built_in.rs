//! What the build script left in the program: the rule files, and the rule set compiled from them.

/// The files under `rules/`, as name within a rule folder and text.
pub(crate) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The rule set of those files, as [`store`](crate::rules::store) writes it.
pub(crate) const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built_in.rules"));
