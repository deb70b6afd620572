//! What each mail filter does to a program it calls, and what `filter --host` does about it.
//!
//! One table, [`Profile`], with a reason beside every entry. `docs/hosts.md` shows the same table; a test
//! holds the two together.

use std::env;
use std::time::Duration;

use clap::ValueEnum;
use postroom::triage::output::stamp::HeaderEnd;

/// A mail filter or mail server that hands a mail to `filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    /// procmail, in a recipe with `:0fw`.
    Procmail,
    /// maildrop, with `xfilter`.
    Maildrop,
    /// fdm, with `rewrite`.
    Fdm,
    /// Dovecot's Sieve, with `vnd.dovecot.filter`.
    Sieve,
    /// Postfix, as a content filter by `pipe(8)`.
    Postfix,
    /// `notmuch insert`, behind a pipe.
    Notmuch,
}

/// What is done with a mailbox's `From ` line that leads the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FromLine {
    /// It stays in front of our fields.
    Keep,
    /// It comes out.
    Drop,
}

/// A setting and why it is so.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "the reasons are for readers and for docs/hosts.md"))]
pub(crate) struct Why<T>(pub(crate) T, pub(crate) &'static str);

/// What `filter` does for a host.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "the reasons are for readers and for docs/hosts.md"))]
pub(crate) struct Profile {
    /// A leading `From ` line.
    pub(crate) from_line: Why<FromLine>,
    /// Line endings: they are kept for every host, each for its own reason.
    pub(crate) line_endings: &'static str,
    /// The end of the header: which fields of ours count as incoming ones.
    pub(crate) header_end: Why<HeaderEnd>,
    /// The most that judging may take, before the mail goes through unjudged.
    pub(crate) time_limit: Why<Duration>,
    /// Whether the variable SENDER holds the envelope sender.
    pub(crate) sender: Why<bool>,
    /// What the host makes of an exit code other than 0: why the mail goes through with 0 if at all
    /// possible.
    pub(crate) failure: &'static str,
    /// Whether standard error is for the postmaster alone, so that details may be told there.
    pub(crate) private: Why<bool>,
}

/// The limit where the host has none, or a long one.
const USUAL: Duration = Duration::from_secs(60);

const PROCMAIL: Profile = Profile {
    from_line: Why(FromLine::Keep, "procmail puts it there and looks for it in what comes back"),
    line_endings: "procmail delivers what it is given",
    header_end: Why(HeaderEnd::Lf, "procmail takes a CR for text, so no other line is empty to it"),
    time_limit: Why(USUAL, "procmail's TIMEOUT is 960 s, and the mail server waits meanwhile"),
    sender: Why(false, "procmail clears the environment and sets no SENDER"),
    failure: "with `w` in the flags the mail goes on as it was; without `w` the code is not seen",
    private: Why(true, "it goes to procmail's LOGFILE"),
};

const MAILDROP: Profile = Profile {
    from_line: Why(FromLine::Drop, "maildrop would deliver it into a Maildir as a line of the mail"),
    line_endings: "maildrop delivers what comes back; what it reads itself has LF",
    header_end: Why(HeaderEnd::Crlf, "maildrop drops every CR before it looks"),
    time_limit: Why(USUAL, "maildrop ends itself after 300 s"),
    sender: Why(false, "maildrop has the sender in FROM, and MAILER-DAEMON where there is none"),
    failure: "the mail is not delivered: exit 75, and the mail server tries again",
    private: Why(true, "maildrop passes it on to the mail server's log"),
};

const FDM: Profile = Profile {
    from_line: Why(FromLine::Drop, "fdm writes its own for an mbox, and takes it for text elsewhere"),
    line_endings: "fdm takes CRs off before it calls",
    header_end: Why(HeaderEnd::Crlf, "fdm takes one CR off a line, and goes on over a line that has another"),
    time_limit: Why(USUAL, "fdm waits without limit"),
    sender: Why(false, "fdm fetches mail, so there is no envelope"),
    failure: "fetching ends, and this mail and those behind it stay where they are",
    private: Why(true, "it goes to fdm's log"),
};

const SIEVE: Profile = Profile {
    from_line: Why(FromLine::Keep, "none leads: LMTP has no such line"),
    line_endings: "Dovecot sends CRLF and takes either",
    header_end: Why(
        HeaderEnd::Crlf,
        "Dovecot takes one CR for a part of an ending, and goes on over a line that has another",
    ),
    time_limit: Why(
        Duration::from_secs(8),
        "Dovecot ends the program after 10 s (sieve_filter_exec_timeout), and version 2.3 crashes in doing so",
    ),
    sender: Why(true, "Dovecot sets SENDER, empty for a bounce"),
    failure: "the script goes on with the mail as it was",
    private: Why(true, "it goes to Dovecot's log"),
};

const POSTFIX: Profile = Profile {
    from_line: Why(FromLine::Drop, "sendmail would take it for the beginning of an mbox"),
    line_endings: "pipe(8) writes LF, and sendmail takes LF",
    header_end: Why(HeaderEnd::Crlf, "sendmail reads lines as pipe(8) writes them"),
    time_limit: Why(USUAL, "after command_time_limit, 1000 s, pipe(8) bounces the mail to the client"),
    sender: Why(false, "pipe(8) gives it as an argument: --sender"),
    failure: "75 keeps the mail in the queue; every other code bounces it to the client",
    private: Why(false, "pipe(8) puts it into notices that the client may get to see"),
};

const NOTMUCH: Profile = Profile {
    from_line: Why(FromLine::Keep, "notmuch insert makes a field X-Envelope-From of it"),
    line_endings: "notmuch insert stores what it is given",
    header_end: Why(HeaderEnd::Crlf, "notmuch reads either ending"),
    time_limit: Why(USUAL, "whoever calls waits"),
    sender: Why(false, "there is no envelope"),
    failure: "a pipe gives the code of its last program: notmuch insert does not see ours",
    private: Why(true, "it goes to whoever calls"),
};

impl Host {
    /// The row of the table.
    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::Procmail => PROCMAIL,
            Self::Maildrop => MAILDROP,
            Self::Fdm => FDM,
            Self::Sieve => SIEVE,
            Self::Postfix => POSTFIX,
            Self::Notmuch => NOTMUCH,
        }
    }

    /// The envelope sender as the host hands it over in the environment.
    pub(crate) fn sender(self) -> Option<String> {
        let known = self.profile().sender.0;
        env::var("SENDER").ok().filter(|_| known)
    }

    /// The table in Markdown, as it stands in `docs/hosts.md`.
    #[cfg(test)]
    fn table() -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for host in Self::value_variants() {
            let (row, Profile { from_line, header_end, time_limit, sender, private, .. }) =
                (host.name(), host.profile());
            let end = if header_end.0 == HeaderEnd::Lf { "LF alone" } else { "as the mail has it" };
            let line = if from_line.0 == FromLine::Keep { "kept" } else { "taken off" };
            let variable = if sender.0 { "SENDER" } else { "not read" };
            let told = if private.0 { "with details" } else { "one word" };
            let _ = write!(
                text,
                "### {row}\n\n\
                 | | | why |\n| --- | --- | --- |\n\
                 | exit code | 0, or 75 when the mail is not through | {} |\n\
                 | leading `From ` line | {line} | {} |\n\
                 | line endings | as they come | {} |\n\
                 | end of the header | {end} | {} |\n\
                 | time limit | {} s | {} |\n\
                 | envelope sender | {variable} | {} |\n\
                 | standard error | {told} | {} |\n\n",
                host.profile().failure,
                from_line.1,
                host.profile().line_endings,
                header_end.1,
                time_limit.0.as_secs(),
                time_limit.1,
                sender.1,
                private.1,
            );
        }
        text
    }

    /// The word on the command line.
    #[cfg(test)]
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_shows_this_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hosts.md");
        let text = std::fs::read_to_string(page).unwrap();
        assert!(text.contains(&Host::table()), "docs/hosts.md should have:\n{}", Host::table());
    }

    #[test]
    fn a_limit_is_shorter_than_the_hosts_own() {
        assert!(Host::Sieve.profile().time_limit.0 < Duration::from_secs(10));
        for host in Host::value_variants() {
            assert!(host.profile().time_limit.0 <= USUAL);
        }
    }
}
