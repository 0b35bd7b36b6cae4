//! CreateAcls.

messages! {
    /// API 30, request, versions 1–3, flexible from 2.
    CreateAclsRequest {
        creations: Vec<AclCreation>,
    }

    /// One of `CreateAclsRequest::creations`.
    AclCreation {
        resource_type: i8,
        resource_name: String,
        resource_pattern_type: i8 = 3,
        principal: String,
        host: String,
        operation: i8,
        permission_type: i8,
    }

    /// API 30, response, versions 1–3, flexible from 2.
    CreateAclsResponse {
        throttle_time_ms: i32,
        results: Vec<AclCreationResult>,
    }

    /// One of `CreateAclsResponse::results`.
    AclCreationResult {
        error_code: i16,
        error_message: Option<String>,
    }
}
