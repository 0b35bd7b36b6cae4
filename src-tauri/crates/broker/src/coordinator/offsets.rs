//! Committed offsets: commit, fetch, delete.

use std::collections::BTreeMap;

use wire::ErrorCode;

use super::{Coordinator, Journal, Stored, TopicPartition};
use crate::groups::classic::{Claim, State};

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
    /// When it was committed, by the clock.
    pub(crate) timestamp: i64,
}

/// One offset of an OffsetCommit, with whether its partition exists.
#[derive(Debug, Clone)]
pub(crate) struct OffsetChange {
    pub(crate) at: TopicPartition,
    pub(crate) committed: Committed,
    pub(crate) exists: bool,
}

impl Coordinator {
    /// OffsetCommit: one code per change, in their order.
    pub(crate) fn commit(
        &self,
        journal: &impl Journal,
        group_id: &str,
        claim: Claim<'_>,
        changes: Vec<OffsetChange>,
    ) -> Vec<ErrorCode> {
        let cell = match self.get(group_id) {
            Some(cell) => cell,
            // Without members: a client that assigns itself its partitions.
            None if claim.generation < 0 => self.get_or_new(group_id),
            None => return vec![ErrorCode::IllegalGeneration; changes.len()],
        };
        let mut cell = cell.lock();
        let refusal = cell.group.check_commit(self.now(), claim);
        if refusal != ErrorCode::None {
            return vec![refusal; changes.len()];
        }
        let mut codes: Vec<ErrorCode> = changes
            .iter()
            .map(|change| {
                if !change.exists {
                    ErrorCode::UnknownTopicOrPartition
                } else if change.committed.metadata.len() > self.limits.metadata_bytes_max {
                    ErrorCode::OffsetMetadataTooLarge
                } else {
                    ErrorCode::None
                }
            })
            .collect();
        let accepted = || {
            changes.iter().zip(&codes).filter(|(_, code)| **code == ErrorCode::None).map(|(change, _)| change)
        };
        let records: Vec<Stored> = accepted()
            .map(|change| Stored::offset(group_id, &change.at.0, change.at.1, &change.committed))
            .collect();
        if records.is_empty() {
            return codes;
        }
        if let Err(error) = journal.write(group_id, &records) {
            for code in codes.iter_mut().filter(|code| **code == ErrorCode::None) {
                *code = error;
            }
            return codes;
        }
        let accepted: Vec<OffsetChange> = accepted().cloned().collect();
        for change in accepted {
            cell.offsets.insert(change.at, change.committed);
        }
        codes
    }

    /// Whether a transaction may commit offsets of a group for whoever claims so; a group that is not there yet is
    /// made.
    pub(crate) fn check_transactional(&self, group_id: &str, claim: Claim<'_>) -> Result<(), ErrorCode> {
        let cell = match self.get(group_id) {
            Some(cell) => cell,
            None if claim.generation < 0 => self.get_or_new(group_id),
            None => return Err(ErrorCode::IllegalGeneration),
        };
        let cell = cell.lock();
        cell.group.check_transactional_commit(claim)
    }

    /// The longest note beside an offset, in bytes.
    pub(crate) fn metadata_bytes_max(&self) -> usize {
        self.limits.metadata_bytes_max
    }

    /// Takes in offsets whose transaction is committed.
    pub(crate) fn apply_committed(&self, group_id: &str, offsets: BTreeMap<TopicPartition, Committed>) {
        self.get_or_new(group_id).lock().offsets.extend(offsets);
    }

    /// Everything a group has committed.
    pub(crate) fn committed(&self, group_id: &str) -> BTreeMap<TopicPartition, Committed> {
        self.get(group_id).map(|cell| cell.lock().offsets.clone()).unwrap_or_default()
    }

    /// What a group has committed for one partition.
    pub(crate) fn committed_at(&self, group_id: &str, at: &TopicPartition) -> Option<Committed> {
        self.get(group_id)?.lock().offsets.get(at).cloned()
    }

    /// OffsetDelete: one code per partition. `subscribes` reads a member's subscription.
    pub(crate) fn delete_offsets(
        &self,
        journal: &impl Journal,
        group_id: &str,
        partitions: &[TopicPartition],
        subscribes: impl Fn(&bytes::Bytes, &str) -> bool,
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        let cell = self.get(group_id).ok_or(ErrorCode::GroupIdNotFound)?;
        let mut cell = cell.lock();
        match cell.group.state() {
            State::Dead => return Err(ErrorCode::GroupIdNotFound),
            State::Empty => {}
            State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                if cell.group.protocol_type() != Some("consumer") {
                    return Err(ErrorCode::NonEmptyGroup);
                }
            }
        }
        let mut codes = Vec::with_capacity(partitions.len());
        let mut records = Vec::new();
        for (topic, partition) in partitions {
            let used = cell.group.is_subscribed(|subscription| subscribes(subscription, topic));
            if used {
                codes.push(ErrorCode::GroupSubscribedToTopic);
                continue;
            }
            if cell.offsets.remove(&(topic.clone(), *partition)).is_some() {
                records.push(Stored::no_offset(group_id, topic, *partition));
            }
            codes.push(ErrorCode::None);
        }
        if !records.is_empty() {
            journal.write(group_id, &records)?;
        }
        Ok(codes)
    }

    /// Forgets every offset of a topic that is gone.
    pub(crate) fn forget_topic(&self, journal: &impl Journal, topic: &str) {
        for cell in self.all() {
            let mut cell = cell.lock();
            let gone: Vec<TopicPartition> =
                cell.offsets.keys().filter(|(name, _)| name == topic).cloned().collect();
            if gone.is_empty() {
                continue;
            }
            let records: Vec<Stored> =
                gone.iter().map(|(name, index)| Stored::no_offset(&cell.id, name, *index)).collect();
            for key in &gone {
                cell.offsets.remove(key);
            }
            let _ = journal.write(&cell.id, &records);
        }
    }
}
