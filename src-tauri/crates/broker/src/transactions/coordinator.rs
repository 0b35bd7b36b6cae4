use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tracing::{debug, info, warn};
use wire::ErrorCode;

use super::transaction::OWN_EPOCH;
use super::{Ending, Identity, Initialized, State, TopicPartition, Transaction};

/// Writes what must outlive the process, and the markers.
pub(crate) trait Journal {
    /// Writes a transactional id down, or that it is forgotten.
    fn write(&self, id: &str, transaction: Option<&Transaction>) -> Result<(), ErrorCode>;

    /// Writes the marker of a prepared transaction into a partition.
    fn mark(&self, at: &TopicPartition, prepared: &Transaction) -> Result<(), ErrorCode>;

    /// An id no producer had before.
    fn fresh_id(&self) -> Result<i64, ErrorCode>;

    fn now_ms(&self) -> i64;
}

/// One line of ListTransactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) transaction: Transaction,
}

/// Every transactional id of the broker. A lock is held from the question to the log, so that nobody sees a state
/// that is not written down: an id's own, then those of partitions and groups.
#[derive(Default)]
pub(crate) struct Coordinator {
    by_id: Mutex<HashMap<String, Arc<Mutex<Cell>>>>,
}

/// One transactional id; nothing until its first state is written down.
#[derive(Default)]
struct Cell {
    transaction: Option<Transaction>,
    /// Taken out of the table: look again.
    gone: bool,
}

impl Coordinator {
    /// InitProducerId with a transactional id.
    pub(crate) fn initialize(
        &self,
        journal: &impl Journal,
        id: &str,
        timeout_ms: i32,
        expected: Option<Identity>,
    ) -> Result<Identity, ErrorCode> {
        let cell = self.get_or_new(id);
        let mut cell = cell.lock();
        if cell.gone {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        let now_ms = journal.now_ms();
        let current = match &cell.transaction {
            Some(transaction) => transaction.clone(),
            None => Transaction::new(journal.fresh_id()?, timeout_ms, now_ms),
        };
        match current.initialize(now_ms, timeout_ms, expected, || journal.fresh_id())? {
            Initialized::Ready(next) => {
                let producer = next.producer;
                commit(journal, id, &mut cell, next)?;
                info!(
                    transactional_id = id,
                    producer_id = producer.id,
                    epoch = producer.epoch,
                    "initialized"
                );
                Ok(producer)
            }
            Initialized::Abort(next) => {
                commit(journal, id, &mut cell, next)?;
                finish(journal, id, &mut cell);
                Err(ErrorCode::ConcurrentTransactions)
            }
        }
    }

    /// AddPartitionsToTxn and AddOffsetsToTxn.
    pub(crate) fn add(
        &self,
        journal: &impl Journal,
        id: &str,
        producer: Identity,
        partitions: &[TopicPartition],
        version: i16,
    ) -> Result<(), ErrorCode> {
        self.adding(journal, id, producer, partitions, version, || ())
    }

    /// Adds partitions, then runs `write` while nobody can end the transaction.
    pub(crate) fn adding<R>(
        &self,
        journal: &impl Journal,
        id: &str,
        producer: Identity,
        partitions: &[TopicPartition],
        version: i16,
        write: impl FnOnce() -> R,
    ) -> Result<R, ErrorCode> {
        let cell = self.known(id)?;
        let mut cell = cell.lock();
        let next = open(&mut cell)?.add(journal.now_ms(), producer, partitions, version)?;
        if let Some(next) = next {
            commit(journal, id, &mut cell, next)?;
        }
        Ok(write())
    }

    /// Checks that a partition is part of the producer's transaction, then runs `write` while nobody can end it.
    pub(crate) fn verified<R>(
        &self,
        id: &str,
        producer: Identity,
        at: &TopicPartition,
        write: impl FnOnce() -> R,
    ) -> Result<R, ErrorCode> {
        let cell = self.known(id)?;
        let mut cell = cell.lock();
        open(&mut cell)?.verify(producer, at)?;
        Ok(write())
    }

    /// EndTxn. Returns who the producer is from now on.
    pub(crate) fn end(
        &self,
        journal: &impl Journal,
        id: &str,
        producer: Identity,
        committed: bool,
        version: i16,
    ) -> Result<Identity, ErrorCode> {
        let cell = self.known(id)?;
        let mut cell = cell.lock();
        let ending =
            open(&mut cell)?.end(journal.now_ms(), producer, committed, version, || journal.fresh_id())?;
        match ending {
            Ending::Done(producer) => Ok(producer),
            Ending::Prepared(next) => {
                let producer = next.complete(0).producer;
                commit(journal, id, &mut cell, next)?;
                // It is decided, so the answer is yes, whatever becomes of the markers: they are tried again.
                finish(journal, id, &mut cell);
                Ok(producer)
            }
        }
    }

    /// Takes in one record of `__transaction_state` at start.
    pub(crate) fn load(&self, id: String, transaction: Option<Transaction>) {
        let mut by_id = self.by_id.lock();
        match transaction {
            Some(transaction) => {
                let cell = Cell { transaction: Some(transaction), gone: false };
                by_id.insert(id, Arc::new(Mutex::new(cell)));
            }
            None => {
                by_id.remove(&id);
            }
        }
    }

    /// Writes the markers that are due since before the last stop, or could not be written.
    pub(crate) fn finish_prepared(&self, journal: &impl Journal) {
        for (id, cell) in self.all() {
            let mut cell = cell.lock();
            if cell.transaction.as_ref().is_some_and(|transaction| transaction.state.is_prepared()) {
                finish(journal, &id, &mut cell);
            }
        }
    }

    /// Aborts transactions that have been open for too long.
    pub(crate) fn abort_overdue(&self, journal: &impl Journal) {
        for (id, cell) in self.all() {
            let mut cell = cell.lock();
            let Some(transaction) = &cell.transaction else { continue };
            let now_ms = journal.now_ms();
            if !transaction.is_overdue(now_ms) {
                continue;
            }
            let fenced = transaction.fence(now_ms, || journal.fresh_id());
            match fenced.and_then(|next| commit(journal, &id, &mut cell, next)) {
                Ok(()) => {
                    info!(transactional_id = %id, "transaction timed out");
                    finish(journal, &id, &mut cell);
                }
                Err(error) => warn!(transactional_id = %id, ?error, "timed out transaction not aborted"),
            }
        }
    }

    /// Forgets ids nobody has used for `expiration_ms`.
    pub(crate) fn expire(&self, journal: &impl Journal, expiration_ms: i64) {
        for (id, cell) in self.all() {
            let mut cell = cell.lock();
            let Some(transaction) = &cell.transaction else { continue };
            if !transaction.is_expired(journal.now_ms(), expiration_ms) {
                continue;
            }
            if journal.write(&id, None).is_ok() {
                debug!(transactional_id = %id, "transactional id expired");
                cell.gone = true;
                cell.transaction = None;
                drop(cell);
                self.by_id.lock().remove(&id);
            }
        }
    }

    /// A transactional id as it is now.
    pub(crate) fn describe(&self, id: &str) -> Option<Transaction> {
        self.known(id).ok()?.lock().transaction.clone()
    }

    /// Every transactional id, by name.
    pub(crate) fn list(&self) -> Vec<Listed> {
        let all = self.all().into_iter();
        all.filter_map(|(id, cell)| {
            cell.lock().transaction.clone().map(|transaction| Listed { id, transaction })
        })
        .collect()
    }

    fn all(&self) -> Vec<(String, Arc<Mutex<Cell>>)> {
        let mut all: Vec<_> =
            self.by_id.lock().iter().map(|(id, cell)| (id.clone(), Arc::clone(cell))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn known(&self, id: &str) -> Result<Arc<Mutex<Cell>>, ErrorCode> {
        self.by_id.lock().get(id).cloned().ok_or(ErrorCode::InvalidProducerIdMapping)
    }

    fn get_or_new(&self, id: &str) -> Arc<Mutex<Cell>> {
        Arc::clone(self.by_id.lock().entry(id.to_owned()).or_default())
    }
}

fn open<'c>(cell: &'c mut MutexGuard<'_, Cell>) -> Result<&'c Transaction, ErrorCode> {
    cell.transaction.as_ref().ok_or(ErrorCode::InvalidProducerIdMapping)
}

/// Writes the next state down; then it is in force.
fn commit(journal: &impl Journal, id: &str, cell: &mut Cell, next: Transaction) -> Result<(), ErrorCode> {
    if let Some(current) = &cell.transaction {
        debug_assert!(current.state.may_become(next.state), "{:?} to {:?}", current.state, next.state);
    }
    journal.write(id, Some(&next))?;
    cell.transaction = Some(next);
    Ok(())
}

/// Writes the markers of a prepared transaction, then that it is complete. What fails is left for the next try.
fn finish(journal: &impl Journal, id: &str, cell: &mut Cell) {
    let Some(prepared) = &mut cell.transaction else { return };
    let partitions = std::mem::take(&mut prepared.partitions);
    let (marked, failed): (Vec<_>, Vec<_>) = partitions
        .into_iter()
        .map(|at| (journal.mark(&at, prepared), at))
        .partition(|(done, _)| done.is_ok());
    prepared.partitions = failed.into_iter().map(|(_, at)| at).collect();
    if !prepared.partitions.is_empty() {
        warn!(transactional_id = id, partitions = ?prepared.partitions, "markers not written yet");
        return;
    }
    let complete = prepared.complete(journal.now_ms());
    let state = complete.state;
    match journal.write(id, Some(&complete)) {
        Ok(()) => {
            cell.transaction = Some(complete);
            debug!(
                transactional_id = id,
                partitions = marked.len(),
                state = state.name(),
                "transaction ended"
            );
        }
        Err(error) => warn!(transactional_id = id, ?error, "completion not written yet"),
    }
}

/// The version of the protocol a request of EndTxn, TxnOffsetCommit or Produce speaks.
pub(crate) fn client_version(own_epoch: bool) -> i16 {
    if own_epoch { OWN_EPOCH } else { 0 }
}

/// The state in which markers say "committed".
pub(crate) fn is_commit(prepared: &Transaction) -> bool {
    prepared.state == State::PrepareCommit
}
