use wire::batch::Offset;

use super::PartitionLog;
use crate::LogError;

impl PartitionLog {
    /// The first record whose timestamp is at least `timestamp_ms`: its offset and its timestamp. Looks at the
    /// time indexes, then into single batches. `None` when every record is older.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn offset_for_timestamp(&self, timestamp_ms: i64) -> Result<Option<(Offset, i64)>, LogError> {
        let start = self.start_offset();
        for segment in self.segments_from(start) {
            if segment.max_timestamp().is_none_or(|(max, _)| max < timestamp_ms) {
                continue;
            }
            if let Some(found) = segment.record_at_time(timestamp_ms, start)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first record that has the largest timestamp in the log (KIP-734). `None` when no record has one.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn max_timestamp_offset(&self) -> Result<Option<(Offset, i64)>, LogError> {
        let start = self.start_offset();
        let mut newest = None;
        for segment in self.segments_from(start) {
            // −1 says that a record has none.
            let max = segment.max_timestamp_from(start)?.filter(|&max| max >= 0);
            if max.is_some_and(|max| newest.as_ref().is_none_or(|&(known, _)| max > known)) {
                newest = max.map(|max| (max, segment));
            }
        }
        match newest {
            Some((max, segment)) => segment.record_at_time(max, start),
            None => Ok(None),
        }
    }
}
