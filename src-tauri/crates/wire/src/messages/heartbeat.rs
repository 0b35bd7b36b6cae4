//! Heartbeat: a member is alive.

messages! {
    /// API 12, request, versions 0–4, flexible from 4.
    HeartbeatRequest {
        group_id: String,
        generation_id: i32,
        member_id: String,
        group_instance_id: Option<String> [3..],
    }

    /// API 12, response, versions 0–4, flexible from 4.
    HeartbeatResponse {
        throttle_time_ms: i32 [1..],
        error_code: i16,
    }
}
