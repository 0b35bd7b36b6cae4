//! DeleteTopics and DeleteRecords.

use wire::batch::Offset;
use wire::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use wire::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use wire::{ErrorCode, Uuid};

use crate::Broker;
use crate::topic::Topic;
use crate::topics::TopicError;

/// "Up to the end" in DeleteRecords.
const TO_THE_END: i64 = -1;

pub(super) fn delete_topics(
    broker: &Broker,
    version: i16,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let asked: Vec<DeleteTopicState> = if version >= 6 {
        request.topics
    } else {
        let named = |name| DeleteTopicState { name: Some(name), topic_id: Uuid::ZERO };
        request.topic_names.into_iter().map(named).collect()
    };
    let enabled = broker.settings().flag("delete.topic.enable");
    let responses = asked
        .into_iter()
        .map(|state| if enabled { delete_topic(broker, state) } else { disabled(version, state) });
    let responses = responses.collect();
    DeleteTopicsResponse { responses, ..Default::default() }
}

/// From here on "deletion is disabled" has a code of its own.
const KNOWS_DISABLED: i16 = 3;

fn disabled(version: i16, asked: DeleteTopicState) -> DeletableTopicResult {
    let code =
        if version >= KNOWS_DISABLED { ErrorCode::TopicDeletionDisabled } else { ErrorCode::InvalidRequest };
    DeletableTopicResult {
        name: asked.name,
        topic_id: asked.topic_id,
        error_code: code.into(),
        error_message: Some("Topic deletion is disabled.".to_owned()),
    }
}

fn delete_topic(broker: &Broker, asked: DeleteTopicState) -> DeletableTopicResult {
    let failed = |code: ErrorCode, message: String| DeletableTopicResult {
        name: asked.name.clone(),
        topic_id: asked.topic_id,
        error_code: code.into(),
        error_message: Some(message),
    };
    let topic = match (&asked.name, asked.topic_id.is_zero()) {
        (Some(_), false) => {
            return failed(
                ErrorCode::InvalidRequest,
                "You may not specify both topic name and topic id.".into(),
            );
        }
        (None, true) => {
            return failed(ErrorCode::InvalidRequest, "Neither topic name nor id were specified.".into());
        }
        (Some(name), true) => match broker.topic(name) {
            Ok(topic) => topic,
            Err(error) => return failed(error, "This server does not host this topic-partition.".into()),
        },
        (None, false) => match broker.topics().by_id(asked.topic_id) {
            Some(topic) => topic,
            None => {
                return failed(ErrorCode::UnknownTopicId, "This server does not host this topic ID.".into());
            }
        },
    };
    let done = if topic.is_internal() {
        Err(TopicError::Internal(topic.name.clone()))
    } else {
        broker.delete_topic(&topic.name)
    };
    match done {
        Ok(()) => {
            DeletableTopicResult { name: Some(topic.name.clone()), topic_id: topic.id, ..Default::default() }
        }
        Err(error) => failed(error.code(), error.to_string()),
    }
}

pub(super) fn delete_records(broker: &Broker, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let topics = request.topics.into_iter().map(|asked| {
        let topic = broker.topic(&asked.name);
        let partitions = asked
            .partitions
            .iter()
            .map(|partition| {
                let done = topic.clone().and_then(|topic| {
                    delete_before(broker, &topic, partition.partition_index, partition.offset)
                });
                DeleteRecordsPartitionResult {
                    partition_index: partition.partition_index,
                    low_watermark: done.map_or(-1, |offset| offset.0),
                    error_code: done.err().unwrap_or(ErrorCode::None).into(),
                }
            })
            .collect();
        DeleteRecordsTopicResult { name: asked.name, partitions }
    });
    DeleteRecordsResponse { topics: topics.collect(), ..Default::default() }
}

fn delete_before(broker: &Broker, topic: &Topic, partition: i32, offset: i64) -> Result<Offset, ErrorCode> {
    let partition = topic.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if !topic.settings().log.cleanup.delete {
        return Err(ErrorCode::PolicyViolation);
    }
    let end = partition.log.end_offset();
    let before = if offset == TO_THE_END { end } else { Offset(offset) };
    if before < Offset::ZERO || before > end {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    partition.delete_records_before(before, broker.now_ms())
}
