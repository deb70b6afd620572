//! A mail server's side of the milter protocol, written from the protocol's description and not with the
//! program's own modules, so that a misreading there is not repeated here.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Everything that version 6 has to offer, as Postfix offers it.
pub(crate) const ALL_ACTIONS: u32 = 0x1ff;
pub(crate) const ALL_STEPS: u32 = 0x1f_ffff;

/// Answers to a header field, an end of header, a piece of the body may be left out.
const SILENT_MAIL: u32 = 0x4000;
const SILENT_RECIPIENT: u32 = 0x8000;
const SILENT_HEADER: u32 = 0x80;
const SILENT_END_OF_HEADER: u32 = 0x4_0000;
const SILENT_BODY: u32 = 0x8_0000;
const NO_END_OF_HEADER: u32 = 0x40;
const LEADING_SPACE: u32 = 0x10_0000;

/// Either kind of socket.
trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// Longest that an answer is waited for.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

/// One connection to the program.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    pub(crate) version: u32,
    pub(crate) actions: u32,
    pub(crate) steps: u32,
}

/// What the program made of a mail.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Fields put on top, in the order they end up in.
    pub(crate) inserted: Vec<(String, String)>,
    /// Fields removed: name and number.
    pub(crate) removed: Vec<(String, u32)>,
    /// Recipients added.
    pub(crate) added: Vec<String>,
    /// Recipients taken away.
    pub(crate) deleted: Vec<String>,
    /// The last word: `c` for go on.
    pub(crate) verdict: u8,
}

impl Answer {
    /// The value of a field that was put on, unfolded.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let found = self.inserted.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.replace('\n', "").trim().to_owned())
    }
}

/// A frame as it goes over the wire.
pub(crate) fn frame(code: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len() + 1).unwrap();
    [&length.to_be_bytes(), &[code][..], payload].concat()
}

impl Client {
    /// Connects and agrees on everything.
    pub(crate) fn connect(address: &str) -> Self {
        Self::connect_with(address, 6, ALL_ACTIONS, ALL_STEPS)
    }

    /// Connects with an offer.
    pub(crate) fn connect_with(address: &str, version: u32, actions: u32, steps: u32) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(PATIENCE).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::agree(Box::new(stream), version, actions, steps)
    }

    /// Connects to a socket in the file system and agrees on everything.
    pub(crate) fn connect_file(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(PATIENCE).unwrap();
        Self::agree(Box::new(stream), 6, ALL_ACTIONS, ALL_STEPS)
    }

    fn agree(stream: Box<dyn Stream>, version: u32, actions: u32, steps: u32) -> Self {
        let mut client = Self { stream, version: 0, actions: 0, steps: 0 };
        let offer: Vec<u8> =
            [version, actions, steps].iter().flat_map(|number| number.to_be_bytes()).collect();
        client.send(&frame(b'O', &offer));
        let (code, payload) = client.receive().unwrap();
        assert_eq!((code, payload.len()), (b'O', 12));
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        (client.version, client.actions, client.steps) = (number(0), number(4), number(8));
        assert_eq!(client.actions & !actions, 0, "more actions than were offered");
        assert_eq!(client.steps & !steps, 0, "more steps than were offered");
        client
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next frame; `None` when the program has closed the connection.
    pub(crate) fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut bytes = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        self.stream.read_exact(&mut bytes).unwrap();
        Some((bytes[0], bytes.split_off(1)))
    }

    /// Sends a frame and waits for the answer, where there is to be one.
    fn step(&mut self, code: u8, payload: &[u8], silent: u32) {
        self.send(&frame(code, payload));
        if self.steps & silent == 0 {
            assert_eq!(self.receive().map(|(code, _)| code), Some(b'c'));
        }
    }

    /// Sends a whole mail but for its end.
    pub(crate) fn begin(&mut self, id: &str, to: &[&str], mail: &[u8]) {
        self.step(b'M', b"<anna@larkmoor.example>\0", SILENT_MAIL);
        for recipient in to {
            self.step(b'R', &[b"<", recipient.as_bytes(), b">\0"].concat(), SILENT_RECIPIENT);
        }
        self.send(&frame(b'D', &[b"Ei\0", id.as_bytes(), b"\0"].concat()));
        let (header, body) = header_and_body(mail);
        for (name, value) in fields(header) {
            let value = if self.steps & LEADING_SPACE == 0 { value.trim_start() } else { &value };
            let payload = [name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat();
            self.step(b'L', &payload, SILENT_HEADER);
        }
        if self.steps & NO_END_OF_HEADER == 0 {
            self.step(b'N', b"", SILENT_END_OF_HEADER);
        }
        for piece in body.chunks(65_535) {
            self.step(b'B', piece, SILENT_BODY);
        }
    }

    /// Ends a mail and takes the answer.
    pub(crate) fn end(&mut self) -> Answer {
        self.send(&frame(b'E', b""));
        let mut answer = Answer::default();
        loop {
            let (code, payload) = self.receive().expect("an answer to every mail");
            let numbered = || u32::from_be_bytes(payload[..4].try_into().unwrap());
            match code {
                b'i' => {
                    assert_eq!(numbered(), 0, "on top of everything");
                    let (name, value) = pair(&payload[4..]);
                    let value =
                        if self.steps & LEADING_SPACE == 0 { value } else { value.trim_start().to_owned() };
                    answer.inserted.insert(0, (name, value));
                }
                b'm' => {
                    let (name, value) = pair(&payload[4..]);
                    assert_eq!(value, "", "fields are only ever removed");
                    answer.removed.push((name, numbered()));
                }
                b'+' => answer.added.push(pair(&payload).0),
                b'-' => answer.deleted.push(pair(&payload).0),
                b'c' => {
                    answer.verdict = code;
                    return answer;
                }
                other => panic!("an unexpected answer: {}", char::from(other)),
            }
        }
    }

    /// A whole mail and its answer.
    pub(crate) fn mail(&mut self, id: &str, to: &[&str], mail: &[u8]) -> Answer {
        self.begin(id, to, mail);
        self.end()
    }

    pub(crate) fn abort(&mut self) {
        self.send(&frame(b'A', b""));
    }

    pub(crate) fn quit(mut self) {
        self.send(&frame(b'Q', b""));
        assert!(self.receive().is_none());
    }
}

/// Two texts, each ending with NUL.
fn pair(payload: &[u8]) -> (String, String) {
    let mut parts = payload.split(|&byte| byte == 0).map(|part| String::from_utf8(part.to_vec()).unwrap());
    (parts.next().unwrap(), parts.next().unwrap_or_default())
}

fn header_and_body(mail: &[u8]) -> (&[u8], &[u8]) {
    let end = |mark: &[u8]| mail.windows(mark.len()).position(|at| at == mark).map(|at| (at, mark.len()));
    let ends = [end(b"\n\n"), end(b"\r\n\r\n")];
    let Some((at, length)) = ends.into_iter().flatten().min() else { return (mail, b"") };
    (&mail[..at], &mail[at + length..])
}

/// Names and values, folds kept with LF, as Postfix hands them over. Lines that are no fields are left out.
fn fields(header: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(header).lines() {
        let last = fields.last_mut().filter(|_| line.starts_with([' ', '\t']));
        if let Some((_, value)) = last {
            value.push_str(&format!("\n{line}"));
        } else if let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.contains(' ')) {
            fields.push((name.to_owned(), value.replace('\0', "")));
        }
    }
    fields
}
