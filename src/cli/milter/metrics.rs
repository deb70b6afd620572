//! What is counted, for Prometheus: never what a mail says or who sent it.

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// The counters.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Mails by class and owner; a mail that was not judged is in `errors`.
    pub(crate) mails: IntCounterVec,
    /// Mails that went through unjudged, by what kept them from it.
    pub(crate) errors: IntCounterVec,
    /// Seconds from the end of a mail to the answer.
    pub(crate) seconds: Histogram,
    /// Open connections.
    pub(crate) connections: IntGauge,
    /// Mails past their time limit that are still being judged.
    pub(crate) overdue: IntGauge,
    /// Connections that broke off or could not be understood.
    pub(crate) broken: IntCounter,
    /// Mails whose recipients were changed.
    pub(crate) delivered: IntCounter,
    /// Reloads of the rules, by how they went.
    pub(crate) reloads: IntCounterVec,
    /// 1 for the rules in use, by their hash.
    pub(crate) rules: IntGaugeVec,
}

/// Ends of the bins of the latency, in seconds.
const BINS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl Metrics {
    pub(crate) fn new() -> prometheus::Result<Self> {
        let vec = |name, help, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let metrics = Self {
            registry: Registry::new(),
            mails: vec("postroom_mails_total", "Mails judged, by class and owner.", &["class", "owner"])?,
            errors: vec("postroom_unjudged_total", "Mails let through unjudged, by reason.", &["error"])?,
            seconds: Histogram::with_opts(
                HistogramOpts::new("postroom_latency_seconds", "Time from a mail's end to the answer.")
                    .buckets(BINS.to_vec()),
            )?,
            connections: IntGauge::new("postroom_connections", "Open connections of mail servers.")?,
            overdue: IntGauge::new("postroom_overdue", "Mails past the time limit still being judged.")?,
            broken: IntCounter::new("postroom_connections_broken_total", "Connections that broke off.")?,
            delivered: IntCounter::new("postroom_delivered_total", "Mails whose recipients were changed.")?,
            reloads: vec("postroom_reloads_total", "Reloads of the rules, by outcome.", &["outcome"])?,
            rules: IntGaugeVec::new(
                Opts::new("postroom_rules_info", "1 for the rules in use, by hash."),
                &["hash"],
            )?,
        };
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.mails.clone()))?;
        registry.register(Box::new(metrics.errors.clone()))?;
        registry.register(Box::new(metrics.seconds.clone()))?;
        registry.register(Box::new(metrics.connections.clone()))?;
        registry.register(Box::new(metrics.overdue.clone()))?;
        registry.register(Box::new(metrics.broken.clone()))?;
        registry.register(Box::new(metrics.delivered.clone()))?;
        registry.register(Box::new(metrics.reloads.clone()))?;
        registry.register(Box::new(metrics.rules.clone()))?;
        Ok(metrics)
    }

    /// The rules now in use.
    pub(crate) fn use_rules(&self, hash: &str) {
        self.rules.reset();
        self.rules.with_label_values(&[hash]).set(1);
    }

    /// Everything in Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        // Writing to a vector cannot fail, and names were checked when they were made.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        let mut text = String::from_utf8_lossy(&text).into_owned();
        text.push_str(&self.share());
        text
    }

    /// The share of judged mails of which no class was sure.
    fn share(&self) -> String {
        use postroom::terms::{Class, Role, UNSURE};
        use postroom::triage::output::NOBODY;
        let count = |class: &str, owner: &str| self.mails.with_label_values(&[class, owner]).get();
        let owners = || Role::WORDS.iter().chain(&[NOBODY]);
        let of = |class: &str| owners().map(|owner| count(class, owner)).sum::<u64>();
        let unsure = of(UNSURE);
        let all = unsure + Class::WORDS.iter().map(|class| of(class)).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a share of counts")]
        let share = if all == 0 { 0.0 } else { unsure as f64 / all as f64 };
        format!(
            "# HELP postroom_unsure_share Share of judged mails of which no class was sure.\n\
             # TYPE postroom_unsure_share gauge\npostroom_unsure_share {share}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_counted_is_told() {
        let metrics = Metrics::new().unwrap();
        metrics.mails.with_label_values(&["unsure", "am"]).inc();
        metrics.mails.with_label_values(&["other", "none"]).inc_by(3);
        metrics.seconds.observe(0.003);
        metrics.use_rules("0123456789ab");
        metrics.use_rules("ba9876543210");
        let text = metrics.text();
        for line in [
            "postroom_mails_total{class=\"unsure\",owner=\"am\"} 1",
            "postroom_unsure_share 0.25",
            "postroom_latency_seconds_bucket{le=\"0.005\"} 1",
            "postroom_rules_info{hash=\"ba9876543210\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("0123456789ab"));
    }
}
