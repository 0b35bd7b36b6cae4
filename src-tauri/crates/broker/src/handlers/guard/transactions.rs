//! Transactions and idempotent producers.

use wire::ErrorCode;
use wire::frame::FrameError;
use wire::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic, AddPartitionsToTxnTopicResult,
};
use wire::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TransactionState,
};
use wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use wire::messages::list_transactions::ListTransactionsResponse;
use wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestTopic, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};

use super::{Look, Outcome, split};
use crate::security::acl::Operation;

const ID_DENIED: ErrorCode = ErrorCode::TransactionalIdAuthorizationFailed;

pub(super) fn init_producer_id(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: InitProducerIdRequest = look.read()?;
    let access = look.access;
    let denied = match &request.transactional_id {
        Some(id) => (!access.transactional_id(Operation::Write, id)).then_some(ID_DENIED),
        None => {
            let allowed = access.cluster(Operation::IdempotentWrite) || access.some_topic(Operation::Write);
            (!allowed).then_some(ErrorCode::ClusterAuthorizationFailed)
        }
    };
    Ok(match denied {
        None => Outcome::Pass,
        Some(code) => look.refuse(&InitProducerIdResponse {
            error_code: code.into(),
            producer_epoch: -1,
            ..Default::default()
        }),
    })
}

pub(super) fn add_partitions(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: AddPartitionsToTxnRequest = look.read()?;
    let access = look.access;
    if look.header.version >= 4 {
        // From here on the request is the brokers' own.
        if access.cluster(Operation::ClusterAction) {
            return Ok(Outcome::Pass);
        }
        return Ok(look.refuse(&AddPartitionsToTxnResponse {
            error_code: ErrorCode::ClusterAuthorizationFailed.into(),
            ..Default::default()
        }));
    }
    let topic = |topic: AddPartitionsToTxnTopic, code: ErrorCode| AddPartitionsToTxnTopicResult {
        name: topic.name,
        results_by_partition: topic
            .partitions
            .into_iter()
            .map(|partition_index| AddPartitionsToTxnPartitionResult {
                partition_index,
                partition_error_code: code.into(),
            })
            .collect(),
    };
    let id_denied = !access.transactional_id(Operation::Write, &request.v3_and_below_transactional_id);
    let (passing, denied) =
        split(request.v3_and_below_topics, |topic| access.topic(Operation::Write, &topic.name));
    if !id_denied && denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    // All partitions are added, or none.
    let other = if id_denied { ID_DENIED } else { ErrorCode::OperationNotAttempted };
    let code = if id_denied { ID_DENIED } else { ErrorCode::TopicAuthorizationFailed };
    let passing = passing.into_iter().map(|one| topic(one, other));
    let denied = denied.into_iter().map(|one| topic(one, code));
    Ok(look.refuse(&AddPartitionsToTxnResponse {
        results_by_topic_v3_and_below: passing.chain(denied).collect(),
        ..Default::default()
    }))
}

pub(super) fn add_offsets(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: AddOffsetsToTxnRequest = look.read()?;
    let access = look.access;
    let code = if !access.transactional_id(Operation::Write, &request.transactional_id) {
        ID_DENIED
    } else if !access.group(Operation::Read, &request.group_id) {
        ErrorCode::GroupAuthorizationFailed
    } else {
        return Ok(Outcome::Pass);
    };
    Ok(look.refuse(&AddOffsetsToTxnResponse { error_code: code.into(), ..Default::default() }))
}

pub(super) fn end(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: EndTxnRequest = look.read()?;
    if look.access.transactional_id(Operation::Write, &request.transactional_id) {
        return Ok(Outcome::Pass);
    }
    Ok(look.refuse(&EndTxnResponse { error_code: ID_DENIED.into(), ..Default::default() }))
}

pub(super) fn offset_commit(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: TxnOffsetCommitRequest = look.read()?;
    let access = look.access;
    let refused = |topics: Vec<TxnOffsetCommitRequestTopic>, code: ErrorCode| {
        let topic = move |topic: TxnOffsetCommitRequestTopic| TxnOffsetCommitResponseTopic {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| TxnOffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: code.into(),
                })
                .collect(),
        };
        topics.into_iter().map(topic).collect::<Vec<_>>()
    };
    let whole = if !access.transactional_id(Operation::Write, &request.transactional_id) {
        Some(ID_DENIED)
    } else if !access.group(Operation::Read, &request.group_id) {
        Some(ErrorCode::GroupAuthorizationFailed)
    } else {
        None
    };
    if let Some(code) = whole {
        let topics = refused(request.topics, code);
        return Ok(look.refuse(&TxnOffsetCommitResponse { topics, ..Default::default() }));
    }
    let (passing, denied) = split(request.topics, |topic| access.topic(Operation::Read, &topic.name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    let denied = refused(denied, ErrorCode::TopicAuthorizationFailed);
    Ok(look.partly(&request, move |answer: &mut TxnOffsetCommitResponse| answer.topics.extend(denied)))
}

pub(super) fn describe(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeTransactionsRequest = look.read()?;
    let access = look.access.clone();
    let (passing, denied) =
        split(request.transactional_ids, |id| access.transactional_id(Operation::Describe, id));
    request.transactional_ids = passing;
    Ok(look.partly(&request, move |answer: &mut DescribeTransactionsResponse| {
        for state in &mut answer.transaction_states {
            state.topics.retain(|topic| access.topic(Operation::Describe, &topic.topic));
        }
        answer.transaction_states.extend(denied.into_iter().map(|transactional_id| TransactionState {
            error_code: ID_DENIED.into(),
            transactional_id,
            ..Default::default()
        }));
    }))
}

pub(super) fn list(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let access = look.access.clone();
    Ok(look.then(move |answer: &mut ListTransactionsResponse| {
        answer
            .transaction_states
            .retain(|state| access.transactional_id(Operation::Describe, &state.transactional_id));
    }))
}
