//! Produce: record batches go from the request's own bytes into the log.

use std::sync::Arc;

use tracing::debug;
use wire::frame::FrameError;
use wire::messages::produce::{
    BatchIndexAndErrorMessage, PartitionProduceData, PartitionProduceResponse, ProduceRequest,
    ProduceResponse, TopicProduceResponse,
};
use wire::{ErrorCode, RequestHeader};

use super::Reply;
use crate::Broker;
use crate::append::{AppendContext, AppendError, Appended, knows_compression};
use crate::topic::Topic;

/// Older versions are advertised for librdkafka's sake and never used: their record formats left with Kafka 4.0.
const VERSION_MIN: i16 = 3;

pub(super) fn produce(
    broker: &Broker,
    header: &RequestHeader,
    frame: &mut [u8],
) -> Result<Reply, FrameError> {
    let version = header.version;
    if version < VERSION_MIN {
        return Err(FrameError::UnknownVersion { api: header.api, version });
    }
    let request: ProduceRequest = header.read_body(frame)?;
    let acks_known = (-1..=1).contains(&request.acks);
    let mut responses = Vec::with_capacity(request.topic_data.len());
    for asked in request.topic_data {
        let topic = if version >= 13 {
            broker.topics().by_id(asked.topic_id).ok_or(ErrorCode::UnknownTopicId)
        } else {
            broker.topic(&asked.name)
        };
        let mut partition_responses = Vec::with_capacity(asked.partition_data.len());
        for data in &asked.partition_data {
            let appended = match &topic {
                _ if !acks_known => Err(Refusal::Code(ErrorCode::InvalidRequiredAcks)),
                Ok(topic) => append(broker, topic, data, version, frame),
                Err(error) => Err(Refusal::Code(*error)),
            };
            if let Err(reason) = &appended {
                debug!(topic = %asked.name, partition = data.index, ?reason, "produce refused");
            }
            partition_responses.push(answer(data.index, appended));
        }
        responses.push(TopicProduceResponse {
            name: asked.name,
            topic_id: asked.topic_id,
            partition_responses,
        });
    }
    if request.acks == 0 {
        return Ok(Reply::None);
    }
    Ok(Reply::Now(header.response(&ProduceResponse { responses, ..Default::default() })))
}

#[derive(Debug)]
enum Refusal {
    Code(ErrorCode),
    Append(AppendError),
}

fn append(
    broker: &Broker,
    topic: &Arc<Topic>,
    data: &PartitionProduceData,
    version: i16,
    frame: &mut [u8],
) -> Result<Appended, Refusal> {
    let unknown = Refusal::Code(ErrorCode::UnknownTopicOrPartition);
    let partition = topic.partition(data.index).ok_or(unknown)?;
    let bytes = match data.records {
        Some(span) => &mut frame[span.range()],
        None => &mut [],
    };
    if !knows_compression(bytes, version) {
        return Err(Refusal::Code(ErrorCode::UnsupportedCompressionType));
    }
    let settings = topic.settings();
    let context = AppendContext {
        settings: &settings,
        now_ms: broker.now_ms(),
        producer_expiration_ms: broker.producer_expiration_ms(),
    };
    let appended = partition.append_produced(bytes, context).map_err(Refusal::Append)?;
    broker.count_in(topic, appended.records, bytes.len());
    Ok(appended)
}

fn answer(index: i32, appended: Result<Appended, Refusal>) -> PartitionProduceResponse {
    let refused = |error: ErrorCode| PartitionProduceResponse {
        index,
        error_code: error.into(),
        base_offset: -1,
        ..Default::default()
    };
    match appended {
        Ok(appended) => PartitionProduceResponse {
            index,
            base_offset: appended.base_offset.0,
            log_append_time_ms: appended.log_append_time,
            log_start_offset: appended.log_start_offset.0,
            ..Default::default()
        },
        Err(Refusal::Code(error)) => refused(error),
        Err(Refusal::Append(error)) => {
            let record_errors = error.records().iter().map(|&batch_index| BatchIndexAndErrorMessage {
                batch_index,
                batch_index_error_message: Some("the record has no key".into()),
            });
            PartitionProduceResponse {
                record_errors: record_errors.collect(),
                error_message: Some(error.to_string()),
                ..refused(error.code())
            }
        }
    }
}
