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
mod syntax;
mod tree;

pub use set::RuleSet;
