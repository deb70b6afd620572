use super::*;
use std::fs;

fn mail(id: &str, more: &str) -> String {
    format!("From: a@b.example\nSubject: Hello\nMessage-ID: <{id}>\n{more}\nHello.\n")
}

fn mbox(mails: &[String]) -> String {
    mails.iter().map(|mail| format!("From a@b.example Mon Mar  2 08:37:00 2026\n{mail}\n")).collect()
}

fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Id, label, group of each mail, the group without the folder's own path.
fn told(corpus: &Corpus, folder: &Path) -> Vec<(String, String, String)> {
    let group = |group: &str| group.strip_prefix(&folder.display().to_string()).unwrap().to_owned();
    corpus.mails.iter().map(|one| (one.id.clone(), one.label.to_string(), group(&one.group))).collect()
}

fn row(id: &str, label: &str, group: &str) -> (String, String, String) {
    (id.to_owned(), label.to_owned(), group.to_owned())
}

#[test]
fn classes_are_read_off_mailboxes_folders_and_maildirs() {
    let folder = folder(&[
        ("w/new-project.mbox", mbox(&[mail("a", ""), mail("b", "")])),
        ("w/other/c.eml", mail("c", "")),
        ("w/project-update/cur/1.x:2,S", mail("d", "")),
        ("w/project-update/new/2.x", mail("e", "")),
        ("w/project-update/.delivery-question/cur/3.x", mail("f", "")),
        ("w/project-update/.delivery-question/new/.keep", String::new()),
        ("inbox.mbox", mbox(&[mail("g", "")])),
        ("README.md", "Not mail.\n".to_owned()),
    ]);
    let corpus = read(&[folder.path().to_owned()]);
    let mut told = told(&corpus, folder.path());
    told.sort();
    let expected = [
        row("a", "new-project", "/w"),
        row("b", "new-project", "/w"),
        row("c", "other", "/w"),
        row("d", "project-update", "/w"),
        row("e", "project-update", "/w"),
        row("f", "delivery-question", "/w/project-update"),
    ];
    assert_eq!(told, expected);
    assert_eq!(corpus.unlabelled.len(), 1);
    assert!(corpus.errors.is_empty() && corpus.warnings.is_empty(), "{corpus:?}");
}

#[test]
fn a_mailbox_named_itself_is_read_like_one_found() {
    let folder = folder(&[
        ("new-project.mbox", mbox(&[mail("a", "")])),
        ("other/b.eml", mail("b", "")),
        ("X.mbox", mbox(&[mail("c", "")])),
        (
            "X.labels.tsv",
            "message_id\tclass\towner\ttopics\n<c>\tother\tnone\t-\n<gone>\tother\t\t\n".to_owned(),
        ),
    ]);
    let at = |name: &str| folder.path().join(name);
    let corpus = read(&[at("new-project.mbox"), at("other/b.eml"), at("X.mbox"), at("missing")]);
    let expected =
        [row("a", "new-project", ""), row("b", "other", ""), row("c", "other; owner=none; topics=", "/X")];
    assert_eq!(told(&corpus, folder.path()), expected);
    assert_eq!(corpus.unmatched, [("gone".to_owned(), Place { path: at("X.labels.tsv"), line: 3 })]);
    assert_eq!(corpus.errors.len(), 1);
}

#[test]
fn a_field_in_the_mail_is_a_label_and_a_wrong_one_a_fault() {
    let folder = folder(&[(
        "in.mbox",
        mbox(&[
            mail("a", "X-Postroom-Label: delivery-question;\n owner=pm; topics=timeline\n"),
            mail("b", "x-postroom-label: nonsense\n"),
        ]),
    )]);
    let corpus = read(&[folder.path().join("in.mbox")]);
    assert_eq!(
        told(&corpus, folder.path()),
        [row("a", "delivery-question; owner=pm; topics=timeline", "/in.mbox")]
    );
    assert_eq!(corpus.unlabelled.len(), 1);
    assert!(
        corpus.faults[0].to_string().contains("in.mbox:10: X-Postroom-Label: unknown class"),
        "{:?}",
        corpus.faults
    );
}

#[test]
fn two_labels_that_differ_are_reported_with_both_places_and_the_mail_left_out() {
    let folder = folder(&[
        ("other.mbox", mbox(&[mail("a", ""), mail("b", ""), mail("c", "X-Postroom-Label: new-project\n")])),
        ("new-project.mbox", mbox(&[mail("a", "")])),
        ("inbox.mbox", mbox(&[mail("b", ""), mail("a", "")])),
        ("more/other.mbox", mbox(&[mail("b", "")])),
    ]);
    let corpus = read(&[folder.path().to_owned()]);
    assert_eq!(corpus.mails.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b"]);
    let mut conflicts: Vec<String> = corpus.conflicts.iter().map(ToString::to_string).collect();
    conflicts.sort();
    assert_eq!(conflicts.len(), 2);
    for part in ["a: `", "other.mbox", "new-project.mbox", "`new-project` at"] {
        assert!(conflicts[0].contains(part), "{conflicts:?}");
    }
    assert!(conflicts[1].starts_with("c: `new-project` at"), "{conflicts:?}");
    assert_eq!((corpus.copies.len(), corpus.unlabelled.len()), (2, 0));
}
