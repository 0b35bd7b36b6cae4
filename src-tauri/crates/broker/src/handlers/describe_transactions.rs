//! DescribeProducers, DescribeTransactions, ListTransactions (KIP-664).

use regex::{Error as RegexError, Regex, RegexBuilder};
use wire::ErrorCode;
use wire::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};
use wire::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TopicData, TransactionState,
};
use wire::messages::list_transactions::{
    ListTransactionsRequest, ListTransactionsResponse, TransactionState as ListedTransaction,
};

use crate::Broker;
use crate::transactions::{Listed, State};

/// What a pattern may take compiled: it comes from a client.
const PATTERN_BYTES_MAX: usize = 1 << 20;

pub(super) fn describe_producers(
    broker: &Broker,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.into_iter().map(|asked| {
        let partitions = asked.partition_indexes.iter().map(|&partition_index| {
            match active_producers(broker, &asked.name, partition_index) {
                Ok(active_producers) => {
                    PartitionResponse { partition_index, active_producers, ..Default::default() }
                }
                Err(error) => {
                    // Kafka has words for a topic that is not there, none for a partition.
                    let known = broker.topic(&asked.name).is_ok();
                    let error_message = (!known).then(|| format!("There is no topic {}.", asked.name));
                    PartitionResponse {
                        partition_index,
                        error_code: error.into(),
                        error_message,
                        ..Default::default()
                    }
                }
            }
        });
        TopicResponse { partitions: partitions.collect(), name: asked.name }
    });
    DescribeProducersResponse { topics: topics.collect(), ..Default::default() }
}

fn active_producers(broker: &Broker, topic: &str, partition: i32) -> Result<Vec<ProducerState>, ErrorCode> {
    let topic = broker.topic(topic)?;
    let partition = topic.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let producers = partition.producers(broker.now_ms())?;
    let mut active: Vec<ProducerState> = producers
        .iter()
        .map(|(producer_id, producer)| ProducerState {
            producer_id,
            producer_epoch: i32::from(producer.epoch),
            last_sequence: producer.last_sequence(),
            last_timestamp: producer.last_timestamp_ms,
            coordinator_epoch: producer.coordinator_epoch,
            current_txn_start_offset: producer.transaction_from.map_or(-1, |first| first.0),
        })
        .collect();
    active.sort_by_key(|producer| producer.producer_id);
    Ok(active)
}

pub(super) fn describe_transactions(
    broker: &Broker,
    request: DescribeTransactionsRequest,
) -> DescribeTransactionsResponse {
    let describe = |transactional_id: String| {
        let refused = |error: ErrorCode, transactional_id| TransactionState {
            error_code: error.into(),
            transactional_id,
            ..Default::default()
        };
        if transactional_id.is_empty() {
            return refused(ErrorCode::InvalidRequest, transactional_id);
        }
        let Some(known) = broker.transactions().describe(&transactional_id) else {
            return refused(ErrorCode::TransactionalIdNotFound, transactional_id);
        };
        let mut topics: Vec<TopicData> = Vec::new();
        for (topic, partition) in known.partitions {
            match topics.last_mut() {
                Some(last) if last.topic == topic => last.partitions.push(partition),
                _ => topics.push(TopicData { topic, partitions: vec![partition] }),
            }
        }
        TransactionState {
            error_code: 0,
            transactional_id,
            transaction_state: known.state.name().to_owned(),
            transaction_timeout_ms: known.timeout_ms,
            transaction_start_time_ms: known.started_ms,
            producer_id: known.producer.id,
            producer_epoch: known.producer.epoch,
            topics,
        }
    };
    let transaction_states = request.transactional_ids.into_iter().map(describe).collect();
    DescribeTransactionsResponse { transaction_states, ..Default::default() }
}

pub(super) fn list_transactions(
    broker: &Broker,
    request: ListTransactionsRequest,
) -> ListTransactionsResponse {
    let (states, unknown_state_filters): (Vec<&String>, Vec<&String>) =
        request.state_filters.iter().partition(|name| State::from_name(name).is_some());
    let states: Vec<State> = states.into_iter().filter_map(|name| State::from_name(name)).collect();
    let pattern = request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty());
    let pattern = match pattern.map(whole).transpose() {
        Ok(pattern) => pattern,
        Err(_) => {
            let error_code = ErrorCode::InvalidRegularExpression.into();
            return ListTransactionsResponse { error_code, ..Default::default() };
        }
    };
    let now_ms = broker.now_ms();
    let wanted = |listed: &Listed| {
        let transaction = &listed.transaction;
        let running_ms = now_ms.saturating_sub(transaction.started_ms);
        let by_state = request.state_filters.is_empty() || states.contains(&transaction.state);
        let by_producer = request.producer_id_filters.is_empty()
            || request.producer_id_filters.contains(&transaction.producer.id);
        let by_duration = request.duration_filter < 0 || running_ms > request.duration_filter;
        let by_id = pattern.as_ref().is_none_or(|pattern| pattern.is_match(&listed.id));
        by_state && by_producer && by_duration && by_id
    };
    let listed = broker.transactions().list().into_iter().filter(wanted);
    let transaction_states = listed
        .map(|listed| ListedTransaction {
            producer_id: listed.transaction.producer.id,
            transaction_state: listed.transaction.state.name().to_owned(),
            transactional_id: listed.id,
        })
        .collect();
    ListTransactionsResponse {
        unknown_state_filters: unknown_state_filters.into_iter().cloned().collect(),
        transaction_states,
        ..Default::default()
    }
}

/// A pattern that must match all of an id.
fn whole(pattern: &str) -> Result<Regex, RegexError> {
    let limited = |pattern: &str| RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
    // By itself first: what is put around it must not make it sound.
    limited(pattern)?;
    limited(&format!("^(?:{pattern})$"))
}
