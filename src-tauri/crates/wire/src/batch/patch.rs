//! Rewriting a batch in place. Each takes the bytes of one batch that parsed.

use super::{BatchError, BatchHeader, Offset, header};

/// The first byte under the CRC: the attributes.
pub(super) const CRC_COVERS_FROM: usize = 21;

/// Gives the batch its place in the log; outside the CRC.
pub fn set_base_offset(batch: &mut [u8], base_offset: Offset) {
    put(batch, 0, &base_offset.0.to_be_bytes());
}

/// Stamps the epoch of the leader that appends; outside the CRC.
pub fn set_leader_epoch(batch: &mut [u8], epoch: i32) {
    put(batch, 12, &epoch.to_be_bytes());
}

/// Makes `now_ms` the timestamp of every record (`message.timestamp.type=LogAppendTime`, KIP-32): the attribute
/// bit, the maximum timestamp and a new CRC over exactly this batch.
///
/// # Errors
/// When `batch` is not one whole batch.
pub fn set_max_timestamp_and_append_time(batch: &mut [u8], now_ms: i64) -> Result<(), BatchError> {
    let header = BatchHeader::parse(batch)?;
    if batch.len() != header.total_bytes() {
        return Err(BatchError::Truncated { needed: header.total_bytes(), have: batch.len() });
    }
    put(batch, 21, &header::with_log_append_time(header.attributes).to_be_bytes());
    put(batch, 35, &now_ms.to_be_bytes());
    write_crc(batch);
    Ok(())
}

/// Computes and stores the CRC of one whole batch.
pub(super) fn write_crc(batch: &mut [u8]) {
    if let Some(covered) = batch.get(CRC_COVERS_FROM..) {
        let crc = crc32c::crc32c(covered);
        put(batch, 17, &crc.to_be_bytes());
    }
}

fn put(batch: &mut [u8], at: usize, field: &[u8]) {
    if let Some(place) = batch.get_mut(at..at + field.len()) {
        place.copy_from_slice(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, BatchBuilder, TimestampType};

    #[test]
    fn offset_and_epoch_leave_the_crc_alone_and_append_time_renews_it() {
        let mut bytes = BatchBuilder::new().record(5, Some(b"k"), Some(b"v")).build().to_vec();
        set_base_offset(&mut bytes, Offset(77));
        set_leader_epoch(&mut bytes, 8);
        let batch = Batch::parse(&bytes).expect("sound");
        batch.verify_crc().expect("unchanged");
        assert_eq!((batch.header.base_offset, batch.header.partition_leader_epoch), (Offset(77), 8));

        set_max_timestamp_and_append_time(&mut bytes, 1_234).expect("one whole batch");
        let batch = Batch::parse(&bytes).expect("sound");
        batch.verify_crc().expect("renewed");
        assert_eq!(batch.header.timestamp_type(), TimestampType::LogAppendTime);
        let records = batch.records(1024).expect("plain");
        let timestamps: Vec<_> = records.iter().map(|r| records.timestamp_of(&r.expect("sound"))).collect();
        assert_eq!(timestamps, [1_234]);
    }
}
