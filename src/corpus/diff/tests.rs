use super::*;
use crate::corpus::sample;

fn compared(edit: impl Fn(String) -> String) -> Diff {
    let (base, new) = (Version::load(&sample::layers(|text| text)), Version::load(&sample::layers(edit)));
    let (folder, _) = sample::corpus();
    let options = Options { context: Context::default(), least: 0.05, jobs: 2 };
    diff(&base.unwrap(), &new.unwrap(), Reader::new(&[folder.path().to_owned()]), &options)
}

/// Kind, id and strongest cause of each changed mail.
fn told(diff: &Diff) -> Vec<String> {
    let one =
        |changed: &Changed| format!("{} {}: {}", changed.kind.as_str(), changed.id, changed.reasons[0].cause);
    diff.changed.iter().map(one).collect()
}

#[test]
fn the_same_rules_change_nothing() {
    let diff = compared(|text| text);
    assert_eq!((diff.mails, diff.labelled, diff.changed.len()), (6, 6, 0));
    let spaced = compared(|text| format!("# A comment.\n{text}"));
    assert!(spaced.changed.is_empty(), "{:?}", spaced.changed);
}

#[test]
fn each_edit_is_the_cause_of_what_it_changed() {
    let cases: [(&str, &str, &[&str]); 6] = [
        (
            "points = { delivery-question = 9 }",
            "points = { delivery-question = 12 }",
            &["fixed d2: rule timber: points changed"],
        ),
        (
            "btimber",
            "btimbre",
            &["broken d1: rule timber: pattern changed", "moved d2: rule timber: pattern changed"],
        ),
        ("mode = 'audit'", "mode = 'off'", &[]),
        (
            "id = 'quartz'\n",
            "id = 'quartz'\nmode = 'off'\n",
            &["fixed d2: rule quartz: removed", "broken n1: rule quartz: removed"],
        ),
        ("metal = ['copper', 'tin']", "metal = ['tin']", &["moved n2: word list {metal} changed"]),
        ("'tin']", "'tin', 'nothing']", &["moved d3: word list {metal} changed"]),
    ];
    for (from, to, expected) in cases {
        let diff = compared(|text| text.replace(from, to));
        assert_eq!(told(&diff), expected, "{from} -> {to}");
    }
}

#[test]
fn a_threshold_is_a_cause_of_its_own() {
    // Two equally strong rules: without a margin the first class wins.
    let diff =
        compared(|text| text.replace("probability = 0.5\nmargin = 0.1", "probability = 0.4\nmargin = 0"));
    let changed = diff.changed.iter().find(|changed| changed.id == "d2").unwrap();
    assert_eq!(changed.kind, Kind::Fixed);
    let causes: Vec<String> = changed.reasons.iter().map(|reason| reason.cause.to_string()).collect();
    assert_eq!(causes, ["decision: margin 0.1 → 0", "decision: probability 0.5 → 0.4"]);
}

#[test]
fn a_route_is_the_cause_when_only_the_owner_differs() {
    let diff = compared(|text| text.replace("owner = \"pm\"", "owner = \"am\""));
    let changed: Vec<&Changed> = diff.changed.iter().filter(|changed| changed.owner_differs()).collect();
    assert_eq!(changed.len(), 1, "{:?}", diff.changed);
    assert_eq!((changed[0].id.as_str(), changed[0].kind), ("d1", Kind::Moved));
    assert!(matches!(changed[0].reasons[0].cause, Cause::Routing(_)), "{:?}", changed[0].reasons);
}

#[test]
fn kinds_follow_the_label() {
    let judged = |class: Option<Class>, confidence: f64| Judged {
        class,
        best: class.unwrap_or(Class::Other),
        confidence,
        owner: None,
        topics: Vec::new(),
        account: None,
        hits: Vec::new(),
    };
    let (other, update) = (judged(Some(Class::Other), 0.9), judged(Some(Class::ProjectUpdate), 0.9));
    let (unsure, doubtful) = (judged(None, 0.3), judged(Some(Class::Other), 0.6));
    let label = Label::of(Class::Other);
    for (before, after, labelled, unlabelled) in [
        (&other, &update, Some(Kind::Broken), Some(Kind::Moved)),
        (&update, &other, Some(Kind::Fixed), Some(Kind::Moved)),
        (&other, &unsure, Some(Kind::Broken), Some(Kind::Moved)),
        (&update, &unsure, Some(Kind::Moved), Some(Kind::Moved)),
        (&other, &doubtful, Some(Kind::LessSure), Some(Kind::LessSure)),
        (&doubtful, &other, Some(Kind::Surer), Some(Kind::Surer)),
        (&other, &other, None, None),
    ] {
        assert_eq!(kind(Some(&label), before, after, 0.1), labelled);
        assert_eq!(kind(None, before, after, 0.1), unlabelled);
    }
    assert_eq!(kind(None, &other, &doubtful, 0.4), None);
}
