//! SyncGroup: the leader hands out assignments, the others receive theirs.

use bytes::Bytes;

messages! {
    /// API 14, request, versions 0–5, flexible from 4.
    SyncGroupRequest {
        group_id: String,
        generation_id: i32,
        member_id: String,
        group_instance_id: Option<String> [3..],
        protocol_type: Option<String> [5..],
        protocol_name: Option<String> [5..],
        assignments: Vec<SyncGroupRequestAssignment>,
    }

    /// One of `SyncGroupRequest::assignments`.
    SyncGroupRequestAssignment {
        member_id: String,
        assignment: Bytes,
    }

    /// API 14, response, versions 0–5, flexible from 4.
    SyncGroupResponse {
        throttle_time_ms: i32 [1..],
        error_code: i16,
        protocol_type: Option<String> [5..],
        protocol_name: Option<String> [5..],
        assignment: Bytes,
    }
}
