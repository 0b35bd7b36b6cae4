//! ListTransactions.

messages! {
    /// API 66, request, versions 0–2, flexible from 0.
    ListTransactionsRequest {
        state_filters: Vec<String>,
        producer_id_filters: Vec<i64>,
        duration_filter: i64 [1..] = -1,
        transactional_id_pattern: Option<String> [2..],
    }

    /// API 66, response, versions 0–2, flexible from 0.
    ListTransactionsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        unknown_state_filters: Vec<String>,
        transaction_states: Vec<TransactionState>,
    }

    /// One of `ListTransactionsResponse::transaction_states`.
    TransactionState {
        transactional_id: String,
        producer_id: i64,
        transaction_state: String,
    }
}
