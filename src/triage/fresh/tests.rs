//! Whole mails, each with the text that is the sender's.

use std::borrow::Cow;

use super::super::message::{Address, Message};
use super::*;

pub(super) fn wanted() -> ZoneSet {
    ZoneSet::EMPTY.with(Zone::Subject).with(Zone::New).with(Zone::Forwarded)
}

pub(super) fn zone(fresh: &Fresh, zone: Zone) -> String {
    let spans = fresh.zones.iter().filter(|span| span.zone == zone);
    spans.map(|span| &fresh.text[span.start..span.end]).collect::<String>().trim().to_owned()
}

#[test]
fn signatures_go_and_sign_offs_stay() {
    let table = [
        ("See you.\n\n-- \nJane Doe\nDirector\n", "See you."),
        (
            "See you.\n\nKind regards,\nJane\n\nJane Doe | Director\nDoe Ltd\nT: 01632 960 114\n",
            "See you.\n\nKind regards,\nJane",
        ),
        ("See you.\n\nSent from my iPhone\n", "See you."),
        ("Bis bald.\n\nVon meinem iPhone gesendet\n", "Bis bald."),
        ("À bientôt.\n\nEnvoyé de mon iPhone\n", "À bientôt."),
        ("See you.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n", "See you."),
        (
            "Sent from my desk, which is tidier than my phone.\n",
            "Sent from my desk, which is tidier than my phone.",
        ),
        (
            "Here are the links:\n\nhttps://a.example/one\nhttps://a.example/two\n",
            "Here are the links:\n\nhttps://a.example/one\nhttps://a.example/two",
        ),
        (
            "One.\n\n----\n\nTwo is a longer sentence about the page.\n",
            "One.\n\n----\n\nTwo is a longer sentence about the page.",
        ),
        (
            "Approved.\n\nJane\n\nPS: the swan is not ours.\n",
            "Approved.\n\nJane\n\nPS: the swan is not ours.",
        ),
        ("--\nJane Doe\n", "--\nJane Doe"),
        (
            "The text is fine.\n\n---\n\nPlease send the second draft.\n\nThe board meets soon.\n",
            "The text is fine.\n\n---\n\nPlease send the second draft.\n\nThe board meets soon.",
        ),
        ("See you.\n\n----------\nJane Doe\nTel. 01632 960 114\n", "See you."),
        (
            "The venue:\n\n----------\nVenue\nTel. 01632 960 114\n",
            "The venue:\n\n----------\nVenue\nTel. 01632 960 114",
        ),
        // A form is what somebody filled in.
        (
            "Name: Jane Doe\n\nEmail: jane@client.example\n\nPhone: 01632 960 114\n\nMessage: I would like a quote.\n",
            "Name: Jane Doe\n\nEmail: jane@client.example\n\nPhone: 01632 960 114\n\nMessage: I would like a quote.",
        ),
        (
            "了解しました。\n\n＝＝＝＝\n織田太郎\n株式会社サンプル\nTEL: 03-0000-0000\n＝＝＝＝\n",
            "了解しました。",
        ),
        ("好的。\n\n————\n\n小满\n活动协调人\n", "好的。"),
        (
            "A table, please.\n\nSent from my iPhone\n\nI forgot: it is for six.\n",
            "A table, please.\n\nI forgot: it is for six.",
        ),
        ("Yes.\n\nSent from my iPhone\n\nHi Jane,\nis it blue?\n", "Yes."),
        ("See you.\n\nSent wirelessly from my BlackBerry device.\n", "See you."),
    ];
    for (text, expected) in table {
        assert_eq!(zone(&extract_text(text, wanted()), Zone::New), expected, "{text}");
    }
}

#[test]
fn footers_and_banners_have_zones_of_their_own() {
    let text = "[External]\n\nApproved.\n\nThis email and any attachments are confidential and intended solely for the addressee.\n";
    let fresh = extract_text(text, wanted());
    assert_eq!(zone(&fresh, Zone::Banner), "[External]");
    assert_eq!(zone(&fresh, Zone::New), "Approved.");
    assert!(zone(&fresh, Zone::Footer).starts_with("This email"));
    let notice = "****\n\nThis email is confidential and\n\nintended solely for the addressee.\n\n****\n";
    assert_eq!(zone(&extract_text(&format!("Approved.\n\n{notice}"), wanted()), Zone::New), "Approved.");
    let matter = format!("Please put this under all our mails:\n\n{notice}");
    assert!(
        zone(&extract_text(&matter, wanted()), Zone::New).ends_with("intended solely for the addressee.")
    );
    let below = "This email is confidential and intended solely for the addressee.\nPlease unlock it.";
    let fresh = extract_text(&format!("We are locked out.\n{below}\n"), wanted());
    assert!(zone(&fresh, Zone::New).ends_with("Please unlock it."), "{fresh:?}");
    let kept = "Please put a line on the privacy policy into the footer of the site.\n";
    assert_eq!(zone(&extract_text(kept, wanted()), Zone::New), kept.trim());
}

#[test]
fn answers_between_quotes_are_new() {
    let text = "On Mon, 4 May 2026 at 10:32, Maeve <maeve@agency.example> wrote:\n> Is it blue?\n\nYes.\n\n> And green?\n\nNo.\n";
    let fresh = extract_text(text, wanted());
    assert_eq!(zone(&fresh, Zone::New), "Yes.\n\nNo.");
    let text = "Hi,\n> one\nfirst answer\n> two\nsecond answer\n";
    assert_eq!(zone(&extract_text(text, wanted()), Zone::New), "Hi,\nfirst answer\nsecond answer");
}

#[test]
fn an_attribution_may_begin_on_the_senders_line() {
    let table = [
        (
            "Please see my notes. On Nov 30, 2026, at 12:47 PM, Ann <a@b.example>\nwrote:\n\n> Hi\n",
            "Please see my notes.",
        ),
        ("Yes, go on. On 30 Nov 2026, Ann Doe wrote:\n\n> Hi\n", "Yes, go on."),
        ("Bitte senden. Am 4. Mai 2026 um 10:32 schrieb Ann <a@b.example>:\n> Hi\n", "Bitte senden."),
        (
            "Please send it. On Mon, 4 May 2026 at 10:32 Ann <a@b.example> wrote:\n\nWhat is it?\n",
            "Please send it.",
        ),
        // Nothing says that a program wrote it.
        (
            "Put it up. On 4 May 2026 at 10:32 Ann (a@b.example) wrote:\n\nA lovely place.\n\nPlease put that on the page.\n",
            "Put it up. On 4 May 2026 at 10:32 Ann (a@b.example) wrote:\n\nA lovely place.\n\nPlease put that on the page.",
        ),
        (
            "I recall this. On 4 May 2026 Ann wrote:\n\nWe need blue.\n",
            "I recall this. On 4 May 2026 Ann wrote:\n\nWe need blue.",
        ),
        ("--- Colour ---\n> blue?\nYes.\n", "--- Colour ---\nYes."),
        ("As I said:\n> blue\nand not green.\n", "As I said:\nand not green."),
    ];
    for (text, expected) in table {
        assert_eq!(zone(&extract_text(text, wanted()), Zone::New), expected, "{text}");
    }
}

#[test]
fn a_forward_between_marks_ends_with_them() {
    let block =
        "> From: Ann <a@b.example>\n> Date: 4 May 2026 10:32\n> Subject: Cards\n>\n> Do cards expire?\n";
    for above in ["Hello.\n\n", ""] {
        let text = format!("{above}Begin forwarded message:\n\n{block}\nCan you answer her?\n");
        let fresh = extract_text(&text, wanted());
        assert!(zone(&fresh, Zone::New).ends_with("Can you answer her?"), "{fresh:?}");
        assert!(zone(&fresh, Zone::Forwarded).contains("Do cards expire?"), "{fresh:?}");
    }
}

#[test]
fn words_above_a_block_belong_to_it() {
    let block =
        "From: Ann <a@b.example>\nDate: 4 May 2026 10:32\nTo: Jane\nSubject: Cards\n\nDo cards expire?\n";
    let captions =
        ["Original message:", "Original Message", "-----Bericht van vroeger-----", "Mensaje original:"];
    for caption in captions {
        let fresh = extract_text(&format!("They do.\n\n{caption}\n{block}"), wanted());
        assert_eq!(zone(&fresh, Zone::New), "They do.", "{caption}");
    }
    let notes =
        "Ann Doe <a@b.example>\n17/04/26 15:57\n\nTo\nJane Roe\ncc\n\nSubject\nCards\n\nDo cards expire?\n";
    assert_eq!(zone(&extract_text(&format!("They do.\n\n{notes}"), wanted()), Zone::New), "They do.");
    let pasted = "What we have:\n\nMessage-ID: <a@b>\nDate: Mon, 4 May 2026 10:32:00 +0100\nFrom: Ann <a@b.example>\nTo: Jane <j@b.example>\nSubject: Cards\n\nPlease act on it.";
    assert_eq!(zone(&extract_text(pasted, wanted()), Zone::New), pasted);
    let order = "Please book:\n\nFrom: Leeds\nTo: London\nDate: 5 May\nSubject: our trip\n\nCan you do that?";
    assert_eq!(zone(&extract_text(order, wanted()), Zone::New), order);
    let words = "Remove this: -----Original Message-----\nAlso the logo.";
    assert_eq!(zone(&extract_text(words, wanted()), Zone::New), words);
    let rota = "The rota:\n\nJane Doe\n04/05/2026 10:32\nTo: Leeds\nSubject: stock\n\nPlease put it up.";
    assert_eq!(zone(&extract_text(rota, wanted()), Zone::New), rota);
    let joined = "Ok for me.-----Original Message-----\nFrom: Ann <a@b.example>\nSubject: Cards\n\nDo they?";
    assert_eq!(zone(&extract_text(joined, wanted()), Zone::New), "Ok for me.");
    let yahoo = "See this.\n\n   ----- Forwarded Message ----- From: Ann <a@b.example>To: \"j@b.example\" <j@b.example>Sent: Monday, 4 May 2026, 10:32Subject: Cards\n Do they expire?";
    assert_eq!(zone(&extract_text(yahoo, wanted()), Zone::New), "See this.");
    let journey = "Please change it.\n\nFrom: Leeds\nTo: London\nDate: 5 May\n\nCan you do that?";
    assert_eq!(zone(&extract_text(journey, wanted()), Zone::New), journey);
}

#[test]
fn a_block_is_quoted_in_an_answer_and_forwarded_in_a_forward() {
    let block =
        "From: Ann <ann@b.example>\nSent: 04 May 2026 10:32\nTo: Jane\nSubject: Cards\n\nDo cards expire?\n";
    let table = [
        ("Re: Cards", "Thanks, that is all we need for the board.\n\n", Zone::Quoted, false),
        ("FW: Cards", "See below, what can I tell her?\n\n", Zone::Forwarded, true),
        ("WG: Cards", "FYI\n\n", Zone::Forwarded, true),
        ("Fwd: Cards", "One for you, I think. Ann runs the shop in the square.\n\n", Zone::Forwarded, true),
        ("Cards", "", Zone::Forwarded, true),
        (
            "Fwd: Cards",
            "We want the whole card page rewritten before the summer sale begins, with new photographs, and the price list moved to the top of the page for everybody to see at once.\n\n",
            Zone::Forwarded,
            false,
        ),
    ];
    for (subject, new, expected, pointer) in table {
        let text = format!("{new}{block}");
        let message =
            Message { subject: Cow::Borrowed(subject), text: Some(Cow::Owned(text)), ..Message::default() };
        let fresh = extract(&message, wanted());
        assert!(zone(&fresh, expected).contains("Do cards expire?"), "{subject}: {fresh:?}");
        assert_eq!(fresh.pointer, pointer, "{subject}");
        assert_eq!(zone(&fresh, Zone::New), new.trim(), "{subject}");
    }
}

#[test]
fn an_enclosed_mail_is_forwarded_with_its_own_history_cut() {
    let text =
        "Is the shop page ready?\n\nOn Mon, 4 May 2026 at 10:32, Jane <jane@b.example> wrote:\n> older\n";
    let inner =
        Message { subject: Cow::Borrowed("Shop"), text: Some(Cow::Borrowed(text)), ..Message::default() };
    let message = Message {
        subject: Cow::Borrowed("Fwd: Shop"),
        text: Some(Cow::Borrowed("Can you answer this one?\n")),
        from: Some(Address { name: Cow::Borrowed("Jane Doe"), address: Cow::Borrowed("jane@b.example") }),
        enclosed: vec![inner],
        ..Message::default()
    };
    let fresh = extract(&message, wanted());
    assert_eq!(zone(&fresh, Zone::Forwarded), "Shop\nIs the shop page ready?");
    assert!(zone(&fresh, Zone::Quoted).contains("older") && fresh.pointer);
}

#[test]
fn html_reads_as_a_person_sees_it() {
    let table = [
        ("<p>Hi &amp; hello,</p><p>two&nbsp;words</p>", "Hi & hello,\n\ntwo words"),
        ("<div>One</div><div><br></div><div>Two<br>Three</div>", "One\n\nTwo\nThree"),
        ("<ul><li>a<li>b<ol><li>c</ol></ul>", "- a\n- b\n\n  1. c"),
        ("<span style=\"display:none\">hidden</span><style>p{}</style>Shown<script>x</script>", "Shown"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"),
        (
            "Yes<blockquote type=cite>On 4 May 2026, at 10:32, Ann &lt;a@b.example&gt; wrote:<br>older</blockquote>",
            "Yes",
        ),
        (
            "<div dir=ltr>Yes</div><div class=gmail_quote><div class=gmail_attr>Inconnu a dit:</div><blockquote class=gmail_quote>older</blockquote></div>",
            "Yes",
        ),
        ("Yes<div id=divRplyFwdMsg><b>Xyz:</b> Ann<br><b>Abc:</b> b</div><div>older</div>", "Yes"),
        (
            "Yes<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>From:</b> Ann<br><b>Sent:</b> 4 May 2026 10:32<br><b>Subject:</b> x</p></div>older",
            "Yes",
        ),
        ("Yes<blockquote style=\"margin:0 0 0 40px;border:none\">indented</blockquote>", "Yes\n\nindented"),
        ("Yes<div class=gmail_signature>Ann Doe</div>", "Yes"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<div>Yes</div><div class=freshdesk_quote><div>older</div></div>", "Yes"),
        ("<blockquote><p>Please send it.</p><blockquote>older</blockquote></blockquote>", "Please send it."),
        ("text<img src=x width=1 height=1 alt=pixel><img alt=Logo>", "text[image: Logo]"),
    ];
    for (html, expected) in table {
        assert_eq!(zone(&extract_html(html, wanted()), Zone::New), expected, "{html}");
    }
}

#[test]
fn the_text_is_read_unless_it_is_a_stub() {
    let read = |text: &'static str, html: &'static str| {
        let message = Message {
            text: Some(Cow::Borrowed(text)),
            html: Some(Cow::Borrowed(html)),
            ..Message::default()
        };
        zone(&extract(&message, wanted()), Zone::New)
    };
    assert_eq!(read("Approved.\n", "<p>Approved.</p>"), "Approved.");
    assert_eq!(read("Your client does not support HTML.\n", "<p>Approved.</p>"), "Approved.");
    assert_eq!(read("\n", "<p>Approved.</p>"), "Approved.");
}

/// A reply in HTML that Outlook wrote, its answers inside the mail below.
fn answered(new: &str, below: &str) -> String {
    format!(
        "<div><p class=MsoNormal>{new}</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt \
         0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Maeve &lt;maeve@agency.example&gt;<br><b>Sent:</b> 04 May \
         2026 10:32<br><b>To:</b> Jane<br><b>Subject:</b> Questions</p></div>{below}</div>"
    )
}

#[test]
fn answers_told_by_colour_are_new_where_they_are_announced() {
    let below = "<p>Hi Jane,</p><p>Which of the two logos do you prefer?</p>\
                 <p><span style='color:red'>The second one, please.</span></p>\
                 <p>And when do you need it? <span style='color:red'>By Friday.</span></p><p>Maeve</p>";
    let table = [
        ("See my answers in red below.", below, "The second one, please.\nBy Friday."),
        ("Antworten in Rot, siehe unten.", below, "The second one, please.\nBy Friday."),
        ("Réponses en rouge ci-dessous.", below, "The second one, please.\nBy Friday."),
        ("Comments inline.", below, "The second one, please.\nBy Friday."),
        // Another colour than the one announced, a wish for a colour, and no announcement at all.
        ("See my answers in blue below.", below, ""),
        ("Please put the heading in red.", below, ""),
        ("Thanks, that is clear.", below, ""),
        (
            "See my replies in blue.",
            "<p>Hi Jane,</p><p>Which of the two logos do you prefer, the first or the second?</p>\
             <p><font color='#0070C0'>The second.</font></p><p>Maeve</p><p>T: 01632 960 552<br>\
             <a href='https://agency.example'><span style='color:#0563C1'>https://agency.example</span></a></p>",
            "The second.",
        ),
        (
            "Answers highlighted below.",
            "<p>Which logo do you prefer, the first or the second?</p>\
             <p><span style='background:yellow;mso-highlight:yellow'>The second.</span></p>",
            "The second.",
        ),
        // All of the earlier mail is in that colour: its writer's habit.
        (
            "See my replies in blue.",
            "<p style='color:#1F497D'>Which of the two logos do you prefer?</p><p>Maeve</p>",
            "",
        ),
        // An older mail below the one that is answered is in that colour.
        (
            "See my replies in blue.",
            "<p>Which logo do you prefer, the first or the second?</p><p><b>From:</b> Jane Doe<br><b>Sent:</b> 03 \
             May 2026 10:32<br><b>To:</b> Maeve<br><b>Subject:</b> Logos</p><p style='color:#1F497D'>Two more \
             logos for you.</p>",
            "",
        ),
    ];
    for (new, below, answers) in table {
        let fresh = extract_html(&answered(new, below), wanted());
        let found = zone(&fresh, Zone::New);
        let said = found.strip_prefix(new).unwrap_or_else(|| panic!("{new}: {fresh:?}"));
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(said.join("\n"), answers, "{new} {below}");
        assert_eq!(zone(&fresh, Zone::Quoted).contains("Which"), below.contains("Which"), "{fresh:?}");
    }
}

#[test]
fn the_text_is_read_as_html_where_answers_have_a_colour() {
    let html =
        answered("See my answers in red below.", "<p>Which logo?</p><p style='color:red'>The second.</p>");
    let text = "See my answers in red below.\n\nFrom: Maeve <maeve@agency.example>\nSent: 04 May 2026 10:32\n\
                To: Jane\nSubject: Questions\n\nWhich logo?\n\nThe second.\n\nThe agency is closed on the first \
                Monday of May, as it is every year, and open again on Tuesday morning.\n";
    let message =
        Message { text: Some(Cow::Borrowed(text)), html: Some(Cow::Owned(html)), ..Message::default() };
    assert!(zone(&extract(&message, wanted()), Zone::New).ends_with("The second."));
}

#[test]
fn answers_told_by_a_mark_are_new_where_they_are_announced() {
    let block =
        "From: Maeve <maeve@agency.example>\nSent: 04 May 2026 10:32\nTo: Jane\nSubject: Questions\n\n";
    let table = [
        (
            "My answers are below, marked [Jane].",
            "Which logo do you prefer?\n[Jane] The second one.\n\nWhen do you need it?\n[Jane] By Friday.\n",
            "[Jane] The second one.\n[Jane] By Friday.",
        ),
        (
            "Answers below.",
            "Which logo do you prefer?\n>> The second one.\n\nWhen do you need it, and where?\n\n>> By Friday.\n\nMaeve\n",
            ">> The second one.\n>> By Friday.",
        ),
        ("Thanks.", "** Note **\n** Note two **\nWhich logo do you prefer?\n", ""),
    ];
    for (new, below, answers) in table {
        let found = zone(&extract_text(&format!("{new}\n\n{block}{below}"), wanted()), Zone::New);
        let said: Vec<&str> = found.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(said.join("\n"), answers, "{new}: {found}");
    }
}

#[test]
fn odd_habits_of_clients() {
    let table = [
        // The reply and the attribution share a line.
        ("yes On Mon, 4 May 2026 at 10:32, maeve@agency.example wrote:\n> Blue?\n", "yes"),
        (
            "one\ntwo - three--- On Mon, 4 May 2026 at 10:32, maeve@agency.example wrote:\n> Blue?\n",
            "one\ntwo - three",
        ),
        // Links that fell off the quote.
        (
            "Yes.\n\nOn 4 May 2026 at 10:32, Maeve wrote:\n\n>\n> Answer at\n>\n (http://a.example/c/1) >\n> or there\n>\n",
            "Yes.",
        ),
        ("Yes.\n\nOn 4 May 2026 at 10:32, Maeve wrote:\n\n> See (http://a.example/act\n_n=3)\n>\n", "Yes."),
        // Two fields are a block when they can be nothing else.
        ("Yes.\n\nDate: Mon, 4 May 2026 10:32:02 +0100\nTo: jane@client.example\n", "Yes."),
        (
            "Visit us\n>>> >>> http://a.example <<<\nor call\n",
            "Visit us\n>>> >>> http://a.example <<<\nor call",
        ),
        ("Yes.\n\nOn 4 May 2026, at 10:32, Maeve <maeve@agency.example> sent:\n\n>\n> Blue?\n", "Yes."),
        ("Yes.\n\nSent from Samsung MobileMaeve <maeve@agency.example> wrote:\n\n>\n> Blue?\n", "Yes."),
        ("Yes.\n\n------On 4/5/2026 10:32 AM, Maeve wrote-----\n\nBlue or green?\n", "Yes."),
        (
            "Thanks Maeve\n On 4 May 2026 10:32 AM, \"agency.example\" <\nr+7f1b094c@agency.example> wrote:\n\n>**\n>  Blue?\n",
            "Thanks Maeve",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(zone(&extract_text(text, wanted()), Zone::New), expected, "{text}");
    }
}
