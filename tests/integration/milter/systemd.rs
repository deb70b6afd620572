//! What systemd and the milter say to each other, without systemd: a socket that is handed over, and one that
//! hears how the program is.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::TO;
use super::client::Client;
use super::served::Served;
use crate::common::{LOUD, TIMBER, folder, postroom};

/// A shell that hands its standard input over as systemd hands over a socket: as descriptor 3.
fn handed(socket: impl Into<OwnedFd>, whose: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let script = format!("LISTEN_FDS=1 LISTEN_PID={whose} exec \"$@\" 3<&0 </dev/null");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_postroom"), "milter", "--listen", "systemd"]);
    command.env_clear().env("HOME", "/nonexistent").stdin(socket.into());
    command
}

/// Hears what a service manager is told.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
        Self { socket }
    }

    /// The next message.
    fn hear(&self) -> String {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).expect("a message");
        String::from_utf8(message[..length].to_vec()).unwrap()
    }
}

#[test]
fn systemd_hears_when_it_is_ready_reloads_and_stops() {
    let place = folder(&[("loud.toml", LOUD)]);
    let at = place.path().join("notify");
    let manager = Manager::at(&at);
    let socket = place.path().join("milter.sock");
    let listen = format!("unix:{}", socket.display());
    let rules = folder(&[("loud.toml", LOUD)]);
    let mut command = postroom(&["--rules", rules.path().to_str().unwrap(), "milter", "--listen", &listen]);
    let mut served = Served::begin(command.env("NOTIFY_SOCKET", &at));
    assert_eq!(manager.hear(), "READY=1\n");
    // It is ready when it says so.
    let status = |client: &mut Client| client.mail("1", TO, TIMBER.as_bytes()).field("X-Postroom-Status");
    let mut client = Client::connect_file(&socket);
    assert_eq!(status(&mut client).as_deref(), Some("ok"));
    for text in [LOUD, "nonsense = ["] {
        std::fs::write(rules.path().join("loud.toml"), text).unwrap();
        served.signal("-HUP");
        let (reloading, since) =
            manager.hear().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(reloading, "RELOADING=1");
        let since = since.trim_end().strip_prefix("MONOTONIC_USEC=").unwrap().parse::<u64>();
        assert!(since.is_ok_and(|since| since > 0));
        // With rules that cannot be used it is ready too: it goes on with those it has.
        assert_eq!(manager.hear(), "READY=1\n");
        assert_eq!(status(&mut client).as_deref(), Some("ok"));
    }
    served.wait_for("the rules cannot be used");
    served.signal("-TERM");
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert!(!served.stop_after_signal().contains("cannot tell systemd"));
    assert!(!socket.exists());
}

#[test]
fn a_service_manager_that_does_not_listen_is_no_reason_to_end() {
    let place = folder(&[]);
    let mut command = postroom(&["milter", "--listen", "inet:127.0.0.1:0"]);
    let mut served = Served::begin(command.env("NOTIFY_SOCKET", place.path().join("nobody")));
    let address = served.wait_for("listening at=\"inet:");
    served.wait_for("cannot tell systemd");
    let mut client = Client::connect(address.trim_end_matches('"'));
    assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).field("X-Postroom-Status").as_deref(), Some("ok"));
    served.stop();
}

#[test]
fn a_socket_that_is_handed_over_outlives_the_program() {
    let place = folder(&[]);
    let path = place.path().join("milter.sock");
    let listener = UnixListener::bind(&path).unwrap();
    // As from a unit with NonBlocking=.
    listener.set_nonblocking(true).unwrap();
    for _ in 0..2 {
        // A mail server that is there first waits for it.
        let early = std::thread::spawn({
            let path = path.clone();
            move || Client::connect_file(&path).mail("1", TO, TIMBER.as_bytes())
        });
        let mut served = Served::begin(&mut handed(listener.try_clone().unwrap(), "$$"));
        assert_eq!(served.wait_for("listening at="), "\"systemd\"");
        assert_eq!(early.join().unwrap().field("X-Postroom-Status").as_deref(), Some("ok"));
        let log = served.stop();
        assert!(!log.contains("cannot take a connection"), "{log}");
        assert!(path.exists(), "it is systemd's to remove");
    }
}

#[test]
fn a_port_that_is_handed_over_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut served = Served::begin(&mut handed(listener, "$$"));
    assert_eq!(served.wait_for("listening at=\"inet:"), format!("{address}\""));
    let mut client = Client::connect(&address);
    assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).field("X-Postroom-Status").as_deref(), Some("ok"));
    served.stop();
}

#[test]
fn without_a_socket_for_it_the_program_says_so() {
    let place = folder(&[]);
    let stream = || UnixListener::bind(place.path().join("stream")).unwrap();
    let refused = |mut command: Command| {
        let ran = command.output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    for command in [
        // Nothing, another process's, and one that takes no connections.
        postroom(&["milter", "--listen", "systemd"]),
        handed(stream(), "1"),
        handed(UnixDatagram::bind(place.path().join("datagram")).unwrap(), "$$"),
    ] {
        let (code, told) = refused(command);
        assert_eq!(code, Some(74), "{told}");
        assert!(told.contains("cannot listen on systemd"), "{told}");
    }
}
