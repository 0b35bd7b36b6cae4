//! ListGroups: every group the broker coordinates.

messages! {
    /// API 16, request, versions 0–5, flexible from 3.
    ListGroupsRequest {
        states_filter: Vec<String> [4..],
        types_filter: Vec<String> [5..],
    }

    /// API 16, response, versions 0–5, flexible from 3.
    ListGroupsResponse {
        throttle_time_ms: i32 [1..],
        error_code: i16,
        groups: Vec<ListedGroup>,
    }

    /// One of `ListGroupsResponse::groups`.
    ListedGroup {
        group_id: String,
        protocol_type: String,
        group_state: String [4..],
        group_type: String [5..],
    }
}
