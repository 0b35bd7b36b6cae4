//! InitProducerId: ids for idempotent producers (KIP-98, KIP-360).

messages! {
    /// API 22, request, versions 0–5, flexible from 2.
    InitProducerIdRequest {
        transactional_id: Option<String>,
        transaction_timeout_ms: i32,
        producer_id: i64 [3..] = -1,
        producer_epoch: i16 [3..] = -1,
    }

    /// API 22, response, versions 0–5, flexible from 2.
    InitProducerIdResponse {
        throttle_time_ms: i32,
        error_code: i16,
        producer_id: i64 = -1,
        producer_epoch: i16,
    }
}
