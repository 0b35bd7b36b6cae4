//! DescribeAcls.

messages! {
    /// API 29, request, versions 1–3, flexible from 2.
    DescribeAclsRequest {
        resource_type_filter: i8,
        resource_name_filter: Option<String>,
        pattern_type_filter: i8 = 3,
        principal_filter: Option<String>,
        host_filter: Option<String>,
        operation: i8,
        permission_type: i8,
    }

    /// API 29, response, versions 1–3, flexible from 2.
    DescribeAclsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        resources: Vec<DescribeAclsResource>,
    }

    /// One of `DescribeAclsResponse::resources`.
    DescribeAclsResource {
        resource_type: i8,
        resource_name: String,
        pattern_type: i8 = 3,
        acls: Vec<AclDescription>,
    }

    /// One of `DescribeAclsResource::acls`.
    AclDescription {
        principal: String,
        host: String,
        operation: i8,
        permission_type: i8,
    }
}
