//! What a partition remembers of its idempotent producers (KIP-98): enough to drop a batch sent twice and to
//! notice one that is missing. Pure: time is an argument.

use std::collections::{HashMap, VecDeque};

use wire::ErrorCode;
use wire::batch::{BatchHeader, Offset};

/// Batches remembered per producer: as many as a producer may have in flight.
const BATCHES_MAX: usize = 5;

/// Every producer known to one partition.
#[derive(Debug, Default)]
pub(crate) struct Producers {
    by_id: HashMap<i64, Producer>,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    batches: VecDeque<Appended>,
    heard_at_ms: i64,
}

#[derive(Debug, Clone, Copy)]
struct Appended {
    first_sequence: i32,
    last_sequence: i32,
    first_offset: Offset,
    timestamp: i64,
}

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Append,
    /// It is in the log already, at this offset.
    Duplicate {
        first_offset: Offset,
        timestamp: i64,
    },
}

impl Producers {
    /// Judges a batch before it is appended.
    pub(crate) fn check(&self, batch: &BatchHeader) -> Result<Verdict, ErrorCode> {
        // An unknown producer may start anywhere: its past may have been deleted.
        let Some(producer) = self.by_id.get(&batch.producer_id) else { return Ok(Verdict::Append) };
        if batch.producer_epoch < producer.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if batch.producer_epoch > producer.epoch {
            let fresh = batch.base_sequence == 0;
            return if fresh { Ok(Verdict::Append) } else { Err(ErrorCode::OutOfOrderSequenceNumber) };
        }
        let last_sequence = batch.last_sequence();
        let twin = producer.batches.iter().find(|known| {
            known.first_sequence == batch.base_sequence && known.last_sequence == last_sequence
        });
        if let Some(known) = twin {
            return Ok(Verdict::Duplicate { first_offset: known.first_offset, timestamp: known.timestamp });
        }
        match producer.batches.back() {
            None => Ok(Verdict::Append),
            Some(newest) if batch.base_sequence == following(newest.last_sequence) => Ok(Verdict::Append),
            Some(_) => Err(ErrorCode::OutOfOrderSequenceNumber),
        }
    }

    /// Remembers a batch that is in the log.
    pub(crate) fn note(&mut self, batch: &BatchHeader, first_offset: Offset, now_ms: i64) {
        let producer = self.by_id.entry(batch.producer_id).or_insert_with(|| Producer {
            epoch: batch.producer_epoch,
            batches: VecDeque::with_capacity(BATCHES_MAX),
            heard_at_ms: now_ms,
        });
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.batches.clear();
        }
        producer.heard_at_ms = now_ms;
        if producer.batches.len() == BATCHES_MAX {
            producer.batches.pop_front();
        }
        producer.batches.push_back(Appended {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            first_offset,
            timestamp: batch.max_timestamp,
        });
    }

    /// Forgets producers that have been silent for longer than `expiration_ms`.
    pub(crate) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.by_id.retain(|_, producer| now_ms.saturating_sub(producer.heard_at_ms) < expiration_ms);
    }
}

/// Sequences wrap from the largest to 0.
fn following(sequence: i32) -> i32 {
    if sequence == i32::MAX { 0 } else { sequence + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::batch::{BatchBuilder, Producer as Id};

    fn header(id: i64, epoch: i16, base_sequence: i32, records: usize) -> BatchHeader {
        let mut builder = BatchBuilder::new().producer(Id { id, epoch, base_sequence });
        for _ in 0..records {
            builder = builder.record(1, None, Some(b"v"));
        }
        BatchHeader::parse(&builder.build()).unwrap()
    }

    #[track_caller]
    fn check(before: &[BatchHeader], batch: BatchHeader, expected: Result<Verdict, ErrorCode>) {
        let mut producers = Producers::default();
        let mut offset = 0;
        for known in before {
            producers.note(known, Offset(offset), 0);
            offset += i64::from(known.record_count);
        }
        assert_eq!(producers.check(&batch), expected);
    }

    #[test]
    fn batches_are_taken_in_order_once() {
        let first = header(1, 0, 0, 3);
        let duplicate = Verdict::Duplicate { first_offset: Offset(0), timestamp: 1 };
        check(&[], header(1, 0, 17, 1), Ok(Verdict::Append));
        check(&[first], header(1, 0, 3, 1), Ok(Verdict::Append));
        check(&[first], header(1, 0, 0, 3), Ok(duplicate));
        check(&[first], header(1, 0, 4, 1), Err(ErrorCode::OutOfOrderSequenceNumber));
        check(&[first], header(2, 0, 9, 1), Ok(Verdict::Append));
    }

    #[test]
    fn epochs_fence() {
        let first = header(1, 3, 0, 3);
        check(&[first], header(1, 2, 3, 1), Err(ErrorCode::InvalidProducerEpoch));
        check(&[first], header(1, 4, 0, 1), Ok(Verdict::Append));
        check(&[first], header(1, 4, 3, 1), Err(ErrorCode::OutOfOrderSequenceNumber));
    }

    #[test]
    fn sequences_wrap_and_old_batches_are_forgotten() {
        check(&[header(1, 0, i32::MAX, 1)], header(1, 0, 0, 1), Ok(Verdict::Append));
        let many: Vec<BatchHeader> = (0..6).map(|sequence| header(1, 0, sequence, 1)).collect();
        check(&many, header(1, 0, 0, 1), Err(ErrorCode::OutOfOrderSequenceNumber));
        let second = Verdict::Duplicate { first_offset: Offset(1), timestamp: 1 };
        check(&many, header(1, 0, 1, 1), Ok(second));
    }

    #[test]
    fn the_silent_are_forgotten() {
        let mut producers = Producers::default();
        producers.note(&header(1, 0, 0, 1), Offset(0), 1000);
        producers.expire(1999, 1000);
        assert_eq!(producers.check(&header(1, 0, 5, 1)), Err(ErrorCode::OutOfOrderSequenceNumber));
        producers.expire(2000, 1000);
        assert_eq!(producers.check(&header(1, 0, 5, 1)), Ok(Verdict::Append));
    }
}
