use std::collections::HashSet;

use bytes::Bytes;
use wire::batch::{Batch, BatchBuilder, BatchError, Record, Records};

use super::UNPACKED_BYTES_MAX;
use super::keys::KeyOffsets;
use super::transactions::Transactions;
use crate::LogError;

/// Kafka's `producer.id.expiration.ms`: a producer silent for longer is forgotten, and with it its last batch.
const PRODUCER_EXPIRATION_MS: i64 = 24 * 60 * 60 * 1000;

/// Decides, batch by batch and in order, what a compaction keeps.
pub(super) struct Filter<'a> {
    keys: &'a KeyOffsets,
    transactions: &'a Transactions,
    now_ms: i64,
    delete_retention_ms: i64,
    /// Producers whose current transaction still had data before this round: its marker is still needed.
    with_data: HashSet<i64>,
}

/// What is left of a batch.
#[derive(Debug)]
pub(super) enum Kept {
    /// The batch as it is, to the byte.
    All,
    /// A new batch with fewer records, or a delete horizon.
    Some {
        batch: Bytes,
        records: u64,
    },
    None,
}

impl<'a> Filter<'a> {
    pub(super) fn new(
        keys: &'a KeyOffsets,
        transactions: &'a Transactions,
        now_ms: i64,
        delete_retention_ms: i64,
    ) -> Filter<'a> {
        Filter { keys, transactions, now_ms, delete_retention_ms, with_data: HashSet::new() }
    }

    /// What is left of the next batch of the log.
    pub(super) fn apply(&mut self, batch: &Batch<'_>) -> Result<Kept, LogError> {
        let header = &batch.header;
        if header.base_offset >= self.keys.covers_to() {
            return Ok(Kept::All);
        }
        if header.is_control() {
            return self.control(batch);
        }
        // Aborted data, too: it goes in this round, and its marker has its turn in the next one.
        if header.is_transactional() {
            self.with_data.insert(header.producer_id);
        }
        if header.record_count == 0 {
            return Ok(self.emptied(batch, true));
        }
        if self.transactions.aborted(header) {
            return Ok(self.emptied(batch, false));
        }
        // What cannot be unpacked is a producer's own business: it stays as it came.
        let records = match sound_records(batch) {
            Ok(records) => records,
            Err(_) => return Ok(Kept::All),
        };
        self.data(batch, &records)
    }

    fn data(&self, batch: &Batch<'_>, records: &Records<'_>) -> Result<Kept, LogError> {
        let header = &batch.header;
        let (mut kept, mut tombstones) = (0, false);
        for record in records {
            let record = record?;
            if self.keeps(batch, records, &record) {
                kept += 1;
                tombstones |= record.value.is_none();
            }
        }
        if kept == 0 {
            return Ok(self.emptied(batch, false));
        }
        let needs_horizon = tombstones && !header.has_delete_horizon();
        if kept == header.record_count && !needs_horizon {
            return Ok(Kept::All);
        }
        let horizon = needs_horizon.then(|| self.now_ms.saturating_add(self.delete_retention_ms));
        let mut builder = BatchBuilder::retaining(header, horizon);
        for record in records {
            let record = record?;
            if self.keeps(batch, records, &record) {
                builder.keep(records.timestamp_of(&record), &record);
            }
        }
        Ok(Kept::Some { batch: builder.build_compressed()?, records: kept as u64 })
    }

    /// The last value of its key, unless that is a tombstone whose time has come. Records without a key cannot
    /// be compacted and go, as in Kafka.
    fn keeps(&self, batch: &Batch<'_>, records: &Records<'_>, record: &Record<'_>) -> bool {
        let offset = records.offset_of(record);
        if offset >= self.keys.covers_to() {
            return true;
        }
        let Some(key) = record.key else {
            return false;
        };
        if self.keys.last_offset(key).is_some_and(|last| offset < last) {
            return false;
        }
        record.value.is_some() || batch.header.delete_horizon_ms().is_none_or(|horizon| self.now_ms < horizon)
    }

    /// A marker stays while its transaction has data, and then until the delete horizon it gets.
    fn control(&mut self, batch: &Batch<'_>) -> Result<Kept, LogError> {
        let header = &batch.header;
        if header.record_count == 0 {
            return Ok(self.emptied(batch, true));
        }
        if self.with_data.remove(&header.producer_id) {
            return Ok(Kept::All);
        }
        match header.delete_horizon_ms() {
            Some(horizon) if horizon <= self.now_ms => Ok(self.emptied(batch, false)),
            Some(_) => Ok(Kept::All),
            None => {
                let records = batch.records(UNPACKED_BYTES_MAX)?;
                let horizon = self.now_ms.saturating_add(self.delete_retention_ms);
                let mut builder = BatchBuilder::retaining(header, Some(horizon));
                for record in &records {
                    let record = record?;
                    builder.keep(records.timestamp_of(&record), &record);
                }
                let records = header.record_count as u64;
                Ok(Kept::Some { batch: builder.build_compressed()?, records })
            }
        }
    }

    /// A batch without records stays as long as it is the last of a producer that may come back.
    fn emptied(&self, batch: &Batch<'_>, is_empty_already: bool) -> Kept {
        let since_ms = self.now_ms.saturating_sub(PRODUCER_EXPIRATION_MS);
        if !self.transactions.is_last_of_producer(&batch.header, since_ms) {
            return Kept::None;
        }
        if is_empty_already {
            return Kept::All;
        }
        Kept::Some { batch: BatchBuilder::emptied(&batch.header), records: 0 }
    }
}

/// The records, all of which can be read.
fn sound_records<'b>(batch: &Batch<'b>) -> Result<Records<'b>, BatchError> {
    let records = batch.records(UNPACKED_BYTES_MAX)?;
    records.iter().try_for_each(|record| record.map(drop))?;
    Ok(records)
}
