//! Logs: segments, retention, flushes; mostly the defaults of topics.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "log.cleanup.policy" List["delete"] SomeOf(&["compact", "delete"]), ClusterWide,
        "Default of cleanup.policy for topics that do not set it.";

    "log.dir" List[""] Any, ReadOnly,
        "Where the data is.";

    "log.dir.failure.timeout.ms" Long["30000"] AtLeast(1), ReadOnly,
        "How long a broker runs on without telling the controller of a failed directory.";

    "log.dirs" List[] Any, ReadOnly,
        "Where the data is.";

    "log.flush.interval.messages" Long["9223372036854775807"] AtLeast(1), ClusterWide,
        "Default of flush.messages for topics that do not set it.";

    "log.flush.interval.ms" Long[] Any, ClusterWide,
        "Default of flush.ms for topics that do not set it. Unset: log.flush.scheduler.interval.ms.";

    "log.flush.offset.checkpoint.interval.ms" Int["60000"] AtLeast(0), ReadOnly,
        "Time between two writes of the recovery points.";

    "log.flush.scheduler.interval.ms" Long["9223372036854775807"] Any, ReadOnly,
        "Default of log.flush.interval.ms.";

    "log.flush.start.offset.checkpoint.interval.ms" Int["60000"] AtLeast(0), ReadOnly,
        "Time between two writes of the logs' start offsets.";

    "log.index.interval.bytes" Int["4096"] AtLeast(0), ClusterWide,
        "Default of index.interval.bytes for topics that do not set it.";

    "log.index.size.max.bytes" Int["10485760"] AtLeast(4), ClusterWide,
        "Default of segment.index.bytes for topics that do not set it.";

    "log.initial.task.delay.ms" Long["30000"] AtLeast(0), ReadOnly,
        hidden "How long after the start retention and flushes begin.";

    "log.local.retention.bytes" Long["-2"] AtLeast(-2), ClusterWide,
        "Default of local.retention.bytes for topics that do not set it.";

    "log.local.retention.ms" Long["-2"] AtLeast(-2), ClusterWide,
        "Default of local.retention.ms for topics that do not set it.";

    "log.message.timestamp.after.max.ms" Long["3600000"] AtLeast(0), ClusterWide,
        "Default of message.timestamp.after.max.ms for topics that do not set it.";

    "log.message.timestamp.before.max.ms" Long["9223372036854775807"] AtLeast(0), ClusterWide,
        "Default of message.timestamp.before.max.ms for topics that do not set it.";

    "log.message.timestamp.type" String["CreateTime"] OneOf(&["CreateTime", "LogAppendTime"]), ClusterWide,
        "Default of message.timestamp.type for topics that do not set it.";

    "log.preallocate" Boolean["false"] Any, ClusterWide,
        "Default of preallocate for topics that do not set it.";

    "log.retention.bytes" Long["-1"] Any, ClusterWide,
        "Default of retention.bytes for topics that do not set it.";

    "log.retention.check.interval.ms" Long["300000"] AtLeast(1), ReadOnly,
        "Time between two looks for segments to delete.";

    "log.retention.hours" Int["168"] Any, ReadOnly,
        "Default of log.retention.ms where log.retention.minutes is not set either, in hours.";

    "log.retention.minutes" Int[] Any, ReadOnly,
        "Default of log.retention.ms, in minutes.";

    "log.retention.ms" Long[] Any, ClusterWide,
        "Default of retention.ms for topics that do not set it. Unset: log.retention.minutes, or else log.retention.hours.";

    "log.roll.hours" Int["168"] AtLeast(1), ReadOnly,
        "Default of log.roll.ms, in hours.";

    "log.roll.jitter.hours" Int["0"] AtLeast(0), ReadOnly,
        "Default of log.roll.jitter.ms, in hours.";

    "log.roll.jitter.ms" Long[] Any, ClusterWide,
        "Default of segment.jitter.ms for topics that do not set it. Unset: log.roll.jitter.hours.";

    "log.roll.ms" Long[] Any, ClusterWide,
        "Default of segment.ms for topics that do not set it. Unset: log.roll.hours.";

    "log.segment.bytes" Int["1073741824"] AtLeast(1_048_576), ClusterWide,
        "Default of segment.bytes for topics that do not set it.";

    "log.segment.delete.delay.ms" Long["60000"] AtLeast(0), ClusterWide,
        "Default of file.delete.delay.ms for topics that do not set it.";
};
