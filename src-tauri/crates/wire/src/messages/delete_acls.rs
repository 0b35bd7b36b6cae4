//! DeleteAcls.

messages! {
    /// API 31, request, versions 1–3, flexible from 2.
    DeleteAclsRequest {
        filters: Vec<DeleteAclsFilter>,
    }

    /// One of `DeleteAclsRequest::filters`.
    DeleteAclsFilter {
        resource_type_filter: i8,
        resource_name_filter: Option<String>,
        pattern_type_filter: i8 = 3,
        principal_filter: Option<String>,
        host_filter: Option<String>,
        operation: i8,
        permission_type: i8,
    }

    /// API 31, response, versions 1–3, flexible from 2.
    DeleteAclsResponse {
        throttle_time_ms: i32,
        filter_results: Vec<DeleteAclsFilterResult>,
    }

    /// One of `DeleteAclsResponse::filter_results`.
    DeleteAclsFilterResult {
        error_code: i16,
        error_message: Option<String>,
        matching_acls: Vec<DeleteAclsMatchingAcl>,
    }

    /// One of `DeleteAclsFilterResult::matching_acls`.
    DeleteAclsMatchingAcl {
        error_code: i16,
        error_message: Option<String>,
        resource_type: i8,
        resource_name: String,
        pattern_type: i8 = 3,
        principal: String,
        host: String,
        operation: i8,
        permission_type: i8,
    }
}
