//! The program's commands: exit codes, standard output, standard error.

mod check;
mod classify;
mod common_options;
mod diff;
mod eval;
mod correct;
mod explain;
mod filter;
mod init;
mod is;
mod page;
mod selection;
mod sort;
mod rules;
mod schema;
mod tune;
