//! Runs share groups' membership: heartbeats in, records to `__consumer_offsets`, time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tracing::{debug, info};
use wire::ErrorCode;

use super::deadlines::Due;
use super::group::{Beat, Beaten, Effect, LEAVE, Refused, ShareGroup, TopicNow};
use super::group_records;
use super::state_records::{self, ShareKey};
use crate::Broker;
use crate::coordinator::Journal;
use crate::groups::{Catalog, Millis, topic_hash};

impl Broker {
    /// ShareGroupHeartbeat.
    pub(crate) fn share_heartbeat(&self, group_id: &str, beat: Beat) -> Result<Beaten, Refused> {
        let refuse = |code, message| Err(Refused { code, message });
        if self.coordinator().get(group_id).is_some() {
            let message = format!("Group {group_id} is not a share group.");
            return refuse(ErrorCode::GroupIdNotFound, message);
        }
        let group = match self.shares().group(group_id) {
            Some(group) => group,
            None if beat.member_epoch == 0 => self.shares().group_or_new(group_id),
            None => {
                let share = if beat.member_epoch == LEAVE { "Group" } else { "Share group" };
                return refuse(ErrorCode::GroupIdNotFound, format!("{share} {group_id} not found."));
            }
        };
        let mut group = group.lock();
        let topic = |name: &str| self.topic_now(name);
        let (beaten, effects) = if beat.member_epoch == LEAVE {
            let effects = group.leave(group_id, &beat.member_id, topic)?;
            debug!(group = group_id, member = %beat.member_id, "member left");
            (Beaten { member_epoch: LEAVE, assignment: None }, effects)
        } else {
            let limits = self.share_settings(group_id).members;
            group.beat(self.coordinator().now(), limits, beat, topic)?
        };
        self.carry_out(group_id, &group, &effects);
        let due = group.next_deadline();
        drop(group);
        self.shares().note_deadline(Due::Group(group_id.to_owned()), due);
        Ok(beaten)
    }

    fn topic_now(&self, name: &str) -> Option<TopicNow> {
        let topic = self.topics().get(name)?;
        let partitions = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
        let hash = topic_hash(topic.id, name, partitions, self.topics().rack());
        Some(TopicNow { id: topic.id, partitions, hash })
    }

    fn carry_out(&self, group_id: &str, group: &ShareGroup, effects: &[Effect]) {
        let mut fresh = Vec::new();
        for effect in effects {
            if let Effect::Initialize { topic, partitions, epoch } = effect {
                for partition in partitions {
                    let key = ShareKey { group: group_id.to_owned(), topic: *topic, partition: *partition };
                    let shared = self.shares().partition_or_new(&key, *epoch);
                    if shared.lock().snapshot_at.is_none() {
                        fresh.push(shared);
                    }
                }
            }
        }
        let now_ms = self.now_ms();
        let records: Vec<_> = fresh
            .iter()
            .map(|shared| {
                let standing = shared.lock().snapshot(None);
                (&shared.key, state_records::snapshot(&shared.key, &standing, now_ms))
            })
            .collect();
        // A failure is in the log already; what was not written now is written with the first change.
        if !records.is_empty()
            && let Ok(places) = self.write_share_states(&records)
        {
            for (shared, place) in fresh.iter().zip(places) {
                let mut cell = shared.lock();
                cell.snapshot_at = cell.snapshot_at.or(Some(place));
            }
        }
        let records = group_records::records(group_id, group, effects, now_ms);
        if !records.is_empty() {
            // Members come back by themselves if this is lost.
            let _ = self.write(group_id, &records);
        }
    }

    /// Lets time pass for share groups and their records; returns how long nothing will happen by itself.
    pub(crate) fn tick_shares(&self) -> Option<Duration> {
        let now = self.coordinator().now();
        let due = self.shares().deadlines.lock().pop(now);
        for due in due {
            match due {
                Due::Group(id) => self.tick_share_group(&id, now),
                Due::Partition(key) => self.expire_locks(&key, now),
            }
        }
        let next = self.shares().deadlines.lock().next()?;
        Some(Duration::from_millis(u64::try_from(next - now).unwrap_or(0).max(1)))
    }

    fn tick_share_group(&self, id: &str, now: Millis) {
        let Some(group) = self.shares().group(id) else { return };
        let mut group = group.lock();
        let (late, effects) = group.tick(now, |name| self.topic_now(name));
        if !late.is_empty() {
            info!(group = id, members = ?late, "members not heard from for too long");
        }
        self.carry_out(id, &group, &effects);
        let due = group.next_deadline();
        drop(group);
        self.shares().note_deadline(Due::Group(id.to_owned()), due);
    }

    /// Takes over the groups read from `__consumer_offsets` at start.
    pub(crate) fn restore_share_groups(&self, groups: BTreeMap<String, ShareGroup>) {
        let now = self.coordinator().now();
        for (id, mut group) in groups {
            let session_ms = self.share_settings(&id).members.session_ms;
            for member in group.members.values_mut() {
                member.deadline = now + session_ms;
            }
            let due = group.next_deadline();
            self.shares().note_deadline(Due::Group(id.clone()), due);
            self.shares().groups.lock().insert(id, Arc::new(Mutex::new(group)));
        }
    }

    /// DeleteGroups of a share group; none if there is none by this name.
    pub(crate) fn delete_share_group(&self, id: &str) -> Option<ErrorCode> {
        let shared = self.shares().group(id)?;
        let group = shared.lock();
        if !group.members.is_empty() {
            return Some(ErrorCode::NonEmptyGroup);
        }
        let keys: Vec<ShareKey> = self.share_keys(id);
        let done = self.drop_share_states(&keys).and_then(|()| self.write(id, &group_records::bury(id)));
        if let Err(error) = done {
            return Some(error);
        }
        self.shares().groups.lock().remove(id);
        Some(ErrorCode::None)
    }

    /// A share group to move, made if nothing has its name; it stays only if it `stands` somewhere then.
    pub(crate) fn share_group_to_alter(
        &self,
        id: &str,
        stands: bool,
    ) -> Result<Arc<Mutex<ShareGroup>>, ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        if self.coordinator().get(id).is_some() {
            return Err(ErrorCode::GroupIdNotFound);
        }
        Ok(match stands {
            true => self.shares().group_or_new(id),
            false => self.shares().group(id).unwrap_or_default(),
        })
    }

    /// The share partitions of a group that have a state.
    pub(super) fn share_keys(&self, group: &str) -> Vec<ShareKey> {
        let all = self.shares().all_partitions();
        all.iter().filter(|shared| shared.key.group == group).map(|shared| shared.key.clone()).collect()
    }

    /// A topic is gone, and with it what groups had of it.
    pub(crate) fn forget_shared_topic(&self, topic: wire::Uuid) {
        let all = self.shares().all_partitions();
        let keys: Vec<ShareKey> =
            all.iter().filter(|shared| shared.key.topic == topic).map(|shared| shared.key.clone()).collect();
        // Its id never comes back: what stays unwritten is dead weight, not a danger.
        let _ = self.drop_share_states(&keys);
        for (id, group) in self.shares().groups() {
            let mut group = group.lock();
            if group.initialized.remove(&topic).is_some() {
                let _ = self.write(&id, &[group_records::state_partitions(&id, &group)]);
            }
        }
    }
}
