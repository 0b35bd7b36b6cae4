//! LeaveGroup: members go.

messages! {
    /// API 13, request, versions 0–5, flexible from 4.
    LeaveGroupRequest {
        group_id: String,
        member_id: String [..=2],
        members: Vec<MemberIdentity> [3..],
    }

    /// One of `LeaveGroupRequest::members`.
    MemberIdentity {
        member_id: String [3..],
        group_instance_id: Option<String> [3..],
        reason: Option<String> [5..],
    }

    /// API 13, response, versions 0–5, flexible from 4.
    LeaveGroupResponse {
        throttle_time_ms: i32 [1..],
        error_code: i16,
        members: Vec<MemberResponse> [3..],
    }

    /// One of `LeaveGroupResponse::members`.
    MemberResponse {
        member_id: String [3..],
        group_instance_id: Option<String> [3..],
        error_code: i16 [3..],
    }
}
