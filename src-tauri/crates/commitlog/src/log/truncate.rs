use std::sync::Arc;
use std::sync::atomic::Ordering;

use wire::batch::Offset;

use super::PartitionLog;
use crate::LogError;
use crate::files::{self, SNAPSHOT};
use crate::segment::Segment;

impl PartitionLog {
    /// Removes everything from the batch that contains `offset` on. Returns the log's new end.
    ///
    /// # Errors
    /// When files cannot be changed.
    pub fn truncate_to(&self, offset: Offset, now_ms: i64) -> Result<Offset, LogError> {
        let _nothing_else_rewrites = self.rewriting.lock();
        let mut maintenance = self.maintenance.lock();
        let mut appender = self.appender.lock();
        let _no_flush_runs = self.flushing.lock();
        self.check_open()?;
        if offset >= appender.end {
            return Ok(appender.end);
        }
        let offset = offset.max(Offset::ZERO);
        let config = self.config();
        let segments = self.segments_from(Offset::ZERO);
        let keep = segments.partition_point(|segment| segment.base <= offset);

        // The segment that holds the offset is cut and its indexes are built anew; later ones go.
        let cut = match keep.checked_sub(1).map(|index| &segments[index]) {
            Some(segment) => {
                let bytes = segment.batch_at_or_after(offset)?.map(|found| found.position);
                segment.retire();
                if let Some(bytes) = bytes {
                    segment.file().set_len(bytes).map_err(LogError::io("truncate", segment.path()))?;
                }
                let rebuilt =
                    Segment::rebuild(&self.dir, segment.base, offset, &config, now_ms, &mut |_| {})?;
                rebuilt.segment.cut_to_published()?;
                Some(rebuilt)
            }
            None => None,
        };
        for segment in &segments[keep..] {
            self.doom(&mut maintenance, segment, &config, now_ms)?;
        }
        let (active, end) = match cut {
            Some(rebuilt) => (rebuilt.segment, rebuilt.next_offset),
            None => (Segment::create(&self.dir, offset, &config, now_ms)?, offset),
        };
        let active = Arc::new(active);
        {
            let mut shared = self.shared.write();
            shared.segments.truncate(keep.saturating_sub(1));
            shared.segments.push(Arc::clone(&active));
            shared.end = end;
            shared.start = shared.start.min(end);
            shared.generation += 1;
        }
        appender.active = active;
        appender.end = end;
        for beyond in self.snapshots.lock().split_off(&end.next()) {
            files::remove(&files::segment_file(&self.dir, beyond, SNAPSHOT))?;
        }
        self.written.store(end.0, Ordering::Release);
        self.recovery_point.fetch_min(end.0, Ordering::AcqRel);
        maintenance.compacted_to = maintenance.compacted_to.min(end);
        let mut epochs = self.epochs.lock();
        if epochs.truncate_end(end) {
            self.write_epochs(&epochs.format())?;
        }
        Ok(end)
    }
}
