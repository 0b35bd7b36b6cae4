/// What a topic's configuration says about its log. Defaults are Kafka's; −1 means "no limit" where Kafka says so.
///
/// Indexes are never padded, and segments preallocated only where asked for: an empty partition takes a few hundred
/// bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is rolled before it would grow past this.
    pub segment_bytes: u64,
    /// `segment.ms`: a segment is rolled when its records span more than this.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: segments are rolled up to so much earlier, each by its own share, so that those begun
    /// together do not all roll at once.
    pub segment_jitter_ms: i64,
    /// `preallocate`: a new segment's file gets its full length at once, and loses what is unused when it is rolled.
    pub preallocate: bool,
    /// `segment.index.bytes`: a segment is rolled when an index reaches this.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: log bytes between two index entries.
    pub index_interval_bytes: u32,
    /// `retention.ms`: −1 keeps for ever.
    pub retention_ms: i64,
    /// `retention.bytes`: −1 keeps any size.
    pub retention_bytes: i64,
    /// `cleanup.policy`.
    pub cleanup: Cleanup,
    /// `min.cleanable.dirty.ratio`: compaction waits until this share of the log is not yet compacted.
    pub min_cleanable_dirty_ratio: f64,
    /// `delete.retention.ms`: how long tombstones outlive their first compaction.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`: younger records are not compacted.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: records older than this are compacted whatever the ratio.
    pub max_compaction_lag_ms: i64,
    /// `flush.messages`: fdatasync after so many records.
    pub flush_messages: i64,
    /// `flush.ms`: fdatasync when records have waited this long.
    pub flush_ms: i64,
    /// `producer.id.expiration.ms`: a producer silent for so long is forgotten.
    pub producer_expiration_ms: i64,
    /// `file.delete.delay.ms`: how long a removed segment stays, renamed to `.deleted`.
    pub file_delete_delay_ms: i64,
}

impl LogConfig {
    /// Positions are written as i32, so no segment may outgrow them whatever its configuration.
    pub(crate) fn segment_bytes_max(&self) -> u64 {
        self.segment_bytes.min(i32::MAX as u64)
    }

    /// How long a segment takes records, `chance` deciding on its share of the jitter.
    pub(crate) fn segment_ms_with(&self, chance: u64) -> i64 {
        let jitter = u64::try_from(self.segment_jitter_ms.min(self.segment_ms)).unwrap_or(0);
        let earlier = chance.checked_rem(jitter).unwrap_or(0);
        self.segment_ms.saturating_sub_unsigned(earlier)
    }
}

/// `cleanup.policy`: either, both or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleanup {
    pub delete: bool,
    pub compact: bool,
}

impl Cleanup {
    pub const DELETE: Cleanup = Cleanup { delete: true, compact: false };
    pub const COMPACT: Cleanup = Cleanup { delete: false, compact: true };
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig {
            segment_bytes: 1 << 30,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            preallocate: false,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: 7 * DAY_MS,
            retention_bytes: -1,
            cleanup: Cleanup::DELETE,
            min_cleanable_dirty_ratio: 0.5,
            delete_retention_ms: DAY_MS,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            producer_expiration_ms: DAY_MS,
            file_delete_delay_ms: 60_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_only_shortens_and_never_below_nothing() {
        let with = |segment_ms, segment_jitter_ms, chance| {
            LogConfig { segment_ms, segment_jitter_ms, ..LogConfig::default() }.segment_ms_with(chance)
        };
        assert_eq!(with(1000, 0, 7), 1000);
        assert_eq!(with(1000, 100, 7), 993);
        assert_eq!(with(1000, 100, 1099), 901);
        assert_eq!(with(1000, i64::MAX, u64::MAX), 1000 - (u64::MAX % 1000) as i64);
        assert_eq!(with(i64::MAX, i64::MAX, 5), i64::MAX - 5);
        assert_eq!(with(0, 100, 5), 0);
    }
}
