//! What holds for any bytes: no panic, linear work, bounded memory, and that two mailboxes end to
//! end are the mails of both.

use std::io;

use postroom::mailbox::{self, Mail, Options, Remark};

/// The next number of a small generator (xorshift).
fn roll(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

/// Pieces that readers of mailboxes stumble over.
const PIECES: &[&[u8]] = &[
    b"From ",
    b"From jo@example.org Mon Mar  2 08:37:00 2026\n",
    b"From - Mon Mar  2 08:37:00 2026\r\n",
    b"From \n",
    b"From jo@example.org\n",
    b">From ",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\r",
    b"Subject: a\n",
    b"To: b\r\n",
    b"Content-Length: 60\n",
    b"Content-Length: 99999999999999999999\n",
    b"Content-Length: 18446744073709551615\n",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"--b\n",
    b"--b--\n",
    b"\nContent-Type: message/rfc822\n\n",
    b"\0",
    b"\xFF\xFE\x80",
    b"some text of no interest\n",
    b"12\n",
    b"X-Gmail-Labels: =?UTF-8?Q?=C3=?=,\"\n",
];

fn hostile(state: &mut u64, most: usize) -> Vec<u8> {
    (0..roll(state) % most).flat_map(|_| PIECES[roll(state) % PIECES.len()].to_vec()).collect()
}

fn read(bytes: Vec<u8>, options: Options) -> Vec<Mail> {
    mailbox::stream("-", io::Cursor::new(bytes), options).unwrap().map(Result::unwrap).collect()
}

#[test]
fn any_bytes_read_the_same_in_any_blocks() {
    let mut state = 0x2545_F491_4F6C_DD1D;
    for _ in 0..1500 {
        let bytes = [b"From jo Mon Mar  2 08:37:00 2026\n".to_vec(), hostile(&mut state, 60)].concat();
        let results: Vec<Vec<(u64, u64, Vec<u8>)>> = [16, 301, 1 << 20]
            .iter()
            .map(|&block| {
                let mails = read(bytes.clone(), Options { block, ..Options::default() });
                mails.iter().map(|mail| (mail.offset(), mail.line(), mail.raw().to_vec())).collect()
            })
            .collect();
        assert_eq!(results[0], results[1], "{}", bytes.escape_ascii());
        assert_eq!(results[1], results[2], "{}", bytes.escape_ascii());
        for (offset, line, raw) in &results[0] {
            let at = usize::try_from(*offset).unwrap();
            assert!(bytes[at..].starts_with(b"From "), "{}", bytes.escape_ascii());
            let newlines = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(*line, newlines as u64 + 1);
            assert!(raw.is_empty() || bytes[at..].windows(raw.len()).any(|window| window == raw));
        }
    }
}

#[test]
fn bytes_of_no_kind_never_panic() {
    let mut state = 0xDEAD_BEEF_CAFE_F00D;
    for _ in 0..1500 {
        let bytes = hostile(&mut state, 20);
        let noise: Vec<u8> =
            (0..roll(&mut state) % 300).map(|_| u8::try_from(roll(&mut state) % 256).unwrap()).collect();
        let magics: [&[u8]; 5] = [b"", b"\x1F\x8B\x08", b"\x28\xB5\x2F\xFD", b"BZh91AY&SY", b"\xFD7zXZ\0"];
        for input in [bytes, [magics[roll(&mut state) % 5], &noise].concat()] {
            let options = Options { block: 16, max_mail: 100 };
            if let Ok(mails) = mailbox::stream("-", io::Cursor::new(input), options) {
                for mail in mails.take(1000).flatten() {
                    let _ = (mail.bytes(), mail.marks(), mail.envelope_sender(), mail.detach());
                }
            }
        }
    }
}

#[test]
fn two_mailboxes_end_to_end_are_the_mails_of_both() {
    let fixtures = super::root();
    for one in ["dovecot.mbox", "mailman.mbox", "mboxo.mbox", "body-from-lines.mbox", "odd/uucp.mbox"] {
        for other in ["dovecot.mbox", "mailman.mbox", "crlf.mbox", "gmail-takeout.mbox", "thunderbird.mbox"] {
            let (one, other) =
                (std::fs::read(fixtures.join(one)).unwrap(), std::fs::read(fixtures.join(other)).unwrap());
            let content = |bytes: Vec<u8>| -> Vec<Vec<u8>> {
                read(bytes, Options::default()).iter().map(|mail| mail.bytes().into_owned()).collect()
            };
            let both = content([one.as_slice(), &other].concat());
            assert_eq!(both, [content(one), content(other)].concat());
        }
    }
}

#[test]
fn a_mail_beyond_the_limit_is_cut_and_the_next_is_whole() {
    let separator = "From jo@example.org Mon Mar  2 08:37:00 2026\n";
    let long = "x".repeat(79) + "\n";
    let mbox = format!("{separator}Subject: 1\n\n{}\n{separator}Subject: 2\n\ny\n", long.repeat(200_000));
    let options = Options { block: 4096, max_mail: 1_000_000 };
    let mut mails = mailbox::stream("-", io::Cursor::new(mbox.clone().into_bytes()), options).unwrap();
    let found: Vec<Mail> = mails.by_ref().map(Result::unwrap).collect();
    assert_eq!(found.len(), 2);
    assert!(found[0].is_oversize() && found[0].raw().len() <= 1_000_000);
    assert_eq!(&*found[1].bytes(), b"Subject: 2\n\ny\n");
    assert_eq!(found[1].offset(), mbox.rfind("From ").unwrap() as u64);
    assert_eq!(found[1].line(), 200_005);
    assert_eq!(
        mails.take_warnings().into_iter().map(|warning| warning.remark).collect::<Vec<_>>(),
        [Remark::Oversize]
    );
    let single = read(format!("Subject: 1\n\n{long}").into_bytes(), Options { block: 16, max_mail: 20 });
    assert!(single[0].is_oversize());
    assert_eq!(single[0].raw().len(), 20);
}

/// Counts what is read of an endless stream.
struct Endless(u64);

impl io::Read for Endless {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let line =
            b"From jo@example.org Mon Mar  2 08:37:00 2026\nContent-Length: 999999\nSubject: a\n\nb\n\n";
        for byte in room.iter_mut() {
            *byte = line[usize::try_from(self.0 % line.len() as u64).unwrap()];
            self.0 += 1;
        }
        Ok(room.len())
    }
}

#[test]
fn lying_lengths_do_not_make_the_reader_read_far_ahead() {
    let mails = mailbox::stream("-", Endless(0), Options::default()).unwrap();
    let last = mails.take(50_000).last().unwrap().unwrap();
    assert_eq!(last.index(), 49_999);
    assert_eq!(&*last.bytes(), b"Content-Length: 999999\nSubject: a\n\nb\n");
}
