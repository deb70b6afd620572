//! How the program is linked, so that starting it costs little: a filter is started for every mail.
//!
//! On Linux with glibc much of the time of a start goes to finding the libraries and looking up what is used
//! of them, and to changing tables, most of them never looked at, to say where the program runs. So it is
//! linked at a fixed address and, where the C library comes in a form for that, with the libraries in it.
//! Stack and heap lie at random addresses as ever.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Set to have the libraries found at start, as most programs do.
const DYNAMIC: &str = "POSTROOM_LINK_DYNAMIC";

/// Tells the linker; `folder` is room for what it has to find.
pub(crate) fn cheap_start(folder: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-env-changed={DYNAMIC}");
    let of_target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let usual = of_target("OS") == "linux" && of_target("ENV") == "gnu";
    let by_itself = of_target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if !usual || by_itself || flags.contains("relocation-model") {
        return Ok(());
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    let here = env::var_os("HOST") == env::var_os("TARGET");
    if here && env::var_os(DYNAMIC).is_none() {
        Libraries::find().map_or(Ok(()), |libraries| libraries.take_in(folder))?;
    }
    Ok(())
}

/// The libraries that the standard library asks for by name, in the form that can be linked in.
struct Libraries {
    unwinder: PathBuf,
    /// What the compiler leaves to a function, such as sums of long numbers.
    compiler: PathBuf,
    c: PathBuf,
    /// What else is part of the C library; from 2.34 on all but the mathematics is empty.
    parts: Vec<(&'static str, PathBuf)>,
}

impl Libraries {
    /// Those of the C compiler that links; `None` unless all are there: some systems have them in a package
    /// of its own.
    fn find() -> Option<Self> {
        let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
        let find = |name: &str| {
            let told = Command::new(&linker).arg(format!("-print-file-name=lib{name}.a")).output().ok()?;
            let path = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
            // What is not found is told as the bare name that was asked for.
            (path.is_absolute() && path.is_file()).then_some(path)
        };
        let parts = ["m", "pthread", "dl", "rt", "util"];
        let parts = parts.into_iter().map(|name| Some((name, find(name)?)));
        Some(Self {
            unwinder: find("gcc_eh")?,
            compiler: find("gcc")?,
            c: find("c")?,
            parts: parts.collect::<Option<_>>()?,
        })
    }

    /// Has them linked in. The standard library, as it comes, names the shared ones; so a script of each
    /// name, which is found first, leads to the others.
    fn take_in(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let lead = |name: &str, to: &[&Path]| {
            let to: Vec<_> = to.iter().map(|path| format!("\"{}\"", path.display())).collect();
            fs::write(folder.join(format!("lib{name}.so")), format!("GROUP ( {} )\n", to.join(" ")))
        };
        // These need each other, and some linkers look at each library once.
        let base: [&Path; 3] = [&self.unwinder, &self.compiler, &self.c];
        lead("gcc_s", &base)?;
        lead("c", &base)?;
        self.parts.iter().try_for_each(|(name, path)| lead(name, &[path]))?;
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
        println!("cargo::rustc-link-arg-bins=-static");
        Ok(())
    }
}
