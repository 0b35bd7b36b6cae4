//! The registry's log in the broker's topic `_schemas`, in this process.

use async_trait::async_trait;
use broker::{AccessError, Broker, Offset, TopicError};
use bytes::Bytes;
use registry::{SchemaLog, SchemaLogError, SchemaRecord};
use wire::batch::{BatchBuilder, batches};

/// Confluent's name for it.
const TOPIC: &str = "_schemas";
const PARTITION: i32 = 0;
/// The registry bounds schemas; their records hold them with escapes, beside
/// metadata and rules, and stay below this.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Read from the log in one go.
const CHUNK_BYTES: usize = 1024 * 1024;
/// A batch others wrote, unpacked, is at most this large.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(crate) struct TopicLog {
    broker: Broker,
}

impl TopicLog {
    /// Creates the topic if this is a new directory.
    pub(crate) fn open(broker: Broker) -> Result<Self, TopicError> {
        let bytes_max = RECORD_BYTES_MAX.to_string();
        let configs = [("cleanup.policy", "compact"), ("max.message.bytes", bytes_max.as_str())];
        match broker.create_topic(TOPIC, Some(1), &configs) {
            Ok(()) => {}
            // It may be from when it had Kafka's own limit.
            Err(TopicError::Exists(_)) => broker.configure_topic(TOPIC, &configs[1..])?,
            Err(error) => return Err(error),
        }
        Ok(Self { broker })
    }

    fn read(&self, offset: i64) -> Result<Vec<SchemaRecord>, SchemaLogError> {
        let failed = |error: AccessError| SchemaLogError::Read(error.to_string());
        let start = self.broker.start_offset(TOPIC, PARTITION).map_err(failed)?;
        let mut from = Offset(offset.max(start.0));
        loop {
            if from >= self.broker.end_offset(TOPIC, PARTITION).map_err(failed)? {
                return Ok(Vec::new());
            }
            let chunk = self.broker.read(TOPIC, PARTITION, from, CHUNK_BYTES).map_err(failed)?;
            let records = records(&chunk.bytes, offset)?;
            // A chunk may hold nothing of interest: control batches, or what lies before the offset.
            if !records.is_empty() || chunk.next_offset <= from {
                return Ok(records);
            }
            from = chunk.next_offset;
        }
    }
}

#[async_trait]
impl SchemaLog for TopicLog {
    async fn append(&self, key: Bytes, value: Option<Bytes>) -> Result<i64, SchemaLogError> {
        /// What a batch adds to its record, generously.
        const BATCH_OVERHEAD_BYTES: usize = 1024;
        let bytes = key.len() + value.as_ref().map_or(0, Bytes::len) + BATCH_OVERHEAD_BYTES;
        if bytes > RECORD_BYTES_MAX {
            return Err(SchemaLogError::TooLarge(format!(
                "{bytes} bytes, and {RECORD_BYTES_MAX} are allowed"
            )));
        }
        let broker = self.broker.clone();
        let appending = tokio::task::spawn_blocking(move || {
            let now_ms = jiff::Timestamp::now().as_millisecond();
            let batch = BatchBuilder::new().record(now_ms, Some(&key), value.as_deref()).build();
            broker.append(TOPIC, PARTITION, &batch)
        });
        match appending.await {
            Ok(Ok(offset)) => Ok(offset.0),
            Ok(Err(error)) => Err(SchemaLogError::Append(error.to_string())),
            Err(error) => Err(SchemaLogError::Append(error.to_string())),
        }
    }

    async fn read_from(&self, offset: i64) -> Result<Vec<SchemaRecord>, SchemaLogError> {
        // Mostly a look at the end: not worth a thread.
        self.read(offset)
    }
}

/// The data records of whole batches at or after `offset`.
fn records(bytes: &[u8], offset: i64) -> Result<Vec<SchemaRecord>, SchemaLogError> {
    let failed = |error: wire::batch::BatchError| SchemaLogError::Read(error.to_string());
    let mut all = Vec::new();
    for batch in batches(bytes) {
        let batch = batch.map_err(failed)?;
        if batch.header.is_control() {
            continue;
        }
        let unpacked = batch.records(BATCH_BYTES_MAX).map_err(failed)?;
        for record in unpacked.iter() {
            let record = record.map_err(failed)?;
            let at = unpacked.offset_of(&record).0;
            // A record without a key is no entry of a compacted log.
            let Some(key) = record.key.filter(|_| at >= offset) else { continue };
            all.push(SchemaRecord {
                offset: at,
                key: Bytes::copy_from_slice(key),
                value: record.value.map(Bytes::copy_from_slice),
            });
        }
    }
    Ok(all)
}
