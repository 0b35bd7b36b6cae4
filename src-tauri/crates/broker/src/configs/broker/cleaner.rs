//! Compaction.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "log.cleaner.backoff.ms" Long["15000"] AtLeast(0), ClusterWide,
        "Time between two looks for logs to compact.";

    "log.cleaner.dedupe.buffer.size" Long["134217728"] Any, ClusterWide,
        "Bytes for the map of keys while compacting, over all threads.";

    "log.cleaner.delete.retention.ms" Long["86400000"] AtLeast(0), ClusterWide,
        "Default of delete.retention.ms for topics that do not set it.";

    "log.cleaner.enable" Boolean["true"] Any, ReadOnly,
        "Whether compacted topics are compacted.";

    "log.cleaner.io.buffer.load.factor" Double["0.9"] Any, ClusterWide,
        "How full the map of keys may get while compacting.";

    "log.cleaner.io.buffer.size" Int["524288"] AtLeast(0), ClusterWide,
        "Bytes for reading and writing while compacting, over all threads.";

    "log.cleaner.io.max.bytes.per.second" Double["1.7976931348623157E308"] Any, ClusterWide,
        "The most bytes read and written per second while compacting.";

    "log.cleaner.max.compaction.lag.ms" Long["9223372036854775807"] AtLeast(1), ClusterWide,
        "Default of max.compaction.lag.ms for topics that do not set it.";

    "log.cleaner.min.cleanable.ratio" Double["0.5"] Fraction(0.0, 1.0), ClusterWide,
        "Default of min.cleanable.dirty.ratio for topics that do not set it.";

    "log.cleaner.min.compaction.lag.ms" Long["0"] AtLeast(0), ClusterWide,
        "Default of min.compaction.lag.ms for topics that do not set it.";

    "log.cleaner.threads" Int["1"] AtLeast(0), ClusterWide,
        "Threads that compact. One log at a time is compacted here.";
};
