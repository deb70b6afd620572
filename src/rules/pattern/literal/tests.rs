//! What patterns need, in words.

use super::*;
use crate::rules::pattern::parse;

/// The requirements in words: `<` and `>` where an edge of a word must be.
fn told(pattern: &str) -> Vec<String> {
    let node = parse(pattern, &mut |_| Ok(0)).expect(pattern);
    let need = |need: &Need| match need {
        Need::Text(piece) => {
            let edge = |on: bool, sign: &'static str| if on { sign } else { "" };
            format!("{}{}{}", edge(piece.starts_word, "<"), piece.text, edge(piece.ends_word, ">"))
        }
        Need::List(_) => "{}".to_owned(),
    };
    let told = |one: &Requirement| {
        let needs: Vec<String> = one.needs.iter().map(need).collect();
        format!("{}{}", if one.prefix { "^" } else { "" }, needs.join("|"))
    };
    requirements(&node).iter().map(told).collect()
}

#[test]
fn edges_of_words_go_with_the_texts() {
    assert_eq!(told(r"\b(?:ok|go now)\b"), ["^<go now>|<ok>"]);
    assert_eq!(told(r"\bship\w*"), ["^<ship"]);
    assert_eq!(told(r"\b'll ask\b"), ["^'ll ask>"]);
    assert_eq!(told(r"\w+ invoice"), ["<invoice"]);
    assert_eq!(told(r"^(?:did|'ll) we\b"), ["^'ll we>|<did we>"]);
    assert_eq!(told(r"^\W*did\b"), ["<did>"]);
}

#[test]
fn a_run_takes_the_head_of_what_ends_it() {
    assert_eq!(told(r"\bhave (?:you|your \w+)\b"), ["^<have you|<have your "]);
    assert_eq!(told(r"\bthanks (?:\w+ )?gone\b"), ["^<thanks ", "<gone>"]);
}

#[test]
fn both_ends_of_a_gap_are_needed() {
    assert_eq!(told(r"\binvoice\b.{0,40}\boverdue\b"), ["^<invoice>", "<overdue>"]);
    assert_eq!(told(r"\bsince\b.+\bproof\b.+\bready"), ["^<since>", "<proof>", "<ready"]);
    // Many sentences have a common word, and most of them for nothing.
    assert_eq!(told(r"\bhave (?:\w+ )?proof\b.+\bready"), ["<proof>", "<ready"]);
}

#[test]
fn beginnings_of_words_are_known() {
    let begins = |pattern: &str| begins_a_word(&parse(pattern, &mut |_| Ok(0)).expect(pattern), &|_| true);
    assert!(begins(r"\b(?:a|b\w+)") && begins(r"\b\d?th") && begins(r"\ba|\bb"));
    assert!(!begins(r"\b.x") && !begins("a") && !begins(r"\b'll") && !begins(r"\b(?:a|')"));
}

#[test]
fn what_stands_behind_digits_goes_with_the_last_of_them() {
    assert_eq!(told(r"\b[12]+ ?%"), ["^<1|<2", "1 %|1%|2 %|2%"]);
    assert_eq!(told(r"\b(?:[12]+|ten) days\b"), ["1 days>|2 days>|<ten days>"]);
    assert_eq!(told(r"\b(?:[12]+k|gbp)\b"), ["^<1|<2|<gbp", "1k|2k|<gbp"]);
}

#[test]
fn what_one_text_may_meet_is_asked_for_once() {
    assert_eq!(told(r"\b(?:line [12]+|critical path)\b"), ["^<critical path|<line 1|<line 2"]);
    assert_eq!(told(r"\bsize [12]{1,2}(?:cm)?\b"), ["^<size 1|<size 2"]);
}

#[test]
fn letters_before_a_sign_are_left_to_the_program() {
    assert_eq!(told(r"\bcosts .*(?:eur|\$)? ?[45]"), ["^<costs ", "4|5"]);
}
