//! `postroom compile`: the rules of a folder, read ready-made from then on.

use std::path::PathBuf;

use clap::Args;
use postroom::rules::layer::Layer;
use postroom::rules::saved::{self, Form};

use super::exit::Exit;
use super::failure::Failure;
use super::options::Global;
use super::{folders, print, rule_files};

/// Compile the rules of a folder, so that every mail in a pipe finds them ready
#[derive(Args, Debug)]
#[command(
    after_help = "Writes the file `compiled.rules` into the folder, which is read in place of the rule files for as long \
    as they say what they said. After a change, or with another version of the program, they are compiled for each \
    mail again until this is run again; `postroom check` tells.\n\n\
    The file is of all rules that count for whoever runs this: another user may have further ones.\n\n\
    Examples:\n  \
    postroom compile /etc/postroom\n  \
    postroom check rules && postroom compile rules"
)]
pub(crate) struct Compile {
    /// Folder of rules, as with --rules [default: of those that count, the one laid over all others]
    #[arg(value_name = "DIR", conflicts_with = "rules")]
    folder: Option<PathBuf>,
}

impl Compile {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let layers = folders::layers(self.folder.as_deref().or(global.rules.as_deref()))?;
        let Some(Layer::Folder(folder)) = layers.last() else {
            let message = "there is no folder of rules; the built-in ones come compiled";
            return Err(Failure::new(Exit::Usage, message));
        };
        let _held = rule_files::hold(folder)?;
        let Form { path, bytes, rules } = saved::form(&layers)?;
        rule_files::replace(&path, &bytes)?;
        let of = layers.iter().map(|layer| match layer {
            Layer::Folder(folder) => folder.display().to_string(),
            Layer::BuiltIn | Layer::Files(_) => "the built-in rules".to_owned(),
        });
        let (of, count, kilobytes) = (of.collect::<Vec<_>>(), rules.rules.len(), bytes.len().div_ceil(1000));
        print(&format!(
            "{}: {count} rules, {kilobytes} kB, of {}; rules {}\n",
            path.display(),
            of.join(", "),
            rules.hash
        ))?;
        Ok(Exit::Fine)
    }
}
