//! Many mails at once: none lost, memory flat, and every mail decided by one set of rules.
//!
//! By default few enough for every run. `POSTROOM_LOAD=20000` sends that many over fifty connections, and
//! prints what the milter adds to the time that a mail takes.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::TO;
use super::client::Client;
use super::served::Served;
use crate::common::{LOUD, folder, mails};

/// Connections at once.
const CONNECTIONS: usize = 50;

/// Most memory that the program may come to, in megabytes.
const MOST_MEGABYTES: u64 = 100;

/// Longest that mails are sent while the rules change: to read them takes a while where many tests run at once.
const LONGEST: Duration = Duration::from_secs(240);

/// Mails to send in all.
fn wanted() -> usize {
    env::var("POSTROOM_LOAD").map_or(500, |number| number.parse().unwrap())
}

/// The hash of the rules that each mail was decided by, how often, and how long each took.
fn send(served: &Served, number: usize) -> (BTreeMap<String, usize>, Vec<Duration>) {
    let mails: Arc<Vec<Vec<u8>>> = Arc::new(mails().iter().map(|path| fs::read(path).unwrap()).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (mails, next, address) = (Arc::clone(&mails), Arc::clone(&next), served.address.clone());
            thread::spawn(move || {
                let mut client = Client::connect(&address);
                let mut seen = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= number {
                        client.quit();
                        return seen;
                    }
                    client.begin(&format!("Q{at}"), TO, &mails[at % mails.len()]);
                    let start = Instant::now();
                    let answer = client.end();
                    let taken = start.elapsed();
                    assert_eq!(answer.field("X-Postroom-Status").as_deref(), Some("ok"), "mail {at}");
                    seen.push((answer.field("X-Postroom-Rules").unwrap(), taken));
                }
            })
        })
        .collect();
    let (mut rules, mut times) = (BTreeMap::new(), Vec::new());
    for (hash, taken) in senders.into_iter().flat_map(|sender| sender.join().unwrap()) {
        *rules.entry(hash).or_default() += 1;
        times.push(taken);
    }
    times.sort_unstable();
    (rules, times)
}

#[test]
fn no_mail_is_lost_under_load() {
    let served = Served::start(&[], &[]);
    let number = wanted();
    let start = Instant::now();
    let (rules, times) = send(&served, number);
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!((rules.len(), times.len()), (1, number));
    let peak = served.peak_megabytes();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    println!(
        "{number} mails over {CONNECTIONS} connections in {seconds:.1} s: added latency median {:.1} ms, \
         99th percentile {:.1} ms; peak memory {peak} MB",
        at(50),
        at(99)
    );
    assert!(peak < MOST_MEGABYTES, "{peak} MB");
    let metrics = served.ask("/metrics").1;
    assert!(metrics.contains(&format!("postroom_latency_seconds_count {number}\n")), "{metrics}");
}

#[test]
fn every_mail_is_decided_by_old_or_by_new_rules() {
    let rules = folder(&[("loud.toml", LOUD)]);
    let file = rules.path().join("loud.toml");
    let served = Served::start(&["--rules", rules.path().to_str().unwrap()], &[]);
    let other = LOUD.replace("= 20", "= 19");
    let hash = |text: &str| {
        fs::write(&file, text).unwrap();
        let ran = crate::common::ran(&["check", rules.path().to_str().unwrap()]);
        ran.stdout.trim_end().rsplit(' ').next().unwrap().to_owned()
    };
    let known = [hash(&other), hash(LOUD)];
    let done = Arc::new(AtomicBool::new(false));
    let seen = thread::scope(|scope| {
        let (served, ended) = (&served, Arc::clone(&done));
        let (file, other) = (&file, &other);
        scope.spawn(move || {
            // New, broken, old, and so on, while mail comes in.
            for text in [other.as_str(), "nonsense = [", LOUD].iter().cycle() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                // In one step, as an editor saves: a file half written would be another hash.
                let saved = file.with_extension("new");
                fs::write(&saved, text).unwrap();
                fs::rename(&saved, file).unwrap();
                let read = || served.logged("rules in use") + served.logged("the rules cannot be used");
                let before = read();
                served.signal("-HUP");
                while read() == before && !ended.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        });
        // Until both have been seen, and broken ones between, however slowly rules are read.
        let mut seen = BTreeMap::<String, usize>::new();
        let begun = Instant::now();
        for round in 1.. {
            for (hash, times) in send(served, wanted()).0 {
                *seen.entry(hash).or_default() += times;
            }
            assert_eq!(seen.values().sum::<usize>(), round * wanted());
            let all = seen.len() > 1 && served.logged("the rules cannot be used") > 0;
            if all || begun.elapsed() > LONGEST {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        seen
    });
    println!("mails by the hash of the rules that decided them: {seen:?}");
    assert_eq!(seen.len(), 2, "both were in use: {seen:?}");
    assert!(seen.keys().all(|hash| known.contains(hash)), "{seen:?} {known:?}");
    assert!(served.logged("the rules cannot be used") > 0);
}
