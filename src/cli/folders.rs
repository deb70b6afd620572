//! Where rules come from: built in, the machine's, the user's, the environment's, the command line's.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use postroom::Error;
use postroom::rules::layer::Layer;
use postroom::rules::source::Sources;
use postroom::rules::{self, RuleSet, compile, load};

use super::exit::Exit;
use super::failure::Failure;

/// The variable that names one more folder.
pub(crate) const VARIABLE: &str = "POSTROOM_RULES";

/// The machine's folder.
const MACHINE: &str = "/etc/postroom";

/// The layers, weakest first. The machine's and the user's folder count when they are there; a folder
/// that was named must be, and is laid over the others when it is one of them.
pub(crate) fn layers(named: Option<&Path>) -> Result<Vec<Layer>, Failure> {
    let mut layers = vec![Layer::BuiltIn];
    let usual = [Some(PathBuf::from(MACHINE)), user_folder()];
    for folder in usual.into_iter().flatten() {
        if is_there(&folder)? {
            layers.push(Layer::Folder(folder));
        }
    }
    let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    for (folder, from) in [(variable, VARIABLE), (named.map(Path::to_owned), "--rules")] {
        let Some(folder) = folder else { continue };
        if !folder.is_dir() {
            let message = format!("{from} names {}, which is no folder", folder.display());
            return Err(Failure::new(Exit::Config, message));
        }
        layers.retain(|layer| !matches!(layer, Layer::Folder(other) if is_same(other, &folder)));
        layers.push(Layer::Folder(folder));
    }
    Ok(layers)
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Whether a folder that need not be there is. One that is there and cannot be used is a fault: whoever
/// made it takes its rules to be in force.
fn is_there(folder: &Path) -> Result<bool, Failure> {
    let why = match fs::metadata(folder) {
        Ok(about) if about.is_dir() => return Ok(true),
        Ok(_) => "it is no folder".to_owned(),
        Err(cause) => match cause.kind() {
            ErrorKind::NotFound if folder.is_symlink() => "it is a link to nothing".to_owned(),
            // A home of /dev/null or the like, for users that are no persons.
            ErrorKind::NotFound | ErrorKind::NotADirectory => return Ok(false),
            _ => cause.to_string(),
        },
    };
    Err(Failure::new(Exit::Config, format!("cannot read the rule folder {}: {why}", folder.display())))
}

/// The user's folder, by the XDG base directory specification.
fn user_folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("postroom"))
}

/// The rules of all layers with what they were made from.
pub(crate) fn sources(named: Option<&Path>) -> Result<(Sources, RuleSet), Failure> {
    ready(&layers(named)?)
}

/// The rules of some layers with what they were made from.
pub(crate) fn ready(layers: &[Layer]) -> Result<(Sources, RuleSet), Failure> {
    let (sources, mut found) = load::load(layers);
    let rules = if found.has_errors() { None } else { compile::compile(&sources, &mut found) };
    rules.map(|rules| (sources, rules)).ok_or_else(|| Error::config(found).into())
}

/// The rules of all layers, compiled.
pub(crate) fn rules(named: Option<&Path>) -> Result<RuleSet, Failure> {
    Ok(rules::ready(&layers(named)?)?)
}
