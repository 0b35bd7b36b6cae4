//! Group commit: one fsync for all who wait for it, on a thread that may block.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Notify;
use tokio::task::{block_in_place, spawn_blocking};
use wire::ErrorCode;
use wire::batch::Offset;

use crate::partition::Partition;

/// Who waits for a partition to be durable, and how far.
#[derive(Debug, Default)]
pub(crate) struct Durability {
    wanted: AtomicI64,
    running: AtomicBool,
    failures: AtomicU64,
    flushed: Notify,
    /// Held by who flushes for a record of the broker's own.
    flushing: Mutex<()>,
}

impl Partition {
    /// Has everything before `end` made durable, without waiting for it.
    pub(crate) fn start_flush(self: &Arc<Self>, end: Offset) {
        self.durability.wanted.fetch_max(end.0, Ordering::SeqCst);
        if !self.durability.running.swap(true, Ordering::SeqCst) {
            let partition = Arc::clone(self);
            spawn_blocking(move || partition.flush_wanted());
        }
    }

    /// Waits until everything before `end` is durable.
    pub(crate) async fn durable(self: &Arc<Self>, end: Offset) -> Result<(), ErrorCode> {
        let failures = self.durability.failures.load(Ordering::SeqCst);
        loop {
            // From here on a flush that ends is noticed.
            let flushed = self.durability.flushed.notified();
            if self.log.recovery_point() >= end {
                return Ok(());
            }
            if self.durability.failures.load(Ordering::SeqCst) != failures {
                return Err(ErrorCode::KafkaStorageError);
            }
            self.start_flush(end);
            flushed.await;
        }
    }

    /// Makes everything before `end` durable, for a caller that waits where it stands. Who comes while another
    /// does it finds it done.
    pub(crate) fn make_durable(&self, end: Offset) -> Result<(), ErrorCode> {
        if self.log.recovery_point() >= end {
            return Ok(());
        }
        off_the_worker(|| {
            let _one_at_a_time = self.durability.flushing.lock();
            if self.log.recovery_point() >= end {
                return Ok(());
            }
            self.flush().map_err(|error| self.storage_error("flush", &error))
        })
    }

    fn flush_wanted(&self) {
        let durability = &self.durability;
        loop {
            if let Err(error) = self.flush() {
                self.storage_error("flush", &error);
                durability.failures.fetch_add(1, Ordering::SeqCst);
                // Whoever still wants it asks again.
                durability.wanted.store(0, Ordering::SeqCst);
            }
            durability.running.store(false, Ordering::SeqCst);
            durability.flushed.notify_waiters();
            let more = durability.wanted.load(Ordering::SeqCst) > self.log.recovery_point().0;
            if !more || durability.running.swap(true, Ordering::SeqCst) {
                return;
            }
        }
    }
}

/// Has the other tasks of this thread go on elsewhere while it blocks.
fn off_the_worker<T>(block: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => block_in_place(block),
        _ => block(),
    }
}
