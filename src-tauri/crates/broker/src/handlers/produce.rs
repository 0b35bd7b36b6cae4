//! Produce: record batches go from the request's own bytes into the log.

use std::sync::Arc;

use commitlog::{ProducerError, Verified};
use tracing::debug;
use wire::batch::{BatchHeader, Offset};
use wire::codec::Writer;
use wire::frame::FrameError;
use wire::messages::produce::{
    BatchIndexAndErrorMessage, PartitionProduceData, PartitionProduceResponse, ProduceRequest,
    ProduceResponse, TopicProduceResponse,
};
use wire::{ErrorCode, RequestHeader};

use super::Reply;
use crate::Broker;
use crate::append::{AppendContext, AppendError, Appended, check_format, is_transactional};
use crate::partition::Partition;
use crate::topic::Topic;
use crate::transactions::{Identity, client_version};

/// Older versions are advertised for librdkafka's sake and never used: their record formats left with Kafka 4.0.
const VERSION_MIN: i16 = 3;

/// From here on "the transaction may be aborted" has a code of its own (KIP-890).
const KNOWS_ABORTABLE: i16 = 11;

/// From here on writing to a partition makes it part of the transaction (KIP-890).
const ADDS_PARTITIONS: i16 = 12;

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
    let transactional_id = request.transactional_id.as_deref();
    let acks_known = (-1..=1).contains(&request.acks);
    if let Err((error, message)) = check_first_batches(&request, frame) {
        debug!(?error, ?message, "produce refused as a whole");
        return Ok(refuse_all(header, request, error, message.as_deref()));
    }
    let mut responses = Vec::with_capacity(request.topic_data.len());
    let mut flushing = Vec::new();
    for asked in request.topic_data {
        let topic = if version >= 13 {
            broker.topics().by_id(asked.topic_id).ok_or(ErrorCode::UnknownTopicId)
        } else {
            broker.topic(&asked.name).map_err(|_| ErrorCode::UnknownTopicOrPartition)
        };
        let mut partition_responses = Vec::with_capacity(asked.partition_data.len());
        for data in &asked.partition_data {
            let appended = match &topic {
                Ok(topic) => append(broker, topic, data, (version, transactional_id, acks_known), frame).map(
                    |(partition, appended)| {
                        if appended.rolled {
                            partition.start_flush(appended.base_offset);
                        }
                        if let Some(end) = appended.durable_to {
                            partition.start_flush(end);
                            let place = (responses.len(), partition_responses.len());
                            flushing.push(Flushing { partition, end, place });
                        }
                        appended
                    },
                ),
                Err(error) => Err(Refusal::Code(*error)),
            };
            if let Err(reason) = &appended {
                debug!(topic = %asked.name, partition = data.index, ?reason, "produce refused");
            }
            let log_start = || Some(topic.as_ref().ok()?.partition(data.index)?.log.start_offset().0);
            let log_start = if appended.is_err() { log_start().unwrap_or(-1) } else { -1 };
            partition_responses.push(answer(data.index, appended, log_start));
        }
        responses.push(TopicProduceResponse {
            name: asked.name,
            topic_id: asked.topic_id,
            partition_responses,
        });
    }
    let response = ProduceResponse { responses, ..Default::default() };
    // Without an answer there is nothing to wait for; the flush goes on by itself.
    if request.acks == 0 {
        return Ok(Reply::None);
    }
    if flushing.is_empty() {
        return Ok(Reply::Now(header.response(&response)));
    }
    Ok(Reply::Durable(Box::pin(flushed(header.clone(), response, flushing))))
}

/// What Kafka looks at before any partition: one batch at fault refuses the whole request.
fn check_first_batches(request: &ProduceRequest, frame: &[u8]) -> Result<(), (ErrorCode, Option<String>)> {
    let partitions = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    for span in partitions.filter_map(|partition| partition.records) {
        if !is_transactional(&frame[span.range()])
            .map_err(|reason| (ErrorCode::CorruptMessage, Some(reason)))?
        {
            continue;
        }
        if request.transactional_id.is_none() {
            return Err((ErrorCode::TransactionalIdAuthorizationFailed, None));
        }
        break;
    }
    Ok(())
}

fn refuse_all(
    header: &RequestHeader,
    request: ProduceRequest,
    error: ErrorCode,
    message: Option<&str>,
) -> Reply {
    if request.acks == 0 {
        return Reply::None;
    }
    let responses = request.topic_data.into_iter().map(|topic| TopicProduceResponse {
        name: topic.name,
        topic_id: topic.topic_id,
        partition_responses: topic
            .partition_data
            .iter()
            .map(|data| PartitionProduceResponse {
                error_message: message.map(str::to_owned),
                ..refused(data.index, error)
            })
            .collect(),
    });
    Reply::Now(header.response(&ProduceResponse { responses: responses.collect(), ..Default::default() }))
}

/// A partition that is to be durable before its place in the response is true.
struct Flushing {
    partition: Arc<Partition>,
    end: Offset,
    /// Topic and partition, by index.
    place: (usize, usize),
}

async fn flushed(header: RequestHeader, mut response: ProduceResponse, flushing: Vec<Flushing>) -> Writer {
    for Flushing { partition, end, place: (topic, index) } in flushing {
        if let Err(error) = partition.durable(end).await {
            let place = &mut response.responses[topic].partition_responses[index];
            *place = refused(partition.index, error);
        }
    }
    header.response(&response)
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
    (version, transactional_id, acks_known): (i16, Option<&str>, bool),
    frame: &mut [u8],
) -> Result<(Arc<Partition>, Appended), Refusal> {
    let unknown = Refusal::Code(ErrorCode::UnknownTopicOrPartition);
    let partition = topic.partition(data.index).ok_or(unknown)?;
    let bytes = match data.records {
        Some(span) => &mut frame[span.range()],
        None => &mut [],
    };
    let length = check_format(bytes, version).map_err(Refusal::Code)?;
    let bytes = &mut bytes[..length];
    if !acks_known {
        return Err(Refusal::Code(ErrorCode::InvalidRequiredAcks));
    }
    let settings = topic.settings();
    let check = broker.schema_check(&settings);
    let context = AppendContext {
        settings: &settings,
        now_ms: broker.now_ms(),
        verified: Verified::No,
        schemas: check.as_deref(),
    };
    let appended = match partition.append_produced(bytes, context) {
        Err(AppendError::Producer(ProducerError::Unverified)) => {
            append_verified(broker, &partition, bytes, context, version, transactional_id)?
        }
        appended => appended.map_err(Refusal::Append)?,
    };
    broker.count_in(topic, appended.records, bytes.len());
    Ok((partition, appended))
}

fn refused(index: i32, error: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse { index, error_code: error.into(), base_offset: -1, ..Default::default() }
}

/// Appends the first batch of a transaction to a partition: whether it is part of it, the coordinator knows.
fn append_verified(
    broker: &Broker,
    partition: &Partition,
    bytes: &mut [u8],
    context: AppendContext<'_>,
    version: i16,
    transactional_id: Option<&str>,
) -> Result<Appended, Refusal> {
    let id = transactional_id.ok_or(Refusal::Code(ErrorCode::TransactionalIdAuthorizationFailed))?;
    let header = BatchHeader::parse(bytes).map_err(|error| Refusal::Append(error.into()))?;
    let producer = Identity { id: header.producer_id, epoch: header.producer_epoch };
    let at = (partition.topic.clone(), partition.index);
    let transactions = broker.transactions();
    let own_epoch = version >= ADDS_PARTITIONS;
    let storage = |error| Refusal::Append(AppendError::Storage(error));
    partition.producers(context.now_ms).map_err(storage)?.note_unverified(&header, own_epoch, context.now_ms);
    let verified = if own_epoch { Verified::OwnEpoch } else { Verified::Yes };
    let append = || partition.append_produced(bytes, AppendContext { verified, ..context });
    let appended = if own_epoch {
        transactions.adding(broker, id, producer, &[at], client_version(true), append)
    } else {
        transactions.verified(id, producer, &at, append)
    };
    let code = |error| match error {
        ErrorCode::TransactionAbortable if version < KNOWS_ABORTABLE => ErrorCode::InvalidTxnState,
        ErrorCode::ProducerFenced => ErrorCode::InvalidProducerEpoch,
        // Clients send again after this one, without looking for another leader.
        ErrorCode::CoordinatorNotAvailable => ErrorCode::NotEnoughReplicas,
        ErrorCode::ConcurrentTransactions if !own_epoch => ErrorCode::NotEnoughReplicas,
        error => error,
    };
    appended.map_err(|error| Refusal::Code(code(error)))?.map_err(Refusal::Append)
}

fn answer(index: i32, appended: Result<Appended, Refusal>, log_start: i64) -> PartitionProduceResponse {
    match appended {
        Ok(appended) => PartitionProduceResponse {
            index,
            base_offset: appended.base_offset.0,
            log_append_time_ms: appended.log_append_time,
            log_start_offset: appended.log_start_offset.0,
            ..Default::default()
        },
        Err(Refusal::Code(error)) => PartitionProduceResponse {
            error_message: match error {
                ErrorCode::InvalidTxnState => {
                    Some("The partition was not added to the transaction.".to_owned())
                }
                ErrorCode::NotEnoughReplicas => {
                    Some("Whether the partition is part of the transaction is not known yet.".to_owned())
                }
                _ => None,
            },
            ..refused(index, error)
        },
        Err(Refusal::Append(error)) => {
            let record_errors: Vec<_> = error
                .records()
                .into_iter()
                .map(|(batch_index, reason)| BatchIndexAndErrorMessage {
                    batch_index,
                    batch_index_error_message: Some(reason.into()),
                })
                .collect();
            PartitionProduceResponse {
                error_message: error.message(),
                record_errors,
                log_start_offset: if error.tells_log_start() { log_start } else { -1 },
                ..refused(index, error.code())
            }
        }
    }
}
