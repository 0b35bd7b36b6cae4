/// What a topic's configuration says about its log. Defaults are Kafka's; −1 means "no limit" where Kafka says so.
///
/// Segments are never preallocated and indexes never padded: an empty partition takes a few hundred bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is rolled before it would grow past this.
    pub segment_bytes: u64,
    /// `segment.ms`: a segment is rolled when its records span more than this.
    pub segment_ms: i64,
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
    /// `file.delete.delay.ms`: how long a removed segment stays, renamed to `.deleted`.
    pub file_delete_delay_ms: i64,
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
            file_delete_delay_ms: 60_000,
        }
    }
}
