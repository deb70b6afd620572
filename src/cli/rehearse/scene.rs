//! One rehearsal: a scratch folder with the recipe, the broken program and the mail.

use std::env;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use postroom::Error;

use super::{Fault, delivered};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::folders;
use crate::cli::host::Host;
use crate::cli::options::Global;

/// What came of a mail.
#[derive(Debug)]
pub(crate) struct Came {
    /// What was delivered.
    pub(crate) mails: Vec<Vec<u8>>,
    /// Whether whoever handed it over keeps it and tries again.
    pub(crate) kept: bool,
    /// Why that is so.
    pub(crate) why: String,
}

/// The folder and what is in it.
pub(crate) struct Scene {
    host: Host,
    fault: Fault,
    folder: tempfile::TempDir,
}

/// Where the recipes call the program.
const PROGRAM: &str = "/usr/local/bin/postroom";

/// The time limit of the recipes, and the one that a rehearsal waits for.
const LIMIT: (&str, &str) = ("-k 5 90", "-k 1 5");

/// Does with the exit code what Dovecot does: the mail goes on as it was.
const SIEVE: &str = "#!/bin/sh\nif FOLDER/wrapper filter --host sieve < FOLDER/mail > FOLDER/out; then mail=out; \
    else mail=mail; fi\ncp FOLDER/$mail FOLDER/Maildir/tmp/1 && mv FOLDER/Maildir/tmp/1 FOLDER/Maildir/new/1 \
    || { rm -f FOLDER/Maildir/tmp/1; exit 75; }\n";

/// Takes a mail as `sendmail` does.
const SENDMAIL: &str =
    "#!/bin/sh\ncat > FOLDER/Maildir/tmp/1 && mv FOLDER/Maildir/tmp/1 FOLDER/Maildir/new/1\n";

/// The rule folders that are named where the rehearsal is called: those that the mails are judged by.
pub(crate) struct Named {
    option: Option<PathBuf>,
    variable: Option<PathBuf>,
}

impl Named {
    pub(crate) fn of(global: &Global) -> Self {
        let variable = env::var_os(folders::VARIABLE).filter(|value| !value.is_empty());
        Self { option: global.rules.clone(), variable: variable.map(PathBuf::from) }
    }
}

impl Scene {
    pub(crate) fn new(host: Host, fault: Fault, rules: &Named) -> Result<Self, Failure> {
        let folder =
            tempfile::tempdir().map_err(|cause| Error::io("make a folder in", &env::temp_dir(), cause))?;
        let scene = Self { host, fault, folder };
        for place in ["Maildir", "Maildir/.pm", "incoming"] {
            for part in ["new", "cur", "tmp"] {
                let path = scene.path(place).join(part);
                fs::create_dir_all(&path).map_err(|cause| Error::io("make", &path, cause))?;
            }
        }
        if fault != Fault::Removed {
            scene.write("postroom", &scene.program(rules)?, 0o755)?;
        }
        fs::create_dir(scene.path("broken"))
            .map_err(|cause| Error::io("make", &scene.path("broken"), cause))?;
        scene.write("broken/rules.toml", "never closed = [\n", 0o644)?;
        scene.recipe()?;
        Ok(scene)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> Result<(), Failure> {
        let path = self.path(name);
        let text = text.replace("FOLDER", &self.folder.path().display().to_string());
        let written =
            fs::write(&path, text).and_then(|()| fs::set_permissions(&path, Permissions::from_mode(mode)));
        Ok(written.map_err(|cause| Error::io("write", &path, cause))?)
    }

    /// A script that is this program with the fault.
    fn program(&self, rules: &Named) -> Result<String, Failure> {
        let own =
            env::current_exe().map_err(|cause| Failure::new(Exit::Io, format!("where am I? {cause}")))?;
        let variable = self.link("variable", rules.variable.as_deref())?;
        let variable = variable.map_or_else(String::new, |link| format!("{}={link} ", folders::VARIABLE));
        let named = match self.fault {
            // The strongest folder: weaker ones need not be read.
            Fault::Rules => Some("FOLDER/broken".to_owned()),
            _ => self.link("named", rules.option.as_deref())?,
        };
        let named = named.map_or_else(String::new, |link| format!(" --rules {link}"));
        let option = match self.fault {
            Fault::Timeout => " --rehearse timeout --time-limit 1",
            Fault::Internal => " --rehearse internal",
            Fault::Killed => " --rehearse killed",
            Fault::Hung => " --rehearse hung",
            Fault::None | Fault::Rules | Fault::Removed | Fault::FullDisk | Fault::Large => "",
        };
        Ok(format!("#!/bin/sh\n{variable}exec '{}'{named} \"$@\"{option}\n", own.display()))
    }

    /// A link to a folder, which needs no quotes in a script, whatever the folder is called.
    fn link(&self, name: &'static str, folder: Option<&Path>) -> Result<Option<String>, Failure> {
        let Some(folder) = folder else { return Ok(None) };
        let linked = std::path::absolute(folder).and_then(|folder| symlink(folder, self.path(name)));
        linked.map_err(|cause| Error::io("link to", folder, cause))?;
        Ok(Some(format!("FOLDER/{name}")))
    }

    /// The recipe of `packaging/`, with its paths in the folder.
    fn recipe(&self) -> Result<(), Failure> {
        let program = self.text("postroom");
        let adapted = |recipe: &str| {
            let recipe = recipe.replace(PROGRAM, &program);
            // Only what is to run into the limit: everything else gets the time that it would have.
            if self.fault == Fault::Hung { recipe.replace(LIMIT.0, LIMIT.1) } else { recipe }
        };
        let home = |recipe: &str| adapted(recipe).replace("$HOME", "FOLDER").replace("%h", "FOLDER");
        match self.host {
            Host::Procmail => {
                self.write("recipe", &home(include_str!("../../../packaging/procmail/procmailrc")), 0o600)
            }
            Host::Maildrop => {
                self.write("recipe", &home(include_str!("../../../packaging/maildrop/mailfilter")), 0o600)
            }
            Host::Fdm => {
                let lock = "set lock-file \"FOLDER/lock\"\n";
                let recipe = home(include_str!("../../../packaging/fdm/fdm.conf"));
                self.write("recipe", &format!("{lock}{recipe}"), 0o600)
            }
            Host::Notmuch => {
                let config = "[database]\npath=FOLDER/Maildir\n[user]\nprimary_email=studio@agency.example\n";
                self.write("config", config, 0o600)?;
                let script = include_str!("../../../packaging/notmuch/postroom-insert");
                self.write("recipe", &adapted(script), 0o755)
            }
            Host::Postfix => {
                self.write("sendmail", SENDMAIL, 0o755)?;
                let script = adapted(include_str!("../../../packaging/postfix/postroom-pipe"));
                self.write("recipe", &script.replace("/usr/sbin/sendmail", "FOLDER/sendmail"), 0o755)
            }
            Host::Sieve => {
                let wrapper = include_str!("../../../packaging/dovecot/postroom").replace(PROGRAM, &program);
                self.write("wrapper", &wrapper.replace("KILL 9", "KILL 5"), 0o755)?;
                self.write("recipe", SIEVE, 0o755)
            }
        }
    }

    /// The program to run, and what it is given.
    fn command(&self) -> (&'static str, Vec<String>) {
        let recipe = self.text("recipe");
        match self.host {
            Host::Procmail => ("procmail", vec!["-t".to_owned(), "-m".to_owned(), recipe]),
            Host::Maildrop => ("maildrop", vec![recipe]),
            Host::Fdm => ("fdm", ["-q", "-f", &recipe, "fetch"].map(str::to_owned).to_vec()),
            Host::Postfix => {
                ("sh", vec![recipe, "anna@larkmoor.example".to_owned(), "studio@agency.example".to_owned()])
            }
            Host::Sieve | Host::Notmuch => ("sh", vec![recipe]),
        }
    }

    /// What has to be installed beside the shell.
    fn needs(&self) -> Option<&'static str> {
        match self.host {
            Host::Notmuch => Some("notmuch"),
            Host::Postfix | Host::Sieve => None,
            Host::Procmail | Host::Maildrop | Host::Fdm => Some(self.command().0),
        }
    }

    /// Sends the mail through.
    pub(crate) fn play(self, mail: &[u8]) -> Result<Came, Failure> {
        self.check()?;
        let given = if self.host == Host::Fdm { "incoming/new/1.1.rehearsal" } else { "mail" };
        let path = self.path(given);
        fs::write(&path, mail).map_err(|cause| Error::io("write", &path, cause))?;
        if self.host == Host::Notmuch {
            self.run("notmuch", &["new".to_owned(), "--quiet".to_owned()], false)?;
        }
        let (program, args) = self.command();
        let code = self.run(program, &args, self.fault == Fault::FullDisk)?;
        let mails = delivered(&self.path("Maildir"))?;
        let (kept, why) = if self.host == Host::Fdm {
            (path.exists(), "it stays where it was, and the next run fetches it".to_owned())
        } else {
            (code == Some(75), "exit 75: the mail server keeps it and tries again".to_owned())
        };
        if !kept && code != Some(0) && self.host != Host::Fdm {
            let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit {code}"));
            let message = format!("{program} ended with {code}, on which a mail server bounces the mail");
            return Err(Failure::new(Exit::Findings, message));
        }
        Ok(Came { mails, kept, why })
    }

    /// What would spoil the rehearsal for reasons of its own.
    fn check(&self) -> Result<(), Failure> {
        let found = |program: &str| {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).any(|folder| folder.join(program).is_file())
        };
        if let Some(program) = self.needs().filter(|program| !found(program)) {
            let message =
                format!("{program} is not installed: it is the real program that is rehearsed with");
            return Err(Failure::new(Exit::NoInput, message));
        }
        let root = fs::metadata(self.folder.path()).is_ok_and(|folder| folder.uid() == 0);
        if self.host == Host::Fdm && root {
            let message =
                "fdm gives up its rights as root and cannot fetch from a scratch folder: run this as a user";
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(())
    }

    /// Runs something with the mail on standard input. With a full disk no file can grow.
    fn run(&self, program: &str, args: &[String], full: bool) -> Result<Option<i32>, Failure> {
        let mut command = if full {
            let mut command = Command::new("sh");
            command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", program]);
            command
        } else {
            Command::new(program)
        };
        let open = |path: &Path| File::open(path).map(Stdio::from);
        let input = open(&self.path("mail")).unwrap_or_else(|_: io::Error| Stdio::null());
        command
            .args(args)
            .current_dir(self.folder.path())
            .stdin(input)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.env("HOME", self.folder.path()).env("NOTMUCH_CONFIG", self.path("config"));
        command.env_remove(folders::VARIABLE).env("TMPDIR", self.folder.path());
        let status = command.status().map_err(|cause| Error::io("run", Path::new(program), cause))?;
        Ok(status.code())
    }
}
