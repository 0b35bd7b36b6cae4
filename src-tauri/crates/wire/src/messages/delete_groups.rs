//! DeleteGroups: forget empty groups.

messages! {
    /// API 42, request, versions 0–2, flexible from 2.
    DeleteGroupsRequest {
        groups_names: Vec<String>,
    }

    /// API 42, response, versions 0–2, flexible from 2.
    DeleteGroupsResponse {
        throttle_time_ms: i32,
        results: Vec<DeletableGroupResult>,
    }

    /// One of `DeleteGroupsResponse::results`.
    DeletableGroupResult {
        group_id: String,
        error_code: i16,
    }
}
