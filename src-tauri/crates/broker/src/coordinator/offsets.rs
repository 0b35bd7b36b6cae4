//! Committed offsets: commit, fetch, delete.

use std::collections::BTreeMap;

use wire::{ErrorCode, Uuid};

use super::membership::Membership;
use super::{Coordinator, Host, Journal, Stored, TopicPartition};
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

/// The first version of OffsetCommit that a member of a consumer group may speak.
const BY_EPOCH: i16 = 9;

/// One offset of an OffsetCommit, with whether its partition exists.
#[derive(Debug, Clone)]
pub(crate) struct OffsetChange {
    pub(crate) at: TopicPartition,
    pub(crate) committed: Committed,
    pub(crate) exists: bool,
    /// Zero if the topic does not exist.
    pub(crate) topic_id: Uuid,
}

impl Coordinator {
    /// OffsetCommit at a version: one code per change, in their order.
    pub(crate) fn commit(
        &self,
        journal: &impl Journal,
        group_id: &str,
        claim: Claim<'_>,
        version: i16,
        changes: Vec<OffsetChange>,
    ) -> Vec<ErrorCode> {
        // Whether there is such a partition is looked at before the group is.
        let refused = |refusal: ErrorCode| {
            let code = |change: &OffsetChange| match change.exists {
                true => refusal,
                false => ErrorCode::UnknownTopicOrPartition,
            };
            changes.iter().map(code).collect()
        };
        if changes.iter().all(|change| !change.exists) {
            return refused(ErrorCode::None);
        }
        let cell = match self.get(group_id) {
            Some(cell) => cell,
            // Without members: a client that assigns itself its partitions.
            None if claim.generation < 0 => self.get_or_new(group_id),
            None if version >= BY_EPOCH => return refused(ErrorCode::GroupIdNotFound),
            None => return refused(ErrorCode::IllegalGeneration),
        };
        let mut cell = cell.lock();
        cell.kept = true;
        let refusal = cell.membership.check_commit(self.now(), claim, version >= BY_EPOCH);
        if refusal != ErrorCode::None {
            return refused(refusal);
        }
        let mut codes: Vec<ErrorCode> = changes
            .iter()
            .map(|change| {
                if !change.exists {
                    ErrorCode::UnknownTopicOrPartition
                } else if change.committed.metadata.len() > self.limits.metadata_bytes_max {
                    ErrorCode::OffsetMetadataTooLarge
                } else {
                    let topic = (change.at.0.as_str(), change.topic_id);
                    cell.membership.check_commit_of(claim, topic, change.at.1)
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

    /// Whether a transaction may commit these offsets of a group for whoever claims so; a group that is not there
    /// yet is made.
    pub(crate) fn check_transactional(
        &self,
        host: &impl Host,
        group_id: &str,
        claim: Claim<'_>,
        partitions: impl Iterator<Item = TopicPartition>,
    ) -> Result<(), ErrorCode> {
        let cell = match self.get(group_id) {
            Some(cell) => cell,
            None if claim.generation < 0 => self.get_or_new(group_id),
            None => return Err(ErrorCode::IllegalGeneration),
        };
        let mut cell = cell.lock();
        cell.kept = true;
        if let Membership::Classic(group) = &cell.membership {
            return group.check_transactional_commit(claim);
        }
        let anonymous = claim.generation < 0 && claim.member_id.is_empty() && claim.instance_id.is_none();
        if anonymous {
            return Ok(());
        }
        let checked = match cell.membership.check_commit(self.now(), claim, true) {
            ErrorCode::None => partitions
                .map(|(topic, index)| {
                    let id = host.catalog().topic(&topic).map_or(Uuid::ZERO, |topic| topic.id);
                    cell.membership.check_commit_of(claim, (&topic, id), index)
                })
                .find(|code| *code != ErrorCode::None)
                .unwrap_or(ErrorCode::None),
            refusal => refusal,
        };
        match checked {
            ErrorCode::None => Ok(()),
            // Producers know of generations alone.
            ErrorCode::StaleMemberEpoch => Err(ErrorCode::IllegalGeneration),
            refusal => Err(refusal),
        }
    }

    /// The longest note beside an offset, in bytes.
    pub(crate) fn metadata_bytes_max(&self) -> usize {
        self.limits.metadata_bytes_max
    }

    /// Takes in offsets whose transaction is committed.
    pub(crate) fn apply_committed(&self, group_id: &str, offsets: BTreeMap<TopicPartition, Committed>) {
        let cell = self.get_or_new(group_id);
        let mut cell = cell.lock();
        cell.kept = true;
        cell.offsets.extend(offsets);
    }

    /// Whether an OffsetFetch may be answered to whoever says that it is a member.
    pub(crate) fn check_fetch(&self, group_id: &str, member_id: Option<&str>, epoch: i32) -> ErrorCode {
        let Some(cell) = self.get(group_id) else { return ErrorCode::None };
        let cell = cell.lock();
        cell.membership.check_fetch(member_id, epoch)
    }

    /// Everything a group has committed.
    pub(crate) fn committed(&self, group_id: &str) -> BTreeMap<TopicPartition, Committed> {
        self.get(group_id).map(|cell| cell.lock().offsets.clone()).unwrap_or_default()
    }

    /// What a group has committed for one partition.
    pub(crate) fn committed_at(&self, group_id: &str, at: &TopicPartition) -> Option<Committed> {
        self.get(group_id)?.lock().offsets.get(at).cloned()
    }

    /// OffsetDelete: one code per partition. `pending`: whether a transaction is committing an offset for it, which
    /// is written down as gone too. `subscribes` reads a member's subscription.
    pub(crate) fn delete_offsets(
        &self,
        journal: &impl Journal,
        group_id: &str,
        partitions: &[TopicPartition],
        pending: impl Fn(&TopicPartition) -> bool,
        subscribes: impl Fn(&bytes::Bytes, &str) -> bool,
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        let cell = self.get(group_id).ok_or(ErrorCode::GroupIdNotFound)?;
        let mut cell = cell.lock();
        if let Membership::Classic(group) = &cell.membership {
            match group.state() {
                State::Dead => return Err(ErrorCode::GroupIdNotFound),
                State::Empty => {}
                State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                    if group.protocol_type() != Some("consumer") {
                        return Err(ErrorCode::NonEmptyGroup);
                    }
                }
            }
        }
        let mut codes = Vec::with_capacity(partitions.len());
        let mut records = Vec::new();
        for at in partitions {
            let (topic, partition) = at;
            let used = match &cell.membership {
                Membership::Classic(group) => {
                    group.is_subscribed(|subscription| subscribes(subscription, topic))
                }
                Membership::Consumer(group) => group.is_subscribed(topic),
                Membership::Streams(group) => group.is_subscribed(topic),
            };
            if used {
                codes.push(ErrorCode::GroupSubscribedToTopic);
                continue;
            }
            if cell.offsets.remove(at).is_some() || pending(at) {
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
