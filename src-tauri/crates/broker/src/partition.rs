//! One partition: its log, its producers, and those who wait for records.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use commitlog::{LogError, PartitionLog, ReadChunk, ReadError};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tracing::error;
use wire::ErrorCode;
use wire::batch::Offset;

use crate::producers::Producers;

/// One broker leads every partition for ever: there is one epoch.
pub(crate) const LEADER_EPOCH: i32 = 0;

/// One partition.
pub(crate) struct Partition {
    pub(crate) topic: String,
    pub(crate) index: i32,
    pub(crate) log: Arc<PartitionLog>,
    /// Filled from the log when the first idempotent batch arrives.
    producers: OnceLock<Mutex<Producers>>,
    waiters: Mutex<Vec<Weak<Notify>>>,
    has_waiters: AtomicBool,
    /// Bytes appended since the start: tells a waiting fetch how much is new without reading.
    bytes_appended: AtomicU64,
}

impl Partition {
    pub(crate) fn new(topic: &str, index: i32, log: Arc<PartitionLog>) -> Self {
        Self {
            topic: topic.to_owned(),
            index,
            log,
            producers: OnceLock::new(),
            waiters: Mutex::new(Vec::new()),
            has_waiters: AtomicBool::new(false),
            bytes_appended: AtomicU64::new(0),
        }
    }

    /// Has `waiter` notified once, when something is appended. Call before looking: nothing is missed.
    pub(crate) fn wake_on_append(&self, waiter: &Arc<Notify>) {
        let mut waiters = self.waiters.lock();
        waiters.retain(|known| known.strong_count() > 0);
        if waiters.iter().all(|known| known.as_ptr() != Arc::as_ptr(waiter)) {
            waiters.push(Arc::downgrade(waiter));
        }
        self.has_waiters.store(true, Ordering::SeqCst);
    }

    /// Tells the waiting that `bytes` were appended (0: something else changed).
    pub(crate) fn wake(&self, bytes: usize) {
        self.bytes_appended.fetch_add(bytes as u64, Ordering::SeqCst);
        if self.has_waiters.swap(false, Ordering::SeqCst) {
            for waiter in self.waiters.lock().drain(..) {
                if let Some(waiter) = waiter.upgrade() {
                    waiter.notify_one();
                }
            }
        }
    }

    /// Bytes appended since the start.
    pub(crate) fn bytes_appended(&self) -> u64 {
        self.bytes_appended.load(Ordering::SeqCst)
    }

    /// The producers known, rebuilt from the log the first time.
    pub(crate) fn producers(&self, now_ms: i64, expiration_ms: i64) -> Result<&Mutex<Producers>, LogError> {
        if let Some(producers) = self.producers.get() {
            return Ok(producers);
        }
        // Only records a producer may still be remembered for.
        let since = self.log.offset_for_timestamp(now_ms.saturating_sub(expiration_ms))?;
        let mut producers = Producers::default();
        if let Some((from, _)) = since {
            self.log.replay(from, |batch| {
                if batch.has_producer_id() && !batch.is_control() {
                    producers.note(batch, batch.base_offset, batch.max_timestamp.min(now_ms));
                }
            })?;
        }
        // Another request may have been quicker with the same.
        Ok(self.producers.get_or_init(|| Mutex::new(producers)))
    }

    /// Forgets producers that have been silent for longer than `expiration_ms`.
    pub(crate) fn expire_producers(&self, now_ms: i64, expiration_ms: i64) {
        if let Some(producers) = self.producers.get() {
            producers.lock().expire(now_ms, expiration_ms);
        }
    }

    /// Reads batches; every problem has its code and, where it is ours, its log line.
    pub(crate) fn read(&self, from: Offset, bytes_max: usize, min_one: bool) -> Result<ReadChunk, ErrorCode> {
        match self.log.read(from, bytes_max, self.log.end_offset(), min_one) {
            Ok(chunk) => Ok(chunk),
            Err(ReadError::OffsetOutOfRange { .. }) => Err(ErrorCode::OffsetOutOfRange),
            Err(ReadError::Log(error)) => Err(self.storage_error("read", &error)),
        }
    }

    /// The first record at or after a time.
    pub(crate) fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<(Offset, i64)>, ErrorCode> {
        self.log.offset_for_timestamp(timestamp).map_err(|error| self.storage_error("look up a time", &error))
    }

    /// The record with the largest timestamp.
    pub(crate) fn max_timestamp(&self) -> Result<Option<(Offset, i64)>, ErrorCode> {
        self.log.max_timestamp_offset().map_err(|error| self.storage_error("look up a time", &error))
    }

    /// Moves the start forward and returns it.
    pub(crate) fn delete_records_before(&self, before: Offset, now_ms: i64) -> Result<Offset, ErrorCode> {
        match self.log.delete_records_before(before, now_ms) {
            Ok(start) => Ok(start),
            Err(ReadError::OffsetOutOfRange { .. }) => Err(ErrorCode::OffsetOutOfRange),
            Err(ReadError::Log(error)) => Err(self.storage_error("delete records", &error)),
        }
    }

    /// The code for a problem of the disk, and a line in the log for who runs the broker.
    pub(crate) fn storage_error(&self, action: &'static str, reason: &LogError) -> ErrorCode {
        error!(topic = %self.topic, partition = self.index, %reason, "cannot {action}");
        match reason {
            LogError::Closed { .. } => ErrorCode::NotLeaderOrFollower,
            LogError::Batch(_) => ErrorCode::CorruptMessage,
            LogError::Io { .. }
            | LogError::OffsetsExhausted { .. }
            | LogError::Damaged { .. }
            | LogError::Text { .. } => ErrorCode::KafkaStorageError,
        }
    }
}

/// What a client believes about the leader epoch; −1 is no belief.
pub(crate) fn check_leader_epoch(claimed: i32) -> Result<(), ErrorCode> {
    if claimed > LEADER_EPOCH { Err(ErrorCode::UnknownLeaderEpoch) } else { Ok(()) }
}
