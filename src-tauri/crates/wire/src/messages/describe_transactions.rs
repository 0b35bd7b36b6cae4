//! DescribeTransactions.

messages! {
    /// API 65, request, version 0, flexible from 0.
    DescribeTransactionsRequest {
        transactional_ids: Vec<String>,
    }

    /// API 65, response, version 0, flexible from 0.
    DescribeTransactionsResponse {
        throttle_time_ms: i32,
        transaction_states: Vec<TransactionState>,
    }

    /// One of `DescribeTransactionsResponse::transaction_states`.
    TransactionState {
        error_code: i16,
        transactional_id: String,
        transaction_state: String,
        transaction_timeout_ms: i32,
        transaction_start_time_ms: i64,
        producer_id: i64,
        producer_epoch: i16,
        topics: Vec<TopicData>,
    }

    /// One of `TransactionState::topics`.
    TopicData {
        topic: String,
        partitions: Vec<i32>,
    }
}
