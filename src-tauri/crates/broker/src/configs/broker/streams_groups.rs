//! Streams groups (KIP-1071).

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "group.streams.assignment.interval.ms" Int["0"] AtLeast(0), ClusterWide,
        "The shortest time from one assignment of a streams group to the next. Kafka's default is 1000; on one computer members get theirs at once.";

    "group.streams.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "How often a member of a streams group is asked to beat.";

    "group.streams.initial.rebalance.delay.ms" Int["0"] AtLeast(0), ReadOnly,
        "How long a new streams group waits for more members. Kafka's default is 3000; on one computer 0 starts at once.";

    "group.streams.max.assignment.interval.ms" Int["15000"] AtLeast(0), ReadOnly,
        "The largest streams.assignment.interval.ms a group may set.";

    "group.streams.max.heartbeat.interval.ms" Int["15000"] AtLeast(1), ReadOnly,
        "The largest streams.heartbeat.interval.ms a group may set.";

    "group.streams.max.session.timeout.ms" Int["60000"] AtLeast(1), ReadOnly,
        "The longest streams.session.timeout.ms a group may set.";

    "group.streams.max.size" Int["2147483647"] AtLeast(1), ReadOnly,
        "The most members a streams group may have.";

    "group.streams.max.standby.replicas" Int["2"] AtLeast(0), ReadOnly,
        "The largest streams.num.standby.replicas a group may set.";

    "group.streams.min.assignment.interval.ms" Int["0"] AtLeast(0), ReadOnly,
        "The smallest streams.assignment.interval.ms a group may set.";

    "group.streams.min.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "The smallest streams.heartbeat.interval.ms a group may set.";

    "group.streams.min.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "The shortest streams.session.timeout.ms a group may set.";

    "group.streams.num.standby.replicas" Int["0"] AtLeast(0), ReadOnly,
        "Standby copies of each stateful task.";

    "group.streams.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "A member of a streams group that is not heard from for this long is removed.";
};
