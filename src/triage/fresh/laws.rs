//! Laws that hold for every mail, on mail put together at random and then damaged.

use crate::terms::{Zone, ZoneSet};

use super::{Fresh, extract_html, extract_text};

/// A small generator of numbers, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.roll(from.len())]
    }
}

const PIECES: &[&str] = &[
    "Hi Maeve,\n\n",
    "Could you send the plan by Friday?\n\n",
    "Please move the button to the left, it overlaps the logo on my phone\nand I can't reach it.\n\n",
    "- first point\n- second point\n1. third\n\n",
    "Thanks,\nJane\n\n",
    "Kind regards\n\nJane Doe\nMarketing Director | Doe & Sons Ltd\nT: +44 1632 960 114\nwww.doe.example\n\n",
    "-- \nJane Doe\nDirector\n\n",
    "--\nsent by hand\n",
    "________________________________\n",
    "----\n",
    "On Mon, 4 May 2026 at 10:32, Maeve Gallagher <maeve@agency.example> wrote:\n",
    "Am 4. Mai 2026 um 10:32 schrieb Maeve Gallagher\n<maeve@agency.example>:\n",
    "On 4 May 2026, at 10:32, Maeve <\nmaeve@agency.example\n> wrote:\n\n",
    "> Hello Jane,\n>\n> here is the plan.\n\n",
    ">> older\n> newer\n",
    "From: Maeve Gallagher <maeve@agency.example>\nSent: 04 May 2026 10:32\nTo: Jane Doe\nSubject: Plan\n\n",
    "*Von:* Maeve\n*Gesendet:* Montag, 4. Mai 2026 10:32\n*An:* Jane\n*Betreff:* Plan\n\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "Begin forwarded message:\n\n",
    "## Please type your reply above this line ##\n",
    "Sent from my iPhone\n\n",
    "Get Outlook for iOS<https://aka.ms/o0ukef>\n",
    "This email and any attachments are confidential and intended solely for the addressee. If you have received this email in error please notify the sender.\n\n",
    "To unsubscribe click here\n",
    "[External] CAUTION: This email originated from outside the organisation. Do not click links.\n\n",
    "PS the swan is not ours.\n\n",
    "JD> quoted by initials\nJD> and again\n",
    "| barred\n| lines\n",
    "Yes. On 4 May 2026 at 10:32 Maeve <maeve@agency.example> wrote:\n",
    "Please book:\n\nFrom: Leeds\nTo: London\nDate: 5 May\nSubject: trip\n\n",
    "Original message:\n",
    "-----Bericht van vroeger-----\n",
    "Ok for me.-----Original Message-----From: Maeve\n",
    "Maeve <maeve@agency.example>\n04/05/26 10:32\nTo\nJane\nSubject\nPlan\n\n",
    "I forgot: it is for six.\n\n",
    "Name: Jane Doe\n\nMessage: please call me.\n\n",
    "****\n\nThis email is confidential and\n\nintended solely for you.\n\n****\n",
    "-Jane Doe\n",
    "Message-ID: <a@b>\n",
    "\n",
    " \u{a0}\u{200b}\n",
    "ᐧ\n",
    "写道：\n",
    "在 2026年5月4日，下午2:23，Maeve <maeve@agency.example> 写道：\n\n",
    "wrote:\n",
    "On\n",
    ":",
    "<",
    "x",
];

const SCRAPS: &[&str] = &[
    "\n", "\n\n", ">", " ", "--", "-", "_", ":", "@", "On ", "wrote:", "é", "：", "\u{301}", "\u{2028}", "?",
    "4", "\t", "*", "From:", "\r",
];

fn mail(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.roll(14) + 1 {
        text.push_str(dice.pick(PIECES));
    }
    for _ in 0..dice.roll(6) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let Some(&at) = places.get(dice.roll(places.len().max(1))) else { break };
        match dice.roll(3) {
            0 => text.insert_str(at, dice.pick(SCRAPS)),
            1 => {
                text.remove(at);
            }
            _ => text.truncate(at),
        }
    }
    text
}

fn all() -> ZoneSet {
    Zone::ALL.iter().copied().collect()
}

fn check_spans(fresh: &Fresh, source: &str) {
    let mut at = 0;
    for span in &fresh.zones {
        assert_eq!(span.start, at, "{source:?}");
        assert!(span.end > span.start, "{source:?}");
        at = span.end;
    }
    assert_eq!(at, fresh.text.len(), "{source:?}");
    let mut last = 0;
    for sentence in &fresh.sentences {
        assert!(sentence.start >= last && sentence.end > sentence.start, "{source:?}");
        assert!(sentence.end - sentence.start <= 1000, "{source:?}");
        let text = fresh.text.get(sentence.start..sentence.end).unwrap();
        assert_eq!(text.trim(), text, "{source:?}");
        let inside = |z: &&super::ZoneSpan| z.start <= sentence.start && sentence.end <= z.end;
        assert!(fresh.zones.iter().any(|zone| inside(&zone) && zone.zone == sentence.zone), "{source:?}");
        last = sentence.end;
    }
}

fn new_text(fresh: &Fresh) -> String {
    let new = fresh.zones.iter().filter(|span| span.zone == Zone::New);
    new.map(|span| &fresh.text[span.start..span.end]).collect()
}

#[test]
fn zones_cover_the_text_and_cutting_twice_is_cutting_once() {
    let mut dice = Dice(7);
    for _ in 0..6000 {
        let source = mail(&mut dice);
        let fresh = extract_text(&source, all());
        assert_eq!(fresh.text, source);
        check_spans(&fresh, &source);
        let new = new_text(&fresh);
        let again = extract_text(&new, all());
        assert_eq!(new_text(&again).trim(), new.trim(), "{source:?}\n{fresh:?}");
    }
}

#[test]
fn what_a_person_wrote_on_top_is_never_lost() {
    let mut dice = Dice(11);
    let said = [
        "Approved, go ahead with the second draft.",
        "When will the booking form be ready?",
        "Logo is attached",
    ];
    for _ in 0..4000 {
        let top = dice.pick(&said);
        let source = format!("{top}\n\n{}", mail(&mut dice));
        let fresh = extract_text(&source, ZoneSet::EMPTY.with(Zone::New));
        assert!(new_text(&fresh).contains(top), "{source:?}\n{fresh:?}");
        assert!(!fresh.sentences.is_empty());
    }
}

#[test]
fn html_made_of_anything_is_read() {
    let tags = [
        "<div>",
        "</div>",
        "<p>",
        "</p>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<br>",
        "<ul><li>",
        "</ul>",
        "<table><tr><td>",
        "</table>",
        "<div class=gmail_quote>",
        "<div class=gmail_attr>",
        "<div id=divRplyFwdMsg>",
        "<span style='display:none'>",
        "</span>",
        "<pre>",
        "</pre>",
        "<style>p{}</style>",
        "<!-- ",
        "-->",
        "&nbsp;",
        "&amp;#x;",
        "<hr>",
        "<img alt=logo>",
        "<div id=Signature>",
        "<a href='",
        "'>",
        "<script>",
        "</script>",
        "<",
    ];
    let mut dice = Dice(13);
    for _ in 0..3000 {
        let mut source = String::new();
        for _ in 0..dice.roll(30) {
            source.push_str(dice.pick(&tags));
            if dice.roll(2) == 0 {
                source.push_str(dice.pick(PIECES));
            }
        }
        let fresh = extract_html(&source, all());
        check_spans(&fresh, &source);
        let again = extract_text(&new_text(&fresh), all());
        check_spans(&again, &source);
    }
}

/// Long text of one shape, whatever it is made of, keeps the laws. How its time grows is measured by
/// `cargo run --release --example fresh_speed`, not here: a test that reads a clock fails on a busy machine.
#[test]
fn long_text_of_one_shape_keeps_the_laws() {
    let shapes: &[&str] = &[
        "> quoted line of a mail\n",
        ">\n\n",
        "On Mon, 4 May 2026 at 10:32, Maeve <maeve@agency.example> wrote:\n",
        "On Mon, 4 May 2026 at 10:32, Maeve\n",
        "From: a@b.example\n",
        "From: a\nx\n",
        "x",
        "On 4 May ",
        "a. ",
        "? ",
        "--\n",
        "Jane Doe\n",
        "T: 01632 960 114\n\n",
        "confidential ",
        "[External]\n",
        "Sent from my iPhone\nx\n",
        "- \n",
        "(",
        "\u{a0}",
        "é",
    ];
    for shape in shapes {
        let text = shape.repeat(80_000 / shape.len());
        check_spans(&extract_text(&text, all()), shape);
    }
    let tags = [
        "<div>",
        "<blockquote>",
        "<p>",
        "<ul><li>",
        "<table><tr><td>x",
        "</div>",
        "&amp;",
        "<a b=c>",
        "<div id=signature>x",
    ];
    for shape in tags {
        let source = shape.repeat(80_000 / shape.len());
        check_spans(&extract_html(&source, all()), shape);
    }
}
