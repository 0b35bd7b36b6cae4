//! What a transaction coordinator keeps in `__transaction_state`: key and value, each behind a version (i16).

messages! {
    /// TransactionLogKey: the key of record type 0, never flexible.
    TransactionLogKey {
        transactional_id: String,
    }

    /// TransactionLogValue, versions 0–1, flexible from 1.
    TransactionLogValue {
        producer_id: i64,
        producer_epoch: i16,
        transaction_timeout_ms: i32,
        transaction_status: i8,
        transaction_partitions: Option<Vec<PartitionsSchema>>,
        transaction_last_update_timestamp_ms: i64,
        transaction_start_timestamp_ms: i64,
        previous_producer_id: i64 [1..] = -1 => tag 0,
        next_producer_id: i64 [1..] = -1 => tag 1,
        client_transaction_version: i16 [1..] => tag 2,
        next_producer_epoch: i16 [1..] = -1 => tag 3,
    }

    /// One of `TransactionLogValue::transaction_partitions`.
    PartitionsSchema {
        topic: String,
        partition_ids: Vec<i32>,
    }
}
