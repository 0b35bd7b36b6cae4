//! EndTxn: commit or abort.

messages! {
    /// API 26, request, versions 0–5, flexible from 3.
    EndTxnRequest {
        transactional_id: String,
        producer_id: i64,
        producer_epoch: i16,
        committed: bool,
    }

    /// API 26, response, versions 0–5, flexible from 3.
    EndTxnResponse {
        throttle_time_ms: i32,
        error_code: i16,
        producer_id: i64 [5..] = -1,
        producer_epoch: i16 [5..] = -1,
    }
}
