use super::show::Show;
use super::*;
use crate::corpus::{judge, sample};
use crate::rules;
use crate::triage::Context;

fn evaluated() -> (Corpus, Evaluation) {
    let rules = rules::ready(&sample::layers(|text| text)).unwrap();
    let (_folder, corpus) = sample::corpus();
    let judged = judge::all(&corpus, &rules, &Context::default(), 2);
    let evaluation = evaluate(&corpus, &judged, &rules);
    (corpus, evaluation)
}

fn ids(corpus: &Corpus, mails: &[usize]) -> Vec<String> {
    mails.iter().map(|&at| corpus.mails[at].id.clone()).collect()
}

#[test]
fn the_matrix_adds_up_and_every_cell_opens() {
    let (corpus, evaluation) = evaluated();
    let classes = &evaluation.classes;
    // d1 is right, d2 and d3 unsure; n1 is right, n2 taken for other; o1 is right.
    assert_eq!((classes.total(), classes.right()), (6, 3));
    assert_eq!(ids(&corpus, classes.cell("delivery-question", "unsure").unwrap()), ["d2", "d3"]);
    assert_eq!(ids(&corpus, classes.cell("new-project", "other").unwrap()), ["n2"]);
    assert_eq!(ids(&corpus, &classes.wrong()), ["d2", "d3", "n2"]);
    assert_eq!(classes.accuracy(), Some(0.5));
    assert_eq!(evaluation.accuracy_when_sure, Some(0.75));
    assert_eq!(ids(&corpus, &evaluation.sure), ["d1", "n1", "n2", "o1"]);
    let score = |label: &str| classes.scores().into_iter().find(|score| score.label == label).unwrap();
    assert_eq!((score("other").precision, score("other").recall), (Some(0.5), Some(1.0)));
    assert_eq!(
        (score("delivery-question").precision, score("delivery-question").recall),
        (Some(1.0), Some(1.0 / 3.0))
    );
    assert_eq!(score("project-update").f1, None);
    // F1 of 1/2, 2/3, 2/3; the two classes that never came up are left out.
    assert!((classes.macro_f1().unwrap() - (0.5 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
    assert_eq!(evaluation.owners.total(), 0, "no label names an owner");
}

#[test]
fn a_rule_s_record_counts_its_hits() {
    let (corpus, evaluation) = evaluated();
    let rule = |id: &str| evaluation.rules.iter().find(|rule| rule.id == id).unwrap();
    let timber = rule("timber");
    assert_eq!((timber.target, timber.precision()), (Target::Class(Class::DeliveryQuestion), Some(1.0)));
    assert_eq!(ids(&corpus, &timber.hits), ["d1", "d2"]);
    assert_eq!(ids(&corpus, &timber.alone), ["d1"]);
    let partner = timber.conflict.first().unwrap();
    assert_eq!((evaluation.rules[partner.rule].id.as_str(), partner.mails), ("quartz", 1));
    let copper = rule("copper");
    assert_eq!((copper.target, copper.precision()), (Target::Class(Class::Other), Some(0.5)));
    assert_eq!(copper.coverage(evaluation.mails), Some(2.0 / 6.0));
    // A rule that is only watched has its record and leaves nobody less alone.
    assert_eq!(ids(&corpus, &copper.alone), ["n2", "o1"]);
    assert_eq!(rule("flint").precision(), Some(0.5));
}

#[test]
fn calibration_weighs_the_gaps_by_mails() {
    let (_, evaluation) = evaluated();
    let calibration = &evaluation.calibration;
    assert_eq!(calibration.bins.iter().map(|bin| bin.mails.len()).sum::<usize>(), evaluation.mails);
    let gap = |bin: &Bin| Some((bin.accuracy()? - bin.mean_confidence()?).abs() * bin.mails.len() as f64);
    let expected = calibration.bins.iter().filter_map(gap).sum::<f64>() / 6.0;
    assert!((calibration.error.unwrap() - expected).abs() < 1e-12);
    // d3, on which nothing hit, is as likely to be any of five.
    assert!((calibration.bins[2].mean_confidence().unwrap() - 0.2).abs() < 1e-12);
}

#[test]
fn show_opens_what_it_names() {
    let (corpus, evaluation) = evaluated();
    for (word, mails) in [
        ("mistakes", vec!["d2", "d3", "n2"]),
        ("unsure", vec!["d2", "d3"]),
        ("new-project:other", vec!["n2"]),
        ("am:pm", vec![]),
        ("topic=timeline", vec![]),
        ("rule=quartz", vec!["d2", "n1"]),
    ] {
        let show: Show = word.parse().unwrap();
        assert_eq!(ids(&corpus, &show.mails(&evaluation).unwrap()), mails, "{word}");
    }
    let missing = "rule=quarz".parse::<Show>().unwrap().mails(&evaluation).unwrap_err();
    assert!(missing.contains("did you mean `quartz`?"), "{missing}");
    for wrong in ["", "am:other", "other", "unsure:other", "topic=x", "rules=x"] {
        assert!(wrong.parse::<Show>().is_err(), "{wrong}");
    }
}

#[test]
fn nothing_divides_by_nothing() {
    let rules = rules::ready(&sample::layers(|text| text)).unwrap();
    let evaluation = evaluate(&Corpus::default(), &[], &rules);
    assert_eq!((evaluation.classes.accuracy(), evaluation.classes.macro_f1()), (None, None));
    assert_eq!((evaluation.calibration.error, evaluation.accuracy_when_sure), (None, None));
    assert_eq!(micro_f1(&evaluation.topics), None);
}
