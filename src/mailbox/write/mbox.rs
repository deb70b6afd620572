//! Appending to an mboxrd file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::{envelope, from_line, line_ending, private_file};
use crate::Error;
use crate::mailbox::detect::{self, Content};
use crate::mailbox::separator;
use crate::mailbox::stamp::MARK;

/// An mbox that mails are appended to, as mboxrd, under a lock that lasts as long as this value.
///
/// The lock is the operating system's advisory one (`flock` on Unix); opening waits for it.
#[derive(Debug)]
pub struct MboxWriter {
    file: File,
    path: PathBuf,
    length: u64,
    /// What the next mail needs before it to come after a blank line.
    gap: &'static [u8],
}

impl MboxWriter {
    /// Opens the mbox at `path`, or makes one that only its owner can read, and locks it.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, created or locked, or exists and is no mbox.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path: PathBuf = path.into();
        let opened = private_file().read(true).append(true).create(true).open(&path);
        let mut file = opened.map_err(|fault| Error::io("open", &path, fault))?;
        file.lock().map_err(|fault| Error::io("lock", &path, fault))?;
        let (length, content, gap) = survey(&mut file).map_err(|fault| Error::io("read", &path, fault))?;
        match content {
            Content::Empty | Content::Mbox => Ok(Self { file, path, length, gap }),
            Content::Compressed(_) => {
                Err(Error::data(Some(&path), "is compressed; mails can only be added to a plain mbox"))
            }
            Content::Other(what) => Err(Error::data(Some(&path), what)),
            _ => Err(Error::data(Some(&path), "is not an mbox; no mail was added to it")),
        }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a mail and gives the byte offset of its `From ` line. That line is `from_line` when
    /// it has a sender and a date, else it is made from the mail's header.
    ///
    /// # Errors
    ///
    /// When the mail could not be written whole; the file is then as long as before.
    pub fn append(&mut self, from_line: Option<&[u8]>, mail: &[u8]) -> Result<u64, Error> {
        let offset = self.length + self.gap.len() as u64;
        self.append_composed(&self.compose([(from_line, mail)]))?;
        Ok(offset)
    }

    /// How long the file is.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes that appending these mails, each with its `From ` line, would add to the file. For
    /// those who note what they are about to write.
    #[must_use]
    pub fn compose<'m>(&self, mails: impl IntoIterator<Item = (Option<&'m [u8]>, &'m [u8])>) -> Vec<u8> {
        let mut bytes = self.gap.to_vec();
        for (from_line, mail) in mails {
            bytes.extend_from_slice(&entry(from_line, mail));
        }
        bytes
    }

    /// Appends what [`compose`](Self::compose) gave since anything was appended last.
    ///
    /// # Errors
    ///
    /// When it could not be written whole; the file is then as long as before.
    pub fn append_composed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        append_whole(&mut self.file, self.length, bytes)
            .map_err(|fault| Error::io("write", &self.path, fault))?;
        self.length += bytes.len() as u64;
        self.gap = b"";
        Ok(())
    }

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    ///
    /// When the system cannot promise that.
    pub fn sync(&self) -> Result<(), Error> {
        self.file.sync_all().map_err(|fault| Error::io("write", &self.path, fault))
    }

    /// [`sync`](Self::sync), and gives up the lock.
    ///
    /// # Errors
    ///
    /// As for [`sync`](Self::sync).
    pub fn finish(self) -> Result<(), Error> {
        self.sync()
    }
}

/// What a file to append to is like: its length, what it holds, and what is missing at its end.
fn survey(file: &mut File) -> io::Result<(u64, Content, &'static [u8])> {
    let mut prefix = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    Read::by_ref(file).take(detect::PREFIX as u64).read_to_end(&mut prefix)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(4)))?;
    let mut tail = Vec::new();
    Read::by_ref(file).take(4).read_to_end(&mut tail)?;
    let gap: &[u8] = match tail.as_slice() {
        [] | [.., b'\n', b'\n'] | [.., b'\n', b'\r', b'\n'] | [b'\n'] | [b'\r', b'\n'] => b"",
        [.., b'\r', b'\n'] => b"\r\n",
        [.., b'\n'] => b"\n",
        _ => b"\n\n",
    };
    Ok((length, detect::content(&prefix, prefix.len() as u64 == length), gap))
}

/// A file, as far as appending goes.
trait Tail {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Tail for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// Appends all of `bytes`, or leaves the file at `length`.
fn append_whole(file: &mut impl Tail, length: u64, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes).map_err(|fault| match file.cut(length) {
        Ok(()) => fault,
        Err(worse) => io::Error::new(worse.kind(), format!("{fault}, and part of the mail is left: {worse}")),
    })
}

/// A mail as it stands in an mboxrd: `From ` line, quoted bytes, blank line.
fn entry(given: Option<&[u8]>, mail: &[u8]) -> Vec<u8> {
    let (line, mail) = envelope(given, mail);
    let ending = line_ending(mail);
    let mut out = from_line::compose(line, mail);
    out.reserve(mail.len() + 64);
    out.extend_from_slice(ending);
    let begin = out.len();
    quote(mail, &mut out);
    if !mail.is_empty() && !mail.ends_with(b"\n") {
        out.extend_from_slice(ending);
    }
    if !separator::may_follow(out.get(begin..).unwrap_or_default()) {
        out.splice(begin..begin, ending.iter().copied());
    }
    out.extend_from_slice(ending);
    out
}

/// Puts a `>` before every line of `>`s followed by `From `.
fn quote(mail: &[u8], out: &mut Vec<u8>) {
    let mut copied = 0;
    for hit in memmem::find_iter(mail, MARK) {
        let before = mail.get(copied..hit).unwrap_or_default();
        let quotes = before.iter().rev().take_while(|byte| **byte == b'>').count();
        let start = hit - quotes;
        if start > 0 && mail.get(start - 1) != Some(&b'\n') {
            continue;
        }
        out.extend_from_slice(mail.get(copied..start).unwrap_or_default());
        out.push(b'>');
        copied = start;
    }
    out.extend_from_slice(mail.get(copied..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{self, Mail, Options};

    fn read(path: &Path) -> Vec<Mail> {
        mailbox::open(path, Options::default()).unwrap().map(Result::unwrap).collect()
    }

    /// What reading must give back for `mail`: the same, but for what an mbox cannot hold.
    fn expected(mail: &[u8]) -> Vec<u8> {
        let (_, mail) = envelope(None, mail);
        let ending = line_ending(mail);
        let mut want = mail.to_vec();
        if !mail.is_empty() && !mail.ends_with(b"\n") {
            want.extend_from_slice(ending);
        }
        let mut quoted = Vec::new();
        quote(&want, &mut quoted);
        if separator::may_follow(&quoted) { want } else { [ending, &want].concat() }
    }

    /// The next number of a small generator (xorshift).
    fn roll(state: &mut u64) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        usize::try_from(*state >> 33).unwrap()
    }

    const PIECES: &[&[u8]] = &[
        b"From ",
        b">From ",
        b">>From jo",
        b"\n",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"a",
        b"Subject: x",
        b"To: y\n",
        b"From: z\n",
        b"From jo@example.org Mon Mar  2 08:37:00 2026\n",
        b"\nFrom jo Mon Mar  2 08:37:00 2026\nSubject: x\n\n",
        b">",
        b" ",
        b"\xFF\xFE",
        b"From - Mon Mar  2 08:37:00 2026",
        b"\r",
        b"X-Status: RO\n",
        b"--b\n",
        b"From \nTo: a\nCc: b\n",
        b"Content-Length: 9\n",
        b"Content-Length: 60\n",
        b"Content-Length: 100\n",
    ];

    /// Some mails of such pieces.
    fn hostile(state: &mut u64) -> Vec<Vec<u8>> {
        let pieces = |state: &mut u64| -> Vec<u8> {
            (0..roll(state) % 12).flat_map(|_| PIECES[roll(state) % PIECES.len()].to_vec()).collect()
        };
        (0..1 + roll(state) % 6).map(|_| pieces(state)).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut state = 0x9E37_79B9_7F4A_7C15;
        for _ in 0..4000 {
            // Whether a length may lead over a separator, the first mail says; here it says no.
            let mails = [vec![b"Subject: 1\n\nx\n".to_vec()], hostile(&mut state)].concat();
            let (mut mbox, mut offsets) = (Vec::new(), Vec::new());
            for mail in &mails {
                offsets.push(mbox.len() as u64);
                mbox.extend(entry(None, mail));
            }
            let found = mailbox::stream("-", io::Cursor::new(mbox.clone()), Options::default()).unwrap();
            let found: Vec<Mail> = found.map(Result::unwrap).collect();
            let shown = mbox.escape_ascii();
            assert_eq!(found.iter().map(Mail::offset).collect::<Vec<_>>(), offsets, "{shown}");
            for (mail, found) in mails.iter().zip(&found) {
                assert_eq!(expected(mail), &*found.bytes(), "{shown}");
            }
        }
    }

    #[test]
    fn writers_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox");
        let mut state = 0x2545_F491_4F6C_DD1D;
        let mut wanted = Vec::new();
        for _ in 0..10 {
            let mails = [vec![b"Subject: 1\n\nx\n".to_vec()], hostile(&mut state)].concat();
            let mut writer = MboxWriter::open(&path).unwrap();
            for mail in &mails {
                let offset = writer.append(None, mail).unwrap();
                wanted.push((offset, expected(mail)));
            }
            writer.finish().unwrap();
        }
        let found: Vec<_> =
            read(&path).iter().map(|mail| (mail.offset(), mail.bytes().into_owned())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn comes_after_a_blank_line_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox");
        let first = "From jo Mon Mar  2 08:37:00 2026\nSubject: 1\n\nx";
        for (before, length) in
            [(String::new(), 0), (first.into(), 48), (format!("{first}\n"), 48), (format!("{first}\n\n"), 48)]
        {
            std::fs::write(&path, &before).unwrap();
            let mut writer = MboxWriter::open(&path).unwrap();
            assert_eq!(writer.append(None, b"Subject: 2\n\ny\n").unwrap(), length, "{before:?}");
            writer.finish().unwrap();
            assert_eq!(read(&path).len(), 1 + usize::from(!before.is_empty()), "{before:?}");
        }
        std::fs::write(&path, "\x1F\u{8b}").unwrap();
        assert!(MboxWriter::open(&path).unwrap_err().is_data());
        std::fs::write(&path, "Subject: one mail\n\nalone\n").unwrap();
        assert!(MboxWriter::open(&path).unwrap_err().is_data());
    }

    /// A disk with room for so many bytes.
    struct Full(Vec<u8>, usize);

    impl Tail for Full {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            let room = bytes.len().min(self.1 - self.0.len());
            self.0.extend_from_slice(&bytes[..room]);
            if room == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            self.0.truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_leaves_no_half_mail() {
        let mut disk = Full(b"before".to_vec(), 20);
        assert!(append_whole(&mut disk, 6, b"0123456789").is_ok());
        assert_eq!(
            append_whole(&mut disk, 16, b"0123456789").unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(disk.0, b"before0123456789");
    }
}
