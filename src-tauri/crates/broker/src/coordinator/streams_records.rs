//! Records of streams groups in Kafka's formats: written from the group, read back as [`Replayed`].

use wire::codec::Reader;
use wire::messages::streams_group_records::{
    CopartitionGroup, Endpoint, KeyValue, LastAssignmentConfig, StreamsGroupCurrentMemberAssignmentKey,
    StreamsGroupCurrentMemberAssignmentValue,
    StreamsGroupCurrentMemberAssignmentValueTaskIds as CurrentTaskIds, StreamsGroupMemberMetadataKey,
    StreamsGroupMemberMetadataValue, StreamsGroupMetadataKey, StreamsGroupMetadataValue,
    StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue,
    StreamsGroupTargetAssignmentMemberValueTaskIds as TargetTaskIds, StreamsGroupTargetAssignmentMetadataKey,
    StreamsGroupTargetAssignmentMetadataValue, StreamsGroupTopologyKey, StreamsGroupTopologyValue,
    Subtopology as SubtopologyValue, TopicConfig, TopicInfo,
};

use super::coded::{Stored, latest, read, read_key};
use crate::groups::MemberState;
use crate::groups::streams::{
    Change, Copartition, Current, Described, Epoch, Group, HeldTasks, InternalTopic, Member, Replayed,
    Subtopology, TaskMap, Tasks, Topology,
};

/// Types of records: the versions of their keys.
const EPOCH: i16 = 17;
const MEMBER: i16 = 19;
const TARGET_EPOCH: i16 = 20;
const TARGET: i16 = 21;
const CURRENT: i16 = 22;
const TOPOLOGY: i16 = 23;

/// The record types of streams groups.
pub(super) const KINDS: std::ops::RangeInclusive<i16> = EPOCH..=TOPOLOGY;

/// The records of some changes; of what changed twice, the last.
pub(super) fn stored(id: &str, group: &Group, changes: Vec<Change>) -> Vec<Stored> {
    latest(&changes).into_iter().map(|change| record(id, group, change)).collect()
}

/// What ends every record of the group.
pub(super) fn tombstones(id: &str, group: &Group) -> Vec<Stored> {
    let mut everything = group.everything();
    everything.retain(|change| *change != Change::Epoch);
    everything.push(Change::Epoch);
    everything.iter().map(|change| Stored { value: None, ..record(id, group, change) }).collect()
}

fn record(id: &str, group: &Group, change: &Change) -> Stored {
    let group_id = id.to_owned();
    match change {
        Change::Epoch => {
            let configs = group
                .configs()
                .iter()
                .map(|(key, value)| LastAssignmentConfig { key: key.clone(), value: value.clone() });
            let value = StreamsGroupMetadataValue {
                epoch: group.epoch(),
                metadata_hash: group.metadata_hash(),
                validated_topology_epoch: group.validated_epoch(),
                last_assignment_configs: Some(configs.collect()),
            };
            Stored::of_kind(EPOCH, &StreamsGroupMetadataKey { group_id }, Some(value))
        }
        Change::Topology => {
            let value = group.topology().map(topology_value);
            Stored::of_kind(TOPOLOGY, &StreamsGroupTopologyKey { group_id }, value)
        }
        Change::TargetEpoch => {
            let value = StreamsGroupTargetAssignmentMetadataValue {
                assignment_epoch: group.target_epoch(),
                assignment_timestamp: group.target_at_ms(),
            };
            Stored::of_kind(TARGET_EPOCH, &StreamsGroupTargetAssignmentMetadataKey { group_id }, Some(value))
        }
        Change::Member(member_id) => {
            let key = StreamsGroupMemberMetadataKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(MEMBER, &key, group.member(member_id).map(member_value))
        }
        Change::Target(member_id) => {
            let key = StreamsGroupTargetAssignmentMemberKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(TARGET, &key, group.member(member_id).map(target_value))
        }
        Change::Current(member_id) => {
            let key = StreamsGroupCurrentMemberAssignmentKey { group_id, member_id: member_id.clone() };
            Stored::of_kind(CURRENT, &key, group.member(member_id).map(current_value))
        }
    }
}

fn topology_value(topology: &Topology) -> StreamsGroupTopologyValue {
    let info = |topics: &[InternalTopic]| {
        let topics = topics.iter().map(|topic| TopicInfo {
            name: topic.name.clone(),
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            topic_configs: topic
                .configs
                .iter()
                .map(|(key, value)| TopicConfig { key: key.clone(), value: value.clone() })
                .collect(),
        });
        topics.collect()
    };
    let subtopologies = topology.subtopologies.iter().map(|(id, subtopology)| SubtopologyValue {
        subtopology_id: id.clone(),
        source_topics: subtopology.sources.clone(),
        source_topic_regex: Vec::new(),
        state_changelog_topics: info(&subtopology.changelogs),
        repartition_sink_topics: subtopology.sinks.clone(),
        repartition_source_topics: info(&subtopology.repartitions),
        copartition_groups: subtopology
            .copartitions
            .iter()
            .map(|group| CopartitionGroup {
                source_topics: group.sources.clone(),
                source_topic_regex: Vec::new(),
                repartition_source_topics: group.repartitions.clone(),
            })
            .collect(),
    });
    StreamsGroupTopologyValue { epoch: topology.epoch, subtopologies: subtopologies.collect() }
}

fn topology(value: StreamsGroupTopologyValue) -> Topology {
    let internal = |topics: Vec<TopicInfo>| {
        let topics = topics.into_iter().map(|topic| InternalTopic {
            name: topic.name,
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            configs: topic.topic_configs.into_iter().map(|config| (config.key, config.value)).collect(),
        });
        topics.collect()
    };
    let subtopologies = value.subtopologies.into_iter().map(|subtopology| {
        let copartitions = subtopology.copartition_groups.into_iter().map(|group| Copartition {
            sources: group.source_topics,
            repartitions: group.repartition_source_topics,
        });
        let read = Subtopology {
            sources: subtopology.source_topics,
            changelogs: internal(subtopology.state_changelog_topics),
            sinks: subtopology.repartition_sink_topics,
            repartitions: internal(subtopology.repartition_source_topics),
            copartitions: copartitions.collect(),
        };
        (subtopology.subtopology_id, read)
    });
    Topology { epoch: value.epoch, subtopologies: subtopologies.collect() }
}

fn member_value(member: &Member) -> StreamsGroupMemberMetadataValue {
    StreamsGroupMemberMetadataValue {
        instance_id: None,
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        topology_epoch: member.topology_epoch,
        process_id: member.process_id.clone(),
        user_endpoint: member.endpoint.clone().map(|(host, port)| Endpoint { host, port }),
        client_tags: member
            .tags
            .iter()
            .map(|(key, value)| KeyValue { key: key.clone(), value: value.clone() })
            .collect(),
    }
}

fn target_value(member: &Member) -> StreamsGroupTargetAssignmentMemberValue {
    let ids = |tasks: TaskMap| {
        let tasks = tasks.into_iter().map(|(subtopology_id, partitions)| TargetTaskIds {
            subtopology_id,
            partitions: partitions.into_iter().collect(),
        });
        tasks.collect()
    };
    let target = member.target();
    StreamsGroupTargetAssignmentMemberValue {
        active_tasks: ids(target.active),
        standby_tasks: ids(target.standby),
        warmup_tasks: ids(target.warmup),
    }
}

fn current_value(member: &Member) -> StreamsGroupCurrentMemberAssignmentValue {
    let active = |held: &HeldTasks| {
        let tasks = held.active.iter().map(|(id, partitions)| CurrentTaskIds {
            subtopology_id: id.clone(),
            partitions: partitions.keys().copied().collect(),
            assignment_epochs: Some(partitions.values().copied().collect()),
        });
        tasks.collect()
    };
    let plain = |tasks: &TaskMap| {
        let tasks = tasks.iter().map(|(id, partitions)| CurrentTaskIds {
            subtopology_id: id.clone(),
            partitions: partitions.iter().copied().collect(),
            assignment_epochs: None,
        });
        tasks.collect()
    };
    StreamsGroupCurrentMemberAssignmentValue {
        member_epoch: member.epoch,
        previous_member_epoch: member.previous_epoch,
        state: member.state as i8,
        active_tasks: active(&member.assigned),
        standby_tasks: plain(&member.assigned.standby),
        warmup_tasks: plain(&member.assigned.warmup),
        active_tasks_pending_revocation: active(&member.revoking),
        standby_tasks_pending_revocation: plain(&member.revoking.standby),
        warmup_tasks_pending_revocation: plain(&member.revoking.warmup),
    }
}

/// Reads a record whose key is of type `kind`: the group and what it says. None: no record of a streams group.
pub(super) fn load(
    kind: i16,
    key: &mut Reader<'_>,
    value: Option<(i16, &[u8])>,
) -> Option<(String, Replayed)> {
    match kind {
        EPOCH => {
            let key: StreamsGroupMetadataKey = read_key(key)?;
            let value = read::<StreamsGroupMetadataValue>(value)?;
            let epoch = value.map(|value| Epoch {
                epoch: value.epoch,
                metadata_hash: value.metadata_hash,
                validated_epoch: value.validated_topology_epoch,
                configs: value
                    .last_assignment_configs
                    .unwrap_or_default()
                    .into_iter()
                    .map(|config| (config.key, config.value))
                    .collect(),
            });
            Some((key.group_id, Replayed::Epoch(epoch)))
        }
        TOPOLOGY => {
            let key: StreamsGroupTopologyKey = read_key(key)?;
            let value = read::<StreamsGroupTopologyValue>(value)?;
            Some((key.group_id, Replayed::Topology(value.map(topology))))
        }
        TARGET_EPOCH => {
            let key: StreamsGroupTargetAssignmentMetadataKey = read_key(key)?;
            let value = read::<StreamsGroupTargetAssignmentMetadataValue>(value)?;
            let value = value.map(|value| (value.assignment_epoch, value.assignment_timestamp));
            Some((key.group_id, Replayed::TargetEpoch(value)))
        }
        MEMBER => {
            let key: StreamsGroupMemberMetadataKey = read_key(key)?;
            let value = read::<StreamsGroupMemberMetadataValue>(value)?;
            Some((key.group_id, Replayed::Member(key.member_id, value.map(described))))
        }
        TARGET => {
            let key: StreamsGroupTargetAssignmentMemberKey = read_key(key)?;
            let value = read::<StreamsGroupTargetAssignmentMemberValue>(value)?;
            let tasks = |ids: Vec<TargetTaskIds>| -> TaskMap {
                ids.into_iter().map(|id| (id.subtopology_id, id.partitions.into_iter().collect())).collect()
            };
            let target = value.map(|value| Tasks {
                active: tasks(value.active_tasks),
                standby: tasks(value.standby_tasks),
                warmup: tasks(value.warmup_tasks),
            });
            Some((key.group_id, Replayed::Target(key.member_id, target)))
        }
        CURRENT => {
            let key: StreamsGroupCurrentMemberAssignmentKey = read_key(key)?;
            let value = read::<StreamsGroupCurrentMemberAssignmentValue>(value)?;
            Some((key.group_id, Replayed::Current(key.member_id, value.map(current))))
        }
        _ => None,
    }
}

fn described(value: StreamsGroupMemberMetadataValue) -> Box<Described> {
    Box::new(Described {
        rack_id: value.rack_id,
        client_id: value.client_id,
        client_host: value.client_host,
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        topology_epoch: value.topology_epoch,
        process_id: value.process_id,
        endpoint: value.user_endpoint.map(|endpoint| (endpoint.host, endpoint.port)),
        tags: value.client_tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    })
}

fn current(value: StreamsGroupCurrentMemberAssignmentValue) -> Current {
    let (epoch, state) = (value.member_epoch, MemberState::from_number(value.state));
    let active = |ids: Vec<CurrentTaskIds>| {
        let tasks = ids.into_iter().map(|id| {
            // Written by a Kafka before 4.3: a task counts from the member's epoch on.
            let epochs = id.assignment_epochs.unwrap_or_default();
            let epochs = epochs.into_iter().chain(std::iter::repeat(epoch));
            (id.subtopology_id, id.partitions.into_iter().zip(epochs).collect())
        });
        tasks.collect()
    };
    let plain = |ids: Vec<CurrentTaskIds>| -> TaskMap {
        ids.into_iter().map(|id| (id.subtopology_id, id.partitions.into_iter().collect())).collect()
    };
    Current {
        epoch,
        previous_epoch: value.previous_member_epoch,
        state: state.unwrap_or(MemberState::Unreleased),
        assigned: HeldTasks {
            active: active(value.active_tasks),
            standby: plain(value.standby_tasks),
            warmup: plain(value.warmup_tasks),
        },
        revoking: HeldTasks {
            active: active(value.active_tasks_pending_revocation),
            standby: plain(value.standby_tasks_pending_revocation),
            warmup: plain(value.warmup_tasks_pending_revocation),
        },
    }
}
