use bytes::Bytes;

use super::{Batch, BatchBuilder, NO_SEQUENCE, Producer};

const ABORT: i16 = 0;
const COMMIT: i16 = 1;
/// A marker is a few bytes; a control batch that unpacks to more is none.
const UNPACKED_BYTES_MAX: usize = 4096;

/// How a transaction ended, as the control batch in each of its partitions says it (KIP-98).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    pub committed: bool,
    /// Which term of the coordinator wrote it; an older one is fenced.
    pub coordinator_epoch: i32,
}

impl Marker {
    /// The control batch that ends the transaction of a producer.
    #[must_use]
    pub fn batch(self, producer_id: i64, producer_epoch: i16, now_ms: i64) -> Bytes {
        let kind = if self.committed { COMMIT } else { ABORT };
        // Both begin with their version, 0.
        let key = [[0, 0], kind.to_be_bytes()].concat();
        let value = [&[0, 0][..], &self.coordinator_epoch.to_be_bytes()].concat();
        BatchBuilder::new()
            .producer(Producer { id: producer_id, epoch: producer_epoch, base_sequence: NO_SEQUENCE })
            .transactional()
            .control()
            .record(now_ms, Some(&key), Some(&value))
            .build()
    }

    /// What a control batch says; none if it was emptied by compaction or is no transaction's.
    #[must_use]
    pub fn read(batch: &Batch<'_>) -> Option<Marker> {
        if !batch.header.is_control() {
            return None;
        }
        let records = batch.records(UNPACKED_BYTES_MAX).ok()?;
        let record = records.iter().next()?.ok()?;
        let kind = i16::from_be_bytes(*record.key?.get(2..)?.first_chunk()?);
        let coordinator_epoch = i32::from_be_bytes(*record.value?.get(2..)?.first_chunk()?);
        match kind {
            ABORT => Some(Marker { committed: false, coordinator_epoch }),
            COMMIT => Some(Marker { committed: true, coordinator_epoch }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_read_as_written_and_nothing_else_reads_as_one() {
        for committed in [false, true] {
            let marker = Marker { committed, coordinator_epoch: 7 };
            let bytes = marker.batch(5, 3, 1_000);
            let batch = Batch::parse(&bytes).expect("sound");
            batch.verify_crc().expect("sound");
            assert_eq!(Marker::read(&batch), Some(marker));
            assert_eq!(batch.header.total_bytes(), 78, "as long as Kafka's");
            assert!(batch.header.is_transactional() && batch.header.producer_epoch == 3);
        }
        let data = BatchBuilder::new().record(0, Some(&[0, 0, 0, 1]), Some(&[0; 6])).build();
        assert_eq!(Marker::read(&Batch::parse(&data).expect("sound")), None);
        let other = BatchBuilder::new().control().record(0, Some(&[0, 0, 0, 2]), Some(&[0; 6])).build();
        assert_eq!(Marker::read(&Batch::parse(&other).expect("sound")), None);
    }
}
