use std::io;
use std::sync::atomic::Ordering;

use wire::batch::{Batch, BatchError, Offset, Records};

use super::{Found, Segment, Walk, WalkError};
use crate::LogError;

/// The most a batch may unpack to while one of its records is looked for.
const UNPACKED_BYTES_MAX: usize = 256 << 20;

impl Segment {
    /// The first batch whose last offset is at least `offset`; `None` when this segment ends before.
    pub(crate) fn batch_at_or_after(&self, offset: Offset) -> Result<Option<Found>, LogError> {
        let bytes = self.bytes();
        let from = self.position_before(offset)?;
        let mut walk = Walk::short(self.file(), from, bytes);
        while let Some(found) = walk.next().map_err(|error| self.walk_error(error))? {
            if found.header.last_offset() >= offset {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Where to begin looking for `offset`: at an indexed batch not after it.
    fn position_before(&self, offset: Offset) -> Result<u64, LogError> {
        let tracked = self.tracked.read();
        let relative = offset.0.saturating_sub(self.base.0);
        let floor = tracked.offsets.floor(|entry| i64::from(entry.relative) <= relative);
        self.or_from_the_start(floor).map(|entry| entry.map_or(0, |entry| entry.position as u64))
    }

    /// The first record at or after `from` whose timestamp is at least `timestamp_ms`.
    pub(crate) fn record_at_time(
        &self,
        timestamp_ms: i64,
        from: Offset,
    ) -> Result<Option<(Offset, i64)>, LogError> {
        let floor = self.tracked.read().times.floor(|entry| entry.timestamp_ms <= timestamp_ms);
        let floor = self.or_from_the_start(floor)?;
        let near = floor.map_or(self.base, |entry| Offset(self.base.0 + i64::from(entry.relative)));
        let start = self.position_before(near.max(from))?;
        let mut walk = Walk::new(self.file(), start, self.bytes());
        while let Some(found) = walk.next().map_err(|error| self.walk_error(error))? {
            if found.header.max_timestamp < timestamp_ms || found.header.last_offset() < from {
                continue;
            }
            let bytes = walk.read(&found).map_err(|error| self.walk_error(error))?;
            if let Some(record) = self.record_in(&found, &bytes, timestamp_ms, from) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn record_in(
        &self,
        found: &Found,
        bytes: &[u8],
        timestamp_ms: i64,
        from: Offset,
    ) -> Option<(Offset, i64)> {
        let wanted = |records: &Records<'_>| {
            for record in records {
                let record = record?;
                let (offset, timestamp) = (records.offset_of(&record), records.timestamp_of(&record));
                if timestamp >= timestamp_ms && offset >= from {
                    return Ok(Some((offset, timestamp)));
                }
            }
            Ok(None)
        };
        let exact = Batch::parse(bytes)
            .and_then(|batch| batch.records(UNPACKED_BYTES_MAX))
            .and_then(|records| wanted(&records));
        exact.unwrap_or_else(|error| {
            // The producer's codec is its own affair: one unreadable batch must not hide the rest of the log.
            let offset = found.header.base_offset;
            tracing::warn!(path = %self.path.display(), %offset, %error, "batch cannot be searched by time");
            Some((offset.max(from), found.header.max_timestamp))
        })
    }

    /// The largest timestamp of the batches that reach `from`; exact where the log's start cuts the segment.
    pub(crate) fn max_timestamp_from(&self, from: Offset) -> Result<Option<i64>, LogError> {
        if from <= self.base {
            return Ok(self.max_timestamp().map(|(timestamp, _)| timestamp));
        }
        let mut walk = Walk::new(self.file(), self.position_before(from)?, self.bytes());
        let mut max = None;
        while let Some(found) = walk.next().map_err(|error| self.walk_error(error))? {
            if found.header.last_offset() < from || !found.header.has_timestamp() {
                continue;
            }
            if found.header.base_offset >= from {
                max = max.max(Some(found.header.max_timestamp));
                continue;
            }
            // The log starts within this batch: its largest timestamp may be gone.
            let bytes = walk.read(&found).map_err(|error| self.walk_error(error))?;
            let newest = Batch::parse(&bytes).and_then(|batch| newest_in(&batch, from));
            max = max.max(newest.unwrap_or(Some(found.header.max_timestamp)));
        }
        Ok(max)
    }

    /// A segment removed while someone still reads it has lost its index files, not its bytes. Looked at after
    /// the index was, so that a successor's index is never taken for its own.
    fn or_from_the_start<E>(&self, floor: io::Result<Option<E>>) -> Result<Option<E>, LogError> {
        if self.retired.load(Ordering::SeqCst) {
            return Ok(None);
        }
        match floor {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other.map_err(|error| self.walk_error(WalkError::Io(error))),
        }
    }
}

fn newest_in(batch: &Batch<'_>, from: Offset) -> Result<Option<i64>, BatchError> {
    let records = batch.records(UNPACKED_BYTES_MAX)?;
    let mut newest = None;
    for record in &records {
        let record = record?;
        if records.offset_of(&record) >= from {
            newest = newest.max(Some(records.timestamp_of(&record)));
        }
    }
    Ok(newest)
}
