//! TOML to [`RuleSet`]: all that an agency can change without touching code.

pub mod diagnostic;

pub mod source;
