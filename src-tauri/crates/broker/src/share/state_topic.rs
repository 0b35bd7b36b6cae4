//! Share partitions on disk: written to `__share_group_state`, read back at start.
//!
//! An update says only what changed, so the topic is not compacted: what newer snapshots replace is cut off at
//! its beginning, and snapshots that hold that up are written anew.

use std::collections::BTreeMap;

use tracing::{debug, info};
use wire::ErrorCode;
use wire::batch::{BatchBuilder, Offset};

use super::partition::{SharePartition, StateBatch};
use super::shared::{Cell, Shared, Told};
use super::state_records::{self, LoadedState, ShareKey};
use crate::Broker;
use crate::configs::Settings;
use crate::coordinator::{Stored, key_partition};
use crate::replay::{each_batch, each_record};
use crate::topic::SHARE_STATE_TOPIC;
use crate::topics::TopicPlan;

/// A snapshot this many records behind the end of its partition is written anew, so that what lies between can
/// be cut off.
const COLD_RECORDS: i64 = 10_000;

/// What `__share_group_state` is made with.
pub(crate) fn state_topic(settings: &Settings) -> TopicPlan {
    let configs = [
        ("cleanup.policy", "delete"),
        ("retention.ms", "-1"),
        ("segment.bytes", settings.text("share.coordinator.state.topic.segment.bytes")),
    ];
    TopicPlan {
        name: SHARE_STATE_TOPIC.to_owned(),
        partitions: i32::try_from(settings.number("share.coordinator.state.topic.num.partitions"))
            .unwrap_or(1),
        configs: configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

impl Broker {
    /// Writes records of share partitions; returns where each went.
    pub(super) fn write_share_states(
        &self,
        records: &[(&ShareKey, Stored)],
    ) -> Result<Vec<(usize, i64)>, ErrorCode> {
        let topic =
            self.topic_or_create(SHARE_STATE_TOPIC).map_err(|_| ErrorCode::CoordinatorNotAvailable)?;
        let partitions = topic.partitions();
        let mut by_partition: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, (key, _)) in records.iter().enumerate() {
            by_partition.entry(key_partition(&key.text(), partitions.len())).or_default().push(at);
        }
        let mut places = vec![(0, 0); records.len()];
        let now_ms = self.now_ms();
        for (index, members) in by_partition {
            let partition = partitions.get(index).ok_or(ErrorCode::CoordinatorNotAvailable)?;
            let mut batch = BatchBuilder::new();
            for (_, record) in members.iter().map(|at| &records[*at]) {
                batch = batch.record(now_ms, Some(&record.key), record.value.as_deref());
            }
            let mut bytes = batch.build().to_vec();
            let appended = partition
                .append_own(&mut bytes, now_ms)
                .and_then(|appended| partition.flush_if_due(&appended).map(|()| appended))
                .map_err(|_| ErrorCode::CoordinatorNotAvailable)?;
            self.count_in(&topic, members.len() as u64, bytes.len());
            for (at, delta) in members.into_iter().zip(0..) {
                places[at] = (index, appended.first_offset.0 + delta);
            }
        }
        Ok(places)
    }

    /// Makes `next` the state of a share partition, once `changes` are written down. Nothing happens on failure.
    pub(super) fn commit_share_state(
        &self,
        shared: &Shared,
        cell: &mut Cell,
        mut next: SharePartition,
        changes: Vec<StateBatch>,
    ) -> Result<(), ErrorCode> {
        if !changes.is_empty() {
            let per_snapshot =
                self.settings().number("share.coordinator.snapshot.update.records.per.snapshot");
            if cell.snapshot_at.is_none() || cell.updates >= per_snapshot {
                self.write_share_snapshot(shared, cell, Some(&next))?;
            } else {
                let record = state_records::update(&shared.key, &cell.update(&next, changes));
                self.write_share_states(&[(&shared.key, record)])?;
                cell.updates += 1;
            }
            cell.told = Some(Told::of(&next));
            next.advance();
        }
        cell.state = Some(next);
        Ok(())
    }

    /// Writes down everything about a share partition.
    pub(super) fn write_share_snapshot(
        &self,
        shared: &Shared,
        cell: &mut Cell,
        state: Option<&SharePartition>,
    ) -> Result<(), ErrorCode> {
        let standing = cell.snapshot(state);
        let record = state_records::snapshot(&shared.key, &standing, self.now_ms());
        let places = self.write_share_states(&[(&shared.key, record)])?;
        cell.snapshot_epoch = standing.snapshot_epoch;
        cell.snapshot_at = places.first().copied();
        cell.updates = 0;
        Ok(())
    }

    /// Reads `__share_group_state`.
    pub(crate) fn load_share_states(&self) {
        let Some(topic) = self.topics().get(SHARE_STATE_TOPIC) else { return };
        let mut records = 0u64;
        for partition in topic.partitions().iter() {
            let index = usize::try_from(partition.index).unwrap_or(0);
            each_batch(partition, |batch| {
                records += each_record(partition, batch, |record, offset| {
                    if let Some(loaded) = state_records::load(record.key, record.value) {
                        self.take_in_share_state(loaded, (index, offset.0));
                    }
                });
            });
        }
        info!(records, "share group state loaded");
    }

    fn take_in_share_state(&self, loaded: LoadedState, place: (usize, i64)) {
        match loaded {
            LoadedState::Snapshot(key, standing) => {
                let shared = self.shares().partition_or_new(&key, standing.state_epoch);
                let mut cell = shared.lock();
                cell.state_epoch = standing.state_epoch;
                cell.snapshot_epoch = standing.snapshot_epoch;
                cell.snapshot_at = Some(place);
                cell.updates = 0;
                cell.state = (standing.start_offset >= 0).then(|| {
                    let mut state = SharePartition::new(standing.start_offset);
                    state.restore(standing.start_offset, &standing.batches);
                    state
                });
                cell.told = cell
                    .state
                    .as_ref()
                    .map(|_| Told { start: standing.start_offset, complete: standing.delivery_complete });
            }
            LoadedState::Update { key, snapshot_epoch, start_offset, delivery_complete, batches } => {
                // Without its snapshot it says too little.
                let Some(shared) = self.shares().partition(&key) else { return };
                let mut cell = shared.lock();
                if cell.snapshot_epoch != snapshot_epoch || start_offset < 0 {
                    return;
                }
                cell.updates += 1;
                let state = cell.state.get_or_insert_with(|| SharePartition::new(start_offset));
                state.restore(start_offset, &batches);
                cell.told = Some(Told { start: start_offset, complete: delivery_complete });
            }
            LoadedState::Gone(key) => {
                self.shares().partitions.lock().remove(&key);
            }
        }
    }

    /// Forgets share partitions, on disk too.
    pub(super) fn drop_share_states(&self, keys: &[ShareKey]) -> Result<(), ErrorCode> {
        let shared: Vec<_> = keys.iter().filter_map(|key| self.shares().partition(key)).collect();
        if shared.is_empty() {
            return Ok(());
        }
        let records: Vec<_> =
            shared.iter().map(|shared| (&shared.key, state_records::gone(&shared.key))).collect();
        self.write_share_states(&records)?;
        for shared in &shared {
            self.shares().partitions.lock().remove(&shared.key);
            shared.lock().gone = true;
            shared.wake();
        }
        Ok(())
    }

    /// Cuts off what newer snapshots replace.
    pub(crate) fn prune_share_states(&self) {
        let Some(topic) = self.topics().get(SHARE_STATE_TOPIC) else { return };
        let partitions = topic.partitions();
        let mut needed: Vec<i64> = partitions.iter().map(|partition| partition.log.end_offset().0).collect();
        for shared in self.shares().all_partitions() {
            let mut cell = shared.lock();
            let Some((index, at)) = cell.snapshot_at else { continue };
            let Some(partition) = partitions.get(index) else { continue };
            if partition.log.end_offset().0 - at > COLD_RECORDS {
                let state = cell.state.clone();
                // Failed: the old one is still good, and needed.
                let _ = self.write_share_snapshot(&shared, &mut cell, state.as_ref());
            }
            let at = cell.snapshot_at.map_or(at, |(_, at)| at);
            needed[index] = needed[index].min(at);
        }
        for (partition, needed) in partitions.iter().zip(needed) {
            if needed > partition.log.start_offset().0 {
                let cut = partition.delete_records_before(Offset(needed), self.now_ms());
                debug!(partition = partition.index, needed, ?cut, "share group state pruned");
            }
        }
    }
}
