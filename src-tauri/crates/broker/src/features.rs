//! What the cluster can do, by Kafka's feature levels (KIP-584): clients and tools decide by it.

use std::collections::BTreeMap;

/// A feature: the levels this broker knows and the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) min: i16,
    pub(crate) max: i16,
    /// 0: known, and not in use.
    pub(crate) finalized: i16,
}

impl Feature {
    /// The level in force, after the changes that were made to levels.
    pub(crate) fn level(&self, changed: &BTreeMap<String, i16>) -> i16 {
        changed.get(self.name).map_or(self.finalized, |level| (*level).clamp(self.min, self.max))
    }
}

pub(crate) const KRAFT_VERSION: &str = "kraft.version";

/// Every feature this broker knows, by name.
pub(crate) const FEATURES: &[Feature] = &[
    // Of replication: one node has nobody else to elect.
    Feature { name: "eligible.leader.replicas.version", min: 0, max: 1, finalized: 0 },
    // 1: members of consumer groups beat, and the broker assigns (KIP-848).
    Feature { name: "group.version", min: 0, max: 1, finalized: 1 },
    // 1: voters are known with their directories and could come and go.
    Feature { name: KRAFT_VERSION, min: 0, max: 1, finalized: 1 },
    // That of Kafka 4.3.
    Feature { name: "metadata.version", min: 7, max: 30, finalized: 30 },
    // 1: share groups (KIP-932).
    Feature { name: "share.version", min: 0, max: 1, finalized: 1 },
    // 1: the broker assigns the tasks of Kafka Streams applications (KIP-1071).
    Feature { name: "streams.version", min: 0, max: 1, finalized: 1 },
    // 2: every transaction has its own epoch, and partitions join it by being written to (KIP-890).
    Feature { name: "transaction.version", min: 0, max: 2, finalized: 2 },
];
