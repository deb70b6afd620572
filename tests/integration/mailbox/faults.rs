//! What is no mailbox, what is missing, and what goes wrong half way.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use postroom::mailbox::{self, Mail, Mails, Options, Remark};
use tempfile::tempdir;

const MAIL: &str = "Subject: a\n\nb\n";
const SEPARATOR: &str = "From jo@example.org Mon Mar  2 08:37:00 2026\n";

fn open(path: &Path) -> Mails {
    mailbox::open(path, Options::default()).unwrap()
}

fn remarks(mails: &mut Mails) -> Vec<Remark> {
    mails.take_warnings().into_iter().map(|warning| warning.remark).collect()
}

/// The one error that opening or reading gives, in words.
fn fault(path: &Path) -> String {
    match mailbox::open(path, Options::default()) {
        Err(fault) => fault.to_string(),
        Ok(mails) => {
            let all: Vec<_> = mails.collect();
            assert_eq!(all.len(), 1, "{}", path.display());
            all.into_iter().next().unwrap().unwrap_err().to_string()
        }
    }
}

#[test]
fn no_mailbox_is_an_error_in_words() {
    let folder = tempdir().unwrap();
    let cases: &[(&str, &[u8], &str)] = &[
        ("inbox.pst", b"!BDN\0\0\0\0", "is an Outlook data file; export it as mbox"),
        ("a.png", b"\x89PNG\r\n\x1A\n", "looks like a PNG image"),
        ("a.zip", b"PK\x03\x04\0\0", "looks like a ZIP archive or an Office document; unpack it first"),
        ("Inbox.msf", b"// <!-- <mdb:mork:z v=\"1.4\"/> -->", "is Thunderbird's index of a mailbox"),
        (
            "letter.txt",
            b"Dear all,\n\nwe start on Monday.\n",
            "starts with neither a From line nor a mail header",
        ),
        ("a.bin", &[0, 1, 2, 3], "is binary data that is no mailbox known here"),
    ];
    for (name, bytes, want) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let fault = fault(&path);
        assert!(fault.starts_with(&format!("{}: {want}", path.display())), "{fault}");
    }
    let missing = mailbox::open(folder.path().join("none"), Options::default()).unwrap_err();
    assert!(missing.is_not_found());
}

#[test]
fn nothing_is_never_silent() {
    let folder = tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(fault(&empty).ends_with("empty folder: no mail in it"));
    fs::write(empty.join("a.txt"), "notes").unwrap();
    assert!(fault(&empty).contains("no mail in it: ") && fault(&empty).ends_with("a.txt holds no mail"));
    for (name, bytes) in [("inbox", ""), ("inbox.mbox", "\n\n")] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let mut mails = open(&folder.path().join(name));
        assert!(mails.next().is_none());
        assert_eq!(remarks(&mut mails), [Remark::Empty]);
    }
    let maildir = folder.path().join("Maildir");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let mut mails = open(&maildir);
    assert!(mails.next().is_none());
    assert_eq!(remarks(&mut mails), [Remark::Empty]);
}

#[test]
fn a_stream_is_an_mbox_or_a_mail_by_its_first_bytes() {
    let packed = {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(format!("{SEPARATOR}{MAIL}").as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (format!("{SEPARATOR}{MAIL}\n{SEPARATOR}{MAIL}").into(), &[MAIL, MAIL]),
        (MAIL.into(), &[MAIL]),
        (b"only text\n".to_vec(), &["only text\n"]),
        (packed, &[MAIL]),
        (Vec::new(), &[]),
    ];
    for (bytes, want) in cases {
        let mails = mailbox::stream("-", io::Cursor::new(bytes), Options::default()).unwrap();
        let texts: Vec<_> =
            mails.map(|mail| String::from_utf8(mail.unwrap().bytes().into_owned()).unwrap()).collect();
        assert_eq!(texts, want);
    }
    assert!(mailbox::stream("-", &b"%PDF-1.7"[..], Options::default()).unwrap_err().is_data());
}

/// Gives its bytes and then fails.
struct Cut(io::Cursor<Vec<u8>>);

impl Read for Cut {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.0.read(room)? {
            0 => Err(io::Error::other("line cut")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_fault_half_way_comes_after_the_mails_before_it() {
    let mbox = format!("{SEPARATOR}{MAIL}\n").repeat(3000);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(mbox.as_bytes()).unwrap();
    let mut packed = packer.finish().unwrap();
    packed.truncate(packed.len() - 20);
    for bytes in [mbox.into_bytes(), packed, MAIL.into()] {
        let mails = mailbox::stream("-", Cut(io::Cursor::new(bytes)), Options::default()).unwrap();
        let all: Vec<_> = mails.collect();
        let (last, before) = all.split_last().unwrap();
        assert!(!before.is_empty() && before.iter().all(Result::is_ok), "{all:?}");
        assert!(last.as_ref().unwrap_err().is_io());
    }
}

#[test]
fn one_bad_file_does_not_end_a_folder() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("a.eml"), MAIL).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(MAIL.repeat(3000).as_bytes()).unwrap();
    let mut packed = packer.finish().unwrap();
    packed.truncate(packed.len() / 2);
    fs::write(folder.path().join("b.eml.gz"), packed).unwrap();
    fs::write(folder.path().join("c.eml"), MAIL).unwrap();
    let all: Vec<_> = open(folder.path()).collect();
    assert_eq!(all.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
}

/// The mails and faults of the compressed mailbox in the fixtures, after this was done to its bytes.
fn packed(ending: &str, change: impl FnOnce(&mut Vec<u8>)) -> (usize, Vec<postroom::Error>) {
    let folder = tempdir().unwrap();
    let path = folder.path().join(format!("inbox.mbox.{ending}"));
    let mut bytes = fs::read(super::root().join(path.file_name().unwrap())).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    match mailbox::open(&path, Options::default()) {
        Ok(mails) => {
            let (mails, faults): (Vec<_>, Vec<_>) = mails.partition(Result::is_ok);
            (mails.len(), faults.into_iter().map(Result::unwrap_err).collect())
        }
        Err(fault) => (0, vec![fault]),
    }
}

#[test]
fn damaged_packing_is_bad_data_in_words() {
    for ending in ["gz", "bz2", "xz", "zst"] {
        let (_, faults) = packed(ending, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
        });
        assert_eq!(faults.len(), 1, "{ending}");
        let cause = std::error::Error::source(&faults[0]).unwrap().to_string();
        assert!(
            faults[0].is_data() && cause.starts_with("the compressed data is damaged"),
            "{ending}: {cause}"
        );
        let (_, faults) = packed(ending, |bytes| bytes.truncate(bytes.len() - 9));
        let cause = std::error::Error::source(&faults[0]).unwrap().to_string();
        assert!(faults[0].is_data() && cause == "the compressed data breaks off", "{ending}: {cause}");
    }
}

#[test]
fn padding_after_packing_is_passed_over() {
    for ending in ["gz", "bz2", "xz", "zst"] {
        let (mails, _) = packed(ending, |_| {});
        for zeros in [4, 512, 100_000] {
            let (padded, faults) = packed(ending, |bytes| bytes.extend(vec![0; zeros]));
            assert!(faults.is_empty() && padded == mails, "{ending}: {faults:?}");
        }
        let (both, faults) = packed(ending, |bytes| {
            let again = bytes.clone();
            bytes.extend([0; 512]);
            bytes.extend(again);
        });
        assert!(faults.is_empty() && both == 2 * mails, "{ending}: {faults:?}");
    }
}

#[test]
fn a_packed_mail_that_breaks_off_anywhere_is_a_fault() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("a.eml"), MAIL).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(MAIL.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    for length in 3..packed.len() {
        fs::write(folder.path().join("b.gz"), &packed[..length]).unwrap();
        assert_eq!(open(folder.path()).filter(Result::is_err).count(), 1, "{length}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_once() {
    let folder = tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("a.eml"), MAIL).unwrap();
    std::os::unix::fs::symlink(folder.path(), inner.join("loop")).unwrap();
    std::os::unix::fs::symlink(inner.join("a.eml"), folder.path().join("link.eml")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("broken.eml")).unwrap();
    // As Thunderbird has one in a profile it has open.
    std::os::unix::fs::symlink("127.0.1.1:+1234", folder.path().join("lock")).unwrap();
    let mut mails = open(folder.path());
    let (files, faults): (Vec<_>, Vec<_>) = mails.by_ref().partition(Result::is_ok);
    let files: Vec<_> = files.into_iter().map(|mail| mail.unwrap().file().unwrap().to_owned()).collect();
    assert_eq!(files, [inner.join("a.eml"), folder.path().join("link.eml")]);
    let faults: Vec<_> = faults.into_iter().map(Result::unwrap_err).collect();
    assert!(faults.len() == 1 && faults[0].is_not_found(), "{faults:?}");
    assert_eq!(faults[0].path(), Some(folder.path().join("broken.eml").as_path()));
    assert_eq!(remarks(&mut mails), [Remark::NotFollowed(inner.join("loop"))]);
}

/// The paths of all mails below a folder, and of all that could not be read.
fn below(folder: &Path) -> (Vec<String>, Vec<String>) {
    let short = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    let (mut mails, mut faults) = (Vec::new(), Vec::new());
    for read in open(folder) {
        match read {
            Ok(mail) => mails.push(short(mail.file().unwrap_or(&mail.source().path))),
            Err(fault) => faults.push(short(fault.path().unwrap())),
        }
    }
    (mails, faults)
}

fn make(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn nothing_in_a_maildir_is_passed_over_without_a_word() {
    let folder = tempdir().unwrap();
    let mbox = format!("{SEPARATOR}{MAIL}");
    make(
        folder.path(),
        &[
            ("cur/1.a:2,S", MAIL),
            ("new/sub/2.a", MAIL),
            ("Clients/Acme/cur/3.a:2,S", MAIL),
            ("Clients/Acme/new/.keep", ""),
            ("Clients/subscriptions", "Acme\n"),
            ("letters/4.eml", MAIL),
            ("sieve/main.sieve", "keep;\n"),
            ("archive.mbox", &mbox),
            ("stray.eml", MAIL),
            (".tool/5.eml", MAIL),
            ("dovecot-uidlist", "3 V1 N2\n"),
        ],
    );
    #[cfg(unix)]
    for link in ["cur/6.a:2,S", ".Sent"] {
        std::os::unix::fs::symlink("nowhere", folder.path().join(link)).unwrap();
    }
    let (mails, faults) = below(folder.path());
    assert_eq!(mails, ["cur/1.a:2,S", "Clients/Acme/cur/3.a:2,S", "archive.mbox", "letters/4.eml"]);
    let links: &[&str] = if cfg!(unix) { &["cur/6.a:2,S", "new/sub", ".Sent"] } else { &["new/sub"] };
    assert_eq!(faults, [links, &["stray.eml"]].concat());
}

#[test]
fn nothing_in_an_mh_folder_is_passed_over_without_a_word() {
    let folder = tempdir().unwrap();
    let mbox = format!("{SEPARATOR}{MAIL}");
    let files = [(".mh_sequences", ""), ("inbox.mbox", mbox.as_str()), (",3", MAIL), ("components", "To:\n")];
    make(folder.path(), &files);
    assert_eq!(below(folder.path()), (vec!["inbox.mbox".to_owned()], vec![]));
    make(folder.path(), &[("2", MAIL), ("stray.eml", MAIL)]);
    let mails = ["2", "inbox.mbox"].map(str::to_owned).to_vec();
    assert_eq!(below(folder.path()), (mails, vec!["stray.eml".to_owned()]));
}

#[test]
fn what_went_away_or_was_moved_meanwhile_is_no_fault() {
    let folder = tempdir().unwrap();
    for (name, text) in [("new/1.a", MAIL), ("new/2.a", MAIL), ("cur/3.a:2,S", MAIL)] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut mails = open(folder.path());
    let first: Mail = mails.next().unwrap().unwrap();
    assert!(first.file().unwrap().ends_with("new/1.a"));
    fs::rename(folder.path().join("new/2.a"), folder.path().join("cur/2.a:2,RS")).unwrap();
    let second = mails.next().unwrap().unwrap();
    assert!(second.file().unwrap().ends_with("cur/2.a:2,RS") && second.marks().flags.replied);
    fs::remove_file(folder.path().join("cur/3.a:2,S")).unwrap();
    assert!(mails.next().is_none());
    assert_eq!(remarks(&mut mails), [Remark::Vanished(folder.path().join("cur/3.a:2,S"))]);
}

#[test]
fn a_growing_mailbox_ends_where_it_ended_when_it_was_opened() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("inbox");
    fs::write(&path, format!("{SEPARATOR}{MAIL}\n").repeat(1000)).unwrap();
    let mut mails = mailbox::open(&path, Options { block: 10_000, ..Options::default() }).unwrap();
    mails.next().unwrap().unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    write!(file, "{SEPARATOR}{MAIL}").unwrap();
    assert_eq!(mails.count(), 999);
}
