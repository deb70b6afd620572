//! TOML to [`RuleSet`]: all that an agency can change without touching code.
//!
//! [`load`] reads the files of every [`layer`] into [`source`], [`compile`] turns that into [`set`],
//! which the line works with; [`diagnostic`] is what is wrong with them.

pub mod accounts;
pub mod compile;
pub mod diagnostic;
pub mod hash;
pub mod layer;
pub mod lint;
pub mod load;
pub mod matcher;
pub mod normal;
pub mod pattern;
pub mod schema;
pub mod set;
pub mod source;

mod assemble;
mod fault;
mod merge;
mod nearest;
mod read;
mod render;
mod scalar;
mod syntax;
pub mod table;
mod tree;

pub use set::RuleSet;

use crate::Error;
use layer::Layer;

/// Loads and compiles `layers`, weakest first: all a program needs that only wants to sort mail.
///
/// # Errors
///
/// [`Error::is_config`], with every fault of every file, when the rules cannot be used.
pub fn ready(layers: &[Layer]) -> Result<RuleSet, Error> {
    let (sources, mut found) = load::load(layers);
    let compiled = if found.has_errors() { None } else { compile::compile(&sources, &mut found) };
    compiled.ok_or_else(|| Error::config(found))
}
