//! Arguments, commands and exit codes. One file a command; each is a way in and a way out around the
//! library's one function.

use std::any::Any;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::panic;
use std::process::ExitCode;

use clap::{Args, FromArgMatches as _, Parser, Subcommand};

use exit::Exit;
use failure::Failure;
use options::Global;

mod batch;
mod corpus;
mod exit;
mod failure;
mod folders;
mod host;
mod interrupt;
mod log;
mod options;
mod rule_files;
mod single;
mod standard;
mod watch;

mod check;
mod classify;
mod compile;
mod completions;
mod correct;
mod diff;
mod eval;
mod explain;
mod filter;
mod init;
mod is;
mod man;
mod milter;
mod rehearse;
mod rules;
mod schema;
mod sort;
mod text;
mod tune;

/// Sorts the mail clients send to an agency: what it is, who owns the reply, and why.
#[derive(Debug, Parser)]
#[command(name = "postroom", version, propagate_version = true, after_help = after_help())]
struct Cli {
    #[command(flatten)]
    global: Global,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Classify(classify::Classify),
    Explain(explain::Explain),
    Sort(sort::Sort),
    Filter(filter::Filter),
    Is(is::Is),
    Milter(milter::Milter),
    Rehearse(rehearse::Rehearse),
    Text(text::Text),
    Check(check::Check),
    Tune(tune::Tune),
    Correct(correct::Correct),
    Rules(rules::Rules),
    Schema(schema::Schema),
    Eval(eval::Eval),
    Diff(diff::Diff),
    Init(init::Init),
    Compile(compile::Compile),
    Completions(completions::Completions),
    Man(man::Man),
}

fn after_help() -> String {
    format!(
        "Examples:\n  \
         postroom explain mail.eml            what it is, whose it is, and why\n  \
         postroom classify inbox.mbox         two lines a mail\n  \
         postroom classify --format jsonl ~/Maildir > mails.jsonl\n  \
         postroom sort --by owner --into sorted inbox.mbox\n  \
         postroom filter < mail > stamped     in a mail filter: the same mail with X-Postroom-* fields\n  \
         postroom milter --listen unix:PATH   the same beside a mail server\n  \
         postroom init rules                  the built-in rules, to be changed\n  \
         postroom --rules rules check         whether they hold together\n  \
         postroom compile rules               ready-made for every mail in a pipe\n  \
         postroom --rules rules eval corpus   how right they are on labelled mail\n  \
         postroom diff --base built-in --new rules corpus   what an edit did to it\n\n{}",
        Exit::help()
    )
}

/// Runs the program.
pub(crate) fn main(args: Vec<OsString>) -> ExitCode {
    panic::set_hook(Box::new(|fault| log::fault(fault.location())));
    let exit = guarded(|| run(&args))
        .unwrap_or_else(|_| if filter::is_called(&args) { Exit::TryAgain } else { Exit::Internal });
    exit.into()
}

/// Runs something that may have a fault in it. The fault's own words are dropped: they may hold a mail's.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    panic::catch_unwind(panic::AssertUnwindSafe(work))
}

/// Arguments of the commands that run once for each mail. Making all commands known to the parser takes
/// longer than these take to judge a mail; whatever else is asked for, or is wrong, is left to it.
fn for_one_mail(args: &[OsString]) -> Option<Cli> {
    match called(args)?.to_str()? {
        "filter" => alone("filter", args, Command::Filter),
        "is" => alone("is", args, Command::Is),
        _ => None,
    }
}

/// The arguments, when they make sense where there is no command but the one of this name.
fn alone<A: Args>(name: &'static str, args: &[OsString], command: fn(A) -> Command) -> Option<Cli> {
    let parser = Global::augment_args(clap::Command::new("postroom"));
    let parser = parser.subcommand(A::augment_args(clap::Command::new(name)));
    let found = parser.try_get_matches_from(args).ok()?;
    let arguments = A::from_arg_matches(found.subcommand_matches(name)?).ok()?;
    Some(Cli { global: Global::from_arg_matches(&found).ok()?, command: command(arguments) })
}

/// The command that the arguments call, so far as can be told when they make no sense otherwise.
fn called(args: &[OsString]) -> Option<&OsStr> {
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        if [OsStr::new("--rules"), OsStr::new("--date"), OsStr::new("--color")].contains(&arg.as_os_str()) {
            args.next();
        } else if !arg.as_encoded_bytes().starts_with(b"-") {
            return Some(arg);
        }
    }
    None
}

fn run(args: &[OsString]) -> Exit {
    let cli = match for_one_mail(args).map_or_else(|| Cli::try_parse_from(args), Ok) {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            // Help or version, asked for.
            let out = standard::output().map(anstream::AutoStream::auto);
            return match out.and_then(|mut out| write!(out, "{}", error.render().ansi())) {
                Ok(()) => Exit::Fine,
                Err(cause) => Failure::output(&cause).tell(),
            };
        }
        Err(error) => {
            let _ = write!(anstream::stderr(), "{}", error.render().ansi());
            return if filter::is_called(args) { filter::misused(args) } else { Exit::Usage };
        }
    };
    cli.global.start_log();
    let outcome = match &cli.command {
        Command::Filter(filter) => return filter.run(&cli.global),
        Command::Classify(classify) => classify.run(&cli.global),
        Command::Sort(sort) => sort.run(&cli.global),
        Command::Explain(explain) => explain.run(&cli.global),
        Command::Rehearse(rehearse) => rehearse.run(&cli.global),
        Command::Milter(milter) => milter.run(&cli.global),
        Command::Is(is) => is.run(&cli.global),
        Command::Text(text) => text.run(),
        Command::Check(check) => check.run(&cli.global),
        Command::Tune(tune) => tune.run(&cli.global),
        Command::Correct(correct) => correct.run(&cli.global),
        Command::Rules(rules) => rules.run(&cli.global),
        Command::Schema(schema) => schema.run(),
        Command::Eval(eval) => eval.run(&cli.global),
        Command::Diff(diff) => diff.run(&cli.global),
        Command::Init(init) => init.run(),
        Command::Compile(compile) => compile.run(&cli.global),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    outcome.unwrap_or_else(|failure| failure.tell())
}

/// Writes all of a text to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let written = standard::output().and_then(|mut out| out.write_all(text.as_bytes()));
    written.map_err(|cause| Failure::output(&cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn arguments_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_command_alone_reads_its_arguments_as_among_all() {
        for (line, alone) in [
            ("postroom filter", true),
            ("postroom -v --rules x filter --host maildrop --date 2026-03-31 -v", true),
            ("postroom --color=never filter --max-size 1M --sender -x --rehearse hung", true),
            ("postroom is --owner pm,am --topic budget mail.eml", true),
            ("postroom is --rules=x --class unsure", true),
            ("postroom is", false),
            ("postroom filter --help", false),
            ("postroom filter --version", false),
            ("postroom filter --hosts maildrop", false),
            ("postroom filter filter", false),
            ("postroom help filter", false),
            ("postroom text mail.eml", false),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let quick = for_one_mail(&args);
            assert_eq!(quick.is_some(), alone, "{line}");
            if let Some(quick) = quick {
                assert_eq!(format!("{quick:?}"), format!("{:?}", Cli::try_parse_from(&args).unwrap()));
            }
        }
    }

    #[test]
    fn a_fault_is_caught_and_has_a_code() {
        panic::set_hook(Box::new(|_| {}));
        let caught = guarded(|| -> Exit { panic!("words of a mail") });
        drop(panic::take_hook());
        assert!(caught.is_err());
        assert_eq!(Exit::Internal.code(), 70);
    }
}
