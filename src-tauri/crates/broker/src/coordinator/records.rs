//! Records of `__consumer_offsets` in Kafka's own formats.

use bytes::Bytes;
use wire::codec::{self, Cx, Reader, Wire};
use wire::messages::group_records::{
    GroupMetadataKey, GroupMetadataValue, MemberMetadata, OffsetCommitKey, OffsetCommitValue,
};

use super::coded::{Stored, versioned};
use super::{Committed, consumer_records, streams_records};
use crate::groups::Millis;
use crate::groups::classic::{Group, Limits, Member, Protocol, Restored};
use crate::groups::{consumer, streams};

/// Key versions.
const OFFSET_KEYS: std::ops::RangeInclusive<i16> = 0..=1;
const OFFSET_KEY: i16 = 1;
const GROUP_KEY: i16 = 2;
/// Value versions written: the last ones every Kafka since 2.1 (offsets) and 2.3 (groups) reads.
const OFFSET_VALUE: i16 = 3;
const GROUP_VALUE: i16 = 3;
/// The first versions with tagged fields.
const FLEXIBLE_VALUE: i16 = 4;

/// A record read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Loaded {
    Offset {
        group: String,
        topic: String,
        partition: i32,
        committed: Option<Committed>,
    },
    Group {
        group: String,
        value: Option<GroupMetadataValue>,
    },
    Consumer {
        group: String,
        record: consumer::Replayed,
    },
    Streams {
        group: String,
        record: streams::Replayed,
    },
    /// Of a kind this broker does not know, or damaged.
    Other,
}

fn offset_key(group: &str, topic: &str, partition: i32) -> Bytes {
    let key = OffsetCommitKey { group: group.to_owned(), topic: topic.to_owned(), partition };
    versioned(OFFSET_KEY, &key, false)
}

fn group_key(group: &str) -> Bytes {
    versioned(GROUP_KEY, &GroupMetadataKey { group: group.to_owned() }, false)
}

impl Stored {
    pub(crate) fn offset(group: &str, topic: &str, partition: i32, committed: &Committed) -> Self {
        let value = OffsetCommitValue {
            offset: committed.offset,
            leader_epoch: committed.leader_epoch,
            metadata: committed.metadata.clone(),
            commit_timestamp: committed.timestamp,
            ..Default::default()
        };
        Self { key: offset_key(group, topic, partition), value: Some(versioned(OFFSET_VALUE, &value, false)) }
    }

    pub(crate) fn no_offset(group: &str, topic: &str, partition: i32) -> Self {
        Self { key: offset_key(group, topic, partition), value: None }
    }

    pub(crate) fn group(id: &str, group: &Group) -> Self {
        let protocol = group.protocol().unwrap_or_default();
        let members = group.members().map(|member| MemberMetadata {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms as i32,
            session_timeout: member.session_timeout_ms as i32,
            subscription: member.metadata(protocol),
            assignment: member.assignment.clone(),
        });
        let value = GroupMetadataValue {
            protocol_type: group.protocol_type().unwrap_or_default().to_owned(),
            generation: group.generation(),
            protocol: group.protocol().map(str::to_owned),
            leader: group.leader().map(str::to_owned),
            current_state_timestamp: -1,
            members: members.collect(),
        };
        Self { key: group_key(id), value: Some(versioned(GROUP_VALUE, &value, false)) }
    }

    pub(crate) fn no_group(id: &str) -> Self {
        Self { key: group_key(id), value: None }
    }
}

/// Reads a record; what cannot be read is [`Loaded::Other`], never an error: the rest is still good.
pub(crate) fn load(key: Option<&[u8]>, value: Option<&[u8]>) -> Loaded {
    try_load(key, value).unwrap_or(Loaded::Other)
}

fn try_load(key: Option<&[u8]>, value: Option<&[u8]>) -> Option<Loaded> {
    let mut reader = Reader::new(key?);
    let plain = Cx { version: 0, flexible: false };
    let version = i16::read(&mut reader, plain).ok()?;
    let value_version = match value {
        Some(bytes) => i16::from_be_bytes(*bytes.first_chunk()?),
        None => 0,
    };
    let cx = Cx { version: value_version, flexible: value_version >= FLEXIBLE_VALUE };
    let value = value.map(|bytes| &bytes[2..]);
    if OFFSET_KEYS.contains(&version) {
        let key = OffsetCommitKey::read(&mut reader, plain).ok()?;
        let committed = match value {
            None => None,
            Some(bytes) => {
                let value: OffsetCommitValue = codec::decode(bytes, cx).ok()?;
                Some(Committed {
                    offset: value.offset,
                    leader_epoch: value.leader_epoch,
                    metadata: value.metadata,
                    timestamp: value.commit_timestamp,
                })
            }
        };
        return Some(Loaded::Offset {
            group: key.group,
            topic: key.topic,
            partition: key.partition,
            committed,
        });
    }
    if version != GROUP_KEY {
        let value = value.map(|bytes| (value_version, bytes));
        if streams_records::KINDS.contains(&version) {
            let (group, record) = streams_records::load(version, &mut reader, value)?;
            return Some(Loaded::Streams { group, record });
        }
        let (group, record) = consumer_records::load(version, &mut reader, value)?;
        return Some(Loaded::Consumer { group, record });
    }
    let key = GroupMetadataKey::read(&mut reader, plain).ok()?;
    let value = match value {
        None => None,
        Some(bytes) => Some(codec::decode(bytes, cx).ok()?),
    };
    Some(Loaded::Group { group: key.group, value })
}

/// A group as it was when its metadata was written; its members have a session's time to come back.
pub(crate) fn restore(now: Millis, limits: Limits, value: GroupMetadataValue) -> Group {
    let protocol = value.protocol.clone().unwrap_or_default();
    let members = value.members.into_iter().map(|member| {
        let protocols = vec![Protocol { name: protocol.clone(), metadata: member.subscription }];
        Member::restored(
            now,
            (member.member_id, member.group_instance_id),
            (member.client_id, member.client_host),
            (i64::from(member.session_timeout), i64::from(member.rebalance_timeout)),
            protocols,
            member.assignment,
        )
    });
    Group::restore(
        now,
        limits,
        Restored {
            generation: value.generation,
            protocol_type: Some(value.protocol_type).filter(|kind| !kind.is_empty()),
            protocol: value.protocol,
            leader: value.leader,
            members: members.collect(),
        },
    )
}

/// The partition of `__consumer_offsets` that holds a group: Java's `String.hashCode` without its sign bit.
pub(crate) fn key_partition(group: &str, partitions: usize) -> usize {
    let hash =
        group.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) as usize % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_back_as_they_were_written() {
        let committed =
            Committed { offset: 42, leader_epoch: 0, metadata: "note".into(), timestamp: 1_700_000_000_000 };
        let stored = Stored::offset("g", "t", 3, &committed);
        assert_eq!(stored.key[..], [0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 3]);
        let expected =
            |committed| Loaded::Offset { group: "g".into(), topic: "t".into(), partition: 3, committed };
        assert_eq!(load(Some(&stored.key), stored.value.as_deref()), expected(Some(committed)));
        assert_eq!(load(Some(&Stored::no_offset("g", "t", 3).key), None), expected(None));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for (key, value) in [(None, None), (Some(&[0u8][..]), None), (Some(&[0, 9, 0]), Some(&[1u8][..]))] {
            assert_eq!(load(key, value), Loaded::Other);
        }
    }

    #[test]
    fn groups_hash_as_in_kafka() {
        // "foo".hashCode() == 101574
        assert_eq!(key_partition("foo", 50), 101_574 % 50);
        assert_eq!(key_partition("", 50), 0);
        // A negative hash: "polygenelubricants".hashCode() == Integer.MIN_VALUE
        assert_eq!(key_partition("polygenelubricants", 50), 0);
    }
}
