//! What a partition knows of its idempotent and transactional producers (KIP-98): enough to drop a batch sent
//! twice, to notice one that is missing, to fence, and to tell where the oldest open transaction begins. Pure:
//! time is an argument. The owner checks before an append and notes after it; files are [`snapshot`]'s and the
//! log's.

mod producer;
mod snapshot;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use wire::batch::{BatchHeader, Marker, NO_TIMESTAMP, Offset};

pub use producer::{Producer, Verdict};

/// Why a batch or a marker is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProducerError {
    #[error("the producer's epoch is older than one seen before")]
    StaleEpoch,
    #[error("the producer's sequence does not follow its last one")]
    OutOfOrder,
    #[error("the coordinator's epoch is older than one seen before")]
    StaleCoordinator,
    #[error("the producer writes beside its own open transaction")]
    NotTransactional,
    #[error("the batch belongs to no transaction known here: its coordinator must be asked")]
    Unverified,
}

/// What the coordinator says of the transaction a batch claims to be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It was not asked.
    No,
    /// The partition is part of the open transaction.
    Yes,
    /// As `Yes`; each transaction has its own epoch, so its sequences begin at 0 (KIP-890).
    OwnEpoch,
}

/// An aborted transaction: its producer's batches from `first_offset` up to its marker do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: Offset,
}

/// The end of a transaction that wrote here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub first_offset: Offset,
    /// The first offset of the oldest transaction still open, if there is one.
    pub next_open: Option<Offset>,
}

/// Of a producer whose transaction is not known here yet: the first it sent, which comes first when it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Awaited {
    epoch: i16,
    lowest_sequence: i32,
    own_epoch: bool,
    since_ms: i64,
}

/// More are not remembered: anybody may claim a producer id.
const AWAITED_MAX: usize = 1000;

/// Every producer known to one partition.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Producers {
    by_id: HashMap<i64, Producer>,
    /// Open transactions: first offset and producer.
    open: BTreeMap<Offset, i64>,
    /// By producer; not in the log.
    awaited: HashMap<i64, Awaited>,
    /// After the last batch or marker noted.
    end: Offset,
}

impl Producers {
    /// Judges a data batch before it is appended.
    ///
    /// # Errors
    /// When it may not be appended.
    pub fn check(&self, batch: &BatchHeader, verified: Verified) -> Result<Verdict, ProducerError> {
        let known = self.by_id.get(&batch.producer_id);
        if let Some(twin) = known.and_then(|producer| producer.twin(batch)) {
            return Ok(twin);
        }
        if batch.is_transactional()
            && verified == Verified::No
            && !self.is_in_transaction(batch.producer_id, batch.producer_epoch)
        {
            return Err(ProducerError::Unverified);
        }
        match known {
            Some(producer) => producer.check(batch)?,
            // An unknown producer may start anywhere, for its past may have been deleted; unless it begins
            // a transaction that has its own epoch.
            None if verified == Verified::OwnEpoch && batch.base_sequence != 0 => {
                return Err(ProducerError::OutOfOrder);
            }
            None => {}
        }
        // What was sent before it is still to come: it was refused for the moment only.
        if self
            .awaited
            .get(&batch.producer_id)
            .is_some_and(|first| batch.base_sequence > first.lowest_sequence)
        {
            return Err(ProducerError::OutOfOrder);
        }
        Ok(Verdict::Append)
    }

    /// Remembers a data batch whose transaction the coordinator is asked about. `own_epoch`: the transaction has
    /// its own epoch.
    pub fn note_unverified(&mut self, batch: &BatchHeader, own_epoch: bool, now_ms: i64) {
        let this = Awaited {
            epoch: batch.producer_epoch,
            lowest_sequence: batch.base_sequence,
            own_epoch,
            since_ms: now_ms,
        };
        let has_room = self.awaited.len() < AWAITED_MAX;
        match self.awaited.entry(batch.producer_id) {
            Entry::Occupied(mut first) if first.get().epoch < this.epoch => {
                first.insert(this);
            }
            Entry::Occupied(mut first) if first.get().epoch == this.epoch => {
                let lowest = &mut first.get_mut().lowest_sequence;
                *lowest = this.lowest_sequence.min(*lowest);
            }
            Entry::Vacant(place) if has_room => {
                place.insert(this);
            }
            Entry::Occupied(_) | Entry::Vacant(_) => {}
        }
    }

    /// Judges a data batch that a coordinator writes for a producer: only the epoch counts.
    ///
    /// # Errors
    /// When it may not be appended.
    pub fn check_coordinated(&self, batch: &BatchHeader) -> Result<(), ProducerError> {
        match self.by_id.get(&batch.producer_id) {
            Some(known) if batch.producer_epoch < known.epoch => Err(ProducerError::StaleEpoch),
            _ => Ok(()),
        }
    }

    /// Remembers a data batch that is in the log from `first_offset` on.
    pub fn note(&mut self, batch: &BatchHeader, first_offset: Offset, now_ms: i64) {
        self.end = Offset(first_offset.0 + i64::from(batch.last_offset_delta)).next();
        if batch.is_transactional() {
            self.awaited.remove(&batch.producer_id);
        }
        let producer = self.entry(batch.producer_id);
        producer.add(batch, first_offset, now_ms);
        if batch.is_transactional() && producer.transaction_from.is_none() {
            producer.transaction_from = Some(first_offset);
            self.open.insert(first_offset, batch.producer_id);
        }
    }

    /// Judges a marker before it is appended. `own_epoch`: the transaction has its own epoch, which the marker
    /// ends, so it must be newer than what was seen (KIP-1228), unless it is the same marker once more.
    ///
    /// # Errors
    /// When it may not be appended.
    pub fn check_marker(
        &self,
        producer_id: i64,
        epoch: i16,
        marker: Marker,
        own_epoch: bool,
    ) -> Result<(), ProducerError> {
        let Some(producer) = self.by_id.get(&producer_id) else { return Ok(()) };
        let again = epoch == producer.epoch && producer.transaction_from.is_none();
        if epoch < producer.epoch || (own_epoch && epoch == producer.epoch && !again) {
            return Err(ProducerError::StaleEpoch);
        }
        if marker.coordinator_epoch < producer.coordinator_epoch {
            return Err(ProducerError::StaleCoordinator);
        }
        Ok(())
    }

    /// What a marker of this producer would end.
    #[must_use]
    pub fn ending(&self, producer_id: i64) -> Option<Ended> {
        let first_offset = self.by_id.get(&producer_id)?.transaction_from?;
        let next_open = self.open.iter().find(|(_, id)| **id != producer_id).map(|(first, _)| *first);
        Some(Ended { first_offset, next_open })
    }

    /// Remembers a marker that is in the log at `offset`. Returns what it ended.
    pub fn note_marker(
        &mut self,
        (producer_id, epoch): (i64, i16),
        marker: Marker,
        offset: Offset,
        timestamp_ms: i64,
        now_ms: i64,
    ) -> Option<Ended> {
        self.end = offset.next();
        let ended = self.ending(producer_id);
        // With epochs of their own this marker's epoch is the next transaction's.
        let of_next = |first: &Awaited| first.own_epoch && first.epoch == epoch;
        if !self.awaited.get(&producer_id).is_some_and(of_next) {
            self.awaited.remove(&producer_id);
        }
        let producer = self.entry(producer_id);
        producer.enter(epoch);
        producer.coordinator_epoch = marker.coordinator_epoch;
        producer.last_timestamp_ms = timestamp_ms;
        producer.heard_at_ms = now_ms;
        if let Some(first) = producer.transaction_from.take() {
            self.open.remove(&first);
        }
        ended
    }

    /// Takes in a batch found in the log: data, or with what its marker says. Returns what it ended.
    pub fn replay(&mut self, header: &BatchHeader, marker: Option<Marker>, now_ms: i64) -> Option<Ended> {
        if !header.has_producer_id() {
            return None;
        }
        let heard_at_ms = heard_at_ms(header.max_timestamp, now_ms);
        if !header.is_control() {
            self.note(header, header.base_offset, heard_at_ms);
            return None;
        }
        // One without a marker was emptied by compaction: all of its transaction is gone.
        let producer = (header.producer_id, header.producer_epoch);
        self.note_marker(producer, marker?, header.base_offset, header.max_timestamp, heard_at_ms)
    }

    /// Whether the producer has an open transaction here under this epoch.
    #[must_use]
    pub fn is_in_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        self.by_id
            .get(&producer_id)
            .is_some_and(|producer| producer.transaction_from.is_some() && producer.epoch == epoch)
    }

    /// Where the oldest open transaction begins.
    #[must_use]
    pub fn first_open(&self) -> Option<Offset> {
        self.open.first_key_value().map(|(first, _)| *first)
    }

    /// Whether nothing is remembered of what lies at `offset` or after it.
    #[must_use]
    pub fn reaches_at_most(&self, offset: Offset) -> bool {
        self.end <= offset
    }

    /// Every producer by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.by_id.iter().map(|(id, producer)| (*id, producer))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Forgets producers that have been silent for longer than `expiration_ms` and have nothing open.
    pub fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.by_id.retain(|_, producer| {
            producer.transaction_from.is_some() || now_ms.saturating_sub(producer.heard_at_ms) < expiration_ms
        });
        self.awaited.retain(|_, first| now_ms.saturating_sub(first.since_ms) < expiration_ms);
    }

    fn entry(&mut self, producer_id: i64) -> &mut Producer {
        self.by_id.entry(producer_id).or_insert_with(|| Producer::new(NO_TIMESTAMP))
    }
}

/// When a producer was last heard, by what it wrote: just now where that does not say.
fn heard_at_ms(timestamp_ms: i64, now_ms: i64) -> i64 {
    if timestamp_ms < 0 { now_ms } else { timestamp_ms.min(now_ms) }
}

#[cfg(test)]
mod tests;
