//! How a Kafka is set up whose answers are compared with Pumphouse's.

use super::RealKafkaOptions;

/// Groups answer at once instead of gathering changes for a second, nobody is taken for dead while a busy machine is
/// slow, and what is old is not tidied away while it is compared. The test `differential` of the crate `broker` sets
/// Pumphouse the same way.
pub(crate) const COMPARED: [(&str, &str); 20] = [
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.share.assignment.interval.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.consumer.assignor.offload.enable", "false"),
    ("group.share.assignor.offload.enable", "false"),
    ("group.streams.assignor.offload.enable", "false"),
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.consumer.max.session.timeout.ms", "600000"),
    ("group.consumer.session.timeout.ms", "600000"),
    ("group.share.max.session.timeout.ms", "600000"),
    ("group.share.session.timeout.ms", "600000"),
    ("group.streams.max.session.timeout.ms", "600000"),
    ("group.streams.session.timeout.ms", "600000"),
    ("group.share.max.record.lock.duration.ms", "600000"),
    ("group.share.record.lock.duration.ms", "600000"),
    ("log.initial.task.delay.ms", "86400000"),
    ("log.retention.check.interval.ms", "86400000"),
    ("log.cleaner.backoff.ms", "86400000"),
    ("offsets.retention.check.interval.ms", "86400000"),
];

impl RealKafkaOptions {
    /// One small node, set up so.
    pub(crate) fn compared() -> Self {
        let properties = COMPARED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { properties: properties.collect(), ..Self::small() }
    }
}
