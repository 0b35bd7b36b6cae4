//! DescribeShareGroupOffsets, AlterShareGroupOffsets, DeleteShareGroupOffsets (KIP-932).

use wire::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestTopic, AlterShareGroupOffsetsResponse,
    AlterShareGroupOffsetsResponsePartition, AlterShareGroupOffsetsResponseTopic,
};
use wire::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, DeleteShareGroupOffsetsResponseTopic,
};
use wire::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic, DescribeShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsResponseGroup, DescribeShareGroupOffsetsResponsePartition,
    DescribeShareGroupOffsetsResponseTopic,
};
use wire::{ErrorCode, Uuid};

use crate::Broker;
use crate::partition::LEADER_EPOCH;
use crate::share::{Offset, ShareGroup, ShareKey};

const NO_SUCH_PARTITION: &str = "This server does not host this topic-partition.";
const NOT_EMPTY: &str = "The group is not empty.";

pub(super) fn describe_share_group_offsets(
    broker: &Broker,
    request: DescribeShareGroupOffsetsRequest,
) -> DescribeShareGroupOffsetsResponse {
    let groups = request.groups.into_iter().map(|asked| described(broker, asked)).collect();
    DescribeShareGroupOffsetsResponse { groups, ..Default::default() }
}

fn described(
    broker: &Broker,
    asked: DescribeShareGroupOffsetsRequestGroup,
) -> DescribeShareGroupOffsetsResponseGroup {
    let topics = asked.topics.unwrap_or_else(|| {
        // As in Kafka an unknown group is one that stands nowhere.
        let Some(group) = broker.shares().group(&asked.group_id) else { return Vec::new() };
        let group = group.lock();
        let topics = group.initialized.iter().filter_map(|(id, (_, partitions))| {
            let topic_name = broker.topics().by_id(*id)?.name.clone();
            let partitions = partitions.iter().copied().collect();
            Some(DescribeShareGroupOffsetsRequestTopic { topic_name, partitions })
        });
        topics.collect()
    });
    let topics = topics.into_iter().map(|topic| offsets_of(broker, &asked.group_id, topic)).collect();
    DescribeShareGroupOffsetsResponseGroup { group_id: asked.group_id, topics, ..Default::default() }
}

fn offsets_of(
    broker: &Broker,
    group: &str,
    asked: DescribeShareGroupOffsetsRequestTopic,
) -> DescribeShareGroupOffsetsResponseTopic {
    let topic = broker.topics().get(&asked.topic_name);
    let partitions = asked.partitions.into_iter().map(|partition_index| {
        let standing = topic.as_ref().and_then(|topic| {
            let log = topic.partition(partition_index)?;
            let key = ShareKey { group: group.to_owned(), topic: topic.id, partition: partition_index };
            broker.share_offset(&key, &log)
        });
        let Offset { start, lag } = standing.unwrap_or(Offset { start: -1, lag: -1 });
        DescribeShareGroupOffsetsResponsePartition {
            partition_index,
            start_offset: start,
            leader_epoch: LEADER_EPOCH,
            lag,
            ..Default::default()
        }
    });
    DescribeShareGroupOffsetsResponseTopic {
        topic_id: topic.as_ref().map_or(Uuid::ZERO, |topic| topic.id),
        partitions: partitions.collect(),
        topic_name: asked.topic_name,
    }
}

pub(super) fn alter_share_group_offsets(
    broker: &Broker,
    request: AlterShareGroupOffsetsRequest,
) -> AlterShareGroupOffsetsResponse {
    let refused = |code: ErrorCode, message: &str| AlterShareGroupOffsetsResponse {
        error_code: code.into(),
        error_message: Some(message.to_owned()),
        ..Default::default()
    };
    let stands = request.topics.iter().any(|topic| {
        let known = broker.topics().get(&topic.topic_name);
        known.is_some_and(|known| {
            topic.partitions.iter().any(|it| known.partition(it.partition_index).is_some())
        })
    });
    let group = match broker.share_group_to_alter(&request.group_id, stands) {
        Ok(group) => group,
        Err(ErrorCode::InvalidGroupId) => {
            return refused(ErrorCode::InvalidGroupId, "The group id is invalid.");
        }
        Err(error) => return refused(error, "The group is not a share group."),
    };
    let mut group = group.lock();
    if !group.members.is_empty() {
        return refused(ErrorCode::NonEmptyGroup, NOT_EMPTY);
    }
    let id = &request.group_id;
    let responses = request.topics.into_iter().map(|topic| altered(broker, id, &mut group, topic)).collect();
    AlterShareGroupOffsetsResponse { responses, ..Default::default() }
}

fn altered(
    broker: &Broker,
    id: &str,
    group: &mut ShareGroup,
    asked: AlterShareGroupOffsetsRequestTopic,
) -> AlterShareGroupOffsetsResponseTopic {
    let topic = broker.topics().get(&asked.topic_name);
    let (there, missing): (Vec<_>, Vec<_>) = asked
        .partitions
        .into_iter()
        .map(|partition| (partition.partition_index, partition.start_offset))
        .partition(|(index, _)| topic.as_ref().is_some_and(|topic| topic.partition(*index).is_some()));
    let topic_id = topic.map_or(Uuid::ZERO, |topic| topic.id);
    let done = match there.is_empty() {
        true => Ok(()),
        false => broker.alter_share_offsets(id, group, (topic_id, &asked.topic_name), &there),
    };
    let answer = |partition_index: i32, code: ErrorCode, message: Option<&str>| {
        AlterShareGroupOffsetsResponsePartition {
            partition_index,
            error_code: code.into(),
            error_message: message.map(str::to_owned),
        }
    };
    let known = there.iter().map(|(index, _)| answer(*index, done.err().unwrap_or(ErrorCode::None), None));
    let unknown = missing
        .iter()
        .map(|(index, _)| answer(*index, ErrorCode::UnknownTopicOrPartition, Some(NO_SUCH_PARTITION)));
    AlterShareGroupOffsetsResponseTopic {
        topic_id,
        partitions: known.chain(unknown).collect(),
        topic_name: asked.topic_name,
    }
}

pub(super) fn delete_share_group_offsets(
    broker: &Broker,
    request: DeleteShareGroupOffsetsRequest,
) -> DeleteShareGroupOffsetsResponse {
    let refused = |code: ErrorCode, message: String| DeleteShareGroupOffsetsResponse {
        error_code: code.into(),
        error_message: Some(message),
        ..Default::default()
    };
    let Some(group) = broker.shares().group(&request.group_id) else {
        return refused(ErrorCode::GroupIdNotFound, format!("Group {} not found.", request.group_id));
    };
    let mut group = group.lock();
    if !group.members.is_empty() {
        return refused(ErrorCode::NonEmptyGroup, NOT_EMPTY.to_owned());
    }
    let responses = request.topics.into_iter().map(|asked| {
        let topic = broker.topics().get(&asked.topic_name);
        let unknown = ErrorCode::UnknownTopicOrPartition;
        let (topic_id, code, message) = match topic {
            None => (Uuid::ZERO, unknown, Some(NO_SUCH_PARTITION)),
            Some(topic) => match broker.delete_share_offsets(&request.group_id, &mut group, topic.id) {
                Ok(true) => (topic.id, ErrorCode::None, None),
                Ok(false) => (Uuid::ZERO, unknown, Some("There is no offset information to delete.")),
                Err(error) => (Uuid::ZERO, error, None),
            },
        };
        DeleteShareGroupOffsetsResponseTopic {
            topic_name: asked.topic_name,
            topic_id,
            error_code: code.into(),
            error_message: message.map(str::to_owned),
        }
    });
    DeleteShareGroupOffsetsResponse { responses: responses.collect(), ..Default::default() }
}
