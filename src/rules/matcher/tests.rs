//! Patterns against the `regex` crate, and the word lists' own laws.

use super::*;
use crate::rules::pattern::{Fault, parse};

fn find(lists: &[(&str, &[&str])], pattern: &str, text: &str) -> Option<(usize, usize)> {
    let mut builder = Builder::default();
    for (number, (_, entries)) in lists.iter().enumerate() {
        for entry in *entries {
            builder.entry(u16::try_from(number).unwrap(), entry);
        }
    }
    let mut number = |name: &str| {
        let at = lists.iter().position(|(list, _)| *list == name);
        Ok(u16::try_from(at.expect("a known list")).unwrap())
    };
    let id = builder.pattern(pattern, &parse(pattern, &mut number).expect(pattern)).expect(pattern);
    let matcher = builder.build();
    let haystack = Haystack { text, start: 0 };
    let mut findings = matcher.findings();
    matcher.scan(haystack, &mut findings);
    matcher.find(id, haystack, &mut findings)
}

/// A small deterministic generator (Lehmer).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn random_pattern(random: &mut Random, depth: usize) -> String {
    let atoms = ["a", "b", "ab", "ba", "[ab]", "[^a]", ".", r"\w", r"\s", " ", "abc", r"\b", "c"];
    if depth == 0 || random.below(3) == 0 {
        return atoms[random.below(atoms.len())].to_owned();
    }
    let mut sub = || random_pattern(random, depth - 1);
    let (one, two) = (sub(), sub());
    match random.below(14) {
        // Digits, and what goes with the last of them.
        12 | 13 => {
            let digits =
                [r"\d+", "[12]+", r"\d{1,2}", r"\d", r"(?:\d+|ab)", r"(?:a|1 ?%?)", r"(?:\d+a|b)", r"1?\d"];
            let digits = digits[random.below(8)];
            let edge = ["", r"\b", "a", "a ", "(?:a|%)?"][random.below(5)];
            let between = ["", " ", " ?", "%", " ?(?:a|b1)", r"[12%]*", r"\w*"][random.below(7)];
            format!("{edge}{digits}{between}{one}")
        }
        // Exact texts, some of which begin as others do.
        10 | 11 => {
            let mut text =
                || ["ab", "abc", "a b", "ab?", "b[ac]", "ab ?c", "aa??b", r"a\b b"][random.below(8)];
            let texts = format!("(?:{}|{}|{})", text(), text(), text());
            [format!(r"\b{texts}\b"), format!(r"^{texts}"), format!(r"{texts}\b"), texts][random.below(4)]
                .clone()
        }
        8 => {
            let class = ["a", "[ab]", r"\w", r"\s", "[^a]", r"[^\w]"][random.below(6)];
            let end = ["+", "*", "+?", "*?"][random.below(4)];
            format!("{class}{end}{one}")
        }
        9 => {
            let end = ["$", r"\b", r"\b ", r"\B", "?$"][random.below(5)];
            format!(r"{one}\w+{end}")
        }
        0 => format!("(?:{one}|{two})"),
        1 => format!("(?:{one})?{two}"),
        2 => format!("(?:{one})*{two}"),
        3 => format!("(?:{one})+?{two}"),
        4 => format!("(?:{one}){{1,3}}"),
        5 => format!("(?:{one}|{two}|c){one}"),
        _ => format!("{one}{two}"),
    }
}

#[test]
fn agrees_with_the_regex_crate() {
    let mut random = Random(7);
    let (mut compared, mut matched) = (0, 0);
    while compared < 8_000 {
        let pattern = random_pattern(&mut random, 4);
        if parse(&pattern, &mut |_| Ok(0)).is_err() {
            continue;
        }
        let text: String = (0..random.below(14))
            .map(|_| ['a', 'b', 'c', ' ', '\u{e9}', '1', '2', '%'][random.below(8)])
            .collect();
        let wanted = regex::Regex::new(&pattern).unwrap().find(&text).map(|m| (m.start(), m.end()));
        assert_eq!(find(&[], &pattern, &text), wanted, "pattern {pattern:?} text {text:?}");
        compared += 1;
        matched += usize::from(wanted.is_some());
    }
    assert!(matched > 200, "only {matched} of the patterns matched anything");
}

#[test]
fn a_turn_that_takes_nothing_ends_a_loop() {
    for pattern in [r"(?:(?:\b|b)\b|c)*(?:.\w+ |c).\w+ ", r"(?:a??)+b", r"(?:\b|a)*?b", r"(?:a*|b)+c"] {
        let text = "cc ab ba cb aabb abc";
        let wanted = regex::Regex::new(pattern).unwrap().find(text).map(|m| (m.start(), m.end()));
        assert!(wanted.is_some());
        assert_eq!(find(&[], pattern, text), wanted, "{pattern}");
    }
}

/// What a pattern finds when it is tried at every character, whatever it needs.
fn find_everywhere(
    matcher: &Matcher<'_>,
    pattern: PatternId,
    sentence: Haystack<'_>,
    findings: &mut Findings,
) -> Option<(usize, usize)> {
    let known = Pattern::read(matcher.patterns.get(pattern as usize)?);
    let program = matcher.code.program(known.first, known.last)?;
    let machine = Machine { program, classes: &matcher.classes, lists: &findings.lists };
    let starts = sentence.text[sentence.start..].char_indices().map(|(at, _)| sentence.start + at);
    machine.find(sentence, starts, &mut findings.cache)
}

/// What makes the scan worth its tables. Prints how many, for docs/performance.md.
#[test]
fn most_built_in_patterns_stand_for_exact_texts() {
    let rules = crate::rules::ready(&[crate::rules::layer::Layer::BuiltIn]).expect("the built-in rules");
    let patterns = 0..rules.matcher.len();
    let whole = patterns
        .filter(|&id| rules.matcher.patterns.get(id).is_some_and(|numbers| Pattern::read(numbers).whole));
    let (whole, all) = (whole.count(), rules.matcher.len());
    println!("{whole} of {all} patterns");
    assert!(whole * 3 > all * 2, "{whole} of {all}");
}

/// The scan may spare searches, never lose a match: the built-in rules on the texts of their own tests.
#[test]
fn the_scan_loses_no_match() {
    let rules = crate::rules::ready(&[crate::rules::layer::Layer::BuiltIn]).expect("the built-in rules");
    let (sources, _) = crate::rules::load::load(&[crate::rules::layer::Layer::BuiltIn]);
    let tests = sources.rules.iter().flat_map(|rule| &rule.tests);
    let texts: Vec<String> = tests.map(|test| crate::rules::normal::fold(&test.text.value)).collect();
    assert!(texts.len() > 500, "only {} texts", texts.len());
    let (mut findings, mut matched) = (rules.matcher.findings(), 0);
    for text in texts.iter().step_by(7) {
        let sentence = Haystack { text, start: 0 };
        rules.matcher.scan(sentence, &mut findings);
        for pattern in 0..u32::try_from(rules.matcher.len()).unwrap() {
            let wanted = find_everywhere(&rules.matcher, pattern, sentence, &mut findings);
            let found = rules.matcher.find(pattern, sentence, &mut findings);
            assert_eq!(found, wanted, "pattern {pattern} in {text:?}");
            let again = rules.matcher.find(pattern, sentence, &mut findings);
            assert_eq!(again, wanted, "pattern {pattern} in {text:?}, asked for again");
            matched += u32::from(found.is_some());
        }
    }
    assert!(matched > 150, "only {matched} matches");
}

#[test]
fn case_and_typography_fold_in_patterns_too() {
    assert_eq!(find(&[], "Don\u{2019}t", "we don't know"), Some((3, 8)));
    assert_eq!(find(&[], r"[A-C]x", "bx"), Some((0, 2)));
    assert_eq!(find(&[], r"[^A]x", "ax"), None);
    assert_eq!(find(&[], "STRASSE", "strasse"), Some((0, 7)));
}

#[test]
fn word_lists_match_whole_words_with_their_endings() {
    let lists: &[(&str, &[&str])] =
        &[("thing", &["page", "landing page", "box", "deploy*", "sign-off"]), ("day", &["monday"])];
    let cases: &[(&str, &str, Option<&str>)] = &[
        ("{thing}", "the page", Some("page")),
        ("{thing}", "the pages", Some("pages")),
        ("{thing}", "the page's edge", Some("page's")),
        ("{thing}", "the boxes", Some("boxes")),
        ("{thing}", "the pager", None),
        ("{thing}", "webpage", None),
        ("{thing}", "a deployment", Some("deployment")),
        ("{thing}", "your sign off please", Some("sign off")),
        ("new {thing}", "a new landing page", Some("new landing page")),
        (r"{thing} (?:by|on) {day}", "box on monday", Some("box on monday")),
        (r"(?:{thing}|{day}) .{0,10}ready", "is monday then ready", Some("monday then ready")),
        ("{day}", "mondays", Some("mondays")),
    ];
    for &(pattern, text, wanted) in cases {
        let got = find(lists, pattern, text).map(|(start, end)| &text[start..end]);
        assert_eq!(got, wanted, "{pattern} in {text:?}");
    }
}

#[test]
fn faults_name_their_place() {
    let mut known = |name: &str| -> Result<u16, Fault> {
        if name == "day" {
            Ok(0)
        } else {
            Err(Fault { message: "no such list".into(), span: 0..0, help: None })
        }
    };
    let fault = parse("{day} on {dya}", &mut known).unwrap_err();
    assert_eq!(fault.span, 9..14);
    let fault = parse("{day} (open", &mut known).unwrap_err();
    assert_eq!(fault.span, 6..7);
    assert!(parse("x*", &mut known).unwrap_err().message.contains("empty string"));
    assert!(parse(r"a{2,3}\p{Greek}", &mut known).is_ok());
}

#[test]
fn hostile_patterns_and_texts_take_linear_time() {
    // Without remembered branches this takes 2^40 steps.
    let text = "a".repeat(900);
    assert_eq!(find(&[], r"(?:a|a)*(?:a|a)*(?:aa?)*b", &text), None);
    // From each of its letters, all of the word would be swept.
    assert_eq!(find(&[], r"[ab]+c|[ad]*-", &"a".repeat(300_000)), None);
    // The same from each of the ways that a choice leaves.
    assert_eq!(find(&[], r"(?:a|ax?)*?[ab]+c", &"a".repeat(100_000)), None);
    assert!(parse(&"(".repeat(5_000), &mut |_| Ok(0)).is_err());
    let node = parse(r"(?:(?:a{50}){50}){50}", &mut |_| Ok(0));
    assert!(node.is_err() || Builder::default().pattern("", &node.unwrap()).is_err());
}
