//! PushTelemetry (KIP-714).

use bytes::Bytes;

use crate::uuid::Uuid;

messages! {
    /// API 72, request, version 0, flexible from 0.
    PushTelemetryRequest {
        client_instance_id: Uuid,
        subscription_id: i32,
        terminating: bool,
        compression_type: i8,
        metrics: Bytes,
    }

    /// API 72, response, version 0, flexible from 0.
    PushTelemetryResponse {
        throttle_time_ms: i32,
        error_code: i16,
    }
}
