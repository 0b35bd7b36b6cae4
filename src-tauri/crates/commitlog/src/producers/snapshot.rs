//! `.snapshot` files: every producer of a partition as of one offset, in Kafka's format (ProducerSnapshot,
//! version 1). Of each producer's batches only the last is kept, as Kafka does.

use std::collections::VecDeque;

use wire::batch::Offset;

use super::producer::{Appended, preceding};
use super::{Producer, Producers, heard_at_ms};

const VERSION: i16 = 1;
const HEAD_BYTES: usize = 10;
/// The checksum covers what follows it.
const CRC_COVERS_FROM: usize = 6;
const ENTRY_BYTES: usize = 46;
const NONE: i64 = -1;

impl Producers {
    /// The bytes of a snapshot.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES + self.by_id.len() * ENTRY_BYTES);
        out.extend(VERSION.to_be_bytes());
        out.extend([0; 4]);
        out.extend((self.by_id.len() as i32).to_be_bytes());
        for (id, producer) in &self.by_id {
            let last = producer.batches.back();
            out.extend(id.to_be_bytes());
            out.extend(producer.epoch.to_be_bytes());
            out.extend(producer.last_sequence().to_be_bytes());
            out.extend(last.map_or(NONE, |batch| batch.last_offset.0).to_be_bytes());
            out.extend(last.map_or(0, |batch| batch.offset_delta).to_be_bytes());
            out.extend(producer.last_timestamp_ms.to_be_bytes());
            out.extend(producer.coordinator_epoch.to_be_bytes());
            out.extend(producer.transaction_from.map_or(NONE, |first| first.0).to_be_bytes());
        }
        let crc = crc32c::crc32c(&out[CRC_COVERS_FROM..]);
        out[2..CRC_COVERS_FROM].copy_from_slice(&crc.to_be_bytes());
        out
    }

    /// Reads a snapshot; none if its bytes are not one, whole and sound.
    #[must_use]
    pub fn from_snapshot(bytes: &[u8], now_ms: i64) -> Option<Producers> {
        let mut fields = Fields(bytes);
        let version = i16::from_be_bytes(fields.take()?);
        let crc = u32::from_be_bytes(fields.take()?);
        let covered = fields.0;
        let count = i32::from_be_bytes(fields.take()?);
        let sound = version == VERSION
            && crc == crc32c::crc32c(covered)
            && usize::try_from(count).ok()?.checked_mul(ENTRY_BYTES)? == fields.0.len();
        if !sound {
            return None;
        }
        let mut producers = Producers::default();
        for _ in 0..count {
            let id = i64::from_be_bytes(fields.take()?);
            let epoch = i16::from_be_bytes(fields.take()?);
            let last_sequence = i32::from_be_bytes(fields.take()?);
            let last_offset = i64::from_be_bytes(fields.take()?);
            let offset_delta = i32::from_be_bytes(fields.take()?);
            let timestamp_ms = i64::from_be_bytes(fields.take()?);
            let coordinator_epoch = i32::from_be_bytes(fields.take()?);
            let transaction_from = Some(i64::from_be_bytes(fields.take()?)).filter(|&first| first >= 0);
            let mut batches = VecDeque::new();
            if last_offset >= 0 && last_sequence >= 0 && offset_delta >= 0 {
                batches.push_back(Appended {
                    first_sequence: preceding(last_sequence, offset_delta),
                    last_sequence,
                    last_offset: Offset(last_offset),
                    offset_delta,
                    timestamp_ms,
                });
            }
            if let Some(first) = transaction_from {
                producers.open.insert(Offset(first), id);
            }
            let producer = Producer {
                epoch,
                coordinator_epoch,
                last_timestamp_ms: timestamp_ms,
                transaction_from: transaction_from.map(Offset),
                batches,
                heard_at_ms: heard_at_ms(timestamp_ms, now_ms),
            };
            producers.by_id.insert(id, producer);
        }
        Some(producers)
    }
}

/// Fields of fixed size, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}
