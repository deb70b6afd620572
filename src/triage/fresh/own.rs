//! Words of the sender's that look like what programs write, each with what is theirs.
//!
//! Losing these is the worst fault the stage can make: they are often the whole answer.

use std::borrow::Cow;

use super::super::message::Address;
use super::tests::{wanted, zone};
use super::*;

const BLOCK: &str = "From: Nora Castellane <nora@agency.example>\nSent: Monday, 16 March 2026 09:30\n\
                     To: Jane Doe\nSubject: Plan\n\nWhich one?\n";

/// Texts of which all is the sender's.
fn keep(texts: &[&str]) {
    for text in texts {
        assert_eq!(zone(&extract_text(text, wanted()), Zone::New), text.trim(), "{text}");
    }
}

#[test]
fn a_line_that_begins_as_a_field_stays_above_a_block() {
    for own in [
        "Hi Nora,\n\nDate: Friday at 3pm suits me.",
        "Hi Nora,\n\nWhen: Thursday\nThanks, Jane",
        "Priority: the contact page first.",
        "Hallo,\n\nAnhang: bitte das lange nehmen.",
    ] {
        let fresh = extract_text(&format!("{own}\n\n\n{BLOCK}"), wanted());
        assert_eq!(zone(&fresh, Zone::New), own, "{own}");
    }
    // Some programs leave a blank line below each field.
    let spaced = BLOCK.replacen('\n', "\n\n", 3);
    assert_eq!(zone(&extract_text(&format!("Yes.\n\n{spaced}"), wanted()), Zone::New), "Yes.");
    let ruled = "<p>Hi</p><p>Copy: the long one.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>\
                 <p><b>From:</b> Nora<br><b>Sent:</b> 16 March 2026 09:30<br><b>To:</b> Jane<br>\
                 <b>Subject:</b> Plan</p></div><p>Which?</p>";
    assert!(zone(&extract_html(ruled, wanted()), Zone::New).ends_with("Copy: the long one."));
}

#[test]
fn what_people_say_was_written_is_no_attribution() {
    keep(&[
        "Hi,\n\nOn 16 March I wrote:\n\nthe map is wrong.\n\nIt still is.\n",
        "Hallo,\n\nam 16.3. schrieb uns eine Kundin:\n\ndie Karte fehlt.\n\nBitte prüfen.\n",
        "Hi,\n\nthe customer tom@walsh.example wrote:\n\nI can't find the price list.\n\nCan you link it?\n",
        "Hi,\n\n1 June: newsletter to customers@client.example:\nsummer sale\n\nOk?\n",
        "From the log:\n\n2026-05-04 10:32:15 mail from info@client.example rejected:\n550 no such user\n\nWhy?\n",
    ]);
}

#[test]
fn contact_details_that_are_announced_are_the_matter() {
    keep(&[
        "Please change the address to:\n\nClient Ltd\n12 Main Street\nDublin 2\nTel: 01 555 0114\n",
        "Hi,\n\nplease link to these:\n\nFacebook: https://social.example/client\nInstagram: https://pictures.example/client\n",
    ]);
    let signed = "All of it is here:\n\nhttps://files.example/a\n\nRegards,\nJane\n\nJane Doe\nDirector, Doe Ltd\nT: 01632 960 114\n";
    assert!(zone(&extract_text(signed, wanted()), Zone::New).ends_with("Regards,\nJane"));
}

#[test]
fn a_warning_ends_where_the_reply_begins() {
    let reply = "Yes please, the second one\n\nJane";
    for warning in [
        "EXTERNAL EMAIL",
        "You don't often get email from jane@doe.example. Learn why this is important<https://aka.ms/learn>",
        "ACHTUNG: Diese E-Mail kommt von außerhalb der Organisation. Klicken Sie nicht auf Links.",
        "ATTENTION : Ce courriel provient de l'extérieur. Ne cliquez pas sur les liens.",
    ] {
        for gap in ["\n", "\n\n"] {
            let fresh = extract_text(&format!("{warning}{gap}{reply}\n"), wanted());
            assert_eq!(zone(&fresh, Zone::New), reply, "{warning}");
        }
    }
    let wrapped = "CAUTION: This email came from outside the organisation. Do not click\n\
                   links or open attachments unless you know the sender.\n\nYes.\n";
    assert_eq!(zone(&extract_text(wrapped, wanted()), Zone::New), "Yes.");
    keep(&["Caution: the new menu covers the logo on phones.\n\nPlease look at it.\n"]);
}

#[test]
fn an_answer_typed_into_the_signature_is_given_back() {
    let html = "<div class='gmail_signature'><div>The second banner is fine, please remove the old number.</div>\
                <div>Jane Doe</div></div><div class='gmail_quote'><div class='gmail_attr'>On Mon, 16 Mar 2026 at \
                09:30 Nora &lt;nora@agency.example&gt; wrote:<br></div><blockquote>Which?</blockquote></div>";
    let fresh = extract_html(html, wanted());
    assert_eq!(zone(&fresh, Zone::New), "The second banner is fine, please remove the old number.");
    let html = "<p>Yes.</p><div id=Signature><div>Jane Doe</div><div>P.S. The photo is missing.</div></div><p>Bye</p>";
    assert_eq!(zone(&extract_html(html, wanted()), Zone::New), "Yes.\n\nP.S. The photo is missing.\n\nBye");
    let afterthought = "The second.\n\nSent from my iPhone\n\nP.S. please send the April invoice again.\n";
    assert_eq!(
        zone(&extract_text(afterthought, wanted()), Zone::New),
        "The second.\n\nP.S. please send the April invoice again."
    );
    let form = "When I answer from the phone it puts\n\nSent from my iPhone\n\nunder the form. Can you stop that?\n\nJane\n";
    keep(&[form]);
    let told = "The booking mail says\n\nSent from my iPhone\n\nat the bottom, although nobody has one.\n";
    assert!(zone(&extract_text(told, wanted()), Zone::New).starts_with("The booking mail says"));
}

#[test]
fn small_letters_and_open_heads_are_seen() {
    for (html, new) in [
        ("<div style='font-size:0.9em'>The second is fine.</div>", "The second is fine."),
        ("<body style='font-size:.875rem'><p>Yes.</p>", "Yes."),
        ("<div style='font-size:0px'>Preheader</div><p>Yes.</p>", "Yes."),
        ("<div style='max-height:0;opacity:0'>Preheader</div><p>Yes.</p>", "Yes."),
        ("<html><head><meta charset=utf-8><body><p>The second one.</p></body></html>", "The second one."),
        ("<html><head><title>x</title><style>p{}</style><p>Yes.</p>", "Yes."),
    ] {
        assert_eq!(zone(&extract_html(html, wanted()), Zone::New), new, "{html}");
    }
}

#[test]
fn what_is_only_indented_is_not_quoted() {
    let indented =
        "<p>The text for the home page:</p><blockquote>Bread since always.</blockquote><p>Thanks</p>";
    let new = zone(&extract_html(indented, wanted()), Zone::New);
    assert!(new.contains("Bread since always."), "{new}");
    for attribution in ["On 16 March 2026, Nora wrote:", "Nora wrote:", "nora@agency.example:"] {
        let html = format!("<p>Yes.</p><p>{attribution}</p><blockquote>Which one?</blockquote>");
        assert!(!zone(&extract_html(&html, wanted()), Zone::New).contains("Which one?"), "{attribution}");
    }
}

#[test]
fn a_postscript_below_a_signature_is_new() {
    for thought in [
        "PS: the swan is not ours.",
        "P.S. Please send the April invoice again.",
        "PPS and bring cake",
        "NB the office is closed on Monday.",
        "Nachtrag: bitte auch die Rechnung.\n\nEs eilt.",
        "P.D.: falta la foto del equipo.",
        "U.i. a kép is hiányzik.",
        "Jk: kuva puuttuu.",
        "З.Ы. пришлите счёт ещё раз.",
        "追伸 写真も送ってください。",
        "추신: 사진도 보내 주세요.",
        "Oh, and could you send the April invoice again?",
    ] {
        for signature in [
            "-- \nJane Doe\nDirector",
            "--\nJane Doe\nDoe Ltd",
            "Jane Doe\nDirector | Doe Ltd\nT: 01632 960 114\nwww.doe.example",
        ] {
            let text = format!("See you.\n\nRegards,\nJane\n\n{signature}\n\n{thought}\n");
            let new = zone(&extract_text(&text, wanted()), Zone::New);
            // Below what is no signature for sure, a question is left together with what stands above it.
            if thought.starts_with("Oh") && !signature.starts_with("-- ") {
                assert!(new.ends_with(thought), "{text}");
            } else {
                assert_eq!(new, format!("See you.\n\nRegards,\nJane\n\n{thought}"), "{text}");
            }
        }
    }
    // Names and titles that begin with the same letters.
    for name in ["PS Audio Ltd", "NB Architects", "UI Designer", "P.S. Walsh"] {
        let fresh = extract_text(&format!("See you.\n\n-- \nJane Doe\n{name}\n"), wanted());
        assert_eq!(zone(&fresh, Zone::New), "See you.", "{name}");
    }
    let footer = "This email and any attachments are confidential and intended solely for the addressee.";
    let fresh = extract_text(&format!("See you.\n\n-- \nJane\n\nPS: cake!\n\n{footer}\n"), wanted());
    assert_eq!(zone(&fresh, Zone::New), "See you.\n\nPS: cake!");
    keep(&[
        "Approved.\n\nJane\n\nPS: ask the zoo, its number is\n\nDublin Zoo\nT: 01 555 0114\nwww.zoo.example\n",
    ]);
}

#[test]
fn contact_details_that_words_introduce_are_the_matter() {
    let card = "Client Ltd\n12 Main Street\nDublin 2\nTel: 01 555 0114\nshop@client.example";
    for above in [
        "Please send it to",
        "Please send it to:",
        "The new address is",
        "Could you put Sarah on the team page? Her details are",
        "Please correct the contact page. The right ones are below.",
        "Die neue Anschrift lautet",
        "La nouvelle adresse est la suivante",
        "La nueva dirección es",
        "Новый адрес такой",
        "新しい連絡先は以下の通りです。",
    ] {
        for gap in ["\n", "\n\n"] {
            keep(&[&format!("Hi,\n\n{above}{gap}{card}\n")]);
        }
    }
    keep(&["Please put this into the footer:\n\n----------\nJane Doe\nT: 01 555 0114\nwww.doe.example\n"]);
    for above in [
        "I don't know where the file is",
        "The new address is 12 Main Street.",
        "It is a licence of MIT",
        ":+1:",
    ] {
        let text = format!("{above}\n\nJane Doe\nDirector | {card}\n");
        assert_eq!(zone(&extract_text(&text, wanted()), Zone::New), above);
    }
}

#[test]
fn a_journey_is_no_header_block() {
    keep(&[
        "Train, please\n\nFrom: Leeds\nTo: London\nDate: 12 May 2026 07:15\nPassengers: 2\n\nToday?\n",
        "Flights.\n\nFrom: Dublin\nTo: Berlin\nDate: 12/05/2026 10:30\nContact: jane@client.example\n\nThanks\n",
        "So:\n\nVon: Berlin\nNach: Ulm\nDatum: 12.05.2026 09:30\nAn: 13:45 Gleis 7\n\nBitte buchen.\n",
        "Legs\n\n----------\nFrom: Leeds\nTo: London\nDate: 12 May 2026 07:15\n----------\nFrom: London\nTo: Leeds\n\nOk?\n",
        "Fine with me\n\nFrom: 10 May\nTo: 20 May\nSubject: to the weather\n\nJane\n",
        "Mail should go on\n\nFrom: info@client.example\nTo: jane@client.example\n\nfrom Monday. Can you?\n",
    ]);
    for block in [
        "From: Ann Other\nSent: 04 May 2026 10:32\nTo: Jane Doe",
        "From: Ann Other\nDate: Monday, 4 May 2026 at 10:32\nTo: Jane Doe\nCc: Tom Walsh",
        "From: Ann Other\n<ann@b.example>\nDate: 4 May 2026 10:32\nTo: Jane Doe",
        "________________________________\nFrom: Ann Other <ann@b.example>\nTo: Jane Doe",
    ] {
        let fresh = extract_text(&format!("Yes.\n\n{block}\n\nDo cards expire?\n"), wanted());
        assert_eq!(zone(&fresh, Zone::New), "Yes.", "{block}");
    }
}

#[test]
fn small_answers_between_quotes_are_new() {
    let attribution = "On 4 May 2026 at 10:32, Maeve <maeve@agency.example> wrote:\n";
    let asked =
        "> Which of the two logos do you prefer, the blue one or the green one?\nthe blue one\n> And when?\n";
    let fresh = extract_text(&format!("{attribution}{asked}"), wanted());
    assert_eq!(zone(&fresh, Zone::New), "the blue one");
    let told =
        "> We would like to know which of the two logos you prefer, the first or\nthe second\n> one.\n";
    let fresh = extract_text(&format!("My answers are inline.\n\n{attribution}{told}"), wanted());
    assert_eq!(zone(&fresh, Zone::New), "My answers are inline.\n\nthe second");
    let fresh = extract_text(&format!("Yes.\n\n{attribution}{told}"), wanted());
    assert_eq!(zone(&fresh, Zone::New), "Yes.");
}

#[test]
fn answers_between_lines_with_initials_are_new() {
    let text = "Hello Maeve,\n\nMonday, May 4, 2026, 10:32:32 AM, you wrote:\n\nMG> Which one?\n\nThe blue one.\n\n\
                MG> And when?\n\nOn Friday.\n\n-- \nBest regards,\n Jane      mailto:jane@client.example\n";
    let fresh = extract_text(text, wanted());
    assert_eq!(zone(&fresh, Zone::New), "Hello Maeve,\n\nThe blue one.\n\nOn Friday.");
}

/// The new text of an answer by Jane Doe.
fn answer(text: &str) -> String {
    let mail = Message {
        subject: Cow::Borrowed("Re: Page"),
        from: Some(Address {
            name: Cow::Borrowed("Jane Doe"),
            address: Cow::Borrowed("jane@client.example"),
        }),
        text: Some(Cow::Borrowed(text)),
        ..Message::default()
    };
    zone(&extract(&mail, wanted()), Zone::New)
}

#[test]
fn a_block_of_somebody_else_is_the_matter() {
    let card = "Tom Walsh\nHead of Sales\ntom@client.example\n01 555 0115";
    for text in [
        format!("Tom starts on Monday, please add him.\n\n{card}\n"),
        format!("Ask Tom, he knows.\n\n{card}\n\nJane\n"),
        "Our social links\n\nFacebook: social.example/client\nTel: 01 555 0114\nEmail: shop@client.example\n"
            .to_owned(),
        "OK\n\nBlue Banner\n".to_owned(),
        "Hosting\n\nHost: ftp.client.example\nUser: jane@client.example\nHelp 01 555 0114\n".to_owned(),
        "Home Page\n\nFresh Bread Daily\n\nContact Page\n\nFind Us In Dublin\n".to_owned(),
    ] {
        assert_eq!(answer(&text), text.trim());
    }
    let own = "Jane Doe\nClient Ltd\n01 555 0114\njane@client.example";
    for matter in [
        "Tom starts on Monday, please add him.",
        "Please replace my number with\n087 555 0114",
        "Great. Launch it.\n\nJane",
        &format!("Please put Tom on the team page:\n\n{card}"),
    ] {
        assert_eq!(answer(&format!("{matter}\n\n{own}\n")), matter);
    }
    assert_eq!(
        answer("Yes.\n\nBest regards\n\nClient Ltd\n12 Main Street | Dublin 2\nT: 01 555 0114\n"),
        "Yes.\n\nBest regards"
    );
}

#[test]
fn what_follows_marked_mail_with_a_heading_is_new() {
    let block = "From: \"Maeve\" <maeve@agency.example>\nSent: Monday, May 04, 2026 10:32 AM\nTo: Jane\nSubject: Page\n";
    let marked: String = format!("----- Original Message -----\n{block}\nOk?\n")
        .lines()
        .map(|line| format!("> {line}\n"))
        .collect();
    assert_eq!(answer(&format!("Fine.\n\n{marked}\nAnd the map, too.\n")), "Fine.\n\nAnd the map, too.");
    let heading =
        format!("----- Original Message -----\n{block}\n> Ok?\n\nYes.\n\n> And the map?\n\nMove it up.\n");
    assert_eq!(answer(&heading), "Yes.\n\nMove it up.");
}
