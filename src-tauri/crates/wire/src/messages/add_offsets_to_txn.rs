//! AddOffsetsToTxn: that a transaction will commit offsets of a group.

messages! {
    /// API 25, request, versions 0–4, flexible from 3.
    AddOffsetsToTxnRequest {
        transactional_id: String,
        producer_id: i64,
        producer_epoch: i16,
        group_id: String,
    }

    /// API 25, response, versions 0–4, flexible from 3.
    AddOffsetsToTxnResponse {
        throttle_time_ms: i32,
        error_code: i16,
    }
}
