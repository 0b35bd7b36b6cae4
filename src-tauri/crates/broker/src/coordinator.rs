//! Runs the groups: hands requests to their state machines, answers when those do, keeps time for them, and
//! writes down what must outlive the process in `__consumer_offsets`.

mod deadlines;
mod offsets;
mod records;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tracing::debug;
use wire::ErrorCode;

use crate::groups::Millis;
use crate::groups::classic::{Claim, Effect, Group, Join, Joined, Limits, State, Sync, Synced, Ticket};

use deadlines::Deadlines;
pub(crate) use offsets::{Committed, OffsetChange};
pub(crate) use records::{Loaded, Stored, key_partition, load as load_record};

/// Where a committed offset belongs.
pub(crate) type TopicPartition = (String, i32);

/// Writes records of groups; the broker appends them to `__consumer_offsets`.
pub(crate) trait Journal: Send + std::marker::Sync {
    fn write(&self, group: &str, records: &[Stored]) -> Result<(), ErrorCode>;
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
    pub(crate) group: Group,
    pub(crate) offsets: BTreeMap<TopicPartition, Committed>,
    joining: HashMap<Ticket, oneshot::Sender<Joined>>,
    syncing: HashMap<Ticket, oneshot::Sender<Synced>>,
    next_ticket: Ticket,
    /// The soonest entry of this group in the queue of deadlines.
    queued: Option<Millis>,
}

impl Cell {
    fn new(id: &str, now: Millis, limits: Limits) -> Self {
        Self {
            id: id.to_owned(),
            group: Group::new(now, limits),
            offsets: BTreeMap::new(),
            joining: HashMap::new(),
            syncing: HashMap::new(),
            next_ticket: 0,
            queued: None,
        }
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

    /// Every group, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Mutex<Cell>>> {
        let mut all: Vec<(String, Arc<Mutex<Cell>>)> =
            self.groups.lock().iter().map(|(id, cell)| (id.clone(), Arc::clone(cell))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.into_iter().map(|(_, cell)| cell).collect()
    }

    /// JoinGroup. The answer may be there at once.
    pub(crate) fn join(
        &self,
        journal: &impl Journal,
        group_id: &str,
        join: Join,
    ) -> oneshot::Receiver<Joined> {
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
        let cell = self.get_or_new(group_id);
        let mut cell = cell.lock();
        let ticket = cell.ticket();
        cell.joining.insert(ticket, sender);
        let effects = cell.group.join(self.now(), ticket, join);
        self.act(journal, &mut cell, effects);
        receiver
    }

    /// SyncGroup. The answer may be there at once.
    pub(crate) fn sync(
        &self,
        journal: &impl Journal,
        group_id: &str,
        sync: Sync,
    ) -> oneshot::Receiver<Synced> {
        let (sender, receiver) = oneshot::channel();
        let Some(cell) = self.get(group_id) else {
            let _ = sender.send(Synced::error(ErrorCode::UnknownMemberId));
            return receiver;
        };
        let mut cell = cell.lock();
        let ticket = cell.ticket();
        cell.syncing.insert(ticket, sender);
        let effects = cell.group.sync(self.now(), ticket, sync);
        self.act(journal, &mut cell, effects);
        receiver
    }

    /// Heartbeat.
    pub(crate) fn heartbeat(&self, group_id: &str, claim: Claim<'_>) -> ErrorCode {
        match self.get(group_id) {
            Some(cell) => cell.lock().group.heartbeat(self.now(), claim),
            None => ErrorCode::UnknownMemberId,
        }
    }

    /// LeaveGroup of one member.
    pub(crate) fn leave(
        &self,
        journal: &impl Journal,
        group_id: &str,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> ErrorCode {
        let Some(cell) = self.get(group_id) else { return ErrorCode::UnknownMemberId };
        let mut cell = cell.lock();
        let (error, effects) = cell.group.leave(self.now(), member_id, instance_id);
        self.act(journal, &mut cell, effects);
        error
    }

    /// Lets time pass for the groups that wait for it; returns how long nothing will happen by itself.
    pub(crate) fn tick(&self, journal: &impl Journal) -> Option<Duration> {
        let now = self.now();
        while let Some((at, id)) = self.deadlines.pop(now) {
            let Some(cell) = self.get(&id) else { continue };
            let mut cell = cell.lock();
            // A sooner entry was queued after this one, and took its place.
            if cell.queued != Some(at) {
                continue;
            }
            cell.queued = None;
            let due = cell.group.next_deadline().is_some_and(|deadline| deadline <= now);
            let effects = if due { cell.group.tick(now) } else { Vec::new() };
            self.act(journal, &mut cell, effects);
        }
        let next = self.deadlines.next()?;
        Some(Duration::from_millis(u64::try_from(next - now).unwrap_or(0).max(1)))
    }

    /// Carries out what a step asks for.
    fn act(&self, journal: &impl Journal, cell: &mut MutexGuard<'_, Cell>, effects: Vec<Effect>) {
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
                    let record = Stored::group(&cell.id, &cell.group);
                    // Membership is rebuilt by the members themselves; a failed write is in the log already.
                    let _ = journal.write(&cell.id, &[record]);
                }
            }
        }
        self.queue(cell);
    }

    /// Tells the timer if the group's deadline came nearer.
    fn queue(&self, cell: &mut Cell) {
        let Some(deadline) = cell.group.next_deadline() else { return };
        if cell.queued.is_none_or(|queued| deadline < queued) {
            cell.queued = Some(deadline);
            if self.deadlines.push(deadline, &cell.id) {
                self.sooner.notify_one();
            }
        }
    }

    /// DeleteGroups of one group.
    pub(crate) fn delete(&self, journal: &impl Journal, group_id: &str) -> ErrorCode {
        let Some(cell) = self.get(group_id) else { return ErrorCode::GroupIdNotFound };
        let mut cell = cell.lock();
        let error = cell.group.delete(self.now());
        if error != ErrorCode::None {
            return error;
        }
        if let Err(error) = self.bury(journal, &mut cell) {
            return error;
        }
        drop(cell);
        self.groups.lock().remove(group_id);
        ErrorCode::None
    }

    fn bury(&self, journal: &impl Journal, cell: &mut Cell) -> Result<(), ErrorCode> {
        let mut records: Vec<Stored> = std::mem::take(&mut cell.offsets)
            .into_keys()
            .map(|(topic, partition)| Stored::no_offset(&cell.id, &topic, partition))
            .collect();
        records.push(Stored::no_group(&cell.id));
        journal.write(&cell.id, &records)
    }

    /// Takes in one record of `__consumer_offsets` at start.
    pub(crate) fn load(&self, loaded: Loaded) {
        match loaded {
            Loaded::Offset { group, topic, partition, committed: Some(committed) } => {
                self.get_or_new(&group).lock().offsets.insert((topic, partition), committed);
            }
            Loaded::Offset { group, topic, partition, committed: None } => {
                if let Some(cell) = self.get(&group) {
                    cell.lock().offsets.remove(&(topic, partition));
                }
            }
            Loaded::Group { group, value: Some(value) } => {
                let cell = self.get_or_new(&group);
                let mut cell = cell.lock();
                cell.group = records::restore(self.now(), self.limits.groups, value);
                self.queue(&mut cell);
            }
            Loaded::Group { group, value: None } => {
                let mut groups = self.groups.lock();
                let gone = groups.get(&group).is_some_and(|cell| cell.lock().offsets.is_empty());
                if gone {
                    groups.remove(&group);
                }
            }
            Loaded::Other => {}
        }
    }

    /// Forgets offsets nobody has used for `offsets.retention.minutes`, and groups without any.
    pub(crate) fn expire(&self, journal: &impl Journal, now_ms: i64) {
        for cell in self.all() {
            let mut cell = cell.lock();
            if cell.group.state() != State::Empty {
                continue;
            }
            let retention_ms = self.limits.retention_ms;
            let empty_for = self.now() - cell.group.state_since();
            let old: Vec<TopicPartition> = cell
                .offsets
                .iter()
                .filter(|(_, committed)| {
                    // A group with members counts from its end, one that only commits from its commits.
                    let since_commit = now_ms.saturating_sub(committed.timestamp);
                    let had_members = cell.group.protocol_type().is_some();
                    since_commit >= retention_ms && (!had_members || empty_for >= retention_ms)
                })
                .map(|(key, _)| key.clone())
                .collect();
            if old.is_empty() {
                continue;
            }
            let mut records: Vec<Stored> =
                old.iter().map(|(topic, partition)| Stored::no_offset(&cell.id, topic, *partition)).collect();
            for key in &old {
                cell.offsets.remove(key);
            }
            let gone = cell.offsets.is_empty();
            if gone {
                records.push(Stored::no_group(&cell.id));
                cell.group.delete(self.now());
            }
            let _ = journal.write(&cell.id, &records);
            let id = cell.id.clone();
            drop(cell);
            if gone {
                self.groups.lock().remove(&id);
            }
        }
    }
}
