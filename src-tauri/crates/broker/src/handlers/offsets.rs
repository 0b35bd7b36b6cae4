//! OffsetCommit, OffsetFetch, OffsetDelete: positions of groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire::codec::{Cx, Reader, Wire};
use wire::messages::group_records::ConsumerProtocolSubscription;
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use wire::{ErrorCode, Uuid};

use crate::Broker;
use crate::coordinator::{Committed, OffsetChange};
use crate::groups::classic::Claim;
use crate::topic::Topic;

/// The version from which topics go by id.
const BY_ID: i16 = 10;

pub(super) fn offset_commit(
    broker: &Broker,
    version: i16,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let now_ms = broker.now_ms();
    let mut changes = Vec::new();
    let mut unknown_ids: Vec<Uuid> = Vec::new();
    for asked in &request.topics {
        let topic = if version >= BY_ID {
            broker.topics().by_id(asked.topic_id)
        } else {
            broker.topics().get(&asked.name)
        };
        if topic.is_none() && version >= BY_ID {
            unknown_ids.push(asked.topic_id);
        }
        let name = topic.as_ref().map_or(&asked.name, |topic| &topic.name);
        for partition in &asked.partitions {
            let index = partition.partition_index;
            changes.push(OffsetChange {
                at: (name.clone(), index),
                committed: Committed {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.committed_metadata.clone().unwrap_or_default(),
                    timestamp: now_ms,
                },
                exists: topic.as_ref().is_some_and(|topic| topic.partition(index).is_some()),
                topic_id: topic.as_ref().map_or(Uuid::ZERO, |topic| topic.id),
            });
        }
    }
    let claim = Claim {
        member_id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
    };
    let pending = broker.pending_offsets();
    let places = match pending.is_empty() {
        true => Vec::new(),
        false => changes.iter().map(|change| change.at.clone()).collect(),
    };
    let codes = if broker.shares().group(&request.group_id).is_some() {
        changes.iter().map(of_share_group).collect()
    } else {
        broker.coordinator().commit(broker, &request.group_id, claim, version, changes)
    };
    for (at, code) in places.iter().zip(&codes) {
        if *code == ErrorCode::None {
            pending.supersede(&request.group_id, at);
        }
    }
    let mut codes = codes.into_iter();
    let topics = request
        .topics
        .into_iter()
        .map(|asked| OffsetCommitResponseTopic {
            partitions: asked
                .partitions
                .iter()
                .map(|partition| {
                    let mut code = codes.next().unwrap_or(ErrorCode::UnknownServerError);
                    if code == ErrorCode::UnknownTopicOrPartition && unknown_ids.contains(&asked.topic_id) {
                        code = ErrorCode::UnknownTopicId;
                    }
                    OffsetCommitResponsePartition {
                        partition_index: partition.partition_index,
                        error_code: code.into(),
                    }
                })
                .collect(),
            name: asked.name,
            topic_id: asked.topic_id,
        })
        .collect();
    OffsetCommitResponse { topics, ..Default::default() }
}

/// A share group has no offsets of this kind.
fn of_share_group(change: &OffsetChange) -> ErrorCode {
    if change.exists { ErrorCode::GroupIdNotFound } else { ErrorCode::UnknownTopicOrPartition }
}

pub(super) fn offset_fetch(
    broker: &Broker,
    version: i16,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    if version >= 8 {
        let stable = request.require_stable;
        let groups =
            request.groups.into_iter().map(|group| one_group(broker, version, group, stable)).collect();
        return OffsetFetchResponse { groups, ..Default::default() };
    }
    let asked = OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics: request.topics.map(|topics| {
            topics
                .into_iter()
                .map(|topic| OffsetFetchRequestTopics {
                    name: topic.name,
                    topic_id: Uuid::ZERO,
                    partition_indexes: topic.partition_indexes,
                })
                .collect()
        }),
        ..Default::default()
    };
    let group = one_group(broker, version, asked, request.require_stable);
    let topics = group
        .topics
        .into_iter()
        .map(|topic| OffsetFetchResponseTopic {
            name: topic.name,
            partitions: topic
                .partitions
                .into_iter()
                .map(|partition| OffsetFetchResponsePartition {
                    partition_index: partition.partition_index,
                    committed_offset: partition.committed_offset,
                    committed_leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.metadata,
                    error_code: partition.error_code,
                })
                .collect(),
        })
        .collect();
    OffsetFetchResponse { topics, error_code: group.error_code, ..Default::default() }
}

/// `stable`: an offset that is being committed within a transaction is not told, for it is about to change.
fn one_group(
    broker: &Broker,
    version: i16,
    asked: OffsetFetchRequestGroup,
    stable: bool,
) -> OffsetFetchResponseGroup {
    let unstable = |index: i32| OffsetFetchResponsePartitions {
        partition_index: index,
        committed_offset: -1,
        metadata: Some(String::new()),
        error_code: ErrorCode::UnstableOffsetCommit.into(),
        ..Default::default()
    };
    let pending = broker.pending_offsets();
    let refusal =
        broker.coordinator().check_fetch(&asked.group_id, asked.member_id.as_deref(), asked.member_epoch);
    if refusal != ErrorCode::None {
        return OffsetFetchResponseGroup {
            group_id: asked.group_id,
            topics: Vec::new(),
            error_code: refusal.into(),
        };
    }
    let answer = |index: i32, committed: Option<Committed>| match committed {
        Some(committed) => OffsetFetchResponsePartitions {
            partition_index: index,
            committed_offset: committed.offset,
            committed_leader_epoch: committed.leader_epoch,
            metadata: Some(committed.metadata),
            error_code: 0,
        },
        None => OffsetFetchResponsePartitions {
            partition_index: index,
            committed_offset: -1,
            metadata: Some(String::new()),
            ..Default::default()
        },
    };
    let topics = match asked.topics {
        None => {
            let mut by_topic: BTreeMap<String, Vec<OffsetFetchResponsePartitions>> = BTreeMap::new();
            let being_committed = if stable { pending.of_group(&asked.group_id) } else { Vec::new() };
            for (at, committed) in broker.coordinator().committed(&asked.group_id) {
                if being_committed.contains(&at) {
                    continue;
                }
                by_topic.entry(at.0).or_default().push(answer(at.1, Some(committed)));
            }
            for (topic, index) in being_committed {
                by_topic.entry(topic).or_default().push(unstable(index));
            }
            let with_id = |(name, partitions): (String, Vec<OffsetFetchResponsePartitions>)| {
                let topic_id = broker.topics().get(&name).map(|topic| topic.id);
                // By id there are no words for a topic that is gone.
                if version >= BY_ID && topic_id.is_none() {
                    return None;
                }
                let topic_id = topic_id.unwrap_or_default();
                Some(OffsetFetchResponseTopics { name, topic_id, partitions })
            };
            by_topic.into_iter().filter_map(with_id).collect()
        }
        Some(topics) => topics
            .into_iter()
            .map(|topic| {
                let known: Option<Arc<Topic>> =
                    if version >= BY_ID { broker.topics().by_id(topic.topic_id) } else { None };
                if version >= BY_ID && known.is_none() {
                    let unknown = |index: &i32| OffsetFetchResponsePartitions {
                        error_code: ErrorCode::UnknownTopicId.into(),
                        ..answer(*index, None)
                    };
                    let partitions = topic.partition_indexes.iter().map(unknown).collect();
                    return OffsetFetchResponseTopics {
                        name: topic.name,
                        topic_id: topic.topic_id,
                        partitions,
                    };
                }
                let name = known.map_or(topic.name, |known| known.name.clone());
                let partitions = topic
                    .partition_indexes
                    .iter()
                    .map(|index| {
                        let at = (name.clone(), *index);
                        if stable && pending.is_pending(&asked.group_id, &at) {
                            return unstable(*index);
                        }
                        answer(*index, broker.coordinator().committed_at(&asked.group_id, &at))
                    })
                    .collect();
                OffsetFetchResponseTopics { name, topic_id: topic.topic_id, partitions }
            })
            .collect(),
    };
    OffsetFetchResponseGroup { group_id: asked.group_id, topics, error_code: 0 }
}

pub(super) fn offset_delete(broker: &Broker, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    if broker.shares().group(&request.group_id).is_some() {
        return OffsetDeleteResponse { error_code: ErrorCode::GroupIdNotFound.into(), ..Default::default() };
    }
    if request.group_id.is_empty() {
        return OffsetDeleteResponse { error_code: ErrorCode::InvalidGroupId.into(), ..Default::default() };
    }
    let partitions: Vec<(String, i32)> = request
        .topics
        .iter()
        .flat_map(|topic| {
            topic.partitions.iter().map(|partition| (topic.name.clone(), partition.partition_index))
        })
        .collect();
    let pending = broker.pending_offsets();
    let is_pending = |at: &(String, i32)| pending.is_pending(&request.group_id, at);
    let deleted =
        broker.coordinator().delete_offsets(broker, &request.group_id, &partitions, is_pending, subscribes);
    let codes = match deleted {
        Ok(codes) => codes,
        Err(error) => return OffsetDeleteResponse { error_code: error.into(), ..Default::default() },
    };
    for (at, _) in partitions.iter().zip(&codes).filter(|(_, code)| **code == ErrorCode::None) {
        pending.forget(&request.group_id, at);
    }
    let mut codes = codes.into_iter();
    let exists = |topic: &str, index: i32| {
        broker.topics().get(topic).is_some_and(|topic| topic.partition(index).is_some())
    };
    let topics = request
        .topics
        .into_iter()
        .map(|topic| OffsetDeleteResponseTopic {
            partitions: topic
                .partitions
                .iter()
                .map(|partition| {
                    let code = codes.next().unwrap_or(ErrorCode::UnknownServerError);
                    let index = partition.partition_index;
                    let known = exists(&topic.name, index);
                    let code = if known { code } else { ErrorCode::UnknownTopicOrPartition };
                    OffsetDeleteResponsePartition { partition_index: index, error_code: code.into() }
                })
                .collect(),
            name: topic.name,
        })
        .collect();
    OffsetDeleteResponse { topics, ..Default::default() }
}

/// Whether a consumer's subscription names the topic. What cannot be read may.
fn subscribes(subscription: &bytes::Bytes, topic: &str) -> bool {
    let mut reader = Reader::new(subscription);
    let cx = Cx { version: 0, flexible: false };
    let read = i16::read(&mut reader, cx).and_then(|_| ConsumerProtocolSubscription::read(&mut reader, cx));
    read.map_or(true, |subscription| subscription.topics.iter().any(|name| name == topic))
}
