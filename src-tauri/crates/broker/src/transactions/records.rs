//! Records of `__transaction_state` in Kafka's own format.

use bytes::Bytes;
use wire::codec::{self, Cx, Wire};
use wire::messages::transaction_records::{PartitionsSchema, TransactionLogKey, TransactionLogValue};

use super::{Identity, State, Transaction};

const KEY_VERSION: i16 = 0;
/// The value version written; the first with tagged fields.
const VALUE_VERSION: i16 = 1;

/// The key of a transactional id.
pub(super) fn key(id: &str) -> Bytes {
    versioned(KEY_VERSION, &TransactionLogKey { transactional_id: id.to_owned() }, false)
}

/// A transaction as it is written down.
pub(super) fn value(transaction: &Transaction) -> Bytes {
    let mut partitions: Vec<PartitionsSchema> = Vec::new();
    for (topic, partition) in &transaction.partitions {
        match partitions.last_mut() {
            Some(last) if last.topic == *topic => last.partition_ids.push(*partition),
            _ => partitions.push(PartitionsSchema { topic: topic.clone(), partition_ids: vec![*partition] }),
        }
    }
    let value = TransactionLogValue {
        producer_id: transaction.producer.id,
        producer_epoch: transaction.producer.epoch,
        transaction_timeout_ms: transaction.timeout_ms,
        transaction_status: transaction.state as i8,
        transaction_partitions: (transaction.state != State::Empty).then_some(partitions),
        transaction_last_update_timestamp_ms: transaction.updated_ms,
        transaction_start_timestamp_ms: transaction.started_ms,
        previous_producer_id: transaction.previous_id,
        next_producer_id: transaction.next_id,
        client_transaction_version: transaction.version,
        ..Default::default()
    };
    versioned(VALUE_VERSION, &value, true)
}

/// The transactional id of a record and what it says of it; no transaction: it was forgotten. None for what
/// cannot be read: the rest is still good.
pub(crate) fn load(key: Option<&[u8]>, value: Option<&[u8]>) -> Option<(String, Option<Transaction>)> {
    let (version, key) = split(key?)?;
    if version != KEY_VERSION {
        return None;
    }
    let key: TransactionLogKey = codec::decode(key, Cx { version, flexible: false }).ok()?;
    let Some(value) = value else { return Some((key.transactional_id, None)) };
    let (version, value) = split(value)?;
    let cx = Cx { version, flexible: version >= VALUE_VERSION };
    let value: TransactionLogValue = codec::decode(value, cx).ok()?;
    let partitions = value.transaction_partitions.unwrap_or_default().into_iter().flat_map(|topic| {
        let name = topic.topic;
        topic.partition_ids.into_iter().map(move |partition| (name.clone(), partition))
    });
    let transaction = Transaction {
        producer: Identity { id: value.producer_id, epoch: value.producer_epoch },
        previous_id: value.previous_producer_id,
        next_id: value.next_producer_id,
        last_epoch: -1,
        timeout_ms: value.transaction_timeout_ms,
        state: State::from_id(value.transaction_status)?,
        partitions: partitions.collect(),
        started_ms: value.transaction_start_timestamp_ms,
        updated_ms: value.transaction_last_update_timestamp_ms,
        version: value.client_transaction_version,
    };
    Some((key.transactional_id, Some(transaction)))
}

fn versioned<T: Wire>(version: i16, body: &T, flexible: bool) -> Bytes {
    let body = codec::encode(body, Cx { version, flexible });
    [&version.to_be_bytes()[..], &body].concat().into()
}

fn split(bytes: &[u8]) -> Option<(i16, &[u8])> {
    let (version, body) = bytes.split_first_chunk()?;
    Some((i16::from_be_bytes(*version), body))
}
