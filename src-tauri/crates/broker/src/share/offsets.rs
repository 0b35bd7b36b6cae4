//! Where share groups stand, and how an administrator moves them.

use wire::{ErrorCode, Uuid};

use super::partition::SharePartition;
use super::shared::Told;
use super::state_records::ShareKey;
use super::{ShareGroup, group_records};
use crate::Broker;
use crate::coordinator::Journal;
use crate::partition::Partition;

/// Where a group stands in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offset {
    /// −1: it has not begun to read.
    pub(crate) start: i64,
    /// Records still to be settled; −1 if it has not begun.
    pub(crate) lag: i64,
}

impl Broker {
    /// Where a group stands; none if it never had a state there.
    pub(crate) fn share_offset(&self, key: &ShareKey, log: &Partition) -> Option<Offset> {
        let shared = self.shares().partition(key)?;
        let told = shared.lock().told;
        let Some(told) = told else { return Some(Offset { start: -1, lag: -1 }) };
        let end = log.log.end_offset().0;
        Some(Offset { start: told.start, lag: end - told.start - told.complete })
    }

    /// Moves a group without members to offsets of a topic's partitions, each known to exist.
    pub(crate) fn alter_share_offsets(
        &self,
        id: &str,
        group: &mut ShareGroup,
        (topic, name): (Uuid, &str),
        offsets: &[(i32, i64)],
    ) -> Result<(), ErrorCode> {
        let (_, known) =
            group.initialized.entry(topic).or_insert_with(|| (name.to_owned(), Default::default()));
        known.extend(offsets.iter().map(|(partition, _)| *partition));
        self.write(id, &group_records::standing(id, group))?;
        for (partition, offset) in offsets {
            let key = ShareKey { group: id.to_owned(), topic, partition: *partition };
            let shared = self.shares().partition_or_new(&key, group.epoch);
            let mut cell = shared.lock();
            // −1: as if the group had never read.
            let state = (*offset >= 0).then(|| SharePartition::new(*offset));
            cell.state_epoch = group.epoch;
            self.write_share_snapshot(&shared, &mut cell, state.as_ref())?;
            cell.told = state.as_ref().map(Told::of);
            cell.state = state;
            drop(cell);
            shared.wake();
        }
        Ok(())
    }

    /// Forgets where a group without members stands in a topic. False: it stands nowhere there.
    pub(crate) fn delete_share_offsets(
        &self,
        id: &str,
        group: &mut ShareGroup,
        topic: Uuid,
    ) -> Result<bool, ErrorCode> {
        let Some((_, partitions)) = group.initialized.remove(&topic) else { return Ok(false) };
        let keys: Vec<ShareKey> = partitions
            .into_iter()
            .map(|partition| ShareKey { group: id.to_owned(), topic, partition })
            .collect();
        self.write(id, &[group_records::state_partitions(id, group)])?;
        self.drop_share_states(&keys)?;
        Ok(true)
    }
}
