//! DescribeGroups: state and members of classic groups.

use bytes::Bytes;

messages! {
    /// API 15, request, versions 0–6, flexible from 5.
    DescribeGroupsRequest {
        groups: Vec<String>,
        include_authorized_operations: bool [3..],
    }

    /// API 15, response, versions 0–6, flexible from 5.
    DescribeGroupsResponse {
        throttle_time_ms: i32 [1..],
        groups: Vec<DescribedGroup>,
    }

    /// One of `DescribeGroupsResponse::groups`.
    DescribedGroup {
        error_code: i16,
        error_message: Option<String> [6..],
        group_id: String,
        group_state: String,
        protocol_type: String,
        protocol_data: String,
        members: Vec<DescribedGroupMember>,
        authorized_operations: i32 [3..] = -2147483648,
    }

    /// One of `DescribedGroup::members`.
    DescribedGroupMember {
        member_id: String,
        group_instance_id: Option<String> [4..],
        client_id: String,
        client_host: String,
        member_metadata: Bytes,
        member_assignment: Bytes,
    }
}
