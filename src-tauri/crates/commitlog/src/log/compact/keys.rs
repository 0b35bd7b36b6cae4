use std::collections::HashMap;
use std::sync::Arc;

use md5::{Digest, Md5};
use wire::batch::{Batch, BatchError, Offset};

use super::UNPACKED_BYTES_MAX;
use super::pace::Pace;
use super::transactions::Transactions;
use crate::LogError;
use crate::segment::Segment;

/// Distinct keys one compaction can tell apart: about 50 MB. With more, it stops early and the next continues.
const KEYS_MAX: usize = 1 << 20;

/// The last offset of each key in the part of the log that was not yet compacted.
pub(super) struct KeyOffsets {
    /// By the key's MD5, as in Kafka: keys are told apart without keeping them.
    offsets: HashMap<u128, Offset>,
    covers_to: Offset,
}

impl KeyOffsets {
    /// Reads the records in `from..to`. Stops before a batch for whose keys there may be no room.
    pub(super) fn read(
        segments: &[Arc<Segment>],
        from: Offset,
        to: Offset,
        transactions: &Transactions,
        pace: &mut Pace<'_>,
    ) -> Result<KeyOffsets, LogError> {
        KeyOffsets::read_bounded(segments, from, to, transactions, KEYS_MAX, pace)
    }

    fn read_bounded(
        segments: &[Arc<Segment>],
        from: Offset,
        to: Offset,
        transactions: &Transactions,
        keys_max: usize,
        pace: &mut Pace<'_>,
    ) -> Result<KeyOffsets, LogError> {
        let mut keys = KeyOffsets { offsets: HashMap::new(), covers_to: to };
        for (index, segment) in segments.iter().enumerate() {
            if segments.get(index + 1).is_some_and(|next| next.base <= from) {
                continue;
            }
            let mut walk = segment.walk();
            while let Some(found) = walk.next().map_err(|error| segment.walk_error(error))? {
                let header = &found.header;
                pace.moved(header.total_bytes())?;
                if header.last_offset() < from || header.is_control() || transactions.aborted(header) {
                    continue;
                }
                let room = keys_max.saturating_sub(keys.offsets.len());
                if header.record_count as usize > room && !keys.offsets.is_empty() {
                    keys.covers_to = header.base_offset;
                    return Ok(keys);
                }
                let bytes = walk.read(&found).map_err(|error| segment.walk_error(error))?;
                if let Err(error) = keys.note(&bytes) {
                    tracing::warn!(
                        path = %segment.path().display(), offset = header.base_offset.0, %error,
                        "batch is kept whole in compaction"
                    );
                }
            }
        }
        Ok(keys)
    }

    /// Records from here on are not known of.
    pub(super) fn covers_to(&self) -> Offset {
        self.covers_to
    }

    /// The last offset of `key` in the part read; `None` when it does not occur there.
    pub(super) fn last_offset(&self, key: &[u8]) -> Option<Offset> {
        self.offsets.get(&hash(key)).copied()
    }

    fn note(&mut self, bytes: &[u8]) -> Result<(), BatchError> {
        let batch = Batch::parse(bytes)?;
        let records = batch.records(UNPACKED_BYTES_MAX)?;
        // All or nothing: a batch that breaks off half way shadows nothing.
        records.iter().try_for_each(|record| record.map(drop))?;
        for record in &records {
            let record = record?;
            if let Some(key) = record.key {
                self.offsets.insert(hash(key), records.offset_of(&record));
            }
        }
        Ok(())
    }
}

fn hash(key: &[u8]) -> u128 {
    u128::from_be_bytes(Md5::digest(key).into())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use wire::batch::BatchBuilder;

    use super::*;
    use crate::LogConfig;
    use crate::segment::Span;

    #[test]
    fn a_full_map_stops_at_a_batch() {
        let dir = tempfile::tempdir().expect("temp dir");
        let segment = Segment::create(dir.path(), Offset(0), &LogConfig::default(), 0).expect("creates");
        for n in 0..4i64 {
            let (a, b) = (format!("a{n}"), format!("b{n}"));
            let batch = BatchBuilder::new()
                .base_offset(Offset(n * 2))
                .record(0, Some(a.as_bytes()), Some(b"v"))
                .record(0, Some(b.as_bytes()), Some(b"v"))
                .build();
            let span = Span { bytes: batch.len() as u64, last_offset: Offset(n * 2 + 1), max_timestamp: 0 };
            segment.append(&batch, &[span], &LogConfig::default()).expect("appends");
        }
        let segments = [Arc::new(segment)];
        let unhurried = &mut |_| ControlFlow::Continue(());
        let pace = &mut Pace::new(dir.path(), unhurried);
        let transactions = Transactions::read(&segments, &[], pace).expect("reads");
        let mut read = |keys_max| {
            let read =
                KeyOffsets::read_bounded(&segments, Offset(0), Offset(8), &transactions, keys_max, pace);
            read.expect("reads")
        };
        assert_eq!(read(5).covers_to(), Offset(4));
        assert_eq!(read(5).last_offset(b"b1"), Some(Offset(3)));
        assert_eq!(read(5).last_offset(b"a2"), None);
        assert_eq!(read(8).covers_to(), Offset(8));
        assert_eq!(read(1).covers_to(), Offset(2), "at least one batch, or it never ends");
    }
}
