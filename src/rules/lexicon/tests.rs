use super::*;
use crate::rules::normal::fold;

fn texts(sentence: &str) -> Vec<String> {
    let folded = fold(sentence);
    let mut found = Vec::new();
    tokens(&folded, 0, &mut found);
    found.into_iter().map(|token| token.text.to_owned()).collect()
}

fn phrase(part: Part, text: &str, class: usize, points: f64) -> Phrase<'static> {
    let mut all = [0.0; TARGETS];
    all[class] = points;
    Phrase { part, text: text.to_owned().into(), points: all }
}

#[test]
fn sentences_become_tokens() {
    assert_eq!(
        texts("Can’t we have it by Tues 12th May, for £1,200?"),
        [
            "^", "can't", "we", "have", "it", "by", "{day}", "{number}", "th", "may", "for", "{money}",
            "{number}", "{number}", "?", "$"
        ]
    );
    assert_eq!(
        texts("Wie läuft's am 3. Dezember"),
        ["^", "wie", "läuft's", "am", "{number}", "dezember", "$"]
    );
    assert!(texts("--- ... '").is_empty());
}

#[test]
fn phrases_are_found_where_they_count() {
    let lexicon = Lexicon::new(&[
        phrase(Part::Text, "could you", 3, 0.25),
        phrase(Part::Text, "^ could", 2, -0.5),
        phrase(Part::Text, "quote ?", 3, 1.0),
        phrase(Part::Subject, "quote", 3, 1.5),
    ]);
    let mut found = Vec::new();
    let mut list = Vec::new();
    for (part, sentence) in
        [(Part::Text, "could you quote?"), (Part::Subject, "could you quote"), (Part::Text, "you could")]
    {
        tokens(sentence, 0, &mut list);
        lexicon.scan(part, &list, sentence, |number, first, last| {
            found.push((lexicon.phrase(number).1.to_owned(), list[first].start, list[last].end));
        });
    }
    let at = |text: &str, start, end| (text.to_owned(), start, end);
    assert_eq!(
        found,
        [at("^ could", 0, 5), at("could you", 0, 9), at("quote ?", 10, 16), at("quote", 10, 15)]
    );
    assert_eq!(lexicon.points(1).collect::<Vec<_>>(), [(2, -0.5)]);
    assert_eq!(lexicon.points(7).count(), 0);
    assert!(Lexicon::new(&[]).is_empty());
    assert!(!Lexicon::default().looks_at(Part::Text));
}

#[test]
fn every_phrase_of_a_large_list_is_found_and_nothing_else() {
    let words: Vec<String> =
        (0..3000).map(|at| format!("w{}", (b'a' + (at % 26) as u8) as char).repeat(at / 26 + 1)).collect();
    let list: Vec<Phrase> = words.iter().map(|word| phrase(Part::Text, word, 0, 1.0)).collect();
    let lexicon = Lexicon::new(&list);
    for (number, word) in words.iter().enumerate() {
        let mut hits = Vec::new();
        let mut found = Vec::new();
        tokens(word, 0, &mut found);
        lexicon.scan(Part::Text, &found, word, |number, _, _| hits.push(number as usize));
        assert_eq!(hits, [number]);
    }
    let mut found = Vec::new();
    let none = "none of these words is known";
    tokens(none, 0, &mut found);
    lexicon.scan(Part::Text, &found, none, |_, _, _| panic!("nothing to find"));
}

#[test]
fn only_runs_of_tokens_are_phrases() {
    for text in ["could you", "^ could", "quote ?", "{day} $", "can't", "läuft's", "{money} {number}"] {
        assert!(is_phrase(text), "{text}");
    }
    for text in
        ["", "^", "$", "Could", "a b c d e", "could  you", "$ could", "could ^", "monday", "12", "e-mail"]
    {
        assert!(!is_phrase(text), "{text}");
    }
}

#[test]
fn longer_phrases_are_found_whatever_stands_before_them_in_the_list() {
    let lexicon = Lexicon::new(&[
        phrase(Part::Text, "as soon as possible", 1, 0.5),
        phrase(Part::Text, "soon", 1, 0.25),
        phrase(Part::Subject, "as soon", 1, 0.25),
    ]);
    let mut list = Vec::new();
    let text = "as soon as possible, soon as";
    tokens(text, 0, &mut list);
    let mut found = Vec::new();
    lexicon.scan(Part::Text, &list, text, |number, first, last| found.push((number, first, last)));
    assert_eq!(found, [(0, 1, 4), (1, 2, 2), (1, 5, 5)]);
}

#[test]
fn words_are_the_same_wherever_they_stand() {
    // Eight bytes at a time are looked at where so many follow.
    for word in
        ["i", "we", "don't", "läuft", "y'all're", "monthly", "schedule", "schedules", "wednesday", "mon"]
    {
        for (before, behind) in
            [("", ""), ("", " and some more of it"), ("so, ", "'"), ("(", ") it is"), ("a ", "'é")]
        {
            let text = format!("{before}{word}{behind}");
            let (mut alone, mut found) = (Vec::new(), Vec::new());
            tokens(word, before.len(), &mut alone);
            tokens(&text, 0, &mut found);
            let at =
                found.iter().position(|token| token.start == before.len() && !token.text.starts_with('^'));
            let token = at.and_then(|at| found.get(at));
            if behind == "'é" {
                assert_eq!(token.map(|token| token.end), Some(text.len()), "{text}");
            } else {
                assert_eq!(token, alone.get(1), "{text}");
            }
        }
    }
}

#[test]
fn weights_are_the_most_of_the_points() {
    let lexicon = Lexicon::new(&[phrase(Part::Text, "quote", 3, -1.25), phrase(Part::Text, "you", 2, 0.5)]);
    assert_eq!((lexicon.weight(0), lexicon.weight(1), lexicon.weight(2)), (125, 50, 0));
    let sums = lexicon.sums([0, 1, 0]);
    assert_eq!((sums[2].to_bits(), sums[3].to_bits()), (0.5_f64.to_bits(), (-2.5_f64).to_bits()));
}

#[test]
fn beginnings_are_found_in_words_that_go_on() {
    let lexicon = Lexicon::new(&[
        phrase(Part::Text, "conf*", 3, 0.25),
        phrase(Part::Text, "confi*", 3, 0.5),
        phrase(Part::Text, "confirm", 3, 1.0),
        phrase(Part::Subject, "con*", 3, 2.0),
    ]);
    let found = |part: Part, sentence: &str| {
        let (mut list, mut found) = (Vec::new(), Vec::new());
        tokens(sentence, 0, &mut list);
        lexicon.scan(part, &list, sentence, |number, first, last| {
            let words = &sentence[list[first].start..list[last].end];
            found.push(format!("{} {words}", lexicon.phrase(number).1));
        });
        found
    };
    assert_eq!(found(Part::Text, "do confirm"), ["confirm confirm", "conf* confirm", "confi* confirm"]);
    assert_eq!(found(Part::Text, "confit conf"), ["conf* confit", "confi* confit"]);
    assert_eq!(found(Part::Text, "con'firm conför"), ["conf* conför"]);
    assert_eq!(found(Part::Subject, "confirm con cöntra"), ["con* confirm"]);
}

#[test]
fn a_beginning_is_three_to_five_letters() {
    for good in ["con*", "confi*"] {
        assert!(is_phrase(good), "{good}");
    }
    for bad in ["co*", "confir*", "*", "con**", "c'n*", "cön*", "Con*", "a con*", "con* a", "{day}*", "12a*"]
    {
        assert!(!is_phrase(bad), "{bad}");
    }
}
