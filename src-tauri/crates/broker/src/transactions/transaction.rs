use std::collections::BTreeSet;

use wire::ErrorCode;

use super::State;

/// A partition that takes part in a transaction.
pub type TopicPartition = (String, i32);

/// "None" in a producer id and in an epoch.
const NO_ID: i64 = -1;
const NO_EPOCH: i16 = -1;
/// No client is ever given the largest epoch: it is kept to fence the last one.
const EXHAUSTED: i16 = i16::MAX - 1;

/// The version from which every transaction has its own epoch (KIP-890).
pub(crate) const OWN_EPOCH: i16 = 2;

/// Who a producer is: its id and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub id: i64,
    pub epoch: i16,
}

/// One transactional id. What a request does is the next value, never a change of this one: it is in force when
/// it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub producer: Identity,
    /// The producer id before this one, whose last request may come once more.
    pub previous_id: i64,
    /// The producer id that takes over once the markers are written.
    pub next_id: i64,
    /// The epoch before this one, whose last request may come once more.
    pub last_epoch: i16,
    pub timeout_ms: i32,
    pub state: State,
    pub partitions: BTreeSet<TopicPartition>,
    /// −1: never.
    pub started_ms: i64,
    pub updated_ms: i64,
    /// `transaction.version` of the client that last wrote or ended.
    pub version: i16,
}

/// What InitProducerId leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Initialized {
    /// Write this down, then answer with its producer.
    Ready(Transaction),
    /// Something is going on: write this down and complete it; the client asks again.
    Abort(Transaction),
}

/// What EndTxn leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It was done before: answer with this producer.
    Done(Identity),
    /// Write this down and complete it.
    Prepared(Transaction),
}

impl Transaction {
    /// A transactional id nobody used before.
    pub fn new(producer_id: i64, timeout_ms: i32, now_ms: i64) -> Self {
        Self {
            producer: Identity { id: producer_id, epoch: NO_EPOCH },
            previous_id: NO_ID,
            next_id: NO_ID,
            last_epoch: NO_EPOCH,
            timeout_ms,
            state: State::Empty,
            partitions: BTreeSet::new(),
            started_ms: -1,
            updated_ms: now_ms,
            version: 0,
        }
    }

    /// InitProducerId: a new epoch, which fences whoever has an older one. `expected`: who the producer says it
    /// is, when it wants to go on after an error (KIP-360). `fresh_id` gives a producer id when epochs are used
    /// up.
    pub fn initialize(
        &self,
        now_ms: i64,
        timeout_ms: i32,
        expected: Option<Identity>,
        fresh_id: impl FnOnce() -> Result<i64, ErrorCode>,
    ) -> Result<Initialized, ErrorCode> {
        let is_known = |expected: Identity| {
            self.producer.epoch == NO_EPOCH
                || expected.id == self.producer.id
                || (expected.id == self.previous_id && expected.epoch >= EXHAUSTED)
        };
        if !expected.is_none_or(is_known) {
            return Err(ErrorCode::ProducerFenced);
        }
        match self.state {
            State::PrepareCommit | State::PrepareAbort => Err(ErrorCode::ConcurrentTransactions),
            State::Ongoing => Ok(Initialized::Abort(self.fence(now_ms, fresh_id)?)),
            State::Empty | State::CompleteCommit | State::CompleteAbort => {
                let (producer, last_epoch) = self.next_identity(expected, fresh_id)?;
                let previous_id = self.producer.id;
                let partitions = BTreeSet::new();
                Ok(Initialized::Ready(Self {
                    producer,
                    previous_id,
                    next_id: NO_ID,
                    last_epoch,
                    timeout_ms,
                    state: State::Empty,
                    partitions,
                    started_ms: -1,
                    updated_ms: now_ms,
                    version: self.version,
                }))
            }
            State::Dead | State::PrepareEpochFence => Err(ErrorCode::UnknownServerError),
        }
    }

    fn next_identity(
        &self,
        expected: Option<Identity>,
        fresh_id: impl FnOnce() -> Result<i64, ErrorCode>,
    ) -> Result<(Identity, i16), ErrorCode> {
        let Identity { id, epoch } = self.producer;
        if epoch >= EXHAUSTED && expected.is_none_or(|expected| expected.epoch == epoch) {
            let last_epoch = if expected.is_some() { epoch } else { NO_EPOCH };
            return Ok((Identity { id: fresh_id()?, epoch: 0 }, last_epoch));
        }
        match expected {
            None => Ok((Identity { id, epoch: epoch + 1 }, NO_EPOCH)),
            Some(expected) if epoch == NO_EPOCH || expected.epoch == epoch => {
                Ok((Identity { id, epoch: epoch + 1 }, epoch))
            }
            // The answer to the same request was lost: give it again.
            Some(expected) if expected.epoch == self.last_epoch => Ok((self.producer, self.last_epoch)),
            Some(_) => Err(ErrorCode::ProducerFenced),
        }
    }

    /// AddPartitionsToTxn, AddOffsetsToTxn, and a write of a client that need not ask. None: they are in already.
    pub fn add(
        &self,
        now_ms: i64,
        producer: Identity,
        partitions: &[TopicPartition],
        version: i16,
    ) -> Result<Option<Self>, ErrorCode> {
        self.check_producer(producer)?;
        match self.state {
            State::PrepareCommit | State::PrepareAbort => Err(ErrorCode::ConcurrentTransactions),
            State::Ongoing if partitions.iter().all(|at| self.partitions.contains(at)) => Ok(None),
            State::Ongoing | State::Empty | State::CompleteCommit | State::CompleteAbort => {
                let mut next = self.clone();
                if self.state != State::Ongoing {
                    next.started_ms = now_ms;
                }
                next.state = State::Ongoing;
                next.partitions.extend(partitions.iter().cloned());
                next.updated_ms = now_ms;
                next.version = version;
                Ok(Some(next))
            }
            State::Dead | State::PrepareEpochFence => Err(ErrorCode::UnknownServerError),
        }
    }

    /// Whether a partition is part of the producer's open transaction.
    pub fn verify(&self, producer: Identity, at: &TopicPartition) -> Result<(), ErrorCode> {
        self.check_producer(producer)?;
        if self.state.is_prepared() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if self.partitions.contains(at) { Ok(()) } else { Err(ErrorCode::TransactionAbortable) }
    }

    /// EndTxn. `version`: 2 when the client bumps its epoch with every transaction.
    pub fn end(
        &self,
        now_ms: i64,
        producer: Identity,
        commit: bool,
        version: i16,
        fresh_id: impl FnOnce() -> Result<i64, ErrorCode>,
    ) -> Result<Ending, ErrorCode> {
        if version < OWN_EPOCH {
            return self.end_as_before(now_ms, producer, commit, version);
        }
        // The answer to the same request was lost; it bumped the epoch, or took a new id.
        let again_bumped = i32::from(self.producer.epoch) == i32::from(producer.epoch) + 1;
        let again_with_new_id =
            self.previous_id == producer.id && producer.epoch == EXHAUSTED && self.producer.epoch == 0;
        let again = again_bumped || again_with_new_id;
        if self.producer.id != producer.id && !again_with_new_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        let valid = match self.state {
            State::Ongoing | State::Empty | State::Dead | State::PrepareEpochFence => {
                producer.epoch == self.producer.epoch
            }
            State::PrepareCommit | State::PrepareAbort => again_bumped,
            State::CompleteCommit | State::CompleteAbort => again || producer.epoch == self.producer.epoch,
        };
        if !valid {
            return Err(ErrorCode::ProducerFenced);
        }
        match (self.state, commit) {
            (State::Ongoing, true) => {
                Ok(Ending::Prepared(self.prepare(now_ms, State::PrepareCommit, version, fresh_id)?))
            }
            (State::PrepareCommit, true) | (State::PrepareAbort, false) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            (State::CompleteCommit, true) | (State::CompleteAbort, false) if again => {
                Ok(Ending::Done(self.producer))
            }
            (State::CompleteCommit, false) if again => Err(ErrorCode::InvalidTxnState),
            // Nothing was written, or the client does not know whether something was: its epoch ends anyway.
            (State::Ongoing | State::Empty | State::CompleteCommit | State::CompleteAbort, false) => {
                Ok(Ending::Prepared(self.prepare(now_ms, State::PrepareAbort, version, fresh_id)?))
            }
            (State::Dead | State::PrepareEpochFence, _) => Err(ErrorCode::UnknownServerError),
            (
                State::Empty
                | State::CompleteCommit
                | State::CompleteAbort
                | State::PrepareCommit
                | State::PrepareAbort,
                _,
            ) => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// EndTxn of a client that keeps its epoch.
    fn end_as_before(
        &self,
        now_ms: i64,
        producer: Identity,
        commit: bool,
        version: i16,
    ) -> Result<Ending, ErrorCode> {
        self.check_producer(producer)?;
        match (self.state, commit) {
            (State::Ongoing, _) => {
                let state = if commit { State::PrepareCommit } else { State::PrepareAbort };
                Ok(Ending::Prepared(Self { state, updated_ms: now_ms, version, ..self.clone() }))
            }
            (State::CompleteCommit, true) | (State::CompleteAbort, false) => Ok(Ending::Done(self.producer)),
            (State::PrepareCommit, true) | (State::PrepareAbort, false) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            (State::Dead | State::PrepareEpochFence, _) => Err(ErrorCode::UnknownServerError),
            (
                State::Empty
                | State::CompleteCommit
                | State::CompleteAbort
                | State::PrepareCommit
                | State::PrepareAbort,
                _,
            ) => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// Aborts what is going on, under an epoch its producer does not have.
    pub fn fence(
        &self,
        now_ms: i64,
        fresh_id: impl FnOnce() -> Result<i64, ErrorCode>,
    ) -> Result<Self, ErrorCode> {
        self.prepare(now_ms, State::PrepareAbort, OWN_EPOCH, fresh_id)
    }

    fn prepare(
        &self,
        now_ms: i64,
        state: State,
        version: i16,
        fresh_id: impl FnOnce() -> Result<i64, ErrorCode>,
    ) -> Result<Self, ErrorCode> {
        let Identity { id, epoch } = self.producer;
        let next_id = if epoch >= EXHAUSTED { fresh_id()? } else { NO_ID };
        Ok(Self {
            producer: Identity { id, epoch: epoch.saturating_add(1) },
            next_id,
            last_epoch: epoch,
            state,
            // Aborting nothing begins and ends now.
            started_ms: if self.state == State::Ongoing { self.started_ms } else { now_ms },
            updated_ms: now_ms,
            version,
            ..self.clone()
        })
    }

    /// All markers are written.
    #[must_use]
    pub fn complete(&self, now_ms: i64) -> Self {
        let state =
            if self.state == State::PrepareCommit { State::CompleteCommit } else { State::CompleteAbort };
        let producer = match self.next_id {
            NO_ID => self.producer,
            id => Identity { id, epoch: 0 },
        };
        Self {
            producer,
            previous_id: self.producer.id,
            next_id: NO_ID,
            state,
            partitions: BTreeSet::new(),
            updated_ms: now_ms,
            ..self.clone()
        }
    }

    /// Whether the transaction has been open for longer than its producer allowed.
    pub fn is_overdue(&self, now_ms: i64) -> bool {
        self.state == State::Ongoing && self.started_ms.saturating_add(i64::from(self.timeout_ms)) < now_ms
    }

    /// Whether nobody has used the id for so long.
    pub fn is_expired(&self, now_ms: i64, expiration_ms: i64) -> bool {
        self.state.may_expire() && self.updated_ms.saturating_add(expiration_ms) <= now_ms
    }

    /// Whether its transactions each have their own epoch, so that a marker brings the next.
    pub fn has_own_epoch(&self) -> bool {
        self.version >= OWN_EPOCH
    }

    fn check_producer(&self, producer: Identity) -> Result<(), ErrorCode> {
        if producer.id != self.producer.id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if producer.epoch != self.producer.epoch {
            return Err(ErrorCode::ProducerFenced);
        }
        Ok(())
    }
}
