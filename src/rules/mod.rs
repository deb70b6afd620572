//! TOML to [`RuleSet`]: all that an agency can change without touching code.
//!
//! [`source`] is what the files say, [`diagnostic`] what is wrong with them, [`set`] what the line
//! works with once they are compiled.

pub mod accounts;
pub mod compile;
pub mod diagnostic;
pub mod hash;
pub mod matcher;
mod nearest;
pub mod normal;
pub mod pattern;
pub mod set;
pub mod source;

pub use set::RuleSet;
