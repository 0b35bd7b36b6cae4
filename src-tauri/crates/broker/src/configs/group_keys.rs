//! The keys a group may have of its own (KIP-848, KIP-932, KIP-1071), in alphabetical order.

use std::collections::BTreeMap;

use crate::configs::table::keys;
use crate::configs::{ConfigError, Definition, Settings};

/// The keys a group may have of its own, in alphabetical order.
pub const GROUP_KEYS: &[Definition] = keys! {
    "consumer.assignment.interval.ms" Int["0"] AtLeast(0), DefaultBy("group.consumer.assignment.interval.ms"),
        "The shortest time from one assignment of the consumer group to the next.";

    "consumer.heartbeat.interval.ms" Int["5000"] AtLeast(1), DefaultBy("group.consumer.heartbeat.interval.ms"),
        "Members of the consumer group send a heartbeat this often.";

    "consumer.session.timeout.ms" Int["45000"] AtLeast(1), DefaultBy("group.consumer.session.timeout.ms"),
        "A member of the consumer group that sends no heartbeat for this long is taken for gone.";

    "share.assignment.interval.ms" Int["0"] AtLeast(0), DefaultBy("group.share.assignment.interval.ms"),
        "The shortest time from one assignment of the share group to the next. Members get theirs at once here.";

    "share.auto.offset.reset" String["latest"] OffsetReset, Own,
        "Where a share group begins in a partition: earliest, latest, or by_duration:<ISO 8601> before now.";

    "share.delivery.count.limit" Int["5"] AtLeast(2), DefaultBy("group.share.delivery.count.limit"),
        "Deliver a record to a share group this often at most.";

    "share.heartbeat.interval.ms" Int["5000"] AtLeast(1), DefaultBy("group.share.heartbeat.interval.ms"),
        "Members of the share group send a heartbeat this often.";

    "share.isolation.level" String["read_uncommitted"] OneOf(&["read_committed", "read_uncommitted"]), Own,
        "Whether a share group is given records of transactions only once they are committed.";

    "share.partition.max.record.locks" Int["2000"] AtLeast(100), DefaultBy("group.share.partition.max.record.locks"),
        "Records of one partition that are in flight for the share group at most.";

    "share.record.lock.duration.ms" Int["30000"] AtLeast(1000), DefaultBy("group.share.record.lock.duration.ms"),
        "A member of the share group holds a record for this long.";

    "share.renew.acknowledge.enable" Boolean["true"] Any, Own,
        "Whether members of the share group may hold a record for longer by renewing.";

    "share.session.timeout.ms" Int["45000"] AtLeast(1), DefaultBy("group.share.session.timeout.ms"),
        "A member of the share group that sends no heartbeat for this long is taken for gone.";

    "streams.assignment.interval.ms" Int["0"] AtLeast(0), DefaultBy("group.streams.assignment.interval.ms"),
        "The shortest time from one assignment of the streams group to the next.";

    "streams.heartbeat.interval.ms" Int["5000"] AtLeast(1), DefaultBy("group.streams.heartbeat.interval.ms"),
        "Members of the streams group send a heartbeat this often.";

    "streams.initial.rebalance.delay.ms" Int["0"] AtLeast(0), DefaultBy("group.streams.initial.rebalance.delay.ms"),
        "How long a new streams group waits for more members.";

    "streams.num.standby.replicas" Int["0"] AtLeast(0), DefaultBy("group.streams.num.standby.replicas"),
        "Standby copies of each stateful task of the streams group.";

    "streams.session.timeout.ms" Int["45000"] AtLeast(1), DefaultBy("group.streams.session.timeout.ms"),
        "A member of the streams group that sends no heartbeat for this long is taken for gone.";
};

/// For a key with bounds the broker's configuration sets: the names of those.
const BOUNDS: &[(&str, &str, &str)] = &[
    (
        "consumer.assignment.interval.ms",
        "group.consumer.min.assignment.interval.ms",
        "group.consumer.max.assignment.interval.ms",
    ),
    (
        "consumer.heartbeat.interval.ms",
        "group.consumer.min.heartbeat.interval.ms",
        "group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "consumer.session.timeout.ms",
        "group.consumer.min.session.timeout.ms",
        "group.consumer.max.session.timeout.ms",
    ),
    (
        "streams.assignment.interval.ms",
        "group.streams.min.assignment.interval.ms",
        "group.streams.max.assignment.interval.ms",
    ),
    (
        "streams.heartbeat.interval.ms",
        "group.streams.min.heartbeat.interval.ms",
        "group.streams.max.heartbeat.interval.ms",
    ),
    (
        "streams.session.timeout.ms",
        "group.streams.min.session.timeout.ms",
        "group.streams.max.session.timeout.ms",
    ),
    (
        "share.assignment.interval.ms",
        "group.share.min.assignment.interval.ms",
        "group.share.max.assignment.interval.ms",
    ),
    (
        "share.delivery.count.limit",
        "group.share.min.delivery.count.limit",
        "group.share.max.delivery.count.limit",
    ),
    (
        "share.heartbeat.interval.ms",
        "group.share.min.heartbeat.interval.ms",
        "group.share.max.heartbeat.interval.ms",
    ),
    (
        "share.partition.max.record.locks",
        "group.share.min.partition.max.record.locks",
        "group.share.max.partition.max.record.locks",
    ),
    (
        "share.record.lock.duration.ms",
        "group.share.min.record.lock.duration.ms",
        "group.share.max.record.lock.duration.ms",
    ),
    ("share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"),
];

/// A key that has only an upper bound.
const STANDBY_REPLICAS: &str = "streams.num.standby.replicas";
const STANDBY_MAX: &str = "group.streams.max.standby.replicas";

/// The group key of this name.
pub(crate) fn group_key(name: &str) -> Result<&'static Definition, ConfigError> {
    GROUP_KEYS
        .iter()
        .find(|key| key.name == name)
        .ok_or_else(|| ConfigError::UnknownGroupKey(name.to_owned()))
}

/// Refuses a group's configuration with an unknown key or an impossible value.
pub(crate) fn check_group(
    settings: &Settings,
    configs: &BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    for (name, value) in configs {
        group_key(name)?.check(value)?;
        if name == STANDBY_REPLICAS && value.trim().parse::<i64>().unwrap_or(0) > settings.number(STANDBY_MAX)
        {
            let problem = format!("{name} must be less than or equal to {STANDBY_MAX}");
            return Err(ConfigError::Rule(problem));
        }
        let Some((_, min, max)) = BOUNDS.iter().find(|(bounded, ..)| bounded == name) else { continue };
        let number = value.trim().parse::<i64>().unwrap_or(0);
        let problem = if number < settings.number(min) {
            format!("{name} must be greater than or equal to {min}")
        } else if number > settings.number(max) {
            format!("{name} must be less than or equal to {max}")
        } else {
            continue;
        };
        return Err(ConfigError::Rule(problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, accepted: bool) {
        let configs = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(check_group(&Settings::default(), &configs).is_ok(), accepted, "{name}={value}");
    }

    #[test]
    fn values_are_checked_by_the_brokers_bounds() {
        check("share.record.lock.duration.ms", "15000", true);
        check("share.record.lock.duration.ms", "14999", false);
        check("share.record.lock.duration.ms", "60001", false);
        check("share.delivery.count.limit", "11", false);
        check("share.auto.offset.reset", "earliest", true);
        check("share.auto.offset.reset", "by_duration:PT1H30M", true);
        check("share.auto.offset.reset", "by_duration:1h", false);
        check("share.auto.offset.reset", "none", false);
        check("consumer.session.timeout.ms", "44999", false);
        check("streams.num.standby.replicas", "2", true);
        check("streams.num.standby.replicas", "3", false);
        check("share.no.such.key", "1", false);
    }

    #[test]
    fn keys_are_in_order_and_their_bounds_exist() {
        assert!(GROUP_KEYS.is_sorted_by_key(|key| key.name));
        for (name, min, max) in BOUNDS {
            assert!(group_key(name).is_ok());
            let settings = Settings::default();
            assert!(settings.number(min) >= 0 && settings.number(min) < settings.number(max), "{name}");
        }
    }
}
