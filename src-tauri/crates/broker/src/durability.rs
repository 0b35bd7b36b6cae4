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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use commitlog::{LogConfig, OpenMode, PartitionLog};
    use wire::batch::BatchBuilder;

    use super::*;

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn one_fsync_serves_all_records_of_the_brokers_own_that_wait() {
        const WRITERS: i64 = 8;
        let dir = tempfile::tempdir().unwrap();
        let config = LogConfig { flush_messages: 1, ..LogConfig::default() };
        let (log, _) = PartitionLog::open(dir.path(), config, OpenMode::Clean, Offset::ZERO, 0).unwrap();
        let partition = Partition::new("__consumer_offsets", 0, Arc::new(log));
        // As if one of them flushed: the others queue up behind it.
        let flushing = partition.durability.flushing.lock();
        std::thread::scope(|scope| {
            let (appended, all_appended) = mpsc::channel();
            let (durable, answers) = mpsc::channel();
            for _ in 0..WRITERS {
                let (partition, appended, durable) = (&partition, appended.clone(), durable.clone());
                scope.spawn(move || {
                    let mut bytes =
                        BatchBuilder::new().record(0, Some(b"group"), Some(b"5")).build().to_vec();
                    let info = partition.append_own(&mut bytes, 0).unwrap();
                    assert!(info.flush_due);
                    appended.send(()).unwrap();
                    partition.flush_if_due(&info).unwrap();
                    assert!(partition.log.recovery_point() > info.last_offset);
                    durable.send(()).unwrap();
                });
            }
            for _ in 0..WRITERS {
                all_appended.recv_timeout(PATIENCE).unwrap();
            }
            // All are written, none is durable, none is answered or read.
            assert_eq!(partition.log.written_offset(), Offset(WRITERS));
            assert_eq!((partition.log.recovery_point(), partition.log.end_offset()), (Offset(0), Offset(0)));
            assert!(answers.try_recv().is_err());
            partition.flush().unwrap();
            drop(flushing);
            for _ in 0..WRITERS {
                answers.recv_timeout(PATIENCE).unwrap();
            }
        });
        assert_eq!(partition.log.end_offset(), Offset(WRITERS));
    }
}
