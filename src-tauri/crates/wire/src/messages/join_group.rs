//! JoinGroup: a member enters its group.

use bytes::Bytes;

messages! {
    /// API 11, request, versions 0–9, flexible from 6.
    JoinGroupRequest {
        group_id: String,
        session_timeout_ms: i32,
        rebalance_timeout_ms: i32 [1..] = -1,
        member_id: String,
        group_instance_id: Option<String> [5..],
        protocol_type: String,
        protocols: Vec<JoinGroupRequestProtocol>,
        reason: Option<String> [8..],
    }

    /// One of `JoinGroupRequest::protocols`.
    JoinGroupRequestProtocol {
        name: String,
        metadata: Bytes,
    }

    /// API 11, response, versions 0–9, flexible from 6.
    JoinGroupResponse {
        throttle_time_ms: i32 [2..],
        error_code: i16,
        generation_id: i32 = -1,
        protocol_type: Option<String> [7..],
        protocol_name: Option<String>,
        leader: String,
        skip_assignment: bool [9..],
        member_id: String,
        members: Vec<JoinGroupResponseMember>,
    }

    /// One of `JoinGroupResponse::members`.
    JoinGroupResponseMember {
        member_id: String,
        group_instance_id: Option<String> [5..],
        metadata: Bytes,
    }
}
