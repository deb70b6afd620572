//! Where the mail server finds us: a socket of our own, or one that systemd hands over.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Sockets have little room for their names.
const TOO_LONG: &str = "the path is too long for a socket; name one of at most 100 bytes";

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A socket in the file system.
    Unix(PathBuf),
    /// Host and port.
    Inet(String),
    /// The socket that systemd hands over.
    Systemd,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write unix:PATH, inet:HOST:PORT or systemd".to_owned();
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        match text.split_once(':').ok_or_else(wrong)? {
            ("unix" | "local", path) if !path.is_empty() => Ok(Self::Unix(PathBuf::from(path))),
            ("inet", place) => {
                // Sendmail's order is port@host.
                let (host, port) = match place.split_once('@') {
                    Some((port, host)) => (host, port),
                    None => place.rsplit_once(':').ok_or_else(wrong)?,
                };
                port.parse::<u16>().map_err(|_| wrong())?;
                if host.is_empty() { Err(wrong()) } else { Ok(Self::Inet(format!("{host}:{port}"))) }
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Inet(place) => write!(f, "inet:{place}"),
            Self::Systemd => f.write_str("systemd"),
        }
    }
}

/// A socket that mail servers connect to.
#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    /// With the path to remove when it is ours.
    Unix(UnixListener, Option<PathBuf>),
}

/// A connection of a mail server.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Listener {
    /// Opens an address. A socket file that nobody listens to any more is replaced; anything else in its
    /// place is left alone.
    pub(crate) fn open(address: &Address, mode: u32) -> io::Result<Self> {
        match address {
            Address::Inet(place) => TcpListener::bind(place).map(Self::Tcp),
            Address::Unix(path) => {
                remove_stale(path)?;
                let listener = UnixListener::bind(path).map_err(|cause| match cause.kind() {
                    ErrorKind::InvalidInput => io::Error::new(cause.kind(), TOO_LONG),
                    _ => cause,
                })?;
                fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
                Ok(Self::Unix(listener, Some(path.clone())))
            }
            Address::Systemd => {
                let mut handed = listenfd::ListenFd::from_env();
                // A unit with NonBlocking= hands over one that waits for nobody.
                if let Ok(Some(listener)) = handed.take_unix_listener(0) {
                    listener.set_nonblocking(false)?;
                    return Ok(Self::Unix(listener, None));
                }
                let none = || io::Error::new(ErrorKind::NotFound, "systemd handed over no stream socket");
                let listener = handed.take_tcp_listener(0)?.ok_or_else(none)?;
                listener.set_nonblocking(false)?;
                Ok(Self::Tcp(listener))
            }
        }
    }

    /// Waits for the next connection.
    pub(crate) fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => listener.accept().map(|(stream, _)| Stream::Tcp(stream)),
            Self::Unix(listener, _) => listener.accept().map(|(stream, _)| Stream::Unix(stream)),
        }
    }

    /// Where it listens, with the port that was found when none was given.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Tcp(listener) => {
                listener.local_addr().map_or_else(|_| "inet".to_owned(), |at| format!("inet:{at}"))
            }
            Self::Unix(_, Some(path)) => format!("unix:{}", path.display()),
            Self::Unix(_, None) => "systemd".to_owned(),
        }
    }

    /// The socket file to remove at the end, when it is ours.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Unix(_, path) => path.clone(),
            Self::Tcp(_) => None,
        }
    }
}

/// Removes a socket that nobody listens to.
fn remove_stale(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause),
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "there is something that is no socket"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "another program listens there")),
        Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(cause) => Err(cause),
    }
}

impl Stream {
    /// Makes a read give up after `read`, and a write after `write`.
    pub(crate) fn set_timeouts(&self, read: Duration, write: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(read))?;
                stream.set_write_timeout(Some(write))
            }
            Self::Unix(stream) => {
                stream.set_read_timeout(Some(read))?;
                stream.set_write_timeout(Some(write))
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(bytes),
            Self::Unix(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_either_order() {
        for (text, address) in [
            ("unix:/run/postroom/milter.sock", Address::Unix("/run/postroom/milter.sock".into())),
            ("local:/run/x", Address::Unix("/run/x".into())),
            ("inet:127.0.0.1:8891", Address::Inet("127.0.0.1:8891".to_owned())),
            ("inet:8891@localhost", Address::Inet("localhost:8891".to_owned())),
            ("inet:[::1]:8891", Address::Inet("[::1]:8891".to_owned())),
            ("systemd", Address::Systemd),
        ] {
            assert_eq!(text.parse(), Ok(address));
        }
        for wrong in ["", "unix:", "/run/x", "inet:8891", "inet::8891", "inet:host:port", "inet:h:99999"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_socket_that_nobody_listens_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("milter.sock");
        let address = Address::Unix(path.clone());
        let first = Listener::open(&address, 0o600).unwrap();
        assert_eq!(Listener::open(&address, 0o600).unwrap_err().kind(), ErrorKind::AddrInUse);
        drop(first);
        assert!(Listener::open(&address, 0o600).is_ok());
        let long = Address::Unix(folder.path().join("x".repeat(120)));
        assert_eq!(Listener::open(&long, 0o600).unwrap_err().to_string(), TOO_LONG);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a file").unwrap();
        assert_eq!(Listener::open(&address, 0o600).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"a file");
    }
}
