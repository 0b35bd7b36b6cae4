use std::collections::HashMap;
use std::sync::Arc;

use wire::batch::{Batch, BatchHeader, Marker, Offset};

use super::pace::Pace;
use crate::LogError;
use crate::segment::Segment;

/// What the log itself says about its producers: which of their transactions were aborted, and where each wrote
/// last. A marker outlives the data of its transaction, so the log is enough to tell.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    /// By producer id: the offsets of first record and marker of each aborted transaction, ascending.
    aborted: HashMap<i64, Vec<(Offset, Offset)>>,
    /// By producer id: the last offset of its last batch, and that batch's newest timestamp.
    last_batch: HashMap<i64, (Offset, i64)>,
}

impl Transactions {
    /// Goes through all headers, and into the markers. The segments `later` than those to be compacted are
    /// read only until every transaction begun before has its marker.
    pub(super) fn read(
        segments: &[Arc<Segment>],
        later: &[Arc<Segment>],
        pace: &mut Pace<'_>,
    ) -> Result<Transactions, LogError> {
        let mut found_so_far = Transactions::default();
        let mut open: HashMap<i64, Offset> = HashMap::new();
        for (index, segment) in segments.iter().chain(later).enumerate() {
            if index >= segments.len() && open.is_empty() {
                break;
            }
            let mut walk = segment.walk();
            while let Some(found) = walk.next().map_err(|error| segment.walk_error(error))? {
                let header = &found.header;
                pace.moved(header.total_bytes())?;
                if !header.has_producer_id() {
                    continue;
                }
                let last = (header.last_offset(), header.max_timestamp);
                found_so_far.last_batch.insert(header.producer_id, last);
                if header.is_transactional() && !header.is_control() {
                    open.entry(header.producer_id).or_insert(header.base_offset);
                }
                if header.is_control() {
                    let first = open.remove(&header.producer_id);
                    let bytes = walk.read(&found).map_err(|error| segment.walk_error(error))?;
                    if let Some(first) = first
                        && Batch::parse(&bytes)
                            .ok()
                            .and_then(|batch| Marker::read(&batch))
                            .is_some_and(|marker| !marker.committed)
                    {
                        let aborted = found_so_far.aborted.entry(header.producer_id).or_default();
                        aborted.push((first, header.last_offset()));
                    }
                }
            }
        }
        Ok(found_so_far)
    }

    /// Whether the batch belongs to an aborted transaction.
    pub(super) fn aborted(&self, header: &BatchHeader) -> bool {
        if !header.is_transactional() || header.is_control() {
            return false;
        }
        let Some(ranges) = self.aborted.get(&header.producer_id) else {
            return false;
        };
        let after = ranges.partition_point(|&(first, _)| first <= header.base_offset);
        after.checked_sub(1).is_some_and(|index| header.base_offset < ranges[index].1)
    }

    /// Whether this is the last batch of a producer that wrote after `since_ms`: its sequence is still needed.
    pub(super) fn is_last_of_producer(&self, header: &BatchHeader, since_ms: i64) -> bool {
        header.has_producer_id()
            && self
                .last_batch
                .get(&header.producer_id)
                .is_some_and(|&(last, timestamp)| last == header.last_offset() && timestamp >= since_ms)
    }
}
