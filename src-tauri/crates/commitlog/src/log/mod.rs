//! One partition's log: its segments in order, the newest of them written to.
//!
//! Locks, always taken in this order: `rewriting` (who compacts, removes or cuts segments), `maintenance` (what is
//! compacted and what is to be deleted), `appender` (who writes), `flushing` (who syncs, or keeps others from it),
//! `shared` (what readers see, held only to look or to publish). A compaction may take hours: what a client waits
//! for only tries to get `rewriting`, and leaves to retention what it did not get to remove.
//! Reading and writing files happens outside `shared`, so a read never waits for an append and an append never
//! waits for a read.

mod append;
mod compact;
mod flush;
mod hints;
mod open;
mod producers;
mod read;
mod retention;
mod swap;
mod timestamps;
mod truncate;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::{Mutex, RwLock};
use wire::batch::Offset;

use crate::segment::Segment;
use crate::text::EpochCache;
use crate::{LogConfig, LogError};
pub use append::{Aborting, AppendInfo};
pub use compact::CompactionStats;
pub use open::{OpenMode, RecoveryReport, Truncation};
pub use read::ReadChunk;
pub use retention::DeletedSegment;

/// A partition's log on disk. Shared between threads as it is: appends queue up, reads run beside them.
#[derive(Debug)]
pub struct PartitionLog {
    dir: PathBuf,
    config: RwLock<Arc<LogConfig>>,
    /// Held by whoever removes, cuts or replaces segments, from the first look at them on.
    rewriting: Mutex<()>,
    maintenance: Mutex<Maintenance>,
    appender: Mutex<append::Appender>,
    shared: RwLock<Shared>,
    epochs: Mutex<EpochCache>,
    flushing: Mutex<()>,
    /// The offset the next record gets. Readers see what lies before `Shared::end`: what is to be durable before
    /// it is acknowledged is not shown before, either.
    written: AtomicI64,
    /// Everything before is on the disk, not just in the page cache.
    recovery_point: AtomicI64,
    last_flush_ms: AtomicI64,
    /// The disk refused to make something durable: what it kept is not known before the next start.
    sync_failed: AtomicBool,
    hints: hints::Hints,
    /// The offsets of the `.snapshot` files there are.
    snapshots: Mutex<BTreeSet<Offset>>,
    closed: AtomicBool,
}

/// What readers see.
#[derive(Debug)]
struct Shared {
    /// By base offset; never empty, the last one is written to.
    segments: Vec<Arc<Segment>>,
    start: Offset,
    end: Offset,
    /// Counts the times segments were removed, cut or replaced: positions found before are void.
    generation: u64,
}

#[derive(Debug)]
struct Maintenance {
    /// The log is compacted up to here.
    compacted_to: Offset,
    /// Files renamed to `.deleted`, and when they may go.
    doomed: Vec<(i64, PathBuf)>,
}

impl PartitionLog {
    /// The partition's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    #[must_use]
    pub fn config(&self) -> Arc<LogConfig> {
        Arc::clone(&self.config.read())
    }

    /// Takes effect with the next append or maintenance.
    pub fn set_config(&self, config: LogConfig) {
        *self.config.write() = Arc::new(config);
    }

    /// The first offset that can be read.
    #[must_use]
    pub fn start_offset(&self) -> Offset {
        self.shared.read().start
    }

    /// Where readers end: the offset the next record gets, but for records that `flush.messages` or `flush.ms` has
    /// wait until they are durable.
    #[must_use]
    pub fn end_offset(&self) -> Offset {
        self.shared.read().end
    }

    /// The offset the next record gets.
    #[must_use]
    pub fn written_offset(&self) -> Offset {
        Offset(self.written.load(Ordering::Acquire))
    }

    /// Start and end as of one moment.
    #[must_use]
    pub fn offsets(&self) -> (Offset, Offset) {
        let shared = self.shared.read();
        (shared.start, shared.end)
    }

    /// Bytes of all `.log` files.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.shared.read().segments.iter().map(|segment| segment.bytes()).sum()
    }

    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.shared.read().segments.len()
    }

    /// Everything before is durable; `recovery-point-offset-checkpoint` keeps it.
    #[must_use]
    pub fn recovery_point(&self) -> Offset {
        Offset(self.recovery_point.load(Ordering::Acquire))
    }

    /// Everything before has been compacted; `cleaner-offset-checkpoint` keeps it.
    #[must_use]
    pub fn compacted_to(&self) -> Offset {
        self.maintenance.lock().compacted_to
    }

    /// The leader epoch last appended under.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<i32> {
        self.epochs.lock().latest()
    }

    /// The largest known epoch not above `epoch` and the offset after its last record (OffsetForLeaderEpoch).
    /// `None` when no such epoch is known.
    #[must_use]
    pub fn epoch_end(&self, epoch: i32) -> Option<(i32, Offset)> {
        let end = self.end_offset();
        self.epochs.lock().end_of(epoch, end)
    }

    /// The segments that may hold `from` and what follows.
    fn segments_from(&self, from: Offset) -> Vec<Arc<Segment>> {
        let shared = self.shared.read();
        shared.segments[shared.index_of(from)..].to_vec()
    }

    fn check_synced(&self) -> Result<(), LogError> {
        if self.sync_failed.load(Ordering::Acquire) {
            return Err(LogError::SyncFailed { dir: self.dir.clone() });
        }
        Ok(())
    }

    fn check_open(&self) -> Result<(), LogError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(LogError::Closed { dir: self.dir.clone() });
        }
        Ok(())
    }
}

impl Shared {
    /// The segment in which `offset` lies or would lie.
    fn index_of(&self, offset: Offset) -> usize {
        self.segments.partition_point(|segment| segment.base <= offset).saturating_sub(1)
    }
}
