use std::collections::VecDeque;

use wire::batch::{BatchHeader, Offset};

use super::ProducerError;

/// Batches remembered per producer: as many as a producer may have in flight.
const BATCHES_MAX: usize = 5;

/// One producer as a partition knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// −1: none seen yet.
    pub epoch: i16,
    /// Of the coordinator that wrote its last marker; −1: there was none.
    pub coordinator_epoch: i32,
    /// Of its last batch or marker.
    pub last_timestamp_ms: i64,
    /// Where its open transaction begins.
    pub transaction_from: Option<Offset>,
    /// The oldest first; only the current epoch's.
    pub(super) batches: VecDeque<Appended>,
    pub(super) heard_at_ms: i64,
}

/// A batch in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appended {
    pub(super) first_sequence: i32,
    pub(super) last_sequence: i32,
    pub(super) last_offset: Offset,
    pub(super) offset_delta: i32,
    pub(super) timestamp_ms: i64,
}

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Append,
    /// It is in the log already, at this offset.
    Duplicate {
        first_offset: Offset,
        timestamp_ms: i64,
    },
}

impl Producer {
    pub(super) fn new(heard_at_ms: i64) -> Producer {
        Producer {
            epoch: -1,
            coordinator_epoch: -1,
            last_timestamp_ms: heard_at_ms,
            transaction_from: None,
            batches: VecDeque::new(),
            heard_at_ms,
        }
    }

    /// The sequence of its last record under the current epoch; −1: there is none.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }

    pub(super) fn twin(&self, batch: &BatchHeader) -> Option<Verdict> {
        if batch.producer_epoch != self.epoch {
            return None;
        }
        let last_sequence = batch.last_sequence();
        let same = |known: &&Appended| {
            known.first_sequence == batch.base_sequence && known.last_sequence == last_sequence
        };
        self.batches.iter().find(same).map(|known| Verdict::Duplicate {
            first_offset: Offset(known.last_offset.0 - i64::from(known.offset_delta)),
            timestamp_ms: known.timestamp_ms,
        })
    }

    pub(super) fn check(&self, batch: &BatchHeader) -> Result<(), ProducerError> {
        if batch.producer_epoch < self.epoch {
            return Err(ProducerError::StaleEpoch);
        }
        let expected = match self.batches.back() {
            Some(newest) if batch.producer_epoch == self.epoch => following(newest.last_sequence),
            _ => 0,
        };
        if batch.base_sequence != expected {
            return Err(ProducerError::OutOfOrder);
        }
        if self.transaction_from.is_some() && !batch.is_transactional() {
            return Err(ProducerError::NotTransactional);
        }
        Ok(())
    }

    /// Another epoch begins its sequences anew.
    pub(super) fn enter(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }

    pub(super) fn add(&mut self, batch: &BatchHeader, first_offset: Offset, now_ms: i64) {
        self.enter(batch.producer_epoch);
        self.heard_at_ms = now_ms;
        self.last_timestamp_ms = batch.max_timestamp;
        if self.batches.len() == BATCHES_MAX {
            self.batches.pop_front();
        }
        self.batches.push_back(Appended {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            last_offset: Offset(first_offset.0 + i64::from(batch.last_offset_delta)),
            offset_delta: batch.last_offset_delta,
            timestamp_ms: batch.max_timestamp,
        });
    }
}

/// Sequences wrap from the largest to 0.
fn following(sequence: i32) -> i32 {
    if sequence == i32::MAX { 0 } else { sequence + 1 }
}

/// The sequence `steps` before this one, wrapping from 0 to the largest.
pub(super) fn preceding(sequence: i32, steps: i32) -> i32 {
    if sequence >= steps { sequence - steps } else { i32::MAX - (steps - sequence) + 1 }
}
