//! The registry's one store: an ordered, compacted log of keyed records.

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

/// Where schemas live: the topic `_schemas`, partition 0, or a stand-in.
///
/// The log may hold gaps (compaction) and may be written by others too; the
/// registry reads to the end before every decision it writes.
#[async_trait]
pub trait SchemaLog: Send + Sync {
    /// Appends one record durably and answers its offset. `None` is a tombstone.
    async fn append(&self, key: Bytes, value: Option<Bytes>) -> Result<i64, SchemaLogError>;

    /// The next records at or after `offset`, in order, in a chunk of bounded
    /// size; empty when `offset` is past the last one.
    async fn read_from(&self, offset: i64) -> Result<Vec<SchemaRecord>, SchemaLogError>;
}

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRecord {
    pub offset: i64,
    pub key: Bytes,
    /// `None`: a tombstone.
    pub value: Option<Bytes>,
}

/// The log could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SchemaLogError {
    #[error("the schema log cannot be written: {0}")]
    Append(String),
    /// The record is larger than the log takes.
    #[error("the record is too large for the schema log: {0}")]
    TooLarge(String),
    #[error("the schema log cannot be read: {0}")]
    Read(String),
}

/// A log in memory: for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryLog {
    records: Mutex<Vec<SchemaRecord>>,
}

/// Records a read answers at most, so that tests see chunks too.
const CHUNK_RECORDS: usize = 1000;

impl MemoryLog {
    /// Everything appended so far.
    pub fn records(&self) -> Vec<SchemaRecord> {
        self.records.lock().clone()
    }
}

#[async_trait]
impl SchemaLog for MemoryLog {
    async fn append(&self, key: Bytes, value: Option<Bytes>) -> Result<i64, SchemaLogError> {
        let mut records = self.records.lock();
        let offset = i64::try_from(records.len())
            .map_err(|_| SchemaLogError::Append("more records than an offset counts".into()))?;
        records.push(SchemaRecord { offset, key, value });
        Ok(offset)
    }

    async fn read_from(&self, offset: i64) -> Result<Vec<SchemaRecord>, SchemaLogError> {
        let records = self.records.lock();
        let start = usize::try_from(offset).unwrap_or(0).min(records.len());
        let end = start.saturating_add(CHUNK_RECORDS).min(records.len());
        Ok(records.get(start..end).unwrap_or_default().to_vec())
    }
}
