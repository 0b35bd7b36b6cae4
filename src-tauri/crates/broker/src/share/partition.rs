//! One partition of a share group (KIP-932) as a state machine: which records are held by whom, which are
//! settled, where the group stands.
//!
//! Time arrives as an argument; what must be written down leaves as values. A step that may fail to be written
//! is made on a clone, which takes the original's place once it is. Reading the log is the caller's.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::ErrorCode;

use super::runs::{Run, Runs, State};
use crate::groups::Millis;

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
    /// Released by the same request: not for this time.
    pub(crate) except: Vec<(i64, i64)>,
}

/// A batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Its transaction was aborted, and who reads wants none of that. A marker is a record like any other: who gets
    /// it says that there is none.
    pub(crate) aborted: bool,
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
    pub(super) runs: Runs,
    /// What was handed out as one: first and last offset. Kafka's in-flight batches.
    pub(super) ranges: BTreeMap<i64, i64>,
    /// No hold ends before this.
    due: Option<Millis>,
}

impl SharePartition {
    /// A group that begins at an offset.
    pub(crate) fn new(start: i64) -> Self {
        Self { runs: Runs::new(start), ranges: BTreeMap::new(), due: None }
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
    pub(crate) fn next_fetch_offset(&self, except: &[(i64, i64)]) -> i64 {
        self.runs.first_available(except).unwrap_or(self.runs.end())
    }

    /// Whether anything may be acquired from `from`, the next fetch offset, on, were it in the log.
    pub(crate) fn can_acquire(&self, from: i64, limits: Limits) -> bool {
        from < self.runs.end() || self.in_flight() < limits.locks_max
    }

    pub(super) fn in_flight(&self) -> i64 {
        self.runs.end() - self.runs.start()
    }

    /// When the next hold may end by itself.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        self.due
    }

    pub(super) fn note_deadline(&mut self, until: Millis) {
        self.due = Some(self.due.map_or(until, |due| due.min(until)));
    }

    /// What is not in the log will never be delivered.
    pub(super) fn archive(&mut self, first: i64, last: i64, from: &State) {
        self.archive_where(first, last, |state| state == from);
    }

    pub(super) fn archive_where(&mut self, first: i64, last: i64, which: impl Fn(&State) -> bool) {
        let found: Vec<Run> = self.runs.within(first, last).filter(|run| which(&run.state)).collect();
        for run in found {
            self.runs.set(run.first, run.last, State::Archived, run.deliveries);
        }
    }

    /// Takes a member's word on records it holds: all of it, or none. Run on a clone, and [`Self::advance`] then.
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
            let known = self.ranges_for(batch)?;
            for (first, last) in known {
                self.acknowledge_range(now, limits, member, batch, (first, last), &mut changes)?;
            }
        }
        Ok(changes)
    }

    /// The ranges in flight that an acknowledgement reaches into.
    fn ranges_for(&self, batch: &Acknowledgement) -> Result<Vec<(i64, i64)>, AcknowledgeError> {
        let floor = |offset: i64| self.ranges.range(..=offset).next_back().map(|(first, _)| *first);
        let moved = || (batch.first < self.runs.start()).then(|| floor(self.runs.start())).flatten();
        let from = floor(batch.first).or_else(moved).ok_or(AcknowledgeError::NothingInFlight)?;
        let known: Vec<(i64, i64)> =
            self.ranges.range(from..=batch.last.max(from)).map(|(first, last)| (*first, *last)).collect();
        match known.last() {
            Some((_, end)) if *end < batch.first => Err(AcknowledgeError::FirstPastEnd),
            Some((_, end)) if *end < batch.last => Err(AcknowledgeError::LastPastEnd),
            _ => Ok(known),
        }
    }

    fn acknowledge_range(
        &mut self,
        now: Millis,
        limits: Limits,
        member: &str,
        batch: &Acknowledgement,
        (first, last): (i64, i64),
        changes: &mut Vec<StateBatch>,
    ) -> Result<(), AcknowledgeError> {
        let last = last.min(batch.last);
        let mut at = first.max(batch.first).max(self.runs.start());
        while at <= last {
            let run = self.runs.at(at).ok_or(AcknowledgeError::NotAcquired)?;
            match &run.state {
                State::Acquired { member: owner, .. } if **owner == *member => {}
                State::Acquired { .. } => return Err(AcknowledgeError::NotOwner),
                _ => return Err(AcknowledgeError::NotAcquired),
            }
            let (kind, upto) = batch.kind(at, run.last.min(last));
            if kind == Kind::Renew {
                if !limits.renew {
                    return Err(AcknowledgeError::NoRenewal);
                }
                let until = now + limits.lock_ms;
                let member = Arc::from(member);
                self.runs.set(at, upto, State::Acquired { member, until }, run.deliveries);
                self.note_deadline(until);
            } else {
                self.settle(Run { first: at, last: upto, ..run }, kind, limits, changes);
            }
            at = upto + 1;
        }
        Ok(())
    }

    /// What was settled at the start is passed over, once it is written down.
    pub(crate) fn advance(&mut self) {
        self.runs.advance();
        self.forget_ranges();
    }

    fn forget_ranges(&mut self) {
        let start = self.runs.start();
        while let Some(entry) = self.ranges.first_entry()
            && *entry.get() < start
        {
            entry.remove();
        }
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
        changes
    }

    /// The log begins later now: what lay before is gone.
    pub(crate) fn log_starts_at(&mut self, offset: i64) {
        if offset > self.runs.start() {
            self.runs.move_start(offset);
            self.advance();
        }
    }

    /// Everything to be known after a restart. What is held counts as not delivered, as it was never settled.
    pub(crate) fn snapshot(&self) -> Vec<StateBatch> {
        self.runs
            .iter()
            .filter_map(|run| {
                if run.state == State::Missing {
                    return None;
                }
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
        // What nothing was written of is to be read again, and by batches of the log.
        let known = self.runs.iter().filter(|run| run.state.is_final() || run.deliveries > 0);
        self.ranges = known.map(|run| (run.first, run.last)).collect();
        self.advance();
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
