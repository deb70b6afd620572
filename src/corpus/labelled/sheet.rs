//! The sheet of labels beside a mailbox: tab-separated, a header line, one line a mail.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::label::Label;
use super::{Fault, Place};
use crate::Error;

/// Largest sheet read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What a sheet says, by `Message-ID` without angle brackets.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rows: BTreeMap<String, Row>,
}

/// One label of a sheet.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) label: Label,
    /// A later line that says something else.
    pub(super) contradicted: Option<(Label, Place)>,
    /// Whether a mail was found for it.
    pub(super) used: bool,
}

/// Where the sheet of a mailbox stands: `X.labels.tsv` beside `X.mbox`, `X.mbox.gz` or the folder `X`.
pub(super) fn beside(mailbox: &Path) -> Option<PathBuf> {
    let name = mailbox.file_name()?.to_str()?;
    let stems = [
        Some(name),
        name.rsplit_once(".mbox").map(|(stem, _)| stem),
        name.rsplit_once('.').map(|(stem, _)| stem),
    ];
    let sheets = stems.into_iter().flatten().map(|stem| mailbox.with_file_name(format!("{stem}.labels.tsv")));
    sheets.into_iter().find(|path| path.is_file())
}

impl Sheet {
    /// Reads a sheet. A line that is not right is a fault, and the others count.
    pub(super) fn open(path: &Path, faults: &mut Vec<Fault>) -> Result<Self, Error> {
        let io = |cause| Error::io("read", path, cause);
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(io)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::data(Some(path), "larger than 64 MiB"));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(Error::data(Some(path), "not UTF-8 text"));
        };
        Self::read(path, &text, faults)
    }

    fn read(path: &Path, text: &str, faults: &mut Vec<Fault>) -> Result<Self, Error> {
        let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
        let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').map(str::trim).collect();
        let column = |name: &str| names.iter().position(|given| *given == name);
        let (Some(id), Some(class)) = (column("message_id"), column("class")) else {
            return Err(Error::data(
                Some(path),
                "the first line must name the columns `message_id` and `class`",
            ));
        };
        let (owner, topics, difficulty) = (column("owner"), column("topics"), column("difficulty"));
        let mut sheet = Self::default();
        for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let cell =
                |column: Option<usize>| column.and_then(|at| cells.get(at)).copied().unwrap_or_default();
            let place = Place::line(path, number + 2);
            let id = bare_id(cell(Some(id)));
            let label = Label::read(cell(Some(class)), cell(owner), cell(topics), cell(difficulty));
            match label {
                Ok(_) if id.is_empty() => {
                    faults.push(Fault { place, what: "a label without a message_id".to_owned() });
                }
                Ok(label) => sheet.add(id, place, label),
                Err(what) => faults.push(Fault { place, what }),
            }
        }
        Ok(sheet)
    }

    fn add(&mut self, id: &str, place: Place, label: Label) {
        match self.rows.get_mut(id) {
            None => {
                let row = Row { place, label, contradicted: None, used: false };
                self.rows.insert(id.to_owned(), row);
            }
            Some(row) => match row.label.merge(&label) {
                Some(merged) => row.label = merged,
                None => row.contradicted = row.contradicted.take().or(Some((label, place))),
            },
        }
    }

    /// The label of a mail; notes that there is a mail for it.
    pub(super) fn take(&mut self, id: &str) -> Option<&Row> {
        let row = self.rows.get_mut(id)?;
        row.used = true;
        Some(row)
    }

    /// Labels for which no mail was found, in the order of their lines.
    pub(super) fn unused(&self) -> Vec<(String, Place)> {
        let unused = self.rows.iter().filter(|(_, row)| !row.used);
        let mut unused: Vec<_> = unused.map(|(id, row)| (id.clone(), row.place.clone())).collect();
        unused.sort_by(|one, other| one.1.cmp(&other.1));
        unused
    }
}

/// A `Message-ID` without its angle brackets.
fn bare_id(id: &str) -> &str {
    id.strip_prefix('<').unwrap_or(id).strip_suffix('>').unwrap_or(id.strip_prefix('<').unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Sheet, Vec<String>) {
        let mut faults = Vec::new();
        let sheet = Sheet::read(Path::new("X.labels.tsv"), text, &mut faults).unwrap();
        (sheet, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn columns_are_found_by_name() {
        let (mut sheet, faults) =
            read("\u{feff}note\tclass\tmessage_id\r\nx\tother\t<a@b>\r\n\r\ny\tnew-project\tc@d\r\n");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(sheet.take("a@b").unwrap().label.to_string(), "other");
        assert_eq!(sheet.unused(), [("c@d".to_owned(), Place::line(Path::new("X.labels.tsv"), 4))]);
        assert!(Sheet::read(Path::new("x"), "id\tclass\n", &mut Vec::new()).is_err());
    }

    #[test]
    fn a_wrong_line_is_a_fault_with_its_place_and_the_rest_counts() {
        let (mut sheet, faults) = read("message_id\tclass\n<a@b>\tothr\n\tother\n<c@d>\tother\n");
        assert_eq!(faults.len(), 2);
        assert!(faults[0].starts_with("X.labels.tsv:2: unknown class `othr`"), "{faults:?}");
        assert_eq!(faults[1], "X.labels.tsv:3: a label without a message_id");
        assert!(sheet.take("c@d").is_some());
    }

    #[test]
    fn a_mail_labelled_twice_differently_keeps_both_places() {
        let (mut sheet, _) = read("message_id\tclass\n<a@b>\tother\n<a@b>\tother\n<a@b>\tnew-project\n");
        let row = sheet.take("a@b").unwrap();
        assert_eq!(row.contradicted.as_ref().unwrap().1.to_string(), "X.labels.tsv:4");
    }

    #[test]
    fn brackets_come_off_whole() {
        for (id, bare) in [("<a@b>", "a@b"), ("a@b", "a@b"), ("<a@b", "a@b"), ("a@b>", "a@b"), ("", "")] {
            assert_eq!(bare_id(id), bare);
        }
    }
}
