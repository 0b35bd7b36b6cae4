use std::sync::Arc;

use wire::batch::Offset;

use super::{Maintenance, PartitionLog};
use crate::segment::Segment;
use crate::{LogConfig, LogError, ReadError};

/// A segment that retention removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedSegment {
    pub base_offset: Offset,
    pub bytes: u64,
}

impl PartitionLog {
    /// Removes, oldest first, the segments that `retention.ms`, `retention.bytes` or the log's start no longer
    /// cover. The active segment goes too when its time has come; a new, empty one takes its place. A log that is
    /// being compacted has its turn the next time.
    ///
    /// # Errors
    /// When files cannot be renamed.
    pub fn apply_retention(&self, now_ms: i64) -> Result<Vec<DeletedSegment>, LogError> {
        let Some(_nothing_else_rewrites) = self.rewriting.try_lock() else { return Ok(Vec::new()) };
        let mut maintenance = self.maintenance.lock();
        let config = self.config();
        let segments = self.segments_from(Offset::ZERO);
        let expired = expired(&segments, self.start_offset(), &config, now_ms);
        if expired == segments.len() {
            let mut appender = self.appender.lock();
            let active = &segments[segments.len() - 1];
            let expired = self::expired(&segments, self.start_offset(), &config, now_ms);
            // Appended to or rolled since we looked: the next round will see.
            if !Arc::ptr_eq(active, &appender.active) || expired < segments.len() {
                return Ok(Vec::new());
            }
            self.roll(&mut appender, &config, now_ms)?;
        }
        self.remove_oldest(&mut maintenance, expired, &config, now_ms)
    }

    /// Moves the log's start up to `offset` (DeleteRecords) and removes the segments wholly before it, unless the
    /// log is being compacted: then retention does. Returns the new start, which the owner keeps in
    /// `log-start-offset-checkpoint`.
    ///
    /// # Errors
    /// When the log does not reach `offset`.
    pub fn delete_records_before(&self, offset: Offset, now_ms: i64) -> Result<Offset, ReadError> {
        let nothing_else_rewrites = self.rewriting.try_lock();
        let mut maintenance = self.maintenance.lock();
        let config = self.config();
        let (start, before_start) = {
            let mut shared = self.shared.write();
            if offset > shared.end || offset < Offset::ZERO {
                let (start, end) = (shared.start, shared.end);
                return Err(ReadError::OffsetOutOfRange { wanted: offset, start, end });
            }
            shared.start = shared.start.max(offset);
            (shared.start, wholly_before(&shared.segments, shared.start))
        };
        if nothing_else_rewrites.is_some() {
            self.remove_oldest(&mut maintenance, before_start, &config, now_ms)?;
        }
        self.forget_epochs_before(start)?;
        Ok(start)
    }

    /// Removes the first `count` segments; the log then starts at the next one or later.
    fn remove_oldest(
        &self,
        maintenance: &mut Maintenance,
        count: usize,
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<Vec<DeletedSegment>, LogError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let (removed, start) = {
            let mut shared = self.shared.write();
            let removed: Vec<_> = shared.segments.drain(..count).collect();
            shared.start = shared.start.max(shared.segments[0].base);
            shared.generation += 1;
            (removed, shared.start)
        };
        let mut deleted = Vec::new();
        let no_flush_runs = self.flushing.lock();
        for segment in removed {
            self.doom(maintenance, &segment, config, now_ms)?;
            deleted.push(DeletedSegment { base_offset: segment.base, bytes: segment.bytes() });
        }
        drop(no_flush_runs);
        self.prune_snapshots()?;
        self.forget_epochs_before(start)?;
        Ok(deleted)
    }

    fn forget_epochs_before(&self, start: Offset) -> Result<(), LogError> {
        let mut epochs = self.epochs.lock();
        if epochs.truncate_start(start) {
            self.write_epochs(&epochs.format())?;
        }
        Ok(())
    }
}

/// How many of the oldest segments end at or before `start`; never the active one.
fn wholly_before(segments: &[Arc<Segment>], start: Offset) -> usize {
    segments.windows(2).take_while(|pair| pair[1].base <= start).count()
}

/// How many of the oldest segments may go. All of them only if the active one holds anything.
fn expired(segments: &[Arc<Segment>], start: Offset, config: &LogConfig, now_ms: i64) -> usize {
    let before_start = wholly_before(segments, start);
    if !config.cleanup.delete {
        return before_start;
    }
    let active_is_empty = segments.last().is_some_and(|active| active.bytes() == 0);
    let deletable = segments.len() - usize::from(active_is_empty);

    let by_time = if config.retention_ms < 0 {
        0
    } else {
        let is_old =
            |segment: &&Arc<Segment>| now_ms.saturating_sub(segment.newest_ms()) > config.retention_ms;
        segments[..deletable].iter().take_while(is_old).count()
    };
    let by_size = match u64::try_from(config.retention_bytes) {
        Err(_) => 0,
        Ok(bytes_max) => {
            let held: u64 = segments.iter().map(|segment| segment.bytes()).sum();
            let mut excess = held.saturating_sub(bytes_max);
            let fits = |segment: &&Arc<Segment>| match excess.checked_sub(segment.bytes()) {
                Some(left) if held >= bytes_max => {
                    excess = left;
                    true
                }
                _ => false,
            };
            segments[..deletable].iter().take_while(fits).count()
        }
    };
    before_start.max(by_time).max(by_size)
}
