//! `postroom sort`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use postroom::mailbox;
use postroom::triage::output::stamp;
use tempfile::TempDir;

use crate::common::{Ran, TIMBER, fixture, folder, postroom, ran, run};

/// Runs `sort` into a folder.
fn sorted(into: &Path, args: &[&str]) -> Ran {
    run(postroom(&["sort", "--into", into.to_str().unwrap()]).args(args), b"")
}

/// Every mail in a folder of mailboxes without our fields, and how often it is there.
fn mails(path: impl AsRef<Path>) -> BTreeMap<Vec<u8>, usize> {
    let mut found = BTreeMap::new();
    for mail in mailbox::open(path.as_ref(), mailbox::Options::default()).unwrap() {
        let mail = mail.unwrap();
        *found.entry(stamp::part(&mail.bytes()).unstamped().into_owned()).or_default() += 1;
    }
    found
}

/// Everything in a folder, by path, bytes and all.
fn contents(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

fn fresh() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn every_mail_is_copied_once_and_a_second_run_adds_nothing() {
    let inbox = fixture("inbox.mbox");
    let source = mails(&inbox);
    for by in ["owner", "class", "account"] {
        for kind in ["mbox", "maildir"] {
            for more in [&[][..], &["--copy-tags"]] {
                let temporary = fresh();
                let into = temporary.path().join("sorted");
                let args = [&["--by", by, "--as", kind, &inbox][..], more].concat();
                let first = sorted(&into, &args);
                assert_eq!(first.code, Some(0), "{}", first.stderr);
                assert!(first.stdout.ends_with("45 copied, 0 there already\n"), "{}", first.stdout);
                assert_eq!(mails(&into), source, "{args:?}");
                let before = contents(&into);
                let second = sorted(&into, &args);
                assert!(second.stdout.ends_with("0 copied, 45 there already\n"), "{}", second.stdout);
                assert_eq!(contents(&into), before);
            }
        }
    }
}

#[test]
fn mails_lie_where_classify_says() {
    let inbox = fixture("inbox.mbox");
    let words = ran(&["classify", "--format", "word", &inbox]).stdout;
    let temporary = fresh();
    let into = temporary.path().join("sorted");
    assert_eq!(sorted(&into, &["--by", "class", "--copy-tags", &inbox]).code, Some(0));
    let mut counted = BTreeMap::new();
    for word in words.lines() {
        *counted.entry(format!("{word}.mbox")).or_insert(0) += 1;
    }
    for (name, count) in counted {
        let found: usize = mails(into.join(&name)).values().sum();
        assert_eq!(found, count, "{name}");
        let class = format!("X-Postroom-Class: {}\n", name.trim_end_matches(".mbox"));
        let text = fs::read(into.join(&name)).unwrap();
        assert_eq!(String::from_utf8_lossy(&text).matches(&class).count(), count, "{name}");
    }
}

#[test]
fn a_dry_run_says_the_same_and_makes_nothing() {
    let inbox = fixture("inbox.mbox");
    let temporary = fresh();
    let into = temporary.path().join("sorted");
    let dry = sorted(&into, &["--by", "owner", "--dry-run", &inbox]);
    assert_eq!(dry.code, Some(0));
    assert!(!into.exists());
    let real = sorted(&into, &["--by", "owner", &inbox]);
    assert_eq!(dry.stdout.replace("would be copied", "copied"), real.stdout);
    let before = contents(&into);
    let again = sorted(&into, &["--by", "owner", "--dry-run", &inbox]);
    assert!(again.stdout.ends_with("0 would be copied, 45 there already\n"), "{}", again.stdout);
    assert_eq!(contents(&into), before);
}

#[test]
fn folders_and_files_of_somebody_else_are_left_alone() {
    let inbox = fixture("inbox.mbox");
    let foreign = folder(&[("notes.txt", "mine")]);
    let refused = sorted(foreign.path(), &["--by", "owner", &inbox]);
    assert_eq!((refused.code, fs::read_dir(foreign.path()).unwrap().count()), (Some(64), 1));
    assert!(refused.stderr.contains("name a new or empty folder"), "{}", refused.stderr);

    let temporary = fresh();
    let into = temporary.path().join("sorted");
    let (one, other) = (temporary.path().join("one.eml"), temporary.path().join("other.eml"));
    // Nobody owns the other mail, so this one must have an owner.
    fs::write(&one, TIMBER.replace("Timber marmalade.", "When will the homepage be ready?")).unwrap();
    fs::write(&other, "From: x@y.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nAway.\n")
        .unwrap();
    assert_eq!(sorted(&into, &["--by", "owner", other.to_str().unwrap()]).code, Some(0));
    let place = ran(&["classify", "--word", "owner", one.to_str().unwrap()]).stdout;
    let class = ran(&["classify", "--format", "word", one.to_str().unwrap()]).stdout;
    let unsure = if class.trim() == "unsure" { "unsure-" } else { "" };
    let taken = into.join(format!("{unsure}{}.mbox", place.trim()));
    fs::write(&taken, "From somebody else").unwrap();
    let refused = sorted(&into, &["--by", "owner", one.to_str().unwrap()]);
    assert_eq!(refused.code, Some(64));
    assert!(refused.stderr.contains("postroom did not make it"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&taken).unwrap(), "From somebody else");
}

#[test]
fn other_settings_and_folders_in_one_another_are_refused() {
    let temporary = fresh();
    let into = temporary.path().join("sorted");
    let inbox = fixture("inbox.mbox");
    assert_eq!(sorted(&into, &["--by", "owner", &inbox]).code, Some(0));
    for args in [["--by", "class"], ["--as", "maildir"], ["--by", "account"]] {
        let by: &[&str] = if args[0] == "--by" { &[] } else { &["--by", "owner"] };
        let refused = sorted(&into, &[by, &args[..], &[&inbox]].concat());
        assert_eq!(refused.code, Some(64));
        assert!(refused.stderr.contains("other settings (by = owner, as = mbox"), "{}", refused.stderr);
    }
    let nested = sorted(&into.join("deeper"), &["--by", "owner", into.to_str().unwrap()]);
    assert_eq!(nested.code, Some(64));
    assert!(nested.stderr.contains("one inside the other"), "{}", nested.stderr);
    let roundabout = temporary.path().join("none/../sorted/deeper");
    let nested = sorted(&roundabout, &["--by", "owner", into.to_str().unwrap()]);
    assert!(nested.stderr.contains("one inside the other"), "{}", nested.stderr);
    assert!(nested.code == Some(64) && !temporary.path().join("none").exists());
}

#[test]
fn hostile_accounts_stay_in_the_folder() {
    let ids = ["-", "larkmoor", "lost-found", "unknown", "con", "postroom-sort"];
    let account =
        |(at, id): (usize, &&str)| format!("[[account]]\nid = '{id}'\ndomains = ['c{at}.example']\n");
    let accounts: String = ids.iter().enumerate().map(account).collect();
    let rules =
        folder(&[("accounts.toml", &accounts), ("escaping/accounts.toml", &account((0, &"../../escaped")))]);
    let mut mbox = String::new();
    for at in 0..=ids.len() {
        mbox += &format!(
            "From a Mon Mar  2 08:37:00 2026\nFrom: jo@c{at}.example\nMessage-ID: <{at}@c>\nSubject: Homepage\n\n\
             When will it be ready?\n\n"
        );
    }
    let source = rules.path().join("in.mbox");
    fs::write(&source, mbox).unwrap();
    let temporary = fresh();
    let into = temporary.path().join("deep/sorted");
    let args = ["--rules", rules.path().to_str().unwrap(), "--by", "account", source.to_str().unwrap()];
    let ended = sorted(&into, &args);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut names: Vec<String> = fs::read_dir(&into)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().to_lowercase())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), ids.len() + 1, "{names:?}");
    assert!(names.contains(&"larkmoor.mbox".to_owned()) && names.contains(&"unknown.mbox".to_owned()));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    assert_eq!(mails(&into), mails(&source));
    let escaping = rules.path().join("escaping");
    let refused = sorted(&into, &["--rules", escaping.to_str().unwrap(), "--by", "account", args[4]]);
    assert!(refused.code == Some(78) && refused.stderr.contains("an id has"), "{}", refused.stderr);
}

#[test]
fn one_run_at_a_time() {
    let temporary = fresh();
    let inbox = fixture("inbox.mbox");
    assert_eq!(sorted(temporary.path(), &["--by", "owner", &inbox]).code, Some(0));
    let settings = fs::File::open(temporary.path().join(".postroom-sort")).unwrap();
    settings.lock().unwrap();
    let second = sorted(temporary.path(), &["--by", "owner", &inbox]);
    assert_eq!(second.code, Some(75));
    assert!(second.stderr.contains("another run sorts into"), "{}", second.stderr);
}

#[test]
fn a_mail_that_is_not_whole_is_told_and_not_copied() {
    let temporary = fresh();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&fs::read(fixture("inbox.mbox")).unwrap()).unwrap();
    let packed = packer.finish().unwrap();
    let broken = temporary.path().join("broken.mbox.gz");
    fs::write(&broken, &packed[..packed.len() * 2 / 3]).unwrap();
    let into = temporary.path().join("sorted");
    let ended = sorted(&into, &["--by", "owner", broken.to_str().unwrap()]);
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
    assert!(ended.stdout.contains("1 not whole and left out"), "{}", ended.stdout);
    let (whole, copied) = (mails(fixture("inbox.mbox")), mails(&into));
    assert!(copied.len() > 10 && copied.keys().all(|mail| whole.contains_key(mail)));
}

/// A short mail that its subject tells from others.
fn small(subject: &str) -> String {
    format!("From: jo@example.org\nSubject: {subject}\n\nWhen will the homepage be ready?\n")
}

/// The subjects of all mails in a folder of mailboxes, sorted.
fn subjects(path: impl AsRef<Path>) -> Vec<String> {
    let texts = mails(path).into_keys().map(|mail| String::from_utf8_lossy(&mail).into_owned());
    let subject = |text: String| Some(text.split_once("Subject: ")?.1.lines().next()?.to_owned());
    let mut found: Vec<String> = texts.filter_map(subject).collect();
    found.sort();
    found
}

#[test]
fn the_mail_short_of_its_length_is_left_out_and_no_other() {
    let from = "From jo@example.org Mon Mar  2 08:37:00 2026\n";
    let cut = small("cut").replace("\n\n", "\nContent-Length: 5000\n\n");
    for whole in [&["one", "two"][..], &[]] {
        let temporary = fresh();
        let (source, into) = (temporary.path().join("in.mbox"), temporary.path().join("sorted"));
        let before: String = whole.iter().map(|subject| format!("{from}{}\n", small(subject))).collect();
        fs::write(&source, format!("{before}{from}{cut}")).unwrap();
        let ended = sorted(&into, &["--by", "owner", source.to_str().unwrap()]);
        assert_eq!(ended.code, Some(65), "{}", ended.stderr);
        assert!(ended.stdout.contains("1 not whole and left out"), "{}", ended.stdout);
        assert!(ended.stdout.contains(&format!("{} copied", whole.len())), "{}", ended.stdout);
        if !whole.is_empty() {
            assert_eq!(subjects(&into), whole);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_takes_no_mail_before_it_along() {
    let source = folder(&[("1.eml", &small("one")), ("3.eml", &small("three"))]);
    // The beginning of a gzip header.
    fs::write(source.path().join("2.eml"), b"\x1F\x8B\x08\0\0").unwrap();
    let temporary = fresh();
    let into = temporary.path().join("sorted");
    let ended = sorted(&into, &["--by", "owner", source.path().to_str().unwrap()]);
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
    assert!(ended.stdout.contains("2 copied, 0 there already\n"), "{}", ended.stdout);
    assert_eq!(subjects(&into), ["one", "three"]);
}

#[cfg(unix)]
#[test]
fn copies_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    fn check(path: &Path) {
        let meta = fs::metadata(path).unwrap();
        let want = if meta.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(meta.permissions().mode() & 0o777, want, "{}", path.display());
        for entry in fs::read_dir(path).into_iter().flatten() {
            check(&entry.unwrap().path());
        }
    }
    for kind in ["mbox", "maildir"] {
        let temporary = fresh();
        let into = temporary.path().join("new/sorted");
        let args = ["--by", "owner", "--as", kind, &fixture("inbox.mbox")];
        assert_eq!(sorted(&into, &args).code, Some(0));
        check(&temporary.path().join("new"));
    }
}

#[test]
fn a_second_from_line_is_the_mails_own() {
    let text = small("uucp");
    let mbox = format!(
        "From a@b.example Mon Mar  2 08:37:00 2026\n\
         >From b@c.example Mon Mar  2 08:37:00 2026 remote from host\n{text}\n"
    );
    let source = folder(&[("in.mbox", &mbox)]);
    let path = source.path().join("in.mbox");
    for kind in ["mbox", "maildir"] {
        let temporary = fresh();
        let into = temporary.path().join("sorted");
        let ended = sorted(&into, &["--by", "owner", "--as", kind, path.to_str().unwrap()]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(mails(&into), mails(&path), "{kind}");
        assert!(mails(&into).keys().all(|mail| mail.starts_with(b"From b@c.example ")), "{kind}");
    }
}

/// Kills runs at moments that differ, then lets one end: every mail is there exactly once.
#[test]
fn killed_at_any_moment_and_run_again_every_mail_is_there_once() {
    let sources = ["E", "F"].map(|set| fixture(&format!("corpus/{set}.mbox")));
    let mut source = mails(&sources[0]);
    source.extend(mails(&sources[1]));
    for kind in ["mbox", "maildir"] {
        let temporary = fresh();
        let into = temporary.path().join("sorted");
        let args = ["--by", "owner", "--as", kind, "--jobs", "1", &sources[0], &sources[1]];
        let mut killed = 0;
        for round in 0..12_u64 {
            let mut command = postroom(&["sort", "--into", into.to_str().unwrap()]);
            let quiet = command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = quiet.spawn().unwrap();
            thread::sleep(Duration::from_millis(60 + 70 * round));
            child.kill().unwrap();
            killed += u32::from(!child.wait().unwrap().success());
        }
        let last = sorted(&into, &args);
        assert_eq!(last.code, Some(0), "{}", last.stderr);
        assert!(killed > 0, "no run was killed in time");
        assert_eq!(mails(&into), source, "{kind}");
    }
}

/// A run killed between journal and mailbox, or in the middle of a mail: the next one appends the rest.
#[test]
fn a_batch_cut_short_is_completed_from_the_journal() {
    let temporary = fresh();
    let into = temporary.path().join("sorted");
    let inbox = fixture("inbox.mbox");
    // The journal of a whole run, kept by making the index unwritable, is easier made by hand: take the
    // state before the run and after it, and put the mailbox between the two.
    assert_eq!(sorted(&into, &["--by", "owner", &inbox]).code, Some(0));
    let whole = contents(&into);
    let am = into.join("am.mbox");
    let bytes = fs::read(&am).unwrap();
    let index = into.join(".postroom-sort.index");
    let text = fs::read_to_string(&index).unwrap();
    let (mut kept, mut hashes) = (String::new(), Vec::new());
    for line in text.lines() {
        match line.strip_prefix("mail ").and_then(|rest| rest.strip_suffix(" am.mbox")) {
            Some(hash) => hashes.push(hash),
            None => kept += &format!("{line}\n"),
        }
    }
    let head = format!("postroom journal 1\nam.mbox 0 {} {}\n", bytes.len(), hashes.len());
    let mut journal = [head.as_bytes(), hashes.join("\n").as_bytes(), b"\n", &bytes].concat();
    journal.extend(sha256(&journal).into_bytes());
    for part in [0, 1, 700, bytes.len() - 1, bytes.len()] {
        fs::write(&index, &kept).unwrap();
        fs::write(into.join(".postroom-sort.journal"), &journal).unwrap();
        fs::write(&am, &bytes[..part]).unwrap();
        let ended = sorted(&into, &["--by", "owner", &inbox]);
        assert!(ended.stdout.ends_with("0 copied, 45 there already\n"), "{part}: {}", ended.stdout);
        let mut now = contents(&into);
        let mut was = whole.clone();
        let name = index.display().to_string();
        let lines = |text: Vec<u8>| {
            let mut lines: Vec<String> =
                String::from_utf8(text).unwrap().lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(now.remove(&name).unwrap()), lines(was.remove(&name).unwrap()));
        assert_eq!(now, was);
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
