//! The smallest change of points that gives one mail its right class and topics.
//!
//! Takes the rules that hit the mail. The points they count are moved as little as possible, by the
//! square of the distance, within their signs, until the class reaches its thresholds. Rules that did not
//! hit, starting points and thresholds stay as they are.

use super::examples::Example;
use super::model::CLASSES;
use super::validate::class_of;
use crate::corpus::edit::Changes;
use crate::rules::RuleSet;
use crate::rules::schema::MOST_POINTS;
use crate::rules::source::Mode;
use crate::terms::{Class, Topic};

/// Distances between the class and every other that are tried, in points.
const STEP: f64 = 0.1;

/// Most distance tried.
const MOST_GAP: f64 = 12.0;

/// The changes that make the rules' decision on a mail this class and these topics; `None` when no change
/// of the points that hit it can.
#[must_use]
pub fn correct(
    example: &Example,
    rules: &RuleSet,
    class: Option<Class>,
    topics: Option<&[Topic]>,
) -> Option<Changes> {
    let mut wanted = rules.clone();
    if let Some(class) = class {
        class_points(example, class, &mut wanted)?;
    }
    for &topic in Topic::ALL.iter().filter(|_| topics.is_some()) {
        let is = topics.is_some_and(|topics| topics.contains(&topic));
        topic_points(example, topic, is, &mut wanted)?;
    }
    let mut changes = Changes::default();
    changes.between(rules, &wanted, 3);
    let mut changed = rules.clone();
    changes.apply(&mut changed);
    let decision = example.decide(&changed);
    let right = class.is_none_or(|class| decision.class == Some(class))
        && topics.is_none_or(|topics| {
            Topic::ALL.iter().all(|topic| topics.contains(topic) == decision.has(*topic))
        });
    right.then_some(changes)
}

/// A number that may be moved: points of a rule that hit, and how they enter each sum.
struct Variable {
    rule: usize,
    class: usize,
    value: f64,
}

fn class_points(example: &Example, class: Class, rules: &mut RuleSet) -> Option<()> {
    let decision = example.decide(rules);
    if decision.class == Some(class) {
        return Some(());
    }
    let mut variables = Vec::new();
    for rule in example.hits() {
        let Some(hit) = rules.rules.get(rule).filter(|rule| rule.mode == Mode::Enforce) else { continue };
        let points = hit.points.iter().enumerate().filter(|(_, points)| **points != 0.0);
        variables.extend(points.map(|(class, &value)| Variable { rule, class, value }));
    }
    let target = class.index();
    let present: Vec<f64> = variables.iter().map(|variable| variable.value).collect();
    let mut gap = 0.0;
    while gap <= MOST_GAP {
        gap += STEP;
        let limits: Vec<Limit> = (0..CLASSES)
            .filter(|&other| other != target)
            .map(|other| Limit {
                weights: variables
                    .iter()
                    .map(|v| f64::from(u8::from(v.class == target)) - f64::from(u8::from(v.class == other)))
                    .collect(),
                least: gap - (decision.sums[target] - decision.sums[other]),
            })
            .collect();
        // Once a distance cannot be had, no greater one can.
        let moved = nearest(&present, &limits)?;
        let mut sums = decision.sums;
        for (variable, value) in variables.iter().zip(&moved) {
            sums[variable.class] += value - variable.value;
        }
        if class_of(&sums, &rules.decision) == Some(class) {
            for (variable, &value) in variables.iter().zip(&moved) {
                if let Some(rule) = rules.rules.get_mut(variable.rule) {
                    rule.points[variable.class] = value;
                }
            }
            return Some(());
        }
    }
    None
}

fn topic_points(example: &Example, topic: Topic, is: bool, rules: &mut RuleSet) -> Option<()> {
    let sum = example.decide(rules).topic_sums[topic.index()];
    if (sum > 0.0) == is {
        return Some(());
    }
    let counts = |rule: &usize| {
        rules
            .rules
            .get(*rule)
            .is_some_and(|rule| rule.mode == Mode::Enforce && rule.topics[topic.index()] != 0.0)
    };
    let hits: Vec<usize> = example.hits().into_iter().filter(counts).collect();
    let present: Vec<f64> = hits.iter().map(|&rule| rules.rules[rule].topics[topic.index()]).collect();
    // A topic is present above 0: at 0 it is not.
    let (sign, beyond) = if is { (1.0, STEP) } else { (-1.0, 0.0) };
    let limit = Limit { weights: vec![sign; hits.len()], least: beyond - sign * sum };
    let moved = nearest(&present, &[limit])?;
    for (&rule, value) in hits.iter().zip(moved) {
        rules.rules[rule].topics[topic.index()] = value;
    }
    Some(())
}

/// The weighted sum of all moves must be at least this.
struct Limit {
    weights: Vec<f64>,
    least: f64,
}

/// The numbers nearest to the present ones that keep their signs and meet the limits, rounded to a tenth
/// away from the present ones; `None` when there are none. Dykstra's algorithm.
fn nearest(present: &[f64], limits: &[Limit]) -> Option<Vec<f64>> {
    let bound = |at: usize, x: f64| {
        if present[at] > 0.0 { x.clamp(0.0, MOST_POINTS) } else { x.clamp(-MOST_POINTS, 0.0) }
    };
    let mut x = present.to_vec();
    let mut held = vec![vec![0.0; x.len()]; limits.len() + 1];
    for _ in 0..2_000 {
        let mut moved: f64 = 0.0;
        for (number, kept) in held.iter_mut().enumerate() {
            let free: Vec<f64> = x.iter().zip(kept.iter()).map(|(x, kept)| x + kept).collect();
            let next: Vec<f64> = match limits.get(number) {
                Some(limit) => onto(&free, present, limit),
                None => free.iter().enumerate().map(|(at, &x)| bound(at, x)).collect(),
            };
            for at in 0..x.len() {
                kept[at] = free[at] - next[at];
                moved = moved.max((x[at] - next[at]).abs());
            }
            x = next;
        }
        if moved < 1e-10 {
            break;
        }
    }
    let met = limits.iter().all(|limit| reached(&x, present, limit) >= limit.least - 1e-6);
    met.then(|| x.iter().enumerate().map(|(at, &x)| bound(at, outward(present[at], x))).collect())
}

fn reached(x: &[f64], present: &[f64], limit: &Limit) -> f64 {
    limit.weights.iter().zip(x.iter().zip(present)).map(|(weight, (x, was))| weight * (x - was)).sum()
}

/// The nearest point that meets one limit.
fn onto(x: &[f64], present: &[f64], limit: &Limit) -> Vec<f64> {
    let short = limit.least - reached(x, present, limit);
    let length: f64 = limit.weights.iter().map(|weight| weight * weight).sum();
    if short <= 0.0 || length == 0.0 {
        return x.to_vec();
    }
    x.iter().zip(&limit.weights).map(|(x, weight)| x + weight * short / length).collect()
}

/// Rounded to a tenth, away from where it was; left as it was when it hardly moved.
fn outward(was: f64, x: f64) -> f64 {
    if (x - was).abs() < 1e-6 {
        was
    } else if x > was {
        ((x * 10.0 - 1e-6).ceil()) / 10.0
    } else {
        ((x * 10.0 + 1e-6).floor()) / 10.0 + 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::prepared::Prepared;
    use crate::rules::{self, layer::Layer};
    use crate::triage::Context;

    fn example(text: &str, rules: &RuleSet) -> Example {
        let mail =
            Prepared::new(format!("From: a@b.example\nSubject: x\n\n{text}\n").as_bytes(), rules.zones);
        let evidence = mail.evidence(rules, &Context::default());
        let (id, group, sender) = (String::new(), String::new(), String::new());
        Example { id, group, sender, class: Class::Other, topics: None, owner: None, mail, evidence }
    }

    #[test]
    fn the_smallest_change_is_found_and_shared_by_what_hit() {
        // By hand: one limit over two numbers moves each by half.
        let limit = Limit { weights: vec![1.0, -1.0], least: 1.0 };
        assert_eq!(nearest(&[1.0, 2.0], &[limit]), Some(vec![1.5, 1.5]));
        // The second cannot go below nothing, so the first takes the rest.
        let limit = Limit { weights: vec![1.0, -1.0], least: 1.0 };
        assert_eq!(nearest(&[1.0, 0.2], &[limit]), Some(vec![1.8, 0.0]));
        let limit = Limit { weights: vec![-1.0], least: 1.0 };
        assert_eq!(nearest(&[0.5], &[limit]), None);
    }

    #[test]
    fn a_mail_gets_its_class_and_topics_or_nothing_is_proposed() {
        let text = "[[rule]]\nid = 'a'\nany = 'quartz'\npoints = { new-project = 0.5, other = 2 }\ntopics = { scope = -0.5, budget = 1 }\n[[rule]]\nid = 'b'\nany = 'timber'\npoints = { other = 1 }\n";
        let layer = Layer::Files(vec![
            ("x.toml".to_owned(), text.to_owned()),
            ("routing.toml".to_owned(), "[[route]]\nid = 'r'\nowner = 'am'\nwhy = 'w'\n".to_owned()),
            ("decision.toml".to_owned(), "probability = 0.4\nmargin = 0.1\n".to_owned()),
        ]);
        let rules = rules::ready(&[layer]).unwrap();
        let quartz = example("Quartz and timber.", &rules);
        let changes = correct(&quartz, &rules, Some(Class::NewProject), Some(&[])).unwrap();
        let mut changed = rules.clone();
        changes.apply(&mut changed);
        let decision = quartz.decide(&changed);
        assert_eq!((decision.class, decision.topics.len()), (Some(Class::NewProject), 0));
        assert!(
            changed
                .rules
                .iter()
                .zip(&rules.rules)
                .all(|(new, old)| { new.points.iter().zip(old.points).all(|(new, old)| new * old >= 0.0) })
        );
        assert!(changes.rules.len() == 2, "both rules that hit share it: {changes:?}");
        assert!(correct(&quartz, &rules, Some(Class::Other), None).unwrap().is_empty());
        let timber = example("Timber.", &rules);
        assert_eq!(correct(&timber, &rules, Some(Class::NewProject), None), None, "nothing speaks for it");
    }
}
