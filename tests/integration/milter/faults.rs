//! What goes wrong around a milter: rules, connections, signals, limits.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::TO;
use super::client::{Client, frame};
use super::served::Served;
use crate::common::{LOUD, TIMBER, folder, postroom};

#[test]
fn mail_goes_on_marked_while_the_rules_are_broken() {
    let rules = folder(&[("loud.toml", "nonsense = [")]);
    let mut served = Served::start(&["--rules", rules.path().to_str().unwrap()], &[]);
    let mut client = Client::connect(&served.address);
    let answer = client.mail("1", TO, format!("X-Postroom-Class: x\n{TIMBER}").as_bytes());
    assert_eq!(answer.field("X-Postroom-Error").as_deref(), Some("rules"));
    assert_eq!((answer.inserted.len(), answer.removed.len(), answer.verdict), (2, 1, b'c'));
    assert_eq!(served.ask("/health").0, 503);
    std::fs::write(rules.path().join("loud.toml"), LOUD).unwrap();
    served.signal("-HUP");
    served.wait_for("rules in use");
    let answer = client.mail("1", TO, TIMBER.as_bytes());
    assert_eq!(answer.field("X-Postroom-Class").as_deref(), Some("delivery-question"));
    assert_eq!(served.ask("/health").0, 200);
}

#[test]
fn a_bad_reload_leaves_the_old_rules() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let mut served = Served::start(&["--rules", rules.path().to_str().unwrap()], &[]);
    let mut client = Client::connect(&served.address);
    let before = client.mail("1", TO, TIMBER.as_bytes()).field("X-Postroom-Rules");
    std::fs::write(rules.path().join("loud.toml"), "nonsense = [").unwrap();
    served.signal("-HUP");
    served.wait_for("the rules cannot be used");
    assert_eq!(client.mail("1", TO, TIMBER.as_bytes()).field("X-Postroom-Rules"), before);
    let metrics = served.ask("/metrics").1;
    assert!(metrics.contains("postroom_reloads_total{outcome=\"failed\"} 1"), "{metrics}");
    assert!(
        metrics.contains("postroom_mails_total{class=\"delivery-question\",owner=\"pm\"} 2"),
        "{metrics}"
    );
    assert!(metrics.contains("postroom_latency_seconds_count 2"), "{metrics}");
    assert_eq!(served.ask("/other").0, 404);
}

#[test]
fn what_cannot_be_understood_ends_its_connection_alone() {
    let served = Served::start(&[], &[]);
    let mut other = Client::connect(&served.address);
    other.begin("1", TO, TIMBER.as_bytes());
    for bytes in [
        &b"\xff\xff\xff\xff"[..],
        b"\0\0\0\0",
        b"GET / HTTP/1.1\r\n\r\n",
        &frame(b'!', b""),
        &frame(b'O', b"\0\0\0\x01\0\0\0\0\0\0\0\0"),
        &frame(b'O', b""),
    ] {
        let mut client = Client::connect(&served.address);
        client.send(bytes);
        assert!(client.receive().is_none(), "{bytes:?}");
    }
    // One that comes and goes, and one that goes within a frame.
    drop(TcpStream::connect(&served.address).unwrap());
    TcpStream::connect(&served.address).unwrap().write_all(b"\0\0\0\x20L").unwrap();
    assert_eq!(other.end().field("X-Postroom-Status").as_deref(), Some("ok"));
}

#[test]
fn a_large_mail_goes_on_unjudged_and_is_not_held() {
    let served = Served::start(&[], &["--max-size", "1M"]);
    let mut client = Client::connect(&served.address);
    let large = format!("{TIMBER}{}", "long line of text\r\n".repeat(1_200_000));
    let answer = client.mail("1", TO, large.as_bytes());
    assert_eq!(answer.field("X-Postroom-Error").as_deref(), Some("oversize"));
    assert!(served.peak_megabytes() < 60, "{} MB", served.peak_megabytes());
    assert_eq!(client.mail("2", TO, TIMBER.as_bytes()).field("X-Postroom-Status").as_deref(), Some("ok"));
}

#[test]
fn mails_together_are_not_held_beyond_the_limit() {
    let served = Served::start(&[], &["--max-memory", "3M"]);
    let large = format!("{TIMBER}{}", "long line of text\r\n".repeat(100_000));
    let mut clients: Vec<Client> = (0..4).map(|_| Client::connect(&served.address)).collect();
    clients.iter_mut().for_each(|client| client.begin("1", TO, large.as_bytes()));
    let answers: Vec<_> = clients.iter_mut().map(|client| client.end().field("X-Postroom-Status")).collect();
    let whole = answers.iter().filter(|status| status.as_deref() == Some("ok")).count();
    assert!(whole == 1 && answers.iter().all(Option::is_some), "{answers:?}");
    // What was let go is not counted any more.
    assert_eq!(clients[0].mail("2", TO, large.as_bytes()).field("X-Postroom-Status").as_deref(), Some("ok"));
}

#[test]
fn connections_beyond_the_limit_wait_and_silent_ones_end() {
    let mut served = Served::start(&[], &["--max-connections", "1", "--timeout", "2"]);
    // Has the only place, and says nothing.
    let silent = Client::connect(&served.address);
    let address = served.address.clone();
    let waiting = thread::spawn(move || Client::connect(&address).mail("1", TO, TIMBER.as_bytes()));
    assert_eq!(waiting.join().unwrap().field("X-Postroom-Status").as_deref(), Some("ok"));
    // The log comes by another way than answers.
    served.wait_for("took too long");
    assert_eq!(served.logged("took too long"), 1);
    drop(silent);
}

#[test]
fn mails_that_take_too_long_go_on_and_do_not_pile_up() {
    let options = ["--time-limit", "1", "--rehearse", "timeout", "--max-memory", "500K"];
    let mut served = Served::start(&[], &options);
    let idle = served.threads();
    let plain = format!("X-Postroom-Class: x\n{TIMBER}");
    let large = format!("{plain}{}", "long line of text\r\n".repeat(10_000));
    let mut errors = Vec::new();
    let mut clients = Vec::new();
    for mail in [&large; 3].into_iter().chain([&plain; 9]) {
        let mut client = Client::connect(&served.address);
        let answer = client.mail("7A", TO, mail.as_bytes());
        assert_eq!((answer.inserted.len(), answer.removed.len(), answer.verdict), (2, 1, b'c'));
        errors.push(answer.field("X-Postroom-Error").unwrap());
        clients.push(client);
    }
    // Two of the large ones are still held, so there is no room for the third.
    assert_eq!(errors[..3], ["timeout", "timeout", "oversize"]);
    assert!(errors[3..].iter().all(|error| error == "timeout"), "{errors:?}");
    assert!(served.wait_for("not judged queue=\"7A\" error=").starts_with("\"timeout\""));
    let metrics = served.ask("/metrics").1;
    for line in ["postroom_unjudged_total{error=\"timeout\"} 11\n", "postroom_overdue 8\n"] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert_eq!(served.threads(), idle + clients.len() + 8);
    served.stop();
}

#[test]
fn the_end_waits_for_the_mail_under_way() {
    let mut served = Served::start(&[], &[]);
    let mut idle = Client::connect(&served.address);
    let mut client = Client::connect(&served.address);
    client.begin("1", TO, TIMBER.as_bytes());
    served.signal("-TERM");
    served.wait_for("stopping");
    assert!(idle.receive().is_none());
    assert_eq!(client.end().field("X-Postroom-Status").as_deref(), Some("ok"));
    let log = served.stop_after_signal();
    assert!(!log.contains("not waited for"), "{log}");
}

#[test]
fn a_socket_that_was_left_behind_is_replaced() {
    let folder = folder(&[]);
    let path = folder.path().join("milter.sock");
    let address = format!("unix:{}", path.display());
    for _ in 0..2 {
        let mut command = postroom(&["milter", "--listen", &address]);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..600 {
            if UnixStream::connect(&path).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert!(UnixStream::connect(&path).is_ok());
        // A second one does not take the first one's place.
        let second = postroom(&["milter", "--listen", &address]).output().unwrap();
        assert_eq!(second.status.code(), Some(74), "{}", String::from_utf8_lossy(&second.stderr));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(path.exists(), "a killed program leaves its socket");
    }
}

#[test]
fn metrics_are_for_this_machine_alone() {
    let args = ["milter", "--listen", "inet:127.0.0.1:0", "--metrics", "0.0.0.0:0"];
    let ran = postroom(&args).output().unwrap();
    assert_eq!(ran.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("loopback"));
}
