//! GetTelemetrySubscriptions (KIP-714).

use crate::uuid::Uuid;

messages! {
    /// API 71, request, version 0, flexible from 0.
    GetTelemetrySubscriptionsRequest {
        client_instance_id: Uuid,
    }

    /// API 71, response, version 0, flexible from 0.
    GetTelemetrySubscriptionsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        client_instance_id: Uuid,
        subscription_id: i32,
        accepted_compression_types: Vec<i8>,
        push_interval_ms: i32,
        telemetry_max_bytes: i32,
        delta_temporality: bool,
        requested_metrics: Vec<String>,
    }
}
