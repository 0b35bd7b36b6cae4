//! Group commit: one fsync for all who wait for it, on a thread that may block.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::task::spawn_blocking;
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
