use std::io::ErrorKind;
use std::sync::atomic::Ordering;

use wire::batch::Offset;

use super::PartitionLog;
use crate::{LogError, files};

/// A recovery checks so much in a tenth of a second.
const UNSYNCED_BYTES_MAX: u64 = 128 << 20;

impl PartitionLog {
    /// Makes everything appended so far durable (fdatasync) and moves the recovery point there. Callers that
    /// arrive while another flushes share its result.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&self) -> Result<(), LogError> {
        let wanted = self.written_offset();
        let _one_at_a_time = self.flushing.lock();
        if self.recovery_point() >= wanted {
            return Ok(());
        }
        let end = self.written_offset();
        let from = self.recovery_point();
        let mut new_files = false;
        for segment in self.segments_from(from) {
            new_files |= segment.base >= from;
            self.noting_failure(unless_removed(segment.flush_log()))?;
        }
        self.sync_dir_if(new_files)?;
        let mut shared = self.shared.write();
        shared.end = shared.end.max(end);
        drop(shared);
        // After that: who is told that a record is durable can read it.
        self.recovery_point.fetch_max(end.0, Ordering::AcqRel);
        Ok(())
    }

    /// Makes the segments no longer written to durable, indexes and all, and much that the active one holds: what
    /// keeps a recovery short without costing appends.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush_for_recovery(&self) -> Result<(), LogError> {
        self.flush_rolled()?;
        let unsynced =
            self.segments_from(self.end_offset()).last().map_or(0, |active| active.unsynced_bytes());
        if unsynced >= UNSYNCED_BYTES_MAX { self.flush() } else { Ok(()) }
    }

    fn flush_rolled(&self) -> Result<(), LogError> {
        let _one_at_a_time = self.flushing.lock();
        let mut segments = self.segments_from(Offset::ZERO);
        let Some(active) = segments.pop() else { return Ok(()) };
        for segment in segments {
            unless_removed(segment.flush())?;
        }
        if self.recovery_point() < active.base {
            self.sync_dir_if(true)?;
            self.recovery_point.fetch_max(active.base.0, Ordering::AcqRel);
        }
        Ok(())
    }

    fn noting_failure(&self, flushed: Result<(), LogError>) -> Result<(), LogError> {
        if let Err(LogError::Io { source, .. }) = &flushed
            && !matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        {
            self.sync_failed.store(true, Ordering::Release);
        }
        flushed
    }

    fn sync_dir_if(&self, new_files: bool) -> Result<(), LogError> {
        if !new_files {
            return Ok(());
        }
        files::sync_dir(&self.dir).map_err(LogError::io("flush", &self.dir))
    }

    /// Whether `flush.ms` has passed over records not yet durable.
    pub(crate) fn flush_if_waiting(&self, now_ms: i64) -> Result<(), LogError> {
        let config = self.config();
        let waited = now_ms.saturating_sub(self.last_flush_ms.load(Ordering::Relaxed));
        if config.flush_ms < i64::MAX
            && waited >= config.flush_ms
            && self.recovery_point() < self.written_offset()
        {
            self.flush()?;
            self.last_flush_ms.store(now_ms, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Ends the log's use: indexes complete, everything durable, further appends refused. Repeating it is fine.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn close(&self) -> Result<(), LogError> {
        let appender = self.appender.lock();
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        appender.active.finish_indexes()?;
        appender.active.trim()?;
        drop(appender);
        self.flush()?;
        let _one_at_a_time = self.flushing.lock();
        self.segments_from(Offset::ZERO).iter().try_for_each(|segment| unless_removed(segment.flush()))
    }

    /// Refuses further use, without writing: the directory is about to go.
    pub(crate) fn abandon(&self) {
        let _no_append_runs = self.appender.lock();
        self.closed.store(true, Ordering::Release);
    }
}

/// A segment removed while it was to be synced has nothing left to keep.
fn unless_removed(flushed: Result<(), LogError>) -> Result<(), LogError> {
    match flushed {
        Err(LogError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
