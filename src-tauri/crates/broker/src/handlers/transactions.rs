//! AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit, WriteTxnMarkers.

use wire::ErrorCode;
use wire::batch::{BatchBuilder, Producer};
use wire::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult, AddPartitionsToTxnTopic, AddPartitionsToTxnTopicResult,
};
use wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};
use wire::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerPartitionResult, WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};

use crate::Broker;
use crate::coordinator::{Committed, Stored, key_partition};
use crate::groups::classic::Claim;
use crate::partition::MarkerOf;
use crate::topic::OFFSETS_TOPIC;
use crate::transactions::{Identity, TopicPartition, client_version};

/// From here on several transactions come in one request, and brokers ask by it.
const BATCHED: i16 = 4;
/// From here on "the transaction may be aborted" has a code of its own (KIP-890).
const KNOWS_ABORTABLE: i16 = 5;
/// The same in TxnOffsetCommit.
const OFFSETS_KNOW_ABORTABLE: i16 = 4;
/// From here on every transaction has its own epoch.
const OWN_EPOCH: i16 = 5;
/// From here on clients do not confuse a fenced producer with a fenced epoch (KIP-588).
const KNOWS_FENCED: i16 = 2;

pub(super) fn add_partitions_to_txn(
    broker: &Broker,
    version: i16,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    if version < BATCHED {
        let producer =
            Identity { id: request.v3_and_below_producer_id, epoch: request.v3_and_below_producer_epoch };
        let id = &request.v3_and_below_transactional_id;
        let topics = request.v3_and_below_topics;
        let result = add_partitions(broker, id, producer, &topics, false, version);
        return AddPartitionsToTxnResponse { results_by_topic_v3_and_below: result, ..Default::default() };
    }
    let results = request.transactions.into_iter().map(|asked| {
        let producer = Identity { id: asked.producer_id, epoch: asked.producer_epoch };
        let id = &asked.transactional_id;
        AddPartitionsToTxnResult {
            topic_results: add_partitions(broker, id, producer, &asked.topics, asked.verify_only, version),
            transactional_id: asked.transactional_id,
        }
    });
    AddPartitionsToTxnResponse { results_by_transaction: results.collect(), ..Default::default() }
}

/// One transaction of a request: all its partitions are added, or none.
fn add_partitions(
    broker: &Broker,
    id: &str,
    producer: Identity,
    topics: &[AddPartitionsToTxnTopic],
    verify_only: bool,
    version: i16,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let partitions: Vec<TopicPartition> = topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.name.clone(), *partition)))
        .collect();
    let exists =
        |at: &TopicPartition| broker.topics().get(&at.0).is_some_and(|topic| topic.partition(at.1).is_some());
    let all_exist = partitions.iter().all(exists);
    let added = if id.is_empty() {
        Err(ErrorCode::InvalidRequest)
    } else if verify_only {
        Ok(())
    } else if !all_exist {
        Err(ErrorCode::OperationNotAttempted)
    } else {
        let version = client_version(version >= BATCHED);
        broker.transactions().add(broker, id, producer, &partitions, version)
    };
    let code = |at: &TopicPartition| match added {
        Ok(()) if verify_only => {
            let verified = broker.transactions().verified(id, producer, at, || ());
            verified.err().unwrap_or(ErrorCode::None)
        }
        Err(ErrorCode::OperationNotAttempted) if !exists(at) => ErrorCode::UnknownTopicOrPartition,
        Err(error) => error,
        Ok(()) => ErrorCode::None,
    };
    let told = |error: ErrorCode| match error {
        ErrorCode::TransactionAbortable if version < KNOWS_ABORTABLE => ErrorCode::InvalidTxnState,
        error => fenced(version, error),
    };
    let answer = |topic: &AddPartitionsToTxnTopic| AddPartitionsToTxnTopicResult {
        name: topic.name.clone(),
        results_by_partition: topic
            .partitions
            .iter()
            .map(|&partition_index| AddPartitionsToTxnPartitionResult {
                partition_index,
                partition_error_code: told(code(&(topic.name.clone(), partition_index))).into(),
            })
            .collect(),
    };
    topics.iter().map(answer).collect()
}

pub(super) fn add_offsets_to_txn(
    broker: &Broker,
    version: i16,
    request: AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let producer = Identity { id: request.producer_id, epoch: request.producer_epoch };
    let id = &request.transactional_id;
    let added = if id.is_empty() {
        Err(ErrorCode::InvalidRequest)
    } else {
        offsets_partition(broker, &request.group_id)
            .and_then(|at| broker.transactions().add(broker, id, producer, &[at], client_version(false)))
    };
    let error_code = fenced(version, added.err().unwrap_or(ErrorCode::None)).into();
    AddOffsetsToTxnResponse { error_code, ..Default::default() }
}

pub(super) fn end_txn(broker: &Broker, version: i16, request: EndTxnRequest) -> EndTxnResponse {
    let producer = Identity { id: request.producer_id, epoch: request.producer_epoch };
    let id = &request.transactional_id;
    let ended = if id.is_empty() {
        Err(ErrorCode::InvalidRequest)
    } else {
        let version = client_version(version >= OWN_EPOCH);
        broker.transactions().end(broker, id, producer, request.committed, version)
    };
    match ended {
        Ok(producer) => {
            EndTxnResponse { producer_id: producer.id, producer_epoch: producer.epoch, ..Default::default() }
        }
        Err(error) => EndTxnResponse { error_code: fenced(version, error).into(), ..Default::default() },
    }
}

/// The partition that holds a group's offsets.
fn offsets_partition(broker: &Broker, group: &str) -> Result<TopicPartition, ErrorCode> {
    let topic = broker.topic_or_create(OFFSETS_TOPIC).map_err(|_| ErrorCode::CoordinatorNotAvailable)?;
    let partition = key_partition(group, topic.partitions().len());
    Ok((OFFSETS_TOPIC.to_owned(), partition as i32))
}

pub(super) fn txn_offset_commit(
    broker: &Broker,
    version: i16,
    request: TxnOffsetCommitRequest,
) -> TxnOffsetCommitResponse {
    let mut changes: Vec<(TopicPartition, Committed)> = Vec::new();
    let mut codes = Vec::new();
    let now_ms = broker.now_ms();
    let of_share_group = broker.shares().group(&request.group_id).is_some();
    for topic in &request.topics {
        let known = broker.topics().get(&topic.name);
        for asked in &topic.partitions {
            let metadata = asked.committed_metadata.clone().unwrap_or_default();
            let exists = known.as_ref().is_some_and(|topic| topic.partition(asked.partition_index).is_some());
            let code = if !exists {
                ErrorCode::UnknownTopicOrPartition
            } else if of_share_group {
                ErrorCode::GroupIdNotFound
            } else if metadata.len() > broker.coordinator().metadata_bytes_max() {
                ErrorCode::OffsetMetadataTooLarge
            } else {
                ErrorCode::None
            };
            if code == ErrorCode::None {
                let committed = Committed {
                    offset: asked.committed_offset,
                    leader_epoch: asked.committed_leader_epoch,
                    metadata,
                    timestamp: now_ms,
                };
                changes.push(((topic.name.clone(), asked.partition_index), committed));
            }
            codes.push(code);
        }
    }
    let done = if changes.is_empty() { Ok(()) } else { commit_offsets(broker, version, &request, changes) };
    if let Err(error) = done {
        for code in codes.iter_mut().filter(|code| **code == ErrorCode::None) {
            *code = error;
        }
    }
    let mut codes = codes.into_iter();
    let topics = request.topics.into_iter().map(|topic| TxnOffsetCommitResponseTopic {
        name: topic.name,
        partitions: topic
            .partitions
            .iter()
            .map(|asked| TxnOffsetCommitResponsePartition {
                partition_index: asked.partition_index,
                error_code: codes.next().unwrap_or(ErrorCode::UnknownServerError).into(),
            })
            .collect(),
    });
    TxnOffsetCommitResponse { topics: topics.collect(), ..Default::default() }
}

/// Writes offsets that count once the transaction is committed.
fn commit_offsets(
    broker: &Broker,
    version: i16,
    request: &TxnOffsetCommitRequest,
    changes: Vec<(TopicPartition, Committed)>,
) -> Result<(), ErrorCode> {
    let group = &request.group_id;
    let producer = Identity { id: request.producer_id, epoch: request.producer_epoch };
    let at = offsets_partition(broker, group)?;
    let write = || {
        let claim = Claim {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id,
        };
        let partitions = changes.iter().map(|(at, _)| at.clone());
        broker.coordinator().check_transactional(broker, group, claim, partitions)?;
        let topic = broker.topic(OFFSETS_TOPIC)?;
        let partition = topic.partition(at.1).ok_or(ErrorCode::CoordinatorNotAvailable)?;
        let producer = Producer { id: producer.id, epoch: producer.epoch, base_sequence: -1 };
        let mut batch = BatchBuilder::new().producer(producer).transactional();
        for ((topic, index), committed) in &changes {
            let record = Stored::offset(group, topic, *index, committed);
            batch = batch.record(committed.timestamp, Some(&record.key), record.value.as_deref());
        }
        let mut bytes = batch.build().to_vec();
        partition.append_of_coordinator(&mut bytes, broker.now_ms())?;
        broker.count_in(&topic, changes.len() as u64, bytes.len());
        broker.pending_offsets().add(producer.id, group, changes);
        Ok(())
    };
    let transactions = broker.transactions();
    let id = &request.transactional_id;
    let written = if version >= OWN_EPOCH {
        transactions.adding(broker, id, producer, std::slice::from_ref(&at), client_version(true), write)
    } else {
        transactions.verified(id, producer, &at, write)
    };
    match written {
        Ok(done) => done,
        Err(ErrorCode::TransactionAbortable) if version < OFFSETS_KNOW_ABORTABLE => {
            Err(ErrorCode::InvalidTxnState)
        }
        Err(ErrorCode::ProducerFenced) => Err(ErrorCode::InvalidProducerEpoch),
        Err(error) => Err(error),
    }
}

pub(super) fn write_txn_markers(broker: &Broker, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse {
    let markers = request.markers.into_iter().map(|marker| {
        let topics = marker.topics.iter().map(|topic| WritableTxnMarkerTopicResult {
            name: topic.name.clone(),
            partitions: topic
                .partition_indexes
                .iter()
                .map(|&partition_index| WritableTxnMarkerPartitionResult {
                    partition_index,
                    error_code: write_marker(broker, &marker, &topic.name, partition_index)
                        .err()
                        .unwrap_or(ErrorCode::None)
                        .into(),
                })
                .collect(),
        });
        WritableTxnMarkerResult { producer_id: marker.producer_id, topics: topics.collect() }
    });
    WriteTxnMarkersResponse { markers: markers.collect() }
}

fn write_marker(
    broker: &Broker,
    marker: &WritableTxnMarker,
    topic: &str,
    partition: i32,
) -> Result<(), ErrorCode> {
    let topic = broker.topic(topic)?;
    let partition = topic.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let marker = MarkerOf {
        producer_id: marker.producer_id,
        epoch: marker.producer_epoch,
        committed: marker.transaction_result,
        coordinator_epoch: marker.coordinator_epoch,
        own_epoch: marker.transaction_version >= 2,
    };
    broker.write_marker(&topic, &partition, marker)
}

/// Before clients knew better, a fenced producer was told that its epoch is invalid.
fn fenced(version: i16, error: ErrorCode) -> ErrorCode {
    if error == ErrorCode::ProducerFenced && version < KNOWS_FENCED {
        ErrorCode::InvalidProducerEpoch
    } else {
        error
    }
}
