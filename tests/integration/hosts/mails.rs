//! The mails that every host is given, and what is left of one without what hosts and we put on it.

/// A kind of mail.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

const HEADER: &str = "From: Anna Wills <anna@larkmoor.example>\n\
    To: studio@agency.example\n\
    Subject: Homepage\n\
    Date: Tue, 31 Mar 2026 10:02:00 +0100\n\
    Message-ID: <t1@larkmoor.example>\n";

/// A mail that the test's rules give to the project manager.
pub(super) fn plain() -> Vec<u8> {
    format!("{HEADER}\nTimber marmalade.\n.\nFrom here on it is text.\n").into_bytes()
}

/// Every kind.
pub(super) fn all() -> Vec<Kind> {
    let text = String::from_utf8(plain()).unwrap();
    let forged = "X-Postroom-Owner: am\nX-POSTROOM-CLASS: other\nx-postroom-class: other\n folded\n";
    let kind = |name, bytes| Kind { name, bytes };
    vec![
        kind("normal", plain()),
        kind("CRLF", text.replace('\n', "\r\n").into_bytes()),
        kind("8-bit", [text.as_bytes(), b"Gr\xc3\xbc\xc3\x9fe, Gr\xfc\xdfe\n"].concat()),
        kind("NUL", [text.as_bytes(), b"a \0 byte\nand on\n"].concat()),
        kind(
            "20 MB",
            [
                text.as_bytes(),
                &b"0123456789abcdef0123456789abcdef0123456789abcdef01234567890\n".repeat(350_000),
            ]
            .concat(),
        ),
        kind(
            "From line",
            format!("From anna@larkmoor.example Tue Mar 31 10:02:00 2026\n{text}").into_bytes(),
        ),
        kind("forged fields", format!("{forged}{text}").into_bytes()),
    ]
}

/// Fields that a host puts on itself, different each time.
const PASSING: [&str; 9] = [
    "x-envelope-from:",
    "received:",
    "return-path:",
    "delivered-to:",
    "x-original-to:",
    "envelope-to:",
    "date-received:",
    "delivery-date:",
    "status:",
];

/// The mail with LF, without a leading `From ` line, our fields, and what hosts put on top.
pub(super) fn bare(mail: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = mail.iter().copied().filter(|&byte| byte != b'\r').collect();
    let mut kept = Vec::with_capacity(text.len());
    let (mut in_header, mut dropped) = (true, false);
    for (number, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
        if in_header {
            let lower = line.to_ascii_lowercase();
            let fold = line.starts_with(b" ") || line.starts_with(b"\t");
            dropped = (fold && dropped)
                || (!fold
                    && (lower.starts_with(b"x-postroom-")
                        || (number == 0 && line.starts_with(b"From "))
                        || PASSING.iter().any(|name| lower.starts_with(name.as_bytes()))));
            in_header = line != b"\n";
            if dropped && in_header {
                continue;
            }
        }
        kept.extend_from_slice(line);
    }
    // Hosts differ in whether a mail ends with an empty line.
    kept.truncate(kept.trim_ascii_end().len());
    kept
}

/// The values of a field of ours in the header.
pub(super) fn values(mail: &[u8], name: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(mail).replace('\r', "");
    let header = text.split("\n\n").next().unwrap_or_default().to_owned();
    let found = header.lines().filter_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found.collect()
}

#[test]
fn what_hosts_put_on_is_told_from_the_mail() {
    let mail = b"From a@b Tue Mar 31 10:02:00 2026\r\nReceived: x\r\n\ty\r\nX-Postroom-Why: a\r\n b\r\nTo: c\r\n d\r\n\r\n\
        Received: in the text\r\n";
    assert_eq!(bare(mail), b"To: c\n d\n\nReceived: in the text");
    assert_eq!(values(mail, "X-Postroom-Why"), ["a"]);
}
