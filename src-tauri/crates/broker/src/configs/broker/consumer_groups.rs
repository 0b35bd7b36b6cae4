//! Consumer groups (KIP-848).

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "group.consumer.assignment.interval.ms" Int["0"] AtLeast(0), ClusterWide,
        "The shortest time from one assignment of a consumer group to the next. Kafka's default is 1000; on one computer members get theirs at once.";

    "group.consumer.assignors" List["uniform,range"] SomeOf(&["uniform", "range"]), ReadOnly,
        "Assignors members of consumer groups may ask for, the default first.";

    "group.consumer.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "How often a member of a consumer group is asked to beat.";

    "group.consumer.max.assignment.interval.ms" Int["15000"] AtLeast(0), ReadOnly,
        "The largest consumer.assignment.interval.ms a group may set.";

    "group.consumer.max.heartbeat.interval.ms" Int["15000"] AtLeast(1), ReadOnly,
        "The largest consumer.heartbeat.interval.ms a group may set.";

    "group.consumer.max.session.timeout.ms" Int["60000"] AtLeast(1), ReadOnly,
        "The longest consumer.session.timeout.ms a group may set.";

    "group.consumer.max.size" Int["2147483647"] AtLeast(1), ReadOnly,
        "The most members a consumer group may have.";

    "group.consumer.migration.policy" String["bidirectional"] OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), ReadOnly,
        "Whether a group changes between the classic and the consumer protocol while it has members.";

    "group.consumer.min.assignment.interval.ms" Int["0"] AtLeast(0), ReadOnly,
        "The smallest consumer.assignment.interval.ms a group may set.";

    "group.consumer.min.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "The smallest consumer.heartbeat.interval.ms a group may set.";

    "group.consumer.min.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "The shortest consumer.session.timeout.ms a group may set.";

    "group.consumer.regex.refresh.interval.ms" Int["600000"] AtLeast(10000), ReadOnly,
        hidden "How often topics are matched again with the patterns of consumer groups.";

    "group.consumer.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "A member of a consumer group that is not heard from for this long is removed.";
};
