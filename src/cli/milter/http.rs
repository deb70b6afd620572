//! The port for whoever watches: `/metrics` for Prometheus, `/health` for the rest. Loopback only.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::judge::Judge;

/// Longest request line read.
const LONGEST: u64 = 4096;

/// Longest that one who asks may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts answering; gives where.
pub(crate) fn serve(address: SocketAddr, judge: Arc<Judge>) -> io::Result<SocketAddr> {
    if !address.ip().is_loopback() {
        let message = "only loopback addresses are served: what is told is for this machine";
        return Err(io::Error::new(ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(address)?;
    let place = listener.local_addr()?;
    thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        // One after the other: each is answered at once or given up.
        for stream in listener.incoming().flatten() {
            // Whoever asks and goes away is not waited for.
            let _ = answer(stream, &judge);
        }
    })?;
    Ok(place)
}

fn answer(mut stream: TcpStream, judge: &Judge) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut limited = stream.try_clone()?.take(LONGEST);
    let mut piece = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = limited.read(&mut piece)?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|&byte| byte == b' ');
    let (status, text) = match (words.next(), words.next()) {
        (Some(b"GET"), Some(b"/metrics")) => ("200 OK", judge.metrics.text()),
        (Some(b"GET"), Some(b"/health")) => match judge.in_use() {
            Some(in_use) => ("200 OK", format!("ok, rules {}\n", in_use.rules.hash)),
            None => ("503 Service Unavailable", "the rules cannot be used\n".to_owned()),
        },
        (Some(b"GET"), _) => ("404 Not Found", "there are /metrics and /health\n".to_owned()),
        _ => ("405 Method Not Allowed", "only GET\n".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}
