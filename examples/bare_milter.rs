//! The least that a milter could do: let every mail through as it is.
//!
//! What `benches/postfix.sh` measures postroom against: what is lost with this one is lost with any.
//!
//! ```sh
//! cargo run --release --example bare_milter -- /run/bare.sock
//! ```

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use postroom::milter::command::Command;
use postroom::milter::deliver::Changes;
use postroom::milter::frame::Frames;
use postroom::milter::session::{Next, Session};

/// Largest mail that is kept.
const LARGEST: usize = 1 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("the path of a socket to listen at is wanted")?;
    for stream in UnixListener::bind(path)?.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(stream));
    }
    Ok(())
}

/// Answers a connection to its end.
fn serve(mut stream: UnixStream) -> io::Result<()> {
    let (mut session, mut frames) = (Session::new(LARGEST, false), Frames::default());
    let (mut piece, mut out) = (vec![0; 64 * 1024], Vec::new());
    loop {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        frames.push(piece.get(..read).unwrap_or_default());
        while let Some(frame) = frames.next_frame().map_err(io::Error::other)? {
            match session.take(Command::read(frame), &mut out) {
                Next::Go => {}
                Next::Judge(mail) => session.answer(&mail, &[], &Changes::default(), &mut out),
                Next::Close | Next::Refuse(_) => return Ok(()),
            }
        }
        stream.write_all(&out)?;
        out.clear();
    }
}
