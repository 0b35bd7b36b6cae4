//! Records and where they lie: produced, looked up, deleted.

use wire::ErrorCode;
use wire::codec::{Wire as _, Writer};
use wire::frame::FrameError;
use wire::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use wire::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, TopicResponse,
};
use wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};
use wire::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceData, TopicProduceResponse,
};

use super::{Look, Outcome, split};
use crate::security::acl::Operation;

const DENIED: ErrorCode = ErrorCode::TopicAuthorizationFailed;

pub(super) fn produce(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: ProduceRequest = look.read()?;
    let access = look.access;
    let version = look.header.version;
    let answer = |topics: Vec<TopicProduceData>, code: ErrorCode| -> Vec<TopicProduceResponse> {
        let partition = |index: i32| PartitionProduceResponse {
            index,
            error_code: code.into(),
            base_offset: -1,
            ..Default::default()
        };
        topics
            .into_iter()
            .map(|topic| TopicProduceResponse {
                name: topic.name,
                topic_id: topic.topic_id,
                partition_responses: topic.partition_data.iter().map(|data| partition(data.index)).collect(),
            })
            .collect()
    };
    let transactional = request.transactional_id.as_deref();
    if transactional.is_some_and(|id| !access.transactional_id(Operation::Write, id)) {
        let code = ErrorCode::TransactionalIdAuthorizationFailed;
        let responses = answer(request.topic_data, code);
        return Ok(look.refuse(&ProduceResponse { responses, ..Default::default() }));
    }
    let (passing, denied) = split(request.topic_data, |topic| {
        let by_id = (version >= 13).then(|| access.broker().topics().by_id(topic.topic_id));
        match by_id {
            // What is unknown is for the handler to say.
            Some(known) => known.is_none_or(|known| access.topic(Operation::Write, &known.name)),
            None => access.topic(Operation::Write, &topic.name),
        }
    });
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    let mut body = Writer::new();
    let cx = look.header.cx();
    let array = |writer: &mut Writer, len: usize| writer.long_len(Some(len), cx.flexible);
    let end = |writer: &mut Writer| {
        if cx.flexible {
            writer.varint(0)
        }
    };
    request.transactional_id.write(&mut body, cx);
    request.acks.write(&mut body, cx);
    request.timeout_ms.write(&mut body, cx);
    array(&mut body, passing.len());
    for topic in passing {
        if version >= 13 {
            topic.topic_id.write(&mut body, cx);
        } else {
            topic.name.write(&mut body, cx);
        }
        array(&mut body, topic.partition_data.len());
        for data in topic.partition_data {
            data.index.write(&mut body, cx);
            body.long_len(data.records.map(|span| span.range().len()), cx.flexible);
            if let Some(span) = data.records {
                body.put(&look.frame[span.range()]);
            }
            end(&mut body);
        }
        end(&mut body);
    }
    end(&mut body);
    let refused = answer(denied, DENIED);
    Ok(look.with_body(&body.into_bytes(), move |answer: &mut ProduceResponse| {
        answer.responses.extend(refused);
    }))
}

pub(super) fn list_offsets(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: ListOffsetsRequest = look.read()?;
    let (seen, hidden) = split(request.topics, |topic| look.access.topic(Operation::Describe, &topic.name));
    if hidden.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = seen;
    Ok(look.partly(&request, move |answer: &mut ListOffsetsResponse| {
        let refused = hidden.into_iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| ListOffsetsPartitionResponse {
                    partition_index: partition.partition_index,
                    error_code: DENIED.into(),
                    ..Default::default()
                })
                .collect(),
        });
        answer.topics.extend(refused);
    }))
}

pub(super) fn offset_for_leader_epoch(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: OffsetForLeaderEpochRequest = look.read()?;
    if look.access.cluster(Operation::ClusterAction) {
        return Ok(Outcome::Pass);
    }
    let (seen, hidden) = split(request.topics, |topic| look.access.topic(Operation::Describe, &topic.topic));
    if hidden.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = seen;
    Ok(look.partly(&request, move |answer: &mut OffsetForLeaderEpochResponse| {
        let refused = hidden.into_iter().map(|topic| OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| EpochEndOffset {
                    error_code: DENIED.into(),
                    partition: partition.partition,
                    ..Default::default()
                })
                .collect(),
        });
        answer.topics.extend(refused);
    }))
}

pub(super) fn delete_records(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DeleteRecordsRequest = look.read()?;
    let (passing, denied) = split(request.topics, |topic| look.access.topic(Operation::Delete, &topic.name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut DeleteRecordsResponse| {
        let refused = denied.into_iter().map(|topic| DeleteRecordsTopicResult {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| DeleteRecordsPartitionResult {
                    partition_index: partition.partition_index,
                    low_watermark: -1,
                    error_code: DENIED.into(),
                })
                .collect(),
        });
        answer.topics.extend(refused);
    }))
}

pub(super) fn describe_producers(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeProducersRequest = look.read()?;
    let (passing, denied) = split(request.topics, |topic| look.access.topic(Operation::Read, &topic.name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut DescribeProducersResponse| {
        let refused = denied.into_iter().map(|topic| TopicResponse {
            name: topic.name,
            partitions: topic
                .partition_indexes
                .iter()
                .map(|index| PartitionResponse {
                    partition_index: *index,
                    error_code: DENIED.into(),
                    ..Default::default()
                })
                .collect(),
        });
        answer.topics.extend(refused);
    }))
}
