//! Measures how fast `fresh` reads text, for ordinary mail and for mail made to be slow.
//!
//!     cargo run --release --example fresh_speed -- [MEGABYTES] [--ordinary]
//!     cargo run --release --example fresh_speed -- --mbox MBOX...
//!
//! The first exits 1 when a shape takes more than three times as long per byte at ten times the length. The second measures mail of mailboxes, text of theirs a second; `cargo bench --bench stages` does so too.

use std::io::Write;
use std::time::Instant;

use postroom::mailbox::{self, Options};
use postroom::terms::{Zone, ZoneSet};
use postroom::triage::{fresh, message};

const ORDINARY: &str = "Hi Maeve,\n\nWe went through the second draft of the homepage with the board yesterday and they like it \
a lot. Two things before\nwe sign it off: could you make the header a little smaller on phones, and when will the Arabic version be \
ready for us\nto look at? Legal need a week with it.\n\nThe photographs are attached, as promised.\n\nKind regards,\nJane\n\nJane Doe | \
Marketing Director\nDoe & Sons Ltd, 4 Mill Lane, Bristol\nT: 01632 960 114\n\nOn Mon, 4 May 2026 at 10:32, Maeve Gallagher \
<maeve@agency.example> wrote:\n> Hi Jane,\n>\n> Here is the second draft. It has the new photographs in it, the copy for page four, \
and the\n> booking form. Let me know what the board says.\n>\n> Maeve\n>\n";

const SHAPES: &[(&str, &str)] = &[
    ("quoted lines", "> quoted line of a mail\n"),
    ("empty quotes", ">\n\n"),
    ("attributions", "On Mon, 4 May 2026 at 10:32, Maeve <maeve@agency.example> wrote:\n"),
    ("open attributions", "On Mon, 4 May 2026 at 10:32, Maeve\n"),
    ("attributions after words", "Yes. On 4 May 2026 at 10:32 Maeve <maeve@agency.example> wrote:\n"),
    ("colons", "Yes. On 4 May 2026:\n"),
    ("forwards", "Begin forwarded message:\n> From: a@b.example\n\nx\n"),
    ("captions", "Original message:\n> x\n"),
    ("notes", "Jane Doe\n04/05/26 10:32\nTo\n"),
    ("boxes", "|--------------------|\n"),
    ("initials", "JD> x\n"),
    ("postscripts", "PS: x\n"),
    ("postscripts below rules", "---\nPS: x\n"),
    ("framed", "****\nconfidential\n\n"),
    ("sections", "---\nPlease send it.\n"),
    ("forms", "Name: Jane\n\n"),
    ("header fields", "From: a@b.example\n"),
    ("fields apart", "From: a\nx\n"),
    ("one endless line", "x"),
    ("endless words", "on 4 may "),
    ("full stops", "a. "),
    ("question marks", "? "),
    ("rules", "--\n"),
    ("names", "Jane Doe\n"),
    ("telephones", "T: 01632 960 114\n\n"),
    ("legal words", "confidential "),
    ("banners", "[External]\n"),
    ("device lines", "Sent from my iPhone\nx\n"),
    ("bullets", "- \n"),
    ("brackets", "("),
    ("no-break spaces", "\u{a0}"),
    ("accents", "é"),
    ("newlines", "\n"),
    ("blank bullets", "x\n\n"),
];

const TAGS: &[(&str, &str)] = &[
    ("open div", "<div>"),
    ("open blockquote", "<blockquote>"),
    ("open p", "<p>"),
    ("open lists", "<ul><li>"),
    ("open tables", "<table><tr><td>x"),
    ("closed div", "</div>"),
    ("entities", "&amp;"),
    ("links", "<a b=c>"),
    ("signatures", "<div id=signature>x"),
    ("containers", "<div class=gmail_quote>x</div><p>y</p>"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).is_some_and(|arg| arg == "--mbox") {
        return mailboxes(std::env::args().skip(2));
    }
    let only = std::env::args().any(|arg| arg == "--ordinary");
    let size = std::env::args().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or(10.0);
    let bytes = (size * 1e6) as usize;
    let zones: ZoneSet = if std::env::args().any(|arg| arg == "--all") {
        Zone::ALL.iter().copied().collect()
    } else {
        ZoneSet::EMPTY.with(Zone::Subject).with(Zone::New).with(Zone::Forwarded)
    };
    let mut out = std::io::stdout().lock();
    let begun = Instant::now();
    let mails = bytes / ORDINARY.len() + 1;
    let mut sentences = 0;
    for _ in 0..mails {
        sentences += fresh::extract_text(ORDINARY, zones).sentences.len();
    }
    let ordinary = (mails * ORDINARY.len()) as f64 / 1e6 / begun.elapsed().as_secs_f64();
    writeln!(out, "{:20} {ordinary:>8.0} MB/s ({} sentences a mail)", "ordinary mail", sentences / mails)?;
    let mut slow = 0;
    let texts = SHAPES.iter().map(|shape| (shape, fresh::extract_text as fn(&str, ZoneSet) -> fresh::Fresh));
    let pages = TAGS.iter().map(|shape| (shape, fresh::extract_html as fn(&str, ZoneSet) -> fresh::Fresh));
    for ((name, shape), read) in texts.chain(pages).filter(|_| !only) {
        let [small, large] = [bytes / 10, bytes].map(|size| {
            let source = shape.repeat(size / shape.len() + 1);
            let begun = Instant::now();
            std::hint::black_box(read(&source, zones));
            source.len() as f64 / 1e6 / begun.elapsed().as_secs_f64()
        });
        let (growth, ratio) = (small / large, ordinary / large);
        slow += usize::from(growth > 3.0);
        writeln!(
            out,
            "{name:20} {large:>8.0} MB/s, {ratio:.2} x ordinary mail, {growth:.2} x a tenth of it"
        )?;
        out.flush()?;
    }
    if slow > 0 {
        return Err(format!(
            "{slow} shapes take more than three times the time per byte at ten times the length"
        )
        .into());
    }
    Ok(())
}

/// Reads every mail of some mailboxes, five times.
fn mailboxes(paths: impl Iterator<Item = String>) -> Result<(), Box<dyn std::error::Error>> {
    let zones = ZoneSet::EMPTY.with(Zone::Subject).with(Zone::New).with(Zone::Forwarded);
    let mut mails = Vec::new();
    for path in paths {
        for mail in mailbox::open(path, Options::default())? {
            mails.push(mail?.bytes().into_owned());
        }
    }
    let messages: Vec<_> = mails.iter().map(|mail| message::parse(mail)).collect();
    let begun = Instant::now();
    let mut bytes = 0;
    for _ in 0..5 {
        bytes += messages.iter().map(|message| fresh::extract(message, zones).text.len()).sum::<usize>();
    }
    let speed = bytes as f64 / 1e6 / begun.elapsed().as_secs_f64();
    let (count, size) = (messages.len(), bytes / 5);
    writeln!(std::io::stdout(), "{count} mails, {size} bytes of text: {speed:.0} MB/s")?;
    Ok(())
}
