//! Reading the broker's own topics back, when it starts.

use tracing::warn;
use wire::batch::{Batch, Offset, Record, batches};

use crate::partition::Partition;

/// Read at a time.
const LOAD_BYTES: usize = 1024 * 1024;

/// A batch of one of the broker's topics may unpack to this.
const UNPACKED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Every batch of a partition, in order, as far as it can be read.
pub(crate) fn each_batch(partition: &Partition, mut take: impl FnMut(&Batch<'_>)) {
    let mut at = partition.log.start_offset();
    while at < partition.log.end_offset() {
        let Ok(chunk) = partition.read(at, LOAD_BYTES, true) else { return };
        if chunk.next_offset <= at {
            return;
        }
        at = chunk.next_offset;
        batches(&chunk.bytes).flatten().for_each(|batch| take(&batch));
    }
}

/// Every record of a batch that is no marker, with its offset. Returns how many there were.
pub(crate) fn each_record(
    partition: &Partition,
    batch: &Batch<'_>,
    mut take: impl FnMut(&Record<'_>, Offset),
) -> u64 {
    if batch.header.is_control() {
        return 0;
    }
    let mut count = 0;
    match batch.records(UNPACKED_BYTES_MAX) {
        Ok(records) => {
            for record in records.iter().flatten() {
                count += 1;
                take(&record, records.offset_of(&record));
            }
        }
        Err(error) => {
            let offset = batch.header.base_offset.0;
            warn!(topic = %partition.topic, partition = partition.index, offset, %error, "batch unreadable");
        }
    }
    count
}
