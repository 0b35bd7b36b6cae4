//! Counters that only grow, for charts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the broker counted since it was opened. All but the gauges only grow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrokerStats {
    /// Bytes of record batches appended.
    pub bytes_in: u64,
    /// Bytes of record batches sent to consumers.
    pub bytes_out: u64,
    /// Records appended.
    pub messages_in: u64,
    /// Requests answered.
    pub requests: u64,
    /// Connections open now.
    pub connections: u64,
    /// Connections accepted.
    pub connections_total: u64,
    /// The same by topic.
    pub topics: BTreeMap<String, TopicStats>,
}

/// What was counted of one topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicStats {
    pub messages_in: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

/// A counter many tasks add to.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn sub(&self, count: u64) {
        self.0.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters of one topic.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) messages_in: Counter,
    pub(crate) bytes_in: Counter,
    pub(crate) bytes_out: Counter,
}

impl Traffic {
    pub(crate) fn stats(&self) -> TopicStats {
        TopicStats {
            messages_in: self.messages_in.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
        }
    }
}
