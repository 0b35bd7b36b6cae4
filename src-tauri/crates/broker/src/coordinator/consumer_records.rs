//! Records of consumer groups in Kafka's formats: written from the group, read back as [`Replayed`].

use wire::codec::Reader;
use wire::messages::consumer_group_records::{
    ClassicMemberMetadata, ClassicProtocol, ConsumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue, TopicPartition,
    TopicPartitions,
};

use super::coded::{Stored, latest, read, read_key};
use crate::groups::MemberState;
use crate::groups::classic::Protocol;
use crate::groups::consumer::{
    Change, ClassicPart, Current, Described, Group, Held, Member, Replayed, Resolved,
};

/// Types of records: the versions of their keys.
const EPOCH: i16 = 3;
const MEMBER: i16 = 5;
const TARGET_EPOCH: i16 = 6;
const TARGET: i16 = 7;
const CURRENT: i16 = 8;
const REGEX: i16 = 16;

/// The records of some changes; of what changed twice, the last.
pub(super) fn stored(id: &str, group: &Group, changes: Vec<Change>) -> Vec<Stored> {
    latest(&changes).into_iter().map(|change| record(id, group, change)).collect()
}

fn record(id: &str, group: &Group, change: &Change) -> Stored {
    let group_id = id.to_owned();
    match change {
        Change::Epoch => {
            let value =
                ConsumerGroupMetadataValue { epoch: group.epoch(), metadata_hash: group.metadata_hash() };
            Stored::of_kind(EPOCH, &ConsumerGroupMetadataKey { group_id }, Some(value))
        }
        Change::TargetEpoch => {
            let value = ConsumerGroupTargetAssignmentMetadataValue {
                assignment_epoch: group.target_epoch(),
                assignment_timestamp: group.target_at_ms(),
            };
            Stored::of_kind(TARGET_EPOCH, &ConsumerGroupTargetAssignmentMetadataKey { group_id }, Some(value))
        }
        Change::Member(member_id) => {
            let key = ConsumerGroupMemberMetadataKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(MEMBER, &key, group.member(member_id).map(member_value))
        }
        Change::Target(member_id) => {
            let key = ConsumerGroupTargetAssignmentMemberKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(TARGET, &key, group.member(member_id).map(target_value))
        }
        Change::Current(member_id) => {
            let key = ConsumerGroupCurrentMemberAssignmentKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(CURRENT, &key, group.member(member_id).map(current_value))
        }
        Change::Regex(expression) => {
            let key = ConsumerGroupRegularExpressionKey { group_id, regular_expression: expression.clone() };
            let value = group.regexes().get(expression).map(|resolved| ConsumerGroupRegularExpressionValue {
                topics: resolved.topics.iter().cloned().collect(),
                version: resolved.version,
                timestamp: resolved.at_ms,
            });
            Stored::of_kind(REGEX, &key, value)
        }
    }
}

/// What ends every record of the group.
pub(super) fn tombstones(id: &str, group: &Group) -> Vec<Stored> {
    let ids = || group.members().map(|member| member.id.clone());
    let everything = ids().map(Change::Current).chain(ids().map(Change::Target));
    let everything = everything.chain([Change::TargetEpoch]).chain(ids().map(Change::Member));
    let everything = everything.chain(group.regexes().keys().cloned().map(Change::Regex));
    let everything = everything.chain([Change::Epoch]);
    everything.map(|change| Stored { value: None, ..record(id, group, &change) }).collect()
}

fn member_value(member: &Member) -> ConsumerGroupMemberMetadataValue {
    ConsumerGroupMemberMetadataValue {
        instance_id: member.instance_id.clone(),
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.names.iter().cloned().collect(),
        subscribed_topic_regex: member.regex.clone(),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        server_assignor: member.assignor.clone(),
        classic_member_metadata: member.classic.as_ref().map(|part| ClassicMemberMetadata {
            session_timeout_ms: part.session_timeout_ms,
            supported_protocols: part
                .protocols
                .iter()
                .map(|known| ClassicProtocol { name: known.name.clone(), metadata: known.metadata.clone() })
                .collect(),
        }),
    }
}

fn target_value(member: &Member) -> ConsumerGroupTargetAssignmentMemberValue {
    let topics = member.target().into_iter().map(|(topic_id, partitions)| TopicPartition {
        topic_id,
        partitions: partitions.into_iter().collect(),
    });
    ConsumerGroupTargetAssignmentMemberValue { topic_partitions: topics.collect() }
}

fn current_value(member: &Member) -> ConsumerGroupCurrentMemberAssignmentValue {
    let partitions = |held: &Held| {
        held.iter()
            .map(|(topic_id, held)| TopicPartitions {
                topic_id: *topic_id,
                partitions: held.keys().copied().collect(),
                assignment_epochs: Some(held.values().copied().collect()),
            })
            .collect()
    };
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: member.epoch,
        previous_member_epoch: member.previous_epoch,
        state: member.state as i8,
        assigned_partitions: partitions(&member.assigned),
        partitions_pending_revocation: partitions(&member.revoking),
    }
}

/// Reads a record whose key is of type `kind`: the group and what it says. None: no record of a consumer group.
pub(super) fn load(
    kind: i16,
    key: &mut Reader<'_>,
    value: Option<(i16, &[u8])>,
) -> Option<(String, Replayed)> {
    match kind {
        EPOCH => {
            let key: ConsumerGroupMetadataKey = read_key(key)?;
            let value = read::<ConsumerGroupMetadataValue>(value)?;
            Some((key.group_id, Replayed::Epoch(value.map(|value| (value.epoch, value.metadata_hash)))))
        }
        MEMBER => {
            let key: ConsumerGroupMemberMetadataKey = read_key(key)?;
            let value = read::<ConsumerGroupMemberMetadataValue>(value)?;
            Some((key.group_id, Replayed::Member(key.member_id, value.map(described))))
        }
        TARGET_EPOCH => {
            let key: ConsumerGroupTargetAssignmentMetadataKey = read_key(key)?;
            let value = read::<ConsumerGroupTargetAssignmentMetadataValue>(value)?;
            let value = value.map(|value| (value.assignment_epoch, value.assignment_timestamp));
            Some((key.group_id, Replayed::TargetEpoch(value)))
        }
        TARGET => {
            let key: ConsumerGroupTargetAssignmentMemberKey = read_key(key)?;
            let value = read::<ConsumerGroupTargetAssignmentMemberValue>(value)?;
            let target = value.map(|value| {
                let topics = value.topic_partitions.into_iter();
                topics.map(|topic| (topic.topic_id, topic.partitions.into_iter().collect())).collect()
            });
            Some((key.group_id, Replayed::Target(key.member_id, target)))
        }
        CURRENT => {
            let key: ConsumerGroupCurrentMemberAssignmentKey = read_key(key)?;
            let value = read::<ConsumerGroupCurrentMemberAssignmentValue>(value)?;
            Some((key.group_id, Replayed::Current(key.member_id, value.map(current))))
        }
        REGEX => {
            let key: ConsumerGroupRegularExpressionKey = read_key(key)?;
            let value = read::<ConsumerGroupRegularExpressionValue>(value)?;
            let resolved = value.map(|value| Resolved {
                topics: value.topics.into_iter().collect(),
                version: value.version,
                at_ms: value.timestamp,
            });
            Some((key.group_id, Replayed::Regex(key.regular_expression, resolved)))
        }
        _ => None,
    }
}

fn described(value: ConsumerGroupMemberMetadataValue) -> Box<Described> {
    Box::new(Described {
        instance_id: value.instance_id,
        rack_id: value.rack_id,
        client_id: value.client_id,
        client_host: value.client_host,
        names: value.subscribed_topic_names,
        regex: value.subscribed_topic_regex,
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        assignor: value.server_assignor,
        classic: value.classic_member_metadata.map(|part| {
            let protocols = part.supported_protocols.into_iter();
            ClassicPart::new(
                part.session_timeout_ms,
                protocols.map(|known| Protocol { name: known.name, metadata: known.metadata }).collect(),
            )
        }),
    })
}

fn current(value: ConsumerGroupCurrentMemberAssignmentValue) -> Current {
    let (epoch, state) = (value.member_epoch, MemberState::from_number(value.state));
    let held = |topics: Vec<TopicPartitions>| -> Held {
        let topics = topics.into_iter().map(|topic| {
            // Written by a Kafka before 4.3: a partition counts from the member's epoch on.
            let epochs = topic.assignment_epochs.unwrap_or_default();
            let epochs = epochs.into_iter().chain(std::iter::repeat(epoch));
            (topic.topic_id, topic.partitions.into_iter().zip(epochs).collect())
        });
        topics.collect()
    };
    Current {
        epoch,
        previous_epoch: value.previous_member_epoch,
        state: state.unwrap_or(MemberState::Unreleased),
        assigned: held(value.assigned_partitions),
        revoking: held(value.partitions_pending_revocation),
    }
}
