use std::sync::atomic::Ordering;

use wire::batch::Offset;

use super::PartitionLog;
use crate::segment::Segment;
use crate::{LogError, files};

impl PartitionLog {
    /// Makes everything appended so far durable (fdatasync) and moves the recovery point there. Callers that
    /// arrive while another flushes share its result.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&self) -> Result<(), LogError> {
        let wanted = self.end_offset();
        let _one_at_a_time = self.flushing.lock();
        if self.recovery_point() >= wanted {
            return Ok(());
        }
        let end = self.end_offset();
        self.flush_to(end, |_| true)
    }

    /// Makes the segments no longer written to durable: what keeps a recovery short without costing appends.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush_rolled(&self) -> Result<(), LogError> {
        let _one_at_a_time = self.flushing.lock();
        let active = self.shared.read().active().base;
        if self.recovery_point() >= active {
            return Ok(());
        }
        self.flush_to(active, |segment| segment.base < active)
    }

    /// Syncs the chosen segments from the recovery point on and moves it to `end`.
    fn flush_to(&self, end: Offset, chosen: impl Fn(&Segment) -> bool) -> Result<(), LogError> {
        let from = self.recovery_point();
        let mut new_files = false;
        for segment in self.segments_from(from).iter().filter(|segment| chosen(segment)) {
            new_files |= segment.base >= from;
            match segment.flush() {
                // Removed while we were at it: nothing is left to keep.
                Err(LogError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        if new_files {
            files::sync_dir(&self.dir).map_err(LogError::io("flush", &self.dir))?;
        }
        self.recovery_point.fetch_max(end.0, Ordering::AcqRel);
        Ok(())
    }

    /// Whether `flush.ms` has passed over records not yet durable.
    pub(crate) fn flush_if_waiting(&self, now_ms: i64) -> Result<(), LogError> {
        let config = self.config();
        let waited = now_ms.saturating_sub(self.last_flush_ms.load(Ordering::Relaxed));
        if config.flush_ms < i64::MAX
            && waited >= config.flush_ms
            && self.recovery_point() < self.end_offset()
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
        drop(appender);
        self.flush()?;
        // A log without new records has nothing to flush, but its last index entries are still to be kept.
        self.shared.read().active().flush()
    }

    /// Refuses further use, without writing: the directory is about to go.
    pub(crate) fn abandon(&self) {
        let _no_append_runs = self.appender.lock();
        self.closed.store(true, Ordering::Release);
    }
}
