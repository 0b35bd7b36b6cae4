//! Runs the groups: hands requests to their state machines, answers when those do, keeps time for them, and
//! writes down what must outlive the process in `__consumer_offsets`.

mod coded;
mod consumer;
mod consumer_records;
mod deadlines;
mod expire;
mod load;
mod membership;
mod offsets;
mod records;
mod streams;
mod streams_records;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tracing::debug;
use wire::ErrorCode;

use crate::groups::classic::{Claim, Effect, Group, Join, Joined, Limits, Sync, Synced, Ticket};
use crate::groups::{
    Catalog, FIRST_EPOCH, Millis, Refusal, consumer as groups_consumer, streams as groups_streams,
};

pub(crate) use coded::Stored;
pub(crate) use consumer::not_consumer;
use deadlines::Deadlines;
pub(crate) use membership::Membership;
pub(crate) use offsets::{Committed, OffsetChange};
pub(crate) use records::{Loaded, key_partition, load as load_record};
pub(crate) use streams::not_streams;

/// Where a committed offset belongs.
pub(crate) type TopicPartition = (String, i32);

/// Writes records of groups; the broker appends them to `__consumer_offsets`.
pub(crate) trait Journal: Send + std::marker::Sync {
    fn write(&self, group: &str, records: &[Stored]) -> Result<(), ErrorCode>;
}

/// What the coordinator needs to know of the broker around it.
pub(crate) trait Host: Journal {
    /// The wall clock, in milliseconds since the epoch.
    fn clock_ms(&self) -> i64;
    fn catalog(&self) -> &dyn Catalog;
    /// What the configuration says about a consumer group.
    fn consumer_settings(&self, group: &str) -> groups_consumer::Settings;
    /// What it says about a streams group.
    fn streams_settings(&self, group: &str) -> groups_streams::Settings;
}

/// What the coordinator is told at start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CoordinatorLimits {
    pub(crate) groups: Limits,
    pub(crate) session_ms_min: Millis,
    pub(crate) session_ms_max: Millis,
    pub(crate) metadata_bytes_max: usize,
    pub(crate) retention_ms: Millis,
}

/// Every group of the broker.
pub(crate) struct Coordinator {
    limits: CoordinatorLimits,
    groups: Mutex<HashMap<String, Arc<Mutex<Cell>>>>,
    deadlines: Deadlines,
    started: Instant,
    /// A deadline may have come nearer.
    pub(crate) sooner: Notify,
}

/// One group and what hangs on it.
pub(crate) struct Cell {
    pub(crate) id: String,
    pub(crate) membership: Membership,
    pub(crate) offsets: BTreeMap<TopicPartition, Committed>,
    joining: HashMap<Ticket, oneshot::Sender<Joined>>,
    syncing: HashMap<Ticket, oneshot::Sender<Synced>>,
    next_ticket: Ticket,
    /// The soonest entry of this group in the queue of deadlines.
    queued: Option<Millis>,
    /// A write failed: the log lacks something that is in memory.
    unsaved: bool,
    /// Offsets were committed for it once, or somebody who joined made it, refused or not: as in Kafka it is there,
    /// empty, until groups without offsets expire.
    kept: bool,
}

impl Cell {
    fn new(id: &str, now: Millis, limits: Limits) -> Self {
        Self {
            id: id.to_owned(),
            membership: Membership::Classic(Group::new(now, limits)),
            offsets: BTreeMap::new(),
            joining: HashMap::new(),
            syncing: HashMap::new(),
            next_ticket: 0,
            queued: None,
            unsaved: false,
            kept: false,
        }
    }

    /// Whether nothing was ever in it.
    fn is_unused(&self) -> bool {
        let fresh = match &self.membership {
            Membership::Classic(group) => group.generation() == 0 && group.next_deadline().is_none(),
            Membership::Consumer(group) => group.epoch() == FIRST_EPOCH,
            Membership::Streams(group) => group.epoch() == FIRST_EPOCH,
        };
        fresh && !self.kept && self.membership.is_empty() && self.offsets.is_empty()
    }

    /// What ends the group's own records.
    fn tombstones(&self) -> Vec<Stored> {
        match &self.membership {
            Membership::Classic(_) => vec![Stored::no_group(&self.id)],
            Membership::Consumer(group) => consumer_records::tombstones(&self.id, group),
            Membership::Streams(group) => streams_records::tombstones(&self.id, group),
        }
    }

    /// Whoever still holds the cell finds the group deleted.
    fn end(&mut self, now: Millis, limits: Limits) {
        let mut dead = Group::new(now, limits);
        dead.delete(now);
        self.membership = Membership::Classic(dead);
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        self.next_ticket
    }
}

impl Coordinator {
    pub(crate) fn new(limits: CoordinatorLimits) -> Self {
        Self {
            limits,
            groups: Mutex::default(),
            deadlines: Deadlines::default(),
            started: Instant::now(),
            sooner: Notify::new(),
        }
    }

    /// Milliseconds since the coordinator began: the groups' clock.
    pub(crate) fn now(&self) -> Millis {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// The group, if it is known.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Mutex<Cell>>> {
        self.groups.lock().get(id).cloned()
    }

    /// The group, made if need be.
    fn get_or_new(&self, id: &str) -> Arc<Mutex<Cell>> {
        let now = self.now();
        let mut groups = self.groups.lock();
        let cell = groups
            .entry(id.to_owned())
            .or_insert_with(|| Arc::new(Mutex::new(Cell::new(id, now, self.limits.groups))));
        Arc::clone(cell)
    }

    /// Forgets a group that was made for a request that was then refused.
    fn forget_unused(&self, id: &str) {
        let mut groups = self.groups.lock();
        // Whoever holds it besides the map and the caller is about to use it.
        if groups.get(id).is_some_and(|cell| Arc::strong_count(cell) <= 2 && cell.lock().is_unused()) {
            groups.remove(id);
        }
    }

    /// Every group, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Mutex<Cell>>> {
        let mut all: Vec<(String, Arc<Mutex<Cell>>)> =
            self.groups.lock().iter().map(|(id, cell)| (id.clone(), Arc::clone(cell))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.into_iter().map(|(_, cell)| cell).collect()
    }

    /// JoinGroup. The answer may be there at once.
    pub(crate) fn join(&self, host: &impl Host, group_id: &str, join: Join) -> oneshot::Receiver<Joined> {
        let (sender, receiver) = oneshot::channel();
        let session = self.limits.session_ms_min..=self.limits.session_ms_max;
        let refusal = if group_id.is_empty() {
            Some(ErrorCode::InvalidGroupId)
        } else if !session.contains(&join.session_timeout_ms) {
            Some(ErrorCode::InvalidSessionTimeout)
        } else if !join.member_id.is_empty() && self.get(group_id).is_none() {
            Some(ErrorCode::UnknownMemberId)
        } else {
            None
        };
        if let Some(error) = refusal {
            let _ = sender.send(Joined::error(error, &join.member_id));
            return receiver;
        }
        let makes_group = join.member_id.is_empty();
        let cell = self.get_or_new(group_id);
        let mut cell = cell.lock();
        if let Some(answer) = self.classic_join(host, &mut cell, &join) {
            self.queue(&mut cell);
            let _ = sender.send(answer);
            return receiver;
        }
        let ticket = cell.ticket();
        let Membership::Classic(group) = &mut cell.membership else { return receiver };
        let effects = group.join(self.now(), ticket, join);
        cell.joining.insert(ticket, sender);
        self.act(host, &mut cell, effects);
        let unused = cell.is_unused();
        let keeps = makes_group && !cell.membership.is_dead();
        if keeps {
            cell.kept = true;
        }
        if unused && keeps {
            self.act(host, &mut cell, vec![Effect::Persist]);
        }
        drop(cell);
        if unused && !keeps {
            self.forget_unused(group_id);
        }
        receiver
    }

    /// SyncGroup. The answer may be there at once.
    pub(crate) fn sync(&self, host: &impl Host, group_id: &str, sync: Sync) -> oneshot::Receiver<Synced> {
        let (sender, receiver) = oneshot::channel();
        let Some(cell) = self.get(group_id) else {
            let _ = sender.send(Synced::error(ErrorCode::UnknownMemberId));
            return receiver;
        };
        let mut cell = cell.lock();
        if let Some(answer) = self.classic_sync(host, &mut cell, &sync) {
            let _ = sender.send(answer);
            return receiver;
        }
        let ticket = cell.ticket();
        let Membership::Classic(group) = &mut cell.membership else {
            let _ = sender.send(Synced::error(ErrorCode::UnknownMemberId));
            return receiver;
        };
        let effects = group.sync(self.now(), ticket, sync);
        cell.syncing.insert(ticket, sender);
        self.act(host, &mut cell, effects);
        receiver
    }

    /// Heartbeat.
    pub(crate) fn heartbeat(&self, host: &impl Host, group_id: &str, claim: Claim<'_>) -> ErrorCode {
        let Some(cell) = self.get(group_id) else { return ErrorCode::UnknownMemberId };
        let mut cell = cell.lock();
        if let Membership::Classic(group) = &mut cell.membership {
            return group.heartbeat(self.now(), claim);
        }
        self.classic_heartbeat(host, &mut cell, claim).unwrap_or(ErrorCode::UnknownMemberId)
    }

    /// Answers a heartbeat of those groups that members keep by beating. A group that is not there is `missing`, or
    /// made for a member that joins.
    fn beat<A>(
        &self,
        group: &str,
        missing: Option<Refusal>,
        answer: impl FnOnce(&mut Cell) -> Result<A, Refusal>,
    ) -> Result<A, Refusal> {
        let cell = match (self.get(group), missing) {
            (Some(cell), _) => cell,
            (None, None) => self.get_or_new(group),
            (None, Some(refusal)) => return Err(refusal),
        };
        let mut cell = cell.lock();
        let answer = if cell.membership.is_dead() {
            // It was deleted while the request waited for it: the next one makes it anew.
            Err(Refusal::new(ErrorCode::CoordinatorNotAvailable, "The group was deleted."))
        } else {
            answer(&mut cell)
        };
        self.queue(&mut cell);
        let unused = answer.is_err() && cell.is_unused();
        drop(cell);
        if unused {
            self.forget_unused(group);
        }
        answer
    }

    /// LeaveGroup of members, each known by its id, its instance id or both: a code for each.
    pub(crate) fn leave(
        &self,
        host: &impl Host,
        group_id: &str,
        members: &[(&str, Option<&str>)],
    ) -> Vec<ErrorCode> {
        let unknown = || vec![ErrorCode::UnknownMemberId; members.len()];
        let Some(cell) = self.get(group_id) else { return unknown() };
        let mut cell = cell.lock();
        if !matches!(cell.membership, Membership::Classic(_)) {
            let left = self.classic_leave(host, &mut cell, members);
            self.queue(&mut cell);
            return left.unwrap_or_else(unknown);
        }
        let leave = |(member_id, instance_id): &(&str, Option<&str>)| {
            let Membership::Classic(group) = &mut cell.membership else { return ErrorCode::UnknownMemberId };
            let (error, effects) = group.leave(self.now(), member_id, *instance_id);
            self.act(host, &mut cell, effects);
            error
        };
        members.iter().map(leave).collect()
    }

    /// Lets time pass for the groups that wait for it; returns how long nothing will happen by itself.
    pub(crate) fn tick(&self, host: &impl Host) -> Option<Duration> {
        let now = self.now();
        while let Some((at, id)) = self.deadlines.pop(now) {
            let Some(cell) = self.get(&id) else { continue };
            let mut cell = cell.lock();
            // A sooner entry was queued after this one, and took its place.
            if cell.queued != Some(at) {
                continue;
            }
            cell.queued = None;
            if cell.membership.next_deadline().is_some_and(|deadline| deadline <= now) {
                self.pass_time(host, &mut cell, now);
            }
            self.queue(&mut cell);
        }
        let next = self.deadlines.next()?;
        Some(Duration::from_millis(u64::try_from(next - now).unwrap_or(0).max(1)))
    }

    fn pass_time(&self, host: &impl Host, cell: &mut Cell, now: Millis) {
        match &mut cell.membership {
            Membership::Classic(group) => {
                let effects = group.tick(now);
                self.act(host, cell, effects);
            }
            Membership::Consumer(_) => self.fence_overdue(host, cell),
            Membership::Streams(_) => self.pass_streams_time(host, cell),
        }
    }

    /// Carries out what a step asks for.
    fn act(&self, journal: &impl Journal, cell: &mut Cell, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Joined(ticket, answer) => {
                    debug!(group = %cell.id, member = %answer.member_id, error = ?answer.error,
                        generation = answer.generation, "join answered");
                    // The client may be gone; its session will end.
                    if let Some(sender) = cell.joining.remove(&ticket) {
                        let _ = sender.send(answer);
                    }
                }
                Effect::Synced(ticket, answer) => {
                    if let Some(sender) = cell.syncing.remove(&ticket) {
                        let _ = sender.send(answer);
                    }
                }
                Effect::Persist => {
                    let Membership::Classic(group) = &cell.membership else { continue };
                    let record = Stored::group(&cell.id, group);
                    // Membership is rebuilt by the members themselves; a failed write is in the log already.
                    let _ = journal.write(&cell.id, &[record]);
                }
            }
        }
        self.queue(cell);
    }

    /// Tells the timer if the group's deadline came nearer.
    fn queue(&self, cell: &mut Cell) {
        let Some(deadline) = cell.membership.next_deadline() else { return };
        if cell.queued.is_none_or(|queued| deadline < queued) {
            cell.queued = Some(deadline);
            if self.deadlines.push(deadline, &cell.id) {
                self.sooner.notify_one();
            }
        }
    }

    /// DeleteGroups of one group. `pending`: for which partitions transactions are committing its offsets.
    pub(crate) fn delete(
        &self,
        journal: &impl Journal,
        group_id: &str,
        pending: Vec<TopicPartition>,
    ) -> ErrorCode {
        let Some(cell) = self.get(group_id) else { return ErrorCode::GroupIdNotFound };
        let mut cell = cell.lock();
        let error = match &mut cell.membership {
            Membership::Classic(group) => group.delete(self.now()),
            Membership::Consumer(group) => group.check_delete(),
            Membership::Streams(group) => group.check_delete(),
        };
        if error != ErrorCode::None {
            return error;
        }
        if let Err(error) = self.bury(journal, &mut cell, pending) {
            return error;
        }
        cell.end(self.now(), self.limits.groups);
        drop(cell);
        self.groups.lock().remove(group_id);
        ErrorCode::None
    }

    fn bury(
        &self,
        journal: &impl Journal,
        cell: &mut Cell,
        pending: Vec<TopicPartition>,
    ) -> Result<(), ErrorCode> {
        let mut gone: BTreeSet<TopicPartition> = std::mem::take(&mut cell.offsets).into_keys().collect();
        gone.extend(pending);
        let mut records: Vec<Stored> = gone
            .into_iter()
            .map(|(topic, partition)| Stored::no_offset(&cell.id, &topic, partition))
            .collect();
        records.extend(cell.tombstones());
        journal.write(&cell.id, &records)
    }
}
