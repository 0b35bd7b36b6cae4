//! One partition of a share group (KIP-932) as a state machine: which records are held by whom, which are
//! settled, where the group stands.
//!
//! Time arrives as an argument; what must be written down leaves as values. A step that may fail to be written
//! is made on a clone, which takes the original's place once it is. Reading the log is the caller's.

use std::sync::Arc;

use wire::ErrorCode;

use super::runs::{Run, Runs, State};
use crate::groups::Millis;

/// Below this many deliveries records are never throttled.
const THROTTLE_DELIVERIES_MIN: i16 = 2;

/// What a group's configuration says about its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) lock_ms: Millis,
    pub(crate) deliveries_max: i16,
    /// Offsets between the start and the end of what is in flight.
    pub(crate) locks_max: i64,
    pub(crate) renew: bool,
}

/// How many records one acquisition may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Whole batches of the log until there are enough.
    Batches,
    /// Never more than was asked for.
    Records,
}

/// Who wants records, and how many.
#[derive(Debug, Clone)]
pub(crate) struct Acquire {
    pub(crate) member: Arc<str>,
    pub(crate) mode: Mode,
    pub(crate) records_max: i64,
    /// Acquired batches are told apart from about this many records on.
    pub(crate) batch_size: i64,
}

/// A batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Holds nothing for a reader: a transaction's marker, or what was aborted.
    pub(crate) hidden: bool,
}

/// Records a member now holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acquired {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) deliveries: i16,
}

/// What a member says of consecutive records: one word for all, or one for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) kinds: Vec<Kind>,
}

/// A member's word on a record; the numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub(crate) enum Kind {
    /// There is no record at this offset.
    Gap = 0,
    Accept = 1,
    Release = 2,
    Reject = 3,
    Renew = 4,
}

/// A change to be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) state: i8,
    pub(crate) deliveries: i16,
}

/// Why an acknowledgement was refused; nothing of it counts then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AcknowledgeError {
    #[error("Batch record not found. The request batch offsets are not found in the cache.")]
    NothingInFlight,
    #[error("Batch record not found. The first offset in request is past acquired records.")]
    FirstPastEnd,
    #[error("Batch record not found. The last offset in request is past acquired records.")]
    LastPastEnd,
    #[error("The batch cannot be acknowledged. The batch is not in the acquired state.")]
    NotAcquired,
    #[error("Member is not the owner of batch record")]
    NotOwner,
    #[error("Renewing acquisition locks is not enabled for the group.")]
    NoRenewal,
}

impl AcknowledgeError {
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            AcknowledgeError::FirstPastEnd | AcknowledgeError::LastPastEnd => ErrorCode::InvalidRequest,
            AcknowledgeError::NothingInFlight
            | AcknowledgeError::NotAcquired
            | AcknowledgeError::NotOwner
            | AcknowledgeError::NoRenewal => ErrorCode::InvalidRecordState,
        }
    }
}

/// One partition of a share group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharePartition {
    runs: Runs,
    /// No hold ends before this.
    due: Option<Millis>,
}

impl SharePartition {
    /// A group that begins at an offset.
    pub(crate) fn new(start: i64) -> Self {
        Self { runs: Runs::new(start), due: None }
    }

    /// The first record the group is not done with.
    pub(crate) fn start_offset(&self) -> i64 {
        self.runs.start()
    }

    /// Records behind the start that are settled.
    pub(crate) fn delivery_complete(&self) -> i64 {
        self.runs.finals()
    }

    /// Where to read for what can be delivered next.
    pub(crate) fn next_fetch_offset(&self) -> i64 {
        self.runs.first_available().unwrap_or(self.runs.end())
    }

    /// Whether anything may be acquired, were it in the log.
    pub(crate) fn can_acquire(&self, limits: Limits) -> bool {
        self.next_fetch_offset() < self.runs.end() || self.in_flight() < limits.locks_max
    }

    fn in_flight(&self) -> i64 {
        self.runs.end() - self.runs.start()
    }

    /// When the next hold may end by itself.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        self.due
    }

    fn note_deadline(&mut self, until: Millis) {
        self.due = Some(self.due.map_or(until, |due| due.min(until)));
    }

    /// Hands out what can be delivered of batches read from `from`, the next fetch offset, on.
    pub(crate) fn acquire(
        &mut self,
        now: Millis,
        limits: Limits,
        acquire: &Acquire,
        from: i64,
        batches: &[LogBatch],
    ) -> Vec<Acquired> {
        let mut taken: Vec<Acquired> = Vec::new();
        let Some(end) = batches.last().map(|batch| batch.last + 1) else { return taken };
        let mut room = acquire.records_max.min(limits.locks_max - self.in_flight());
        let mut cap = end;
        if room <= 0 {
            // Only what is in flight already may be delivered again.
            cap = cap.min(self.runs.end());
            room = acquire.records_max.min(self.runs.end() - from);
        }
        let until = now + limits.lock_ms;
        let mut took = 0;
        let mut read_to = from;
        'batches: for batch in batches {
            if took >= room || batch.first >= cap {
                break;
            }
            self.archive(read_to, batch.first - 1);
            read_to = read_to.max(batch.last + 1);
            if batch.hidden {
                self.archive(batch.first, batch.last);
                continue;
            }
            let mut at = batch.first.max(self.runs.start()).max(from);
            let last = batch.last.min(cap - 1);
            // A batch's records stay together in what the member is told, up to the size it asked for.
            let mut joins = taken.last().is_some_and(|last| last.last - last.first + 1 < acquire.batch_size);
            while at <= last {
                let run = self.runs.at(at);
                let (run_last, deliveries) = match run {
                    Some(Run { last, state: State::Available, deliveries, .. }) => (last, deliveries),
                    Some(Run { last, .. }) => {
                        at = last + 1;
                        continue;
                    }
                    None => (last, 0),
                };
                let mut upto = run_last.min(last);
                let throttled = throttle(limits, deliveries, batch.last - batch.first + 1);
                if throttled.is_some() && took > 0 {
                    break 'batches;
                }
                let most = match acquire.mode {
                    Mode::Records => throttled.unwrap_or(i64::MAX).min(room - took),
                    Mode::Batches => throttled.unwrap_or(i64::MAX),
                };
                upto = upto.min(at.saturating_add(most - 1));
                let deliveries = deliveries.saturating_add(1);
                let state = State::Acquired { member: Arc::clone(&acquire.member), until };
                self.runs.set(at, upto, state, deliveries);
                self.note_deadline(until);
                took += upto - at + 1;
                match taken.last_mut() {
                    Some(before) if joins && before.last + 1 == at && before.deliveries == deliveries => {
                        before.last = upto;
                    }
                    _ => taken.push(Acquired { first: at, last: upto, deliveries }),
                }
                joins = true;
                if throttled.is_some() || (acquire.mode == Mode::Records && took >= room) {
                    break 'batches;
                }
                at = upto + 1;
            }
        }
        self.runs.advance();
        taken
    }

    /// What is not in the log will never be delivered.
    fn archive(&mut self, first: i64, last: i64) {
        let mut at = first.max(self.runs.start());
        while at <= last {
            let upto = match self.runs.at(at) {
                Some(run) if run.state != State::Available => {
                    at = run.last + 1;
                    continue;
                }
                Some(run) => run.last.min(last),
                None => last,
            };
            self.runs.set(at, upto, State::Archived, 0);
            at = upto + 1;
        }
    }

    /// Takes a member's word on records it holds: all of it, or none. Run on a clone.
    pub(crate) fn acknowledge(
        &mut self,
        now: Millis,
        limits: Limits,
        member: &str,
        acknowledgements: &[Acknowledgement],
    ) -> Result<Vec<StateBatch>, AcknowledgeError> {
        let mut changes = Vec::new();
        for batch in acknowledgements {
            // Settled since, or deleted from the log.
            if batch.last < self.runs.start() {
                continue;
            }
            if self.in_flight() == 0 {
                return Err(AcknowledgeError::NothingInFlight);
            }
            if batch.first >= self.runs.end() {
                return Err(AcknowledgeError::FirstPastEnd);
            }
            if batch.last >= self.runs.end() {
                return Err(AcknowledgeError::LastPastEnd);
            }
            let mut at = batch.first.max(self.runs.start());
            while at <= batch.last {
                let run = self.runs.at(at).ok_or(AcknowledgeError::NotAcquired)?;
                match &run.state {
                    State::Acquired { member: owner, .. } if **owner == *member => {}
                    State::Acquired { .. } => return Err(AcknowledgeError::NotOwner),
                    _ => return Err(AcknowledgeError::NotAcquired),
                }
                let upto = run.last.min(batch.last);
                let (kind, upto) = batch.kind(at, upto);
                if kind == Kind::Renew {
                    if !limits.renew {
                        return Err(AcknowledgeError::NoRenewal);
                    }
                    let until = now + limits.lock_ms;
                    let member = Arc::from(member);
                    self.runs.set(at, upto, State::Acquired { member, until }, run.deliveries);
                    self.note_deadline(until);
                } else {
                    let held = Run { first: at, last: upto, ..run };
                    self.settle(held, kind, limits, &mut changes);
                }
                at = upto + 1;
            }
        }
        self.runs.advance();
        Ok(changes)
    }

    fn settle(&mut self, run: Run, kind: Kind, limits: Limits, changes: &mut Vec<StateBatch>) {
        let state = match kind {
            Kind::Accept => State::Acknowledged,
            Kind::Release | Kind::Renew if run.deliveries < limits.deliveries_max => State::Available,
            Kind::Gap | Kind::Reject | Kind::Release | Kind::Renew => State::Archived,
        };
        let number = state.number();
        self.runs.set(run.first, run.last, state, run.deliveries);
        match changes.last_mut() {
            Some(change)
                if change.last + 1 == run.first
                    && (change.state, change.deliveries) == (number, run.deliveries) =>
            {
                change.last = run.last;
            }
            _ => changes.push(StateBatch {
                first: run.first,
                last: run.last,
                state: number,
                deliveries: run.deliveries,
            }),
        }
    }

    /// A member is gone: what it held can be delivered again. Run on a clone.
    pub(crate) fn release(&mut self, limits: Limits, member: &str) -> Vec<StateBatch> {
        self.release_where(limits, |owner, _| owner == member)
    }

    /// Ends the holds whose time is over. Run on a clone.
    pub(crate) fn expire(&mut self, now: Millis, limits: Limits) -> Vec<StateBatch> {
        let changes = self.release_where(limits, |_, until| until <= now);
        let ends = self.runs.iter().filter_map(|run| match run.state {
            State::Acquired { until, .. } => Some(until),
            _ => None,
        });
        self.due = ends.min();
        changes
    }

    fn release_where(&mut self, limits: Limits, ends: impl Fn(&str, Millis) -> bool) -> Vec<StateBatch> {
        let mut changes = Vec::new();
        let held: Vec<Run> = self
            .runs
            .iter()
            .filter(|run| match &run.state {
                State::Acquired { member, until } => ends(member, *until),
                _ => false,
            })
            .collect();
        for run in held {
            self.settle(run, Kind::Release, limits, &mut changes);
        }
        self.runs.advance();
        changes
    }

    /// The log begins later now: what lay before is gone.
    pub(crate) fn log_starts_at(&mut self, offset: i64) {
        self.runs.move_start(offset);
        self.runs.advance();
    }

    /// Everything to be known after a restart. What is held counts as not delivered, as it was never settled.
    pub(crate) fn snapshot(&self) -> Vec<StateBatch> {
        self.runs
            .iter()
            .filter_map(|run| {
                let held = matches!(run.state, State::Acquired { .. });
                let deliveries = run.deliveries - i16::from(held);
                let (first, last, state) = (run.first, run.last, run.state.number());
                (run.state.is_final() || deliveries > 0).then_some(StateBatch {
                    first,
                    last,
                    state,
                    deliveries,
                })
            })
            .collect()
    }

    /// Takes in what was written down, in its order.
    pub(crate) fn restore(&mut self, start: i64, batches: &[StateBatch]) {
        self.runs.move_start(start);
        for batch in batches {
            let state = match batch.state {
                2 => State::Acknowledged,
                3 | 4 => State::Archived,
                _ => State::Available,
            };
            self.runs.set(batch.first, batch.last, state, batch.deliveries);
        }
        self.runs.advance();
    }
}

impl Acknowledgement {
    /// The word on an offset, and up to where, at most `last`, it is the same.
    fn kind(&self, at: i64, last: i64) -> (Kind, i64) {
        let index = |offset: i64| usize::try_from(offset - self.first).unwrap_or(0);
        let Some(&kind) = self.kinds.get(index(at)).filter(|_| self.kinds.len() > 1) else {
            return (self.kinds.first().copied().unwrap_or(Kind::Gap), last);
        };
        let same = self.kinds[index(at)..=index(last).min(self.kinds.len() - 1)]
            .iter()
            .take_while(|other| **other == kind)
            .count();
        (kind, at + i64::try_from(same).unwrap_or(1) - 1)
    }
}

/// A record that was delivered often may be what its consumers die of: less and less is delivered with it, and
/// the last time it comes alone (as Kafka 4.2 does).
fn throttle(limits: Limits, deliveries: i16, batch_records: i64) -> Option<i64> {
    let from = THROTTLE_DELIVERIES_MIN.max((limits.deliveries_max + 1) / 2);
    if deliveries < from {
        return None;
    }
    if limits.deliveries_max > 2 && deliveries >= limits.deliveries_max - 1 {
        return Some(1);
    }
    let halvings = u32::try_from(deliveries - from + 1).unwrap_or(0).min(62);
    Some((batch_records >> halvings).max(1))
}
