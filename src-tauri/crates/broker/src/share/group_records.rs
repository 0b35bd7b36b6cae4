//! Share groups in `__consumer_offsets`, in Kafka's own formats (record types 10 to 15).

use std::collections::BTreeMap;

use bytes::Bytes;
use wire::codec::{self, Cx, Wire};
use wire::messages::share_group_records::{
    ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
    ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue, ShareGroupMetadataKey,
    ShareGroupMetadataValue, ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue,
    ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue, TopicPartition,
    TopicPartitions, TopicPartitionsInfo,
};

use super::assignor::Assignment;
use super::group::{Effect, ShareGroup, ShareMember};
use crate::coordinator::Stored;

const MEMBER: i16 = 10;
const GROUP: i16 = 11;
const TARGET_METADATA: i16 = 12;
const TARGET_MEMBER: i16 = 13;
const CURRENT: i16 = 14;
const STATE_PARTITIONS: i16 = 15;

/// The state of a member whose assignment is complete.
const STABLE: i8 = 0;

const KEY: Cx = Cx { version: 0, flexible: false };
const VALUE: Cx = Cx { version: 0, flexible: true };

/// A key: the record's type, then its body.
pub(super) fn key<T: Wire>(kind: i16, body: &T) -> Bytes {
    [&kind.to_be_bytes()[..], &codec::encode(body, KEY)].concat().into()
}

/// A value of version 0.
pub(super) fn value<T: Wire>(body: &T) -> Bytes {
    [&0i16.to_be_bytes()[..], &codec::encode(body, VALUE)].concat().into()
}

/// A value read, or none for a tombstone.
pub(super) fn read_value<T: Wire>(bytes: Option<&[u8]>) -> Option<Option<T>> {
    let Some(bytes) = bytes else { return Some(None) };
    codec::decode(bytes.get(2..)?, VALUE).ok().map(Some)
}

/// A key's type and body.
pub(super) fn split_key(key: &[u8]) -> Option<(i16, &[u8])> {
    let kind = i16::from_be_bytes(*key.first_chunk()?);
    Some((kind, &key[2..]))
}

/// Reads a key's body.
pub(super) fn read_key<T: Wire>(body: &[u8]) -> Option<T> {
    codec::decode(body, KEY).ok()
}

/// The records of a step. [`Effect::Initialize`] has its own place.
pub(crate) fn records(id: &str, group: &ShareGroup, effects: &[Effect], now_ms: i64) -> Vec<Stored> {
    let mut records = Vec::new();
    for effect in effects {
        match effect {
            Effect::Initialize { .. } => {}
            Effect::Group => records.push(metadata(id, group)),
            Effect::Initialized => records.push(state_partitions(id, group)),
            Effect::Member(member_id) => {
                records
                    .extend(group.members.get(member_id).map(|member| subscription(id, member_id, member)));
            }
            Effect::Current(member_id) => {
                records.extend(group.members.get(member_id).map(|member| current(id, member_id, member)));
            }
            Effect::Target => {
                records.extend(group.target.iter().map(|(member, target)| target_member(id, member, target)));
                records.push(target_metadata(id, group, now_ms));
            }
            Effect::Gone(member_id) => records.extend(gone(id, member_id)),
        }
    }
    records
}

/// Unwrites a group that has no members.
pub(crate) fn bury(id: &str) -> Vec<Stored> {
    let group_id = || id.to_owned();
    [
        key(TARGET_METADATA, &ShareGroupTargetAssignmentMetadataKey { group_id: group_id() }),
        key(STATE_PARTITIONS, &ShareGroupStatePartitionMetadataKey { group_id: group_id() }),
        key(GROUP, &ShareGroupMetadataKey { group_id: group_id() }),
    ]
    .map(|key| Stored { key, value: None })
    .into()
}

fn metadata(id: &str, group: &ShareGroup) -> Stored {
    let body = ShareGroupMetadataValue { epoch: group.epoch, metadata_hash: group.metadata_hash };
    Stored { key: key(GROUP, &ShareGroupMetadataKey { group_id: id.to_owned() }), value: Some(value(&body)) }
}

/// What there is of a group without members.
pub(crate) fn standing(id: &str, group: &ShareGroup) -> [Stored; 2] {
    [metadata(id, group), state_partitions(id, group)]
}

/// Which partitions have a state.
pub(crate) fn state_partitions(id: &str, group: &ShareGroup) -> Stored {
    let initialized = group.initialized.iter().map(|(topic_id, (name, partitions))| TopicPartitionsInfo {
        topic_id: *topic_id,
        topic_name: name.clone(),
        partitions: partitions.iter().copied().collect(),
    });
    let body = ShareGroupStatePartitionMetadataValue {
        initialized_topics: initialized.collect(),
        ..Default::default()
    };
    let key_body = ShareGroupStatePartitionMetadataKey { group_id: id.to_owned() };
    Stored { key: key(STATE_PARTITIONS, &key_body), value: Some(value(&body)) }
}

fn subscription(id: &str, member_id: &str, member: &ShareMember) -> Stored {
    let body = ShareGroupMemberMetadataValue {
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.topics.iter().cloned().collect(),
    };
    let key_body = ShareGroupMemberMetadataKey { group_id: id.to_owned(), member_id: member_id.to_owned() };
    Stored { key: key(MEMBER, &key_body), value: Some(value(&body)) }
}

fn current(id: &str, member_id: &str, member: &ShareMember) -> Stored {
    let assigned = member.assigned.iter().map(|(topic_id, partitions)| TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.iter().copied().collect(),
    });
    let body = ShareGroupCurrentMemberAssignmentValue {
        member_epoch: member.epoch,
        previous_member_epoch: member.previous_epoch,
        state: STABLE,
        assigned_partitions: assigned.collect(),
    };
    let key_body =
        ShareGroupCurrentMemberAssignmentKey { group_id: id.to_owned(), member_id: member_id.to_owned() };
    Stored { key: key(CURRENT, &key_body), value: Some(value(&body)) }
}

fn target_member(id: &str, member_id: &str, target: &Assignment) -> Stored {
    let partitions = target.iter().map(|(topic_id, partitions)| TopicPartition {
        topic_id: *topic_id,
        partitions: partitions.iter().copied().collect(),
    });
    let body = ShareGroupTargetAssignmentMemberValue { topic_partitions: partitions.collect() };
    let key_body =
        ShareGroupTargetAssignmentMemberKey { group_id: id.to_owned(), member_id: member_id.to_owned() };
    Stored { key: key(TARGET_MEMBER, &key_body), value: Some(value(&body)) }
}

fn target_metadata(id: &str, group: &ShareGroup, now_ms: i64) -> Stored {
    let body = ShareGroupTargetAssignmentMetadataValue {
        assignment_epoch: group.assignment_epoch,
        assignment_timestamp: now_ms,
    };
    let key_body = ShareGroupTargetAssignmentMetadataKey { group_id: id.to_owned() };
    Stored { key: key(TARGET_METADATA, &key_body), value: Some(value(&body)) }
}

fn gone(id: &str, member_id: &str) -> [Stored; 3] {
    let (group_id, member_id) = (id.to_owned(), member_id.to_owned());
    let current =
        ShareGroupCurrentMemberAssignmentKey { group_id: group_id.clone(), member_id: member_id.clone() };
    let target =
        ShareGroupTargetAssignmentMemberKey { group_id: group_id.clone(), member_id: member_id.clone() };
    let member = ShareGroupMemberMetadataKey { group_id, member_id };
    [key(CURRENT, &current), key(TARGET_MEMBER, &target), key(MEMBER, &member)]
        .map(|key| Stored { key, value: None })
}

/// Takes one record of `__consumer_offsets` in at start. False: it is not a share group's.
pub(crate) fn load(
    groups: &mut BTreeMap<String, ShareGroup>,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) -> bool {
    let Some((kind, body)) = key.and_then(split_key) else { return false };
    if !(MEMBER..=STATE_PARTITIONS).contains(&kind) {
        return false;
    }
    // What cannot be read is passed over: the rest is still good.
    let _ = take_in(groups, kind, body, value);
    true
}

fn take_in(
    groups: &mut BTreeMap<String, ShareGroup>,
    kind: i16,
    body: &[u8],
    value: Option<&[u8]>,
) -> Option<()> {
    match kind {
        GROUP => {
            let id = read_key::<ShareGroupMetadataKey>(body)?.group_id;
            match read_value::<ShareGroupMetadataValue>(value)? {
                Some(value) => {
                    let group = groups.entry(id).or_default();
                    group.epoch = value.epoch;
                    group.metadata_hash = value.metadata_hash;
                }
                None => {
                    groups.remove(&id);
                }
            }
        }
        STATE_PARTITIONS => {
            let id = read_key::<ShareGroupStatePartitionMetadataKey>(body)?.group_id;
            let value = read_value::<ShareGroupStatePartitionMetadataValue>(value)?;
            if let Some(value) = value {
                let initialized = value.initialized_topics.into_iter();
                groups.entry(id).or_default().initialized = initialized
                    .map(|topic| (topic.topic_id, (topic.topic_name, topic.partitions.into_iter().collect())))
                    .collect();
            }
        }
        TARGET_METADATA => {
            let id = read_key::<ShareGroupTargetAssignmentMetadataKey>(body)?.group_id;
            if let Some(value) = read_value::<ShareGroupTargetAssignmentMetadataValue>(value)? {
                groups.entry(id).or_default().assignment_epoch = value.assignment_epoch;
            }
        }
        MEMBER => {
            let key = read_key::<ShareGroupMemberMetadataKey>(body)?;
            match read_value::<ShareGroupMemberMetadataValue>(value)? {
                Some(value) => {
                    let group = groups.entry(key.group_id).or_default();
                    let member = group.members.entry(key.member_id).or_default();
                    member.rack_id = value.rack_id;
                    member.client_id = value.client_id;
                    member.client_host = value.client_host;
                    member.topics = value.subscribed_topic_names.into_iter().collect();
                }
                None => {
                    if let Some(group) = groups.get_mut(&key.group_id) {
                        group.members.remove(&key.member_id);
                        group.target.remove(&key.member_id);
                    }
                }
            }
        }
        TARGET_MEMBER => {
            let key = read_key::<ShareGroupTargetAssignmentMemberKey>(body)?;
            let value = read_value::<ShareGroupTargetAssignmentMemberValue>(value)?;
            if let Some(value) = value {
                let group = groups.entry(key.group_id).or_default();
                let target = value.topic_partitions.into_iter();
                let target =
                    target.map(|topic| (topic.topic_id, topic.partitions.into_iter().collect())).collect();
                group.target.insert(key.member_id, target);
            }
        }
        CURRENT => {
            let key = read_key::<ShareGroupCurrentMemberAssignmentKey>(body)?;
            let value = read_value::<ShareGroupCurrentMemberAssignmentValue>(value)?;
            // Compaction may have left it before its group and its member.
            if let Some(value) = value {
                let group = groups.entry(key.group_id).or_default();
                let member = group.members.entry(key.member_id).or_default();
                member.epoch = value.member_epoch;
                member.previous_epoch = value.previous_member_epoch;
                let assigned = value.assigned_partitions.into_iter();
                member.assigned =
                    assigned.map(|topic| (topic.topic_id, topic.partitions.into_iter().collect())).collect();
            }
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use wire::Uuid;

    use super::*;
    use crate::share::group::{Beat, MemberLimits, TopicNow};

    const LIMITS: MemberLimits = MemberLimits { session_ms: 100, heartbeat_ms: 10, members_max: 2 };

    #[test]
    fn a_group_comes_back_as_it_was_written() {
        let topic = |name: &str| Some(TopicNow { id: Uuid([name.len() as u8; 16]), partitions: 2, hash: 2 });
        let mut group = ShareGroup::default();
        let mut written = Vec::new();
        for member in ["a", "b", "c"] {
            let beat = Beat {
                member_id: member.into(),
                rack_id: Some("r".into()),
                client_id: "client".into(),
                client_host: "/127.0.0.1".into(),
                topics: Some(vec!["t".into(), "long".into()]),
                ..Default::default()
            };
            if member == "c" {
                let effects = group.leave("g", "a", topic).unwrap();
                written.extend(records("g", &group, &effects, 5));
            }
            let (_, effects) = group.beat(0, LIMITS, beat, topic).unwrap();
            written.extend(records("g", &group, &effects, 5));
        }
        let mut loaded = BTreeMap::new();
        for record in &written {
            assert!(load(&mut loaded, Some(&record.key), record.value.as_deref()));
        }
        // When they are late is nothing to be written.
        for member in group.members.values_mut() {
            member.deadline = 0;
        }
        assert_eq!(loaded["g"], group);
        for record in bury("g") {
            load(&mut loaded, Some(&record.key), record.value.as_deref());
        }
        assert!(loaded.is_empty());
    }

    #[test]
    fn other_and_damaged_records_are_passed_over() {
        let mut loaded = BTreeMap::new();
        assert!(!load(&mut loaded, None, None));
        assert!(!load(&mut loaded, Some(&[0, 2, 0]), None));
        assert!(load(&mut loaded, Some(&[0, 11, 0]), Some(&[0, 0])));
        assert!(loaded.is_empty());
    }
}
