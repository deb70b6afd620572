//! The program's commands: exit codes, standard output, standard error.

mod check;
mod classify;
mod common_options;
mod compile;
mod correct;
mod diff;
mod eval;
mod explain;
mod filter;
mod fix;
mod init;
mod is;
mod page;
mod rehearse;
mod rule_files;
mod rules;
mod schema;
mod selection;
mod sort;
mod text;
mod tune;
mod watch;
