//! One partition: its log, its producers, and those who wait for records.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use commitlog::{
    AbortedTransaction, Aborting, AppendInfo, LogError, PartitionLog, ProducerError, Producers, ReadChunk,
    ReadError,
};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use tokio::sync::Notify;
use tracing::{error, warn};
use wire::ErrorCode;
use wire::batch::{BatchHeader, Marker, Offset, set_max_timestamp_and_append_time};

use crate::complaints::Complaints;
use crate::durability::Durability;

/// One broker leads every partition for ever: there is one epoch.
pub(crate) const LEADER_EPOCH: i32 = 0;

/// No transaction is open.
const NONE_OPEN: i64 = i64::MAX;
/// It is not known whether one is.
const OPEN_UNKNOWN: i64 = -1;

/// Told to the waiting when records become visible that were appended before: however many bytes they wait for,
/// they look.
const LOOK_AGAIN_BYTES: usize = 1 << 31;

/// A transaction's marker to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MarkerOf {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) committed: bool,
    pub(crate) coordinator_epoch: i32,
    /// The marker brings the producer's next epoch (KIP-890).
    pub(crate) own_epoch: bool,
}

/// One partition.
pub(crate) struct Partition {
    pub(crate) topic: String,
    pub(crate) index: i32,
    pub(crate) log: Arc<PartitionLog>,
    /// Restored from the log when first needed.
    producers: Mutex<Option<Producers>>,
    /// Where the oldest open transaction begins: for readers, who take no lock.
    first_open: AtomicI64,
    waiters: Mutex<Vec<Weak<Notify>>>,
    has_waiters: AtomicBool,
    /// Bytes appended since the start: tells a waiting fetch how much is new without reading.
    bytes_appended: AtomicU64,
    pub(crate) durability: Durability,
    complaints: Complaints,
}

impl Partition {
    pub(crate) fn new(topic: &str, index: i32, log: Arc<PartitionLog>) -> Self {
        // Nothing was ever written: there is nothing to restore.
        let is_new = log.end_offset() == Offset::ZERO;
        Self {
            topic: topic.to_owned(),
            index,
            log,
            producers: Mutex::new(is_new.then(Producers::default)),
            first_open: AtomicI64::new(if is_new { NONE_OPEN } else { OPEN_UNKNOWN }),
            waiters: Mutex::new(Vec::new()),
            has_waiters: AtomicBool::new(false),
            bytes_appended: AtomicU64::new(0),
            durability: Durability::default(),
            complaints: Complaints::default(),
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

    /// The producers known, restored from the log the first time. Held over an append: what is checked is what is
    /// appended next.
    pub(crate) fn producers(&self, now_ms: i64) -> Result<MappedMutexGuard<'_, Producers>, ErrorCode> {
        let mut producers = self.producers.lock();
        if producers.is_none() {
            let restored = self.log.restore_producers(now_ms);
            let restored = restored.map_err(|error| self.storage_error("restore producers", &error))?;
            self.publish_open(&restored);
            *producers = Some(restored);
        }
        MutexGuard::try_map(producers, Option::as_mut).map_err(|_| ErrorCode::UnknownServerError)
    }

    fn publish_open(&self, producers: &Producers) {
        let first = producers.first_open().map_or(NONE_OPEN, |first| first.0);
        self.first_open.store(first, Ordering::SeqCst);
    }

    /// Appends a data batch of a producer that was judged under this lock, and remembers it.
    pub(crate) fn append_of_producer(
        &self,
        bytes: &mut [u8],
        header: &BatchHeader,
        producers: &mut Producers,
        now_ms: i64,
    ) -> Result<AppendInfo, ErrorCode> {
        if header.is_transactional() {
            // Before anyone can read the batch: it is not stable.
            self.first_open.fetch_min(self.log.end_offset().0, Ordering::SeqCst);
        }
        let appended = self.log.append(bytes, LEADER_EPOCH, now_ms);
        if let Ok(info) = &appended {
            self.keep_rolled(info, producers);
            producers.note(header, info.first_offset, now_ms);
        }
        if header.is_transactional() {
            self.publish_open(producers);
        }
        match appended {
            Ok(info) => {
                self.tell(&info);
                Ok(info)
            }
            Err(error) => Err(self.storage_error("append", &error)),
        }
    }

    /// Appends a batch without a producer: one the broker wrote itself, or one that was checked.
    pub(crate) fn append_own(&self, bytes: &mut [u8], now_ms: i64) -> Result<AppendInfo, ErrorCode> {
        let info = self
            .log
            .append(bytes, LEADER_EPOCH, now_ms)
            .map_err(|error| self.storage_error("append", &error))?;
        self.tell(&info);
        if info.rolled_at.is_some()
            && let Ok(producers) = self.producers(now_ms)
        {
            self.keep_rolled(&info, &producers);
        }
        Ok(info)
    }

    /// Makes a record of the broker's own durable where its topic's configuration asks for that.
    pub(crate) fn flush_if_due(&self, info: &AppendInfo) -> Result<(), ErrorCode> {
        if info.flush_due { self.make_durable(info.last_offset.next()) } else { Ok(()) }
    }

    /// Makes everything appended durable, and so seen by those who waited for it.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        let seen = self.log.end_offset();
        let flushed = self.log.flush();
        if self.log.end_offset() > seen {
            self.wake(LOOK_AGAIN_BYTES);
        }
        flushed
    }

    /// Tells the waiting of what was appended, once it can be read.
    fn tell(&self, info: &AppendInfo) {
        if !info.flush_due {
            self.wake(info.bytes);
        }
    }

    /// Appends a batch a coordinator wrote within a producer's transaction: it has no sequence.
    pub(crate) fn append_of_coordinator(&self, bytes: &mut [u8], now_ms: i64) -> Result<(), ErrorCode> {
        let header = BatchHeader::parse(bytes).map_err(|_| ErrorCode::UnknownServerError)?;
        let mut producers = self.producers(now_ms)?;
        producers.check_coordinated(&header).map_err(producer_code)?;
        let info = self.append_of_producer(bytes, &header, &mut producers, now_ms)?;
        self.flush_if_due(&info)
    }

    /// Ends a transaction here. `log_append_time`: the topic has its records stamped so, markers too. Returns the bytes
    /// written.
    pub(crate) fn append_marker(
        &self,
        marker: MarkerOf,
        log_append_time: bool,
        now_ms: i64,
    ) -> Result<usize, ErrorCode> {
        let MarkerOf { producer_id, epoch, committed, coordinator_epoch, own_epoch } = marker;
        let marker = Marker { committed, coordinator_epoch };
        let mut producers = self.producers(now_ms)?;
        producers.check_marker(producer_id, epoch, marker, own_epoch).map_err(producer_code)?;
        let ended = producers.ending(producer_id).filter(|_| !committed);
        let aborting = ended.map(|ended| Aborting { producer_id, ended });
        let mut bytes = marker.batch(producer_id, epoch, now_ms).to_vec();
        if log_append_time {
            set_max_timestamp_and_append_time(&mut bytes, now_ms)
                .map_err(|_| ErrorCode::UnknownServerError)?;
        }
        let info = self
            .log
            .append_aborting(&mut bytes, LEADER_EPOCH, now_ms, aborting)
            .map_err(|error| self.storage_error("append a marker", &error))?;
        self.keep_rolled(&info, &producers);
        producers.note_marker((producer_id, epoch), marker, info.first_offset, now_ms, now_ms);
        self.publish_open(&producers);
        drop(producers);
        // After what is stable has grown: whoever waits for that sees it.
        self.tell(&info);
        self.flush_if_due(&info)?;
        Ok(bytes.len())
    }

    /// Keeps what was known when a segment began, so that a start need not look further back.
    fn keep_rolled(&self, info: &AppendInfo, producers: &Producers) {
        let Some(at) = info.rolled_at.filter(|at| producers.reaches_at_most(*at)) else { return };
        if let Err(error) = self.log.write_snapshot(at, producers) {
            warn!(topic = %self.topic, partition = self.index, %error, "producer snapshot not written");
        }
    }

    /// Keeps what is known at a stop.
    pub(crate) fn keep_producers(&self) {
        let producers = self.producers.lock();
        let end = self.log.end_offset();
        if let Some(producers) = producers.as_ref().filter(|_| end > Offset::ZERO)
            && let Err(error) = self.log.write_snapshot(end, producers)
        {
            warn!(topic = %self.topic, partition = self.index, %error, "producer snapshot not written");
        }
    }

    /// Up to here no transaction is open (the last stable offset).
    pub(crate) fn stable_offset(&self, now_ms: i64) -> Result<Offset, ErrorCode> {
        self.know_open(now_ms)?;
        let (start, end) = self.log.offsets();
        Ok(self.stable_within(start, end))
    }

    /// Makes sure that open transactions are known of: the log is looked into the first time.
    pub(crate) fn know_open(&self, now_ms: i64) -> Result<(), ErrorCode> {
        if self.first_open.load(Ordering::SeqCst) == OPEN_UNKNOWN {
            drop(self.producers(now_ms)?);
        }
        Ok(())
    }

    /// The last stable offset of a log of this extent, as seen just before: its end, if nothing is known.
    pub(crate) fn stable_within(&self, start: Offset, end: Offset) -> Offset {
        match self.first_open.load(Ordering::SeqCst) {
            OPEN_UNKNOWN => end,
            first => Offset(first).min(end).max(start),
        }
    }

    /// The aborted transactions a reader of `from..upto` must know of.
    pub(crate) fn aborted(&self, from: Offset, upto: Offset) -> Result<Vec<AbortedTransaction>, ErrorCode> {
        self.log.aborted(from, upto).map_err(|error| self.storage_error("read aborted transactions", &error))
    }

    /// Forgets producers that have been silent for longer than `expiration_ms`.
    pub(crate) fn expire_producers(&self, now_ms: i64, expiration_ms: i64) {
        if let Some(producers) = self.producers.lock().as_mut() {
            producers.expire(now_ms, expiration_ms);
        }
    }

    /// Reads batches; every problem has its code and, where it is ours, its log line.
    pub(crate) fn read(&self, from: Offset, bytes_max: usize, min_one: bool) -> Result<ReadChunk, ErrorCode> {
        self.read_below(Offset::MAX, from, bytes_max, min_one)
    }

    /// As [`Partition::read`], only batches that begin below `upto`.
    pub(crate) fn read_below(
        &self,
        upto: Offset,
        from: Offset,
        bytes_max: usize,
        min_one: bool,
    ) -> Result<ReadChunk, ErrorCode> {
        match self.log.read(from, bytes_max, upto, min_one) {
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
        if let Some(kept_back) = self.complaints.raise(Instant::now()) {
            error!(topic = %self.topic, partition = self.index, %reason, kept_back, "cannot {action}");
        }
        match reason {
            LogError::Closed { .. } => ErrorCode::NotLeaderOrFollower,
            LogError::Batch(_) => ErrorCode::CorruptMessage,
            LogError::Io { .. }
            | LogError::CompactionStopped { .. }
            | LogError::SyncFailed { .. }
            | LogError::OffsetsExhausted { .. }
            | LogError::Damaged { .. }
            | LogError::Text { .. } => ErrorCode::KafkaStorageError,
        }
    }
}

/// The code a client is answered with.
pub(crate) fn producer_code(error: ProducerError) -> ErrorCode {
    match error {
        ProducerError::StaleEpoch => ErrorCode::InvalidProducerEpoch,
        ProducerError::OutOfOrder => ErrorCode::OutOfOrderSequenceNumber,
        ProducerError::StaleCoordinator => ErrorCode::TransactionCoordinatorFenced,
        ProducerError::NotTransactional | ProducerError::Unverified => ErrorCode::InvalidTxnState,
    }
}

/// What a client believes about the leader epoch; −1 is no belief.
pub(crate) fn check_leader_epoch(claimed: i32) -> Result<(), ErrorCode> {
    match claimed {
        -1 | LEADER_EPOCH => Ok(()),
        older if older < LEADER_EPOCH => Err(ErrorCode::FencedLeaderEpoch),
        _ => Err(ErrorCode::UnknownLeaderEpoch),
    }
}
