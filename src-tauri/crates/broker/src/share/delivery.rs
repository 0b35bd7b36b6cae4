//! Runs share partitions: reads the log for who wants records, takes acknowledgements, ends holds.

use std::collections::HashSet;

use bytes::{Bytes, BytesMut};
use commitlog::AbortedTransaction;
use tracing::debug;
use wire::ErrorCode;
use wire::batch::{Batch, Marker, Offset, batches};

use super::deadlines::Due;
use super::partition::{Acknowledgement, Acquire, Acquired, LogBatch, SharePartition};
use super::runs::State;
use super::session::{PartitionId, SessionKey};
use super::settings::{GroupSettings, Reset};
use super::shared::{Cell, Shared};
use super::state_records::ShareKey;
use crate::Broker;
use crate::groups::Millis;
use crate::partition::Partition;

/// Read from the log at first, and at most at a time: what the records wanted need, not what a fetch may hold.
const STEP_BYTES_MIN: usize = 64 * 1024;
const STEP_BYTES_MAX: usize = 1024 * 1024;

/// What one fetch wants of a share partition.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) acquire: Acquire,
    pub(crate) bytes_max: usize,
    /// The first batch is read whatever its size.
    pub(crate) min_one: bool,
}

/// What it is given.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) records: Bytes,
    pub(crate) acquired: Vec<Acquired>,
}

/// Why a member's word was refused: a code, and words for people.
pub(crate) type Refusal = (ErrorCode, Option<String>);

impl Delivered {
    pub(crate) fn count(&self) -> i64 {
        self.acquired.iter().map(|acquired| acquired.last - acquired.first + 1).sum()
    }
}

impl Broker {
    /// Acquires records of a partition for a member.
    pub(crate) fn share_acquire(
        &self,
        shared: &Shared,
        log: &Partition,
        settings: &GroupSettings,
        mut wanted: Wanted,
    ) -> Result<Delivered, ErrorCode> {
        let mut cell = shared.lock();
        if cell.gone {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let mut delivered = Delivered::default();
        let mut parts: Vec<Bytes> = Vec::new();
        loop {
            let now = self.coordinator().now();
            let state = self.share_state(shared, &mut cell, log, settings)?;
            let from = state.next_fetch_offset(&wanted.acquire.except);
            let end = match settings.read_committed {
                true => log.stable_offset(self.now_ms())?,
                false => log.log.end_offset(),
            };
            if wanted.acquire.records_max <= 0 || from >= end.0 || !state.can_acquire(from, settings.records)
            {
                break;
            }
            let (chunk, next_offset) = read_for(log, (from, end), &wanted)?;
            let found: Vec<Batch<'_>> = batches(&chunk).flatten().collect();
            let Some(last) = found.last().map(|batch| batch.header.last_offset().0) else { break };
            let aborted = match settings.read_committed {
                true => log.aborted(Offset(from), next_offset)?,
                false => Vec::new(),
            };
            let seen = what_shows(&found, &aborted);
            let acquired = state.acquire(now, settings.records, &wanted.acquire, from, &seen);
            if let (Some(first), Some(last)) = (acquired.first(), acquired.last()) {
                let part = slice(&chunk, &seen, &found, first.first, last.last);
                wanted.min_one = false;
                wanted.bytes_max = wanted.bytes_max.saturating_sub(part.len());
                parts.push(part);
                delivered.acquired.extend(&acquired);
                let took: i64 = acquired.iter().map(|acquired| acquired.last - acquired.first + 1).sum();
                wanted.acquire.records_max -= took;
            }
            // What was left there was left on purpose.
            if state.next_fetch_offset(&wanted.acquire.except) <= last {
                break;
            }
        }
        let due = cell.state.as_ref().and_then(SharePartition::next_deadline);
        drop(cell);
        self.shares().note_deadline(Due::Partition(shared.key.clone()), due);
        delivered.records = joined(parts);
        Ok(delivered)
    }

    /// The state, begun where the configuration says if the group has not read here before.
    fn share_state<'a>(
        &self,
        shared: &Shared,
        cell: &'a mut Cell,
        log: &Partition,
        settings: &GroupSettings,
    ) -> Result<&'a mut SharePartition, ErrorCode> {
        let (start, end) = log.log.offsets();
        if cell.state.is_none() {
            let from = match settings.reset {
                Reset::Earliest => start.0,
                Reset::Latest => end.0,
                Reset::ByDuration(ms) => {
                    let found = log.offset_for_timestamp(self.now_ms().saturating_sub(ms))?;
                    found.map_or(end.0, |(offset, _)| offset.0)
                }
            };
            debug!(group = %shared.key.group, topic = %log.topic, partition = log.index, from, "group begins");
            let state = SharePartition::new(from);
            // Written down at once: after a restart "latest" would be later.
            self.write_share_snapshot(shared, cell, Some(&state))?;
            cell.state = Some(state);
        }
        let state = cell.state.as_mut().ok_or(ErrorCode::UnknownServerError)?;
        state.log_starts_at(start.0);
        Ok(state)
    }

    /// Takes a member's word on records of a partition; returns which are to be delivered again.
    pub(crate) fn share_acknowledge(
        &self,
        key: &ShareKey,
        member: &str,
        settings: &GroupSettings,
        acknowledgements: &[Acknowledgement],
    ) -> Result<Vec<(i64, i64)>, Refusal> {
        let shared = self.shares().partition(key).ok_or((ErrorCode::UnknownTopicOrPartition, None))?;
        let mut cell = shared.lock();
        let mut next = cell.state.clone().ok_or((ErrorCode::UnknownTopicOrPartition, None))?;
        let changes = next
            .acknowledge(self.coordinator().now(), settings.records, member, acknowledgements)
            .map_err(|error| (error.code(), Some(error.to_string())))?;
        let again = changes.iter().filter(|change| change.state == State::Available.number());
        let again = again.map(|change| (change.first, change.last)).collect();
        self.commit_share_state(&shared, &mut cell, next, changes).map_err(|error| (error, None))?;
        let due = cell.state.as_ref().and_then(SharePartition::next_deadline);
        drop(cell);
        self.shares().note_deadline(Due::Partition(key.clone()), due);
        shared.wake();
        Ok(again)
    }

    /// A session is over: what its member holds can be delivered again.
    pub(crate) fn share_release(&self, (group, member): &SessionKey, partitions: &[PartitionId]) {
        let limits = self.share_settings(group).records;
        for (topic, partition) in partitions {
            let key = ShareKey { group: group.clone(), topic: *topic, partition: *partition };
            let Some(shared) = self.shares().partition(&key) else { continue };
            let mut cell = shared.lock();
            let Some(mut next) = cell.state.clone() else { continue };
            let changes = next.release(limits, member);
            // Not written: the holds end by themselves, in time.
            if self.commit_share_state(&shared, &mut cell, next, changes).is_ok() {
                drop(cell);
                shared.wake();
            }
        }
    }

    /// A connection is gone, and with it its share sessions.
    pub(crate) fn share_disconnected(&self, connection: std::net::SocketAddr) {
        let gone = self.shares().sessions().disconnected(connection);
        for (key, partitions) in gone {
            self.share_release(&key, &partitions);
        }
    }

    /// Ends the holds of a share partition whose time is over.
    pub(super) fn expire_locks(&self, key: &ShareKey, now: Millis) {
        let Some(shared) = self.shares().partition(key) else { return };
        let settings = self.share_settings(&key.group);
        let mut cell = shared.lock();
        let Some(mut next) = cell.state.clone() else { return };
        let changes = next.expire(now, settings.records);
        let ended = !changes.is_empty();
        if ended {
            debug!(group = %key.group, topic = %key.topic, partition = key.partition, ?changes, "locks timed out");
        }
        let mut due = next.next_deadline();
        if self.commit_share_state(&shared, &mut cell, next, changes).is_err() {
            // Held a little longer: the disk may take it then.
            due = Some(now + settings.records.lock_ms);
        }
        drop(cell);
        self.shares().note_deadline(Due::Partition(key.clone()), due);
        if ended {
            shared.wake();
        }
    }
}

/// Reads as much as the records wanted need, so that they are handed out as one.
fn read_for(
    log: &Partition,
    (from, end): (i64, Offset),
    wanted: &Wanted,
) -> Result<(Bytes, Offset), ErrorCode> {
    let (mut at, mut left) = (Offset(from), wanted.bytes_max);
    let mut step = STEP_BYTES_MIN;
    let mut parts: Vec<Bytes> = Vec::new();
    while at < end && at.0 - from < wanted.acquire.records_max {
        let chunk = log.read_below(end, at, left.min(step), wanted.min_one && parts.is_empty())?;
        if chunk.bytes.is_empty() {
            // A batch that is larger than a step, or than what is left.
            if step >= left {
                break;
            }
            step *= 2;
            continue;
        }
        step = step.max(STEP_BYTES_MAX.min(step * 2));
        at = chunk.next_offset;
        left = left.saturating_sub(chunk.bytes.len());
        parts.push(chunk.bytes);
    }
    Ok((joined(parts), at))
}

fn joined(mut parts: Vec<Bytes>) -> Bytes {
    match parts.len() {
        0 | 1 => parts.pop().unwrap_or_default(),
        _ => {
            let mut all = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
            parts.iter().for_each(|part| all.extend_from_slice(part));
            all.freeze()
        }
    }
}

/// The batches of the log, and which of them were aborted.
fn what_shows(found: &[Batch<'_>], aborted: &[AbortedTransaction]) -> Vec<LogBatch> {
    let mut aborted: Vec<&AbortedTransaction> = aborted.iter().collect();
    aborted.sort_by_key(|transaction| transaction.first_offset);
    let mut to_come = aborted.into_iter().peekable();
    let mut aborting = HashSet::new();
    let mut seen = Vec::with_capacity(found.len());
    for batch in found {
        let header = &batch.header;
        while let Some(next) = to_come.next_if(|next| next.first_offset <= header.last_offset()) {
            aborting.insert(next.producer_id);
        }
        if header.is_control() && Marker::read(batch).is_some_and(|marker| !marker.committed) {
            aborting.remove(&header.producer_id);
        }
        seen.push(LogBatch {
            first: header.base_offset.0,
            last: header.last_offset().0,
            aborted: !header.is_control()
                && header.is_transactional()
                && aborting.contains(&header.producer_id),
        });
    }
    seen
}

/// The batches of a chunk that hold offsets from `first` to `last`.
fn slice(chunk: &Bytes, seen: &[LogBatch], found: &[Batch<'_>], first: i64, last: i64) -> Bytes {
    let mut from = 0;
    let mut to = 0;
    for (batch, log) in found.iter().zip(seen) {
        let bytes = batch.header.total_bytes();
        if log.last < first {
            from += bytes;
        }
        if log.first <= last {
            to += bytes;
        }
    }
    chunk.slice(from..to.min(chunk.len()))
}
